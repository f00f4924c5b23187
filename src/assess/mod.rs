//! Whether the strategy can keep what it promises: arithmetic, contradictions, a verdict per tier.
//!
//! In: the desired state, what was observed, and `now` from the stamps of the observation. Out: an
//! [`Assessment`] with findings that cite both places of a contradiction. Must not do I/O, know a
//! clock, or know any service by name. What is not known counts as a breach and never as zero.

pub mod codes;
mod context;
mod order;
mod recovery_point;
mod recovery_time;
mod rules;
mod schedule;
mod value;
mod verdict;

#[cfg(test)]
mod tests;

pub use order::{Graph, starts};
pub use recovery_point::{Mechanism, PointEstimate};
pub use recovery_time::{Basis, Term, TimeEstimate};
pub use schedule::longest_gap;
pub use value::{Assessment, Freshness, People, TierAssessment};
pub use verdict::Verdict;

use context::Context;

use crate::desired::Desired;
use crate::live::Live;
use crate::model::Finding;

/// Finds what cannot work in a strategy, from what is declared alone.
#[must_use]
pub fn contradictions(desired: &Desired) -> Vec<Finding> {
    rules::all(&Context::new(desired, None))
}

/// Assesses a strategy against what was observed.
#[must_use]
pub fn assess(desired: &Desired, live: Option<&Live>) -> Assessment {
    let context = Context::new(desired, live);
    value::assess(&context)
}
