//! The rules that need the zone: which record sets may stand beside each other.
//!
//! In: a zone, and a set that is to be put into it. Out: the service's reasons to refuse it, all of
//! them. It must not know batches: who counts as a neighbour is for the caller to say.

use std::collections::BTreeSet;

use super::records::{Content, Key, Policy, RecordSet};
use super::zones::Zone;
use super::{names, values};

/// The zone of all CloudFront distributions (AliasTarget, HostedZoneId).
const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";

/// The most members of a group with a routing policy, and the most values of a set.
const MOST: usize = 100;

/// Why a set cannot be what it is, whatever stands beside it.
pub(crate) fn alone(zone: &Zone, set: &RecordSet, foreign: &BTreeSet<String>) -> Vec<String> {
    let mut reasons = Vec::new();
    let RecordSet { name, kind, .. } = set;
    if !names::within(name, &zone.name) {
        reasons.push(format!(
            "RRSet with DNS name {name} is not permitted in zone {}",
            zone.name
        ));
    }
    let apex = *name == zone.name;
    if apex && kind == "CNAME" {
        reasons.push(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    if !apex && kind == "SOA" {
        reasons.push(format!(
            "RRSet of type SOA with DNS name {name} is only permitted at apex"
        ));
    }
    match &set.content {
        Content::Plain(_, list) => plain(set, list, &mut reasons),
        Content::Alias {
            zone: target_zone,
            name: target,
            evaluate,
        } => {
            let tried = format!(
                "Tried to create an alias that targets {target}, type {kind} in zone {target_zone}"
            );
            if foreign.contains(target_zone) {
                reasons.push(format!(
                    "{tried}, but the alias target must be in the record's own zone"
                ));
            }
            if *target_zone == zone.id && !names::within(target, &zone.name) {
                reasons.push(format!(
                    "{tried}, but the alias target name does not lie within the target zone"
                ));
            }
            if *evaluate && target_zone == CLOUDFRONT {
                reasons.push(format!(
                    "{tried}, but EvaluateTargetHealth must be false for it"
                ));
            }
            match set.policy {
                Policy::Failover(_) if !evaluate => reasons.push(format!(
                    "{tried}, but EvaluateTargetHealth must be true for a failover alias"
                )),
                Policy::Multivalue => reasons.push(format!(
                    "{tried}, but a multivalue answer record cannot be an alias"
                )),
                _ => {}
            }
            if kind == "NS" || kind == "SOA" {
                reasons.push(format!("{tried}, but {kind} records cannot be aliases"));
            }
        }
    }
    reasons
}

fn plain(set: &RecordSet, list: &[String], reasons: &mut Vec<String>) {
    let RecordSet { name, kind, .. } = set;
    for value in list {
        if let Some(problem) = values::problem(kind, value) {
            reasons.push(format!("Invalid Resource Record: '{problem}'"));
        }
    }
    let mut seen = BTreeSet::new();
    for value in list {
        if !seen.insert(value) {
            reasons.push(format!("Duplicate Resource Record: '{value}'"));
        }
    }
    if list.len() > MOST {
        reasons.push(format!(
            "RRSet with DNS name {name}, type {kind} contains {} resource records; the limit is {MOST}",
            list.len()
        ));
    }
    let single = match set.policy {
        Policy::Weighted(_) => Some("weighted"),
        _ if kind == "CNAME" => Some("CNAME"),
        _ if kind == "SOA" => Some("SOA"),
        _ => None,
    };
    if let Some(which) = single.filter(|_| list.len() > 1) {
        reasons.push(format!(
            "{which} RRSet with DNS name {name}, type {kind} contains more than one resource record"
        ));
    }
}

/// Why a set cannot stand beside what the zone holds; `ignored` are sets that do not count.
pub(crate) fn beside(zone: &Zone, set: &RecordSet, ignored: impl Fn(&Key) -> bool) -> Vec<String> {
    let mut reasons = BTreeSet::new();
    let RecordSet { name, kind, .. } = set;
    let full = match &set.set_identifier {
        Some(id) => format!("RRSet with DNS name {name}, type {kind}, SetIdentifier {id}"),
        None => format!("RRSet with DNS name {name}, type {kind}"),
    };
    let mut members = 0;
    for (_, other) in zone.records.named(name).filter(|(key, _)| !ignored(key)) {
        if other.kind != *kind {
            if kind == "CNAME" {
                reasons.insert(format!(
                    "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts \
                     with other records with the same DNS name in zone {}",
                    zone.name
                ));
            } else if other.kind == "CNAME" {
                reasons.insert(format!(
                    "RRSet of type {kind} with DNS name {name} is not permitted because a \
                     conflicting RRSet of type CNAME with the same DNS name already exists in zone {}",
                    zone.name
                ));
            }
            continue;
        }
        members += 1;
        if set.policy.name() != other.policy.name() {
            reasons.insert(format!(
                "{full} cannot be created because a non {} rrset exists with the same name and type",
                set.policy.name()
            ));
            continue;
        }
        let taken = match (&set.policy, &set.content, &other.content) {
            (Policy::Weighted(_), Content::Plain(one, _), Content::Plain(two, _)) if one != two => {
                Some(format!(
                    "it has TTL {one} and other weighted RRSets of the group have {two}"
                ))
            }
            (
                Policy::Failover(_)
                | Policy::Latency(_)
                | Policy::Geolocation(_)
                | Policy::IpBased(_),
                _,
                _,
            ) if set.policy == other.policy => Some(format!(
                "another RRSet of the group has the same {} value",
                set.policy.name()
            )),
            _ => None,
        };
        if let Some(why) = taken {
            reasons.insert(format!("{full} cannot be created because {why}"));
        }
    }
    if members >= MOST && set.policy != Policy::Simple {
        reasons.insert(format!(
            "{full} cannot be created because the group has {MOST} members"
        ));
    }
    if let Content::Alias {
        zone: target_zone,
        name: target,
        ..
    } = &set.content
        && *target_zone == zone.id
        && names::within(target, &zone.name)
        && !zone
            .records
            .named(target)
            .any(|(_, other)| other.kind == *kind)
    {
        reasons.insert(format!(
            "Tried to create an alias that targets {target}, type {kind} in zone {}, but that \
             target was not found",
            zone.id
        ));
    }
    reasons.into_iter().collect()
}
