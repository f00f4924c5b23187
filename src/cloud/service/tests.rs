//! Tests of connections to data services, against a script.

use http::Method;
use serde_json::json;

use super::*;
use crate::cloud::script::Script;
use crate::cloud::{Effect, LineError, Platform, Readers, Settings, Writers};
use crate::model::{GapCode, SecretRef};

const CONNECTION: &str = "frankfurt/services/patroni";

fn settings(folder: &std::path::Path) -> ServiceSettings {
    std::fs::write(folder.join("password"), "hunter2\n").unwrap();
    ServiceSettings {
        user: Some(ServiceUser::Named("drsync".to_owned())),
        password: Some(SecretRef::File(folder.join("password"))),
        ..ServiceSettings::new(vec!["http://a:8008".to_owned(), "http://b:8008".to_owned()])
    }
}

#[tokio::test]
async fn a_reader_only_gets_and_says_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new([Ok((503, r#"{"role":"replica"}"#.to_owned()))]);
    let readers = script.readers(CONNECTION, Settings::Service(settings(folder.path())));
    let reader = readers.open(CONNECTION).await.unwrap();
    let reader = reader.service().unwrap();
    let answer = reader.get("/primary").await.unwrap();
    assert_eq!(answer.status, 503);
    assert_eq!(
        script.seen(),
        [("GET".into(), "http://a:8008/primary".into(), String::new())]
    );
    assert_eq!(
        script.header("authorization").unwrap(),
        "Basic ZHJzeW5jOmh1bnRlcjI="
    );
    assert!(!format!("{reader:?}").contains("hunter2"));
    assert_eq!(readers.calls()["patroni"]["GET /primary"], 1);
}

#[tokio::test]
async fn the_next_member_is_asked_where_one_does_not_answer() {
    let dead = LineError {
        maybe_sent: false,
        ..LineError::late()
    };
    let script = Script::new([
        Err(dead.clone()),
        Err(dead.clone()),
        Err(dead),
        Ok((200, "{}".to_owned())),
    ]);
    let service = ServiceSettings::new(vec!["http://a".to_owned(), "http://b".to_owned()]);
    let readers = script.readers(CONNECTION, Settings::Service(service));
    let reader = readers.open(CONNECTION).await.unwrap();
    let answer = reader.service().unwrap().get("/cluster").await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().unwrap(), json!({}));
    assert!(script.seen().last().unwrap().1.starts_with("http://b"));
}

#[tokio::test]
async fn wrong_credentials_are_a_gap_of_their_own() {
    let script = Script::new([Ok((401, String::new()))]);
    let service = ServiceSettings::new(vec!["http://a".to_owned()]);
    let readers = script.readers(CONNECTION, Settings::Service(service));
    let reader = readers.open(CONNECTION).await.unwrap();
    let error = reader.service().unwrap().get("/").await.unwrap_err();
    assert_eq!(error.code, GapCode::Credentials);
}

#[tokio::test]
async fn a_missing_secret_is_found_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let service = ServiceSettings {
        token: Some(SecretRef::File(folder.path().join("none"))),
        ..ServiceSettings::new(vec!["http://a".to_owned()])
    };
    let script = Script::new([Ok((200, String::new()))]);
    let readers = script.readers(CONNECTION, Settings::Service(service));
    let error = readers.verify(CONNECTION).await.unwrap_err();
    assert_eq!(error.code, GapCode::Credentials);
    assert!(script.seen().is_empty());
}

#[tokio::test]
async fn a_write_is_sent_once_and_judged_by_its_answer() {
    for (answer, word) in [
        (Ok((200, "{}".to_owned())), "done"),
        (Ok((409, "busy".to_owned())), "refused"),
        (Ok((500, "oops".to_owned())), "unknown"),
        (Err(LineError::late()), "unknown"),
    ] {
        let script = Script::new([answer]);
        let service = ServiceSettings::new(vec!["http://a".to_owned()]);
        let readers = script.readers(CONNECTION, Settings::Service(service));
        let writer = Writers::new(&readers).open(CONNECTION).await.unwrap();
        let writer = writer.service().unwrap();
        let body = json!({ "pause": true });
        let effect = writer
            .send(Method::PATCH, "http://a", "/config", Some(&body))
            .await;
        let known = match effect {
            Effect::Done(_) => "done",
            Effect::Refused(_) => "refused",
            Effect::Unknown(_) => "unknown",
        };
        assert_eq!(known, word);
        assert_eq!(
            script.seen(),
            [("PATCH".into(), "http://a/config".into(), body.to_string())]
        );
    }
}

#[tokio::test]
async fn the_real_client_can_be_built_and_says_that_nobody_answers() {
    let service = ServiceSettings::new(vec!["http://127.0.0.1:1".to_owned()]);
    let settings = Settings::Service(service);
    let readers = Readers::new(Platform::real(), [(CONNECTION.to_owned(), settings)].into());
    let reader = readers.open(CONNECTION).await.unwrap();
    let error = reader.service().unwrap().get("/").await.unwrap_err();
    assert_eq!(error.code, GapCode::Unreachable);
    assert!(!error.maybe_done, "{error}");
}
