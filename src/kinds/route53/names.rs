//! Domain names as Route 53 writes them, and the order in which it lists them.
//!
//! Rule: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>

use std::fmt::Write as _;

/// Returns a name as the service stores it: lower case, escaped, with the final dot.
pub(in crate::kinds) fn to_wire(name: &str) -> String {
    let mut wire = String::with_capacity(name.len() + 1);
    for byte in name.bytes() {
        match byte.to_ascii_lowercase() {
            plain @ (b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.') => wire.push(plain.into()),
            other => {
                // Writing to a String cannot fail.
                let _ = write!(wire, "\\{other:03o}");
            }
        }
    }
    wire.push('.');
    wire
}

/// Returns a name as people write it: every octal escape resolved, without the final dot.
pub(in crate::kinds) fn from_wire(wire: &str) -> String {
    let wire = wire.strip_suffix('.').unwrap_or(wire);
    if !wire.contains('\\') {
        return wire.to_ascii_lowercase();
    }
    String::from_utf8_lossy(&unescape(wire)).to_lowercase()
}

/// Resolves `\ooo` to the byte with that octal number, and `\x` to `x`.
pub(in crate::kinds) fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            plain.push(bytes[at]);
            at += 1;
            continue;
        }
        let octal = text
            .get(at + 1..at + 4)
            .filter(|digits| digits.bytes().all(|d| (b'0'..=b'7').contains(&d)));
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            plain.push(byte);
            at += 4;
        } else {
            plain.extend(bytes.get(at + 1));
            at += 2;
        }
    }
    plain
}

/// Returns the key by which the service orders names: the labels in reverse, each with its dot.
pub(in crate::kinds) fn order_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 1);
    for label in name.rsplit('.') {
        key.push_str(label);
        key.push('.');
    }
    key
}

/// Returns whether a name's place in the service's order is beyond doubt: only letters, digits,
/// underscores and dots. (Escapes and hyphens sort around the dot, where sources differ.)
pub(in crate::kinds) fn has_certain_order(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wild_cards_and_at_signs_are_octal_on_the_wire() {
        assert_eq!(to_wire("*.Example.com"), r"\052.example.com.");
        assert_eq!(to_wire("a@b"), r"a\100b.");
        assert_eq!(from_wire(r"\052.example.com."), "*.example.com");
        assert_eq!(from_wire(r"\100.example.com."), "@.example.com");
    }

    #[test]
    fn names_are_ordered_by_reversed_labels() {
        let mut names = [
            "b.example.com",
            "example.com",
            "a.example.com",
            "x.a.example.com",
        ];
        names.sort_by_key(|name| order_key(name));
        assert_eq!(
            names,
            [
                "example.com",
                "a.example.com",
                "x.a.example.com",
                "b.example.com"
            ]
        );
    }
}
