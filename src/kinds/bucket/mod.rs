//! The kinds of S3 buckets: one for each sub-resource that drsync manages, so that each has one
//! owner.
//!
//! In: a `[[bucket]]` entry, or the Get call of a sub-resource. Out: fields in the neutral shape,
//! and the Put and Delete calls. A bucket itself is never made or deleted. Must not know plans.

mod call;
mod encryption;
mod filter;
mod kms;
mod lifecycle;
mod name;
mod object_lock;
mod ownership;
mod part;
mod policy;
mod public_access_block;
mod replication;
mod tags;
mod versioning;

pub(super) use encryption::BucketEncryption;
pub(super) use lifecycle::BucketLifecycle;
pub(super) use object_lock::BucketObjectLock;
pub(super) use ownership::BucketOwnership;
pub(super) use policy::BucketPolicy;
pub(super) use public_access_block::BucketPublicAccessBlock;
pub(super) use replication::BucketReplication;
pub(super) use tags::BucketTags;
pub(super) use versioning::BucketVersioning;

use super::{Family, Section};
use crate::model::units::NAME as NAME_RULE;
use crate::model::{Field, Shape, Value};

/// Amazon S3.
const AWS: &str = "aws";
/// MinIO and what speaks as it does.
const MINIO: &str = "minio";
/// The Ceph object gateway.
const CEPH: &str = "ceph";

static SECTION: Section = Section {
    array: "bucket",
    doc: "The settings of an S3 bucket that is there already",
    fields: &[
        Field::new(
            "name",
            Shape::Text(&NAME_RULE),
            "What the bucket is called here; its own name, unless `bucket` says otherwise",
        )
        .required(),
        Field::new(
            "bucket",
            Shape::Text(&name::BUCKET),
            "The name of the bucket at its site",
        ),
        Field::new(
            "flavor",
            Shape::Choice(&[AWS, MINIO, CEPH]),
            "The software that serves it",
        )
        .default(|| Value::from(AWS)),
        Field::new(
            "region",
            Shape::Text(&NAME_RULE),
            "The region of the bucket, if it is not the region of its site",
        ),
    ],
    keys: &["bucket", "name"],
    within: &[],
    family: Family::Account,
    sited: true,
};

#[cfg(test)]
mod tests;
