//! Makes characters visible that a terminal would obey or hide.
//!
//! In: text from anyone. Out: text that only shows. Must not know what the text is about.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character is obeyed or hidden by terminals and editors, and not shown:
/// controls, marks of direction, characters without width.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the text with each hidden character as an escape such as `\n` or `\u{1b}`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns the text with each hidden character but line breaks and tabs replaced by a sign of as
/// many bytes, so that ranges of bytes still fit.
pub(super) fn visible_in_place(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !hidden(c) || (c == '\r' && chars.peek() == Some(&'\n')) {
            out.push(c);
        } else {
            out.push_str(match c.len_utf8() {
                1 => "?",
                2 => "\u{bf}",
                3 => "\u{fffd}",
                _ => "\u{fffd}?",
            });
        }
    }
    Cow::Owned(out)
}

/// Returns JSON with each hidden character in it as an escape; it stays the same JSON.
///
/// Outside its strings JSON that we write has no hidden character but line breaks, and inside
/// them no line break.
pub(super) fn visible_json(json: &str) -> Cow<'_, str> {
    let hidden = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(hidden) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(
            visible("a\u{1b}[2Jb\nc\u{202e}d\u{9b}"),
            "a\\u{1b}[2Jb\\nc\\u{202e}d\\u{9b}"
        );
        assert_eq!(visible("bücher → ✓"), "bücher → ✓");
    }

    #[test]
    fn excerpts_keep_their_bytes() {
        for text in [
            "a\u{1b}b",
            "a\u{9b}b",
            "a\u{202e}b",
            "a\u{e0001}b",
            "a\r\nb\rc",
        ] {
            let shown = visible_in_place(text);
            assert_eq!(shown.len(), text.len());
            assert!(!shown.replace("\r\n", "").contains(is_hidden));
        }
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let text = "a\u{1b}\u{9b}\u{202e}\u{e0001}\n";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let shown = visible_json(&json);
        assert!(!shown.replace('\n', "").contains(is_hidden));
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
    }
}
