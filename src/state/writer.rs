//! The writer: exists while its lock is held, and makes each thing durable before it returns.
//!
//! In: a store and an owner. Out: a changed applied record, journal lines, used plans. Each write
//! is refused when a later holder has been there.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::applied::APPLIED;
use super::fenced::Fenced;
use super::journal::{JOURNAL, Journal, Line};
use super::lease::{Claim, Lease};
use super::spent::{self, InUse, Used};
use super::{
    Applied, AppliedRecord, BatchOutcome, Expect, Holder, JournalBatch, JournalEntry, Owner,
    Pending, StateError, Store, Stored, Tag,
};
use crate::cloud::{Fence, Platform};
use crate::model::Address;

/// A journal of more bytes than this is put aside: each line writes the whole of it.
const PUT_ASIDE_ABOVE: usize = 128 * 1024;

/// Writes the state; there is at most one for a store at a time.
#[derive(Debug)]
pub struct StateWriter {
    lease: Lease,
    record: AppliedRecord,
    record_object: Fenced,
    journal: Journal,
    journal_object: Fenced,
    left_behind: Pending,
    found: Option<Tag>,
    plan: Option<InUse>,
}

impl StateWriter {
    /// Takes the lock of a state, which is made if it is not there.
    pub async fn lock(
        store: &Arc<dyn Store>,
        owner: &Owner,
        platform: &Platform,
    ) -> Result<Self, StateError> {
        let (writer, _) = Self::claim(store, owner, platform, Claim::Free).await?;
        Ok(writer)
    }

    /// Breaks the lock with this id, writes down who did, and lets go of it. Whoever held it can
    /// write nothing more.
    pub async fn unlock(
        store: &Arc<dyn Store>,
        owner: &Owner,
        platform: &Platform,
        id: &str,
    ) -> Result<Holder, StateError> {
        let (mut writer, broken) = Self::claim(store, owner, platform, Claim::Break(id)).await?;
        let Some(holder) = broken else {
            return Err(StateError::NotLocked);
        };
        let line = Line::Broken {
            at: writer.lease.now(),
            by: owner.clone(),
            holder: holder.clone(),
        };
        let written = writer.add(line).await;
        writer.lease.release().await?;
        written.map(|()| holder)
    }

    async fn claim(
        store: &Arc<dyn Store>,
        owner: &Owner,
        platform: &Platform,
        claim: Claim<'_>,
    ) -> Result<(Self, Option<Holder>), StateError> {
        let floor = floor(store).await?;
        let (lease, broken) = Lease::take(store, owner, platform, claim, floor).await?;
        match Self::take_over(&lease).await {
            Ok(writer) => Ok((writer, broken)),
            Err(error) => {
                // The lock was taken for nothing; what went wrong is worth more than this.
                let _ = lease.release().await;
                Err(error)
            }
        }
    }

    async fn take_over(lease: &Lease) -> Result<Self, StateError> {
        let token = lease.token();
        let (journal_object, journal) =
            Fenced::take_over(lease, JOURNAL, |found: Option<&Stored>| {
                let journal = found.map(|found| Journal::read(&found.bytes)).transpose()?;
                let journal = journal.unwrap_or_default();
                not_later(journal.token, token)?;
                let bytes = journal.to_bytes(token)?;
                Ok((journal, bytes))
            })
            .await?;
        let (record_object, (record, found)) =
            Fenced::take_over(lease, APPLIED, |found: Option<&Stored>| {
                let read = found.map(|found| AppliedRecord::from_bytes(&found.bytes));
                let (record, written) = read.transpose()?.unwrap_or_default();
                not_later(written, token)?;
                let bytes = record.to_bytes(token)?;
                Ok(((record, found.map(|found| found.tag.clone())), bytes))
            })
            .await?;
        Ok(Self {
            found,
            lease: lease.clone(),
            record,
            record_object,
            left_behind: journal.to_pending(),
            journal,
            journal_object,
            plan: None,
        })
    }

    /// Returns the applied record as it stands.
    #[must_use]
    pub const fn applied(&self) -> &AppliedRecord {
        &self.record
    }

    /// Returns the version of the record that was there when the lock was taken.
    #[must_use]
    pub const fn found(&self) -> Option<&Tag> {
        self.found.as_ref()
    }

    /// Returns what the run before this one left behind, as it was when the lock was taken.
    #[must_use]
    pub const fn left_behind(&self) -> &Pending {
        &self.left_behind
    }

    /// Returns who holds the lock with this writer.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        self.lease.holder()
    }

    /// Returns what every write to a service asks before it is sent.
    #[must_use]
    pub fn fence(&self) -> Arc<dyn Fence> {
        Arc::new(self.lease.clone())
    }

    /// Renews the lock while nothing is written; runs until the lock is lost or given back.
    #[must_use]
    pub fn heartbeat(&self) -> BoxFuture<'static, ()> {
        Box::pin(self.lease.clone().beat())
    }

    /// Gives the lock back.
    pub async fn release(self) -> Result<(), StateError> {
        self.lease.release().await
    }

    /// Records what was applied to objects; none for those that are managed no longer.
    ///
    /// If writing fails, the changes stay in memory, and the next call writes them too: what was
    /// applied was applied.
    pub async fn record(
        &mut self,
        changes: Vec<(Address, Option<Applied>)>,
    ) -> Result<(), StateError> {
        for (address, applied) in changes {
            self.record.set(address, applied);
        }
        self.lease.keep().await?;
        let bytes = self.record.to_bytes(self.lease.token())?;
        self.record_object.write(&self.lease, &bytes).await
    }

    /// Writes down that a batch is about to be sent, and returns its number.
    pub async fn journal_begin(
        &mut self,
        batch: &JournalBatch,
        now: Timestamp,
    ) -> Result<u64, StateError> {
        let id = self.journal.last_id + 1;
        self.add(Line::Begin(JournalEntry {
            id,
            at: now,
            who: self.lease.holder().owner.who.clone(),
            batch: batch.clone(),
        }))
        .await?;
        Ok(id)
    }

    /// Writes down what became of a batch, of this run or of one that was left pending.
    pub async fn journal_end(
        &mut self,
        id: u64,
        outcome: BatchOutcome,
        now: Timestamp,
    ) -> Result<(), StateError> {
        self.add(Line::End {
            id,
            at: now,
            outcome,
        })
        .await
    }

    async fn add(&mut self, line: Line) -> Result<(), StateError> {
        self.lease.keep().await?;
        if self.journal.size() > PUT_ASIDE_ABOVE {
            self.put_aside().await?;
        }
        let journal = self.journal.with(line)?;
        let bytes = journal.to_bytes(self.lease.token())?;
        self.journal_object.write(&self.lease, &bytes).await?;
        self.journal = journal;
        Ok(())
    }

    /// Puts the journal aside under the last number in it, and begins one with what is pending.
    async fn put_aside(&mut self) -> Result<(), StateError> {
        let token = self.lease.token();
        let name = format!("journal-{}.jsonl", self.journal.last_id);
        // A copy first: at no moment is there no journal, and doing it twice does no harm.
        let copy = self.journal.to_bytes(token)?;
        self.lease
            .store()
            .put(&name, copy, &Expect::Anything)
            .await
            .map_err(StateError::Store)?;
        let journal = self.journal.continued()?;
        let bytes = journal.to_bytes(token)?;
        self.journal_object.write(&self.lease, &bytes).await?;
        self.journal = journal;
        Ok(())
    }

    /// Returns what is known of a plan that was used; none if it never was.
    pub async fn used(&self, plan_id: &str) -> Result<Option<Used>, StateError> {
        spent::used(self.lease.store(), plan_id).await
    }

    /// Uses a plan: refuses one that was carried out, and remembers this one.
    pub async fn spend(&mut self, plan_id: &str) -> Result<(), StateError> {
        self.lease.keep().await?;
        self.plan = Some(spent::spend(&self.lease, plan_id).await?);
        Ok(())
    }

    /// Notes that the plan that was used is carried out, so that it cannot be used again.
    pub async fn finish_plan(&mut self) -> Result<(), StateError> {
        match &mut self.plan {
            Some(plan) => plan.finish(&self.lease).await,
            None => Ok(()),
        }
    }
}

/// Returns the highest number that a holder wrote under, in case the lease itself was removed.
async fn floor(store: &Arc<dyn Store>) -> Result<u64, StateError> {
    let journal = store.get(JOURNAL).await.map_err(StateError::Store)?;
    // A damaged one is told about when it is taken over.
    let read = journal.and_then(|found| Journal::read(&found.bytes).ok());
    Ok(read.map_or(0, |journal| journal.token))
}

/// Fails if an object was written by a later holder than this one.
fn not_later(written: u64, own: u64) -> Result<(), StateError> {
    if written > own {
        return Err(StateError::Lost {
            why: "it was taken by somebody else at the same moment".to_owned(),
        });
    }
    Ok(())
}
