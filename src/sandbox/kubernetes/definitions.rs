//! The custom resource definitions that a world can install by name.
//!
//! In: `velero`, `karpenter`, `cluster-api` or `cnpg`. Out: definitions with the fields that
//! controllers and people use; other fields are kept as they are written. It must not know objects.

use serde_json::{Value, json};

/// The definitions of a product.
pub(super) fn of(product: &str) -> Option<Vec<Value>> {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer", "format": "int32" });
    let flag = || json!({ "type": "boolean" });
    let open = || json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    Some(match product {
        "velero" => vec![
            definition(
                ("velero.io", "v1", "Schedule", "schedules"),
                &["status"],
                &json!({
                    "required": ["schedule", "template"],
                    "schedule": text(), "paused": flag(), "skipImmediately": flag(),
                    "useOwnerReferencesInBackup": flag(), "template": open(),
                }),
            ),
            definition(
                ("velero.io", "v1", "Backup", "backups"),
                &[],
                &json!({ "x-open": true }),
            ),
            definition(
                ("velero.io", "v1", "Restore", "restores"),
                &[],
                &json!({ "x-open": true }),
            ),
            definition(
                (
                    "velero.io",
                    "v1",
                    "BackupStorageLocation",
                    "backupstoragelocations",
                ),
                &[],
                &json!({
                    "required": ["objectStorage", "provider"],
                    "provider": text(), "default": flag(), "backupSyncPeriod": text(), "validationFrequency": text(),
                    "accessMode": { "type": "string", "enum": ["ReadOnly", "ReadWrite"] },
                    "config": { "type": "object", "additionalProperties": text() },
                    "credential": open(),
                    "objectStorage": { "type": "object", "required": ["bucket"], "x-kubernetes-preserve-unknown-fields": true, "properties": { "bucket": text(), "prefix": text(), "caCert": text() } },
                }),
            ),
            definition(
                (
                    "velero.io",
                    "v1",
                    "VolumeSnapshotLocation",
                    "volumesnapshotlocations",
                ),
                &[],
                &json!({ "x-open": true }),
            ),
        ],
        "karpenter" => vec![definition(
            ("karpenter.sh", "v1", "NodePool", "nodepools"),
            &["status", "cluster"],
            &json!({
                "required": ["template"],
                "limits": { "type": "object", "additionalProperties": { "x-kubernetes-int-or-string": true } },
                "replicas": { "type": "integer", "minimum": 0 }, "weight": { "type": "integer", "minimum": 1, "maximum": 100 },
                "disruption": { "type": "object", "default": { "consolidateAfter": "0s" }, "x-kubernetes-preserve-unknown-fields": true, "properties": {
                    "consolidateAfter": text(),
                    "consolidationPolicy": { "type": "string", "default": "WhenEmptyOrUnderutilized", "enum": ["WhenEmpty", "WhenEmptyOrUnderutilized"] },
                    "budgets": { "type": "array", "default": [{ "nodes": "10%" }], "items": open() },
                } },
                "template": open(),
            }),
        )],
        "cluster-api" => vec![definition(
            (
                "cluster.x-k8s.io",
                "v1beta2",
                "MachineDeployment",
                "machinedeployments",
            ),
            &["status", "scale"],
            &json!({
                "required": ["clusterName", "template"],
                "clusterName": { "type": "string" }, "replicas": number(), "selector": open(), "template": open(),
                "rollout": open(), "deletion": open(), "remediation": open(), "machineNaming": open(), "paused": flag(),
            }),
        )],
        "cnpg" => vec![definition(
            ("postgresql.cnpg.io", "v1", "Cluster", "clusters"),
            &["status", "scale"],
            &json!({
                "x-open": true, "required": ["instances"],
                "instances": { "type": "integer", "default": 1, "minimum": 1 },
                "enablePDB": { "type": "boolean", "default": true },
                "primaryUpdateStrategy": { "type": "string", "default": "unsupervised", "enum": ["unsupervised", "supervised"] },
                "logLevel": { "type": "string", "default": "info" },
                "maxSyncReplicas": { "type": "integer", "default": 0 }, "minSyncReplicas": { "type": "integer", "default": 0 },
            }),
        )],
        _ => return None,
    })
}

/// A definition with the fields of its spec.
fn definition(
    (group, version, kind, plural): (&str, &str, &str, &str),
    has: &[&str],
    fields: &Value,
) -> Value {
    let mut spec = json!({ "type": "object" });
    let mut properties = fields.clone();
    if let Some(map) = properties.as_object_mut() {
        if map.remove("x-open").is_some() {
            spec["x-kubernetes-preserve-unknown-fields"] = json!(true);
        }
        if let Some(required) = map.remove("required") {
            spec["required"] = required;
        }
        if !map.is_empty() {
            spec["properties"] = json!(map);
        }
    }
    let mut subresources = json!({});
    if has.contains(&"status") {
        subresources["status"] = json!({});
    }
    if has.contains(&"scale") {
        let (spec, status) = match kind {
            "Cluster" => (".spec.instances", ".status.instances"),
            _ => (".spec.replicas", ".status.replicas"),
        };
        subresources["scale"] = json!({ "specReplicasPath": spec, "statusReplicasPath": status, "labelSelectorPath": ".status.selector" });
    }
    let schema = json!({ "type": "object", "properties": {
        "apiVersion": { "type": "string" }, "kind": { "type": "string" }, "metadata": { "type": "object" },
        "spec": spec, "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
    } });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.{group}") },
        "spec": {
            "group": group, "scope": if has.contains(&"cluster") { "Cluster" } else { "Namespaced" },
            "names": { "kind": kind, "plural": plural },
            "versions": [{ "name": version, "served": true, "storage": true, "schema": { "openAPIV3Schema": schema }, "subresources": subresources }],
        },
    })
}
