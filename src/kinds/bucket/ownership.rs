//! The kind `bucket_ownership`: who owns what others write, and so whether ACLs mean anything.

use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};

use super::AWS;
use super::call::{From, To, call};
use super::filter::unwritable;
use super::part::{Found, Part};
use crate::cloud::CloudError;
use crate::kinds::KindError;
use crate::model::{Change, Class, Field, Map, Shape};

static SHAPE: Shape = Shape::Table(&[Field::new(
    "rule",
    Shape::Choice(&[
        "ObjectWriter",
        "BucketOwnerPreferred",
        "BucketOwnerEnforced",
    ]),
    "Who owns an object; `BucketOwnerEnforced` also switches ACLs off",
)
.required()
.cut(Class::ProtectionCut)]);

/// The ownership controls of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketOwnership;

impl Part for BucketOwnership {
    const NAME: &'static str = "bucket_ownership";
    const KEY: &'static str = "ownership";
    const DOC: &'static str = "Who owns the objects of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_OwnershipControlsRule.html";
    const SHAPE: &'static Shape = &SHAPE;
    const FLAVORS: &'static [&'static str] = &[AWS];
    const ABSENT: &'static [&'static str] = &["OwnershipControlsNotFoundError"];

    type Body = OwnershipControls;

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_ownership_controls,
            "GetBucketOwnershipControls"
        )?;
        Ok(answer
            .ownership_controls()
            .and_then(|controls| controls.rules().first())
            .map(|rule| Found::set(decode(rule))))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        let rule = change.object.fields.text("rule").unwrap_or_default();
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::from(rule))
            .build()
            .map_err(unwritable)?;
        OwnershipControls::builder()
            .rules(rule)
            .build()
            .map_err(unwritable)
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_ownership_controls,
            "PutBucketOwnershipControls",
            ownership_controls(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_bucket_ownership_controls,
            "DeleteBucketOwnershipControls"
        )
        .map(drop)
    }
}

fn decode(rule: &OwnershipControlsRule) -> Map {
    [("rule", rule.object_ownership().as_str())]
        .into_iter()
        .collect()
}
