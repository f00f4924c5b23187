//! The paper that terminal text is written on: styles, line breaks, and nothing that a terminal
//! would obey except our own colours.
//!
//! In: words with a style. Out: a text. Must not know what the words mean.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::visible::visible;

/// The narrowest width that texts are laid out for.
const MIN_WIDTH: usize = 80;

/// How terminal text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether styles are written; a stream that strips them may follow.
    pub color: bool,
    /// Whether signs beyond ASCII may be used.
    pub unicode: bool,
    /// The columns of the terminal; less than 80 counts as 80.
    pub width: usize,
    /// Whether changes of the same shape are listed one by one.
    pub expand: bool,
}

impl Default for TextOptions {
    /// Returns the layout of a log: plain, 100 columns.
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 100,
            expand: false,
        }
    }
}

impl TextOptions {
    /// Returns the columns that lines may fill.
    pub(super) fn columns(&self) -> usize {
        self.width.max(MIN_WIDTH)
    }

    /// Returns the sign of its two that may be used.
    pub(super) const fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}

pub(super) const PLAIN: Style = Style::new();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();
pub(super) const LOUD: Style = AnsiColor::Red.on_default().bold();

/// A text that grows.
#[derive(Debug)]
pub(super) struct Paper {
    out: String,
    pub(super) options: TextOptions,
}

impl Paper {
    pub(super) const fn new(options: TextOptions) -> Self {
        Self {
            out: String::new(),
            options,
        }
    }

    /// Writes words in a style; hidden characters become visible here, once for all.
    pub(super) fn ink(&mut self, style: Style, words: &str) -> &mut Self {
        let shown = visible(words);
        if !self.options.color || style == PLAIN || shown.is_empty() {
            self.out.push_str(&shown);
        } else {
            let _ = write!(self.out, "{style}{shown}{style:#}");
        }
        self
    }

    /// Writes blanks.
    pub(super) fn blanks(&mut self, count: usize) -> &mut Self {
        self.out.extend(std::iter::repeat_n(' ', count));
        self
    }

    /// Ends the line.
    pub(super) fn end(&mut self) -> &mut Self {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
        self
    }

    /// Writes an empty line, unless nothing is written yet.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Writes text that is laid out already, as another renderer of this room made it.
    pub(super) fn laid_out(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes a paragraph, broken between words, each line indented.
    pub(super) fn paragraph(&mut self, style: Style, indent: usize, text: &str) {
        let room = self.options.columns().saturating_sub(indent);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && width(&line) + 1 + width(word) > room {
                self.blanks(indent).ink(style, &line).end();
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.blanks(indent).ink(style, &line).end();
        }
    }

    /// Returns the text.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// Returns the columns that a text fills once it is written.
pub(super) fn width(text: &str) -> usize {
    visible(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_ours_alone() {
        let mut paper = Paper::new(TextOptions {
            color: true,
            ..TextOptions::default()
        });
        paper.ink(RED, "a\u{1b}[0m").end();
        assert_eq!(paper.finish(), "\u{1b}[31ma\\u{1b}[0m\u{1b}[0m\n");
    }

    #[test]
    fn paragraphs_break_between_words() {
        let mut paper = Paper::new(TextOptions::default());
        paper.paragraph(PLAIN, 2, &"word ".repeat(30));
        assert!(paper.finish().lines().all(|line| width(line) <= 100));
    }
}
