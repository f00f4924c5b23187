//! ChangeResourceRecordSets: a batch is applied as a whole or not at all.
//!
//! In: a batch and the zone. Out: a change id, or all reasons in one text `[reason 1, reason 2]`.
//! Changes are taken in order, so a DELETE must come before the CREATE that needs it. UPSERTs are
//! taken as if all the sets that they replace were away first: that is how the members of a
//! weighted group change their TTL, or PRIMARY and SECONDARY their places, in one batch.

use std::collections::BTreeSet;

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo};
use super::super::wire::Service;
use super::super::xml::Element;
use super::records::{Key, RecordSet};
use super::rules;
use super::zones::{self, Zone};

/// The limits of a batch: ResourceRecord elements and characters of Value; UPSERT counts twice
/// (developer guide, "Quotas on ChangeResourceRecordSets requests").
const MOST_RECORDS: usize = 1000;
const MOST_CHARACTERS: usize = 32_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Create,
    Delete,
    Upsert,
}

/// Handles ChangeResourceRecordSets.
pub(crate) fn change(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let zone_id = zones::find(state, visit)?.id.clone();
    let document = zones::document(visit)?;
    let batch = document
        .child("ChangeBatch")
        .ok_or_else(|| zones::invalid_input("Missing field 'ChangeBatch'"))?;
    let changes = read(batch)?;
    zones::not_busy(state, &zone_id, visit.now)?;
    limits(&changes)?;
    if !state.take_changes(visit.account, visit.now, changes.len()) {
        return Err(Refusal::throttled(Service::Route53));
    }
    for (_, set) in changes
        .iter()
        .filter(|(action, _)| *action != Action::Delete)
    {
        if let Some(id) = &set.health_check_id
            && state
                .health_checks
                .get(id)
                .is_none_or(|check| check.account != visit.account)
        {
            return Err(super::health::missing(id));
        }
    }
    let foreign = foreign(state, visit.account, &zone_id);
    let zone = zones::find_mut(state, visit)?;
    let mut log = Vec::new();
    let reasons = apply(zone, &changes, &foreign, &mut log);
    if !reasons.is_empty() {
        zone.records.roll_back(log);
        return Err(invalid_batch(&reasons.join(", ")));
    }
    state.remember(Undo::Records(zone_id.clone(), log));
    let comment = batch.raw("Comment").map(str::to_owned);
    let info = zones::submit(state, visit, &zone_id, comment);
    Ok(Answer::xml(
        Element::new("ChangeResourceRecordSetsResponse").with(info),
    ))
}

/// The ids of the account's other zones: an alias cannot point into them.
pub(crate) fn foreign(state: &State, account: &str, own: &str) -> BTreeSet<String> {
    state
        .zones
        .values()
        .filter(|zone| zone.account == account && zone.id != own)
        .map(|zone| zone.id.clone())
        .collect()
}

fn invalid_batch(reasons: &str) -> Refusal {
    Refusal::new(400, "InvalidChangeBatch", format!("[{reasons}]"))
}

fn read(batch: &Element) -> Result<Vec<(Action, RecordSet)>, Refusal> {
    let changes = batch
        .child("Changes")
        .into_iter()
        .flat_map(|changes| changes.all("Change"))
        .map(|change| {
            let action = match change.text_at(&["Action"]) {
                Some("CREATE") => Action::Create,
                Some("DELETE") => Action::Delete,
                Some("UPSERT") => Action::Upsert,
                _ => return Err(zones::invalid_input("The value of 'Action' is not valid")),
            };
            let set = change
                .child("ResourceRecordSet")
                .ok_or_else(|| zones::invalid_input("Missing field 'ResourceRecordSet'"))?;
            Ok((action, RecordSet::read(set)?))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Err(zones::invalid_input("The change batch has no changes"));
    }
    Ok(changes)
}

fn limits(changes: &[(Action, RecordSet)]) -> Result<(), Refusal> {
    let (records, characters) =
        changes
            .iter()
            .fold((0, 0), |(records, characters), (action, set)| {
                let (more_records, more_characters) = set.size();
                let times = if *action == Action::Upsert { 2 } else { 1 };
                (
                    records + times * more_records,
                    characters + times * more_characters,
                )
            });
    if records > MOST_RECORDS {
        return Err(invalid_batch(&format!(
            "Number of records limit of {MOST_RECORDS} exceeded."
        )));
    }
    if characters > MOST_CHARACTERS {
        return Err(invalid_batch(&format!(
            "Number of characters limit of {MOST_CHARACTERS} exceeded."
        )));
    }
    Ok(())
}

/// Applies what can be, noting how it was; gives the reasons for what cannot.
fn apply(
    zone: &mut Zone,
    changes: &[(Action, RecordSet)],
    foreign: &BTreeSet<String>,
    log: &mut Vec<(Key, Option<RecordSet>)>,
) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut upserts: BTreeSet<Key> = changes
        .iter()
        .filter(|(action, _)| *action == Action::Upsert)
        .map(|(_, set)| set.key())
        .collect();
    let mut done = BTreeSet::new();
    for (action, set) in changes {
        let key = set.key();
        if !done.insert((*action, key.clone())) {
            reasons.push(format!(
                "The request contains an invalid set of changes for a resource record set '{} {}'",
                set.kind, set.name
            ));
            continue;
        }
        upserts.remove(&key);
        let before = zone.records.get(&key);
        let mut refused = match (action, before) {
            (Action::Create, Some(_)) => vec![format!(
                "Tried to create resource record set {} but it already exists",
                set.label()
            )],
            (Action::Delete, before) => deletion(zone, set, before),
            (Action::Create | Action::Upsert, before) => upsertion(set, before),
        };
        if *action != Action::Delete {
            refused.extend(rules::alone(zone, set, foreign));
            refused.extend(rules::beside(zone, set, |other| {
                *other == key || upserts.contains(other)
            }));
        }
        if !refused.is_empty() {
            reasons.append(&mut refused);
        } else if *action == Action::Delete {
            let before = zone.records.remove(&key);
            log.push((key, before));
        } else {
            log.push(zone.records.put(set.clone()));
        }
    }
    reasons
}

/// DELETE needs the set exactly as it is stored.
fn deletion(zone: &Zone, set: &RecordSet, before: Option<&RecordSet>) -> Vec<String> {
    let tried = format!("Tried to delete resource record set {}", set.label());
    match before {
        None => vec![format!("{tried} but it was not found")],
        Some(before) if !before.same(set) => {
            vec![format!(
                "{tried} but the values provided do not match the current values"
            )]
        }
        Some(_) if set.name == zone.name && set.kind == "SOA" => {
            vec!["A HostedZone must contain exactly one SOA record.".to_owned()]
        }
        Some(_) if set.name == zone.name && set.kind == "NS" => {
            vec!["A HostedZone must contain at least one NS record for the zone itself.".to_owned()]
        }
        Some(_) => Vec::new(),
    }
}

/// What a traffic policy instance owns changes only through it. (DELETE is allowed, and leaves a
/// policy instance behind that is still paid for.)
fn upsertion(set: &RecordSet, before: Option<&RecordSet>) -> Vec<String> {
    let owned = |set: &RecordSet| set.traffic_policy_instance_id.is_some();
    if owned(set) || before.is_some_and(owned) {
        return vec![format!(
            "Resource record set {} is managed by a traffic policy instance and cannot be changed",
            set.label()
        )];
    }
    Vec::new()
}
