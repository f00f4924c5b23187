//! What ends a command, with the exit code and what to do next.

use std::path::PathBuf;

use crate::desired::DesiredError;
use crate::live::LiveError;
use crate::model::signature::SignatureError;
use crate::plan::PlanFileError;
use crate::report::ReportError;
use crate::sandbox::SandboxError;
use crate::state::StateError;

use super::exit::Exit;

/// A failure of a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The environment could not be read.
    #[error("cannot read the environment")]
    Desired(#[source] DesiredError),
    /// What is declared is wrong; the findings have been printed.
    #[error("{errors} in environment `{environment}`")]
    Findings {
        /// The environment.
        environment: String,
        /// How many, in words.
        errors: String,
    },
    /// The policies are wrong; the findings have been printed.
    #[error("the policies or waivers have errors, so nothing can be approved")]
    Policies,
    /// No environment was named.
    #[error("say which environment: --env NAME{0}")]
    NoEnvironment(String),
    /// Nothing may be read.
    #[error(transparent)]
    Live(LiveError),
    /// The state could not be read or written.
    #[error("cannot use the state in {place}")]
    State {
        /// Where it is kept.
        place: String,
        /// The command that breaks the lock, if it is locked.
        unlock: Option<String>,
        /// The cause.
        source: Box<StateError>,
    },
    /// The place of the state is none.
    #[error("--state {place}: {why}")]
    Place {
        /// What was given.
        place: String,
        /// Why.
        why: String,
    },
    /// Somebody else applied between planning and locking.
    #[error("somebody else changed the applied record while this was planned")]
    StateMoved,
    /// The run was ended by the state.
    #[error("the state could not be written, so nothing more was sent")]
    Apply(#[source] Box<StateError>),
    /// The sandbox could not be used.
    #[error("cannot use the sandbox")]
    Sandbox(#[source] SandboxError),
    /// A world file is wrong.
    #[error("{}: it is no world of the sandbox", .path.display())]
    World {
        /// The file.
        path: PathBuf,
        /// The mistake.
        source: SandboxError,
    },
    /// A plan file is no good.
    #[error("{}: {}", .path.display(), .reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    PlanFile {
        /// The file.
        path: PathBuf,
        /// Every reason.
        reasons: Vec<PlanFileError>,
    },
    /// A signing key is no good.
    #[error("{place}: {source}")]
    Key {
        /// Where it was taken from.
        place: String,
        /// Why.
        source: SignatureError,
    },
    /// A plan would not be taken by whoever applies it.
    #[error("the plan was not saved: {0}")]
    Unsignable(String),
    /// A plan file was applied before.
    #[error(transparent)]
    Spent(Box<StateError>),
    /// The plan has another digest than expected.
    #[error("the changes have digest {found}, not {wanted}")]
    OtherDigest {
        /// The digest of the fresh plan.
        found: String,
        /// The digest that was asked for.
        wanted: String,
    },
    /// Nobody is there to be asked.
    #[error("there is no terminal to ask on")]
    NoTerminal,
    /// The policies or the environment have uncommitted changes.
    #[error(
        "environments/{0} or policies/ have uncommitted changes, so nobody could have reviewed this plan"
    )]
    Uncommitted(String),
    /// The pattern of a selection is no pattern.
    #[error("`{pattern}` is not a pattern: {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        why: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}", .path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Something that was named is not known.
    #[error("{0}")]
    Unknown(String),
    /// A report could not be made.
    #[error(transparent)]
    Report(ReportError),
    /// The process could not start.
    #[error("cannot start")]
    Runtime(#[source] std::io::Error),
}

impl CliError {
    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoEnvironment(_)
            | Self::Desired(DesiredError::NoEnvironment { .. })
            | Self::Pattern { .. }
            | Self::Place { .. } => Exit::Usage,
            Self::Sandbox(SandboxError::Locked(_)) => Exit::Locked,
            Self::State { source, .. }
                if matches!(**source, StateError::Locked { .. } | StateError::Occupied) =>
            {
                Exit::Locked
            }
            Self::PlanFile { .. }
            | Self::Spent(_)
            | Self::Unsignable(_)
            | Self::OtherDigest { .. }
            | Self::NoTerminal
            | Self::StateMoved
            | Self::Uncommitted(_) => Exit::Refused,
            _ => Exit::Error,
        }
    }

    /// Returns what to do next; may be empty.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Findings { .. } => "nothing was read or changed; correct the findings above".to_owned(),
            Self::State { unlock: Some(command), .. } => format!("wait for that run; the lock of one that died ends by itself; if you know that it is dead, `{command}`"),
            Self::State { source, .. } if matches!(**source, StateError::Occupied) => "wait for it, or end it".to_owned(),
            Self::State { source, .. } if matches!(**source, StateError::Store(_)) => "nothing was changed; without its state drsync does not know what it applied, so it waits until the store answers".to_owned(),
            Self::StateMoved => "nothing was changed; plan again".to_owned(),
            Self::Apply(source) if matches!(**source, StateError::Lost { .. }) => "another run has the lock; when it has ended, apply again: what was done is found done".to_owned(),
            Self::Apply(_) => "when the store answers, apply again: what was done is found done".to_owned(),
            Self::Sandbox(SandboxError::Locked(_)) => "another drsync uses the sandbox of this environment; wait for it, or stop `drsync sandbox serve`".to_owned(),
            Self::PlanFile { .. } | Self::Spent(_) => "make a new plan with `drsync plan --out`, have it reviewed, and apply that".to_owned(),
            Self::OtherDigest { .. } => "the world or Git moved after the review; look at `drsync plan` again".to_owned(),
            Self::Unsignable(_) => "make a key with `ssh-keygen -t ed25519 -N '' -f plan-key`, give it with --key or DRSYNC_PLAN_KEY, and put plan-key.pub into `[environment] plan_keys`".to_owned(),
            Self::NoTerminal => "apply a reviewed plan file, or give --expect-digest with the digest that `drsync plan` prints".to_owned(),
            Self::Uncommitted(_) => "commit them; --sandbox is exempt".to_owned(),
            Self::Live(LiveError::WrongAccount(_)) => "use the right credentials (AWS_PROFILE, AWS_* variables or a role), or correct the account in Git".to_owned(),
            _ => String::new(),
        }
    }
}
