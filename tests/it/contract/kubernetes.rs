//! The sandbox's Kubernetes beside a real API server: the same requests, and the same answers after
//! what no two servers have alike is taken out. What remains different is in a table, with a reason.

use bytes::Bytes;
use drsync::sandbox::{Sandbox, TOKEN, World};
use http::Request;
use http_body_util::BodyExt as _;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::live::cluster::Cluster;

const WORLD: &str = r#"
[behaviour]
ready_after_ms = 3600000
[[cluster]]
site = "a"
name = "proof"
[[cluster]]
site = "a"
name = "definitions"
definitions = ["velero", "karpenter", "cluster-api", "cnpg"]
"#;
const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/t/deployments";
const SCHEDULES: &str = "/apis/velero.io/v1/namespaces/t/schedules";

/// Members that no two servers have alike.
const VOLATILE: [&str; 9] = [
    "uid",
    "creationTimestamp",
    "resourceVersion",
    "time",
    "clusterIP",
    "clusterIPs",
    "lastTransitionTime",
    "storageVersionHash",
    "serverAddressByClientCIDRs",
];

/// A difference that is known: the step, where it shows, and why it stays.
struct Known {
    step: &'static str,
    at: &'static str,
    reason: &'static str,
}

const KNOWN: [Known; 8] = [
    Known {
        step: "*",
        at: "/status",
        reason: "the bare server has no controllers; the sandbox's run with each request",
    },
    Known {
        step: "patch of a wrong type",
        at: "/message",
        reason: "the real server prints the patched object as Go's structs are ordered",
    },
    Known {
        step: "patch of a wrong type",
        at: "/details",
        reason: "the same text as a cause",
    },
    Known {
        step: "budget with both bounds",
        at: "/message",
        reason: "the real server prints an internal Go struct",
    },
    Known {
        step: "budget with both bounds",
        at: "/details",
        reason: "the same text as a cause",
    },
    Known {
        step: "kind of another version",
        at: "/message",
        reason: "the real server names a line of its source",
    },
    Known {
        step: "custom object without kind",
        at: "/message",
        reason: "the real server shortens the body that it quotes",
    },
    Known {
        step: "JSON patch",
        at: "",
        reason: "the sandbox has merge patches and apply only, and says so with 415",
    },
];

struct Step {
    name: &'static str,
    method: &'static str,
    path: String,
    kind: &'static str,
    body: Option<Value>,
}

fn step(
    name: &'static str,
    method: &'static str,
    path: &str,
    kind: &'static str,
    body: Value,
) -> Step {
    Step {
        name,
        method,
        path: path.to_owned(),
        kind,
        body: Some(body).filter(|body| !body.is_null()),
    }
}

fn pods() -> Value {
    json!({ "metadata": { "labels": { "a": "b" } }, "spec": {
        "containers": [{ "name": "c", "image": "nginx:1.2", "ports": [{ "containerPort": 80 }], "env": [{ "name": "X", "value": "1" }],
            "resources": { "limits": { "cpu": "0.5", "memory": "1024Mi" } }, "readinessProbe": { "httpGet": { "port": 80 } } }],
        "volumes": [{ "name": "v", "configMap": { "name": "x" } }] } })
}

fn object(version: &str, kind: &str, name: &str, rest: &Value) -> Value {
    let mut object = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name } });
    for (field, value) in rest.as_object().into_iter().flatten() {
        object[field] = value.clone();
    }
    object
}

fn deployment(name: &str) -> Value {
    object(
        "apps/v1",
        "Deployment",
        name,
        &json!({ "spec": { "selector": { "matchLabels": { "a": "b" } }, "template": pods() } }),
    )
}

/// One step a line.
#[rustfmt::skip]
fn workloads() -> Vec<Step> {
    let json = "application/json";
    let at = |tail: &str| format!("{DEPLOYMENTS}{tail}");
    let two = object("apps/v1", "Deployment", "a", &json!({ "spec": { "replicas": 2 } }));
    let more = object("apps/v1", "Deployment", "a", &json!({ "metadata": { "name": "a", "labels": { "x": "z" } }, "spec": { "replicas": 2, "template": { "spec": { "containers": [{ "name": "c", "image": "nginx:2" }, { "name": "d", "image": "x" }] } } } }));
    let mut labelled = deployment("a");
    labelled["metadata"]["labels"] = json!({ "x": "y" });
    let mut stale = deployment("a");
    stale["metadata"]["resourceVersion"] = json!("1");
    let mut strict = deployment("z");
    strict["spec"]["foo"] = json!(1);
    let mut placed = deployment("z");
    placed["metadata"]["namespace"] = json!("u");
    vec![
        step("namespace", "POST", "/api/v1/namespaces", json, object("v1", "Namespace", "t", &json!({}))),
        step("create", "POST", &at("?fieldManager=kubectl"), json, labelled),
        step("list", "GET", DEPLOYMENTS, json, Value::Null),
        step("scale up", "PATCH", &at("/a/scale?fieldManager=kubectl"), MERGE, json!({ "spec": { "replicas": 3 } })),
        step("owners after scale", "GET", &at("/a"), json, Value::Null),
        step("one conflict", "PATCH", &at("/a?fieldManager=m"), APPLY, two.clone()),
        step("three conflicts", "PATCH", &at("/a?fieldManager=m"), APPLY, more.clone()),
        step("force, dry", "PATCH", &at("/a?fieldManager=m&force=true&dryRun=All"), APPLY, more.clone()),
        step("force", "PATCH", &at("/a?fieldManager=m&force=true"), APPLY, more),
        step("applied fields that go", "PATCH", &at("/a?fieldManager=m"), APPLY, two.clone()),
        step("second owner", "PATCH", &at("/a?fieldManager=n"), APPLY, two),
        step("immutable selector", "PATCH", &at("/a"), MERGE, json!({ "spec": { "selector": { "matchLabels": { "a": "c" } } } })),
        step("patch of a wrong type", "PATCH", &at("/a"), MERGE, json!({ "spec": { "replicas": "x" } })),
        step("negative replicas", "PATCH", &at("/a"), MERGE, json!({ "spec": { "replicas": -1 } })),
        step("force without apply", "PATCH", &at("/a?force=true"), MERGE, json!({ "spec": { "replicas": 1 } })),
        step("apply without manager", "PATCH", &at("/a"), APPLY, deployment("a")),
        step("apply what is not there", "PATCH", &at("/b?fieldManager=m"), APPLY, deployment("b")),
        step("unknown field applied", "PATCH", &at("/b?fieldManager=m"), APPLY, object("apps/v1", "Deployment", "b", &json!({ "spec": { "replica": 1 } }))),
        step("stale update", "PUT", &at("/a"), json, stale),
        step("delete", "DELETE", &at("/b"), json, Value::Null),
        step("missing", "GET", &at("/b"), json, Value::Null),
        step("bad name", "POST", DEPLOYMENTS, json, deployment("Bad_Name")),
        step("missing namespace", "POST", "/apis/apps/v1/namespaces/none/deployments", json, deployment("a")),
        step("unknown field, strict", "POST", &at("?fieldValidation=Strict"), json, strict),
        step("half a dry run", "POST", &at("?dryRun=Some"), json, deployment("z")),
        step("kind of another version", "POST", DEPLOYMENTS, json, object("apps/v2", "Deployment", "z", &json!({}))),
        step("another namespace", "POST", DEPLOYMENTS, json, placed),
        step("JSON patch", "PATCH", &at("/a"), "application/json-patch+json", json!([{ "op": "remove", "path": "/spec" }])),
        step("no such resource", "GET", "/apis/apps/v1/foos", json, Value::Null),
        step("no such group", "GET", "/apis/nobody.example/v1/foos", json, Value::Null),
        step("unknown field selector", "GET", "/api/v1/nodes?fieldSelector=spec.x%3D1", json, Value::Null),
        step("bad revision", "GET", "/api/v1/configmaps?resourceVersion=x", json, Value::Null),
    ]
}

/// One step a line.
#[rustfmt::skip]
fn others() -> Vec<Step> {
    let json = "application/json";
    let claim = json!([{ "metadata": { "name": "d" }, "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "10Gi" } } } }]);
    let set = json!({ "spec": { "serviceName": "s", "selector": { "matchLabels": { "a": "b" } }, "template": pods(), "volumeClaimTemplates": claim } });
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "a" });
    let hpa = json!({ "spec": { "maxReplicas": 5, "scaleTargetRef": target, "behavior": { "scaleDown": { "stabilizationWindowSeconds": 60 } } } });
    let rule = json!({ "host": "a.example", "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": { "service": { "name": "s", "port": { "number": 80 } } } }] } });
    vec![
        step("stateful set", "POST", "/apis/apps/v1/namespaces/t/statefulsets", json, object("apps/v1", "StatefulSet", "s", &set)),
        step("closed field of a stateful set", "PATCH", "/apis/apps/v1/namespaces/t/statefulsets/s", MERGE, json!({ "spec": { "serviceName": "other" } })),
        step("autoscaler", "PATCH", "/apis/autoscaling/v2/namespaces/t/horizontalpodautoscalers/h?fieldManager=m", APPLY, object("autoscaling/v2", "HorizontalPodAutoscaler", "h", &hpa)),
        step("autoscaler bounds", "PATCH", "/apis/autoscaling/v2/namespaces/t/horizontalpodautoscalers/h", MERGE, json!({ "spec": { "minReplicas": 7 } })),
        step("budget", "POST", "/apis/policy/v1/namespaces/t/poddisruptionbudgets", json, object("policy/v1", "PodDisruptionBudget", "p", &json!({ "spec": { "minAvailable": 1, "selector": { "matchLabels": { "a": "b" } } } }))),
        step("budget with both bounds", "PATCH", "/apis/policy/v1/namespaces/t/poddisruptionbudgets/p", MERGE, json!({ "spec": { "maxUnavailable": 1 } })),
        step("config map", "POST", "/api/v1/namespaces/t/configmaps", json, object("v1", "ConfigMap", "c", &json!({ "data": { "k": "v" } }))),
        step("config map conflict", "PATCH", "/api/v1/namespaces/t/configmaps/c?fieldManager=m", APPLY, object("v1", "ConfigMap", "c", &json!({ "data": { "k": "w", "l": "" } }))),
        step("secret", "POST", "/api/v1/namespaces/t/secrets", json, object("v1", "Secret", "s", &json!({ "stringData": { "k": "v" } }))),
        step("service", "POST", "/api/v1/namespaces/t/services", json, object("v1", "Service", "s", &json!({ "spec": { "selector": { "a": "b" }, "ports": [{ "port": 80 }] } }))),
        step("service without ports", "POST", "/api/v1/namespaces/t/services", json, object("v1", "Service", "s2", &json!({ "spec": { "selector": { "a": "b" } } }))),
        step("quota", "POST", "/api/v1/namespaces/t/resourcequotas", json, object("v1", "ResourceQuota", "q", &json!({ "spec": { "hard": { "requests.cpu": "64000m", "pods": 10 } } }))),
        step("storage class", "POST", "/apis/storage.k8s.io/v1/storageclasses", json, object("storage.k8s.io/v1", "StorageClass", "fast", &json!({ "provisioner": "ebs.csi.aws.com", "parameters": { "type": "gp3" } }))),
        step("storage class is fixed", "PATCH", "/apis/storage.k8s.io/v1/storageclasses/fast", MERGE, json!({ "parameters": { "type": "io2" } })),
        step("priority class", "POST", "/apis/scheduling.k8s.io/v1/priorityclasses", json, object("scheduling.k8s.io/v1", "PriorityClass", "high", &json!({ "value": 1000 }))),
        step("priority class is fixed", "PATCH", "/apis/scheduling.k8s.io/v1/priorityclasses/high", MERGE, json!({ "value": 1 })),
        step("ingress", "POST", "/apis/networking.k8s.io/v1/namespaces/t/ingresses", json, object("networking.k8s.io/v1", "Ingress", "i", &json!({ "spec": { "rules": [rule] } }))),
        step("node", "POST", "/api/v1/nodes", json, object("v1", "Node", "n", &json!({ "status": { "capacity": { "cpu": "8", "memory": "32Gi" } } }))),
    ]
}

/// One step a line.
#[rustfmt::skip]
fn custom() -> Vec<Step> {
    let json = "application/json";
    let at = |tail: &str| format!("{SCHEDULES}{tail}");
    let schedule = object("velero.io/v1", "Schedule", "d", &json!({ "spec": { "schedule": "0 3 * * *", "template": { "ttl": "720h", "includedNamespaces": ["a"] } } }));
    let mut running = schedule.clone();
    running["spec"]["paused"] = json!(false);
    vec![
        step("custom object", "PATCH", &at("/d?fieldManager=m&dryRun=All"), APPLY, schedule.clone()),
        step("custom object of a wrong type", "POST", SCHEDULES, json, object("velero.io/v1", "Schedule", "e", &json!({ "spec": { "schedule": "* * * * *", "template": {}, "paused": "x" } }))),
        step("custom object without a field", "POST", SCHEDULES, json, object("velero.io/v1", "Schedule", "e", &json!({ "spec": { "template": {} } }))),
        step("custom object without kind", "POST", SCHEDULES, json, json!({ "apiVersion": "velero.io/v1", "metadata": { "name": "x" } })),
        step("custom object that breaks two rules", "POST", "/apis/velero.io/v1/namespaces/t/backupstoragelocations", json, object("velero.io/v1", "BackupStorageLocation", "b", &json!({ "spec": { "provider": "aws", "accessMode": "Nope", "objectStorage": {} } }))),
        step("defaults of a definition", "POST", "/apis/karpenter.sh/v1/nodepools", json, object("karpenter.sh/v1", "NodePool", "p", &json!({ "spec": { "limits": { "cpu": 10 }, "template": {}, "disruption": {} } }))),
        step("custom scale", "POST", "/apis/cluster.x-k8s.io/v1beta2/namespaces/t/machinedeployments", json, object("cluster.x-k8s.io/v1beta2", "MachineDeployment", "w", &json!({ "spec": { "clusterName": "c", "replicas": 3, "template": {} } }))),
        step("custom scale up", "PATCH", "/apis/cluster.x-k8s.io/v1beta2/namespaces/t/machinedeployments/w/scale?fieldManager=kubectl", MERGE, json!({ "spec": { "replicas": 5 } })),
        step("custom conflict", "PATCH", "/apis/cluster.x-k8s.io/v1beta2/namespaces/t/machinedeployments/w?fieldManager=m", APPLY, object("cluster.x-k8s.io/v1beta2", "MachineDeployment", "w", &json!({ "spec": { "replicas": 3 } }))),
        step("page of custom objects", "GET", "/apis/karpenter.sh/v1/nodepools?limit=1", json, Value::Null),
    ]
}

/// The real server names what is wrong with an object in any order, in the causes as in the message.
fn sort_causes(status: &mut serde_json::Map<String, Value>) {
    let Some(Value::Array(causes)) = status
        .get_mut("details")
        .and_then(|details| details.get_mut("causes"))
    else {
        return;
    };
    if causes.len() < 2 {
        return;
    }
    causes.sort_by_key(ToString::to_string);
    if let Some(Value::String(message)) = status.get_mut("message")
        && let Some((about, list)) = message.split_once('[')
    {
        let mut letters: Vec<char> = list.chars().collect();
        letters.sort_unstable();
        *message = format!("{about}[{}", letters.into_iter().collect::<String>());
    }
}

/// The answer without what is volatile.
fn clean(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // Their order depends on the second in which each wrote.
            if let Some(Value::Array(owners)) = map.get_mut("managedFields") {
                owners.sort_by_key(|owner| {
                    [
                        &owner["manager"],
                        &owner["operation"],
                        &owner["subresource"],
                    ]
                    .map(ToString::to_string)
                });
            }
            sort_causes(map);
            for (name, value) in map {
                if VOLATILE.contains(&name.as_str()) {
                    *value = json!("*");
                } else {
                    clean(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn differences(real: &Value, sandbox: &Value, at: &str, out: &mut Vec<String>) {
    match (real, sandbox) {
        (Value::Object(one), Value::Object(two)) => {
            let mut names: Vec<&String> = one.keys().chain(two.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let none = Value::Null;
                let (one, two) = (
                    one.get(name).unwrap_or(&none),
                    two.get(name).unwrap_or(&none),
                );
                differences(one, two, &format!("{at}/{name}"), out);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (number, (one, two)) in one.iter().zip(two).enumerate() {
                differences(one, two, &format!("{at}/{number}"), out);
            }
        }
        (one, two) if one == two => {}
        (one, two) => out.push(format!("{at}: real {one}, sandbox {two}")),
    }
}

fn read(code: u16, bytes: &Bytes) -> Value {
    let text = String::from_utf8_lossy(bytes);
    let mut body = serde_json::from_slice(bytes).unwrap_or_else(|_| json!(text.trim_end()));
    clean(&mut body);
    json!({ "code of the answer": code, "body": body })
}

fn request(step: &Step, base: &str, token: &str) -> http::request::Builder {
    let builder = Request::builder()
        .method(step.method)
        .uri(format!("{base}{}", step.path));
    let builder = builder
        .header("content-type", step.kind)
        .header("user-agent", "drsync/1");
    let builder = builder.header("accept", "application/json");
    if token.is_empty() {
        builder
    } else {
        builder.header("authorization", format!("Bearer {token}"))
    }
}

fn played(sandbox: &mut Sandbox, cluster: &str, step: &Step) -> (u16, Bytes) {
    let body = step
        .body
        .as_ref()
        .map_or_else(Bytes::new, |body| body.to_string().into());
    let request = request(step, &format!("/clusters/a/{cluster}"), TOKEN)
        .body(body)
        .unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let response = sandbox.handle(now, request).response().unwrap();
    (response.status().as_u16(), response.into_body())
}

#[tokio::test]
async fn the_sandbox_answers_as_a_real_api_server() {
    let real = Cluster::bare("contract");
    let config = Kubeconfig::read_from(real.admin()).unwrap();
    let config = kube::Config::from_custom_kubeconfig(config, &KubeConfigOptions::default())
        .await
        .unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let ask = async |step: &Step| {
        let body = step
            .body
            .as_ref()
            .map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let response = client
            .send(request(step, "", "").body(body.into()).unwrap())
            .await
            .unwrap();
        let code = response.status().as_u16();
        (
            code,
            response.into_body().collect().await.unwrap().to_bytes(),
        )
    };
    let mut sandbox = Sandbox::new(&World::parse(WORLD).unwrap()).unwrap();

    let all = step(
        "",
        "GET",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "application/json",
        Value::Null,
    );
    let (_, definitions) = played(&mut sandbox, "definitions", &all);
    let definitions: Value = serde_json::from_slice(&definitions).unwrap();
    let mut steps = workloads();
    steps.extend(others());
    for definition in definitions["items"].as_array().unwrap() {
        let name = definition
            .pointer("/metadata/name")
            .unwrap()
            .as_str()
            .unwrap();
        let body = object(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            name,
            &json!({ "spec": definition["spec"] }),
        );
        steps.push(step(
            "definition",
            "POST",
            &all.path,
            "application/json",
            body,
        ));
    }
    let served = steps.len();
    steps.extend(custom());

    let mut shown = vec![false; KNOWN.len()];
    let mut wrong = String::new();
    for (number, step) in steps.iter().enumerate() {
        if number == served {
            // A real server serves a definition a moment after it has it.
            let ready = [
                SCHEDULES,
                "/apis/karpenter.sh/v1/nodepools",
                "/apis/cluster.x-k8s.io/v1beta2/namespaces/t/machinedeployments",
                "/apis/velero.io/v1/namespaces/t/backupstoragelocations",
            ];
            for path in ready {
                let look = self::step("", "GET", path, "application/json", Value::Null);
                while ask(&look).await.0 != 200 {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
        let (code, body) = ask(step).await;
        let theirs = read(code, &body);
        let (code, body) = played(&mut sandbox, "proof", step);
        let ours = read(code, &body);
        let mut found = Vec::new();
        differences(&theirs, &ours, "", &mut found);
        for difference in found {
            let at = difference.strip_prefix("/body").unwrap_or(&difference);
            let known = KNOWN.iter().position(|known| {
                let place = known.step == "*" && at.contains(known.at);
                place || (known.step == step.name && at.starts_with(known.at))
            });
            match known {
                Some(known) => shown[known] = true,
                None => writeln!(wrong, "{}: {difference}", step.name).unwrap(),
            }
        }
    }
    for (known, shown) in KNOWN.iter().zip(shown) {
        assert!(!known.reason.is_empty());
        if !shown {
            writeln!(wrong, "{} no longer differs at {}", known.step, known.at).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
