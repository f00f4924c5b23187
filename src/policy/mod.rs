//! Policy: judges a plan by rules that are data, and alone can approve it.
//!
//! In: a plan, the texts of policy files and of a waiver file, the codes that were allowed for
//! this run, and a moment. Out: findings, and `Approved`, which nothing else can make. Pure: no
//! I/O, no clock. Must not know the cloud or any kind: what is special about a service stands in
//! the rules.

mod check;
mod codes;
mod cost;
mod entries;
mod expression;
mod judge;
mod rule;
mod schema;
mod set;
mod template;
#[cfg(test)]
mod tests;
mod verdict;
mod view;
mod vocabulary;
mod waiver;

pub use codes::CODES;
pub use schema::{policy_schema, waiver_schema};
pub use set::{PolicySet, RuleInfo};
pub use verdict::{Approved, Blocked, Refusal, Verdict};
pub use waiver::Waivers;
