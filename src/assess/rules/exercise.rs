//! Exercises, verifications and criteria against each other and against the tiers.

use crate::assess::codes;
use crate::assess::context::Context;
use crate::desired::Places;
use crate::desired::strategy::{Automation, ExerciseKind, Metric};
use crate::model::Finding;
use crate::model::units::format_seconds;

/// One thing is done at one cadence, wherever it is written.
pub(super) fn cadences(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let strategy = context.strategy;
    let mut said: Vec<(ExerciseKind, i64, &Places)> = Vec::new();
    for verification in &strategy.verifications {
        said.extend(
            verification
                .every
                .map(|every| (verification.kind, every, &verification.places)),
        );
    }
    for exercise in strategy.exercises.values() {
        said.extend(
            exercise
                .every
                .map(|every| (exercise.kind, every, &exercise.places)),
        );
    }
    for (at, (kind, every, places)) in said.iter().enumerate() {
        let other = said[..at]
            .iter()
            .find(|(own, cadence, _)| own == kind && cadence != every);
        if let Some((_, cadence, first)) = other {
            findings.push(conflict(
                &format!("the {} exercise is", kind.word()),
                (*every, places.of("every")),
                (*cadence, first.of("every")),
            ));
        }
    }
    let Some((document, promised)) = strategy
        .document
        .as_ref()
        .and_then(|one| Some((one, one.exercise_every?)))
    else {
        return;
    };
    // A promise of exercises is one of exercises that move service.
    let full = said
        .iter()
        .filter(|(kind, ..)| *kind == ExerciseKind::Full)
        .min_by_key(|(_, every, _)| *every);
    let slowest = said
        .iter()
        .filter(|(kind, ..)| *kind == ExerciseKind::Full)
        .max_by_key(|(_, every, _)| *every);
    if let (Some(_), Some((_, every, places))) = (full, slowest)
        && *every > promised
    {
        findings.push(conflict(
            "a recovery is exercised, by the summary,",
            (*every, places.of("every")),
            (promised, document.places.of("exercise_every")),
        ));
    }
}

fn conflict(
    what: &str,
    one: (i64, crate::model::Span),
    other: (i64, crate::model::Span),
) -> Finding {
    Finding::error(
        codes::CADENCE_CONFLICT,
        format!(
            "{what} every {} and every {}",
            format_seconds(other.0),
            format_seconds(one.0)
        ),
    )
    .at(one.1, format_seconds(one.0))
    .at(other.1, format_seconds(other.0))
    .help("write one cadence in both places")
}

/// A component that fails over by itself does so in the time that its failover type allows.
pub(super) fn downtimes(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, failover) in &context.strategy.failovers {
        let Some(downtime) = failover
            .downtime
            .filter(|_| failover.automation == Some(Automation::Full))
        else {
            continue;
        };
        for (own, component) in context.desired.components() {
            let Some(within) = component.failover.as_ref().and_then(|one| one.within) else {
                continue;
            };
            let named = failover.components.contains(own);
            if within == downtime || (!failover.components.is_empty() && !named) {
                continue;
            }
            findings.push(
                Finding::warning(
                    codes::DOWNTIME_CONFLICT,
                    format!(
                        "`{own}` fails over within {}, and the failover `{name}` may take {}",
                        format_seconds(within),
                        format_seconds(downtime)
                    ),
                )
                .at(component.places.of("failover"), "")
                .at(failover.places.of("downtime"), "holds for all components")
                .help(format!("name in `components` of `{name}` what it is for")),
            );
        }
    }
}

/// A criterion can be measured, and asks for what its tier promises.
pub(super) fn criteria(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, criterion) in &context.strategy.criteria {
        let tier = match &criterion.tier {
            Some(tier) => context
                .desired
                .tiers()
                .get_key_value(tier)
                .map(|(name, tier)| (name.as_str(), tier)),
            None => context.strictest(),
        };
        let promised = tier.and_then(|(_, tier)| match criterion.metric {
            Metric::Rto => Some(("rto", tier.rto)),
            Metric::Rpo => Some(("rpo", tier.rpo)),
            _ => None,
        });
        match (promised, criterion.at_most, tier) {
            (Some((what, promised)), Some(at_most), Some((tier_name, tier)))
                if at_most > promised =>
            {
                findings.push(
                    Finding::error(
                        codes::OBJECTIVE_CONFLICT,
                        format!(
                            "the criterion `{name}` is met at {}, and tier {tier_name} promises {}",
                            format_seconds(at_most),
                            format_seconds(promised)
                        ),
                    )
                    .at(criterion.places.of("at_most"), "")
                    .at(tier.places.of(what), "")
                    .help("ask for what is promised"),
                );
            }
            (Some(_), Some(_), _) => {}
            _ if criterion.checks.is_empty() => findings.push(
                Finding::warning(
                    codes::CRITERION_VAGUE,
                    match &criterion.target {
                        Some(target) => {
                            format!("the criterion `{name}` cannot be measured: \"{target}\"")
                        }
                        None => format!("the criterion `{name}` cannot be measured"),
                    },
                )
                .at(criterion.places.span(), "")
                .help("list its `checks`, each with a bound"),
            ),
            _ => {}
        }
    }
}
