//! One body for every kind, against the sandbox and against doubles that others wrote, so that the
//! sandbox cannot drift from what others take for the services.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

mod body;
mod buckets;
mod clients;
mod dns;
mod known;
mod kubernetes;

use body::{Case, Deviation, prove};
use known::{KNOWN, Known};

use crate::support::doubles::Double;
use crate::support::room::Room;

/// All cases; each kind has one at least.
fn cases() -> Vec<Case> {
    dns::cases().into_iter().chain(buckets::cases()).collect()
}

/// Proves all cases on one cloud. A deviation must be one that is known, and a known one must still
/// show: a double that was mended is noticed.
fn all_cases(cloud: &str, room: impl Fn() -> Room) {
    let mut wrong = Vec::new();
    for case in cases() {
        let known: Vec<&Known> = KNOWN
            .iter()
            .filter(|known| known.cloud == cloud && known.cases.contains(&case.name))
            .collect();
        let found = prove(&case, &room()).err();
        match (found, known.as_slice()) {
            (None, []) => {}
            (Some(Deviation { step, what }), [known])
                if step == known.step && what.contains(known.shows) => {}
            (found, known) => wrong.push(format!(
                "{cloud}, {}: found {found:#?}, known {known:#?}",
                case.name
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Kinds that no double imitates: a story proves each on the real server (`live`).
const ON_REAL_SERVERS: [&str; 3] = ["patroni_cluster", "haproxy_backend", "prometheus_rule"];

#[test]
fn every_kind_has_a_case_or_a_story() {
    let cases = cases();
    for kind in drsync::kinds::all() {
        let case = cases.iter().any(|case| case.kind == kind.name());
        let story = ON_REAL_SERVERS.contains(&kind.name());
        assert!(case != story, "{} has neither or both", kind.name());
    }
}

#[test]
fn every_known_deviation_is_of_a_case() {
    let cases = cases();
    for known in KNOWN {
        assert!(
            !known.reason.is_empty() && !known.shows.is_empty(),
            "{known:?}"
        );
        for name in known.cases {
            assert!(
                cases.iter().any(|case| case.name == *name),
                "{name}: {known:?}"
            );
        }
    }
}

#[test]
fn the_sandbox_keeps_the_contract() {
    all_cases("sandbox", || {
        Room::new(
            "[behaviour]\ns3_propagation_ms = 1500\nbusy_ms = 400\n[[account]]\nid = \"111111111111\"\n",
        )
    });
}

#[test]
fn ministack_keeps_the_contract() {
    let double = Double::ministack();
    all_cases("ministack", || double.room());
}

#[test]
fn moto_keeps_the_contract() {
    let double = Double::moto();
    all_cases("moto", || double.room());
}
