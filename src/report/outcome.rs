//! What an apply did and did not do.
//!
//! In: one outcome for each change, and what was held. Out: text or JSON. Must not know how a
//! change is applied.

use std::collections::BTreeSet;
use std::time::Duration;

use anstyle::Style;
use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::{Outcome, OutcomeState};
use crate::cloud::CallCounts;
use crate::model::{Action, Held};

use super::ReportError;
use super::json::{FORMAT_VERSION, schema_of, to_text};
use super::json_parts::HeldJson;
use super::json_words::{ActionWord, OutcomeWord};
use super::paper::{BOLD, CYAN, DIM, GREEN, LOUD, PLAIN, Paper, RED, TextOptions, YELLOW, width};
use super::words;

/// As many changes that were done are listed one by one.
const LISTED: usize = 40;
/// As many names of writes are listed.
const CHANGE_IDS: usize = 5;

/// Everything that a report on an apply says.
#[derive(Clone, Copy, Debug)]
pub struct OutcomesView<'a> {
    /// The environment.
    pub environment: &'a str,
    /// The changes, in the order in which they are to be listed.
    pub outcomes: &'a [Outcome],
    /// What the plan did not do yet.
    pub held: &'a [Held],
    /// The calls that were made.
    pub calls: &'a CallCounts,
    /// The time that it took.
    pub elapsed: Duration,
    /// The version of the tool.
    pub tool_version: &'a str,
}

impl OutcomesView<'_> {
    fn number(&self, state: OutcomeState) -> usize {
        let all = self.outcomes.iter();
        all.filter(|outcome| outcome.state == state).count()
    }
}

/// The states in the order of a report: what needs a person stands last, near the prompt.
const ORDER: [OutcomeState; 5] = [
    OutcomeState::Done,
    OutcomeState::Skipped,
    OutcomeState::Moved,
    OutcomeState::Unknown,
    OutcomeState::Failed,
];

/// Returns the outcomes of an apply as text.
#[must_use]
pub fn outcomes_text(view: &OutcomesView<'_>, options: TextOptions) -> String {
    let mut paper = Paper::new(options);
    for state in ORDER {
        draw_state(&mut paper, view, state);
    }
    for held in view.held {
        let sign = options.sign("‖", "=");
        paper
            .ink(CYAN, sign)
            .blanks(1)
            .ink(BOLD, held.address.as_str());
        paper
            .blanks(2)
            .ink(CYAN, "held")
            .blanks(2)
            .ink(PLAIN, &held.code)
            .end();
        paper.paragraph(DIM, 4, &held.reason);
    }
    paper.gap();
    let style = match view.number(OutcomeState::Done) {
        done if done == view.outcomes.len() => GREEN,
        _ => LOUD,
    };
    paper.paragraph(style, 0, &closing(view));
    if let Some(text) = change_ids(view) {
        paper.paragraph(DIM, 0, &text);
    }
    paper
        .ink(DIM, &words::effort(view.calls, view.elapsed))
        .end();
    paper.finish()
}

fn draw_state(paper: &mut Paper, view: &OutcomesView<'_>, state: OutcomeState) {
    let all = view.outcomes.iter();
    let own: Vec<&Outcome> = all.filter(|outcome| outcome.state == state).collect();
    let (sign, style) = sign(state, &paper.options);
    if state == OutcomeState::Done && own.len() > LISTED && !paper.options.expand {
        let text = format!(
            "{} done (--expand lists them)",
            words::count(own.len(), "change")
        );
        paper.ink(style, sign).blanks(1).ink(PLAIN, &text).end();
        return;
    }
    let widest = own
        .iter()
        .map(|outcome| width(outcome.address.as_str()))
        .max();
    let names = widest.unwrap_or(0).min(paper.options.columns() / 2);
    for outcome in own {
        let name = outcome.address.as_str();
        paper.ink(style, sign).blanks(1).ink(BOLD, name);
        let gap = names.saturating_sub(width(name)) + 2;
        paper.blanks(gap).ink(PLAIN, words::action(outcome.action));
        paper.blanks(2).ink(style, word(state)).end();
        let message_style = if state == OutcomeState::Done {
            DIM
        } else {
            PLAIN
        };
        paper.paragraph(message_style, 4, &outcome.message);
    }
}

fn sign(state: OutcomeState, options: &TextOptions) -> (&'static str, Style) {
    match state {
        OutcomeState::Done => (options.sign("✓", "*"), GREEN),
        OutcomeState::Failed => (options.sign("✗", "x"), RED),
        OutcomeState::Unknown => ("?", LOUD),
        OutcomeState::Skipped => (options.sign("·", "."), YELLOW),
        OutcomeState::Moved => (options.sign("≠", "!"), YELLOW),
    }
}

const fn word(state: OutcomeState) -> &'static str {
    match state {
        OutcomeState::Done => "done",
        OutcomeState::Failed => "failed",
        OutcomeState::Unknown => "unknown",
        OutcomeState::Skipped => "skipped",
        OutcomeState::Moved => "moved",
    }
}

/// Returns the sentence that says what was done and what was not.
fn closing(view: &OutcomesView<'_>) -> String {
    let total = view.outcomes.len();
    let done = view.number(OutcomeState::Done);
    let mut parts = vec![match (done, total) {
        (_, 0) => "nothing to do".to_owned(),
        (done, total) if done == total => format!("{done} of {total} done"),
        (done, total) => {
            let others = ORDER[1..].iter().rev().filter_map(|state| {
                let number = view.number(*state);
                (number > 0).then(|| format!("{number} {}", not_done(*state)))
            });
            let others: Vec<String> = others.collect();
            format!("{done} of {total} done; {}", others.join(", "))
        }
    }];
    if !view.held.is_empty() {
        parts.push(format!("{} held", view.held.len()));
    }
    format!("Apply to {}: {}.", view.environment, parts.join("; "))
}

/// Returns the names that the services gave to the writes.
fn change_ids(view: &OutcomesView<'_>) -> Option<String> {
    let ids = view.outcomes.iter();
    let ids: BTreeSet<&str> = ids
        .filter_map(|outcome| outcome.change_id.as_deref())
        .collect();
    let listed: Vec<&str> = ids.iter().copied().take(CHANGE_IDS).collect();
    let more = match ids.len().saturating_sub(CHANGE_IDS) {
        0 => String::new(),
        more => format!(" and {more} more (--format json has all)"),
    };
    let listed = listed.join(", ");
    (!ids.is_empty()).then(|| format!("Known to the service as {listed}{more}."))
}

const fn not_done(state: OutcomeState) -> &'static str {
    match state {
        OutcomeState::Done => "done",
        OutcomeState::Failed => "failed",
        OutcomeState::Unknown => "unknown (may have effect)",
        OutcomeState::Skipped => "skipped",
        OutcomeState::Moved => "not tried because live moved",
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(title = "drsync outcomes")]
struct OutcomesJson<'a> {
    format_version: &'static str,
    tool_version: &'a str,
    environment: &'a str,
    summary: OutcomeSummaryJson,
    outcomes: Vec<OutcomeJson<'a>>,
    held: Vec<HeldJson<'a>>,
    calls: &'a CallCounts,
    elapsed_ms: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OutcomeSummary")]
struct OutcomeSummaryJson {
    done: usize,
    failed: usize,
    unknown: usize,
    skipped: usize,
    moved: usize,
    held: usize,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Outcome")]
struct OutcomeJson<'a> {
    address: &'a str,
    #[serde(with = "ActionWord")]
    action: Action,
    #[serde(with = "OutcomeWord")]
    state: OutcomeState,
    message: &'a str,
    /// What the service calls the write that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<&'a str>,
}

/// Returns the outcomes of an apply as JSON.
pub fn outcomes_json(view: &OutcomesView<'_>) -> Result<String, ReportError> {
    let outcomes = view.outcomes.iter().map(|outcome| OutcomeJson {
        address: outcome.address.as_str(),
        action: outcome.action,
        state: outcome.state,
        message: &outcome.message,
        change_id: outcome.change_id.as_deref(),
    });
    to_text(&OutcomesJson {
        format_version: FORMAT_VERSION,
        tool_version: view.tool_version,
        environment: view.environment,
        summary: OutcomeSummaryJson {
            done: view.number(OutcomeState::Done),
            failed: view.number(OutcomeState::Failed),
            unknown: view.number(OutcomeState::Unknown),
            skipped: view.number(OutcomeState::Skipped),
            moved: view.number(OutcomeState::Moved),
            held: view.held.len(),
        },
        outcomes: outcomes.collect(),
        held: view.held.iter().map(HeldJson::of).collect(),
        calls: view.calls,
        elapsed_ms: u64::try_from(view.elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Returns the JSON Schema of [`outcomes_json`].
#[must_use]
pub fn outcomes_schema() -> schemars::Schema {
    schema_of::<OutcomesJson<'_>>()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::held;
    use super::*;
    use crate::model::Address;

    fn with_view<T>(states: &[OutcomeState], then: impl FnOnce(&OutcomesView<'_>) -> T) -> T {
        let id = |number| format!("example.com/n{number}/A");
        let outcomes: Vec<Outcome> = states
            .iter()
            .enumerate()
            .map(|(number, state)| Outcome {
                address: Address::new("global", "sample_record", &id(number)),
                action: Action::Update,
                state: *state,
                message: if *state == OutcomeState::Done {
                    String::new()
                } else {
                    "the service said no".to_owned()
                },
                effective_at: None,
                change_id: (*state == OutcomeState::Done).then(|| format!("C{number}")),
            })
            .collect();
        let calls = CallCounts::new();
        let held = [held("example.com/slow/A")];
        then(&OutcomesView {
            environment: "foundry",
            outcomes: &outcomes,
            held: if states.len() == 5 { &held } else { &[] },
            calls: &calls,
            elapsed: Duration::from_secs(62),
            tool_version: "0.1.0",
        })
    }

    fn text(states: &[OutcomeState]) -> String {
        with_view(states, |view| outcomes_text(view, TextOptions::default()))
    }

    #[test]
    fn what_was_not_done_stands_near_the_prompt() {
        insta::assert_snapshot!(text(&ORDER), @r#"
        ✓ global/sample_record/example.com/n0/A  update  done
        · global/sample_record/example.com/n1/A  update  skipped
            the service said no
        ≠ global/sample_record/example.com/n2/A  update  moved
            the service said no
        ? global/sample_record/example.com/n3/A  update  unknown
            the service said no
        ✗ global/sample_record/example.com/n4/A  update  failed
            the service said no
        ‖ global/sample_record/example.com/slow/A  held  old-ttl
            readers may keep the old values until the old TTL of 300s has passed

        Apply to foundry: 1 of 5 done; 1 failed, 1 unknown (may have effect), 1 not tried because live
        moved, 1 skipped; 1 held.
        Known to the service as C0.
        62.0 s
        "#);
        insta::assert_snapshot!(text(&[]), @r#"
        Apply to foundry: nothing to do.
        62.0 s
        "#);
        insta::assert_snapshot!(text(&[OutcomeState::Done; 41]), @r#"
        ✓ 41 changes done (--expand lists them)

        Apply to foundry: 41 of 41 done.
        Known to the service as C0, C1, C10, C11, C12 and 36 more (--format json has all).
        62.0 s
        "#);
    }

    #[test]
    fn outcomes_have_json() {
        let json = with_view(&[OutcomeState::Moved], |view| outcomes_json(view).unwrap());
        insta::assert_snapshot!(json, @r#"
        {
          "format_version": "1.0",
          "tool_version": "0.1.0",
          "environment": "foundry",
          "summary": {
            "done": 0,
            "failed": 0,
            "unknown": 0,
            "skipped": 0,
            "moved": 1,
            "held": 0
          },
          "outcomes": [
            {
              "address": "global/sample_record/example.com/n0/A",
              "action": "update",
              "state": "moved",
              "message": "the service said no"
            }
          ],
          "held": [],
          "calls": {},
          "elapsed_ms": 62000
        }
        "#);
    }
}
