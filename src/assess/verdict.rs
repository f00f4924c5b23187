//! The word that a tier gets, and why. No waiver reaches this file, so none can raise a verdict.
//!
//! In: the estimates of a tier, and what weighs on it. Out: the word and its reasons. Must not know
//! how an estimate came to be.

use super::recovery_point::PointEstimate;
use super::recovery_time::{Basis, TimeEstimate};
use crate::model::units::format_seconds;

/// What is known of a tier's recovery, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// What is declared or measured cannot keep the promise.
    NotRecoverable,
    /// It cannot be told, which is no better than a breach to whoever relies on it.
    Unknown,
    /// The promise can be kept, and something weighs against it.
    AtRisk,
    /// The promise can be kept, by what is declared and observed.
    Ready,
    /// It was kept, in an exercise that is not too long ago.
    Proven,
}

impl Verdict {
    /// Returns the word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotRecoverable => "not recoverable",
            Self::Unknown => "unknown",
            Self::AtRisk => "at risk",
            Self::Ready => "ready",
            Self::Proven => "proven",
        }
    }
}

/// What a verdict rests on.
pub(super) struct Grounds<'g> {
    pub(super) rto: i64,
    pub(super) time: &'g TimeEstimate,
    pub(super) points: &'g [PointEstimate],
    /// What weighs against the promise, each as one sentence.
    pub(super) weights: Vec<String>,
    /// The exercise that proves it, if there is one that is valid.
    pub(super) proof: Option<String>,
}

/// Returns the verdict with its derivation: each sentence says what it makes of the tier.
pub(super) fn judge(grounds: &Grounds<'_>) -> (Verdict, Vec<(Verdict, String)>) {
    let mut reasons: Vec<(Verdict, String)> = Vec::new();
    let Grounds {
        rto,
        time,
        points,
        weights,
        proof,
    } = grounds;
    let (least, goal) = (format_seconds(time.at_least), format_seconds(*rto));
    if time.at_least > *rto {
        reasons.push((
            Verdict::NotRecoverable,
            format!("a recovery takes at least {least}, and may take {goal}"),
        ));
    } else if time.unknown.is_empty() {
        reasons.push((
            Verdict::Ready,
            format!("a recovery takes {least} of the {goal} that it may"),
        ));
    } else {
        reasons.push((
            Verdict::Unknown,
            format!(
                "how long a recovery takes is not known: nothing says how long {} takes",
                time.unknown.join(", ")
            ),
        ));
    }
    if time.path.iter().any(|term| term.basis == Basis::Declared) && time.unknown.is_empty() {
        let declared = time
            .path
            .iter()
            .filter(|term| term.basis == Basis::Declared)
            .count();
        reasons.push((
            Verdict::Ready,
            format!(
                "{declared} of the {} parts of the critical path are only declared",
                time.path.len()
            ),
        ));
    }
    reasons.extend(points.iter().map(point_reason));
    let unmeasured = points.iter().map(|point| point.component.as_str());
    let unmeasured: Vec<&str> = unmeasured
        .zip(points.iter().map(point_reason))
        .filter(|(_, (_, reason))| reason.is_empty())
        .map(|(name, _)| name)
        .collect();
    reasons.retain(|(_, reason)| !reason.is_empty());
    if !unmeasured.is_empty() {
        reasons.push((
            Verdict::Unknown,
            format!(
                "what {} would lose now is not known: no recovery point at the DR site was measured",
                unmeasured.join(", ")
            ),
        ));
    }
    reasons.extend(
        weights
            .iter()
            .map(|weight| (Verdict::AtRisk, weight.clone())),
    );
    match proof {
        Some(proof) => reasons.push((Verdict::Proven, proof.clone())),
        None => reasons.push((
            Verdict::Ready,
            "no full exercise that is still valid has shown it".to_owned(),
        )),
    }
    let worst = reasons
        .iter()
        .map(|(verdict, _)| *verdict)
        .min()
        .unwrap_or(Verdict::Unknown);
    // What was shown to hold is more than what is only worked out; it outweighs nothing else.
    let verdict = if worst == Verdict::Ready && proof.is_some() {
        Verdict::Proven
    } else {
        worst
    };
    reasons.sort();
    (verdict, reasons)
}

fn point_reason(point: &PointEstimate) -> (Verdict, String) {
    let name = &point.component;
    let Some(allowed) = point.allowed else {
        return (
            Verdict::Unknown,
            format!("nothing says what `{name}` may lose"),
        );
    };
    let most = format_seconds(allowed);
    if point.mechanisms.iter().all(|one| !one.at_dr) && point.now.is_none() {
        return (
            Verdict::NotRecoverable,
            format!("nothing of `{name}` lies at the DR site"),
        );
    }
    match (point.now, point.worst) {
        (Some(now), _) if now > allowed => (
            Verdict::NotRecoverable,
            format!(
                "`{name}` would lose {} now, and may lose {most}",
                format_seconds(now)
            ),
        ),
        (_, Some(worst)) if worst > allowed => (
            Verdict::NotRecoverable,
            format!(
                "`{name}` loses up to {}, and may lose {most}",
                format_seconds(worst)
            ),
        ),
        (Some(now), Some(worst)) => (
            Verdict::Ready,
            format!(
                "`{name}` would lose {} now and up to {}, and may lose {most}",
                format_seconds(now),
                format_seconds(worst)
            ),
        ),
        (Some(_), None) => (
            Verdict::Unknown,
            format!("what `{name}` loses in the worst case is not known"),
        ),
        // What all such stores have in common is said once, below.
        (None, _) => (Verdict::Unknown, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(weights: &[&str], proof: Option<&str>) -> Verdict {
        let time = TimeEstimate {
            failover: None,
            at_least: 1800,
            path: Vec::new(),
            unknown: Vec::new(),
            graph: Vec::new(),
        };
        let grounds = Grounds {
            rto: 3600,
            time: &time,
            points: &[],
            weights: weights.iter().map(|one| (*one).to_owned()).collect(),
            proof: proof.map(str::to_owned),
        };
        judge(&grounds).0
    }

    #[test]
    fn an_exercise_proves_what_is_ready_and_outweighs_nothing() {
        assert_eq!(judged(&[], None), Verdict::Ready);
        assert_eq!(judged(&[], Some("it took an hour")), Verdict::Proven);
        assert_eq!(
            judged(&["a finding"], Some("it took an hour")),
            Verdict::AtRisk
        );
    }
}
