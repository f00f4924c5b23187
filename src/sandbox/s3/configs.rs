//! The checks of the small configurations: versioning, object lock, encryption, public access
//! block, ownership, policy and tags.
//!
//! In: a configuration and the bucket that it is for. Out: what is stored, or the service's
//! refusal. It must not know how settings are kept.

use std::collections::BTreeSet;

use super::super::answer::Refusal;
use super::super::state::State;
use super::super::xml::Element;
use super::bucket::Bucket;
use super::settings::{invalid_argument, malformed};

/// The members of PublicAccessBlockConfiguration.
pub(crate) const BLOCKS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

/// PutBucketVersioning. While replication or object lock needs versioning it cannot be suspended.
pub(crate) fn versioning(
    state: &State,
    bucket: &Bucket,
    _now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    let blocked = |reason: &str| {
        let message = format!("{reason}, so the versioning state cannot be changed.");
        Err(Refusal::new(409, "InvalidBucketState", message))
    };
    match value.text_at(&["Status"]) {
        Some("Enabled") => Ok(value),
        Some("Suspended") => {
            let destination = format!("arn:aws:s3:::{}", bucket.name);
            if bucket.written("replication").is_some() {
                return blocked("A replication configuration is present on this bucket");
            }
            if bucket.written("object-lock").is_some() {
                return blocked("An Object Lock configuration is present on this bucket");
            }
            if state
                .buckets
                .values()
                .any(|source| replicates_to(source, &destination))
            {
                return blocked("The bucket is the destination of a replication configuration");
            }
            Ok(value)
        }
        _ => Err(Refusal::new(
            400,
            "IllegalVersioningConfigurationException",
            "The Versioning element must be specified",
        )),
    }
}

fn replicates_to(source: &Bucket, destination: &str) -> bool {
    source.written("replication").is_some_and(|config| {
        config
            .all("Rule")
            .any(|rule| rule.text_at(&["Destination", "Bucket"]) == Some(destination))
    })
}

/// A VersioningConfiguration of that status.
pub(crate) fn versioning_of(status: &str) -> Element {
    Element::new("VersioningConfiguration").with_leaf("Status", status)
}

/// PutObjectLockConfiguration: needs versioning, and cannot be switched off.
pub(crate) fn object_lock(
    state: &State,
    bucket: &Bucket,
    now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    if value.text_at(&["ObjectLockEnabled"]) != Some("Enabled") {
        return Err(malformed());
    }
    if let Some(rule) = value.child("Rule") {
        let retention = rule.child("DefaultRetention").ok_or_else(malformed)?;
        let mode = retention.text_at(&["Mode"]);
        if !matches!(mode, Some("GOVERNANCE" | "COMPLIANCE")) {
            return Err(malformed());
        }
        match (retention.text_at(&["Days"]), retention.text_at(&["Years"])) {
            (Some(count), None) | (None, Some(count)) => {
                if count.parse::<u32>().is_ok_and(|count| count > 0) {
                    Ok(())
                } else {
                    Err(invalid_argument(
                        "Default retention period must be a positive integer value.",
                    ))
                }
            }
            _ => Err(malformed()),
        }?;
    }
    if !bucket.versioned(now, state.behaviour.s3_propagation_ms) {
        return Err(Refusal::new(
            409,
            "InvalidBucketState",
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        ));
    }
    Ok(value)
}

/// What a bucket whose encryption was never set has (since January 2023).
pub(crate) fn default_encryption() -> Element {
    let default =
        Element::new("ApplyServerSideEncryptionByDefault").with_leaf("SSEAlgorithm", "AES256");
    Element::new("ServerSideEncryptionConfiguration").with(
        Element::new("Rule")
            .with(default)
            .with_leaf("BucketKeyEnabled", false),
    )
}

/// PutBucketEncryption: one rule; the KMS key is not looked up; BucketKeyEnabled is filled in.
pub(crate) fn encryption(
    _state: &State,
    _bucket: &Bucket,
    _now: i64,
    mut value: Element,
) -> Result<Element, Refusal> {
    let [rule] = value.children.as_mut_slice() else {
        return Err(malformed());
    };
    if let Some(default) = rule.child("ApplyServerSideEncryptionByDefault") {
        let key = default
            .text_at(&["KMSMasterKeyID"])
            .filter(|key| !key.is_empty());
        match default.text_at(&["SSEAlgorithm"]) {
            Some("aws:kms" | "aws:kms:dsse") => {}
            Some("AES256") if key.is_none() => {}
            Some("AES256") => {
                return Err(invalid_argument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                ));
            }
            _ => return Err(malformed()),
        }
    } else {
        rule.children.extend(
            default_encryption()
                .at(&["Rule"])
                .and_then(|rule| rule.children.first())
                .cloned(),
        );
    }
    if rule.child("BucketKeyEnabled").is_none() {
        rule.children.push(Element::leaf("BucketKeyEnabled", false));
    }
    Ok(value)
}

/// PutPublicAccessBlock: what is not given is false, and all four are stored.
#[expect(clippy::needless_pass_by_value, reason = "all checks have one type")]
pub(crate) fn public_access_block(
    _state: &State,
    _bucket: &Bucket,
    _now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    let unknown = value
        .children
        .iter()
        .any(|child| !BLOCKS.contains(&child.name.as_str()));
    if unknown {
        return Err(malformed());
    }
    let blocks = BLOCKS
        .iter()
        .map(|block| {
            let given = value
                .text_at(&[block])
                .unwrap_or("false")
                .to_ascii_lowercase();
            given
                .parse::<bool>()
                .map(|on| Element::leaf(block, on))
                .map_err(|_| malformed())
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Element::new("PublicAccessBlockConfiguration").with_all(blocks))
}

/// PutBucketOwnershipControls: one rule.
pub(crate) fn ownership(
    _state: &State,
    _bucket: &Bucket,
    _now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    let [rule] = value.children.as_slice() else {
        return Err(malformed());
    };
    match rule.text_at(&["ObjectOwnership"]) {
        Some("BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter") => Ok(value),
        _ => Err(malformed()),
    }
}

/// An OwnershipControls of that kind.
pub(crate) fn ownership_of(owner: &str) -> Element {
    Element::new("OwnershipControls").with(Element::new("Rule").with_leaf("ObjectOwnership", owner))
}

/// PutBucketPolicy: JSON with statements about this bucket.
pub(crate) fn policy(
    _state: &State,
    _bucket: &Bucket,
    _now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    let refuse = |reason: &str| Err(Refusal::new(400, "MalformedPolicy", reason));
    match serde_json::from_str::<serde_json::Value>(&value.text) {
        Ok(serde_json::Value::Object(policy)) => match policy.get("Statement") {
            Some(_) => Ok(value),
            None => refuse("Missing required field Statement"),
        },
        _ => refuse("Policies must be valid JSON and the first byte must be '{'"),
    }
}

/// PutBucketTagging: at most fifty tags with distinct keys.
pub(crate) fn tagging(
    _state: &State,
    _bucket: &Bucket,
    _now: i64,
    value: Element,
) -> Result<Element, Refusal> {
    let set = value.child("TagSet").ok_or_else(malformed)?;
    let invalid = |reason: &str| Err(Refusal::new(400, "InvalidTag", reason));
    let mut keys = BTreeSet::new();
    for tag in &set.children {
        let key = tag.raw("Key").ok_or_else(malformed)?;
        let value = tag.raw("Value").ok_or_else(malformed)?;
        if !(1..=128).contains(&key.chars().count()) {
            return invalid("The TagKey you have provided is invalid");
        }
        if value.chars().count() > 256 {
            return invalid("The TagValue you have provided is invalid");
        }
        if key.starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        if !keys.insert(key) {
            return invalid("Cannot provide multiple Tags with the same key");
        }
    }
    if keys.len() > 50 {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "Bucket tag count cannot be greater than 50",
        ));
    }
    Ok(value)
}
