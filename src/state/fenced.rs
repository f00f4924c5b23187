//! An object that only the latest holder of the lock can write.
//!
//! In: a lease and a name. Out: writes that are compared and swapped. A new holder takes each
//! object over by writing it once under its own number; from then on a write of an earlier holder,
//! who compares with the version that he knew, is refused.

use bytes::Bytes;

use super::lease::Lease;
use super::store::put_settled;
use super::{Expect, StateError, StoreError, Stored};

/// How often an object is read again that an earlier holder still writes while it is taken over.
const TURNS: u32 = 5;

/// An object of one holder.
#[derive(Debug)]
pub(super) struct Fenced {
    name: &'static str,
    expect: Expect,
    /// What was sent last, if nobody knows whether it came through.
    doubtful: Option<Bytes>,
}

impl Fenced {
    /// Takes an object over: `renew` makes the content under the new number of what is there.
    ///
    /// `renew` fails if what is there is of a later holder.
    pub(super) async fn take_over<T>(
        lease: &Lease,
        name: &'static str,
        renew: impl Fn(Option<&Stored>) -> Result<(T, Bytes), StateError>,
    ) -> Result<(Self, T), StateError> {
        for _ in 0..TURNS {
            let found = lease.store().get(name).await.map_err(StateError::Store)?;
            let (value, bytes) = renew(found.as_ref())?;
            let expect = found.map_or(Expect::Absent, |found| Expect::Tag(found.tag));
            let put = put_settled(lease.store().as_ref(), lease.sleep(), name, &bytes, &expect);
            match put.await {
                Ok(tag) => {
                    let expect = Expect::Tag(tag);
                    let own = Self {
                        name,
                        expect,
                        doubtful: None,
                    };
                    return Ok((own, value));
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(StateError::Store(error)),
            }
        }
        Err(lease.lose().await)
    }

    /// Writes the object, if no later holder has been there.
    pub(super) async fn write(&mut self, lease: &Lease, bytes: &Bytes) -> Result<(), StateError> {
        let store = lease.store().as_ref();
        if let Some(sent) = self.doubtful.take() {
            // It is there or it is not; only then is it known what to compare with.
            let found = store.get(self.name).await.map_err(|error| {
                self.doubtful = Some(sent.clone());
                StateError::Store(error)
            })?;
            if let Some(found) = found.filter(|found| found.bytes == sent) {
                self.expect = Expect::Tag(found.tag);
            }
        }
        match put_settled(store, lease.sleep(), self.name, bytes, &self.expect).await {
            Ok(tag) => {
                self.expect = Expect::Tag(tag);
                Ok(())
            }
            Err(StoreError::Conflict { .. }) => Err(lease.lose().await),
            Err(error) => {
                self.doubtful = Some(bytes.clone());
                Err(StateError::Store(error))
            }
        }
    }
}
