//! The retry trap: a write that went through and whose answer is lost, cut or late is reported as
//! applied, with a remark, and is not sent again.

use drsync::apply::{Outcome, OutcomeState};
use drsync::sandbox::{Effect, Fault};

use super::story::{Story, writes_nothing};
use crate::support::room::all_done;

/// Ways to lose the answer of a call that went through.
const LOST: [Effect; 5] = [
    Effect::Drop,
    Effect::Hang,
    Effect::Truncate,
    Effect::Error500,
    Effect::Html,
];

/// Runs the story while one kind of call loses its answers.
fn told(operation: &str, effect: Effect) -> Vec<Outcome> {
    let story = Story::new();
    let room = story.room();
    let count = |name: &str| {
        let name = format!("route53:{name}");
        room.calls().get(&name).copied().unwrap_or_default()
    };
    let sent = count(operation);
    let fault = Fault {
        times: 0,
        ..Fault::new("route53", operation, effect).after()
    };
    room.with(|sandbox| sandbox.script(fault));
    let outcomes = room.apply();
    all_done(&outcomes);
    story.converged(&room);
    let sent = count(operation) - sent;
    let needed = match operation {
        // One batch for each zone.
        "ChangeResourceRecordSets" | "CreateHealthCheck" => 2,
        _ => 1,
    };
    assert_eq!(sent, needed, "{operation} {effect:?} was sent again");
    room.end_faults();
    writes_nothing(&room);
    outcomes
}

#[test]
fn a_write_whose_answer_is_lost_is_reported_as_applied() {
    for (operation, kind) in [
        ("ChangeResourceRecordSets", "route53_record"),
        ("CreateHealthCheck", "route53_health_check"),
        ("UpdateHealthCheck", "route53_health_check"),
    ] {
        for effect in LOST {
            let outcomes = told(operation, effect);
            let remarks = outcomes
                .iter()
                .filter(|outcome| outcome.address.kind() == kind)
                .filter(|outcome| outcome.message.starts_with("applied, although: "))
                .count();
            assert!(remarks > 0, "{operation} {effect:?}: {outcomes:#?}");
        }
    }
}

/// Without an effect there is nothing to be found, and nobody says that there is.
#[test]
fn a_write_that_was_lost_on_its_way_is_reported_as_failed() {
    for effect in [
        Effect::Drop,
        Effect::Hang,
        Effect::Error500,
        Effect::AccessDenied,
    ] {
        let story = Story::new();
        let room = story.room();
        let fault = Fault {
            times: 0,
            ..Fault::new("route53", "ChangeResourceRecordSets", effect)
        };
        room.with(|sandbox| sandbox.script(fault));
        let outcomes = room.apply();
        let records = outcomes
            .iter()
            .filter(|outcome| outcome.address.kind() == "route53_record")
            .filter(|outcome| outcome.action != drsync::model::Action::Forget);
        for outcome in records {
            assert_eq!(
                outcome.state,
                OutcomeState::Failed,
                "{effect:?} {outcome:#?}"
            );
            assert!(
                outcome.message.contains("ChangeResourceRecordSets"),
                "{outcome:#?}"
            );
        }
        room.end_faults();
        story.mends(&room);
    }
}
