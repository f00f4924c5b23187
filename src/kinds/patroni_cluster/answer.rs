//! What Patroni's REST API answers, and what it means: fields of the configuration, facts.
//!
//! Members that start or fail leave values out or say `unknown`; HTTP 200 says nothing about
//! health. Rule: <https://patroni.readthedocs.io/en/latest/rest_api.html>

use serde::Deserialize;
use serde_json::Value as Json;

use super::shape::spelled;
use crate::model::{Fact, FactName, FactValue, Map, Value};

/// GET /cluster.
#[derive(Debug, Deserialize)]
pub(super) struct Cluster {
    /// The cluster's name.
    #[serde(default)]
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) members: Vec<Member>,
    #[serde(default)]
    pause: bool,
}

/// One member, as the cluster's memory has it.
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    state: String,
    /// A number, the text `unknown`, or nothing.
    #[serde(default)]
    timeline: Json,
    #[serde(default)]
    pending_restart: bool,
}

/// GET /patroni of one member: what it says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Own {
    #[serde(default)]
    state: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    server_version: Option<i64>,
    #[serde(default)]
    xlog: Log,
    #[serde(default)]
    database_system_identifier: Option<String>,
    #[serde(default)]
    patroni: Patroni,
}

#[derive(Debug, Default, Deserialize)]
struct Log {
    /// Where a writer is, in bytes.
    location: Option<i64>,
    /// What a standby has received, in bytes.
    received_location: Option<i64>,
    /// When the newest transaction that a standby has replayed was committed.
    replayed_timestamp: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Patroni {
    #[serde(default)]
    name: String,
}

impl Own {
    /// Returns whether it takes writes, or leads a standby cluster.
    fn leads(&self) -> bool {
        matches!(self.role.as_str(), "primary" | "master" | "standby_leader")
            && self.state == "running"
    }

    fn writes(&self) -> bool {
        matches!(self.role.as_str(), "primary" | "master") && self.state == "running"
    }
}

/// Returns the fields that GET /config holds, or what cannot be read.
pub(super) fn config(json: &Json) -> Result<Map, String> {
    let mut fields = Map::new();
    for key in [
        "ttl",
        "loop_wait",
        "retry_timeout",
        "maximum_lag_on_failover",
    ] {
        fields.insert_some(key, integer(&json[key], key)?);
    }
    fields.insert_some("pause", json["pause"].as_bool());
    fields.insert_some("synchronous_mode", synchronous(&json["synchronous_mode"]));
    let postgresql = &json["postgresql"];
    let mut own = Map::new();
    for key in ["use_pg_rewind", "use_slots"] {
        own.insert_some(key, postgresql[key].as_bool());
    }
    own.insert_some("parameters", open(&postgresql["parameters"])?);
    if !own.is_empty() {
        fields.insert("postgresql", own);
    }
    if let Some(slots) = json["slots"].as_object() {
        let mut open = Map::new();
        for (name, slot) in slots {
            open.insert(name.clone(), texts(slot, &["type", "database", "plugin"]));
        }
        fields.insert("slots", open);
    }
    if let Some(follows) = json["standby_cluster"].as_object() {
        let follows = Json::Object(follows.clone());
        let mut standby = texts(&follows, &["host", "primary_slot_name", "restore_command"]);
        standby.insert_some("port", integer(&follows["port"], "port")?);
        let methods = follows["create_replica_methods"].as_array();
        let methods = methods.map(|list| {
            list.iter()
                .filter_map(Json::as_str)
                .map(Value::from)
                .collect::<Vec<_>>()
        });
        standby.insert_some("create_replica_methods", methods);
        fields.insert("standby_cluster", standby);
    }
    Ok(spelled(fields))
}

/// A number, which some write as a text.
fn integer(json: &Json, key: &str) -> Result<Option<i64>, String> {
    match json {
        Json::Null => Ok(None),
        Json::Number(number) if number.is_i64() => Ok(number.as_i64()),
        Json::String(text) if text.parse::<i64>().is_ok() => Ok(text.parse().ok()),
        other => Err(format!("`{key}` is {other}, and not a whole number")),
    }
}

fn synchronous(json: &Json) -> Option<&'static str> {
    match json {
        Json::Bool(true) => Some("on"),
        Json::Bool(false) => Some("off"),
        Json::String(word) if word == "quorum" => Some("quorum"),
        Json::String(word) if word == "on" => Some("on"),
        _ => None,
    }
}

fn texts(json: &Json, keys: &[&'static str]) -> Map {
    let mut map = Map::new();
    for key in keys {
        map.insert_some(*key, json[*key].as_str());
    }
    map
}

fn open(json: &Json) -> Result<Option<Map>, String> {
    let Some(object) = json.as_object() else {
        return Ok(None);
    };
    let mut map = Map::new();
    for (key, value) in object {
        let value = match value {
            Json::Bool(truth) => Value::Bool(*truth),
            Json::String(text) => Value::text(text.as_str()),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::text(number.to_string()),
            },
            Json::Null => continue,
            other => return Err(format!("the parameter `{key}` is {other}")),
        };
        map.insert(key.clone(), value);
    }
    Ok(Some(map))
}

/// Returns what is measured of a cluster: `own` holds, for each asked member, what it says of
/// itself or why it says nothing.
pub(super) fn facts(
    cluster: &Cluster,
    own: &[Result<Own, String>],
    at: jiff::Timestamp,
) -> Vec<Fact> {
    let said: Vec<&Own> = own.iter().filter_map(|one| one.as_ref().ok()).collect();
    let writers: Vec<&str> = said
        .iter()
        .filter(|one| one.writes())
        .map(|one| one.patroni.name.as_str())
        .collect();
    let leader = said.iter().find(|one| one.leads());
    let fact = |name, value: Option<FactValue>, unit: &str, method: &str| Fact {
        name,
        value: value.unwrap_or_else(|| FactValue::Unknown("no leader says it".to_owned())),
        unit: unit.to_owned(),
        method: method.to_owned(),
        measured_at: at,
    };
    let own = "GET /patroni";
    let role = if writers.len() > 1 {
        Some(format!("several primaries: {}", writers.join(", ")))
    } else {
        leader.map(|one| {
            if one.writes() {
                "primary".to_owned()
            } else {
                one.role.clone()
            }
        })
    };
    let lineage = said
        .iter()
        .find_map(|one| one.database_system_identifier.clone());
    let version = said.iter().find_map(|one| one.server_version).map(version);
    #[allow(
        clippy::cast_precision_loss,
        reason = "2^53 bytes of WAL are years of writing"
    )]
    let position = leader
        .and_then(|one| one.xlog.location.or(one.xlog.received_location))
        .map(|bytes| FactValue::Number(bytes as f64));
    let mut facts = vec![
        fact(FactName::Role, role.map(FactValue::Text), "", own),
        fact(FactName::Lineage, lineage.map(FactValue::Text), "", own),
        fact(FactName::Version, version.map(FactValue::Text), "", own),
        fact(FactName::Position, position, "bytes", own),
        fact(FactName::Health, health(cluster, &said), "", "GET /cluster"),
    ];
    if let Some(standby) = leader.filter(|one| !one.writes()) {
        let replayed = standby.xlog.replayed_timestamp.as_deref().and_then(moment);
        let point = replayed.map(|at| FactValue::Text(at.to_string()));
        facts.push(fact(
            FactName::RecoveryPoint,
            point,
            "",
            "GET /patroni, replayed_timestamp",
        ));
    }
    facts
}

/// Returns `healthy`, or everything that is wrong; unknown if the cluster names no member.
fn health(cluster: &Cluster, said: &[&Own]) -> Option<FactValue> {
    if cluster.members.is_empty() {
        return None;
    }
    let mut wrong = Vec::new();
    if cluster.pause {
        wrong.push("automatic failover is paused".to_owned());
    }
    let leads = |member: &&Member| matches!(member.role.as_str(), "leader" | "standby_leader");
    if !cluster.members.iter().any(|member| leads(&member)) && !said.iter().any(|one| one.leads()) {
        wrong.push("no member leads".to_owned());
    }
    let leader = cluster.members.iter().find(leads);
    for member in &cluster.members {
        if !matches!(
            member.state.as_str(),
            "running" | "streaming" | "in archive recovery"
        ) {
            wrong.push(format!("{} is \"{}\"", member.name, member.state));
        }
        if member.pending_restart {
            wrong.push(format!("{} must be restarted", member.name));
        }
        let behind = leader.is_some_and(|leader| {
            member.timeline.is_i64()
                && leader.timeline.is_i64()
                && member.timeline != leader.timeline
        });
        if behind {
            wrong.push(format!(
                "{} is on timeline {}",
                member.name, member.timeline
            ));
        }
    }
    let text = if wrong.is_empty() {
        "healthy".to_owned()
    } else {
        wrong.join("; ")
    };
    Some(FactValue::Text(text))
}

/// Returns a version such as `15.18` for 150018.
fn version(number: i64) -> String {
    format!("{}.{}", number / 10_000, number % 10_000)
}

/// Reads a moment such as `2026-11-24 09:06:16.656918+00:00`.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    text.replacen(' ', "T", 1).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own(text: Json) -> Result<Own, String> {
        serde_json::from_value(text).map_err(|error| error.to_string())
    }

    fn value(facts: &[Fact], name: FactName) -> FactValue {
        facts
            .iter()
            .find(|fact| fact.name == name)
            .unwrap()
            .value
            .clone()
    }

    fn cluster(members: &Json) -> Cluster {
        serde_json::from_value(json!({ "scope": "orders", "members": members })).unwrap()
    }

    const AT: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

    #[test]
    fn a_standby_leader_says_what_could_be_recovered() {
        let members = cluster(
            &json!([{ "name": "dr1", "role": "standby_leader", "state": "streaming", "timeline": 1 }]),
        );
        let dr1 = own(
            json!({ "state": "running", "role": "standby_leader", "server_version": 150_018, "timeline": 1,
            "xlog": { "received_location": 134_217_824, "replayed_timestamp": "2026-11-24 09:06:16.656918+00:00" },
            "database_system_identifier": "7711660226817857242", "patroni": { "name": "dr1" } }),
        );
        let facts = facts(&members, &[dr1], AT);
        let text = |text: &str| FactValue::Text(text.to_owned());
        assert_eq!(value(&facts, FactName::Role), text("standby_leader"));
        assert_eq!(
            value(&facts, FactName::Lineage),
            text("7711660226817857242")
        );
        assert_eq!(value(&facts, FactName::Version), text("15.18"));
        assert_eq!(
            value(&facts, FactName::Position),
            FactValue::Number(134_217_824.0)
        );
        assert_eq!(
            value(&facts, FactName::RecoveryPoint),
            text("2026-11-24T09:06:16.656918Z")
        );
        assert_eq!(value(&facts, FactName::Health), text("healthy"));
    }

    #[test]
    fn members_that_fail_to_start_are_no_leaders_though_they_answer() {
        let members = cluster(
            &json!([{ "name": "pri1", "role": "replica", "state": "start failed", "lag": "unknown" }]),
        );
        let pri1 = own(
            json!({ "state": "start failed", "role": "replica", "patroni": { "name": "pri1" } }),
        );
        let facts = facts(&members, &[pri1], AT);
        assert!(matches!(
            value(&facts, FactName::Role),
            FactValue::Unknown(_)
        ));
        assert!(matches!(
            value(&facts, FactName::Position),
            FactValue::Unknown(_)
        ));
        let wanted = "no member leads; pri1 is \"start failed\"";
        assert_eq!(
            value(&facts, FactName::Health),
            FactValue::Text(wanted.to_owned())
        );
    }

    #[test]
    fn two_primaries_are_told() {
        let one = |name: &str| {
            own(json!({ "state": "running", "role": "primary", "patroni": { "name": name } }))
        };
        let facts = facts(&cluster(&json!([])), &[one("a"), one("b")], AT);
        let wanted = FactValue::Text("several primaries: a, b".to_owned());
        assert_eq!(value(&facts, FactName::Role), wanted);
    }

    #[test]
    fn a_pause_and_another_timeline_are_unhealthy() {
        let mut members = cluster(&json!([
            { "name": "a", "role": "leader", "state": "running", "timeline": 3 },
            { "name": "b", "role": "replica", "state": "streaming", "timeline": 2, "pending_restart": true },
        ]));
        members.pause = true;
        let facts = facts(&members, &[Err("no answer".to_owned())], AT);
        let wanted = "automatic failover is paused; b must be restarted; b is on timeline 2";
        assert_eq!(
            value(&facts, FactName::Health),
            FactValue::Text(wanted.to_owned())
        );
        assert!(matches!(
            value(&facts, FactName::Lineage),
            FactValue::Unknown(_)
        ));
    }

    #[test]
    fn the_configuration_is_read_in_postgresqls_spelling() {
        let fields = config(&json!({ "ttl": 20, "synchronous_mode": true,
            "slots": { "dr_site": { "type": "physical" } },
            "postgresql": { "use_slots": true, "parameters": { "max_connections": 50, "hot_standby": "on", "wal_log_hints": true } },
            "standby_cluster": { "host": "10.0.0.1", "port": "5432", "create_replica_methods": ["basebackup"] } }))
        .unwrap();
        assert_eq!(fields.int("ttl"), Some(20));
        assert_eq!(fields.bool("pause"), Some(false));
        assert_eq!(fields.text("synchronous_mode"), Some("on"));
        let parameters = fields.map("postgresql").unwrap().map("parameters").unwrap();
        assert_eq!(parameters.text("max_connections"), Some("50"));
        assert_eq!(parameters.text("wal_log_hints"), Some("on"));
        assert_eq!(
            fields.map("standby_cluster").unwrap().int("port"),
            Some(5432)
        );
        assert!(config(&json!({ "ttl": "soon" })).is_err());
    }
}
