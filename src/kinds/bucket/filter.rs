//! What the filters of replication and lifecycle rules share: a prefix and tags.
//!
//! S3 writes a filter in five ways (a rule's own prefix, and a filter that is empty or has a
//! prefix, a tag or an And of them); here it is the fields `prefix` and `tags`, each absent if it
//! excludes nothing.

use aws_sdk_s3::types::Tag;

use crate::kinds::KindError;
use crate::model::Map;

/// Puts a prefix and tags into a rule.
pub(super) fn insert(rule: &mut Map, prefix: Option<&str>, tags: &[Tag]) {
    rule.insert_some("prefix", prefix);
    let tags: Map = tags
        .iter()
        .map(|tag| (tag.key().to_owned(), tag.value()))
        .collect();
    rule.insert("tags", tags);
    tidy(rule);
}

/// Drops a prefix and tags that exclude nothing.
pub(super) fn tidy(rule: &mut Map) {
    if rule.text("prefix").is_some_and(str::is_empty) {
        rule.remove("prefix");
    }
    if rule.map("tags").is_some_and(Map::is_empty) {
        rule.remove("tags");
    }
}

/// Returns a table of tags as the service has it.
pub(super) fn tags(tags: Option<&Map>) -> Result<Vec<Tag>, KindError> {
    let built = tags.into_iter().flat_map(Map::iter).map(|(key, value)| {
        Tag::builder()
            .key(key)
            .value(value.as_text().unwrap_or_default())
            .build()
    });
    built.collect::<Result<_, _>>().map_err(unwritable)
}

/// Returns the error of a body that lacks something.
pub(super) fn unwritable(error: impl std::fmt::Display) -> KindError {
    KindError::Unwritable(error.to_string())
}
