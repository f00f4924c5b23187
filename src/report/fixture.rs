//! A made-up plan for the tests of this room.
//!
//! In: nothing. Out: changes, held items and gaps of a kind that does not exist. Must not use a
//! real kind, whose table may change.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cloud::CallCounts;
use crate::model::units::PLAIN;
use crate::model::{
    Action, Address, Cause, Change, Class, Field, FieldChange, Finding, Flags, Gap, GapCode, Held,
    Identity, Map, Object, Scope, Shape, Source, Sources, Value,
};
use crate::plan::{Plan, Summary};

use super::view::{Budget, Mode, View};

static RULE: &[Field] = &[
    Field::new("id", Shape::Text(&PLAIN), ""),
    Field::new("days", Shape::Days(1, 9999), ""),
    Field::new("prefix", Shape::Text(&PLAIN), ""),
];

pub(super) static TABLE: Shape = Shape::Table(&[
    Field::new("ttl", Shape::Seconds(0, 1 << 31), ""),
    Field::new(
        "values",
        Shape::List(&Shape::Text(&PLAIN), Identity::Set),
        "",
    ),
    Field::new(
        "rules",
        Shape::List(&Shape::Table(RULE), Identity::Keyed("id")),
        "",
    ),
    Field::new("policy", Shape::Text(&PLAIN), ""),
    Field::new("region", Shape::Text(&PLAIN), "").replace(),
]);

pub(super) fn tables(kind: &str) -> Option<&'static Shape> {
    (kind == "sample_record").then_some(&TABLE)
}

/// The inputs of a report, owned.
#[derive(Debug)]
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) findings: Vec<Finding>,
    pub(super) sources: Sources,
    pub(super) calls: CallCounts,
    pub(super) notes: Vec<String>,
    pub(super) budget: Option<Budget>,
    pub(super) objects: usize,
}

impl World {
    pub(super) fn view(&self, mode: Mode) -> View<'_> {
        View {
            plan: &self.plan,
            findings: &self.findings,
            sources: &self.sources,
            calls: &self.calls,
            elapsed: Duration::from_millis(7_123),
            tool_version: "0.1.0",
            mode,
            objects: self.objects,
            budget: self.budget.as_ref(),
            notes: &self.notes,
            parity: None,
        }
    }

    /// A world in which everything is as declared.
    pub(super) fn quiet() -> Self {
        let plan = Plan {
            environment: "foundry".to_owned(),
            revision: Some("1a2b3c4d5e6f708192a3b4c5d6e7f80910111213".to_owned()),
            summary: Summary {
                in_sync: 412,
                ..Summary::default()
            },
            ..Plan::default()
        };
        let pages = BTreeMap::from([("List".to_owned(), 34)]);
        Self {
            plan,
            findings: Vec::new(),
            sources: Sources::default(),
            calls: BTreeMap::from([("dns".to_owned(), pages)]),
            notes: Vec::new(),
            budget: None,
            objects: 412,
        }
    }
    /// Adds a change and counts it.
    pub(super) fn with(mut self, change: Change) -> Self {
        let sum = &mut self.plan.summary;
        *match change.action {
            Action::Create => &mut sum.create,
            Action::Update => &mut sum.update,
            Action::Replace => &mut sum.replace,
            Action::Delete => &mut sum.delete,
            Action::Forget => &mut sum.forget,
            Action::Adopt => &mut sum.adopt,
        } += 1;
        self.plan.changes.push(change);
        self
    }

    pub(super) fn with_held(mut self, held: Held) -> Self {
        self.plan.summary.held += 1;
        self.plan.held.push(held);
        self
    }

    pub(super) fn with_gap(mut self, objects: usize) -> Self {
        let address =
            |number| Address::new("ireland", "sample_bucket", &format!("bucket-{number}"));
        self.plan.summary.unknown += objects;
        self.plan.gaps.push(Gap {
            scope: "ireland/sample_bucket".to_owned(),
            code: GapCode::Forbidden,
            cause: "List: AccessDenied; let the read role of this site list buckets".to_owned(),
            addresses: (0..objects).map(address).collect(),
        });
        self
    }

    /// A world with one of everything.
    pub(super) fn busy() -> Self {
        let policy = |action: &str| {
            format!(
                r#"{{"Statement":[{{"Action":"{action}","Effect":"Allow","Resource":"arn:sample:bucket/*"}}],"Version":"1"}}"#
            )
        };
        let mut world = Self::quiet()
            .with(
                change("global", "example.com/api/A", Action::Create)
                    .field("/ttl", "null", "60")
                    .field("/values", "null", r#"["10.0.0.1"]"#),
            )
            .with(
                change("global", "example.com/www/A", Action::Update)
                    .component("shop")
                    .cause(Cause::Drift)
                    .field("/ttl", "300", "60")
                    .field(
                        "/values",
                        r#"["10.0.0.1","10.0.0.2"]"#,
                        r#"["10.0.0.1","10.0.0.3"]"#,
                    ),
            )
            .with(
                change("global", "example.com/old/CNAME", Action::Delete)
                    .component("shop")
                    .class(Class::Deletion)
                    .cause(Cause::Pending)
                    .field("/ttl", "300", "null"),
            )
            .with(
                change("global", "example.com/left/TXT", Action::Forget)
                    .component("shop")
                    .cause(Cause::Introduced),
            )
            .with(
                change("ireland", "bucket-a", Action::Adopt)
                    .component("data")
                    .class(Class::ProtectionCut)
                    .cause(Cause::Conflict)
                    .field("/rules/[id=old]/days", "30", "7")
                    .values(
                        "/policy",
                        Some(Value::from(policy("get"))),
                        Some(Value::from(policy("get-and-put"))),
                    ),
            )
            .with(
                change("ireland", "bucket-b", Action::Replace)
                    .component("data")
                    .field("/region", r#""eu-1""#, r#""eu-2""#)
                    .reason("`region` cannot be changed in place"),
            )
            .with_held(held("example.com/slow/A"))
            .with_gap(5);
        world
            .plan
            .unmanaged
            .insert("global/zone/example.com".to_owned(), 32);
        world.plan.methods.insert(
            "global/zone/example.com".to_owned(),
            "whole, 34 pages".to_owned(),
        );
        world.notes.push("No state store is configured.".to_owned());
        world.budget = Some(Budget {
            writes: 3,
            seconds: 12,
        });
        let file = world.sources.add(
            "environments/foundry/dns.toml",
            "[[record]]\nname = \"www\"\nttl = 60\n",
        );
        let at = |range: std::ops::Range<usize>| crate::model::Span::new(file, &range);
        world.findings.push(
            Finding::warning("short-ttl", "the TTL is shorter than the health check")
                .at(at(24..32), "lower than 90s")
                .at(at(11..23), "of this record")
                .help("set `ttl = 90s`"),
        );
        world.findings.push(
            Finding::error("deletes", "the plan deletes 1 object").about(Address::new(
                "global",
                "sample_record",
                "example.com/old/CNAME",
            )),
        );
        world
    }
}

pub(super) fn change(site: &str, id: &str, action: Action) -> Change {
    Change {
        object: Object {
            address: Address::new(site, "sample_record", id),
            scope: Scope::new(site, "zone/example.com"),
            identity: Map::new(),
            fields: Map::new(),
        },
        action,
        cause: Cause::Unattributed,
        class: Class::Ordinary,
        fields: Vec::new(),
        reasons: Vec::new(),
        component: None,
        source: Some(Source {
            file: "environments/foundry/dns.toml".to_owned(),
            line: 12,
            column: 1,
        }),
        flags: Flags::default(),
        after: Vec::new(),
        observed: None,
        before: None,
        raw: None,
    }
}

/// Builds a change up, step by step.
pub(super) trait Build: Sized {
    fn with(self, edit: impl FnOnce(&mut Change)) -> Self;

    /// Adds a field, both values as JSON; `null` is absence.
    fn field(self, path: &str, before: &str, after: &str) -> Self {
        let value = |json: &str| -> Option<Value> { serde_json::from_str(json).ok() };
        self.values(path, value(before), value(after))
    }

    fn values(self, path: &str, before: Option<Value>, after: Option<Value>) -> Self {
        let path = path.to_owned();
        self.with(|change| {
            change.fields.push(FieldChange {
                path,
                before,
                after,
            });
        })
    }

    fn component(self, name: &str) -> Self {
        self.with(|change| change.component = Some(name.to_owned()))
    }

    fn cause(self, cause: Cause) -> Self {
        self.with(|change| change.cause = cause)
    }

    fn class(self, class: Class) -> Self {
        self.with(|change| change.class = class)
    }

    fn reason(self, reason: &str) -> Self {
        self.with(|change| change.reasons.push(reason.to_owned()))
    }
}

impl Build for Change {
    fn with(mut self, edit: impl FnOnce(&mut Change)) -> Self {
        edit(&mut self);
        self
    }
}

pub(super) fn held(id: &str) -> Held {
    Held {
        address: Address::new("global", "sample_record", id),
        code: "old-ttl".to_owned(),
        reason: "readers may keep the old values until the old TTL of 300s has passed".to_owned(),
        until: "2026-07-30T12:00:00Z".parse().ok(),
        fields: vec![FieldChange {
            path: "/ttl".to_owned(),
            before: Some(300.into()),
            after: Some(60.into()),
        }],
        cause: Cause::Drift,
        source: None,
    }
}
