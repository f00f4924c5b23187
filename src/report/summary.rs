//! The sentences that sum a report up: what there is to do, what differs, what was read.
//!
//! In: a view. Out: plain sentences and the one word for its state. Must not know where they
//! are shown.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Address, Cause};
use crate::plan::{Parity, Plan};

use super::view::{Mode, View};
use super::words::{count, effort};

/// What a run found, in one word; of several that hold, the one that matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something could not be observed.
    Incomplete,
    /// Live and Git both moved.
    Conflict,
    /// Live moved.
    Drift,
    /// Something merged is not applied.
    Pending,
    /// This revision introduces a change.
    Introduced,
    /// Live differs, and there is no applied record to tell why.
    Unattributed,
    /// All is as declared, and a DR site is not what it is to be beside the primary.
    ParityDrift,
    /// Live is as declared.
    InSync,
}

/// What a parity check found, in one word; of several that hold, the one that matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ParityState {
    /// A side could not be read.
    Incomplete,
    /// A relation is broken.
    ParityDrift,
    /// The sites are alike.
    InParity,
}

impl ParityState {
    pub(super) fn of(parity: &Parity) -> Self {
        if !parity.is_complete() {
            Self::Incomplete
        } else if parity.has_drift() {
            Self::ParityDrift
        } else {
            Self::InParity
        }
    }
}

/// How many objects differ, by cause; held ones count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Causes {
    pub(super) introduced: usize,
    pub(super) pending: usize,
    pub(super) drift: usize,
    pub(super) conflict: usize,
    pub(super) unattributed: usize,
}

impl Causes {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut causes = Self::default();
        let changes = plan
            .changes
            .iter()
            .map(|change| (change.address(), change.cause));
        let held = plan.held.iter().map(|held| (&held.address, held.cause));
        // What is changed in two steps stands in both lists, and is one object.
        let objects: BTreeMap<&Address, Cause> = changes.chain(held).collect();
        for cause in objects.into_values() {
            *match cause {
                Cause::Introduced => &mut causes.introduced,
                Cause::Pending => &mut causes.pending,
                Cause::Drift => &mut causes.drift,
                Cause::Conflict => &mut causes.conflict,
                Cause::Unattributed => &mut causes.unattributed,
            } += 1;
        }
        causes
    }
}

impl State {
    /// Returns the state that a plan shows, and in drift that of parity too.
    #[must_use]
    pub fn of(view: &View<'_>) -> Self {
        let plan = view.plan;
        let causes = Causes::of(plan);
        let parity = view.parity.filter(|_| view.mode == Mode::Drift);
        if !plan.is_complete() || parity.is_some_and(|parity| !parity.is_complete()) {
            Self::Incomplete
        } else if causes.conflict > 0 {
            Self::Conflict
        } else if causes.drift > 0 {
            Self::Drift
        } else if causes.pending > 0 {
            Self::Pending
        } else if causes.introduced > 0 {
            Self::Introduced
        } else if causes.unattributed > 0 {
            Self::Unattributed
        } else if parity.is_some_and(Parity::has_drift) {
            Self::ParityDrift
        } else {
            Self::InSync
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Incomplete => "Incomplete",
            Self::Conflict => "Conflict",
            Self::Drift => "Drift",
            Self::Pending => "Merged, not applied",
            Self::Introduced => "Introduced",
            Self::Unattributed => "Unattributed",
            Self::ParityDrift => "Parity drift",
            Self::InSync => "In sync",
        }
    }
}

/// Returns the sentence that says what there is to do, or what differs.
pub(super) fn headline(view: &View<'_>) -> String {
    match view.mode {
        Mode::Plan => plan_headline(view.plan),
        Mode::Drift => drift_headline(view),
    }
}

fn plan_headline(plan: &Plan) -> String {
    let sum = &plan.summary;
    let actions = [
        (sum.create, "to create"),
        (sum.update, "to update"),
        (sum.replace, "to replace"),
        (sum.adopt, "to adopt"),
        (sum.forget, "to forget"),
        (sum.delete, "to delete"),
    ];
    let mut parts = Vec::new();
    if plan.changes.is_empty() {
        // Where something is unknown, "nothing to do" would be read as "all is well".
        let read = if plan.gaps.is_empty() {
            ""
        } else {
            " in what could be read"
        };
        parts.push(format!("nothing to do{read}"));
    } else {
        // That nothing is deleted is worth saying.
        let said: Vec<String> = actions
            .iter()
            .filter(|(number, word)| *number > 0 || *word == "to delete")
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        parts.push(said.join(", "));
    }
    parts.extend(rest(plan));
    format!("Plan: {}.", parts.join("; "))
}

fn drift_headline(view: &View<'_>) -> String {
    let plan = view.plan;
    let state = State::of(view);
    if state == State::InSync {
        let objects = count(plan.summary.in_sync, "object");
        return format!("In sync: {objects} as declared.");
    }
    let causes = Causes::of(plan);
    let differing = [
        (causes.conflict, "in conflict (live and Git both moved)"),
        (causes.drift, "drifted (live moved)"),
        (causes.pending, "pending (merged, not applied)"),
        (causes.introduced, "introduced (by this revision)"),
        (causes.unattributed, "unattributed (no applied record)"),
    ];
    let mut parts: Vec<String> = differing
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let unknown = (!plan.is_complete()).then(|| format!("{} unknown", plan.summary.unknown));
    parts.extend(unknown);
    parts.push(format!("{} in sync", plan.summary.in_sync));
    parts.extend(view.parity.and_then(parity_words));
    format!("{}: {}.", state.title(), parts.join(", "))
}

/// Returns what a headline says of parity; none if the sites are alike.
fn parity_words(parity: &Parity) -> Option<String> {
    let drift: Vec<String> = parity
        .drift_by_site()
        .into_iter()
        .map(|(site, number)| format!("{} at {site}", count(number, "difference")))
        .collect();
    let unknown = parity.totals.unknown;
    let mut parts = Vec::new();
    if !drift.is_empty() {
        parts.push(format!(
            "out of parity with the primary: {}",
            drift.join(", ")
        ));
    }
    if unknown > 0 {
        parts.push(format!("{} not compared", count(unknown, "pair")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Returns the title of what a plan and drift show of parity.
pub(super) fn parity_title(parity: &Parity) -> &'static str {
    if parity.has_drift() {
        "Parity: the sites are not alike"
    } else {
        "Parity: not all could be compared"
    }
}

/// Returns the sentence that says how the sites compare.
pub(super) fn parity_headline(parity: &Parity) -> String {
    let totals = parity.totals;
    if totals.pairs == 0 {
        return "Nothing to compare: no object is declared at a primary site and at a DR site."
            .to_owned();
    }
    let title = match ParityState::of(parity) {
        ParityState::Incomplete => "Incomplete",
        ParityState::ParityDrift => "Parity drift",
        ParityState::InParity => "In parity",
    };
    let counts = [
        (
            totals.broken + totals.missing - totals.advice,
            "broken or missing",
        ),
        (totals.unknown, "unknown"),
        (totals.advice, "advice"),
        (totals.ignored, "ignored"),
    ];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let hold = if totals.holds == 1 { "holds" } else { "hold" };
    parts.push(format!(
        "{} {hold} in {}",
        count(totals.holds, "field"),
        count(totals.pairs, "pair")
    ));
    format!("{title}: {}.", parts.join(", "))
}

fn rest(plan: &Plan) -> Vec<String> {
    let sum = &plan.summary;
    let mut parts = Vec::new();
    parts.extend((sum.held > 0).then(|| format!("{} held", sum.held)));
    parts.extend((!plan.is_complete()).then(|| format!("{} unknown", sum.unknown)));
    parts.push(format!("{} in sync", sum.in_sync));
    parts
}

/// Returns the line that says how much was read, and what it took.
pub(super) fn completeness(view: &View<'_>) -> String {
    let unknown = view.plan.summary.unknown;
    format!(
        "{} of {} read, {unknown} unknown, {}",
        view.objects.saturating_sub(unknown),
        count(view.objects, "object"),
        effort(view.calls, view.elapsed)
    )
}

/// Returns the sentence that tells what a revision introduces from what differed before it; none
/// without a base.
pub(super) fn introduction(plan: &Plan) -> Option<String> {
    plan.base.as_ref()?;
    let causes = Causes::of(plan);
    let own = match causes.introduced {
        0 => "no change".to_owned(),
        number => count(number, "change"),
    };
    let before = [
        (causes.conflict, "in conflict (live and Git both moved)"),
        (causes.pending, "pending (merged, not applied)"),
        (causes.drift, "drifted (live moved)"),
        (causes.unattributed, "unattributed (no applied record)"),
    ];
    let before: Vec<String> = before
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    Some(if before.is_empty() {
        format!("This revision introduces {own}; nothing else differs.")
    } else {
        format!(
            "This revision introduces {own}; beside it: {}.",
            before.join(", ")
        )
    })
}

/// Returns the sentence of a plan that has nothing to do and nothing unknown.
pub(super) fn nothing(view: &View<'_>) -> String {
    let plan = view.plan;
    let at = plan.revision.as_deref().map(short);
    let at = at.map_or(String::new(), |revision| format!(" at {revision}"));
    format!(
        "No changes: {} is as declared{at}; {} in sync.",
        plan.environment, plan.summary.in_sync
    )
}

/// Returns where the desired state comes from, such as `foundry at 1a2b3c4, against main`.
pub(super) fn basis(view: &View<'_>) -> String {
    let mut text = view.plan.environment.clone();
    if let Some(revision) = &view.plan.revision {
        text.push_str(" at ");
        text.push_str(short(revision));
    }
    if let Some(base) = &view.plan.base {
        text.push_str(", against ");
        text.push_str(short(base));
    }
    text
}

/// Returns a commit id at the length that people use; any other text is left whole.
fn short(revision: &str) -> &str {
    let is_id = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &revision[..12] } else { revision }
}

/// Returns the line about what applying would take.
pub(super) fn budget(view: &View<'_>) -> Option<String> {
    let budget = view.budget.filter(|budget| budget.writes > 0)?;
    let writes = count(budget.writes, "write");
    Some(match budget.seconds {
        0 => format!("Applying takes {writes}."),
        seconds => format!(
            "Applying takes {writes}, and usually {seconds} s until they have effect everywhere."
        ),
    })
}

/// Returns the line that names the changes, for whoever agrees to exactly these.
pub(super) fn digest(view: &View<'_>) -> Option<String> {
    let plan = view.plan;
    (view.mode == Mode::Plan && !plan.changes.is_empty())
        .then(|| format!("Digest {}", plan.digest()))
}

/// Returns the line about objects that the next apply only records.
pub(super) fn recordable(plan: &Plan) -> Option<String> {
    let number = plan.recordable.len();
    (number > 0).then(|| {
        format!(
            "{} in sync without an applied record; the next apply records {}.",
            count(number, "object"),
            if number == 1 { "it" } else { "them" }
        )
    })
}

/// Returns the line about live objects that nobody declares.
pub(super) fn unmanaged(plan: &Plan) -> Option<String> {
    let number: usize = plan.unmanaged.values().sum();
    (number > 0).then(|| {
        format!(
            "{} not declared in the scopes read.",
            count(number, "object")
        )
    })
}

/// Returns the remark that no cause can be told, where that is so.
pub(super) fn unattributed(view: &View<'_>) -> Option<&'static str> {
    (view.plan.unrecorded && Causes::of(view.plan).unattributed > 0).then_some(
        "Nothing was applied from here yet, so drift and pending changes cannot be told apart.",
    )
}
