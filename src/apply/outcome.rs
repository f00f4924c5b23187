//! What one change did when it was applied.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{Action, Address};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeState {
    /// It has effect, and was read back.
    Done,
    /// It was not made.
    Failed,
    /// Nobody knows: the answer was lost, and reading back did not tell.
    Unknown,
    /// It was not tried.
    Skipped,
    /// It was not made, because the object is no longer what the plan saw.
    Moved,
}

/// What one change did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The object.
    pub address: Address,
    /// What was to happen.
    pub action: Action,
    /// What became of it.
    pub state: OutcomeState,
    /// The reason or the remark, for people; may be empty.
    pub message: String,
    /// Since when it has effect everywhere, if it has.
    pub effective_at: Option<Timestamp>,
    /// What the service calls the write that did it, if it says so.
    pub change_id: Option<String>,
}

impl Outcome {
    /// Returns whether what depends on the change may go on.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, OutcomeState::Done)
    }
}
