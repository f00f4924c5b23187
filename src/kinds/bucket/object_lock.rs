//! The kind `bucket_object_lock`: object lock, and how long new objects are locked.
//!
//! Once on, object lock stays on; only the retention of objects to come can be changed.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule,
};

use super::call::{From, To, call};
use super::part::{Found, Part, is_about_versioning};
use super::versioning::BucketVersioning;
use crate::cloud::CloudError;
use crate::kinds::{Declaration, Declared, Entry, KindError};
use crate::model::{Address, Change, Class, Field, Finding, Map, Shape};

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "mode",
        Shape::Choice(&["governance", "compliance"]),
        "Who may shorten a lock: those with a permission, or nobody at all",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "days",
        Shape::Days(1, 36_500),
        "How long new objects are locked",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "years",
        Shape::Int(1, 100),
        "How many years new objects are locked",
    )
    .managed()
    .cut(Class::ProtectionCut),
]);

/// The object lock of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketObjectLock;

impl Part for BucketObjectLock {
    const NAME: &'static str = "bucket_object_lock";
    const KEY: &'static str = "object_lock";
    const DOC: &'static str = "Object lock, and how long the new objects of a bucket are locked";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectLockConfiguration.html";
    const SHAPE: &'static Shape = &SHAPE;
    const ABSENT: &'static [&'static str] = &["ObjectLockConfigurationNotFoundError"];
    const STAYS: Option<&'static str> = Some(
        "object lock cannot be switched off again; declare it without `prune`, and drsync forgets it",
    );

    type Body = ObjectLockConfiguration;

    fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
        let fields = &declaration.fields;
        let has = |name| fields.contains(name);
        let is_whole = match (has("mode"), has("days"), has("years")) {
            (true, days, years) => days != years,
            (false, days, years) => !days && !years,
        };
        if !is_whole {
            entry.error(
                "bad-object-lock",
                "/object_lock",
                "a retention has `mode`, and either `days` or `years`",
                "such as { mode = \"governance\", days = \"30d\" }; { } locks nothing by default",
            );
        }
        declaration.depends.push(Address::new(
            entry.connection,
            BucketVersioning::NAME,
            &declaration.id,
        ));
    }

    fn check_all(all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
        for lock in all
            .values()
            .filter(|declared| declared.object.address.kind() == Self::NAME)
        {
            let address = &lock.object.address;
            let versioning = Address::new(address.site(), BucketVersioning::NAME, address.id());
            let suspended = all
                .get(&versioning)
                .filter(|declared| declared.object.fields.text("status") == Some("suspended"));
            let Some(suspended) = suspended else { continue };
            let mut finding = Finding::error(
                "object-lock-without-versioning",
                format!("{} has object lock and suspends versioning", address.id()),
            )
            .help("object lock needs versioning: write status = \"enabled\"")
            .about(address.clone())
            .about(versioning);
            for (span, text) in [
                (suspended.spans.of("/status"), "suspended here"),
                (lock.spans.of("/object_lock"), "locked here"),
            ] {
                if let Some(span) = span {
                    finding = finding.at(span, text);
                }
            }
            findings.push(finding);
        }
    }

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_object_lock_configuration,
            "GetObjectLockConfiguration"
        )?;
        Ok(answer.object_lock_configuration().and_then(decode))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        Ok(encode(&change.object.fields))
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_object_lock_configuration,
            "PutObjectLockConfiguration",
            object_lock_configuration(body.clone()),
        )
        .map(drop)
    }

    /// Puts the lock without a retention; object lock itself stays, so this is never asked for.
    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        Self::put(to, &encode(&Map::new())).await
    }

    fn passes(error: &CloudError) -> bool {
        is_about_versioning(error)
    }
}

fn decode(lock: &ObjectLockConfiguration) -> Option<Found> {
    lock.object_lock_enabled()?;
    let mut fields = Map::new();
    if let Some(retention) = lock.rule().and_then(|rule| rule.default_retention()) {
        let mode = retention
            .mode()
            .map(|mode| mode.as_str().to_ascii_lowercase());
        fields.insert_some("mode", mode);
        // A service may answer 0 for the one of the two that is not set.
        fields.insert_some("days", retention.days().filter(|days| *days > 0));
        fields.insert_some("years", retention.years().filter(|years| *years > 0));
    }
    Some(Found::set(fields))
}

fn encode(fields: &Map) -> ObjectLockConfiguration {
    let whole = |name| {
        fields
            .int(name)
            .and_then(|number| i32::try_from(number).ok())
    };
    let rule = fields.text("mode").map(|mode| {
        let retention = DefaultRetention::builder()
            .mode(ObjectLockRetentionMode::from(
                mode.to_ascii_uppercase().as_str(),
            ))
            .set_days(whole("days"))
            .set_years(whole("years"))
            .build();
        ObjectLockRule::builder()
            .default_retention(retention)
            .build()
    });
    ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .set_rule(rule)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_comes_back_as_it_was_put() {
        for json in [
            "{}",
            r#"{"mode":"governance","days":30}"#,
            r#"{"mode":"compliance","years":7}"#,
        ] {
            let fields: Map = serde_json::from_str(json).unwrap();
            assert_eq!(decode(&encode(&fields)).unwrap().fields, fields);
        }
        assert!(decode(&ObjectLockConfiguration::builder().build()).is_none());
    }
}
