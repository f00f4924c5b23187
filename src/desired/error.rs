//! What stops the reading of an environment altogether.
//!
//! In: failures of Git and of files. Out: one error type. Whatever is wrong with content is a
//! [`Finding`](crate::model::Finding) and never stands here.

use std::path::PathBuf;

/// A reason why an environment could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum DesiredError {
    /// There is no folder to read.
    #[error("no folder {}", .path.display())]
    NoRoot {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// The folder lies in no Git repository.
    #[error(
        "no Git repository at or above {}; give --root, or run it inside a repository",
        .path.display()
    )]
    NoRepository {
        /// The folder where the search began.
        path: PathBuf,
    },
    /// The repository has no work tree, and no revision was asked for.
    #[error("{} has no work tree; give --rev", .path.display())]
    NoWorkTree {
        /// The repository.
        path: PathBuf,
    },
    /// The repository does not know the revision.
    #[error("no revision `{rev}` in the Git repository (a shallow clone holds only the newest)")]
    NoRevision {
        /// The revision that was asked for.
        rev: String,
        /// What Git says.
        source: git2::Error,
    },
    /// There is no such environment.
    #[error("no environment `{name}` in environments/{}", others(.known, .near.as_deref()))]
    NoEnvironment {
        /// The name that was asked for.
        name: String,
        /// The environments that exist.
        known: Vec<String>,
        /// The one that was probably meant.
        near: Option<String>,
    },
    /// Git failed.
    #[error("cannot {doing}")]
    Git {
        /// What was tried.
        doing: &'static str,
        /// What Git says.
        source: git2::Error,
    },
    /// A file could not be read.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

fn others(known: &[String], near: Option<&str>) -> String {
    match (near, known) {
        (_, []) => ", which has none; `drsync init` writes one".to_owned(),
        (Some(near), _) => format!("; did you mean `{near}`? There are: {}", known.join(", ")),
        (None, _) => format!("; there are: {}", known.join(", ")),
    }
}
