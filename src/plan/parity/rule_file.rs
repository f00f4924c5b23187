//! A file of parity rules, as it is written.
//!
//! In: a text. Out: rules that may leave something out, and findings. Must not know which rules
//! there are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::rules::{Check, Rule};
use crate::desired::DeclaredRelation;
use crate::model::{Finding, Severity, SourceId, Span};

/// Returns the schema of a file of rules.
#[must_use]
pub fn parity_rule_schema() -> schemars::Schema {
    schemars::schema_for!(RawFile)
}

/// A file of rules.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "drsync parity rules", rename = "ParityRules")]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    rule: Vec<RawRule>,
}

/// A rule as it is written; all but the code may be left out to keep what comes with drsync.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ParityRule")]
pub(super) struct RawRule {
    /// The name; that of a rule that comes with drsync changes that rule.
    #[schemars(with = "String")]
    pub(super) code: Spanned<String>,
    /// The kind of object.
    kind: Option<String>,
    /// The field and everything below it; `*` is any item; left out, the object as a whole.
    path: Option<String>,
    /// The relation between the DR site and the primary.
    relation: Option<RawRelation>,
    /// Whether the object must be at both sites or at neither.
    missing: Option<bool>,
    /// The least that a number of each object may be.
    at_least: Option<f64>,
    /// The most that a number of each object may be.
    at_most: Option<f64>,
    /// The share of what reports on an object that must report well.
    healthy: Option<f64>,
    /// error, warning, note (advice, which fails nothing) or off.
    severity: Option<String>,
    /// Why it matters at a failover.
    why: Option<String>,
    /// What repairs it.
    help: Option<String>,
}

/// A relation as it is written.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ParityRelation")]
enum RawRelation {
    /// equal, differs or ignore.
    Word(String),
    /// One of ratio, `at_least`, `at_most` and within, with a share.
    Share(BTreeMap<String, f64>),
}

impl RawRule {
    /// Lays what is written over what comes with drsync.
    pub(super) fn over(self, base: &Self) -> Self {
        Self {
            code: self.code,
            kind: self.kind.or_else(|| base.kind.clone()),
            path: self.path.or_else(|| base.path.clone()),
            relation: self.relation.or_else(|| base.relation.clone()),
            missing: self.missing.or(base.missing),
            at_least: self.at_least.or(base.at_least),
            at_most: self.at_most.or(base.at_most),
            healthy: self.healthy.or(base.healthy),
            severity: self.severity.or_else(|| base.severity.clone()),
            why: self.why.or_else(|| base.why.clone()),
            help: self.help.or_else(|| base.help.clone()),
        }
    }

    fn check(&self) -> Result<Check, String> {
        let mut checks = Vec::new();
        if let Some(relation) = &self.relation {
            checks.push(Check::Relation(relation.parse()?));
        }
        if self.missing == Some(true) {
            checks.push(Check::Presence);
        }
        if self.at_least.is_some() || self.at_most.is_some() {
            checks.push(Check::Bounds(self.at_least, self.at_most));
        }
        if let Some(share) = self.healthy {
            checks.push(Check::Healthy(share));
        }
        match (checks.pop(), checks.is_empty()) {
            (Some(check), true) => Ok(check),
            _ => Err(
                "it asks not exactly one of `relation`, `missing`, `at_least` and `at_most`, `healthy`"
                    .to_owned(),
            ),
        }
    }

    /// Returns the rule; none if it is switched off.
    pub(super) fn compile(self) -> Result<Option<Rule>, String> {
        let check = self.check()?;
        let severity = match self.severity.as_deref() {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            Some("note") => Severity::Note,
            Some("off") => return Ok(None),
            _ => return Err("`severity` is error, warning, note or off".to_owned()),
        };
        let path = self.path.unwrap_or_default();
        Ok(Some(Rule {
            code: self.code.into_inner(),
            kind: self.kind.ok_or("it names no `kind`")?,
            path: path.split('/').skip(1).map(str::to_owned).collect(),
            check,
            severity,
            why: self.why.unwrap_or_default(),
            help: self.help.unwrap_or_default(),
        }))
    }
}

impl RawRelation {
    fn parse(&self) -> Result<DeclaredRelation, String> {
        let one = match self {
            Self::Word(word) => match word.as_str() {
                "equal" => Some(DeclaredRelation::Equal),
                "differs" => Some(DeclaredRelation::Differs),
                "ignore" => Some(DeclaredRelation::Ignore(String::new())),
                _ => None,
            },
            Self::Share(table) => match table.iter().next() {
                Some((name, share)) if table.len() == 1 && *share >= 0.0 => match name.as_str() {
                    "ratio" => Some(DeclaredRelation::Ratio(*share)),
                    "at_least" => Some(DeclaredRelation::AtLeast(*share)),
                    "at_most" => Some(DeclaredRelation::AtMost(*share)),
                    "within" => Some(DeclaredRelation::Within(*share)),
                    _ => None,
                },
                _ => None,
            },
        };
        one.ok_or_else(|| {
            "`relation` is \"equal\", \"differs\", \"ignore\", or one of { ratio }, { at_least }, { at_most }, { within }"
                .to_owned()
        })
    }
}

/// Reads the rules of a file.
pub(super) fn parse(text: &str, source: SourceId, findings: &mut Vec<Finding>) -> Vec<RawRule> {
    match toml::from_str::<RawFile>(text) {
        Ok(file) => file.rule,
        Err(error) => {
            let mut finding = Finding::error("parity-rule", error.message().to_owned());
            if let Some(range) = error.span() {
                finding = finding.at(Span::new(source, &range), "");
            }
            findings.push(finding.help("policies/parity/rules.toml explains the form"));
            Vec::new()
        }
    }
}
