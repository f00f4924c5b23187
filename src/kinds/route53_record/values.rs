//! The values of a record: the canonical spelling of each type, and the service's own.
//!
//! Rule: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::kinds::route53::names::{from_wire, to_wire, unescape};
use crate::model::units::DOMAIN;

/// The longest string of a TXT value, in bytes; longer texts are several strings.
const MAX_STRING: usize = 255;

/// Returns the canonical spelling of a value that a person wrote, or why it is none.
pub(super) fn canonical(kind: &str, text: &str) -> Result<String, String> {
    match kind {
        // The parser knows one spelling of an IPv4 address: without leading zeros.
        "A" => match text.trim().parse::<Ipv4Addr>() {
            Ok(_) => Ok(text.trim().to_owned()),
            Err(_) => Err("it is not an IPv4 address".to_owned()),
        },
        "AAAA" => match text.trim().parse::<Ipv6Addr>() {
            Ok(ip) => Ok(ip.to_string()),
            Err(_) => Err("it is not an IPv6 address".to_owned()),
        },
        "CNAME" | "NS" | "PTR" => {
            let mut words = text.split_whitespace();
            match (words.next(), words.next()) {
                (Some(name), None) => host(name),
                _ => Err("it is not one domain name".to_owned()),
            }
        }
        "TXT" | "SPF" => Ok(text_of(text)),
        _ => of_words(kind, text),
    }
}

/// Returns the canonical spelling of a value that is made of words.
fn of_words(kind: &str, text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |word: &str, what: &str, max: u32| {
        word.parse::<u32>()
            .ok()
            .filter(|number| *number <= max)
            .map(|number| number.to_string())
            .ok_or_else(|| format!("{what} is a number from 0 to {max}, not `{word}`"))
    };
    match (kind, words.as_slice()) {
        ("MX", [priority, name]) => Ok(format!("{} {}", number(priority, "the priority", 65_535)?, host(name)?)),
        ("MX", _) => Err("an MX value is a priority and a domain name, such as `10 mail.example.com`".to_owned()),
        ("SRV", [priority, weight, port, name]) => Ok(format!(
            "{} {} {} {}",
            number(priority, "the priority", 65_535)?,
            number(weight, "the weight", 65_535)?,
            number(port, "the port", 65_535)?,
            host(name)?
        )),
        ("SRV", _) => Err("an SRV value is priority, weight, port and a domain name, such as `1 10 5269 xmpp.example.com`".to_owned()),
        ("CAA", [flags, tag, value @ ..]) if !value.is_empty() => {
            let value = value.join(" ");
            let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&value);
            Ok(format!("{} {} \"{value}\"", number(flags, "the flags", 255)?, tag.to_ascii_lowercase()))
        }
        ("CAA", _) => Err("a CAA value is flags, tag and value, such as `0 issue \"ca.example.com\"`".to_owned()),
        ("DS" | "TLSA" | "SSHFP", _) => Ok(words.join(" ").to_ascii_lowercase()),
        ("SOA", [mname, rname, rest @ ..]) if rest.len() == 5 => {
            Ok(format!("{} {} {}", host(mname)?, host(rname)?, rest.join(" ")))
        }
        ("SOA", _) => Err("an SOA value has seven words".to_owned()),
        _ => Ok(words.join(" ")),
    }
}

/// Returns the canonical spelling of a stored value; what cannot be read stays as it is.
pub(super) fn from_service(kind: &str, stored: &str) -> String {
    canonical(kind, stored).unwrap_or_else(|_| stored.to_owned())
}

/// Returns a canonical value as the service wants it.
pub(super) fn to_service(kind: &str, canonical: &str) -> String {
    let dotted = |text: &str| match text.rsplit_once(' ') {
        Some((before, name)) => format!("{before} {}", host_to_wire(name)),
        None => host_to_wire(text),
    };
    match kind {
        "CNAME" | "NS" | "PTR" | "MX" | "SRV" => dotted(canonical),
        "SOA" => {
            let mut words = canonical.splitn(3, ' ');
            let (mname, rname) = (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            );
            format!(
                "{} {} {}",
                host_to_wire(mname),
                host_to_wire(rname),
                words.next().unwrap_or_default()
            )
        }
        "TXT" | "SPF" => quoted(canonical),
        _ => canonical.to_owned(),
    }
}

/// Returns how many characters a value counts towards the limit of a batch.
pub(super) fn characters(stored: &str) -> usize {
    stored.chars().count()
}

fn host(name: &str) -> Result<String, String> {
    // A single dot is the root: "no such service" in MX and SRV values.
    if name == "." {
        return Ok(name.to_owned());
    }
    if name.contains('\\') {
        (DOMAIN.canonical)(&from_wire(name))
    } else {
        (DOMAIN.canonical)(name)
    }
}

fn host_to_wire(name: &str) -> String {
    if name == "." {
        name.to_owned()
    } else {
        to_wire(name)
    }
}

/// Joins the quoted strings of a TXT value into the text they mean; a text without quotes is
/// itself.
fn text_of(text: &str) -> String {
    let trimmed = text.trim();
    let Some(rest) = trimmed.strip_prefix('"') else {
        return text.to_owned();
    };
    // Most values are one string without escapes.
    if let Some(one) = rest.strip_suffix('"')
        && !one.bytes().any(|byte| matches!(byte, b'"' | b'\\'))
    {
        return one.to_owned();
    }
    let mut joined = Vec::with_capacity(trimmed.len());
    let mut string = String::new();
    let (mut inside, mut escaped) = (false, false);
    for c in trimmed.chars() {
        match (inside, escaped, c) {
            (true, true, c) => {
                string.push('\\');
                string.push(c);
                escaped = false;
            }
            (true, false, '\\') => escaped = true,
            (true, false, '"') => {
                joined.extend(unescape(&string));
                string.clear();
                inside = false;
            }
            (true, false, c) => string.push(c),
            (false, _, '"') => inside = true,
            (false, _, c) if c.is_whitespace() => {}
            // Something stands outside the quotes: it is not a list of strings.
            (false, ..) => return text.to_owned(),
        }
    }
    if inside {
        return text.to_owned();
    }
    String::from_utf8(joined).unwrap_or_else(|_| text.to_owned())
}

/// Writes a text as quoted strings of at most 255 bytes; bytes beyond printable ASCII, quotes and
/// backslashes are escaped.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let bytes = text.as_bytes();
    let chunks = if bytes.is_empty() {
        vec![bytes]
    } else {
        bytes.chunks(MAX_STRING).collect()
    };
    for (index, chunk) in chunks.into_iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push('"');
        for byte in chunk {
            match byte {
                b'"' | b'\\' => {
                    out.push('\\');
                    out.push(char::from(*byte));
                }
                0x20..=0x7e => out.push(char::from(*byte)),
                other => {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\{other:03o}");
                }
            }
        }
        out.push('"');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Phantom differences: what a person writes, and what the service answers for the same thing.
    #[test]
    fn spellings_that_mean_the_same_are_one() {
        for (kind, written, stored) in [
            ("CNAME", "Target.Example.COM", "target.example.com."),
            ("CNAME", "target.example.com.", "target.example.com"),
            ("CNAME", "bücher.example", "xn--bcher-kva.example."),
            ("CNAME", "*.example.com", r"\052.example.com."),
            ("AAAA", "2001:DB8:0:0::1", "2001:db8::1"),
            ("MX", "10   mail.example.com", "10 mail.example.com."),
            (
                "SRV",
                "1 10 5269 xmpp.example.com",
                "1 10 5269 xmpp.example.com.",
            ),
            ("MX", "0 .", "0 ."),
            ("TXT", "v=spf1 -all", "\"v=spf1 -all\""),
            ("TXT", "one string", "\"one \" \"string\""),
            ("TXT", "a \"quote\"", r#""a \"quote\"""#),
            ("TXT", "é", r#""\303\251""#),
            ("TXT", "", "\"\""),
            (
                "CAA",
                "0 Issue \"ca.example.com\"",
                "0 issue \"ca.example.com\"",
            ),
            (
                "CAA",
                "0 issue ca.example.com",
                "0 issue \"ca.example.com\"",
            ),
            ("DS", "1 2 3 ABCD", "1 2 3 abcd"),
        ] {
            assert_eq!(
                canonical(kind, written),
                canonical(kind, stored),
                "{kind} {written}"
            );
        }
    }

    #[test]
    fn wrong_values_say_why() {
        for (kind, value) in [
            ("A", "not-an-ip"),
            ("AAAA", "192.0.2.1"),
            ("CNAME", "two names"),
            ("MX", "mail.example.com"),
            ("MX", "70000 mail.example.com"),
            ("SRV", "1 2 host"),
            ("CAA", "issue"),
            ("SOA", "a b"),
        ] {
            assert!(canonical(kind, value).is_err(), "{kind} {value}");
        }
    }

    #[test]
    fn a_long_text_is_cut_into_strings() {
        let stored = to_service("TXT", &"x".repeat(600));
        assert_eq!(stored.matches('"').count(), 6);
        assert_eq!(from_service("TXT", &stored), "x".repeat(600));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "[^\r\n\"]{0,400}") {
            prop_assert_eq!(from_service("TXT", &to_service("TXT", &text)), text);
        }
    }
}
