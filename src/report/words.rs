//! The words and numbers of all reports, so that one thing has one word.
//!
//! In: small values of the model. Out: words. Must not know where they are shown.

use std::time::Duration;

use crate::cloud::CallCounts;
use crate::model::{Action, Cause, Class, GapCode};

/// Returns the word of an action.
pub(super) const fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Forget => "forget",
        Action::Adopt => "adopt",
    }
}

/// Returns the word of a cause, if the cause is known.
pub(super) const fn cause(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Introduced => Some("introduced"),
        Cause::Pending => Some("pending"),
        Cause::Drift => Some("drift"),
        Cause::Conflict => Some("conflict"),
        Cause::Unattributed => None,
    }
}

/// Returns the words of a class, if it is not ordinary.
pub(super) const fn class(class: Class) -> Option<&'static str> {
    match class {
        Class::Ordinary => None,
        Class::CapacityCut => Some("capacity cut"),
        Class::ProtectionCut => Some("protection cut"),
        Class::Deletion => Some("deletion"),
        Class::Role => Some("role"),
    }
}

/// Returns the word of the cause of a gap.
pub(super) const fn gap(code: GapCode) -> &'static str {
    match code {
        GapCode::Credentials => "credentials",
        GapCode::Forbidden => "forbidden",
        GapCode::Throttled => "throttled",
        GapCode::Unreachable => "unreachable",
        GapCode::Garbled => "garbled",
        GapCode::Ambiguous => "ambiguous",
        GapCode::MissingParent => "missing-parent",
        GapCode::Service => "service",
    }
}

/// Returns a number with its noun, such as `1 object` or `2 objects`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Returns the calls by service and the time, such as `34 dns calls, 7.1 s`.
pub(super) fn effort(calls: &CallCounts, elapsed: Duration) -> String {
    let mut parts: Vec<String> = calls
        .iter()
        .map(|(service, operations)| {
            let total = operations
                .values()
                .fold(0_u64, |sum, one| sum.saturating_add(*one));
            format!(
                "{total} {service} call{}",
                if total == 1 { "" } else { "s" }
            )
        })
        .collect();
    parts.push(format!("{:.1} s", elapsed.as_secs_f64()));
    parts.join(", ")
}
