//! Carries an approved plan out, batch by batch, and says what became of each change.
//!
//! In: Approved, Writers, the state's writer. Out: Outcomes. Each write has its precondition
//! checked just before, a durable journal line before and after, and is read back. Must not know
//! TOML or what a policy says.

mod batch;
mod order;
mod outcome;
mod run;

pub use outcome::{Outcome, OutcomeState};
pub use run::{Applied, Setting, apply};
