//! Which objects a run is about: by address pattern, kind, site, component and tier.
//!
//! In: what was asked for, and the environment. Out: whether an object is meant. A name that is
//! none is an error, so that a slip of the pen never selects nothing.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::args::Selection;
use super::error::CliError;
use crate::desired::Desired;
use crate::kinds::{self, Declared};
use crate::model::{Address, GLOBAL};

/// Which objects a run is about.
pub(crate) struct Selected {
    addresses: Option<GlobSet>,
    kinds: Vec<String>,
    sites: Vec<String>,
    components: Option<Vec<String>>,
}

impl Selected {
    /// Returns what a selection names, or what is wrong with it.
    pub(crate) fn of(selection: &Selection, desired: &Desired) -> Result<Self, CliError> {
        let mut components = selection.component.clone();
        for tier in &selection.tier {
            if !desired.tiers().contains_key(tier) {
                return Err(CliError::Unknown(format!(
                    "no tier `{tier}` in environment `{}`",
                    desired.environment()
                )));
            }
            let own = desired
                .components()
                .iter()
                .filter(|(_, component)| component.tier.as_deref() == Some(tier));
            components.extend(own.map(|(name, _)| name.clone()));
        }
        for name in &selection.component {
            if !desired.components().contains_key(name) {
                return Err(CliError::Unknown(format!(
                    "no component `{name}` in environment `{}`",
                    desired.environment()
                )));
            }
        }
        for name in &selection.kind {
            if kinds::by_name(name).is_none() {
                let known: Vec<&str> = kinds::all().iter().map(|kind| kind.name()).collect();
                return Err(CliError::Unknown(format!(
                    "no kind `{name}`; the kinds are {}",
                    known.join(", ")
                )));
            }
        }
        let sites = desired.sites();
        for name in &selection.site {
            if name != GLOBAL && !sites.contains_key(name) {
                let known: Vec<&str> = [GLOBAL]
                    .into_iter()
                    .chain(sites.keys().map(String::as_str))
                    .collect();
                return Err(CliError::Unknown(format!(
                    "no site `{name}` in environment `{}`; the sites are {}",
                    desired.environment(),
                    known.join(", ")
                )));
            }
        }
        let by_component = !selection.component.is_empty() || !selection.tier.is_empty();
        Ok(Self {
            addresses: patterns(&selection.address)?,
            kinds: selection.kind.clone(),
            sites: selection.site.clone(),
            components: by_component.then_some(components),
        })
    }

    /// Returns whether nothing is left out.
    pub(crate) fn is_all(&self) -> bool {
        self.addresses.is_none()
            && self.kinds.is_empty()
            && self.sites.is_empty()
            && self.components.is_none()
    }

    /// Returns whether a declared object is selected.
    pub(crate) fn has(&self, declared: &Declared) -> bool {
        let component = declared.component.as_ref();
        self.has_address(&declared.object.address)
            && self
                .components
                .as_ref()
                .is_none_or(|wanted| component.is_some_and(|own| wanted.contains(own)))
    }

    /// Returns whether an applied object is selected: as it is declared, or, if it left Git, by
    /// its address. The component of what left Git is not known, so a selection by component or
    /// tier leaves it alone.
    pub(crate) fn has_applied(&self, desired: &Desired, address: &Address) -> bool {
        match desired.get(address) {
            Some(declared) => self.has(declared),
            None => self.components.is_none() && self.has_address(address),
        }
    }

    fn has_address(&self, address: &Address) -> bool {
        self.addresses
            .as_ref()
            .is_none_or(|patterns| patterns.is_match(address.as_str()))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == address.kind()))
            && (self.sites.is_empty() || self.sites.iter().any(|site| site == address.site()))
    }
}

fn patterns(patterns: &[String]) -> Result<Option<GlobSet>, CliError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let wrong = |pattern: &str, error: &globset::Error| CliError::Pattern {
        pattern: pattern.to_owned(),
        why: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| wrong(pattern, &error))?);
    }
    set.build()
        .map(Some)
        .map_err(|error| wrong(&patterns.join(" "), &error))
}
