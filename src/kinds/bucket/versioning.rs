//! The kind `bucket_versioning`: whether a bucket keeps what is overwritten and deleted.
//!
//! A bucket on which versioning was never enabled has none; once enabled it can only be suspended.

use aws_sdk_s3::types::{BucketVersioningStatus, MfaDeleteStatus, VersioningConfiguration};

use super::call::{From, To, call};
use super::part::{Found, Part};
use super::{AWS, CEPH};
use crate::cloud::CloudError;
use crate::kinds::KindError;
use crate::model::{Change, Class, Field, Map, Resource, Shape};

const SUSPENDED: &str = "suspended";
const ENABLED: &str = "enabled";

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "status",
        Shape::Choice(&[SUSPENDED, ENABLED]),
        "Whether new versions are kept",
    )
    .required()
    .cut(Class::ProtectionCut),
    Field::new(
        "mfa_delete",
        Shape::Bool,
        "Whether deleting a version needs a device of the root user; compared, never written",
    )
    .cut(Class::ProtectionCut)
    .flavors(&[AWS, CEPH]),
]);

/// The versioning of a bucket.
#[derive(Debug)]
pub(in crate::kinds) struct BucketVersioning;

impl Part for BucketVersioning {
    const NAME: &'static str = "bucket_versioning";
    const KEY: &'static str = "versioning";
    const DOC: &'static str = "The versioning of a bucket";
    const REFERENCE: &'static str =
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html";
    const SHAPE: &'static Shape = &SHAPE;

    type Body = VersioningConfiguration;

    async fn get(from: &From<'_>) -> Result<Option<Found>, CloudError> {
        let answer = call!(
            from.reader.s3(),
            from.bucket,
            get_bucket_versioning,
            "GetBucketVersioning"
        )?;
        let with_mfa = from.object.fields.contains("mfa_delete");
        let mfa = answer.mfa_delete() == Some(&MfaDeleteStatus::from("Enabled"));
        Ok(answer
            .status()
            .map(|status| decode(status, with_mfa.then_some(mfa))))
    }

    fn encode(change: &Change) -> Result<Self::Body, KindError> {
        if change
            .fields
            .iter()
            .any(|field| field.path == "/mfa_delete")
        {
            return Err(KindError::Unwritable(
                "MFA delete can only be changed by the root user with a device; change it by hand, or drop `mfa_delete`"
                    .to_owned(),
            ));
        }
        let enabled = change.object.fields.text("status") == Some(ENABLED);
        Ok(body(if enabled {
            BucketVersioningStatus::Enabled
        } else {
            BucketVersioningStatus::Suspended
        }))
    }

    async fn put(to: To<'_>, body: &Self::Body) -> Result<(), CloudError> {
        call!(
            to.client,
            to.bucket,
            put_bucket_versioning,
            "PutBucketVersioning",
            versioning_configuration(body.clone()),
        )
        .map(drop)
    }

    async fn remove(to: To<'_>, _change: &Change) -> Result<(), CloudError> {
        Self::put(to, &body(BucketVersioningStatus::Suspended)).await
    }

    /// Returns whether versioning is held by a replication, which may have been removed a moment
    /// ago; object lock never lets go.
    fn passes(error: &CloudError) -> bool {
        error.is("InvalidBucketState") && error.message.to_ascii_lowercase().contains("replication")
    }

    /// Versioning is never off again: what was removed is suspended.
    fn is_removed(live: &Resource) -> bool {
        live.fields.text("status") == Some(SUSPENDED)
    }

    fn advice(error: &CloudError) -> Option<&'static str> {
        error.is("InvalidBucketState").then_some(
            "versioning cannot be suspended while replication or object lock needs it, at either end",
        )
    }
}

fn body(status: BucketVersioningStatus) -> VersioningConfiguration {
    VersioningConfiguration::builder().status(status).build()
}

fn decode(status: &BucketVersioningStatus, mfa_delete: Option<bool>) -> Found {
    let enabled = *status == BucketVersioningStatus::Enabled;
    let status = if enabled { ENABLED } else { SUSPENDED };
    let mut fields: Map = [("status", status)].into_iter().collect();
    fields.insert_some("mfa_delete", mfa_delete);
    Found::set(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspension_is_somebodys_choice() {
        let found = decode(&BucketVersioningStatus::Suspended, None);
        assert!(!found.intrinsic);
        assert_eq!(found.fields.text("status"), Some(SUSPENDED));
        let found = decode(&BucketVersioningStatus::Enabled, Some(false));
        assert_eq!(found.fields.bool("mfa_delete"), Some(false));
    }
}
