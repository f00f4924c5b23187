//! The plan: desired against live, and what follows.
//!
//! In: what is declared, what was observed, what was applied last. Out: changes, held items, and
//! all that a reader, a policy or `apply` needs of them. Pure: no I/O, no clock, no environment.

mod build;
mod cause;
mod facts;
mod file;
#[cfg(test)]
mod file_tests;
mod holds;
mod parity;
mod plan_value;
mod removed;
mod rivals;

pub use build::{Options, plan};
pub use cause::Base;
pub use file::{Binding, PlanFile, PlanFileError, Trust};
pub use holds::HOLDS;
pub use parity::{
    Line, LineState, PARITY_CODES, Parity, ParityRules, RuleEntry, Side, Totals, parity,
    parity_rule_schema,
};
pub use plan_value::{Plan, ScopeTotals, Summary};
