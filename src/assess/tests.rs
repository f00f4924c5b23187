//! Each rule: the sample environment is clean, one thing is broken, and the finding is there.

use std::fs;
use std::path::Path;

use super::{Verdict, assess, codes, contradictions};
use crate::desired::{self, Desired, Source};
use crate::model::Finding;

/// Copies the sample environment, replaces texts that stand in it once each, and reads it.
fn sample(edits: &[(&str, &str)]) -> Desired {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments/foundry");
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("environments/foundry");
    fs::create_dir_all(folder.join("templates")).unwrap();
    let mut left: Vec<_> = edits.to_vec();
    for place in ["", "templates"] {
        for entry in fs::read_dir(from.join(place)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let mut text = fs::read_to_string(&path).unwrap();
                left.retain(|(before, after)| {
                    let here = text.matches(before).count();
                    assert!(
                        here < 2,
                        "{before} stands {here} times in {}",
                        path.display()
                    );
                    text = text.replace(before, after);
                    here == 0
                });
                fs::write(folder.join(place).join(path.file_name().unwrap()), text).unwrap();
            }
        }
    }
    assert_eq!(left, [], "these stand nowhere");
    let source = Source::open(Some(root.path()), None).unwrap();
    let loaded = desired::load(&source, "foundry").unwrap();
    loaded
        .desired
        .unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn found(edits: &[(&str, &str)]) -> Vec<Finding> {
    contradictions(&sample(edits))
}

fn codes_of(findings: &[Finding]) -> Vec<&str> {
    let mut codes: Vec<&str> = findings.iter().map(|one| one.code.as_ref()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn the_sample_is_clean() {
    assert_eq!(found(&[]), []);
}

/// The code that tells of it, the number of places that it cites, and what is broken.
type Broken = (&'static str, usize, &'static [(&'static str, &'static str)]);

static BROKEN: &[Broken] = &[
    (
        codes::TIER_MISSING,
        1,
        &[(
            "tier = \"low\"\nstore = \"rebuildable\"\nowner = \"communications\"",
            "store = \"rebuildable\"\nowner = \"communications\"",
        )],
    ),
    (
        codes::TIER_INVERSION,
        2,
        &[(
            "tier = \"high\"\nstore = \"record\"\nowner = \"technical-lead\"\nsize = \"6TB\"",
            "tier = \"medium\"\nstore = \"record\"\nowner = \"technical-lead\"\nsize = \"6TB\"",
        )],
    ),
    (
        codes::STORE_UNDECLARED,
        1,
        &[(
            "store = \"rebuildable\"\nowner = \"communications\"\nrecovery = \"active\"",
            "owner = \"communications\"\nrecovery = \"active\"",
        )],
    ),
    (
        codes::BACKUP_MISSING,
        1,
        &[(
            "store = \"rebuildable\"\nowner = \"communications\"\nrecovery = \"active\"",
            "store = \"record\"\nowner = \"communications\"\nrecovery = \"active\"",
        )],
    ),
    (
        codes::RPO_UNMET,
        2,
        &[("cron = \"0 2,14 * * *\"", "every = \"1d\"")],
    ),
    (
        codes::RPO_UNKNOWN,
        2,
        &[("continuous = true\ncopy_lag = \"10m\"", "continuous = true")],
    ),
    (codes::BACKUP_WINDOW, 2, &[("window = \"7d\"\n", "")]),
    (
        codes::BACKUP_WINDOW,
        3,
        &[("window = \"7d\"", "window = \"8d\"")],
    ),
    (
        codes::SINGLE_COPY,
        1,
        &[(
            "locations = [\"git\", \"git-mirror\"]",
            "locations = [\"git-mirror\"]",
        )],
    ),
    (
        codes::BACKUP_LOCATION,
        1,
        &[(
            "copy_lag = \"2h\"\nretention = \"90d\"\nlocations = [\"frankfurt\", \"ireland\"]",
            "copy_lag = \"2h\"\nretention = \"90d\"\nencrypted = true\nimmutable = true",
        )],
    ),
    (
        codes::REPLICATION_NOT_BACKUP,
        2,
        &[(
            "copy_lag = \"15m\"\nretention = \"30d\"\nlocations = [\"ireland\"]",
            "copy_lag = \"15m\"\nlocations = [\"ireland\"]",
        )],
    ),
    (
        codes::BACKUP_PROTECTION,
        1,
        &[(
            "description = \"The mirror of the repositories\"\nencrypted = true",
            "description = \"The mirror of the repositories\"",
        )],
    ),
    (codes::RESEED_TIME, 3, &[("reseed = \"36h\"\n", "")]),
    (
        codes::RESTORE_TIME,
        3,
        &[(
            "size = \"2TB\"\ndaily_change = \"60GB\"\nrecovery = \"warm\"",
            "size = \"2TB\"\ndaily_change = \"60GB\"\nrecovery = \"restore\"",
        )],
    ),
    (
        codes::RESTORE_TIME,
        3,
        &[(
            "extent = \"The newest full backup of one database of 200 GB, and its log\"\n",
            "",
        )],
    ),
    (
        codes::REPLICATION_BANDWIDTH,
        5,
        &[("daily_change = \"60GB\"", "daily_change = \"20TB\"")],
    ),
    (
        codes::CAPACITY_UNPROVEN,
        1,
        &[("quota = { profile = \"node_quota\" }\n", "")],
    ),
    (
        codes::CAPACITY_QUOTA,
        2,
        &[("node_quota = 20", "node_quota = 9")],
    ),
    (
        codes::TTL_DOWNTIME,
        3,
        &[("downtime = \"5m\"", "downtime = \"1m\"")],
    ),
    (
        codes::TTL_CONFLICT,
        2,
        &[("dns_ttl = \"60s\"", "dns_ttl = \"30s\"")],
    ),
    (
        codes::ORDER_UNSAFE,
        2,
        &[(
            "needs = [\"start-critical\"]\nowner = \"network-admin\"",
            "needs = [\"declare\"]\nowner = \"network-admin\"",
        )],
    ),
    (
        codes::ORDER_UNFENCED,
        1,
        &[(
            "action = \"promote\"\ncomponents = [\"redis\", \"minio\"]\nneeds = [\"fence\"]",
            "action = \"promote\"\ncomponents = [\"redis\", \"minio\"]\nneeds = [\"declare\"]",
        )],
    ),
    (
        codes::ORDER_INCOMPLETE,
        1,
        &[(
            "components = [\"dev-tools\", \"docs\"]",
            "components = [\"docs\"]",
        )],
    ),
    (
        codes::ORDER_UNVERIFIED,
        1,
        &[("needs = [\"traffic\"]", "needs = [\"start-critical\"]")],
    ),
    (
        codes::OBJECTIVE_CONFLICT,
        2,
        &[(
            "exercise_every = \"quarterly\"\nrto = \"4h\"",
            "exercise_every = \"quarterly\"\nrto = \"2h\"",
        )],
    ),
    (
        codes::OBJECTIVE_CONFLICT,
        2,
        &[(
            "metric = \"rpo\"\nat_most = \"1h\"",
            "metric = \"rpo\"\nat_most = \"2h\"",
        )],
    ),
    (
        codes::CADENCE_CONFLICT,
        2,
        &[(
            "kind = \"full\"\nevery = \"quarterly\"\nprocedure",
            "kind = \"full\"\nevery = \"monthly\"\nprocedure",
        )],
    ),
    (
        codes::DOWNTIME_CONFLICT,
        2,
        &[(
            "components = [\"budapp\", \"budgateway\", \"keycloak\", \"budcluster\", \"monitoring\"]\n",
            "",
        )],
    ),
    (
        codes::SCOPE_MISSING,
        2,
        &[(
            "version = \"2.0\"",
            "version = \"2.0\"\nscope = [\"budapp\"]",
        )],
    ),
    (
        codes::EXCLUSION_UNOWNED,
        1,
        &[(
            "reason = \"They belong to the customers, who have strategies of their own\"\n",
            "",
        )],
    ),
    (
        codes::CRITERION_VAGUE,
        1,
        &[(
            "checks = [\"Every probe of a component in scope is green at the same time, for 10 minutes\"]\n",
            "",
        )],
    ),
    (codes::PLAN_MISSING, 1, &[("version = \"2.0\"\n", "")]),
    (codes::PLAN_MISSING, 1, &[("mtd = \"4w\"\n", "")]),
    (
        codes::RUNBOOK_MISSING,
        1,
        &[(
            "downtime = \"4h\"\ndetect = \"15m\"\nrunbook = \"failover-runbook.md\"",
            "downtime = \"4h\"\ndetect = \"15m\"\nrunbook = \"other.md\"",
        )],
    ),
    (
        codes::ROLE_PLACEHOLDER,
        1,
        &[("primary = \"yusuf\"", "primary = \"[Name]\"")],
    ),
    (
        codes::ROLE_SAME_PERSON,
        2,
        &[("primary = \"yusuf\"", "primary = \"ines\"")],
    ),
    (
        codes::ROLE_MISSING_BACKUP,
        1,
        &[(
            "primary = \"yusuf\"\nbackup = \"ines\"",
            "primary = \"yusuf\"",
        )],
    ),
    (
        codes::OWNER_MISSING,
        1,
        &[(
            "owner = \"communications\"\nrecovery = \"active\"",
            "recovery = \"active\"",
        )],
    ),
    (
        codes::PERSON_UNREACHABLE,
        1,
        &[(
            "contact = [\"+49 30 5550 0105\", \"yusuf@foundry.example\"]",
            "contact = [\"TBD\"]",
        )],
    ),
    (
        codes::PERSON_UNCONFIRMED,
        1,
        &[(
            "\"yusuf@foundry.example\"]\nconfirmed = \"2026-10-05\"\n",
            "\"yusuf@foundry.example\"]\n",
        )],
    ),
    (
        codes::MESSAGE_MISSING,
        1,
        &[(
            "event = \"failback-complete\"",
            "event = \"exercise-complete\"",
        )],
    ),
    (codes::MESSAGE_DEADLINE, 1, &[("within = \"5m\"\n", "")]),
    (
        codes::MESSAGE_TEMPLATE,
        1,
        &[(
            "Change nothing at either site unless you are asked to.",
            "{{ nobody_knows }}",
        )],
    ),
    (
        codes::MESSAGE_TEMPLATE,
        1,
        &[("template = \"DEGRADED.txt\"\n", "")],
    ),
    (
        codes::MESSAGE_LATE,
        2,
        &[("within = \"10m\"", "within = \"2m\"")],
    ),
    (
        codes::MESSAGE_UNSENT,
        1,
        &[(
            "messages = [\"dr-declared\", \"failover-start\", \"dr-in-progress\"]",
            "messages = [\"dr-declared\", \"failover-start\"]",
        )],
    ),
    (
        codes::CHANNEL_HOSTING,
        2,
        &[(
            "target = \"#incident\"",
            "target = \"#incident\"\nhosted_at = \"frankfurt\"",
        )],
    ),
];

#[test]
fn each_rule_finds_what_breaks_it() {
    let mut wrong = Vec::new();
    for (code, places, edits) in BROKEN {
        let findings = found(edits);
        let own: Vec<&Finding> = findings.iter().filter(|one| one.code == *code).collect();
        let cited = own.first().map(|one| one.labels.len());
        let helped = own.iter().all(|one| !one.help.is_empty());
        if codes_of(&findings) != [*code] || cited != Some(*places) || !helped {
            wrong.push(format!(
                "{code}: {:?} citing {cited:?} places",
                codes_of(&findings)
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_code_of_what_is_declared_is_broken_once() {
    let text = include_str!("tests.rs");
    let names = include_str!("codes.rs").lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once(" = \"")?;
        rest.contains("\": \"").then_some(name)
    });
    let measured = ["RTO_UNMET", "RTO_UNKNOWN", "RECORD_STALE"];
    let missing: Vec<&str> = names
        .filter(|name| !measured.contains(name) && !text.contains(&format!("codes::{name},")))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_recovery_time_is_the_longest_chain() {
    let assessment = assess(&sample(&[]), None);
    let critical = &assessment.tiers[0];
    assert_eq!(critical.name, "critical");
    let path: Vec<(&str, i64)> = critical
        .time
        .path
        .iter()
        .map(|term| (term.name.as_str(), term.seconds / 60))
        .collect();
    assert_eq!(
        path,
        [
            ("detect", 15),
            ("declare", 15),
            ("scale", 25),
            ("start-critical", 20),
            ("traffic", 5),
            ("dns", 1),
            ("verify", 30),
        ]
    );
    assert_eq!(critical.time.at_least, 111 * 60);
    assert_eq!(critical.time.unknown, [""; 0]);
    // A step that takes longer than the promise breaks it, and what is not known is not guessed.
    let slow = assess(
        &sample(&[("duration = \"25m\"", "duration = \"9h\"")]),
        None,
    );
    assert_eq!(slow.tiers[0].verdict, Verdict::NotRecoverable);
    assert!(codes_of(&slow.findings).contains(&codes::RTO_UNMET));
    let unknown = assess(&sample(&[("duration = \"25m\"\n", "")]), None);
    assert_eq!(unknown.tiers[0].time.unknown, ["scale"]);
    assert!(codes_of(&unknown.findings).contains(&codes::RTO_UNKNOWN));
}

#[test]
fn what_a_store_loses_in_the_worst_case_is_the_best_of_its_backups() {
    let assessment = assess(&sample(&[]), None);
    let points = &assessment.tiers[0].points;
    let worst: Vec<(&str, Option<i64>)> = points
        .iter()
        .map(|point| {
            (
                point.component.as_str(),
                point.worst.map(|worst| worst / 60),
            )
        })
        .collect();
    assert_eq!(
        worst,
        [
            ("configs", Some(10)),
            ("postgresql", Some(21)),
            ("redis", Some(31))
        ]
    );
    // Nothing was observed, so nobody knows what would be lost now; that is no zero.
    assert!(points.iter().all(|point| point.now.is_none()));
    assert_eq!(assessment.tiers[0].verdict, Verdict::Unknown);
}

#[test]
fn people_are_counted() {
    let whole = assess(&sample(&[]), None).people;
    assert_eq!((whole.needed, whole.filled), (10, 10));
    let holes = assess(
        &sample(&[("primary = \"yusuf\"", "primary = \"TBD\"")]),
        None,
    )
    .people;
    assert_eq!((holes.needed, holes.filled), (10, 9));
}
