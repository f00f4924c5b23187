//! The value that a parity check gives: sorted, the same for the same inputs.

use std::collections::BTreeMap;

use crate::model::{Address, Severity, Source, Value};

/// How one field of a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// The object, or all of the field, is at one of the two sites only.
    Missing,
    /// The relation does not hold.
    Broken,
    /// A side could not be read.
    Unknown,
    /// The values differ, and it is declared that this is meant.
    Ignored,
    /// The relation holds.
    Holds,
}

/// One side of a pair, at one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The site.
    pub site: String,
    /// The object.
    pub address: Address,
    /// The value; none if it is absent or unknown.
    pub value: Option<Value>,
}

/// One field of a pair: what the primary has, what the DR site has, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The pair: `<kind>/<name>`.
    pub pair: String,
    /// The field, as a JSON Pointer; empty for the whole object.
    pub path: String,
    /// The relation, in words.
    pub relation: String,
    /// The primary side.
    pub primary: Side,
    /// The DR side.
    pub dr: Side,
    /// How it stands.
    pub state: LineState,
    /// The site that must move, if one must: the smaller side.
    pub fault: Option<String>,
    /// The code of the rule that says so.
    pub code: String,
    /// How bad it is; a note is advice and fails nothing.
    pub severity: Severity,
    /// What is so, in one sentence without a full stop: the difference, the cause of an unknown,
    /// or the reason of what is ignored.
    pub what: String,
    /// Why it matters at a failover; may be empty.
    pub why: String,
    /// What would repair it; may be empty.
    pub repair: String,
    /// The value that the side at fault would have to have, if there is one such value.
    pub wanted: Option<Value>,
    /// The component that the objects belong to.
    pub component: Option<String>,
    /// Where the pair is declared.
    pub source: Option<Source>,
}

impl Line {
    /// Returns whether it counts as parity drift.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        matches!(self.state, LineState::Missing | LineState::Broken)
            && self.severity != Severity::Note
    }

    /// Returns whether it leaves the check incomplete.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.state == LineState::Unknown && self.severity != Severity::Note
    }
}

/// Counts of a parity check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Pairs of one primary and one DR object.
    pub pairs: usize,
    /// Fields whose relation holds.
    pub holds: usize,
    /// Fields whose relation is broken.
    pub broken: usize,
    /// Objects or fields at one site only.
    pub missing: usize,
    /// Pairs of which a side could not be read.
    pub unknown: usize,
    /// Differences that are meant.
    pub ignored: usize,
    /// Of the broken and missing ones, how many are only advice.
    pub advice: usize,
}

/// How the DR sites relate to the primary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parity {
    /// What does not simply hold, the worst first; then by DR site, pair and path.
    pub lines: Vec<Line>,
    /// What holds, by DR site, pair and path.
    pub held: Vec<Line>,
    /// Counts.
    pub totals: Totals,
}

impl Parity {
    /// Returns whether a relation is broken in more than advice.
    #[must_use]
    pub fn has_drift(&self) -> bool {
        self.lines.iter().any(Line::is_drift)
    }

    /// Returns whether every pair could be compared.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.totals.unknown == 0
    }

    /// Returns the lines that are parity drift, by DR site.
    #[must_use]
    pub fn drift_by_site(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.is_drift()) {
            *counts.entry(line.dr.site.as_str()).or_default() += 1;
        }
        counts
    }

    /// Sorts and counts.
    pub(super) fn finish(lines: Vec<Line>) -> Self {
        let mut pairs: Vec<(&str, &str)> = lines
            .iter()
            .filter(|line| line.primary.address != line.dr.address)
            .map(|line| (line.pair.as_str(), line.dr.site.as_str()))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let of = |state| lines.iter().filter(|line| line.state == state).count();
        let is_fault = |line: &&Line| matches!(line.state, LineState::Missing | LineState::Broken);
        let advice = lines
            .iter()
            .filter(is_fault)
            .filter(|line| line.severity == Severity::Note)
            .count();
        let totals = Totals {
            pairs: pairs.len(),
            holds: of(LineState::Holds),
            broken: of(LineState::Broken),
            missing: of(LineState::Missing),
            unknown: lines.iter().filter(|line| line.is_unknown()).count(),
            ignored: of(LineState::Ignored),
            advice,
        };
        let (mut held, mut rest): (Vec<Line>, Vec<Line>) = lines
            .into_iter()
            .partition(|line| line.state == LineState::Holds);
        held.sort_by(|a, b| place(a).cmp(&place(b)));
        rest.sort_by(|a, b| (weight(a), place(a)).cmp(&(weight(b), place(b))));
        Self {
            lines: rest,
            held,
            totals,
        }
    }
}

/// Returns what a line is sorted by among equals.
fn place(line: &Line) -> (&str, &str, &str) {
    (&line.dr.site, &line.pair, &line.path)
}

/// Returns how far down a line stands: errors, then what is unknown, then warnings, then the rest.
const fn weight(line: &Line) -> u8 {
    match (line.state, line.severity) {
        (LineState::Missing | LineState::Broken, Severity::Error) => 0,
        (LineState::Unknown, _) => 1,
        (LineState::Missing | LineState::Broken, Severity::Warning) => 2,
        (LineState::Missing | LineState::Broken, Severity::Note) => 3,
        (LineState::Ignored | LineState::Holds, _) => 4,
    }
}
