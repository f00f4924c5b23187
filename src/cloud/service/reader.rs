//! Reading a data service.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::settings::ServiceSettings;
use crate::cloud::error::CloudError;
use crate::cloud::reader::Shared;
use crate::model::GapCode;

/// One data service, for reading: it can only GET.
#[derive(Clone, Debug)]
pub struct ServiceReader(pub(super) Client);

/// An answer of a data service.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status; a service may say much with it, such as a role.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// The request, for messages.
    pub(super) about: String,
}

impl Answer {
    /// Returns the body of an answer of success as JSON, or what is wrong with it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CloudError> {
        let fail = |code, text: String| CloudError {
            status: Some(self.status),
            maybe_done: true,
            ..CloudError::local(code, format!("{}: {text}", self.about))
        };
        if !(200..300).contains(&self.status) {
            return Err(fail(GapCode::Service, format!("HTTP {}", self.status)));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            fail(
                GapCode::Garbled,
                format!("the answer is not as expected: {error}"),
            )
        })
    }
}

pub(in crate::cloud) fn reader(
    shared: &Arc<Shared>,
    connection: &str,
    settings: &ServiceSettings,
) -> Result<ServiceReader, CloudError> {
    Client::open(shared, connection, settings).map(ServiceReader)
}

impl ServiceReader {
    /// Returns what the service is called, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the addresses of its members.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.0.urls
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.0.shared.now()
    }

    /// Sleeps.
    pub async fn sleep(&self, duration: Duration) {
        self.0.shared.sleep(duration).await;
    }

    /// Asks the members in turn until one answers.
    pub async fn get(&self, path: &str) -> Result<Answer, CloudError> {
        let mut last = CloudError::local(
            GapCode::Unreachable,
            format!("{} has no address", self.name()),
        );
        for url in self.urls() {
            match self.0.ask(url, path).await {
                Err(error) if error.code == GapCode::Unreachable => last = error,
                answer => return answer,
            }
        }
        Err(last)
    }

    /// Asks one member.
    pub async fn get_from(&self, url: &str, path: &str) -> Result<Answer, CloudError> {
        self.0.ask(url, path).await
    }
}
