//! Sites, tiers, components and limits.

use super::{finds, load, load_text};
use crate::desired::strategy::{Amount, Direction, ExerciseKind, Retention, Schedule, StepAction};
use crate::desired::{Role, Store};

const TIER: &str = "[tier.gold]\nrto = \"1h\"\nrpo = \"15m\"\n";

#[test]
fn the_strategy_is_typed() {
    let text = format!(
        "{TIER}[component.db]\ntier = \"gold\"\nstore = \"record\"\nsize = \"10TB\"\n\
         [component.app]\ntier = \"gold\"\ndepends_on = [\"db\"]\ndata_in = \"db\"\n\
         [limits]\nroute53_requests_per_second = 5\nroute53_burst = 40\n\
         [environment]\nname = \"Test\"\nstate = \".drsync/test/\"\n"
    );
    let desired = load_text(&text).desired.unwrap();
    assert_eq!(desired.tiers()["gold"].rpo, 900);
    assert_eq!(desired.components()["db"].store, Some(Store::Record));
    assert_eq!(desired.components()["db"].size, Some(10_000_000_000_000));
    assert_eq!(desired.components()["app"].data_in.as_deref(), Some("db"));
    assert_eq!(desired.components()["app"].depends_on, ["db"]);
    assert_eq!(desired.limits().route53_requests_per_second, Some(5.0));
    assert_eq!(desired.limits().route53_burst, Some(40));
    assert_eq!(desired.title(), "Test");
    assert_eq!(
        desired.state().map(|state| state.url.as_str()),
        Some(".drsync/test")
    );
    assert_eq!(desired.sites()["ireland"].role, Role::Dr);
    assert_eq!(desired.aws("ireland").unwrap().region, "eu-west-1");
    assert_eq!(desired.aws("global").unwrap().region, "us-east-1");
}

#[test]
fn names_must_be_declared() {
    finds(
        &format!(
            "{TIER}[component.db]\ntier = \"glod\"\n[component.app]\ntier = \"gold\"\n\
             depends_on = [\"bd\"]\n[[zone]]\nname = \"a.example\"\ncomponent = \"ap\"\n"
        ),
        "
unknown-tier x.toml:5:8 no tier `glod` (did you mean `gold`? known: gold)
unknown-component x.toml:8:14 no component `bd` (did you mean `db`? known: app, db)
unknown-component x.toml:11:13 no component `ap` (did you mean `app`? known: app, db)
",
    );
}

#[test]
fn components_do_not_depend_on_each_other_in_a_circle() {
    let component =
        |name, other| format!("[component.{name}]\ntier = \"gold\"\ndepends_on = [\"{other}\"]\n");
    finds(
        &format!("{TIER}{}{}", component("a", "b"), component("b", "a")),
        "dependency-cycle x.toml:6:14 components depend on each other in a circle: a -> b -> a \
         (remove one of the dependencies)",
    );
}

#[test]
fn a_site_has_a_role_and_a_role_a_person() {
    finds(
        "[role.a]\n[site.x]\n[site.versioning]\nrole = \"dr\"\n[tier.t]\nrto = \"1h\"\n",
        "
missing-field x.toml:1:1 `[role.a]` lacks `primary` (add `primary`: The person who plays it)
missing-field x.toml:2:1 `[site.x]` lacks `role` (add `role`: What the site is now; a failover changes this one line)
bad-name x.toml:3:1 `versioning` cannot name a site: it means something else in an entry (take another name)
missing-field x.toml:5:1 `[tier.t]` lacks `rpo` (add `rpo`: The longest time of which data may be lost)
",
    );
}

#[test]
fn a_site_is_needed_only_by_what_lies_at_one() {
    assert!(
        load(&[(
            "a.toml",
            "[[zone]]\nname = \"a.example\"\n[global.aws]\naccount = \"123456789012\"\n"
        )])
        .desired
        .is_some()
    );
    let loaded = load(&[("a.toml", "[[nodes]]\nname = \"a\"\nmin = 1\n")]);
    assert_eq!(
        super::show(&loaded),
        "no-site a.toml:1:1 the entry names no site (declare `[site.NAME]`, and write `site = \
         \"NAME\"`)\n"
    );
}

#[test]
fn connections_and_limits_are_checked() {
    let wrong = r#"
[global.aws]
account = "12"
read_role = "reader"
endpoints = { route53 = "localhost", s3 = "http://u:p@host" }
[limits]
s3_requests_per_second = 0
[environment]
state = "../elsewhere"
"#;
    let loaded = load(&[("x.toml", wrong)]);
    let codes: Vec<(&str, u32)> = loaded
        .findings
        .iter()
        .map(|one| {
            (
                one.code.as_ref(),
                loaded.sources.locate(one.labels[0].span).line,
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("bad-text", 3),
            ("bad-text", 4),
            ("bad-text", 5),
            ("bad-text", 5),
            ("out-of-range", 7),
            ("bad-text", 9),
        ]
    );
}

#[test]
fn every_name_of_the_strategy_is_declared() {
    finds(
        "[person.ada]\n[role.lead]\nprimary = \"[Name]\"\nbackup = \"adda\"\n\
         [[backup]]\ncomponent = \"db\"\nmethod = \"full\"\nlocations = [\"a\"]\n\
         [step.a]\naction = \"promote\"\nneeds = [\"b\"]\nmessages = [\"m\"]\n",
        "
unknown-reference x.toml:4:10 no person `adda` (did you mean `ada`? known: ada)
unknown-component x.toml:6:13 no component `db` (none is declared)
unknown-reference x.toml:8:13 no location `a` (none is declared)
unknown-reference x.toml:11:9 no step `b` (did you mean `a`? known: a)
unknown-reference x.toml:12:12 no message `m` (none is declared)
",
    );
}

#[test]
fn a_backup_has_one_schedule_and_steps_go_on() {
    finds(
        "[component.db]\n[[backup]]\ncomponent = \"db\"\nmethod = \"full\"\nevery = \"1d\"\n\
         cron = \"0 2 * * *\"\n[step.a]\naction = \"scale\"\nneeds = [\"b\"]\n\
         [step.b]\naction = \"manual\"\nneeds = [\"a\"]\n\
         [capacity.nodes]\nprimary = 10\ndr = \"5GB\"\n",
        "
bad-schedule x.toml:6:8 x.toml:5:9 the backup has `every` and `cron` (keep one of the two)
dependency-cycle x.toml:9:9 steps depend on each other in a circle: a -> b -> a (remove one of the dependencies)
wrong-type x.toml:15:6 x.toml:14:11 `[capacity.nodes]` has numbers and sizes (write all of them as numbers, or all of them as sizes such as \"400GB\")
",
    );
}

#[test]
fn the_parts_of_a_strategy_are_typed() {
    let desired = load_text(
        r#"
[environment]
profile = "large"
[profile.large]
nodes = 10
[strategy]
title = "DR"
review_every = "yearly"
declare_when = ["the region does not answer for 15 minutes"]
[component.db]
failover = { mechanism = "Patroni", within = "30s" }
[location.dr]
site = "ireland"
immutable = true
[[backup]]
component = "db"
method = "full"
cron = "0 2 * * *"
retention = "30d"
locations = ["dr"]
[[backup]]
component = "db"
method = "repository"
continuous = true
retention = "forever"
[[verification]]
kind = "restore"
every = "weekly"
[failover.unplanned]
automation = "scripted"
downtime = "4h"
runbook = "./runbook.md"
[step.promote]
action = "promote"
components = ["db"]
duration = "3m"
[capacity.nodes]
primary = { profile = "nodes" }
dr = 5
[network]
bandwidth = "1Gbps"
latency = "100ms"
[exercise.drill]
kind = "full"
every = "yearly"
[criterion.rto]
metric = "rto"
at_most = "4h"
[channel.slack]
kind = "chat"
[message.declared]
event = "declared"
audience = ["engineering"]
channels = ["slack"]
within = "5m"
"#,
    )
    .desired
    .unwrap();
    let strategy = desired.strategy();
    let document = strategy.document.as_ref().unwrap();
    assert_eq!(document.review_every, Some(366 * 86_400));
    assert_eq!(
        desired.components()["db"].failover.as_ref().unwrap().within,
        Some(30)
    );
    assert_eq!(strategy.locations["dr"].site.as_deref(), Some("ireland"));
    assert_eq!(
        strategy.backups[0].schedule,
        Schedule::Cron("0 2 * * *".into())
    );
    assert_eq!(
        strategy.backups[0].retention,
        Some(Retention::Seconds(30 * 86_400))
    );
    assert_eq!(strategy.backups[1].schedule, Schedule::Continuous);
    assert_eq!(strategy.backups[1].retention, Some(Retention::Forever));
    assert_eq!(strategy.verifications[0].every, Some(7 * 86_400));
    assert_eq!(strategy.failovers["unplanned"].direction, Direction::Over);
    assert_eq!(
        strategy.failovers["unplanned"].runbook.as_deref(),
        Some("runbook.md")
    );
    assert_eq!(strategy.steps["promote"].action, StepAction::Promote);
    assert_eq!(strategy.capacities["nodes"].failover, Amount::Count(10));
    assert_eq!(strategy.network.as_ref().unwrap().latency, Some(100));
    assert_eq!(strategy.exercises["drill"].kind, ExerciseKind::Full);
    assert_eq!(strategy.criteria["rto"].at_most, Some(14_400));
    assert_eq!(strategy.messages["declared"].within, Some(300));
    let at = desired
        .sources()
        .locate(strategy.steps["promote"].places.of("duration"));
    assert_eq!((at.file.as_str(), at.column), ("x.toml", 12));
}
