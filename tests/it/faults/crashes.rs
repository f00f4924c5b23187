//! The process dies at every step of the journal, and another one runs at the same time.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use drsync::apply::OutcomeState;
use drsync::sandbox::Sandbox;
use drsync::state::StateError;
use tempfile::TempDir;

use super::story::{Story, writes};
use crate::support::room::{Room, copy_folder};

/// The files of the state folder that a crash can leave in different ages.
const RECORD: &str = "applied.json";
const JOURNAL: &str = "journal.jsonl";

/// The cloud and the state after so many batches.
struct Moment {
    cloud: Sandbox,
    state: TempDir,
}

/// Plays the story as far as so many batches; none if it has fewer.
fn after_batches(story: &Story, batches: usize) -> Option<Moment> {
    let room = story.room();
    let look = room.look();
    let asked = AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, Ordering::Relaxed) >= batches;
    let outcomes = room
        .carry_out_until(&look, look.plan.clone(), &stop)
        .unwrap();
    let stopped = outcomes
        .iter()
        .any(|outcome| outcome.state == OutcomeState::Skipped);
    let state = tempfile::tempdir().unwrap();
    copy_folder(&room.state_folder(), state.path());
    let moment = Moment {
        cloud: room.snapshot(),
        state,
    };
    (stopped || asked.load(Ordering::Relaxed) <= batches).then_some(moment)
}

/// A room whose cloud is of one moment and whose files are of others.
fn left_behind(cloud: &Moment, record: &Moment, journal: &str) -> Room {
    let state = tempfile::tempdir().unwrap();
    copy_folder(cloud.state.path(), state.path());
    std::fs::write(state.path().join(JOURNAL), journal).unwrap();
    let path = state.path().join(RECORD);
    std::fs::remove_file(&path).ok();
    if record.state.path().join(RECORD).exists() {
        std::fs::copy(record.state.path().join(RECORD), path).unwrap();
    }
    let room = Story::room_with(cloud.cloud.clone(), state.path());
    room.clock.advance(Duration::from_hours(1));
    room
}

fn journal(state: &Path) -> String {
    std::fs::read_to_string(state.join(JOURNAL)).unwrap()
}

/// A journal without its last so many lines.
fn without_last(journal: &str, lines: usize) -> String {
    let kept = journal.lines().count().saturating_sub(lines);
    journal.split_inclusive('\n').take(kept).collect()
}

#[test]
fn a_crash_at_any_step_of_the_journal_is_mended_by_the_next_run() {
    let story = Story::new();
    let mut moments: Vec<Moment> = Vec::new();
    for batches in 0..story.plan.changes.len() {
        moments.extend(after_batches(&story, batches));
        if moments.len() <= batches {
            break;
        }
    }
    assert!(
        moments.len() > 4,
        "the story has too few batches to crash in"
    );
    for pair in moments.windows(2) {
        let [before, after] = pair else { continue };
        let whole = journal(after.state.path());
        let begun = without_last(&whole, 1);
        // Half of the line that was being written.
        let torn = whole[..begun.len() + (whole.len() - begun.len()) / 2].to_owned();
        let begin_torn = whole[..begun.len() - 9].to_owned();
        for (what, room) in [
            (
                "before the batch is begun",
                left_behind(before, before, &without_last(&whole, 2)),
            ),
            (
                "while the beginning is written",
                left_behind(before, before, &begin_torn),
            ),
            ("begun and not sent", left_behind(before, before, &begun)),
            ("sent and not recorded", left_behind(after, before, &begun)),
            ("recorded and not ended", left_behind(after, after, &begun)),
            ("while the end is written", left_behind(after, after, &torn)),
            ("ended", left_behind(after, after, &whole)),
        ] {
            println!("a crash {what}");
            story.mends(&room);
            assert!(
                room.pending().batches.is_empty(),
                "still noted after a crash {what}"
            );
        }
    }
}

#[test]
fn of_two_applies_on_one_folder_the_second_is_locked() {
    let story = Story::new();
    let room = story.room();
    let look = room.look();
    let held = room.lock().unwrap();
    let sent = writes(&room);
    let refused = room.carry_out(&look, look.plan.clone()).unwrap_err();
    assert!(matches!(refused, StateError::Locked { .. }), "{refused}");
    assert_eq!(sent, writes(&room), "it wrote without the lock");
    drop(held);
    story.mends(&room);
}
