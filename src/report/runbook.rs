//! The recovery order as a runbook that people follow.
//!
//! In: the desired state and the estimate of the strictest tier. Out: Markdown by a template, the
//! built-in one or that of the environment. Must not know how a finding came to be.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::ReportError;
use super::drawing::order_mermaid;
use super::status::span;
use crate::assess::{Assessment, starts};
use crate::desired::Desired;
use crate::desired::strategy::{Direction, Message, Step, StepAction};

/// The built-in template.
pub const RUNBOOK: &str = include_str!("runbook.md.j2");

/// Returns the runbook of all failovers between sites.
pub fn runbook(
    desired: &Desired,
    assessment: &Assessment,
    template: &str,
) -> Result<String, ReportError> {
    let strategy = desired.strategy();
    let document = strategy.document.as_ref();
    let mut environment = Environment::new();
    // A template that names what is not there would leave a hole that is seen in a disaster only.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let roles = strategy.roles.iter().map(|(name, role)| {
        context! {
            title => role.title.as_ref().unwrap_or(name),
            responsibility => role.responsibility.as_deref().unwrap_or_default(),
            primary => person(desired, &role.primary),
            backup => role.backup.as_ref().map(|one| person(desired, one)).unwrap_or_default(),
        }
    });
    let vendors = strategy.vendors.iter().map(|(name, vendor)| {
        context! { name, provides => &vendor.provides, contact => vendor.contact.join(", ") }
    });
    let between = strategy
        .failovers
        .iter()
        .filter(|(_, one)| one.direction != Direction::Within);
    let failovers = between.map(|(name, failover)| {
        let is_back = failover.direction == Direction::Back;
        let own = strategy.steps.iter().filter(|(_, step)| {
            step.failover.contains(name) || (step.failover.is_empty() && !is_back)
        });
        context! {
            name,
            trigger => &failover.trigger,
            downtime => failover.downtime.map(span),
            steps => steps(desired, &own.map(|(name, step)| (name.as_str(), step)).collect()),
        }
    });
    let order = assessment
        .tiers
        .first()
        .map(|tier| order_mermaid(&tier.time))
        .unwrap_or_default();
    let values = context! {
        title => document.and_then(|one| one.title.as_deref()).unwrap_or(desired.title()),
        environment => desired.environment(),
        strategy => context! { version => document.and_then(|one| one.version.as_deref()) },
        declare_when => document.map(|one| one.declare_when.clone()).unwrap_or_default(),
        declared_by => document.and_then(|one| one.declared_by.as_ref()).map(|one| role(desired, one)),
        divergence => document.and_then(|one| one.divergence.as_deref()),
        roles => roles.collect::<Vec<_>>(),
        failovers => failovers.collect::<Vec<_>>(),
        vendors => vendors.collect::<Vec<_>>(),
        order,
    };
    let mut text = environment
        .render_str(template, values)
        .map_err(ReportError::Template)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Returns the steps in an order in which they can be done, each with when it can start.
fn steps(desired: &Desired, own: &BTreeMap<&str, &Step>) -> Vec<Value> {
    let zero = |step: &Step| step.action == StepAction::Declare;
    let graph = own.iter().map(|(name, step)| {
        let takes = if zero(step) {
            0
        } else {
            step.duration.unwrap_or(0)
        };
        let needs = step
            .needs
            .iter()
            .map(String::as_str)
            .filter(|need| own.contains_key(need));
        (*name, (takes, needs.collect()))
    });
    let graph: BTreeMap<&str, (i64, Vec<&str>)> = graph.collect();
    let starts = starts(&graph);
    let depth = depths(&graph);
    let mut sorted: Vec<(&str, &Step)> = own.iter().map(|(name, step)| (*name, *step)).collect();
    // What is needed has no later start and a smaller depth.
    sorted.sort_by_key(|(name, _)| (starts[name], depth[name], *name));
    let title = |name: &str| {
        let step = own.get(name);
        step.and_then(|step| step.title.clone())
            .unwrap_or_else(|| name.to_owned())
    };
    let shown = sorted.iter().map(|(name, step)| {
        let messages = step.messages.iter().map(|one| message(desired, one));
        context! {
            title => title(name),
            owner => step.owner.as_ref().map(|one| role(desired, one)).unwrap_or_default(),
            start => span(starts[name]),
            takes => step.duration.map_or_else(|| "unknown".to_owned(), span),
            needs => graph[name].1.iter().map(|need| title(need)).collect::<Vec<_>>().join(", "),
            how => &step.how,
            verify => &step.verify,
            rollback => &step.rollback,
            messages => messages.collect::<Vec<_>>(),
        }
    });
    shown.collect()
}

/// Returns how many steps each waits for in its longest chain.
fn depths<'g>(graph: &BTreeMap<&'g str, (i64, Vec<&'g str>)>) -> BTreeMap<&'g str, i64> {
    let even = graph
        .iter()
        .map(|(name, (_, needs))| (*name, (1, needs.clone())));
    starts(&even.collect())
}

fn role(desired: &Desired, name: &str) -> String {
    let role = desired.strategy().roles.get(name);
    role.and_then(|role| role.title.clone())
        .unwrap_or_else(|| name.to_owned())
}

fn person(desired: &Desired, name: &str) -> String {
    match desired.strategy().people.get(name) {
        Some(person) => {
            let full = person.name.as_deref().unwrap_or(name);
            format!("{full} ({})", person.contact.join(", "))
        }
        None => format!("nobody yet: {name}"),
    }
}

fn message(desired: &Desired, name: &str) -> String {
    let Some(Message {
        audience,
        channels,
        within,
        template,
        ..
    }) = desired.strategy().messages.get(name)
    else {
        return name.to_owned();
    };
    let mut words = format!(
        "{name} to {} by {}",
        audience.join(", "),
        channels.join(", ")
    );
    if let Some(template) = template {
        words.extend([", templates/", template]);
    }
    if let Some(within) = within {
        words.extend([", within ", &span(*within)]);
    }
    words
}
