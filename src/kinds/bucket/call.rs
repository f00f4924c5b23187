//! Calls about one bucket: whose it is, in which region, and what a refusal means.

use std::time::Duration;

use aws_sdk_s3::config::{Builder, Region};

use super::AWS;
use crate::cloud::{AwsReader, CloudError};
use crate::kinds::KindError;
use crate::model::{GapCode, Object};

/// Pauses between attempts of a write that the service refuses until an earlier one has spread: a
/// minute in all.
pub(super) const PAUSES: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// Sends a call about a bucket with its owner, in its region.
macro_rules! call {
    ($client:expr, $bucket:expr, $method:ident, $operation:literal $(, $setter:ident($value:expr))* $(,)?) => {
        $client
            .$method()
            .bucket(&$bucket.name)
            .set_expected_bucket_owner($bucket.owner.clone())
            $(.$setter($value))*
            .customize()
            .config_override($bucket.config())
            .send()
            .await
            .map_err(|error| $crate::cloud::CloudError::of($operation, &error))
    };
}
pub(super) use call;

/// A bucket, and how it is reached.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// The name.
    pub(super) name: String,
    /// The account that it must belong to, where the service checks that.
    pub(super) owner: Option<String>,
    region: Option<String>,
}

/// Where a part of a bucket is read from.
#[derive(Debug)]
pub(super) struct From<'a> {
    /// The connection.
    pub(super) reader: &'a AwsReader,
    /// The object that it is read for.
    pub(super) object: &'a Object,
    /// The bucket.
    pub(super) bucket: Bucket,
}

/// Where a part of a bucket is written to.
#[derive(Clone, Copy, Debug)]
pub(super) struct To<'a> {
    /// The connection.
    pub(super) client: &'a aws_sdk_s3::Client,
    /// The bucket.
    pub(super) bucket: &'a Bucket,
}

impl Bucket {
    /// Returns the bucket that an object is a part of.
    ///
    /// On AWS every call names the account, so that a bucket of the same name that is somebody
    /// else's is refused:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    pub(super) fn of(object: &Object, account: &str) -> Self {
        let identity = &object.identity;
        Self {
            name: identity.text("bucket").unwrap_or_default().to_owned(),
            owner: (identity.text("flavor") == Some(AWS)).then(|| account.to_owned()),
            region: identity.text("region").map(str::to_owned),
        }
    }

    /// Returns what a call changes of the configuration of its client.
    pub(super) fn config(&self) -> Builder {
        let builder = Builder::new();
        match &self.region {
            // No region at all would take away that of the client.
            None => builder,
            Some(region) => builder.region(Region::new(region.clone())),
        }
    }

    /// Returns the bucket in the region that a refusal names, if that is another one.
    ///
    /// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/Redirects.html>
    pub(super) fn moved(&self, error: &CloudError) -> Option<Self> {
        let is_redirect = error.status == Some(301)
            || ["PermanentRedirect", "AuthorizationHeaderMalformed"]
                .iter()
                .any(|code| error.is(code));
        if !is_redirect || self.region == error.right_region {
            return None;
        }
        error.right_region.clone().map(|region| Self {
            region: Some(region),
            ..self.clone()
        })
    }

    /// Returns what a failed call means.
    pub(super) fn explain(&self, mut error: CloudError) -> KindError {
        if error.is("NoSuchBucket") {
            return KindError::MissingParent(format!(
                "the bucket {} does not exist; drsync sets buckets up and does not make them: create it, or correct `bucket`",
                self.name
            ));
        }
        if let Some(moved) = self.moved(&error) {
            return KindError::MissingParent(format!(
                "the bucket {} is in the region {}; write `region` in its entry",
                self.name,
                moved.region.unwrap_or_default()
            ));
        }
        if let (GapCode::Forbidden, Some(owner)) = (error.code, &self.owner) {
            let hint = format!(
                " (the credentials lack the permission, or the bucket {} does not belong to the account {owner})",
                self.name
            );
            error.message.push_str(&hint);
        }
        KindError::Cloud(error)
    }
}
