//! Where the state is kept: named objects, each replaced whole and only under a condition.
//!
//! In: names and bytes. Out: bytes with a tag of their version. A put with a tag has effect only
//! if nobody put anything since; that is all that the lease, the journal and the record are built
//! on. Must not know what the bytes mean.

mod configmaps;
mod folder;
mod location;
mod objects;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep};
use bytes::Bytes;

pub use configmaps::ConfigMaps;
pub use folder::Folder;
pub use location::{BucketOptions, Location};
pub use objects::Objects;

/// Pauses before a put whose effect is unknown is looked at and tried again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The version of an object, as the store names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub String);

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The content.
    pub bytes: Bytes,
    /// Its version.
    pub tag: Tag,
}

/// What must hold for a put to have effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is no such object.
    Absent,
    /// The object is still of this version.
    Tag(Tag),
    /// Nothing.
    Anything,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was expected did not hold; nothing was changed.
    #[error("{name} was changed by somebody else")]
    Conflict {
        /// The object.
        name: String,
    },
    /// It failed. A put may have had effect all the same.
    #[error("cannot {action} {name} in {place}")]
    Failed {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The object.
        name: String,
        /// The store.
        place: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store cannot be opened as it is declared.
    #[error("cannot open the state in {place}: {why}")]
    Unusable {
        /// The store.
        place: String,
        /// Why, and what to do.
        why: String,
    },
}

/// Whether the machine itself says that another run is alive.
pub enum Hold {
    /// The store has no such sign: only the lease tells.
    Unknown,
    /// The sign is ours until this is dropped: whoever had it before is dead.
    Ours(Box<dyn Send + Sync>),
    /// Another process has the sign.
    Taken,
}

/// Keeps named objects. Names have `/` between parts, and no part is empty or begins with a dot.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// Returns the name of the store, for people.
    fn place(&self) -> String;

    /// Returns an object; none if there is no such object.
    async fn get(&self, name: &str) -> Result<Option<Stored>, StoreError>;

    /// Puts an object in one step, durable when this returns, if the expectation holds.
    async fn put(&self, name: &str, bytes: Bytes, expect: &Expect) -> Result<Tag, StoreError>;

    /// Takes the sign of life that the machine keeps, if the store has one.
    async fn hold(&self) -> Result<Hold, StoreError> {
        Ok(Hold::Unknown)
    }
}

/// Puts an object until its effect is known.
///
/// A put whose answer was lost, or that a client below repeated, is read back: it had effect if
/// the object is what was put. `bytes` must therefore be unlike what anybody else would put.
pub(super) async fn put_settled(
    store: &dyn Store,
    sleep: &SharedAsyncSleep,
    name: &str,
    bytes: &Bytes,
    expect: &Expect,
) -> Result<Tag, StoreError> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let error = match store.put(name, bytes.clone(), expect).await {
            Ok(tag) => return Ok(tag),
            Err(error) => error,
        };
        let refused = matches!(error, StoreError::Conflict { .. });
        match store.get(name).await {
            Ok(Some(found)) if found.bytes == *bytes => return Ok(found.tag),
            // Still what it was: the put did not come through, and may be tried again.
            Ok(found) if !refused && holds(expect, found.as_ref()) => {}
            Ok(_) => {
                return Err(StoreError::Conflict {
                    name: name.to_owned(),
                });
            }
            Err(_) => {}
        }
        match pauses.next() {
            Some(pause) => sleep.sleep(pause).await,
            None => return Err(error),
        }
    }
}

fn holds(expect: &Expect, found: Option<&Stored>) -> bool {
    match (expect, found) {
        (Expect::Anything, _) | (Expect::Absent, None) => true,
        (Expect::Tag(tag), Some(found)) => *tag == found.tag,
        (Expect::Absent, Some(_)) | (Expect::Tag(_), None) => false,
    }
}
