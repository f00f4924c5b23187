//! The types of texts that people write in TOML: durations, domain names, CIDR blocks, ARNs.
//!
//! Each is a rule with a name, a pattern for editors, and a function to its canonical spelling.

use std::fmt;

use ipnet::IpNet;

/// A rule that a text follows.
#[derive(Clone, Copy)]
pub struct TextRule {
    /// What the text is, with its article, such as `a domain name`.
    pub name: &'static str,
    /// An example for messages and schemas.
    pub example: &'static str,
    /// Returns the canonical spelling, or why the text breaks the rule.
    pub canonical: fn(&str) -> Result<String, String>,
}

impl fmt::Debug for TextRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Any text, kept as it is.
pub static PLAIN: TextRule = TextRule {
    name: "a text",
    example: "text",
    canonical: |text| Ok(text.to_owned()),
};

/// Any text that is not empty.
pub static NAME: TextRule = TextRule {
    name: "a name",
    example: "name",
    canonical: |text| {
        if text.trim().is_empty() {
            Err("it is empty".to_owned())
        } else {
            Ok(text.to_owned())
        }
    },
};

/// A domain name in any spelling; canonical in lower case, in punycode, without a trailing dot.
pub static DOMAIN: TextRule = TextRule {
    name: "a domain name",
    example: "app.example.com",
    canonical: domain,
};

/// A CIDR block; canonical with the host bits cleared.
pub static CIDR: TextRule = TextRule {
    name: "a CIDR block",
    example: "10.0.0.0/16",
    canonical: |text| {
        text.parse::<IpNet>()
            .map(|net| net.trunc().to_string())
            .map_err(|_| "it is not an address, a slash and a prefix length".to_owned())
    },
};

/// An Amazon Resource Name.
///
/// Rule: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub static ARN: TextRule = TextRule {
    name: "an ARN",
    example: "arn:aws:iam::123456789012:role/replication",
    canonical: |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, service, _, _, resource]
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(text.to_owned())
            }
            _ => Err("an ARN reads arn:partition:service:region:account:resource".to_owned()),
        }
    },
};

/// A JSON document; canonical with sorted keys and without white space.
pub static JSON: TextRule = TextRule {
    name: "a JSON document",
    example: r#"{"Version": "2012-10-17", "Statement": []}"#,
    canonical: |text| {
        serde_json::from_str::<super::Value>(text)
            .map(|value| value.to_string())
            .map_err(|error| format!("it is not JSON: {error}"))
    },
};

/// The largest label of a domain name, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
/// The largest domain name, in bytes without the final dot (RFC 1035, 2.3.4).
pub const MAX_DOMAIN: usize = 253;

fn domain(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(text)
            .map_err(|_| "it cannot be written in punycode (IDNA)".to_owned())?
    };
    if ascii.len() > MAX_DOMAIN {
        return Err(format!(
            "it has {} bytes, and a name has at most {MAX_DOMAIN}",
            ascii.len()
        ));
    }
    // Bytes and not characters: the name is ASCII by now, and there are ten thousands of them.
    for label in ascii.as_bytes().split(|byte| *byte == b'.') {
        let shown = || String::from_utf8_lossy(label);
        if label.is_empty() {
            return Err(
                "it has an empty label (two dots in a row, or one at the start)".to_owned(),
            );
        }
        if label.len() > MAX_LABEL {
            return Err(format!(
                "its label `{}` has more than {MAX_LABEL} bytes",
                shown()
            ));
        }
        if label.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return Err(format!("its label `{}` has white space in it", shown()));
        }
    }
    Ok(ascii)
}

const TIME_UNITS: [(&str, i64); 5] = [
    ("s", 1),
    ("m", 60),
    ("h", 3600),
    ("d", 86_400),
    ("w", 604_800),
];

/// Returns the seconds of a span of time such as `60s`, `4h` or `30d`, or why it is none.
pub fn parse_seconds(text: &str) -> Result<i64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().map_err(|_| {
        "a span of time is a whole number and a unit, such as 60s, 15m, 4h, 30d or 1w".to_owned()
    })?;
    let Some((_, factor)) = TIME_UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(if unit.is_empty() {
            format!("it has no unit; write {number}s for seconds")
        } else {
            format!("`{unit}` is no unit of time; the units are s, m, h, d and w")
        });
    };
    number
        .checked_mul(*factor)
        .ok_or_else(|| "it is too long".to_owned())
}

/// Returns a span of time in its largest unit that divides it, such as `4h`.
#[must_use]
pub fn format_seconds(seconds: i64) -> String {
    let (unit, factor) = TIME_UNITS[..4]
        .iter()
        .rev()
        .find(|(_, factor)| seconds != 0 && seconds % factor == 0)
        .unwrap_or(&TIME_UNITS[0]);
    // Short spans read best in seconds: a TTL is 300s, never 5m.
    if seconds.unsigned_abs() < 3600 {
        format!("{seconds}s")
    } else {
        format!("{}{unit}", seconds / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_with_their_unit() {
        assert_eq!(parse_seconds("60s"), Ok(60));
        assert_eq!(parse_seconds("4h"), Ok(14_400));
        assert_eq!(parse_seconds("30d"), Ok(2_592_000));
        for wrong in [
            "60",
            "s",
            "1.5h",
            "-5s",
            "5 s",
            "60 seconds",
            "99999999999999999d",
        ] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format_seconds(300), "300s");
        assert_eq!(format_seconds(14_400), "4h");
        assert_eq!(format_seconds(0), "0s");
    }

    #[test]
    fn domain_names_have_one_spelling() {
        assert_eq!(domain("App.Example.COM."), Ok("app.example.com".into()));
        assert_eq!(domain("bücher.example"), Ok("xn--bcher-kva.example".into()));
        assert_eq!(domain("*.example.com"), Ok("*.example.com".into()));
        for wrong in ["", ".", "a..b", &"a".repeat(64), &"a.".repeat(130)] {
            assert!(domain(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn cidr_blocks_lose_their_host_bits() {
        assert_eq!((CIDR.canonical)("10.1.2.3/16"), Ok("10.1.0.0/16".into()));
        assert!((CIDR.canonical)("10.1.2.3").is_err());
    }

    #[test]
    fn json_is_compared_by_meaning() {
        assert_eq!(
            (JSON.canonical)("{ \"b\": 1, \"a\": 2 }"),
            Ok(r#"{"a":2,"b":1}"#.into())
        );
    }

    #[test]
    fn an_arn_has_six_parts() {
        assert!((ARN.canonical)("arn:aws:s3:::bucket").is_ok());
        assert!((ARN.canonical)("aws:s3:::bucket").is_err());
    }
}
