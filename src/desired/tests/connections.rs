//! Clusters and data services of sites, and what lies on them.

use super::{load_text, show};
use crate::desired::{Cluster, User};
use crate::model::SecretRef;

const SITE: &str = r#"
[site.paris]
role = "dr"
[site.paris.clusters]
a = { context = "paris-a" }
b = { eks = "paris-b" }
[site.paris.services.patroni]
url = ["https://p1:8008", "https://p2:8008/"]
tls = { ca = { file = "/etc/drsync/ca.pem" } }
auth = { user = "drsync", password = { env = "PATRONI_PASSWORD" } }
[site.rome]
role = "dr"
clusters.only = { in_cluster = true }
services.search = { url = "https://s:9200", auth = { token = { env = "SEARCH" } } }
"#;

/// Asserts the findings of a text below the sites.
#[track_caller]
fn finds(text: &str, expected: &str) {
    let loaded = load_text(&format!("{SITE}{text}"));
    assert_eq!(show(&loaded).trim(), expected.trim());
}

#[test]
fn connections_are_typed() {
    let desired = load_text(SITE).desired.unwrap();
    let paris = &desired.sites()["paris"];
    assert_eq!(paris.clusters["a"], Cluster::Context("paris-a".to_owned()));
    assert_eq!(paris.clusters["b"], Cluster::Eks("paris-b".to_owned()));
    let patroni = &paris.services["patroni"];
    assert_eq!(patroni.urls, ["https://p1:8008", "https://p2:8008"]);
    assert_eq!(patroni.user, Some(User::Named("drsync".to_owned())));
    assert_eq!(
        patroni.password,
        Some(SecretRef::Env("PATRONI_PASSWORD".to_owned()))
    );
    assert_eq!(
        patroni.ca,
        Some(SecretRef::File("/etc/drsync/ca.pem".into()))
    );
    let rome = &desired.sites()["rome"];
    assert_eq!(rome.clusters["only"], Cluster::InCluster);
    assert_eq!(rome.services["search"].urls, ["https://s:9200"]);
}

#[test]
fn an_object_lies_on_the_cluster_that_it_names_or_on_the_only_one() {
    let text = "[[workload]]\nname = \"web\"\nnamespace = \"app\"\n\
                paris = { cluster = \"b\" }\nrome = {}\n\
                [[workload]]\nname = \"web\"\nnamespace = \"other\"\nsite = \"rome\"\n";
    let desired = load_text(&format!("{SITE}{text}")).desired.unwrap();
    let all: Vec<String> = desired
        .declared()
        .map(|one| {
            let pair = one.pair.as_deref().unwrap_or("-");
            format!("{} {} {pair}", one.object.address, one.object.scope)
        })
        .collect();
    assert_eq!(
        all,
        [
            "paris/workload/app/web paris/clusters/b/workload/app/web workload/app/web",
            "rome/workload/app/web rome/clusters/only/workload/app/web workload/app/web",
            "rome/workload/other/web rome/clusters/only/workload/other/web -",
        ]
    );
}

#[test]
fn a_cluster_must_be_declared_and_told_from_the_others() {
    let entry = |rest: &str| format!("[[workload]]\nname = \"web\"\nnamespace = \"app\"\n{rest}\n");
    finds(
        &entry("site = \"paris\""),
        "no-cluster x.toml:15:1 the entry does not say which cluster of paris it is about (add \
         `cluster`, one of: a, b)",
    );
    finds(
        &entry("site = \"paris\"\ncluster = \"bb\""),
        "unknown-cluster x.toml:19:11 paris has no cluster `bb` (did you mean `b`? known: a, b)",
    );
    finds(
        &entry("site = \"ireland\""),
        "no-cluster x.toml:15:1 `[[workload]]` needs a cluster, and ireland has none (add \
         `clusters.NAME = { ... }` to `[site.ireland]`)",
    );
}

#[test]
fn a_secret_is_never_written_down_and_never_repeated() {
    let site = |auth: &str| {
        let head = "[site.oslo]\nrole = \"dr\"\nservices.x = { url = \"https://x\", auth = ";
        show(&load_text(&format!("{head}{auth} }}\n")))
    };
    for wrong in [
        "{ token = \"hunter2\" }",
        "{ token = { value = \"hunter2\" } }",
        "{ token = { env = \"A\", file = \"hunter2\" } }",
    ] {
        let text = site(wrong);
        assert!(text.starts_with("literal-secret x.toml:3:"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    for (wrong, why) in [
        ("{ user = \"a\" }", "a user without a password"),
        (
            "{ password = { env = \"A\" } }",
            "a password without a user",
        ),
        (
            "{ user = \"a\", password = { env = \"A\" }, token = { env = \"B\" } }",
            "a token and a user as well",
        ),
    ] {
        let text = site(wrong);
        assert!(text.contains("bad-auth") && text.contains(why), "{text}");
    }
}

#[test]
fn an_address_holds_no_credentials_and_a_cluster_no_path() {
    let site = |text: &str| show(&load_text(&format!("[site.oslo]\nrole = \"dr\"\n{text}\n")));
    let text = site("services.x = { url = \"https://me:hunter2@x\" }");
    assert!(text.contains("it holds credentials"), "{text}");
    let text = site("clusters.x = { kubeconfig = \"evil.yaml\", context = \"a\" }");
    assert!(text.contains("unknown-key"), "{text}");
    let text = site("clusters.x = { context = \"a\", eks = \"b\" }");
    assert!(text.contains("bad-access"), "{text}");
}
