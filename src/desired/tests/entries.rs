//! Entries of arrays: places, flags, references, pairs.

use super::{HEAD, finds, load, load_text};
use crate::desired::DeclaredRelation;

#[test]
fn an_entry_with_site_tables_declares_an_object_for_each() {
    let loaded = load_text(
        r#"
[[nodes]]
name = "workers"
min = 4
observe = true
frankfurt = { cluster = "a" }
ireland = { cluster = "b", min = 2, observe = false }
parity = { min = { ratio = 0.5 }, max = "equal" }
"#,
    );
    let desired = loaded.desired.unwrap();
    let all: Vec<_> = desired.declared().collect();
    let [frankfurt, ireland] = all[..] else {
        panic!("two objects");
    };
    assert_eq!(
        frankfurt.object.address.as_str(),
        "frankfurt/node_group/workers"
    );
    assert_eq!(frankfurt.object.fields.int("min"), Some(4));
    assert_eq!(ireland.object.fields.int("min"), Some(2));
    assert!(frankfurt.flags.observe && !ireland.flags.observe);
    assert_eq!(frankfurt.pair.as_deref(), Some("node_group/workers"));
    assert_eq!(frankfurt.pair, ireland.pair);
    let relations = &desired.parity()["node_group/workers"];
    assert_eq!(relations["/min"], DeclaredRelation::Ratio(0.5));
    assert_eq!(relations["/max"], DeclaredRelation::Equal);
    let at = desired.sources().locate(ireland.spans.of("/min").unwrap());
    assert_eq!((at.line, at.column), (7, 34));
    assert_eq!(
        desired.get(&ireland.object.address).unwrap().pair,
        ireland.pair
    );
}

#[test]
fn an_entry_at_one_site_is_no_pair() {
    let text = "[[nodes]]\nname = \"a\"\nsite = \"ireland\"\nmin = 1\ncomponent = \"c\"\n\
                [component.c]\ntier = \"t\"\n[tier.t]\nrto = \"1h\"\nrpo = \"1h\"\n";
    let desired = load_text(text).desired.unwrap();
    let nodes = desired.declared().next().unwrap();
    assert_eq!(nodes.object.address.site(), "ireland");
    assert_eq!(nodes.component.as_deref(), Some("c"));
    assert_eq!(nodes.pair, None);
}

#[test]
fn a_sited_entry_needs_one_form_of_site() {
    finds(
        "[[nodes]]\nname = \"a\"\nmin = 1\n[[nodes]]\nname = \"b\"\nmin = 1\nsite = \"irland\"\n\
         [[nodes]]\nname = \"c\"\nmin = 1\nsite = \"ireland\"\nireland = {}\n",
        r#"
no-site x.toml:1:1 the entry names no site (write `site = "frankfurt"`, or a table for each site: frankfurt, ireland)
unknown-site x.toml:7:8 no site `irland` (did you mean `ireland`? known: frankfurt, ireland)
two-site-forms x.toml:11:1 the entry has `site` and a table for a site as well (keep `site` for an object at one site, or the tables for one at several)
"#,
    );
}

#[test]
fn a_finding_about_shared_keys_is_reported_once() {
    finds(
        "[[nodes]]\nname = \"a\"\nmin = \"x\"\nfrankfurt = {}\nireland = { site = \"x\" }\nirland = {}",
        "
wrong-type x.toml:3:7 `min` must be a whole number, and is a text
unknown-key x.toml:5:13 `[[nodes]]` has no key `site` (known: adopt, cluster, component, convert, max, min, name, observe, prune)
unknown-key x.toml:6:1 `[[nodes]]` has no key `irland` (did you mean `ireland`? known: adopt, cluster, component, convert, frankfurt, ireland, max, min, name, observe, parity, prune, site)
",
    );
}

#[test]
fn parts_become_objects_of_their_own() {
    let loaded = load_text(
        r#"
[[bucket]]
name = "data"
versioning = { status = "enabled" }
frankfurt = { name = "data-fra", replication = { tags = { a = "1" } } }
ireland = { name = "data-irl" }
parity = { versioning = "equal", "replication/tags" = { ignore = "one way" } }
"#,
    );
    let desired = loaded.desired.unwrap();
    let addresses: Vec<&str> = desired
        .declared()
        .map(|one| one.object.address.as_str())
        .collect();
    assert_eq!(
        addresses,
        [
            "frankfurt/bucket_replication/data-fra",
            "frankfurt/bucket_versioning/data-fra",
            "ireland/bucket_versioning/data-irl",
        ]
    );
    let parity = desired.parity();
    assert_eq!(
        parity["bucket_versioning/data-fra"][""],
        DeclaredRelation::Equal
    );
    assert_eq!(
        parity["bucket_replication/data-fra"]["/tags"],
        DeclaredRelation::Ignore("one way".into())
    );
}

#[test]
fn a_relation_is_one_and_of_a_known_field() {
    finds(
        r#"
[[nodes]]
name = "a"
min = 1
frankfurt = {}
ireland = {}
parity = { mni = "equal", min = { ratio = 1, within = 1 }, max = { at_most = -1 } }
[[nodes]]
name = "b"
min = 1
site = "ireland"
parity = {}
"#,
        r#"
unknown-key x.toml:7:18 `[[nodes]]` has no field `mni` to relate (did you mean `min`? known: cluster, max, min, name)
bad-relation x.toml:7:33 the relation of `min` is not exactly one relation (write "equal", "differs", or one of { ratio = 0.5 }, { at_least = 1.0 }, { at_most = 1.0 }, { within = 0.1 }, { ignore = "the reason" })
bad-relation x.toml:7:66 the relation of `max` is negative (write "equal", "differs", or one of { ratio = 0.5 }, { at_least = 1.0 }, { at_most = 1.0 }, { within = 0.1 }, { ignore = "the reason" })
parity-without-pair x.toml:12:1 `parity` relates objects at several sites, and this entry has one (give the entry a table for each of two sites, or remove `parity`)
"#,
    );
}

#[test]
fn a_share_is_of_a_number() {
    let entry = |relation: &str| {
        format!(
            "[[bucket]]\nname = \"data\"\nfrankfurt = {{}}\nireland = {{}}\nversioning = {{ status = \"enabled\" }}\n\
             parity = {{ \"versioning/status\" = {relation} }}\n"
        )
    };
    let codes = |relation: &str| -> Vec<String> {
        let findings = load_text(&entry(relation)).findings;
        findings
            .into_iter()
            .map(|one| one.code.into_owned())
            .collect()
    };
    for right in [
        "\"equal\"",
        "{ at_least = 1.0 }",
        "{ at_most = 1 }",
        "{ ignore = \"x\" }",
    ] {
        assert_eq!(codes(right), [] as [&str; 0], "{right}");
    }
    for wrong in ["{ ratio = 0.5 }", "{ within = 0.1 }", "{ at_least = 0.5 }"] {
        assert_eq!(codes(wrong), ["bad-relation"], "{wrong}");
    }
}

#[test]
fn a_reference_finds_its_entry_in_any_spelling() {
    let record = "[[record]]\nzone = \"Example.COM.\"\nname = \"a.example.com\"\ntype = \"A\"\n";
    let zone = "[[zone]]\nname = \"example.com\"\nexclusive = true\n";
    let desired = load(&[("a.toml", record), ("b.toml", zone), ("c.toml", HEAD)])
        .desired
        .unwrap();
    assert_eq!(desired.declared().len(), 2);
    let exclusive: Vec<String> = desired
        .exclusive()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(exclusive, ["global/zone/example.com"]);
    finds(record, "no-zone x.toml:2:8 no zone example.com");
}

#[test]
fn the_same_object_twice_is_shown_at_both_places() {
    let record = "[[record]]\nzone = \"a.example\"\nname = \"a.example\"\ntype = \"A\"\n";
    finds(
        &format!("[[zone]]\nname = \"a.example\"\n[[zone]]\nname = \"A.example\"\n{record}{record}"),
        "
duplicate-entry x.toml:3:1 x.toml:1:1 `[[zone]]` a.example is declared twice (join the two entries into one)
duplicate-object x.toml:9:1 x.toml:5:1 global/record/a.example/a.example/A is declared twice (keep one of the two)
",
    );
}

#[test]
fn an_object_needs_the_account_of_its_place() {
    let loaded = load(&[(
        "x.toml",
        "[site.a]\nrole = \"dr\"\n[[zone]]\nname = \"a.example\"\n[[zone]]\nname = \"b.example\"\n\
         [[nodes]]\nname = \"a\"\nmin = 1\nsite = \"a\"\n",
    )]);
    assert_eq!(
        super::show(&loaded),
        "no-account x.toml:3:1 `[[zone]]` needs an AWS account in `[global]` (add `aws = { account \
         = \"...\", ... }` to `[global]`)\n\
         no-account x.toml:7:1 `[[nodes]]` needs an AWS account in `[site.a]` (add `aws = { account \
         = \"...\", ... }` to `[site.a]`)\n"
    );
}
