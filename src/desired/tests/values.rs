//! Each code of the decoder, and the canonical form.

use proptest::prelude::*;

use super::kinds::KINDS;
use super::{HEAD, finds, load, load_in_pieces, load_text};
use crate::desired::Desired;
use crate::kinds::Declared;
use crate::model::Value;

fn first(desired: &Desired) -> &Declared {
    desired.declared().next().unwrap()
}

const ZONE: &str = "[[zone]]\nname = \"example.com\"\n";

/// A record with these further lines, which begin at line 7.
fn record(lines: &str) -> String {
    format!(
        "{ZONE}[[record]]\nzone = \"example.com\"\nname = \"www.example.com\"\ntype = \"A\"\n{lines}"
    )
}

#[test]
fn values_come_out_in_their_canonical_form() {
    let loaded = load_text(&record(
        r#"
ttl = "1h"
values = ["b", "a"]
weight = 0x10
bias = 2
block = "10.1.2.3/8"
order = ["b", "a"]
"#,
    ));
    let desired = loaded.desired.unwrap();
    let record = desired
        .declared()
        .find(|one| one.object.address.kind() == "record");
    let record = record.unwrap();
    assert_eq!(
        Value::from(record.object.fields.clone()).to_string(),
        r#"{"bias":2.0,"block":"10.0.0.0/8","order":["b","a"],"ttl":3600,"values":["a","b"],"weight":16}"#
    );
    assert_eq!(
        record.object.address.as_str(),
        "global/record/example.com/www.example.com/A"
    );
    let line = |path| desired.sources().locate(record.spans.of(path).unwrap());
    assert_eq!((line("/ttl").line, line("/ttl").column), (8, 7));
    // The place of an item follows the item, whatever its order.
    // A plain item stands where its list does.
    assert_eq!(line("/values/0"), line("/values"));
    assert_eq!(line("/zone").line, 4);
    assert_eq!(line("/nothing").line, 3);
}

#[test]
fn a_decoded_object_is_canonical_already() {
    let loaded = load_text(
        r#"
[[bucket]]
name = "data"
site = "ireland"
versioning = { status = "enabled" }
[bucket.replication]
policy = '{"b": 1, "a": 2}'
rules = [{ id = "b", days = "2d" }, { id = "a", days = "1w" }]
tags = { "x/y" = "1" }
"#,
    );
    let desired = loaded.desired.unwrap();
    for declared in desired.declared() {
        let kind = KINDS
            .iter()
            .find(|kind| kind.name() == declared.object.address.kind());
        let fields = &declared.object.fields;
        assert_eq!(&kind.unwrap().shape().canonical(fields.clone()), fields);
    }
    let replication = first(&desired);
    let line = |path| {
        desired
            .sources()
            .locate(replication.spans.of(path).unwrap())
    };
    assert_eq!(line("/rules/[id=b]/days").column, 29);
    assert_eq!(line("/tags/x~1y").line, 9);
    assert_eq!(line("/replication").line, 6);
    assert_eq!(line("/name").line, 3);
}

#[test]
fn an_unknown_key_is_named_with_what_was_meant() {
    finds(
        &record("tll = \"1h\""),
        "unknown-key x.toml:7:1 `[[record]]` has no key `tll` (did you mean `ttl`? known: adopt, \
         bias, block, component, convert, name, observe, order, prune, ttl, type, values, weight, \
         zone)",
    );
}

#[test]
fn a_value_of_another_type_says_both_types() {
    finds(
        &record("values = \"192.0.2.1\"\nweight = 1.5\nblock = 10\nbias = 1979-05-27"),
        r"
wrong-type x.toml:7:10 `values` must be a list, and is a text (write it in brackets: [...])
wrong-type x.toml:8:10 `weight` must be a whole number, and is a number with a fraction
wrong-type x.toml:9:9 `block` must be a CIDR block, and is a whole number (write it in quotes)
wrong-type x.toml:10:8 `bias` must be a number, and is a date or time
",
    );
}

#[test]
fn a_span_of_time_needs_a_known_unit() {
    finds(
        &record("ttl = 300"),
        "bad-duration x.toml:7:7 `ttl` has no unit (write the unit, such as \"300s\")",
    );
    finds(
        &record("ttl = \"5x\""),
        "bad-duration x.toml:7:7 `ttl` is not a span of time: `x` is no unit of time; the units \
         are s, m, h, d and w (such as 60s, 15m, 4h or 30d)",
    );
    finds(
        "[[bucket]]\nname = \"a\"\nsite = \"ireland\"\n[[bucket.replication.rules]]\nid = \"a\"\ndays = \"36h\"",
        "bad-duration x.toml:6:8 `days` must be whole days (such as 30d or 4w)",
    );
}

#[test]
fn numbers_and_spans_have_bounds() {
    finds(
        &record("ttl = \"9999w\"\nweight = 256\nbias = nan"),
        r"
out-of-range x.toml:7:7 `ttl` is out of range (it is from 0s to 2147483647s)
out-of-range x.toml:8:10 `weight` is out of range (it is from 0 to 255)
out-of-range x.toml:9:8 `bias` is out of range (it is a finite number)
",
    );
}

#[test]
fn a_text_says_which_rule_it_breaks() {
    finds(
        &record("block = \"10.0.0.0\""),
        "bad-text x.toml:7:9 `block` is not a CIDR block: it is not an address, a slash and a \
         prefix length (such as 10.0.0.0/16)",
    );
    finds(
        &ZONE.replace("example.com", "a..b"),
        "bad-text x.toml:2:8 `name` is not a domain name: it has an empty label (two dots in a \
         row, or one at the start) (such as app.example.com)",
    );
}

#[test]
fn a_choice_lists_its_words() {
    finds(
        "[[bucket]]\nname = \"a\"\nsite = \"ireland\"\nversioning.status = \"enable\"",
        "bad-choice x.toml:4:21 `status` has no choice `enable` (did you mean `enabled`? known: \
         enabled, suspended)",
    );
}

#[test]
fn a_missing_field_is_named_with_its_meaning() {
    finds(
        "[[zone]]\n[[bucket]]\nname = \"a\"\nsite = \"ireland\"\nversioning = {}",
        r"
missing-field x.toml:1:1 `[[zone]]` lacks `name` (add `name`: The name)
missing-field x.toml:5:14 `versioning` lacks `status` (add `status`: The status)
",
    );
}

#[test]
fn an_item_counts_once() {
    finds(
        &record("values = [\"a\", \"b\", \"a\"]"),
        "duplicate-item x.toml:7:21 x.toml:7:11 `values` holds \"a\" twice (remove one)",
    );
    finds(
        "[[bucket]]\nname = \"a\"\nsite = \"ireland\"\nreplication.rules = [{id = \"a\"}, {id = \"a\"}]",
        "duplicate-item x.toml:4:34 x.toml:4:22 `rules` holds [id=a] twice (remove one)",
    );
}

#[test]
fn a_field_of_another_flavor_is_refused() {
    finds(
        "[[bucket]]\nname = \"a\"\nflavor = \"minio\"\nsite = \"ireland\"\nversioning = { status = \"enabled\", mfa = true }",
        "wrong-flavor x.toml:5:36 `mfa` is not known to the flavor minio (it is known to: aws)",
    );
}

const PROFILES: &str = r#"
[environment]
profile = "large"
[profile.large]
weight = 200
names = ["a"]
wrong = "x"
again = { profile = "weight" }
[profile.small]
weight = 1
"#;

#[test]
fn a_value_may_come_from_the_selected_profile() {
    let text = record("weight = { profile = \"weight\" }\nvalues = { profile = \"names\" }");
    let loaded = load(&[("a.toml", HEAD), ("b.toml", PROFILES), ("x.toml", &text)]);
    let desired = loaded.desired.unwrap();
    let record = &first(&desired).object.fields;
    assert_eq!(record.int("weight"), Some(200));
    assert_eq!(record.list("values").len(), 1);
    assert_eq!(desired.profile(), Some("large"));
    let at = first(&desired).spans.of("/values/0").unwrap();
    assert_eq!(desired.sources().locate(at).file, "x.toml");
}

#[test]
fn a_wrong_value_of_a_profile_is_shown_at_both_places() {
    let text = record("weight = { profile = \"wrong\" }");
    finds(
        &format!("{text}\n{PROFILES}"),
        "wrong-type x.toml:14:9 x.toml:7:10 `weight` must be a whole number, and is a text",
    );
}

#[test]
fn a_profile_must_have_the_value() {
    let text = record("weight = { profile = \"wieght\" }\nbias = { profile = \"again\" }");
    finds(
        &format!("{text}\n{PROFILES}"),
        r"
unknown-profile-key x.toml:7:10 the profile `large` has no value `wieght` (did you mean `weight`? known: again, names, weight, wrong)
nested-profile x.toml:16:9 x.toml:8:8 `bias` in a profile is itself taken from a profile (write the value)
",
    );
}

#[test]
fn a_profile_must_be_selected_and_declared() {
    let text = record("weight = { profile = \"weight\" }");
    finds(
        &text,
        "no-profile x.toml:7:10 `weight` is taken from a profile, and none is selected (write \
         `[environment] profile = \"NAME\"`)",
    );
    finds(
        &format!("{text}\n{}", PROFILES.replace("\"large\"", "\"lagre\"")),
        "unknown-profile x.toml:10:11 no profile `lagre` (did you mean `large`? known: large, small)",
    );
}

#[test]
fn a_table_with_a_profile_of_its_own_is_no_reference() {
    let text = HEAD.replace("[global.aws]", "[global.aws]\nprofile = \"prod\"");
    let desired = load(&[("a.toml", &text)]).desired.unwrap();
    assert_eq!(
        desired.aws("global").unwrap().profile.as_deref(),
        Some("prod")
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        load(&[("a.toml", &text)]);
    }

    #[test]
    fn no_document_panics(lines in prop::collection::vec(line(), 0..12)) {
        let text = lines.join("\n");
        let files = [("head.toml", HEAD), ("a.toml", text.as_str())];
        let (whole, pieces) = (load(&files), load_in_pieces(&files, 1));
        prop_assert_eq!(whole.desired.is_some(), pieces.desired.is_some());
    }
}

/// A line that looks like one of an environment.
fn line() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "[[record]]",
        "[[zone]]",
        "[[bucket]]",
        "[bucket.ireland]",
        "[[nodes]]",
        "[record]",
        "[profile.x]",
        "[environment]",
        "[component.a]",
        "[site.x]",
        "[limits]",
        "[tier.a]",
        "[[bucket.replication.rules]]",
        "[[site]]",
        "[bucket.parity]",
    ]);
    let key = prop::sample::select(vec![
        "name",
        "zone",
        "type",
        "values",
        "ttl",
        "weight",
        "site",
        "ireland",
        "parity",
        "profile",
        "versioning",
        "replication",
        "rules",
        "min",
        "depends_on",
        "tier",
        "a.b",
        "\"\"",
        "rto",
    ]);
    let value = prop::sample::select(vec![
        "1",
        "-0x1",
        "1.5",
        "nan",
        "true",
        "\"a\"",
        "\"1h\"",
        "[]",
        "[\"a\", \"a\"]",
        "{}",
        "{ profile = \"x\" }",
        "{ a = { b = [{ c = 1 }] } }",
        "1979-05-27",
        "[1",
        "\"",
        "{ ratio = 1 }",
        "99999999999999999999",
        "{ status = \"enabled\" }",
        "[{ id = \"a\" }, { id = 1 }]",
    ]);
    prop_oneof![
        header.prop_map(str::to_owned),
        (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
    ]
}
