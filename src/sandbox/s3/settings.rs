//! The sub-resources of a bucket, read and written in one way.
//!
//! In: a visit. Out: what was PUT, as it was PUT, save what the service documents to fill in; the
//! code of an absent configuration otherwise. It must not know what a configuration means: each
//! has its own check.

use super::super::answer::{Answer, Body, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo};
use super::super::wire::Call;
use super::super::xml::Element;
use super::bucket::{self, Bucket};
use super::{configs, lifecycle, replication};

/// Checks a configuration and fills it in; the bucket is the one that it is for.
type Check = fn(&State, &Bucket, i64, Element) -> Result<Element, Refusal>;

/// The header in which lifecycle has the member of that name.
pub(crate) const MINIMUM_HEADER: &str = "x-amz-transition-default-minimum-object-size";

/// A sub-resource.
#[derive(Debug)]
pub(crate) struct Sub {
    /// The query parameter.
    pub(crate) query: &'static str,
    /// The member of a bucket in the world file.
    pub(crate) world: &'static str,
    /// The root element.
    pub(crate) root: &'static str,
    /// The operation that reads it.
    pub(crate) get: &'static str,
    /// The operation that writes it.
    pub(crate) put: &'static str,
    /// The operation that removes it, if there is one.
    pub(crate) delete: Option<&'static str>,
    /// Code and message when it was never set.
    absent: Option<(&'static str, &'static str)>,
    /// The status of a PUT.
    put_status: u16,
    /// The check of a PUT.
    pub(crate) check: Check,
}

/// All sub-resources, in an order in which a world can be built: each needs only earlier ones.
pub(crate) const SUBS: [Sub; 9] = [
    Sub {
        query: "versioning",
        world: "versioning",
        root: "VersioningConfiguration",
        get: "GetBucketVersioning",
        put: "PutBucketVersioning",
        delete: None,
        absent: None,
        put_status: 200,
        check: configs::versioning,
    },
    Sub {
        query: "object-lock",
        world: "object_lock",
        root: "ObjectLockConfiguration",
        get: "GetObjectLockConfiguration",
        put: "PutObjectLockConfiguration",
        delete: None,
        absent: Some((
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        )),
        put_status: 200,
        check: configs::object_lock,
    },
    Sub {
        query: "replication",
        world: "replication",
        root: "ReplicationConfiguration",
        get: "GetBucketReplication",
        put: "PutBucketReplication",
        delete: Some("DeleteBucketReplication"),
        absent: Some((
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        )),
        put_status: 200,
        check: replication::check,
    },
    Sub {
        query: "lifecycle",
        world: "lifecycle",
        root: "LifecycleConfiguration",
        get: "GetBucketLifecycleConfiguration",
        put: "PutBucketLifecycleConfiguration",
        delete: Some("DeleteBucketLifecycle"),
        absent: Some((
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        )),
        put_status: 200,
        check: lifecycle::check,
    },
    Sub {
        query: "encryption",
        world: "encryption",
        root: "ServerSideEncryptionConfiguration",
        get: "GetBucketEncryption",
        put: "PutBucketEncryption",
        delete: Some("DeleteBucketEncryption"),
        absent: None,
        put_status: 200,
        check: configs::encryption,
    },
    Sub {
        query: "publicAccessBlock",
        world: "public_access_block",
        root: "PublicAccessBlockConfiguration",
        get: "GetPublicAccessBlock",
        put: "PutPublicAccessBlock",
        delete: Some("DeletePublicAccessBlock"),
        absent: Some((
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )),
        put_status: 200,
        check: configs::public_access_block,
    },
    Sub {
        query: "ownershipControls",
        world: "ownership",
        root: "OwnershipControls",
        get: "GetBucketOwnershipControls",
        put: "PutBucketOwnershipControls",
        delete: Some("DeleteBucketOwnershipControls"),
        absent: Some((
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        )),
        put_status: 200,
        check: configs::ownership,
    },
    Sub {
        query: "policy",
        world: "policy",
        root: "Policy",
        get: "GetBucketPolicy",
        put: "PutBucketPolicy",
        delete: Some("DeleteBucketPolicy"),
        absent: Some(("NoSuchBucketPolicy", "The bucket policy does not exist")),
        put_status: 204,
        check: configs::policy,
    },
    Sub {
        query: "tagging",
        world: "tags",
        root: "Tagging",
        get: "GetBucketTagging",
        put: "PutBucketTagging",
        delete: Some("DeleteBucketTagging"),
        absent: Some(("NoSuchTagSet", "The TagSet does not exist")),
        put_status: 204,
        check: configs::tagging,
    },
];

/// The sub-resource that a call names in its query.
pub(crate) fn of(call: &Call) -> Option<&'static Sub> {
    SUBS.iter().find(|sub| call.param(sub.query).is_some())
}

fn sub(visit: &Visit<'_>) -> Result<&'static Sub, Refusal> {
    of(visit.call).ok_or_else(malformed)
}

/// MalformedXML, the service's answer to what its schema refuses.
pub(crate) fn malformed() -> Refusal {
    Refusal::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// InvalidRequest with a reason.
pub(crate) fn invalid_request(reason: &str) -> Refusal {
    Refusal::new(400, "InvalidRequest", reason)
}

/// InvalidArgument with a reason.
pub(crate) fn invalid_argument(reason: &str) -> Refusal {
    Refusal::new(400, "InvalidArgument", reason)
}

/// The body as a document.
pub(crate) fn document(visit: &Visit<'_>) -> Result<Element, Refusal> {
    visit.call.document().map_err(|_| malformed())
}

/// Reads a sub-resource.
pub(crate) fn get(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let sub = sub(visit)?;
    let bucket = bucket::find(state, visit)?;
    let shown = bucket
        .shown(sub.query, visit.now, state.behaviour.s3_propagation_ms)
        .cloned();
    let mut value = match (shown, sub.absent) {
        (Some(value), _) => value,
        (None, Some((code, message))) => {
            return Err(Refusal::new(404, code, message).detail("BucketName", &bucket.name));
        }
        (None, None) if sub.query == "encryption" => configs::default_encryption(),
        (None, None) => Element::new(sub.root),
    };
    if sub.query == "policy" {
        let body = Body::Text("application/json", value.text);
        return Ok(Answer {
            status: 200,
            headers: Vec::new(),
            body,
        });
    }
    let minimum = value.raw(lifecycle::MINIMUM).map(str::to_owned);
    value.remove(lifecycle::MINIMUM);
    let answer = Answer::xml(value);
    Ok(match minimum {
        Some(minimum) => answer.header(MINIMUM_HEADER, minimum),
        None => answer,
    })
}

/// Writes a sub-resource: it replaces the whole of it, or nothing if it is refused.
pub(crate) fn put(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let sub = sub(visit)?;
    let bucket = bucket::find(state, visit)?;
    let mut value = if sub.query == "policy" {
        Element::leaf(sub.root, String::from_utf8_lossy(&visit.call.body))
    } else {
        document(visit)?
    };
    if value.name != sub.root {
        return Err(malformed());
    }
    if sub.query == "lifecycle" {
        value.remove(lifecycle::MINIMUM);
        value = value.with_some(lifecycle::MINIMUM, visit.call.header(MINIMUM_HEADER));
    }
    let value = (sub.check)(state, bucket, visit.now, value)?;
    let minimum = value.raw(lifecycle::MINIMUM).map(str::to_owned);
    write(state, visit, sub, Some(value));
    let answer = Answer::empty(sub.put_status);
    Ok(match minimum {
        Some(minimum) => answer.header(MINIMUM_HEADER, minimum),
        None => answer,
    })
}

/// Removes a sub-resource; also if it is not there.
pub(crate) fn delete(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let sub = sub(visit)?;
    bucket::find(state, visit)?;
    write(state, visit, sub, None);
    Ok(Answer::empty(204))
}

fn write(state: &mut State, visit: &Visit<'_>, sub: &Sub, value: Option<Element>) {
    let delay = state.behaviour.s3_propagation_ms;
    if let Some(bucket) = state.buckets.get_mut(visit.resource) {
        let before = Box::new(bucket.clone());
        bucket.write(sub.query, value, visit.now, delay);
        state.remember(Undo::Bucket(visit.resource.to_owned(), Some(before)));
    }
}
