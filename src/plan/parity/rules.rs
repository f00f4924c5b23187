//! The rules of parity: what must be the same, within a share, or healthy, and how bad it is if not.
//!
//! In: TOML files of `policies/parity`, over those that come with drsync. Out: rules by kind and
//! path, or findings about the files. A file changes a rule that comes with drsync by naming its
//! code and what is to differ, such as the severity or the threshold; `severity = "off"` takes it
//! out. What an entry of the environment says in its own `parity` comes before every rule.

use std::collections::BTreeMap;

use super::build::health_of;
use super::parity_value::Line;
use super::rule_file::{RawRule, parse};
use crate::desired::DeclaredRelation;
use crate::model::{FactValue, Finding, Map, Resource, Severity, SourceId, Sources, Span, Value};

/// The rules that come with drsync.
const BUILT_IN: &str = include_str!("../../../policies/parity/rules.toml");
const BUILT_IN_PATH: &str = "policies/parity/rules.toml (built in)";

/// The codes that are no rule's, each with what it means.
pub const PARITY_CODES: &[(&str, &str)] = &[
    (
        "parity-differs",
        "a field of a pair breaks its relation, and no rule says more about it",
    ),
    (
        "parity-missing",
        "an object is at one site of a pair and not at the other",
    ),
    (
        "parity-unknown",
        "a side of a pair could not be read, so nothing is known of the pair; unknown is never missing",
    ),
    (
        "parity-rule",
        "a file of policies/parity holds a mistake; nothing is compared by rules that nobody can read",
    ),
];

/// What a rule asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    /// A relation between the two sites.
    Relation(DeclaredRelation),
    /// That the object is there at both.
    Presence,
    /// That a number of each object lies within bounds.
    Bounds(Option<f64>, Option<f64>),
    /// That at least this share of what reports on an object reports well.
    Healthy(f64),
}

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) path: Vec<String>,
    pub(super) check: Check,
    pub(super) severity: Severity,
    pub(super) why: String,
    pub(super) help: String,
}

/// What a rule says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleEntry<'a> {
    /// Its code.
    pub code: &'a str,
    /// How bad a match is.
    pub severity: Severity,
    /// Why it matters.
    pub why: &'a str,
    /// What to do about a match.
    pub help: &'a str,
}

/// The rules that are in force.
#[derive(Clone, Debug, Default)]
pub struct ParityRules {
    rules: Vec<Rule>,
}

/// What a rule has to say of one object by itself, or of one field of a pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Found<'a> {
    rule: Option<&'a Rule>,
    /// The code where no rule speaks.
    code: &'static str,
    severity: Option<Severity>,
    /// The field; empty for the whole object.
    pub(super) path: String,
    /// What was asked, in words.
    pub(super) relation: String,
    /// The value that was found.
    pub(super) value: Option<Value>,
    /// What is so.
    pub(super) what: String,
    /// Whether the rule does not hold.
    pub(super) broken: bool,
    /// Whether it cannot be told.
    pub(super) unknown: bool,
}

impl Found<'_> {
    /// Returns the code.
    #[cfg(test)]
    pub(super) fn code(&self) -> &str {
        self.rule.map_or(self.code, |rule| &rule.code)
    }

    /// Writes code, severity, why and help on a line.
    pub(super) fn on(&self, mut line: Line) -> Line {
        if let Some(rule) = self.rule {
            line.code.clone_from(&rule.code);
            line.severity = rule.severity;
            line.why.clone_from(&rule.why);
            if line.repair.is_empty() {
                line.repair.clone_from(&rule.help);
            } else if !rule.help.is_empty() {
                line.repair = format!("{}; {}", line.repair, rule.help);
            }
        } else {
            self.code.clone_into(&mut line.code);
            line.severity = self.severity.unwrap_or(Severity::Warning);
        }
        line
    }
}

impl ParityRules {
    /// Reads files, given as path and text in any order, over the rules that come with drsync.
    #[must_use]
    pub fn load(files: &[(String, String)], sources: &mut Sources) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let source = sources.add(BUILT_IN_PATH, BUILT_IN);
        let mut raw: BTreeMap<String, (RawRule, SourceId)> = BTreeMap::new();
        for rule in parse(BUILT_IN, source, &mut findings) {
            raw.insert(rule.code.get_ref().clone(), (rule, source));
        }
        let mut files: Vec<&(String, String)> = files.iter().collect();
        files.sort_unstable();
        let mut own: BTreeMap<String, Span> = BTreeMap::new();
        // A copy of what comes with drsync says nothing of its own.
        for (path, text) in files.into_iter().filter(|(_, text)| text != BUILT_IN) {
            let source = sources.add(path.as_str(), text.as_str());
            for rule in parse(text, source, &mut findings) {
                let code = rule.code.get_ref().clone();
                let span = Span::new(source, &rule.code.span());
                if let Some(first) = own.insert(code.clone(), span) {
                    findings.push(
                        Finding::error("parity-rule", format!("two rules have the code `{code}`"))
                            .at(span, "the second")
                            .at(first, "the first"),
                    );
                }
                let rule = match raw.get(&code) {
                    Some((base, _)) => rule.over(base),
                    None => rule,
                };
                raw.insert(code, (rule, source));
            }
        }
        let mut rules = Vec::new();
        for (code, (rule, source)) in raw {
            let span = Span::new(source, &rule.code.span());
            match rule.compile() {
                Ok(rule) => rules.extend(rule),
                Err(why) => findings.push(
                    Finding::error("parity-rule", format!("the rule `{code}` is wrong: {why}"))
                        .at(span, "")
                        .help("policies/parity/rules.toml explains the form"),
                ),
            }
        }
        // The rule that says most about where it holds comes first.
        rules.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then(a.code.cmp(&b.code)));
        (Self { rules }, findings)
    }

    /// Returns the rules that come with drsync.
    #[must_use]
    pub fn built_in() -> Self {
        Self::load(&[], &mut Sources::default()).0
    }

    /// Iterates over the rules by code.
    pub fn entries(&self) -> impl Iterator<Item = RuleEntry<'_>> {
        let mut rules: Vec<&Rule> = self.rules.iter().collect();
        rules.sort_by(|a, b| a.code.cmp(&b.code));
        rules.into_iter().map(|rule| RuleEntry {
            code: &rule.code,
            severity: rule.severity,
            why: &rule.why,
            help: &rule.help,
        })
    }

    /// Returns the text of the rules that come with drsync.
    #[must_use]
    pub const fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// Returns whether a rule asks something of each object of a kind, with or without a partner.
    #[must_use]
    pub fn asks_each(&self, kind: &str) -> bool {
        let is_each = |rule: &Rule| matches!(rule.check, Check::Bounds(..) | Check::Healthy(_));
        self.rules
            .iter()
            .any(|rule| rule.kind == kind && is_each(rule))
    }

    /// Returns the relation that a rule asks of a field; none if no rule speaks of it.
    pub(super) fn relation(&self, kind: &str, path: &str) -> Option<DeclaredRelation> {
        let mut rules = self.rules.iter().filter(|rule| rule.covers(kind, path));
        rules.find_map(|rule| match &rule.check {
            Check::Relation(relation) => Some(relation.clone()),
            _ => None,
        })
    }

    /// Returns what is said of a field whose relation does not hold.
    pub(super) fn broken(&self, kind: &str, path: &str) -> Found<'_> {
        let is_relation = |rule: &&Rule| matches!(rule.check, Check::Relation(_));
        let rule = self
            .rules
            .iter()
            .filter(is_relation)
            .find(|rule| rule.covers(kind, path));
        Found {
            rule,
            code: "parity-differs",
            ..Found::default()
        }
    }

    /// Returns what is said of an object that is at one site only.
    pub(super) fn missing(&self, kind: &str) -> Found<'_> {
        let is_presence = |rule: &&Rule| rule.check == Check::Presence && rule.kind == kind;
        Found {
            rule: self.rules.iter().find(is_presence),
            code: "parity-missing",
            severity: Some(Severity::Error),
            ..Found::default()
        }
    }

    /// Returns what is said of a pair that could not be compared.
    pub(super) fn unknown(&self) -> Found<'_> {
        Found {
            rule: self.rules.iter().find(|rule| rule.code == "parity-unknown"),
            code: "parity-unknown",
            severity: Some(Severity::Error),
            ..Found::default()
        }
    }

    /// Returns what the rules of bounds and of health say of one object.
    pub(super) fn of_object<'r>(&'r self, resource: &Resource) -> Vec<Found<'r>> {
        let kind = resource.address.kind();
        let mut found = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.kind == kind) {
            match &rule.check {
                Check::Bounds(low, high) => {
                    let mut values = Vec::new();
                    at(&resource.fields, &rule.path, "", &mut values);
                    for (path, value) in values {
                        found.extend(rule.bounded(path, value, *low, *high));
                    }
                }
                Check::Healthy(share) => {
                    found.extend(health_of(resource).map(|health| rule.healthy(health, *share)));
                }
                Check::Relation(_) | Check::Presence => {}
            }
        }
        found
    }
}

impl Rule {
    /// Returns whether a rule speaks of a field: its own path, or one below it; `*` is any step.
    fn covers(&self, kind: &str, path: &str) -> bool {
        let mut steps = path.split('/').skip(1);
        self.kind == kind
            && self
                .path
                .iter()
                .all(|own| steps.next().is_some_and(|step| own == "*" || own == step))
    }

    #[allow(clippy::cast_precision_loss, reason = "bounds are far below 2^52")]
    fn bounded(
        &self,
        path: String,
        value: &Value,
        low: Option<f64>,
        high: Option<f64>,
    ) -> Option<Found<'_>> {
        let number = match value {
            Value::Int(number) => *number as f64,
            Value::Float(number) => *number,
            _ => return None,
        };
        let (relation, what, broken) = match (low, high) {
            (Some(low), _) if number < low => (
                format!("{low} or more"),
                format!("it is {number}, below {low}"),
                true,
            ),
            (_, Some(high)) if number > high => (
                format!("{high} or less"),
                format!("it is {number}, above {high}"),
                true,
            ),
            _ => (String::from("within bounds"), String::new(), false),
        };
        Some(Found {
            rule: Some(self),
            path,
            relation,
            value: Some(value.clone()),
            what,
            broken,
            ..Found::default()
        })
    }

    /// Judges a health that reads `N of M …`; any other is shown and not judged.
    fn healthy(&self, health: &FactValue, share: f64) -> Found<'_> {
        let (what, broken, unknown) = match health {
            FactValue::Unknown(why) => (format!("its health is unknown: {why}"), false, true),
            FactValue::Number(number) => {
                (format!("its health is {number}"), *number < share, false)
            }
            FactValue::Text(text) => {
                let mut words = text.split(' ');
                let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
                let well = number();
                let _of = number();
                let all = number();
                let low = matches!((well, all), (Some(well), Some(all)) if well < all * share);
                (text.clone(), low, false)
            }
        };
        Found {
            rule: Some(self),
            relation: "healthy".to_owned(),
            what,
            broken,
            unknown,
            ..Found::default()
        }
    }
}

/// Gathers the values at a path, in which `*` is any step.
fn at<'m>(map: &'m Map, path: &[String], shown: &str, out: &mut Vec<(String, &'m Value)>) {
    let Some((step, rest)) = path.split_first() else {
        return;
    };
    for (key, value) in map.iter().filter(|(key, _)| step == "*" || step == key) {
        below(value, rest, format!("{shown}/{key}"), out);
    }
}

fn below<'m>(value: &'m Value, path: &[String], shown: String, out: &mut Vec<(String, &'m Value)>) {
    match (value, path.split_first()) {
        (value, None) => out.push((shown, value)),
        (Value::Map(map), Some(_)) => at(map, path, &shown, out),
        (Value::List(items), Some((step, rest))) if step == "*" => {
            for item in items {
                let id = item
                    .as_map()
                    .and_then(|map| map.text("id"))
                    .unwrap_or_default();
                below(item, rest, format!("{shown}/[id={id}]"), out);
            }
        }
        _ => {}
    }
}
