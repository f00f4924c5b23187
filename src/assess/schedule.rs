//! The longest time that a cron schedule leaves between two occasions.
//!
//! In: five fields of cron, in UTC. Out: seconds. Must not know the time of day: two leap cycles
//! are looked at from a fixed day on, so that the answer never depends on when it is asked.

use std::str::FromStr as _;

use chrono::{DateTime, TimeZone as _, Utc};

/// How many occasions are looked at: each minute of a week, and forty years of a yearly one.
const OCCASIONS: usize = 10_080;
/// The years that are looked at, which hold a leap day and each weekday on each date.
const YEARS: std::ops::Range<i32> = 2000..2041;

/// Returns the longest time between two occasions, in seconds; none if it never comes round again.
#[must_use]
pub fn longest_gap(cron: &str) -> Option<i64> {
    let cron = croner::Cron::from_str(cron).ok()?;
    let begin: DateTime<Utc> = Utc.with_ymd_and_hms(YEARS.start, 1, 1, 0, 0, 0).single()?;
    let end: DateTime<Utc> = Utc.with_ymd_and_hms(YEARS.end, 1, 1, 0, 0, 0).single()?;
    let mut before = cron.find_next_occurrence(&begin, true).ok()?;
    let mut longest = None;
    for _ in 0..OCCASIONS {
        let Ok(next) = cron.find_next_occurrence(&before, false) else {
            break;
        };
        if next > end {
            break;
        }
        longest = longest.max(Some((next - before).num_seconds()));
        before = next;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    #[test]
    fn the_longest_gap_of_a_schedule_is_found() {
        for (cron, hours) in [
            ("0 * * * *", 1),
            ("0 2 * * *", 24),
            ("0 2 * * 1-5", 72),
            ("0 2,14 * * *", 12),
            ("0 1,5 * * *", 20),
            ("0 0 1 * *", 31 * 24),
            ("0 0 29 2 *", (4 * 365 + 1) * 24),
        ] {
            assert_eq!(longest_gap(cron), Some(hours * HOUR), "{cron}");
        }
        assert_eq!(longest_gap("0 0 31 2 *"), None);
    }

    /// What is lost at any minute of a year is never more than the worst case, and is it once.
    #[test]
    fn the_worst_case_agrees_with_a_year_that_is_played() {
        for (cron, duration, lag) in [("0 */4 * * *", 15, 5), ("30 2 * * 1-5", 45, 10)] {
            let parsed = croner::Cron::from_str(cron).unwrap();
            let begin = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
            let mut at_dr: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
            let mut next = parsed.find_next_occurrence(&begin, true).unwrap();
            while next < begin + chrono::Duration::days(366) {
                at_dr.push((next + chrono::Duration::minutes(duration + lag), next));
                next = parsed.find_next_occurrence(&next, false).unwrap();
            }
            let first = at_dr[0].0;
            let mut worst = 0;
            for minute in 0..365 * 24 * 60 {
                let lost_at = begin + chrono::Duration::minutes(minute);
                if lost_at < first {
                    continue;
                }
                let newest = at_dr.partition_point(|(arrives, _)| *arrives <= lost_at);
                worst = worst.max((lost_at - at_dr[newest - 1].1).num_minutes());
            }
            let worst_case = longest_gap(cron).unwrap() / 60 + duration + lag;
            // A copy that arrives in this minute is counted as there, so a minute may be missing.
            assert!(
                (worst_case - 1..=worst_case).contains(&worst),
                "{cron}: {worst} {worst_case}"
            );
        }
    }
}
