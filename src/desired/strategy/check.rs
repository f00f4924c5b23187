//! Every name that the strategy uses must be declared, and every schedule must be one.
//!
//! In: decoded tables. Out: findings. Must not know whether the strategy can work.

use std::collections::BTreeMap;

use super::{
    BACKUP, CAPACITY, CHANNEL, COMPONENT, CRITERION, EXCLUSION, EXERCISE, FAILOVER, LOCATION,
    MESSAGE, PERSON, ROLE, STEP, STRATEGY, TIER, VERIFICATION, is_placeholder,
};
use crate::desired::parsed::{Parsed, Table};
use crate::desired::tables::{Head, SITE};
use crate::desired::validate::{cycle, unknown};
use crate::desired::{codes, graph};
use crate::model::{Finding, Value};

/// Which field of which table names what: the table, the field (of a table within, after a slash),
/// and the group that declares the names.
static REFERENCES: &[(&Head, &str, &Head)] = &[
    (&STRATEGY, "owner", &ROLE),
    (&STRATEGY, "approved_by", &PERSON),
    (&STRATEGY, "declared_by", &ROLE),
    (&STRATEGY, "scope", &COMPONENT),
    (&EXCLUSION, "owner", &ROLE),
    (&COMPONENT, "tier", &TIER),
    (&COMPONENT, "depends_on", &COMPONENT),
    (&COMPONENT, "data_in", &COMPONENT),
    (&COMPONENT, "owner", &ROLE),
    (&COMPONENT, "failover/clients_via", &COMPONENT),
    (&LOCATION, "site", &SITE),
    (&BACKUP, "component", &COMPONENT),
    (&BACKUP, "locations", &LOCATION),
    (&VERIFICATION, "components", &COMPONENT),
    (&FAILOVER, "components", &COMPONENT),
    (&STEP, "failover", &FAILOVER),
    (&STEP, "components", &COMPONENT),
    (&STEP, "needs", &STEP),
    (&STEP, "owner", &ROLE),
    (&STEP, "messages", &MESSAGE),
    (&EXERCISE, "components", &COMPONENT),
    (&EXERCISE, "roles", &ROLE),
    (&EXERCISE, "failover", &FAILOVER),
    (&CRITERION, "tier", &TIER),
    (&ROLE, "primary", &PERSON),
    (&ROLE, "backup", &PERSON),
    (&CHANNEL, "hosted_at", &SITE),
    (&MESSAGE, "channels", &CHANNEL),
];

/// Checks the names and the schedules of a strategy.
pub(in crate::desired) fn check(parsed: &Parsed, findings: &mut Vec<Finding>) {
    for (head, field, group) in REFERENCES {
        for table in tables(parsed, head) {
            references(parsed, table, field, group, findings);
        }
    }
    circle(parsed, &COMPONENT, "depends_on", "components", findings);
    circle(parsed, &STEP, "needs", "steps", findings);
    for table in parsed.list(&BACKUP) {
        schedule(table, findings);
    }
    for (name, table) in parsed.named(&CAPACITY) {
        units(name, table, findings);
    }
}

/// Returns all tables of a head, whichever form it has.
fn tables<'p>(parsed: &'p Parsed, head: &Head) -> impl Iterator<Item = &'p Table> {
    let single = parsed.single.get(head.name).into_iter();
    let named = parsed.named.get(head.name).into_iter().flatten();
    single
        .chain(named.map(|(_, table)| table))
        .chain(parsed.lists.get(head.name).into_iter().flatten())
}

fn references(
    parsed: &Parsed,
    table: &Table,
    field: &str,
    group: &Head,
    findings: &mut Vec<Finding>,
) {
    let (field, within) = field
        .split_once('/')
        .map_or((field, None), |(a, b)| (a, Some(b)));
    let value = match within {
        None => table.values.get(field),
        Some(key) => table.values.map(field).and_then(|map| map.get(key)),
    };
    let names: Vec<&str> = match value {
        Some(Value::Text(name)) => vec![name.as_ref()],
        Some(Value::List(items)) => items.iter().filter_map(Value::as_text).collect(),
        _ => return,
    };
    for name in names {
        // Who is still to be found is a weakness of the strategy and no slip of the pen.
        if group.name == PERSON.name && is_placeholder(name) {
            continue;
        }
        let span = table.places.of(field);
        let known = parsed.named(group).map(|(name, _)| name);
        unknown(code(group), group.name, name, span, known, findings);
    }
}

fn code(group: &Head) -> &'static str {
    match group.name {
        "tier" => codes::UNKNOWN_TIER,
        "component" => codes::UNKNOWN_COMPONENT,
        "site" => codes::UNKNOWN_SITE,
        _ => codes::UNKNOWN_REFERENCE,
    }
}

fn circle(parsed: &Parsed, head: &Head, field: &str, what: &str, findings: &mut Vec<Finding>) {
    let needs: BTreeMap<&str, Vec<&str>> = parsed
        .named(head)
        .map(|(name, table)| {
            let wanted = table.values.list(field).iter();
            (name, wanted.filter_map(Value::as_text).collect())
        })
        .collect();
    let circle = graph::circle(&needs);
    let at = circle.first().and_then(|first| {
        let (_, table) = parsed.named(head).find(|(name, _)| name == first)?;
        Some(table.places.of(field))
    });
    if let Some(at) = at {
        findings.push(cycle(what, &circle, Some(at)));
    }
}

/// A backup has one schedule: `every`, `cron` or `continuous`.
fn schedule(table: &Table, findings: &mut Vec<Finding>) {
    let given = ["every", "cron", "continuous"];
    let mut given = given.into_iter().filter(|key| match table.values.get(key) {
        Some(Value::Bool(truth)) => *truth,
        value => value.is_some(),
    });
    // A log is shipped all the time, and in pieces of so many minutes.
    let (first, second) = (given.next(), given.find(|key| *key != "continuous"));
    if let (Some(first), Some(second)) = (first, second) {
        findings.push(
            Finding::error(
                codes::BAD_SCHEDULE,
                format!("the backup has `{first}` and `{second}`"),
            )
            .at(table.places.of(second), "")
            .at(table.places.of(first), "")
            .help("keep one of the two"),
        );
    }
}

/// The amounts of one capacity are all numbers, or all sizes.
fn units(name: &str, table: &Table, findings: &mut Vec<Finding>) {
    let is_size = |value: &Value| matches!(value, Value::Text(_));
    let Some(primary) = table.values.get("primary").map(is_size) else {
        return;
    };
    for key in ["dr", "failover", "quota", "reserved"] {
        if table
            .values
            .get(key)
            .is_some_and(|value| is_size(value) != primary)
        {
            findings.push(
                Finding::error(
                    codes::WRONG_TYPE,
                    format!("`[capacity.{name}]` has numbers and sizes"),
                )
                .at(table.places.of(key), "")
                .at(table.places.of("primary"), "")
                .help("write all of them as numbers, or all of them as sizes such as \"400GB\""),
            );
        }
    }
}
