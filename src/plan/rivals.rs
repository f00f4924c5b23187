//! What cannot be made because of what is there.
//!
//! In: the changes so far, and what is live. Out: the changes that can be made, and the others held
//! with a way out. Must not know which objects exclude each other: the kinds do.

use std::collections::BTreeSet;

use super::build::Planner;
use crate::kinds;
use crate::model::{Action, Address, Change, Held};

impl Planner<'_> {
    /// Holds what would be made beside an object that stays and suffers no other.
    pub(super) fn rivals(&mut self) {
        let deleted: BTreeSet<Address> = self
            .plan
            .changes
            .iter()
            .filter(|change| change.action == Action::Delete)
            .map(|change| change.address().clone())
            .collect();
        for change in std::mem::take(&mut self.plan.changes) {
            match self.rival(&change, &deleted) {
                Some(rival) => {
                    let held = self.in_the_way(change, &rival);
                    self.plan.held.push(held);
                }
                None => self.plan.changes.push(change),
            }
        }
    }

    fn rival(&self, change: &Change, deleted: &BTreeSet<Address>) -> Option<Address> {
        if change.action != Action::Create {
            return None;
        }
        let kind = kinds::by_name(change.address().kind())?;
        let mut rivals = kind.rivals(change.address()).into_iter();
        let stays = |rival: &Address| self.live.get(rival).is_some() && !deleted.contains(rival);
        rivals.find(stays)
    }

    fn in_the_way(&self, change: Change, rival: &Address) -> Held {
        let was_applied = self
            .applied
            .is_some_and(|record| record.get(rival).is_some());
        let how = if was_applied {
            "it left Git and was applied without `prune = true`"
        } else {
            "drsync did not make it"
        };
        Held {
            address: change.object.address,
            code: "in-the-way".to_owned(),
            reason: format!(
                "{rival} is there, and the service keeps nothing beside it ({how}); declare that with `adopt = true` and `prune = true`, apply, and then take it out of Git, or remove it by hand"
            ),
            until: None,
            fields: change.fields,
            cause: change.cause,
            source: change.source,
        }
    }
}
