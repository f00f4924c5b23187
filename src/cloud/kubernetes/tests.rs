//! Tests of connections to clusters, against a script and a kubeconfig of their own.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::cloud::script::{Played, Script};
use crate::cloud::{CloudError, Effect, LineError, Platform, Readers, Secret, Settings, Writers};
use crate::model::GapCode;

const CONNECTION: &str = "frankfurt/clusters/prod-a";

fn fixed() -> Settings {
    Settings::Cluster(ClusterSettings::new(ClusterAccess::Fixed {
        url: "http://127.0.0.1:1/clusters/frankfurt/prod-a".to_owned(),
        token: Secret::new("made-up-token"),
    }))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "it stands beside answers that fail"
)]
fn ok(body: &Json) -> Played {
    Ok((200, body.to_string()))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "it stands beside answers that fail"
)]
fn status(code: u16, reason: &str) -> Played {
    let body = json!({ "kind": "Status", "reason": reason, "message": "it is so", "code": code });
    Ok((code, body.to_string()))
}

fn page(names: &[&str], next: &str) -> Played {
    let items: Vec<Json> = names
        .iter()
        .map(|name| json!({ "metadata": { "name": name } }))
        .collect();
    ok(&json!({ "items": items, "metadata": { "continue": next } }))
}

fn deployments() -> Api {
    Api::new("apps/v1", "Deployment", "deployments", true)
}

async fn cluster(readers: &Readers) -> ClusterReader {
    readers
        .open(CONNECTION)
        .await
        .unwrap()
        .cluster()
        .unwrap()
        .clone()
}

async fn list(script: &std::sync::Arc<Script>) -> Result<Vec<String>, CloudError> {
    let readers = script.readers(CONNECTION, fixed());
    let objects = cluster(&readers)
        .await
        .list(&deployments(), None, None)
        .await?;
    let name = |object: &Json| object["metadata"]["name"].as_str().unwrap().to_owned();
    Ok(objects.iter().map(name).collect())
}

#[tokio::test]
async fn a_reader_sends_nothing_that_changes_anything() {
    let object = json!({ "apiVersion": "apps/v1", "kind": "Deployment" });
    let answer = json!({ "items": [], "kind": "APIGroupDiscoveryList" });
    let script = Script::new([ok(&answer)]);
    let readers = script.readers(CONNECTION, fixed());
    let reader = cluster(&readers).await;
    let api = deployments();
    let place = Place {
        api: &api,
        namespace: Some("app"),
        name: "web",
    };
    reader.apis(&["v1".to_owned()]).await.unwrap();
    reader.get(place).await.unwrap();
    reader.part(place, Some("scale")).await.unwrap();
    reader.list(&api, Some("app"), Some("a=b")).await.unwrap();
    reader.predict(place, &object, true).await.unwrap();
    reader.predict(place, &object, false).await.unwrap();
    let seen = script.seen();
    assert_eq!(seen.len(), 7);
    for (method, url, _) in &seen {
        let is_dry = method == "PATCH" && url.contains("dryRun=All");
        assert!(method == "GET" || is_dry, "{method} {url}");
        assert!(
            url.starts_with("http://127.0.0.1:1/clusters/frankfurt/prod-a/api"),
            "{url}"
        );
    }
    assert_eq!(
        script.header("authorization").unwrap(),
        "Bearer made-up-token"
    );
    let counts = readers.calls();
    assert_eq!(counts["kubernetes"]["PREDICT deployments.apps"], 2);
    assert_eq!(counts["kubernetes"]["LIST deployments.apps"], 1);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let script = Script::new([page(&["a", "b"], "next one"), page(&["c"], "")]);
    assert_eq!(list(&script).await.unwrap(), ["a", "b", "c"]);
    assert!(
        script.seen()[1]
            .1
            .ends_with("limit=500&continue=next%20one")
    );
}

#[tokio::test]
async fn a_list_that_expired_is_begun_again() {
    let script = Script::new([
        page(&["old"], "x"),
        status(410, "Expired"),
        page(&["a"], "y"),
        page(&["b"], ""),
    ]);
    assert_eq!(list(&script).await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn a_list_that_always_expires_ends() {
    let script = Script::new([status(410, "Expired")]);
    let error = list(&script).await.unwrap_err();
    assert_eq!(error.status, Some(410));
    assert_eq!(script.seen().len(), 4);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_no_list() {
    let broken = LineError {
        message: "the answer broke off".to_owned(),
        ..LineError::late()
    };
    let script = Script::new([page(&["a"], "x"), Err(broken)]);
    let error = list(&script).await.unwrap_err();
    assert_eq!(error.code, GapCode::Unreachable);
    let garbled = Script::new([Ok((200, "{\"items\": [{\"metad".to_owned()))]);
    assert_eq!(list(&garbled).await.unwrap_err().code, GapCode::Garbled);
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again() {
    let script = Script::new([
        status(429, "TooManyRequests"),
        status(503, "ServiceUnavailable"),
        page(&[], ""),
    ]);
    assert_eq!(list(&script).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (code, reason, gap) in [
        (401, "Unauthorized", GapCode::Credentials),
        (403, "Forbidden", GapCode::Forbidden),
        (404, "NotFound", GapCode::Service),
    ] {
        let error = list(&Script::new([status(code, reason)]))
            .await
            .unwrap_err();
        assert_eq!((error.code, error.is(reason)), (gap, true), "{error}");
        assert!(!error.maybe_done);
    }
    let page = list(&Script::new([Ok((502, "<html>".to_owned()))]))
        .await
        .unwrap_err();
    assert_eq!(page.code, GapCode::Garbled);
}

#[tokio::test]
async fn a_conflict_names_the_manager_and_the_field() {
    let body = json!({
        "kind": "Status", "reason": "Conflict", "message": "Apply failed with 1 conflict",
        "details": { "causes": [{ "reason": "FieldManagerConflict",
            "message": "conflict with \"kubectl\"", "field": ".spec.replicas" }] },
    });
    let script = Script::new([Ok((409, body.to_string()))]);
    let readers = script.readers(CONNECTION, fixed());
    let (api, object) = (deployments(), json!({}));
    let place = Place {
        api: &api,
        namespace: Some("app"),
        name: "web",
    };
    let error = cluster(&readers)
        .await
        .predict(place, &object, false)
        .await
        .unwrap_err();
    assert_eq!(error.causes[0].field, ".spec.replicas");
    assert_eq!(error.causes[0].message, "conflict with \"kubectl\"");
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_in_doubt_and_sent_once() {
    let refused = LineError {
        maybe_sent: false,
        ..LineError::late()
    };
    for (answer, in_doubt) in [
        (Err(LineError::late()), true),
        (Err(refused), false),
        (status(409, "Conflict"), false),
        (status(500, "InternalError"), true),
    ] {
        let script = Script::new([answer]);
        let writers = Writers::new(&script.readers(CONNECTION, fixed()));
        let writer = writers.open(CONNECTION).await.unwrap();
        let (api, object) = (deployments(), json!({}));
        let place = Place {
            api: &api,
            namespace: Some("app"),
            name: "web",
        };
        let effect = writer.cluster().unwrap().apply(place, &object, false).await;
        assert_eq!(matches!(effect, Effect::Unknown(_)), in_doubt, "{effect:?}");
        assert_eq!(script.seen().len(), 1);
    }
}

fn kubeconfig(folder: &Path, plugin: &str) -> ClusterAccess {
    let program = folder.join("plugin");
    std::fs::write(&program, format!("#!/bin/sh\n{plugin}\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let text = json!({
        "apiVersion": "v1", "kind": "Config",
        "contexts": [{ "name": "a", "context": { "cluster": "c", "user": "u" } }],
        "clusters": [{ "name": "c", "cluster": { "server": "http://127.0.0.1:1" } }],
        "users": [{ "name": "u", "user": { "exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": program,
            "interactiveMode": "Never" } } }],
    });
    let path = folder.join("config");
    std::fs::write(&path, text.to_string()).unwrap();
    ClusterAccess::Context {
        name: "a".to_owned(),
        kubeconfig: Some(path),
    }
}

async fn open(access: ClusterAccess) -> Result<(), CloudError> {
    let settings = Settings::Cluster(ClusterSettings::new(access));
    let readers = Readers::new(Platform::real(), [(CONNECTION.to_owned(), settings)].into());
    readers.verify(CONNECTION).await
}

#[tokio::test]
async fn a_plugin_gives_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"echo '{"kind":"ExecCredential","status":{"token":"made-up"}}'"#;
    assert_eq!(open(kubeconfig(folder.path(), answer)).await, Ok(()));
}

#[tokio::test]
async fn a_plugin_that_fails_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(kubeconfig(folder.path(), "echo 'log in first' >&2; exit 3"))
        .await
        .unwrap_err();
    assert_eq!(error.code, GapCode::Credentials);
    assert!(error.message.contains("log in first"), "{error}");
    let silent = open(kubeconfig(folder.path(), "echo no"))
        .await
        .unwrap_err();
    assert!(silent.message.contains("no ExecCredential"), "{silent}");
}

#[tokio::test]
async fn a_plugin_that_hangs_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let hangs = format!("sleep 2\necho done > {}", mark.display());
    let _ = kubeconfig(folder.path(), &hangs);
    let mut user = kube::config::AuthInfo {
        exec: Some(
            serde_json::from_value(json!({ "command": folder.path().join("plugin") })).unwrap(),
        ),
        ..kube::config::AuthInfo::default()
    };
    let patience = Duration::from_millis(100);
    let error = exec::run(&mut user, None, patience).await.unwrap_err();
    assert!(error.message.contains("was stopped"), "{error}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!mark.exists(), "the plugin went on");
}

#[tokio::test]
async fn an_unknown_context_is_answered_with_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let ClusterAccess::Context { kubeconfig, .. } = kubeconfig(folder.path(), "exit 0") else {
        unreachable!()
    };
    let access = ClusterAccess::Context {
        name: "b".to_owned(),
        kubeconfig,
    };
    let error = open(access).await.unwrap_err();
    assert_eq!(
        error.message,
        "the kubeconfig has no context `b`; it has: a"
    );
}

#[test]
fn names_are_escaped_in_paths() {
    let api = Api::new(
        "rbac.authorization.k8s.io/v1",
        "ClusterRole",
        "clusterroles",
        false,
    );
    let place = Place {
        api: &api,
        namespace: Some("ignored"),
        name: "system:node/x",
    };
    assert_eq!(
        place.path(),
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode%2Fx"
    );
    assert_eq!(deployments().full_name(), "deployments.apps");
}
