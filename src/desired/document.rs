//! The files of an environment as one document of raw tables.
//!
//! In: texts. Out: the plain tables by name and the arrays of tables in the order of the files;
//! syntax errors, and whatever is declared twice. Must not know what a table holds.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::decode::Raw;
use super::pieces::Cut;
use super::syntax;
use super::{codes, suggest};
use crate::model::{Finding, SourceId, Sources, Span};

/// What may stand at the top of a document.
pub(super) struct Outline {
    /// Plain tables, such as `[limits]`.
    pub(super) single: Vec<&'static str>,
    /// Tables of named tables, such as `[site.NAME]`.
    pub(super) named: Vec<&'static str>,
    /// Arrays of tables that declare no objects, such as `[[backup]]`.
    pub(super) lists: Vec<&'static str>,
    /// Arrays of tables that declare objects, such as `[[bucket]]`.
    pub(super) arrays: Vec<&'static str>,
}

/// What the places in a parsed text are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The file.
    pub(super) file: SourceId,
    /// Where the text begins in it.
    pub(super) start: usize,
}

impl Frame {
    /// Returns the span of a range of the text.
    pub(super) fn span(self, range: &Range<usize>) -> Span {
        Span::new(
            self.file,
            &(range.start + self.start..range.end + self.start),
        )
    }
}

/// A raw value, and where it is.
pub(super) struct Item<'d> {
    /// What its places are counted from.
    pub(super) frame: Frame,
    /// The key that it stands under.
    pub(super) key: Span,
    /// The value.
    pub(super) value: Raw<'d>,
}

/// Entries of an array of tables: the place in [`Outline::arrays`], the frame, the tables.
pub(super) type Entries<'d> = (usize, Frame, DeArray<'d>);

/// A part of the arrays of a document.
pub(super) enum Part<'d> {
    /// Parsed entries.
    Entries(Entries<'d>),
    /// A text of entries that is not parsed yet.
    Text(Frame, &'d str),
}

/// The raw tables of all files.
#[derive(Default)]
pub(super) struct Document<'d> {
    /// Plain tables by name.
    pub(super) single: BTreeMap<&'static str, Item<'d>>,
    /// Named tables by group and name.
    pub(super) named: BTreeMap<&'static str, BTreeMap<String, Item<'d>>>,
    /// The entries of the arrays that declare no objects, by array, in the order of the files.
    pub(super) lists: BTreeMap<&'static str, Vec<(Frame, DeArray<'d>)>>,
    /// The arrays of tables, in the order of the files.
    pub(super) arrays: Vec<Part<'d>>,
    /// Why some text is not in the document; what it holds would be missed everywhere else.
    pub(super) unread: Vec<Finding>,
}

impl<'d> Document<'d> {
    /// Parses all files and joins them; a file that is cut leaves its pieces for later.
    pub(super) fn read(
        sources: &'d Sources,
        files: &'d [(SourceId, Option<Cut>)],
        outline: &Outline,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut document = Self::default();
        for (file, cut) in files {
            let frame = |start| Frame { file: *file, start };
            let text = sources.text(*file);
            let Some(cut) = cut else {
                document.parse(frame(0), text, outline, findings);
                continue;
            };
            document.parse(frame(0), &cut.rest, outline, findings);
            let pieces = cut.pieces.iter().filter_map(|range| {
                let text = text.get(range.clone())?;
                Some(Part::Text(frame(range.start), text))
            });
            document.arrays.extend(pieces);
        }
        document
    }

    /// Parses one text.
    pub(super) fn parse(
        &mut self,
        frame: Frame,
        text: &'d str,
        outline: &Outline,
        findings: &mut Vec<Finding>,
    ) {
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            self.join(frame, root.into_inner(), outline, findings);
        } else {
            syntax::report(frame, text, root.get_ref(), &errors, &mut self.unread);
        }
    }

    fn join(
        &mut self,
        frame: Frame,
        root: DeTable<'d>,
        outline: &Outline,
        findings: &mut Vec<Finding>,
    ) {
        for (key, value) in root {
            let (name, at) = (key.get_ref().as_ref(), frame.span(&key.span()));
            let is = |known: &&&'static str| **known == name;
            if let Some(array) = outline.arrays.iter().position(|known| *known == name) {
                match value.into_inner() {
                    DeValue::Array(items) => {
                        self.arrays.push(Part::Entries((array, frame, items)));
                    }
                    _ => findings.push(not_a(at, format!("write `[[{name}]]`"))),
                }
            } else if let Some(list) = outline.lists.iter().find(is) {
                match value.into_inner() {
                    DeValue::Array(items) => {
                        self.lists.entry(list).or_default().push((frame, items));
                    }
                    _ => findings.push(not_a(at, format!("write `[[{name}]]`"))),
                }
            } else if let Some(group) = outline.named.iter().find(is) {
                let DeValue::Table(tables) = value.into_inner() else {
                    findings.push(not_a(at, format!("write `[{name}.NAME]`")));
                    continue;
                };
                let known = self.named.entry(group).or_default();
                for (key, value) in tables {
                    join_named(group, known, frame, key, value, findings);
                }
            } else if let Some(table) = outline.single.iter().find(is) {
                if !value.get_ref().is_table() {
                    findings.push(not_a(at, format!("write `[{name}]`")));
                    continue;
                }
                let key = at;
                match self.single.get(table) {
                    Some(first) => findings.push(twice(&format!("`[{name}]`"), key, first.key)),
                    None => {
                        self.single.insert(table, Item { frame, key, value });
                    }
                }
            } else {
                let all = [
                    &outline.single,
                    &outline.named,
                    &outline.lists,
                    &outline.arrays,
                ];
                let known = all.into_iter().flatten().copied();
                findings.push(
                    Finding::error(codes::UNKNOWN_KEY, format!("no table is called `{name}`"))
                        .at(at, "")
                        .help(suggest::help(name, known)),
                );
            }
        }
    }
}

fn join_named<'d>(
    group: &str,
    known: &mut BTreeMap<String, Item<'d>>,
    frame: Frame,
    key: Spanned<DeString<'d>>,
    value: Raw<'d>,
    findings: &mut Vec<Finding>,
) {
    let at = frame.span(&key.span());
    let name = key.into_inner();
    if !is_bare(&name) {
        findings.push(
            Finding::error(codes::BAD_NAME, format!("`{name}` cannot name a {group}"))
                .at(at, "")
                .help("a name has letters, digits, `-` and `_` only"),
        );
    } else if !value.get_ref().is_table() {
        findings.push(not_a(at, format!("write `[{group}.{name}]`")));
    } else if let Some(first) = known.get(name.as_ref()) {
        findings.push(twice(&format!("`[{group}.{name}]`"), at, first.key));
    } else {
        let key = at;
        known.insert(name.into_owned(), Item { frame, key, value });
    }
}

fn is_bare(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn not_a(at: Span, help: String) -> Finding {
    Finding::error(
        codes::WRONG_TYPE,
        "this is not a table of the expected form",
    )
    .at(at, "")
    .help(help)
}

/// Returns the finding for something that is declared twice.
pub(super) fn twice(what: &str, second: Span, first: Span) -> Finding {
    Finding::error(codes::DUPLICATE_KEY, format!("{what} is declared twice"))
        .at(second, "again here")
        .at(first, "first here")
        .help("the files of an environment are one document: keep one")
}
