//! The kind `bucket_policy`: who may do what with a bucket.
//!
//! Policies compare by meaning, so that no other spelling of the same rights is a difference; the
//! declared spelling is what is written.

mod document;

use super::call::{From, To, call};
use super::part::{Found, Part};
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Entry, KindError};
use crate::model::units::{JSON, TextRule};
use crate::model::{Change, Field, Map, Shape};

/// The most bytes of a policy.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html>
const MAX_BYTES: usize = 20 * 1024;

/// A policy, in the spelling that somebody chose.
static POLICY: TextRule = TextRule {
    name: "a policy",
    example: r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive/*"}]}"#,
    canonical: |text| {
        let spelled = (JSON.canonical)(text)?;
        if spelled.len() > MAX_BYTES {
            return Err(format!(
                "it has {} bytes, and a policy has at most {MAX_BYTES}",
                spelled.len()
            ));
        }
        document::canonical(&spelled).map(|_| spelled)
    },
};

static SHAPE: Shape =
    Shape::Table(&[
        Field::new("document", Shape::Text(&POLICY), "The policy, as JSON text").required(),
    ]);

/// The policy of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketPolicy;

impl Part for BucketPolicy {
    const NAME: &'static str = "bucket_policy";
    const KEY: &'static str = "policy";
    const DOC: &'static str = "The policy of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html";
    const SHAPE: &'static Shape = &SHAPE;
    const ABSENT: &'static [&'static str] = &["NoSuchBucketPolicy"];

    type Body = String;

    fn complete(_entry: &mut Entry<'_>, declaration: &mut Declaration) {
        let spelled = declaration.fields.text("document").unwrap_or_default();
        let spelled = spelled.to_owned();
        if let Ok(meaning) = document::canonical(&spelled) {
            declaration.fields.insert("document", meaning);
        }
        declaration.identity.insert(SPELLED, spelled);
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_policy,
            "GetBucketPolicy"
        )?;
        Ok(answer.policy().map(decode))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        Ok(encode(&change.object.identity, &change.object.fields))
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_policy,
            "PutBucketPolicy",
            policy(body.as_str()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            delete_bucket_policy,
            "DeleteBucketPolicy"
        )
        .map(drop)
    }
}

/// The part of the identity that holds the declared spelling.
const SPELLED: &str = "document";

fn decode(text: &str) -> Found {
    // What is no policy of the kind that may be declared is compared as it is.
    let meaning = document::canonical(text).unwrap_or_else(|_| text.to_owned());
    Found::set([("document", meaning)].into_iter().collect())
}

/// Returns the declared spelling, if it means what the change says; that was reviewed.
fn encode(identity: &Map, fields: &Map) -> String {
    let meaning = fields.text("document").unwrap_or_default();
    identity
        .text(SPELLED)
        .filter(|spelled| document::canonical(spelled).as_deref() == Ok(meaning))
        .unwrap_or(meaning)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPELLED_SO: &str = r#"{"Statement":{"Action":"s3:GetObject","Effect":"Deny","Principal":"*","Resource":"*"},"Version":"2012-10-17"}"#;

    #[test]
    fn what_is_written_is_spelled_as_declared() {
        let meaning = document::canonical(SPELLED_SO).unwrap();
        let fields: Map = [("document", meaning.clone())].into_iter().collect();
        let identity: Map = [(SPELLED, SPELLED_SO)].into_iter().collect();
        assert_eq!(encode(&identity, &fields), SPELLED_SO);
        let other: Map = [(SPELLED, r#"{"Statement":[]}"#)].into_iter().collect();
        assert_eq!(encode(&other, &fields), meaning);
        assert_eq!(decode(SPELLED_SO).fields, fields);
    }

    #[test]
    fn a_policy_is_checked_where_it_is_declared() {
        assert_eq!((POLICY.canonical)(SPELLED_SO), Ok(SPELLED_SO.into()));
        assert!((POLICY.canonical)("{}").is_err());
        let long = SPELLED_SO.replace("GetObject", &"x".repeat(MAX_BYTES));
        assert!((POLICY.canonical)(&long).is_err());
    }
}
