//! The plans that were used: one object for each, which can be made only once.
//!
//! In: the single-use id of a plan. Out: whether it may be used. A run that died or was stopped
//! leaves its plan unfinished, and the same plan may then be applied again: what was done is found
//! done, and the rest is made.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT_VERSION};
use super::lease::Lease;
use super::store::put_settled;
use super::{Expect, StateError, Store, StoreError};
use crate::model::Digest;

/// The list that format 1 kept, each of whose plans was finished.
const OLD: &str = "spent.jsonl";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Spent {
    #[serde(default)]
    format_version: String,
    plan_id: String,
    at: Timestamp,
    /// The number of the holder that uses it.
    #[serde(default)]
    token: u64,
    #[serde(default)]
    finished: Option<Timestamp>,
}

/// What is known of a plan that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// When it was used last.
    pub at: Timestamp,
    /// Whether it was carried out to its end, so that it is good for nothing more.
    pub finished: bool,
}

/// Returns what is known of a plan; none if it was never used.
pub(super) async fn used(
    store: &Arc<dyn Store>,
    plan_id: &str,
) -> Result<Option<Used>, StateError> {
    match refuse_old(store, plan_id).await {
        Err(StateError::Spent { at, .. }) => return Ok(Some(Used { at, finished: true })),
        other => other?,
    }
    let name = name(plan_id);
    let Some(found) = store.get(&name).await.map_err(StateError::Store)? else {
        return Ok(None);
    };
    format::check(&name, &found.bytes)?;
    let spent: Spent = format::decode(&name, &found.bytes)?;
    Ok(Some(Used {
        at: spent.finished.unwrap_or(spent.at),
        finished: spent.finished.is_some(),
    }))
}

/// A plan that this run uses.
#[derive(Debug)]
pub(super) struct InUse {
    spent: Spent,
    expect: Expect,
}

/// Returns the name of the object of a plan. The id comes from a file, so it is not a name itself.
fn name(plan_id: &str) -> String {
    let digest = Digest::of_bytes(plan_id.as_bytes()).to_string();
    format!("spent/{}.json", digest.trim_start_matches("sha256:"))
}

/// Uses a plan, or refuses one that was used to its end.
pub(super) async fn spend(lease: &Lease, plan_id: &str) -> Result<InUse, StateError> {
    refuse_old(lease.store(), plan_id).await?;
    let name = name(plan_id);
    let found = lease.store().get(&name).await.map_err(StateError::Store)?;
    let expect = match found {
        None => Expect::Absent,
        Some(found) => {
            format::check(&name, &found.bytes)?;
            let spent: Spent = format::decode(&name, &found.bytes)?;
            if let Some(at) = spent.finished {
                return Err(StateError::Spent {
                    plan_id: spent.plan_id,
                    at,
                });
            }
            Expect::Tag(found.tag)
        }
    };
    let mut used = InUse {
        spent: Spent {
            format_version: FORMAT_VERSION.to_owned(),
            plan_id: plan_id.to_owned(),
            at: lease.now(),
            token: lease.token(),
            finished: None,
        },
        expect,
    };
    used.write(lease).await?;
    Ok(used)
}

impl InUse {
    /// Notes that the plan was carried out as far as it can be: it is good for nothing more.
    pub(super) async fn finish(&mut self, lease: &Lease) -> Result<(), StateError> {
        self.spent.finished = Some(lease.now());
        self.write(lease).await
    }

    async fn write(&mut self, lease: &Lease) -> Result<(), StateError> {
        let name = name(&self.spent.plan_id);
        let bytes: Bytes = format::encode(&name, &self.spent)?;
        let store = lease.store().as_ref();
        match put_settled(store, lease.sleep(), &name, &bytes, &self.expect).await {
            Ok(tag) => {
                self.expect = Expect::Tag(tag);
                Ok(())
            }
            Err(StoreError::Conflict { .. }) => Err(lease.lose().await),
            Err(error) => Err(StateError::Store(error)),
        }
    }
}

async fn refuse_old(store: &Arc<dyn Store>, plan_id: &str) -> Result<(), StateError> {
    let found = store.get(OLD).await.map_err(StateError::Store)?;
    let bytes = found.map(|found| found.bytes).unwrap_or_default();
    // What comes after the last line feed was torn off by a crash.
    let whole = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n"));
    for line in whole {
        let spent: Spent = format::decode(OLD, line)?;
        if spent.plan_id == plan_id {
            return Err(StateError::Spent {
                plan_id: spent.plan_id,
                at: spent.at,
            });
        }
    }
    Ok(())
}
