//! The resources that a cluster serves: the built-in ones, and one for each custom resource
//! definition that it holds.
//!
//! In: a definition. Out: names, scope, subresources and schema. It must not know requests.

use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

use super::schema::{self, Type};

/// A resource of the API.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// The API group; empty for the core.
    pub(super) group: String,
    /// The version.
    pub(super) version: String,
    /// The kind.
    pub(super) kind: String,
    /// The name in paths.
    pub(super) plural: String,
    /// The name of one.
    pub(super) singular: String,
    /// Short names.
    pub(super) short: Vec<String>,
    /// Whether its objects are in namespaces.
    pub(super) namespaced: bool,
    /// Whether the status has an own door.
    pub(super) status: bool,
    /// Where replicas are, if it can be scaled.
    pub(super) scale: Option<Scale>,
    /// Whether a change of its spec is counted.
    pub(super) generation: bool,
    /// The schema.
    pub(super) of: Arc<Type>,
    /// The OpenAPI schema of a custom resource.
    pub(super) openapi: Option<Value>,
}

/// Where the scale of an object is, as JSON pointers.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// The wanted replicas.
    pub(super) spec: String,
    /// The replicas there are.
    pub(super) status: String,
    /// The selector, a text or a label selector.
    pub(super) selector: Option<String>,
}

/// Group, version, kind, plural, short name, and what it has: n(amespaced), s(tatus), r(eplicas),
/// g(eneration).
const BUILT_IN: [(&str, &str, &str, &str, &str, &str); 16] = [
    ("", "v1", "ConfigMap", "configmaps", "cm", "n"),
    ("", "v1", "Namespace", "namespaces", "ns", "s"),
    ("", "v1", "Node", "nodes", "no", "s"),
    ("", "v1", "ResourceQuota", "resourcequotas", "quota", "ns"),
    ("", "v1", "Secret", "secrets", "", "n"),
    ("", "v1", "Service", "services", "svc", "ns"),
    ("", "v1", "ServiceAccount", "serviceaccounts", "sa", "n"),
    (
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "crd",
        "sg",
    ),
    ("apps", "v1", "Deployment", "deployments", "deploy", "nsrg"),
    ("apps", "v1", "StatefulSet", "statefulsets", "sts", "nsrg"),
    (
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "hpa",
        "ns",
    ),
    ("coordination.k8s.io", "v1", "Lease", "leases", "", "n"),
    (
        "networking.k8s.io",
        "v1",
        "Ingress",
        "ingresses",
        "ing",
        "nsg",
    ),
    (
        "policy",
        "v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "pdb",
        "nsg",
    ),
    (
        "scheduling.k8s.io",
        "v1",
        "PriorityClass",
        "priorityclasses",
        "pc",
        "g",
    ),
    (
        "storage.k8s.io",
        "v1",
        "StorageClass",
        "storageclasses",
        "sc",
        "",
    ),
];

/// What a Kubernetes server has and the sandbox has not: refused by name, because "not found"
/// would say that there is no such kind.
const ELSEWHERE: [&str; 30] = [
    "bindings",
    "componentstatuses",
    "endpoints",
    "events",
    "limitranges",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "controllerrevisions.apps",
    "daemonsets.apps",
    "replicasets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "certificatesigningrequests.certificates.k8s.io",
    "endpointslices.discovery.k8s.io",
    "events.events.k8s.io",
    "ingressclasses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "csidrivers.storage.k8s.io",
    "csinodes.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "apiservices.apiregistration.k8s.io",
];

static TABLE: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    let rows = BUILT_IN
        .iter()
        .map(|(group, version, kind, plural, short, has)| {
            let room = match *group {
                "" => "core",
                group => group.split('.').next().unwrap_or_default(),
            };
            let scale = Scale {
                spec: "/spec/replicas".to_owned(),
                status: "/status/replicas".to_owned(),
                selector: Some("/spec/selector".to_owned()),
            };
            Resource {
                group: (*group).to_owned(),
                version: (*version).to_owned(),
                kind: (*kind).to_owned(),
                plural: (*plural).to_owned(),
                singular: kind.to_ascii_lowercase(),
                short: [*short]
                    .iter()
                    .filter(|it| !it.is_empty())
                    .map(|it| (*it).to_owned())
                    .collect(),
                namespaced: has.contains('n'),
                status: has.contains('s'),
                scale: has.contains('r').then_some(scale),
                generation: has.contains('g'),
                of: schema::built_in(&format!("{room}.{version}.{kind}")),
                openapi: None,
            }
        });
    rows.collect()
});

/// The built-in resources.
pub(super) fn built_in() -> &'static [Resource] {
    &TABLE
}

/// The built-in resource of a kind.
pub(super) fn of_kind(kind: &str) -> Option<&'static Resource> {
    TABLE.iter().find(|resource| resource.kind == kind)
}

/// Whether a real server has the resource although the sandbox has not.
pub(super) fn elsewhere(group: &str, plural: &str) -> bool {
    let name = if group.is_empty() {
        plural.to_owned()
    } else {
        format!("{plural}.{group}")
    };
    ELSEWHERE.contains(&name.as_str())
}

impl Resource {
    /// The name that tells it from all others, as `deployments.apps`.
    pub(super) fn key(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Group and version as objects have them.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether a definition made it.
    pub(super) fn is_custom(&self) -> bool {
        self.openapi.is_some()
    }

    /// The served versions of a custom resource definition.
    pub(super) fn of_definition(definition: &Value) -> Vec<Self> {
        let text = |pointer: &str| {
            let text = definition.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let short = definition
            .pointer("/spec/names/shortNames")
            .and_then(Value::as_array);
        let versions = definition
            .pointer("/spec/versions")
            .and_then(Value::as_array);
        let served = versions
            .into_iter()
            .flatten()
            .filter(|version| version["served"] == json!(true));
        served
            .map(|version| {
                let openapi = version.pointer("/schema/openAPIV3Schema").cloned();
                let openapi = openapi.unwrap_or_else(|| json!({ "type": "object" }));
                let scale = version.pointer("/subresources/scale").map(|scale| {
                    let pointer =
                        |name: &str| scale[name].as_str().map(|path| path.replace('.', "/"));
                    Scale {
                        spec: pointer("specReplicasPath").unwrap_or_default(),
                        status: pointer("statusReplicasPath").unwrap_or_default(),
                        selector: pointer("labelSelectorPath"),
                    }
                });
                Self {
                    group: text("/spec/group"),
                    version: version["name"].as_str().unwrap_or_default().to_owned(),
                    kind: text("/spec/names/kind"),
                    plural: text("/spec/names/plural"),
                    singular: text("/spec/names/singular"),
                    short: short
                        .into_iter()
                        .flatten()
                        .filter_map(|name| name.as_str().map(str::to_owned))
                        .collect(),
                    namespaced: text("/spec/scope") == "Namespaced",
                    status: version.pointer("/subresources/status").is_some(),
                    scale,
                    generation: true,
                    of: schema::custom(&openapi),
                    openapi: Some(openapi),
                }
            })
            .collect()
    }
}
