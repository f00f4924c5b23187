//! What goes wrong with data services in earnest goes wrong on the bench, and shows where the tests look for it.

use serde_json::{Value, json};

use super::bench::{signal, wait_for};
use super::patroni::{Databases, Member, sql};
use super::redis::{MASTER, Pair};

/// The position up to which a member has the log: of a writer what it wrote, else what it received.
fn position(member: &Member) -> u64 {
    let log = member.ask("patroni").unwrap()["xlog"].clone();
    let known = log.get("location").or_else(|| log.get("received_location"));
    known.and_then(Value::as_u64).unwrap()
}

fn role(member: &Member) -> String {
    member.ask("patroni").unwrap_or_default()["role"]
        .as_str()
        .unwrap_or("unknown")
        .to_owned()
}

#[test]
fn a_standby_falls_behind_is_cut_off_and_takes_over() {
    let mut databases = Databases::start();
    let writer = databases.primary.haproxy.writer();
    let (pri1, dr1) = (&databases.primary.members[0], &databases.dr.members[0]);
    sql(writer, "CREATE TABLE load (line text)");
    let load = "INSERT INTO load SELECT repeat('x', 100) FROM generate_series(1, 20000)";

    // A stopped receiver: the position stays, and the state goes on saying that it streams.
    let receiver = dr1.process("walreceiver").unwrap();
    signal(receiver, "STOP");
    sql(writer, load);
    assert!(position(pri1) - position(dr1) > 1_000_000);
    assert_eq!(
        dr1.ask("patroni").unwrap()["replication_state"],
        "streaming"
    );
    signal(receiver, "CONT");
    wait_for("the standby has caught up", || {
        (position(dr1) >= position(pri1)).then_some(())
    });

    // A cut link: the same, until the receiver gives up; a refused one shows at once.
    databases.link.refuse();
    wait_for("the standby says that it does not stream", || {
        (dr1.ask("patroni")?["replication_state"] != "streaming").then_some(())
    });
    assert_eq!(role(dr1), "standby_leader");
    databases.link.heal();
    wait_for("the standby streams", || {
        (dr1.ask("patroni")?["replication_state"] == "streaming").then_some(())
    });

    // A paused cluster says so.
    databases.primary.configure(&json!({"pause": true}));
    wait_for("a member says that it is paused", || {
        (databases.primary.cluster()["pause"] == true).then_some(())
    });
    databases.primary.configure(&json!({"pause": null}));
    // A paused member elects nobody.
    wait_for("no member is paused", || {
        let paused = |member: &Member| {
            member
                .ask("patroni")
                .is_none_or(|says| says["pause"] == true)
        };
        (!databases.primary.members.iter().any(paused)).then_some(())
    });

    // The leader dies: its replica leads within the time to live.
    databases.primary.members[0].server.kill();
    let pri2 = &databases.primary.members[1];
    wait_for("the replica leads", || {
        (role(pri2) == "primary").then_some(())
    });
    databases.primary.haproxy.wait_for_writer();
    sql(writer, "INSERT INTO load VALUES ('after')");

    // The standby cluster is promoted while the primary lives: two writers with one lineage.
    databases.dr.configure(&json!({"standby_cluster": null}));
    wait_for("both sites write", || {
        let both = [&databases.primary, &databases.dr].map(|site| site.haproxy.up().len());
        (both == [1, 1]).then_some(())
    });
    let lineage =
        |member: &Member| member.ask("patroni").unwrap()["database_system_identifier"].clone();
    assert_eq!(lineage(pri2), lineage(&databases.dr.members[0]));
}

#[test]
fn redis_is_cut_off_and_its_sentinels_have_no_quorum_or_elect() {
    let mut pair = Pair::start();
    pair.link.refuse();
    wait_for("the link is down", || {
        (pair.replica.value("replication", "master_link_status") == "down").then_some(())
    });
    pair.link.heal();
    wait_for("the link is up", || {
        (pair.replica.value("replication", "master_link_status") == "up").then_some(())
    });

    let mut sentinels = pair.watched();
    sentinels[1].server.kill();
    sentinels[2].server.kill();
    wait_for("the last Sentinel has no quorum", || {
        let asked = sentinels[0].cli(&["sentinel", "ckquorum", MASTER]);
        asked.contains("NOQUORUM").then_some(())
    });
    for sentinel in &mut sentinels[1..] {
        sentinel.server.restart();
    }
    wait_for("there is a quorum", || {
        let asked = sentinels[0].cli(&["sentinel", "ckquorum", MASTER]);
        asked.starts_with("OK").then_some(())
    });
    pair.primary.server.kill();
    wait_for("the replica is the master", || {
        (pair.replica.value("replication", "role") == "master").then_some(())
    });
}
