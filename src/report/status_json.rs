//! Where a strategy stands, for programs.
//!
//! In: an assessment. Out: JSON. Must not know how a verdict came to be.

use serde::Serialize;

use super::ReportError;
use super::json::{FORMAT_VERSION, to_text};
use super::status::{StatusView, count};
use crate::assess::{Basis, Term, TierAssessment, Verdict};

#[derive(Serialize)]
struct StatusJson<'a> {
    format_version: &'static str,
    tool_version: &'a str,
    environment: &'a str,
    observed_at: Option<String>,
    verdict: Option<&'static str>,
    tiers: Vec<TierJson<'a>>,
    people: PeopleJson,
    records: Vec<RecordJson<'a>>,
    findings: FindingsJson,
    unread_scopes: usize,
}

#[derive(Serialize)]
struct TierJson<'a> {
    name: &'a str,
    components: &'a [String],
    verdict: &'static str,
    rto_seconds: i64,
    rpo_seconds: i64,
    recovery_seconds_at_least: i64,
    recovery_unknown: &'a [String],
    critical_path: Vec<TermJson<'a>>,
    stores: Vec<StoreJson<'a>>,
    unread_objects: usize,
    reasons: Vec<ReasonJson<'a>>,
}

#[derive(Serialize)]
struct TermJson<'a> {
    name: &'a str,
    seconds: Option<i64>,
    basis: &'static str,
    measured: Option<usize>,
    object: Option<&'a str>,
}

#[derive(Serialize)]
struct StoreJson<'a> {
    component: &'a str,
    allowed_seconds: Option<i64>,
    now_seconds: Option<i64>,
    measured_by: Option<&'a str>,
    worst_seconds: Option<i64>,
}

#[derive(Serialize)]
struct ReasonJson<'a> {
    verdict: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
struct PeopleJson {
    needed: usize,
    filled: usize,
}

#[derive(Serialize)]
struct RecordJson<'a> {
    kind: &'a str,
    newest: Option<String>,
    author: Option<&'a str>,
    days_left: Option<i64>,
}

#[derive(Serialize)]
struct FindingsJson {
    errors: usize,
    others: usize,
}

/// Returns a status as JSON.
pub fn status_json(view: &StatusView<'_>) -> Result<String, ReportError> {
    let assessment = view.assessment;
    let (errors, others) = count(view);
    to_text(&StatusJson {
        format_version: FORMAT_VERSION,
        tool_version: view.tool_version,
        environment: view.environment,
        observed_at: assessment.now.map(|now| now.to_string()),
        verdict: assessment.worst().map(Verdict::word),
        tiers: assessment.tiers.iter().map(tier_json).collect(),
        people: PeopleJson {
            needed: assessment.people.needed,
            filled: assessment.people.filled,
        },
        records: assessment
            .records
            .iter()
            .map(|record| RecordJson {
                kind: record.kind,
                newest: record.newest.map(|date| date.to_string()),
                author: record.author.as_deref(),
                days_left: record.days_left,
            })
            .collect(),
        findings: FindingsJson { errors, others },
        unread_scopes: view.gaps.len(),
    })
}

fn tier_json(tier: &TierAssessment) -> TierJson<'_> {
    TierJson {
        name: &tier.name,
        components: &tier.components,
        verdict: tier.verdict.word(),
        rto_seconds: tier.rto,
        rpo_seconds: tier.rpo,
        recovery_seconds_at_least: tier.time.at_least,
        recovery_unknown: &tier.time.unknown,
        critical_path: tier.time.path.iter().map(term_json).collect(),
        stores: tier
            .points
            .iter()
            .map(|point| StoreJson {
                component: &point.component,
                allowed_seconds: point.allowed,
                now_seconds: point.now,
                measured_by: point.measured.as_deref(),
                worst_seconds: point.worst,
            })
            .collect(),
        unread_objects: tier.unobserved,
        reasons: tier
            .reasons
            .iter()
            .map(|(verdict, reason)| ReasonJson {
                verdict: verdict.word(),
                reason,
            })
            .collect(),
    }
}

fn term_json(term: &Term) -> TermJson<'_> {
    let (basis, measured, object) = match &term.basis {
        Basis::Measured(count) => ("measured", Some(*count), None),
        Basis::Declared => ("declared", None, None),
        Basis::Object(address) => ("object", None, Some(address.as_str())),
        Basis::Unknown => ("unknown", None, None),
    };
    TermJson {
        name: &term.name,
        seconds: (term.basis != Basis::Unknown).then_some(term.seconds),
        basis,
        measured,
        object,
    }
}
