//! Real processes of drsync against a sandbox that outlives them: killed, stopped, asked to stop,
//! two at once. The state is in a folder here; `live::state_proof` does the same over a bucket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

use std::process::Child;
use std::time::Duration;

use crate::support::process::{Scene, signal};
use crate::support::worlds::objects;

/// How often a run is killed: a soak kills more often.
fn kills() -> u64 {
    if std::env::var_os("DRSYNC_SOAK").is_some() {
        20
    } else {
        4
    }
}

#[test]
fn a_process_killed_at_any_moment_is_followed_by_one_that_ends_as_if_nothing_had_been() {
    let undisturbed = Scene::new(300);
    let told = undisturbed.apply().run();
    assert_eq!(told.code, Some(0), "{told:?}");
    let after = objects(&undisturbed.snapshot());
    for kill in 0..kills() {
        let scene = Scene::new(300);
        let mut child = scene.apply().spawn();
        // From before the first write to after the last one.
        std::thread::sleep(Duration::from_millis(60 + kill * 1800 / kills()));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = scene.apply().run();
        assert_eq!(told.code, Some(0), "{told:?}");
        assert_eq!(
            after,
            objects(&scene.snapshot()),
            "after kill {kill}: {told:?}"
        );
        let again = scene.apply().run();
        assert_eq!(again.code, Some(0), "{again:?}");
    }
}

/// Waits until the scene is in the middle of an apply: the first batch was sent and is not ended.
fn in_the_middle(scene: &Scene) -> Child {
    let child = scene.apply().spawn();
    scene.wait_for_write();
    child
}

#[test]
fn a_process_that_is_asked_to_stop_finishes_its_write_and_gives_the_lock_back() {
    for name in ["INT", "TERM"] {
        let scene = Scene::new(1500);
        let child = in_the_middle(&scene);
        signal(&child, name);
        let told = Scene::ended(child);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(
            told.stderr.contains("stopping after the write in flight"),
            "{told:?}"
        );
        assert!(told.stderr.contains("stopped: "), "{told:?}");
        assert!(
            told.stdout.contains("stopped before it was sent"),
            "{told:?}"
        );
        assert!(!scene.journal_is_open(), "a write was left open");
        let told = scene.apply().run();
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(!told.stderr.contains("ended in the middle"), "{told:?}");
    }
}

#[test]
fn a_second_signal_ends_at_once_and_the_next_run_says_what_was_left() {
    let scene = Scene::new(5000);
    let child = in_the_middle(&scene);
    signal(&child, "TERM");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "TERM");
    let told = Scene::ended(child);
    assert_eq!(told.code, Some(130), "{told:?}");
    assert!(scene.journal_is_open());
    let told = scene.apply().run();
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.stderr
            .contains("an apply by tester@here ended in the middle of a write"),
        "{told:?}"
    );
}

#[test]
fn of_two_processes_at_once_the_second_is_told_who_has_the_lock() {
    let scene = Scene::new(2000);
    let child = in_the_middle(&scene);
    let told = scene.apply().run();
    assert_eq!(told.code, Some(5), "{told:?}");
    let pid = child.id();
    assert!(
        told.stderr.contains(&format!(
            "locked by tester@here (process {pid}) for `apply` since"
        )),
        "{told:?}"
    );
    assert!(told.stderr.contains(&scene.unlock_command()), "{told:?}");
    let looked = scene.command(&["plan"]).run();
    assert!(
        looked.stdout.contains("another run is at work"),
        "{looked:?}"
    );
    let told = Scene::ended(child);
    assert_eq!(told.code, Some(0), "{told:?}");
}

#[test]
fn a_stopped_process_whose_lock_was_broken_writes_nothing_more() {
    let scene = Scene::new(1500);
    let child = in_the_middle(&scene);
    signal(&child, "STOP");
    let id = scene.lock_id();
    let wrong = scene.command(&["unlock", "0123"]).run();
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.stderr.contains(&id), "{wrong:?}");
    let right = scene.command(&["unlock", &id]).run();
    assert_eq!(right.code, Some(0), "{right:?}");
    let next = scene.apply().run();
    assert_eq!(next.code, Some(0), "{next:?}");
    let (cloud, files) = (objects(&scene.snapshot()), scene.state_bytes());

    signal(&child, "CONT");
    let told = Scene::ended(child);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stderr.contains("the lock is ours no longer"),
        "{told:?}"
    );
    assert_eq!(
        cloud,
        objects(&scene.snapshot()),
        "a late write came through"
    );
    assert_eq!(files, scene.state_bytes(), "a late line came through");
}
