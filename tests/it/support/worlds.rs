//! What a sandbox holds, as a value that tests compare: objects only, without counters and clocks.

use std::collections::BTreeMap;

use drsync::sandbox::Sandbox;
use serde_json::Value;

/// The objects of a cloud by name: records as `zone/name/type/set`, health checks by their caller
/// reference, settings of buckets as `bucket/setting`.
pub(crate) type Objects = BTreeMap<String, Value>;

/// Returns all objects. The id of a health check, which the service makes up, is replaced by its
/// reference wherever it stands.
pub(crate) fn objects(sandbox: &Sandbox) -> Objects {
    let mut text = sandbox.to_json().unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    for (id, check) in state["state"]["health_checks"].as_object().unwrap() {
        let reference = check["reference"].as_str().unwrap();
        text = text.replace(id, &format!("<{reference}>"));
    }
    for (id, zone) in state["state"]["zones"].as_object().unwrap() {
        let reference = zone["name"].as_str().unwrap();
        text = text.replace(id, &format!("<{reference}>"));
    }
    let mut state: Value = serde_json::from_str(&text).unwrap();
    let mut all = Objects::new();
    let state = &mut state["state"];
    for (_, zone) in state["zones"].as_object_mut().unwrap() {
        let name = zone["name"].as_str().unwrap().to_owned();
        let records = zone.as_object_mut().unwrap().remove("records").unwrap();
        for (key, record) in flat(records) {
            all.insert(format!("{name}/{key}"), record);
        }
        let zone = zone.as_object_mut().unwrap();
        for moving in ["busy_until", "reference"] {
            zone.remove(moving);
        }
        all.insert(name, Value::Object(zone.clone()));
    }
    for (_, check) in state["health_checks"].as_object_mut().unwrap() {
        let name = check["reference"].as_str().unwrap().to_owned();
        check.as_object_mut().unwrap().remove("version");
        all.insert(name, check.clone());
    }
    for (name, bucket) in state["buckets"].as_object_mut().unwrap() {
        let settings = bucket["settings"].take();
        for (sub, setting) in settings.as_object().unwrap() {
            if !setting["value"].is_null() {
                all.insert(format!("{name}/{sub}"), setting["value"].clone());
            }
        }
        all.insert(name.clone(), bucket.clone());
    }
    all
}

/// The record sets of a zone, each under its name, type and set identifier.
fn flat(records: Value) -> Vec<(String, Value)> {
    match records {
        Value::Array(list) => list.into_iter().flat_map(flat).collect(),
        Value::Object(map) if map.contains_key("kind") => {
            let part = |key: &str| map[key].as_str().unwrap_or_default();
            let key = format!(
                "{}/{}/{}",
                part("name"),
                part("kind"),
                part("set_identifier")
            );
            vec![(key, Value::Object(map))]
        }
        Value::Object(map) => map.into_iter().flat_map(|(_, value)| flat(value)).collect(),
        _ => Vec::new(),
    }
}

/// Returns what differs between two clouds, by name.
pub(crate) fn difference(one: &Objects, other: &Objects) -> Vec<String> {
    one.keys()
        .chain(other.keys())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .filter(|name| one.get(*name) != other.get(*name))
        .map(|name| format!("{name}: {:?} / {:?}", one.get(name), other.get(name)))
        .collect()
}
