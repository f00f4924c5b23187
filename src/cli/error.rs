//! What ends a command, with the exit code and what to do next.

use std::path::PathBuf;

use crate::apply::ApplyError;
use crate::desired::DesiredError;
use crate::live::LiveError;
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
    #[error("cannot use the state in {}", .folder.display())]
    State {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        source: StateError,
    },
    /// The run was ended by the state.
    #[error(transparent)]
    Apply(ApplyError),
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
    /// A plan file was applied before.
    #[error(transparent)]
    Spent(StateError),
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
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::NoEnvironment(_) | Self::Pattern { .. } => Exit::Usage,
            Self::State {
                source: StateError::Locked { .. },
                ..
            }
            | Self::Sandbox(SandboxError::Locked(_)) => Exit::Locked,
            Self::PlanFile { .. }
            | Self::Spent(_)
            | Self::OtherDigest { .. }
            | Self::NoTerminal
            | Self::Uncommitted(_) => Exit::Refused,
            _ => Exit::Error,
        }
    }

    /// Returns what to do next; may be empty.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Findings { .. } => "nothing was read or changed; correct the findings above".to_owned(),
            Self::State { source: StateError::Locked { .. }, .. } => "wait for the other run; a run that died has let go of its lock by itself".to_owned(),
            Self::Sandbox(SandboxError::Locked(_)) => "another drsync uses the sandbox of this environment; wait for it, or stop `drsync sandbox serve`".to_owned(),
            Self::PlanFile { .. } | Self::Spent(_) => "make a new plan with `drsync plan --out`, have it reviewed, and apply that".to_owned(),
            Self::OtherDigest { .. } => "the world or Git moved after the review; look at `drsync plan` again".to_owned(),
            Self::NoTerminal => "apply a reviewed plan file, or give --expect-digest with the digest that `drsync plan` prints".to_owned(),
            Self::Uncommitted(_) => "commit them; --sandbox is exempt".to_owned(),
            Self::Live(LiveError::WrongAccount(_)) => "use the right credentials (AWS_PROFILE, AWS_* variables or a role), or correct the account in Git".to_owned(),
            _ => String::new(),
        }
    }
}
