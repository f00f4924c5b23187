//! Sites, tiers, components and limits.

use super::{finds, load, load_text};
use crate::desired::{Role, Store};

const TIER: &str = "[tier.gold]\nrto = \"1h\"\nrpo = \"15m\"\n";

#[test]
fn the_strategy_is_typed() {
    let text = format!(
        "{TIER}[component.db]\ntier = \"gold\"\nstore = \"postgres\"\n\
         [component.app]\ntier = \"gold\"\ndepends_on = [\"db\"]\nstore = true\n\
         [limits]\nroute53_requests_per_second = 5\nroute53_burst = 40\n\
         [environment]\nname = \"Test\"\nstate = \".drsync/test/\"\n"
    );
    let desired = load_text(&text).desired.unwrap();
    assert_eq!(desired.tiers()["gold"].rpo, 900);
    assert_eq!(
        desired.components()["db"].store,
        Store::Named("postgres".into())
    );
    assert_eq!(desired.components()["app"].store, Store::Data);
    assert_eq!(desired.components()["app"].depends_on, ["db"]);
    assert_eq!(desired.limits().route53_requests_per_second, Some(5.0));
    assert_eq!(desired.limits().route53_burst, Some(40));
    assert_eq!(desired.title(), "Test");
    assert_eq!(desired.state(), Some(".drsync/test"));
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
fn a_component_has_a_tier_and_a_site_a_role() {
    finds(
        "[component.a]\n[site.x]\n[site.versioning]\nrole = \"dr\"\n[tier.t]\nrto = \"1h\"\n",
        "
missing-field x.toml:1:1 `[component.a]` lacks `tier` (add `tier`: The tier that it belongs to)
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
