//! From values that have their types to values that fit together.
//!
//! In: a parsed environment. Out: the parts of a [`Desired`](super::Desired), and findings. Must
//! not know TOML.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use super::desired_value::Counterpart;
use super::entry::Placed;
use super::parsed::{Parsed, Table};
use super::site::{Cluster, Service};
use super::strategy;
use super::tables::{LIMITS, SITE};
use super::{codes, graph, reach, suggest};
use crate::kinds::{Declaration, Declared, Entry, Family, Kind, Registry, Spans};
use crate::model::{
    Address, Finding, Flags, Map, Object, Scope, Severity, Span, Value, cluster_connection,
    service_connection,
};

/// The objects of an environment.
#[derive(Default)]
pub(super) struct Objects {
    /// By address.
    pub(super) declared: BTreeMap<Address, Declared>,
    /// What is looked at because another site of its entry declares it.
    pub(super) counterparts: BTreeMap<Address, Counterpart>,
    /// The scopes in which nothing undeclared may be.
    pub(super) exclusive: BTreeMap<Scope, Object>,
    /// All scopes, so that the many objects of one share its texts.
    scopes: BTreeSet<Scope>,
    /// The scope that was asked for last.
    last: Option<Scope>,
}

impl Objects {
    fn scope(&mut self, connection: &str, name: &str) -> Scope {
        let is_it =
            |scope: &Scope| scope.name.as_ref() == name && scope.connection.as_ref() == connection;
        // Entries of one scope stand together.
        if let Some(last) = self.last.clone().filter(is_it) {
            return last;
        }
        let scope = Scope::new(connection, name);
        let scope = self.scopes.get(&scope).cloned().unwrap_or(scope);
        self.scopes.insert(scope.clone());
        self.last = Some(scope.clone());
        scope
    }
}

/// Checks the names of the strategy, and the limits.
pub(super) fn strategy(parsed: &Parsed, findings: &mut Vec<Finding>) {
    limits(parsed.single.get(LIMITS.name), findings);
    for (name, table) in parsed.named(&SITE) {
        access(name, table, findings);
    }
    strategy::check(parsed, findings);
}

/// Checks that each cluster is reached in one way, and each service by one who asks.
fn access(site: &str, table: &Table, findings: &mut Vec<Finding>) {
    let under = |key: &'static str| table.values.map(key).into_iter().flat_map(Map::iter);
    for (name, cluster) in under("clusters") {
        if cluster.as_map().and_then(Cluster::of).is_none() {
            findings.push(
                Finding::error(
                    codes::BAD_ACCESS,
                    format!("the cluster `{name}` of {site} is not reached in exactly one way"),
                )
                .at(table.places.of("clusters"), "")
                .help("write one of { context = \"NAME\" }, { eks = \"NAME\" } and { in_cluster = true }"),
            );
        }
    }
    // A secret that was refused is missing too, and that is said already.
    if findings.iter().any(|one| one.code == codes::LITERAL_SECRET) {
        return;
    }
    for (name, service) in under("services") {
        if let Some(why) = service.as_map().and_then(Service::wrong_auth) {
            findings.push(
                Finding::error(
                    codes::BAD_AUTH,
                    format!("the service `{name}` of {site}: {why}"),
                )
                .at(table.places.of("services"), "")
                .help("write `user` and `password`, or `token`, or `certificate` and `key`"),
            );
        }
    }
}

fn limits(table: Option<&Table>, findings: &mut Vec<Finding>) {
    let Some(table) = table else { return };
    for (name, value) in table.values.iter() {
        if matches!(value, Value::Float(number) if *number <= 0.0) {
            findings.push(
                Finding::error(codes::OUT_OF_RANGE, format!("`{name}` is out of range"))
                    .at(table.places.of(name), "")
                    .help("it is more than 0"),
            );
        }
    }
}

/// Reports a name that is none of the known ones.
pub(super) fn unknown<'k>(
    code: &'static str,
    what: &str,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'k str> + Clone,
    findings: &mut Vec<Finding>,
) {
    if !known.clone().any(|one| one == name) {
        findings.push(
            Finding::error(code, format!("no {what} `{name}`"))
                .at(span, "")
                .help(suggest::help(name, known)),
        );
    }
}

/// Returns the finding for a circle.
pub(super) fn cycle(what: &str, circle: &[&str], at: Option<Span>) -> Finding {
    let mut chain = circle.join(" -> ");
    if let Some(first) = circle.first() {
        chain.push_str(" -> ");
        chain.push_str(first);
    }
    let finding = Finding::error(
        codes::DEPENDENCY_CYCLE,
        format!("{what} depend on each other in a circle: {chain}"),
    )
    .help("remove one of the dependencies");
    match at {
        Some(at) => finding.at(at, ""),
        None => finding,
    }
}

/// Lets the kinds declare their objects, and checks these against each other.
///
/// The kinds' own checks run only if every object is known, because they look at all of them.
pub(super) fn objects(
    environment: &str,
    parsed: &mut Parsed,
    kinds: &[&'static dyn Kind],
    findings: &mut Vec<Finding>,
) -> Objects {
    let mut placed = std::mem::take(&mut parsed.placed);
    reach::check(parsed, &mut placed, findings);
    let (registry, repeated) = register(&placed, findings);
    let mut objects = Objects::default();
    for (at, placed) in placed.into_iter().enumerate() {
        if !placed.broken && !repeated.contains(&at) {
            declare(environment, placed, &registry, &mut objects, findings);
        }
    }
    // Two entries may speak of one object, one of them only by what it has elsewhere.
    let Objects {
        declared,
        counterparts,
        ..
    } = &mut objects;
    counterparts.retain(|address, _| !declared.contains_key(address));
    circles(&objects, findings);
    if !findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        for kind in kinds {
            kind.check(&objects.declared, findings);
        }
    }
    objects
}

/// Registers all entries, so that each can be found by the others; returns also those that name
/// the same thing again.
fn register(placed: &[Placed], findings: &mut Vec<Finding>) -> (Registry, BTreeSet<usize>) {
    let mut registry = Registry::default();
    let mut seen: BTreeMap<(&str, String, &str, &str), Span> = BTreeMap::new();
    let mut repeated = BTreeSet::new();
    for (at, one) in placed.iter().enumerate() {
        let section = one.section;
        let Some(key) = section.key(&one.settings) else {
            continue;
        };
        let place = (one.connection.as_str(), one.via.as_str());
        match seen.entry((section.array, key, place.0, place.1)) {
            Slot::Vacant(slot) => {
                slot.insert(one.whole);
            }
            Slot::Occupied(first) => {
                repeated.insert(at);
                findings.push(
                    Finding::error(
                        codes::DUPLICATE_ENTRY,
                        format!(
                            "`[[{}]]` {} is declared twice",
                            section.array,
                            first.key().1
                        ),
                    )
                    .at(one.whole, "again here")
                    .at(*first.get(), "first here")
                    .help("join the two entries into one"),
                );
                continue;
            }
        }
        let mut entry = one.settings.clone();
        entry.insert("adopt", one.flags.adopt);
        entry.insert("observe", one.flags.observe);
        if section.sited {
            entry.insert("site", one.connection.as_str());
        }
        registry.add(section, &entry);
    }
    (registry, repeated)
}

fn declare(
    environment: &str,
    placed: Placed,
    registry: &Registry,
    objects: &mut Objects,
    findings: &mut Vec<Finding>,
) {
    let reach = match placed.section.family {
        Family::Account => placed.connection.clone(),
        Family::Cluster => cluster_connection(&placed.connection, &placed.via),
        Family::Service => service_connection(&placed.connection, &placed.via),
    };
    let about = About {
        connection: &placed.connection,
        reach: &reach,
        component: placed.component.as_ref().map(|(name, _)| name.as_str()),
        flags: placed.flags,
        pair: placed.pair.as_deref(),
    };
    for kind in &placed.elsewhere {
        about.look(*kind, environment, &placed.settings, registry, objects);
    }
    for (kind, fields, spans) in placed.objects {
        let declaration = kind.declare(&mut Entry {
            environment,
            connection: &placed.connection,
            via: &placed.via,
            settings: &placed.settings,
            fields,
            registry,
            spans: &spans,
            findings,
        });
        if let Some(declaration) = declaration {
            about.add(kind, declaration, spans, objects, findings);
        }
    }
}

/// What the objects of an entry at one place share.
struct About<'p> {
    /// The site, or `global`.
    connection: &'p str,
    /// The connection that they are reached over.
    reach: &'p str,
    component: Option<&'p str>,
    flags: Flags,
    pair: Option<&'p str>,
}

impl About<'_> {
    /// Adds an object that the entry declares at another site only.
    fn look(
        &self,
        kind: &'static dyn Kind,
        environment: &str,
        settings: &Map,
        registry: &Registry,
        objects: &mut Objects,
    ) {
        let declaration = kind.locate(&mut Entry {
            environment,
            connection: self.connection,
            // Only a part of an object in an account can be missing at a site.
            via: "",
            settings,
            fields: Map::new(),
            registry,
            spans: &Spans::default(),
            // What is wrong with an entry is found where it declares something.
            findings: &mut Vec::new(),
        });
        let (Some(declaration), Some(name)) = (declaration, self.pair) else {
            return;
        };
        let object = Object {
            address: Address::new(self.connection, kind.name(), &declaration.id),
            scope: objects.scope(self.reach, &declaration.scope),
            identity: declaration.identity,
            fields: Map::new(),
        };
        let pair = format!("{}/{name}", kind.name());
        let address = object.address.clone();
        objects
            .counterparts
            .insert(address, Counterpart { object, pair });
    }

    fn add(
        &self,
        kind: &dyn Kind,
        declaration: Declaration,
        spans: Spans,
        objects: &mut Objects,
        findings: &mut Vec<Finding>,
    ) {
        let address = Address::new(self.connection, kind.name(), &declaration.id);
        let is_reference = kind.is_reference(&declaration);
        let flags = Flags {
            adopt: self.flags.adopt || declaration.adopt,
            observe: self.flags.observe || declaration.observe,
            ..self.flags
        };
        let scope = objects.scope(self.reach, &declaration.scope);
        if declaration.exclusive && self.flags.observe {
            findings.push(observed_exclusive(&spans));
        } else if declaration.exclusive {
            let seed = Object {
                address: address.clone(),
                scope: scope.clone(),
                identity: declaration.identity.clone(),
                fields: Map::new(),
            };
            objects.exclusive.insert(scope.clone(), seed);
        }
        if is_reference {
            return;
        }
        match objects.declared.entry(address) {
            Slot::Occupied(first) => {
                findings.push(duplicate(first.key(), &spans, &first.get().spans));
            }
            Slot::Vacant(slot) => {
                let object = Object {
                    address: slot.key().clone(),
                    scope,
                    identity: declaration.identity,
                    fields: declaration.fields,
                };
                slot.insert(Declared {
                    object,
                    spans,
                    component: self.component.map(str::to_owned),
                    flags,
                    depends: declaration.depends,
                    pair: self.pair.map(|name| format!("{}/{name}", kind.name())),
                });
            }
        }
    }
}

fn observed_exclusive(spans: &Spans) -> Finding {
    let finding = Finding::error(
        codes::OBSERVED_EXCLUSIVE,
        "`exclusive` deletes what is not declared, and `observe` never writes",
    )
    .help("keep one of the two");
    match spans.of("/exclusive") {
        Some(span) => finding.at(span, ""),
        None => finding,
    }
}

fn duplicate(address: &Address, second: &Spans, first: &Spans) -> Finding {
    let mut finding = Finding::error(
        codes::DUPLICATE_OBJECT,
        format!("{address} is declared twice"),
    )
    .help("keep one of the two")
    .about(address.clone());
    for (spans, text) in [(second, "again here"), (first, "first here")] {
        if let Some(span) = spans.whole {
            finding = finding.at(span, text);
        }
    }
    finding
}

fn circles(objects: &Objects, findings: &mut Vec<Finding>) {
    let needs = objects
        .declared
        .iter()
        .filter(|(_, declared)| !declared.depends.is_empty())
        .map(|(address, declared)| (address, declared.depends.iter().collect()))
        .collect();
    let circle = graph::circle(&needs);
    if let Some(first) = circle.first() {
        let at = objects.declared.get(*first).and_then(|one| one.spans.whole);
        let names: Vec<&str> = circle.iter().map(|address| address.as_str()).collect();
        findings.push(cycle("objects", &names, at));
    }
}
