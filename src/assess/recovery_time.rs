//! How long a recovery takes: detect, decide, the critical path of the steps, DNS, verification.
//!
//! In: the failover, its steps, and what was measured of them. Out: the chain that takes longest,
//! term by term, each with its basis. A term that is not known counts nothing in the sum and is
//! named, so that the sum is a lower bound and never an estimate that looks finished.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, Delay};
use super::order::{Graph, ancestors, critical_path};
use crate::desired::strategy::{Failover, Outcome, Step, StepAction};

use crate::model::Span;

/// Where a duration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It was measured so many times.
    Measured(usize),
    /// It is written in the strategy.
    Declared,
    /// It is what a declared or observed object says.
    Object(String),
    /// It is not known.
    Unknown,
}

/// One part of a recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The step, or `detect`, `decide`, `dns`, `verify`.
    pub name: String,
    /// How long it takes, in seconds; nothing is counted where it is not known.
    pub seconds: i64,
    /// Where that comes from.
    pub basis: Basis,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// How long a recovery takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeEstimate {
    /// The failover.
    pub failover: Option<String>,
    /// At least so many seconds.
    pub at_least: i64,
    /// The chain that takes longest.
    pub path: Vec<Term>,
    /// Everything that is not known, on the chain or beside it.
    pub unknown: Vec<String>,
    /// All terms with what each needs, for drawing.
    pub graph: Vec<(Term, Vec<String>)>,
}

/// Steps by name.
type Steps<'a> = BTreeMap<&'a str, &'a Step>;

const DETECT: &str = "detect";
const DECIDE: &str = "decide";
const DNS: &str = "dns";
const VERIFY: &str = "verify";

/// A term with what it waits for.
type Waiting = (Term, Vec<String>);

/// Estimates how long a tier takes to recover in a disaster.
pub(super) fn estimate(context: &Context<'_>, components: &BTreeSet<&str>) -> TimeEstimate {
    let disaster = context.disaster();
    let all = context.steps_of(disaster.map(|(name, _)| name));
    let needs = Context::needs(&all);
    let relevant = relevant(&all, &needs, components);
    let (detection, propagation) = context.delays(components);
    let is_declared = !of(&relevant, &all, StepAction::Declare).is_empty();
    let (mut terms, first) = before(disaster.map(|(_, one)| one), detection, is_declared);
    let traffic = of(&relevant, &all, StepAction::Traffic);
    for name in &relevant {
        let mut own: Vec<String> = needs[name].iter().map(|need| (*need).to_owned()).collect();
        // Who waits for traffic waits until clients follow.
        if needs[name].iter().any(|need| traffic.contains(need)) {
            own.push(DNS.to_owned());
        }
        if own.is_empty() {
            own.push(first.to_owned());
        }
        terms.push((step_term(context, name, all[name]), own));
    }
    if !traffic.is_empty() {
        let after = traffic.iter().map(|name| (*name).to_owned()).collect();
        terms.push((dns(context, propagation), after));
    }
    if of(&relevant, &all, StepAction::Verify).is_empty() {
        let mut after: Vec<String> = relevant.iter().map(|name| (*name).to_owned()).collect();
        after.push(if traffic.is_empty() { first } else { DNS }.to_owned());
        terms.push((term(VERIFY, None, None), after));
    }
    let is_notice = |name: &str| {
        all.get(name)
            .is_some_and(|step| step.action == StepAction::Notify)
    };
    longest(terms, disaster.map(|(name, _)| name), is_notice)
}

/// Returns the steps that the recovery of these components takes: those about them, those about
/// everything, and whatever these wait for.
fn relevant<'a>(
    all: &Steps<'a>,
    needs: &BTreeMap<&'a str, Vec<&'a str>>,
    components: &BTreeSet<&str>,
) -> BTreeSet<&'a str> {
    let mut relevant: BTreeSet<&str> = BTreeSet::new();
    for (name, step) in all {
        let about = step
            .components
            .iter()
            .any(|own| components.contains(own.as_str()));
        if step.components.is_empty() || about {
            relevant.insert(name);
            relevant.extend(ancestors(needs, name));
        }
    }
    relevant
}

/// Returns what comes before the first step, and the last of it: detection, and the decision where
/// no step is the declaration.
fn before(
    failover: Option<&Failover>,
    detection: Delay<'_>,
    is_declared: bool,
) -> (Vec<Waiting>, &'static str) {
    let place = |field| failover.map(|one| one.places.of(field));
    let detect = failover
        .and_then(|one| one.detect)
        .map(|seconds| (seconds, Basis::Declared));
    let detect = detect.or_else(|| object_basis(detection));
    let mut terms = vec![(term(DETECT, detect, place("detect")), Vec::new())];
    if is_declared {
        return (terms, DETECT);
    }
    let decide = failover
        .and_then(|one| one.decide)
        .map(|seconds| (seconds, Basis::Declared));
    terms.push((
        term(DECIDE, decide, place("decide")),
        vec![DETECT.to_owned()],
    ));
    (terms, DECIDE)
}

/// Returns how long clients keep the old answer: by what is declared and observed, or else by the
/// requirement.
fn dns(context: &Context<'_>, propagation: Delay<'_>) -> Term {
    let network = context.strategy.network.as_ref();
    let required = network.and_then(|one| one.dns_ttl);
    let known = object_basis(propagation).or(required.map(|seconds| (seconds, Basis::Declared)));
    let span = propagation
        .and_then(|(_, object)| object.spans.whole)
        .or(network.map(|one| one.places.of("dns_ttl")));
    term(DNS, known, span)
}

fn object_basis(delay: Delay<'_>) -> Option<(i64, Basis)> {
    let (seconds, object) = delay?;
    Some((seconds, Basis::Object(object.object.address.to_string())))
}

/// Returns the chain that ends last. What nobody waits for and only tells people is no end.
fn longest(
    terms: Vec<Waiting>,
    failover: Option<&str>,
    is_notice: impl Fn(&str) -> bool,
) -> TimeEstimate {
    let (at_least, path) = {
        let graph: Graph<'_> = terms
            .iter()
            .map(|(term, needs)| {
                (
                    term.name.as_str(),
                    (term.seconds, needs.iter().map(String::as_str).collect()),
                )
            })
            .collect();
        let (total, path) = critical_path(&graph, |name| !is_notice(name));
        (
            total,
            path.into_iter().map(str::to_owned).collect::<Vec<_>>(),
        )
    };
    let by_name = |name: &String| terms.iter().find(|(term, _)| term.name == *name);
    let counted = |one: &Term| !is_notice(&one.name) || path.contains(&one.name);
    let unknown = terms
        .iter()
        .map(|(one, _)| one)
        .filter(|one| one.basis == Basis::Unknown);
    TimeEstimate {
        failover: failover.map(str::to_owned),
        at_least,
        unknown: unknown
            .filter(|one| counted(one))
            .map(|one| one.name.clone())
            .collect(),
        path: path
            .iter()
            .filter_map(by_name)
            .map(|(one, _)| one.clone())
            .collect(),
        graph: terms,
    }
}

fn of<'a>(relevant: &BTreeSet<&'a str>, all: &Steps<'a>, action: StepAction) -> Vec<&'a str> {
    relevant
        .iter()
        .copied()
        .filter(|name| all[name].action == action)
        .collect()
}

/// What was measured counts more than what is declared: nine of ten measurements were no longer.
fn step_term(context: &Context<'_>, name: &str, step: &Step) -> Term {
    let mut measured: Vec<i64> = context
        .strategy
        .records
        .iter()
        .filter(|record| record.result != Outcome::Failed)
        .flat_map(|record| &record.steps)
        .filter(|(own, _)| own == name)
        .map(|(_, took)| *took)
        .collect();
    measured.sort_unstable();
    let ninth = (measured.len() * 9).div_ceil(10).saturating_sub(1);
    let known = match measured.get(ninth) {
        Some(seconds) => Some((*seconds, Basis::Measured(measured.len()))),
        None => step.duration.map(|seconds| (seconds, Basis::Declared)),
    };
    term(name, known, Some(step.places.of("duration")))
}

fn term(name: &str, known: Option<(i64, Basis)>, span: Option<Span>) -> Term {
    let (seconds, basis) = known.unwrap_or((0, Basis::Unknown));
    Term {
        name: name.to_owned(),
        seconds,
        basis,
        span,
    }
}
