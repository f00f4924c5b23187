//! The JSON of a plan, which is an interface: its keys, their order and their types.
//!
//! In: a view. Out: JSON, and the JSON Schema of it. Must not know who reads it. Between two
//! runs on the same world only `calls`, `elapsed_ms` and `facts` may differ.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::cloud::CallCounts;
use crate::model::{
    Action, Address, Cause, Change, Class, Fact, FactName, FactValue, FieldChange, Finding, Gap,
    GapCode, Held, Severity, Source, Sources, Value,
};
use crate::plan::Summary;

use super::ReportError;
use super::findings::sorted;
use super::json_words::{
    ActionWord, CauseWord, ClassWord, FactWord, GapWord, ModeWord, SeverityWord,
};
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
    parity: &'static [ParityJson],
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

/// One change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct ChangeJson<'a> {
    address: &'a str,
    kind: &'a str,
    /// The site, or `global`.
    site: &'a str,
    component: Option<&'a str>,
    #[serde(with = "ActionWord")]
    action: Action,
    #[serde(with = "CauseWord")]
    cause: Cause,
    #[serde(with = "ClassWord")]
    class: Class,
    fields: Vec<FieldJson<'a>>,
    reasons: &'a [String],
    source: Option<PlaceJson<'a>>,
}

/// One field before and after; null for absence.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldJson<'a> {
    /// A JSON Pointer, with keyed list items as `[name=web]`.
    path: &'a str,
    #[schemars(with = "Option<serde_json::Value>")]
    before: Option<&'a Value>,
    #[schemars(with = "Option<serde_json::Value>")]
    after: Option<&'a Value>,
}

/// A place in a file, from 1.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
struct PlaceJson<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// Something that the plan does not do yet.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Held")]
pub(super) struct HeldJson<'a> {
    address: &'a str,
    code: &'a str,
    reason: &'a str,
    /// The moment from which it may be done, if time alone releases it.
    until: Option<String>,
    #[serde(with = "CauseWord")]
    cause: Cause,
    fields: Vec<FieldJson<'a>>,
    source: Option<PlaceJson<'a>>,
}

/// Something that could not be observed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
struct GapJson<'a> {
    scope: &'a str,
    #[serde(with = "GapWord")]
    code: GapCode,
    cause: &'a str,
    /// The declared objects that are unknown because of it.
    addresses: Vec<&'a str>,
}

/// A relation between a primary object and its DR counterpart.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Parity")]
struct ParityJson {
    pair: String,
    path: String,
    relation: String,
    primary: Option<serde_json::Value>,
    dr: Option<serde_json::Value>,
    state: String,
}

/// A coded diagnostic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub(super) struct FindingJson<'a> {
    code: &'a str,
    #[serde(with = "SeverityWord")]
    severity: Severity,
    message: &'a str,
    help: &'a str,
    /// The places, the main one first.
    places: Vec<MarkedPlaceJson<'a>>,
    addresses: Vec<&'a str>,
}

/// A place that a finding points at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MarkedPlace")]
struct MarkedPlaceJson<'a> {
    file: String,
    line: u32,
    column: u32,
    /// What is to be seen there.
    text: &'a str,
}

/// A measurement; its value is null where it could not be made, and `unknown` says why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fact")]
struct FactJson<'a> {
    address: &'a str,
    #[serde(with = "FactWord")]
    name: FactName,
    value: FactValueJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
    unit: &'a str,
    method: &'a str,
    measured_at: String,
}

/// A measured number or word, or null.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FactValue")]
#[serde(untagged)]
enum FactValueJson<'a> {
    Number(f64),
    Text(&'a str),
    Unknown(()),
}

impl<'a> PlanJson<'a> {
    fn of(view: &View<'a>) -> Self {
        let plan = view.plan;
        Self {
            format_version: FORMAT_VERSION,
            tool_version: view.tool_version,
            environment: &plan.environment,
            revision: plan.revision.as_deref(),
            base: view.base,
            digest: plan.digest().to_string(),
            summary: SummaryJson::of(&plan.summary),
            changes: plan.changes.iter().map(ChangeJson::of).collect(),
            held: plan.held.iter().map(HeldJson::of).collect(),
            gaps: plan.gaps.iter().map(GapJson::of).collect(),
            parity: &[],
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
            state: State::of(plan),
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

impl<'a> ChangeJson<'a> {
    fn of(change: &'a Change) -> Self {
        let address = change.address();
        Self {
            address: address.as_str(),
            kind: address.kind(),
            site: address.site(),
            component: change.component.as_deref(),
            action: change.action,
            cause: change.cause,
            class: change.class,
            fields: FieldJson::all(&change.fields),
            reasons: &change.reasons,
            source: change.source.as_ref().map(PlaceJson::of),
        }
    }
}

impl<'a> FieldJson<'a> {
    fn all(fields: &'a [FieldChange]) -> Vec<Self> {
        fields
            .iter()
            .map(|field| Self {
                path: &field.path,
                before: field.before.as_ref(),
                after: field.after.as_ref(),
            })
            .collect()
    }
}

impl<'a> PlaceJson<'a> {
    fn of(source: &'a Source) -> Self {
        Self {
            file: &source.file,
            line: source.line,
            column: source.column,
        }
    }
}

impl<'a> HeldJson<'a> {
    pub(super) fn of(held: &'a Held) -> Self {
        Self {
            address: held.address.as_str(),
            code: &held.code,
            reason: &held.reason,
            until: held.until.map(|until| until.to_string()),
            cause: held.cause,
            fields: FieldJson::all(&held.fields),
            source: held.source.as_ref().map(PlaceJson::of),
        }
    }
}

impl<'a> GapJson<'a> {
    fn of(gap: &'a Gap) -> Self {
        Self {
            scope: &gap.scope,
            code: gap.code,
            cause: &gap.cause,
            addresses: gap.addresses.iter().map(Address::as_str).collect(),
        }
    }
}

impl<'a> FindingJson<'a> {
    /// Returns all findings in the order in which reports show them.
    pub(super) fn all(findings: &'a [Finding], sources: &Sources) -> Vec<Self> {
        sorted(findings, sources)
            .into_iter()
            .map(|finding| Self::of(finding, sources))
            .collect()
    }

    fn of(finding: &'a Finding, sources: &Sources) -> Self {
        let places = finding.labels.iter().map(|label| {
            let place = sources.locate(label.span);
            MarkedPlaceJson {
                file: place.file,
                line: place.line,
                column: place.column,
                text: &label.text,
            }
        });
        Self {
            code: finding.code,
            severity: finding.severity,
            message: &finding.message,
            help: &finding.help,
            places: places.collect(),
            addresses: finding.addresses.iter().map(Address::as_str).collect(),
        }
    }
}

impl<'a> FactJson<'a> {
    fn of(address: &'a Address, fact: &'a Fact) -> Self {
        let (value, unknown) = match &fact.value {
            FactValue::Number(number) => (FactValueJson::Number(*number), None),
            FactValue::Text(text) => (FactValueJson::Text(text), None),
            FactValue::Unknown(why) => (FactValueJson::Unknown(()), Some(why.as_str())),
        };
        Self {
            address: address.as_str(),
            name: fact.name,
            value,
            unknown,
            unit: &fact.unit,
            method: &fact.method,
            measured_at: fact.measured_at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixture::World;
    use super::*;

    #[test]
    fn the_keys_stand_in_the_order_of_the_interface() {
        let json = plan_json(&World::busy().view(Mode::Plan)).unwrap();
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
        insta::assert_snapshot!(json, @r#"
        {
          "format_version": "1.0",
          "tool_version": "0.1.0",
          "environment": "foundry",
          "revision": "1a2b3c4d5e6f708192a3b4c5d6e7f80910111213",
          "base": "main",
          "digest": "sha256:f94c46e4cc4396c853508e89b4ed3c5ae2744ecb40d7c531565080041da09f0c",
          "summary": {
            "create": 1,
            "update": 1,
            "replace": 1,
            "delete": 1,
            "forget": 1,
            "adopt": 1,
            "held": 1,
            "unknown": 5,
            "in_sync": 412
          },
          "changes": [
            {
              "address": "global/sample_record/example.com/api/A",
              "kind": "sample_record",
              "site": "global",
              "component": null,
              "action": "create",
              "cause": "unattributed",
              "class": "ordinary",
              "fields": [
                {
                  "path": "/ttl",
                  "before": null,
                  "after": 60
                },
                {
                  "path": "/values",
                  "before": null,
                  "after": [
                    "10.0.0.1"
                  ]
                }
              ],
              "reasons": [],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            },
            {
              "address": "global/sample_record/example.com/www/A",
              "kind": "sample_record",
              "site": "global",
              "component": "shop",
              "action": "update",
              "cause": "drift",
              "class": "ordinary",
              "fields": [
                {
                  "path": "/ttl",
                  "before": 300,
                  "after": 60
                },
                {
                  "path": "/values",
                  "before": [
                    "10.0.0.1",
                    "10.0.0.2"
                  ],
                  "after": [
                    "10.0.0.1",
                    "10.0.0.3"
                  ]
                }
              ],
              "reasons": [],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            },
            {
              "address": "global/sample_record/example.com/old/CNAME",
              "kind": "sample_record",
              "site": "global",
              "component": "shop",
              "action": "delete",
              "cause": "pending",
              "class": "deletion",
              "fields": [
                {
                  "path": "/ttl",
                  "before": 300,
                  "after": null
                }
              ],
              "reasons": [],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            },
            {
              "address": "global/sample_record/example.com/left/TXT",
              "kind": "sample_record",
              "site": "global",
              "component": "shop",
              "action": "forget",
              "cause": "introduced",
              "class": "ordinary",
              "fields": [],
              "reasons": [],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            },
            {
              "address": "ireland/sample_record/bucket-a",
              "kind": "sample_record",
              "site": "ireland",
              "component": "data",
              "action": "adopt",
              "cause": "conflict",
              "class": "protection_cut",
              "fields": [
                {
                  "path": "/rules/[id=old]/days",
                  "before": 30,
                  "after": 7
                },
                {
                  "path": "/policy",
                  "before": "{\"Statement\":[{\"Action\":\"get\",\"Effect\":\"Allow\",\"Resource\":\"arn:sample:bucket/*\"}],\"Version\":\"1\"}",
                  "after": "{\"Statement\":[{\"Action\":\"get-and-put\",\"Effect\":\"Allow\",\"Resource\":\"arn:sample:bucket/*\"}],\"Version\":\"1\"}"
                }
              ],
              "reasons": [],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            },
            {
              "address": "ireland/sample_record/bucket-b",
              "kind": "sample_record",
              "site": "ireland",
              "component": "data",
              "action": "replace",
              "cause": "unattributed",
              "class": "ordinary",
              "fields": [
                {
                  "path": "/region",
                  "before": "eu-1",
                  "after": "eu-2"
                }
              ],
              "reasons": [
                "`region` cannot be changed in place"
              ],
              "source": {
                "file": "environments/foundry/dns.toml",
                "line": 12,
                "column": 1
              }
            }
          ],
          "held": [
            {
              "address": "global/sample_record/example.com/slow/A",
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
              "cause": "ListBuckets: AccessDenied; let the read role of this site list buckets",
              "addresses": [
                "ireland/sample_bucket/bucket-0",
                "ireland/sample_bucket/bucket-1",
                "ireland/sample_bucket/bucket-2",
                "ireland/sample_bucket/bucket-3",
                "ireland/sample_bucket/bucket-4"
              ]
            }
          ],
          "parity": [],
          "findings": [
            {
              "code": "deletes",
              "severity": "error",
              "message": "the plan deletes 1 object",
              "help": "",
              "places": [],
              "addresses": [
                "global/sample_record/example.com/old/CNAME"
              ]
            },
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
          "facts": [],
          "calls": {
            "dns": {
              "List": 34
            }
          },
          "elapsed_ms": 7123,
          "mode": "plan",
          "state": "incomplete",
          "causes": {
            "introduced": 1,
            "pending": 1,
            "drift": 2,
            "conflict": 1,
            "unattributed": 2
          },
          "objects": {
            "declared": 412,
            "read": 407
          },
          "unmanaged": {
            "global/zone/example.com": 32
          },
          "methods": {
            "global/zone/example.com": "whole, 34 pages"
          },
          "budget": {
            "writes": 3,
            "seconds": 12
          },
          "notes": [
            "No state store is configured."
          ]
        }
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
