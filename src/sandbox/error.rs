//! What can go wrong with the sandbox itself, as opposed to the errors that it plays.
//!
//! In: the failures of the other files. Out: one error type, whose text never repeats its source.
//! It must not know the services: what they refuse is an answer, not an error.

use std::path::PathBuf;

/// Why a sandbox could not be made, kept or served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The world is not valid TOML, or has a key or a type that the schema does not know.
    #[error("world, line {line}, column {column}: {message}")]
    Syntax {
        /// Line, counted from 1.
        line: usize,
        /// Column in characters, counted from 1.
        column: usize,
        /// What the parser says, in one line.
        message: String,
    },
    /// The world describes something that the service could not hold.
    #[error("world: {what}: {reason}")]
    Impossible {
        /// The object, as `zone example.com` or `bucket logs`.
        what: String,
        /// The rule that it breaks, in the service's own words where there are any.
        reason: String,
    },
    /// The state is of another version of the sandbox.
    #[error("the sandbox state has version {found}, this program reads version {expected}")]
    Version {
        /// The version in the file.
        found: u64,
        /// The version that this program writes.
        expected: u64,
    },
    /// The state is not what this program wrote.
    #[error("the sandbox state cannot be read")]
    State(#[source] serde_json::Error),
    /// Another process uses the state.
    #[error("the sandbox state {} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// A file of the state cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as `read` or `lock`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The listener is not on loopback: the sandbox checks no signatures.
    #[error("the sandbox serves loopback only, not {0}")]
    NotLoopback(std::net::SocketAddr),
    /// The listener failed.
    #[error("the sandbox stopped serving")]
    Serve(#[source] std::io::Error),
}
