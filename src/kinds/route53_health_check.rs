//! The kind `route53_health_check`: endpoint, calculated, CloudWatch and recovery-control checks.
//!
//! In: a `[[route53_health_check]]` entry, or ListHealthChecks. A check is known by its caller
//! reference, `drsync:<environment>:<name>:<number>`; where the service cannot change a field, a
//! check with the next number is made, and the old one goes when nothing refers to it any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_route53::types::{
    AlarmIdentifier, CloudWatchRegion, HealthCheck, HealthCheckConfig, HealthCheckRegion,
    HealthCheckType, InsufficientDataHealthStatus,
};

use super::{Ask, Declaration, Entry, Kind, KindError, Observation, Section, Write, Written};
use crate::cloud::{CloudError, Effect};
use crate::model::units::{ARN, DOMAIN, NAME as NAME_RULE, PLAIN};
use crate::model::{
    Action, Address, Change, Class, Fact, FactName, FactValue, Field, GLOBAL, Identity, Map,
    Resource, Shape, Value,
};

/// The name of the kind.
pub(super) const NAME: &str = "route53_health_check";
/// The scope: one list holds all checks of the account.
const SCOPE: &str = "route53_health_checks";
/// The largest page (`ListHealthChecks.MaxItems`).
const PAGE: i32 = 100;
/// How many numbers are tried for a new check: the service remembers references of deleted ones.
const NUMBERS: u32 = 20;

pub(super) static SECTION: Section = Section {
    array: "route53_health_check",
    doc: "A health check of Route 53, which records refer to by name",
    fields: &[
        Field::new("name", Shape::Text(&NAME_RULE), "What records call it").required(),
        Field::new(
            "id",
            Shape::Text(&NAME_RULE),
            "The id of a check that somebody else made",
        ),
    ],
    keys: &["name"],
    sited: false,
};

const TYPES: &[&str] = &[
    "HTTP",
    "HTTPS",
    "HTTP_STR_MATCH",
    "HTTPS_STR_MATCH",
    "TCP",
    "CALCULATED",
    "CLOUDWATCH_METRIC",
    "RECOVERY_CONTROL",
];

static ALARM: &[Field] = &[
    Field::new("region", Shape::Text(&NAME_RULE), "The region of the alarm").required(),
    Field::new("name", Shape::Text(&NAME_RULE), "The name of the alarm").required(),
];

/// Rule for what cannot be changed:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html>
static SHAPE: Shape = Shape::Table(&[
    Field::new("type", Shape::Choice(TYPES), "What is checked")
        .required()
        .replace(),
    Field::new(
        "host",
        Shape::Text(&DOMAIN),
        "The domain name that is asked",
    )
    .managed(),
    Field::new("ip", Shape::Text(&PLAIN), "The address that is asked")
        .managed()
        .replace(),
    Field::new("port", Shape::Int(1, 65_535), "The port").managed(),
    Field::new("path", Shape::Text(&PLAIN), "The path of HTTP checks"),
    Field::new(
        "search",
        Shape::Text(&PLAIN),
        "The text that the answer must hold",
    )
    .managed(),
    Field::new(
        "interval",
        Shape::Seconds(10, 30),
        "How often each checker asks: 10s or 30s",
    )
    .replace(),
    Field::new(
        "failures",
        Shape::Int(1, 10),
        "How many answers in a row turn the state",
    ),
    Field::new(
        "measure_latency",
        Shape::Bool,
        "Whether latency is measured",
    )
    .replace(),
    Field::new(
        "inverted",
        Shape::Bool,
        "Whether the result is turned around",
    )
    .default(|| Value::Bool(false)),
    Field::new(
        "disabled",
        Shape::Bool,
        "Whether checking stops; a disabled check counts as healthy",
    )
    .default(|| Value::Bool(false)),
    Field::new(
        "sni",
        Shape::Bool,
        "Whether the host name is sent in the TLS handshake",
    ),
    Field::new(
        "regions",
        Shape::List(&Shape::Text(&NAME_RULE), Identity::Set),
        "The checker regions",
    )
    .cut(Class::ProtectionCut),
    Field::new(
        "children",
        Shape::List(&Shape::Text(&NAME_RULE), Identity::Set),
        "The checks that a calculated check counts",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "healthy_children",
        Shape::Int(0, 256),
        "How many of them must be healthy",
    ),
    Field::new("alarm", Shape::Table(ALARM), "The CloudWatch alarm").managed(),
    Field::new(
        "insufficient_data",
        Shape::Choice(&["Unhealthy", "LastKnownStatus", "Healthy"]),
        "The state while the alarm lacks data",
    ),
    Field::new("routing_control", Shape::Text(&ARN), "The routing control")
        .managed()
        .replace(),
]);

/// Returns whether a text has the form of a health check id (a UUID).
pub(super) fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

fn prefix(environment: &str, name: &str) -> String {
    format!("drsync:{environment}:{name}:")
}

/// Returns the number of a check that was made under this name, if it was.
fn number(check: &HealthCheck, prefix: &str) -> Option<u32> {
    check.caller_reference().strip_prefix(prefix)?.parse().ok()
}

/// Returns the names of the newest checks of this environment, by id.
pub(super) async fn names(ask: &Ask<'_>) -> Result<BTreeMap<String, String>, KindError> {
    let checks = list(ask).await?;
    let start = format!("drsync:{}:", ask.environment);
    let mut newest: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for check in checks.iter() {
        let Some((name, number)) = check
            .caller_reference()
            .strip_prefix(&start)
            .and_then(|rest| rest.rsplit_once(':'))
        else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        let entry = newest.entry(name.to_owned()).or_default();
        if number >= entry.0 {
            *entry = (number, check.id().to_owned());
        }
    }
    Ok(newest
        .into_iter()
        .map(|(name, (_, id))| (id, name))
        .collect())
}

async fn list(ask: &Ask<'_>) -> Result<Arc<Vec<HealthCheck>>, KindError> {
    let reader = ask.reader;
    ask.memo
        .once(
            format!("route53/health-checks/{}", reader.account()),
            async {
                let (mut checks, mut marker) = (Vec::new(), None);
                loop {
                    let call = reader
                        .route53()
                        .list_health_checks()
                        .max_items(PAGE)
                        .set_marker(marker);
                    let answer = call.send().await.map_err(|error| {
                        KindError::Cloud(CloudError::of("ListHealthChecks", &error))
                    })?;
                    checks.extend(answer.health_checks);
                    marker = answer.next_marker;
                    if marker.is_none() {
                        return Ok(checks);
                    }
                }
            },
        )
        .await
}

/// A health check.
#[derive(Debug)]
pub(super) struct Route53HealthCheck;

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
        &SHAPE
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
        rules(entry, &fields);
        let depends = children(entry, &mut fields);
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
            fields: SHAPE.canonical(with_defaults(fields)),
            exclusive: false,
            adopt: false,
            depends,
        })
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let checks = list(ask).await?;
        let names = names(ask).await?;
        let mut observation = Observation {
            method: "with one list".to_owned(),
            whole: true,
            ..Observation::default()
        };
        for object in ask.objects {
            let own_prefix = object
                .identity
                .text("name")
                .map(|name| prefix(ask.environment, name));
            let found = checks
                .iter()
                .filter(|check| match (&own_prefix, object.identity.text("id")) {
                    (Some(prefix), _) => number(check, prefix).is_some(),
                    (None, id) => Some(check.id()) == id,
                })
                .max_by_key(|check| own_prefix.as_ref().and_then(|prefix| number(check, prefix)));
            let Some(check) = found else { continue };
            let fields = check
                .health_check_config()
                .map(|config| decode(config, &names))
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
            resource.facts.push(status(ask, check).await);
            observation.resources.push(resource);
        }
        Ok(observation)
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        let Some(change) = write.changes.first() else {
            return Written::Done(write.writer.reader().now());
        };
        match change.action {
            Action::Create | Action::Replace => create(write, change).await,
            Action::Delete => delete(write, change).await,
            _ => update(write, change).await,
        }
    }

    async fn retire(&self, write: &Write<'_>) -> Written {
        match write.changes.first() {
            Some(change) => delete(write, change).await,
            None => Written::Done(write.writer.reader().now()),
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

/// Fills in what the service fills in, so that absence is the same on both sides.
fn with_defaults(mut fields: Map) -> Map {
    let kind = fields.text("type").unwrap_or_default().to_owned();
    if matches!(
        kind.as_str(),
        "CALCULATED" | "CLOUDWATCH_METRIC" | "RECOVERY_CONTROL"
    ) {
        return fields;
    }
    let port = match kind.as_str() {
        "HTTP" | "HTTP_STR_MATCH" => Some(80),
        "HTTPS" | "HTTPS_STR_MATCH" => Some(443),
        _ => None,
    };
    let defaults = [
        ("port", port.map(Value::from)),
        ("interval", Some(Value::from(30))),
        ("failures", Some(Value::from(3))),
        ("measure_latency", Some(Value::from(false))),
        ("sni", Some(Value::from(kind.starts_with("HTTPS")))),
    ];
    for (key, value) in defaults {
        if !fields.contains(key) {
            fields.insert_some(key, value);
        }
    }
    fields
}

fn rules(entry: &mut Entry<'_>, fields: &Map) {
    let kind = fields.text("type").unwrap_or_default();
    let needs: &[&str] = match kind {
        "CALCULATED" => &["children"],
        "CLOUDWATCH_METRIC" => &["alarm"],
        "RECOVERY_CONTROL" => &["routing_control"],
        "TCP" => &["port"],
        "HTTP_STR_MATCH" | "HTTPS_STR_MATCH" => &["search"],
        _ => &[],
    };
    for field in needs.iter().filter(|field| !fields.contains(field)) {
        entry.error(
            "missing-field",
            "",
            format!("a check of type {kind} needs `{field}`"),
            "",
        );
    }
    let endpoint = !matches!(
        kind,
        "CALCULATED" | "CLOUDWATCH_METRIC" | "RECOVERY_CONTROL"
    );
    if endpoint && !fields.contains("host") && !fields.contains("ip") {
        entry.error(
            "missing-field",
            "",
            format!("a check of type {kind} needs `host` or `ip`"),
            "",
        );
    }
    if !matches!(fields.int("interval"), None | Some(10 | 30)) {
        entry.error(
            "out-of-range",
            "/interval",
            "the interval of a health check is 10s or 30s",
            "",
        );
    }
    if kind == "RECOVERY_CONTROL" && fields.bool("disabled") == Some(true) {
        entry.error(
            "out-of-range",
            "/disabled",
            "a recovery control check cannot be disabled",
            "",
        );
    }
}

fn children(entry: &mut Entry<'_>, fields: &mut Map) -> Vec<Address> {
    let mut depends = Vec::new();
    let mut resolved: Vec<Value> = Vec::new();
    for child in fields
        .list("children")
        .iter()
        .filter_map(Value::as_text)
        .map(str::to_owned)
        .collect::<Vec<_>>()
    {
        match entry.registry.find(SECTION.array, &child) {
            Some(declared) => {
                if let Some(id) = declared.text("id") {
                    resolved.push(id.into());
                } else {
                    depends.push(Address::new(GLOBAL, NAME, &child));
                    resolved.push(child.into());
                }
            }
            None if is_id(&child) => resolved.push(child.into()),
            None => entry.error(
                "unknown-health-check",
                "/children",
                format!("no [[route53_health_check]] is named `{child}`"),
                "declare it, or give the id of one",
            ),
        }
    }
    if !resolved.is_empty() {
        fields.insert("children", resolved);
    }
    depends
}

fn decode(config: &HealthCheckConfig, names: &BTreeMap<String, String>) -> Map {
    let mut map = Map::new();
    map.insert("type", config.r#type().as_str());
    map.insert_some("host", config.fully_qualified_domain_name());
    map.insert_some("ip", config.ip_address());
    map.insert_some("port", config.port());
    map.insert_some("path", config.resource_path());
    map.insert_some("search", config.search_string());
    map.insert_some("interval", config.request_interval());
    map.insert_some("failures", config.failure_threshold());
    map.insert_some("measure_latency", config.measure_latency());
    map.insert_some("inverted", config.inverted());
    map.insert_some("disabled", config.disabled());
    map.insert_some("sni", config.enable_sni());
    let regions: Vec<Value> = config
        .regions()
        .iter()
        .map(|region| Value::from(region.as_str()))
        .collect();
    if !regions.is_empty() {
        map.insert("regions", regions);
    }
    let children: Vec<Value> = config
        .child_health_checks()
        .iter()
        .map(|id| Value::from(names.get(id).map_or(id.as_str(), String::as_str)))
        .collect();
    if !children.is_empty() {
        map.insert("children", children);
    }
    map.insert_some("healthy_children", config.health_threshold());
    if let Some(alarm) = config.alarm_identifier() {
        let region = alarm.region().as_str().to_owned();
        map.insert(
            "alarm",
            [("region", region), ("name", alarm.name().to_owned())]
                .into_iter()
                .collect::<Map>(),
        );
    }
    map.insert_some(
        "insufficient_data",
        config
            .insufficient_data_health_status()
            .map(|status| status.as_str().to_owned()),
    );
    map.insert_some("routing_control", config.routing_control_arn());
    SHAPE.canonical(with_defaults(map))
}

/// Returns the state that the checkers report; a state that cannot be read is unknown, not a gap.
async fn status(ask: &Ask<'_>, check: &HealthCheck) -> Fact {
    let answer = ask
        .reader
        .route53()
        .get_health_check_status()
        .health_check_id(check.id())
        .send()
        .await;
    let value = match answer {
        Ok(answer) => {
            let reports = answer.health_check_observations();
            let healthy = reports
                .iter()
                .filter(|report| {
                    report
                        .status_report()
                        .and_then(|status| status.status())
                        .is_some_and(|text| text.starts_with("Success"))
                })
                .count();
            if reports.is_empty() {
                FactValue::Unknown("no checker has reported".to_owned())
            } else {
                FactValue::Text(format!(
                    "{healthy} of {} checkers say healthy",
                    reports.len()
                ))
            }
        }
        Err(error) => {
            FactValue::Unknown(CloudError::of("GetHealthCheckStatus", &error).to_string())
        }
    };
    Fact {
        name: FactName::Health,
        value,
        unit: String::new(),
        method: "GetHealthCheckStatus".to_owned(),
        measured_at: ask.reader.now(),
    }
}

fn child_ids(fields: &Map, names: &BTreeMap<String, String>) -> Vec<String> {
    fields
        .list("children")
        .iter()
        .filter_map(Value::as_text)
        .map(|name| {
            names
                .iter()
                .find(|(_, own)| *own == name)
                .map_or(name, |(id, _)| id.as_str())
                .to_owned()
        })
        .collect()
}

fn whole(fields: &Map, key: &str) -> Option<i32> {
    fields
        .int(key)
        .and_then(|number| i32::try_from(number).ok())
}

fn owned(fields: &Map, key: &str) -> Option<String> {
    fields.text(key).map(str::to_owned)
}

fn alarm(fields: &Map) -> Result<Option<AlarmIdentifier>, KindError> {
    let Some(alarm) = fields.map("alarm") else {
        return Ok(None);
    };
    AlarmIdentifier::builder()
        .region(CloudWatchRegion::from(
            alarm.text("region").unwrap_or_default(),
        ))
        .name(alarm.text("name").unwrap_or_default())
        .build()
        .map(Some)
        .map_err(|error| KindError::Unwritable(error.to_string()))
}

fn regions(fields: &Map) -> Option<Vec<HealthCheckRegion>> {
    fields.get("regions").and_then(Value::as_list).map(|list| {
        list.iter()
            .filter_map(Value::as_text)
            .map(HealthCheckRegion::from)
            .collect()
    })
}

async fn names_for(write: &Write<'_>) -> Result<BTreeMap<String, String>, KindError> {
    let memo = super::Memo::default();
    names(&ask_of(write, &memo)).await
}

fn ask_of<'a>(write: &Write<'a>, memo: &'a super::Memo) -> Ask<'a> {
    Ask {
        environment: write.environment,
        scope: write.scope,
        objects: &[],
        whole: false,
        reader: write.writer.reader(),
        memo,
    }
}

async fn create(write: &Write<'_>, change: &Change) -> Written {
    match try_create(write, change).await {
        Ok(written) => written,
        Err(error) => Written::Refused(error),
    }
}

async fn try_create(write: &Write<'_>, change: &Change) -> Result<Written, KindError> {
    let fields = &change.object.fields;
    let Some(name) = change.object.identity.text("name") else {
        return Err(KindError::MissingParent(format!(
            "there is no health check with the id of {}; drop `id` to have one made",
            change.address()
        )));
    };
    let memo = super::Memo::default();
    let ask = ask_of(write, &memo);
    let prefix = prefix(write.environment, name);
    let names = names(&ask).await?;
    let newest = list(&ask)
        .await?
        .iter()
        .filter_map(|check| number(check, &prefix))
        .max()
        .unwrap_or(0);
    let config = HealthCheckConfig::builder()
        .r#type(HealthCheckType::from(
            fields.text("type").unwrap_or_default(),
        ))
        .set_fully_qualified_domain_name(owned(fields, "host"))
        .set_ip_address(owned(fields, "ip"))
        .set_port(whole(fields, "port"))
        .set_resource_path(owned(fields, "path"))
        .set_search_string(owned(fields, "search"))
        .set_request_interval(whole(fields, "interval"))
        .set_failure_threshold(whole(fields, "failures"))
        .set_measure_latency(fields.bool("measure_latency"))
        .set_inverted(fields.bool("inverted"))
        .set_disabled(fields.bool("disabled").filter(|disabled| *disabled))
        .set_enable_sni(fields.bool("sni"))
        .set_regions(regions(fields))
        .set_child_health_checks(Some(child_ids(fields, &names)).filter(|ids| !ids.is_empty()))
        .set_health_threshold(whole(fields, "healthy_children"))
        .set_alarm_identifier(alarm(fields)?)
        .set_insufficient_data_health_status(
            fields
                .text("insufficient_data")
                .map(InsufficientDataHealthStatus::from),
        )
        .set_routing_control_arn(owned(fields, "routing_control"))
        .build()
        .map_err(|error| KindError::Unwritable(error.to_string()))?;
    for number in newest + 1..=newest + NUMBERS {
        let effect = write
            .writer
            .send(|| async {
                let call = write
                    .writer
                    .route53()
                    .create_health_check()
                    .caller_reference(format!("{prefix}{number}"));
                let answer = call.health_check_config(config.clone()).send().await;
                answer.map_err(|error| CloudError::of("CreateHealthCheck", &error))
            })
            .await;
        match effect {
            Effect::Done(_) => return Ok(Written::Done(write.writer.reader().now())),
            Effect::Unknown(error) => return Ok(Written::Unknown(error.to_string())),
            Effect::Refused(error) if error.is("HealthCheckAlreadyExists") => {}
            Effect::Refused(error) => return Err(KindError::Cloud(error)),
        }
    }
    Err(KindError::Unwritable(format!(
        "the service remembers {NUMBERS} deleted checks named {name}; give it a new name"
    )))
}

async fn update(write: &Write<'_>, change: &Change) -> Written {
    let fields = &change.object.fields;
    let raw = change.raw.clone().unwrap_or_default();
    let (names, alarm) = match (names_for(write).await, alarm(fields)) {
        (Ok(names), Ok(alarm)) => (names, alarm),
        (Err(error), _) | (_, Err(error)) => return Written::Refused(error),
    };
    let effect = write
        .writer
        .send(|| async {
            write
                .writer
                .route53()
                .update_health_check()
                .health_check_id(raw.text("id").unwrap_or_default())
                // The service refuses the update if somebody else changed the check meanwhile.
                .set_health_check_version(raw.int("version"))
                .set_fully_qualified_domain_name(owned(fields, "host"))
                .set_port(whole(fields, "port"))
                .set_resource_path(owned(fields, "path"))
                .set_search_string(owned(fields, "search"))
                .set_failure_threshold(whole(fields, "failures"))
                .set_inverted(fields.bool("inverted"))
                .set_disabled(fields.bool("disabled"))
                .set_enable_sni(fields.bool("sni"))
                .set_regions(regions(fields))
                .set_child_health_checks(
                    Some(child_ids(fields, &names)).filter(|ids| !ids.is_empty()),
                )
                .set_health_threshold(whole(fields, "healthy_children"))
                .set_alarm_identifier(alarm.clone())
                .set_insufficient_data_health_status(
                    fields
                        .text("insufficient_data")
                        .map(InsufficientDataHealthStatus::from),
                )
                .send()
                .await
                .map_err(|error| CloudError::of("UpdateHealthCheck", &error))
        })
        .await;
    written(write, effect)
}

async fn delete(write: &Write<'_>, change: &Change) -> Written {
    let id = change
        .raw
        .as_ref()
        .and_then(|raw| raw.text("id"))
        .unwrap_or_default();
    let effect = write
        .writer
        .send(|| async {
            let answer = write
                .writer
                .route53()
                .delete_health_check()
                .health_check_id(id)
                .send()
                .await;
            answer.map_err(|error| CloudError::of("DeleteHealthCheck", &error))
        })
        .await;
    written(write, effect)
}

fn written<T>(write: &Write<'_>, effect: Effect<T>) -> Written {
    match effect {
        Effect::Done(_) => Written::Done(write.writer.reader().now()),
        Effect::Refused(error) => Written::Refused(KindError::Cloud(error)),
        Effect::Unknown(error) => Written::Unknown(error.to_string()),
    }
}
