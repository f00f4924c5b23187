//! Every relation and rule: an example that holds, one thing broken, and the finding asserted.

use std::collections::BTreeMap;

use super::pair::{Question, compare};
use super::relation::{Fault, Judgement};
use super::rules::ParityRules;
use crate::desired::DeclaredRelation;
use crate::kinds;
use crate::model::{
    Address, Fact, FactName, FactValue, Field, Identity, Map, Resource, Severity, Shape, Sources,
};

fn map(json: &str) -> Map {
    serde_json::from_str(json).unwrap()
}

type Relations = BTreeMap<String, DeclaredRelation>;

/// Returns what is broken: path, code and side.
fn broken(shape: &Shape, kind: &str, sides: (&str, &str), declared: &Relations) -> Vec<String> {
    let rules = ParityRules::built_in();
    let terms = [
        ("logs-dr".to_owned(), "logs".to_owned()),
        ("eu-west-1".to_owned(), "eu-central-1".to_owned()),
    ];
    let question = Question {
        kind,
        shape,
        declared: Some(declared),
        rules: &rules,
        terms: &terms,
    };
    let (primary, dr) = (shape.canonical(map(sides.0)), shape.canonical(map(sides.1)));
    let judged = compare(&question, &primary, &dr);
    judged
        .into_iter()
        .filter_map(|judged| match judged.judgement {
            Judgement::Holds => None,
            Judgement::Broken(fault, ..) => {
                let code = rules.broken(kind, &judged.path).code().to_owned();
                let side = if fault == Fault::Dr { "dr" } else { "primary" };
                Some(format!("{} {code} {side}", judged.path))
            }
        })
        .collect()
}

fn of_kind(kind: &str, primary: &str, dr: &str) -> Vec<String> {
    let shape = kinds::by_name(kind).unwrap().shape();
    broken(shape, kind, (primary, dr), &Relations::new())
}

/// For each rule of a relation: the kind, fields that hold, fields of which one thing is broken,
/// and what is found.
const BROKEN: &[(&str, &str, &str, &str, &str)] = &[
    (
        "bucket_versioning",
        r#"{"status":"enabled"}"#,
        r#"{"status":"enabled"}"#,
        r#"{"status":"suspended"}"#,
        "/status versioning-differs dr",
    ),
    (
        "bucket_versioning",
        r#"{"status":"enabled","mfa_delete":true}"#,
        r#"{"status":"enabled","mfa_delete":true}"#,
        r#"{"status":"enabled","mfa_delete":false}"#,
        "/mfa_delete mfa-delete-differs dr",
    ),
    (
        "bucket_lifecycle",
        r#"{"rules":[{"id":"a","prefix":"a/","expire_after":7}]}"#,
        r#"{"rules":[{"id":"a","prefix":"a/","expire_after":7}]}"#,
        r#"{"rules":[{"id":"a","prefix":"a/","expire_after":3}]}"#,
        "/rules/[id=a]/expire_after lifecycle-differs dr",
    ),
    (
        "bucket_encryption",
        r#"{"algorithm":"aws:kms"}"#,
        r#"{"algorithm":"aws:kms"}"#,
        r#"{"algorithm":"AES256"}"#,
        "/algorithm encryption-weaker dr",
    ),
    (
        "bucket_encryption",
        r#"{"algorithm":"aws:kms","kms_key":"arn:aws:kms:eu-central-1:1:key/a"}"#,
        r#"{"algorithm":"aws:kms","kms_key":"arn:aws:kms:eu-west-1:1:key/a"}"#,
        r#"{"algorithm":"aws:kms","kms_key":"arn:aws:kms:eu-central-1:1:key/a"}"#,
        "/kms_key encryption-key dr",
    ),
    (
        "bucket_encryption",
        r#"{"algorithm":"aws:kms","bucket_key":true}"#,
        r#"{"algorithm":"aws:kms","bucket_key":true}"#,
        r#"{"algorithm":"aws:kms","bucket_key":false}"#,
        "/bucket_key encryption-bucket-key dr",
    ),
    (
        "bucket_encryption",
        r#"{"algorithm":"AES256","blocked":["SSE-C"]}"#,
        r#"{"algorithm":"AES256","blocked":["SSE-C"]}"#,
        r#"{"algorithm":"AES256"}"#,
        "/blocked encryption-blocked dr",
    ),
    (
        "bucket_public_access_block",
        "{}",
        "{}",
        r#"{"block_public_policy":false}"#,
        "/block_public_policy public-access-differs dr",
    ),
    (
        "bucket_object_lock",
        r#"{"mode":"compliance","days":30}"#,
        r#"{"mode":"compliance","days":60}"#,
        r#"{"mode":"compliance","days":20}"#,
        "/days object-lock-weaker dr",
    ),
    (
        "bucket_ownership",
        r#"{"rule":"BucketOwnerEnforced"}"#,
        r#"{"rule":"BucketOwnerEnforced"}"#,
        r#"{"rule":"ObjectWriter"}"#,
        "/rule ownership-differs dr",
    ),
    (
        "bucket_policy",
        r#"{"document":"{\"Resource\":\"arn:aws:s3:::logs/*\"}"}"#,
        r#"{"document":"{\"Resource\":\"arn:aws:s3:::logs-dr/*\"}"}"#,
        r#"{"document":"{\"Resource\":\"arn:aws:s3:::other/*\"}"}"#,
        "/document policy-differs dr",
    ),
    (
        "bucket_tags",
        r#"{"team":"a"}"#,
        r#"{"team":"a"}"#,
        r#"{"team":"b"}"#,
        "/team tags-differ dr",
    ),
    (
        "route53_record",
        r#"{"ttl":60,"values":["mail."]}"#,
        r#"{"ttl":60,"values":["mail."]}"#,
        r#"{"ttl":60,"values":["other."]}"#,
        "/values record-differs dr",
    ),
    (
        "route53_record",
        r#"{"ttl":60,"values":["mail."]}"#,
        r#"{"ttl":60,"values":["mail."]}"#,
        r#"{"ttl":300,"values":["mail."]}"#,
        "/ttl ttl-differs primary",
    ),
];

#[test]
fn each_rule_of_a_relation_finds_what_is_broken_and_nothing_else() {
    for (kind, primary, right, wrong, found) in BROKEN {
        assert_eq!(
            of_kind(kind, primary, right),
            [] as [&str; 0],
            "{kind} {found}"
        );
        assert_eq!(of_kind(kind, primary, wrong), [*found], "{kind}");
    }
}

#[test]
fn every_rule_is_proved_or_of_another_form() {
    let proved: Vec<&str> = BROKEN
        .iter()
        .filter_map(|(.., found)| found.split(' ').nth(1))
        .collect();
    let rules = ParityRules::built_in();
    let missing: Vec<&str> = rules
        .entries()
        .map(|rule| rule.code)
        .filter(|code| !proved.contains(code) && !code.ends_with("-missing"))
        .collect();
    // What is ignored breaks nothing, and bounds and health have tests of their own.
    assert_eq!(
        missing,
        [
            "failover-ttl-long",
            "health-check-failing",
            "replication-off",
        ]
    );
}

fn resource(kind: &str, fields: &str, health: Option<FactValue>) -> Resource {
    let address = Address::new("global", kind, "x");
    let facts = health.map(|value| Fact {
        name: FactName::Health,
        value,
        unit: String::new(),
        method: String::new(),
        measured_at: jiff::Timestamp::UNIX_EPOCH,
    });
    Resource {
        facts: facts.into_iter().collect(),
        ..Resource::new(address, Map::new(), map(fields))
    }
}

#[test]
fn bounds_and_health_are_asked_of_each_object() {
    let rules = ParityRules::built_in();
    let found = |resource: &Resource| -> Vec<(String, bool, bool)> {
        let found = rules.of_object(resource);
        found
            .into_iter()
            .map(|one| (one.path.clone(), one.broken, one.unknown))
            .collect()
    };
    let record = |ttl| {
        let fields = format!(r#"{{"failover":[{{"id":"a","ttl":{ttl}}},{{"id":"b","ttl":60}}]}}"#);
        found(&resource("route53_record", &fields, None))
    };
    let paths = ["/failover/[id=a]/ttl", "/failover/[id=b]/ttl"].map(str::to_owned);
    let [a, b] = paths;
    assert_eq!(
        record(300),
        [(a.clone(), false, false), (b.clone(), false, false)]
    );
    assert_eq!(record(301), [(a, true, false), (b, false, false)]);
    let health = |kind, words: &str| {
        found(&resource(
            kind,
            "{}",
            Some(FactValue::Text(words.to_owned())),
        ))
    };
    let check = |words| health("route53_health_check", words)[0].1;
    assert!(!check("16 of 16 checkers say healthy"));
    assert!(!check("4 of 16 checkers say healthy"));
    assert!(check("3 of 16 checkers say healthy"));
    assert!(health("bucket_replication", "1 of 2 rules enabled")[0].1);
    assert!(!health("bucket_replication", "2 of 2 rules enabled")[0].1);
    let unknown = FactValue::Unknown("no answer".to_owned());
    let found = found(&resource("route53_health_check", "{}", Some(unknown)));
    assert_eq!(found, [(String::new(), false, true)]);
}

static ITEM: &[Field] = &[
    Field::new("id", Shape::Text(&crate::model::units::PLAIN), ""),
    Field::new("size", Shape::Int(0, 1000), ""),
    Field::new("name", Shape::Text(&crate::model::units::PLAIN), ""),
];
static TABLE: Shape = Shape::Table(&[
    Field::new("size", Shape::Int(0, 1000), ""),
    Field::new("zone", Shape::Text(&crate::model::units::PLAIN), "")
        .parity(crate::model::Relation::Ignore),
    Field::new(
        "items",
        Shape::List(&Shape::Table(ITEM), Identity::Keyed("id")),
        "",
    ),
]);

#[test]
fn the_nearest_word_counts() {
    let sides = (
        r#"{"size":10,"zone":"a","items":[{"id":"a","size":4,"name":"x"},{"id":"b","size":1}]}"#,
        r#"{"size":5,"zone":"b","items":[{"id":"a","size":2,"name":"y"}]}"#,
    );
    let found = |declared: &[(&str, DeclaredRelation)]| {
        let declared = declared
            .iter()
            .map(|(path, one)| ((*path).to_owned(), one.clone()));
        broken(&TABLE, "sample", sides, &declared.collect())
    };
    let half = || DeclaredRelation::Ratio(0.5);
    let ignore = || DeclaredRelation::Ignore("on purpose".to_owned());
    assert_eq!(
        found(&[]),
        [
            "/size parity-differs dr",
            "/items/[id=a]/size parity-differs dr",
            "/items/[id=a]/name parity-differs dr",
            "/items/[id=b] parity-differs dr",
        ]
    );
    assert_eq!(
        found(&[("/size", half()), ("/items", ignore())]),
        [] as [&str; 0]
    );
    assert_eq!(
        found(&[
            ("/size", half()),
            ("/items", ignore()),
            ("/items/[id=a]/size", DeclaredRelation::Equal)
        ]),
        ["/items/[id=a]/size parity-differs dr"]
    );
    assert_eq!(found(&[("", ignore())]), [] as [&str; 0]);
    assert_eq!(
        found(&[("", ignore()), ("/zone", DeclaredRelation::Equal)]),
        ["/zone parity-differs dr"]
    );
}

#[test]
fn a_file_changes_a_rule_by_its_code() {
    let load = |text: &str| {
        let files = [("policies/parity/own.toml".to_owned(), text.to_owned())];
        ParityRules::load(&files, &mut Sources::default())
    };
    let (rules, findings) =
        load("[[rule]]\ncode = \"failover-ttl-long\"\nat_most = 30\nseverity = \"error\"\n");
    assert_eq!(findings, []);
    let record = resource(
        "route53_record",
        r#"{"failover":[{"id":"a","ttl":60}]}"#,
        None,
    );
    assert!(rules.of_object(&record)[0].broken);
    let changed = rules
        .entries()
        .find(|rule| rule.code == "failover-ttl-long")
        .unwrap();
    assert_eq!(changed.severity, Severity::Error);
    assert!(!changed.why.is_empty(), "what is not said is kept");
    let (rules, findings) = load("[[rule]]\ncode = \"failover-ttl-long\"\nseverity = \"off\"\n");
    assert_eq!(findings, []);
    assert!(rules.of_object(&record).is_empty());
    for wrong in [
        "[[rule]]\ncode = \"mine\"\n",
        "[[rule]]\ncode = \"mine\"\nkind = \"bucket_tags\"\nseverity = \"error\"\n",
        "[[rule]]\ncode = \"tags-differ\"\nseverity = \"loud\"\n",
        "[[rule]]\ncode = \"tags-differ\"\nrelation = \"alike\"\n",
        "[[rule]]\ncode = \"tags-differ\"\ntreshold = 3\n",
        "[[rule]]\ncode = \"tags-differ\"\n[[rule]]\ncode = \"tags-differ\"\n",
    ] {
        let (_, findings) = load(wrong);
        assert_eq!(findings.len(), 1, "{wrong}");
        assert_eq!(findings[0].code, "parity-rule");
        assert!(!findings[0].labels.is_empty(), "{wrong}");
    }
}

#[test]
fn the_codes_that_come_with_drsync() {
    let rules = ParityRules::built_in();
    let codes: Vec<String> = rules
        .entries()
        .map(|rule| format!("{} {:?}", rule.code, rule.severity))
        .collect();
    insta::assert_snapshot!(codes.join("\n"), @r"
    encryption-blocked Warning
    encryption-bucket-key Note
    encryption-key Warning
    encryption-missing Error
    encryption-weaker Error
    failover-ttl-long Warning
    health-check-failing Note
    lifecycle-differs Error
    lifecycle-missing Warning
    mfa-delete-differs Note
    object-lock-missing Error
    object-lock-weaker Error
    ownership-differs Warning
    ownership-missing Warning
    policy-differs Error
    policy-missing Error
    public-access-differs Error
    public-access-missing Error
    record-differs Error
    record-missing Error
    replication-off Note
    tags-differ Note
    tags-missing Note
    ttl-differs Warning
    versioning-differs Error
    versioning-missing Error
    ");
}
