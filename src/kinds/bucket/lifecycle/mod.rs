//! The kind `bucket_lifecycle`: when objects and versions move to cheaper storage, and when they
//! go.

mod check;
mod codec;

use aws_sdk_s3::types::{BucketLifecycleConfiguration, TransitionDefaultMinimumObjectSize};

use super::AWS;
use super::call::{From, To, call};
use super::part::{Found, Part};
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Entry, KindError};
use crate::model::units::{NAME as NAME_RULE, PLAIN, TextRule};
use crate::model::{Change, Class, Field, Identity, Map, Shape, Value};

const DISABLED: &str = "disabled";
const ENABLED: &str = "enabled";
const FROM_128K: &str = "all_storage_classes_128K";
/// The most days that the service's number holds.
const MAX_DAYS: i64 = i32::MAX as i64;

/// A date; the service takes midnight in UTC only.
static DATE: TextRule = TextRule {
    name: "a date",
    example: "2027-01-31",
    canonical: |text| {
        text.parse::<jiff::civil::Date>()
            .map(|date| date.to_string())
            .map_err(|_| "a date reads year-month-day".to_owned())
    },
};

static TRANSITION: &[Field] = &[
    Field::new(
        "storage_class",
        Shape::Text(&NAME_RULE),
        "The storage class; for MinIO, the name of the tier",
    )
    .required(),
    Field::new(
        "after",
        Shape::Days(0, MAX_DAYS),
        "The age at which objects move",
    )
    .managed(),
    Field::new("on", Shape::Text(&DATE), "The date on which objects move").managed(),
];

static NONCURRENT_TRANSITION: &[Field] = &[
    Field::new(
        "storage_class",
        Shape::Text(&NAME_RULE),
        "The storage class; for MinIO, the name of the tier",
    )
    .required(),
    Field::new(
        "after",
        Shape::Days(0, MAX_DAYS),
        "How long after being replaced versions move",
    )
    .required(),
    Field::new(
        "keep",
        Shape::Int(1, 100),
        "How many replaced versions stay where they are",
    )
    .managed(),
];

/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>
static RULE: &[Field] = &[
    Field::new(
        "id",
        Shape::Text(&NAME_RULE),
        "What tells the rule from others",
    )
    .required(),
    Field::new(
        "status",
        Shape::Choice(&[DISABLED, ENABLED]),
        "Whether the rule does anything",
    )
    .default(|| Value::from(ENABLED)),
    Field::new(
        "prefix",
        Shape::Text(&PLAIN),
        "The beginning of the keys that it is for",
    )
    .managed(),
    Field::new(
        "tags",
        Shape::Open(&Shape::Text(&PLAIN)),
        "The tags that objects must have",
    )
    .managed(),
    Field::new(
        "larger_than",
        Shape::Int(0, i64::MAX),
        "The bytes that objects must exceed",
    )
    .managed(),
    Field::new(
        "smaller_than",
        Shape::Int(1, i64::MAX),
        "The bytes that objects must stay below",
    )
    .managed(),
    Field::new(
        "expire_after",
        Shape::Days(1, MAX_DAYS),
        "The age at which objects are deleted",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "expire_on",
        Shape::Text(&DATE),
        "The date on which objects are deleted",
    )
    .managed(),
    Field::new(
        "expired_delete_markers",
        Shape::Bool,
        "Whether delete markers go that hide nothing any more",
    )
    .default(|| Value::Bool(false)),
    Field::new(
        "noncurrent_expire_after",
        Shape::Days(1, MAX_DAYS),
        "How long after being replaced versions are deleted",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "keep_noncurrent",
        Shape::Int(1, 100),
        "How many replaced versions are kept all the same",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "abort_uploads_after",
        Shape::Days(1, MAX_DAYS),
        "The age at which unfinished uploads are dropped",
    )
    .managed(),
    Field::new(
        "transitions",
        Shape::List(&Shape::Table(TRANSITION), Identity::Keyed("storage_class")),
        "When objects move to other storage",
    )
    .managed(),
    Field::new(
        "noncurrent_transitions",
        Shape::List(
            &Shape::Table(NONCURRENT_TRANSITION),
            Identity::Keyed("storage_class"),
        ),
        "When replaced versions move to other storage",
    )
    .managed(),
];

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "minimum_object_size",
        Shape::Choice(&["varies_by_storage_class", FROM_128K]),
        "The size below which objects do not move, unless a rule says otherwise",
    )
    .default(|| Value::from(FROM_128K))
    .flavors(&[AWS]),
    Field::new(
        "rules",
        Shape::List(&Shape::Table(RULE), Identity::Keyed("id")),
        "The rules",
    )
    .required(),
]);

/// The lifecycle rules of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketLifecycle;

/// What a write carries: the rules, and the minimum size, which stands in a header.
#[derive(Debug)]
pub(in crate::kinds) struct Body {
    rules: BucketLifecycleConfiguration,
    minimum: Option<TransitionDefaultMinimumObjectSize>,
}

impl Part for BucketLifecycle {
    const NAME: &'static str = "bucket_lifecycle";
    const KEY: &'static str = "lifecycle";
    const DOC: &'static str = "The lifecycle rules of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html";
    const SHAPE: &'static Shape = &SHAPE;
    const ABSENT: &'static [&'static str] = &["NoSuchLifecycleConfiguration"];

    type Body = Body;

    fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
        check::complete(entry, declaration);
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_lifecycle_configuration,
            "GetBucketLifecycleConfiguration"
        )?;
        let minimum = answer.transition_default_minimum_object_size();
        Ok(Some(Found::set(codec::decode(answer.rules(), minimum))))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        let (fields, identity) = (&change.object.fields, &change.object.identity);
        // A write without the header would reset it; other stores do not know it.
        let minimum = fields
            .text("minimum_object_size")
            .filter(|_| identity.text("flavor") == Some(AWS))
            .map(TransitionDefaultMinimumObjectSize::from);
        let rules = codec::encode(fields)?;
        Ok(Body { rules, minimum })
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_lifecycle_configuration,
            "PutBucketLifecycleConfiguration",
            lifecycle_configuration(body.rules.clone()),
            set_transition_default_minimum_object_size(body.minimum.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_bucket_lifecycle,
            "DeleteBucketLifecycle"
        )
        .map(drop)
    }
}

/// Returns the rules of a configuration.
fn rules(fields: &Map) -> impl Iterator<Item = &Map> {
    fields.list("rules").iter().filter_map(Value::as_map)
}

/// Drops what says nothing.
fn tidy(rule: &mut Map) {
    super::filter::tidy(rule);
    for list in ["transitions", "noncurrent_transitions"] {
        if rule.list(list).is_empty() {
            rule.remove(list);
        }
    }
}
