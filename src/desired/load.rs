//! The way from a source to the desired state: read, parse, validate.
//!
//! In: a source and the name of an environment. Out: the desired state, or what is wrong with it.
//! Must not know any kind by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::desired_value::Desired;
use super::document::Document;
use super::group::Group;
use super::parsed::{Parsed, Table};
use super::pieces::{self, PIECE};
use super::site::{Aws, Limits, Site, StateStore};
use super::source::RECORDS;
use super::source::{Origin, Source};
use super::strategy::{COMPONENT, Component, Record, Strategy, TIER, Tier, decode_record};
use super::tables::{ENVIRONMENT, GLOBAL, LIMITS, SITE, outline};
use super::validate::{self, Objects};
use super::{DesiredError, files::Folder};
use crate::kinds::{self, Kind};
use crate::model::{Finding, Map, Scope, Severity, Sources, Value};

/// What came of reading an environment.
#[derive(Debug)]
pub struct Loaded {
    /// The desired state; none if a finding is an error.
    pub desired: Option<Desired>,
    /// What is wrong, or worth knowing, sorted by place.
    pub findings: Vec<Finding>,
    /// The texts that the findings point into.
    pub sources: Arc<Sources>,
}

/// Reads an environment.
pub fn load(source: &Source, environment: &str) -> Result<Loaded, DesiredError> {
    load_with(source, environment, kinds::all())
}

/// Reads an environment that may declare objects of these kinds.
pub fn load_with(
    source: &Source,
    environment: &str,
    kinds: &[&'static dyn Kind],
) -> Result<Loaded, DesiredError> {
    let folder = source.read_environment(environment)?;
    let origin = source.origin(environment)?;
    let mut loaded = from_texts(folder, environment, origin, kinds, PIECE);
    if let Some(desired) = &mut loaded.desired {
        let read = |path: &str| source.read_file(&format!("environments/{environment}/{path}"));
        desired.strategy.attach(read)?;
        let records = &mut desired.strategy.records;
        let paths: Vec<&str> = records.iter().map(|record| record.path.as_str()).collect();
        let mut authors = source.authors(&paths)?;
        for record in records {
            record.author = authors.remove(&record.path);
        }
    }
    Ok(loaded)
}

/// Makes the desired state of texts, parsing large ones in pieces of this size.
pub(super) fn from_texts(
    folder: Folder,
    environment: &str,
    origin: Origin,
    kinds: &[&'static dyn Kind],
    piece: usize,
) -> Loaded {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let groups = Group::all(kinds);
    let outline = outline(groups.iter().map(|group| group.section.array).collect());
    let (records, files): (Vec<_>, Vec<_>) = folder
        .files
        .into_iter()
        .partition(|(path, _)| path.contains(RECORDS));
    let records: Vec<_> = records
        .into_iter()
        .map(|(path, text)| (sources.add(path.clone(), text), path))
        .collect();
    let files: Vec<_> = files
        .into_iter()
        .map(|(path, text)| {
            let cut = pieces::cut(&text, &outline.arrays, piece);
            (sources.add(path, text), cut)
        })
        .collect();
    let refused = folder.refused.into_iter();
    let mut unread: Vec<Finding> = refused.map(|one| one.finding(&mut sources)).collect();
    let sources = Arc::new(sources);
    let document = Document::read(&sources, &files, &outline, &mut findings);
    let mut parsed = Parsed::decode(document, &outline, &groups, &mut findings);
    drop(files);
    unread.append(&mut parsed.unread);
    let desired = if unread.is_empty() {
        validate::strategy(&parsed, &mut findings);
        let records = records.iter().filter_map(|(file, path)| {
            decode_record(path, sources.text(*file), *file, &parsed, &mut findings)
        });
        let mut records: Vec<Record> = records.collect();
        records.sort_by(|a, b| (a.date, &a.path).cmp(&(b.date, &b.path)));
        let objects = validate::objects(environment, &mut parsed, kinds, &mut findings);
        let is_sound = !findings.iter().any(|one| one.severity == Severity::Error);
        is_sound.then(|| {
            let mut desired = build(environment, &parsed, objects, origin, Arc::clone(&sources));
            desired.strategy.records = records;
            desired
        })
    } else {
        findings = unread;
        None
    };
    sort(&mut findings);
    Loaded {
        desired,
        findings,
        sources,
    }
}

/// Sorts findings by place; what an entry says wrong for several sites is said once.
fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (&a.labels, &a.code, &a.message, &a.help).cmp(&(&b.labels, &b.code, &b.message, &b.help))
    });
    findings.dedup();
}

fn build(
    environment: &str,
    parsed: &Parsed,
    objects: Objects,
    origin: Origin,
    sources: Arc<Sources>,
) -> Desired {
    let about = |key: &str| {
        let table = parsed.single.get(ENVIRONMENT.name)?;
        table.values.text(key).map(str::to_owned)
    };
    let values = |name: &str| parsed.single.get(name).map(|table: &Table| &table.values);
    let scopes = objects.declared.values().map(|one| &one.object.scope);
    Desired {
        environment: environment.to_owned(),
        title: about("name").unwrap_or_else(|| environment.to_owned()),
        state: parsed
            .single
            .get(ENVIRONMENT.name)
            .and_then(|table| table.values.get("state"))
            .map(StateStore::of),
        plan_keys: values(ENVIRONMENT.name).map(plan_keys).unwrap_or_default(),
        profile: about("profile"),
        sites: named(parsed.named(&SITE), Site::of),
        global: values(GLOBAL.name)
            .and_then(|map| map.map("aws"))
            .map(Aws::of),
        limits: values(LIMITS.name).map(Limits::of).unwrap_or_default(),
        tiers: named(parsed.named(&TIER), Tier::of),
        components: named(parsed.named(&COMPONENT), Component::of),
        strategy: Strategy::of(parsed),
        parity: parsed.parity.clone(),
        scopes: distinct(scopes),
        counterparts: objects.counterparts,
        exclusive: objects.exclusive,
        declared: objects.declared.into_values().collect(),
        origin,
        sources,
    }
}

fn plan_keys(about: &Map) -> Vec<String> {
    let keys = about.list("plan_keys").iter();
    keys.filter_map(Value::as_text).map(str::to_owned).collect()
}

fn named<'p, T>(
    tables: impl Iterator<Item = (&'p str, &'p Table)>,
    of: impl Fn(&Table) -> T,
) -> BTreeMap<String, T> {
    tables
        .map(|(name, table)| (name.to_owned(), of(table)))
        .collect()
}

fn distinct<'o>(scopes: impl Iterator<Item = &'o Scope>) -> BTreeSet<Scope> {
    let borrowed: BTreeSet<&Scope> = scopes.collect();
    borrowed.into_iter().cloned().collect()
}
