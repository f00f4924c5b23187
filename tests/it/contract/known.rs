//! What is wrong with the doubles: one row for each case that a double does not carry through.
//!
//! Real AWS was not asked; what is right is its documentation. A row must show: a double that was
//! mended, or that fails in another way, fails the test.

/// A known deviation.
#[derive(Debug)]
pub(super) struct Known {
    /// The double.
    pub(super) cloud: &'static str,
    /// The cases.
    pub(super) cases: &'static [&'static str],
    /// The step of the body that fails.
    pub(super) step: &'static str,
    /// A part of what is found there.
    pub(super) shows: &'static str,
    /// What the double does.
    pub(super) reason: &'static str,
}

pub(super) const KNOWN: &[Known] = &[
    Known {
        cloud: "ministack",
        cases: &["geoproximity"],
        step: "apply",
        shows: "the service took it and does not show it",
        reason: "GeoProximityLocation is lost",
    },
    Known {
        cloud: "ministack",
        cases: &[
            "check-https",
            "check-tcp",
            "check-text",
            "check-inverted",
            "check-calculated",
            "check-alarm",
            "check-control",
        ],
        step: "apply",
        shows: "CreateHealthCheck: HTTP 201 without an error code",
        reason: "switches of a health check are answered as `True` and `False`, which are no XML booleans",
    },
    Known {
        cloud: "moto",
        cases: &[
            "plain-a",
            "plain-aaaa",
            "plain-txt",
            "plain-mx",
            "plain-srv",
            "plain-cname",
            "plain-caa",
            "alias-outside",
            "weighted",
            "failover",
            "latency",
            "geolocation",
            "multivalue",
            "wild-card",
            "apex",
        ],
        step: "mend",
        shows: "but it already exists",
        reason: "a CREATE equal to an earlier one is refused while the name is there, even if the same batch deletes it first",
    },
    Known {
        cloud: "moto",
        cases: &["geoproximity", "by-ip"],
        step: "apply",
        shows: "the service took it and does not show it",
        reason: "GeoProximityLocation and CidrRoutingConfig are lost",
    },
    Known {
        cloud: "moto",
        cases: &["check-calculated"],
        step: "drift",
        shows: "/children",
        reason: "UpdateHealthCheck without children removes them",
    },
    Known {
        cloud: "moto",
        cases: &["check-alarm", "check-control"],
        step: "apply",
        shows: "the service took it and does not show it",
        reason: "AlarmIdentifier and RoutingControlArn are lost",
    },
    Known {
        cloud: "moto",
        cases: &[
            "keep-versions",
            "kept-versions",
            "locked",
            "replicated-simply",
        ],
        step: "plan after apply",
        shows: "GetBucketVersioning: HTTP 200 without an error code",
        reason: "GetBucketVersioning is answered with the root element GetBucketVersioningResponse, which the SDK refuses",
    },
    Known {
        cloud: "moto",
        cases: &["expiring"],
        step: "apply",
        shows: "the service took it and does not show it",
        reason: "NewerNoncurrentVersions is lost",
    },
    Known {
        cloud: "moto",
        cases: &["replicated"],
        step: "apply",
        shows: "the service took it and does not show it",
        reason: "Filter.And of a replication rule is lost",
    },
];
