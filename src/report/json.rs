//! The JSON of a plan, which is an interface: its keys, their order and their types.
//!
//! In: a view. Out: JSON, and the JSON Schema of it. Must not know who reads it. Between two
//! runs on the same world only `calls`, `elapsed_ms` and `facts` may differ.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::cloud::CallCounts;
use crate::plan::Summary;

use super::ReportError;
use super::json_parts::{ChangeJson, FactJson, FindingJson, GapJson, HeldJson};
use super::json_words::ModeWord;
use super::parity_json::LineJson;
use super::summary::{Causes, State};
use super::view::{Mode, View};
use super::visible::visible_json;

/// The version of the format; minor versions only add.
pub(super) const FORMAT_VERSION: &str = "1.0";

/// Returns a plan or its drift as JSON.
pub fn plan_json(view: &View<'_>) -> Result<String, ReportError> {
    to_text(&PlanJson::of(view))
}

/// Returns the JSON Schema of [`plan_json`].
#[must_use]
pub fn plan_schema() -> Schema {
    schema_of::<PlanJson<'_>>()
}

/// Returns the schema of a document that we write.
pub(super) fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Returns JSON that is safe to show on a terminal too.
pub(super) fn to_text(value: &impl Serialize) -> Result<String, ReportError> {
    let mut json = serde_json::to_string_pretty(value).map_err(ReportError::Json)?;
    json.push('\n');
    Ok(visible_json(&json).into_owned())
}

/// A plan, or the drift that it shows.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "drsync plan")]
struct PlanJson<'a> {
    /// The version of this format; minor versions only add.
    format_version: &'static str,
    /// The version of the tool.
    tool_version: &'a str,
    /// The environment.
    environment: &'a str,
    /// The Git revision that is desired; null for a work tree without a commit.
    revision: Option<&'a str>,
    /// The revision that the plan was compared with.
    base: Option<&'a str>,
    /// The digest of the changes: address, action, path, before and after.
    digest: String,
    summary: SummaryJson,
    changes: Vec<ChangeJson<'a>>,
    held: Vec<HeldJson<'a>>,
    /// What could not be observed.
    gaps: Vec<GapJson<'a>>,
    /// How the DR site relates to the primary.
    parity: Vec<LineJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    /// What was only measured.
    facts: Vec<FactJson<'a>>,
    /// API calls, by service and operation.
    calls: &'a CallCounts,
    elapsed_ms: u64,
    /// The question that was asked.
    #[serde(with = "ModeWord")]
    mode: Mode,
    /// What was found, in one word; of several that hold, the one that matters most.
    state: State,
    /// How many objects differ, by cause; held ones count.
    causes: Causes,
    objects: ObjectsJson,
    /// Live objects that nobody declares, by scope.
    unmanaged: &'a std::collections::BTreeMap<String, usize>,
    /// How each scope was read.
    methods: &'a std::collections::BTreeMap<String, String>,
    /// What applying would take.
    budget: Option<BudgetJson>,
    /// Remarks about the run.
    notes: &'a [String],
}

/// Counts of objects.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
struct SummaryJson {
    create: usize,
    update: usize,
    replace: usize,
    delete: usize,
    forget: usize,
    adopt: usize,
    held: usize,
    unknown: usize,
    in_sync: usize,
}

/// How much was read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Objects")]
struct ObjectsJson {
    declared: usize,
    read: usize,
}

/// What applying would take.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Budget")]
struct BudgetJson {
    writes: usize,
    seconds: u64,
}

impl<'a> PlanJson<'a> {
    fn of(view: &View<'a>) -> Self {
        let plan = view.plan;
        Self {
            format_version: FORMAT_VERSION,
            tool_version: view.tool_version,
            environment: &plan.environment,
            revision: plan.revision.as_deref(),
            base: plan.base.as_deref(),
            digest: plan.digest().to_string(),
            summary: SummaryJson::of(&plan.summary),
            changes: plan.changes.iter().map(ChangeJson::of).collect(),
            held: plan.held.iter().map(HeldJson::of).collect(),
            gaps: plan.gaps.iter().map(GapJson::of).collect(),
            parity: LineJson::all(view.parity),
            findings: FindingJson::all(view.findings, view.sources),
            facts: plan
                .facts
                .iter()
                .flat_map(|(address, facts)| {
                    facts.iter().map(move |fact| FactJson::of(address, fact))
                })
                .collect(),
            calls: view.calls,
            elapsed_ms: u64::try_from(view.elapsed.as_millis()).unwrap_or(u64::MAX),
            mode: view.mode,
            state: State::of(view),
            causes: Causes::of(plan),
            objects: ObjectsJson {
                declared: view.objects,
                read: view.objects.saturating_sub(plan.summary.unknown),
            },
            unmanaged: &plan.unmanaged,
            methods: &plan.methods,
            budget: view.budget.map(|budget| BudgetJson {
                writes: budget.writes,
                seconds: budget.seconds,
            }),
            notes: view.notes,
        }
    }
}

impl SummaryJson {
    const fn of(summary: &Summary) -> Self {
        Self {
            create: summary.create,
            update: summary.update,
            replace: summary.replace,
            delete: summary.delete,
            forget: summary.forget,
            adopt: summary.adopt,
            held: summary.held,
            unknown: summary.unknown,
            in_sync: summary.in_sync,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixture::{Build, World, change, held};
    use super::*;
    use crate::model::{Action, Address, Fact, FactName, FactValue, GapCode};

    fn sample() -> String {
        let update = change("ireland", "a", Action::Update).field("/ttl", "300", "60");
        let mut world = World::quiet().with(update).with_held(held("b")).with_gap(1);
        World {
            findings: world.findings,
            sources: world.sources,
            ..
        } = World::busy();
        world.findings.truncate(1);
        plan_json(&world.view(Mode::Plan)).unwrap()
    }

    #[test]
    fn the_keys_stand_in_the_order_of_the_interface() {
        let json = sample();
        let keys: Vec<&str> = json
            .lines()
            .filter(|line| line.starts_with("  \""))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(
            keys[..15],
            [
                "format_version",
                "tool_version",
                "environment",
                "revision",
                "base",
                "digest",
                "summary",
                "changes",
                "held",
                "gaps",
                "parity",
                "findings",
                "facts",
                "calls",
                "elapsed_ms",
            ]
        );
    }

    #[test]
    fn a_plan_with_one_of_each_part() {
        let json = sample();
        let (_, parts) = json.split_once("\n  },\n").unwrap();
        let (parts, _) = parts.split_once("  \"facts\"").unwrap();
        insta::assert_snapshot!(parts, @r#"
        "changes": [
          {
            "address": "ireland/sample_record/a",
            "kind": "sample_record",
            "site": "ireland",
            "component": null,
            "action": "update",
            "cause": "unattributed",
            "class": "ordinary",
            "fields": [
              {
                "path": "/ttl",
                "before": 300,
                "after": 60
              }
            ],
            "reasons": [],
            "source": {
              "file": "environments/foundry/dns.toml",
              "line": 12,
              "column": 1
            }
          }
        ],
        "held": [
          {
            "address": "global/sample_record/b",
            "code": "old-ttl",
            "reason": "readers may keep the old values until the old TTL of 300s has passed",
            "until": "2026-07-30T12:00:00Z",
            "cause": "drift",
            "fields": [
              {
                "path": "/ttl",
                "before": 300,
                "after": 60
              }
            ],
            "source": null
          }
        ],
        "gaps": [
          {
            "scope": "ireland/sample_bucket",
            "code": "forbidden",
            "cause": "List: AccessDenied; let the read role of this site list buckets",
            "addresses": [
              "ireland/sample_bucket/bucket-0"
            ]
          }
        ],
        "parity": [],
        "findings": [
          {
            "code": "short-ttl",
            "severity": "warning",
            "message": "the TTL is shorter than the health check",
            "help": "set `ttl = 90s`",
            "places": [
              {
                "file": "environments/foundry/dns.toml",
                "line": 3,
                "column": 1,
                "text": "lower than 90s"
              },
              {
                "file": "environments/foundry/dns.toml",
                "line": 2,
                "column": 1,
                "text": "of this record"
              }
            ],
            "addresses": []
          }
        ],
        "#);
    }

    #[test]
    fn an_unknown_fact_is_never_zero() {
        let mut world = World::quiet();
        let fact = Fact {
            name: FactName::Lag,
            value: FactValue::Unknown("no answer".to_owned()),
            unit: "s".to_owned(),
            method: "probe".to_owned(),
            measured_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let address = Address::new("global", "sample_record", "a");
        let known = Fact {
            value: FactValue::Number(1.5),
            ..fact.clone()
        };
        world.plan.facts.insert(address, vec![fact, known]);
        let json = plan_json(&world.view(Mode::Plan)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        insta::assert_snapshot!(json["facts"].to_string(), @r#"[{"address":"global/sample_record/a","measured_at":"1970-01-01T00:00:00Z","method":"probe","name":"lag","unit":"s","unknown":"no answer","value":null},{"address":"global/sample_record/a","measured_at":"1970-01-01T00:00:00Z","method":"probe","name":"lag","unit":"s","value":1.5}]"#);
    }

    #[test]
    fn runs_on_the_same_world_differ_in_effort_alone() {
        let world = World::busy();
        let calls = CallCounts::new();
        let one = world.view(Mode::Plan);
        let other = View {
            elapsed: Duration::from_secs(1),
            calls: &calls,
            ..one
        };
        let parse = |view: &View<'_>| -> serde_json::Value {
            let mut json: serde_json::Value =
                serde_json::from_str(&plan_json(view).unwrap()).unwrap();
            json["calls"].take();
            json["elapsed_ms"].take();
            json
        };
        assert_eq!(parse(&one), parse(&other));
    }

    #[test]
    fn the_schema_lists_the_words() {
        let schema = plan_schema().to_value();
        assert_eq!(
            schema["$defs"]["GapCode"]["enum"][6],
            serde_json::to_value(GapCode::MissingParent).unwrap()
        );
        let required = schema["required"].as_array().unwrap();
        assert!(required.iter().any(|key| key == "base"));
    }
}
