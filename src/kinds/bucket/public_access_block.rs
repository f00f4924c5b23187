//! The kind `bucket_public_access_block`: what keeps a bucket from being public.
//!
//! Buckets made since April 2023 have all four; older ones may have none, and so no configuration.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use super::call::{From, To, call};
use super::part::{Found, Part};
use super::{AWS, CEPH};
use crate::cloud::CloudError;
use crate::kinds::KindError;
use crate::model::{Change, Class, Field, Map, Shape, Value};

const fn block(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Bool, doc)
        .default(|| Value::Bool(true))
        .cut(Class::ProtectionCut)
}

static SHAPE: Shape = Shape::Table(&[
    block("block_public_acls", "Whether public ACLs are refused"),
    block("ignore_public_acls", "Whether public ACLs have no effect"),
    block(
        "block_public_policy",
        "Whether policies that make it public are refused",
    ),
    block(
        "restrict_public_buckets",
        "Whether a public policy lets only its own account in",
    ),
]);

/// The public access block of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketPublicAccessBlock;

impl Part for BucketPublicAccessBlock {
    const NAME: &'static str = "bucket_public_access_block";
    const KEY: &'static str = "public_access_block";
    const DOC: &'static str = "What keeps a bucket from being public";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html";
    const SHAPE: &'static Shape = &SHAPE;
    const FLAVORS: &'static [&'static str] = &[AWS, CEPH];
    const ABSENT: &'static [&'static str] = &["NoSuchPublicAccessBlockConfiguration"];

    type Body = PublicAccessBlockConfiguration;

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_public_access_block,
            "GetPublicAccessBlock"
        )?;
        Ok(answer
            .public_access_block_configuration()
            .map(|blocks| Found::set(decode(blocks))))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        Ok(encode(&change.object.fields))
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_public_access_block,
            "PutPublicAccessBlock",
            public_access_block_configuration(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_public_access_block,
            "DeletePublicAccessBlock"
        )
        .map(drop)
    }
}

/// Returns the fields of an answer, in which a switch that is not there is off.
fn decode(blocks: &PublicAccessBlockConfiguration) -> Map {
    [
        ("block_public_acls", blocks.block_public_acls()),
        ("ignore_public_acls", blocks.ignore_public_acls()),
        ("block_public_policy", blocks.block_public_policy()),
        ("restrict_public_buckets", blocks.restrict_public_buckets()),
    ]
    .into_iter()
    .map(|(name, on)| (name, on.unwrap_or_default()))
    .collect()
}

fn encode(fields: &Map) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .set_block_public_acls(fields.bool("block_public_acls"))
        .set_ignore_public_acls(fields.bool("ignore_public_acls"))
        .set_block_public_policy(fields.bool("block_public_policy"))
        .set_restrict_public_buckets(fields.bool("restrict_public_buckets"))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_on_if_it_is_not_declared_and_off_if_it_is_not_answered() {
        let declared = SHAPE.canonical(Map::new());
        assert!(declared.iter().all(|(_, on)| *on == Value::Bool(true)));
        assert_eq!(decode(&encode(&declared)), declared);
        let answered = decode(&PublicAccessBlockConfiguration::builder().build());
        assert!(answered.iter().all(|(_, on)| *on == Value::Bool(false)));
    }
}
