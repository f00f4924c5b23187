//! The part of a world file that is capacity: EKS node groups and Auto Scaling groups.
//!
//! In: TOML. Out: groups as written. It must not know the services' rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Nodes;

/// An EKS cluster: an account's name for a cluster of the world.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EksCluster {
    /// The account that owns it; the first one if absent.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// Its name in EKS.
    pub name: String,
    /// The site of the cluster that it is.
    pub site: String,
    /// The name of the cluster that it is, within the site.
    pub cluster: String,
    /// Its managed node groups; in an overlay those that change.
    #[serde(default, rename = "node_group", skip_serializing_if = "Vec::is_empty")]
    pub node_groups: Vec<NodeGroup>,
}

/// A managed node group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeGroup {
    /// Its name.
    pub name: String,
    /// The smallest size.
    pub min: u32,
    /// The wanted size.
    pub desired: u32,
    /// The largest size.
    pub max: u32,
    /// Instance types.
    #[serde(default)]
    pub instance_types: Vec<String>,
    /// Labels of its nodes.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its nodes in the cluster; their number is the wanted size. Nodes follow an update once it is
    /// done.
    pub nodes: Option<Nodes>,
    /// Health issues, by code, as `InsufficientFreeAddresses = "..."`.
    #[serde(default)]
    pub health: BTreeMap<String, String>,
    /// Updates end as Failed with this error code, as `AsgInstanceLaunchFailures`.
    pub updates_fail: Option<String>,
}

/// An Auto Scaling group that no node group owns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoScalingGroup {
    /// The account that owns it; the first one if absent.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// The smallest size.
    pub min: u32,
    /// The wanted size.
    pub desired: u32,
    /// The largest size.
    pub max: u32,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}
