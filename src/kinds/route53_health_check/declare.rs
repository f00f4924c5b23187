//! A declared health check: the rules that need no service to check, and what absence means.

use super::shape::SECTION;
use crate::kinds::Entry;
use crate::model::{Address, GLOBAL, Map, Value};

/// Returns whether a text has the form of a health check id (a UUID).
pub(in crate::kinds) fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

/// Fills in what the service fills in, so that absence is the same on both sides.
pub(super) fn with_defaults(mut fields: Map) -> Map {
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

pub(super) fn rules(entry: &mut Entry<'_>, fields: &Map) {
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

pub(super) fn children(entry: &mut Entry<'_>, fields: &mut Map) -> Vec<Address> {
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
                    depends.push(Address::new(GLOBAL, super::NAME, &child));
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
