//! The kinds of managed objects, one file each, and the list of all of them.
//!
//! In: a declared table, or a service's answers. Out: objects and resources in the neutral shape,
//! and writes. A kind translates and never decides: it must not know what a plan or a policy is.
//! Adding a kind is one new file and two lines here.

mod codes;
mod declare;
mod error;
mod kind;
mod memo;
mod observe;
mod write;

mod bucket;
mod haproxy_backend;
mod patroni_cluster;
mod prometheus_rule;
mod route53;
mod route53_health_check;
mod route53_record;
mod route53_zone;

pub use codes::CODES;
pub use declare::{Declared, Entry, Family, Registry, Section, Spans};
pub use error::KindError;
pub use kind::{Declaration, Delays, Kind};
pub use memo::Memo;
pub use observe::{Ask, Observation};
pub use write::{Progress, Receipt, Write, Written};

/// Returns all kinds, in the order in which plans show them.
#[must_use]
pub fn all() -> &'static [&'static dyn Kind] {
    &[
        &route53_zone::Route53Zone,
        &route53_health_check::Route53HealthCheck,
        &route53_record::Route53Record,
        &bucket::BucketVersioning,
        &bucket::BucketObjectLock,
        &bucket::BucketEncryption,
        &bucket::BucketPublicAccessBlock,
        &bucket::BucketOwnership,
        &bucket::BucketPolicy,
        &bucket::BucketLifecycle,
        &bucket::BucketReplication,
        &bucket::BucketTags,
        &patroni_cluster::PatroniCluster,
        &haproxy_backend::HaproxyBackend,
        &prometheus_rule::PrometheusRule,
    ]
}

/// Returns the kind of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Kind> {
    all().iter().copied().find(|kind| kind.name() == name)
}

/// Returns all sections, each once, in the order of the kinds.
#[must_use]
pub fn sections() -> Vec<&'static Section> {
    let mut sections: Vec<&'static Section> = Vec::new();
    for kind in all() {
        if !sections
            .iter()
            .any(|known| known.array == kind.section().array)
        {
            sections.push(kind.section());
        }
    }
    sections
}
