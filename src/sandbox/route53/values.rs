//! The syntax of record values, type by type.
//!
//! In: a type and a value. Out: the service's reason to refuse it, if any (developer guide,
//! "Supported DNS record types"). It must not know record sets or zones.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::names;

/// The record types that Route 53 has.
pub(crate) const TYPES: [&str; 17] = [
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV",
    "SSHFP", "SVCB", "TLSA", "TXT",
];

/// The longest value, in characters.
const LONGEST: usize = 4000;

/// Why a value cannot be one of that type.
pub(crate) fn problem(kind: &str, value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let problem = match kind {
        _ if value.chars().count() > LONGEST => Some(("ValueTooLong", "Value is too long")),
        _ if words.is_empty() => Some(("RRDATANotSingleField", "Value must not be empty")),
        "A" if value.parse::<Ipv4Addr>().is_err() => Some((
            "ARRDATAIllegalIPv4Address",
            "Value is not a valid IPv4 address",
        )),
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => Some((
            "AAAARRDATAIllegalIPv6Address",
            "Value is not a valid IPv6 address",
        )),
        "TXT" | "SPF" => strings(value),
        "CNAME" | "NS" | "PTR" => match words.as_slice() {
            [name] => domain(name),
            _ => Some(("RRDATANotSingleField", "Value contains spaces")),
        },
        "MX" => match words.as_slice() {
            [preference, host] if number(preference) => domain(host),
            [_, _] => Some(("MXRRDATAInvalidPreference", "MX preference must be 0-65535")),
            _ => Some(("MXRRDATANotTwoFields", "MX record doesn't have 2 fields")),
        },
        "SRV" => match words.as_slice() {
            [priority, weight, port, host]
                if [priority, weight, port].iter().all(|n| number(n)) =>
            {
                if *host == "." {
                    None
                } else {
                    domain(host)
                }
            }
            [_, _, _, _] => Some(("SRVRRDATAInvalidNumber", "SRV numbers must be 0-65535")),
            _ => Some(("SRVRRDATANotFourFields", "SRV record doesn't have 4 fields")),
        },
        "CAA" => caa(value),
        "SOA" if words.len() != 7 => Some((
            "SOARRDATANotSevenFields",
            "SOA record doesn't have 7 fields",
        )),
        _ => None,
    };
    problem.map(|(code, text)| format!("FATAL problem: {code} ({text}) encountered with '{value}'"))
}

fn number(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn domain(name: &str) -> Option<(&'static str, &'static str)> {
    names::canonical(name)
        .err()
        .map(|_| ("IllegalDomainName", "Value is not a domain name"))
}

/// One or more quoted strings of at most 255 characters each.
fn strings(value: &str) -> Option<(&'static str, &'static str)> {
    let mut characters = value.trim().chars().peekable();
    while let Some(first) = characters.next() {
        if first != '"' {
            return Some((
                "InvalidCharacterString",
                "Value should be enclosed in quotation marks",
            ));
        }
        let mut length = 0;
        let mut closed = false;
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    closed = true;
                    break;
                }
                '\\' => {
                    let digits = characters
                        .clone()
                        .take_while(|c| ('0'..='7').contains(c))
                        .take(3)
                        .count();
                    for _ in 0..if digits == 3 { 3 } else { 1 } {
                        characters.next();
                    }
                    length += 1;
                }
                _ => length += 1,
            }
        }
        if !closed {
            return Some((
                "InvalidCharacterString",
                "Value should be enclosed in quotation marks",
            ));
        }
        if length > 255 {
            return Some(("CharacterStringTooLong", "Value is too long"));
        }
        while characters
            .next_if(|character| character.is_whitespace())
            .is_some()
        {}
    }
    None
}

/// `FLAGS TAG "VALUE"`.
fn caa(value: &str) -> Option<(&'static str, &'static str)> {
    let mut words = value.trim().splitn(3, char::is_whitespace);
    let flags = words
        .next()
        .is_some_and(|flags| flags.parse::<u8>().is_ok());
    let tag = words
        .next()
        .is_some_and(|tag| !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    let Some(text) = words.next() else {
        return Some((
            "CAARRDATANotThreeFields",
            "CAA record doesn't have 3 fields",
        ));
    };
    if !flags || !tag {
        return Some(("CAARRDATAInvalid", "CAA flags or tag is not valid"));
    }
    strings(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax() {
        let fits = format!("\"{}\" \"{}\"", "a".repeat(255), "b".repeat(255));
        let long = format!("\"{}\"", "a".repeat(256));
        let huge = format!("\"{}\"", "a\" \"".repeat(1000));
        for (kind, value, good) in [
            ("A", "192.0.2.1", true),
            ("A", "not-an-ip", false),
            ("A", "192.0.2.300", false),
            ("AAAA", "2001:db8::1", true),
            ("AAAA", "192.0.2.1", false),
            ("TXT", "\"v=spf1 -all\"", true),
            ("TXT", "\"a\\\"b\\044\" \"c\"", true),
            ("TXT", "unquoted", false),
            ("TXT", "\"open", false),
            ("TXT", &fits, true),
            ("TXT", &long, false),
            ("TXT", &huge, false),
            ("SPF", "x", false),
            ("MX", "10 mail.example.com", true),
            ("MX", "mail.example.com", false),
            ("MX", "70000 mail.example.com", false),
            ("SRV", "1 2 443 host.example.com.", true),
            ("SRV", "1 2 host.example.com.", false),
            ("SRV", "0 0 0 .", true),
            ("CAA", "0 issue \"ca.example\"", true),
            ("CAA", "0 issue ca.example", false),
            ("CAA", "300 issue \"ca.example\"", false),
            ("CNAME", "a.example.com", true),
            ("CNAME", "a b", false),
            ("NS", "a..b", false),
            ("SOA", "a b 1 2 3 4 5", true),
            ("SOA", "a b 1", false),
            ("DS", "", false),
            ("DS", "1 2 3 abc", true),
        ] {
            assert_eq!(problem(kind, value).is_none(), good, "{kind} {value}");
        }
    }
}
