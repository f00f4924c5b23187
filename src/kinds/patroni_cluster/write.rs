//! Writing a Patroni cluster: one PATCH of its dynamic configuration, with what changes.
//!
//! PATCH merges tables and takes null for a removal, so what is not declared stays as it is.
//! Rule: <https://patroni.readthedocs.io/en/latest/rest_api.html#config-endpoint>

use http::Method;
use serde_json::{Value as Json, json};

use crate::cloud::Effect;
use crate::cloud::service::ServiceWriter;
use crate::kinds::{KindError, Written};
use crate::model::{Change, GapCode, pointer_names};

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
        let mut at = &mut root;
        for name in pointer_names(&field.path) {
            at = &mut at[name];
        }
        *at = json!(field.after);
    }
    typed(&mut root);
    root
}

/// Gives the values back the types that people write them with: Patroni knows `synchronous_mode` as
/// a truth or a word, and a parameter that is a number stays one.
fn typed(root: &mut Json) {
    match root["synchronous_mode"].as_str() {
        Some("on") => root["synchronous_mode"] = json!(true),
        Some("off") => root["synchronous_mode"] = json!(false),
        _ => {}
    }
    let parameters = root.pointer_mut("/postgresql/parameters");
    for (_, value) in parameters
        .and_then(Json::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok()) {
            *value = json!(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Action, Address, Cause, Class, FieldChange, Flags, Map, Object, Scope, Value,
    };

    fn changing(fields: &[(&str, Option<Value>)]) -> Json {
        let fields = fields.iter().map(|(path, after)| FieldChange {
            path: (*path).to_owned(),
            before: None,
            after: after.clone(),
        });
        body(&Change {
            object: Object {
                address: Address::new("paris", "patroni_cluster", "orders"),
                scope: Scope::new("paris/services/patroni", "patroni_cluster/orders"),
                identity: Map::new(),
                fields: Map::new(),
            },
            action: Action::Update,
            cause: Cause::Drift,
            class: Class::Ordinary,
            fields: fields.collect(),
            reasons: Vec::new(),
            component: None,
            source: None,
            flags: Flags::default(),
            after: Vec::new(),
            observed: None,
            before: None,
            raw: None,
        })
    }

    #[test]
    fn only_what_changes_is_sent_and_a_removal_is_null() {
        let slot: Map = [("type", "physical")].into_iter().collect();
        let sent = changing(&[
            ("/ttl", Some(Value::Int(20))),
            ("/slots/dr~1site", Some(Value::Map(slot))),
            ("/slots/old", None),
        ]);
        let wanted =
            json!({ "ttl": 20, "slots": { "dr/site": { "type": "physical" }, "old": null } });
        assert_eq!(sent, wanted);
    }

    #[test]
    fn values_have_the_types_that_people_write() {
        let sent = changing(&[
            ("/synchronous_mode", Some(Value::text("off"))),
            (
                "/postgresql/parameters/max_connections",
                Some(Value::text("50")),
            ),
            (
                "/postgresql/parameters/wal_log_hints",
                Some(Value::text("on")),
            ),
            ("/postgresql/use_slots", Some(Value::Bool(true))),
        ]);
        let wanted = json!({ "synchronous_mode": false, "postgresql": { "use_slots": true,
            "parameters": { "max_connections": 50, "wal_log_hints": "on" } } });
        assert_eq!(sent, wanted);
        assert_eq!(
            changing(&[("/synchronous_mode", Some(Value::text("quorum")))]),
            json!({ "synchronous_mode": "quorum" })
        );
    }
}
