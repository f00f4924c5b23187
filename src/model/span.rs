//! Where a value stands: a file of the environment, and a range of bytes in it.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// The number of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of bytes of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Returns the span of a range of a file.
    #[must_use]
    pub fn new(source: SourceId, range: &Range<usize>) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            source,
            start: clamp(range.start),
            end: clamp(range.end),
        }
    }

    /// Returns the range of bytes.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place for people and machines: file, line and column, both from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Source {
    /// The path of the file, relative to the root.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

#[derive(Clone, Debug)]
struct File {
    path: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

/// The texts that were read, so that a span can be shown with its line.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Adds a file and returns its number.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
            )
            .collect();
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(File {
            path: path.into(),
            text,
            line_starts,
        });
        id
    }

    /// Returns the path of a file, or an empty text for a number that was never given out.
    #[must_use]
    pub fn path(&self, id: SourceId) -> &str {
        self.files.get(id.0 as usize).map_or("", |file| &file.path)
    }

    /// Returns the text of a file, or an empty text for a number that was never given out.
    #[must_use]
    pub fn text(&self, id: SourceId) -> &str {
        self.files.get(id.0 as usize).map_or("", |file| &file.text)
    }

    /// Returns the file, line and column where a span starts.
    #[must_use]
    pub fn locate(&self, span: Span) -> Source {
        let Some(file) = self.files.get(span.source.0 as usize) else {
            return Source {
                file: String::new(),
                line: 1,
                column: 1,
            };
        };
        let line = file
            .line_starts
            .partition_point(|start| *start <= span.start)
            .max(1);
        let line_start = file.line_starts[line - 1] as usize;
        let before = file
            .text
            .get(line_start..span.start as usize)
            .unwrap_or_default();
        Source {
            file: file.path.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_located_by_line_and_character() {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", "x = 1\nñ = 22\n");
        let at = sources.locate(Span::new(id, &(11..13)));
        assert_eq!((at.line, at.column), (2, 5));
        assert_eq!(sources.locate(Span::new(id, &(0..1))).line, 1);
    }
}
