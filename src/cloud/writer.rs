//! Writers: clients that change things, made from their own credentials.
//!
//! A writer never repeats a call by itself unless the service said that it did nothing: the SDK's
//! own retry of a call that went through would answer "already exists". Whoever writes reads back.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;

use super::aws_reader::AwsReader;
use super::connection::AwsSettings;
use super::error::CloudError;
use super::kubernetes;
use super::link::{Settings, Writer};
use super::reader::{Access, Readers, Shared};
use super::service;
use super::transport::Fence;
use crate::model::GapCode;

/// Attempts of a write whose every refusal says that nothing was done.
const WRITE_ATTEMPTS: u32 = 8;
/// The first pause after such a refusal; it doubles up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// All connections of a run, for writing.
#[derive(Debug)]
pub struct Writers {
    shared: Arc<Shared>,
    fence: Option<Arc<dyn Fence>>,
}

impl Writers {
    /// Returns the writers of the connections that these readers read.
    #[must_use]
    pub fn new(readers: &Readers) -> Self {
        Self {
            shared: readers.shared(),
            fence: None,
        }
    }

    /// Returns the same writers, each of whose requests is sent only if the fence lets it.
    #[must_use]
    pub fn fenced(self, fence: Arc<dyn Fence>) -> Self {
        Self {
            fence: Some(fence),
            ..self
        }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.shared.now()
    }

    /// Returns the writer of one connection, of whatever family, after checking whose credentials
    /// it has.
    pub async fn open(&self, connection: &str) -> Result<Writer, CloudError> {
        self.shared.verify(connection, Access::Write).await?;
        let settings = match self.shared.settings(connection)? {
            Settings::Account(settings) => settings,
            Settings::Cluster(settings) => {
                let writer = kubernetes::writer(&self.shared, connection, settings).await?;
                return Ok(writer.fenced(self.fence.clone()).into());
            }
            Settings::Service(settings) => {
                let writer = service::writer(&self.shared, connection, settings)?;
                return Ok(writer.fenced(self.fence.clone()).into());
            }
        };
        let config = self.shared.open(connection, settings, Access::Write).await;
        let never = RetryConfig::disabled();
        let writer = AwsWriter {
            settings: settings.clone(),
            route53: self
                .shared
                .route53(settings, &config, never.clone(), self.fence.clone()),
            s3: self.shared.s3(settings, &config, never, self.fence.clone()),
            reader: AwsReader::new(&self.shared, settings, &config),
            shared: Arc::clone(&self.shared),
        };
        Ok(writer.into())
    }
}

/// What is known of a write after its answer, or after none came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<T> {
    /// The service says that it is done.
    Done(T),
    /// The service refused; nothing was done.
    Refused(CloudError),
    /// Nobody knows: read back before judging.
    Unknown(CloudError),
}

/// One AWS connection, for writing.
#[derive(Clone, Debug)]
pub struct AwsWriter {
    shared: Arc<Shared>,
    settings: AwsSettings,
    reader: AwsReader,
    route53: aws_sdk_route53::Client,
    s3: aws_sdk_s3::Client,
}

impl AwsWriter {
    /// Returns the account that the connection belongs to.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.settings.account
    }

    /// Returns the region of the site.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// Returns a reader with the writer's credentials, for reading back.
    #[must_use]
    pub const fn reader(&self) -> &AwsReader {
        &self.reader
    }

    /// Returns the writes of Route 53.
    #[must_use]
    pub const fn route53(&self) -> &aws_sdk_route53::Client {
        &self.route53
    }

    /// Returns the writes of S3.
    #[must_use]
    pub const fn s3(&self) -> &aws_sdk_s3::Client {
        &self.s3
    }

    /// Waits until the account may change this many DNS records.
    pub async fn pace_changes(&self, records: u32) {
        let rate = self.settings.rates.route53_changes;
        self.shared
            .limiter(&self.settings.account, "route53-changes", rate)
            .take(records)
            .await;
    }

    /// Sends a write until its effect is known or in doubt: a refusal for speed is repeated, all
    /// else is judged by the caller.
    pub async fn send<T, F>(&self, call: impl FnMut() -> F) -> Effect<T>
    where
        F: Future<Output = Result<T, CloudError>>,
    {
        settle(&self.shared, call).await
    }
}

/// Asks the fence of a writer, if it has one, just before a request.
pub(super) async fn ask_fence(fence: Option<&Arc<dyn Fence>>) -> Result<(), CloudError> {
    match fence {
        None => Ok(()),
        Some(fence) => fence
            .may_write()
            .await
            .map_err(|why| CloudError::local(GapCode::Service, format!("nothing was sent: {why}"))),
    }
}

/// Sends a write until its effect is known or in doubt; see [`AwsWriter::send`].
pub(super) async fn settle<T, F>(shared: &Shared, mut call: impl FnMut() -> F) -> Effect<T>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let mut pause = FIRST_PAUSE;
    let mut attempt = 1;
    loop {
        let error = match call().await {
            Ok(answer) => return Effect::Done(answer),
            Err(error) => error,
        };
        if error.maybe_done {
            return Effect::Unknown(error);
        }
        if error.code != GapCode::Throttled || attempt == WRITE_ATTEMPTS {
            return Effect::Refused(error);
        }
        shared.sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
        attempt += 1;
    }
}
