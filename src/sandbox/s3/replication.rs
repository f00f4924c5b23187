//! The rules of PutBucketReplication.
//!
//! In: a ReplicationConfiguration and its bucket. Out: the same with invented rule ids, or the
//! service's refusal (user guide, "Replication configuration file elements"; API reference,
//! ReplicationRule, Destination). Whether the role may do it is not checked: S3 does not either.

use std::collections::BTreeSet;

use super::super::answer::Refusal;
use super::super::state::{State, identifier};
use super::super::xml::Element;
use super::bucket::Bucket;
use super::settings::{invalid_argument, invalid_request, malformed};

/// The only time that replication time control knows, in minutes.
const MINUTES: &str = "15";

/// The end of the messages about what a version of the schema has.
const SCHEMA: &str = "for this version of the Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.";

/// Checks a configuration.
pub(crate) fn check(
    state: &State,
    bucket: &Bucket,
    now: i64,
    mut value: Element,
) -> Result<Element, Refusal> {
    if !value
        .text_at(&["Role"])
        .is_some_and(|role| role.starts_with("arn:"))
    {
        return Err(invalid_argument("The role must be an ARN"));
    }
    let count = value.all("Rule").count();
    if count == 0 {
        return Err(malformed());
    }
    if count > 1000 {
        return Err(invalid_request(
            "The number of replication rules must not exceed 1000",
        ));
    }
    let mut ids = BTreeSet::new();
    let mut priorities = BTreeSet::new();
    for (index, rule) in value
        .children
        .iter_mut()
        .filter(|child| child.name == "Rule")
        .enumerate()
    {
        check_rule(rule)?;
        if rule.text_at(&["ID"]).is_none_or(str::is_empty) {
            rule.remove("ID");
            let id = identifier("", &format!("{} replication {now} {index}", bucket.name));
            rule.children
                .insert(0, Element::leaf("ID", id.to_ascii_lowercase()));
        }
        let id = rule.text_at(&["ID"]).unwrap_or_default();
        if id.chars().count() > 255 {
            return Err(invalid_argument(
                "The ID of a rule must have at most 255 characters",
            ));
        }
        if !ids.insert(id.to_owned()) {
            return Err(invalid_argument(
                "Rule Id must be unique. Found same Id for multiple rules",
            ));
        }
        let destination = rule
            .text_at(&["Destination", "Bucket"])
            .unwrap_or_default()
            .to_owned();
        if let Some(priority) = rule.text_at(&["Priority"])
            && !priorities.insert((destination, priority.to_owned()))
        {
            return Err(invalid_request(&format!(
                "Found duplicate priority {priority} for rules with the same destination"
            )));
        }
    }
    let delay = state.behaviour.s3_propagation_ms;
    if !bucket.versioned(now, delay) {
        return Err(invalid_request(
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        ));
    }
    for rule in value.all("Rule") {
        let destination = rule.text_at(&["Destination", "Bucket"]).unwrap_or_default();
        let name = destination
            .strip_prefix("arn:aws:s3:::")
            .unwrap_or_default();
        if name == bucket.name {
            return Err(invalid_request(
                "The destination bucket must differ from the source bucket.",
            ));
        }
        match state.buckets.get(name) {
            None => return Err(invalid_request("Destination bucket must exist.")),
            Some(target) if !target.versioned(now, delay) => {
                return Err(invalid_request(
                    "Destination bucket must have versioning enabled.",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(value)
}

/// Whether a switch at a path is on; a value that is neither is malformed.
fn enabled(rule: &Element, path: &[&str]) -> Result<bool, Refusal> {
    match rule.at(path) {
        None => Ok(false),
        Some(switch) => match switch.text_at(&["Status"]) {
            Some("Enabled") => Ok(true),
            Some("Disabled") => Ok(false),
            _ => Err(malformed()),
        },
    }
}

fn check_rule(rule: &Element) -> Result<(), Refusal> {
    if !matches!(rule.text_at(&["Status"]), Some("Enabled" | "Disabled")) {
        return Err(malformed());
    }
    let bucket = rule
        .text_at(&["Destination", "Bucket"])
        .ok_or_else(malformed)?;
    if !bucket.starts_with("arn:aws:s3:::") {
        return Err(invalid_argument("Invalid bucket ARN"));
    }
    if rule.child("ExistingObjectReplication").is_some() {
        return Err(invalid_request(
            "ExistingObjectReplication is no longer supported; use S3 Batch Replication.",
        ));
    }
    match (rule.child("Filter"), rule.child("Prefix")) {
        (Some(_), Some(_)) | (None, None) => return Err(malformed()),
        (Some(filter), None) => version_2(rule, filter)?,
        (None, Some(_)) => {
            for member in ["Priority", "DeleteMarkerReplication"] {
                if rule.child(member).is_some() {
                    return Err(invalid_request(&format!(
                        "{member} cannot be used {SCHEMA}"
                    )));
                }
            }
        }
    }
    time_control(rule)?;
    let key = ["Destination", "EncryptionConfiguration", "ReplicaKmsKeyID"];
    if enabled(rule, &["SourceSelectionCriteria", "SseKmsEncryptedObjects"])?
        && rule.text_at(&key).is_none_or(str::is_empty)
    {
        return Err(invalid_request(
            "Replica KMS key ID must be specified if SSE-KMS encrypted objects are replicated.",
        ));
    }
    enabled(rule, &["SourceSelectionCriteria", "ReplicaModifications"])?;
    if let Some(translation) = rule.at(&["Destination", "AccessControlTranslation"]) {
        if translation.text_at(&["Owner"]) != Some("Destination") {
            return Err(malformed());
        }
        if rule
            .text_at(&["Destination", "Account"])
            .is_none_or(str::is_empty)
        {
            return Err(invalid_argument(
                "Account must be specified when AccessControlTranslation is specified",
            ));
        }
    }
    Ok(())
}

/// A rule with Filter: needs Priority and DeleteMarkerReplication.
fn version_2(rule: &Element, filter: &Element) -> Result<(), Refusal> {
    for member in ["Priority", "DeleteMarkerReplication"] {
        if rule.child(member).is_none() {
            return Err(invalid_request(&format!(
                "{member} must be specified {SCHEMA}"
            )));
        }
    }
    if rule
        .text_at(&["Priority"])
        .is_none_or(|text| text.parse::<u32>().is_err())
    {
        return Err(malformed());
    }
    if filter.children.len() > 1 {
        return Err(malformed());
    }
    let markers = enabled(rule, &["DeleteMarkerReplication"])?;
    let tagged = filter.child("Tag").is_some() || filter.at(&["And", "Tag"]).is_some();
    if markers && tagged {
        return Err(invalid_request(
            "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.",
        ));
    }
    Ok(())
}

/// Replication time control: fifteen minutes, with metrics.
fn time_control(rule: &Element) -> Result<(), Refusal> {
    let timed = enabled(rule, &["Destination", "ReplicationTime"])?;
    let measured = enabled(rule, &["Destination", "Metrics"])?;
    let threshold = rule.at(&["Destination", "Metrics", "EventThreshold"]);
    for path in [
        ["Destination", "ReplicationTime", "Time", "Minutes"],
        ["Destination", "Metrics", "EventThreshold", "Minutes"],
    ] {
        if rule
            .text_at(&path)
            .is_some_and(|minutes| minutes != MINUTES)
        {
            return Err(invalid_argument("The only valid number of minutes is 15"));
        }
    }
    if timed
        && rule
            .at(&["Destination", "ReplicationTime", "Time", "Minutes"])
            .is_none()
    {
        return Err(malformed());
    }
    if timed && !measured {
        return Err(invalid_request(
            "Metrics must be enabled when ReplicationTime is enabled",
        ));
    }
    if !timed && threshold.is_some() {
        return Err(invalid_request(
            "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
        ));
    }
    Ok(())
}
