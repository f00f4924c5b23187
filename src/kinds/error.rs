//! Why a kind could not observe or write.

use crate::cloud::CloudError;
use crate::model::GapCode;

/// A read or a write of a kind that failed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum KindError {
    /// A call failed.
    #[error("{0}")]
    Cloud(CloudError),
    /// The answers do not tell which of several objects is meant.
    #[error("{0}")]
    Ambiguous(String),
    /// What the object lies in does not exist.
    #[error("{0}")]
    MissingParent(String),
    /// The answer holds something that the kind cannot read.
    #[error("{0}")]
    Garbled(String),
    /// The object is no longer what the plan saw.
    #[error("{0}")]
    Moved(String),
    /// The service took the change and does not show it.
    #[error("{0}")]
    NotShown(String),
    /// The write could not be built from the change.
    #[error("{0}")]
    Unwritable(String),
}

impl KindError {
    /// Returns the code of the gap that the failure of a read leaves.
    #[must_use]
    pub const fn gap(&self) -> GapCode {
        match self {
            Self::Cloud(error) => error.code,
            Self::Ambiguous(_) => GapCode::Ambiguous,
            Self::MissingParent(_) => GapCode::MissingParent,
            Self::Garbled(_) => GapCode::Garbled,
            Self::Moved(_) | Self::NotShown(_) | Self::Unwritable(_) => GapCode::Service,
        }
    }
}
