//! Why the state could not be read or written.

use std::path::PathBuf;

use jiff::Timestamp;

use super::Holder;

/// A failure of the state store. A message never repeats its source: print the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, such as `open`.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Another run holds the lock.
    #[error("the state is locked by {holder}")]
    Locked {
        /// Who.
        holder: Holder,
    },
    /// A file was written in a format that this version does not know.
    #[error(
        "{} has format {version}, and this drsync reads format 1; use the version that wrote it, or a newer one",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// A file is damaged.
    #[error("{}, line {line}: this is not what drsync writes there", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// A journal line begins a batch twice, or ends one that was never begun.
    #[error("{}, line {line}: batch {id} is begun twice, or ended without having begun", path.display())]
    Unpaired {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The batch.
        id: u64,
    },
    /// The plan was applied before; each plan is good for one run.
    #[error("plan {plan_id} was used at {at}; a plan is applied once")]
    Spent {
        /// The plan.
        plan_id: String,
        /// When it was used.
        at: Timestamp,
    },
    /// A value could not be put into its stored form.
    #[error("cannot write {} as JSON", path.display())]
    Unstorable {
        /// The file that it was for.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
}
