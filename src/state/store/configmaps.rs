//! ConfigMaps of a cluster as a store.
//!
//! In: a client, a namespace and the beginning of the names. Out: a store whose versions are
//! resource versions, which the API server compares and swaps.
//! Rule: <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ObjectMeta, PostParams};
use kube::config::KubeConfigOptions;
use kube::{Api, Client, Config};

use super::{Expect, Store, StoreError, Stored, Tag};

/// The context that stands for the service account of the pod.
const IN_CLUSTER: &str = "in-cluster";
/// The key of the content.
const CONTENT: &str = "content";
/// The largest content: a ConfigMap holds one mebibyte with everything in it.
///
/// Rule: <https://kubernetes.io/docs/concepts/configuration/configmap/>
const LARGEST: usize = 1_000_000;
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The status of an object that is there already, or of another version.
const CONFLICT: u16 = 409;
const NOT_FOUND: u16 = 404;

/// A store in the ConfigMaps of a namespace.
#[derive(Clone)]
pub struct ConfigMaps {
    api: Api<ConfigMap>,
    prefix: String,
    place: String,
}

impl std::fmt::Debug for ConfigMaps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ConfigMaps").field(&self.place).finish()
    }
}

impl ConfigMaps {
    /// Returns the store of a client; `place` is its name for people.
    #[must_use]
    pub fn new(client: Client, namespace: &str, prefix: &str, place: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            prefix: prefix.to_owned(),
            place: place.to_owned(),
        }
    }

    /// Opens the store of a context of the kubeconfig, which is that of `KUBECONFIG` or `~/.kube`.
    pub(super) async fn connect(
        context: &str,
        namespace: &str,
        prefix: &str,
        place: &str,
    ) -> Result<Self, StoreError> {
        let unusable = |why: String| StoreError::Unusable {
            place: place.to_owned(),
            why,
        };
        let mut config = if context == IN_CLUSTER {
            Config::incluster().map_err(|error| unusable(error.to_string()))?
        } else {
            let options = KubeConfigOptions {
                context: Some(context.to_owned()),
                ..KubeConfigOptions::default()
            };
            Config::from_kubeconfig(&options)
                .await
                .map_err(|error| unusable(error.to_string()))?
        };
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = Some(TIMEOUT);
        config.write_timeout = Some(TIMEOUT);
        let client = Client::try_from(config).map_err(|error| unusable(error.to_string()))?;
        Ok(Self::new(client, namespace, prefix, place))
    }

    /// Returns the name of the ConfigMap of an object.
    fn name(&self, name: &str) -> String {
        format!("{}-{}", self.prefix, name.replace('/', "."))
    }

    fn failed(
        &self,
        action: &'static str,
        name: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Failed {
            action,
            name: name.to_owned(),
            place: self.place.clone(),
            source: source.into(),
        }
    }

    fn tag(&self, map: &ConfigMap) -> Result<Tag, StoreError> {
        let version = map.metadata.resource_version.clone();
        version.map(Tag).ok_or_else(|| StoreError::Unusable {
            place: self.place.clone(),
            why: "it gives no resource versions".to_owned(),
        })
    }

    fn map(&self, name: &str, text: &str, version: Option<String>) -> ConfigMap {
        ConfigMap {
            metadata: ObjectMeta {
                name: Some(self.name(name)),
                labels: Some(BTreeMap::from([(
                    "app.kubernetes.io/managed-by".to_owned(),
                    "drsync".to_owned(),
                )])),
                resource_version: version,
                ..ObjectMeta::default()
            },
            data: Some(BTreeMap::from([(CONTENT.to_owned(), text.to_owned())])),
            ..ConfigMap::default()
        }
    }
}

#[async_trait]
impl Store for ConfigMaps {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn get(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        let found = self
            .api
            .get_opt(&self.name(name))
            .await
            .map_err(|error| self.failed("read", name, error))?;
        let Some(mut map) = found else {
            return Ok(None);
        };
        let tag = self.tag(&map)?;
        let content = map.data.as_mut().and_then(|data| data.remove(CONTENT));
        Ok(Some(Stored {
            bytes: content.unwrap_or_default().into(),
            tag,
        }))
    }

    async fn put(&self, name: &str, bytes: Bytes, expect: &Expect) -> Result<Tag, StoreError> {
        let text =
            std::str::from_utf8(&bytes).map_err(|error| self.failed("write", name, error))?;
        if text.len() > LARGEST {
            return Err(StoreError::Unusable {
                place: self.place.clone(),
                why: format!(
                    "{name} has {} bytes and a ConfigMap holds {LARGEST}; keep the state in a bucket",
                    text.len()
                ),
            });
        }
        let parameters = PostParams::default();
        let put = match expect {
            Expect::Absent => {
                self.api
                    .create(&parameters, &self.map(name, text, None))
                    .await
            }
            Expect::Tag(Tag(version)) => {
                let map = self.map(name, text, Some(version.clone()));
                self.api.replace(&self.name(name), &parameters, &map).await
            }
            Expect::Anything => {
                let map = self.map(name, text, None);
                match self.api.create(&parameters, &map).await {
                    Err(kube::Error::Api(status)) if status.code == CONFLICT => {
                        self.api.replace(&self.name(name), &parameters, &map).await
                    }
                    made => made,
                }
            }
        };
        match put {
            Ok(map) => self.tag(&map),
            Err(kube::Error::Api(status))
                if status.code == CONFLICT
                    || (status.code == NOT_FOUND && matches!(expect, Expect::Tag(_))) =>
            {
                Err(StoreError::Conflict {
                    name: name.to_owned(),
                })
            }
            Err(error) => Err(self.failed("write", name, error)),
        }
    }
}
