//! The bench's data services are what the tests take them for.

use serde_json::json;

use super::bench::wait_for;
use super::http;
use super::keycloak::Keycloak;
use super::monitoring::Monitor;
use super::patroni::Site;
use super::pgbackrest::Pgbackrest;
use super::powerdns::PowerDns;
use super::redis::{MASTER, Pair};
use super::shared;

fn pairs(roles: &[(String, String)]) -> Vec<(&str, &str)> {
    roles
        .iter()
        .map(|(name, role)| (name.as_str(), role.as_str()))
        .collect()
}

#[test]
fn the_dr_site_follows_the_primary_with_the_same_lineage() {
    let databases = shared::databases();
    assert_eq!(
        pairs(&databases.primary.roles()),
        [("pri1", "primary"), ("pri2", "replica")]
    );
    assert_eq!(
        pairs(&databases.dr.roles()),
        [("dr1", "standby_leader"), ("dr2", "replica")]
    );
    let lineage =
        |site: &Site| site.members[0].ask("patroni").unwrap()["database_system_identifier"].clone();
    assert_eq!(lineage(&databases.primary), lineage(&databases.dr));
    assert!(lineage(&databases.dr).is_string());

    databases.primary.haproxy.wait_for_writer();
    assert_eq!(databases.primary.haproxy.up(), ["pri1"]);
    assert!(databases.dr.haproxy.up().is_empty());
    let through_proxy = databases.primary.haproxy.writer();
    super::patroni::sql(through_proxy, "CREATE TABLE follows AS SELECT 42 AS answer");
    wait_for("the table is at the DR site", || {
        let there =
            databases.dr.members[1].sql("SELECT count(*) FROM pg_class WHERE relname = 'follows'");
        (there == "1").then_some(())
    });
    let walreceiver = databases.dr.members[0].process("walreceiver");
    assert!(walreceiver.is_some());
}

#[test]
fn the_configuration_of_a_cluster_is_changed_with_a_password_only() {
    let site = &shared::databases().dr;
    let url = format!("http://127.0.0.1:{}/config", site.members[0].rest);
    let refused = http::request("PATCH", &url, &[], r#"{"maximum_lag_on_failover": 2}"#).unwrap();
    assert_eq!(refused.status, 401);
    let before = site.ask("config")["maximum_lag_on_failover"].clone();
    assert_eq!(
        site.configure(&json!({"maximum_lag_on_failover": 3}))["maximum_lag_on_failover"],
        3
    );
    site.configure(&json!({"maximum_lag_on_failover": before}));
    assert_eq!(
        site.ask("config")["standby_cluster"]["port"],
        shared::databases().link.port()
    );
}

#[test]
fn redis_follows_through_the_link_and_sentinels_agree() {
    let pair = Pair::start();
    let lineage = |redis: &super::redis::Redis| redis.value("replication", "master_replid");
    assert_eq!(lineage(&pair.primary), lineage(&pair.replica));
    pair.primary.cli(&["set", "answer", "42"]);
    wait_for("the key is at the DR site", || {
        (pair.replica.cli(&["get", "answer"]) == "42").then_some(())
    });
    let sentinels = pair.watched();
    let quorum = sentinels[0].cli(&["sentinel", "ckquorum", MASTER]);
    assert!(quorum.starts_with("OK 3 usable Sentinels"), "{quorum}");
}

#[test]
fn a_zone_is_made_and_changed_by_the_api() {
    let dns = PowerDns::start();
    let zone =
        json!({"name": "example.test.", "kind": "Native", "nameservers": ["ns1.example.test."]});
    assert_eq!(
        dns.ask("POST", "/servers/localhost/zones", &zone.to_string())
            .status,
        201
    );
    let records = json!({"rrsets": [{"name": "orders.example.test.", "type": "A", "ttl": 60, "changetype": "REPLACE",
        "records": [{"content": "192.0.2.1", "disabled": false}]}]});
    let path = "/servers/localhost/zones/example.test.";
    assert_eq!(dns.ask("PATCH", path, &records.to_string()).status, 204);
    assert!(dns.ask("GET", path, "").body.contains("192.0.2.1"));
}

#[test]
fn an_alert_fires_and_reaches_its_receiver() {
    let alertmanager = Monitor::alertmanager(
        "route: {receiver: default, group_wait: 1s, routes: [{receiver: oncall-dr, matchers: ['dr_check=\"backup_completion\"']}]}\n\
         receivers: [{name: default}, {name: oncall-dr}]\n",
    );
    let prometheus = Monitor::prometheus(
        "groups: [{name: backup, rules: [{alert: OrdersBackupMissing, expr: 'absent(drsync_backup_last_full)', \
         for: 1s, labels: {dr_check: backup_completion}}]}]\n",
        &alertmanager,
    );
    let rules = http::get(&format!(
        "{}/api/v1/rules?type=alert",
        prometheus.endpoint()
    ))
    .unwrap();
    assert_eq!(
        rules.json()["data"]["groups"][0]["rules"][0]["name"],
        "OrdersBackupMissing"
    );
    let alert = wait_for("the alert is at Alertmanager", || {
        let alerts = http::get(&format!("{}/api/v2/alerts", alertmanager.endpoint())).ok()?;
        Some(alerts.json().as_array()?.first()?.clone())
    });
    assert_eq!(alert["receivers"], json!([{"name": "oncall-dr"}]));
}

#[test]
fn both_repositories_have_the_backups_and_the_wal() {
    let none = &json!(null);
    let site = Site::start("archive", ["arc1", "arc2"], none, &json!({}));
    let pgbackrest = Pgbackrest::start(&site);
    pgbackrest.back_up(1);
    pgbackrest.back_up(2);
    let info = pgbackrest.info();
    assert_eq!(info[0]["status"]["message"], "ok", "{info}");
    assert_eq!(info[0]["backup"].as_array().unwrap().len(), 2);
    let system = site.members[0].ask("patroni").unwrap()["database_system_identifier"].clone();
    assert_eq!(
        info[0]["db"][0]["system-id"].to_string(),
        system.as_str().unwrap()
    );
    assert!(
        pgbackrest
            .repository()
            .join("backup/orders/backup.info")
            .exists()
    );
    let bucket = pgbackrest.store.mc(&["ls", "--recursive", "here/dr-wal"]);
    assert!(
        bucket.contains("backup/orders/backup.info") && bucket.contains("archive/orders/"),
        "{bucket}"
    );
}

#[test]
fn both_keycloaks_have_a_realm_of_their_own() {
    let sites = ["keycloak-frankfurt", "keycloak-ireland"].map(Keycloak::start);
    let realm = json!({"realm": "orders", "enabled": true});
    for site in &sites {
        assert_eq!(site.ask("POST", "", &realm).status, 201);
        assert_eq!(site.ask("POST", "", &realm).status, 409);
        assert_eq!(
            site.ask("GET", "/orders", &json!(null)).json()["realm"],
            "orders"
        );
    }
    let id = |site: &Keycloak| site.ask("GET", "/orders", &json!(null)).json()["id"].clone();
    assert_ne!(id(&sites[0]), id(&sites[1]));
}
