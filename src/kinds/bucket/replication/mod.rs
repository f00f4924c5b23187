//! The kind `bucket_replication`: which objects of a bucket are copied, and where to.
//!
//! S3 has two versions of a rule. The first has a prefix beside its destination and replicates the
//! delete markers that users make; the second has a filter and a priority, and replicates delete
//! markers only if told to. Both are read, as one shape; only the second is written.

mod check;
mod codec;

use std::collections::BTreeMap;

use aws_sdk_s3::types::ReplicationConfiguration;

use super::call::{From, To, call};
use super::name::BUCKET_ARN;
use super::part::{Found, Part, is_about_versioning};
use super::{AWS, MINIO, kms};
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Declared, Entry, KindError};
use crate::model::units::{ARN, NAME as NAME_RULE, PLAIN};
use crate::model::{
    Address, Change, Class, Fact, FactName, FactValue, Field, Finding, GapCode, Identity, Map,
    Relation, Shape, Value,
};

const DISABLED: &str = "disabled";
const ENABLED: &str = "enabled";

const fn switch(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Bool, doc).default(|| Value::Bool(false))
}

/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html>
static DESTINATION: &[Field] = &[
    Field::new(
        "bucket",
        Shape::Text(&BUCKET_ARN),
        "The bucket that the copies go to, by name or ARN; for MinIO, the ARN of the remote target",
    )
    .required(),
    Field::new(
        "account",
        Shape::Text(&NAME_RULE),
        "The account that owns the destination",
    )
    .flavors(&[AWS]),
    Field::new(
        "storage_class",
        Shape::Text(&NAME_RULE),
        "The storage class of the copies; without it, that of the source",
    )
    .managed()
    .flavors(&[AWS]),
    Field::new(
        "kms_key",
        Shape::Text(&ARN),
        "The ARN of the key for copies of objects that KMS encrypts",
    )
    .managed()
    .flavors(&[AWS]),
    switch(
        "owner_override",
        "Whether the destination's account owns the copies",
    )
    .flavors(&[AWS]),
    switch(
        "replication_time",
        "Whether S3 promises to copy within 15 minutes; includes metrics",
    )
    .cut(Class::ProtectionCut)
    .flavors(&[AWS]),
    switch("metrics", "Whether the backlog is measured")
        .cut(Class::ProtectionCut)
        .flavors(&[AWS]),
];

/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html>
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
        "Whether the rule copies anything",
    )
    .default(|| Value::from(ENABLED))
    .cut(Class::ProtectionCut),
    Field::new(
        "priority",
        Shape::Int(0, i32::MAX as i64),
        "Which rule wins for one destination: the higher",
    )
    .default(|| Value::Int(0)),
    Field::new(
        "prefix",
        Shape::Text(&PLAIN),
        "The beginning of the keys that are copied",
    )
    .managed(),
    Field::new(
        "tags",
        Shape::Open(&Shape::Text(&PLAIN)),
        "The tags that objects must have to be copied",
    )
    .managed(),
    switch(
        "delete_markers",
        "Whether the deletions of users are copied",
    )
    .flavors(&[AWS, MINIO]),
    Field::new(
        "destination",
        Shape::Table(DESTINATION),
        "Where the copies go, and what they become",
    )
    .required(),
    switch(
        "kms_encrypted_objects",
        "Whether objects that KMS encrypts are copied",
    )
    .cut(Class::ProtectionCut)
    .flavors(&[AWS]),
    switch(
        "replica_modifications",
        "Whether changes to the metadata of copies are copied back",
    )
    .flavors(&[AWS, MINIO]),
    switch(
        "existing_objects",
        "Whether objects from before the rule are copied",
    )
    .cut(Class::ProtectionCut)
    .flavors(&[MINIO]),
];

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "role",
        Shape::Text(&ARN),
        "The ARN of the role that copies; for MinIO, that of the remote target if there is one",
    )
    .managed()
    .parity(Relation::Ignore)
    .flavors(&[AWS, MINIO]),
    Field::new(
        "rules",
        Shape::List(&Shape::Table(RULE), Identity::Keyed("id")),
        "The rules",
    )
    // A copy goes one way: the DR site replicates back only after a failover.
    .parity(Relation::Ignore)
    .required()
    .cut(Class::ProtectionCut),
]);

/// The replication of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketReplication;

impl Part for BucketReplication {
    const NAME: &'static str = "bucket_replication";
    const KEY: &'static str = "replication";
    const DOC: &'static str = "The replication of a bucket to others";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html";
    const SHAPE: &'static Shape = &SHAPE;
    const ABSENT: &'static [&'static str] = &["ReplicationConfigurationNotFoundError"];

    type Body = ReplicationConfiguration;

    fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
        check::complete(entry, declaration);
    }

    fn check_all(all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
        check::check(all, findings);
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_replication,
            "GetBucketReplication"
        )?;
        let Some(configuration) = answer.replication_configuration() else {
            return Ok(None);
        };
        let mut fields = codec::decode(configuration);
        spell_keys(&mut fields, &from.object.fields);
        Ok(Some(Found {
            facts: vec![health(&fields, from.reader.now())],
            ..Found::set(fields)
        }))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        codec::encode(&change.object.fields)
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_replication,
            "PutBucketReplication",
            replication_configuration(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_bucket_replication,
            "DeleteBucketReplication"
        )
        .map(drop)
    }

    fn passes(error: &CloudError) -> bool {
        is_about_versioning(error)
    }

    fn advice(error: &CloudError) -> Option<&'static str> {
        if is_about_versioning(error) {
            Some("enable versioning on the source and on every destination first")
        } else if error.is("XMinioAdminRemoteTargetNotFoundError") {
            Some(
                "MinIO needs the remote target first: `mc admin bucket remote add`, and its ARN as destination",
            )
        } else if error.code == GapCode::Forbidden || error.message.contains("role") {
            Some("the writer needs s3:PutReplicationConfiguration, and iam:PassRole on the role")
        } else {
            None
        }
    }
}

/// Drops what says nothing, and says what follows: replication time has metrics.
fn tidy(rule: &mut Map) {
    super::filter::tidy(rule);
    if let Some(Value::Map(destination)) = rule.get_mut("destination")
        && destination.bool("replication_time") == Some(true)
    {
        destination.insert("metrics", true);
    }
}

/// Returns the rules of a configuration.
fn rules(fields: &Map) -> impl Iterator<Item = &Map> {
    fields.list("rules").iter().filter_map(Value::as_map)
}

/// Spells the keys of copies as the declaration does, where both mean the same key.
fn spell_keys(live: &mut Map, declared: &Map) {
    let Some(Value::List(items)) = live.get_mut("rules") else {
        return;
    };
    for item in items {
        let Value::Map(rule) = item else { continue };
        let partner = rules(declared)
            .find(|one| one.text("id") == rule.text("id"))
            .and_then(|one| one.map("destination")?.text("kms_key"));
        if let Some(Value::Map(destination)) = rule.get_mut("destination")
            && let Some(key) = destination.text("kms_key")
        {
            let key = kms::spelled_as(key, partner);
            destination.insert("kms_key", key);
        }
    }
}

/// Returns how many of the rules are enabled; the state of single objects takes calls for each.
fn health(fields: &Map, now: jiff::Timestamp) -> Fact {
    let all = rules(fields).count();
    let enabled = rules(fields)
        .filter(|rule| rule.text("status") == Some(ENABLED))
        .count();
    Fact {
        name: FactName::Health,
        value: FactValue::Text(format!("{enabled} of {all} rules enabled")),
        unit: String::new(),
        method: "GetBucketReplication".to_owned(),
        measured_at: now,
    }
}
