//! What `apply` asks a kind to write, and what it gets back.

use super::KindError;
use crate::cloud::kubernetes::ClusterWriter;
use crate::cloud::service::ServiceWriter;
use crate::cloud::{AwsWriter, Writer};
use crate::model::{Change, Scope};

/// Says how far a long step is.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// Changes of one scope that the service takes whole.
pub struct Write<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The scope.
    pub scope: &'a Scope,
    /// The changes, in the order in which the kind put them.
    pub changes: &'a [&'a Change],
    /// The connection.
    pub writer: &'a Writer,
    /// Says how far it is.
    pub progress: Progress<'a>,
}

/// What is known of a write that has effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Since when it has effect everywhere.
    pub effective_at: jiff::Timestamp,
    /// What the service calls the write, such as `C2682N5HXP0BZ4`; none where it names no writes.
    pub change_id: Option<String>,
}

impl<'a> Write<'a> {
    /// Returns the AWS account.
    pub fn aws(&self) -> Result<&'a AwsWriter, KindError> {
        self.writer.aws().map_err(KindError::Cloud)
    }

    /// Returns the cluster.
    pub fn cluster(&self) -> Result<&'a ClusterWriter, KindError> {
        self.writer.cluster().map_err(KindError::Cloud)
    }

    /// Returns the data service.
    pub fn service(&self) -> Result<&'a ServiceWriter, KindError> {
        self.writer.service().map_err(KindError::Cloud)
    }
}

/// What is known of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The service took it, and it has effect everywhere.
    Done(Receipt),
    /// The answer was lost or in doubt: only reading back tells.
    Unknown(String),
    /// The service refused it, or it was never sent; nothing changed.
    Refused(KindError),
}

impl Written {
    /// Returns that a write has effect everywhere since this moment, for services that give it no
    /// name.
    #[must_use]
    pub const fn done_at(effective_at: jiff::Timestamp) -> Self {
        Self::Done(Receipt {
            effective_at,
            change_id: None,
        })
    }
}
