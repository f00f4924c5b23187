//! The reader of clusters, on real API servers: what it asks, what it may, and what it makes of a broken answer.

use std::path::Path;

use drsync::cloud::kubernetes::{Api, ClusterAccess, ClusterReader, ClusterSettings, Place};
use drsync::cloud::{Platform, Readers, Settings};
use serde_json::{Value, json};

use super::cluster::{Cluster, Role};
use super::relay::Relay;
use super::shared;

const CONNECTION: &str = "ireland/clusters/prod-b";

/// Runs this with a reader of the cluster that a kubeconfig leads to.
fn with_reader<T>(
    cluster: &Cluster,
    kubeconfig: &Path,
    ask: impl AsyncFnOnce(&ClusterReader) -> T,
) -> T {
    let access = ClusterAccess::Context {
        name: cluster.site().to_owned(),
        kubeconfig: Some(kubeconfig.to_owned()),
    };
    let settings = Settings::Cluster(ClusterSettings::new(access));
    let readers = Readers::new(Platform::real(), [(CONNECTION.to_owned(), settings)].into());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let reader = readers.open(CONNECTION).await.unwrap();
        ask(reader.cluster().unwrap()).await
    })
}

fn config_maps() -> Api {
    Api::new("v1", "ConfigMap", "configmaps", true)
}

/// A namespace with so many objects that a list has two pages.
fn crowd(cluster: &Cluster, namespace: &str) -> usize {
    let count = 600;
    let one = |number: usize| {
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": format!("cm-{number:03}"), "namespace": namespace},
            "data": {"blob": "x".repeat(256)},
        })
    };
    cluster.namespace(namespace);
    let all: Vec<Value> = (0..count).map(one).collect();
    cluster.kubectl_with(&["create", "-f", "-"], &super::objects::list(&all));
    count
}

#[test]
fn a_reader_lists_all_pages_and_predicts_without_a_change() {
    let cluster = shared::ireland();
    let count = crowd(cluster, "read");
    let (planner, reader) = (cluster.user(Role::Planner), cluster.user(Role::Reader));
    let api = config_maps();
    let place = Place {
        api: &api,
        namespace: Some("read"),
        name: "cm-000",
    };
    let desired = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cm-000", "namespace": "read"},
        "data": {"more": "1"},
    });

    with_reader(cluster, &planner.kubeconfig, async |cluster| {
        assert!(cluster.apis(&[]).await.unwrap().contains(&api));
        let listed = cluster.list(&api, Some("read"), None).await.unwrap();
        // One more is the cluster's own.
        let is_ours = |object: &&Value| {
            let name = object["metadata"]["name"].as_str();
            name.is_some_and(|name| name.starts_with("cm-"))
        };
        assert_eq!(listed.iter().filter(is_ours).count(), count);
        let predicted = cluster.predict(place, &desired, false).await.unwrap();
        assert_eq!(predicted["data"]["more"], "1");
        let live = cluster.get(place).await.unwrap().unwrap();
        assert_eq!(live["data"]["more"], Value::Null);
    });
    let asked = cluster.requests(&planner);
    let of = |verb: &str| {
        let is_such = |uri: &str| uri.contains("/configmaps");
        asked
            .iter()
            .filter(|request| request.verb == verb && is_such(&request.uri))
            .count()
    };
    assert_eq!((of("list"), of("patch")), (2, 1), "{asked:#?}");
    for request in asked.iter().filter(|request| request.verb == "patch") {
        assert!(request.uri.contains("dryRun=All"), "{request:?}");
    }

    // Without the permission to patch all is read, and only the prediction fails.
    with_reader(cluster, &reader.kubeconfig, async |cluster| {
        cluster.list(&api, Some("read"), None).await.unwrap();
        let refused = cluster.predict(place, &desired, false).await.unwrap_err();
        assert_eq!(refused.status, Some(403), "{refused:?}");
    });
}

#[test]
fn a_list_that_ends_in_the_middle_is_no_list() {
    let cluster = shared::ireland();
    crowd(cluster, "broken");
    let user = cluster.user(Role::Reader);
    let relay = Relay::to(cluster.port());
    let api = config_maps();
    let far = cluster.through(&relay, &user);
    with_reader(cluster, &far, async |cluster| {
        cluster.list(&api, Some("broken"), None).await.unwrap();
        relay.end_after(20_000);
        let error = cluster.list(&api, Some("broken"), None).await.unwrap_err();
        assert_eq!(error.status, None, "{error:?}");
        relay.heal();
        cluster.list(&api, Some("broken"), None).await.unwrap();
    });
}
