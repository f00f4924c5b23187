//! Kinds that are observed only, on the real servers: what differs is found, and nothing is written.

use serde_json::json;

use super::bench::wait_for;
use super::monitoring::Monitor;
use super::shared;
use super::story::{Story, fact, fields};

#[test]
fn exactly_the_writer_is_up_at_the_primary_and_none_at_the_dr_site() {
    let databases = shared::databases();
    databases.primary.haproxy.wait_for_writer();
    let environment = |ireland: usize| {
        format!(
            "[site.frankfurt]\nrole = \"primary\"\nservices.haproxy = {{ url = \"{}\" }}\n\
             [site.ireland]\nrole = \"dr\"\nservices.haproxy = {{ url = \"{}\" }}\n\
             [[haproxy_backend]]\nname = \"pg_primary_rw\"\nfrankfurt = {{ up = 1 }}\nireland = {{ up = {ireland} }}\n",
            databases.primary.haproxy.stats(),
            databases.dr.haproxy.stats(),
        )
    };
    let drift = Story::new(&environment(0)).json(&["drift"], 0);
    let address = "frankfurt/haproxy_backend/pg_primary_rw";
    assert_eq!(fact(&drift, address, "role"), "leads to pri1");

    let drift = Story::new(&environment(1)).json(&["drift"], 2);
    assert_eq!(
        fields(&drift, "held"),
        ["ireland/haproxy_backend/pg_primary_rw/up"]
    );
    assert_eq!(drift["held"][0]["code"], "read-only");
    assert_eq!(drift["changes"], json!([]));
}

#[test]
fn an_alert_is_there_watches_what_it_should_and_is_listened_to() {
    let alertmanager =
        Monitor::alertmanager("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
    let rules = "groups: [{name: dr, rules: [{alert: BackupMissing, expr: 'vector(0) > 1', for: 5m, labels: {severity: page}}]}]\n";
    let prometheus = Monitor::prometheus(rules, &alertmanager);
    let environment = |entry: &str| {
        Story::new(&format!(
            "[site.frankfurt]\nrole = \"primary\"\nservices.prometheus = {{ url = \"{}\" }}\n\
             [[prometheus_rule]]\nsite = \"frankfurt\"\n{entry}\n",
            prometheus.endpoint()
        ))
    };
    let good = environment(
        "name = \"BackupMissing\"\nfor = \"5m\"\nlabels = { severity = \"page\" }\nlistened = true",
    );
    // It learns of Alertmanager some seconds after its start.
    wait_for("the rule is evaluated and listened to", || {
        let plan = good.json(&["plan"], 0);
        let evaluated =
            fact(&plan, "frankfurt/prometheus_rule/BackupMissing", "health") == "healthy";
        (evaluated && plan["summary"]["in_sync"] == 1).then_some(())
    });
    good.json(&["drift"], 0);

    let slower =
        environment("name = \"BackupMissing\"\nfor = \"1m\"\nlabels = { severity = \"ticket\" }");
    let drift = slower.json(&["drift"], 2);
    assert_eq!(
        fields(&drift, "held"),
        [
            "frankfurt/prometheus_rule/BackupMissing/for",
            "frankfurt/prometheus_rule/BackupMissing/labels/severity",
        ]
    );
    let missing = environment("name = \"NobodyWroteIt\"\nobserve = true\nlistened = true");
    let drift = missing.json(&["drift"], 2);
    assert_eq!(
        drift["held"][0]["address"],
        "frankfurt/prometheus_rule/NobodyWroteIt"
    );
}
