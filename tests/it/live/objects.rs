//! Objects for a cluster, made by number: the same number gives the same object on each machine.
//!
//! In: a namespace and a count. Out: manifests of fifteen kinds, with what makes comparing hard: quantities and
//! times in several spellings, lists that are keyed, sets and ordered, what is empty and what is absent.

use serde_json::{Value, json};

/// How many kinds there are.
pub(crate) const KINDS: usize = 15;

/// Objects with the numbers from 0, of all kinds in turn.
pub(crate) fn generated(namespace: &str, count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| object(namespace, number, 0))
        .collect()
}

/// The object of a number. Another turn changes one of its fields to another valid value.
pub(crate) fn object(namespace: &str, number: usize, turn: usize) -> Value {
    let (api, kind, body) = match number % KINDS {
        0 => ("v1", "ConfigMap", json!({"data": data(number, turn)})),
        1 => ("v1", "Service", service(number, turn)),
        2 => (
            "v1",
            "ServiceAccount",
            json!({"automountServiceAccountToken": (number + turn).is_multiple_of(2)}),
        ),
        3 => (
            "v1",
            "LimitRange",
            json!({"spec": {"limits": [limit(number, turn)]}}),
        ),
        4 => (
            "apps/v1",
            "Deployment",
            workload(
                number,
                turn,
                json!({"strategy": {"rollingUpdate": {"maxSurge": "50%"}}}),
            ),
        ),
        5 => (
            "apps/v1",
            "StatefulSet",
            workload(number, turn, json!({"serviceName": "peers"})),
        ),
        6 => ("apps/v1", "DaemonSet", daemons(number, turn)),
        7 => ("batch/v1", "CronJob", cron_job(number, turn)),
        8 => (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            autoscaler(number, turn),
        ),
        9 => (
            "policy/v1",
            "PodDisruptionBudget",
            disruption_budget(number, turn),
        ),
        10 => (
            "rbac.authorization.k8s.io/v1",
            "Role",
            json!({"rules": [
                {"apiGroups": [""], "resources": ["pods"], "verbs": if turn == 0 { json!(["get", "list"]) } else { json!(["get"]) }},
                {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"], "resourceNames": [name(number)]},
            ]}),
        ),
        11 => (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            json!({
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
                "subjects": [{"kind": "Group", "name": format!("group-{}", number + turn), "apiGroup": "rbac.authorization.k8s.io"}],
            }),
        ),
        12 => (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            network_policy(number, turn),
        ),
        13 => ("networking.k8s.io/v1", "Ingress", ingress(number, turn)),
        _ => ("velero.io/v1", "Schedule", schedule(number, turn)),
    };
    let mut whole = json!({
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name(number), "namespace": namespace, "labels": labels(number)},
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(body.as_object().unwrap().clone());
    whole
}

/// The same object in other words: what the service takes for equal.
pub(crate) fn respelled(object: &Value) -> Value {
    let text = object.to_string();
    let same = [
        (r#""cpu":"100m""#, r#""cpu":"0.1""#),
        (r#""memory":"1Gi""#, r#""memory":"1024Mi""#),
        (r#""cpu":"1500m""#, r#""cpu":"1.5""#),
    ];
    let text = same
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to));
    serde_json::from_str(&text).unwrap()
}

/// All as one list, for kubectl.
pub(crate) fn list(objects: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

/// Kind and name, which tell an object of these apart.
pub(crate) fn key(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    format!(
        "{} {}",
        text(&object["kind"]),
        text(&object["metadata"]["name"])
    )
}

fn name(number: usize) -> String {
    format!("object-{number:03}")
}

fn labels(number: usize) -> Value {
    json!({"app": name(number), "dr": "standby"})
}

fn data(number: usize, turn: usize) -> Value {
    json!({
        "site": if turn == 0 { "ireland" } else { "frankfurt" },
        "index": number.to_string(),
        "empty": "",
        "lines": "a\nb\n\n",
        "looks-like-a-number": "007",
    })
}

fn service(number: usize, turn: usize) -> Value {
    let port = |name: &str, port: usize| json!({"name": name, "port": port, "protocol": "TCP", "targetPort": name});
    json!({"spec": {
        "selector": labels(number),
        // Keyed by port and protocol: not in the order of the keys.
        "ports": [port("web", 8080 + number), port("admin", 81 + turn)],
        "sessionAffinity": "None",
    }})
}

fn limit(number: usize, turn: usize) -> Value {
    json!({"type": "Container", "default": {"cpu": cpu(number), "memory": "1Gi"}, "max": {"memory": format!("{}Gi", 8 + turn)}})
}

fn cpu(number: usize) -> &'static str {
    ["100m", "1500m", "2"][number / KINDS % 3]
}

fn pod(number: usize, turn: usize) -> Value {
    json!({
        "metadata": {"labels": labels(number)},
        "spec": {
            "terminationGracePeriodSeconds": 30,
            "containers": [
                {
                    "name": "web",
                    "image": format!("images.example/web:{}", number + turn),
                    "resources": {"requests": {"cpu": cpu(number), "memory": "1Gi"}},
                    "env": [{"name": "Z", "value": "1"}, {"name": "A", "value": "2"}],
                    "ports": [{"containerPort": 8080, "name": "web"}],
                    "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
                },
                {"name": "side", "image": "images.example/side:1", "args": ["--b", "--a"]},
            ],
            "volumes": [{"name": "scratch", "emptyDir": {}}],
        },
    })
}

fn workload(number: usize, turn: usize, more: Value) -> Value {
    let mut spec = json!({
        "replicas": 0,
        "selector": {"matchLabels": labels(number)},
        "template": pod(number, turn),
    });
    let Value::Object(more) = more else {
        unreachable!("a table")
    };
    spec.as_object_mut().unwrap().extend(more);
    json!({"spec": spec})
}

fn daemons(number: usize, turn: usize) -> Value {
    let mut template = pod(number, turn);
    // On no node, so that nothing runs.
    template["spec"]["nodeSelector"] = json!({"nowhere": "true"});
    json!({"spec": {"selector": {"matchLabels": labels(number)}, "template": template}})
}

fn cron_job(number: usize, turn: usize) -> Value {
    let mut template = pod(number, 0);
    template["spec"]["restartPolicy"] = json!("Never");
    json!({"spec": {
        "schedule": format!("{} {} * * *", number % 60, turn),
        "suspend": true,
        "jobTemplate": {"spec": {"template": template}},
    }})
}

fn autoscaler(number: usize, turn: usize) -> Value {
    json!({"spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name(number)},
        "minReplicas": 1,
        "maxReplicas": 5 + turn,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
    }})
}

fn disruption_budget(number: usize, turn: usize) -> Value {
    // An integer or a text.
    let available = match number / KINDS % 2 {
        0 => json!(number % 5 + turn),
        _ => json!(format!("{}%", number % 50 + turn)),
    };
    json!({"spec": {"minAvailable": available, "selector": {"matchLabels": labels(number)}}})
}

fn network_policy(number: usize, turn: usize) -> Value {
    json!({"spec": {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"ipBlock": {"cidr": format!("10.{}.0.0/16", number % 250 + turn)}}]}],
    }})
}

fn ingress(number: usize, turn: usize) -> Value {
    json!({"spec": {"rules": [{
        "host": format!("{}.example.test", name(number)),
        "http": {"paths": [{"path": format!("/v{turn}"), "pathType": "Prefix",
            "backend": {"service": {"name": name(number), "port": {"number": 8080}}}}]},
    }]}})
}

fn schedule(number: usize, turn: usize) -> Value {
    json!({"spec": {
        "schedule": format!("{} */{} * * *", number % 60, 4 + turn),
        "template": {"includedNamespaces": [format!("app-{number:03}")], "ttl": "720h0m0s", "storageLocation": "default"},
    }})
}
