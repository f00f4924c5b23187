//! The kind `bucket_encryption`: how new objects are encrypted that do not say it themselves.
//!
//! Every bucket has a default, SSE-S3, whether or not it was ever set; what other stores and older
//! answers call "not found" is that default.

use aws_sdk_s3::types::{
    BlockedEncryptionTypes, EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

use super::call::{From, To, call};
use super::filter::unwritable;
use super::part::{Found, Part};
use super::{AWS, kms};
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Entry, KindError};
use crate::model::units::ARN;
use crate::model::{Change, Class, Field, Identity, Map, Shape, Value};

const SSE_S3: &str = "AES256";
const SSE_KMS: &str = "aws:kms";
const DSSE_KMS: &str = "aws:kms:dsse";

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "algorithm",
        Shape::Choice(&[SSE_S3, SSE_KMS, DSSE_KMS]),
        "How new objects are encrypted",
    )
    .required()
    .cut(Class::ProtectionCut),
    Field::new(
        "kms_key",
        Shape::Text(&ARN),
        "The ARN of the KMS key; without it, the key that AWS manages",
    )
    .managed(),
    Field::new(
        "bucket_key",
        Shape::Bool,
        "Whether S3 asks KMS once for many objects",
    )
    .default(|| Value::Bool(false))
    .flavors(&[AWS]),
    Field::new(
        "blocked",
        Shape::List(&Shape::Choice(&["NONE", "SSE-C"]), Identity::Set),
        "The encryption that writers may not ask for",
    )
    .cut(Class::ProtectionCut)
    .flavors(&[AWS]),
]);

/// The default encryption of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketEncryption;

impl Part for BucketEncryption {
    const NAME: &'static str = "bucket_encryption";
    const KEY: &'static str = "encryption";
    const DOC: &'static str = "The default encryption of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html";
    const SHAPE: &'static Shape = &SHAPE;

    type Body = ServerSideEncryptionConfiguration;

    fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
        let fields = &mut declaration.fields;
        let algorithm = fields.text("algorithm").unwrap_or_default();
        if algorithm == SSE_S3 && fields.contains("kms_key") {
            entry.error(
                "bad-encryption",
                "/kms_key",
                format!("{SSE_S3} has no KMS key"),
                format!("write algorithm = \"{SSE_KMS}\", or drop `kms_key`"),
            );
        }
        if algorithm != SSE_KMS && fields.bool("bucket_key") == Some(true) {
            entry.error(
                "bad-encryption",
                "/bucket_key",
                format!("a bucket key is for {SSE_KMS} only"),
                "drop `bucket_key`",
            );
        }
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_encryption,
            "GetBucketEncryption"
        );
        let answer = match answer {
            Err(error) if error.is("ServerSideEncryptionConfigurationNotFoundError") => None,
            answer => answer?.server_side_encryption_configuration,
        };
        let rule = answer.as_ref().and_then(|answer| answer.rules().first());
        let declared = from.object.fields.text("kms_key");
        Ok(Some(decode(rule, declared)))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        let fields = &change.object.fields;
        // A write replaces all of it, and what is not declared is left as it was.
        let blocked = fields.get("blocked").or_else(|| {
            let before = change.before.as_ref();
            before.and_then(|before| before.get("blocked"))
        });
        encode(fields, blocked)
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_encryption,
            "PutBucketEncryption",
            server_side_encryption_configuration(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_bucket_encryption,
            "DeleteBucketEncryption"
        )
        .map(drop)
    }
}

fn decode(rule: Option<&ServerSideEncryptionRule>, declared_key: Option<&str>) -> Found {
    let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
    let algorithm = default.map_or(SSE_S3, |default| default.sse_algorithm().as_str());
    let mut fields: Map = [("algorithm", algorithm)].into_iter().collect();
    let key = default
        .and_then(|default| default.kms_master_key_id())
        .filter(|key| !key.is_empty())
        .map(|key| kms::spelled_as(key, declared_key));
    fields.insert_some("kms_key", key);
    // With any other algorithm the switch has no meaning, whatever it is answered as.
    let bucket_key = rule.and_then(ServerSideEncryptionRule::bucket_key_enabled);
    fields.insert(
        "bucket_key",
        algorithm == SSE_KMS && bucket_key == Some(true),
    );
    let blocked: Vec<Value> = rule
        .and_then(|rule| rule.blocked_encryption_types())
        .map(BlockedEncryptionTypes::encryption_type)
        .unwrap_or_default()
        .iter()
        .map(|kind| Value::from(kind.as_str()))
        .collect();
    let intrinsic = algorithm == SSE_S3;
    if !blocked.is_empty() {
        fields.insert("blocked", blocked);
    }
    Found {
        intrinsic,
        ..Found::set(fields)
    }
}

fn encode(
    fields: &Map,
    blocked: Option<&Value>,
) -> Result<ServerSideEncryptionConfiguration, KindError> {
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::from(
            fields.text("algorithm").unwrap_or(SSE_S3),
        ))
        .set_kms_master_key_id(fields.text("kms_key").map(str::to_owned))
        .build()
        .map_err(unwritable)?;
    let blocked = blocked.and_then(Value::as_list).map(|kinds| {
        let kinds = kinds.iter().filter_map(Value::as_text);
        BlockedEncryptionTypes::builder()
            .set_encryption_type(Some(kinds.map(EncryptionType::from).collect()))
            .build()
    });
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .set_bucket_key_enabled(fields.bool("bucket_key").filter(|on| *on))
        .set_blocked_encryption_types(blocked)
        .build();
    ServerSideEncryptionConfiguration::builder()
        .rules(rule)
        .build()
        .map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Map {
        SHAPE.canonical(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_bucket_without_a_configuration_has_the_default() {
        let found = decode(None, None);
        assert!(found.intrinsic);
        assert_eq!(found.fields, fields(r#"{"algorithm":"AES256"}"#));
    }

    #[test]
    fn an_encryption_comes_back_as_it_was_put() {
        for json in [
            r#"{"algorithm":"AES256"}"#,
            r#"{"algorithm":"AES256","blocked":["SSE-C"]}"#,
            r#"{"algorithm":"aws:kms:dsse"}"#,
            r#"{"algorithm":"aws:kms","bucket_key":true,"kms_key":"arn:aws:kms:eu-west-1:111122223333:key/1234"}"#,
        ] {
            let fields = fields(json);
            let put = encode(&fields, fields.get("blocked")).unwrap();
            let found = decode(put.rules().first(), None);
            assert_eq!(found.fields, fields);
        }
    }

    #[test]
    fn a_bucket_key_without_kms_is_no_difference() {
        let put = encode(&fields(r#"{"algorithm":"AES256","bucket_key":true}"#), None).unwrap();
        let found = decode(put.rules().first(), None);
        assert_eq!(found.fields, fields(r#"{"algorithm":"AES256"}"#));
    }
}
