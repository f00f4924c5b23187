//! What cannot work in a strategy: one file for each topic, one function for each rule.
//!
//! In: a context. Out: findings, each with all places that contradict each other. Must not know
//! what becomes of a finding.

mod data;
mod document;
mod exercise;
mod order;
mod people;
mod physics;

use super::context::Context;
use crate::model::Finding;

/// A rule.
type Rule = fn(&Context<'_>, &mut Vec<Finding>);

/// All rules.
const RULES: &[Rule] = &[
    data::tiers,
    data::stores,
    data::points,
    data::windows,
    data::copies,
    data::protection,
    document::objectives,
    document::scope,
    document::exclusions,
    document::completeness,
    exercise::cadences,
    exercise::downtimes,
    exercise::criteria,
    order::traffic,
    order::fencing,
    order::completeness,
    order::runbooks,
    people::roles,
    people::persons,
    people::owners,
    people::messages,
    people::deadlines,
    people::channels,
    physics::reseed,
    physics::restore,
    physics::bandwidth,
    physics::capacity,
    physics::dns,
];

/// Finds everything that cannot work; nothing, where there is no strategy to look at.
pub(super) fn all(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !context.strategy.is_empty() {
        for rule in RULES {
            rule(context, &mut findings);
        }
        findings.sort_by(|a, b| {
            (&a.labels, &a.code, &a.message).cmp(&(&b.labels, &b.code, &b.message))
        });
    }
    findings
}
