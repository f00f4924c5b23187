//! The rules of replication that need no service to check.

use std::collections::{BTreeMap, BTreeSet};

use super::{BucketReplication, rules, tidy};
use crate::kinds::bucket::part::Part as _;
use crate::kinds::bucket::versioning::BucketVersioning;
use crate::kinds::bucket::{AWS, SECTION, name};
use crate::kinds::{Declaration, Declared, Entry};
use crate::model::{Address, Finding, Map, Value, item_name};

/// The longest id of a rule, and the most rules.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html>
const MAX_ID: usize = 255;
const MAX_RULES: usize = 1_000;

/// Completes a declaration, and reports what is wrong with its rules.
pub(super) fn complete(entry: &mut Entry<'_>, declaration: &mut Declaration) {
    if let Some(Value::List(items)) = declaration.fields.get_mut("rules") {
        for item in items {
            if let Value::Map(rule) = item {
                tidy(rule);
            }
        }
    }
    let fields = &declaration.fields;
    if declaration.identity.text("flavor") == Some(AWS) && !fields.contains("role") {
        entry.error(
            "missing-field",
            "/replication",
            "`replication` lacks `role`",
            "add `role`: the ARN of the role that S3 copies with",
        );
    }
    if !(1..=MAX_RULES).contains(&fields.list("rules").len()) {
        entry.error(
            "bad-replication-rule",
            "/rules",
            "a replication has 1 to 1000 rules",
            "drop `replication` if nothing is to be copied",
        );
    }
    let mut priorities = BTreeSet::new();
    for rule in rules(fields) {
        let destination = rule.map("destination").cloned().unwrap_or_default();
        let bucket = destination.text("bucket").unwrap_or_default();
        for (why, help) in faults(rule, &destination, &declaration.id) {
            report(entry, rule, &why, help);
        }
        let priority = rule.int("priority").unwrap_or_default();
        if !priorities.insert((bucket.to_owned(), priority)) {
            let why = format!("has the priority {priority} of another rule to {bucket}");
            report(entry, rule, &why, "give each rule its own `priority`");
        }
    }
    let buckets: BTreeSet<String> = rules(fields)
        .filter_map(|rule| rule.map("destination")?.text("bucket"))
        .map(|arn| name::in_arn(arn).to_owned())
        .collect();
    let source = Address::new(entry.connection, BucketVersioning::NAME, &declaration.id);
    declaration.depends.push(source);
    for bucket in &buckets {
        let site = entry
            .registry
            .find(SECTION.array, bucket)
            .and_then(|other| other.text("site"));
        let there = site.map(|site| Address::new(site, BucketVersioning::NAME, bucket));
        declaration.depends.extend(there);
    }
}

fn report(entry: &mut Entry<'_>, rule: &Map, why: &str, help: &str) {
    let id = rule.text("id").unwrap_or_default();
    let item = item_name(&Value::Map(rule.clone()), "id");
    let pointer = format!("/rules/{}", item.replace('~', "~0").replace('/', "~1"));
    entry.error(
        "bad-replication-rule",
        &pointer,
        format!("the replication rule `{id}` {why}"),
        help,
    );
}

/// Returns what S3 would refuse of a rule, each with help.
fn faults(rule: &Map, destination: &Map, source: &str) -> Vec<(String, &'static str)> {
    let is_on = |map: &Map, name| map.bool(name) == Some(true);
    let mut faults = Vec::new();
    let mut fault = |holds: bool, why: &str, help| {
        if holds {
            faults.push((why.to_owned(), help));
        }
    };
    let bucket = destination.text("bucket").unwrap_or_default();
    let to_s3 = bucket.split(':').nth(2) == Some("s3");
    fault(
        rule.text("id").unwrap_or_default().chars().count() > MAX_ID,
        "has an id of more than 255 characters",
        "shorten it",
    );
    fault(
        to_s3 && name::in_arn(bucket) == source,
        "copies the bucket onto itself",
        "name another bucket",
    );
    fault(
        is_on(rule, "delete_markers") && rule.contains("tags"),
        "copies delete markers and selects by tag, and delete markers have no tags",
        "drop `delete_markers`, or select by prefix",
    );
    fault(
        is_on(destination, "owner_override") && !destination.contains("account"),
        "overrides the owner without naming the account",
        "add `account` to the destination",
    );
    fault(
        is_on(rule, "kms_encrypted_objects") && !destination.contains("kms_key"),
        "copies objects that KMS encrypts and has no key for the copies",
        "add `kms_key` to the destination: the ARN of a key in its region",
    );
    faults
}

/// Checks that what replicates is versioned, where this environment declares it: S3 refuses even
/// a disabled rule otherwise.
///
/// Rule: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html>
pub(super) fn check(all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
    let replications = all.values().filter(|declared| {
        declared.object.address.kind() == BucketReplication::NAME && !declared.flags.observe
    });
    for replication in replications {
        let address = &replication.object.address;
        let source = Address::new(address.site(), BucketVersioning::NAME, address.id());
        for versioning in std::iter::once(&source).chain(
            replication
                .depends
                .iter()
                .filter(|needed| **needed != source),
        ) {
            match all.get(versioning) {
                Some(declared) if declared.object.fields.text("status") == Some("suspended") => {
                    let message = format!(
                        "{} replicates, and versioning is suspended on {}",
                        address.id(),
                        versioning.id()
                    );
                    findings.push(finding(replication, versioning, Some(declared), message));
                }
                None if *versioning == source => {
                    let message = format!(
                        "{} replicates, and its versioning is not declared",
                        address.id()
                    );
                    findings.push(finding(replication, versioning, None, message));
                }
                _ => {}
            }
        }
    }
}

fn finding(
    replication: &Declared,
    address: &Address,
    versioning: Option<&Declared>,
    message: String,
) -> Finding {
    let mut finding = Finding::error("replication-without-versioning", message)
        .help("both ends need versioning = { status = \"enabled\" }")
        .about(replication.object.address.clone());
    if let Some(declared) = versioning {
        finding = finding.about(address.clone());
        if let Some(span) = declared.spans.of("/status") {
            finding = finding.at(span, "suspended here");
        }
    }
    match replication.spans.of("/replication") {
        Some(span) => finding.at(span, "replicated here"),
        None => finding,
    }
}
