//! The value that planning gives: sorted, serialisable, the same bytes for the same inputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Action, Address, Change, Digest, Fact, Gap, Held};

/// Counts of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Objects to be made.
    pub create: usize,
    /// Objects to be changed in place.
    pub update: usize,
    /// Objects to be made anew.
    pub replace: usize,
    /// Objects to be deleted.
    pub delete: usize,
    /// Objects to be managed no longer.
    pub forget: usize,
    /// Objects that are there without an applied record, to be brought to what is declared.
    pub adopt: usize,
    /// Items that are held.
    pub held: usize,
    /// Declared objects that could not be observed.
    pub unknown: usize,
    /// Declared objects that are as declared.
    pub in_sync: usize,
}

/// What changes in one scope, against what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeTotals {
    /// Objects that were observed in it.
    pub live: usize,
    /// Of them, how many are changed in any way.
    pub changed: usize,
    /// Of them, how many are deleted.
    pub deleted: usize,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// The Git revision that is desired; none for a work tree without a commit.
    pub revision: Option<String>,
    /// The Git revision that it is compared with, if any.
    #[serde(default)]
    pub base: Option<String>,
    /// The changes, sorted by address.
    pub changes: Vec<Change>,
    /// What the plan does not do yet, sorted by address.
    pub held: Vec<Held>,
    /// What could not be observed, sorted by scope.
    pub gaps: Vec<Gap>,
    /// What is as declared and not recorded yet, sorted by address.
    pub recordable: Vec<Address>,
    /// What was measured, by address.
    pub facts: BTreeMap<Address, Vec<Fact>>,
    /// Live objects that nobody declares, by scope, where the scope was read whole.
    pub unmanaged: BTreeMap<String, usize>,
    /// What changes in each scope.
    pub scopes: BTreeMap<String, ScopeTotals>,
    /// How each scope was read, for people.
    pub methods: BTreeMap<String, String>,
    /// Counts.
    pub summary: Summary,
    /// Whether there was no applied record at all, so that no cause can be told.
    pub unrecorded: bool,
}

/// What the digest covers, and nothing else.
#[derive(Serialize)]
struct Covered<'a> {
    address: &'a str,
    action: Action,
    fields: Vec<CoveredField<'a>>,
}

#[derive(Serialize)]
struct CoveredField<'a> {
    path: &'a str,
    before: &'a Option<crate::model::Value>,
    after: &'a Option<crate::model::Value>,
}

impl Plan {
    /// Returns the digest of the canonical change set: address, action, path, before and after.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let covered: Vec<Covered<'_>> = self
            .changes
            .iter()
            .map(|change| Covered {
                address: change.address().as_str(),
                action: change.action,
                fields: change
                    .fields
                    .iter()
                    .map(|field| CoveredField {
                        path: &field.path,
                        before: &field.before,
                        after: &field.after,
                    })
                    .collect(),
            })
            .collect();
        Digest::of(&covered)
    }

    /// Returns whether every declared object was observed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Returns whether there is nothing to do and nothing held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.held.is_empty()
    }
}
