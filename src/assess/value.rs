//! The value that this room gives: each tier with its estimates, its verdict and why.
//!
//! In: a context. Out: [`Assessment`]. Must not know how it is shown.

use std::collections::BTreeSet;

use super::codes;
use super::context::Context;
use super::recovery_point::{self, PointEstimate};
use super::recovery_time::{self, TimeEstimate};
use super::rules;
use super::verdict::{self, Grounds, Verdict};
use crate::desired::Places;
use crate::desired::strategy::{Outcome, RECORD_KINDS, Record, is_placeholder};
use crate::model::units::format_seconds;
use crate::model::{Finding, Severity, Span};

const DAY: i64 = 86_400;

/// What is known of the people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// The places that people must fill: each role needs two.
    pub needed: usize,
    /// How many are filled.
    pub filled: usize,
}

/// One kind of record, and the newest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The kind.
    pub kind: &'static str,
    /// The day of the newest that did not fail; none if there is none.
    pub newest: Option<jiff::civil::Date>,
    /// Who committed it.
    pub author: Option<String>,
    /// The days that it is still valid, negative once it is not; none without an observation.
    pub days_left: Option<i64>,
}

/// What is known of one tier.
#[derive(Clone, Debug, PartialEq)]
pub struct TierAssessment {
    /// The tier.
    pub name: String,
    /// The recovery time that it promises, in seconds.
    pub rto: i64,
    /// The loss that it promises, in seconds.
    pub rpo: i64,
    /// Its components.
    pub components: Vec<String>,
    /// How long its recovery takes.
    pub time: TimeEstimate,
    /// What its stores, and those that it needs, lose.
    pub points: Vec<PointEstimate>,
    /// The declared objects of its components that could not be observed.
    pub unobserved: usize,
    /// The verdict.
    pub verdict: Verdict,
    /// What led to it, the worst first.
    pub reasons: Vec<(Verdict, String)>,
}

/// What is known of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The moment that it holds for; none if nothing was observed.
    pub now: Option<jiff::Timestamp>,
    /// The tiers, the strictest first.
    pub tiers: Vec<TierAssessment>,
    /// The people.
    pub people: People,
    /// The kinds of records.
    pub records: Vec<Freshness>,
    /// What cannot work, sorted by place.
    pub findings: Vec<Finding>,
}

impl Assessment {
    /// Returns the worst verdict; none without a tier.
    #[must_use]
    pub fn worst(&self) -> Option<Verdict> {
        self.tiers.iter().map(|tier| tier.verdict).min()
    }
}

/// Assesses a strategy.
pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let mut findings = rules::all(context);
    let records = freshness(context, &mut findings);
    let mut tiers: Vec<TierAssessment> = Vec::new();
    for name in context.desired.tiers().keys() {
        tiers.extend(tier(context, name, &records, &mut findings));
    }
    tiers.sort_by(|a, b| (a.rto, a.rpo, &a.name).cmp(&(b.rto, b.rpo, &b.name)));
    findings
        .sort_by(|a, b| (&a.labels, &a.code, &a.message).cmp(&(&b.labels, &b.code, &b.message)));
    Assessment {
        now: context.now(),
        tiers,
        people: people(context),
        records,
        findings,
    }
}

fn tier(
    context: &Context<'_>,
    name: &str,
    records: &[Freshness],
    findings: &mut Vec<Finding>,
) -> Option<TierAssessment> {
    let tier = context.desired.tiers().get(name)?;
    let closure = context.closure(name);
    let own = context.desired.components().iter();
    let components: Vec<String> = own
        .filter(|(_, one)| one.tier.as_deref() == Some(name))
        .map(|(name, _)| name.clone())
        .collect();
    let time = recovery_time::estimate(context, &closure);
    let points: Vec<PointEstimate> = context
        .stores()
        .filter(|(store, _)| closure.contains(store))
        .map(|(store, _)| {
            let mut point = recovery_point::estimate(context, store);
            // A store that a tier needs is held to no less than its own promise here.
            point.allowed = point.allowed.or(Some(tier.rpo));
            point
        })
        .collect();
    time_findings(name, tier, &time, findings);
    let declared = context.desired.declared();
    let unobserved = declared
        .filter(|one| {
            one.component
                .as_deref()
                .is_some_and(|name| closure.contains(name))
        })
        .filter(|one| {
            context
                .live
                .is_none_or(|live| live.is_unknown(&one.object.address))
        })
        .count();
    let mut weights = weights(findings, context, &closure);
    if unobserved > 0 {
        weights.push(format!("{unobserved} of its objects could not be observed"));
    }
    let stale = records
        .iter()
        .filter(|one| one.days_left.is_some_and(|days| days < 0));
    let stale: Vec<&str> = stale.map(|one| one.kind).collect();
    if !stale.is_empty() {
        weights.push(format!("records are too old: {}", stale.join(", ")));
    }
    let grounds = Grounds {
        rto: tier.rto,
        time: &time,
        points: &points,
        weights,
        proof: proof(context, tier.rto, tier.rpo, &components),
    };
    let (verdict, reasons) = verdict::judge(&grounds);
    Some(TierAssessment {
        name: name.to_owned(),
        rto: tier.rto,
        rpo: tier.rpo,
        components,
        time,
        points,
        unobserved,
        verdict,
        reasons,
    })
}

fn time_findings(
    name: &str,
    tier: &crate::desired::Tier,
    time: &TimeEstimate,
    findings: &mut Vec<Finding>,
) {
    let goal = format_seconds(tier.rto);
    let at = |mut finding: Finding, spans: Vec<(Span, String)>| {
        for (span, text) in spans {
            finding = finding.at(span, text);
        }
        finding.at(tier.places.of("rto"), "the promise")
    };
    let spans = |of: &dyn Fn(&super::Term) -> bool| -> Vec<(Span, String)> {
        let path = time.path.iter().filter(|term| of(term));
        path.filter_map(|term| Some((term.span?, term.name.clone())))
            .collect()
    };
    if time.at_least > tier.rto {
        let finding = Finding::error(
            codes::RTO_UNMET,
            format!(
                "tier {name} may take {goal}, and takes at least {}",
                format_seconds(time.at_least)
            ),
        );
        let path: Vec<&str> = time.path.iter().map(|term| term.name.as_str()).collect();
        findings.push(
            at(finding, spans(&|term| term.seconds > 0))
                .help(format!("shorten: {}", path.join(" -> "))),
        );
    } else if !time.unknown.is_empty() {
        let finding = Finding::warning(
            codes::RTO_UNKNOWN,
            format!(
                "how long tier {name} takes is not known: {}",
                time.unknown.join(", ")
            ),
        );
        findings.push(
            at(finding, Vec::new()).help(
                "write `duration` of the steps, `detect` and `decide`, or record an exercise",
            ),
        );
    }
}

/// Returns what weighs against a tier: findings about its components, or about everything.
fn weights(findings: &[Finding], context: &Context<'_>, closure: &BTreeSet<&str>) -> Vec<String> {
    let components = context.desired.components().iter();
    let backups = context.strategy.backups.iter();
    let places: Vec<(&str, &Places)> = components
        .map(|(name, one)| (name.as_str(), &one.places))
        .chain(backups.map(|one| (one.component.as_str(), &one.places)))
        .collect();
    // A finding that names components only counts for the tiers that need one of them.
    let concerns = |finding: &Finding| {
        let named = places
            .iter()
            .filter(|(_, own)| finding.labels.iter().any(|label| own.holds(label.span)));
        let objects = finding
            .addresses
            .iter()
            .filter_map(|one| context.desired.get(one)?.component.as_deref());
        let mut named = named.map(|(name, _)| *name).chain(objects).peekable();
        named.peek().is_none() || named.any(|name| closure.contains(name))
    };
    let not_of_time = |code: &str| code != codes::RTO_UNMET && code != codes::RTO_UNKNOWN;
    let mut counted: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for finding in findings.iter().filter(|one| one.severity != Severity::Note) {
        if not_of_time(&finding.code) && concerns(finding) {
            *counted.entry(finding.code.as_ref()).or_default() += 1;
        }
    }
    counted
        .into_iter()
        .map(|(code, count)| {
            if count == 1 {
                code.to_owned()
            } else {
                format!("{code} ({count} times)")
            }
        })
        .collect()
}

/// Returns the full exercise that shows that the promise was kept: it passed, everything was put
/// back, it is committed, somebody approved it who did not take part, it is still valid, and it
/// covered all components. A record of a day to come shows nothing.
fn proof(context: &Context<'_>, rto: i64, rpo: i64, components: &[String]) -> Option<String> {
    let today = jiff::tz::TimeZone::UTC.to_datetime(context.now()?).date();
    let full = context.strategy.records.iter().rev().find(|record| {
        let covers = record.components.is_empty()
            || components.iter().all(|one| record.components.contains(one));
        record.kind == "full"
            && record.result == Outcome::Passed
            && record.cleaned_up == Some(true)
            && covers
            && record.author.is_some()
            && record
                .approved_by
                .as_ref()
                .is_some_and(|approver| !record.participants.contains(approver))
            && record.date <= today
            && record.rto.is_some_and(|took| took <= rto)
            && record.rpo.is_some_and(|lost| lost <= rpo)
            && days_left(record, today) >= 0
    })?;
    Some(format!(
        "the exercise of {} took {}",
        full.date,
        format_seconds(full.rto?)
    ))
}

fn days_left(record: &Record, today: jiff::civil::Date) -> i64 {
    let age = today
        .since(record.date)
        .map_or(i64::MAX / 2, |span| i64::from(span.get_days()));
    record.valid_for / DAY - age
}

/// Returns the newest record of each kind that the strategy asks for, and says what is too old.
fn freshness(context: &Context<'_>, findings: &mut Vec<Finding>) -> Vec<Freshness> {
    let strategy = context.strategy;
    let today = context
        .now()
        .map(|now| jiff::tz::TimeZone::UTC.to_datetime(now).date());
    let mut all = Vec::new();
    for (kind, _) in RECORD_KINDS {
        let exercise = strategy
            .exercises
            .values()
            .find(|one| one.kind.word() == kind);
        let newest = strategy
            .records
            .iter()
            .rev()
            .find(|one| one.kind == kind && one.result != Outcome::Failed);
        if exercise.is_none() && newest.is_none() {
            continue;
        }
        let days_left = newest
            .zip(today)
            .map(|(record, today)| days_left(record, today));
        let overdue = days_left.filter(|days| *days < 0);
        if let (Some(days), Some(record)) = (overdue, newest) {
            findings.push(
                Finding::warning(
                    codes::RECORD_STALE,
                    format!("the newest {kind} record is {} days too old", -days),
                )
                .at(record.places.span(), "")
                .help("do it again, and record it"),
            );
        } else if let (None, Some(exercise), Some(_)) = (newest, exercise, today) {
            findings.push(
                Finding::warning(codes::RECORD_STALE, format!("there is no {kind} record"))
                    .at(exercise.places.span(), "is asked for here")
                    .help(format!("do it, and record it in records/{kind}/")),
            );
        }
        all.push(Freshness {
            kind,
            newest: newest.map(|record| record.date),
            author: newest.and_then(|record| record.author.clone()),
            days_left,
        });
    }
    all
}

fn people(context: &Context<'_>) -> People {
    let roles = context.strategy.roles.values();
    let places = roles.flat_map(|role| [Some(&role.primary), role.backup.as_ref()]);
    let filled = places
        .clone()
        .flatten()
        .filter(|person| !is_placeholder(person))
        .count();
    People {
        needed: places.count(),
        filled,
    }
}
