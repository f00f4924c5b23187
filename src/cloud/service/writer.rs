//! Writing to a data service.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value as Json;

use super::client::Client;
use super::reader::{Answer, ServiceReader};
use super::settings::ServiceSettings;
use crate::cloud::error::CloudError;
use crate::cloud::reader::Shared;
use crate::cloud::transport::Fence;
use crate::cloud::writer::{Effect, ask_fence, settle};
use crate::model::GapCode;

/// One data service, for writing.
#[derive(Clone, Debug)]
pub struct ServiceWriter {
    reader: ServiceReader,
    client: Client,
    fence: Option<Arc<dyn Fence>>,
}

pub(in crate::cloud) fn writer(
    shared: &Arc<Shared>,
    connection: &str,
    settings: &ServiceSettings,
) -> Result<ServiceWriter, CloudError> {
    let client = Client::open(shared, connection, settings)?;
    Ok(ServiceWriter {
        reader: ServiceReader(client.clone()),
        client,
        fence: None,
    })
}

impl ServiceWriter {
    /// Returns the same writer, each of whose requests is sent only if the fence lets it.
    pub(in crate::cloud) fn fenced(self, fence: Option<Arc<dyn Fence>>) -> Self {
        Self { fence, ..self }
    }

    /// Returns a reader of the same connection, for reading back.
    #[must_use]
    pub const fn reader(&self) -> &ServiceReader {
        &self.reader
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.reader.now()
    }

    /// Sleeps.
    pub async fn sleep(&self, duration: Duration) {
        self.reader.sleep(duration).await;
    }

    /// Sends a write to one member. An answer of status 4xx is a refusal: nothing was done; one of
    /// status 5xx leaves it open.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        path: &str,
        body: Option<&Json>,
    ) -> Effect<Answer> {
        let call = || async {
            ask_fence(self.fence.as_ref()).await?;
            let answer = self.client.once(method.clone(), url, path, body).await?;
            if answer.status < 400 {
                return Ok(answer);
            }
            let text = String::from_utf8_lossy(&answer.body);
            let text: String = text.trim().chars().take(200).collect();
            Err(CloudError {
                status: Some(answer.status),
                maybe_done: answer.status >= 500,
                ..CloudError::local(
                    GapCode::Service,
                    format!("{}: HTTP {}: {text}", answer.about, answer.status),
                )
            })
        };
        settle(&self.client.shared, call).await
    }
}
