//! Reading health checks: one list for the account, and the state that the checkers report.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_route53::types::{HealthCheck, HealthCheckConfig};

use super::declare::with_defaults;
use super::shape::SHAPE;
use crate::cloud::{AwsReader, CloudError};
use crate::kinds::{Ask, KindError};
use crate::model::{Fact, FactName, FactValue, Map, Value};

/// The largest page (`ListHealthChecks.MaxItems`).
const PAGE: i32 = 100;

pub(super) fn prefix(environment: &str, name: &str) -> String {
    format!("drsync:{environment}:{name}:")
}

/// Returns the number of a check that was made under this name, if it was.
pub(super) fn number(check: &HealthCheck, prefix: &str) -> Option<u32> {
    check.caller_reference().strip_prefix(prefix)?.parse().ok()
}

/// Returns the names of the newest checks of this environment, by id.
pub(in crate::kinds) async fn names(ask: &Ask<'_>) -> Result<BTreeMap<String, String>, KindError> {
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

pub(super) async fn list(ask: &Ask<'_>) -> Result<Arc<Vec<HealthCheck>>, KindError> {
    let reader = ask.aws()?;
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

pub(super) fn decode(config: &HealthCheckConfig, names: &BTreeMap<String, String>) -> Map {
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
pub(super) async fn status(reader: &AwsReader, check: &HealthCheck) -> Fact {
    let answer = reader
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
        measured_at: reader.now(),
    }
}
