//! Connections to Kubernetes API servers.
//!
//! In: how a cluster is reached. Out: [`ClusterReader`], which can only get, list and ask the
//! server what an apply would do, and [`ClusterWriter`]. Objects are JSON here; what they mean is
//! for the kinds.

mod access;
mod api;
mod channel;
mod exec;
mod reader;
mod status;
#[cfg(test)]
mod tests;
mod writer;

pub use access::{ClusterAccess, ClusterSettings};
pub(super) use access::{KubeLine, reader, writer};
pub use api::{Api, Place};
pub use reader::ClusterReader;
pub use writer::ClusterWriter;

/// The name under which drsync owns fields.
///
/// Rule: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
pub const FIELD_MANAGER: &str = "drsync";
