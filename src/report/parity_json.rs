//! The JSON of parity: its lines, which stand in a plan too, and the document of a check.
//!
//! In: what the plan room found. Out: JSON with the keys of the interface. Must not know who
//! reads it.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::cloud::CallCounts;
use crate::model::{Severity, Value};
use crate::plan::{Line, LineState, Parity, Side};

use super::ReportError;
use super::json::{FORMAT_VERSION, schema_of, to_text};
use super::json_parts::PlaceJson;
use super::json_words::{LineStateWord, SeverityWord};
use super::summary::ParityState;
use super::view::ParityView;

/// Returns a parity check as JSON; with `all`, what holds too.
pub fn parity_json(view: &ParityView<'_>, all: bool) -> Result<String, ReportError> {
    to_text(&DocumentJson::of(view, all))
}

/// Returns the JSON Schema of [`parity_json`].
#[must_use]
pub fn parity_schema() -> Schema {
    schema_of::<DocumentJson<'_>>()
}

/// How the DR sites relate to the primary.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "drsync parity")]
struct DocumentJson<'a> {
    /// The version of this format; minor versions only add.
    format_version: &'static str,
    /// The version of the tool.
    tool_version: &'a str,
    /// The environment.
    environment: &'a str,
    /// The Git revision that declares the pairs; null for a work tree without a commit.
    revision: Option<&'a str>,
    /// What was found, in one word; of several that hold, the one that matters most.
    state: ParityState,
    summary: TotalsJson,
    /// The worst first; what holds only if it was asked for.
    parity: Vec<LineJson<'a>>,
    /// API calls, by service and operation.
    calls: &'a CallCounts,
    elapsed_ms: u64,
    /// Remarks about the run.
    notes: &'a [String],
}

/// Counts of a parity check.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ParityTotals")]
struct TotalsJson {
    pairs: usize,
    holds: usize,
    broken: usize,
    missing: usize,
    unknown: usize,
    ignored: usize,
    /// Of the broken and missing ones, how many are only advice.
    advice: usize,
}

/// A relation between a primary object and its DR counterpart.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Parity")]
pub(super) struct LineJson<'a> {
    /// `<kind>/<name>`.
    pair: &'a str,
    /// A JSON Pointer; empty for the whole object.
    path: &'a str,
    relation: &'a str,
    /// The primary's value; null if absent or unknown.
    #[schemars(with = "Option<serde_json::Value>")]
    primary: Option<&'a Value>,
    /// The DR site's value; null if absent or unknown.
    #[schemars(with = "Option<serde_json::Value>")]
    dr: Option<&'a Value>,
    #[serde(with = "LineStateWord")]
    state: LineState,
    primary_object: ObjectJson<'a>,
    dr_object: ObjectJson<'a>,
    /// The site that must move, if one must.
    fault: Option<&'a str>,
    /// The code of the rule; empty where the relation holds.
    code: &'a str,
    #[serde(with = "SeverityWord")]
    severity: Severity,
    what: &'a str,
    why: &'a str,
    repair: &'a str,
    component: Option<&'a str>,
    source: Option<PlaceJson<'a>>,
}

/// An object at a site.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ParitySide")]
struct ObjectJson<'a> {
    site: &'a str,
    address: &'a str,
}

impl<'a> DocumentJson<'a> {
    fn of(view: &ParityView<'a>, all: bool) -> Self {
        let parity = view.parity;
        let held = parity.held.iter().filter(|_| all);
        let totals = parity.totals;
        Self {
            format_version: FORMAT_VERSION,
            tool_version: view.tool_version,
            environment: view.environment,
            revision: view.revision,
            state: ParityState::of(parity),
            summary: TotalsJson {
                pairs: totals.pairs,
                holds: totals.holds,
                broken: totals.broken,
                missing: totals.missing,
                unknown: totals.unknown,
                ignored: totals.ignored,
                advice: totals.advice,
            },
            parity: parity.lines.iter().chain(held).map(LineJson::of).collect(),
            calls: view.calls,
            elapsed_ms: u64::try_from(view.elapsed.as_millis()).unwrap_or(u64::MAX),
            notes: view.notes,
        }
    }
}

impl<'a> LineJson<'a> {
    /// Returns the lines of a plan: all but what holds.
    pub(super) fn all(parity: Option<&'a Parity>) -> Vec<Self> {
        let lines = parity.into_iter().flat_map(|parity| &parity.lines);
        lines.map(Self::of).collect()
    }

    fn of(line: &'a Line) -> Self {
        Self {
            pair: &line.pair,
            path: &line.path,
            relation: &line.relation,
            primary: line.primary.value.as_ref(),
            dr: line.dr.value.as_ref(),
            state: line.state,
            primary_object: ObjectJson::of(&line.primary),
            dr_object: ObjectJson::of(&line.dr),
            fault: line.fault.as_deref(),
            code: &line.code,
            severity: line.severity,
            what: &line.what,
            why: &line.why,
            repair: &line.repair,
            component: line.component.as_deref(),
            source: line.source.as_ref().map(PlaceJson::of),
        }
    }
}

impl<'a> ObjectJson<'a> {
    fn of(side: &'a Side) -> Self {
        Self {
            site: &side.site,
            address: side.address.as_str(),
        }
    }
}
