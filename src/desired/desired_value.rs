//! The value that this room gives: everything that is declared, checked.
//!
//! In: what validation made. Out: getters. Must not know how the values came to be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::relation::DeclaredRelation;
use super::site::{Aws, Limits, Site, StateStore};
use super::source::Origin;
use super::strategy::{Component, Strategy, Tier};
use crate::kinds::Declared;
use crate::model::{Address, GLOBAL, Object, Scope, Sources};

/// An object that an entry declares at another site: looked at for parity, and never planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    /// Identity and scope, without fields.
    pub object: Object,
    /// What ties it to the objects of its entry: `<kind>/<name>`.
    pub pair: String,
}

/// The desired state of one environment at one revision.
#[derive(Clone, Debug)]
pub struct Desired {
    pub(super) environment: String,
    pub(super) title: String,
    pub(super) state: Option<StateStore>,
    pub(super) plan_keys: Vec<String>,
    pub(super) profile: Option<String>,
    pub(super) sites: BTreeMap<String, Site>,
    pub(super) global: Option<Aws>,
    pub(super) limits: Limits,
    pub(super) tiers: BTreeMap<String, Tier>,
    pub(super) components: BTreeMap<String, Component>,
    pub(super) strategy: Strategy,
    /// Sorted by address.
    pub(super) declared: Vec<Declared>,
    pub(super) parity: BTreeMap<String, BTreeMap<String, DeclaredRelation>>,
    /// By address.
    pub(super) counterparts: BTreeMap<Address, Counterpart>,
    pub(super) exclusive: BTreeMap<Scope, Object>,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) origin: Origin,
    pub(super) sources: Arc<Sources>,
}

impl Desired {
    /// Returns the environment: the name of its folder.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Returns the environment's name for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns where the state is declared to be kept.
    #[must_use]
    pub const fn state(&self) -> Option<&StateStore> {
        self.state.as_ref()
    }

    /// Returns the public keys whose signature on a saved plan is taken.
    #[must_use]
    pub fn plan_keys(&self) -> &[String] {
        &self.plan_keys
    }

    /// Returns the selected profile.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Returns the sites by name.
    #[must_use]
    pub const fn sites(&self) -> &BTreeMap<String, Site> {
        &self.sites
    }

    /// Returns the AWS account of a connection: a site's name, or `global`.
    #[must_use]
    pub fn aws(&self, connection: &str) -> Option<&Aws> {
        if connection == GLOBAL {
            self.global.as_ref()
        } else {
            self.sites.get(connection)?.aws.as_ref()
        }
    }

    /// Returns the words that a site calls its own, in the same order for every site: its name,
    /// its region and its account, empty where it has none.
    #[must_use]
    pub fn own_words(&self, site: &str) -> [String; 3] {
        let place = self.aws(site);
        let region = place.map(|aws| aws.region.clone());
        let account = place.map(|aws| aws.account.clone());
        [
            site.to_owned(),
            region.unwrap_or_default(),
            account.unwrap_or_default(),
        ]
    }

    /// Returns the declared shares of the rate limits.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the tiers by name.
    #[must_use]
    pub const fn tiers(&self) -> &BTreeMap<String, Tier> {
        &self.tiers
    }

    /// Returns the components by name.
    #[must_use]
    pub const fn components(&self) -> &BTreeMap<String, Component> {
        &self.components
    }

    /// Returns what the strategy says beside tiers and components.
    #[must_use]
    pub const fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// Iterates over the declared objects, sorted by address.
    #[must_use]
    pub fn declared(&self) -> impl ExactSizeIterator<Item = &Declared> + Clone {
        self.declared.iter()
    }

    /// Returns the desired state of a part of the environment: only these objects, and no scope in
    /// which anything undeclared would be deleted.
    #[must_use]
    pub fn select(mut self, keep: impl Fn(&Declared) -> bool) -> Self {
        self.declared.retain(keep);
        self.scopes = self
            .declared
            .iter()
            .map(|declared| declared.object.scope.clone())
            .collect();
        self.exclusive.clear();
        let pairs: BTreeSet<&String> = self
            .declared
            .iter()
            .filter_map(|one| one.pair.as_ref())
            .collect();
        self.counterparts
            .retain(|_, other| pairs.contains(&other.pair));
        self
    }

    /// Iterates over what is looked at because another site declares it, sorted by address.
    pub fn counterparts(&self) -> impl Iterator<Item = &Counterpart> {
        self.counterparts.values()
    }

    /// Returns whether an object is looked at only because another site declares it.
    #[must_use]
    pub fn is_counterpart(&self, address: &Address) -> bool {
        self.counterparts.contains_key(address)
    }

    /// Returns the declared object of an address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Declared> {
        let at = self
            .declared
            .binary_search_by(|declared| declared.object.address.cmp(address));
        at.ok().map(|at| &self.declared[at])
    }

    /// Returns the declared relations by pair, then by field path (empty for the whole object).
    #[must_use]
    pub const fn parity(&self) -> &BTreeMap<String, BTreeMap<String, DeclaredRelation>> {
        &self.parity
    }

    /// Returns the scopes in which nothing undeclared may be, each with the object that says so.
    #[must_use]
    pub const fn exclusive(&self) -> &BTreeMap<Scope, Object> {
        &self.exclusive
    }

    /// Returns all scopes that hold a declared object.
    #[must_use]
    pub const fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// Returns what identifies the texts that it was read from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the Git revision; none outside Git and before the first commit.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.origin.revision.as_deref()
    }

    /// Returns the texts that it was read from.
    #[must_use]
    pub const fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }
}
