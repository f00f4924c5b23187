//! Desired against live, object by object: what changes, what is held, and why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::cause::{Attributed, Base, Sides};
use super::facts;
use super::plan_value::{Plan, ScopeTotals, Summary};
use crate::desired::Desired;
use crate::kinds::{self, Declared};
use crate::live::Live;
use crate::model::{
    Action, Address, Cause, Change, Class, Difference, Digest, FieldChange, Held, Map, Resource,
    Value, compare, set_at,
};
use crate::state::{Applied, AppliedRecord};

/// What a planner may be told beside its inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Change values at once, although readers may still keep the old ones.
    pub ignore_lifetime: bool,
    /// The revision to compare with, so that what this one introduces is told apart.
    pub base: Option<Base<'a>>,
}

/// Plans: returns what would bring live to desired.
///
/// Pure: the same inputs give the same bytes, whatever the order in which they were read.
#[must_use]
pub fn plan(
    desired: &Desired,
    live: &Live,
    applied: Option<&AppliedRecord>,
    options: Options<'_>,
) -> Plan {
    let mut planner = Planner {
        desired,
        live,
        applied,
        options,
        plan: Plan {
            environment: desired.environment().to_owned(),
            revision: desired.revision().map(str::to_owned),
            base: options.base.map(|base| base.revision.to_owned()),
            unrecorded: applied.is_none(),
            ..Plan::default()
        },
    };
    for declared in desired.declared() {
        planner.declared(declared);
    }
    planner.removed();
    planner.undeclared();
    planner.rivals();
    planner.dependants_of_replacements();
    planner.finish()
}

pub(super) struct Planner<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    pub(super) applied: Option<&'a AppliedRecord>,
    pub(super) options: Options<'a>,
    pub(super) plan: Plan,
}

impl Planner<'_> {
    fn declared(&mut self, declared: &Declared) {
        let address = &declared.object.address;
        if self.live.is_unknown(address) {
            self.plan.summary.unknown += 1;
            return;
        }
        let Some(kind) = kinds::by_name(address.kind()) else {
            return;
        };
        let applied = self.applied.and_then(|record| record.get(address));
        let Some(live) = self.live.get(address) else {
            let differences = compare(kind.shape(), &declared.object.fields, &Map::new());
            self.absent(declared, &differences, applied);
            return;
        };
        let differences = compare(kind.shape(), &declared.object.fields, &live.fields);
        if differences.is_empty() {
            self.plan.summary.in_sync += 1;
            if !declared.flags.observe
                && applied.is_none_or(|applied| {
                    applied.fields != declared.object.fields
                        || applied.prune != declared.flags.prune
                })
            {
                self.plan.recordable.push(address.clone());
            }
            return;
        }
        let attributed = self.attribute(address, Some(&declared.object.fields), applied);
        self.different(declared, live, differences, attributed, applied);
    }

    fn absent(
        &mut self,
        declared: &Declared,
        differences: &[Difference],
        applied: Option<&Applied>,
    ) {
        let address = &declared.object.address;
        let attributed = self.attribute(address, Some(&declared.object.fields), applied);
        if declared.flags.observe {
            self.hold(
                declared,
                "observe-only",
                "it is declared with `observe = true` and is not there".to_owned(),
                fields_of(differences),
                attributed.cause,
            );
            return;
        }
        let change = self.change(declared, Action::Create, attributed, differences, None);
        self.plan.changes.push(change);
    }

    fn different(
        &mut self,
        declared: &Declared,
        live: &Resource,
        differences: Vec<Difference>,
        attributed: Attributed,
        applied: Option<&Applied>,
    ) {
        let cause = attributed.cause;
        let fields = fields_of(&differences);
        // What the service puts there by itself, such as a bucket's encryption, is nobody's.
        let is_found = applied.is_none() && !live.intrinsic;
        let hold = if let Some(reason) = live.read_only {
            Some(("read-only", reason.to_owned()))
        } else if declared.flags.observe {
            Some((
                "observe-only",
                "it is declared with `observe = true`, so it is compared and never written"
                    .to_owned(),
            ))
        } else if differences.iter().any(|difference| difference.conversion)
            && !declared.flags.convert
        {
            Some(("conversion", "it would turn into another thing (its routing policy changes); `convert = true` allows it".to_owned()))
        } else if is_found && !declared.flags.adopt {
            Some(("adopt", "it is there and drsync did not make it; `adopt = true` on it or on what it lies in takes it over".to_owned()))
        } else {
            None
        };
        if let Some((code, reason)) = hold {
            self.hold(declared, code, reason, fields, cause);
            return;
        }
        let (roles, differences): (Vec<Difference>, Vec<Difference>) = differences
            .into_iter()
            .partition(|difference| difference.class == Class::Role);
        if !roles.is_empty() {
            let reason = "it would change which site leads; apply leaves it, for it is a step of a failover that people decide".to_owned();
            self.hold(declared, "role", reason, fields_of(&roles), cause);
            if differences.is_empty() {
                return;
            }
        }
        // What is held stays as it is, whatever is written beside it.
        let rest;
        let declared = if roles.is_empty() {
            declared
        } else {
            rest = keeping(declared, &roles);
            &rest
        };
        let action = if differences.iter().any(|difference| difference.replace) {
            Action::Replace
        } else if is_found {
            Action::Adopt
        } else {
            Action::Update
        };
        let (first, rest): (Vec<Difference>, Vec<Difference>) = differences
            .into_iter()
            .partition(|difference| difference.lifetime && is_lower(&difference.change));
        if self.options.ignore_lifetime || action == Action::Replace || rest.is_empty() {
            let all: Vec<Difference> = first.into_iter().chain(rest).collect();
            let change = self.change(declared, action, attributed, &all, Some(live));
            self.plan.changes.push(change);
        } else if first.is_empty() {
            self.after_lifetime(declared, live, &rest, action, attributed, applied);
        } else {
            let mut change = self.change(declared, action, attributed, &first, Some(live));
            change.object.fields = with(live.fields.clone(), &first);
            change.reasons.push("the lifetime is lowered first; the rest follows when no reader keeps the old answer".to_owned());
            let reason = "it waits until the lower lifetime has been applied and the old one has passed; `--now` does both at once".to_owned();
            self.hold(declared, "lifetime-first", reason, fields_of(&rest), cause);
            self.plan.changes.push(change);
        }
    }

    /// Changes a value if no reader keeps the old one any more.
    fn after_lifetime(
        &mut self,
        declared: &Declared,
        live: &Resource,
        rest: &[Difference],
        action: Action,
        attributed: Attributed,
        applied: Option<&Applied>,
    ) {
        let now = self.now(declared);
        let until = applied
            .and_then(Applied::lifetime_until)
            .filter(|until| *until > now);
        let Some(until) = until else {
            let change = self.change(declared, action, attributed, rest, Some(live));
            self.plan.changes.push(change);
            return;
        };
        let reason = "readers may keep the old answer; `--now` changes it at once".to_owned();
        let cause = attributed.cause;
        self.hold(declared, "lifetime-wait", reason, fields_of(rest), cause);
        if let Some(held) = self.plan.held.last_mut() {
            held.until = Some(until);
        }
    }

    /// Tells why an object differs from what is declared of it; none if nothing is.
    pub(super) fn attribute(
        &self,
        address: &Address,
        desired: Option<&Map>,
        applied: Option<&Applied>,
    ) -> Attributed {
        let Some(kind) = kinds::by_name(address.kind()) else {
            return Cause::Unattributed.into();
        };
        let base = match self.options.base {
            None => desired,
            Some(base) => {
                let declared = base.desired.and_then(|desired| desired.get(address));
                declared.map(|declared| &declared.object.fields)
            }
        };
        Sides {
            shape: kind.shape(),
            desired,
            base,
            applied: applied.map(|applied| &applied.fields),
            recorded: self.applied.is_some(),
            live: self.live.get(address).map(|live| &live.fields),
        }
        .attribute()
    }

    fn now(&self, declared: &Declared) -> Timestamp {
        let object = &declared.object;
        self.live
            .read(&object.scope, object.address.kind())
            .map_or(Timestamp::MIN, |read| read.at)
    }

    fn change(
        &self,
        declared: &Declared,
        action: Action,
        attributed: Attributed,
        differences: &[Difference],
        live: Option<&Resource>,
    ) -> Change {
        let mut reasons: Vec<String> = differences
            .iter()
            .filter(|difference| difference.replace && live.is_some())
            .map(|difference| {
                format!(
                    "{} cannot be changed in place, so the object is made anew",
                    difference.change.path
                )
            })
            .collect();
        reasons.dedup();
        reasons.extend(attributed.remark);
        let class = differences
            .iter()
            .map(|difference| difference.class)
            .max()
            .unwrap_or(Class::Ordinary);
        Change {
            object: declared.object.clone(),
            action,
            cause: attributed.cause,
            class: if live.is_some() {
                class
            } else {
                Class::Ordinary
            },
            fields: fields_of(differences),
            reasons,
            component: declared.component.clone(),
            source: declared
                .spans
                .whole
                .map(|span| self.desired.sources().locate(span)),
            flags: declared.flags,
            after: declared.depends.clone(),
            observed: live.map(|live| Digest::of(&live.fields)),
            before: live.map(|live| live.fields.clone()),
            raw: live.and_then(|live| live.raw.clone()),
        }
    }

    fn hold(
        &mut self,
        declared: &Declared,
        code: &str,
        reason: String,
        fields: Vec<FieldChange>,
        cause: Cause,
    ) {
        self.plan.held.push(Held {
            address: declared.object.address.clone(),
            code: code.to_owned(),
            reason,
            until: None,
            fields,
            cause,
            source: declared
                .spans
                .whole
                .map(|span| self.desired.sources().locate(span)),
        });
    }

    /// Objects that refer to one that is made anew are written again, so that they refer to the
    /// new one.
    fn dependants_of_replacements(&mut self) {
        let replaced: BTreeMap<Address, Cause> = self
            .plan
            .changes
            .iter()
            .filter(|change| change.action == Action::Replace)
            .map(|change| (change.address().clone(), change.cause))
            .collect();
        if replaced.is_empty() {
            return;
        }
        let changed: BTreeSet<Address> = self
            .plan
            .changes
            .iter()
            .map(|change| change.address().clone())
            .collect();
        let held: BTreeSet<Address> = self
            .plan
            .held
            .iter()
            .map(|held| held.address.clone())
            .collect();
        for declared in self.desired.declared() {
            let address = &declared.object.address;
            let mut depends = declared.depends.iter();
            let Some((on, cause)) = depends.find_map(|on| Some((on, *replaced.get(on)?))) else {
                continue;
            };
            let Some(live) = self.live.get(address) else {
                continue;
            };
            if changed.contains(address) || held.contains(address) || declared.flags.observe {
                continue;
            }
            let mut change = self.change(declared, Action::Update, cause.into(), &[], Some(live));
            let refers = Value::from(format!("refers to {on}"));
            change.fields = vec![FieldChange {
                path: String::new(),
                before: Some(refers),
                after: Some(Value::from(format!("refers to {on}, made anew"))),
            }];
            change.reasons.push(format!("{on} is made anew"));
            self.plan.changes.push(change);
            self.plan.summary.in_sync -= 1;
            self.plan
                .recordable
                .retain(|recordable| recordable != address);
        }
    }

    fn finish(mut self) -> Plan {
        let plan = &mut self.plan;
        plan.changes.sort_by(|a, b| a.address().cmp(b.address()));
        plan.held.sort_by(|a, b| a.address.cmp(&b.address));
        plan.recordable.sort();
        plan.gaps = self.live.gaps().to_vec();
        for resource in self
            .live
            .resources()
            .filter(|resource| !resource.facts.is_empty())
        {
            plan.facts
                .insert(resource.address.clone(), resource.facts.clone());
        }
        for (address, fact) in self.applied.into_iter().flat_map(facts::newest_changes) {
            plan.facts.entry(address).or_default().push(fact);
        }
        for (scope, _, _) in self.live.scopes() {
            let live = self.live.in_scope(scope).len();
            plan.scopes.insert(
                scope.to_string(),
                ScopeTotals {
                    live,
                    ..ScopeTotals::default()
                },
            );
        }
        for change in plan
            .changes
            .iter()
            .filter(|change| change.before.is_some() && change.action != Action::Forget)
        {
            let totals = plan
                .scopes
                .entry(change.object.scope.to_string())
                .or_default();
            totals.changed += 1;
            totals.deleted += usize::from(change.action == Action::Delete);
        }
        let count = |action| {
            plan.changes
                .iter()
                .filter(|change| change.action == action)
                .count()
        };
        plan.summary = Summary {
            create: count(Action::Create),
            update: count(Action::Update),
            replace: count(Action::Replace),
            delete: count(Action::Delete),
            forget: count(Action::Forget),
            adopt: count(Action::Adopt),
            held: plan.held.len(),
            ..plan.summary
        };
        self.plan
    }
}

fn fields_of(differences: &[Difference]) -> Vec<FieldChange> {
    differences
        .iter()
        .map(|difference| difference.change.clone())
        .collect()
}

/// Returns a declaration in which these fields are as they were observed.
fn keeping(declared: &Declared, held: &[Difference]) -> Declared {
    let mut kept = declared.clone();
    for difference in held {
        let FieldChange { path, before, .. } = &difference.change;
        set_at(&mut kept.object.fields, path, before.clone());
    }
    kept
}

fn is_lower(change: &FieldChange) -> bool {
    matches!((&change.before, &change.after), (Some(before), Some(after)) if after < before)
}

fn with(mut fields: Map, differences: &[Difference]) -> Map {
    for difference in differences {
        set_at(
            &mut fields,
            &difference.change.path,
            difference.change.after.clone(),
        );
    }
    fields
}
