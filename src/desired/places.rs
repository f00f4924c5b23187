//! Where the parts of a decoded value stand.
//!
//! In: spans, gathered while a value is decoded. Out: [`Spans`] by field path. Must not know TOML.

use std::collections::BTreeMap;
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

    /// Adds the place of a part.
    pub(super) fn add(&mut self, step: impl Into<Key>, places: Self) {
        self.below.push((step.into(), places));
    }

    /// Returns the place of the value itself.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Returns whether a place is that of the value or of a part of it.
    #[must_use]
    pub fn holds(&self, span: Span) -> bool {
        self.span == span || self.below.iter().any(|(_, places)| places.holds(span))
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
    fn write(&self, path: &mut String, found: &mut Found) {
        for (step, places) in &self.below {
            let length = path.len();
            path.push('/');
            if step.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
                // RFC 6901: `~` and `/` inside a name are escaped.
                path.push_str(&step.replace('~', "~0").replace('/', "~1"));
            } else {
                path.push_str(step);
            }
            // A plain item of a list stands in its list; ten thousand lists would need as many more.
            let is_item = places.below.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
            if !is_item {
                found.paths.push_str(path);
                found.paths.push('~');
                found.spans.push(places.span);
            }
            places.write(path, found);
            path.truncate(length);
        }
    }
}

/// The places of one entry.
#[derive(Default)]
struct Found {
    /// The field paths, each with a `~` after it: `~/` is in no path, because of the escapes.
    paths: String,
    /// Where their values stand.
    spans: Vec<Span>,
}

/// The lists of field paths so far: ten thousand entries have the same few.
#[derive(Default)]
pub(super) struct Paths {
    lists: BTreeMap<Box<str>, Arc<[Box<str>]>>,
    /// Kept between entries so that they share its memory.
    found: Found,
    path: String,
}

impl Paths {
    /// Returns where the parts of these values stand; the whole is the last of them.
    pub(super) fn spans(&mut self, places: &[&Places]) -> Spans {
        self.found.paths.clear();
        self.found.spans.clear();
        for places in places {
            places.write(&mut self.path, &mut self.found);
        }
        let whole = places.last().map(|places| places.span);
        Spans::new(whole, self.list(), self.found.spans.as_slice().into())
    }

    fn list(&mut self) -> Arc<[Box<str>]> {
        let text = self.found.paths.as_str();
        if let Some(known) = self.lists.get(text) {
            return Arc::clone(known);
        }
        let inner = text
            .strip_prefix('/')
            .and_then(|text| text.strip_suffix('~'));
        let rests = inner.into_iter().flat_map(|inner| inner.split("~/"));
        let new: Arc<[Box<str>]> = rests.map(|rest| format!("/{rest}").into()).collect();
        self.lists.insert(text.into(), Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    fn at(start: usize) -> Span {
        Span::new(SourceId(0), &(start..start + 1))
    }

    #[test]
    fn entries_alike_share_their_paths_and_not_their_places() {
        let entry = |start| {
            let mut tags = Places::at(at(start + 1));
            tags.add("a/b~", Places::at(at(start + 2)));
            tags.add("c", Places::at(at(start + 3)));
            let mut list = Places::at(at(start + 4));
            list.add("0", Places::at(at(start + 5)));
            let mut entry = Places::at(at(start));
            entry.add("tags", tags);
            entry.add("values", list);
            entry
        };
        let mut paths = Paths::default();
        let (first, second) = (paths.spans(&[&entry(0)]), paths.spans(&[&entry(100)]));
        for (spans, start) in [(&first, 0), (&second, 100)] {
            assert_eq!(spans.of(""), Some(at(start)));
            assert_eq!(spans.of("/tags/a~1b~0"), Some(at(start + 2)));
            assert_eq!(spans.of("/tags/c"), Some(at(start + 3)));
            assert_eq!(spans.of("/tags/d"), Some(at(start + 1)));
            assert_eq!(spans.of("/values/0"), Some(at(start + 4)));
        }
        assert_eq!(paths.lists.len(), 1);
        let bare = paths.spans(&[&Places::at(at(7))]);
        assert_eq!(bare.of("/tags"), Some(at(7)));
    }
}
