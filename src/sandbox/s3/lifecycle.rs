//! The rules of PutBucketLifecycleConfiguration.
//!
//! In: a LifecycleConfiguration. Out: the same with invented rule ids and the default minimum
//! size, or the service's refusal (user guide, "Lifecycle configuration elements").

use std::collections::BTreeSet;

use super::super::answer::Refusal;
use super::super::state::{State, identifier};
use super::super::xml::Element;
use super::bucket::Bucket;
use super::settings::{invalid_argument, invalid_request, malformed};

/// The member that the API has in a header; kept as an element beside the rules.
pub(crate) const MINIMUM: &str = "TransitionDefaultMinimumObjectSize";

const ACTIONS: [&str; 5] = [
    "Expiration",
    "Transition",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "AbortIncompleteMultipartUpload",
];

/// Checks a configuration.
pub(crate) fn check(
    _state: &State,
    bucket: &Bucket,
    now: i64,
    mut value: Element,
) -> Result<Element, Refusal> {
    match value.text_at(&[MINIMUM]) {
        Some("all_storage_classes_128K" | "varies_by_storage_class") => {}
        None | Some("") => value.replace(Element::leaf(MINIMUM, "all_storage_classes_128K")),
        Some(_) => {
            return Err(invalid_argument(
                "The default minimum object size is not valid",
            ));
        }
    }
    if !(1..=1000).contains(&value.all("Rule").count()) {
        return Err(malformed());
    }
    let mut ids = BTreeSet::new();
    for (index, rule) in value
        .children
        .iter_mut()
        .filter(|child| child.name == "Rule")
        .enumerate()
    {
        check_rule(rule)?;
        if rule.text_at(&["ID"]).is_none_or(str::is_empty) {
            rule.remove("ID");
            let id = identifier("", &format!("{} lifecycle {now} {index}", bucket.name));
            rule.children
                .insert(0, Element::leaf("ID", id.to_ascii_lowercase()));
        }
        let id = rule.text_at(&["ID"]).unwrap_or_default();
        if id.chars().count() > 255 {
            return Err(invalid_argument(
                "ID length should not exceed allowed limit of 255",
            ));
        }
        if !ids.insert(id.to_owned()) {
            return Err(invalid_argument(
                "Rule ID must be unique. Found same ID for more than one rule",
            ));
        }
    }
    Ok(value)
}

fn check_rule(rule: &Element) -> Result<(), Refusal> {
    if !matches!(rule.text_at(&["Status"]), Some("Enabled" | "Disabled")) {
        return Err(malformed());
    }
    if rule.child("Filter").is_some() == rule.child("Prefix").is_some() {
        return Err(malformed());
    }
    if rule
        .child("Filter")
        .is_some_and(|filter| filter.children.len() > 1)
    {
        return Err(malformed());
    }
    if !ACTIONS.iter().any(|action| rule.child(action).is_some()) {
        return Err(invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    let days = expiration(rule)?;
    for transition in rule.all("Transition") {
        let date = transition.text_at(&["Date"]);
        let after = count(transition, "Days", 0, "Transition action")?;
        if after.is_some() == date.is_some() {
            return Err(malformed());
        }
        midnight(date)?;
        infrequent(transition, "Days", after)?;
        if let (Some(after), Some(days)) = (after, days)
            && days <= after
        {
            return Err(invalid_argument(
                "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
            ));
        }
    }
    if let Some(noncurrent) = rule.child("NoncurrentVersionExpiration") {
        let action = "NoncurrentVersionExpiration action";
        count(noncurrent, "NoncurrentDays", 1, action)?.ok_or_else(malformed)?;
        kept(noncurrent)?;
    }
    for noncurrent in rule.all("NoncurrentVersionTransition") {
        let action = "NoncurrentVersionTransition action";
        let after = count(noncurrent, "NoncurrentDays", 0, action)?;
        after.ok_or_else(malformed)?;
        infrequent(noncurrent, "NoncurrentDays", after)?;
        kept(noncurrent)?;
    }
    if let Some(abort) = rule.child("AbortIncompleteMultipartUpload") {
        let action = "AbortIncompleteMultipartUpload action";
        count(abort, "DaysAfterInitiation", 1, action)?.ok_or_else(malformed)?;
        let tagged = [["Filter", "Tag"].as_slice(), &["Filter", "And", "Tag"]];
        if tagged.iter().any(|path| rule.at(path).is_some()) {
            return Err(invalid_request(
                "AbortIncompleteMultipartUpload cannot be specified with Tags.",
            ));
        }
    }
    Ok(())
}

/// Exactly one of Days, Date and ExpiredObjectDeleteMarker; gives the days.
fn expiration(rule: &Element) -> Result<Option<u32>, Refusal> {
    let Some(expiration) = rule.child("Expiration") else {
        return Ok(None);
    };
    let members = ["Days", "Date", "ExpiredObjectDeleteMarker"];
    if members
        .iter()
        .filter(|member| expiration.child(member).is_some())
        .count()
        != 1
    {
        return Err(malformed());
    }
    midnight(expiration.text_at(&["Date"]))?;
    count(expiration, "Days", 1, "Expiration action")
}

fn midnight(date: Option<&str>) -> Result<(), Refusal> {
    let Some(date) = date else { return Ok(()) };
    if date.len() == 10
        || date
            .get(10..)
            .is_some_and(|time| time.starts_with("T00:00:00"))
    {
        return Ok(());
    }
    Err(invalid_argument("'Date' must be at midnight GMT"))
}

/// A number of days, with its least value.
fn count(action: &Element, member: &str, least: u32, name: &str) -> Result<Option<u32>, Refusal> {
    let Some(text) = action.text_at(&[member]) else {
        return Ok(None);
    };
    match text.parse::<i64>().map(u32::try_from) {
        Ok(Ok(days)) if days >= least => Ok(Some(days)),
        Ok(_) => {
            let which = if least == 0 {
                "nonnegative"
            } else {
                "positive"
            };
            Err(invalid_argument(&format!(
                "'{member}' for {name} must be a {which} integer"
            )))
        }
        Err(_) => Err(malformed()),
    }
}

/// The infrequent-access classes take nothing younger than thirty days.
fn infrequent(action: &Element, member: &str, days: Option<u32>) -> Result<(), Refusal> {
    let class = action.text_at(&["StorageClass"]).ok_or_else(malformed)?;
    if matches!(class, "STANDARD_IA" | "ONEZONE_IA") && days.is_some_and(|days| days < 30) {
        return Err(invalid_argument(&format!(
            "'{member}' in Transition action must be greater than or equal to 30 for storageClass '{class}'"
        )));
    }
    Ok(())
}

fn kept(action: &Element) -> Result<(), Refusal> {
    match action.text_at(&["NewerNoncurrentVersions"]) {
        Some(text)
            if !text
                .parse::<u32>()
                .is_ok_and(|kept| (1..=100).contains(&kept)) =>
        {
            Err(invalid_argument(
                "'NewerNoncurrentVersions' must be a number from 1 to 100",
            ))
        }
        _ => Ok(()),
    }
}
