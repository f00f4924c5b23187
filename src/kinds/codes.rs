//! The codes of the findings that kinds give, each with what it means.

/// All codes; `drsync explain CODE` prints the text.
pub const CODES: &[(&str, &str)] = &[
    (
        "alias-health",
        "an alias evaluates the health of its target where it must not, or does not where it must",
    ),
    (
        "alias-with-ttl",
        "an alias has no TTL of its own: resolvers keep it as long as its target says",
    ),
    (
        "alias-without-zone",
        "an alias to something outside the zone needs the hosted zone id that its AWS service publishes",
    ),
    (
        "bad-bucket-name",
        "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens",
    ),
    (
        "bad-encryption",
        "a KMS key or a bucket key goes with an algorithm that uses it",
    ),
    ("bad-lifecycle-rule", "S3 would refuse the lifecycle rule"),
    (
        "bad-object-lock",
        "a default retention has a mode, and either days or years",
    ),
    (
        "bad-record-value",
        "a value is not one of the record's type",
    ),
    (
        "bad-replication-rule",
        "S3 would refuse the replication rule",
    ),
    ("bad-tag", "S3 would refuse the tag"),
    (
        "cname-at-apex",
        "a CNAME cannot stand at the top of a zone, where NS and SOA records are; use an alias",
    ),
    (
        "cname-beside-others",
        "a name with a CNAME has no other record",
    ),
    ("cname-with-values", "a CNAME has one value"),
    ("duplicate-value", "a value stands twice in a set"),
    (
        "failover-roles",
        "a failover record has one primary member and one secondary",
    ),
    (
        "member-with-values",
        "a weighted or multivalue member has one value",
    ),
    (
        "misplaced-health-check",
        "members have their own health checks",
    ),
    (
        "missing-ttl",
        "a record with values says how long resolvers keep them",
    ),
    (
        "object-lock-without-versioning",
        "object lock needs versioning, which is declared as suspended",
    ),
    (
        "private-zone-without-vpc",
        "a private zone is made in a VPC",
    ),
    (
        "record-outside-zone",
        "a complete name (with its final dot) lies in another zone",
    ),
    (
        "record-without-answer",
        "a record has values, an alias or members",
    ),
    (
        "replication-without-versioning",
        "replication needs versioning at both ends, even for a disabled rule",
    ),
    ("too-many-values", "a record set has at most 100 values"),
    (
        "two-policies",
        "all record sets of one name and type follow one routing policy",
    ),
    (
        "two-shapes",
        "a record has either values, an alias or members",
    ),
    (
        "unknown-health-check",
        "a record names a health check that nothing declares",
    ),
    (
        "unknown-zone",
        "a record names a zone that nothing declares",
    ),
    ("weighted-ttls", "weighted members share one TTL"),
    (
        "zone-id-and-create",
        "a zone that is to be made has no id yet",
    ),
];
