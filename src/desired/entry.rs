//! One entry of an array of tables: what it declares at each of its sites.
//!
//! In: a raw table, the section and its kinds, the names of the sites. Out: for each site the
//! settings, the flags and the fields of each kind, decoded. Must not know other entries.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::codes;
use super::decode::{Decoder, Raw};
use super::group::Group;
use super::places::Places;
use super::relation::{self, EntryRelation};
use super::suggest;
use super::tables::{COMMON, ENTRY_SITE, PARITY};
use crate::kinds::{Kind, Section, Spans};
use crate::model::{Field, Flags, GLOBAL, Map, Shape, Span, Value};

/// What an entry declares at one place.
pub(super) struct Placed {
    /// The section.
    pub(super) section: &'static Section,
    /// The connection: a site's name, or `global`.
    pub(super) connection: String,
    /// The cluster or the service of the site that it is reached over; found later.
    pub(super) via: String,
    /// Where it stands.
    pub(super) whole: Span,
    /// The section's fields.
    pub(super) settings: Map,
    /// The component, and where it is named.
    pub(super) component: Option<(String, Span)>,
    /// The flags.
    pub(super) flags: Flags,
    /// The fields of each kind that it declares an object of.
    pub(super) objects: Vec<(&'static dyn Kind, Map, Spans)>,
    /// What ties it to the same entry at other sites.
    pub(super) pair: Option<String>,
    /// The kinds that the entry declares an object of at other sites only.
    pub(super) elsewhere: Vec<&'static dyn Kind>,
    /// Whether something was wrong with it, so that it declares nothing.
    pub(super) broken: bool,
}

/// A decoded entry.
#[derive(Default)]
pub(super) struct Entry {
    /// What it declares, site by site.
    pub(super) placed: Vec<Placed>,
    /// The relations between its objects.
    pub(super) relations: Vec<EntryRelation>,
}

/// The raw keys that hold at one place: those of the site's own table, then the entry's.
#[derive(Clone, Copy)]
struct View<'v, 'd> {
    own: &'v DeTable<'d>,
    entry: Option<&'v DeTable<'d>>,
    sites: &'v BTreeSet<String>,
}

impl<'v, 'd> View<'v, 'd> {
    fn keys(self) -> impl Iterator<Item = (&'v Spanned<DeString<'d>>, &'v Raw<'d>)> {
        let defaults = self.entry.into_iter().flatten().filter(move |(key, _)| {
            let key = key.get_ref().as_ref();
            !self.own.contains_key(key) && !self.sites.contains(key) && !is_of_entry(key)
        });
        self.own.iter().chain(defaults)
    }

    fn has(self, key: &str) -> bool {
        self.own.contains_key(key) || self.entry.is_some_and(|entry| entry.contains_key(key))
    }
}

/// Returns whether a key says something of the entry as a whole.
fn is_of_entry(key: &str) -> bool {
    key == ENTRY_SITE.name || key == PARITY.name
}

/// Decodes an entry.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    group: &Group,
    sites: &BTreeSet<String>,
    raw: &Raw<'_>,
) -> Entry {
    let whole = decoder.span(raw);
    let DeValue::Table(table) = raw.get_ref() else {
        decoder.wrong_type(
            group.section.array,
            &Shape::Table(&[]),
            raw.get_ref(),
            whole,
        );
        return Entry::default();
    };
    let mut entry = Entry {
        placed: if group.section.sited {
            at_sites(decoder, group, sites, table, whole)
        } else {
            vec![place(decoder, group, alone(table, sites), GLOBAL, whole)]
        },
        relations: Vec::new(),
    };
    if entry.placed.len() > 1 {
        let name = pair_name(group.section, &entry.placed);
        for placed in &mut entry.placed {
            placed.pair.clone_from(&name);
        }
        elsewhere(group, &mut entry.placed);
    }
    if let Some((key, raw)) = table.get_key_value(PARITY.name) {
        if entry.placed.len() < 2 {
            decoder.error(
                codes::PARITY_WITHOUT_PAIR,
                decoder.span(key),
                "`parity` relates objects at several sites, and this entry has one",
                "give the entry a table for each of two sites, or remove `parity`",
            );
        } else if let Some((Value::Map(map), places)) =
            decoder.value(PARITY.name, &PARITY.shape, raw)
        {
            entry.relations = relation::read(decoder, group, &map, &places);
        }
    }
    entry
}

/// Notes at each site what only other sites have, so that it can be looked at there; but not what
/// is each site's own business.
fn elsewhere(group: &Group, placed: &mut [Placed]) {
    let has = |placed: &Placed, name: &str| placed.objects.iter().any(|one| one.0.name() == name);
    let is_compared = |kind: &&'static dyn Kind| !kind.shape().is_each_sites_own();
    let kinds = group.parts.iter().map(|(_, kind)| *kind);
    for kind in kinds.filter(is_compared) {
        if placed.iter().any(|one| has(one, kind.name())) {
            for one in placed.iter_mut().filter(|one| !has(one, kind.name())) {
                one.elsewhere.push(kind);
            }
        }
    }
}

/// Decodes an entry of a section whose objects lie at sites.
fn at_sites(
    decoder: &mut Decoder<'_>,
    group: &Group,
    sites: &BTreeSet<String>,
    table: &DeTable<'_>,
    whole: Span,
) -> Vec<Placed> {
    let mut placed = Vec::new();
    for (name, raw) in table
        .iter()
        .filter(|(key, _)| sites.contains(key.get_ref().as_ref()))
    {
        let (name, span) = (name.get_ref().as_ref(), decoder.span(raw));
        match raw.get_ref() {
            DeValue::Table(own) => {
                let view = View {
                    own,
                    entry: Some(table),
                    sites,
                };
                placed.push(place(decoder, group, view, name, span));
            }
            other => decoder.wrong_type(name, &Shape::Table(&[]), other, span),
        }
    }
    let site = table.get_key_value(ENTRY_SITE.name);
    if let (Some((key, _)), false) = (site, placed.is_empty()) {
        decoder.error(
            codes::TWO_SITE_FORMS,
            decoder.span(key),
            "the entry has `site` and a table for a site as well",
            "keep `site` for an object at one site, or the tables for one at several",
        );
    }
    if placed.is_empty() {
        let name = site_name(decoder, sites, site.map(|(_, raw)| raw), whole);
        let view = alone(table, sites);
        let mut one = place(
            decoder,
            group,
            view,
            name.as_deref().unwrap_or(GLOBAL),
            whole,
        );
        one.broken |= name.is_none();
        placed.push(one);
    }
    placed
}

/// Returns the site that an entry names, if it is declared.
fn site_name(
    decoder: &mut Decoder<'_>,
    sites: &BTreeSet<String>,
    raw: Option<&Raw<'_>>,
    whole: Span,
) -> Option<String> {
    let Some(raw) = raw else {
        let help = if sites.is_empty() {
            "declare `[site.NAME]`, and write `site = \"NAME\"`".to_owned()
        } else {
            let all: Vec<&str> = sites.iter().map(String::as_str).collect();
            format!(
                "write `site = \"{}\"`, or a table for each site: {}",
                all[0],
                all.join(", ")
            )
        };
        decoder.error(codes::NO_SITE, whole, "the entry names no site", help);
        return None;
    };
    let (value, places) = decoder.value(ENTRY_SITE.name, &ENTRY_SITE.shape, raw)?;
    let name = value.as_text()?;
    if !sites.contains(name) {
        let help = suggest::help(name, sites.iter().map(String::as_str));
        let message = format!("no site `{name}`");
        decoder.error(codes::UNKNOWN_SITE, places.span, message, help);
        return None;
    }
    Some(name.to_owned())
}

const fn alone<'v, 'd>(table: &'v DeTable<'d>, sites: &'v BTreeSet<String>) -> View<'v, 'd> {
    View {
        own: table,
        entry: None,
        sites,
    }
}

/// Decodes what an entry declares at one place.
fn place(
    decoder: &mut Decoder<'_>,
    group: &Group,
    view: View<'_, '_>,
    connection: &str,
    whole: Span,
) -> Placed {
    let before = decoder.findings.len();
    let section = group.section;
    let title = &group.title;
    decoder.flavor = None;
    let (mut settings, mut common, mut places) = (Map::new(), Map::new(), Places::at(whole));
    for (key, value) in view.keys() {
        let name = key.get_ref().as_ref();
        if let Some(field) = find(section.fields, name) {
            decoder.field(field, key, value, &mut settings, &mut places);
        } else if let Some(field) = find(COMMON, name) {
            decoder.field(field, key, value, &mut common, &mut places);
        } else if !is_known(group, view, name) {
            let known = known_keys(group, view, name);
            decoder.unknown_key(title, key, known);
        }
    }
    decoder.complete(
        title,
        section.fields,
        |key| view.has(key),
        &mut settings,
        whole,
    );
    decoder.flavor = settings.text("flavor").map(Into::into);
    let objects = objects(decoder, group, view, &places);
    decoder.flavor = None;
    let flag = |name| common.bool(name).unwrap_or_default();
    Placed {
        section,
        connection: connection.to_owned(),
        via: String::new(),
        whole,
        component: common
            .text("component")
            .map(|name| (name.to_owned(), places.of("component"))),
        flags: Flags {
            observe: flag("observe"),
            adopt: flag("adopt"),
            prune: flag("prune"),
            convert: flag("convert"),
        },
        settings,
        objects,
        pair: None,
        elsewhere: Vec::new(),
        broken: decoder.findings.len() > before,
    }
}

/// Returns the keys that may stand where a key stands.
fn known_keys<'k>(group: &Group, view: View<'k, '_>, name: &str) -> Vec<&'k str> {
    let common = COMMON.iter().map(|field| field.name);
    let mut known: Vec<&str> = group.keys().chain(common).collect();
    let in_site_table = view.entry.is_some() && view.own.contains_key(name);
    if group.section.sited && !in_site_table {
        known.extend([ENTRY_SITE.name, PARITY.name]);
        known.extend(view.sites.iter().map(String::as_str));
    }
    known
}

/// Returns whether a key belongs to a kind of the group, or to the entry as a whole.
fn is_known(group: &Group, view: View<'_, '_>, name: &str) -> bool {
    let of_entry = group.section.sited && view.entry.is_none() && is_of_entry(name);
    let flat = group.flat.map_or(&[][..], |kind| kind.shape().fields());
    of_entry || find(flat, name).is_some() || group.part(name).is_some()
}

/// Decodes the fields of each kind that an entry declares an object of.
fn objects(
    decoder: &mut Decoder<'_>,
    group: &Group,
    view: View<'_, '_>,
    settings: &Places,
) -> Vec<(&'static dyn Kind, Map, Spans)> {
    let mut objects = Vec::with_capacity(1);
    if let Some(kind) = group.flat {
        let fields = kind.shape().fields();
        let (mut map, mut places) = (Map::new(), Places::at(settings.span));
        for (key, value) in view.keys() {
            if let Some(field) = find(fields, key.get_ref()) {
                decoder.field(field, key, value, &mut map, &mut places);
            }
        }
        decoder.complete(
            &group.title,
            fields,
            |key| view.has(key),
            &mut map,
            settings.span,
        );
        objects.push((kind, map, decoder.paths.spans(&[&places, settings])));
    }
    for (key, raw) in view.keys() {
        let name = key.get_ref().as_ref();
        if let Some(kind) = group.part(name)
            && let Some((Value::Map(map), places)) = decoder.value(name, kind.shape(), raw)
        {
            let mut part = Places::at(places.span);
            part.add(name.to_owned(), Places::at(places.span));
            objects.push((kind, map, decoder.paths.spans(&[&places, &part, settings])));
        }
    }
    objects
}

/// Returns the name of an entry at several sites: the first key that means the same at all of
/// them, or else that of the first site.
fn pair_name(section: &Section, placed: &[Placed]) -> Option<String> {
    let first = placed.first()?;
    let is_shared = |key: &&&str| {
        let mut all = placed.iter();
        all.all(|one| one.settings.get(key) == first.settings.get(key))
    };
    let given = |key: &&&str| first.settings.contains(key);
    let mut keys = section.keys.iter().filter(given);
    let shared = keys.clone().find(is_shared);
    let own = shared.or_else(|| keys.next())?;
    let around = section.within.iter().filter(given).filter(is_shared);
    let names = around
        .chain([own])
        .filter_map(|key| first.settings.text(key));
    Some(names.collect::<Vec<_>>().join("/"))
}

fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}
