//! The rules of the S3 sandbox, each by the requests that meet it.

use super::super::probe::Probe;

const WORLD: &str = r#"
[[bucket]]
account = "111111111111"
name = "source"
versioning = "Enabled"

[[bucket]]
account = "111111111111"
region = "eu-west-1"
name = "target"
versioning = "Enabled"

[[bucket]]
account = "111111111111"
name = "plain"

[[bucket]]
account = "222222222222"
name = "foreign"
"#;

fn replication(rules: &str) -> String {
    format!(
        "<ReplicationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Role>arn:aws:iam::111111111111:role/r</Role>{rules}</ReplicationConfiguration>"
    )
}

/// A V2 rule with more members in the rule and in its destination.
fn rule(id: &str, priority: u32, filter: &str, more: &str, destination: &str) -> String {
    format!(
        "<Rule><ID>{id}</ID><Priority>{priority}</Priority><Filter>{filter}</Filter><Status>Enabled</Status>\
             <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>{more}\
             <Destination><Bucket>arn:aws:s3:::target</Bucket>{destination}</Destination></Rule>"
    )
}

#[test]
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

#[test]
fn the_minimum_size_is_a_header() {
    let name = "x-amz-transition-default-minimum-object-size";
    let body = "<LifecycleConfiguration><Rule><ID>a</ID><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
    let mut probe = Probe::new(WORLD);
    probe.s3("PUT", "/plain?lifecycle", body).ok();
    assert_eq!(
        probe.s3("GET", "/plain?lifecycle", "").header(name),
        Some("all_storage_classes_128K")
    );
    probe.headers = vec![(name, "varies_by_storage_class".to_owned())];
    let seen = probe.s3("PUT", "/plain?lifecycle", body).ok();
    assert_eq!(seen.header(name), Some("varies_by_storage_class"));
    probe.headers = vec![(name, "nonsense".to_owned())];
    assert_eq!(
        probe.s3("PUT", "/plain?lifecycle", body).code(),
        "InvalidArgument"
    );
    probe.headers.clear();
    let seen = probe.s3("GET", "/plain?lifecycle", "").ok();
    assert_eq!(seen.header(name), Some("varies_by_storage_class"));
    assert!(!seen.text.contains("TransitionDefault"));
    probe.s3("PUT", "/plain?lifecycle", body).ok();
    let seen = probe.s3("GET", "/plain?lifecycle", "").ok();
    assert_eq!(
        seen.header(name),
        Some("all_storage_classes_128K"),
        "forgetting it resets it"
    );
}

#[test]
fn what_was_never_set() {
    let mut probe = Probe::new(WORLD);
    for (query, code) in [
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
        ("tagging", "NoSuchTagSet"),
        ("policy", "NoSuchBucketPolicy"),
    ] {
        let seen = probe.s3("GET", &format!("/plain?{query}"), "");
        assert_eq!((seen.status, seen.code().as_str()), (404, code), "{query}");
    }
    assert_eq!(
        probe
            .s3("GET", "/plain?encryption", "")
            .ok()
            .find("SSEAlgorithm"),
        "AES256"
    );
    assert!(
        probe
            .s3("GET", "/plain?versioning", "")
            .ok()
            .tree()
            .children
            .is_empty()
    );
}

#[test]
fn small_configurations() {
    let block = |inner: &str| {
        format!("<PublicAccessBlockConfiguration>{inner}</PublicAccessBlockConfiguration>")
    };
    let lock = |inner: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{inner}</ObjectLockConfiguration>"
        )
    };
    let keep = |inner: &str| {
        lock(&format!(
            "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode>{inner}</DefaultRetention></Rule>"
        ))
    };
    let owner = |kind: &str| {
        format!(
            "<OwnershipControls><Rule><ObjectOwnership>{kind}</ObjectOwnership></Rule></OwnershipControls>"
        )
    };
    let encrypt = |inner: &str| {
        format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
        )
    };
    let tag = |key: &str| format!("<Tag><Key>{key}</Key><Value>v</Value></Tag>");
    let tags = |inner: &str| format!("<Tagging><TagSet>{inner}</TagSet></Tagging>");
    let fifty_one: String = (0..51).map(|n| tag(&format!("k{n}"))).collect();
    for (path, body, code) in [
        (
            "/plain?versioning",
            "<VersioningConfiguration/>".to_owned(),
            "IllegalVersioningConfigurationException",
        ),
        (
            "/plain?versioning",
            "<Nonsense/>".to_owned(),
            "MalformedXML",
        ),
        ("/plain?versioning", "no xml".to_owned(), "MalformedXML"),
        (
            "/plain?publicAccessBlock",
            block("<BlockPublicAcls>TRUE</BlockPublicAcls>"),
            "",
        ),
        (
            "/plain?publicAccessBlock",
            block("<BlockPublicAcls>perhaps</BlockPublicAcls>"),
            "MalformedXML",
        ),
        (
            "/plain?publicAccessBlock",
            block("<Unknown>true</Unknown>"),
            "MalformedXML",
        ),
        ("/plain?object-lock", lock(""), "InvalidBucketState"),
        ("/source?object-lock", lock(""), ""),
        ("/source?object-lock", keep("<Days>1</Days>"), ""),
        (
            "/source?object-lock",
            keep("<Days>1</Days><Years>1</Years>"),
            "MalformedXML",
        ),
        (
            "/source?object-lock",
            keep("<Days>0</Days>"),
            "InvalidArgument",
        ),
        ("/source?object-lock", keep(""), "MalformedXML"),
        (
            "/source?object-lock",
            "<ObjectLockConfiguration/>".to_owned(),
            "MalformedXML",
        ),
        ("/plain?ownershipControls", owner("BucketOwnerEnforced"), ""),
        ("/plain?ownershipControls", owner("Nobody"), "MalformedXML"),
        (
            "/plain?encryption",
            encrypt("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>any</KMSMasterKeyID>"),
            "",
        ),
        (
            "/plain?encryption",
            encrypt("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>any</KMSMasterKeyID>"),
            "InvalidArgument",
        ),
        (
            "/plain?encryption",
            encrypt("<SSEAlgorithm>rot13</SSEAlgorithm>"),
            "MalformedXML",
        ),
        ("/plain?policy", "{\"Statement\":[]}".to_owned(), ""),
        (
            "/plain?policy",
            "{\"Version\":\"2012-10-17\"}".to_owned(),
            "MalformedPolicy",
        ),
        ("/plain?policy", "not json".to_owned(), "MalformedPolicy"),
        ("/plain?tagging", tags(&tag("a")), ""),
        (
            "/plain?tagging",
            tags(&(tag("a") + &tag("a"))),
            "InvalidTag",
        ),
        ("/plain?tagging", tags(&tag("aws:x")), "InvalidTag"),
        ("/plain?tagging", tags(&fifty_one), "BadRequest"),
    ] {
        let mut probe = Probe::new(WORLD);
        let seen = probe.s3("PUT", path, &body);
        assert_eq!(seen.code(), code, "{path} {body}: {}", seen.text);
    }
    let mut probe = Probe::new(WORLD);
    probe
        .s3(
            "PUT",
            "/plain?publicAccessBlock",
            &block("<BlockPublicAcls>TRUE</BlockPublicAcls>"),
        )
        .ok();
    let tree = probe.s3("GET", "/plain?publicAccessBlock", "").tree();
    let values: Vec<&str> = tree
        .children
        .iter()
        .map(|child| child.text.as_str())
        .collect();
    assert_eq!(values, ["true", "false", "false", "false"]);
    probe.s3("PUT", "/plain?policy", "{\"Statement\":[]}").ok();
    let seen = probe.s3("GET", "/plain?policy", "");
    assert_eq!(
        (seen.text.as_str(), seen.header("content-type")),
        ("{\"Statement\":[]}", Some("application/json"))
    );
    assert_eq!(probe.s3("DELETE", "/plain?policy", "").status, 204);
    assert_eq!(
        probe.s3("GET", "/plain?policy", "").code(),
        "NoSuchBucketPolicy"
    );
    probe.s3("PUT", "/source?object-lock", &lock("")).ok();
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(
        probe.s3("PUT", "/source?versioning", suspend).code(),
        "InvalidBucketState"
    );
}

#[test]
fn who_and_where() {
    let mut probe = Probe::new(WORLD);
    let seen = probe.s3("GET", "/target?versioning", "");
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (301, "PermanentRedirect")
    );
    assert_eq!(seen.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert_eq!(seen.find("Endpoint"), "s3.eu-west-1.amazonaws.com");
    let seen = probe.s3("HEAD", "/target", "");
    assert_eq!((seen.status, seen.text.as_str()), (301, ""));
    assert_eq!(seen.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert_eq!(
        probe.s3("GET", "/target?location", "").tree().text,
        "eu-west-1"
    );
    assert_eq!(probe.s3("GET", "/plain?location", "").tree().text, "");
    let seen = probe.s3("GET", "/foreign?versioning", "");
    assert_eq!((seen.status, seen.code().as_str()), (403, "AccessDenied"));
    assert_eq!(
        probe.s3("GET", "/nowhere?versioning", "").code(),
        "NoSuchBucket"
    );
    assert_eq!(probe.s3("HEAD", "/nowhere", "").status, 404);
    probe.headers = vec![("x-amz-expected-bucket-owner", "222222222222".to_owned())];
    assert_eq!(
        probe.s3("GET", "/plain?versioning", "").code(),
        "AccessDenied"
    );
    probe.headers = vec![("x-amz-expected-bucket-owner", "111111111111".to_owned())];
    probe.s3("GET", "/plain?versioning", "").ok();
    let seen = probe.s3("HEAD", "/plain?x-id=HeadBucket", "").ok();
    assert_eq!(seen.header("x-amz-bucket-region"), Some("us-east-1"));
    assert_eq!(probe.s3("GET", "/plain/key", "").code(), "NotImplemented");
}

#[test]
fn buckets_have_a_life() {
    let mut probe = Probe::new(WORLD);
    probe.s3("PUT", "/fresh", "").ok();
    let seen = probe.s3("GET", "/fresh?publicAccessBlock", "").ok();
    assert_eq!(seen.text.matches(">true<").count(), 4);
    assert_eq!(
        probe
            .s3("GET", "/fresh?ownershipControls", "")
            .find("ObjectOwnership"),
        "BucketOwnerEnforced"
    );
    assert_eq!(
        probe.s3("PUT", "/foreign", "").code(),
        "BucketAlreadyExists"
    );
    assert_eq!(probe.s3("PUT", "/UPPER", "").code(), "InvalidBucketName");
    let place = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(
        probe.s3("PUT", "/other", place).code(),
        "IllegalLocationConstraintException"
    );
    probe.region = "eu-west-1".to_owned();
    assert_eq!(
        probe.s3("PUT", "/other", "").code(),
        "IllegalLocationConstraintException"
    );
    probe.s3("PUT", "/other", place).ok();
    assert_eq!(
        probe.s3("PUT", "/other", place).code(),
        "BucketAlreadyOwnedByYou"
    );
    let seen = probe.s3("GET", "/?x-id=ListBuckets", "").ok();
    assert_eq!(seen.text.matches("<Bucket>").count(), 5);
    let seen = probe
        .s3("GET", "/?prefix=o&bucket-region=eu-west-1", "")
        .ok();
    assert_eq!(seen.find("Name"), "other");
    assert_eq!(probe.s3("DELETE", "/other", "").status, 204);
    assert_eq!(
        probe.s3("GET", "/other?versioning", "").code(),
        "NoSuchBucket"
    );
}

#[test]
fn changes_show_after_a_while() {
    let mut probe = Probe::new(&format!("[behaviour]\ns3_propagation_ms = 2000\n{WORLD}"));
    probe
        .s3("PUT", "/plain?tagging", "<Tagging><TagSet/></Tagging>")
        .ok();
    assert_eq!(probe.s3("GET", "/plain?tagging", "").code(), "NoSuchTagSet");
    probe.wait(2000);
    probe.s3("GET", "/plain?tagging", "").ok();
    probe.s3("DELETE", "/plain?tagging", "").ok();
    probe.s3("GET", "/plain?tagging", "").ok();
    probe.wait(2000);
    assert_eq!(probe.s3("GET", "/plain?tagging", "").code(), "NoSuchTagSet");
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    probe.s3("PUT", "/plain?versioning", enable).ok();
    let body = replication(&rule("a", 1, "", "", ""));
    assert_eq!(
        probe.s3("PUT", "/plain?replication", &body).code(),
        "InvalidRequest"
    );
    probe.wait(2000);
    probe.s3("PUT", "/plain?replication", &body).ok();
}
