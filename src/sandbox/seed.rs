//! Puts a world into the state.
//!
//! In: a world as people write it. Out: objects in the services' own form, checked by the same
//! rules as if they had come through the API (but for the limits of a batch). It must not know
//! requests.

use serde_json::Value;
use std::collections::BTreeSet;

use super::answer::Refusal;
use super::autoscaling;
use super::eks;
use super::error::SandboxError;
use super::kubernetes;
use super::route53::records::RecordSet;
use super::route53::zones::Zone;
use super::route53::{change, health, names, rules};
use super::s3::bucket::Bucket;
use super::s3::{configs, settings};
use super::state::{State, identifier};
use super::world::{self, World};
use super::xml::Element;

/// Lays a world over the state. A refused world leaves the state half changed.
pub(crate) fn merge(state: &mut State, world: &World) -> Result<(), SandboxError> {
    if let Some(behaviour) = &world.behaviour {
        state.behaviour = behaviour.clone();
    }
    for account in &world.accounts {
        if account.id.len() != 12 || !account.id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(impossible(
                "account",
                &account.id,
                "an account id has twelve digits",
            ));
        }
        state
            .accounts
            .entry(account.id.clone())
            .or_default()
            .deny
            .clone_from(&account.deny);
        state
            .default_account
            .get_or_insert_with(|| account.id.clone());
    }
    for check in &world.health_checks {
        health_check(state, check)?;
    }
    for zone in &world.zones {
        merge_zone(state, zone)?;
    }
    for bucket in &world.buckets {
        merge_bucket(state, bucket)?;
    }
    kubernetes::seed(state, &world.clusters)?;
    for given in &world.eks_clusters {
        let account = owner(state, given.account.as_ref());
        eks::seed(state, &account, given);
    }
    for given in &world.auto_scaling_groups {
        let account = owner(state, given.account.as_ref());
        autoscaling::seed(state, &account, given);
    }
    for sub in &settings::SUBS {
        for bucket in world.buckets.iter().filter(|bucket| !bucket.absent) {
            setting(state, bucket, sub)?;
        }
    }
    Ok(())
}

fn impossible(kind: &str, name: &str, reason: impl Into<String>) -> SandboxError {
    SandboxError::Impossible {
        what: format!("{kind} {name}"),
        reason: reason.into(),
    }
}

/// The account that owns an object; it exists from then on.
fn owner(state: &mut State, account: Option<&String>) -> String {
    let account = account.cloned().unwrap_or_else(|| state.first_account());
    state.accounts.entry(account.clone()).or_default();
    state.default_account.get_or_insert_with(|| account.clone());
    account
}

fn health_check(state: &mut State, given: &world::HealthCheck) -> Result<(), SandboxError> {
    if given.absent {
        state.health_checks.remove(&given.id);
        return Ok(());
    }
    let before = state.health_checks.get(&given.id).cloned();
    let account = match (&given.account, &before) {
        (None, Some(before)) => before.account.clone(),
        (account, _) => owner(state, account.as_ref()),
    };
    let mut config = before.as_ref().map_or_else(
        || Element::new("HealthCheckConfig"),
        |before| before.config.clone(),
    );
    if !given.kind.is_empty() {
        config.replace(Element::leaf("Type", &given.kind));
    }
    for (name, value) in &given.config {
        config.replace(match (name.as_str(), value) {
            ("ChildHealthChecks", Value::Array(items)) => list(name, "ChildHealthCheck", items),
            ("Regions", Value::Array(items)) => list(name, "Region", items),
            _ => Element::from_value(name, value),
        });
    }
    let config = health::complete(&config)
        .map_err(|reason| impossible("health check", &given.id, reason))?;
    let check = health::HealthCheck {
        id: given.id.clone(),
        account,
        reference: before
            .as_ref()
            .map_or_else(|| given.id.clone(), |old| old.reference.clone()),
        version: before.as_ref().map_or(1, |old| old.version + 1),
        config,
        status: given
            .status
            .or(before.as_ref().map(|old| old.status))
            .unwrap_or_default(),
        tags: given
            .tags
            .clone()
            .or(before.map(|old| old.tags))
            .unwrap_or_default(),
    };
    state.health_checks.insert(check.id.clone(), check);
    Ok(())
}

fn list(name: &str, item: &str, values: &[Value]) -> Element {
    Element::new(name).with_all(values.iter().map(|value| Element::from_value(item, value)))
}

fn merge_zone(state: &mut State, given: &world::Zone) -> Result<(), SandboxError> {
    let refuse = |reason: String| impossible("zone", &given.name, reason);
    let account = owner(state, given.account.as_ref());
    let name = names::canonical(&given.name).map_err(refuse)?;
    let known = match &given.id {
        Some(id) => state.zones.contains_key(id).then(|| id.clone()),
        None => state
            .zones
            .values()
            .find(|zone| {
                (zone.account == account || given.account.is_none())
                    && zone.name == name
                    && zone.private == given.private
            })
            .map(|zone| zone.id.clone()),
    };
    if given.absent {
        known.and_then(|id| state.zones.remove(&id));
        return Ok(());
    }
    let id = known.or_else(|| given.id.clone()).unwrap_or_else(|| {
        let which = if given.private { "private" } else { "public" };
        identifier("Z", &format!("{account} {name} {which}"))
    });
    if let Some(zone) = state.zones.get(&id)
        && (zone.name != name
            || given
                .account
                .as_ref()
                .is_some_and(|given| *given != zone.account))
    {
        return Err(refuse(format!(
            "{id} is {} of account {}",
            zone.name, zone.account
        )));
    }
    let mut zone = match state.zones.remove(&id) {
        Some(zone) => zone,
        None => Zone::new(id.clone(), &account, name, given.private),
    };
    if let Some(vpcs) = &given.vpcs {
        zone.vpcs.clone_from(vpcs);
    }
    if let Some(tags) = &given.tags {
        zone.tags.clone_from(tags);
    }
    if given.comment.is_some() {
        zone.comment.clone_from(&given.comment);
    }
    let foreign = change::foreign(state, &zone.account, &id);
    let placed = records(state, &mut zone, &given.records, &foreign);
    state.zones.insert(id, zone);
    placed
}

/// Places all records first and checks them then, so that their order does not matter.
fn records(
    state: &State,
    zone: &mut Zone,
    given: &[world::Record],
    foreign: &BTreeSet<String>,
) -> Result<(), SandboxError> {
    let refuse = |record: &world::Record, reason: String| {
        impossible(
            "record",
            &format!("{} {}", record.name, record.kind),
            reason,
        )
    };
    let mut placed = Vec::new();
    let mut keys = BTreeSet::new();
    for record in given {
        if record.absent {
            let name = names::canonical(&absolute(&record.name, &zone.name))
                .map_err(|reason| refuse(record, reason))?;
            let id = record.set_identifier.clone().unwrap_or_default();
            zone.records
                .remove(&(names::reversed(&name), record.kind.clone(), id));
            continue;
        }
        let set = RecordSet::read(&element(record, zone))
            .map_err(|refusal| refuse(record, refusal.message))?;
        if let Some(id) = &set.health_check_id
            && !state.health_checks.contains_key(id)
        {
            return Err(refuse(record, format!("there is no health check {id}")));
        }
        let (key, _) = zone.records.put(set);
        if !keys.insert(key.clone()) {
            return Err(refuse(record, "the record set is given twice".to_owned()));
        }
        placed.push((record, key));
    }
    for (record, key) in placed {
        let Some(set) = zone.records.get(&key) else {
            continue;
        };
        let mut reasons = rules::alone(zone, set, foreign);
        reasons.extend(rules::beside(zone, set, |other| *other == key));
        if !reasons.is_empty() {
            return Err(refuse(record, reasons.join(", ")));
        }
    }
    Ok(())
}

/// A name of a world file as a full name.
fn absolute(name: &str, zone: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let bare = zone.trim_end_matches('.');
    if name.is_empty() || name == "@" {
        zone.to_owned()
    } else if name.ends_with('.') || names::within(&lower, bare) {
        name.to_owned()
    } else {
        format!("{name}.{zone}")
    }
}

/// A record of a world file in the shape of the API.
fn element(record: &world::Record, zone: &Zone) -> Element {
    let mut set = Element::new("ResourceRecordSet")
        .with_leaf("Name", absolute(&record.name, &zone.name))
        .with_leaf("Type", &record.kind)
        .with_some("SetIdentifier", record.set_identifier.as_ref())
        .with_some("Weight", record.weight)
        .with_some("Region", record.region.as_ref())
        .with_some("Failover", record.failover.as_ref())
        .with_some("TTL", record.ttl)
        .with_some("HealthCheckId", record.health_check_id.as_ref())
        .with_some(
            "TrafficPolicyInstanceId",
            record.traffic_policy_instance_id.as_ref(),
        );
    if record.multivalue {
        set = set.with_leaf("MultiValueAnswer", true);
    }
    if let Some(geo) = &record.geo {
        set = set.with(
            Element::new("GeoLocation")
                .with_some("ContinentCode", geo.continent.as_ref())
                .with_some("CountryCode", geo.country.as_ref())
                .with_some("SubdivisionCode", geo.subdivision.as_ref()),
        );
    }
    if let Some(near) = &record.geoproximity {
        let point = near.coordinates.as_ref().map(|point| {
            Element::new("Coordinates")
                .with_leaf("Latitude", &point.latitude)
                .with_leaf("Longitude", &point.longitude)
        });
        set = set.with(
            Element::new("GeoProximityLocation")
                .with_some("AWSRegion", near.aws_region.as_ref())
                .with_some("LocalZoneGroup", near.local_zone_group.as_ref())
                .with_all(point)
                .with_some("Bias", near.bias),
        );
    }
    if let Some(cidr) = &record.cidr {
        set = set.with(
            Element::new("CidrRoutingConfig")
                .with_leaf("CollectionId", &cidr.collection_id)
                .with_leaf("LocationName", &cidr.location_name),
        );
    }
    if let Some(alias) = &record.alias {
        let own = alias.zone_id.as_ref().is_none_or(|id| *id == zone.id);
        let name = if own {
            absolute(&alias.name, &zone.name)
        } else {
            alias.name.clone()
        };
        set = set.with(
            Element::new("AliasTarget")
                .with_leaf("HostedZoneId", alias.zone_id.as_ref().unwrap_or(&zone.id))
                .with_leaf("DNSName", name)
                .with_leaf("EvaluateTargetHealth", alias.evaluate_target_health),
        );
    }
    let values = record
        .values
        .iter()
        .map(|value| Element::new("ResourceRecord").with_leaf("Value", value));
    set.with(Element::new("ResourceRecords").with_all(values))
}

fn merge_bucket(state: &mut State, given: &world::Bucket) -> Result<(), SandboxError> {
    if given.absent {
        state.buckets.remove(&given.name);
        return Ok(());
    }
    if let Some(bucket) = state.buckets.get(&given.name) {
        let differs = |given: &Option<String>, is: &str| given.as_ref().is_some_and(|it| it != is);
        if differs(&given.account, &bucket.account) || differs(&given.region, &bucket.region) {
            let reason = format!("it is in {} of account {}", bucket.region, bucket.account);
            return Err(impossible("bucket", &given.name, reason));
        }
    } else {
        let account = owner(state, given.account.as_ref());
        let region = given.region.as_deref().unwrap_or("us-east-1");
        let bucket = Bucket::new(&given.name, &account, region, 0);
        state.buckets.insert(given.name.clone(), bucket);
    }
    for name in &given.remove {
        let sub = settings::SUBS
            .iter()
            .find(|sub| sub.world == name)
            .ok_or_else(|| {
                impossible(
                    "bucket",
                    &given.name,
                    format!("there is no sub-resource {name}"),
                )
            })?;
        if let Some(bucket) = state.buckets.get_mut(&given.name) {
            bucket.settle(sub.query, None);
        }
    }
    Ok(())
}

/// Writes one sub-resource of a bucket, if it is given.
fn setting(
    state: &mut State,
    given: &world::Bucket,
    sub: &settings::Sub,
) -> Result<(), SandboxError> {
    let value = match sub.world {
        "versioning" => &given.versioning,
        "object_lock" => &given.object_lock,
        "replication" => &given.replication,
        "lifecycle" => &given.lifecycle,
        "encryption" => &given.encryption,
        "public_access_block" => &given.public_access_block,
        "ownership" => &given.ownership,
        "policy" => &given.policy,
        _ => &None,
    };
    let element = match (sub.world, value, &given.tags) {
        ("tags", _, Some(tags)) => {
            let set = tags.iter().map(|(key, value)| {
                Element::new("Tag")
                    .with_leaf("Key", key)
                    .with_leaf("Value", value)
            });
            Element::new(sub.root).with(Element::new("TagSet").with_all(set))
        }
        (_, None, _) => return Ok(()),
        ("versioning", Some(Value::String(status)), _) => configs::versioning_of(status),
        ("ownership", Some(Value::String(owner)), _) => configs::ownership_of(owner),
        ("policy", Some(policy @ Value::Object(_)), _) => Element::leaf(sub.root, policy),
        (_, Some(value), _) => Element::from_value(sub.root, value),
    };
    let refuse = |refusal: Refusal| {
        impossible(
            "bucket",
            &format!("{}, {}", given.name, sub.world),
            refusal.message,
        )
    };
    let Some(bucket) = state.buckets.get(&given.name) else {
        return Ok(());
    };
    let element = (sub.check)(state, bucket, 0, element).map_err(refuse)?;
    if let Some(bucket) = state.buckets.get_mut(&given.name) {
        bucket.settle(sub.query, Some(element));
    }
    Ok(())
}
