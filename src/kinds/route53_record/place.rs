//! Where a declared record lies: its zone, its full name, and whether that name is protected.
//!
//! In: an entry and the declared zones. Out: names in canonical form, and findings.

use crate::kinds::{Entry, route53_zone};
use crate::model::units::{DOMAIN, MAX_DOMAIN};
use crate::model::{Map, Value};

pub(super) fn find_zone<'a>(entry: &mut Entry<'a>) -> Option<(String, &'a Map)> {
    let settings = entry.settings;
    let label = settings.text("zone").unwrap_or_default();
    let registry = entry.registry;
    if let Some(zone) = registry.find(route53_zone::SECTION.array, label) {
        return Some((label.to_owned(), zone));
    }
    // A zone may be named with its final dot, or in another spelling.
    let canonical = (DOMAIN.canonical)(label).unwrap_or_default();
    if let Some(zone) = registry.find(route53_zone::SECTION.array, &canonical) {
        return Some((canonical, zone));
    }
    let known: Vec<&str> = registry.keys(route53_zone::SECTION.array).collect();
    let help = if known.is_empty() {
        format!("declare it: [[route53_zone]] with name = \"{label}\"")
    } else {
        format!("declared zones: {}", known.join(", "))
    };
    entry.error(
        "unknown-zone",
        "/zone",
        format!("no [[route53_zone]] is named `{label}`"),
        help,
    );
    None
}

pub(super) fn full_name(entry: &mut Entry<'_>, zone: &str) -> Option<String> {
    let settings = entry.settings;
    let written = settings.text("name").unwrap_or_default();
    if written.is_empty() || written == "@" {
        return Some(zone.to_owned());
    }
    let name = match (DOMAIN.canonical)(written) {
        Ok(name) => name,
        Err(why) => {
            entry.error(
                "bad-text",
                "/name",
                format!("`{written}` is not a domain name: {why}"),
                "write the name relative to the zone, such as `app`",
            );
            return None;
        }
    };
    if name == zone || is_below(&name, zone) {
        return Some(name);
    }
    if written.ends_with('.') {
        entry.error(
            "record-outside-zone",
            "/name",
            format!("{name} does not lie in the zone {zone}"),
            "a name that ends with a dot is complete; leave the dot out for a name relative to the zone",
        );
        return None;
    }
    // Both parts are canonical, so the whole can only be too long.
    let full = [&name, ".", zone].concat();
    if full.len() > MAX_DOMAIN {
        entry.error(
            "bad-text",
            "/name",
            format!(
                "`{full}` is not a domain name: it has {} bytes, and a name has at most {MAX_DOMAIN}",
                full.len()
            ),
            "",
        );
        return None;
    }
    Some(full)
}

/// Returns whether a name lies below another.
pub(super) fn is_below(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone)
        .is_some_and(|rest| rest.ends_with('.'))
}

pub(super) fn is_protected(zone: &Map, name: &str, zone_name: &str) -> bool {
    zone.list("protected")
        .iter()
        .filter_map(Value::as_text)
        .any(|protected| {
            let full = match protected {
                "@" => zone_name.to_owned(),
                inside if is_below(inside, zone_name) => inside.to_owned(),
                relative => format!("{relative}.{zone_name}"),
            };
            full == name
        })
}
