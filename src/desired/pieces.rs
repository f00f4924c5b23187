//! Cutting a large text into pieces that are parsed one after the other.
//!
//! In: a text and the names of the arrays of tables. Out: the stretches that hold nothing but
//! entries of these arrays, and the text without them. The parser needs thirty times the size of
//! a text for a moment; ten thousand records would take 40 MB at once. Must not know what a value
//! is: a text that it does not see through is left whole.

use std::ops::Range;

/// The size from which a text is cut, and that of a piece, in bytes.
pub(super) const PIECE: usize = 16 << 10;

/// A text, cut.
pub(super) struct Cut {
    /// The text with white space where the pieces were, so that all places are the same.
    pub(super) rest: String,
    /// The pieces.
    pub(super) pieces: Vec<Range<usize>>,
}

/// A table header.
struct Header<'t> {
    /// Where its line begins.
    at: usize,
    /// The first of its keys.
    first: &'t str,
    /// Whether it begins an entry of an array at the top of the document.
    is_entry: bool,
}

/// Cuts a text before entries of these arrays; none if there is nothing to gain, or the text is
/// not plain enough.
pub(super) fn cut(text: &str, arrays: &[&str], size: usize) -> Option<Cut> {
    if text.len() < size {
        return None;
    }
    let headers = headers(text)?;
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open: Option<&str> = None;
    for (number, header) in headers.iter().enumerate() {
        let end = headers.get(number + 1).map_or(text.len(), |next| next.at);
        if !arrays.contains(&header.first) {
            open = None;
        } else if header.is_entry {
            open = Some(header.first);
            match pieces.last_mut() {
                Some(last) if last.end == header.at && header.at - last.start < size => {
                    last.end = end;
                }
                _ => pieces.push(header.at..end),
            }
        } else if let (Some(last), true) = (pieces.last_mut(), open == Some(header.first)) {
            last.end = end;
        } else {
            // A table of an entry that is further up.
            return None;
        }
    }
    let mut rest = String::with_capacity(text.len());
    let mut done = 0;
    for piece in &pieces {
        rest.push_str(text.get(done..piece.start)?);
        rest.push_str(&" ".repeat(piece.len()));
        // A piece ends where a line does; what follows must begin one.
        if rest.pop().is_some() {
            rest.push('\n');
        }
        done = piece.end;
    }
    rest.push_str(text.get(done..)?);
    Some(Cut { rest, pieces })
}

/// The bytes that begin or end something, or decide whether a header may follow.
const MEANS: [bool; 256] = {
    let mut means = [false; 256];
    let bytes = b"\n \t\r#\"'[]{}";
    let mut at = 0;
    while at < bytes.len() {
        means[bytes[at] as usize] = true;
        at += 1;
    }
    means
};

/// Returns the table headers of a text, or none if one of them is not plain.
fn headers(text: &str) -> Option<Vec<Header<'_>>> {
    let bytes = text.as_bytes();
    let mut headers = Vec::new();
    let (mut at, mut depth, mut fresh) = (0, 0_usize, true);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => fresh = true,
            b' ' | b'\t' | b'\r' => {}
            b'#' => {
                at = line_end(text, at);
                continue;
            }
            b'"' | b'\'' => {
                at = string_end(text, at)?;
                fresh = false;
                continue;
            }
            b'[' if fresh && depth == 0 => {
                let end = line_end(text, at);
                headers.push(header(&text[at..end], at)?);
                at = end;
                continue;
            }
            b'[' | b'{' => {
                depth += 1;
                fresh = false;
            }
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                fresh = false;
            }
            _ => {
                fresh = false;
                // What means nothing here is most of the text.
                at += bytes[at..]
                    .iter()
                    .take_while(|byte| !MEANS[usize::from(**byte)])
                    .count();
                continue;
            }
        }
        at += 1;
    }
    (depth == 0).then_some(headers)
}

/// Reads a line that begins with a bracket; none if it holds more than bare keys.
fn header(line: &str, at: usize) -> Option<Header<'_>> {
    let line = line.split('#').next()?.trim_end();
    let (keys, is_array) = match line.strip_prefix("[[") {
        Some(rest) => (rest.strip_suffix("]]")?, true),
        None => (line.strip_prefix('[')?.strip_suffix(']')?, false),
    };
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !keys.chars().all(is_bare) {
        return None;
    }
    let first = keys.split('.').next()?;
    Some(Header {
        at,
        first,
        is_entry: is_array && first.len() == keys.len(),
    })
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    rest.iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |length| at + length)
}

/// Returns the place after a string that begins here; none if it does not end.
fn string_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(at)?;
    let is_long = bytes.get(at..at + 3)?.iter().all(|byte| *byte == quote);
    let width = if is_long { 3 } else { 1 };
    let mut at = at + width;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            b'\n' if !is_long => return None,
            byte if byte == quote => {
                let run = bytes[at..]
                    .iter()
                    .take_while(|byte| **byte == quote)
                    .count();
                if run >= width {
                    // Up to two quotes may stand before the three that end a long string.
                    return Some(at + if is_long { run.min(5) } else { 1 });
                }
                at += run;
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRAYS: &[&str] = &["a", "b"];

    fn parts(text: &str) -> Option<(Vec<&str>, String)> {
        let cut = cut(text, ARRAYS, 1)?;
        let pieces = cut.pieces.into_iter().map(|piece| &text[piece]).collect();
        Some((pieces, cut.rest))
    }

    #[test]
    fn entries_are_cut_out_and_places_stay() {
        let text = "x = 1\n[[a]]\ny = 2\n[a.t]\n[s.x]\nz = 3\n[[b]]\n[[b.c]]\n";
        let (pieces, rest) = parts(text).unwrap();
        assert_eq!(pieces, ["[[a]]\ny = 2\n[a.t]\n", "[[b]]\n[[b.c]]\n"]);
        assert_eq!(rest.len(), text.len());
        assert_eq!(rest.find("[s.x]"), text.find("[s.x]"));
        assert!(!rest.contains('y'));
    }

    #[test]
    fn what_only_looks_like_a_header_is_none() {
        for inside in [
            "'''\n[[a]]\n'''",
            "\"\"\"\n[[a]]\\\"\"\"\"\"\"",
            "[\n[[1]],\n]",
            "\"#\" # [[a]]",
        ] {
            let text = format!("[s]\nx = {inside}\n[[b]]\n");
            assert_eq!(parts(&text).unwrap().0, ["[[b]]\n"], "{inside}");
        }
    }

    #[test]
    fn a_text_that_is_not_plain_is_left_whole() {
        for text in [
            "[[a]]\n[[b]]\n[a.t]\n",
            "[[a]]\n[\"a\".t]\n",
            "[a.t]\n",
            "[[a]]\nx = \"\n",
            "[[a]]\nx = [\n",
            "[[a]]\nx = ]\n",
            "[[a]\n",
        ] {
            assert!(parts(text).is_none(), "{text}");
        }
        assert!(cut("[[a]]\n", ARRAYS, PIECE).is_none());
    }
}
