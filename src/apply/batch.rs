//! One batch: check, journal, write, read back.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;

use super::outcome::{Outcome, OutcomeState};
use crate::cloud::Writer;
use crate::kinds::{Ask, Kind, KindError, Memo, Receipt, Write, Written};
use crate::model::{Action, Address, Change, Digest, Object, Resource, Scope, compare};
use crate::state::{Applied, BatchOutcome, JournalBatch, JournalItem, StateError, StateWriter};

/// Pauses between readings back: a service may answer with the old state for a while.
const READ_BACK: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// What all batches of a run share.
pub(super) struct Run<'a> {
    pub(super) environment: &'a str,
    pub(super) revision: Option<&'a str>,
    pub(super) plan: Digest,
    pub(super) plan_id: Option<&'a str>,
    pub(super) state: Mutex<&'a mut StateWriter>,
    /// What ended the run, if the state could not be written.
    pub(super) failure: std::sync::Mutex<Option<StateError>>,
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
    pub(super) progress: &'a (dyn Fn(&str) + Sync),
}

impl Run<'_> {
    /// Returns why nothing more is to be sent, if so.
    pub(super) fn is_over(&self) -> Option<&'static str> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_some() {
            Some("nothing was sent: the state could not be written")
        } else if (self.stop)() {
            Some("stopped before it was sent")
        } else {
            None
        }
    }

    /// Ends the run. Writes that are on their way are seen to their end all the same.
    fn fail(&self, error: StateError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }
}

/// The changes of one kind in one scope, with the connection to write them.
pub(super) struct Place<'a> {
    pub(super) scope: &'a Scope,
    pub(super) kind: &'static dyn Kind,
    pub(super) writer: &'a Writer,
}

/// What was observed of the objects of a batch, by address.
type Seen = BTreeMap<Address, Resource>;

impl Place<'_> {
    async fn observe(&self, run: &Run<'_>, changes: &[&Change]) -> Result<Seen, KindError> {
        let memo = Memo::default();
        let objects: Vec<&Object> = changes.iter().map(|change| &change.object).collect();
        let ask = Ask {
            environment: run.environment,
            scope: self.scope,
            objects: &objects,
            whole: false,
            reader: self.writer.reader(),
            memo: &memo,
        };
        let observation = self.kind.observe(&ask).await?;
        Ok(observation
            .resources
            .into_iter()
            .map(|resource| (resource.address.clone(), resource))
            .collect())
    }

    /// Returns whether an object is as the change is to leave it.
    fn is_done(&self, change: &Change, seen: &Seen) -> bool {
        match (change.action, seen.get(change.address())) {
            // A removal may leave a default behind, such as suspended versioning.
            (Action::Delete, live) => live.is_none_or(|live| self.kind.is_removed(live)),
            (_, None) => false,
            // A replacement is another object behind the same address.
            (Action::Replace, Some(live)) if live.raw.is_some() && live.raw == change.raw => false,
            (_, Some(live)) => {
                compare(self.kind.shape(), &change.object.fields, &live.fields).is_empty()
                    && !refers_to_old(change, live)
            }
        }
    }

    /// Applies one batch and everything that it must be cut into.
    pub(super) async fn apply(&self, run: &Run<'_>, batch: Vec<&Change>) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let mut queue = vec![batch];
        while let Some(batch) = queue.pop() {
            if let Some(why) = run.is_over() {
                outcomes.extend(skipped(&batch, why));
                continue;
            }
            let batch = if self.kind.swaps() {
                batch
            } else {
                self.unmoved(run, batch, &mut outcomes).await
            };
            if batch.is_empty() {
                continue;
            }
            queue.extend(self.once(run, &batch, &mut outcomes).await);
        }
        outcomes
    }

    /// Drops the changes whose precondition holds no longer.
    async fn unmoved<'c>(
        &self,
        run: &Run<'_>,
        batch: Vec<&'c Change>,
        outcomes: &mut Vec<Outcome>,
    ) -> Vec<&'c Change> {
        let seen = match self.observe(run, &batch).await {
            Ok(seen) => seen,
            Err(error) => {
                let why = format!("it could not be read just before the write: {error}");
                outcomes.extend(
                    batch
                        .iter()
                        .map(|change| outcome(change, OutcomeState::Failed, &why)),
                );
                return Vec::new();
            }
        };
        batch
            .into_iter()
            .filter(|change| self.still_holds(change, &seen, outcomes))
            .collect()
    }

    /// Returns whether an object is still what the plan saw; if not, says what it is.
    fn still_holds(&self, change: &Change, seen: &Seen, outcomes: &mut Vec<Outcome>) -> bool {
        let now = seen
            .get(change.address())
            .map(|live| Digest::of(&live.fields));
        if now == change.observed {
            return true;
        }
        if self.is_done(change, seen) {
            outcomes.push(outcome(
                change,
                OutcomeState::Done,
                "it was already as desired",
            ));
        } else {
            outcomes.push(outcome(
                change,
                OutcomeState::Moved,
                "it is no longer what the plan saw; plan again",
            ));
        }
        false
    }

    /// Sends one batch. Returns the smaller batches that are to be tried instead, if the service
    /// refused it as a whole.
    async fn once<'c>(
        &self,
        run: &Run<'_>,
        batch: &[&'c Change],
        outcomes: &mut Vec<Outcome>,
    ) -> Vec<Vec<&'c Change>> {
        let items = batch
            .iter()
            .map(|change| JournalItem::of(change, old_lifetime(self.kind, change)));
        let journal = JournalBatch {
            plan: run.plan.clone(),
            plan_id: run.plan_id.map(str::to_owned),
            items: items.collect(),
        };
        let now = self.writer.reader().now();
        let begun = run.state.lock().await.journal_begin(&journal, now).await;
        let id = match begun {
            Ok(id) => id,
            Err(error) => {
                run.fail(error);
                outcomes.extend(skipped(
                    batch,
                    "nothing was sent: the state could not be written",
                ));
                return Vec::new();
            }
        };
        let write = Write {
            environment: run.environment,
            scope: self.scope,
            changes: batch,
            writer: self.writer,
            progress: run.progress,
        };
        let written = self.kind.write(&write).await;
        let mut retry = Vec::new();
        let own = match &written {
            Written::Refused(error) => {
                let (own, again) = self.refused(run, batch, error).await;
                retry = again;
                own
            }
            Written::Done(receipt) => self.read_back(run, batch, Some(receipt), "").await,
            Written::Unknown(why) => self.read_back(run, batch, None, why).await,
        };
        if let Err(error) = self.write_down(run, id, batch, &own).await {
            run.fail(error);
        }
        outcomes.extend(own);
        retry
    }

    /// Judges a batch that the service refused: drops what moved, and cuts the rest in two, so
    /// that one bad change does not hold up the others.
    async fn refused<'c>(
        &self,
        run: &Run<'_>,
        batch: &[&'c Change],
        error: &KindError,
    ) -> (Vec<Outcome>, Vec<Vec<&'c Change>>) {
        let mut outcomes = Vec::new();
        let why = error.to_string();
        let Ok(seen) = self.observe(run, batch).await else {
            let failed = batch
                .iter()
                .map(|change| outcome(change, OutcomeState::Failed, &why));
            return (failed.collect(), Vec::new());
        };
        let rest: Vec<&Change> = batch
            .iter()
            .copied()
            .filter(|change| self.still_holds(change, &seen, &mut outcomes))
            .collect();
        if rest.len() < batch.len() {
            return (
                outcomes,
                if rest.is_empty() {
                    Vec::new()
                } else {
                    vec![rest]
                },
            );
        }
        let mut units: Vec<&str> = rest.iter().map(|change| self.kind.unit(change)).collect();
        units.dedup();
        if units.len() < 2 {
            return (
                rest.iter()
                    .map(|change| outcome(change, OutcomeState::Failed, &why))
                    .collect(),
                Vec::new(),
            );
        }
        let middle = units[units.len() / 2];
        let cut = rest
            .iter()
            .position(|change| self.kind.unit(change) == middle)
            .unwrap_or(rest.len() / 2);
        let (first, second) = rest.split_at(cut);
        // The queue is a stack: the first half is sent first.
        (outcomes, vec![second.to_vec(), first.to_vec()])
    }

    /// Reads back until every object is as desired, or says what it is instead.
    async fn read_back(
        &self,
        run: &Run<'_>,
        batch: &[&Change],
        receipt: Option<&Receipt>,
        lost: &str,
    ) -> Vec<Outcome> {
        let mut latest = Err(KindError::NotShown("it was not read back".to_owned()));
        for pause in READ_BACK {
            self.writer.reader().sleep(pause).await;
            latest = self.observe(run, batch).await;
            if latest
                .as_ref()
                .is_ok_and(|seen| batch.iter().all(|change| self.is_done(change, seen)))
            {
                break;
            }
        }
        batch
            .iter()
            .map(|change| match &latest {
                Ok(seen) if self.is_done(change, seen) => {
                    let remark = if lost.is_empty() {
                        String::new()
                    } else {
                        format!("applied, although: {lost}")
                    };
                    // Without the service's word it counts from when it usually has effect everywhere.
                    let now = self.writer.reader().now();
                    let usually = now.saturating_add(self.kind.settles()).unwrap_or(now);
                    let known = receipt.map(|receipt| receipt.effective_at);
                    Outcome {
                        effective_at: Some(known.unwrap_or(usually)),
                        change_id: receipt.and_then(|receipt| receipt.change_id.clone()),
                        ..outcome(change, OutcomeState::Done, &remark)
                    }
                }
                Ok(_) if lost.is_empty() => outcome(
                    change,
                    OutcomeState::Failed,
                    "the service took it and does not show it",
                ),
                Ok(seen) => {
                    let now = seen
                        .get(change.address())
                        .map(|live| Digest::of(&live.fields));
                    let state = if now == change.observed {
                        OutcomeState::Failed
                    } else {
                        OutcomeState::Unknown
                    };
                    outcome(change, state, lost)
                }
                Err(error) => outcome(
                    change,
                    OutcomeState::Unknown,
                    &format!(
                        "{lost}{}it could not be read back: {error}",
                        if lost.is_empty() { "" } else { "; " }
                    ),
                ),
            })
            .collect()
    }

    async fn write_down(
        &self,
        run: &Run<'_>,
        id: u64,
        batch: &[&Change],
        outcomes: &[Outcome],
    ) -> Result<(), StateError> {
        let by_address: BTreeMap<&Address, &Outcome> = outcomes
            .iter()
            .map(|outcome| (&outcome.address, outcome))
            .collect();
        let now = self.writer.reader().now();
        let mut records = Vec::new();
        let mut failed = BTreeMap::new();
        for change in batch {
            match by_address.get(change.address()) {
                Some(outcome) if outcome.is_done() => {
                    let receipt = Receipt {
                        effective_at: outcome.effective_at.unwrap_or(now),
                        change_id: outcome.change_id.clone(),
                    };
                    records.push((
                        change.address().clone(),
                        applied(self.kind, change, run.revision, receipt),
                    ));
                }
                Some(outcome) => {
                    failed.insert(change.address().clone(), outcome.message.clone());
                }
                None => {
                    failed.insert(
                        change.address().clone(),
                        "refused as part of a batch; tried again in a smaller one".to_owned(),
                    );
                }
            }
        }
        let mut state = run.state.lock().await;
        state.record(records).await?;
        let outcome = if failed.is_empty() {
            BatchOutcome::Applied
        } else {
            BatchOutcome::Failed(failed)
        };
        state.journal_end(id, outcome, now).await
    }
}

/// A dependant of a replacement is done when it no longer is what it was.
fn refers_to_old(change: &Change, live: &Resource) -> bool {
    let refreshed = change.fields.iter().any(|field| field.path.is_empty());
    refreshed && live.raw.is_some() && live.raw == change.raw
}

fn skipped(batch: &[&Change], why: &str) -> Vec<Outcome> {
    let outcomes = batch
        .iter()
        .map(|change| outcome(change, OutcomeState::Skipped, why));
    outcomes.collect()
}

fn outcome(change: &Change, state: OutcomeState, message: &str) -> Outcome {
    Outcome {
        address: change.address().clone(),
        action: change.action,
        state,
        message: message.to_owned(),
        effective_at: None,
        change_id: None,
    }
}

/// Returns what is recorded of a change that has effect; nothing for a deletion.
fn applied(
    kind: &dyn Kind,
    change: &Change,
    revision: Option<&str>,
    receipt: Receipt,
) -> Option<Applied> {
    if change.action == Action::Delete {
        return None;
    }
    let fields = &change.object.fields;
    Some(Applied {
        scope: change.object.scope.clone(),
        identity: change.object.identity.clone(),
        fields: fields.clone(),
        prune: change.flags.prune,
        desired: Digest::of(fields),
        observed: Digest::of(fields),
        revision: revision.map(str::to_owned),
        effective_at: receipt.effective_at,
        old_lifetime: old_lifetime(kind, change),
        change_id: receipt.change_id,
    })
}

/// Returns for how many seconds readers may keep what a change replaces, if they may.
fn old_lifetime(kind: &dyn Kind, change: &Change) -> Option<i64> {
    let before = change.before.clone().unwrap_or_default();
    compare(kind.shape(), &change.object.fields, &before)
        .into_iter()
        .filter(|difference| {
            difference.lifetime && difference.change.after < difference.change.before
        })
        .filter_map(|difference| difference.change.before.and_then(|before| before.as_int()))
        .max()
}
