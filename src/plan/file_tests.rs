//! The plan file: what is noticed, who is trusted, and what it rests on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Binding, Plan, PlanFile, PlanFileError, Trust};
use crate::model::signature::tests::{KEY, OTHER};
use crate::model::signature::{SignatureError, SigningKey};
use crate::model::{
    Action, Address, Cause, Change, Class, Digest, FieldChange, Flags, Map, Object, Scope, Value,
};
use crate::state::{Applied, AppliedRecord};

fn file() -> PlanFile {
    let plan = Plan {
        environment: "foundry".into(),
        unrecorded: true,
        ..Plan::default()
    };
    let binding = Binding {
        repository: "r".into(),
        environment: "foundry".into(),
        accounts: BTreeMap::from([("global".into(), "123456789012".into())]),
        trees: BTreeMap::from([("environments/foundry".into(), "abc".into())]),
        sandbox: false,
    };
    let created = Timestamp::UNIX_EPOCH;
    PlanFile::new(
        plan,
        None,
        binding,
        "id".into(),
        created,
        Timestamp::from_second(3600).unwrap(),
    )
}

#[test]
fn a_file_round_trips() {
    let file = file();
    assert_eq!(PlanFile::parse(&file.to_text().unwrap()), Ok(file));
}

#[test]
fn a_changed_file_is_noticed() {
    let text = file().to_text().unwrap().replace("foundry", "fundery");
    assert_eq!(PlanFile::parse(&text), Err(PlanFileError::Damaged));
}

#[test]
fn another_major_version_is_refused() {
    let text = file()
        .to_text()
        .unwrap()
        .replace("\"format_version\":\"1.1\"", "\"format_version\":\"2.0\"");
    assert_eq!(
        PlanFile::parse(&text),
        Err(PlanFileError::Version("2.0".into()))
    );
}

#[test]
fn every_reason_against_it_is_given_at_once() {
    let file = file();
    let mut here = file.binding.clone();
    assert_eq!(file.refusals(&here, file.created), []);
    here.accounts.insert("global".into(), "999999999999".into());
    here.trees.clear();
    here.sandbox = true;
    assert_eq!(file.refusals(&here, file.expires).len(), 4);
}

/// Returns a file with something in every field, signed.
fn full() -> (PlanFile, String) {
    let fields: Map = [("ttl", 60_i64)].into_iter().collect();
    let address = Address::new("global", "route53_record", "example.com/a/A");
    let change = Change {
        object: Object {
            address: address.clone(),
            scope: Scope::new("global", "route53_zone/example.com"),
            identity: fields.clone(),
            fields: fields.clone(),
        },
        action: Action::Update,
        cause: Cause::Drift,
        class: Class::Ordinary,
        fields: vec![FieldChange {
            path: "/ttl".into(),
            before: Some(Value::from(300_i64)),
            after: Some(Value::from(60_i64)),
        }],
        reasons: vec!["why".into()],
        component: Some("shop".into()),
        source: None,
        flags: Flags {
            prune: true,
            ..Flags::default()
        },
        after: vec![address.clone()],
        observed: Some(Digest::of(&fields)),
        before: Some(fields.clone()),
        raw: Some(fields.clone()),
    };
    let mut file = file();
    file.plan.changes.push(change);
    file.plan.recordable.push(address.clone());
    file.plan.unrecorded = false;
    let applied = Applied {
        scope: Scope::new("global", "route53_zone/example.com"),
        identity: fields.clone(),
        desired: Digest::of(&fields),
        observed: Digest::of(&fields),
        fields,
        prune: true,
        revision: None,
        effective_at: file.created,
        old_lifetime: None,
        change_id: None,
    };
    let record = AppliedRecord::from_iter([(address, applied)]);
    let mut file = PlanFile::new(
        file.plan,
        Some(&record),
        file.binding,
        file.id,
        file.created,
        file.expires,
    );
    let key = SigningKey::parse(KEY).unwrap();
    file.sign(&key).unwrap();
    assert_eq!(file.outrun(&record), None);
    (file, key.public())
}

fn trusted(file: &PlanFile, keys: &[String]) -> Option<PlanFileError> {
    file.distrust(Trust {
        keys,
        sandbox: false,
    })
}

/// Returns the paths of all plain values in a document.
fn leaves(value: &serde_json::Value, path: String, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(value, format!("{path}/{key}"), out);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, format!("{path}/{index}"), out);
            }
        }
        _ => out.push(path),
    }
}

fn other(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Bool(truth) => (!truth).into(),
        serde_json::Value::Number(number) => (number.as_i64().unwrap_or(0) + 1).into(),
        serde_json::Value::String(text) => match text.parse::<Timestamp>() {
            Ok(_) => "2030-01-01T00:00:00Z".into(),
            Err(_) => format!("{text}x").into(),
        },
        serde_json::Value::Null => "x".into(),
        serde_json::Value::Array(_) => serde_json::json!(["x"]),
        serde_json::Value::Object(_) => serde_json::json!({ "x": "x" }),
    }
}

#[test]
fn no_field_can_be_changed_by_somebody_without_the_key() {
    let (file, key) = full();
    let keys = [key];
    assert_eq!(trusted(&file, &keys), None);
    let document: serde_json::Value = serde_json::from_str(&file.to_text().unwrap()).unwrap();
    let mut paths = Vec::new();
    leaves(&document, String::new(), &mut paths);
    assert!(paths.len() > 40, "{}", paths.len());
    for path in paths {
        let mut changed = document.clone();
        let value = changed.pointer_mut(&path).unwrap();
        *value = other(value);
        let Ok(mut read) = serde_json::from_value::<PlanFile>(changed.clone()) else {
            continue; // it is not a plan file any more
        };
        let refused = match PlanFile::parse(&changed.to_string()) {
            Err(_) => true,
            Ok(read) => trusted(&read, &keys).is_some(),
        };
        assert!(refused, "{path} as it is");
        // Who knows how the checksum is made still lacks the key.
        read.digest = read.plan.digest();
        read.checksum = read.sum();
        let same = read.checksum == file.checksum && read.signature == file.signature;
        assert!(
            same || trusted(&read, &keys).is_some(),
            "{path} with a new checksum"
        );
    }
}

#[test]
fn nothing_is_skipped_because_it_is_missing() {
    let (mut file, key) = full();
    assert_eq!(trusted(&file, &[]), Some(PlanFileError::NoKeys));
    let other = SigningKey::parse(OTHER).unwrap().public();
    assert!(matches!(
        trusted(&file, &[other]),
        Some(PlanFileError::Signature(SignatureError::Untrusted(_)))
    ));
    file.signature = None;
    assert_eq!(
        trusted(&file, std::slice::from_ref(&key)),
        Some(PlanFileError::Unsigned)
    );
    let sandbox = |file: &PlanFile, keys: &[String]| {
        file.distrust(Trust {
            keys,
            sandbox: true,
        })
    };
    // Not even against the sandbox, if the plan was made against the real services.
    assert_eq!(sandbox(&file, &[]), Some(PlanFileError::NoKeys));
    file.binding.sandbox = true;
    assert_eq!(sandbox(&file, &[]), None);
    assert_eq!(sandbox(&file, &[key]), Some(PlanFileError::Unsigned));
}

#[test]
fn a_plan_rests_on_what_was_applied() {
    let (mut file, _) = full();
    let empty = AppliedRecord::default();
    let address = file.plan.changes[0].address().clone();
    assert_eq!(
        file.outrun(&empty),
        Some(PlanFileError::Applied(vec![address.clone()]))
    );
    file.plan.unrecorded = true;
    file.records.clear();
    assert_eq!(file.outrun(&empty), None);
    let (scope, fields) = (Scope::new("global", "s"), Map::new());
    let applied = Applied {
        scope,
        identity: fields.clone(),
        desired: Digest::of(&fields),
        observed: Digest::of(&fields),
        fields,
        prune: false,
        revision: None,
        effective_at: file.created,
        old_lifetime: None,
        change_id: None,
    };
    let elsewhere = Address::new("global", "route53_record", "example.com/b/A");
    let record = AppliedRecord::from_iter([(elsewhere, applied)]);
    assert_eq!(file.outrun(&record), Some(PlanFileError::First));
}
