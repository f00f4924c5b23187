//! The kind `prometheus_rule`: that an alert is there, watches what it should, and can be sent.
//!
//! In: a `[[prometheus_rule]]` entry, or the rules that Prometheus runs. Out: how long the condition
//! must hold and the labels, as fields; whether it is evaluated and whether an Alertmanager listens,
//! as health. Rules are files of Prometheus, so nothing is written.

use async_trait::async_trait;
use serde::Deserialize;

use super::{
    Ask, Declaration, Entry, Family, Kind, KindError, Observation, Section, Write, Written,
};
use crate::model::units::{NAME as NAME_RULE, PLAIN};
use crate::model::{Fact, FactName, FactValue, Field, Map, Object, Resource, Shape};

const NAME: &str = "prometheus_rule";
/// Why nothing is written.
const FILES: &str = "rules are files that Prometheus loads; change the file";

static SECTION: Section = Section {
    array: NAME,
    doc: "An alerting rule of Prometheus: observed, never written",
    fields: &[
        Field::new("name", Shape::Text(&NAME_RULE), "The name of the alert").required(),
        Field::new(
            "service",
            Shape::Text(&NAME_RULE),
            "The service of the site that is Prometheus; the only one if it is left out",
        ),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Service,
    sited: true,
};

static SHAPE: Shape = Shape::Table(&[
    Field::new(
        "query",
        Shape::Text(&PLAIN),
        "The condition, as Prometheus spells it",
    ),
    Field::new(
        "for",
        Shape::Seconds(0, 366 * 86_400),
        "How long the condition must hold",
    ),
    Field::new(
        "labels",
        Shape::Open(&Shape::Text(&PLAIN)),
        "Labels that it must have, such as its severity; others are left alone",
    ),
    Field::new(
        "listened",
        Shape::Bool,
        "Whether an Alertmanager must take its alerts",
    ),
]);

/// GET /api/v1/rules.
///
/// Rule: <https://prometheus.io/docs/prometheus/latest/querying/api/#rules>
#[derive(Debug, Deserialize)]
struct Rules {
    data: Groups,
}

#[derive(Debug, Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    name: String,
    query: String,
    #[serde(default)]
    duration: f64,
    #[serde(default)]
    labels: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    health: String,
    #[serde(default)]
    state: String,
}

/// GET /api/v1/alertmanagers.
#[derive(Debug, Deserialize)]
struct Managers {
    data: Active,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    active_alertmanagers: Vec<serde_json::Value>,
}

/// An alerting rule of Prometheus.
#[derive(Debug)]
pub(super) struct PrometheusRule;

#[async_trait]
impl Kind for PrometheusRule {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "An alerting rule of Prometheus"
    }

    fn reference(&self) -> &'static str {
        "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/"
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let name = entry.settings.text("name").unwrap_or_default().to_owned();
        Some(Declaration {
            // One answer has all rules.
            scope: format!("{NAME}/*"),
            identity: [("name", name.clone())].into_iter().collect(),
            id: name,
            fields: SHAPE.canonical(std::mem::take(&mut entry.fields)),
            ..Declaration::default()
        })
    }

    fn stays(&self) -> Option<&'static str> {
        Some(FILES)
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let service = ask.service()?;
        let rules = service.get("/api/v1/rules?type=alert").await;
        let rules: Rules = rules
            .and_then(|answer| answer.json())
            .map_err(KindError::Cloud)?;
        let managers = service.get("/api/v1/alertmanagers").await;
        let managers: Managers = managers
            .and_then(|answer| answer.json())
            .map_err(KindError::Cloud)?;
        let listened = !managers.data.active_alertmanagers.is_empty();
        let rules: Vec<Rule> = rules
            .data
            .groups
            .into_iter()
            .flat_map(|group| group.rules)
            .collect();
        let resources = ask.objects.iter().filter_map(|object| {
            let name = object.identity.text("name").unwrap_or_default();
            let rule = rules.iter().find(|rule| rule.name == name)?;
            let mut resource = Resource::new(
                object.address.clone(),
                object.identity.clone(),
                fields(rule, listened, object),
            );
            resource.read_only = Some(FILES);
            resource.facts.push(Fact {
                name: FactName::Health,
                value: health(rule),
                unit: String::new(),
                method: "GET /api/v1/rules".to_owned(),
                measured_at: service.now(),
            });
            Some(resource)
        });
        Ok(Observation {
            resources: resources.collect(),
            method: "one list of rules".to_owned(),
            ..Observation::default()
        })
    }

    async fn write(&self, _write: &Write<'_>) -> Written {
        Written::Refused(KindError::Unwritable(FILES.to_owned()))
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let mut entry = resource.fields.clone();
        entry.insert("name", resource.identity.text("name")?);
        Some(entry)
    }
}

fn fields(rule: &Rule, listened: bool, object: &Object) -> Map {
    let mut fields = Map::new();
    fields.insert("query", rule.query.as_str());
    #[allow(
        clippy::cast_possible_truncation,
        reason = "whole seconds of at most a year"
    )]
    fields.insert("for", rule.duration.round() as i64);
    fields.insert("listened", listened);
    let declared = object.fields.map("labels");
    let labels = rule
        .labels
        .iter()
        .filter(|(key, _)| declared.is_some_and(|known| known.contains(key)));
    let labels: Map = labels
        .map(|(key, value)| (key.clone(), value.as_str()))
        .collect();
    if declared.is_some() {
        fields.insert("labels", labels);
    }
    SHAPE.canonical(fields)
}

/// An alert that fires is no fault of its rule.
fn health(rule: &Rule) -> FactValue {
    match rule.health.as_str() {
        "ok" => FactValue::Text("healthy".to_owned()),
        // Not evaluated yet, as after a start.
        "unknown" | "" => FactValue::Unknown("it has not been evaluated yet".to_owned()),
        other => FactValue::Text(format!(
            "its evaluation is \"{other}\", its state {}",
            rule.state
        )),
    }
}
