//! The kind `route53_health_check`: endpoint, calculated, CloudWatch and recovery-control checks.
//!
//! In: a `[[route53_health_check]]` entry, or ListHealthChecks. A check is known by its caller
//! reference, `drsync:<environment>:<name>:<number>`; where the service cannot change a field, a
//! check with the next number is made, and the old one goes when nothing refers to it any more.

mod declare;
mod observe;
mod shape;
mod write;

use async_trait::async_trait;

use super::{
    Ask, Declaration, Delays, Entry, Kind, KindError, Observation, Section, Write, Written,
};
use crate::model::{Action, Map, Resource, Shape, Value};

pub(super) use declare::is_id;
pub(super) use observe::names;
pub(super) use shape::SECTION;

/// The name of the kind.
pub(super) const NAME: &str = "route53_health_check";
/// The scope: one list holds all checks of the account.
const SCOPE: &str = "route53_health_checks";

/// A health check.
#[derive(Debug)]
pub(in crate::kinds) struct Route53HealthCheck;

#[async_trait]
impl Kind for Route53HealthCheck {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "A health check of Route 53"
    }

    fn reference(&self) -> &'static str {
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html"
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn shape(&self) -> &'static Shape {
        &shape::SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let before = entry.findings.len();
        let settings = entry.settings;
        let name = settings.text("name").unwrap_or_default().to_owned();
        if name.contains(':') {
            entry.error(
                "bad-text",
                "/name",
                "the name of a health check has no colon",
                "",
            );
        }
        let mut fields = std::mem::take(&mut entry.fields);
        declare::rules(entry, &fields);
        let depends = declare::children(entry, &mut fields);
        if entry.findings.len() > before {
            return None;
        }
        let identity: Map = match settings.text("id") {
            Some(id) => [("id", id)].into_iter().collect(),
            None => [("name", name.as_str())].into_iter().collect(),
        };
        Some(Declaration {
            id: name,
            scope: SCOPE.to_owned(),
            identity,
            fields: shape::SHAPE.canonical(declare::with_defaults(fields)),
            exclusive: false,
            adopt: false,
            observe: false,
            depends,
        })
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let checks = observe::list(ask).await?;
        let names = observe::names(ask).await?;
        let mut observation = Observation {
            method: "with one list".to_owned(),
            whole: true,
            ..Observation::default()
        };
        for object in ask.objects {
            let own_prefix = object
                .identity
                .text("name")
                .map(|name| observe::prefix(ask.environment, name));
            let found = checks
                .iter()
                .filter(|check| match (&own_prefix, object.identity.text("id")) {
                    (Some(prefix), _) => observe::number(check, prefix).is_some(),
                    (None, id) => Some(check.id()) == id,
                })
                .max_by_key(|check| {
                    own_prefix
                        .as_ref()
                        .and_then(|prefix| observe::number(check, prefix))
                });
            let Some(check) = found else { continue };
            let fields = check
                .health_check_config()
                .map(|config| observe::decode(config, &names))
                .unwrap_or_default();
            let raw: Map = [
                ("id", Value::from(check.id())),
                ("version", Value::from(check.health_check_version())),
            ]
            .into_iter()
            .collect();
            let mut resource =
                Resource::new(object.address.clone(), object.identity.clone(), fields);
            resource.raw = Some(raw);
            resource
                .facts
                .push(observe::status(ask.aws()?, check).await);
            observation.resources.push(resource);
        }
        Ok(observation)
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        let Some(change) = write.changes.first() else {
            return Written::done_at(write.writer.reader().now());
        };
        match change.action {
            Action::Create | Action::Replace => write::create(write, change).await,
            Action::Delete => write::delete(write, change).await,
            _ => write::update(write, change).await,
        }
    }

    async fn retire(&self, write: &Write<'_>) -> Written {
        match write.changes.first() {
            Some(change) => write::retire(write, change).await,
            None => Written::done_at(write.writer.reader().now()),
        }
    }

    /// Route 53 takes a check for failed after so many failures, one in each interval.
    fn delays(&self, fields: &Map) -> Delays {
        let detection = fields.int("interval").zip(fields.int("failures"));
        Delays {
            detection: detection.map(|(interval, failures)| interval * failures),
            ..Delays::default()
        }
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let mut entry = resource.fields.clone();
        let id = resource.raw.as_ref()?.text("id")?;
        entry.insert("name", resource.identity.text("name").unwrap_or(id));
        entry.insert("id", id);
        Some(entry)
    }
}
