//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Keeps a disaster-recovery posture true: Git against live, and one site against the other.
#[derive(Debug, Parser)]
#[command(name = "drsync", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub(crate) common: Common,
    /// Log more to stderr; twice for the details of each read
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The environment: a folder below `environments/`
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// The form of the output
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// The folder that holds `environments/` and `policies/` [default: the repository around this folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) root: Option<PathBuf>,
    /// Read what Git declares at this revision, and not from the work tree
    #[arg(long, global = true, value_name = "REVISION")]
    pub(crate) rev: Option<String>,
    /// Use the embedded sandbox: made-up credentials, nothing outside this machine
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// The kubeconfig that holds the contexts of clusters [default: KUBECONFIG, then ~/.kube/config]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Where the applied record, the lock and the journal are: a folder, s3://BUCKET/PREFIX, or
    /// kubernetes://CONTEXT/NAMESPACE/NAME
    #[arg(long, global = true, value_name = "PLACE")]
    pub(crate) state: Option<String>,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs; the shape is versioned.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

impl From<Format> for crate::report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Text | Format::Markdown => Self::Text,
        }
    }
}

/// Which objects a command is about; all if nothing is said.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selection {
    /// Only objects whose address matches this pattern, such as `*/bucket_*/uploads*`
    #[arg(long, value_name = "PATTERN")]
    pub(crate) address: Vec<String>,
    /// Only objects of this kind
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only objects at this site, or `global`
    #[arg(long, value_name = "SITE")]
    pub(crate) site: Vec<String>,
    /// Only objects of components of this tier
    #[arg(long, value_name = "TIER")]
    pub(crate) tier: Vec<String>,
    /// Only objects of this component
    #[arg(long, value_name = "COMPONENT")]
    pub(crate) component: Vec<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check what Git declares, offline
    Check(CheckOptions),
    /// Show what would change
    Plan(PlanOptions),
    /// Make the changes of a plan
    Apply(ApplyOptions),
    /// Tell whether a saved plan would still apply, with as few reads as that takes
    Verify(VerifyOptions),
    /// Report where live differs from Git; writes nothing
    Drift(DriftOptions),
    /// Compare the DR sites with the primary, live against live; writes nothing
    Parity(ParityOptions),
    /// Show a saved plan
    Show(ShowOptions),
    /// Print the recovery order as a runbook, or draw it
    Runbook(RunbookOptions),
    /// Say where the strategy stands, tier by tier
    Status(StatusOptions),
    /// Explain a code of a finding, a kind, or an object
    Explain(ExplainOptions),
    /// Write TOML for what exists
    Import(ImportOptions),
    /// Start an environment from a commented example
    Init(InitOptions),
    /// Print a JSON schema
    Schema(SchemaOptions),
    /// Break the lock that a run which died has left
    Unlock(UnlockOptions),
    /// Serve, reset or disturb the embedded sandbox
    Sandbox(SandboxOptions),
    /// Print the completions of a shell
    Completions(CompletionsOptions),
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckOptions {}

/// What planning takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Planning {
    /// Which objects.
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Allow what the policy rule with this code refuses, for this run
    #[arg(long, value_name = "CODE")]
    pub(crate) allow: Vec<String>,
    /// Change values at once, although resolvers may still keep the old answer
    #[arg(long)]
    pub(crate) now: bool,
    /// List changes of the same shape one by one
    #[arg(long)]
    pub(crate) expand: bool,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanOptions {
    /// What planning takes.
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// Compare with this revision: say what is introduced, and judge by its policies and waivers
    /// over the connections that it declares
    #[arg(long, value_name = "REVISION")]
    pub(crate) base: Option<String>,
    /// Save the plan, so that exactly this is what `apply` makes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How long the saved plan may be applied
    #[arg(long, value_name = "TIME", default_value = "24h", requires = "out")]
    pub(crate) expires: String,
    /// Sign the saved plan with this OpenSSH ed25519 key [default: the key in DRSYNC_PLAN_KEY]
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) key: Option<PathBuf>,
    /// Exit with 2 if there are changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

/// Options of `apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyOptions {
    /// A plan saved by `drsync plan --out`
    #[arg(value_name = "PLAN", conflicts_with_all = ["expect_digest", "address", "kind", "site", "tier", "component"])]
    pub(crate) plan: Option<PathBuf>,
    /// Plan again, and go on only if the changes have this digest
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect_digest: Option<String>,
    /// What planning takes.
    #[command(flatten)]
    pub(crate) planning: Planning,
}

/// Options of `drift`.
#[derive(Debug, Args)]
pub(crate) struct DriftOptions {
    /// What planning takes.
    #[command(flatten)]
    pub(crate) planning: Planning,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// The saved plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Take the keys and the connections of this revision
    #[arg(long, value_name = "REVISION")]
    pub(crate) base: Option<String>,
}

/// Options of `parity`.
#[derive(Debug, Args)]
pub(crate) struct ParityOptions {
    /// Which pairs; a pair is looked at whole if one of its objects is selected
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// List what holds too
    #[arg(long)]
    pub(crate) expand: bool,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowOptions {
    /// The saved plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// List changes of the same shape one by one
    #[arg(long)]
    pub(crate) expand: bool,
}

/// Options of `runbook`.
#[derive(Debug, Args)]
pub(crate) struct RunbookOptions {
    /// Draw the order instead, with the critical path of the strictest tier
    #[arg(long, value_enum)]
    pub(crate) draw: Option<Drawing>,
}

/// The forms of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    /// A flow chart for Markdown.
    Mermaid,
    /// Bars over time, as a picture.
    Svg,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusOptions {
    /// Tell all reasons of each verdict, the critical path and what it rests on
    #[arg(long)]
    pub(crate) explain: bool,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    /// The code of a finding, the name of a kind, or an address
    #[arg(value_name = "CODE|KIND|ADDRESS")]
    pub(crate) what: String,
}

/// Options of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// From what.
    #[command(subcommand)]
    pub(crate) from: ImportFrom,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportFrom {
    /// From live services
    Live(ImportLive),
    /// From a strategy that was written as a Markdown document
    Strategy(ImportStrategy),
}

/// Options of `import strategy`.
#[derive(Debug, Args)]
pub(crate) struct ImportStrategy {
    /// The document
    #[arg(value_name = "FILE.md")]
    pub(crate) file: PathBuf,
    /// Write the files into this folder, which must not exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Options of `import live`.
#[derive(Debug, Args)]
pub(crate) struct ImportLive {
    /// A hosted zone, by name or id
    #[arg(long, value_name = "ZONE", required_unless_present = "bucket")]
    pub(crate) zone: Vec<String>,
    /// A bucket
    #[arg(long, value_name = "BUCKET", requires = "site")]
    pub(crate) bucket: Vec<String>,
    /// The site that the buckets lie at
    #[arg(long, value_name = "SITE")]
    pub(crate) site: Option<String>,
    /// Write to this file, which must not exist yet [default: print]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitOptions {
    /// The name of the new environment
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaOptions {
    /// Which schema
    #[arg(value_enum)]
    pub(crate) which: Schema,
}

/// The schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// The files of an environment.
    Environment,
    /// Policy files.
    Policy,
    /// The file of waivers.
    Waivers,
    /// The world of the sandbox.
    World,
    /// Records of what was done, below `records/`.
    Record,
    /// The JSON of a plan and of drift.
    Plan,
    /// The JSON of parity.
    Parity,
    /// Files of parity rules.
    ParityRules,
    /// The JSON of an apply.
    Outcomes,
}

/// Options of `unlock`.
#[derive(Debug, Args)]
pub(crate) struct UnlockOptions {
    /// The id of the lock, as the refusal prints it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// Options of `sandbox`.
#[derive(Debug, Args)]
pub(crate) struct SandboxOptions {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) action: SandboxAction,
}

/// What can be done with the sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxAction {
    /// Serve it on loopback, for the AWS command line and others, until Ctrl-C
    Serve {
        /// The port; any free one if not given
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Start again from the world file
    Reset,
    /// Change things behind drsync's back: merge a file of the form of the world file into it
    Merge {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
