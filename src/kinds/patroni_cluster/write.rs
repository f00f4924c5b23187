//! Writing a Patroni cluster: one PATCH of its dynamic configuration, with what changes.
//!
//! PATCH merges tables and takes null for a removal, so what is not declared stays as it is.
//! Rule: <https://patroni.readthedocs.io/en/latest/rest_api.html#config-endpoint>

use http::Method;
use serde_json::{Map as JsonMap, Value as Json, json};

use crate::cloud::Effect;
use crate::cloud::service::ServiceWriter;
use crate::kinds::{KindError, Written};
use crate::model::{Change, GapCode, Value};

/// Sends the changes to the first member that can be reached.
pub(super) async fn patch(writer: &ServiceWriter, change: &Change) -> Written {
    let body = body(change);
    let mut last = KindError::Unwritable("the service has no address".to_owned());
    for url in writer.reader().urls() {
        match writer
            .send(Method::PATCH, url, "/config", Some(&body))
            .await
        {
            Effect::Done(_) => return Written::done_at(writer.now()),
            Effect::Unknown(error) => return Written::Unknown(error.to_string()),
            Effect::Refused(error) => {
                let next = error.code == GapCode::Unreachable;
                last = KindError::Cloud(error);
                if !next {
                    break;
                }
            }
        }
    }
    Written::Refused(last)
}

/// Returns the changed fields as the tree that PATCH takes.
fn body(change: &Change) -> Json {
    let mut root = json!({});
    for field in &change.fields {
        let mut names: Vec<String> = field
            .path
            .split('/')
            .skip(1)
            .map(|name| name.replace("~1", "/").replace("~0", "~"))
            .collect();
        let Some(last) = names.pop() else { continue };
        let parameter = names.iter().any(|name| name == "parameters");
        let mut at = &mut root;
        for name in names {
            at = &mut at[name];
        }
        let value = field
            .after
            .as_ref()
            .map_or(Json::Null, |value| match (last.as_str(), value) {
                ("synchronous_mode", Value::Text(word)) => match &**word {
                    "on" => json!(true),
                    "off" => json!(false),
                    word => json!(word),
                },
                ("parameters", Value::Map(map)) => {
                    let pairs = map
                        .iter()
                        .map(|(key, value)| (key.to_owned(), self::parameter(value)));
                    Json::Object(pairs.collect::<JsonMap<_, _>>())
                }
                (_, value) if parameter => self::parameter(value),
                (_, value) => plain(value),
            });
        at[last] = value;
    }
    root
}

/// A parameter keeps the type that people give it: numbers stay numbers.
fn parameter(value: &Value) -> Json {
    match value {
        Value::Text(text) => text
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        other => plain(other),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(key, value)| match (key, value) {
                    ("parameters", Value::Map(inner)) => {
                        let pairs = inner
                            .iter()
                            .map(|(key, value)| (key.to_owned(), parameter(value)));
                        (key.to_owned(), Json::Object(pairs.collect()))
                    }
                    _ => (key.to_owned(), plain(value)),
                })
                .collect(),
        ),
    }
}
