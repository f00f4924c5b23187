//! Declarations: addresses, dependencies, and what is wrong with them.

use std::collections::BTreeMap;

use crate::kinds::{Declaration, Declared, Entry, Registry, Section, Spans, by_name};
use crate::model::{Address, Finding, Flags, Map, Object, Scope, SourceId, Span};

fn map(json: &str) -> Map {
    serde_json::from_str(json).unwrap()
}

fn section() -> &'static Section {
    by_name("bucket_versioning").unwrap().section()
}

/// The buckets `src` at the site `main` and `dst` at the site `dr`.
fn registry() -> Registry {
    let mut registry = Registry::default();
    for entry in [
        r#"{"name":"src","flavor":"aws","site":"main"}"#,
        r#"{"name":"archive","bucket":"dst","flavor":"aws","site":"dr"}"#,
    ] {
        registry.add(section(), &map(entry));
    }
    registry
}

fn declare(
    kind: &str,
    settings: &str,
    fields: &str,
    findings: &mut Vec<Finding>,
) -> Option<Declaration> {
    let kind = by_name(kind).unwrap();
    let mut settings = map(settings);
    if !settings.contains("flavor") {
        settings.insert("flavor", "aws");
    }
    let part = format!("/{}", kind.part().unwrap());
    let spans = Spans::new(
        Some(Span::new(SourceId(0), &(0..9))),
        ["/rules".into(), part.into()].into(),
        [(2..3), (1..9)]
            .map(|range| Span::new(SourceId(0), &range))
            .into(),
    );
    kind.declare(&mut Entry {
        environment: "e",
        connection: "main",
        via: "",
        settings: &settings,
        fields: kind.shape().canonical(map(fields)),
        registry: &registry(),
        spans: &spans,
        findings,
    })
}

/// Returns the findings of a declaration, which must have some.
fn wrong(kind: &str, settings: &str, fields: &str) -> Vec<String> {
    let mut findings = Vec::new();
    assert!(declare(kind, settings, fields, &mut findings).is_none());
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect()
}

const TO_DST: &str = r#"{"role":"arn:aws:iam::111122223333:role/r","rules":[
    {"id":"a","destination":{"bucket":"dst"}},
    {"id":"b","priority":1,"destination":{"bucket":"elsewhere"}}]}"#;

#[test]
fn a_part_is_known_by_its_bucket() {
    let mut findings = Vec::new();
    let settings = r#"{"name":"archive","bucket":"archive-eu","region":"eu-west-1"}"#;
    let fields = r#"{"status":"enabled"}"#;
    let declaration = declare("bucket_versioning", settings, fields, &mut findings).unwrap();
    assert_eq!(findings, []);
    assert_eq!(declaration.id, "archive-eu");
    assert_eq!(declaration.scope, "bucket/archive-eu");
    let identity = r#"{"bucket":"archive-eu","flavor":"aws","region":"eu-west-1"}"#;
    assert_eq!(declaration.identity, map(identity));
}

#[test]
fn replication_comes_after_versioning_at_both_ends() {
    let mut findings = Vec::new();
    let declaration = declare(
        "bucket_replication",
        r#"{"name":"src"}"#,
        TO_DST,
        &mut findings,
    );
    assert_eq!(
        declaration.unwrap().depends,
        [
            Address::new("main", "bucket_versioning", "src"),
            Address::new("dr", "bucket_versioning", "dst"),
        ]
    );
}

#[test]
fn a_bad_bucket_name_is_said_once_for_all_parts() {
    let mut findings = Vec::new();
    for _ in 0..2 {
        let settings = r#"{"name":"Archive"}"#;
        let fields = r#"{"status":"enabled"}"#;
        assert!(declare("bucket_versioning", settings, fields, &mut findings).is_none());
    }
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "bad-bucket-name");
}

#[test]
fn what_s3_would_refuse_is_said() {
    let rule =
        |rule: &str| format!(r#"{{"role":"arn:aws:iam::111122223333:role/r","rules":[{rule}]}}"#);
    let twice = r#"{"id":"a","destination":{"bucket":"dst"}},{"id":"b","destination":{"bucket":"arn:aws:s3:::dst"}}"#;
    for (kind, fields, wanted) in [
        (
            "bucket_replication",
            r#"{"rules":[{"id":"a","destination":{"bucket":"dst"}}]}"#.to_owned(),
            "missing-field: `replication` lacks `role`",
        ),
        (
            "bucket_replication",
            rule(""),
            "bad-replication-rule: a replication has 1 to 1000 rules",
        ),
        (
            "bucket_replication",
            rule(twice),
            "bad-replication-rule: the replication rule `b` has the priority 0 of another rule to arn:aws:s3:::dst",
        ),
        (
            "bucket_replication",
            rule(r#"{"id":"a","destination":{"bucket":"src"}}"#),
            "bad-replication-rule: the replication rule `a` copies the bucket onto itself",
        ),
        (
            "bucket_replication",
            rule(
                r#"{"id":"a","tags":{"k":"v"},"delete_markers":true,"destination":{"bucket":"dst"}}"#,
            ),
            "bad-replication-rule: the replication rule `a` copies delete markers and selects by tag, and delete markers have no tags",
        ),
        (
            "bucket_replication",
            rule(r#"{"id":"a","destination":{"bucket":"dst","owner_override":true}}"#),
            "bad-replication-rule: the replication rule `a` overrides the owner without naming the account",
        ),
        (
            "bucket_replication",
            rule(r#"{"id":"a","kms_encrypted_objects":true,"destination":{"bucket":"dst"}}"#),
            "bad-replication-rule: the replication rule `a` copies objects that KMS encrypts and has no key for the copies",
        ),
        (
            "bucket_lifecycle",
            r#"{"rules":[{"id":"a"}]}"#.to_owned(),
            "bad-lifecycle-rule: the lifecycle rule `a` does nothing: it expires, moves or aborts nothing",
        ),
        (
            "bucket_object_lock",
            r#"{"mode":"governance","days":1,"years":1}"#.to_owned(),
            "bad-object-lock: a retention has `mode`, and either `days` or `years`",
        ),
        (
            "bucket_encryption",
            r#"{"algorithm":"AES256","kms_key":"arn:aws:kms:eu-west-1:1:key/1"}"#.to_owned(),
            "bad-encryption: AES256 has no KMS key",
        ),
        (
            "bucket_encryption",
            r#"{"algorithm":"aws:kms:dsse","bucket_key":true}"#.to_owned(),
            "bad-encryption: a bucket key is for aws:kms only",
        ),
        (
            "bucket_tags",
            "{}".to_owned(),
            "bad-tag: `tags` has 1 to 50 tags",
        ),
        (
            "bucket_tags",
            r#"{"aws:x":"1"}"#.to_owned(),
            "bad-tag: the tag `aws:x` cannot be set: keys that begin with aws: belong to AWS",
        ),
    ] {
        assert_eq!(wrong(kind, r#"{"name":"src"}"#, &fields), [wanted]);
    }
}

#[test]
fn what_a_flavor_does_not_have_is_refused() {
    let settings = r#"{"name":"src","flavor":"minio"}"#;
    assert_eq!(
        wrong("bucket_public_access_block", settings, "{}"),
        ["wrong-flavor: a bucket of the flavor minio has no `public_access_block`"]
    );
    let mut findings = Vec::new();
    let rules =
        r#"{"rules":[{"id":"a","destination":{"bucket":"arn:minio:replication::7f3a:src"}}]}"#;
    assert!(declare("bucket_replication", settings, rules, &mut findings).is_some());
}

/// Declares a versioning of `src` and `dst` and a replication, and returns what the check finds.
fn check(source: Option<&str>, destination: Option<&str>) -> Vec<(String, usize)> {
    let mut all = BTreeMap::new();
    let mut add = |site: &str, kind: &str, bucket: &str, fields: &str| {
        let mut findings = Vec::new();
        let settings = format!(r#"{{"name":"{bucket}"}}"#);
        let declaration = declare(kind, &settings, fields, &mut findings).unwrap();
        let address = Address::new(site, kind, bucket);
        let declared = Declared {
            object: Object {
                address: address.clone(),
                scope: Scope::new(site, declaration.scope),
                identity: declaration.identity,
                fields: declaration.fields,
            },
            spans: Spans::new(Some(Span::new(SourceId(0), &(0..1))), [].into(), [].into()),
            component: None,
            flags: Flags::default(),
            depends: declaration.depends,
            pair: None,
        };
        all.insert(address, declared);
    };
    for (site, bucket, status) in [("main", "src", source), ("dr", "dst", destination)] {
        if let Some(status) = status {
            let fields = format!(r#"{{"status":"{status}"}}"#);
            add(site, "bucket_versioning", bucket, &fields);
        }
    }
    add("main", "bucket_replication", "src", TO_DST);
    let mut findings = Vec::new();
    by_name("bucket_replication")
        .unwrap()
        .check(&all, &mut findings);
    findings
        .into_iter()
        .map(|finding| (finding.message, finding.labels.len()))
        .collect()
}

#[test]
fn what_replicates_is_versioned() {
    let suspended = Some("suspended");
    let enabled = Some("enabled");
    let found = |message: &str, places| vec![(message.to_owned(), places)];
    assert_eq!(check(enabled, enabled), []);
    assert_eq!(check(enabled, None), []);
    assert_eq!(
        check(None, enabled),
        found("src replicates, and its versioning is not declared", 1)
    );
    assert_eq!(
        check(suspended, enabled),
        found("src replicates, and versioning is suspended on src", 2)
    );
    assert_eq!(
        check(enabled, suspended),
        found("src replicates, and versioning is suspended on dst", 2)
    );
}
