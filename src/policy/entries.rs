//! Reads a TOML file that is one array of tables of texts, and reports every mistake at once.
//!
//! In: a text and the form that it must have. Out: entries whose values know their places, and
//! findings. Must not know what the values mean.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{Finding, SourceId, Sources, Span};

/// The form of a file.
#[derive(Debug)]
pub(super) struct Form {
    /// How the codes of its findings begin.
    pub(super) prefix: &'static str,
    /// The name of its array of tables.
    pub(super) array: &'static str,
    /// The keys of a table, and whether each must be there.
    pub(super) keys: &'static [(&'static str, bool)],
}

/// A text and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) span: Span,
}

/// One table; every value is there that the form asks for.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) span: Span,
    values: Vec<(&'static str, Text)>,
}

impl Entry {
    /// Takes the text under a key out.
    pub(super) fn take(&mut self, key: &str) -> Option<Text> {
        let at = self.values.iter().position(|(own, _)| *own == key)?;
        Some(self.values.swap_remove(at).1)
    }

    /// Takes the text out of a key that the form asks for.
    pub(super) fn required(&mut self, key: &str) -> Text {
        let span = self.span;
        self.take(key).unwrap_or(Text {
            value: String::new(),
            span,
        })
    }
}

/// Reads a file. Entries with a mistake in them are left out.
pub(super) fn read(
    form: &Form,
    source: SourceId,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> Vec<Entry> {
    let (table, errors) = DeTable::parse_recoverable(sources.text(source));
    let mut reader = Reader {
        form,
        source,
        findings,
    };
    if !errors.is_empty() {
        for error in errors {
            let span = reader.span(error.span().unwrap_or_default());
            let finding = Finding::error(reader.code("syntax"), error.message());
            reader.findings.push(finding.at(span, ""));
        }
        return Vec::new();
    }
    reader.document(table.get_ref())
}

struct Reader<'a> {
    form: &'a Form,
    source: SourceId,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn document(&mut self, table: &DeTable<'_>) -> Vec<Entry> {
        let array = self.form.array;
        let mut entries = Vec::new();
        for (key, value) in table {
            if key.get_ref() != array {
                self.unknown_key(key, &[array]);
                continue;
            }
            let tables = value
                .get_ref()
                .as_array()
                .and_then(|items| items.iter().map(as_table).collect::<Option<Vec<_>>>());
            match tables {
                Some(tables) => {
                    entries.extend(
                        tables
                            .into_iter()
                            .filter_map(|(span, table)| self.entry(span, table)),
                    );
                }
                None => self.error(
                    "unknown-value",
                    key.span(),
                    format!("`{array}` is an array of tables"),
                    format!("begin each one with [[{array}]]"),
                ),
            }
        }
        entries
    }

    fn entry(&mut self, span: Range<usize>, table: &DeTable<'_>) -> Option<Entry> {
        let before = self.findings.len();
        let keys = self.form.keys;
        let mut values = Vec::new();
        for (key, value) in table {
            let Some((name, _)) = keys.iter().find(|(name, _)| key.get_ref() == name) else {
                let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
                self.unknown_key(key, &names);
                continue;
            };
            match text(value.get_ref()) {
                Some(text) => values.push((
                    *name,
                    Text {
                        value: text,
                        span: self.span(value.span()),
                    },
                )),
                None => self.error(
                    "unknown-value",
                    value.span(),
                    format!(
                        "`{name}` is a text, not {}",
                        article(value.get_ref().type_str())
                    ),
                    "put it in quotes",
                ),
            }
        }
        for (name, required) in keys {
            let empty = values
                .iter()
                .find(|(own, text)| own == name && text.value.trim().is_empty());
            let missing = !table.iter().any(|(key, _)| key.get_ref() == name);
            if *required && (missing || empty.is_some()) {
                let place = empty.map_or(span.clone(), |(_, text)| text.span.range());
                let what = if missing { "is missing" } else { "is empty" };
                let array = self.form.array;
                self.error(
                    "missing-key",
                    place,
                    format!("`{name}` of this {array} {what}"),
                    format!("every [[{array}]] has {}", required_keys(keys)),
                );
            }
        }
        let span = self.span(span);
        (self.findings.len() == before).then_some(Entry { span, values })
    }

    fn unknown_key(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, known: &[&str]) {
        self.error(
            "unknown-key",
            key.span(),
            format!("unknown key `{}`", key.get_ref()),
            suggest(key.get_ref(), known),
        );
    }

    fn error(
        &mut self,
        code: &str,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::error(self.code(code), message);
        let span = self.span(range);
        self.findings.push(finding.at(span, "").help(help));
    }

    fn code(&self, code: &str) -> String {
        format!("{}-{code}", self.form.prefix)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, &range)
    }
}

fn as_table<'a, 'i>(item: &'a Spanned<DeValue<'i>>) -> Option<(Range<usize>, &'a DeTable<'i>)> {
    Some((item.span(), item.get_ref().as_table()?))
}

/// Returns a value as text; a date may be written without quotes.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}

fn article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

fn required_keys(keys: &[(&'static str, bool)]) -> String {
    let names: Vec<String> = keys
        .iter()
        .filter(|(_, required)| *required)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// Returns help for a word that is none of the known ones: the nearest one, or all of them.
pub(super) fn suggest(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= (name.len().max(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, name)) = nearest {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("known here: {}", names.join(", "))
}
