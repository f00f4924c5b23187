//! The texts that only a strategy holds: cadences, retention, dates, cron, latency.
//!
//! In: texts. Out: their canonical spelling and their numbers. Must not know where they stand.

use std::str::FromStr as _;

use crate::desired::files::is_plain;
use crate::model::units::{NAME, PLAIN, TextRule, parse_seconds};
use crate::model::{Field, Identity, Shape};

/// The longest span of time, in seconds: a hundred years.
pub(in crate::desired) const LONGEST: i64 = 100 * 365 * DAY;
const DAY: i64 = 86_400;

/// The words for cadences, with the longest time between two occasions in seconds: the longest
/// month, quarter and year.
const CADENCES: [(&str, i64); 8] = [
    ("hourly", 3600),
    ("daily", DAY),
    ("weekly", 7 * DAY),
    ("biweekly", 14 * DAY),
    ("monthly", 31 * DAY),
    ("quarterly", 92 * DAY),
    ("half-yearly", 184 * DAY),
    ("yearly", 366 * DAY),
];

/// How often something happens: a word, or a span of time.
pub(super) static CADENCE: TextRule = TextRule {
    name: "a cadence",
    example: "quarterly",
    canonical: |text| match cadence_seconds(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!(
            "it is one of {}, or a span of time such as 30d",
            CADENCES.map(|(word, _)| word).join(", ")
        )),
    },
};

/// Returns the longest time between two occasions of a cadence, in seconds.
pub(in crate::desired) fn cadence_seconds(text: &str) -> Option<i64> {
    let word = CADENCES.iter().find(|(word, _)| *word == text);
    word.map(|(_, seconds)| *seconds)
        .or_else(|| parse_seconds(text).ok().filter(|seconds| *seconds > 0))
}

/// How long something is kept: a span of time, or `forever`.
pub(super) static RETENTION: TextRule = TextRule {
    name: "a retention",
    example: "30d",
    canonical: |text| {
        if text == FOREVER {
            return Ok(text.to_owned());
        }
        parse_seconds(text)
            .map(|_| text.to_owned())
            .map_err(|why| format!("{why}; or `forever`"))
    },
};

/// The word for a retention without an end.
pub(super) const FOREVER: &str = "forever";

/// A day such as `2026-05-01`.
pub(super) static DATE: TextRule = TextRule {
    name: "a date",
    example: "2026-05-01",
    canonical: |text| {
        text.parse::<jiff::civil::Date>()
            .map(|date| date.to_string())
            .map_err(|_| "a date reads year-month-day".to_owned())
    },
};

/// A schedule in the five fields of cron, in UTC.
///
/// Rule: POSIX.1-2024 `crontab`, with the names and steps that every cron knows.
pub(super) static CRON: TextRule = TextRule {
    name: "a cron schedule",
    example: "0 2 * * *",
    canonical: |text| {
        if text.split_whitespace().count() != 5 {
            return Err("it has five fields: minute, hour, day, month, day of the week".to_owned());
        }
        croner::Cron::from_str(text)
            .map(|_| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .map_err(|error| error.to_string())
    },
};

/// A latency such as `100ms`.
pub(super) static LATENCY: TextRule = TextRule {
    name: "a latency",
    example: "100ms",
    canonical: |text| match milliseconds(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("it is a whole number and `ms`".to_owned()),
    },
};

/// Returns the milliseconds of a latency such as `100ms`.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    text.strip_suffix("ms")?
        .parse()
        .ok()
        .filter(|number| *number >= 0)
}

/// A file below the environment's folder.
pub(super) static PATH: TextRule = TextRule {
    name: "a relative path",
    example: "runbooks/failover.md",
    canonical: |text| {
        let path = text.strip_prefix("./").unwrap_or(text);
        if is_plain(path) {
            Ok(path.to_owned())
        } else {
            Err("it must lie below the environment's folder, without `..`".to_owned())
        }
    },
};

/// Returns whether a text only holds the place of one that somebody has still to write.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let bracketed = text.starts_with(['[', '<', '{']) && text.ends_with([']', '>', '}']);
    let word = [
        "tbd", "tbc", "todo", "n/a", "none", "xxx", "?", "-", "unknown", "name",
    ];
    let lower = text.to_ascii_lowercase();
    text.is_empty() || bracketed || word.contains(&lower.as_str()) || lower.contains("your name")
}

/// Names whose order means nothing.
pub(super) const NAMES: Shape = Shape::List(&Shape::Text(&NAME), Identity::Set);
/// Texts whose order means something.
pub(super) const LINES: Shape = Shape::List(&Shape::Text(&PLAIN), Identity::Ordered);

pub(super) const fn text(name: &'static str, rule: &'static TextRule, doc: &'static str) -> Field {
    Field::new(name, Shape::Text(rule), doc)
}

pub(super) const fn names(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, NAMES, doc)
}

pub(super) const fn lines(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, LINES, doc)
}

pub(super) const fn flag(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Bool, doc)
}

pub(super) const fn seconds(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Seconds(0, LONGEST), doc)
}

pub(super) const fn choice(
    name: &'static str,
    words: &'static [&'static str],
    doc: &'static str,
) -> Field {
    Field::new(name, Shape::Choice(words), doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cadence_is_a_word_or_a_span() {
        assert_eq!(cadence_seconds("quarterly"), Some(92 * DAY));
        assert_eq!(cadence_seconds("90d"), Some(90 * DAY));
        assert_eq!(cadence_seconds("0s"), None);
        assert!((CADENCE.canonical)("sometimes").is_err());
    }

    #[test]
    fn a_cron_schedule_has_five_fields() {
        assert_eq!((CRON.canonical)("0  2 * * *"), Ok("0 2 * * *".into()));
        for wrong in ["0 2 * *", "0 0 2 * * *", "61 * * * *", "@daily"] {
            assert!((CRON.canonical)(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn placeholders_are_seen() {
        for text in ["[Name]", "TBD", "<name>", " ", "n/a"] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("Ada"));
    }
}
