//! Where the parts of a decoded value stand.
//!
//! In: spans, gathered while a value is decoded. Out: [`Spans`] by field path. Must not know TOML.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::kinds::Spans;
use crate::model::{Key, Span};

/// The place of a value and of everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The place of the value itself.
    pub(super) span: Span,
    below: Vec<(Key, Places)>,
}

impl Places {
    /// Returns the place of a value without parts.
    pub(super) const fn at(span: Span) -> Self {
        Self {
            span,
            below: Vec::new(),
        }
    }

    /// Returns whether it is the place of a value without parts.
    pub(super) const fn is_plain(&self) -> bool {
        self.below.is_empty()
    }

    /// Adds the place of a part.
    pub(super) fn add(&mut self, step: impl Into<Key>, places: Self) {
        self.below.push((step.into(), places));
    }

    /// Returns the place of the value itself.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Returns the place of a direct part, or of the whole.
    #[must_use]
    pub fn of(&self, step: &str) -> Span {
        self.below
            .iter()
            .find(|(own, _)| own == step)
            .map_or(self.span, |(_, places)| places.span)
    }

    /// Adds the places of all parts, and not of the value itself, by field path.
    pub(super) fn write(&self, paths: &mut Paths, spans: &mut Spans) {
        self.below(&mut String::new(), paths, &mut spans.values);
    }

    fn below(&self, path: &mut String, paths: &mut Paths, out: &mut Vec<(Arc<str>, Span)>) {
        for (step, places) in &self.below {
            let length = path.len();
            path.push('/');
            if step.contains(['~', '/']) {
                // RFC 6901: `~` and `/` inside a name are escaped.
                path.push_str(&step.replace('~', "~0").replace('/', "~1"));
            } else {
                path.push_str(step);
            }
            out.push((paths.share(path), places.span));
            places.below(path, paths, out);
            path.truncate(length);
        }
    }
}

/// The field paths so far: ten thousand entries have the same dozen, which a sorted set finds with
/// less work than a hash.
#[derive(Default)]
pub(super) struct Paths(BTreeSet<Arc<str>>);

impl Paths {
    fn share(&mut self, path: &str) -> Arc<str> {
        if let Some(known) = self.0.get(path) {
            return Arc::clone(known);
        }
        let new: Arc<str> = path.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}
