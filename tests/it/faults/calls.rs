//! Every call of a run fails in turn, in every way; then the run is repeated without faults.

use std::panic::{AssertUnwindSafe, catch_unwind};

use drsync::sandbox::{Effect, Fault};

use super::story::{Story, disturbed, fault, writes_nothing};
use crate::support::room::all_done;
use crate::support::worlds::{difference, objects};

/// Every way to fail that says so, and whether the call had its effect before.
const WAYS: [(Effect, bool); 13] = [
    (Effect::Throttle, false),
    (Effect::PriorRequestNotComplete, false),
    (Effect::Error500, false),
    (Effect::Error500, true),
    (Effect::Error503, false),
    (Effect::AccessDenied, false),
    (Effect::ExpiredToken, false),
    (Effect::Drop, false),
    (Effect::Drop, true),
    (Effect::Hang, false),
    (Effect::Hang, true),
    (Effect::Truncate, true),
    (Effect::Html, false),
];

/// More than any retry: the call fails for good.
const FOR_GOOD: u64 = 40;

/// Runs the story with a fault at each call, and once more without. A call fails once or for good,
/// in turn; in a long run both.
fn every_call(ways: &[(Effect, bool)]) {
    let story = Story::new();
    let both = std::env::var_os("DRSYNC_SOAK").is_some();
    for (number, (effect, after)) in (1..).zip(ways.iter().copied()) {
        for nth in 1..=story.all_calls {
            for (turn, times) in [1, FOR_GOOD].into_iter().enumerate() {
                if both || usize::try_from(nth).unwrap() % 2 == (number + turn) % 2 {
                    one_call(&story, &fault(nth, times, effect, after));
                }
            }
        }
    }
}

fn one_call(story: &Story, fault: &Fault) {
    let told = catch_unwind(AssertUnwindSafe(|| {
        let room = story.room();
        room.with(|sandbox| sandbox.script(fault.clone()));
        disturbed(story, &room);
        room.end_faults();
        story.mends(&room);
    }));
    assert!(told.is_ok(), "{fault:#?}");
}

#[test]
fn a_call_that_is_refused_does_no_harm() {
    every_call(&WAYS[..7]);
}

#[test]
fn a_call_whose_answer_is_lost_does_no_harm() {
    every_call(&WAYS[7..]);
}

/// A read that answers with the past cannot be told from the truth. It deletes nothing that is not
/// to go, and the next run ends where an undisturbed one does, with one exception: an object that
/// left Git and that the past does not show is taken for gone, and so stays.
#[test]
fn a_read_that_shows_the_past_does_no_harm() {
    let story = Story::new();
    for times in [1, FOR_GOOD] {
        for nth in 1..=story.all_calls {
            let room = story.room();
            room.with(|sandbox| sandbox.script(fault(nth, times, Effect::StaleRead, false)));
            disturbed(&story, &room);
            room.end_faults();
            all_done(&room.apply());
            let mut left = difference(&story.after, &objects(&room.snapshot()));
            left.retain(|one| !one.starts_with("example.com./goes.example.com./TXT/: None"));
            assert!(left.is_empty(), "call {nth}, {times} times: {left:#?}");
            writes_nothing(&room);
        }
    }
}
