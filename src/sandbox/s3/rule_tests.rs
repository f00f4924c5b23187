//! The rules of replication and lifecycle, each by the requests that meet it.

use super::super::probe::Probe;
use super::tests::WORLD;

pub(super) fn replication(rules: &str) -> String {
    format!(
        "<ReplicationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Role>arn:aws:iam::111111111111:role/r</Role>{rules}</ReplicationConfiguration>"
    )
}

/// A V2 rule with more members in the rule and in its destination.
pub(super) fn rule(id: &str, priority: u32, filter: &str, more: &str, destination: &str) -> String {
    format!(
        "<Rule><ID>{id}</ID><Priority>{priority}</Priority><Filter>{filter}</Filter><Status>Enabled</Status>\
             <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>{more}\
             <Destination><Bucket>arn:aws:s3:::target</Bucket>{destination}</Destination></Rule>"
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn replication_rules() {
    let tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
    let time = |minutes: u32| {
        format!(
            "<ReplicationTime><Status>Enabled</Status><Time><Minutes>{minutes}</Minutes></Time></ReplicationTime>"
        )
    };
    let metrics = "<Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics>";
    let kms = "<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>";
    let key = "<EncryptionConfiguration><ReplicaKmsKeyID>arn:aws:kms:eu-west-1:111111111111:key/k</ReplicaKmsKeyID></EncryptionConfiguration>";
    let owner = "<AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>";
    let other =
        |bucket: &str| rule("a", 1, "", "", "").replace(":::target", &format!(":::{bucket}"));
    let without = |part: &str| rule("a", 1, "", "", "").replace(part, "");
    let v1 = "<Rule><ID>a</ID><Prefix/><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::target</Bucket></Destination></Rule>";
    for (name, rules, code, part) in [
        ("v2", rule("a", 1, "", "", ""), "", ""),
        (
            "v2 with And",
            rule(
                "a",
                1,
                &format!("<And><Prefix>p</Prefix>{tag}</And>"),
                "",
                "",
            ),
            "",
            "",
        ),
        ("v1", v1.to_owned(), "", ""),
        (
            "two",
            rule("a", 1, "", "", "") + &rule("b", 2, "", "", ""),
            "",
            "",
        ),
        ("no rule", String::new(), "MalformedXML", ""),
        (
            "no priority",
            without("<Priority>1</Priority>"),
            "InvalidRequest",
            "Priority must be specified",
        ),
        (
            "no delete marker",
            without("<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>"),
            "InvalidRequest",
            "DeleteMarkerReplication must be specified",
        ),
        (
            "no status",
            without("<Status>Enabled</Status>"),
            "MalformedXML",
            "",
        ),
        (
            "filter and prefix",
            rule("a", 1, "", "<Prefix/>", ""),
            "MalformedXML",
            "",
        ),
        (
            "two filters",
            rule("a", 1, &format!("<Prefix>p</Prefix>{tag}"), "", ""),
            "MalformedXML",
            "",
        ),
        (
            "v1 with priority",
            v1.replace("<Prefix/>", "<Prefix/><Priority>1</Priority>"),
            "InvalidRequest",
            "cannot be used",
        ),
        (
            "tag with markers",
            rule("a", 1, tag, "", "").replace("Disabled", "Enabled"),
            "InvalidRequest",
            "not supported if any Tag filter",
        ),
        (
            "prefix with markers",
            rule("a", 1, "<Prefix>p</Prefix>", "", "").replace("Disabled", "Enabled"),
            "",
            "",
        ),
        (
            "same id",
            rule("a", 1, "", "", "") + &rule("a", 2, "", "", ""),
            "InvalidArgument",
            "Rule Id must be unique",
        ),
        (
            "same priority",
            rule("a", 1, "", "", "") + &rule("b", 1, "", "", ""),
            "InvalidRequest",
            "duplicate priority",
        ),
        ("rtc", rule("a", 1, "", "", &(time(15) + metrics)), "", ""),
        (
            "rtc without metrics",
            rule("a", 1, "", "", &time(15)),
            "InvalidRequest",
            "Metrics must be enabled",
        ),
        (
            "rtc of 30 minutes",
            rule("a", 1, "", "", &(time(30) + metrics)),
            "InvalidArgument",
            "15",
        ),
        (
            "threshold without rtc",
            rule("a", 1, "", "", metrics),
            "InvalidRequest",
            "Metrics cannot contain an event threshold",
        ),
        (
            "metrics alone",
            rule(
                "a",
                1,
                "",
                "",
                "<Metrics><Status>Enabled</Status></Metrics>",
            ),
            "",
            "",
        ),
        ("kms", rule("a", 1, "", kms, key), "", ""),
        (
            "kms without key",
            rule("a", 1, "", kms, ""),
            "InvalidRequest",
            "Replica KMS key",
        ),
        (
            "owner",
            rule(
                "a",
                1,
                "",
                "",
                &format!("<Account>222222222222</Account>{owner}"),
            ),
            "",
            "",
        ),
        (
            "owner without account",
            rule("a", 1, "", "", owner),
            "InvalidArgument",
            "Account must be specified",
        ),
        (
            "existing objects",
            rule(
                "a",
                1,
                "",
                "<ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>",
                "",
            ),
            "InvalidRequest",
            "no longer supported",
        ),
        (
            "no such destination",
            other("nowhere"),
            "InvalidRequest",
            "Destination bucket must exist",
        ),
        (
            "destination without versioning",
            other("plain"),
            "InvalidRequest",
            "Destination bucket must have versioning enabled.",
        ),
        ("itself", other("source"), "InvalidRequest", "must differ"),
    ] {
        let mut probe = Probe::new(WORLD);
        let body = replication(&rules);
        let seen = probe.s3("PUT", "/source?replication", &body);
        assert_eq!(seen.code(), code, "{name}: {}", seen.text);
        assert!(seen.find("Message").contains(part), "{name}: {}", seen.text);
        let read = probe.s3("GET", "/source?replication", "");
        if code.is_empty() {
            let body = super::super::xml::Element::parse(&body).unwrap();
            assert_eq!(read.ok().tree(), body, "{name}: GET is PUT");
        } else {
            assert_eq!(
                read.code(),
                "ReplicationConfigurationNotFoundError",
                "{name}"
            );
        }
    }
}

#[test]
fn replication_needs_versioning_and_keeps_it() {
    let mut probe = Probe::new(WORLD);
    let body = replication(&rule("a", 1, "", "", ""));
    let seen = probe.s3("PUT", "/plain?replication", &body);
    assert_eq!(
        seen.find("Message"),
        "Versioning must be &apos;Enabled&apos; on the bucket to apply a replication configuration"
            .replace("&apos;", "'")
    );
    probe.s3("PUT", "/source?replication", &body).ok();
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    let seen = probe.s3("PUT", "/source?versioning", suspend);
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (409, "InvalidBucketState")
    );
    probe.region = "eu-west-1".to_owned();
    assert_eq!(
        probe.s3("PUT", "/target?versioning", suspend).code(),
        "InvalidBucketState"
    );
    probe.region = "us-east-1".to_owned();
    probe.s3("DELETE", "/source?replication", "").ok();
    probe.s3("PUT", "/source?versioning", suspend).ok();
    assert_eq!(
        probe.s3("GET", "/source?versioning", "").find("Status"),
        "Suspended"
    );
}

#[test]
fn missing_rule_ids_are_invented_and_stay() {
    let mut probe = Probe::new(WORLD);
    let body = replication(&rule("a", 1, "", "", "").replace("<ID>a</ID>", ""));
    probe.s3("PUT", "/source?replication", &body).ok();
    let id = probe.s3("GET", "/source?replication", "").find("ID");
    assert_eq!(id.len(), 20);
    assert_eq!(probe.s3("GET", "/source?replication", "").find("ID"), id);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn lifecycle_rules() {
    let rule = |actions: &str| {
        format!("<Rule><ID>a</ID><Filter/><Status>Enabled</Status>{actions}</Rule>")
    };
    let days = |days: i32| format!("<Expiration><Days>{days}</Days></Expiration>");
    let tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
    let move_to = |class: &str, days: u32| {
        format!("<Transition><Days>{days}</Days><StorageClass>{class}</StorageClass></Transition>")
    };
    let noncurrent = |days: u32, kept: &str| {
        format!(
            "<NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays>{kept}</NoncurrentVersionExpiration>"
        )
    };
    let kept = |count: u32| format!("<NewerNoncurrentVersions>{count}</NewerNoncurrentVersions>");
    let abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    for (name, rules, code) in [
        ("days", rule(&days(30)), ""),
        (
            "prefix",
            rule(&days(30)).replace("<Filter/>", "<Prefix>p</Prefix>"),
            "",
        ),
        (
            "no filter",
            rule(&days(30)).replace("<Filter/>", ""),
            "MalformedXML",
        ),
        (
            "both",
            rule(&days(30)).replace("<Filter/>", "<Filter/><Prefix/>"),
            "MalformedXML",
        ),
        ("no action", rule(""), "InvalidRequest"),
        ("no days", rule(&days(0)), "InvalidArgument"),
        ("minus days", rule(&days(-1)), "InvalidArgument"),
        (
            "marker",
            rule(
                "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            ),
            "",
        ),
        (
            "marker with days",
            rule(
                "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            ),
            "MalformedXML",
        ),
        (
            "midnight",
            rule("<Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>"),
            "",
        ),
        (
            "noon",
            rule("<Expiration><Date>2027-01-01T12:00:00Z</Date></Expiration>"),
            "InvalidArgument",
        ),
        ("ia at 30", rule(&move_to("STANDARD_IA", 30)), ""),
        (
            "ia at 29",
            rule(&move_to("STANDARD_IA", 29)),
            "InvalidArgument",
        ),
        (
            "one zone at 29",
            rule(&move_to("ONEZONE_IA", 29)),
            "InvalidArgument",
        ),
        ("glacier at 0", rule(&move_to("GLACIER", 0)), ""),
        (
            "gone before moved",
            rule(&(move_to("GLACIER", 30) + &days(30))),
            "InvalidArgument",
        ),
        ("noncurrent", rule(&noncurrent(1, &kept(100))), ""),
        ("noncurrent 0", rule(&noncurrent(0, "")), "InvalidArgument"),
        (
            "101 versions",
            rule(&noncurrent(1, &kept(101))),
            "InvalidArgument",
        ),
        (
            "0 versions",
            rule(&noncurrent(1, &kept(0))),
            "InvalidArgument",
        ),
        ("abort", rule(abort), ""),
        (
            "abort with tag",
            rule(abort).replace("<Filter/>", &format!("<Filter>{tag}</Filter>")),
            "InvalidRequest",
        ),
        (
            "same id",
            rule(&days(1)) + &rule(&days(2)),
            "InvalidArgument",
        ),
        (
            "no status",
            rule(&days(1)).replace("<Status>Enabled</Status>", ""),
            "MalformedXML",
        ),
        ("nothing", String::new(), "MalformedXML"),
    ] {
        let mut probe = Probe::new(WORLD);
        let old = format!(
            "<LifecycleConfiguration>{}</LifecycleConfiguration>",
            rule(&days(99))
        );
        probe.s3("PUT", "/plain?lifecycle", &old).ok();
        let body = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
        let seen = probe.s3("PUT", "/plain?lifecycle", &body);
        assert_eq!(seen.code(), code, "{name}: {}", seen.text);
        let stays = if code.is_empty() { &body } else { &old };
        let read = probe.s3("GET", "/plain?lifecycle", "").ok();
        assert_eq!(
            read.tree(),
            super::super::xml::Element::parse(stays).unwrap(),
            "{name}"
        );
    }
}
