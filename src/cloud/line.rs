//! One HTTP request and its whole answer, over whatever carries it.
//!
//! In: a request. Out: the answer, or why none came and whether the request may have arrived.
//! Clusters and data services share it, and a test can play the other end in one process.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::model::GapCode;

/// How long an answer may take, its body included.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a connection may take to open.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends requests; the address of the other end stands in each.
#[async_trait]
pub trait Line: Debug + Send + Sync {
    /// Sends a request and waits for the whole answer.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, LineError>;
}

/// Why no answer came.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{message}")]
pub struct LineError {
    /// What kind of failure it is.
    pub code: GapCode,
    /// What happened, without secrets.
    pub message: String,
    /// Whether the request may have arrived.
    pub maybe_sent: bool,
}

impl LineError {
    /// Returns the error of a request that was sent and not answered in time.
    #[must_use]
    pub fn late() -> Self {
        Self {
            code: GapCode::Unreachable,
            message: "no answer in time".to_owned(),
            maybe_sent: true,
        }
    }

    /// Returns what an error of a client means, from the texts of its sources.
    #[must_use]
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let message = super::error::chain(error);
        // A connection that was never open carried nothing.
        let never = [
            "refused",
            "dns error",
            "tcp connect",
            "certificate",
            "resolve",
        ];
        let maybe_sent = !never.iter().any(|word| message.contains(word));
        Self {
            code: GapCode::Unreachable,
            message,
            maybe_sent,
        }
    }
}
