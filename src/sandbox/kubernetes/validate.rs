//! The rules that an object must keep: those that people break.
//!
//! In: an object, or an object before and after. Out: a cause for each rule that is broken. It must
//! not know requests. Rules: `pkg/apis/*/validation` of Kubernetes 1.36, and structural schemas.

use serde_json::{Value, json};

use super::resource::Resource;
use super::status::Cause;
use super::write::text;

const NAME: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const IMMUTABLE: &str = "field is immutable";

/// The rules for a new object.
pub(super) fn new(resource: &Resource, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let name = text(object, "/metadata/name");
    if name.is_empty() {
        causes.push(Cause::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else if !subdomain(&name) {
        causes.push(Cause::invalid("metadata.name", &json!(name), NAME));
    }
    causes.extend(always(resource, object));
    causes
}

/// The rules for a change.
pub(super) fn change(resource: &Resource, old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = always(resource, new);
    let fixed: &[&str] = match resource.kind.as_str() {
        _ if resource.is_custom() => &[],
        "Deployment" => &["/spec/selector"],
        "StorageClass" => &[
            "/provisioner",
            "/parameters",
            "/reclaimPolicy",
            "/volumeBindingMode",
        ],
        "Secret" => &["/type"],
        "PriorityClass" => &["/value"],
        _ => &[],
    };
    for pointer in fixed {
        let value = new.pointer(pointer);
        if value != old.pointer(pointer) {
            let field = pointer.trim_start_matches('/').replace('/', ".");
            let value = value.cloned().unwrap_or_default();
            causes.push(match resource.kind.as_str() {
                "PriorityClass" => Cause::forbidden("value", "may not be changed in an update."),
                _ => Cause::invalid(&field, &value, IMMUTABLE),
            });
        }
    }
    if old["immutable"] == json!(true) && old["data"] != new["data"] {
        causes.push(Cause::forbidden(
            "data",
            "field is immutable when `immutable` is set",
        ));
    }
    if resource.kind == "StatefulSet" && !resource.is_custom() {
        causes.extend(stateful(old, new));
    }
    causes
}

/// A stateful set can change little of its spec.
fn stateful(old: &Value, new: &Value) -> Option<Cause> {
    const OPEN: [&str; 8] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
        "serviceName",
    ];
    let closed = |object: &Value| {
        let mut spec = object["spec"].clone();
        if let Some(spec) = spec.as_object_mut() {
            for field in OPEN.iter().take(7) {
                spec.remove(*field);
            }
        }
        spec
    };
    (closed(old) != closed(new)).then(|| Cause::forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"))
}

fn always(resource: &Resource, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Some(schema) = &resource.openapi {
        structural(schema, object, "", &mut causes);
        // What is missing is said first.
        causes.sort_by_key(|cause| !cause.is_missing());
        return causes;
    }
    match resource.kind.as_str() {
        "Deployment" | "StatefulSet" => workload(object, &mut causes),
        "HorizontalPodAutoscaler" => autoscaler(object, &mut causes),
        "PodDisruptionBudget" => {
            let both = object.pointer("/spec/minAvailable").is_some()
                && object.pointer("/spec/maxUnavailable").is_some();
            if both {
                let rule = "minAvailable and maxUnavailable cannot be both set";
                causes.push(Cause::invalid("spec", &object["spec"], rule));
            }
        }
        "Service" => {
            let kind = text(object, "/spec/type");
            let headless = text(object, "/spec/clusterIP") == "None";
            let ports = object.pointer("/spec/ports").and_then(Value::as_array);
            if kind != "ExternalName" && !headless && ports.is_none_or(Vec::is_empty) {
                causes.push(Cause::required("spec.ports", ""));
            }
        }
        "StorageClass" if text(object, "/provisioner").is_empty() => {
            causes.push(Cause::required("provisioner", ""));
        }
        "CustomResourceDefinition" => {
            let wanted = format!(
                "{}.{}",
                text(object, "/spec/names/plural"),
                text(object, "/spec/group")
            );
            let name = json!(text(object, "/metadata/name"));
            if name != json!(wanted) {
                let rule = "must be spec.names.plural+\".\"+spec.group";
                causes.push(Cause::invalid("metadata.name", &name, rule));
            }
        }
        _ => {}
    }
    causes
}

fn workload(object: &Value, causes: &mut Vec<Cause>) {
    let replicas = object
        .pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    if replicas < 0 {
        let rule = "must be greater than or equal to 0";
        causes.push(Cause::invalid("spec.replicas", &json!(replicas), rule));
    }
    let labels = object
        .pointer("/spec/template/metadata/labels")
        .cloned()
        .unwrap_or_else(|| json!({}));
    match object.pointer("/spec/selector") {
        None => causes.push(Cause::required("spec.selector", "")),
        Some(selector) => {
            let wanted = selector["matchLabels"].as_object();
            if wanted
                .into_iter()
                .flatten()
                .any(|(name, value)| labels.get(name) != Some(value))
            {
                let rule = "`selector` does not match template `labels`";
                causes.push(Cause::invalid(
                    "spec.template.metadata.labels",
                    &labels,
                    rule,
                ));
            }
        }
    }
    let containers = object
        .pointer("/spec/template/spec/containers")
        .and_then(Value::as_array);
    if containers.is_none_or(Vec::is_empty) {
        causes.push(Cause::required("spec.template.spec.containers", ""));
    }
    for (at, container) in containers.into_iter().flatten().enumerate() {
        let field = format!("spec.template.spec.containers[{at}]");
        for name in ["name", "image"] {
            if text(container, &format!("/{name}")).is_empty() {
                causes.push(Cause::required(&format!("{field}.{name}"), ""));
            }
        }
    }
}

fn autoscaler(object: &Value, causes: &mut Vec<Cause>) {
    let number = |field: &str| {
        object
            .pointer(&format!("/spec/{field}"))
            .and_then(Value::as_i64)
    };
    let (least, most) = (
        number("minReplicas").unwrap_or(1),
        number("maxReplicas").unwrap_or(0),
    );
    if least < 1 {
        let rule = "must be greater than or equal to 1";
        causes.push(Cause::invalid("spec.minReplicas", &json!(least), rule));
    }
    if most < 1 {
        causes.push(Cause::invalid(
            "spec.maxReplicas",
            &json!(most),
            "must be greater than 0",
        ));
    }
    if most < least {
        let rule = "must be greater than or equal to `minReplicas`";
        causes.push(Cause::invalid("spec.maxReplicas", &json!(most), rule));
    }
    for field in ["kind", "name"] {
        if text(object, &format!("/spec/scaleTargetRef/{field}")).is_empty() {
            causes.push(Cause::required(&format!("spec.scaleTargetRef.{field}"), ""));
        }
    }
}

/// What a structural schema asks of values, beside their types.
fn structural(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let child = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            causes.push(Cause::required(&child(name), ""));
        }
    }
    if let Some(choice) = schema["enum"].as_array()
        && !choice.contains(value)
    {
        let choice: Vec<&str> = choice.iter().filter_map(Value::as_str).collect();
        causes.push(Cause::unsupported(path, value, &choice));
    }
    let bounds = [("minimum", "greater", true), ("maximum", "less", false)];
    for (name, word, least) in bounds {
        if let (Some(bound), Some(number)) = (schema[name].as_f64(), value.as_f64())
            && (if least {
                number < bound
            } else {
                number > bound
            })
        {
            let rule = format!("{path} in body should be {word} than or equal to {bound}");
            causes.push(Cause::invalid(path, value, &rule));
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            structural(property, value, &child(name), causes);
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (at, value) in values.iter().enumerate() {
            structural(items, value, &format!("{path}[{at}]"), causes);
        }
    }
}

/// A DNS subdomain, as most names must be.
fn subdomain(name: &str) -> bool {
    let part = |part: &str| {
        let edge = |letter: Option<char>| {
            letter.is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        edge(part.chars().next())
            && edge(part.chars().last())
            && part
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
    };
    name.len() <= 253 && name.split('.').all(part)
}
