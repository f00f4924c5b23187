//! What has been understood so far: entries in the order in which they were found, and a note for
//! each piece of the document.
//!
//! In: what a reader understood. Out: [`Entry`] and [`Note`]. Must not know Markdown or files.

use toml::Value;

/// One table of the environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// The table's head, such as `tier`.
    pub(super) head: &'static str,
    /// The name, for `[head.name]`.
    pub(super) name: Option<String>,
    /// The lines of the document that it comes from.
    pub(super) lines: Vec<usize>,
    /// Its fields in the order in which they were found.
    pub(super) fields: Vec<(String, Value)>,
}

/// How sure it is what a piece of the document means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Its words say it.
    Understood,
    /// It was read in one of several ways.
    Guessed,
    /// It is in no file; it stands here, so that it is not lost.
    NotPlaced,
}

/// What became of a piece of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The line of the document, from one.
    pub line: usize,
    /// How sure it is.
    pub certainty: Certainty,
    /// The piece.
    pub text: String,
    /// What it became, or why it became nothing.
    pub because: String,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<Note>,
}

impl Draft {
    /// Returns the fields of `[head.name]`, which is begun if it is not there.
    pub(super) fn named(&mut self, head: &'static str, name: &str, line: usize) -> &mut Entry {
        let at = self.find(head, name);
        let at = at.unwrap_or_else(|| self.begin(head, Some(name.to_owned())));
        self.at(at, line)
    }

    /// Returns the fields of `[head]`, which is begun if it is not there.
    pub(super) fn single(&mut self, head: &'static str, line: usize) -> &mut Entry {
        let at = self.entries.iter().position(|entry| entry.head == head);
        let at = at.unwrap_or_else(|| self.begin(head, None));
        self.at(at, line)
    }

    /// Begins another `[[head]]`.
    pub(super) fn listed(&mut self, head: &'static str, line: usize) -> &mut Entry {
        let at = self.begin(head, None);
        self.at(at, line)
    }

    /// Returns whether `[head.name]` is there.
    pub(super) fn has(&self, head: &str, name: &str) -> bool {
        self.find(head, name).is_some()
    }

    /// Returns a name that no other `[head.*]` has.
    pub(super) fn free(&self, head: &str, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while self.has(head, &free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        free
    }

    pub(super) fn understood(&mut self, line: usize, text: &str, became: &str) {
        self.note(line, Certainty::Understood, text, became);
    }

    pub(super) fn guessed(&mut self, line: usize, text: &str, because: &str) {
        self.note(line, Certainty::Guessed, text, because);
    }

    pub(super) fn not_placed(&mut self, line: usize, text: &str, because: &str) {
        self.note(line, Certainty::NotPlaced, text, because);
    }

    fn note(&mut self, line: usize, certainty: Certainty, text: &str, because: &str) {
        self.notes.push(Note {
            line,
            certainty,
            text: text.to_owned(),
            because: because.to_owned(),
        });
    }

    fn find(&self, head: &str, name: &str) -> Option<usize> {
        let same = |entry: &Entry| entry.head == head && entry.name.as_deref() == Some(name);
        self.entries.iter().position(same)
    }

    fn begin(&mut self, head: &'static str, name: Option<String>) -> usize {
        self.entries.push(Entry {
            head,
            name,
            lines: Vec::new(),
            fields: Vec::new(),
        });
        self.entries.len() - 1
    }

    fn at(&mut self, at: usize, line: usize) -> &mut Entry {
        let entry = &mut self.entries[at];
        if line > 0 && !entry.lines.contains(&line) {
            entry.lines.push(line);
        }
        entry
    }
}

impl Entry {
    /// Returns a field.
    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(name, _)| name == field)
            .map(|(_, value)| value)
    }

    /// Sets a field that is not set yet, and returns whether it now has this value.
    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) -> bool {
        let value = value.into();
        if let Some(there) = self.get(field) {
            return *there == value;
        }
        self.fields.push((field.to_owned(), value));
        true
    }

    /// Sets a text that is not empty.
    pub(super) fn set_text(&mut self, field: &str, text: &str) {
        if !text.trim().is_empty() {
            self.set(field, text.trim());
        }
    }

    /// Adds texts to a list, each once.
    pub(super) fn add<'t>(&mut self, field: &str, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            let value = Value::from(text);
            match self.fields.iter_mut().find(|(name, _)| name == field) {
                Some((_, Value::Array(list))) => {
                    if !list.contains(&value) {
                        list.push(value);
                    }
                }
                Some(_) => {}
                None => self
                    .fields
                    .push((field.to_owned(), Value::Array(vec![value]))),
            }
        }
    }
}
