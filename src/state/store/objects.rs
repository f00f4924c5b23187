//! A bucket as a store: S3, or whatever the `object_store` crate reaches with conditional puts.
//!
//! In: an object store and a prefix. Out: a store whose versions are entity tags.
//! Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion};

use super::{Expect, Store, StoreError, Stored, Tag};

/// A store in a bucket, below a prefix.
#[derive(Clone, Debug)]
pub struct Objects {
    client: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
}

impl Objects {
    /// Returns the store of this client; `place` is its name for people.
    #[must_use]
    pub fn new(client: Arc<dyn ObjectStore>, prefix: &str, place: &str) -> Self {
        Self {
            client,
            prefix: Path::from(prefix),
            place: place.to_owned(),
        }
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.prefix.clone(), Path::join)
    }

    fn failed(&self, action: &'static str, name: &str, error: Error) -> StoreError {
        StoreError::Failed {
            action,
            name: name.to_owned(),
            place: self.place.clone(),
            source: Box::new(error),
        }
    }
}

#[async_trait]
impl Store for Objects {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn get(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        let result = match self.client.get(&self.path(name)).await {
            Ok(result) => result,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed("read", name, error)),
        };
        let tag = result
            .meta
            .e_tag
            .clone()
            .ok_or_else(|| StoreError::Unusable {
                place: self.place.clone(),
                why: "it gives no entity tags, so nothing can be written under a condition"
                    .to_owned(),
            })?;
        let bytes = result
            .bytes()
            .await
            .map_err(|error| self.failed("read", name, error))?;
        Ok(Some(Stored {
            bytes,
            tag: Tag(tag),
        }))
    }

    async fn put(&self, name: &str, bytes: Bytes, expect: &Expect) -> Result<Tag, StoreError> {
        let mode = match expect {
            Expect::Anything => PutMode::Overwrite,
            Expect::Absent => PutMode::Create,
            Expect::Tag(Tag(tag)) => PutMode::Update(UpdateVersion {
                e_tag: Some(tag.clone()),
                version: None,
            }),
        };
        let put = self
            .client
            .put_opts(&self.path(name), PutPayload::from(bytes), mode.into())
            .await;
        match put {
            Ok(result) => result.e_tag.map(Tag).ok_or_else(|| StoreError::Unusable {
                place: self.place.clone(),
                why: "it gives no entity tags, so nothing can be written under a condition"
                    .to_owned(),
            }),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                Err(StoreError::Conflict {
                    name: name.to_owned(),
                })
            }
            Err(error) => Err(self.failed("write", name, error)),
        }
    }
}
