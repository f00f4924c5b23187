//! The order of changes: what others need first, what protects or carries less last.

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{self, Kind};
use crate::model::{Action, Address, Change, Class, Scope};

/// Changes that may be made at the same time, by kind and scope.
pub(super) type Stage<'a> = BTreeMap<(Scope, usize), (&'static dyn Kind, Vec<&'a Change>)>;

/// Returns the changes that write, in stages; a stage begins when the one before has ended.
pub(super) fn stages(changes: &[Change]) -> Vec<Stage<'_>> {
    let mut stages: BTreeMap<(bool, usize), Stage<'_>> = BTreeMap::new();
    let by_address: BTreeMap<&Address, &Change> = changes
        .iter()
        .map(|change| (change.address(), change))
        .collect();
    let mut levels = BTreeMap::new();
    for change in changes.iter().filter(|change| change.writes()) {
        let Some((index, kind)) = kind_of(change) else {
            continue;
        };
        let reduction = is_reduction(change, kind);
        // Reductions go the other way: kinds are listed so that what others build on comes first.
        let level = if reduction {
            kinds::all().len() - index
        } else {
            level(change, &by_address, &mut levels, 0)
        };
        let stage = stages.entry((reduction, level)).or_default();
        stage
            .entry((change.object.scope.clone(), index))
            .or_insert_with(|| (kind, Vec::new()))
            .1
            .push(change);
    }
    stages.into_values().collect()
}

fn kind_of(change: &Change) -> Option<(usize, &'static dyn Kind)> {
    kinds::all()
        .iter()
        .copied()
        .enumerate()
        .find(|(_, kind)| kind.name() == change.address().kind())
}

/// Returns whether a change takes something away. A kind whose batches compare and swap orders
/// removals inside the batch, so that a name is never without an answer in between.
fn is_reduction(change: &Change, kind: &dyn Kind) -> bool {
    let takes_away = change.action == Action::Delete
        || matches!(change.class, Class::CapacityCut | Class::ProtectionCut);
    takes_away && !kind.swaps()
}

/// Returns how many stages must end before a change: one more than any change that it depends on.
///
/// A kind whose batches compare and swap orders the changes of a scope by itself, so all of them
/// are in one stage: the latest that one of them needs.
fn level<'a>(
    change: &'a Change,
    by_address: &BTreeMap<&Address, &'a Change>,
    levels: &mut BTreeMap<&'a Address, usize>,
    depth: usize,
) -> usize {
    if let Some(known) = levels.get(change.address()) {
        return *known;
    }
    // A cycle of declarations cannot be ordered; it ends here and the service has the last word.
    if depth > by_address.len() {
        return 0;
    }
    let together: Vec<&'a Change> = if kind_of(change).is_some_and(|(_, kind)| kind.swaps()) {
        let own = (change.address().kind(), &change.object.scope);
        by_address
            .values()
            .copied()
            .filter(|other| (other.address().kind(), &other.object.scope) == own)
            .collect()
    } else {
        vec![change]
    };
    let inside: BTreeSet<&Address> = together.iter().map(|change| change.address()).collect();
    let highest = together
        .iter()
        .flat_map(|change| &change.after)
        .filter(|needed| !inside.contains(needed))
        .filter_map(|needed| by_address.get(needed))
        .filter(|needed| needed.writes())
        .map(|needed| level(needed, by_address, levels, depth + 1) + 1)
        .max()
        .unwrap_or(0);
    levels.extend(inside.into_iter().map(|address| (address, highest)));
    highest
}
