//! Spans of time, cadences, sizes and rates as people write them in prose.
//!
//! In: the text of a cell, such as `< 4 hours`, `Within 15 min`, `every two weeks`, `400 GB`.
//! Out: seconds, or the spelling of an environment's TOML. Nothing is made up: a text that says no
//! quantity gives none.

use jiff::{Span, SpanRelativeTo, Unit};

use crate::model::units::format_seconds;

const DAY: i64 = 86_400;

/// Words that say on which side of a quantity one must stay, and nothing about its size.
const BOUNDS: &[&str] = &[
    "within",
    "under",
    "below",
    "less",
    "than",
    "up",
    "to",
    "at",
    "most",
    "max",
    "max.",
    "maximum",
    "minimum",
    "min.",
    "least",
    "about",
    "approx",
    "approx.",
    "approximately",
    "around",
    "every",
    "each",
    "after",
    "for",
    "of",
    "data",
    "loss",
    "downtime",
    "no",
    "more",
    "over",
    "above",
    "the",
    "last",
    "old",
    "once",
    "per",
    "a",
    "an",
];

/// Returns the seconds of a span such as `< 4 hours` or `1 h 30 min`; months count 30 days and
/// years 365.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = plain(text)
        .replace("half a day", "12 h")
        .replace("half an hour", "30 min");
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !BOUNDS.contains(word))
        .collect();
    let mut span = words.join(" ");
    if let Some(one) = words.first().filter(|word| is_unit(word)) {
        // `every week`.
        if words.len() == 1 {
            span = format!("1 {one}");
        }
    }
    for (word, number) in NUMBERS {
        if let Some(rest) = span.strip_prefix(word).filter(|rest| rest.starts_with(' ')) {
            span = format!("{number}{rest}");
        }
    }
    // What follows the quantity explains it: `4 hours for critical services`.
    let kept: Vec<&str> = span
        .split(' ')
        .take_while(|word| {
            word.starts_with(|c: char| c.is_ascii_digit()) || is_unit(word) || *word == "and"
        })
        .filter(|word| *word != "and")
        .collect();
    of_span(&kept.join(" "))
}

const NUMBERS: [(&str, u8); 12] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
    ("thirty", 30),
];

fn is_unit(word: &str) -> bool {
    matches!(
        word.trim_end_matches(['s', '.', ',']),
        "sec"
            | "second"
            | ""
            | "m"
            | "min"
            | "minute"
            | "h"
            | "hr"
            | "hour"
            | "d"
            | "day"
            | "w"
            | "wk"
            | "week"
            | "month"
            | "mo"
            | "y"
            | "yr"
            | "year"
            | "quarter"
    ) && !word.is_empty()
}

fn of_span(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(['.', ',', ';']);
    if let Some(count) = text
        .strip_suffix(" quarters")
        .or_else(|| text.strip_suffix(" quarter"))
    {
        return count.parse::<i64>().ok().map(|count| count * 92 * DAY);
    }
    let span: Span = text.parse().ok()?;
    let days = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 30;
    let rest = span.try_years(0).ok()?.try_months(0).ok()?;
    let total = rest
        .total((Unit::Second, SpanRelativeTo::days_are_24_hours()))
        .ok()?;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "whole seconds of at most some years"
    )]
    let total = total.round() as i64;
    Some(days * DAY + total).filter(|seconds| *seconds >= 0)
}

/// Returns a span as the TOML spells it: whole minutes below an hour as such.
pub(super) fn span(seconds: i64) -> String {
    if (120..3600).contains(&seconds) && seconds % 60 == 0 {
        format!("{}m", seconds / 60)
    } else {
        format_seconds(seconds)
    }
}

/// How often something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cadence {
    /// As each change happens.
    Continuous,
    /// A word of the TOML, such as `quarterly`, with its seconds.
    Word(&'static str, i64),
    /// Again after so many seconds.
    Every(i64),
    /// Five fields of cron.
    Cron(String),
}

/// Returns how often something happens, such as `Nightly`, `twice a day` or `*/5 * * * *`.
pub(super) fn cadence(text: &str) -> Option<Cadence> {
    let lower = plain(text);
    if lower.split_whitespace().count() == 5 && lower.split_whitespace().all(is_cron_field) {
        return Some(Cadence::Cron(lower));
    }
    let has =
        |word: &str| lower.split([' ', '-', '/', ',']).any(|one| one == word) || lower == word;
    let any = |words: &[&str]| {
        words
            .iter()
            .any(|word| has(word) || (word.contains(' ') && lower.contains(word)))
    };
    if any(&[
        "continuous",
        "continuously",
        "streaming",
        "realtime",
        "real time",
        "synchronous",
        "asynchronous",
        "live",
    ]) || lower.contains("real-time")
        || lower.contains("every change")
        || lower.contains("on change")
        || lower.contains("each change")
        || lower.contains("every commit")
    {
        return Some(Cadence::Continuous);
    }
    for (often, parts) in [
        ("twice", 2),
        ("two times", 2),
        ("three times", 3),
        ("four times", 4),
    ] {
        if let Some((_, rest)) = lower.split_once(often) {
            let (_, whole) = words_of(rest)?;
            let part = whole / parts;
            return Some(named(part).unwrap_or(Cadence::Every(part)));
        }
    }
    if let Some((word, seconds)) = words_of(&lower) {
        return Some(Cadence::Word(word, seconds));
    }
    let seconds = seconds(text).filter(|seconds| *seconds > 0)?;
    // `every 6 months` counts days as the word for it does.
    Some(
        named(seconds)
            .filter(|_| lower.contains("month"))
            .unwrap_or(Cadence::Every(seconds)),
    )
}

/// The words for cadences, as the TOML has them, with the longest time between two occasions.
const CADENCES: [(&str, i64, &[&str]); 8] = [
    (
        "half-yearly",
        184 * DAY,
        &[
            "half-yearly",
            "half yearly",
            "semi-annually",
            "semi-annual",
            "semiannually",
            "semiannual",
            "biannually",
            "biannual",
        ],
    ),
    (
        "biweekly",
        14 * DAY,
        &["biweekly", "bi-weekly", "fortnightly"],
    ),
    ("hourly", 3600, &["hourly", "hour"]),
    ("daily", DAY, &["daily", "nightly", "day", "night"]),
    ("weekly", 7 * DAY, &["weekly", "week"]),
    ("monthly", 31 * DAY, &["monthly", "month"]),
    ("quarterly", 92 * DAY, &["quarterly", "quarter"]),
    (
        "yearly",
        366 * DAY,
        &["yearly", "annually", "annual", "year"],
    ),
];

/// Returns the cadence that a text without numbers has a word for.
fn words_of(text: &str) -> Option<(&'static str, i64)> {
    let padded = format!(" {} ", text.replace([',', '/'], " "));
    let numbered = text.chars().any(|c| c.is_ascii_digit())
        || NUMBERS
            .iter()
            .any(|(word, _)| padded.contains(&format!(" {word} ")));
    let found = CADENCES.iter().find(|(_, _, words)| {
        words.iter().any(|word| {
            // A bare unit is a cadence only without a number: `every week`, and not `2 week`.
            let bare = matches!(
                *word,
                "hour" | "day" | "night" | "week" | "month" | "quarter" | "year"
            );
            (!bare || !numbered) && padded.contains(&format!(" {word} "))
        })
    });
    found.map(|(word, seconds, _)| (*word, *seconds))
}

/// Returns the word for a cadence of about so many seconds.
fn named(seconds: i64) -> Option<Cadence> {
    let (word, exact) = match seconds / DAY {
        30 | 31 => ("monthly", 31),
        90..=92 => ("quarterly", 92),
        180..=184 => ("half-yearly", 184),
        360..=366 => ("yearly", 366),
        _ => return None,
    };
    Some(Cadence::Word(word, exact * DAY))
}

fn is_cron_field(field: &str) -> bool {
    field.starts_with(|c: char| c.is_ascii_digit() || c == '*')
        && field
            .chars()
            .all(|c| c.is_ascii_digit() || "*,/-".contains(c))
}

/// An amount of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// A number.
    Count(i64),
    /// A size in the spelling of the TOML, such as `400GB`.
    Size(String),
}

/// Returns an amount such as `10`, `64 cores` or `400 GB`.
pub(super) fn amount(text: &str) -> Option<Amount> {
    let text = text.trim().replace([',', '_'], "");
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    if number.is_empty() {
        return None;
    }
    let unit = rest.trim().split([' ', '(']).next().unwrap_or_default();
    let unit = match unit.to_ascii_lowercase().as_str() {
        "kb" => Some("kB"),
        "kib" | "ki" => Some("KiB"),
        "mb" => Some("MB"),
        "mib" | "mi" => Some("MiB"),
        "gb" | "g" => Some("GB"),
        "gib" | "gi" => Some("GiB"),
        "tb" | "t" => Some("TB"),
        "tib" | "ti" => Some("TiB"),
        "pb" => Some("PB"),
        _ => None,
    };
    match unit {
        Some(unit) => Some(Amount::Size(format!("{number}{unit}"))),
        None => number.parse().ok().map(Amount::Count),
    }
}

/// Returns a rate such as `1 Gbit/s` in the spelling of the TOML.
pub(super) fn rate(text: &str) -> Option<String> {
    let lower = plain(text);
    let at = lower.find(|c: char| c.is_ascii_digit())?;
    let tail = &lower[at..];
    let end = tail
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(tail.len());
    let (number, unit) = tail.split_at(end);
    let unit = match unit.trim_start() {
        unit if unit.starts_with("kb") => "kbps",
        unit if unit.starts_with("mb") => "Mbps",
        unit if unit.starts_with("gb") => "Gbps",
        unit if unit.starts_with("tb") => "Tbps",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

/// Returns a latency such as `< 100 ms` in the spelling of the TOML.
pub(super) fn latency(text: &str) -> Option<String> {
    let lower = plain(text);
    let digits: String = lower
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    let (_, rest) = lower.split_once(&digits).filter(|_| !digits.is_empty())?;
    let rest = rest.trim_start();
    (rest.starts_with("ms") || rest.starts_with("milli")).then(|| format!("{digits}ms"))
}

/// Returns whether a cell says that there is nothing to say.
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    matches!(
        text.as_str(),
        "" | "-" | "--" | "–" | "—" | "n/a" | "na" | "none" | "no"
    )
}

/// Lower case, without signs of comparison.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let signs = lower.replace(['<', '>', '≤', '≥', '=', '~', '≈'], " ");
    signs.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_prose_are_seconds() {
        for (text, want) in [
            ("4 hours", 14_400),
            ("< 30 seconds", 30),
            ("Within 15 min", 900),
            ("≤ 4h", 14_400),
            ("4 hours for critical services", 14_400),
            ("< 1 hour data loss", 3600),
            ("1 week", 7 * DAY),
            ("1 h 30 min", 5400),
            ("60 seconds", 60),
            ("two weeks", 14 * DAY),
            ("every 6 hours", 21_600),
            ("1 month", 30 * DAY),
            ("2 years", 730 * DAY),
            ("15m", 900),
            ("1.5 hours", 5400),
        ] {
            assert_eq!(seconds(text), Some(want), "{text}");
        }
        for text in [
            "Immediate",
            "On resolution",
            "N/A",
            "30 copies",
            "",
            "soon",
            "4",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn cadences_are_words_spans_or_cron() {
        assert_eq!(cadence("Daily"), Some(Cadence::Word("daily", DAY)));
        assert_eq!(
            cadence("Nightly at 02:00"),
            Some(Cadence::Word("daily", DAY))
        );
        assert_eq!(
            cadence("Annually"),
            Some(Cadence::Word("yearly", 366 * DAY))
        );
        assert_eq!(cadence("Every change"), Some(Cadence::Continuous));
        assert_eq!(cadence("every 15 minutes"), Some(Cadence::Every(900)));
        assert_eq!(cadence("twice a day"), Some(Cadence::Every(DAY / 2)));
        assert_eq!(
            cadence("0 2 * * *"),
            Some(Cadence::Cron("0 2 * * *".into()))
        );
        for (text, word) in [
            ("every month", "monthly"),
            ("every 6 months", "half-yearly"),
            ("twice a year", "half-yearly"),
            ("once a year", "yearly"),
        ] {
            assert!(
                matches!(cadence(text), Some(Cadence::Word(found, _)) if found == word),
                "{text}"
            );
        }
        assert_eq!(cadence("every 2 weeks"), Some(Cadence::Every(14 * DAY)));
        assert_eq!(cadence("when needed"), None);
    }

    #[test]
    fn amounts_rates_and_latencies_are_spelled_as_toml_wants() {
        assert_eq!(amount("400 GB"), Some(Amount::Size("400GB".into())));
        assert_eq!(amount("64 cores"), Some(Amount::Count(64)));
        assert_eq!(amount("1,000"), Some(Amount::Count(1000)));
        assert_eq!(amount("enough"), None);
        assert_eq!(rate("1 Gbps minimum").as_deref(), Some("1Gbps"));
        assert_eq!(rate("at least 500 Mbit/s").as_deref(), Some("500Mbps"));
        assert_eq!(rate("60 seconds"), None);
        assert_eq!(latency("< 100ms").as_deref(), Some("100ms"));
        assert_eq!(latency("80 ms round trip").as_deref(), Some("80ms"));
        assert_eq!(latency("100"), None);
    }
}
