//! Readers: clients that have no call that changes anything.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_async::rt::sleep::AsyncSleep;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::aws_reader::AwsReader;
use super::calls::{CallCounts, Calls};
use super::connection::{AwsSettings, Platform, Rate};
use super::error::CloudError;
use super::kubernetes::{self, ClusterAccess, KubeLine};
use super::limiter::Limiter;
use super::line::Line;
use super::link::{Reader, Settings};
use super::service;
use super::transport::{Fence, Paced, Watch};
use crate::model::GapCode;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the service may take to begin its answer.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts of a read: a reader can repeat a call without harm.
pub(super) const READ_ATTEMPTS: u32 = 5;

/// All connections of a run, for reading.
#[derive(Debug)]
pub struct Readers {
    shared: Arc<Shared>,
}

/// What readers and writers of one run share: settings, limits, counts.
#[derive(Debug)]
pub(super) struct Shared {
    platform: Platform,
    settings: BTreeMap<String, Settings>,
    calls: Calls,
    limiters: Mutex<HashMap<(String, &'static str), Arc<Limiter>>>,
    configs: tokio::sync::Mutex<HashMap<(String, Access), SdkConfig>>,
    identities: tokio::sync::Mutex<HashMap<String, Result<(), CloudError>>>,
    lines: tokio::sync::Mutex<HashMap<(String, Access), Opened>>,
}

/// A line to a cluster, or why there is none.
type Opened = Result<Arc<KubeLine>, CloudError>;

/// Whether a connection reads or writes: each has its own role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Access {
    Read,
    Write,
}

impl Readers {
    /// Returns the readers of these connections; nothing is sent yet.
    #[must_use]
    pub fn new(platform: Platform, settings: BTreeMap<String, Settings>) -> Self {
        Self {
            shared: Arc::new(Shared {
                platform,
                settings,
                calls: Calls::default(),
                limiters: Mutex::default(),
                configs: tokio::sync::Mutex::default(),
                identities: tokio::sync::Mutex::default(),
                lines: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Returns the reader of one connection, of whatever family.
    pub async fn open(&self, connection: &str) -> Result<Reader, CloudError> {
        let shared = &self.shared;
        Ok(match shared.settings(connection)? {
            Settings::Account(settings) => {
                let config = shared.open(connection, settings, Access::Read).await;
                Reader::Account(AwsReader::new(shared, settings, &config))
            }
            Settings::Cluster(settings) => {
                Reader::Cluster(kubernetes::reader(shared, connection, settings).await?)
            }
            Settings::Service(settings) => {
                Reader::Service(service::reader(shared, connection, settings)?)
            }
        })
    }

    /// Checks that the credentials of a connection belong to the account that Git declares, or
    /// that there are credentials at all.
    ///
    /// Equal credentials are asked once in a run. Rule:
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    pub async fn verify(&self, connection: &str) -> Result<(), CloudError> {
        self.shared.verify(connection, Access::Read).await
    }

    /// Returns the counter of all calls, for whoever shows them while they are made.
    #[must_use]
    pub fn counter(&self) -> Calls {
        self.shared.calls.clone()
    }

    /// Returns the calls made so far, by readers and writers together.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        self.shared.calls.counts()
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.shared.now()
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}

impl Shared {
    pub(super) fn settings(&self, connection: &str) -> Result<&Settings, CloudError> {
        self.settings.get(connection).ok_or_else(|| {
            let declare = if connection.contains("/clusters/") {
                "declare it in `clusters` of the site"
            } else if connection.contains("/services/") {
                "declare it in `services` of the site"
            } else {
                "declare `aws = { account, region }` for it"
            };
            CloudError::local(
                GapCode::Credentials,
                format!("nothing says how to reach `{connection}`; {declare}"),
            )
        })
    }

    pub(super) async fn open(
        &self,
        connection: &str,
        settings: &AwsSettings,
        access: Access,
    ) -> SdkConfig {
        let mut configs = self.configs.lock().await;
        let key = (connection.to_owned(), access);
        if let Some(config) = configs.get(&key) {
            return config.clone();
        }
        let config = load(&self.platform, settings, access).await;
        configs.insert(key, config.clone());
        config
    }

    /// Returns what carries requests to clusters and data services in the place of the network.
    pub(super) fn played(&self) -> Option<Arc<dyn Line>> {
        self.platform.line.clone()
    }

    /// Returns the line to a cluster, opened once for each connection and role.
    pub(super) async fn kube_line(
        self: &Arc<Self>,
        connection: &str,
        way: &ClusterAccess,
        access: Access,
    ) -> Result<Arc<dyn Line>, CloudError> {
        let mut lines = self.lines.lock().await;
        let key = (connection.to_owned(), access);
        if let Some(line) = lines.get(&key) {
            return line.clone().map(|line| line as Arc<dyn Line>);
        }
        let opened = KubeLine::open(self, way, access).await.map(Arc::new);
        lines.insert(key, opened.clone());
        opened.map(|line| line as Arc<dyn Line>)
    }

    pub(super) async fn aws_config(&self, settings: &AwsSettings, access: Access) -> SdkConfig {
        load(&self.platform, settings, access).await
    }

    /// Counts one call.
    pub(super) fn count(&self, service: &str, operation: &str) {
        self.calls.add(service, operation);
    }

    /// Returns the limiter of an account's service, the same for every task and connection.
    pub(super) fn limiter(&self, account: &str, service: &'static str, rate: Rate) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters
            .entry((account.to_owned(), service))
            .or_insert_with(|| {
                let (time, sleep) = (self.platform.time.clone(), self.platform.sleep.clone());
                Arc::new(Limiter::new(rate, time, sleep))
            });
        Arc::clone(limiter)
    }

    fn watch(&self, limiter: &Arc<Limiter>, fence: Option<Arc<dyn Fence>>) -> (Paced, Watch) {
        let paced = Paced {
            inner: self.platform.http.clone(),
            limiter: Arc::clone(limiter),
            fence,
        };
        (
            paced,
            Watch {
                calls: self.calls.clone(),
                limiter: Arc::clone(limiter),
            },
        )
    }

    pub(super) async fn verify(
        self: &Arc<Self>,
        connection: &str,
        access: Access,
    ) -> Result<(), CloudError> {
        let settings = match self.settings(connection)? {
            Settings::Account(settings) => settings,
            // A cluster says with each answer whom it takes the caller for.
            Settings::Cluster(settings) => {
                return kubernetes::reader(self, connection, settings)
                    .await
                    .map(drop);
            }
            Settings::Service(settings) => {
                return service::reader(self, connection, settings).map(drop);
            }
        };
        let config = self.open(connection, settings, access).await;
        let role = match access {
            Access::Read => &settings.read_role,
            Access::Write => &settings.write_role,
        };
        let key = format!(
            "{}|{:?}|{:?}|{:?}|{:?}",
            settings.account,
            settings.profile,
            role,
            settings.endpoints.get("sts"),
            settings.made_up_key
        );
        let mut identities = self.identities.lock().await;
        if let Some(known) = identities.get(&key) {
            return known.clone();
        }
        let result = self.ask_identity(connection, settings, &config).await;
        identities.insert(key, result.clone());
        result
    }

    async fn ask_identity(
        &self,
        connection: &str,
        settings: &AwsSettings,
        config: &SdkConfig,
    ) -> Result<(), CloudError> {
        // A caller may ask this thousands of times a second; the bucket only counts it.
        let limiter = self.limiter(
            &settings.account,
            "sts",
            Rate {
                per_second: 50.0,
                burst: 50,
            },
        );
        let (paced, watch) = self.watch(&limiter, None);
        let mut builder = aws_sdk_sts::config::Builder::from(config)
            .http_client(paced)
            .interceptor(watch)
            .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS));
        if let Some(endpoint) = settings.endpoints.get("sts") {
            builder = builder.endpoint_url(endpoint);
        }
        let client = aws_sdk_sts::Client::from_conf(builder.build());
        let identity = client
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| CloudError::of("GetCallerIdentity", &error))?;
        let account = identity.account().unwrap_or_default();
        if account == settings.account {
            return Ok(());
        }
        Err(CloudError {
            service_code: Some("WrongAccount".to_owned()),
            ..CloudError::local(
                GapCode::Credentials,
                format!(
                    "the credentials for `{connection}` belong to account {account}, but Git declares {}",
                    settings.account
                ),
            )
        })
    }

    pub(super) fn route53(
        &self,
        settings: &AwsSettings,
        config: &SdkConfig,
        retry: RetryConfig,
        fence: Option<Arc<dyn Fence>>,
    ) -> aws_sdk_route53::Client {
        let limiter = self.limiter(
            &settings.account,
            "route53",
            settings.rates.route53_requests,
        );
        let (paced, watch) = self.watch(&limiter, fence);
        let mut builder = aws_sdk_route53::config::Builder::from(config)
            .http_client(paced)
            .interceptor(watch)
            .retry_config(retry);
        if let Some(endpoint) = settings.endpoints.get("route53") {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_route53::Client::from_conf(builder.build())
    }

    pub(super) fn s3(
        &self,
        settings: &AwsSettings,
        config: &SdkConfig,
        retry: RetryConfig,
        fence: Option<Arc<dyn Fence>>,
    ) -> aws_sdk_s3::Client {
        let limiter = self.limiter(&settings.account, "s3", settings.rates.s3_requests);
        let (paced, watch) = self.watch(&limiter, fence);
        let mut builder = aws_sdk_s3::config::Builder::from(config)
            .http_client(paced)
            .interceptor(watch)
            .retry_config(retry)
            .force_path_style(settings.path_style);
        if let Some(endpoint) = settings.endpoints.get("s3") {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_s3::Client::from_conf(builder.build())
    }

    pub(super) fn eks(
        &self,
        settings: &AwsSettings,
        config: &SdkConfig,
        retry: RetryConfig,
    ) -> aws_sdk_eks::Client {
        let limiter = self.limiter(&settings.account, "eks", settings.rates.other_requests);
        let (paced, watch) = self.watch(&limiter, None);
        let mut builder = aws_sdk_eks::config::Builder::from(config)
            .http_client(paced)
            .interceptor(watch)
            .retry_config(retry);
        if let Some(endpoint) = settings.endpoints.get("eks") {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_eks::Client::from_conf(builder.build())
    }

    pub(super) fn system_time(&self) -> std::time::SystemTime {
        self.platform.time.now()
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::try_from(self.platform.time.now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        self.platform.sleep.sleep(duration).await;
    }
}

/// Loads what the usual places say of a connection; an empty region is left to them.
pub(super) async fn load(platform: &Platform, settings: &AwsSettings, access: Access) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(platform.http.clone())
        .sleep_impl(platform.sleep.clone())
        .time_source(platform.time.clone())
        .timeout_config(timeouts);
    if !settings.region.is_empty() {
        loader = loader.region(Region::new(settings.region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(key) = &settings.made_up_key {
        loader = loader.credentials_provider(aws_credential_types::Credentials::from_keys(
            key, "made-up", None,
        ));
    }
    let config = loader.load().await;
    let role = match access {
        Access::Read => &settings.read_role,
        Access::Write => &settings.write_role,
    };
    let Some(role) = role else { return config };
    let mut base = config.clone().into_builder();
    base.set_endpoint_url(
        settings
            .endpoints
            .get("sts")
            .cloned()
            .or_else(|| config.endpoint_url().map(str::to_owned)),
    );
    let provider = aws_config::sts::AssumeRoleProvider::builder(role)
        .session_name("drsync")
        .configure(&base.build())
        .build()
        .await;
    config
        .into_builder()
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(provider),
        )
        .build()
}
