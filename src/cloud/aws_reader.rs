//! One AWS connection for reading: of each client only the calls that change nothing.
//!
//! In: a loaded configuration. Out: [`AwsReader`], whose clients cannot be reached otherwise.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_route53::operation::{
    get_change::builders::GetChangeFluentBuilder,
    get_health_check_status::builders::GetHealthCheckStatusFluentBuilder,
    get_hosted_zone::builders::GetHostedZoneFluentBuilder,
    list_health_checks::builders::ListHealthChecksFluentBuilder,
    list_hosted_zones_by_name::builders::ListHostedZonesByNameFluentBuilder,
    list_resource_record_sets::builders::ListResourceRecordSetsFluentBuilder,
};
use aws_sdk_s3::operation::{
    get_bucket_encryption::builders::GetBucketEncryptionFluentBuilder,
    get_bucket_lifecycle_configuration::builders::GetBucketLifecycleConfigurationFluentBuilder,
    get_bucket_ownership_controls::builders::GetBucketOwnershipControlsFluentBuilder,
    get_bucket_policy::builders::GetBucketPolicyFluentBuilder,
    get_bucket_replication::builders::GetBucketReplicationFluentBuilder,
    get_bucket_tagging::builders::GetBucketTaggingFluentBuilder,
    get_bucket_versioning::builders::GetBucketVersioningFluentBuilder,
    get_object_lock_configuration::builders::GetObjectLockConfigurationFluentBuilder,
    get_public_access_block::builders::GetPublicAccessBlockFluentBuilder,
};
use aws_smithy_types::retry::RetryConfig;

use super::connection::AwsSettings;
use super::reader::{READ_ATTEMPTS, Shared};

/// One AWS connection, for reading.
#[derive(Clone, Debug)]
pub struct AwsReader {
    shared: Arc<Shared>,
    account: String,
    route53: Route53Reader,
    s3: S3Reader,
}

impl AwsReader {
    pub(super) fn new(shared: &Arc<Shared>, settings: &AwsSettings, config: &SdkConfig) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(READ_ATTEMPTS);
        Self {
            account: settings.account.clone(),
            route53: Route53Reader(shared.route53(settings, config, retry.clone(), None)),
            s3: S3Reader(shared.s3(settings, config, retry, None)),
            shared: Arc::clone(shared),
        }
    }

    /// Returns the account that the connection belongs to.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the reads of Route 53.
    #[must_use]
    pub const fn route53(&self) -> &Route53Reader {
        &self.route53
    }

    /// Returns the reads of S3.
    #[must_use]
    pub const fn s3(&self) -> &S3Reader {
        &self.s3
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.shared.now()
    }

    /// Sleeps.
    pub async fn sleep(&self, duration: Duration) {
        self.shared.sleep(duration).await;
    }
}

macro_rules! reads {
    ($(#[$doc:meta])* $name:ident($client:ty) { $($call:ident -> $builder:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name($client);

        impl $name {
            $(
                #[doc = concat!("Begins the call `", stringify!($call), "`.")]
                #[must_use]
                pub fn $call(&self) -> $builder {
                    self.0.$call()
                }
            )+
        }
    };
}

reads! {
    /// The reads of Route 53; there is no other way to this client.
    Route53Reader(aws_sdk_route53::Client) {
        get_change -> GetChangeFluentBuilder,
        get_health_check_status -> GetHealthCheckStatusFluentBuilder,
        get_hosted_zone -> GetHostedZoneFluentBuilder,
        list_health_checks -> ListHealthChecksFluentBuilder,
        list_hosted_zones_by_name -> ListHostedZonesByNameFluentBuilder,
        list_resource_record_sets -> ListResourceRecordSetsFluentBuilder,
    }
}

reads! {
    /// The reads of S3; there is no other way to this client.
    S3Reader(aws_sdk_s3::Client) {
        get_bucket_encryption -> GetBucketEncryptionFluentBuilder,
        get_bucket_lifecycle_configuration -> GetBucketLifecycleConfigurationFluentBuilder,
        get_bucket_ownership_controls -> GetBucketOwnershipControlsFluentBuilder,
        get_bucket_policy -> GetBucketPolicyFluentBuilder,
        get_bucket_replication -> GetBucketReplicationFluentBuilder,
        get_bucket_tagging -> GetBucketTaggingFluentBuilder,
        get_bucket_versioning -> GetBucketVersioningFluentBuilder,
        get_object_lock_configuration -> GetObjectLockConfigurationFluentBuilder,
        get_public_access_block -> GetPublicAccessBlockFluentBuilder,
    }
}
