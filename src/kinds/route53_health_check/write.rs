//! Writing health checks: creation under the next number, updates by version, deletion.

use std::collections::BTreeMap;

use aws_sdk_route53::types::{
    AlarmIdentifier, CloudWatchRegion, HealthCheckConfig, HealthCheckRegion, HealthCheckType,
    InsufficientDataHealthStatus,
};

use super::observe::{list, names, number, prefix};
use crate::cloud::{CloudError, Effect};
use crate::kinds::{Ask, KindError, Memo, Write, Written};
use crate::model::{Change, Map, Value};

/// How many numbers are tried for a new check: the service remembers references of deleted ones.
const NUMBERS: u32 = 20;

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
    let memo = Memo::default();
    names(&ask_of(write, &memo)).await
}

fn ask_of<'a>(write: &Write<'a>, memo: &'a Memo) -> Ask<'a> {
    Ask {
        environment: write.environment,
        scope: write.scope,
        objects: &[],
        whole: false,
        reader: write.writer.reader(),
        memo,
    }
}

pub(super) async fn create(write: &Write<'_>, change: &Change) -> Written {
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
    let memo = Memo::default();
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
    let writer = write.aws()?;
    for number in newest + 1..=newest + NUMBERS {
        let effect = writer
            .send(|| async {
                let call = writer
                    .route53()
                    .create_health_check()
                    .caller_reference(format!("{prefix}{number}"));
                let answer = call.health_check_config(config.clone()).send().await;
                answer.map_err(|error| CloudError::of("CreateHealthCheck", &error))
            })
            .await;
        match effect {
            Effect::Done(_) => return Ok(Written::done_at(write.writer.reader().now())),
            Effect::Unknown(error) => return Ok(Written::Unknown(error.to_string())),
            Effect::Refused(error) if error.is("HealthCheckAlreadyExists") => {}
            Effect::Refused(error) => return Err(KindError::Cloud(error)),
        }
    }
    Err(KindError::Unwritable(format!(
        "the service remembers {NUMBERS} deleted checks named {name}; give it a new name"
    )))
}

pub(super) async fn update(write: &Write<'_>, change: &Change) -> Written {
    let fields = &change.object.fields;
    let raw = change.raw.clone().unwrap_or_default();
    let (names, alarm, writer) = match (names_for(write).await, alarm(fields), write.aws()) {
        (Ok(names), Ok(alarm), Ok(writer)) => (names, alarm, writer),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            return Written::Refused(error);
        }
    };
    let effect = writer
        .send(|| async {
            writer
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

/// Deletes the check, and every older one that was made under its name.
pub(super) async fn delete(write: &Write<'_>, change: &Change) -> Written {
    delete_numbers(write, change, |_| true).await
}

/// Deletes the checks that replacements of this name left behind: all but the newest.
pub(super) async fn retire(write: &Write<'_>, change: &Change) -> Written {
    delete_numbers(write, change, |is_newest| !is_newest).await
}

async fn delete_numbers(
    write: &Write<'_>,
    change: &Change,
    goes: impl Fn(bool) -> bool,
) -> Written {
    let memo = Memo::default();
    let (checks, writer) = match (list(&ask_of(write, &memo)).await, write.aws()) {
        (Ok(checks), Ok(writer)) => (checks, writer),
        (Err(error), _) | (_, Err(error)) => return Written::Refused(error),
    };
    let own_prefix = change
        .object
        .identity
        .text("name")
        .map(|name| prefix(write.environment, name));
    let mut own: Vec<(u32, &str)> = match &own_prefix {
        Some(prefix) => checks
            .iter()
            .filter_map(|check| Some((number(check, prefix)?, check.id())))
            .collect(),
        None => change
            .raw
            .iter()
            .filter_map(|raw| Some((0, raw.text("id")?)))
            .collect(),
    };
    own.sort_unstable();
    let newest = own.last().map(|(number, _)| *number);
    let mut last = Written::done_at(write.writer.reader().now());
    for (number, id) in own {
        if !goes(Some(number) == newest) {
            continue;
        }
        let effect = writer
            .send(|| async {
                let call = writer.route53().delete_health_check().health_check_id(id);
                let answer = call.send().await;
                answer.map_err(|error| CloudError::of("DeleteHealthCheck", &error))
            })
            .await;
        last = written(write, effect);
        if !matches!(last, Written::Done(_)) {
            break;
        }
    }
    last
}

fn written<T>(write: &Write<'_>, effect: Effect<T>) -> Written {
    match effect {
        Effect::Done(_) => Written::done_at(write.writer.reader().now()),
        Effect::Refused(error) => Written::Refused(KindError::Cloud(error)),
        Effect::Unknown(error) => Written::Unknown(error.to_string()),
    }
}
