//! The phantom differences of replication, and the way there and back.

use proptest::prelude::*;

use super::*;

fn canonical(json: &str) -> Map {
    let mut fields: Map = serde_json::from_str(json).unwrap();
    if let Some(Value::List(items)) = fields.get_mut("rules") {
        for item in items {
            if let Value::Map(rule) = item {
                tidy(rule);
            }
        }
    }
    SHAPE.canonical(fields)
}

fn one(rule: &str) -> Map {
    canonical(&format!(
        r#"{{"role":"arn:aws:iam::111122223333:role/r","rules":[{rule}]}}"#
    ))
}

fn destination() -> Destination {
    let builder = Destination::builder().bucket("arn:aws:s3:::dst");
    builder.build().unwrap()
}

fn rule() -> aws_sdk_s3::types::builders::ReplicationRuleBuilder {
    ReplicationRule::builder()
        .id("a")
        .status(ReplicationRuleStatus::Enabled)
        .destination(destination())
}

fn answer(rules: Vec<ReplicationRule>) -> Map {
    let configuration = ReplicationConfiguration::builder()
        .role("arn:aws:iam::111122223333:role/r")
        .set_rules(Some(rules))
        .build();
    decode(&configuration.unwrap())
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

/// What an answer and a declaration spell differently, and is the same.
#[test]
#[allow(deprecated, reason = "rules of the first version are read too")]
fn what_s3_spells_in_several_ways_is_one_shape() {
    let whole = one(r#"{"id":"a","destination":{"bucket":"dst"}}"#);
    let filter = ReplicationRuleFilter::builder;
    let and = ReplicationRuleAndOperator::builder;
    let off = DeleteMarkerReplication::builder()
        .status(DeleteMarkerReplicationStatus::Disabled)
        .build();
    let quiet = Destination::builder()
        .bucket("arn:aws:s3:::dst")
        .replication_time(
            ReplicationTime::builder()
                .status(ReplicationTimeStatus::Disabled)
                .time(ReplicationTimeValue::builder().minutes(15).build())
                .build()
                .unwrap(),
        )
        .metrics(
            Metrics::builder()
                .status(MetricsStatus::Disabled)
                .build()
                .unwrap(),
        );
    let tagged = one(r#"{"id":"a","tags":{"k":"1"},"destination":{"bucket":"dst"}}"#);
    let both = one(
        r#"{"id":"a","prefix":"p/","tags":{"k":"1","l":"2"},"destination":{"bucket":"arn:aws:s3:::dst"}}"#,
    );
    let both_turned = and().prefix("p/").tags(tag("l", "2")).tags(tag("k", "1"));
    for (what, rule, seen) in [
        ("an empty filter", rule().filter(filter().build()), &whole),
        (
            "an empty prefix",
            rule().filter(filter().prefix("").build()),
            &whole,
        ),
        (
            "priority and delete markers filled in",
            rule()
                .priority(0)
                .delete_marker_replication(off)
                .filter(filter().prefix("").build()),
            &whole,
        ),
        (
            "blocks that are disabled",
            rule()
                .filter(filter().build())
                .destination(quiet.build().unwrap()),
            &whole,
        ),
        (
            "one tag",
            rule().filter(filter().tag(tag("k", "1")).build()),
            &tagged,
        ),
        (
            "an And with one member",
            rule().filter(filter().and(and().tags(tag("k", "1")).build()).build()),
            &tagged,
        ),
        (
            "the order of tags",
            rule().filter(filter().and(both_turned.build()).build()),
            &both,
        ),
    ] {
        assert_eq!(&answer(vec![rule.build().unwrap()]), seen, "{what}");
    }
}

#[test]
#[allow(deprecated, reason = "rules of the first version are read too")]
fn a_rule_of_the_first_version_replicates_delete_markers() {
    let first = rule().prefix("p/").build().unwrap();
    let seen =
        one(r#"{"id":"a","prefix":"p/","delete_markers":true,"destination":{"bucket":"dst"}}"#);
    assert_eq!(answer(vec![first]), seen);
    let whole = rule().prefix("").build().unwrap();
    let seen = one(r#"{"id":"a","delete_markers":true,"destination":{"bucket":"dst"}}"#);
    assert_eq!(answer(vec![whole]), seen);
}

#[test]
fn the_order_of_rules_means_nothing() {
    let filter = ReplicationRuleFilter::builder().prefix("").build();
    let (a, b) = (
        rule().id("a").filter(filter.clone()).build().unwrap(),
        rule().id("b").filter(filter).build().unwrap(),
    );
    assert_eq!(answer(vec![a.clone(), b.clone()]), answer(vec![b, a]));
}

#[test]
fn an_account_that_s3_adds_is_no_difference() {
    let declared = one(r#"{"id":"a","destination":{"bucket":"dst"}}"#);
    let live = one(r#"{"id":"a","destination":{"bucket":"dst","account":"111122223333"}}"#);
    assert_eq!(crate::model::compare(&SHAPE, &declared, &live), []);
    let other = one(r#"{"id":"a","destination":{"bucket":"dst","storage_class":"STANDARD"}}"#);
    assert_eq!(crate::model::compare(&SHAPE, &declared, &other).len(), 1);
}

#[test]
fn rules_are_written_in_the_second_version_with_all_it_needs() {
    let put = encode(&one(
        r#"{"id":"a","destination":{"bucket":"dst","replication_time":true}}"#,
    ))
    .unwrap();
    let rule = &put.rules()[0];
    assert_eq!(rule.priority(), Some(0));
    assert_eq!(rule.filter().unwrap().prefix(), Some(""));
    assert!(rule.delete_marker_replication().is_some());
    let destination = rule.destination().unwrap();
    let minutes =
        |value: Option<&ReplicationTimeValue>| value.and_then(ReplicationTimeValue::minutes);
    let metrics = destination.metrics().unwrap();
    assert_eq!(minutes(metrics.event_threshold()), Some(MINUTES));
    let measured = encode(&one(
        r#"{"id":"a","destination":{"bucket":"dst","metrics":true}}"#,
    ));
    let measured = measured.unwrap();
    let metrics = measured.rules()[0].destination().unwrap().metrics();
    assert_eq!(metrics.unwrap().event_threshold(), None);
}

fn any_rule() -> impl Strategy<Value = Map> {
    let filter = (
        proptest::option::of("[a-z]{0,3}/?"),
        proptest::collection::btree_map("[a-z]{1,3}", "[a-z]{0,3}", 0..3),
    );
    let texts = (
        proptest::option::of(Just("111122223333")),
        proptest::option::of(proptest::sample::select(vec!["STANDARD", "GLACIER_IR"])),
        proptest::option::of(Just("arn:aws:kms:eu-west-1:111122223333:key/1")),
    );
    let flags = proptest::collection::vec(any::<bool>(), 8);
    (0..1000_i32, filter, texts, flags).prop_map(|(priority, filter, texts, flags)| {
        let mut destination = Map::new();
        destination.insert("bucket", "arn:aws:s3:::dst");
        destination.insert_some("account", texts.0);
        destination.insert_some("storage_class", texts.1);
        destination.insert_some("kms_key", texts.2);
        for (name, on) in ["owner_override", "replication_time", "metrics"]
            .into_iter()
            .zip(&flags)
        {
            destination.insert(name, *on);
        }
        let mut rule = Map::new();
        rule.insert("status", if flags[3] { ENABLED } else { DISABLED });
        rule.insert("priority", priority);
        rule.insert_some("prefix", filter.0);
        rule.insert("tags", filter.1.into_iter().collect::<Map>());
        for (name, on) in [
            "delete_markers",
            "kms_encrypted_objects",
            "replica_modifications",
            "existing_objects",
        ]
        .into_iter()
        .zip(&flags[4..])
        {
            rule.insert(name, *on);
        }
        rule.insert("destination", destination);
        rule
    })
}

proptest! {
    #[test]
    fn a_configuration_comes_back_as_it_was_put(rules in proptest::collection::vec(any_rule(), 1..4)) {
        let rules: Vec<Value> = rules
            .into_iter()
            .enumerate()
            .map(|(at, mut rule)| {
                rule.insert("id", format!("rule/{at}"));
                tidy(&mut rule);
                Value::Map(rule)
            })
            .collect();
        let mut fields = Map::new();
        fields.insert("role", "arn:aws:iam::111122223333:role/r");
        fields.insert("rules", rules);
        let fields = SHAPE.canonical(fields);
        prop_assert_eq!(decode(&encode(&fields).unwrap()), fields);
    }
}
