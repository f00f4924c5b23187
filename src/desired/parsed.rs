//! An environment whose values have their types, and are not checked against each other yet.
//!
//! In: a document of raw tables. Out: decoded tables and entries. Must not know which names exist.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;

use super::codes;
use super::decode::{Decoder, Raw};
use super::document::{Document, Entries, Frame, Item, Outline, Part};
use super::entry::{self, Entry, Placed};
use super::group::Group;
use super::places::Places;
use super::profile::Profile;
use super::relation::DeclaredRelation;
use super::tables::{COMMON, ENTRY_SITE, Head, LISTS, NAMED, PARITY, PROFILE, SINGLE};
use crate::model::{Finding, Map, Shape, Span};

/// A decoded table, and where its values stand.
pub(super) struct Table {
    /// The values.
    pub(super) values: Map,
    /// The places.
    pub(super) places: Places,
}

/// The relations of pairs: by pair, then by field path.
pub(super) type Parity = BTreeMap<String, BTreeMap<String, DeclaredRelation>>;

/// A decoded environment.
#[derive(Default)]
pub(super) struct Parsed {
    /// Plain tables by name.
    pub(super) single: BTreeMap<&'static str, Table>,
    /// Named tables by group and name.
    pub(super) named: BTreeMap<&'static str, BTreeMap<String, Table>>,
    /// The entries of the arrays that declare no objects, in the order of the files.
    pub(super) lists: BTreeMap<&'static str, Vec<Table>>,
    /// What the entries declare, in the order of the files.
    pub(super) placed: Vec<Placed>,
    /// The declared relations.
    pub(super) parity: Parity,
    /// Why some text was not read; what it holds is missed everywhere else.
    pub(super) unread: Vec<Finding>,
}

impl Parsed {
    /// Decodes a document, whose raw tables are dropped one by one on the way.
    pub(super) fn decode(
        mut document: Document<'_>,
        outline: &Outline,
        groups: &[Group],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let profiles = document.named.remove(PROFILE).unwrap_or_default();
        let profile = Profile::select(document.single.get("environment"), &profiles, findings);
        let mut decoder = Decoder::new(&profile);
        let mut parsed = Self {
            unread: std::mem::take(&mut document.unread),
            ..Self::default()
        };
        for head in SINGLE {
            if let Some(item) = document.single.remove(head.name) {
                let title = format!("`[{}]`", head.name);
                parsed
                    .single
                    .insert(head.name, table(&mut decoder, head, &title, &item));
            }
        }
        for head in NAMED {
            let tables = document.named.remove(head.name).unwrap_or_default();
            let tables = tables.into_iter().map(|(name, item)| {
                let title = format!("`[{}.{name}]`", head.name);
                let table = table(&mut decoder, head, &title, &item);
                (name, table)
            });
            parsed.named.insert(head.name, tables.collect());
        }
        for head in LISTS {
            let own = document.lists.remove(head.name).unwrap_or_default();
            let tables = own
                .iter()
                .flat_map(|(frame, items)| items.iter().map(move |raw| (*frame, raw)));
            let tables = tables.map(|(frame, raw)| list_entry(&mut decoder, head, frame, raw));
            parsed.lists.insert(head.name, tables.collect());
        }
        parsed.check_site_names(groups, &mut decoder);
        parsed.entries(document, outline, groups, &mut decoder);
        findings.append(&mut decoder.findings);
        parsed
    }

    /// Returns the named tables of a group.
    pub(super) fn named(&self, head: &Head) -> impl Iterator<Item = (&str, &Table)> + Clone {
        let tables = self.named.get(head.name).into_iter().flatten();
        tables.map(|(name, table)| (name.as_str(), table))
    }

    /// Returns the entries of an array that declares no objects.
    pub(super) fn list(&self, head: &Head) -> &[Table] {
        self.lists.get(head.name).map_or(&[], Vec::as_slice)
    }

    /// A site's name stands beside the fields of an entry, so it must not be one of them.
    fn check_site_names(&self, groups: &[Group], decoder: &mut Decoder<'_>) {
        let common = COMMON.iter().chain([&ENTRY_SITE, &PARITY]);
        let fields = groups.iter().filter(|group| group.section.sited);
        let taken: BTreeSet<&str> = fields
            .flat_map(Group::keys)
            .chain(common.map(|field| field.name))
            .chain([crate::model::GLOBAL])
            .collect();
        for (name, table) in self.named(&super::tables::SITE) {
            if taken.contains(name) {
                decoder.error(
                    codes::BAD_NAME,
                    table.places.span,
                    format!("`{name}` cannot name a site: it means something else in an entry"),
                    "take another name",
                );
            }
        }
    }

    fn entries(
        &mut self,
        document: Document<'_>,
        outline: &Outline,
        groups: &[Group],
        decoder: &mut Decoder<'_>,
    ) {
        let sites: BTreeSet<String> = self
            .named(&super::tables::SITE)
            .map(|(name, _)| name.to_owned())
            .collect();
        for part in document.arrays {
            match part {
                Part::Entries(entries) => self.add_all(entries, &sites, groups, decoder),
                Part::Text(frame, text) => {
                    let mut piece = Document::default();
                    piece.parse(frame, text, outline, &mut decoder.findings);
                    self.unread.append(&mut piece.unread);
                    for part in piece.arrays {
                        if let Part::Entries(entries) = part {
                            self.add_all(entries, &sites, groups, decoder);
                        }
                    }
                }
            }
        }
        self.placed.shrink_to_fit();
    }

    fn add_all(
        &mut self,
        (group, frame, items): Entries<'_>,
        sites: &BTreeSet<String>,
        groups: &[Group],
        decoder: &mut Decoder<'_>,
    ) {
        decoder.frame = frame;
        for raw in items {
            self.add(entry::decode(decoder, &groups[group], sites, &raw));
        }
    }

    fn add(&mut self, entry: Entry) {
        let pair = entry.placed.first().and_then(|placed| placed.pair.clone());
        for one in entry.relations {
            let pair = format!("{}/{}", one.kind, pair.as_deref().unwrap_or_default());
            let relations = self.parity.entry(pair).or_default();
            relations.insert(one.path, one.relation);
        }
        self.placed.extend(entry.placed);
    }
}

fn list_entry(decoder: &mut Decoder<'_>, head: &Head, frame: Frame, raw: &Raw<'_>) -> Table {
    decoder.frame = frame;
    let span = frame.span(&raw.span());
    let title = format!("`[[{}]]`", head.name);
    match raw.get_ref() {
        DeValue::Table(entry) => {
            let (values, places) = decoder.table(&title, head.fields, entry, span);
            Table { values, places }
        }
        other => {
            decoder.wrong_type(head.name, &Shape::Table(&[]), other, span);
            Table {
                values: Map::new(),
                places: Places::at(span),
            }
        }
    }
}

fn table(decoder: &mut Decoder<'_>, head: &Head, title: &str, item: &Item<'_>) -> Table {
    decoder.frame = item.frame;
    let span: Span = item.frame.span(&item.value.span());
    match item.value.get_ref() {
        DeValue::Table(raw) => {
            let (values, places) = decoder.table(title, head.fields, raw, span);
            Table { values, places }
        }
        // A head that is no table is a finding of the document and does not come here.
        _ => Table {
            values: Map::new(),
            places: Places::at(span),
        },
    }
}
