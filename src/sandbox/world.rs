//! The world file: what exists in the cloud before the first call, written by people.
//!
//! In: TOML text. Out: a [`World`], still as written: names may be relative, nothing is checked
//! against the services' rules. It must not know how the sandbox keeps its state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use super::error::SandboxError;
use super::fault::Fault;

mod capacity;
mod cluster;

pub use capacity::{AutoScalingGroup, EksCluster, NodeGroup};
pub use cluster::{Cluster, ClusterObject, ClusterUser, Nodes};

/// The content of a world file, or an overlay that changes a world behind drsync's back.
///
/// ```toml
/// [[account]]
/// id = "111111111111"
///
/// [[zone]]
/// name = "example.com"
/// records = [
///   { name = "@", type = "MX", ttl = 300, values = ["10 mail.example.com."] },
///   { name = "www", type = "A", ttl = 60, values = ["192.0.2.1"] },
///   { name = "app", type = "A", alias = { name = "www", evaluate_target_health = true } },
/// ]
///
/// [[bucket]]
/// name = "backups"
/// region = "eu-central-1"
/// versioning = "Enabled"
/// encryption = { Rule = { ApplyServerSideEncryptionByDefault = { SSEAlgorithm = "aws:kms" } } }
///
/// [[fault]]
/// service = "route53"
/// operation = "ChangeResourceRecordSets"
/// effect = "drop"
/// after = true
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// How the services behave in time.
    pub behaviour: Option<Behaviour>,
    /// AWS accounts. An account that owns a zone, a bucket or a health check need not be listed.
    #[serde(default, rename = "account", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// Route 53 hosted zones.
    #[serde(default, rename = "zone", skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Route 53 health checks.
    #[serde(
        default,
        rename = "health_check",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub health_checks: Vec<HealthCheck>,
    /// S3 buckets.
    #[serde(default, rename = "bucket", skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
    /// Kubernetes clusters.
    #[serde(default, rename = "cluster", skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Cluster>,
    /// EKS clusters with their node groups.
    #[serde(default, rename = "eks_cluster", skip_serializing_if = "Vec::is_empty")]
    pub eks_clusters: Vec<EksCluster>,
    /// Auto Scaling groups that no node group owns.
    #[serde(
        default,
        rename = "auto_scaling_group",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub auto_scaling_groups: Vec<AutoScalingGroup>,
    /// Faults that happen to the first calls that they match.
    #[serde(default, rename = "fault", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// How the services behave in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// How long a Route 53 change stays PENDING before it is INSYNC.
    pub insync_after_ms: i64,
    /// How long a zone refuses the next change with PriorRequestNotComplete.
    pub busy_ms: i64,
    /// How long S3 answers reads as before a configuration change.
    pub s3_propagation_ms: i64,
    /// How long a workload of a cluster, a node group or a backup takes until it is
    /// ready.
    pub ready_after_ms: i64,
    /// How long each call takes.
    pub latency_ms: u64,
    /// Whether Route 53 throttles: two token buckets for each account, one for requests and one
    /// for changed record sets (developer guide, "Throttling of API requests").
    pub throttle: bool,
    /// Requests that an account may make at once.
    pub request_burst: f64,
    /// Requests for each second that are added back.
    pub request_rate: f64,
    /// Record changes that an account may make at once. A larger batch needs a full bucket.
    pub change_burst: f64,
    /// Record changes for each second that are added back. AWS does not publish its number.
    pub change_rate: f64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            insync_after_ms: 1500,
            busy_ms: 0,
            s3_propagation_ms: 0,
            ready_after_ms: 2000,
            latency_ms: 0,
            throttle: false,
            request_burst: 50.0,
            request_rate: 10.0,
            change_burst: 1000.0,
            change_rate: 100.0,
        }
    }
}

/// An AWS account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The twelve digits.
    pub id: String,
    /// Calls that are answered AccessDenied, as `route53:ListResourceRecordSets` or `s3:Put*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// A hosted zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// The account that owns it; the first one if absent.
    pub account: Option<String>,
    /// The id, as `Z0123456789ABC`; made from account and name if absent.
    pub id: Option<String>,
    /// The domain name.
    pub name: String,
    /// Whether it is private.
    #[serde(default)]
    pub private: bool,
    /// The VPCs that a private zone serves.
    pub vpcs: Option<Vec<Vpc>>,
    /// The comment.
    pub comment: Option<String>,
    /// Tags of the zone.
    pub tags: Option<BTreeMap<String, String>>,
    /// Record sets beside SOA and NS of the apex, which are always there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<Record>,
    /// In an overlay: remove the zone.
    #[serde(default)]
    pub absent: bool,
}

/// A VPC of a private zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// The VPC id.
    pub id: String,
    /// Its region.
    pub region: String,
}

/// A record set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The name, relative to the zone unless it ends with a dot or with the zone's name. Empty or
    /// `@` is the zone itself.
    #[serde(default)]
    pub name: String,
    /// The record type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time to live in seconds; required unless `alias` is given.
    pub ttl: Option<u64>,
    /// The values, as Route 53 writes them (TXT in quotes).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The target of an alias record.
    pub alias: Option<Alias>,
    /// Tells apart the members of a routing policy.
    pub set_identifier: Option<String>,
    /// Weighted routing.
    pub weight: Option<u64>,
    /// Failover routing: `PRIMARY` or `SECONDARY`.
    pub failover: Option<String>,
    /// Latency routing: an AWS region.
    pub region: Option<String>,
    /// Geolocation routing.
    pub geo: Option<Geo>,
    /// Geoproximity routing.
    pub geoproximity: Option<Geoproximity>,
    /// IP-based routing.
    pub cidr: Option<Cidr>,
    /// Multivalue answer routing.
    #[serde(default)]
    pub multivalue: bool,
    /// The health check that decides whether it is answered.
    pub health_check_id: Option<String>,
    /// The traffic policy instance that owns it.
    pub traffic_policy_instance_id: Option<String>,
    /// In an overlay: remove the record set of this name, type and set identifier.
    #[serde(default)]
    pub absent: bool,
}

/// The target of an alias record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The hosted zone of the target; the record's own zone if absent.
    pub zone_id: Option<String>,
    /// The name of the target; relative in the record's own zone.
    pub name: String,
    /// Whether the target's health counts.
    #[serde(default)]
    pub evaluate_target_health: bool,
}

/// A place of geolocation routing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geo {
    /// A continent code.
    pub continent: Option<String>,
    /// A country code, or `*`.
    pub country: Option<String>,
    /// A state of the United States or an oblast of Ukraine.
    pub subdivision: Option<String>,
}

/// A place of geoproximity routing: exactly one of the first three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geoproximity {
    /// An AWS region.
    pub aws_region: Option<String>,
    /// A local zone group.
    pub local_zone_group: Option<String>,
    /// A latitude and longitude.
    pub coordinates: Option<Coordinates>,
    /// From -99 to 99.
    pub bias: Option<i64>,
}

/// A point on the globe, in decimal degrees as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordinates {
    /// From -90 to 90.
    pub latitude: String,
    /// From -180 to 180.
    pub longitude: String,
}

/// A location of IP-based routing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cidr {
    /// The CIDR collection.
    pub collection_id: String,
    /// The location in it, or `*`.
    pub location_name: String,
}

/// A health check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// The account that owns it; the first one if absent.
    pub account: Option<String>,
    /// The id.
    pub id: String,
    /// The type, as `HTTPS`, `CALCULATED`, `CLOUDWATCH_METRIC` or `RECOVERY_CONTROL`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The other members of HealthCheckConfig under the API's own names, as `FailureThreshold`,
    /// `ChildHealthChecks = ["id"]` or `AlarmIdentifier = { Region = "", Name = "" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, Value>,
    /// What the checkers see.
    pub status: Option<Health>,
    /// Tags of the health check.
    pub tags: Option<BTreeMap<String, String>>,
    /// In an overlay: remove the health check.
    #[serde(default)]
    pub absent: bool,
}

/// What the checkers of a health check see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The endpoint answers.
    #[default]
    Healthy,
    /// The endpoint does not answer.
    Unhealthy,
    /// No checker has reported yet.
    Unknown,
}

/// A bucket and its configuration: one member for each sub-resource, never set if absent. Tables
/// have the XML element names of the S3 API; a repeated element is an array.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// The account that owns it; the first one if absent.
    pub account: Option<String>,
    /// Its region; `us-east-1` if absent.
    pub region: Option<String>,
    /// The name.
    pub name: String,
    /// `Enabled`, `Suspended`, or the whole table.
    pub versioning: Option<Value>,
    /// ReplicationConfiguration.
    pub replication: Option<Value>,
    /// LifecycleConfiguration, and `TransitionDefaultMinimumObjectSize`, which the API has in a
    /// header.
    pub lifecycle: Option<Value>,
    /// ServerSideEncryptionConfiguration.
    pub encryption: Option<Value>,
    /// PublicAccessBlockConfiguration.
    pub public_access_block: Option<Value>,
    /// ObjectLockConfiguration.
    pub object_lock: Option<Value>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred`, `ObjectWriter`, or the whole table.
    pub ownership: Option<Value>,
    /// The bucket policy, as JSON text or as a table.
    pub policy: Option<Value>,
    /// Tags of the bucket.
    pub tags: Option<BTreeMap<String, String>>,
    /// In an overlay: sub-resources to remove, under the names of the members above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// In an overlay: remove the bucket.
    #[serde(default)]
    pub absent: bool,
}

impl World {
    /// Reads a world file.
    pub fn parse(text: &str) -> Result<Self, SandboxError> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            SandboxError::Syntax {
                line: before.matches('\n').count() + 1,
                column: before
                    .rsplit('\n')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .count()
                    + 1,
                message: error.message().replace('\n', " "),
            }
        })
    }

    /// A digest of what the file says; comments and layout do not count.
    #[must_use]
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(text);
        let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{}", digits.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_placed() {
        let error = World::parse("[[zone]]\nname = \"a.b\"\n  colour = 1\n").unwrap_err();
        let SandboxError::Syntax {
            line,
            column,
            message,
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!((line, column), (3, 3));
        assert!(message.contains("colour"), "{message}");
    }

    #[test]
    fn the_digest_ignores_layout() {
        let one = World::parse("# hello\n[[account]]\nid = \"111111111111\"").unwrap();
        let two = World::parse("account = [{ id = '111111111111' }]").unwrap();
        let other = World::parse("account = [{ id = '222222222222' }]").unwrap();
        assert_eq!(one.digest(), two.digest());
        assert_ne!(one.digest(), other.digest());
    }

    #[test]
    fn the_schema_can_be_written() {
        let schema = schemars::schema_for!(World).to_value().to_string();
        assert!(schema.contains("insync_after_ms") && schema.contains("stale_read"));
    }
}
