//! The kind `bucket_tags`: the tags of a bucket, without those of AWS.
//!
//! A write replaces all tags. Those that begin with `aws:` belong to other services, which refuse
//! to see them dropped, so every write repeats them as they were read.

use aws_sdk_s3::types::{Tag, Tagging};

use super::call::{From, To, call};
use super::filter::{tags, unwritable};
use super::part::{Found, Part};
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Entry, KindError};
use crate::model::units::PLAIN;
use crate::model::{Change, Map, Shape, Value};

/// The most tags of a bucket, and the most characters of their keys and values.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>
const MOST: usize = 50;
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;
/// The beginning of the keys of AWS.
const SYSTEM: &str = "aws:";

static SHAPE: Shape = Shape::Open(&Shape::Text(&PLAIN));

/// The tags of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketTags;

impl Part for BucketTags {
    const NAME: &'static str = "bucket_tags";
    const KEY: &'static str = "tags";
    const DOC: &'static str = "The tags of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html";
    const SHAPE: &'static Shape = &SHAPE;
    const ABSENT: &'static [&'static str] = &["NoSuchTagSet"];

    type Body = Tagging;

    fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
        let fields = &declaration.fields;
        if !(1..=MOST).contains(&fields.len()) {
            // S3 cannot tell an empty set of tags from none.
            let message = format!("`tags` has 1 to {MOST} tags");
            entry.error("bad-tag", "/tags", message, "drop `tags` if there are none");
        }
        for (key, value) in fields.iter() {
            let length = value.as_text().unwrap_or_default().chars().count();
            let why = if key.starts_with(SYSTEM) {
                "keys that begin with aws: belong to AWS"
            } else if !(1..=MAX_KEY).contains(&key.chars().count()) {
                "a key has 1 to 128 characters"
            } else if length > MAX_VALUE {
                "a value has at most 256 characters"
            } else {
                continue;
            };
            let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
            entry.error(
                "bad-tag",
                &pointer,
                format!("the tag `{key}` cannot be set: {why}"),
                "",
            );
        }
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_tagging,
            "GetBucketTagging"
        )?;
        Ok(decode(answer.tag_set()))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        body(&change.object.fields, change)
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_tagging,
            "PutBucketTagging",
            tagging(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, change: &Change) -> Result<(), CloudError> {
        match body(&Map::new(), change) {
            Ok(rest) if !rest.tag_set().is_empty() => Self::put(to, &rest).await,
            _ => call!(
                to.client,
                to.bucket,
                delete_bucket_tagging,
                "DeleteBucketTagging"
            )
            .map(drop),
        }
    }
}

/// Returns the tags that people set as fields, and those of AWS beside them.
fn decode(answer: &[Tag]) -> Option<Found> {
    if answer.is_empty() {
        return None;
    }
    let pair = |tag: &Tag| (tag.key().to_owned(), Value::from(tag.value()));
    let (system, own): (Vec<&Tag>, Vec<&Tag>) =
        answer.iter().partition(|tag| tag.key().starts_with(SYSTEM));
    let system: Map = system.into_iter().map(pair).collect();
    Some(Found {
        intrinsic: own.is_empty(),
        raw: (!system.is_empty()).then_some(system),
        ..Found::set(own.into_iter().map(pair).collect())
    })
}

fn body(own: &Map, change: &Change) -> Result<Tagging, KindError> {
    let mut all = tags(Some(own))?;
    all.extend(tags(change.raw.as_ref())?);
    Tagging::builder()
        .set_tag_set(Some(all))
        .build()
        .map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pairs: &[(&str, &str)]) -> Vec<Tag> {
        let map: Map = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), *value))
            .collect();
        tags(Some(&map)).unwrap()
    }

    #[test]
    fn the_order_of_tags_means_nothing() {
        let mut turned = answer(&[("a", "1"), ("b", "2")]);
        turned.reverse();
        let found = decode(&turned).unwrap();
        assert_eq!(
            found.fields,
            decode(&answer(&[("a", "1"), ("b", "2")])).unwrap().fields
        );
    }

    #[test]
    fn the_tags_of_aws_are_kept_apart() {
        let found = decode(&answer(&[
            ("aws:cloudformation:stack-name", "s"),
            ("a", "1"),
        ]))
        .unwrap();
        assert_eq!(found.fields.len(), 1);
        assert_eq!(
            found.raw.unwrap().text("aws:cloudformation:stack-name"),
            Some("s")
        );
        let only_system = decode(&answer(&[("aws:x", "1")])).unwrap();
        assert!(only_system.intrinsic);
        assert!(decode(&[]).is_none());
    }
}
