//! Makes text from anyone harmless in the Markdown of a code forge.
//!
//! In: text. Out: Markdown that shows this text and does nothing else: no markup, HTML, link,
//! mention or reference comes of it. Must not know what the text is about.

use std::fmt::Write as _;

use super::visible::visible;

/// Returns text as Markdown.
///
/// Every sign that could be markup is a character reference, which Markdown never takes for
/// structure. A space without width after `@` and `#` stops the forge from making a mention or a
/// reference of them after that.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        push(&mut out, c);
        if matches!(c, '@' | '#') {
            out.push_str("&#8203;");
        }
    }
    out
}

/// Returns text in a code element, in which a forge makes nothing of mentions and references.
pub(super) fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str("<code>");
    for c in visible(text).chars() {
        push(&mut out, c);
    }
    out.push_str("</code>");
    out
}

fn push(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() || " /,;\"'-()=+%?!".contains(c) {
        out.push(c);
    } else {
        let _ = write!(out, "&#{};", u32::from(c));
    }
}

/// Returns the start of a text, with a sign that there is more.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_text_comes_of_text() {
        assert_eq!(
            prose("a|b <img> @team #1 `x`"),
            "a&#124;b &#60;img&#62; &#64;&#8203;team &#35;&#8203;1 &#96;x&#96;"
        );
        assert_eq!(
            code("</code>@team\n"),
            "<code>&#60;/code&#62;&#64;team&#92;n</code>"
        );
        assert_eq!(prose("https://example.com"), "https&#58;//example&#46;com");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("ñandú", 2), "ña…");
        assert_eq!(cut("ab", 2), "ab");
    }
}
