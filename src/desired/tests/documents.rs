//! Several files as one document, and what the parser refuses.

use super::{HEAD, finds, load, load_in_pieces, show};

#[test]
fn all_syntax_errors_are_reported_at_once() {
    let loaded = load(&[
        ("a.toml", "[zone\nname = 1\n"),
        ("b.toml", "x = \ny = [1,\n"),
        ("c.toml", "[[zone]]\nnmae = 1\n"),
    ]);
    let text = show(&loaded);
    assert!(text.contains("syntax a.toml:1:6"), "{text}");
    assert!(text.contains("syntax b.toml:1:5"), "{text}");
    assert!(text.contains("syntax b.toml:2:8"), "{text}");
    assert!(!text.contains("unknown-key"), "{text}");
}

#[test]
fn a_key_that_is_declared_twice_is_shown_at_both_places() {
    finds(
        "[[zone]]\nname = \"a.example\"\nexclusive = true\n\n[[zone]]\nname = \"b.example\"\nname = \"c.example\"",
        "duplicate-key x.toml:7:1 x.toml:6:1 `name` is declared twice (the files of an \
         environment are one document: keep one)",
    );
    finds(
        "[tier.gold]\nrto = \"1h\"\n[tier.silver]\nrto = \"1h\"\n[tier.gold]\nrpo = \"1h\"",
        "duplicate-key x.toml:5:7 x.toml:1:1 `gold` is declared twice (the files of an \
         environment are one document: keep one)",
    );
    // The nearest key of the name stands in a table that is closed.
    finds(
        "[limits]\nroute53_burst = 1\nx = { route53_burst = 2 }\nroute53_burst = 3",
        "duplicate-key x.toml:4:1 x.toml:2:1 `route53_burst` is declared twice (the files of an \
         environment are one document: keep one)",
    );
}

#[test]
fn a_table_that_two_files_declare_is_shown_at_both_places() {
    let loaded = load(&[
        (
            "a.toml",
            "[limits]\nroute53_burst = 1\n[tier.gold]\nrto = \"1h\"\nrpo = \"1h\"\n",
        ),
        (
            "b.toml",
            "[limits]\n[tier.gold]\n[tier.silver]\nrto = \"1h\"\nrpo = \"1h\"\n",
        ),
    ]);
    assert_eq!(
        show(&loaded),
        "duplicate-key b.toml:1:2 a.toml:1:2 `[limits]` is declared twice (the files of an \
         environment are one document: keep one)\n\
         duplicate-key b.toml:2:7 a.toml:3:7 `[tier.gold]` is declared twice (the files of an \
         environment are one document: keep one)\n"
    );
}

#[test]
fn an_unknown_table_and_a_wrong_form_are_named() {
    finds(
        "[[zones]]\n[zone]\n[[limits]]\n[tier]\ngold = 1\n[site.\"a/b\"]\nrole = \"dr\"",
        r"
unknown-key x.toml:1:3 no table is called `zones` (did you mean `zone`? known: backup, bucket, capacity, channel, component, criterion, environment, exclusion, exercise, failover, global, limits, location, message, network, nodes, person, profile, record, role, site, step, strategy, tier, vendor, verification, workload, zone)
wrong-type x.toml:2:2 this is not a table of the expected form (write `[[zone]]`)
wrong-type x.toml:3:3 this is not a table of the expected form (write `[limits]`)
wrong-type x.toml:5:1 this is not a table of the expected form (write `[tier.gold]`)
bad-name x.toml:6:7 `a/b` cannot name a site (a name has letters, digits, `-` and `_` only)
",
    );
}

#[test]
fn a_text_in_pieces_is_the_same_document() {
    let text = "# x\n[[zone]]\nname = \"a.example\"\n[tier.t]\nrto = \"1h\"\n[[zone]]\n\
                name = 1\n[[nodes]]\nname = \"a\"\n[nodes.ireland]\nmin = 1\nmni = 1\n[tier.u]\n\
                rto = 1\n[[zone]]\nname = \"A.example\"\n";
    for text in [text, &format!("{text}name = 1\n"), &format!("{text}x = [")] {
        let files = [("head.toml", HEAD), ("x.toml", text)];
        let (whole, pieces) = (
            load_in_pieces(&files, usize::MAX),
            load_in_pieces(&files, 1),
        );
        assert_eq!(show(&whole), show(&pieces));
        assert!(!whole.findings.is_empty());
    }
    let files = [
        ("head.toml", HEAD),
        (
            "x.toml",
            "[[zone]]\nname = \"a.example\"\n[tier.t]\nrto = \"1h\"\nrpo = \"1h\"\n",
        ),
    ];
    assert_eq!(
        load_in_pieces(&files, 1).desired.unwrap().declared().len(),
        1
    );
}

#[test]
fn the_order_of_files_means_nothing() {
    let zones = "[[zone]]\nname = \"a.example\"\n";
    let records = "[[record]]\nzone = \"a.example\"\nname = \"a.example\"\ntype = \"A\"\n";
    let load = |order: [(&str, &str); 3]| {
        let desired = load(&order).desired.unwrap();
        let objects: Vec<_> = desired.declared().map(|one| one.object.clone()).collect();
        (objects, desired.scopes().clone())
    };
    assert_eq!(
        load([("a.toml", HEAD), ("b.toml", zones), ("c.toml", records)]),
        load([("a.toml", records), ("b.toml", HEAD), ("c.toml", zones)]),
    );
}

#[test]
fn an_empty_environment_is_one() {
    let desired = load(&[]).desired.unwrap();
    assert_eq!(desired.title(), "test");
    assert!(desired.declared().len() == 0);
}

#[test]
fn deep_nesting_is_refused() {
    let keys = vec!["a"; 20_000].join(".");
    assert!(
        load(&[("a.toml", &format!("{keys} = 1"))])
            .desired
            .is_none()
    );
    let lists = "[".repeat(20_000);
    assert!(
        load(&[("a.toml", &format!("a = {lists}"))])
            .desired
            .is_none()
    );
}
