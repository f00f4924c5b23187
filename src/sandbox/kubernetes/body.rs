//! Reads the body of a write as an object of the resource that its path names.
//!
//! In: a body. Out: the object as the server would keep it, or the refusal in the server's words. It
//! must not know what is kept already.

use serde_json::{Value, json};

use super::decode::{self, Read};
use super::quantity;
use super::request::Visit;
use super::resource::Resource;
use super::status::{Cause, Failure};
use super::write::{refuse, text};

/// Reads a body as the resource, with the server's refusals.
pub(super) fn read(visit: &Visit, resource: &Resource, body: &Value) -> Result<Value, Failure> {
    let mut reader = Read::default();
    let mut object = reader.object(&resource.of, body);
    if visit.param("fieldValidation") == Some("Strict") && !reader.unknown.is_empty() {
        let unknown: Vec<String> = reader
            .unknown
            .iter()
            .map(|path| format!("unknown field \"{}\"", path.trim_start_matches('.')))
            .collect();
        let message = if resource.is_custom() {
            format!(".: strict decoding error: {}", unknown.join(", "))
        } else {
            format!(
                "{} in version \"{}\" cannot be handled as a {0}: strict decoding error: {}",
                resource.kind,
                resource.version,
                unknown.join(", ")
            )
        };
        return Err(Failure::bad(message.trim_start_matches(".: ").to_owned()));
    }
    if let Some((path, value)) = reader.quantities.first() {
        return Err(Failure::bad(format!(
            "{} in version \"{}\" cannot be handled as a {0}: {}: {value} at {}",
            resource.kind,
            resource.version,
            quantity::WRONG,
            path.trim_start_matches('.')
        )));
    }
    if !reader.wrong.is_empty() && resource.is_custom() {
        let causes: Vec<Cause> = reader
            .wrong
            .iter()
            .map(|(path, value, wanted)| {
                let path = path.trim_start_matches('.');
                let got = json!(kind_of(value));
                Cause::of_type(
                    path,
                    &got,
                    &format!("{path} in body must be of type {wanted}: {got}"),
                )
            })
            .collect();
        refuse(resource, &text(body, "/metadata/name"), &causes)?;
    }
    if let Some((path, value, _)) = reader.wrong.first() {
        return Err(Failure::bad(format!(
            "{} in version \"{}\" cannot be handled as a {0}: json: cannot unmarshal {} into Go struct field {0}{path}",
            resource.kind,
            resource.version,
            kind_of(value)
        )));
    }
    object["apiVersion"] = json!(resource.api_version());
    object["kind"] = json!(resource.kind);
    decode::fill(&resource.of, &mut object);
    Ok(object)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a body is of the kind, namespace and name of the path.
pub(super) fn belongs(
    resource: &Resource,
    namespace: &str,
    name: Option<&str>,
    body: &Value,
) -> Result<(), Failure> {
    let (version, kind) = (text(body, "/apiVersion"), text(body, "/kind"));
    if kind.is_empty() && resource.is_custom() {
        return Err(Failure::bad(format!(
            "the object provided is unrecognized (must be of type {}): Object 'Kind' is missing in '{body}'",
            resource.kind
        )));
    }
    if (!version.is_empty() && version != resource.api_version())
        || (!kind.is_empty() && kind != resource.kind)
    {
        return Err(Failure::bad(format!(
            "the object provided is unrecognized (must be of type {}): {version}, Kind={kind}",
            resource.kind
        )));
    }
    let given = text(body, "/metadata/namespace");
    if !given.is_empty() && given != namespace {
        return Err(Failure::bad(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    let given = text(body, "/metadata/name");
    if let Some(name) = name
        && !given.is_empty()
        && given != name
    {
        return Err(Failure::bad(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    Ok(())
}
