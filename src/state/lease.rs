//! The lock: a lease with an owner, an end, and a number that grows with each holder.
//!
//! In: a store and an owner. Out: a lease that is renewed while it is held, and that says before
//! each write whether it is ours. A lease can end while its holder is stopped or cut off; so every
//! write of the state is made under the number of its holder and is refused when a later holder
//! has been there (see `fenced`), and every write to a service asks here first.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT_VERSION};
use super::store::put_settled;
use super::{Expect, Hold, Holder, Owner, StateError, Store, StoreError, Tag};
use crate::cloud::{Fence, Platform};

/// The lease. It is never removed, because its number must go on growing.
pub(super) const LOCK: &str = "lock.json";

/// How long a lease is good unless it is renewed.
const LENGTH: SignedDuration = SignedDuration::from_secs(60);
/// A lease of which less than this is left is renewed before anything is written.
const RENEW_BELOW: SignedDuration = SignedDuration::from_secs(40);
/// The pause between renewals while nothing is written.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long after its end a lease is left alone: the clocks of two machines differ, and a request
/// that was sent just before the end may take this long to arrive.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// The lease as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    format_version: String,
    /// The number of the latest holder.
    token: u64,
    holder: Option<Holder>,
}

/// Whose lock may be taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Claim<'a> {
    /// A free one.
    Free,
    /// The one with this id, whoever has it.
    Break(&'a str),
}

/// A lease that was taken.
#[derive(Clone, Debug)]
pub(super) struct Lease(Arc<Held>);

struct Held {
    store: Arc<dyn Store>,
    sleep: SharedAsyncSleep,
    time: SharedTimeSource,
    token: u64,
    holder: Holder,
    tag: tokio::sync::Mutex<Tag>,
    expires: Mutex<Timestamp>,
    lost: OnceLock<String>,
    sign: Mutex<Option<Box<dyn Send + Sync>>>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("token", &self.token)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

/// Returns who holds the lock, as far as the lease tells: one that has ended is nobody's.
pub(super) async fn holder(
    store: &dyn Store,
    now: Timestamp,
) -> Result<Option<Holder>, StateError> {
    let (stored, _) = read(store).await?;
    Ok(stored.holder.filter(|holder| !has_ended(holder, now)))
}

fn has_ended(holder: &Holder, now: Timestamp) -> bool {
    holder
        .expires
        .saturating_add(GRACE)
        .is_ok_and(|end| end < now)
}

async fn read(store: &dyn Store) -> Result<(Stored, Expect), StateError> {
    match store.get(LOCK).await.map_err(StateError::Store)? {
        Some(found) => {
            format::check(LOCK, &found.bytes)?;
            let stored = format::decode(LOCK, &found.bytes)?;
            Ok((stored, Expect::Tag(found.tag)))
        }
        None => Ok((
            Stored {
                format_version: FORMAT_VERSION.to_owned(),
                token: 0,
                holder: None,
            },
            Expect::Absent,
        )),
    }
}

fn bytes(token: u64, holder: Option<&Holder>) -> Result<Bytes, StateError> {
    let stored = Stored {
        format_version: FORMAT_VERSION.to_owned(),
        token,
        holder: holder.cloned(),
    };
    format::encode(LOCK, &stored)
}

impl Lease {
    /// Takes the lock, with a number above `floor`. Returns whose lock was broken, if one was.
    pub(super) async fn take(
        store: &Arc<dyn Store>,
        owner: &Owner,
        platform: &Platform,
        claim: Claim<'_>,
        floor: u64,
    ) -> Result<(Self, Option<Holder>), StateError> {
        let hold = store.hold().await.map_err(StateError::Store)?;
        loop {
            let now = moment(&platform.time);
            let (stored, expect) = read(store.as_ref()).await?;
            may_take(&stored, &expect, &hold, owner, now, claim)?;
            let holder = Holder {
                id: uuid::Uuid::new_v4().simple().to_string(),
                owner: owner.clone(),
                acquired: now,
                expires: now.saturating_add(LENGTH).unwrap_or(now),
                signed: matches!(hold, Hold::Ours(_)),
            };
            let token = stored.token.max(floor) + 1;
            let bytes = bytes(token, Some(&holder))?;
            let put = put_settled(store.as_ref(), &platform.sleep, LOCK, &bytes, &expect).await;
            let tag = match put {
                Ok(tag) => tag,
                // Somebody was faster; the next look tells who.
                Err(StoreError::Conflict { .. }) => continue,
                Err(error) => return Err(StateError::Store(error)),
            };
            let sign = match hold {
                Hold::Ours(sign) => Some(sign),
                Hold::Unknown | Hold::Taken => None,
            };
            let lease = Self(Arc::new(Held {
                store: Arc::clone(store),
                sleep: platform.sleep.clone(),
                time: platform.time.clone(),
                token,
                expires: Mutex::new(holder.expires),
                holder,
                tag: tokio::sync::Mutex::new(tag),
                lost: OnceLock::new(),
                sign: Mutex::new(sign),
            }));
            return Ok((lease, stored.holder));
        }
    }

    /// Returns the number under which this holder writes.
    pub(super) fn token(&self) -> u64 {
        self.0.token
    }

    /// Returns who this holder is.
    pub(super) fn holder(&self) -> &Holder {
        &self.0.holder
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    pub(super) fn sleep(&self) -> &SharedAsyncSleep {
        &self.0.sleep
    }

    pub(super) fn now(&self) -> Timestamp {
        moment(&self.0.time)
    }

    /// Fails unless the lease is ours, and renews it if it is due.
    ///
    /// A lease that has ended and that nobody took is still ours to renew.
    pub(super) async fn keep(&self) -> Result<(), StateError> {
        let renewed = if self.left() < RENEW_BELOW {
            self.renew().await
        } else {
            Ok(())
        };
        match renewed {
            Err(StateError::Store(error)) if self.left() > SignedDuration::ZERO => {
                tracing::warn!(%error, "the lock could not be renewed; it is tried again");
                self.not_lost()
            }
            Err(error) => Err(error),
            Ok(()) => self.not_lost(),
        }
    }

    fn left(&self) -> SignedDuration {
        let expires = *self
            .0
            .expires
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        expires.duration_since(self.now())
    }

    fn not_lost(&self) -> Result<(), StateError> {
        match self.0.lost.get() {
            Some(why) => Err(StateError::Lost { why: why.clone() }),
            None => Ok(()),
        }
    }

    /// Notes that the lock is lost, with whoever has it now.
    pub(super) async fn lose(&self) -> StateError {
        let why = match read(self.0.store.as_ref()).await {
            Ok((stored, _)) if stored.token > self.0.token => match stored.holder {
                Some(holder) => format!("it was taken by {}", holder.owner),
                None => "it was taken or broken by somebody else".to_owned(),
            },
            _ => "somebody else changed the state".to_owned(),
        };
        StateError::Lost {
            why: self.0.lost.get_or_init(|| why).clone(),
        }
    }

    async fn renew(&self) -> Result<(), StateError> {
        let mut tag = self.0.tag.lock().await;
        self.not_lost()?;
        let now = self.now();
        let holder = Holder {
            expires: now.saturating_add(LENGTH).unwrap_or(now),
            ..self.0.holder.clone()
        };
        let bytes = bytes(self.0.token, Some(&holder))?;
        let expect = Expect::Tag(tag.clone());
        let store = self.0.store.as_ref();
        match put_settled(store, &self.0.sleep, LOCK, &bytes, &expect).await {
            Ok(new) => {
                *tag = new;
                *self
                    .0
                    .expires
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = holder.expires;
                Ok(())
            }
            Err(StoreError::Conflict { .. }) => {
                // An earlier renewal whose answer was lost may be what stands there.
                match read(store).await {
                    Ok((
                        Stored {
                            token,
                            holder: Some(held),
                            ..
                        },
                        Expect::Tag(found),
                    )) if token == self.0.token && held.id == holder.id => {
                        *tag = found;
                        *self
                            .0
                            .expires
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner) = held.expires;
                        Ok(())
                    }
                    _ => Err(self.lose().await),
                }
            }
            Err(error) => Err(StateError::Store(error)),
        }
    }

    /// Renews the lease again and again, until it is lost or the task is dropped.
    pub(super) async fn beat(self) {
        while self.0.lost.get().is_none() {
            self.0.sleep.sleep(HEARTBEAT).await;
            if let Err(error) = self.renew().await {
                tracing::warn!(%error, "the lock could not be renewed");
            }
        }
    }

    /// Gives the lock back. One that was lost is not ours to give back.
    pub(super) async fn release(&self) -> Result<(), StateError> {
        let tag = self.0.tag.lock().await;
        if self.0.lost.get().is_none() {
            let bytes = bytes(self.0.token, None)?;
            let expect = Expect::Tag(tag.clone());
            let store = self.0.store.as_ref();
            match put_settled(store, &self.0.sleep, LOCK, &bytes, &expect).await {
                Ok(_) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(StateError::Store(error)),
            }
            let _ = self.0.lost.set("it was given back".to_owned());
        }
        self.0
            .sign
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(())
    }
}

#[async_trait]
impl Fence for Lease {
    async fn may_write(&self) -> Result<(), String> {
        self.keep().await.map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            text
        })
    }
}

/// Fails unless the lock may be taken.
fn may_take(
    stored: &Stored,
    expect: &Expect,
    hold: &Hold,
    owner: &Owner,
    now: Timestamp,
    claim: Claim<'_>,
) -> Result<(), StateError> {
    match (&stored.holder, claim) {
        (None, Claim::Break(_)) => Err(StateError::NotLocked),
        (None, Claim::Free) if *expect == Expect::Absent && matches!(hold, Hold::Taken) => {
            Err(StateError::Occupied)
        }
        (None, Claim::Free) => Ok(()),
        (Some(holder), Claim::Break(id)) if holder.id == id => Ok(()),
        (Some(holder), Claim::Break(id)) => Err(StateError::WrongId {
            holder: Box::new(holder.clone()),
            given: id.to_owned(),
        }),
        (Some(holder), Claim::Free) => {
            // It had the machine's sign of life, and we have it now: its process has ended.
            let dead = holder.signed
                && matches!(hold, Hold::Ours(_))
                && holder.owner.host() == owner.host();
            if dead || has_ended(holder, now) {
                Ok(())
            } else {
                Err(StateError::Locked {
                    holder: Box::new(holder.clone()),
                })
            }
        }
    }
}

fn moment(time: &SharedTimeSource) -> Timestamp {
    Timestamp::try_from(time.now()).unwrap_or(Timestamp::UNIX_EPOCH)
}
