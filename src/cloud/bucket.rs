//! A bucket whose objects are read and written, not configured: where shared state is kept.
//!
//! In: what is declared of it, and the usual places of credentials and endpoints. Out: an object
//! store with conditional writes. Must not know what is in the objects.

use std::sync::{Arc, Once};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_types::service_config::ServiceConfigKey;
use object_store::aws::{AmazonS3Builder, AwsCredential};
use object_store::client::{ClientOptions, CredentialProvider};
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use super::connection::{AwsSettings, Platform};
use super::error::CloudError;
use super::reader::{Access, load};
use crate::model::GapCode;

/// How long one request may take; a lease must not run out meanwhile.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long, and how often, a request that failed is repeated.
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);
const RETRIES: usize = 3;

/// How to reach a bucket. What is none is taken from the usual places: the `AWS_*` variables and
/// the configuration files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Option<String>,
    /// The endpoint of the service.
    pub endpoint: Option<String>,
    /// Whether the bucket's name stands in the path and not in the host name.
    pub path_style: bool,
    /// The profile of the configuration files.
    pub profile: Option<String>,
    /// The role to assume.
    pub role: Option<String>,
}

/// Opens a bucket; nothing is sent yet, except what the credentials need.
pub async fn open_bucket(
    platform: &Platform,
    bucket: &Bucket,
) -> Result<Arc<dyn ObjectStore>, CloudError> {
    install_crypto();
    let settings = AwsSettings {
        region: bucket.region.clone().unwrap_or_default(),
        profile: bucket.profile.clone(),
        read_role: bucket.role.clone(),
        ..AwsSettings::default()
    };
    let config = load(platform, &settings, Access::Read).await;
    let wrong = |what: &str| CloudError::local(GapCode::Credentials, what.to_owned());
    let region = config
        .region()
        .ok_or_else(|| wrong("no region is known for it; declare `region`, or set AWS_REGION"))?;
    let credentials = match (&bucket.profile, &bucket.role) {
        // A profile that is declared for the state wins over the variables, which may be those of
        // another account.
        (Some(profile), None) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .profile_name(profile)
                .configure(
                    &ProviderConfig::without_region()
                        .with_http_client(platform.http.clone())
                        .with_region(config.region().cloned()),
                )
                .build(),
        ),
        _ => config
            .credentials_provider()
            .ok_or_else(|| wrong("there are no AWS credentials"))?,
    };
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .map_err(|error| wrong(&error.to_string()))?;
    let usual = config
        .service_config()
        .and_then(|service| service.load_config(key))
        .or_else(|| config.endpoint_url().map(str::to_owned));
    let options = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        // An endpoint on loopback or in a cluster may speak plain HTTP; it is said in its URL.
        .with_allow_http(true);
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(region.as_ref())
        .with_virtual_hosted_style_request(!bucket.path_style)
        .with_credentials(Arc::new(Bridge(credentials)))
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = bucket.endpoint.clone().or(usual) {
        builder = builder.with_endpoint(endpoint);
    }
    match builder.build() {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// Gives the credentials of the AWS SDK to the object store, which refreshes them as it does.
#[derive(Debug)]
struct Bridge(SharedCredentialsProvider);

#[async_trait]
impl CredentialProvider for Bridge {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let credentials =
            self.0
                .provide_credentials()
                .await
                .map_err(|error| object_store::Error::Generic {
                    store: "S3",
                    source: Box::new(error),
                })?;
        Ok(Arc::new(AwsCredential {
            key_id: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
            token: credentials.session_token().map(str::to_owned),
        }))
    }
}

/// Names the one implementation of cryptography for clients that ask for the process's default.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another one that is installed already serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
