//! Names and ARNs of buckets.

use crate::kinds::Entry;
use crate::model::Finding;
use crate::model::units::{ARN, TextRule};

/// The name of a bucket.
pub(super) static BUCKET: TextRule = TextRule {
    name: "a bucket name",
    example: "archive-eu-west-1",
    canonical: |text| match fault(text) {
        None => Ok(text.to_owned()),
        Some(why) => Err(why.to_owned()),
    },
};

/// A bucket by name or ARN; canonical as ARN.
pub(super) static BUCKET_ARN: TextRule = TextRule {
    name: "a bucket name or ARN",
    example: "arn:aws:s3:::archive-eu-west-1",
    canonical: |text| {
        if text.starts_with("arn:") {
            (ARN.canonical)(text)
        } else {
            (BUCKET.canonical)(text).map(|name| format!("arn:aws:s3:::{name}"))
        }
    },
};

const FIRST_WORDS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const LAST_WORDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Returns why a text is no bucket name.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn fault(text: &str) -> Option<&'static str> {
    let is_end = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    if !(3..=63).contains(&bytes.len()) {
        return Some("it has 3 to 63 characters");
    }
    if !bytes
        .iter()
        .all(|byte| is_end(Some(byte)) || matches!(byte, b'.' | b'-'))
    {
        return Some("it has lower-case letters, digits, dots and hyphens only");
    }
    if !is_end(bytes.first()) || !is_end(bytes.last()) {
        return Some("it begins and ends with a letter or a digit");
    }
    if text.contains("..") {
        return Some("it has no two dots in a row");
    }
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("it does not look like an IP address");
    }
    if FIRST_WORDS.iter().any(|word| text.starts_with(word)) {
        return Some("it does not begin with xn--, sthree- or amzn-s3-demo-");
    }
    if LAST_WORDS.iter().any(|word| text.ends_with(word)) {
        return Some(
            "it does not end with -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3, which S3 keeps",
        );
    }
    None
}

/// Returns the name of the bucket of an entry, or reports once for all its parts that it is none.
pub(super) fn of(entry: &mut Entry<'_>) -> Option<String> {
    let settings = entry.settings;
    if let Some(bucket) = settings.text("bucket") {
        return Some(bucket.to_owned());
    }
    let name = settings.text("name").unwrap_or_default();
    let Some(why) = fault(name) else {
        return Some(name.to_owned());
    };
    let mut finding = Finding::error(
        "bad-bucket-name",
        format!("`{name}` is not a bucket name: {why}"),
    )
    .help("give the name of the bucket in `bucket`");
    if let Some(span) = entry.spans.of("/name") {
        finding = finding.at(span, "");
    }
    if !entry.findings.contains(&finding) {
        entry.findings.push(finding);
    }
    None
}

/// Returns the name of the bucket that an ARN ends with: that of S3, or of MinIO's remote targets.
pub(super) fn in_arn(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules_of_s3() {
        for right in ["abc", "a.b-c", "0archive9", &"a".repeat(63)] {
            assert_eq!(fault(right), None, "{right}");
        }
        for wrong in [
            "ab",
            &"a".repeat(64),
            "Archive",
            "a_b",
            "-ab",
            "ab.",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
        ] {
            assert!(fault(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_bucket_is_named_or_given_as_an_arn() {
        let canonical = BUCKET_ARN.canonical;
        assert_eq!(canonical("archive"), Ok("arn:aws:s3:::archive".into()));
        for arn in [
            "arn:aws-cn:s3:::archive",
            "arn:minio:replication::7f3a:archive",
        ] {
            assert_eq!(canonical(arn), Ok(arn.into()));
            assert_eq!(in_arn(arn), "archive");
        }
        assert!(canonical("Archive").is_err());
    }
}
