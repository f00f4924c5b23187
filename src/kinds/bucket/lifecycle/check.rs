//! The rules of lifecycle that need no service to check.
//!
//! Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use super::{rules, tidy};
use crate::kinds::bucket::AWS;
use crate::kinds::{Declaration, Entry};
use crate::model::{Map, Value, item_name};

/// The longest id of a rule, and the most rules.
const MAX_ID: usize = 255;
const MAX_RULES: usize = 1_000;
/// The storage classes that objects can move to.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Transition.html>
const CLASSES: [&str; 6] = [
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
];
/// The classes that take nothing younger than [`INFREQUENT_DAYS`].
const INFREQUENT: [&str; 2] = ["STANDARD_IA", "ONEZONE_IA"];
const INFREQUENT_DAYS: i64 = 30;

/// Completes a declaration, and reports what is wrong with its rules.
pub(super) fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
    if let Some(Value::List(items)) = declaration.fields.get_mut("rules") {
        for item in items {
            if let Value::Map(rule) = item {
                tidy(rule);
            }
        }
    }
    let fields = &declaration.fields;
    if !(1..=MAX_RULES).contains(&fields.list("rules").len()) {
        entry.error(
            "bad-lifecycle-rule",
            "/rules",
            "a lifecycle has 1 to 1000 rules",
            "drop `lifecycle` if nothing is to be done",
        );
    }
    let is_aws = declaration.identity.text("flavor") == Some(AWS);
    for rule in rules(fields) {
        for why in faults(rule, is_aws) {
            let id = rule.text("id").unwrap_or_default();
            let item = item_name(&Value::Map(rule.clone()), "id");
            let pointer = format!("/rules/{}", item.replace('~', "~0").replace('/', "~1"));
            entry.error(
                "bad-lifecycle-rule",
                &pointer,
                format!("the lifecycle rule `{id}` {why}"),
                "",
            );
        }
    }
}

/// Returns what S3 would refuse of a rule.
fn faults(rule: &Map, is_aws: bool) -> Vec<String> {
    let has = |name: &str| rule.contains(name);
    let markers = rule.bool("expired_delete_markers") == Some(true);
    let expirations =
        usize::from(has("expire_after")) + usize::from(has("expire_on")) + usize::from(markers);
    let acts = expirations > 0
        || [
            "noncurrent_expire_after",
            "abort_uploads_after",
            "transitions",
            "noncurrent_transitions",
        ]
        .into_iter()
        .any(has);
    let sizes = (rule.int("larger_than"), rule.int("smaller_than"));
    let mut faults: Vec<String> = [
        (
            rule.text("id").unwrap_or_default().chars().count() > MAX_ID,
            "has an id of more than 255 characters",
        ),
        (
            expirations > 1,
            "has more than one of `expire_after`, `expire_on` and `expired_delete_markers`",
        ),
        (!acts, "does nothing: it expires, moves or aborts nothing"),
        (
            has("keep_noncurrent") && !has("noncurrent_expire_after"),
            "has `keep_noncurrent` without `noncurrent_expire_after`",
        ),
        (
            has("tags") && has("abort_uploads_after"),
            "aborts uploads and selects by tag, and uploads have no tags",
        ),
        (
            has("tags") && markers,
            "expires delete markers and selects by tag, and delete markers have no tags",
        ),
        (
            matches!(sizes, (Some(larger), Some(smaller)) if larger >= smaller),
            "selects nothing: `larger_than` is not below `smaller_than`",
        ),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, why)| why.to_owned())
    .collect();
    let maps = |list| rule.list(list).iter().filter_map(Value::as_map);
    let expire_after = rule.int("expire_after");
    for transition in maps("transitions") {
        let class = transition.text("storage_class").unwrap_or_default();
        if transition.contains("after") == transition.contains("on") {
            faults.push(format!(
                "moves to {class} with `after` and `on`, or neither"
            ));
        }
        faults.extend(moves(class, transition.int("after"), expire_after, is_aws));
    }
    let expire_after = rule.int("noncurrent_expire_after");
    for transition in maps("noncurrent_transitions") {
        let class = transition.text("storage_class").unwrap_or_default();
        faults.extend(moves(class, transition.int("after"), expire_after, is_aws));
    }
    faults
}

/// Returns what S3 would refuse of a move to a storage class.
fn moves(class: &str, after: Option<i64>, expire_after: Option<i64>, is_aws: bool) -> Vec<String> {
    let mut faults = Vec::new();
    if is_aws && !CLASSES.contains(&class) {
        faults.push(format!(
            "moves to {class}, which is none of {}",
            CLASSES.join(", ")
        ));
    }
    let Some(after) = after else { return faults };
    if is_aws && INFREQUENT.contains(&class) && after < INFREQUENT_DAYS {
        faults.push(format!(
            "moves to {class} after {after}d, and that takes nothing younger than {INFREQUENT_DAYS}d"
        ));
    }
    if expire_after.is_some_and(|expire| expire <= after) {
        faults.push(format!("moves to {class} when it has expired already"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_s3_would_refuse_is_said() {
        for (json, why) in [
            ("{}", "does nothing"),
            (
                r#"{"expire_after":1,"expire_on":"2027-01-01"}"#,
                "more than one of",
            ),
            (
                r#"{"keep_noncurrent":3,"expire_after":1}"#,
                "without `noncurrent_expire_after`",
            ),
            (
                r#"{"tags":{"a":"1"},"abort_uploads_after":1}"#,
                "uploads have no tags",
            ),
            (
                r#"{"tags":{"a":"1"},"expired_delete_markers":true}"#,
                "markers have no tags",
            ),
            (
                r#"{"larger_than":9,"smaller_than":9,"expire_after":1}"#,
                "selects nothing",
            ),
            (
                r#"{"transitions":[{"storage_class":"GLACIER"}]}"#,
                "or neither",
            ),
            (
                r#"{"transitions":[{"storage_class":"GLACER","after":1}]}"#,
                "none of STANDARD_IA",
            ),
            (
                r#"{"transitions":[{"storage_class":"STANDARD_IA","after":29}]}"#,
                "younger than 30d",
            ),
            (
                r#"{"expire_after":5,"transitions":[{"storage_class":"GLACIER","after":5}]}"#,
                "expired already",
            ),
            (
                r#"{"noncurrent_expire_after":5,"noncurrent_transitions":[{"storage_class":"GLACIER","after":9}]}"#,
                "expired already",
            ),
        ] {
            let rule: Map = serde_json::from_str(json).unwrap();
            let faults = faults(&rule, true);
            assert!(
                faults.len() == 1 && faults[0].contains(why),
                "{json}: {faults:?}"
            );
        }
        let tier = r#"{"transitions":[{"storage_class":"COLD","after":1}]}"#;
        assert!(faults(&serde_json::from_str(tier).unwrap(), false).is_empty());
    }
}
