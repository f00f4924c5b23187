//! Deletes objects, and what goes with them.
//!
//! In: a cluster and a question. Out: the Status of a deletion, or the object that waits for its
//! finalizers. It must not know how objects are written.

use serde_json::{Value, json};

use super::cluster::{Cluster, key};
use super::read;
use super::request::{Objects, Visit};
use super::resource::Resource;
use super::status::Failure;
use super::write::{moment, text};

/// Deletes an object.
pub(super) fn delete(
    cluster: &mut Cluster,
    visit: &Visit,
    ask: &Objects,
) -> Result<Value, Failure> {
    let old = read::get(cluster, ask)?;
    let options: Value = serde_json::from_slice(&visit.body).unwrap_or_default();
    for (field, named) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
        let asked = options
            .pointer(&format!("/preconditions/{field}"))
            .and_then(Value::as_str);
        let is = text(&old, &format!("/metadata/{field}"));
        if asked.is_some_and(|asked| asked != is) {
            let why = format!(
                "the {named} in the precondition ({}) does not match the {named} in record ({is}). The object might have been deleted and then recreated",
                asked.unwrap_or_default()
            );
            return Err(Failure::precondition(&ask.resource, &ask.name, &why));
        }
    }
    let dry = visit.dry()
        || options["dryRun"]
            .as_array()
            .is_some_and(|it| !it.is_empty());
    let key = key(&ask.namespace, &ask.name);
    let held = old
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array)
        .is_some_and(|it| !it.is_empty());
    if held {
        let mut object = (*old).clone();
        object["metadata"]["deletionTimestamp"] = json!(moment(visit.now));
        object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
        if dry || old["metadata"]["deletionTimestamp"].is_string() {
            return Ok(object);
        }
        return Ok((*cluster.put(&ask.resource.key(), &key, object)).clone());
    }
    if !dry {
        cluster.delete(&ask.resource.key(), &key);
        after_delete(cluster, &ask.resource, &old);
    }
    let mut details =
        json!({ "name": ask.name, "kind": ask.resource.plural, "uid": old["metadata"]["uid"] });
    if !ask.resource.group.is_empty() {
        details["group"] = json!(ask.resource.group);
    }
    Ok(
        json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details }),
    )
}

/// A namespace takes its objects along, a definition its resources, an owner what it owns.
fn after_delete(cluster: &mut Cluster, resource: &Resource, old: &Value) {
    let (name, uid) = (text(old, "/metadata/name"), text(old, "/metadata/uid"));
    let mut gone = Vec::new();
    for other in cluster.resources() {
        for (key, object) in cluster.list(&other.key()) {
            let owned = object
                .pointer("/metadata/ownerReferences")
                .and_then(Value::as_array);
            let owned = owned
                .into_iter()
                .flatten()
                .any(|owner| owner["uid"] == json!(uid));
            let inside =
                resource.kind == "Namespace" && object["metadata"]["namespace"] == json!(name);
            if owned || inside {
                gone.push((other.clone(), key.clone()));
            }
        }
    }
    if resource.kind == "CustomResourceDefinition" {
        let all: Vec<String> = cluster.list(&name).keys().cloned().collect();
        for key in all {
            cluster.delete(&name, &key);
        }
    }
    for (other, key) in gone {
        if let Some(old) = cluster.delete(&other.key(), &key) {
            after_delete(cluster, &other, &old);
        }
    }
}
