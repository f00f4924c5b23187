//! The run: stages in order, scopes at once, and what depends on a failure left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use futures::StreamExt as _;
use tokio::sync::Mutex;

use super::batch::{Place, Run};
use super::order::{Stage, stages};
use super::outcome::{Outcome, OutcomeState};
use crate::cloud::Writers;
use crate::desired::Desired;
use crate::kinds::{Kind, Write, Written};
use crate::model::{Action, Address, Change, Digest, Scope};
use crate::plan::Plan;
use crate::policy::Approved;
use crate::state::{Applied as Record, BatchOutcome, JournalItem, StateError, StateWriter};

/// How many scopes are written at once.
const CONCURRENCY: usize = 16;

/// How a run went.
#[derive(Debug)]
pub struct Applied {
    /// What became of each change, in the order of addresses.
    pub outcomes: Vec<Outcome>,
    /// What ended the run before its end: what was done could not be written down, or the lock
    /// was lost, so nothing more was sent.
    pub failure: Option<StateError>,
}

/// What a run is told beside the plan.
pub struct Setting<'a> {
    /// What Git declares: what is in sync with it is recorded.
    pub desired: &'a Desired,
    /// The single-use id of the plan file, if it came from one.
    pub plan_id: Option<&'a str>,
    /// Asked before each batch: whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Says how far it is.
    pub progress: &'a (dyn Fn(&str) + Sync),
}

/// Applies a plan that passed policy. Everything that does not depend on a failure goes on.
pub async fn apply(
    approved: &Approved,
    writers: &Writers,
    state: &mut StateWriter,
    setting: &Setting<'_>,
) -> Applied {
    let plan = approved.plan();
    let mut outcomes: BTreeMap<Address, Outcome> = BTreeMap::new();
    let begun = async {
        // In this order: what is known only from what was left behind is recorded first.
        keep_records(plan, setting.desired, writers, state, &mut outcomes).await?;
        end_abandoned(writers, state).await
    };
    let failure = begun.await.err();
    let run = Run {
        environment: &plan.environment,
        revision: plan.revision.as_deref(),
        plan: plan.digest(),
        plan_id: setting.plan_id,
        state: Mutex::new(state),
        failure: std::sync::Mutex::new(failure),
        stop: setting.stop,
        progress: setting.progress,
    };
    for stage in stages(&plan.changes) {
        let ready = without_blocked(stage, &mut outcomes);
        let mut parts = futures::stream::iter(
            ready
                .into_iter()
                .map(|((scope, _), (kind, changes))| part(&run, writers, scope, kind, changes)),
        )
        .buffer_unordered(CONCURRENCY);
        while let Some(part) = parts.next().await {
            for outcome in part {
                outcomes.insert(outcome.address.clone(), outcome);
            }
        }
    }
    if run.is_over().is_none() {
        retire(plan, writers, &run, &mut outcomes).await;
    }
    Applied {
        outcomes: outcomes.into_values().collect(),
        failure: run
            .failure
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    }
}

/// Ends the batches that a run which died left open: each write of this run has its own
/// precondition, so it no longer matters whether they were sent.
async fn end_abandoned(writers: &Writers, state: &mut StateWriter) -> Result<(), StateError> {
    let left: Vec<u64> = state
        .left_behind()
        .batches
        .iter()
        .map(|entry| entry.id)
        .collect();
    for id in left {
        state
            .journal_end(id, BatchOutcome::Abandoned, writers.now())
            .await?;
    }
    Ok(())
}

/// Writes down what needs no write to a service: what is in sync already, and what is forgotten.
async fn keep_records(
    plan: &Plan,
    desired: &Desired,
    writers: &Writers,
    state: &mut StateWriter,
    outcomes: &mut BTreeMap<Address, Outcome>,
) -> Result<(), StateError> {
    let now = writers.now();
    let left: BTreeMap<&Address, &JournalItem> = state
        .left_behind()
        .batches
        .iter()
        .flat_map(|entry| &entry.batch.items)
        .map(|item| (&item.address, item))
        .collect();
    let in_sync = plan
        .recordable
        .iter()
        .filter_map(|address| desired.get(address));
    let mut records: Vec<(Address, Option<Record>)> = in_sync
        .map(|declared| {
            let digest = Digest::of(&declared.object.fields);
            // A run that died may have written it just before: what was there may still be kept.
            let old_lifetime = left
                .get(&declared.object.address)
                .filter(|item| item.desired == digest)
                .and_then(|item| item.old_lifetime);
            let applied = Record {
                scope: declared.object.scope.clone(),
                identity: declared.object.identity.clone(),
                fields: declared.object.fields.clone(),
                prune: declared.flags.prune,
                desired: digest.clone(),
                observed: digest,
                revision: plan.revision.clone(),
                effective_at: now,
                old_lifetime,
                change_id: None,
            };
            (declared.object.address.clone(), Some(applied))
        })
        .collect();
    for change in plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Forget)
    {
        records.push((change.address().clone(), None));
        outcomes.insert(
            change.address().clone(),
            outcome(change, OutcomeState::Done, String::new()),
        );
    }
    if records.is_empty() {
        Ok(())
    } else {
        state.record(records).await
    }
}

/// Leaves out what depends on a change that was not made.
fn without_blocked<'a>(stage: Stage<'a>, outcomes: &mut BTreeMap<Address, Outcome>) -> Stage<'a> {
    let mut ready = Stage::new();
    for (place, (kind, changes)) in stage {
        let mut kept = Vec::new();
        for change in changes {
            let blocker = change.after.iter().find(|needed| {
                outcomes
                    .get(*needed)
                    .is_some_and(|outcome| !outcome.is_done())
            });
            match blocker {
                Some(needed) => {
                    let why = format!("{needed} was not made");
                    outcomes.insert(
                        change.address().clone(),
                        outcome(change, OutcomeState::Skipped, why),
                    );
                }
                None => kept.push(change),
            }
        }
        if !kept.is_empty() {
            ready.insert(place, (kind, kept));
        }
    }
    ready
}

async fn part(
    run: &Run<'_>,
    writers: &Writers,
    scope: Scope,
    kind: &'static dyn Kind,
    changes: Vec<&Change>,
) -> Vec<Outcome> {
    let writer = match writers.open(&scope.connection).await {
        Ok(writer) => writer,
        Err(error) => {
            return changes
                .iter()
                .map(|change| outcome(change, OutcomeState::Failed, error.to_string()))
                .collect();
        }
    };
    let place = Place {
        scope: &scope,
        kind,
        writer: &writer,
    };
    let (batches, unwritable) = kind.batches(changes);
    let mut outcomes: Vec<Outcome> = unwritable
        .into_iter()
        .map(|(change, error)| outcome(change, OutcomeState::Failed, error.to_string()))
        .collect();
    for batch in batches {
        outcomes.extend(place.apply(run, batch).await);
    }
    outcomes
}

/// Removes what replacements left behind, where everything that referred to it has moved on.
async fn retire(
    plan: &Plan,
    writers: &Writers,
    run: &Run<'_>,
    outcomes: &mut BTreeMap<Address, Outcome>,
) {
    for change in plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Replace)
    {
        let moved_on: BTreeSet<bool> = plan
            .changes
            .iter()
            .filter(|other| {
                other.address() == change.address() || other.after.contains(change.address())
            })
            .map(|other| outcomes.get(other.address()).is_some_and(Outcome::is_done))
            .collect();
        if moved_on.contains(&false) {
            continue;
        }
        let Some(kind) = crate::kinds::by_name(change.address().kind()) else {
            continue;
        };
        let written = match writers.open(&change.object.scope.connection).await {
            Ok(writer) => {
                let changes = [change];
                let write = Write {
                    environment: run.environment,
                    scope: &change.object.scope,
                    changes: &changes,
                    writer: &writer,
                    progress: run.progress,
                };
                kind.retire(&write).await
            }
            Err(error) => Written::Unknown(error.to_string()),
        };
        let left = match written {
            Written::Done(_) => continue,
            Written::Unknown(why) => why,
            Written::Refused(error) => error.to_string(),
        };
        if let Some(outcome) = outcomes.get_mut(change.address()) {
            outcome.message = format!("made anew; the old one is still there: {left}");
        }
    }
}

fn outcome(change: &Change, state: OutcomeState, message: String) -> Outcome {
    Outcome {
        address: change.address().clone(),
        action: change.action,
        state,
        message,
        effective_at: None,
        change_id: None,
    }
}
