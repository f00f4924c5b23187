//! Reading a cluster.

use std::time::Duration;

use serde_json::Value as Json;

use super::api::{self, Api, Place};
use super::channel::{Ask, Channel, page};
use crate::cloud::error::CloudError;
use crate::model::GapCode;

/// The objects of one page of a list.
const PAGE: u32 = 500;
/// How often a list is begun again because the server forgot where it was.
const RESTARTS: u32 = 3;

/// One cluster, for reading: it has no call that changes anything.
#[derive(Clone, Debug)]
pub struct ClusterReader(pub(super) Channel);

impl ClusterReader {
    /// Returns what the cluster is called, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
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

    /// Returns the types that the server serves: all with two calls, or those of these versions of
    /// groups where the server is too old to say all at once.
    pub async fn apis(&self, versions: &[String]) -> Result<Vec<Api>, CloudError> {
        let groups = self.0.ask(&Ask::Document("/apis")).await?;
        if is_aggregated(&groups) {
            let core = self.0.ask(&Ask::Document("/api")).await?;
            let mut apis = api::aggregated(&core);
            apis.extend(api::aggregated(&groups));
            return Ok(apis);
        }
        let mut apis = Vec::new();
        for version in versions {
            let root = if version.contains('/') { "apis" } else { "api" };
            match self
                .0
                .ask(&Ask::Document(&format!("/{root}/{version}")))
                .await
            {
                Ok(document) => apis.extend(api::plain(version, &document)),
                // A version that the server does not know has no types.
                Err(error) if error.status == Some(404) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(apis)
    }

    /// Returns an object; none if there is none.
    pub async fn get(&self, place: Place<'_>) -> Result<Option<Json>, CloudError> {
        self.part(place, None).await
    }

    /// Returns a part of an object, such as its `scale`; none if there is none.
    pub async fn part(
        &self,
        place: Place<'_>,
        part: Option<&str>,
    ) -> Result<Option<Json>, CloudError> {
        match self.0.ask(&Ask::Get(place, part)).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is("NotFound") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lists all objects of a type, in one namespace or in all, page by page.
    ///
    /// Where the server no longer has the moment of the first page, the list is begun again:
    /// pages of two moments are no list.
    /// Rule: <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>
    pub async fn list(
        &self,
        api: &Api,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Vec<Json>, CloudError> {
        let mut restarts = 0;
        let (mut objects, mut from) = (Vec::new(), None::<String>);
        loop {
            let query = page(PAGE, from.as_deref(), selector);
            let ask = Ask::List {
                api,
                namespace,
                query,
            };
            let mut answer = match self.0.ask(&ask).await {
                Ok(answer) => answer,
                Err(error) if error.status == Some(410) && restarts < RESTARTS => {
                    restarts += 1;
                    objects.clear();
                    from = None;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(Json::Array(items)) = answer.get_mut("items").map(Json::take) else {
                return Err(CloudError::local(
                    GapCode::Garbled,
                    format!(
                        "LIST {} of {}: the answer is no list",
                        api.full_name(),
                        self.name()
                    ),
                ));
            };
            objects.extend(items);
            let next = answer.pointer("/metadata/continue").and_then(Json::as_str);
            from = next.filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                return Ok(objects);
            }
        }
    }

    /// Asks what a server-side apply under our name would make of an object; nothing is changed.
    ///
    /// Rule: <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub async fn predict(
        &self,
        place: Place<'_>,
        object: &Json,
        force: bool,
    ) -> Result<Json, CloudError> {
        let ask = Ask::Predict {
            place,
            object,
            force,
        };
        self.0.ask(&ask).await
    }
}

fn is_aggregated(document: &Json) -> bool {
    document.get("kind").and_then(Json::as_str) == Some("APIGroupDiscoveryList")
}
