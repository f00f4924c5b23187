//! What the API server fills in when nobody says: the defaults of the built-in kinds, and what a
//! new object's status begins with.
//!
//! In: an object of a kind. Out: the object with its defaults. It must not know who wrote it.
//! Rules: the API reference of each kind, and `pkg/apis/*/defaults.go` of Kubernetes 1.36.

use serde_json::{Map, Value, json};

use super::decode;
use super::resource::Resource;
use super::write::text;

/// Fills in the defaults.
pub(super) fn fill(resource: &Resource, object: &mut Value) {
    decode::fill(&resource.of, object);
    if resource.is_custom() {
        return;
    }
    match resource.kind.as_str() {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "HorizontalPodAutoscaler" => autoscaler(object),
        "Secret" => secret(object),
        "Service" => service(object),
        "Namespace" => namespace(object),
        "StorageClass" => {
            put(object, "reclaimPolicy", json!("Delete"));
            put(object, "volumeBindingMode", json!("Immediate"));
        }
        "PriorityClass" => {
            put(object, "preemptionPolicy", json!("PreemptLowerPriority"));
        }
        "CustomResourceDefinition" => definition(object),
        "Ingress" => {
            for path in items(object, "/spec/rules") {
                for path in items(path, "/http/paths") {
                    put(path, "pathType", json!("ImplementationSpecific"));
                }
            }
        }
        _ => {}
    }
}

/// Sets what is not there.
fn put(object: &mut Value, field: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.entry(field.to_owned()).or_insert(value);
    }
}

/// The object at a path, made if it is not there.
fn at<'a>(object: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(object, |object, step| {
        let next = &mut object[*step];
        if next.is_null() {
            *next = Value::Object(Map::new());
        }
        next
    })
}

fn items<'a>(object: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    object
        .pointer_mut(pointer)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn deployment(object: &mut Value) {
    let spec = at(object, &["spec"]);
    put(spec, "replicas", json!(1));
    put(spec, "revisionHistoryLimit", json!(10));
    put(spec, "progressDeadlineSeconds", json!(600));
    let strategy = at(spec, &["strategy"]);
    put(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        let rolling = at(strategy, &["rollingUpdate"]);
        put(rolling, "maxUnavailable", json!("25%"));
        put(rolling, "maxSurge", json!("25%"));
    }
    pod(at(spec, &["template", "spec"]));
}

fn stateful_set(object: &mut Value) {
    let spec = at(object, &["spec"]);
    put(spec, "podManagementPolicy", json!("OrderedReady"));
    put(spec, "replicas", json!(1));
    put(spec, "revisionHistoryLimit", json!(10));
    let strategy = at(spec, &["updateStrategy"]);
    put(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        let rolling = at(strategy, &["rollingUpdate"]);
        put(rolling, "partition", json!(0));
    }
    let retention = at(spec, &["persistentVolumeClaimRetentionPolicy"]);
    put(retention, "whenDeleted", json!("Retain"));
    put(retention, "whenScaled", json!("Retain"));
    for claim in items(spec, "/volumeClaimTemplates") {
        put(claim, "apiVersion", json!("v1"));
        put(claim, "kind", json!("PersistentVolumeClaim"));
        put(at(claim, &["spec"]), "volumeMode", json!("Filesystem"));
        put(at(claim, &["status"]), "phase", json!("Pending"));
    }
    pod(at(spec, &["template", "spec"]));
}

fn pod(spec: &mut Value) {
    put(spec, "dnsPolicy", json!("ClusterFirst"));
    put(spec, "restartPolicy", json!("Always"));
    put(spec, "schedulerName", json!("default-scheduler"));
    put(spec, "securityContext", json!({}));
    put(spec, "terminationGracePeriodSeconds", json!(30));
    let account = spec
        .get("serviceAccountName")
        .or_else(|| spec.get("serviceAccount"));
    if let Some(account) = account.cloned().filter(|account| account != "") {
        put(spec, "serviceAccountName", account.clone());
        put(spec, "serviceAccount", account);
    }
    for list in ["/containers", "/initContainers"] {
        for container in items(spec, list) {
            container_of(container);
        }
    }
    for volume in items(spec, "/volumes") {
        for (source, field) in [
            ("secret", "defaultMode"),
            ("configMap", "defaultMode"),
            ("projected", "defaultMode"),
            ("downwardAPI", "defaultMode"),
        ] {
            if volume.get(source).is_some() {
                put(at(volume, &[source]), field, json!(420));
            }
        }
        if volume.get("hostPath").is_some() {
            put(at(volume, &["hostPath"]), "type", json!(""));
        }
    }
}

fn container_of(container: &mut Value) {
    let image = text(container, "/image");
    let tag = image
        .rsplit('/')
        .next()
        .and_then(|last| last.split_once(':'))
        .map(|(_, tag)| tag);
    let latest = !image.contains('@') && matches!(tag, None | Some("latest"));
    put(
        container,
        "imagePullPolicy",
        json!(if latest { "Always" } else { "IfNotPresent" }),
    );
    put(container, "resources", json!({}));
    put(
        container,
        "terminationMessagePath",
        json!("/dev/termination-log"),
    );
    put(container, "terminationMessagePolicy", json!("File"));
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container.get(probe).is_none() {
            continue;
        }
        let probe = at(container, &[probe]);
        for (field, value) in [
            ("timeoutSeconds", 1),
            ("periodSeconds", 10),
            ("successThreshold", 1),
            ("failureThreshold", 3),
        ] {
            put(probe, field, json!(value));
        }
        if probe.get("httpGet").is_some() {
            let get = at(probe, &["httpGet"]);
            put(get, "path", json!("/"));
            put(get, "scheme", json!("HTTP"));
        }
        if probe.get("grpc").is_some() {
            put(at(probe, &["grpc"]), "service", json!(""));
        }
    }
    for env in items(container, "/env") {
        if env.pointer("/valueFrom/fieldRef").is_some() {
            put(
                at(env, &["valueFrom", "fieldRef"]),
                "apiVersion",
                json!("v1"),
            );
        }
    }
}

fn autoscaler(object: &mut Value) {
    let spec = at(object, &["spec"]);
    put(spec, "minReplicas", json!(1));
    let average = json!([{ "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 80 } } }]);
    put(spec, "metrics", average);
    if spec.get("behavior").is_none() {
        return;
    }
    let behavior = at(spec, &["behavior"]);
    let policy =
        |kind: &str, value: i32| json!({ "type": kind, "value": value, "periodSeconds": 15 });
    let rules = [
        (
            "scaleUp",
            Some(0),
            vec![policy("Pods", 4), policy("Percent", 100)],
        ),
        ("scaleDown", None, vec![policy("Percent", 100)]),
    ];
    for (name, window, policies) in rules {
        let rule = at(behavior, &[name]);
        put(rule, "selectPolicy", json!("Max"));
        put(rule, "policies", json!(policies));
        if let Some(window) = window {
            put(rule, "stabilizationWindowSeconds", json!(window));
        }
    }
}

/// `stringData` is written and never read.
fn secret(object: &mut Value) {
    use base64::Engine as _;
    put(object, "type", json!("Opaque"));
    let plain = object
        .as_object_mut()
        .and_then(|map| map.remove("stringData"));
    for (name, value) in plain
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let bytes = value.as_str().unwrap_or_default();
        at(object, &["data"])[name] =
            json!(base64::engine::general_purpose::STANDARD.encode(bytes));
    }
}

fn service(object: &mut Value) {
    let spec = at(object, &["spec"]);
    put(spec, "sessionAffinity", json!("None"));
    put(spec, "type", json!("ClusterIP"));
    put(spec, "internalTrafficPolicy", json!("Cluster"));
    let kind = text(spec, "/type");
    if kind == "ExternalName" {
        return;
    }
    if kind == "LoadBalancer" || kind == "NodePort" {
        put(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    if kind == "LoadBalancer" {
        put(spec, "allocateLoadBalancerNodePorts", json!(true));
    }
    for (number, port) in items(spec, "/ports").enumerate() {
        put(port, "protocol", json!("TCP"));
        let same = port["port"].clone();
        put(port, "targetPort", same);
        if kind != "ClusterIP" {
            put(port, "nodePort", json!(30_000 + number));
        }
    }
}

fn namespace(object: &mut Value) {
    let name = text(object, "/metadata/name");
    let labels = at(object, &["metadata", "labels"]);
    put(labels, "kubernetes.io/metadata.name", json!(name));
}

fn definition(object: &mut Value) {
    let spec = at(object, &["spec"]);
    put(at(spec, &["conversion"]), "strategy", json!("None"));
    let names = at(spec, &["names"]);
    let kind = text(names, "/kind");
    put(names, "singular", json!(kind.to_ascii_lowercase()));
    put(names, "listKind", json!(format!("{kind}List")));
}

/// The status that a new object has at once.
pub(super) fn first_status(resource: &Resource, object: &mut Value) {
    if resource.is_custom() {
        return;
    }
    match resource.kind.as_str() {
        "Namespace" => {
            put(at(object, &["spec"]), "finalizers", json!(["kubernetes"]));
            object["status"] = json!({ "phase": "Active" });
        }
        "Node" => node(object),
        "Ingress" => object["status"] = json!({ "loadBalancer": {} }),
        "Service" => {
            address(object);
            object["status"] = json!({ "loadBalancer": {} });
        }
        "Deployment" | "ResourceQuota" => object["status"] = json!({}),
        "StatefulSet" => object["status"] = json!({ "replicas": 0, "availableReplicas": 0 }),
        "HorizontalPodAutoscaler" => {
            object["status"] = json!({ "desiredReplicas": 0, "currentMetrics": null });
        }
        "PodDisruptionBudget" => {
            object["status"] = json!({ "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0 });
        }
        "CustomResourceDefinition" => {
            let stored = stored(object);
            object["status"] = json!({ "acceptedNames": { "kind": "", "plural": "" }, "conditions": null, "storedVersions": stored });
        }
        _ => {}
    }
}

/// An address of a service's own, made from its id.
fn address(object: &mut Value) {
    let seed = super::super::state::uuid(&text(object, "/metadata/uid"));
    let byte = |from: usize| u8::from_str_radix(&seed[from..from + 2], 16).unwrap_or(1);
    let own = format!("10.96.{}.{}", byte(0), byte(2).clamp(1, 254));
    let spec = at(object, &["spec"]);
    if text(spec, "/type") == "ExternalName" {
        return;
    }
    put(spec, "clusterIP", json!(own));
    let address = spec["clusterIP"].clone();
    put(spec, "clusterIPs", json!([address]));
    put(spec, "ipFamilies", json!(["IPv4"]));
    put(spec, "ipFamilyPolicy", json!("SingleStack"));
}

/// A node is not for pods until it is ready.
fn node(object: &mut Value) {
    let taint = json!([{ "key": "node.kubernetes.io/not-ready", "effect": "NoSchedule" }]);
    put(at(object, &["spec"]), "taints", taint);
    let status = at(object, &["status"]);
    put(
        status,
        "daemonEndpoints",
        json!({ "kubeletEndpoint": { "Port": 0 } }),
    );
    let info = at(status, &["nodeInfo"]);
    for field in [
        "machineID",
        "systemUUID",
        "bootID",
        "kernelVersion",
        "osImage",
        "containerRuntimeVersion",
        "kubeletVersion",
        "kubeProxyVersion",
        "operatingSystem",
        "architecture",
    ] {
        put(info, field, json!(""));
    }
}

fn stored(object: &Value) -> Vec<Value> {
    let versions = object.pointer("/spec/versions").and_then(Value::as_array);
    let versions = versions.into_iter().flatten();
    let stored = versions.filter(|version| version["storage"] == json!(true));
    stored.map(|version| version["name"].clone()).collect()
}

/// The status of a definition whose resources are served.
pub(super) fn accepted(object: &Value, time: &str) -> Value {
    let condition = |kind: &str, reason: &str, message: &str| json!({ "type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": time, "observedGeneration": object["metadata"]["generation"] });
    json!({
        "acceptedNames": object["spec"]["names"],
        "storedVersions": stored(object),
        "observedGeneration": object["metadata"]["generation"],
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
    })
}
