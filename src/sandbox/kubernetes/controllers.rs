//! What moves objects on while time passes: the controllers of a cluster, as far as drsync sees
//! what they do.
//!
//! In: the clusters and a moment. Out: statuses that follow specs after a while, replicas between
//! the bounds of an autoscaler. It must not know requests.

use serde_json::{Value, json};

use super::super::state::State;
use super::cluster::Cluster;
use super::request::Objects;
use super::resource::Resource;
use super::write::{self, moment, text};
use super::{seed, velero};

const MANAGER: &str = "kube-controller-manager";

/// Moves all clusters on.
pub(super) fn step(state: &mut State, now: i64) {
    let pace = state.behaviour.ready_after_ms;
    for cluster in &mut state.clusters {
        if !cluster.waiting.is_empty() {
            // What was refused was refused when the world was read.
            if let Err(error) = seed::arrive(cluster, now) {
                tracing::error!(%error, "an object of the world cannot be");
            }
            settle(cluster, now);
        }
        definitions(cluster, now);
        nodes(cluster, now);
        autoscalers(cluster, now);
        workloads(cluster, now, pace);
        budgets(cluster, now);
        quotas(cluster, now);
    }
    velero::step(state, now);
}

/// What a world describes has been there for long: it is ready at once.
fn settle(cluster: &mut Cluster, now: i64) {
    autoscalers(cluster, now);
    workloads(cluster, now, 0);
}

fn ask(resource: &Resource, object: &Value, sub: &str) -> Objects {
    Objects {
        verb: "update",
        resource: resource.clone(),
        namespace: text(object, "/metadata/namespace"),
        name: text(object, "/metadata/name"),
        sub: sub.to_owned(),
    }
}

/// Keeps a status that changed.
fn keep(cluster: &mut Cluster, resource: &Resource, object: &Value, status: Value, now: i64) {
    if object["status"] != status {
        let mut new = object.clone();
        new["status"] = status;
        write::control(cluster, &ask(resource, object, "status"), new, MANAGER, now);
    }
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// A deployment or a stateful set becomes ready a while after its spec changed.
fn workloads(cluster: &mut Cluster, now: i64, pace: i64) {
    for kind in ["Deployment", "StatefulSet"] {
        let Some(resource) = super::resource::of_kind(kind) else {
            continue;
        };
        let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
        for object in objects {
            let uid = text(&object, "/metadata/uid");
            let generation = number(&object, "/metadata/generation");
            let wanted = number(&object, "/spec/replicas");
            let stuck = object
                .pointer("/metadata/annotations/sandbox.drsync~1stuck")
                .is_some();
            let done = number(&object, "/status/observedGeneration") == generation;
            let ready = number(&object, "/status/readyReplicas");
            if done && ready == wanted {
                cluster.due.remove(&uid);
                continue;
            }
            if !done || !cluster.due.contains_key(&uid) {
                cluster.due.insert(uid.clone(), now + pace);
            }
            let due = cluster.due.get(&uid).is_some_and(|due| *due <= now) && !stuck;
            let there = if due { wanted } else { ready.min(wanted) };
            let status = workload_status(&object, (wanted, there, generation), now);
            keep(cluster, resource, &object, status, now);
        }
    }
}

fn workload_status(
    object: &Value,
    (wanted, ready, generation): (i64, i64, i64),
    now: i64,
) -> Value {
    let mut status = json!({ "observedGeneration": generation });
    for (field, count) in [
        ("replicas", wanted),
        ("updatedReplicas", wanted),
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("unavailableReplicas", wanted - ready),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if object["kind"] == "StatefulSet" {
        for field in ["replicas", "availableReplicas"] {
            let count = if field == "replicas" { wanted } else { ready };
            status[field] = json!(count);
        }
        let revision = format!("{}-{generation}", text(object, "/metadata/name"));
        status["currentRevision"] = json!(revision);
        status["updateRevision"] = json!(revision);
        status["currentReplicas"] = json!(ready);
        if let Some(map) = status.as_object_mut() {
            map.remove("unavailableReplicas");
        }
        return status;
    }
    let whole = ready == wanted;
    let name = text(object, "/metadata/name");
    let condition = |kind: &str, good: bool, reason: &str, message: String| {
        let value = if good { "True" } else { "False" };
        let old = object
            .pointer("/status/conditions")
            .and_then(Value::as_array);
        let old = old
            .into_iter()
            .flatten()
            .find(|it| it["type"] == kind && it["status"] == value);
        let time = old.map_or_else(
            || json!(moment(now)),
            |old| old["lastTransitionTime"].clone(),
        );
        let same = old.is_some_and(|old| old["reason"] == reason);
        let updated = old
            .filter(|_| same)
            .map_or_else(|| json!(moment(now)), |old| old["lastUpdateTime"].clone());
        json!({ "type": kind, "status": value, "reason": reason, "message": message, "lastTransitionTime": time, "lastUpdateTime": updated })
    };
    let available = if whole {
        condition(
            "Available",
            true,
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.".to_owned(),
        )
    } else {
        condition(
            "Available",
            false,
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.".to_owned(),
        )
    };
    let progressing = if whole {
        condition(
            "Progressing",
            true,
            "NewReplicaSetAvailable",
            format!("ReplicaSet \"{name}\" has successfully progressed."),
        )
    } else {
        condition(
            "Progressing",
            true,
            "ReplicaSetUpdated",
            format!("ReplicaSet \"{name}\" is progressing."),
        )
    };
    status["conditions"] = json!([available, progressing]);
    status
}

/// An autoscaler keeps the replicas of its target between its bounds, unless they are 0.
fn autoscalers(cluster: &mut Cluster, now: i64) {
    let Some(resource) = super::resource::of_kind("HorizontalPodAutoscaler") else {
        return;
    };
    let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
    for object in objects {
        let target = &object["spec"]["scaleTargetRef"];
        let namespace = text(&object, "/metadata/namespace");
        let kind = cluster.resource_of(&text(target, "/apiVersion"), &text(target, "/kind"));
        let found = kind.filter(|kind| kind.scale.is_some()).and_then(|kind| {
            let key = super::cluster::key(&namespace, &text(target, "/name"));
            let found = cluster.get(&kind.key(), &key)?;
            Some((kind, found))
        });
        let condition = |kind: &str, good: bool, reason: &str| {
            let value = if good { "True" } else { "False" };
            let old = object
                .pointer("/status/conditions")
                .and_then(Value::as_array);
            let old = old
                .into_iter()
                .flatten()
                .find(|it| it["type"] == kind && it["status"] == value);
            let time = old.map_or_else(
                || json!(moment(now)),
                |old| old["lastTransitionTime"].clone(),
            );
            json!({ "type": kind, "status": value, "reason": reason, "message": "", "lastTransitionTime": time })
        };
        let Some((kind, found)) = found else {
            let status = json!({ "desiredReplicas": 0, "conditions": [condition("AbleToScale", false, "FailedGetScale")] });
            keep(cluster, resource, &object, status, now);
            continue;
        };
        let replicas = super::scale::wanted(&kind, &found).as_i64().unwrap_or(1);
        let least = number(&object, "/spec/minReplicas").max(1);
        let most = number(&object, "/spec/maxReplicas");
        let wanted = if replicas == 0 {
            0
        } else {
            replicas.clamp(least, most.max(least))
        };
        let mut status = json!({ "desiredReplicas": wanted, "conditions": [
            condition("AbleToScale", true, "ReadyForNewScale"),
            condition("ScalingActive", wanted != 0, if wanted == 0 { "ScalingDisabled" } else { "ValidMetricFound" }),
        ] });
        if replicas > 0 {
            status["currentReplicas"] = json!(replicas);
        }
        if let Some(time) = object.pointer("/status/lastScaleTime") {
            status["lastScaleTime"] = time.clone();
        }
        if wanted != replicas {
            status["lastScaleTime"] = json!(moment(now));
            status["currentReplicas"] = json!(wanted);
            let mut new = (*found).clone();
            super::scale::set(&kind, &mut new, json!(wanted));
            write::control(cluster, &ask(&kind, &found, "scale"), new, MANAGER, now);
        }
        keep(cluster, resource, &object, status, now);
    }
}

/// A disruption budget counts the ready pods of the workloads that its selector meets.
fn budgets(cluster: &mut Cluster, now: i64) {
    let Some(resource) = super::resource::of_kind("PodDisruptionBudget") else {
        return;
    };
    let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
    for object in objects {
        let (mut expected, mut healthy) = (0, 0);
        for kind in ["deployments.apps", "statefulsets.apps"] {
            for workload in cluster.list(kind).values() {
                let labels = &workload["spec"]["template"]["metadata"]["labels"];
                let selector = object
                    .pointer("/spec/selector/matchLabels")
                    .and_then(Value::as_object);
                let meets = selector.is_some_and(|selector| {
                    selector
                        .iter()
                        .all(|(name, value)| labels.get(name) == Some(value))
                });
                if meets && workload["metadata"]["namespace"] == object["metadata"]["namespace"] {
                    expected += number(workload, "/spec/replicas");
                    healthy += number(workload, "/status/readyReplicas");
                }
            }
        }
        let part = |pointer: &str| match object.pointer(pointer)? {
            Value::Number(count) => count.as_i64(),
            Value::String(text) => {
                let percent: i64 = text.trim_end_matches('%').parse().ok()?;
                Some((expected * percent + 99) / 100)
            }
            _ => None,
        };
        let desired = match (part("/spec/minAvailable"), part("/spec/maxUnavailable")) {
            (Some(least), _) => least,
            (None, Some(most)) => expected - most,
            (None, None) => expected - 1,
        }
        .max(0);
        let status = json!({
            "observedGeneration": object["metadata"]["generation"], "expectedPods": expected,
            "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": (healthy - desired).max(0),
        });
        let mut status = status;
        if let Some(conditions) = object.pointer("/status/conditions") {
            status["conditions"] = conditions.clone();
        }
        keep(cluster, resource, &object, status, now);
    }
}

/// A definition is accepted as soon as somebody looks.
fn definitions(cluster: &mut Cluster, now: i64) {
    let Some(resource) = super::resource::of_kind("CustomResourceDefinition") else {
        return;
    };
    let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
    for object in objects {
        if object.pointer("/status/conditions/0").is_none() {
            let status = super::defaults::accepted(&object, &moment(now));
            let mut new = (*object).clone();
            new["status"] = status;
            let ask = ask(resource, &object, "status");
            write::control(cluster, &ask, new, "kube-apiserver", now);
        }
    }
}

/// A node that is ready is for pods.
fn nodes(cluster: &mut Cluster, now: i64) {
    let Some(resource) = super::resource::of_kind("Node") else {
        return;
    };
    let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
    for object in objects {
        let conditions = object
            .pointer("/status/conditions")
            .and_then(Value::as_array);
        let mut conditions = conditions.into_iter().flatten();
        let ready = conditions.any(|it| it["type"] == "Ready" && it["status"] == "True");
        let taints = object.pointer("/spec/taints").and_then(Value::as_array);
        let tainted = |taint: &Value| taint["key"] == "node.kubernetes.io/not-ready";
        if ready && taints.is_some_and(|taints| taints.iter().any(tainted)) {
            let mut new = (*object).clone();
            let left: Vec<Value> = taints
                .into_iter()
                .flatten()
                .filter(|taint| !tainted(taint))
                .cloned()
                .collect();
            if let Some(spec) = new["spec"].as_object_mut() {
                spec.remove("taints");
                if !left.is_empty() {
                    spec.insert("taints".to_owned(), Value::Array(left));
                }
            }
            write::control(cluster, &ask(resource, &object, ""), new, MANAGER, now);
        }
    }
}

fn quotas(cluster: &mut Cluster, now: i64) {
    let Some(resource) = super::resource::of_kind("ResourceQuota") else {
        return;
    };
    let objects: Vec<_> = cluster.list(&resource.key()).values().cloned().collect();
    for object in objects {
        let Some(hard) = object.pointer("/spec/hard").and_then(Value::as_object) else {
            continue;
        };
        let used: Value = hard.keys().map(|name| (name.clone(), json!("0"))).collect();
        keep(
            cluster,
            resource,
            &object,
            json!({ "hard": hard, "used": used }),
            now,
        );
    }
}
