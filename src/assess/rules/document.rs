//! The strategy as a whole: its promises, its scope, and what every strategy has.

use super::data::labelled;
use crate::assess::codes;
use crate::assess::context::Context;
use crate::desired::strategy::Direction;
use crate::model::units::format_seconds;
use crate::model::{Finding, Span};

/// The summary promises what the most important tier promises.
pub(super) fn objectives(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let (Some(document), Some((name, tier))) = (&context.strategy.document, context.strictest())
    else {
        return;
    };
    for (what, summary, own) in [
        ("rto", document.rto, tier.rto),
        ("rpo", document.rpo, tier.rpo),
    ] {
        if let Some(summary) = summary.filter(|summary| *summary != own) {
            findings.push(
                Finding::error(
                    codes::OBJECTIVE_CONFLICT,
                    format!(
                        "the summary promises an {what} of {}, and tier {name} one of {}",
                        format_seconds(summary),
                        format_seconds(own)
                    ),
                )
                .at(document.places.of(what), "")
                .at(tier.places.of(what), "")
                .help("write one of them in both places"),
            );
        }
    }
}

/// What takes part in the strategy is in its scope.
pub(super) fn scope(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(document) = context
        .strategy
        .document
        .as_ref()
        .filter(|one| !one.scope.is_empty())
    else {
        return;
    };
    for (name, component) in context.desired.components() {
        if !document.scope.contains(name) {
            findings.push(
                Finding::warning(
                    codes::SCOPE_MISSING,
                    format!("`{name}` takes part and is not in scope"),
                )
                .at(component.span(), "takes part here")
                .at(document.places.of("scope"), "is not named here")
                .help(format!("add `{name}` to `scope`, or exclude it")),
            );
        }
    }
}

/// An exclusion has a reason and an owner.
pub(super) fn exclusions(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for exclusion in &context.strategy.exclusions {
        let missing: Vec<&str> = [
            ("a reason", &exclusion.reason),
            ("an owner", &exclusion.owner),
        ]
        .into_iter()
        .filter(|(_, value)| value.is_none())
        .map(|(what, _)| what)
        .collect();
        if !missing.is_empty() {
            findings.push(
                Finding::warning(
                    codes::EXCLUSION_UNOWNED,
                    format!(
                        "the exclusion `{}` lacks {}",
                        exclusion.name,
                        missing.join(" and ")
                    ),
                )
                .at(exclusion.places.span(), "")
                .help("write why it is left out, and which role answers for that"),
            );
        }
    }
}

/// A strategy has an owner, an approval, a review, criteria, a way back, and so on.
pub(super) fn completeness(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let strategy = context.strategy;
    let document = strategy.document.as_ref();
    let head = document.map(|one| one.places.span());
    let of = |has: bool| document.is_some() && has;
    let back = strategy
        .failovers
        .values()
        .any(|one| one.direction == Direction::Back);
    let has_all_mtd = context
        .desired
        .tiers()
        .values()
        .all(|tier| tier.mtd.is_some());
    let tiers: Vec<(&str, Span)> = context
        .desired
        .tiers()
        .iter()
        .filter(|(_, tier)| tier.mtd.is_none())
        .map(|(name, tier)| (name.as_str(), tier.span()))
        .collect();
    let has = [
        (
            of(document.is_some_and(|one| one.owner.is_some())),
            "an owner",
            "`owner` in `[strategy]`",
        ),
        (
            of(document.is_some_and(|one| one.version.is_some())),
            "a version",
            "`version` in `[strategy]`",
        ),
        (
            of(document.is_some_and(|one| one.approved_by.is_some() && one.approved_on.is_some())),
            "an approval",
            "`approved_by` and `approved_on` in `[strategy]`",
        ),
        (
            of(document.is_some_and(|one| one.review_every.is_some())),
            "a review that comes round",
            "`review_every` in `[strategy]`",
        ),
        (
            of(document.is_some_and(|one| !one.declare_when.is_empty())),
            "criteria for declaring a disaster",
            "`declare_when` in `[strategy]`",
        ),
        (
            of(document.is_some_and(|one| one.divergence.is_some())),
            "an answer to data that both sites changed",
            "`divergence` in `[strategy]`",
        ),
        (
            back,
            "a way back",
            "a `[failover.NAME]` with `direction = \"back\"`, and its steps",
        ),
        (
            !strategy.vendors.is_empty(),
            "contacts of vendors",
            "`[vendor.NAME]`",
        ),
    ];
    for (has, what, help) in has {
        if !has {
            let finding =
                Finding::warning(codes::PLAN_MISSING, format!("the strategy lacks {what}"));
            findings.push(super::data::at(finding, head, "").help(format!("write {help}")));
        }
    }
    if !has_all_mtd {
        findings.push(labelled(
            Finding::warning(
                codes::PLAN_MISSING,
                "the strategy does not say how long an outage the business survives",
            )
            .help("write `mtd` of each tier, from the business impact analysis"),
            tiers,
        ));
    }
}
