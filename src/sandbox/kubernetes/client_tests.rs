//! The wire, checked by a client that others wrote: the kube crate over a real socket.

use futures::TryStreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node, Secret};
use kube::api::{
    Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, WatchEvent,
    WatchParams,
};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::watcher;
use kube::{Client, Config};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

use super::super::{Effect, Fault, Sandbox, World, serve};

const WORLD: &str = r#"
[behaviour]
ready_after_ms = 50

[[cluster]]
site = "frankfurt"
name = "prod"
definitions = ["velero", "karpenter"]
nodes = [{ count = 3, prefix = "node", capacity = { cpu = "8", memory = "32Gi" }, unready = 1 }]
user = [
  { name = "admin", token = "admin" },
  { name = "reader", token = "reader", allow = ["get *", "list *", "watch *"], deny = ["* secrets"] },
]
object = [
  { apiVersion = "apps/v1", kind = "Deployment", metadata = { name = "api", namespace = "shop", labels = { app = "api" } }, spec = { replicas = 2, selector = { matchLabels = { app = "api" } }, template = { metadata = { labels = { app = "api" } }, spec = { containers = [{ name = "api", image = "api:1", resources = { limits = { cpu = "0.5" } } }] } } } },
]
"#;

struct Cluster {
    sandbox: Arc<Mutex<Sandbox>>,
    url: String,
}

impl Cluster {
    async fn start() -> Self {
        let world = World::parse(WORLD).unwrap();
        let sandbox = Arc::new(Mutex::new(Sandbox::new(&world).unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/clusters/frankfurt/prod",
            listener.local_addr().unwrap()
        );
        tokio::spawn(serve(listener, Arc::clone(&sandbox)));
        Self { sandbox, url }
    }

    fn client(&self, token: &str) -> Client {
        let mut config = Config::new(self.url.parse().unwrap());
        config.auth_info.token = Some(token.to_owned().into());
        Client::try_from(config).unwrap()
    }
}

fn refused(error: kube::Error) -> (u16, String, String) {
    match error {
        kube::Error::Api(status) => (status.code, status.reason.clone(), status.message.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_world_is_read_by_kinds_and_by_discovery() {
    let cluster = Cluster::start().await;
    let client = cluster.client("reader");
    assert_eq!(
        client.apiserver_version().await.unwrap().git_version,
        "v1.36.3"
    );
    let api: Api<Deployment> = Api::namespaced(client.clone(), "shop");
    let found = api.get("api").await.unwrap();
    let spec = found.spec;
    assert_eq!(spec.progress_deadline_seconds, Some(600));
    let container = &spec.template.spec.unwrap().containers[0];
    let limits = container
        .resources
        .as_ref()
        .unwrap()
        .limits
        .as_ref()
        .unwrap();
    assert_eq!(limits["cpu"].0, "500m");
    assert_eq!(found.status.unwrap().ready_replicas, Some(2));
    let nodes = Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
        .unwrap();
    assert_eq!(nodes.items.len(), 3);
    let discovery = kube::discovery::Discovery::new(client.clone())
        .run()
        .await
        .unwrap();
    let groups: Vec<_> = discovery
        .groups()
        .map(|group| group.name().to_owned())
        .collect();
    assert!(groups.contains(&"velero.io".to_owned()), "{groups:?}");
    let aggregated = kube::discovery::Discovery::new(client)
        .run_aggregated()
        .await
        .unwrap();
    assert_eq!(aggregated.groups().count(), discovery.groups().count());
}

#[tokio::test]
async fn who_may_not_is_told() {
    let cluster = Cluster::start().await;
    let wrong = Api::<Namespace>::all(cluster.client("wrong"))
        .list(&ListParams::default())
        .await;
    assert_eq!(refused(wrong.unwrap_err()).0, 401);
    let secrets: Api<Secret> = Api::namespaced(cluster.client("reader"), "shop");
    let (code, reason, message) = refused(secrets.list(&ListParams::default()).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (403, "Forbidden"));
    assert_eq!(
        message,
        r#"secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "shop""#
    );
    let api: Api<Deployment> = Api::namespaced(cluster.client("reader"), "shop");
    let patch = json!({ "spec": { "replicas": 3 } });
    let (code, _, message) = refused(
        api.patch("api", &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .unwrap_err(),
    );
    assert_eq!(code, 403);
    assert!(
        message.starts_with(r#"deployments.apps "api" is forbidden: User "reader" cannot patch"#),
        "{message}"
    );
    let pods: Api<k8s_openapi::api::core::v1::Pod> = Api::all(cluster.client("admin"));
    let (code, _, message) = refused(pods.list(&ListParams::default()).await.unwrap_err());
    assert_eq!(code, 501);
    assert!(message.contains("does not serve"), "{message}");
}

#[tokio::test]
async fn scale_apply_conflict_and_force() {
    let cluster = Cluster::start().await;
    let api: Api<Deployment> = Api::namespaced(cluster.client("admin"), "shop");
    let scale = api
        .patch_scale(
            "api",
            &PatchParams {
                field_manager: Some("kubectl".to_owned()),
                ..PatchParams::default()
            },
            &Patch::Merge(json!({ "spec": { "replicas": 5 } })),
        )
        .await
        .unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(5));
    let wanted = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "api" }, "spec": { "replicas": 2 } });
    let (code, reason, message) = refused(
        api.patch("api", &PatchParams::apply("drsync"), &Patch::Apply(&wanted))
            .await
            .unwrap_err(),
    );
    assert_eq!((code, reason.as_str()), (409, "Conflict"));
    assert_eq!(
        message,
        r#"Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas"#
    );
    let dry = PatchParams::apply("drsync").force().dry_run();
    let predicted = api
        .patch("api", &dry, &Patch::Apply(&wanted))
        .await
        .unwrap();
    assert_eq!(predicted.spec.replicas, Some(2));
    assert_eq!(api.get("api").await.unwrap().spec.replicas, Some(5));
    let done = api
        .patch(
            "api",
            &PatchParams::apply("drsync").force(),
            &Patch::Apply(&wanted),
        )
        .await
        .unwrap();
    assert_eq!(done.metadata.generation, Some(3));
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    let status = api.get("api").await.unwrap().status.unwrap();
    assert_eq!(
        (status.ready_replicas, status.observed_generation),
        (Some(2), Some(3))
    );
    // Nothing changes the second time, not even the version.
    let before = api.get("api").await.unwrap().metadata.resource_version;
    let again = api
        .patch("api", &PatchParams::apply("drsync"), &Patch::Apply(&wanted))
        .await
        .unwrap();
    assert_eq!(again.metadata.resource_version, before);
}

#[tokio::test]
async fn pages_a_watch_and_a_forgotten_page() {
    let cluster = Cluster::start().await;
    let api: Api<ConfigMap> = Api::namespaced(cluster.client("admin"), "shop");
    for number in 0..5 {
        let data = std::collections::BTreeMap::from([("n".to_owned(), number.to_string())]);
        let map = ConfigMap {
            metadata: kube::core::ObjectMeta {
                name: Some(format!("m{number}")),
                ..Default::default()
            },
            data: Some(data),
            ..Default::default()
        };
        api.create(&PostParams::default(), &map).await.unwrap();
    }
    let first = api.list(&ListParams::default().limit(2)).await.unwrap();
    let token = first.metadata.continue_.clone().unwrap();
    assert_eq!(first.metadata.remaining_item_count, Some(3));
    // The pages are of one moment.
    api.delete("m3", &DeleteParams::default()).await.unwrap();
    let rest = api
        .list(&ListParams::default().continue_token(&token))
        .await
        .unwrap();
    assert_eq!(rest.items.len(), 3);
    let fault = Fault {
        operation: Some("list configmaps".to_owned()),
        ..Fault::new("kubernetes", "", Effect::Expired)
    };
    cluster.sandbox.lock().unwrap().script(fault);
    let (code, reason, _) = refused(
        api.list(&ListParams::default().continue_token(&token))
            .await
            .unwrap_err(),
    );
    assert_eq!((code, reason.as_str()), (410, "Expired"));

    let version = rest.metadata.resource_version.unwrap();
    let mut stream = Box::pin(
        api.watch(&WatchParams::default().timeout(2), &version)
            .await
            .unwrap(),
    );
    assert!(
        matches!(stream.try_next().await.unwrap(), Some(WatchEvent::Deleted(map)) if map.metadata.name.as_deref() == Some("m3"))
    );
    api.delete("m4", &DeleteParams::default()).await.unwrap();
    assert!(
        matches!(stream.try_next().await.unwrap(), Some(WatchEvent::Deleted(map)) if map.metadata.name.as_deref() == Some("m4"))
    );
    for config in [
        watcher::Config::default(),
        watcher::Config::default().streaming_lists(),
    ] {
        let mut events = Box::pin(watcher(api.clone(), config));
        let mut names = 0;
        loop {
            match events.try_next().await.unwrap().unwrap() {
                watcher::Event::InitApply(_) => names += 1,
                watcher::Event::InitDone => break,
                _ => {}
            }
        }
        assert_eq!(names, 3);
    }
}

#[tokio::test]
async fn custom_resources_and_bad_input() {
    let cluster = Cluster::start().await;
    let client = cluster.client("admin");
    let kind = |group: &str, version: &str, kind: &str| {
        ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
    };
    let schedules: Api<DynamicObject> = Api::namespaced_with(
        client.clone(),
        "velero",
        &kind("velero.io", "v1", "Schedule"),
    );
    let schedule = json!({ "apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": { "name": "daily" }, "spec": { "schedule": "0 3 * * *", "template": { "ttl": "720h0m0s" } } });
    let apply = PatchParams::apply("drsync");
    let (code, _, message) = refused(
        schedules
            .patch("daily", &apply, &Patch::Apply(&schedule))
            .await
            .unwrap_err(),
    );
    assert_eq!(
        (code, message.as_str()),
        (404, "namespaces \"velero\" not found")
    );
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces
        .create(
            &PostParams::default(),
            &serde_json::from_value(json!({ "metadata": { "name": "velero" } })).unwrap(),
        )
        .await
        .unwrap();
    let made = schedules
        .patch("daily", &apply, &Patch::Apply(&schedule))
        .await
        .unwrap();
    assert_eq!(made.metadata.generation, Some(1));
    let (code, _, message) = refused(
        schedules
            .patch(
                "daily",
                &PatchParams::default(),
                &Patch::Merge(json!({ "spec": { "paused": "yes" } })),
            )
            .await
            .unwrap_err(),
    );
    assert_eq!(code, 422);
    assert!(message.contains("spec.paused"), "{message}");
    let argo: Api<DynamicObject> = Api::all_with(
        client.clone(),
        &kind("argoproj.io", "v1alpha1", "Application"),
    );
    let missing = argo.list(&ListParams::default()).await.unwrap_err();
    assert!(
        matches!(&missing, kube::Error::Api(status) if status.code == 404),
        "{missing:?}"
    );

    let api: Api<Deployment> = Api::namespaced(client, "shop");
    let selector = json!({ "spec": { "selector": { "matchLabels": { "app": "other" } } } });
    let (code, reason, message) = refused(
        api.patch("api", &PatchParams::default(), &Patch::Merge(&selector))
            .await
            .unwrap_err(),
    );
    assert_eq!((code, reason.as_str()), (422, "Invalid"));
    assert!(message.contains("field is immutable"), "{message}");
    let (code, ..) = refused(api.get("nothing").await.unwrap_err());
    assert_eq!(code, 404);
    let mut stale = api.get("api").await.unwrap();
    stale.metadata.resource_version = Some("1".to_owned());
    let (code, _, message) = refused(
        api.replace("api", &PostParams::default(), &stale)
            .await
            .unwrap_err(),
    );
    assert_eq!(code, 409);
    assert!(
        message.contains("the object has been modified"),
        "{message}"
    );
    let unknown =
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replica": 1 } });
    let (code, _, message) = refused(
        api.patch("api", &apply, &Patch::Apply(&unknown))
            .await
            .unwrap_err(),
    );
    assert_eq!(code, 500);
    assert!(
        message.contains(".spec.replica: field not declared in schema"),
        "{message}"
    );
}

#[tokio::test]
async fn the_state_outlives_the_process() {
    let cluster = Cluster::start().await;
    let api: Api<Deployment> = Api::namespaced(cluster.client("admin"), "shop");
    let kept = api.get("api").await.unwrap();
    let text = cluster.sandbox.lock().unwrap().to_json().unwrap();
    *cluster.sandbox.lock().unwrap() = Sandbox::from_json(&text).unwrap();
    assert_eq!(api.get("api").await.unwrap(), kept);
    let overlay = r#"
[[cluster]]
site = "frankfurt"
name = "prod"
nodes = [{ count = 2, prefix = "node" }]
object = [{ apiVersion = "apps/v1", kind = "Deployment", metadata = { name = "api", namespace = "shop" }, spec = { replicas = 1 } }]
"#;
    cluster
        .sandbox
        .lock()
        .unwrap()
        .merge(&World::parse(overlay).unwrap())
        .unwrap();
    let edited = api.get("api").await.unwrap();
    assert_eq!(edited.spec.replicas, Some(1));
    let managers: Value = edited
        .metadata
        .managed_fields
        .unwrap()
        .into_iter()
        .map(|entry| entry.manager)
        .collect();
    assert!(managers.to_string().contains("kubectl-edit"), "{managers}");
    let nodes = Api::<Node>::all(cluster.client("admin"))
        .list(&ListParams::default())
        .await
        .unwrap();
    assert_eq!(nodes.items.len(), 2);
}
