//! The JSON Schema of an environment file, by which editors complete and check it.
//!
//! In: the field tables of `tables` and of the kinds. Out: a schema of draft 2020-12. Must not
//! know how a file is read.

use serde_json::{Map as Json, Value as JsonValue, json};

use super::group::Group;
use super::tables::{COMMON, ENTRY_SITE, Head, LISTS, NAMED, PARITY, PROFILE, PROFILE_DOC, SINGLE};
use crate::kinds::{self, Kind};
use crate::model::{Field, Identity, Shape};

/// The reference to the schema of `{ profile = "key" }`.
const PROFILE_VALUE: &str = "#/$defs/profile_value";
/// What a span of time looks like.
const DURATION: &str = "^[0-9]+[smhdw]$";
/// What a name in a table header looks like.
const BARE: &str = "^[A-Za-z0-9_-]+$";

/// Returns the schema of a file of an environment.
#[must_use]
pub fn environment_schema() -> JsonValue {
    environment_schema_with(kinds::all())
}

/// Returns the schema of a file of an environment that may declare objects of these kinds.
#[must_use]
pub fn environment_schema_with(kinds: &[&'static dyn Kind]) -> JsonValue {
    let mut properties = Json::new();
    let mut definitions = Json::new();
    for head in SINGLE {
        properties.insert(head.name.to_owned(), head_schema(head));
    }
    for head in NAMED {
        let schema = head_schema(head);
        properties.insert(head.name.to_owned(), by_name(head.doc, &schema));
    }
    for head in LISTS {
        let entry = table(head.fields.iter(), true);
        properties.insert(
            head.name.to_owned(),
            json!({ "description": head.doc, "type": "array", "items": entry }),
        );
    }
    let any = json!({ "type": "object" });
    properties.insert(PROFILE.to_owned(), by_name(PROFILE_DOC, &any));
    for group in Group::all(kinds) {
        let array = group.section.array;
        let reference = format!("#/$defs/{array}");
        properties.insert(
            array.to_owned(),
            json!({
                "description": group.section.doc,
                "type": "array",
                "items": { "$ref": reference },
            }),
        );
        if group.section.sited {
            let at_site = format!("{array}_at_site");
            let mut entry = entry_schema(&group, true);
            // Whatever is no field is the name of a site.
            entry["additionalProperties"] = json!({ "$ref": format!("#/$defs/{at_site}") });
            definitions.insert(array.to_owned(), entry);
            definitions.insert(at_site, entry_schema(&group, false));
        } else {
            definitions.insert(array.to_owned(), entry_schema(&group, false));
        }
    }
    definitions.insert(
        "profile_value".to_owned(),
        json!({
            "description": "The value of this name in the selected profile",
            "type": "object",
            "properties": { "profile": { "type": "string" } },
            "required": ["profile"],
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drsync environment",
        "description": "One file of an environment; the files of a folder are one document",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// Returns the schema of a record of something that was done.
#[must_use]
pub fn record_schema() -> JsonValue {
    let mut schema = head_schema(&super::strategy::RECORD);
    strip_profiles(&mut schema);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("drsync record");
    schema
}

/// A record holds what happened and takes nothing from a profile.
fn strip_profiles(schema: &mut JsonValue) {
    match schema {
        JsonValue::Object(map) => {
            let plain = map.get_mut("anyOf").and_then(JsonValue::as_array_mut);
            if let Some(plain) = plain
                && plain.len() == 2
                && plain[1]["$ref"] == PROFILE_VALUE
                && let JsonValue::Object(own) = plain.swap_remove(0)
            {
                map.remove("anyOf");
                map.extend(own);
            }
            map.values_mut().for_each(strip_profiles);
        }
        JsonValue::Array(items) => items.iter_mut().for_each(strip_profiles),
        _ => {}
    }
}

fn head_schema(head: &Head) -> JsonValue {
    let mut schema = table(head.fields.iter(), true);
    schema["description"] = json!(head.doc);
    schema
}

fn by_name(doc: &str, schema: &JsonValue) -> JsonValue {
    json!({
        "description": doc,
        "type": "object",
        "patternProperties": { BARE: schema },
        "additionalProperties": false,
    })
}

/// Returns the schema of an entry, or of its table for one site.
///
/// Where an entry may have site tables, a required field may stand in either.
fn entry_schema(group: &Group, of_entry: bool) -> JsonValue {
    let sited = group.section.sited;
    let flat = group.flat.map_or(&[][..], |kind| kind.shape().fields());
    let entry: &[&Field] = if of_entry {
        &[&ENTRY_SITE, &PARITY]
    } else {
        &[]
    };
    let fields = group.section.fields.iter().chain(flat).chain(COMMON);
    let mut schema = table(fields.chain(entry.iter().copied()), !sited);
    for (part, kind) in &group.parts {
        schema["properties"][*part] = described(kind.doc(), value(kind.shape()));
    }
    schema
}

fn table<'f>(fields: impl Iterator<Item = &'f Field>, strict: bool) -> JsonValue {
    let mut properties = Json::new();
    let mut required = Vec::new();
    for field in fields {
        let mut schema = value(&field.shape);
        if let (Some(default), Some(plain)) = (field.default, schema.as_object_mut()) {
            plain.insert("default".to_owned(), json!(default()));
        }
        properties.insert(field.name.to_owned(), described(field.doc, schema));
        if strict && field.required {
            required.push(field.name);
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn described(doc: &str, mut schema: JsonValue) -> JsonValue {
    if !doc.is_empty() {
        schema["description"] = json!(doc);
    }
    schema
}

/// Returns the schema of a value, or of a reference to the selected profile in its place.
fn value(shape: &Shape) -> JsonValue {
    let plain = plain(shape);
    if shape.fields().iter().any(|field| field.name == "profile") {
        return plain;
    }
    json!({ "anyOf": [plain, { "$ref": PROFILE_VALUE }] })
}

fn plain(shape: &Shape) -> JsonValue {
    match shape {
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Int(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::Float => json!({ "type": "number" }),
        Shape::Text(rule) => json!({ "type": "string", "examples": [rule.example] }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Seconds(..) => {
            json!({ "type": "string", "pattern": DURATION, "examples": ["60s"] })
        }
        Shape::Days(..) => json!({ "type": "string", "pattern": DURATION, "examples": ["30d"] }),
        Shape::List(item, identity) => json!({
            "type": "array",
            "items": value(item),
            "uniqueItems": !matches!(identity, Identity::Ordered),
        }),
        Shape::Table(fields) => table(fields.iter(), true),
        Shape::Open(item) => json!({ "type": "object", "additionalProperties": value(item) }),
        Shape::Secret => json!({
            "description": "Where a secret is kept",
            "type": "object",
            "properties": {
                "env": { "type": "string", "minLength": 1 },
                "file": { "type": "string", "minLength": 1 },
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        }),
        Shape::OneOf(shapes) => {
            let all: Vec<JsonValue> = shapes.iter().map(plain).collect();
            json!({ "anyOf": all })
        }
    }
}
