//! Whether a saved plan would still apply, for people and for programs.
//!
//! In: what was found. Out: text or JSON. Must not know how it was found.

use jiff::Timestamp;
use serde::Serialize;

use super::ReportError;
use super::json::{FORMAT_VERSION, to_text};
use super::visible::visible;
use super::words::{count, effort};
use crate::cloud::CallCounts;
use crate::model::Address;

/// The form of a short report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// An object that is no longer as the plan saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The object.
    pub address: Address,
    /// The paths of the fields that moved.
    pub fields: Vec<String>,
    /// Whether it is not there any more.
    pub gone: bool,
}

/// What was found of a plan file.
#[derive(Debug, Default)]
pub struct Verification {
    /// The file.
    pub plan: String,
    /// The environment.
    pub environment: String,
    /// From when it is not applied any more.
    pub expires: Timestamp,
    /// How many changes it makes.
    pub changes: usize,
    /// Why it would not be applied, beside the objects that moved.
    pub reasons: Vec<String>,
    /// The commits that changed what it was made from.
    pub commits: Vec<String>,
    /// The objects that are no longer as it saw them.
    pub moved: Vec<Moved>,
    /// The objects that could not be read.
    pub unknown: Vec<Address>,
    /// The calls that it took.
    pub calls: CallCounts,
}

impl Verification {
    /// Returns whether the plan would be refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.reasons.is_empty() || !self.moved.is_empty()
    }

    fn state(&self) -> &'static str {
        if self.is_refused() {
            "refused"
        } else if self.unknown.is_empty() {
            "applies"
        } else {
            "unknown"
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    plan: &'a str,
    environment: &'a str,
    state: &'static str,
    expires: String,
    reasons: &'a [String],
    commits: &'a [String],
    moved: &'a [Moved],
    unknown: &'a [Address],
    calls: &'a CallCounts,
}

/// Returns the report on a plan file.
pub fn verification(found: &Verification, format: Format) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(text(found)),
        Format::Json => to_text(&Document {
            format_version: FORMAT_VERSION,
            plan: &found.plan,
            environment: &found.environment,
            state: found.state(),
            expires: format!("{:.0}", found.expires),
            reasons: &found.reasons,
            commits: &found.commits,
            moved: &found.moved,
            unknown: &found.unknown,
            calls: &found.calls,
        }),
    }
}

fn text(found: &Verification) -> String {
    let objects = count(found.changes, "change");
    let mut lines = vec![match found.state() {
        "applies" => format!(
            "{} applies: {objects}, every object as the plan saw it, good until {:.0}",
            found.plan, found.expires
        ),
        "unknown" => format!(
            "{} may apply: not all of its {objects} could be checked",
            found.plan
        ),
        _ => format!("{} does not apply any more:", found.plan),
    }];
    lines.extend(found.reasons.iter().map(|reason| format!("  {reason}")));
    let commits = found.commits.iter();
    lines.extend(commits.map(|commit| format!("    changed by {commit}")));
    lines.extend(found.moved.iter().map(|moved| match moved.gone {
        true => format!("  {} is not there any more", moved.address),
        false if moved.fields.is_empty() => format!("  {} moved", moved.address),
        false => format!("  {} moved: {}", moved.address, moved.fields.join(", ")),
    }));
    let unknown = found.unknown.iter();
    lines.extend(unknown.map(|address| format!("  {address} could not be read")));
    if !found.calls.is_empty() {
        let calls = effort(&found.calls, std::time::Duration::ZERO);
        lines.push(calls.trim_end_matches(", 0.0 s").to_owned());
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}
