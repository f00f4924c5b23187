//! A plan as rules see it: the values of the variables in `vocabulary`.
//!
//! In: a plan. Out: tables of plain values, one set for each thing that rules are evaluated for.

use std::collections::{BTreeMap, HashMap};

use cel::Value;

use super::vocabulary::{Name, Subject, Type};
use crate::model::{self, Action, Cause, Change, Class, FieldChange, Flags, Map};
use crate::plan::{Plan, ScopeTotals};

/// The variables of one evaluation.
pub(super) type Variables = Vec<(&'static str, Value)>;

/// A plan, ready to be looked at change by change and scope by scope.
pub(super) struct View<'a> {
    shown: Value,
    scopes: BTreeMap<&'a str, Value>,
}

impl<'a> View<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut adopted: BTreeMap<String, usize> = BTreeMap::new();
        for change in &plan.changes {
            if change.action == Action::Adopt {
                *adopted.entry(change.object.scope.to_string()).or_default() += 1;
            }
        }
        let scopes = plan.scopes.iter().map(|(scope, totals)| {
            let adopted = adopted.get(scope).copied().unwrap_or_default();
            (scope.as_str(), scope_value(scope, *totals, adopted))
        });
        Self {
            shown: plan_value(plan),
            scopes: scopes.collect(),
        }
    }

    pub(super) fn of_change(&self, change: &Change, scope: &str) -> Variables {
        vec![
            ("change", change_value(change, scope)),
            ("scope", self.scope(scope)),
            ("plan", self.shown.clone()),
        ]
    }

    pub(super) fn of_scope(&self, scope: &str) -> Variables {
        vec![("scope", self.scope(scope)), ("plan", self.shown.clone())]
    }

    pub(super) fn of_plan(&self) -> Variables {
        vec![("plan", self.shown.clone())]
    }

    fn scope(&self, name: &str) -> Value {
        let known = self.scopes.get(name).cloned();
        known.unwrap_or_else(|| scope_value(name, ScopeTotals::default(), 0))
    }
}

fn scope_value(name: &str, totals: ScopeTotals, adopted: usize) -> Value {
    record([
        ("name", name.into()),
        ("live", count(totals.live)),
        ("changed", count(totals.changed)),
        ("deleted", count(totals.deleted)),
        ("adopted", count(adopted)),
        ("changed_share", share(totals.changed, totals.live)),
        ("deleted_share", share(totals.deleted, totals.live)),
    ])
}

fn change_value(change: &Change, scope: &str) -> Value {
    let address = change.address();
    record([
        ("address", address.as_str().into()),
        ("site", address.site().into()),
        ("kind", address.kind().into()),
        ("id", address.id().into()),
        ("scope", scope.into()),
        (
            "component",
            change.component.as_deref().unwrap_or_default().into(),
        ),
        ("identity", map_value(&change.object.identity)),
        ("action", action_word(change.action).into()),
        ("cause", cause_word(change.cause).into()),
        ("class", class_word(change.class).into()),
        (
            "fields",
            change
                .fields
                .iter()
                .map(field_value)
                .collect::<Vec<Value>>()
                .into(),
        ),
        ("flags", flags_value(change.flags)),
    ])
}

fn field_value(field: &FieldChange) -> Value {
    let optional = |value: &Option<model::Value>| value.as_ref().map_or(Value::Null, plain);
    record([
        ("path", field.path.as_str().into()),
        ("before", optional(&field.before)),
        ("after", optional(&field.after)),
    ])
}

fn flags_value(flags: Flags) -> Value {
    let Flags {
        observe,
        adopt,
        prune,
        convert,
    } = flags;
    record([
        ("observe", observe.into()),
        ("adopt", adopt.into()),
        ("prune", prune.into()),
        ("convert", convert.into()),
    ])
}

fn plan_value(plan: &Plan) -> Value {
    let summary = plan.summary;
    record([
        ("environment", plan.environment.as_str().into()),
        ("create", count(summary.create)),
        ("update", count(summary.update)),
        ("replace", count(summary.replace)),
        ("delete", count(summary.delete)),
        ("forget", count(summary.forget)),
        ("adopt", count(summary.adopt)),
        ("held", count(summary.held)),
        ("unknown", count(summary.unknown)),
        ("in_sync", count(summary.in_sync)),
    ])
}

/// Returns made-up variables, with which a message can be tried before there is a plan.
pub(super) fn sample(subject: Subject) -> Variables {
    subject
        .variables()
        .iter()
        .map(|variable| (variable.name, sample_value(variable.of)))
        .collect()
}

fn sample_value(of: Type) -> Value {
    match of {
        Type::Dyn | Type::Null => Value::Null,
        Type::Bool => true.into(),
        Type::Int => Value::Int(1),
        Type::Double => Value::Float(0.5),
        Type::Text => "text".into(),
        Type::Word(words) => words.first().copied().unwrap_or_default().into(),
        Type::List(item) => vec![sample_value(*item)].into(),
        Type::Record(names) => record(
            names
                .iter()
                .map(|Name { name, of }| (*name, sample_value(*of))),
        ),
        Type::Open => map_value(&Map::new()),
    }
}

fn record(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    fields.into_iter().collect::<HashMap<_, _>>().into()
}

fn map_value(map: &Map) -> Value {
    map.iter()
        .map(|(key, value)| (key, plain(value)))
        .collect::<HashMap<_, _>>()
        .into()
}

fn plain(value: &model::Value) -> Value {
    match value {
        model::Value::Bool(truth) => (*truth).into(),
        model::Value::Int(number) => Value::Int(*number),
        model::Value::Float(number) => Value::Float(*number),
        model::Value::Text(text) => text.as_ref().into(),
        model::Value::List(items) => items.iter().map(plain).collect::<Vec<Value>>().into(),
        model::Value::Map(map) => map_value(map),
    }
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Returns a share between 0 and 1; nothing of nothing is 0.
#[allow(
    clippy::cast_precision_loss,
    reason = "a share of more objects than a float counts exactly is as good as exact"
)]
fn share(part: usize, whole: usize) -> Value {
    Value::Float(if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    })
}

const fn action_word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Forget => "forget",
        Action::Adopt => "adopt",
    }
}

const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::Introduced => "introduced",
        Cause::Pending => "pending",
        Cause::Drift => "drift",
        Cause::Conflict => "conflict",
        Cause::Unattributed => "unattributed",
    }
}

const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Ordinary => "ordinary",
        Class::CapacityCut => "capacity_cut",
        Class::ProtectionCut => "protection_cut",
        Class::Deletion => "deletion",
        Class::Role => "role",
    }
}
