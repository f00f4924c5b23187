//! The Kubernetes part of a world file.
//!
//! In: TOML. Out: clusters as written. It must not know the API's rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An object as the API has it, and two keys that no object has: `manager`, who wrote it (`helm`
/// if absent, and `kubectl-edit` for what an overlay changes), and `absent = true`, which in an
/// overlay removes it. In an overlay the fields of an object that is there are merged. A text
/// `@-36h` is the moment so long before the first request.
pub type ClusterObject = BTreeMap<String, Value>;

/// A Kubernetes cluster, served at `/clusters/SITE/NAME`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The site that it belongs to.
    pub site: String,
    /// Its name within the site.
    pub name: String,
    /// The Kubernetes version, as `v1.36.3`, which is the default.
    pub version: Option<String>,
    /// Who may do what. Without any, the token `made-up` may do everything.
    #[serde(default, rename = "user", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<ClusterUser>,
    /// Definitions of custom resources to install: `velero`, `karpenter`, `cluster-api`, `cnpg`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definitions: Vec<String>,
    /// Nodes, in groups of equal ones.
    #[serde(default, rename = "nodes", skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Nodes>,
    /// Objects. A namespace that an object needs is made.
    #[serde(default, rename = "object", skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ClusterObject>,
}

/// A user of a cluster. A pattern is a verb and a resource, as `list deployments.apps`,
/// `patch deployments.apps/scale` or `get secrets in velero`; `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterUser {
    /// The name.
    pub name: String,
    /// The bearer token.
    pub token: String,
    /// What may be done.
    #[serde(default = "everything")]
    pub allow: Vec<String>,
    /// What may not be done although it is allowed.
    #[serde(default)]
    pub deny: Vec<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// Equal nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// How many; in an overlay the last ones go or new ones come.
    pub count: u32,
    /// The beginning of their names; a number follows.
    pub prefix: String,
    /// Capacity of each, as `{ cpu = "8", memory = "64Gi" }`; allocatable is the same.
    #[serde(default)]
    pub capacity: BTreeMap<String, String>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How many of them, the last ones, are not ready.
    #[serde(default)]
    pub unready: u32,
}
