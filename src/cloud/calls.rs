//! The count of API calls of a run, by service and operation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls by service, then by operation, such as `route53` → `ListResourceRecordSets` → 34.
pub type CallCounts = BTreeMap<String, BTreeMap<String, u64>>;

/// A shared counter; every attempt that goes onto the wire counts, retries too.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<CallCounts>>);

impl Calls {
    /// Counts one call.
    pub(super) fn add(&self, service: &str, operation: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts
            .entry(service.to_lowercase().replace(' ', ""))
            .or_default()
            .entry(operation.to_owned())
            .or_default() += 1;
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
