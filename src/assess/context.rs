//! What every rule looks at, and the questions that several of them ask.
//!
//! In: the desired state and what was observed. Out: answers. Must not know any rule.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::strategy::{
    Backup, Direction, Failover, Location, Schedule, Step, StepAction, Store, Strategy,
};
use crate::desired::{Component, Desired, Role, Tier};
use crate::kinds::{self, Declared, Delays};
use crate::live::Live;
use crate::model::Fact;

use super::order::ancestors;
use super::schedule::longest_gap;

/// A delay in seconds, with the object that causes it.
pub(super) type Delay<'a> = Option<(i64, &'a Declared)>;

/// What every rule looks at.
pub(super) struct Context<'a> {
    pub(super) desired: &'a Desired,
    pub(super) strategy: &'a Strategy,
    pub(super) live: Option<&'a Live>,
}

impl<'a> Context<'a> {
    pub(super) fn new(desired: &'a Desired, live: Option<&'a Live>) -> Self {
        Self {
            desired,
            strategy: desired.strategy(),
            live,
        }
    }

    /// Returns the moment of the newest observation.
    pub(super) fn now(&self) -> Option<jiff::Timestamp> {
        self.live?.scopes().map(|(_, _, read)| read.at).max()
    }

    pub(super) fn component(&self, name: &str) -> Option<&'a Component> {
        self.desired.components().get(name)
    }

    /// Returns the tier of a component, and its name.
    pub(super) fn tier_of(&self, component: &Component) -> Option<(&'a str, &'a Tier)> {
        let tier = self
            .desired
            .tiers()
            .get_key_value(component.tier.as_deref()?)?;
        Some((tier.0, tier.1))
    }

    /// Returns the tier with the shortest recovery time.
    pub(super) fn strictest(&self) -> Option<(&'a str, &'a Tier)> {
        let tiers = self.desired.tiers().iter();
        tiers
            .min_by_key(|(_, tier)| (tier.rto, tier.rpo))
            .map(|(name, tier)| (name.as_str(), tier))
    }

    /// Returns the components that a component needs, directly or through others, and that hold
    /// its data.
    pub(super) fn needed_by(&self, name: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = vec![name];
        while let Some(next) = open.pop() {
            let Some(component) = self.component(next) else {
                continue;
            };
            for other in component.depends_on.iter().chain(&component.data_in) {
                if found.insert(other.as_str()) {
                    open.push(other);
                }
            }
        }
        found
    }

    /// Returns the components of a tier with everything that they need.
    pub(super) fn closure(&self, tier: &str) -> BTreeSet<&'a str> {
        let mut all = BTreeSet::new();
        for (name, component) in self.desired.components() {
            if component.tier.as_deref() == Some(tier) {
                all.insert(name.as_str());
                all.extend(self.needed_by(name));
            }
        }
        all
    }

    /// Returns the stores of record.
    pub(super) fn stores(&self) -> impl Iterator<Item = (&'a str, &'a Component)> {
        let all = self.desired.components().iter();
        all.filter(|(_, one)| one.store == Some(Store::Record))
            .map(|(name, one)| (name.as_str(), one))
    }

    /// Returns the strictest RPO that a store is held to, with the tier that asks for it; where it
    /// has no tier and nobody needs it, that of the summary.
    pub(super) fn rpo_of(&self, store: &str) -> Option<(i64, Option<&'a str>)> {
        let own = self.component(store).and_then(|one| self.tier_of(one));
        if let Some((name, tier)) = own {
            return Some((tier.rpo, Some(name)));
        }
        let needing = self.desired.components().iter();
        let asking = needing
            .filter(|(name, _)| self.needed_by(name).contains(store))
            .filter_map(|(_, one)| self.tier_of(one));
        let strictest = asking.min_by_key(|(_, tier)| tier.rpo);
        let summary = || self.strategy.document.as_ref()?.rpo.map(|rpo| (rpo, None));
        strictest
            .map(|(name, tier)| (tier.rpo, Some(name)))
            .or_else(summary)
    }

    /// Returns the backups of a component.
    pub(super) fn backups<'s>(
        &'s self,
        component: &'s str,
    ) -> impl Iterator<Item = &'a Backup> + 's {
        self.strategy
            .backups
            .iter()
            .filter(move |one| one.component == component)
    }

    pub(super) fn locations<'s>(
        &'s self,
        backup: &'s Backup,
    ) -> impl Iterator<Item = &'a Location> + 's {
        backup
            .locations
            .iter()
            .filter_map(|name| self.strategy.locations.get(name))
    }

    /// Returns whether a backup lies where the loss of the primary site leaves it.
    pub(super) fn reaches_dr(&self, backup: &Backup) -> bool {
        let role = |site: &str| self.desired.sites().get(site).map(|site| site.role);
        self.locations(backup)
            .any(|location| match location.site.as_deref() {
                Some(site) => role(site) == Some(Role::Dr),
                None => true,
            })
    }

    /// Returns the longest time between two backups, in seconds.
    pub(super) fn interval(backup: &Backup) -> Option<i64> {
        match &backup.schedule {
            Schedule::Every(seconds) => Some(*seconds),
            Schedule::Cron(cron) => longest_gap(cron),
            Schedule::Continuous => Some(0),
            Schedule::Unknown => None,
        }
    }

    /// Returns the failovers to the DR site.
    pub(super) fn failovers_over(&self) -> impl Iterator<Item = (&'a str, &'a Failover)> {
        let all = self.strategy.failovers.iter();
        all.filter(|(_, one)| one.direction == Direction::Over)
            .map(|(name, one)| (name.as_str(), one))
    }

    /// Returns the failover of a disaster: that to the DR site which may take longest.
    pub(super) fn disaster(&self) -> Option<(&'a str, &'a Failover)> {
        self.failovers_over().max_by_key(|(_, one)| one.downtime)
    }

    /// Returns the steps of a failover to the DR site.
    pub(super) fn steps_of(&self, failover: Option<&str>) -> BTreeMap<&'a str, &'a Step> {
        let belongs = |step: &Step| match failover {
            Some(name) => step.failover.is_empty() || step.failover.iter().any(|own| own == name),
            None => step.failover.is_empty(),
        };
        let steps = self.strategy.steps.iter().filter(|(_, step)| belongs(step));
        steps.map(|(name, step)| (name.as_str(), step)).collect()
    }

    /// Returns what each step of a failover needs, of the steps of the same failover.
    pub(super) fn needs(steps: &BTreeMap<&'a str, &'a Step>) -> BTreeMap<&'a str, Vec<&'a str>> {
        let own = |step: &'a Step| {
            step.needs
                .iter()
                .map(String::as_str)
                .filter(|need| steps.contains_key(need))
        };
        steps
            .iter()
            .map(|(name, step)| (*name, own(step).collect()))
            .collect()
    }

    /// Returns whether a step waits, however far back, for one of this action.
    pub(super) fn waits_for(
        steps: &BTreeMap<&'a str, &'a Step>,
        name: &str,
        action: StepAction,
    ) -> bool {
        let needs = Self::needs(steps);
        ancestors(&needs, name)
            .iter()
            .any(|one| steps.get(one).is_some_and(|step| step.action == action))
    }

    /// Returns the longest delays that declared objects of these components cause, with the object
    /// of each; what was observed counts where it is longer.
    pub(super) fn delays(&self, components: &BTreeSet<&str>) -> (Delay<'a>, Delay<'a>) {
        let mut detection: Delay<'a> = None;
        let mut propagation: Delay<'a> = None;
        let own = self.desired.declared().filter(|one| {
            one.component
                .as_deref()
                .is_some_and(|name| components.contains(name))
        });
        for declared in own {
            let address = &declared.object.address;
            let Some(kind) = kinds::by_name(address.kind()) else {
                continue;
            };
            let live = self
                .live
                .and_then(|live| live.get(address))
                .map(|resource| kind.delays(&resource.fields));
            let declared_delays = kind.delays(&declared.object.fields);
            let live = live.unwrap_or_default();
            let Delays {
                detection: own_detection,
                propagation: own_propagation,
            } = declared_delays;
            longer(&mut detection, own_detection.max(live.detection), declared);
            longer(
                &mut propagation,
                own_propagation.max(live.propagation),
                declared,
            );
        }
        (detection, propagation)
    }

    /// Returns what was measured of the objects of a component at the DR site.
    pub(super) fn facts_at_dr(&self, component: &str) -> Vec<&'a Fact> {
        let Some(live) = self.live else {
            return Vec::new();
        };
        let own = self
            .desired
            .declared()
            .filter(|one| one.component.as_deref() == Some(component));
        own.filter(|one| {
            self.desired
                .sites()
                .get(one.object.address.site())
                .is_some_and(|site| site.role == Role::Dr)
        })
        .filter_map(|one| live.get(&one.object.address))
        .flat_map(|resource| &resource.facts)
        .collect()
    }
}

fn longer<'a>(longest: &mut Option<(i64, &'a Declared)>, own: Option<i64>, declared: &'a Declared) {
    if let Some(own) = own
        && longest.is_none_or(|(known, _)| own > known)
    {
        *longest = Some((own, declared));
    }
}
