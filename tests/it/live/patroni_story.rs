//! `patroni_cluster` on real clusters: declared, adopted, drifted by hand, found exactly, repaired;
//! a promotion is shown and never made.

use serde_json::json;

use super::patroni::{REST, SLOT, Site};
use super::shared;
use super::story::{Story, fact, fields};

/// An environment whose sites are the two real clusters.
fn story(frankfurt: &str, ireland: &str) -> Story {
    let databases = shared::databases();
    let site = |name: &str, role: &str, site: &Site| {
        let urls: Vec<String> = site
            .members
            .iter()
            .map(|member| format!("\"http://127.0.0.1:{}\"", member.rest))
            .collect();
        format!(
            "[site.{name}]\nrole = \"{role}\"\n[site.{name}.services.patroni]\nurl = [{}]\n\
             auth = {{ user = \"{}\", password = {{ env = \"PATRONI_PASSWORD\" }} }}\n",
            urls.join(", "),
            REST.0
        )
    };
    Story::new(&format!(
        "{}{}[[patroni_cluster]]\nname = \"orders\"\nadopt = true\n\
         frankfurt = {{ {frankfurt} }}\nireland = {{ {ireland} }}\n",
        site("frankfurt", "primary", &databases.primary),
        site("ireland", "dr", &databases.dr),
    ))
}

#[test]
fn a_cluster_is_adopted_drifts_and_is_repaired() {
    let databases = shared::databases();
    let link = databases.link.port();
    let standby = format!(
        "standby_cluster = {{ host = \"127.0.0.1\", port = {link}, primary_slot_name = \"{SLOT}\", create_replica_methods = [\"basebackup\"] }}, \
         maximum_lag_on_failover = 2097152, postgresql = {{ parameters = {{ log_min_duration_statement = 500 }} }}"
    );
    let before = databases.primary.ask("config");
    let declared = story(
        "maximum_lag_on_failover = 2097152, postgresql = { parameters = { log_min_duration_statement = 500 } }",
        &standby,
    );
    // What differs is what was declared, and nothing that was not.
    let plan = declared.json(&["plan"], 0);
    assert_eq!(
        fields(&plan, "changes"),
        [
            "frankfurt/patroni_cluster/orders/maximum_lag_on_failover",
            "frankfurt/patroni_cluster/orders/postgresql/parameters/log_min_duration_statement",
            "ireland/patroni_cluster/orders/maximum_lag_on_failover",
            "ireland/patroni_cluster/orders/postgresql/parameters/log_min_duration_statement",
        ]
    );
    let text = declared.apply();
    assert_eq!(declared.json(&["plan"], 0)["changes"], json!([]), "{text}");
    let config = databases.primary.ask("config");
    assert_eq!(config["maximum_lag_on_failover"], 2_097_152);
    assert_eq!(
        config["postgresql"]["parameters"]["log_min_duration_statement"],
        500
    );
    assert_eq!(
        config["slots"], before["slots"],
        "what is not declared is left alone"
    );
    declared.json(&["drift"], 0);

    // As `patronictl edit-config` and `patronictl pause` do it.
    databases
        .primary
        .configure(&json!({ "pause": true, "maximum_lag_on_failover": 7, "loop_wait": 3 }));
    let drift = declared.json(&["drift"], 2);
    assert_eq!(
        fields(&drift, "changes"),
        [
            "frankfurt/patroni_cluster/orders/maximum_lag_on_failover",
            "frankfurt/patroni_cluster/orders/pause",
        ],
        "a pause is drift though nobody declared it; loop_wait is nobody's"
    );
    declared.apply();
    assert_eq!(databases.primary.ask("config")["pause"], json!(false));
    // What nobody declared is still compared between the sites: the pause between two looks differs.
    let parity = declared.json(&["drift"], 2);
    assert_eq!(parity["parity"][0]["path"], "/loop_wait");
    databases
        .primary
        .configure(&json!({ "loop_wait": before["loop_wait"] }));
    declared.json(&["drift"], 0);

    // Facts of both sites, from the members themselves.
    let drift = declared.json(&["drift"], 0);
    let fact =
        |site: &str, name: &str| fact(&drift, &format!("{site}/patroni_cluster/orders"), name);
    assert_eq!(fact("frankfurt", "role"), "primary");
    assert_eq!(fact("ireland", "role"), "standby_leader");
    assert_eq!(fact("frankfurt", "lineage"), fact("ireland", "lineage"));
    assert!(fact("ireland", "position").is_number());

    // Without `standby_cluster` the DR site would be promoted: shown, and never done.
    let promoting = story("maximum_lag_on_failover = 2097152", "");
    let plan = promoting.json(&["plan"], 0);
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["held"][0]["code"], "role");
    promoting.apply();
    assert_eq!(databases.dr.ask("config")["standby_cluster"]["port"], link);
    for site in [&databases.primary, &databases.dr] {
        site.configure(&json!({ "maximum_lag_on_failover": before["maximum_lag_on_failover"], "loop_wait": before["loop_wait"],
            "postgresql": { "parameters": { "log_min_duration_statement": null } } }));
    }
}
