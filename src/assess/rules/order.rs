//! The recovery order: what must come before what, and what must not be left out.

use std::collections::BTreeSet;

use crate::assess::codes;
use crate::assess::context::Context;
use crate::desired::strategy::{Attachment, Direction, StepAction};
use crate::model::Finding;

/// Clients are led to the DR site after it was promoted, scaled and started.
pub(super) fn traffic(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let first = [
        StepAction::Fence,
        StepAction::Promote,
        StepAction::Restore,
        StepAction::Scale,
        StepAction::Start,
    ];
    for failover in failovers(context) {
        let steps = context.steps_of(failover);
        for (name, step) in steps
            .iter()
            .filter(|(_, step)| step.action == StepAction::Traffic)
        {
            let needs = Context::needs(&steps);
            let before = crate::assess::order::ancestors(&needs, name);
            for (other, earlier) in steps
                .iter()
                .filter(|(_, step)| first.contains(&step.action))
            {
                // Steps about other components do not matter to these clients.
                let apart = !step.components.is_empty()
                    && !earlier.components.is_empty()
                    && !step.components.iter().any(|own| {
                        earlier.components.contains(own)
                            || earlier
                                .components
                                .iter()
                                .any(|one| context.needed_by(own).contains(one.as_str()))
                    });
                if apart || before.contains(other) {
                    continue;
                }
                findings.push(
                    Finding::error(
                        codes::ORDER_UNSAFE,
                        format!("`{name}` leads clients to the DR site before `{other}` is done"),
                    )
                    .at(step.places.span(), "does not wait")
                    .at(
                        earlier.places.of("action"),
                        format!("for this {}", earlier.action.word()),
                    )
                    .help(format!("add `{other}` to `needs` of `{name}`")),
                );
            }
        }
    }
    dedup(findings);
}

/// Before a database is promoted, the old one can no longer be written to.
pub(super) fn fencing(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for failover in failovers(context) {
        let steps = context.steps_of(failover);
        for (name, step) in steps
            .iter()
            .filter(|(_, step)| step.action == StepAction::Promote)
        {
            if !Context::waits_for(&steps, name, StepAction::Fence) {
                findings.push(
                    Finding::warning(
                        codes::ORDER_UNFENCED,
                        format!("`{name}` promotes while the old site may still be written to"),
                    )
                    .at(step.places.span(), "")
                    .help("let it need a step with `action = \"fence\"`"),
                );
            }
        }
    }
    dedup(findings);
}

/// Every component is recovered by a step, and everything is verified after traffic moved.
pub(super) fn completeness(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some((failover, declared)) = context.disaster() else {
        return;
    };
    let steps = context.steps_of(Some(failover));
    let named: BTreeSet<&str> = steps
        .values()
        .flat_map(|step| &step.components)
        .map(String::as_str)
        .collect();
    let mut open: Vec<(&str, crate::model::Span)> = Vec::new();
    for (name, component) in context.desired.components() {
        let moved = declared.components.is_empty() || declared.components.contains(name);
        if !named.is_empty() && moved && !named.contains(name.as_str()) {
            open.push((name, component.span()));
        }
    }
    if !open.is_empty() {
        let left: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
        findings.push(super::data::labelled(
            Finding::warning(
                codes::ORDER_INCOMPLETE,
                format!("no step of `{failover}` recovers {}", left.join(", ")),
            )
            .help("name them in `components` of a step, or in none of the failover's"),
            open,
        ));
    }
    let verified = steps.iter().any(|(name, step)| {
        step.action == StepAction::Verify && Context::waits_for(&steps, name, StepAction::Traffic)
    });
    let moves = steps
        .iter()
        .find(|(_, step)| step.action == StepAction::Traffic);
    if let (false, Some((name, step))) = (verified, moves) {
        findings.push(
            Finding::warning(
                codes::ORDER_UNVERIFIED,
                format!("nothing is verified after `{name}`"),
            )
            .at(step.places.span(), "")
            .help("add a step with `action = \"verify\"` that needs it"),
        );
    }
}

/// The runbooks and diagrams that are named are there; a failover to the DR site has a runbook.
pub(super) fn runbooks(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, failover) in &context.strategy.failovers {
        for (field, path) in [
            ("runbook", &failover.runbook),
            ("diagram", &failover.diagram),
        ] {
            let Some(path) = path else { continue };
            if matches!(
                context.strategy.attachments.get(path),
                Some(Attachment::Absent)
            ) {
                findings.push(
                    Finding::warning(
                        codes::RUNBOOK_MISSING,
                        format!("the {field} of the failover `{name}` is not there: {path}"),
                    )
                    .at(failover.places.of(field), "")
                    .help("write it, or make it with `drsync runbook`"),
                );
            }
        }
        if failover.direction != Direction::Within && failover.runbook.is_none() {
            findings.push(
                Finding::warning(
                    codes::RUNBOOK_MISSING,
                    format!("the failover `{name}` has no runbook"),
                )
                .at(failover.places.span(), "")
                .help("make it with `drsync runbook`, and name it in `runbook`"),
            );
        }
    }
}

fn failovers<'a>(context: &Context<'a>) -> Vec<Option<&'a str>> {
    let over: Vec<Option<&str>> = context
        .failovers_over()
        .map(|(name, _)| Some(name))
        .collect();
    if over.is_empty() { vec![None] } else { over }
}

/// What holds for the same steps of several failovers is said once.
fn dedup(findings: &mut Vec<Finding>) {
    let mut seen: Vec<Finding> = Vec::new();
    findings.retain(|finding| {
        let is_new = !seen.contains(finding);
        if is_new {
            seen.push(finding.clone());
        }
        is_new
    });
}
