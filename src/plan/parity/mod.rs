//! Parity: the DR site against the primary, live against live, field by field, with intent.
//!
//! In: what is declared of pairs and sweeps, what was observed, and the rules. Out: [`Parity`]: for
//! each pair what holds, what is broken and at which side, what is missing, and what is unknown.
//! A side that could not be read is unknown, never missing. Pure: no I/O, no clock.
//!
//! The flow: `build` finds the two objects of each pair; `pair` walks their fields; `relation`
//! judges one field; `rules` says how bad it is and what repairs it.

mod build;
mod pair;
mod parity_value;
mod relation;
mod rule_file;
mod rules;
#[cfg(test)]
mod tests;

pub use build::parity;
pub use parity_value::{Line, LineState, Parity, Side, Totals};
pub use rule_file::parity_rule_schema;
pub use rules::{PARITY_CODES, ParityRules, RuleEntry};
