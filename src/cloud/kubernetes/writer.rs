//! Writing to a cluster.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::api::{Api, Place};
use super::channel::{Channel, Order};
use super::reader::ClusterReader;
use crate::cloud::transport::Fence;
use crate::cloud::writer::{Effect, ask_fence, settle};

/// One cluster, for writing.
#[derive(Clone, Debug)]
pub struct ClusterWriter {
    reader: ClusterReader,
    channel: Channel,
    fence: Option<Arc<dyn Fence>>,
}

impl ClusterWriter {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            reader: ClusterReader(channel.clone()),
            channel,
            fence: None,
        }
    }

    /// Returns the same writer, each of whose requests is sent only if the fence lets it.
    pub(in crate::cloud) fn fenced(self, fence: Option<Arc<dyn Fence>>) -> Self {
        Self { fence, ..self }
    }

    /// Returns a reader with the writer's credentials, for reading back.
    #[must_use]
    pub const fn reader(&self) -> &ClusterReader {
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

    /// Applies an object on the server's side, under our name. With a `resourceVersion` in its
    /// metadata the server refuses it if the object was changed since.
    pub async fn apply(&self, place: Place<'_>, object: &Json, force: bool) -> Effect<Json> {
        let order = Order::Apply {
            place,
            object,
            force,
        };
        self.send(&order).await
    }

    /// Merges a patch into an object, or into a part of it such as its `scale`.
    pub async fn merge(&self, place: Place<'_>, part: Option<&str>, patch: &Json) -> Effect<Json> {
        self.send(&Order::Merge { place, part, patch }).await
    }

    /// Makes an object.
    pub async fn create(&self, api: &Api, namespace: Option<&str>, object: &Json) -> Effect<Json> {
        let order = Order::Create {
            api,
            namespace,
            object,
        };
        self.send(&order).await
    }

    /// Deletes an object, if it still is the one of this uid.
    pub async fn delete(&self, place: Place<'_>, uid: &str) -> Effect<Json> {
        let options = serde_json::json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": { "uid": uid },
        });
        let order = Order::Delete {
            place,
            options: &options,
        };
        self.send(&order).await
    }

    async fn send(&self, order: &Order<'_>) -> Effect<Json> {
        let call = || async {
            ask_fence(self.fence.as_ref()).await?;
            self.channel.order(order).await
        };
        settle(&self.channel.shared, call).await
    }
}
