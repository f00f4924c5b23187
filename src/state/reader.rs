//! The reader: looks at the state without a lock and changes nothing.
//!
//! In: a store. Out: the applied record, what a crash left pending, and who holds the lock. Each
//! object is replaced in one step, so a reader sees it from before or after a write, never a
//! mixture.

use std::sync::Arc;

use jiff::Timestamp;

use super::applied::APPLIED;
use super::journal::{JOURNAL, Journal};
use super::{AppliedRecord, Holder, Pending, StateError, Store, Tag, Used, lease, spent};

/// Reads the state.
#[derive(Clone, Debug)]
pub struct StateReader {
    store: Arc<dyn Store>,
}

impl StateReader {
    /// Returns the reader of a store. A store with nothing in it is an empty state.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Returns the applied record; none if nothing is applied.
    pub async fn applied(&self) -> Result<Option<AppliedRecord>, StateError> {
        Ok(self.versioned().await?.0)
    }

    /// Returns the applied record and its version, which a writer compares with what it finds.
    pub async fn versioned(&self) -> Result<(Option<AppliedRecord>, Option<Tag>), StateError> {
        let Some(found) = self.store.get(APPLIED).await.map_err(StateError::Store)? else {
            return Ok((None, None));
        };
        let (record, _) = AppliedRecord::from_bytes(&found.bytes)?;
        // A run that has only taken the lock leaves an empty record.
        let record = Some(record).filter(|record| !record.is_empty());
        Ok((record, Some(found.tag)))
    }

    /// Returns what is known of a plan that was used; none if it never was.
    pub async fn used(&self, plan_id: &str) -> Result<Option<Used>, StateError> {
        spent::used(&self.store, plan_id).await
    }

    /// Returns what a run left behind that did not come to its end. While an apply is running,
    /// that is the batches in flight.
    pub async fn pending(&self) -> Result<Pending, StateError> {
        let found = self.store.get(JOURNAL).await.map_err(StateError::Store)?;
        let journal = found.map(|found| Journal::read(&found.bytes)).transpose()?;
        Ok(journal.unwrap_or_default().to_pending())
    }

    /// Returns who holds the lock; none if nobody does, or if the hold has ended.
    pub async fn holder(&self, now: Timestamp) -> Result<Option<Holder>, StateError> {
        lease::holder(self.store.as_ref(), now).await
    }
}
