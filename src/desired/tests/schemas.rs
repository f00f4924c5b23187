//! The JSON schema says what the decoder takes.

use serde_json::{Value, json};

use super::kinds::KINDS;
use crate::desired::{environment_schema, environment_schema_with};

#[test]
fn every_section_and_table_is_described() {
    let schema = environment_schema_with(KINDS);
    for name in [
        "environment",
        "site",
        "profile",
        "zone",
        "record",
        "bucket",
        "nodes",
    ] {
        assert!(schema["properties"][name].is_object(), "{name}");
    }
    assert_eq!(schema["additionalProperties"], json!(false));
    let site = &schema["properties"]["site"]["patternProperties"]["^[A-Za-z0-9_-]+$"];
    assert_eq!(site["required"], json!(["role"]));
    assert_eq!(schema["$defs"]["zone"]["required"], json!(["name"]));
    let ttl = &schema["$defs"]["record"]["properties"]["ttl"];
    assert_eq!(ttl["anyOf"][0]["pattern"], "^[0-9]+[smhdw]$");
    assert_eq!(ttl["description"], "The time to live");
}

#[test]
fn a_sited_entry_takes_site_tables_and_nothing_else() {
    let schema = environment_schema_with(KINDS);
    let entry = &schema["$defs"]["bucket"];
    assert_eq!(
        entry["additionalProperties"]["$ref"],
        "#/$defs/bucket_at_site"
    );
    assert!(entry["properties"]["parity"].is_object());
    let at_site = &schema["$defs"]["bucket_at_site"];
    assert_eq!(at_site["additionalProperties"], json!(false));
    assert!(at_site["properties"]["parity"].is_null());
    assert!(at_site["properties"]["versioning"].is_object());
}

#[test]
fn every_reference_leads_somewhere() {
    for schema in [environment_schema(), environment_schema_with(KINDS)] {
        let mut open = vec![&schema];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(reference)) = map.get("$ref") {
                        let pointer = reference.trim_start_matches('#');
                        assert!(schema.pointer(pointer).is_some(), "{reference}");
                    }
                    open.extend(map.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
    }
}
