//! Reads an object as its type: unknown fields go, quantities get their one form.
//!
//! In: JSON. Out: the object as the server would keep it, and the fields that it does not know. It
//! must not know defaults or rules between fields.

use serde_json::{Map, Value, json};

use super::quantity;
use super::schema::{Form, Type};

/// An object, read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The paths that the schema does not know.
    pub(super) unknown: Vec<String>,
    /// Values of another type, with their path and the type that the schema has.
    pub(super) wrong: Vec<(String, Value, &'static str)>,
    /// Texts that are no quantity, with their path.
    pub(super) quantities: Vec<(String, Value)>,
}

impl Read {
    /// Reads a value; what is null is not there.
    pub(super) fn object(&mut self, of: &Type, value: &Value) -> Value {
        self.value(of, value, "").unwrap_or_else(|| json!({}))
    }

    fn value(&mut self, of: &Type, value: &Value, path: &str) -> Option<Value> {
        match (&of.form, value) {
            (_, Value::Null) => None,
            (Form::Any, value) => Some(value.clone()),
            (Form::Text | Form::Time, Value::String(_))
            | (Form::Number, Value::Number(_))
            | (Form::Bool, Value::Bool(_))
            | (Form::IntOrString, Value::Number(_) | Value::String(_)) => Some(value.clone()),
            (Form::Quantity, Value::Number(_) | Value::String(_)) => {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                if let Ok(kept) = quantity::canonical(&text) {
                    Some(Value::from(kept))
                } else {
                    self.quantities.push((path.to_owned(), value.clone()));
                    Some(value.clone())
                }
            }
            (Form::List(item, _), Value::Array(items)) => {
                let items = items.iter().enumerate();
                let kept = items
                    .filter_map(|(at, value)| self.value(item, value, &format!("{path}[{at}]")));
                Some(Value::Array(kept.collect()))
            }
            (Form::Map(item), Value::Object(map)) => {
                let mut kept = Map::new();
                for (name, value) in map {
                    if let Some(value) = self.value(item, value, &format!("{path}.{name}")) {
                        kept.insert(name.clone(), value);
                    }
                }
                Some(Value::Object(kept))
            }
            (Form::Struct(fields), Value::Object(map)) => {
                let mut kept = Map::new();
                for (name, value) in map {
                    let path = format!("{path}.{name}");
                    match fields.known.get(name) {
                        Some(field) => {
                            let value = self.value(&field.of, value, &path);
                            kept.extend(value.map(|value| (name.clone(), value)));
                        }
                        None if fields.open => {
                            kept.insert(name.clone(), value.clone());
                        }
                        None => self.unknown.push(path),
                    }
                }
                Some(Value::Object(kept))
            }
            (form, value) => {
                self.wrong
                    .push((path.to_owned(), value.clone(), wanted(form)));
                None
            }
        }
    }
}

fn wanted(form: &Form) -> &'static str {
    match form {
        Form::Text | Form::Time | Form::Quantity => "string",
        Form::Number => "integer",
        Form::Bool => "boolean",
        Form::IntOrString => "integer or string",
        Form::List(..) => "array",
        Form::Any | Form::Map(_) | Form::Struct(_) => "object",
    }
}

/// Fills the defaults that the schema has: of fields that are not there in objects that are.
pub(super) fn fill(of: &Type, value: &mut Value) {
    match (&of.form, value) {
        (Form::Struct(fields), Value::Object(map)) => {
            for (name, field) in &fields.known {
                if let Some(default) = &field.default
                    && !map.contains_key(name)
                {
                    map.insert(name.clone(), default.clone());
                }
                if let Some(value) = map.get_mut(name) {
                    fill(&field.of, value);
                }
            }
        }
        (Form::Map(item), Value::Object(map)) => {
            for value in map.values_mut() {
                fill(item, value);
            }
        }
        (Form::List(item, _), Value::Array(items)) => {
            for value in items {
                fill(item, value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::built_in;
    use super::*;

    #[test]
    fn an_object_is_read_as_its_type() {
        let mut read = Read::default();
        let object = read.object(
            &built_in("apps.v1.Deployment"),
            &json!({ "spec": { "replicas": 1, "colour": "red", "paused": null, "minReadySeconds": "x", "template": { "spec": {
                "containers": [{ "resources": { "limits": { "cpu": 0.5, "memory": "1024Mi", "x": "much" } } }] } } } }),
        );
        assert_eq!(read.unknown, [".spec.colour"]);
        assert_eq!(
            read.wrong,
            [(".spec.minReadySeconds".to_owned(), json!("x"), "integer")]
        );
        assert_eq!(
            read.quantities[0].0,
            ".spec.template.spec.containers[0].resources.limits.x"
        );
        let limits = object
            .pointer("/spec/template/spec/containers/0/resources/limits")
            .unwrap();
        assert_eq!(
            *limits,
            json!({ "cpu": "500m", "memory": "1Gi", "x": "much" })
        );
        assert_eq!(object["spec"].as_object().unwrap().len(), 2);
    }
}
