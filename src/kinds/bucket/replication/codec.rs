//! Replication rules to and from the service's types.

use aws_sdk_s3::types::{
    AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
    EncryptionConfiguration, ExistingObjectReplication, ExistingObjectReplicationStatus, Metrics,
    MetricsStatus, OwnerOverride, ReplicaModifications, ReplicaModificationsStatus,
    ReplicationConfiguration, ReplicationRule, ReplicationRuleAndOperator, ReplicationRuleFilter,
    ReplicationRuleStatus, ReplicationTime, ReplicationTimeStatus, ReplicationTimeValue,
    SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus, StorageClass,
    Tag,
};

use super::{DISABLED, ENABLED, SHAPE, rules, tidy};
use crate::kinds::KindError;
use crate::kinds::bucket::filter::{self, unwritable};
use crate::model::{Map, Value};

/// The only time that replication time control and its metrics know.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationTimeValue.html>
const MINUTES: i32 = 15;

/// Returns the fields of a configuration, in canonical form.
pub(super) fn decode(configuration: &ReplicationConfiguration) -> Map {
    let mut fields = Map::new();
    // Ceph answers with an empty role.
    fields.insert_some(
        "role",
        Some(configuration.role()).filter(|role| !role.is_empty()),
    );
    let rules: Vec<Value> = configuration
        .rules()
        .iter()
        .map(|rule| Value::Map(decode_rule(rule)))
        .collect();
    fields.insert("rules", rules);
    SHAPE.canonical(fields)
}

fn decode_rule(rule: &ReplicationRule) -> Map {
    let mut map = Map::new();
    map.insert("id", rule.id().unwrap_or_default());
    let enabled = *rule.status() == ReplicationRuleStatus::Enabled;
    map.insert("status", if enabled { ENABLED } else { DISABLED });
    map.insert_some("priority", rule.priority());
    let (prefix, tags) = scope(rule);
    filter::insert(&mut map, prefix, &tags);
    map.insert("delete_markers", replicates_markers(rule));
    if let Some(destination) = rule.destination() {
        map.insert("destination", decode_destination(destination));
    }
    let criteria = rule.source_selection_criteria();
    let kms = criteria
        .and_then(|criteria| criteria.sse_kms_encrypted_objects())
        .is_some_and(|kms| *kms.status() == SseKmsEncryptedObjectsStatus::Enabled);
    map.insert("kms_encrypted_objects", kms);
    let back = criteria
        .and_then(|criteria| criteria.replica_modifications())
        .is_some_and(|back| *back.status() == ReplicaModificationsStatus::Enabled);
    map.insert("replica_modifications", back);
    let old = rule
        .existing_object_replication()
        .is_some_and(|old| *old.status() == ExistingObjectReplicationStatus::Enabled);
    map.insert("existing_objects", old);
    tidy(&mut map);
    map
}

/// Returns the prefix and tags of a rule of either version.
#[allow(deprecated, reason = "rules of the first version are read too")]
fn scope(rule: &ReplicationRule) -> (Option<&str>, Vec<Tag>) {
    let Some(filter) = rule.filter() else {
        return (rule.prefix(), Vec::new());
    };
    match filter.and() {
        Some(and) => (and.prefix(), and.tags().to_vec()),
        None => (filter.prefix(), filter.tag().cloned().into_iter().collect()),
    }
}

/// Returns whether a rule copies the delete markers that users make: one of the first version
/// always does, one of the second if it says so.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html>
fn replicates_markers(rule: &ReplicationRule) -> bool {
    if rule.filter().is_none() {
        return true;
    }
    rule.delete_marker_replication()
        .and_then(|markers| markers.status())
        == Some(&DeleteMarkerReplicationStatus::Enabled)
}

fn decode_destination(destination: &Destination) -> Map {
    let mut map = Map::new();
    map.insert("bucket", destination.bucket());
    map.insert_some("account", destination.account());
    map.insert_some(
        "storage_class",
        destination.storage_class().map(StorageClass::as_str),
    );
    let key = destination
        .encryption_configuration()
        .and_then(|encryption| encryption.replica_kms_key_id());
    map.insert_some("kms_key", key.filter(|key| !key.is_empty()));
    map.insert(
        "owner_override",
        destination.access_control_translation().is_some(),
    );
    let timed = destination
        .replication_time()
        .is_some_and(|time| *time.status() == ReplicationTimeStatus::Enabled);
    map.insert("replication_time", timed);
    let measured = destination
        .metrics()
        .is_some_and(|metrics| *metrics.status() == MetricsStatus::Enabled);
    map.insert("metrics", measured);
    map
}

/// Returns the configuration of canonical fields, every rule in the second version.
pub(super) fn encode(fields: &Map) -> Result<ReplicationConfiguration, KindError> {
    let rules = rules(fields).map(encode_rule).collect::<Result<_, _>>()?;
    ReplicationConfiguration::builder()
        .role(fields.text("role").unwrap_or_default())
        .set_rules(Some(rules))
        .build()
        .map_err(unwritable)
}

fn encode_rule(rule: &Map) -> Result<ReplicationRule, KindError> {
    let is_on = |name| rule.bool(name) == Some(true);
    let markers = if is_on("delete_markers") {
        DeleteMarkerReplicationStatus::Enabled
    } else {
        DeleteMarkerReplicationStatus::Disabled
    };
    let old = is_on("existing_objects")
        .then(|| {
            ExistingObjectReplication::builder()
                .status(ExistingObjectReplicationStatus::Enabled)
                .build()
        })
        .transpose()
        .map_err(unwritable)?;
    let destination = rule.map("destination").cloned().unwrap_or_default();
    ReplicationRule::builder()
        .set_id(rule.text("id").map(str::to_owned))
        .status(if rule.text("status") == Some(DISABLED) {
            ReplicationRuleStatus::Disabled
        } else {
            ReplicationRuleStatus::Enabled
        })
        .priority(
            rule.int("priority")
                .and_then(|priority| i32::try_from(priority).ok())
                .unwrap_or_default(),
        )
        .filter(encode_filter(rule)?)
        .delete_marker_replication(DeleteMarkerReplication::builder().status(markers).build())
        .set_source_selection_criteria(criteria(rule)?)
        .set_existing_object_replication(old)
        .destination(encode_destination(&destination)?)
        .build()
        .map_err(unwritable)
}

/// Returns the filter in the one way that holds what the rule has: a prefix, one tag, or an And.
fn encode_filter(rule: &Map) -> Result<ReplicationRuleFilter, KindError> {
    let mut tags = filter::tags(rule.map("tags"))?;
    let prefix = rule.text("prefix");
    let filter = ReplicationRuleFilter::builder();
    Ok(match (prefix, tags.len()) {
        (prefix, 0) => filter.prefix(prefix.unwrap_or_default()).build(),
        (None, 1) => filter.set_tag(tags.pop()).build(),
        (prefix, _) => {
            let and = ReplicationRuleAndOperator::builder()
                .set_prefix(prefix.map(str::to_owned))
                .set_tags(Some(tags))
                .build();
            filter.and(and).build()
        }
    })
}

fn criteria(rule: &Map) -> Result<Option<SourceSelectionCriteria>, KindError> {
    let is_on = |name| rule.bool(name) == Some(true);
    let mut builder = SourceSelectionCriteria::builder();
    if is_on("kms_encrypted_objects") {
        let kms = SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::Enabled);
        builder = builder.sse_kms_encrypted_objects(kms.build().map_err(unwritable)?);
    }
    if is_on("replica_modifications") {
        let back = ReplicaModifications::builder().status(ReplicaModificationsStatus::Enabled);
        builder = builder.replica_modifications(back.build().map_err(unwritable)?);
    }
    let any = is_on("kms_encrypted_objects") || is_on("replica_modifications");
    Ok(any.then(|| builder.build()))
}

fn encode_destination(map: &Map) -> Result<Destination, KindError> {
    let is_on = |name| map.bool(name) == Some(true);
    let minutes = ReplicationTimeValue::builder().minutes(MINUTES).build();
    let mut builder = Destination::builder()
        .bucket(map.text("bucket").unwrap_or_default())
        .set_account(map.text("account").map(str::to_owned))
        .set_storage_class(map.text("storage_class").map(StorageClass::from));
    if let Some(key) = map.text("kms_key") {
        let encryption = EncryptionConfiguration::builder().replica_kms_key_id(key);
        builder = builder.encryption_configuration(encryption.build());
    }
    if is_on("owner_override") {
        let owner = AccessControlTranslation::builder().owner(OwnerOverride::Destination);
        builder = builder.access_control_translation(owner.build().map_err(unwritable)?);
    }
    let timed = is_on("replication_time");
    if timed {
        let time = ReplicationTime::builder()
            .status(ReplicationTimeStatus::Enabled)
            .time(minutes.clone());
        builder = builder.replication_time(time.build().map_err(unwritable)?);
    }
    if timed || is_on("metrics") {
        // A threshold without replication time is refused.
        let metrics = Metrics::builder()
            .status(MetricsStatus::Enabled)
            .set_event_threshold(timed.then_some(minutes));
        builder = builder.metrics(metrics.build().map_err(unwritable)?);
    }
    builder.build().map_err(unwritable)
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
