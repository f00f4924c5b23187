//! Velero, as far as drsync sees what it does: schedules fire, backups complete and expire,
//! locations are checked and synchronised.
//!
//! In: the clusters, the buckets and a moment. Out: the objects as Velero's controllers write them.
//! It must not know requests. Rules: Velero 1.18, `pkg/controller`; no run is made up for, a paused
//! schedule is not looked at, and a read-only location takes no backups.

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Value, json};
use std::str::FromStr;
use std::sync::Arc;

use super::super::state::State;
use super::cluster::{Cluster, key};
use super::managed::Door;
use super::owners::Manager;
use super::request::Objects;
use super::resource::Resource;
use super::write::{self, Way, moment, text};

const MANAGER: &str = "velero-server";
const SCHEDULES: &str = "schedules.velero.io";
const BACKUPS: &str = "backups.velero.io";
const LOCATIONS: &str = "backupstoragelocations.velero.io";
/// How often a location is looked at, in milliseconds.
const MINUTE: i64 = 60_000;
/// How long a backup is kept that says nothing: 30 days.
const KEPT: i64 = 720 * 60 * MINUTE;

/// Moves Velero on in all clusters.
pub(super) fn step(state: &mut State, now: i64) {
    let pace = state.behaviour.ready_after_ms;
    for cluster in &mut state.clusters {
        locations(cluster, now);
        schedules(cluster, now);
        backups(cluster, now, pace);
    }
    synchronise(state, now);
}

fn resource(cluster: &Cluster, plural: &str) -> Option<Resource> {
    cluster.resource("velero.io", "v1", plural)
}

fn all(cluster: &Cluster, resource: &str) -> Vec<Arc<Value>> {
    cluster.list(resource).values().cloned().collect()
}

/// Writes an object as Velero does: as a whole.
fn keep(cluster: &mut Cluster, resource: &Resource, old: &Value, new: Value, now: i64) {
    if *old == new {
        return;
    }
    let status = resource.status && old["spec"] == new["spec"];
    let ask = Objects {
        verb: "update",
        resource: resource.clone(),
        namespace: text(old, "/metadata/namespace"),
        name: text(old, "/metadata/name"),
        sub: if status {
            "status".to_owned()
        } else {
            String::new()
        },
    };
    write::control(cluster, &ask, new, MANAGER, now);
}

fn time(object: &Value, pointer: &str) -> Option<i64> {
    let text = object.pointer(pointer).and_then(Value::as_str)?;
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}

fn locations(cluster: &mut Cluster, now: i64) {
    let Some(resource) = resource(cluster, "backupstoragelocations") else {
        return;
    };
    for old in all(cluster, LOCATIONS) {
        let lost = old
            .pointer("/metadata/annotations/sandbox.drsync~1unavailable")
            .is_some();
        let phase = if lost { "Unavailable" } else { "Available" };
        let checked = time(&old, "/status/lastValidationTime").unwrap_or(0);
        if old["status"]["phase"] == phase && now - checked < MINUTE {
            continue;
        }
        let mut new = (*old).clone();
        new["status"]["phase"] = json!(phase);
        new["status"]["lastValidationTime"] = json!(moment(now));
        if lost {
            new["status"]["message"] =
                json!("BackupStorageLocation is unavailable: the bucket cannot be reached");
        } else {
            new["status"]["lastSyncedTime"] = json!(moment(now));
            if let Some(status) = new["status"].as_object_mut() {
                status.remove("message");
            }
        }
        keep(cluster, &resource, &old, new, now);
    }
}

fn schedules(cluster: &mut Cluster, now: i64) {
    let (Some(resource), Some(backups)) =
        (resource(cluster, "schedules"), resource(cluster, "backups"))
    else {
        return;
    };
    for old in all(cluster, SCHEDULES) {
        if old["spec"]["paused"] == json!(true) {
            continue;
        }
        let mut new = (*old).clone();
        // Velero writes into what people declare.
        new["spec"]["skipImmediately"] = json!(false);
        keep(cluster, &resource, &old, new, now);
        let place = key(
            &text(&old, "/metadata/namespace"),
            &text(&old, "/metadata/name"),
        );
        let Some(old) = cluster.get(SCHEDULES, &place) else {
            continue;
        };
        let mut new = (*old).clone();
        let Ok(cron) = croner::Cron::from_str(&text(&old, "/spec/schedule")) else {
            let text = text(&old, "/spec/schedule");
            new["status"] = json!({ "phase": "FailedValidation", "validationErrors": [format!("invalid schedule: {text}")] });
            keep(cluster, &resource, &old, new, now);
            continue;
        };
        new["status"]["phase"] = json!("Enabled");
        let last =
            time(&old, "/status/lastBackup").or_else(|| time(&old, "/metadata/creationTimestamp"));
        let due = tick(&cron, now).filter(|due| last.is_none_or(|last| *due > last));
        if let Some(due) = due {
            new["status"]["lastBackup"] = json!(moment(due));
        }
        keep(cluster, &resource, &old, new, now);
        if let Some(due) = due {
            fire(cluster, &backups, &old, due);
        }
    }
}

/// The last moment at which a schedule was due.
fn tick(cron: &croner::Cron, now: i64) -> Option<i64> {
    let now: NaiveDateTime = DateTime::from_timestamp(now.div_euclid(1000), 0)?.naive_utc();
    let last = cron.find_previous_occurrence(&now, true).ok()?;
    Some(last.and_utc().timestamp() * 1000)
}

/// Makes the backup of a schedule.
fn fire(cluster: &mut Cluster, backups: &Resource, schedule: &Value, due: i64) {
    let name = text(schedule, "/metadata/name");
    let namespace = text(schedule, "/metadata/namespace");
    let digits: String = moment(due).chars().filter(char::is_ascii_digit).collect();
    let location = text(schedule, "/spec/template/storageLocation");
    let location = if location.is_empty() {
        "default".to_owned()
    } else {
        location
    };
    let mut object = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": { "name": format!("{name}-{digits}"), "namespace": namespace, "labels": { "velero.io/schedule-name": name, "velero.io/storage-location": location } },
        "spec": schedule["spec"]["template"],
        "status": { "phase": "New", "startTimestamp": moment(due) },
    });
    if schedule["spec"]["useOwnerReferencesInBackup"] == json!(true) {
        object["metadata"]["ownerReferences"] = json!([{ "apiVersion": "velero.io/v1", "kind": "Schedule", "name": name, "uid": schedule["metadata"]["uid"], "controller": true }]);
    }
    write::insert(cluster, backups, &namespace, object, &way(backups, due)).ok();
}

fn way(resource: &Resource, now: i64) -> Way {
    Way {
        door: Door::Main {
            status: resource.status,
        },
        manager: Manager {
            applies: false,
            name: MANAGER.to_owned(),
            version: resource.api_version(),
            subresource: String::new(),
        },
        now,
        dry: false,
    }
}

/// A backup begins at once, is done after a while, and goes when it expires.
fn backups(cluster: &mut Cluster, now: i64, pace: i64) {
    let Some(resource) = resource(cluster, "backups") else {
        return;
    };
    for old in all(cluster, BACKUPS) {
        let namespace = text(&old, "/metadata/namespace");
        let wanted = match text(&old, "/spec/storageLocation") {
            none if none.is_empty() => "default".to_owned(),
            wanted => wanted,
        };
        let location = cluster.get(LOCATIONS, &key(&namespace, &wanted));
        let writable = location
            .as_ref()
            .is_some_and(|it| it["spec"]["accessMode"] != "ReadOnly");
        if time(&old, "/status/expiration").is_some_and(|end| end < now) && writable {
            cluster.delete(BACKUPS, &key(&namespace, &text(&old, "/metadata/name")));
            continue;
        }
        let mut new = (*old).clone();
        let begun = time(&old, "/status/startTimestamp").unwrap_or(now);
        match text(&old, "/status/phase").as_str() {
            "" | "New" => {
                let wrong = match &location {
                    None => Some(format!(
                        "backup can't be created because BackupStorageLocation {wanted} not found"
                    )),
                    Some(_) if !writable => Some(format!(
                        "backup can't be created because backup storage location {wanted} is currently in read-only mode"
                    )),
                    Some(it) if it["status"]["phase"] == "Unavailable" => Some(format!(
                        "backup can't be created because BackupStorageLocation {wanted} is in Unavailable status."
                    )),
                    Some(_) => None,
                };
                if let Some(wrong) = wrong {
                    new["status"] =
                        json!({ "phase": "FailedValidation", "validationErrors": [wrong] });
                } else {
                    new["status"]["phase"] = json!("InProgress");
                    new["status"]["startTimestamp"] = json!(moment(begun));
                    new["status"]["expiration"] = json!(moment(begun + ttl(&old)));
                    new["status"]["version"] = json!(1);
                    new["status"]["formatVersion"] = json!("1.1.0");
                }
            }
            "InProgress" => {}
            _ => continue,
        }
        if new["status"]["phase"] == "InProgress" && now >= begun + pace {
            new["status"]["phase"] = json!("Completed");
            new["status"]["completionTimestamp"] = json!(moment(begun + pace));
            new["status"]["progress"] = json!({ "totalItems": 127, "itemsBackedUp": 127 });
        }
        keep(cluster, &resource, &old, new, now);
    }
}

/// A duration as Go writes it, as `720h0m0s`.
fn ttl(backup: &Value) -> i64 {
    let given = text(backup, "/spec/ttl");
    let mut total = 0;
    let mut digits = String::new();
    for letter in given.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            'h' => 60 * MINUTE,
            'm' => MINUTE,
            's' => 1000,
            _ => return KEPT,
        };
        total += digits.parse::<i64>().unwrap_or(0) * unit;
        digits.clear();
    }
    if total == 0 { KEPT } else { total }
}

/// A location shows the backups of every cluster that writes into its bucket, or into one that is
/// replicated there, a minute after they are done.
fn synchronise(state: &mut State, now: i64) {
    let mut arrivals = Vec::new();
    for (to, target) in state.clusters.iter().enumerate() {
        for location in all(target, LOCATIONS) {
            if location["status"]["phase"] != "Available" {
                continue;
            }
            let bucket = text(&location, "/spec/objectStorage/bucket");
            let namespace = text(&location, "/metadata/namespace");
            for (from, source) in state.clusters.iter().enumerate() {
                for backup in all(source, BACKUPS) {
                    let done = time(&backup, "/status/completionTimestamp");
                    let due = done.is_some_and(|done| done + MINUTE <= now);
                    let lasts = time(&backup, "/status/expiration").is_none_or(|end| end > now);
                    let name = match text(&backup, "/spec/storageLocation") {
                        none if none.is_empty() => "default".to_owned(),
                        name => name,
                    };
                    let origin = source.get(
                        LOCATIONS,
                        &key(&text(&backup, "/metadata/namespace"), &name),
                    );
                    let written = origin.map(|origin| text(&origin, "/spec/objectStorage/bucket"));
                    let reaches = written.is_some_and(|written| {
                        written == bucket || replicated(state, &written, &bucket)
                    });
                    let there = key(&namespace, &text(&backup, "/metadata/name"));
                    if from != to
                        && due
                        && lasts
                        && reaches
                        && target.get(BACKUPS, &there).is_none()
                    {
                        arrivals.push((to, namespace.clone(), backup));
                    }
                }
            }
        }
    }
    for (to, namespace, backup) in arrivals {
        let Some(cluster) = state.clusters.get_mut(to) else {
            continue;
        };
        let Some(resource) = resource(cluster, "backups") else {
            continue;
        };
        let mut object = (*backup).clone();
        object["metadata"] =
            json!({ "name": backup["metadata"]["name"], "labels": backup["metadata"]["labels"] });
        write::insert(cluster, &resource, &namespace, object, &way(&resource, now)).ok();
    }
}

/// Whether what is written to one bucket arrives in another.
fn replicated(state: &State, from: &str, to: &str) -> bool {
    let rules = state
        .buckets
        .get(from)
        .and_then(|bucket| bucket.written("replication"));
    rules.is_some_and(|rules| {
        rules.all("Rule").any(|rule| {
            let arn = rule
                .child("Destination")
                .and_then(|it| it.text_at(&["Bucket"]));
            rule.text_at(&["Status"]) == Some("Enabled")
                && arn.is_some_and(|arn| arn.ends_with(&format!(":::{to}")))
        })
    })
}
