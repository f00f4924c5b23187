//! What `desired` gives a kind to declare an object with, and what it gets back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Field, Finding, Flags, Map, Object, Span};

/// An array of tables in the TOML of an environment, such as `[[route53_record]]`.
///
/// A section belongs to one kind, or is shared by kinds that each own one key of it, its parts:
/// `[[bucket]]` has the parts `versioning`, `replication` and so on.
#[derive(Debug)]
pub struct Section {
    /// The name of the array.
    pub array: &'static str,
    /// One sentence for the reader of the schema, without a full stop.
    pub doc: &'static str,
    /// The fields that name the object, beside those of the kind.
    pub fields: &'static [Field],
    /// The fields whose first present value tells entries of the array apart.
    pub keys: &'static [&'static str],
    /// The fields inside of whose values a key is unique, such as the namespace.
    pub within: &'static [&'static str],
    /// What its objects are reached over.
    pub family: Family,
    /// Whether its objects lie at sites; otherwise they are global.
    pub sited: bool,
}

/// What objects are reached over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The AWS account of the site, or the global one.
    Account,
    /// A Kubernetes cluster of the site: the one that the field `cluster` of the section names, or
    /// the only one.
    Cluster,
    /// A data service of the site: the one that the field `service` of the section names, or the
    /// only one.
    Service,
}

impl Section {
    /// Returns what tells an entry from the others of the section, if it says so.
    #[must_use]
    pub fn key(&self, entry: &Map) -> Option<String> {
        let own = self.keys.iter().find_map(|key| entry.text(key))?;
        let around = self.within.iter().filter_map(|field| entry.text(field));
        Some(around.chain([own]).collect::<Vec<_>>().join("/"))
    }
}

/// Where the values of one entry stand, by JSON Pointer below the entry.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    /// The whole entry.
    pub whole: Option<Span>,
    /// The pointers; entries alike share them.
    ///
    /// The values of a part stand under their field paths, without the key of the part.
    paths: Arc<[Box<str>]>,
    /// Where the value under each pointer stands.
    values: Box<[Span]>,
}

impl Spans {
    /// Returns the places of an entry and of the values under these pointers, pair by pair.
    #[must_use]
    pub const fn new(whole: Option<Span>, paths: Arc<[Box<str>]>, values: Box<[Span]>) -> Self {
        Self {
            whole,
            paths,
            values,
        }
    }

    /// Returns where a value stands; if it stands nowhere, where the nearest table around it does.
    #[must_use]
    pub fn of(&self, pointer: &str) -> Option<Span> {
        let mut pointer = pointer;
        loop {
            let mut pairs = self.paths.iter().zip(&self.values);
            if let Some((_, span)) = pairs.find(|(path, _)| path.as_ref() == pointer) {
                return Some(*span);
            }
            match pointer.rfind('/') {
                Some(at) if at > 0 => pointer = &pointer[..at],
                _ => return self.whole,
            }
        }
    }
}

/// All entries of all sections, decoded, so that one can refer to another.
#[derive(Debug, Default)]
pub struct Registry {
    /// By section, then by key.
    entries: BTreeMap<&'static str, BTreeMap<String, Map>>,
}

impl Registry {
    /// Adds an entry under its key; returns false if there is one already.
    pub fn add(&mut self, section: &Section, entry: &Map) -> bool {
        let Some(key) = section.key(entry) else {
            return true;
        };
        let own = self.entries.entry(section.array).or_default();
        own.insert(key, entry.clone()).is_none()
    }

    /// Returns the entry of a section with this key.
    #[must_use]
    pub fn find(&self, array: &'static str, key: &str) -> Option<&Map> {
        self.entries.get(array)?.get(key)
    }

    /// Iterates over the keys of a section.
    pub fn keys(&self, array: &'static str) -> impl Iterator<Item = &str> {
        let own = self.entries.get(array).into_iter();
        own.flat_map(BTreeMap::keys).map(String::as_str)
    }
}

/// One declared entry, given to its kind.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The place: a site's name, or `global`.
    pub connection: &'a str,
    /// The cluster or the service of the site that it is reached over, by name; empty for an
    /// account.
    pub via: &'a str,
    /// The section's own fields, decoded and canonical.
    pub settings: &'a Map,
    /// The kind's fields, decoded and canonical.
    pub fields: Map,
    /// All other entries.
    pub registry: &'a Registry,
    /// Where the values stand.
    pub spans: &'a Spans,
    /// What is wrong; an entry with an error becomes no object.
    pub findings: &'a mut Vec<Finding>,
}

impl Entry<'_> {
    /// Reports an error at a value of the entry.
    pub fn error(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut finding = Finding::error(code, message).help(help);
        if let Some(span) = self.spans.of(pointer) {
            finding = finding.at(span, "");
        }
        self.findings.push(finding);
    }
}

/// A declared object, with all that a plan and a report need of its declaration.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Identity, scope and fields.
    pub object: Object,
    /// Where the values stand.
    pub spans: Spans,
    /// The component that the object belongs to.
    pub component: Option<String>,
    /// What the declaration says beside the fields.
    pub flags: Flags,
    /// The objects that must exist first.
    pub depends: Vec<crate::model::Address>,
    /// What ties the objects of one entry at several sites together: `<kind>/<name>`.
    pub pair: Option<String>,
}
