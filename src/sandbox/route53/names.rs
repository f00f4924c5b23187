//! Domain names as Route 53 stores and orders them.
//!
//! In: a name as a client writes it. Out: lower case, with the final dot, and everything outside
//! `a-z 0-9 - _ .` as a three-digit octal escape, so `*` is `\052` (developer guide, "DNS domain
//! name format"). It must not know zones or records.

/// The stored form of a name, or the service's reason to refuse it.
pub(crate) fn canonical(name: &str) -> Result<String, String> {
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(bytes.len() + 1);
    let mut label = 0;
    let mut length = 0;
    let mut at = 0;
    while at < bytes.len() {
        let escaped = escape_at(&bytes[at..]);
        let byte = escaped.unwrap_or(bytes[at]);
        at += if escaped.is_some() { 4 } else { 1 };
        length += 1;
        if byte == b'.' && escaped.is_none() {
            if label == 0 {
                return Err(fatal("DomainLabelEmpty", "Domain label is empty", name));
            }
            label = 0;
            out.push('.');
            continue;
        }
        label += 1;
        if label > 63 {
            return Err(fatal(
                "DomainLabelTooLong",
                "Domain label is too long",
                name,
            ));
        }
        let byte = byte.to_ascii_lowercase();
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_' {
            out.push(char::from(byte));
        } else {
            out.push('\\');
            out.extend(
                [byte >> 6, (byte >> 3) & 7, byte & 7].map(|digit| char::from(b'0' + digit)),
            );
        }
    }
    if !out.ends_with('.') {
        out.push('.');
    }
    if out == "." {
        return Err(fatal("DomainLabelEmpty", "Domain label is empty", name));
    }
    if length > 255 {
        return Err(fatal("DomainNameTooLong", "Domain name is too long", name));
    }
    Ok(out)
}

/// The byte of an octal escape at the start, as `\052`.
fn escape_at(bytes: &[u8]) -> Option<u8> {
    let digits = bytes.strip_prefix(b"\\")?.get(..3)?;
    let value = digits.iter().try_fold(0_u16, |value, digit| match digit {
        b'0'..=b'7' => Some(value * 8 + u16::from(digit - b'0')),
        _ => None,
    })?;
    u8::try_from(value).ok()
}

fn fatal(code: &str, text: &str, name: &str) -> String {
    format!("FATAL problem: {code} ({text}) encountered with '{name}'")
}

/// The name with its labels reversed, `com.example.www.`: sets are listed in ASCII order of this,
/// escapes as stored and the final dot included (ListResourceRecordSets, "Sort order").
pub(crate) fn reversed(canonical: &str) -> String {
    let mut out = String::with_capacity(canonical.len());
    for label in canonical.trim_end_matches('.').rsplit('.') {
        out.push_str(label);
        out.push('.');
    }
    out
}

/// Whether a name is the zone's name or below it.
pub(crate) fn within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_form() {
        for (given, stored) in [
            ("WWW.Example.com", "www.example.com."),
            ("*.example.com.", "\\052.example.com."),
            ("\\052.example.com", "\\052.example.com."),
            ("a@b.example.com", "a\\100b.example.com."),
            ("_dmarc.x-y.com", "_dmarc.x-y.com."),
            ("a\\056b.com", "a\\056b.com."),
            ("\\101.com", "a.com."),
            ("ä.com", "\\303\\244.com."),
        ] {
            assert_eq!(canonical(given).as_deref(), Ok(stored));
            assert_eq!(canonical(stored).as_deref(), Ok(stored), "stable");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_stored_form_is_stable_and_plain(name in ".{0,40}") {
            if let Ok(stored) = canonical(&name) {
                let plain = |byte: u8| {
                    byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || b"-_.\\".contains(&byte)
                };
                proptest::prop_assert!(stored.bytes().all(plain));
                proptest::prop_assert_eq!(canonical(&stored), Ok(stored.clone()));
            }
        }
    }

    #[test]
    fn refused() {
        let long = "a".repeat(64);
        for name in ["", ".", "a..b", ".a", &long, &vec!["a"; 200].join(".")] {
            assert!(canonical(name).is_err(), "{name}");
        }
    }

    #[test]
    fn order_takes_the_final_dot_into_account() {
        let mut names = [
            "b.example.com.",
            "example.com.",
            "a-b.example.com.",
            "x.a.example.com.",
        ];
        names.sort_by_key(|name| reversed(name));
        assert_eq!(
            names,
            [
                "example.com.",
                "a-b.example.com.",
                "x.a.example.com.",
                "b.example.com."
            ]
        );
    }

    #[test]
    fn inside_a_zone() {
        assert!(within("example.com.", "example.com."));
        assert!(within("a.example.com.", "example.com."));
        assert!(!within("anexample.com.", "example.com."));
    }
}
