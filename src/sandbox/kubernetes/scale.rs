//! The scale subresource: the replicas of anything that has some.
//!
//! In: an object of a scalable resource. Out: its Scale, and the object with other replicas. It
//! must not know who asks.

use serde_json::{Value, json};

use super::resource::Resource;
use super::status::{Cause, Failure};
use super::write::text;

/// The Scale of an object.
pub(super) fn of(resource: &Resource, object: &Value) -> Value {
    let mut meta = json!({});
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        if let Some(value) = object["metadata"].get(field) {
            meta[field] = value.clone();
        }
    }
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    let Some(scale) = &resource.scale else {
        return json!({});
    };
    let mut spec = json!({});
    match number(&scale.spec) {
        0 => {}
        replicas => spec["replicas"] = json!(replicas),
    }
    let mut status = json!({ "replicas": number(&scale.status) });
    let selector = scale.selector.as_ref().and_then(|at| object.pointer(at));
    match selector {
        Some(Value::String(text)) if !text.is_empty() => status["selector"] = json!(text),
        Some(labels @ Value::Object(_)) => {
            let labels = labels["matchLabels"].as_object();
            let labels = labels.into_iter().flatten();
            let labels: Vec<String> = labels
                .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
                .collect();
            status["selector"] = json!(labels.join(","));
        }
        _ => {}
    }
    json!({ "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": spec, "status": status })
}

/// The replicas that a Scale or an object wants.
pub(super) fn wanted(resource: &Resource, object: &Value) -> Value {
    let at = resource.scale.as_ref().map(|scale| scale.spec.as_str());
    at.and_then(|at| object.pointer(at))
        .cloned()
        .unwrap_or_else(|| json!(0))
}

/// Sets the replicas of an object.
pub(super) fn set(resource: &Resource, object: &mut Value, replicas: Value) {
    let path = resource
        .scale
        .as_ref()
        .map_or("", |scale| scale.spec.as_str());
    let mut place = object;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        place = &mut place[step];
    }
    *place = replicas;
}

/// The object with what a Scale asks for.
pub(super) fn applied(
    resource: &Resource,
    object: &Value,
    scale: &Value,
    name: &str,
) -> Result<Value, Failure> {
    let replicas = scale
        .pointer("/spec/replicas")
        .cloned()
        .unwrap_or_else(|| json!(0));
    let Some(number) = replicas.as_i64() else {
        return Err(Failure::bad(
            "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal the replicas",
        ));
    };
    if number < 0 {
        let rule = "must be greater than or equal to 0";
        let cause = Cause::invalid("spec.replicas", &replicas, rule);
        return Err(Failure::invalid("autoscaling", "Scale", name, &[cause]));
    }
    let mut new = object.clone();
    set(resource, &mut new, replicas);
    let version = text(scale, "/metadata/resourceVersion");
    if !version.is_empty() {
        new["metadata"]["resourceVersion"] = json!(version);
    }
    Ok(new)
}
