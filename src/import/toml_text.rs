//! One entry of an environment as TOML: fields in the order of their table, defaults left out,
//! spans of time with their unit.

use crate::model::units::format_seconds;
use crate::model::{Field, Map, Shape, Value};

/// The widest line before a list or table is broken.
const WIDTH: usize = 100;

/// Returns the lines of `[[array]]` with these fields, in the order of the tables.
pub(super) fn entry(array: &str, tables: &[&[Field]], map: &Map) -> String {
    let mut text = format!("[[{array}]]\n");
    for field in tables.iter().copied().flatten() {
        if let Some(value) = map
            .get(field.name)
            .filter(|value| !is_default(field, value))
        {
            text.push_str(&key(field.name));
            text.push_str(" = ");
            text.push_str(&rendered(&field.shape, value, field.name.len() + 3));
            text.push('\n');
        }
    }
    text
}

/// Returns a part of an entry, such as `versioning = { ... }`, or none if nothing is left of it.
pub(super) fn part(name: &str, shape: &Shape, map: &Map) -> String {
    format!(
        "{name} = {}\n",
        rendered(shape, &Value::Map(map.clone()), name.len() + 3)
    )
}

fn is_default(field: &Field, value: &Value) -> bool {
    field.default.is_some_and(|default| default() == *value)
}

fn rendered(shape: &Shape, value: &Value, used: usize) -> String {
    let line = inline(shape, value);
    match (shape, value) {
        (Shape::List(item, _), Value::List(items)) if line.len() + used > WIDTH => {
            let lines: Vec<String> = items
                .iter()
                .map(|one| format!("  {},\n", inline(item, one)))
                .collect();
            format!("[\n{}]", lines.concat())
        }
        _ => line,
    }
}

/// Returns a value as it is written in an environment, on one line.
#[must_use]
pub fn inline(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::Seconds(..), Value::Int(seconds)) => quoted(&format_seconds(*seconds)),
        (Shape::Days(..), Value::Int(days)) => quoted(&format!("{days}d")),
        (Shape::List(item, _), Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|one| inline(item, one)).collect();
            format!("[{}]", items.join(", "))
        }
        (Shape::Table(fields), Value::Map(map)) => {
            let named = |field: &Field, value: &Value| {
                format!("{} = {}", key(field.name), inline(&field.shape, value))
            };
            let given = || {
                let pair = |field: &'static Field| Some((field, map.get(field.name)?));
                fields.iter().filter_map(pair)
            };
            let shown = given().filter(|(field, value)| !is_default(field, value));
            let mut pairs: Vec<String> = shown.map(|(field, value)| named(field, value)).collect();
            if pairs.is_empty() {
                // Nothing but defaults: said in full, because `{}` says nothing to a reader.
                pairs = given().map(|(field, value)| named(field, value)).collect();
            }
            braces(&pairs)
        }
        (Shape::Open(item), Value::Map(map)) => {
            let pairs = map
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(item, value)));
            braces(&pairs.collect::<Vec<_>>())
        }
        (_, Value::Text(text)) => quoted(text),
        (_, other) => other.to_string(),
    }
}

fn braces(pairs: &[String]) -> String {
    if pairs.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", pairs.join(", "))
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn a_record_reads_as_a_person_would_write_it() {
        let kind = kinds::by_name("route53_record").unwrap();
        let map: Map = serde_json::from_str(
            r#"{"zone":"example.com","name":"app","type":"A","failover":[
                {"id":"p","role":"primary","ttl":60,"values":["192.0.2.1"]},
                {"id":"s","role":"secondary","alias":{"target":"x.example.com","evaluate_target_health":true}}]}"#,
        )
        .unwrap();
        insta::assert_snapshot!(entry("route53_record", &[kind.section().fields, kind.shape().fields()], &map), @r#"
        [[route53_record]]
        zone = "example.com"
        name = "app"
        type = "A"
        failover = [
          { id = "p", role = "primary", ttl = "60s", values = ["192.0.2.1"] },
          { id = "s", role = "secondary", alias = { target = "x.example.com", evaluate_target_health = true } },
        ]
        "#);
    }

    #[test]
    fn a_table_of_defaults_is_said_in_full() {
        let kind = kinds::by_name("bucket_public_access_block").unwrap();
        let with = |changed: Option<&'static str>| {
            let mut map = kind.shape().canonical(Map::new());
            if let Some(name) = changed {
                map.insert(name, false);
            }
            part("public_access_block", kind.shape(), &map)
        };
        assert_eq!(
            with(None),
            "public_access_block = { block_public_acls = true, ignore_public_acls = true, \
             block_public_policy = true, restrict_public_buckets = true }\n"
        );
        assert_eq!(
            with(Some("block_public_acls")),
            "public_access_block = { block_public_acls = false }\n"
        );
    }

    #[test]
    fn keys_and_texts_are_quoted_where_they_must_be() {
        let shape = Shape::Open(&Shape::Bool);
        let map: Map = [("a b", true), ("plain", false)].into_iter().collect();
        assert_eq!(
            part("tags", &shape, &map),
            "tags = { \"a b\" = true, plain = false }\n"
        );
    }
}
