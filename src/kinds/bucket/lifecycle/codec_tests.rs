//! The phantom differences of lifecycle, and the way there and back.

use aws_sdk_s3::types::Tag;
use proptest::prelude::*;

use super::*;

fn canonical(json: &str) -> Map {
    let mut rule: Map = serde_json::from_str(json).unwrap();
    tidy(&mut rule);
    let mut fields = Map::new();
    fields.insert("rules", vec![Value::Map(rule)]);
    SHAPE.canonical(fields)
}

fn rule() -> aws_sdk_s3::types::builders::LifecycleRuleBuilder {
    LifecycleRule::builder()
        .id("a")
        .status(ExpirationStatus::Enabled)
        .expiration(LifecycleExpiration::builder().days(30).build())
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

#[test]
#[allow(deprecated, reason = "rules with a prefix of their own are read too")]
fn what_s3_spells_in_several_ways_is_one_shape() {
    let filter = LifecycleRuleFilter::builder;
    let and = LifecycleRuleAndOperator::builder;
    let whole = r#"{"id":"a","expire_after":30}"#;
    let prefixed = r#"{"id":"a","prefix":"p/","expire_after":30}"#;
    let tagged = r#"{"id":"a","tags":{"k":"1","l":"2"},"expire_after":30}"#;
    let sized = r#"{"id":"a","larger_than":9,"expire_after":30}"#;
    let marked = LifecycleExpiration::builder()
        .days(30)
        .expired_object_delete_marker(false)
        .build();
    for (what, rule, seen) in [
        ("no filter at all", rule(), whole),
        ("an empty prefix of its own", rule().prefix(""), whole),
        ("an empty filter", rule().filter(filter().build()), whole),
        (
            "an empty prefix",
            rule().filter(filter().prefix("").build()),
            whole,
        ),
        (
            "a switch that is off",
            rule().filter(filter().build()).expiration(marked),
            whole,
        ),
        ("a prefix of its own", rule().prefix("p/"), prefixed),
        (
            "an And with one member",
            rule().filter(filter().and(and().prefix("p/").build()).build()),
            prefixed,
        ),
        (
            "the order of tags",
            rule().filter(
                filter()
                    .and(and().tags(tag("l", "2")).tags(tag("k", "1")).build())
                    .build(),
            ),
            tagged,
        ),
        (
            "a size alone",
            rule().filter(filter().object_size_greater_than(9).build()),
            sized,
        ),
        (
            "a size in an And",
            rule().filter(
                filter()
                    .and(and().object_size_greater_than(9).build())
                    .build(),
            ),
            sized,
        ),
    ] {
        let rule = rule.build().unwrap();
        assert_eq!(decode(&[rule], None), canonical(seen), "{what}");
    }
}

#[test]
fn the_default_minimum_size_is_said_or_not() {
    let rule = rule().build().unwrap();
    let said = TransitionDefaultMinimumObjectSize::AllStorageClasses128K;
    let seen = decode(std::slice::from_ref(&rule), Some(&said));
    assert_eq!(seen, decode(&[rule], None));
}

#[test]
fn dates_are_midnight_in_utc() {
    let moment = date(Some("2027-02-01")).unwrap().unwrap();
    assert_eq!(moment.secs(), 1_801_440_000);
    assert_eq!(date_text(&moment), "2027-02-01");
    let later = DateTime::from_secs(moment.secs() + 60);
    assert_eq!(date_text(&later), "2027-02-01T00:01:00Z");
    assert!(date(Some("tomorrow")).is_err());
}

fn any_rule() -> impl Strategy<Value = Map> {
    use proptest::option::of;
    let filter = (
        of("[a-z]{0,3}/?"),
        proptest::collection::btree_map("[a-z]{1,3}", "[a-z]{0,3}", 0..3),
        of(0..i64::MAX),
        of(1..i64::MAX),
    );
    let actions = (
        of(1..1000_i32),
        of(Just("2027-01-31")),
        of(1..1000_i32),
        of(1..=100_i32),
        of(1..1000_i32),
    );
    let transition = (0..400_i32, any::<bool>());
    let moves = (
        proptest::collection::btree_map("[A-Z]{2,4}", transition, 0..3),
        proptest::collection::btree_map("[A-Z]{2,4}", (0..400_i32, of(1..=100_i32)), 0..3),
    );
    (any::<[bool; 2]>(), filter, actions, moves).prop_map(|(flags, filter, actions, moves)| {
        let mut rule = Map::new();
        rule.insert("status", if flags[0] { ENABLED } else { DISABLED });
        rule.insert("expired_delete_markers", flags[1]);
        rule.insert_some("prefix", filter.0);
        rule.insert("tags", filter.1.into_iter().collect::<Map>());
        rule.insert_some("larger_than", filter.2);
        rule.insert_some("smaller_than", filter.3);
        rule.insert_some("expire_after", actions.0);
        rule.insert_some("expire_on", actions.1);
        rule.insert_some("noncurrent_expire_after", actions.2);
        rule.insert_some("keep_noncurrent", actions.2.and(actions.3));
        rule.insert_some("abort_uploads_after", actions.4);
        let transitions: Vec<Value> = moves
            .0
            .into_iter()
            .map(|(class, (days, dated))| {
                let mut map = Map::new();
                map.insert("storage_class", class);
                map.insert_some("after", (!dated).then_some(days));
                map.insert_some("on", dated.then_some("2028-02-29"));
                Value::Map(map)
            })
            .collect();
        rule.insert("transitions", transitions);
        let noncurrent: Vec<Value> = moves
            .1
            .into_iter()
            .map(|(class, (days, keep))| {
                let mut map = Map::new();
                map.insert("storage_class", class);
                map.insert("after", days);
                map.insert_some("keep", keep);
                Value::Map(map)
            })
            .collect();
        rule.insert("noncurrent_transitions", noncurrent);
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
                rule.insert("id", format!("rule {at}"));
                tidy(&mut rule);
                Value::Map(rule)
            })
            .collect();
        let mut fields = Map::new();
        fields.insert("rules", rules);
        let fields = SHAPE.canonical(fields);
        prop_assert_eq!(decode(encode(&fields).unwrap().rules(), None), fields);
    }
}
