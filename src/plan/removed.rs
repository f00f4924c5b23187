//! What is there and declared no longer, or never was: forgotten, deleted, or only counted.

use super::build::Planner;
use super::cause::Attributed;
use crate::kinds;
use crate::model::{
    Action, Address, Cause, Change, Class, Digest, FieldChange, Flags, Held, Map, Object, Resource,
    Scope,
};
use crate::state::AppliedRecord;

impl Planner<'_> {
    /// Objects that were applied and are declared no longer: deleted only if they were applied
    /// with `prune = true`, and only because their scope was read; otherwise forgotten.
    pub(super) fn removed(&mut self) {
        let applied = self.applied.into_iter().flat_map(AppliedRecord::iter);
        for (address, applied) in applied.filter(|(address, _)| self.desired.get(address).is_none())
        {
            if self.live.is_unknown(address) {
                self.plan.summary.unknown += 1;
                continue;
            }
            let object = Object {
                address: address.clone(),
                scope: applied.scope.clone(),
                identity: applied.identity.clone(),
                fields: applied.fields.clone(),
            };
            let live = self.live.get(address);
            let stays = kinds::by_name(address.kind()).and_then(kinds::Kind::stays);
            let (action, reason) = match live {
                Some(live) if live.read_only.is_some() => (
                    Action::Forget,
                    "it left Git and is owned by something else now",
                ),
                Some(_) if applied.prune && stays.is_some() => {
                    (Action::Forget, stays.unwrap_or_default())
                }
                Some(_) if applied.prune => (
                    Action::Delete,
                    "it left Git and was applied with `prune = true`",
                ),
                Some(_) => (Action::Forget, "it left Git and stays as it is"),
                None => (Action::Forget, "it left Git and is not there any more"),
            };
            // What is only forgotten stays as it is, so whether it moved does not matter.
            let attributed = match action {
                Action::Delete => self.attribute(address, None, Some(applied)),
                _ => self.left_git(address).into(),
            };
            self.remove(object, action, reason, live, attributed);
        }
    }

    /// Objects that nobody declares: deleted where the scope is exclusive and was read whole.
    pub(super) fn undeclared(&mut self) {
        let reads: Vec<_> = self
            .live
            .scopes()
            .map(|(scope, kind, read)| (scope.clone(), kind, read.clone()))
            .collect();
        for (scope, kind, read) in reads {
            self.plan
                .methods
                .insert(format!("{scope} {kind}"), read.method);
            let live = self.live;
            let strangers: Vec<&Resource> = live
                .in_scope(&scope)
                .iter()
                .filter(|address| address.kind() == kind && self.desired.get(address).is_none())
                .filter(|address| !self.desired.is_counterpart(address))
                .filter(|address| {
                    self.applied
                        .is_none_or(|record| record.get(address).is_none())
                })
                .filter_map(|address| live.get(address))
                .filter(|resource| !resource.intrinsic)
                .collect();
            if !read.whole || strangers.is_empty() {
                continue;
            }
            if !self.desired.exclusive().contains_key(&scope) {
                self.plan
                    .unmanaged
                    .insert(scope.to_string(), strangers.len());
                continue;
            }
            for resource in strangers
                .into_iter()
                .filter(|resource| resource.read_only.is_none())
            {
                let object = Object {
                    address: resource.address.clone(),
                    scope: scope.clone(),
                    identity: resource.identity.clone(),
                    fields: Map::new(),
                };
                self.remove(
                    object,
                    Action::Delete,
                    "nobody declares it, and its scope is exclusive",
                    Some(resource),
                    self.stranger(&resource.address, &scope).into(),
                );
            }
        }
    }

    /// Tells which revision dropped an object: this one, or one that was merged before.
    fn left_git(&self, address: &Address) -> Cause {
        let base = self.options.base.and_then(|base| base.desired);
        if base.is_some_and(|base| base.get(address).is_some()) {
            Cause::Introduced
        } else {
            Cause::Pending
        }
    }

    /// Tells why an object that nobody declares is to go: because this revision makes its scope
    /// exclusive or does not declare it any more, or for a reason that no record tells.
    fn stranger(&self, address: &Address, scope: &Scope) -> Cause {
        let Some(base) = self.options.base else {
            return Cause::Unattributed;
        };
        let was_to_go = base.desired.is_some_and(|base| {
            base.exclusive().contains_key(scope) && base.get(address).is_none()
        });
        if was_to_go {
            Cause::Unattributed
        } else {
            Cause::Introduced
        }
    }

    fn remove(
        &mut self,
        object: Object,
        action: Action,
        reason: &str,
        live: Option<&Resource>,
        attributed: Attributed,
    ) {
        let cause = attributed.cause;
        let fields = match (action, live) {
            (Action::Delete, Some(live)) => live
                .fields
                .iter()
                .map(|(key, value)| FieldChange {
                    path: format!("/{key}"),
                    before: Some(value.clone()),
                    after: None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let scope = object.scope.to_string();
        if action == Action::Delete && self.live.gaps().iter().any(|gap| gap.scope == scope) {
            self.plan.held.push(Held {
                address: object.address,
                code: "unknown-scope".to_owned(),
                reason: format!("{reason}; it waits until all of {scope} can be read"),
                until: None,
                fields,
                cause,
                source: None,
            });
            return;
        }
        self.plan.changes.push(Change {
            object,
            action,
            cause,
            class: if action == Action::Delete {
                Class::Deletion
            } else {
                Class::Ordinary
            },
            fields,
            reasons: std::iter::once(reason.to_owned())
                .chain(attributed.remark)
                .collect(),
            component: None,
            source: None,
            flags: Flags::default(),
            after: Vec::new(),
            observed: live.map(|live| Digest::of(&live.fields)),
            before: live.map(|live| live.fields.clone()),
            raw: live.and_then(|live| live.raw.clone()),
        });
    }
}
