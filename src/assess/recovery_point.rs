//! How much of a store is lost: now by what was measured, and in the worst case by what is declared.
//!
//! In: the backups of a store, and facts of its objects at the DR site. Out: seconds, each with its
//! basis. A mechanism counts only if what it makes is at the DR site; what is not known is no zero.

use super::context::Context;
use crate::desired::strategy::{Backup, Method};
use crate::model::{FactName, FactValue};

/// What one backup of a store loses in the worst case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// What it copies.
    pub method: Method,
    /// What makes it.
    pub tool: Option<String>,
    /// Whether it is at the DR site.
    pub at_dr: bool,
    /// Interval + duration + copy lag, in seconds; none if one of them is not known.
    pub worst: Option<i64>,
    /// What is not known.
    pub missing: Vec<&'static str>,
}

/// What a store loses.
#[derive(Clone, Debug, PartialEq)]
pub struct PointEstimate {
    /// The store.
    pub component: String,
    /// What it may lose, in seconds.
    pub allowed: Option<i64>,
    /// The age of the newest recovery point at the DR site, in seconds; none if it is not known.
    pub now: Option<i64>,
    /// What `now` was read from.
    pub measured: Option<String>,
    /// What the best mechanism loses in the worst case, in seconds; none if that is not known.
    pub worst: Option<i64>,
    /// The mechanisms.
    pub mechanisms: Vec<Mechanism>,
}

impl PointEstimate {
    /// Returns whether it is known that too much is lost, now or in the worst case.
    #[must_use]
    pub fn is_breach(&self) -> bool {
        let over = |loss: Option<i64>| {
            loss.zip(self.allowed)
                .is_some_and(|(loss, most)| loss > most)
        };
        let nothing_at_dr = self.mechanisms.iter().all(|one| !one.at_dr);
        over(self.now) || over(self.worst) || nothing_at_dr
    }
}

/// Estimates what a store loses.
pub(super) fn estimate(context: &Context<'_>, store: &str) -> PointEstimate {
    let mechanisms: Vec<Mechanism> = context
        .backups(store)
        .map(|one| mechanism(context, one))
        .collect();
    let worst = mechanisms
        .iter()
        .filter(|one| one.at_dr)
        .filter_map(|one| one.worst)
        .min();
    let (now, measured) = now(context, store).unzip();
    PointEstimate {
        component: store.to_owned(),
        allowed: context.rpo_of(store).map(|(rpo, _)| rpo),
        now,
        measured,
        worst,
        mechanisms,
    }
}

/// Returns what one backup loses in the worst case: a site that fails just before the next copy
/// has arrived loses everything since the last one began.
pub(super) fn mechanism(context: &Context<'_>, backup: &Backup) -> Mechanism {
    let mut missing = Vec::new();
    let mut term = |name: &'static str, value: Option<i64>| {
        if value.is_none() {
            missing.push(name);
        }
        value
    };
    let continuous = Context::interval(backup) == Some(0);
    let interval = term("interval", Context::interval(backup));
    // What is copied as it happens has no duration of its own.
    let duration = term("duration", backup.duration.or(continuous.then_some(0)));
    // What is written to the DR site itself is there when it is done.
    let direct = !continuous && backup.locations.len() == 1 && context.reaches_dr(backup);
    let copy_lag = term("copy_lag", backup.copy_lag.or(direct.then_some(0)));
    let worst = interval
        .zip(duration)
        .zip(copy_lag)
        .map(|((a, b), c)| a + b + c);
    Mechanism {
        method: backup.method,
        tool: backup.tool.clone(),
        at_dr: context.reaches_dr(backup),
        worst,
        missing,
    }
}

/// Returns the age of the newest recovery point at the DR site, and how it was measured.
///
/// A kind reports a recovery point as an RFC 3339 moment, or in seconds since 1970; a lag in
/// seconds before the moment of its measurement.
fn now(context: &Context<'_>, store: &str) -> Option<(i64, String)> {
    let now = context.now()?;
    let points = context.facts_at_dr(store).into_iter().filter_map(|fact| {
        let at = match (fact.name, &fact.value) {
            (FactName::RecoveryPoint, FactValue::Text(text)) => text.parse().ok()?,
            (FactName::RecoveryPoint, FactValue::Number(seconds)) => moment(*seconds)?,
            (FactName::Lag, FactValue::Number(seconds)) => {
                let lag = whole(*seconds)?;
                fact.measured_at
                    .checked_sub(jiff::SignedDuration::from_secs(lag))
                    .ok()?
            }
            _ => return None,
        };
        Some((at, fact.method.clone()))
    });
    let (newest, method) = points.max_by_key(|(at, _): &(jiff::Timestamp, String)| *at)?;
    Some((now.duration_since(newest).as_secs().max(0), method))
}

fn moment(seconds: f64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(whole(seconds)?).ok()
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "bounds are checked just before"
)]
fn whole(seconds: f64) -> Option<i64> {
    (seconds.is_finite() && seconds.abs() < 1e12).then_some(seconds.round() as i64)
}
