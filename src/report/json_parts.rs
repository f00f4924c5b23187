//! The parts of the JSON documents: changes, held items, gaps, findings and facts.
//!
//! In: values of the model. Out: the same values with the keys of the interface. Must not know
//! which document they stand in.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{
    Action, Address, Cause, Change, Class, Fact, FactName, FactValue, FieldChange, Finding, Gap,
    GapCode, Held, Severity, Source, Sources, Value,
};

use super::findings::sorted;
use super::json_words::{ActionWord, CauseWord, ClassWord, FactWord, GapWord, SeverityWord};

/// One change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
pub(super) struct ChangeJson<'a> {
    address: &'a str,
    kind: &'a str,
    /// The site, or `global`.
    site: &'a str,
    component: Option<&'a str>,
    #[serde(with = "ActionWord")]
    action: Action,
    #[serde(with = "CauseWord")]
    cause: Cause,
    #[serde(with = "ClassWord")]
    class: Class,
    fields: Vec<FieldJson<'a>>,
    reasons: &'a [String],
    source: Option<PlaceJson<'a>>,
}

/// One field before and after; null for absence.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldJson<'a> {
    /// A JSON Pointer, with keyed list items as `[name=web]`.
    path: &'a str,
    #[schemars(with = "Option<serde_json::Value>")]
    before: Option<&'a Value>,
    #[schemars(with = "Option<serde_json::Value>")]
    after: Option<&'a Value>,
}

/// A place in a file, from 1.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub(super) struct PlaceJson<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// Something that the plan does not do yet.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Held")]
pub(super) struct HeldJson<'a> {
    address: &'a str,
    code: &'a str,
    reason: &'a str,
    /// The moment from which it may be done, if time alone releases it.
    until: Option<String>,
    #[serde(with = "CauseWord")]
    cause: Cause,
    fields: Vec<FieldJson<'a>>,
    source: Option<PlaceJson<'a>>,
}

/// Something that could not be observed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
pub(super) struct GapJson<'a> {
    scope: &'a str,
    #[serde(with = "GapWord")]
    code: GapCode,
    cause: &'a str,
    /// The declared objects that are unknown because of it.
    addresses: Vec<&'a str>,
}

/// A coded diagnostic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub(super) struct FindingJson<'a> {
    code: &'a str,
    #[serde(with = "SeverityWord")]
    severity: Severity,
    message: &'a str,
    help: &'a str,
    /// The places, the main one first.
    places: Vec<MarkedPlaceJson<'a>>,
    addresses: Vec<&'a str>,
}

/// A place that a finding points at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MarkedPlace")]
struct MarkedPlaceJson<'a> {
    file: String,
    line: u32,
    column: u32,
    /// What is to be seen there.
    text: &'a str,
}

/// A measurement; its value is null where it could not be made, and `unknown` says why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fact")]
pub(super) struct FactJson<'a> {
    address: &'a str,
    #[serde(with = "FactWord")]
    name: FactName,
    value: FactValueJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
    unit: &'a str,
    method: &'a str,
    measured_at: String,
}

/// A measured number or word, or null.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FactValue")]
#[serde(untagged)]
enum FactValueJson<'a> {
    Number(f64),
    Text(&'a str),
    Unknown(()),
}

impl<'a> ChangeJson<'a> {
    pub(super) fn of(change: &'a Change) -> Self {
        let address = change.address();
        Self {
            address: address.as_str(),
            kind: address.kind(),
            site: address.site(),
            component: change.component.as_deref(),
            action: change.action,
            cause: change.cause,
            class: change.class,
            fields: FieldJson::all(&change.fields),
            reasons: &change.reasons,
            source: change.source.as_ref().map(PlaceJson::of),
        }
    }
}

impl<'a> FieldJson<'a> {
    pub(super) fn all(fields: &'a [FieldChange]) -> Vec<Self> {
        fields
            .iter()
            .map(|field| Self {
                path: &field.path,
                before: field.before.as_ref(),
                after: field.after.as_ref(),
            })
            .collect()
    }
}

impl<'a> PlaceJson<'a> {
    pub(super) fn of(source: &'a Source) -> Self {
        Self {
            file: &source.file,
            line: source.line,
            column: source.column,
        }
    }
}

impl<'a> HeldJson<'a> {
    pub(super) fn of(held: &'a Held) -> Self {
        Self {
            address: held.address.as_str(),
            code: &held.code,
            reason: &held.reason,
            until: held.until.map(|until| until.to_string()),
            cause: held.cause,
            fields: FieldJson::all(&held.fields),
            source: held.source.as_ref().map(PlaceJson::of),
        }
    }
}

impl<'a> GapJson<'a> {
    pub(super) fn of(gap: &'a Gap) -> Self {
        Self {
            scope: &gap.scope,
            code: gap.code,
            cause: &gap.cause,
            addresses: gap.addresses.iter().map(Address::as_str).collect(),
        }
    }
}

impl<'a> FindingJson<'a> {
    /// Returns all findings in the order in which reports show them.
    pub(super) fn all(findings: &'a [Finding], sources: &Sources) -> Vec<Self> {
        sorted(findings, sources)
            .into_iter()
            .map(|finding| Self::of(finding, sources))
            .collect()
    }

    pub(super) fn of(finding: &'a Finding, sources: &Sources) -> Self {
        let places = finding.labels.iter().map(|label| {
            let place = sources.locate(label.span);
            MarkedPlaceJson {
                file: place.file,
                line: place.line,
                column: place.column,
                text: &label.text,
            }
        });
        Self {
            code: &finding.code,
            severity: finding.severity,
            message: &finding.message,
            help: &finding.help,
            places: places.collect(),
            addresses: finding.addresses.iter().map(Address::as_str).collect(),
        }
    }
}

impl<'a> FactJson<'a> {
    pub(super) fn of(address: &'a Address, fact: &'a Fact) -> Self {
        let (value, unknown) = match &fact.value {
            FactValue::Number(number) => (FactValueJson::Number(*number), None),
            FactValue::Text(text) => (FactValueJson::Text(text), None),
            FactValue::Unknown(why) => (FactValueJson::Unknown(()), Some(why.as_str())),
        };
        Self {
            address: address.as_str(),
            name: fact.name,
            value,
            unknown,
            unit: &fact.unit,
            method: &fact.method,
            measured_at: fact.measured_at.to_string(),
        }
    }
}
