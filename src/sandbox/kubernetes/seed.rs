//! Puts the clusters of a world into the state.
//!
//! In: clusters as people write them. Out: clusters whose objects wait for the first request: an
//! object needs a time. They are tried out at once, so that a world that cannot be is refused. It
//! must not know requests.

use serde_json::{Map, Value, json};

use super::super::error::SandboxError;
use super::super::state::State;
use super::super::world::{self, ClusterObject};
use super::cluster::{Cluster, key};
use super::decode::{self, Read};
use super::definitions;
use super::managed::Door;
use super::owners::Manager;
use super::request::Objects;
use super::resource::Resource;
use super::write::{self, Way, moment, text};

const VERSION: &str = "v1.36.3";

/// Lays the clusters of a world over the state.
pub(in super::super) fn seed(
    state: &mut State,
    clusters: &[world::Cluster],
) -> Result<(), SandboxError> {
    for given in clusters {
        let refuse = |reason: String| SandboxError::Impossible {
            what: format!("cluster {}/{}", given.site, given.name),
            reason,
        };
        let is = |one: &&mut Cluster| one.site == given.site && one.name == given.name;
        if state.clusters.iter_mut().find(is).is_none() {
            let version = given.version.as_deref().unwrap_or(VERSION);
            state
                .clusters
                .push(Cluster::new(&given.site, &given.name, version));
        }
        let Some(cluster) = state.clusters.iter_mut().find(is) else {
            continue;
        };
        if let Some(version) = &given.version {
            cluster.version.clone_from(version);
        }
        if !given.users.is_empty() {
            cluster.users.clone_from(&given.users);
        }
        for name in &given.definitions {
            let objects = definitions::of(name)
                .ok_or_else(|| refuse(format!("there are no definitions {name}")))?;
            cluster.waiting.extend(objects.into_iter().map(fields));
        }
        for nodes in &given.nodes {
            resize(cluster, nodes);
        }
        cluster.waiting.extend(given.objects.iter().cloned());
        // A rehearsal tells at once what cannot be.
        arrive(&mut cluster.clone(), 0).map_err(refuse)?;
    }
    Ok(())
}

/// Gives a cluster to an account, with nodes that follow its node groups.
pub(in super::super) fn own(
    state: &mut State,
    site: &str,
    name: &str,
    account: &str,
    nodes: &[world::Nodes],
) {
    let cluster = state
        .clusters
        .iter_mut()
        .find(|one| one.site == site && one.name == name);
    if let Some(cluster) = cluster {
        cluster.account = Some(account.to_owned());
        for nodes in nodes {
            resize(cluster, nodes);
        }
    }
}

/// The Kubernetes version of a cluster.
pub(in super::super) fn version(state: &State, site: &str, name: &str) -> String {
    let cluster = state
        .clusters
        .iter()
        .find(|one| one.site == site && one.name == name);
    cluster.map_or_else(|| VERSION.to_owned(), |cluster| cluster.version.clone())
}

/// Lets the nodes of a prefix be as many as they should be.
fn resize(cluster: &mut Cluster, nodes: &world::Nodes) {
    let start = format!("{}-", nodes.prefix);
    let there = cluster
        .list("nodes")
        .keys()
        .filter(|name| name.starts_with(&start))
        .count();
    let most = nodes.count.max(u32::try_from(there).unwrap_or(0));
    for number in 0..most {
        let ready = number + nodes.unready < nodes.count;
        let object = if number < nodes.count {
            node(nodes, number, ready)
        } else {
            let name = format!("{}-{number}", nodes.prefix);
            json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name }, "absent": true })
        };
        cluster.waiting.push(fields(object));
    }
}

fn fields(object: Value) -> ClusterObject {
    match object {
        Value::Object(map) => map.into_iter().collect(),
        _ => ClusterObject::new(),
    }
}

fn node(nodes: &world::Nodes, number: u32, ready: bool) -> Value {
    let status = if ready { "True" } else { "False" };
    let name = format!("{}-{number}", nodes.prefix);
    let mut labels = json!({ "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" });
    for (name, value) in &nodes.labels {
        labels[name] = json!(value);
    }
    json!({
        "apiVersion": "v1", "kind": "Node", "manager": "kubelet", "metadata": { "name": name, "labels": labels },
        "status": {
            "capacity": nodes.capacity, "allocatable": nodes.capacity,
            "conditions": [{ "type": "Ready", "status": status, "reason": if ready { "KubeletReady" } else { "KubeletNotReady" },
                "message": if ready { "kubelet is posting ready status" } else { "container runtime is down" },
                "lastHeartbeatTime": "@-0s", "lastTransitionTime": "@-0s" }],
            "nodeInfo": { "kubeletVersion": VERSION, "operatingSystem": "linux", "architecture": "amd64", "osImage": "", "kernelVersion": "", "containerRuntimeVersion": "containerd://2.1.4", "kubeProxyVersion": "", "machineID": "", "systemUUID": "", "bootID": "" },
        },
    })
}

/// Makes the objects that wait, at a moment.
pub(super) fn arrive(cluster: &mut Cluster, now: i64) -> Result<(), String> {
    for object in std::mem::take(&mut cluster.waiting) {
        let mut object: Value = Value::Object(object.into_iter().collect::<Map<_, _>>());
        let manager = object.as_object_mut().and_then(|map| map.remove("manager"));
        let absent = object.as_object_mut().and_then(|map| map.remove("absent"));
        let manager = manager.as_ref().and_then(Value::as_str).map(str::to_owned);
        date(&mut object, now);
        let (kind, name) = (text(&object, "/kind"), text(&object, "/metadata/name"));
        let failed = |why: String| format!("{kind} {name}: {why}");
        let resource = cluster
            .resource_of(&text(&object, "/apiVersion"), &kind)
            .ok_or_else(|| {
                failed(format!(
                    "there is no kind {kind} of {}",
                    text(&object, "/apiVersion")
                ))
            })?;
        let namespace = match text(&object, "/metadata/namespace") {
            _ if !resource.namespaced => String::new(),
            namespace if namespace.is_empty() => "default".to_owned(),
            namespace => namespace,
        };
        if absent == Some(json!(true)) {
            cluster.delete(&resource.key(), &key(&namespace, &name));
            continue;
        }
        room(cluster, &namespace, now);
        place(cluster, &resource, &namespace, &object, manager, now).map_err(failed)?;
    }
    Ok(())
}

/// Every cluster has these namespaces, and each that an object needs.
fn room(cluster: &mut Cluster, namespace: &str, now: i64) {
    let Some(resource) = super::resource::of_kind("Namespace") else {
        return;
    };
    for name in ["default", "kube-system", namespace] {
        if !name.is_empty() && cluster.get("namespaces", name).is_none() {
            let object =
                json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            write::insert(
                cluster,
                resource,
                "",
                object,
                &way(resource, "kube-apiserver", now),
            )
            .ok();
        }
    }
}

fn way(resource: &Resource, manager: &str, now: i64) -> Way {
    Way {
        door: Door::Main { status: false },
        manager: Manager {
            applies: false,
            name: manager.to_owned(),
            version: resource.api_version(),
            subresource: String::new(),
        },
        now,
        dry: false,
    }
}

fn place(
    cluster: &mut Cluster,
    resource: &Resource,
    namespace: &str,
    object: &Value,
    manager: Option<String>,
    now: i64,
) -> Result<(), String> {
    let mut reader = Read::default();
    let mut read = reader.object(&resource.of, object);
    if let Some(path) = reader.unknown.first() {
        return Err(format!("there is no field {path}"));
    }
    if let Some((path, value, wanted)) = reader.wrong.first() {
        return Err(format!("{path} is {value}, not of type {wanted}"));
    }
    if let Some((path, value)) = reader.quantities.first() {
        return Err(format!("{path} is {value}, which is no quantity"));
    }
    let name = text(&read, "/metadata/name");
    let failed = |failure: super::status::Failure| text(&failure.object(), "/message");
    let ask = Objects {
        verb: "update",
        resource: resource.clone(),
        namespace: namespace.to_owned(),
        name: name.clone(),
        sub: String::new(),
    };
    if let Some(old) = cluster.get(&resource.key(), &key(namespace, &name)) {
        let manager = manager.unwrap_or_else(|| "kubectl-edit".to_owned());
        let mut new = (*old).clone();
        write::overlay(&mut new, object);
        return write::replace(cluster, &ask, &old, new, &way(resource, &manager, now))
            .map(drop)
            .map_err(failed);
    }
    let manager = manager.unwrap_or_else(|| "helm".to_owned());
    let status = read.as_object_mut().and_then(|map| map.remove("status"));
    decode::fill(&resource.of, &mut read);
    let created = text(&read, "/metadata/creationTimestamp");
    let made = write::insert(
        cluster,
        resource,
        namespace,
        read,
        &way(resource, &manager, now),
    )
    .map_err(failed)?;
    let mut whole = (*made).clone();
    if !created.is_empty() {
        whole["metadata"]["creationTimestamp"] = json!(created);
    }
    if let Some(status) = status {
        whole["status"] = status;
    }
    if whole != *made {
        cluster.put(&resource.key(), &key(namespace, &name), whole);
    }
    Ok(())
}

/// Turns `@-36h` into a moment, wherever it stands.
fn date(value: &mut Value, now: i64) {
    match value {
        Value::String(text) => {
            let span = text.strip_prefix("@-").and_then(|span| {
                let (number, unit) = span.split_at(span.len().checked_sub(1)?);
                let unit = match unit {
                    "s" => 1,
                    "m" => 60,
                    "h" => 3600,
                    "d" => 86_400,
                    _ => return None,
                };
                Some(number.parse::<i64>().ok()? * unit * 1000)
            });
            if let Some(span) = span {
                *text = moment(now - span);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| date(item, now)),
        Value::Object(map) => map.values_mut().for_each(|item| date(item, now)),
        _ => {}
    }
}
