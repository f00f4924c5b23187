//! Lifecycle rules to and from the service's types.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, NoncurrentVersionTransition, Transition,
    TransitionDefaultMinimumObjectSize, TransitionStorageClass,
};
use aws_smithy_types::DateTime;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::{DISABLED, ENABLED, SHAPE, rules, tidy};
use crate::kinds::KindError;
use crate::kinds::bucket::filter::{self, unwritable};
use crate::model::{Map, Value};

/// Returns the fields of an answer, in canonical form.
pub(super) fn decode(
    rules: &[LifecycleRule],
    minimum: Option<&TransitionDefaultMinimumObjectSize>,
) -> Map {
    let mut fields = Map::new();
    fields.insert_some(
        "minimum_object_size",
        minimum.map(TransitionDefaultMinimumObjectSize::as_str),
    );
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| Value::Map(decode_rule(rule)))
        .collect();
    fields.insert("rules", rules);
    SHAPE.canonical(fields)
}

fn decode_rule(rule: &LifecycleRule) -> Map {
    let mut map = Map::new();
    map.insert("id", rule.id().unwrap_or_default());
    let enabled = *rule.status() == ExpirationStatus::Enabled;
    map.insert("status", if enabled { ENABLED } else { DISABLED });
    decode_filter(rule, &mut map);
    if let Some(expiration) = rule.expiration() {
        map.insert_some("expire_after", expiration.days());
        map.insert_some("expire_on", expiration.date().map(date_text));
        map.insert_some(
            "expired_delete_markers",
            expiration.expired_object_delete_marker(),
        );
    }
    if let Some(expiration) = rule.noncurrent_version_expiration() {
        map.insert_some("noncurrent_expire_after", expiration.noncurrent_days());
        map.insert_some("keep_noncurrent", expiration.newer_noncurrent_versions());
    }
    let abort = rule.abort_incomplete_multipart_upload();
    map.insert_some(
        "abort_uploads_after",
        abort.and_then(AbortIncompleteMultipartUpload::days_after_initiation),
    );
    let transitions: Vec<Value> = rule.transitions().iter().map(decode_transition).collect();
    map.insert("transitions", transitions);
    let noncurrent: Vec<Value> = rule
        .noncurrent_version_transitions()
        .iter()
        .map(decode_noncurrent)
        .collect();
    map.insert("noncurrent_transitions", noncurrent);
    tidy(&mut map);
    map
}

#[allow(deprecated, reason = "rules with a prefix of their own are read too")]
fn decode_filter(rule: &LifecycleRule, map: &mut Map) {
    let Some(filter) = rule.filter() else {
        filter::insert(map, rule.prefix(), &[]);
        return;
    };
    let (larger, smaller) = if let Some(and) = filter.and() {
        filter::insert(map, and.prefix(), and.tags());
        (and.object_size_greater_than(), and.object_size_less_than())
    } else {
        filter::insert(map, filter.prefix(), filter.tag.as_slice());
        let larger = filter.object_size_greater_than();
        (larger, filter.object_size_less_than())
    };
    map.insert_some("larger_than", larger);
    map.insert_some("smaller_than", smaller);
}

fn decode_transition(transition: &Transition) -> Value {
    let mut map = Map::new();
    map.insert_some(
        "storage_class",
        transition
            .storage_class()
            .map(TransitionStorageClass::as_str),
    );
    map.insert_some("on", transition.date().map(date_text));
    // With neither, objects move at once.
    let days = transition.days().unwrap_or_default();
    map.insert_some("after", transition.date().is_none().then_some(days));
    Value::Map(map)
}

fn decode_noncurrent(transition: &NoncurrentVersionTransition) -> Value {
    let mut map = Map::new();
    map.insert_some(
        "storage_class",
        transition
            .storage_class()
            .map(TransitionStorageClass::as_str),
    );
    map.insert("after", transition.noncurrent_days().unwrap_or_default());
    map.insert_some("keep", transition.newer_noncurrent_versions());
    Value::Map(map)
}

/// Returns the date of a moment; the moment itself, if it is not midnight.
fn date_text(moment: &DateTime) -> String {
    let Ok(moment) = jiff::Timestamp::from_second(moment.secs()) else {
        return moment.secs().to_string();
    };
    let civil = TimeZone::UTC.to_datetime(moment);
    if civil == civil.date().to_datetime(Time::midnight()) {
        civil.date().to_string()
    } else {
        moment.to_string()
    }
}

fn date(text: Option<&str>) -> Result<Option<DateTime>, KindError> {
    let Some(text) = text else { return Ok(None) };
    let date: Date = text.parse().map_err(unwritable)?;
    let midnight = TimeZone::UTC
        .to_timestamp(date.to_datetime(Time::midnight()))
        .map_err(unwritable)?;
    Ok(Some(DateTime::from_secs(midnight.as_second())))
}

/// Returns the rules of canonical fields.
pub(super) fn encode(fields: &Map) -> Result<BucketLifecycleConfiguration, KindError> {
    let rules = rules(fields).map(encode_rule).collect::<Result<_, _>>()?;
    BucketLifecycleConfiguration::builder()
        .set_rules(Some(rules))
        .build()
        .map_err(unwritable)
}

fn encode_rule(rule: &Map) -> Result<LifecycleRule, KindError> {
    let transitions = maps(rule, "transitions")
        .map(|map| {
            let class = map.text("storage_class").unwrap_or_default();
            Ok(Transition::builder()
                .storage_class(TransitionStorageClass::from(class))
                .set_days(whole(map, "after"))
                .set_date(date(map.text("on"))?)
                .build())
        })
        .collect::<Result<Vec<_>, KindError>>()?;
    let noncurrent: Vec<NoncurrentVersionTransition> = maps(rule, "noncurrent_transitions")
        .map(|map| {
            let class = map.text("storage_class").unwrap_or_default();
            NoncurrentVersionTransition::builder()
                .storage_class(TransitionStorageClass::from(class))
                .set_noncurrent_days(whole(map, "after"))
                .set_newer_noncurrent_versions(whole(map, "keep"))
                .build()
        })
        .collect();
    let abort = whole(rule, "abort_uploads_after").map(|days| {
        AbortIncompleteMultipartUpload::builder()
            .days_after_initiation(days)
            .build()
    });
    LifecycleRule::builder()
        .set_id(rule.text("id").map(str::to_owned))
        .status(if rule.text("status") == Some(DISABLED) {
            ExpirationStatus::Disabled
        } else {
            ExpirationStatus::Enabled
        })
        .filter(encode_filter(rule)?)
        .set_expiration(expiration(rule)?)
        .set_noncurrent_version_expiration(noncurrent_expiration(rule))
        .set_abort_incomplete_multipart_upload(abort)
        .set_transitions(Some(transitions).filter(|list| !list.is_empty()))
        .set_noncurrent_version_transitions(Some(noncurrent).filter(|list| !list.is_empty()))
        .build()
        .map_err(unwritable)
}

/// Returns the filter in the one way that holds what the rule has: one condition, or an And.
fn encode_filter(rule: &Map) -> Result<LifecycleRuleFilter, KindError> {
    let mut tags = filter::tags(rule.map("tags"))?;
    let prefix = rule.text("prefix").map(str::to_owned);
    let (larger, smaller) = (rule.int("larger_than"), rule.int("smaller_than"));
    let conditions = tags.len()
        + usize::from(prefix.is_some())
        + usize::from(larger.is_some())
        + usize::from(smaller.is_some());
    let filter = LifecycleRuleFilter::builder();
    Ok(match conditions {
        0 => filter.prefix("").build(),
        1 => filter
            .set_prefix(prefix)
            .set_tag(tags.pop())
            .set_object_size_greater_than(larger)
            .set_object_size_less_than(smaller)
            .build(),
        _ => {
            let and = LifecycleRuleAndOperator::builder()
                .set_prefix(prefix)
                .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
                .set_object_size_greater_than(larger)
                .set_object_size_less_than(smaller)
                .build();
            filter.and(and).build()
        }
    })
}

fn expiration(rule: &Map) -> Result<Option<LifecycleExpiration>, KindError> {
    let markers = rule.bool("expired_delete_markers").filter(|on| *on);
    let (days, date) = (whole(rule, "expire_after"), date(rule.text("expire_on"))?);
    if markers.is_none() && days.is_none() && date.is_none() {
        return Ok(None);
    }
    let expiration = LifecycleExpiration::builder()
        .set_days(days)
        .set_date(date)
        .set_expired_object_delete_marker(markers);
    Ok(Some(expiration.build()))
}

fn noncurrent_expiration(rule: &Map) -> Option<NoncurrentVersionExpiration> {
    let days = whole(rule, "noncurrent_expire_after")?;
    let expiration = NoncurrentVersionExpiration::builder()
        .noncurrent_days(days)
        .set_newer_noncurrent_versions(whole(rule, "keep_noncurrent"));
    Some(expiration.build())
}

fn maps<'a>(rule: &'a Map, list: &str) -> impl Iterator<Item = &'a Map> {
    rule.list(list).iter().filter_map(Value::as_map)
}

fn whole(map: &Map, key: &str) -> Option<i32> {
    map.int(key).and_then(|number| i32::try_from(number).ok())
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
