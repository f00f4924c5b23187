//! A Markdown document as blocks, each with its place: headings, paragraphs, lists, tables.
//!
//! In: the text of a document (CommonMark with tables). Out: [`Block`]s in the order of the text,
//! and the links. Must not know what a disaster recovery strategy is.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The headings above it, the outermost first.
    pub(super) sections: Vec<String>,
    /// The paragraph right above it, if it is a list or a table.
    pub(super) lead: Option<Line>,
    /// What it is.
    pub(super) body: Body,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// A heading with its depth, from one.
    Heading(u8, Line),
    /// A paragraph, each of its lines by itself.
    Paragraph(Vec<Line>),
    /// A list: whether it is numbered, and its items.
    List(bool, Vec<Line>),
    /// A table: its header and its rows.
    Table(Row, Vec<Row>),
    /// Something that holds no facts in a form known here, such as code.
    Other(Line),
}

/// A piece of text and the line that it begins at, from one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) cells: Vec<String>,
}

/// A reference to another file or page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) number: usize,
    pub(super) target: String,
    pub(super) text: String,
    pub(super) is_image: bool,
    /// The headings above it, the outermost first.
    pub(super) sections: Vec<String>,
}

/// Returns the blocks and the links of a document.
pub(super) fn read(text: &str) -> (Vec<Block>, Vec<Link>) {
    let mut reader = Reader::new(text);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.take(&event, reader.number(range.start), text, range);
    }
    (reader.blocks, reader.links)
}

struct Reader {
    /// The offset of each line's first byte.
    starts: Vec<usize>,
    blocks: Vec<Block>,
    links: Vec<Link>,
    sections: Vec<(u8, String)>,
    /// The lines of the text that is being read.
    lines: Vec<Line>,
    /// The list that is being read, with the depth of the lists within it.
    list: Option<(bool, Vec<Line>, usize)>,
    table: Option<(Row, Vec<Row>)>,
    row: Row,
    link: Option<Link>,
    /// Whether the text belongs to a block that is kept as it is.
    raw: bool,
}

impl Reader {
    fn new(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(breaks).collect(),
            blocks: Vec::new(),
            links: Vec::new(),
            sections: Vec::new(),
            lines: Vec::new(),
            list: None,
            table: None,
            row: Row::default(),
            link: None,
            raw: false,
        }
    }

    fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    fn take(
        &mut self,
        event: &Event<'_>,
        number: usize,
        text: &str,
        range: std::ops::Range<usize>,
    ) {
        match event {
            Event::Start(tag) => self.start(tag, number),
            Event::End(end) => self.end(*end, number),
            Event::Text(piece) | Event::Code(piece) => self.piece(number, piece),
            Event::SoftBreak | Event::HardBreak => self.lines.push(Line {
                number: number + 1,
                text: String::new(),
            }),
            // `<br>` parts the lines of a table's cell; a comment says nothing.
            Event::InlineHtml(tag) if tag.to_ascii_lowercase().starts_with("<br") => {
                self.piece(number, "; ");
            }
            Event::Html(_) => {
                let html = text.get(range).unwrap_or_default().trim();
                if !html.is_empty() && !html.starts_with("<!--") {
                    self.add(Body::Other(Line {
                        number,
                        text: html.to_owned(),
                    }));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, number: usize) {
        match tag {
            Tag::Heading { .. } | Tag::Paragraph if self.list.is_none() => {
                self.lines = vec![Line {
                    number,
                    text: String::new(),
                }];
            }
            Tag::List(first) => match &mut self.list {
                Some((_, _, depth)) => *depth += 1,
                None => self.list = Some((first.is_some(), Vec::new(), 0)),
            },
            Tag::Item => {
                self.item();
                self.lines = vec![Line {
                    number,
                    text: String::new(),
                }];
            }
            Tag::Table(_) => self.table = Some((Row::default(), Vec::new())),
            Tag::TableHead | Tag::TableRow => {
                self.row = Row {
                    number,
                    cells: Vec::new(),
                }
            }
            Tag::TableCell => {
                self.lines = vec![Line {
                    number,
                    text: String::new(),
                }];
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link = Some(Link {
                    number,
                    target: dest_url.to_string(),
                    text: String::new(),
                    is_image: matches!(tag, Tag::Image { .. }),
                    sections: self.above(),
                });
            }
            Tag::CodeBlock(_) => {
                self.raw = true;
                self.lines = vec![Line {
                    number,
                    text: String::new(),
                }];
            }
            _ => {}
        }
    }

    fn piece(&mut self, number: usize, piece: &str) {
        if let Some(link) = &mut self.link {
            link.text.push_str(piece);
            if link.is_image {
                return;
            }
        }
        if self.lines.is_empty() {
            self.lines.push(Line {
                number,
                text: String::new(),
            });
        }
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(piece);
        }
    }

    fn end(&mut self, end: TagEnd, number: usize) {
        match end {
            TagEnd::Heading(level) => {
                let line = self.joined();
                let depth = level as u8;
                self.sections.retain(|(above, _)| *above < depth);
                self.add(Body::Heading(depth, line.clone()));
                self.sections.push((depth, line.text));
            }
            TagEnd::Paragraph if self.list.is_none() => {
                let lines = self.texts();
                if !lines.is_empty() {
                    self.add(Body::Paragraph(lines));
                }
            }
            TagEnd::Item => self.item(),
            TagEnd::List(_) => match self.list.take() {
                Some((ordered, items, 0)) => self.add(Body::List(ordered, items)),
                Some((ordered, items, depth)) => self.list = Some((ordered, items, depth - 1)),
                None => {}
            },
            TagEnd::TableCell => {
                let text = self.joined().text;
                self.row.cells.push(text);
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                if let Some((header, rows)) = &mut self.table {
                    if end == TagEnd::TableHead {
                        *header = row;
                    } else {
                        rows.push(row);
                    }
                }
            }
            TagEnd::Table => {
                if let Some((header, rows)) = self.table.take() {
                    self.add(Body::Table(header, rows));
                }
            }
            TagEnd::Link | TagEnd::Image => self.links.extend(self.link.take()),
            TagEnd::CodeBlock => {
                self.raw = false;
                let line = self.joined();
                self.add(Body::Other(line));
            }
            _ => {
                let _ = number;
            }
        }
    }

    /// Ends the list item that is being read.
    fn item(&mut self) {
        let line = self.joined();
        if let Some((_, items, _)) = &mut self.list
            && !line.text.is_empty()
        {
            items.push(line);
        }
    }

    fn texts(&mut self) -> Vec<Line> {
        let lines = std::mem::take(&mut self.lines).into_iter();
        lines
            .map(|line| Line {
                number: line.number,
                text: line.text.trim().to_owned(),
            })
            .filter(|line| !line.text.is_empty())
            .collect()
    }

    fn joined(&mut self) -> Line {
        let number = self.lines.first().map_or(0, |line| line.number);
        let texts: Vec<String> = self.texts().into_iter().map(|line| line.text).collect();
        Line {
            number,
            text: texts.join(" "),
        }
    }

    fn above(&self) -> Vec<String> {
        self.sections.iter().map(|(_, text)| text.clone()).collect()
    }

    fn add(&mut self, body: Body) {
        let lead = match (&body, self.blocks.last().map(|block| &block.body)) {
            (Body::List(..) | Body::Table(..), Some(Body::Paragraph(lines))) => {
                lines.last().cloned()
            }
            _ => None,
        };
        self.blocks.push(Block {
            sections: self.above(),
            lead,
            body,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_knows_its_headings_and_its_lines() {
        let (blocks, links) = read(
            "# Plan\n\n## Tiers\n\nThese:\n\n| Tier | RTO |\n|---|---|\n| **One** (a<br>b) | `4h` |\n\n1. first\n   - inner\n2. [second](x.md)\n\n![o](o.png)\n",
        );
        let table = &blocks[3];
        assert_eq!(table.sections, ["Plan", "Tiers"]);
        assert_eq!(table.lead.as_ref().unwrap().text, "These:");
        let Body::Table(header, rows) = &table.body else {
            panic!("{table:?}");
        };
        assert_eq!(header.cells, ["Tier", "RTO"]);
        assert_eq!(
            (rows[0].number, &rows[0].cells[..]),
            (9, &["One (a; b)".to_owned(), "4h".into()][..])
        );
        let Body::List(true, items) = &blocks[4].body else {
            panic!("{:?}", blocks[4]);
        };
        let items: Vec<(usize, &str)> = items.iter().map(|i| (i.number, i.text.as_str())).collect();
        assert_eq!(items, [(11, "first"), (12, "inner"), (13, "second")]);
        assert_eq!(
            (links[0].target.as_str(), links[0].is_image),
            ("x.md", false)
        );
        assert_eq!(
            (links[1].target.as_str(), links[1].is_image),
            ("o.png", true)
        );
    }
}
