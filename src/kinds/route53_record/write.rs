//! Writing records: batches within the service's limits, each change a compare and swap.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::{Change as WireChange, ChangeAction, ChangeBatch, ResourceRecordSet};

use super::codec::{Context, encode};
use super::values;
use super::wire::stored;
use crate::cloud::{CloudError, Effect};
use crate::kinds::route53::sync::wait_insync;
use crate::kinds::route53::zone::{ZoneRef, bare_id};
use crate::kinds::{Ask, KindError, Memo, Write, Written, route53_health_check};
use crate::model::{Action, Change, Map};

/// The most ResourceRecord elements of a batch; an alias counts as one.
///
/// Rule: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>
const MAX_ELEMENTS: usize = 1_000;
/// The most characters of all values of a batch (same rule).
const MAX_CHARACTERS: usize = 32_000;

/// Groups changes into batches: in the order of aliases after targets, one name never split.
pub(super) fn batches(changes: Vec<&Change>) -> (Vec<Vec<&Change>>, Vec<(&Change, KindError)>) {
    let mut by_name: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        by_name.entry(name_of(change)).or_default().push(change);
    }
    let mut done: Vec<Vec<&Change>> = Vec::new();
    let mut failed = Vec::new();
    let (mut elements, mut characters) = (0, 0);
    for name in ordered(&by_name) {
        let Some(group) = by_name.remove(name) else {
            continue;
        };
        let (more_elements, more_characters) = group
            .iter()
            .map(|change| weight(change))
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        if more_elements > MAX_ELEMENTS || more_characters > MAX_CHARACTERS {
            let why = format!(
                "{name} alone has {more_elements} elements and {more_characters} characters; a batch has at most {MAX_ELEMENTS} and {MAX_CHARACTERS}"
            );
            failed.extend(
                group
                    .into_iter()
                    .map(|change| (change, KindError::Unwritable(why.clone()))),
            );
            continue;
        }
        let fits = elements + more_elements <= MAX_ELEMENTS
            && characters + more_characters <= MAX_CHARACTERS;
        match done.last_mut() {
            Some(batch) if fits => batch.extend(group),
            _ => {
                done.push(group);
                (elements, characters) = (0, 0);
            }
        }
        elements += more_elements;
        characters += more_characters;
    }
    (done, failed)
}

pub(super) fn name_of(change: &Change) -> &str {
    change.object.identity.text("name").unwrap_or_default()
}

/// Returns the names in an order in which every alias comes after its target; names that are only
/// deleted come last, in the reverse.
fn ordered<'a>(by_name: &BTreeMap<&'a str, Vec<&'a Change>>) -> Vec<&'a str> {
    let (mut made, mut removed) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for name in by_name.keys() {
        visit(name, by_name, &mut seen, &mut made);
    }
    made.retain(|name| {
        let only_deleted = by_name
            .get(name)
            .is_some_and(|group| group.iter().all(|change| change.action == Action::Delete));
        if only_deleted {
            removed.push(*name);
        }
        !only_deleted
    });
    removed.reverse();
    made.extend(removed);
    made
}

fn visit<'a>(
    name: &'a str,
    by_name: &BTreeMap<&'a str, Vec<&'a Change>>,
    seen: &mut BTreeSet<&'a str>,
    out: &mut Vec<&'a str>,
) {
    if !seen.insert(name) {
        return;
    }
    for change in by_name.get(name).into_iter().flatten() {
        let fields = if change.action == Action::Delete {
            change.before.as_ref()
        } else {
            Some(&change.object.fields)
        };
        for target in fields.into_iter().flat_map(alias_targets) {
            if let Some((target, _)) = by_name.get_key_value(target) {
                visit(target, by_name, seen, out);
            }
        }
    }
    out.push(name);
}

/// Returns the names in this zone that the record is an alias of.
fn alias_targets(fields: &Map) -> Vec<&str> {
    let members = super::shape::GROUPS
        .into_iter()
        .flat_map(|group| fields.list(group))
        .filter_map(crate::model::Value::as_map);
    std::iter::once(fields)
        .chain(members)
        .filter_map(|map| map.map("alias"))
        .filter(|alias| !alias.contains("zone"))
        .filter_map(|alias| alias.text("target"))
        .collect()
}

/// Returns the elements and characters that a change adds to a batch.
fn weight(change: &Change) -> (usize, usize) {
    let of = |fields: Option<&Map>, raw: Option<&Map>| {
        let Some(fields) = fields else { return (0, 0) };
        let no_names = BTreeMap::new();
        let context = Context {
            zone_id: "",
            health_names: &no_names,
        };
        let kind = change.object.identity.text("type").unwrap_or_default();
        let sets = stored(name_of(change), kind, fields, raw, context).unwrap_or_default();
        sets.iter().fold((0, 0), |(elements, characters), set| {
            let values = set.resource_records();
            let more: usize = values
                .iter()
                .map(|record| values::characters(record.value()))
                .sum();
            (elements + values.len().max(1), characters + more)
        })
    };
    let before = of(change.before.as_ref(), change.raw.as_ref());
    let after = if change.action == Action::Delete {
        (0, 0)
    } else {
        of(Some(&change.object.fields), None)
    };
    (before.0 + after.0, before.1 + after.1)
}

pub(super) async fn write(write: &Write<'_>) -> Written {
    match build(write).await {
        Ok((zone_id, changes)) => send(write, &zone_id, changes).await,
        Err(error) => Written::Refused(error),
    }
}

async fn build(write: &Write<'_>) -> Result<(String, Vec<WireChange>), KindError> {
    let memo = Memo::default();
    let objects: Vec<&crate::model::Object> =
        write.changes.iter().map(|change| &change.object).collect();
    let ask = Ask {
        environment: write.environment,
        scope: write.scope,
        objects: &objects,
        whole: false,
        reader: write.writer.reader(),
        memo: &memo,
    };
    let zone_text = objects
        .first()
        .and_then(|object| object.identity.text("zone"))
        .unwrap_or_default();
    let zone_id = match ZoneRef::parse(zone_text) {
        Some(zone) => zone.resolve(ask.aws()?, &memo).await?,
        None => None,
    }
    .ok_or_else(|| {
        KindError::MissingParent(format!("the zone {} is not there", write.scope.name))
    })?;
    let needs_names = write.changes.iter().any(|change| {
        crate::model::Value::Map(change.object.fields.clone())
            .to_string()
            .contains("health_check")
            || change.before.as_ref().is_some_and(|before| {
                crate::model::Value::Map(before.clone())
                    .to_string()
                    .contains("health_check")
            })
    });
    let health_names = if needs_names {
        route53_health_check::names(&ask).await?
    } else {
        BTreeMap::new()
    };
    let context = Context {
        zone_id: &zone_id,
        health_names: &health_names,
    };
    let (mut deletes, mut creates) = (Vec::new(), Vec::new());
    for change in write.changes {
        let kind = change.object.identity.text("type").unwrap_or_default();
        if let Some(before) = &change.before {
            deletes.push(stored(
                name_of(change),
                kind,
                before,
                change.raw.as_ref(),
                context,
            )?);
        }
        if change.action != Action::Delete {
            creates.push(encode(
                name_of(change),
                kind,
                &change.object.fields,
                context,
            )?);
        }
    }
    // The changes stand in the order of creation; removals go the other way.
    deletes.reverse();
    let wire = |action: ChangeAction, set: ResourceRecordSet| {
        WireChange::builder()
            .action(action)
            .resource_record_set(set)
            .build()
            .map_err(|error| KindError::Unwritable(error.to_string()))
    };
    let changes = deletes
        .into_iter()
        .flatten()
        .map(|set| wire(ChangeAction::Delete, set))
        .chain(
            creates
                .into_iter()
                .flatten()
                .map(|set| wire(ChangeAction::Create, set)),
        )
        .collect::<Result<Vec<_>, _>>()?;
    Ok((zone_id, changes))
}

async fn send(write: &Write<'_>, zone_id: &str, changes: Vec<WireChange>) -> Written {
    let writer = match write.aws() {
        Ok(writer) => writer,
        Err(error) => return Written::Refused(error),
    };
    let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
    let batch = match ChangeBatch::builder().set_changes(Some(changes)).build() {
        Ok(batch) => batch,
        Err(error) => return Written::Refused(KindError::Unwritable(error.to_string())),
    };
    writer.pace_changes(count).await;
    let effect = writer
        .send(|| async {
            writer
                .route53()
                .change_resource_record_sets()
                .hosted_zone_id(zone_id)
                .change_batch(batch.clone())
                .send()
                .await
                .map_err(|error| CloudError::of("ChangeResourceRecordSets", &error))
        })
        .await;
    match effect {
        Effect::Refused(error) => Written::Refused(KindError::Cloud(error)),
        Effect::Unknown(error) => Written::Unknown(error.to_string()),
        Effect::Done(answer) => {
            let id = answer
                .change_info()
                .map(|info| bare_id(info.id()))
                .unwrap_or_default();
            match wait_insync(writer, &id, write.progress).await {
                Ok(receipt) => Written::Done(receipt),
                Err(why) => Written::Unknown(why),
            }
        }
    }
}
