//! What only looks: it makes no call that writes, needs no permission to, and does not take what it
//! could not read for absent.

use drsync::model::GapCode;
use drsync::sandbox::{Effect, Fault};

use super::story::{Story, reads};

/// No call that writes is allowed.
const READ_ONLY: &str = r#"
[[account]]
id = "111111111111"
deny = ["route53:Change*", "route53:Create*", "route53:Update*", "route53:Delete*", "route53:Associate*", "route53:Disassociate*", "s3:Put*", "s3:Delete*", "s3:Create*"]
"#;

#[test]
fn a_look_makes_only_calls_that_read() {
    let story = Story::new();
    let room = story.room();
    let before = room.calls();
    room.look();
    let made: Vec<String> = room
        .calls()
        .into_iter()
        .filter(|(name, count)| before.get(name) != Some(count))
        .map(|(name, _)| name)
        .collect();
    assert!(made.len() > 2, "{made:?}");
    assert!(made.iter().all(|name| reads(name)), "{made:?}");
}

#[test]
fn a_credential_without_write_permission_sees_the_same_plan() {
    let story = Story::new();
    let allowed = story.room().look().bytes();
    let room = story.room();
    room.meddle(READ_ONLY);
    let look = room.look();
    assert!(look.plan.is_complete());
    assert_eq!(look.bytes(), allowed);
}

/// The reads of the story, each with the kind that is unknown without it.
const READS: [(&str, &str); 5] = [
    ("sts:GetCallerIdentity", "route53_record"),
    ("route53:ListHostedZonesByName", "route53_record"),
    ("route53:ListResourceRecordSets", "route53_record"),
    ("route53:ListHealthChecks", "route53_health_check"),
    ("sts:*", "route53_health_check"),
];

#[test]
fn what_could_not_be_read_is_unknown_and_the_look_is_incomplete() {
    let story = Story::new();
    for (operation, kind) in READS {
        for (effect, code) in [
            (Effect::Throttle, GapCode::Throttled),
            (Effect::PriorRequestNotComplete, GapCode::Throttled),
            (Effect::Error500, GapCode::Service),
            (Effect::Error503, GapCode::Service),
            (Effect::AccessDenied, GapCode::Forbidden),
            (Effect::ExpiredToken, GapCode::Credentials),
            (Effect::Drop, GapCode::Unreachable),
            (Effect::Hang, GapCode::Unreachable),
            (Effect::Truncate, GapCode::Garbled),
            (Effect::Html, GapCode::Garbled),
        ] {
            let room = story.room();
            let (service, name) = operation.split_once(':').unwrap();
            room.with(|sandbox| {
                sandbox.script(Fault {
                    times: 0,
                    ..Fault::new(service, name, effect)
                });
            });
            let look = room.look();
            let plan = &look.plan;
            assert!(
                !plan.is_complete(),
                "{operation} {effect:?}: nothing is unknown"
            );
            let unknown: Vec<_> = plan
                .gaps
                .iter()
                .flat_map(|gap| gap.addresses.iter().map(move |address| (gap.code, address)))
                .filter(|(_, address)| address.kind() == kind)
                .collect();
            assert!(
                !unknown.is_empty(),
                "{operation} {effect:?}: {:#?}",
                plan.gaps
            );
            for (found, address) in unknown {
                assert_eq!(found, code, "{operation} {effect:?} {address}");
                assert!(
                    plan.changes
                        .iter()
                        .all(|change| change.address() != address),
                    "{address} is unknown and would be changed"
                );
            }
            Story::deletes_nothing_unknown(plan);
            assert!(plan.summary.unknown > 0);
        }
    }
}
