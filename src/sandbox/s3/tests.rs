//! The operations of the S3 sandbox, each by the requests that meet it.

use super::super::probe::Probe;
use super::rule_tests::{replication, rule};

pub(super) const WORLD: &str = r#"
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
#[expect(clippy::too_many_lines, reason = "a table")]
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
