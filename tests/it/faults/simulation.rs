//! The whole of `plan` and `apply` in one process, on a virtual clock, over a cloud and a state
//! store that fail, with a process that dies: at each step in turn, and at random.
//!
//! `DRSYNC_SEED` repeats a run of random stories; its number is printed. A story that fails is
//! made shorter before it is shown.

use std::sync::LazyLock;

use drsync::plan::Plan;
use drsync::sandbox::Effect;
use drsync::state::StateError;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::story::{Story, fault, writes, writes_nothing};
use crate::support::mortal::{Life, StoreFault};
use crate::support::room::{Ending, Room};

static STORY: LazyLock<Story> = LazyLock::new(Story::new);

/// The random stories of every run; a soak tells more.
const STORIES: u32 = 100;
/// Makes every run tell the same stories.
const SEED: u64 = 20_261_124;

const EFFECTS: [Effect; 8] = [
    Effect::Throttle,
    Effect::Error500,
    Effect::Error503,
    Effect::Drop,
    Effect::Hang,
    Effect::Truncate,
    Effect::AccessDenied,
    Effect::Html,
];

/// What happens to one run.
#[derive(Clone, Debug)]
struct Chapter {
    /// The step at which the process dies.
    dies_at: Option<u64>,
    /// Calls of the cloud that fail: which, how many, how, and whether after their effect.
    cloud: Vec<(u64, u64, Effect, bool)>,
    /// Calls of the store that fail.
    store: Vec<(u64, u64, bool)>,
}

impl Chapter {
    fn quiet() -> Self {
        Self {
            dies_at: None,
            cloud: Vec::new(),
            store: Vec::new(),
        }
    }

    /// Plans, and applies as far as it comes. What must hold in every case is checked.
    fn tell(&self, room: &Room) -> Plan {
        room.end_faults();
        let faults = self.store.iter().map(|(nth, times, after)| StoreFault {
            nth: *nth,
            times: *times,
            after: *after,
        });
        room.with(|sandbox| {
            for (nth, times, effect, after) in &self.cloud {
                sandbox.script(fault(*nth, *times, *effect, *after));
            }
        });
        let sent = writes(room);
        let look = room.look();
        assert_eq!(sent, writes(room), "a look wrote");
        Story::deletes_nothing_unknown(&look.plan);

        room.mortal_store().script(&faults.collect::<Vec<_>>());
        let life = Life::until(self.dies_at);
        let plan = look.plan.clone();
        let ending = room.carry_out_mortally(&look, plan.clone(), &life);
        room.mortal_store().script(&[]);
        STORY.leaves_others_alone(room);
        match &ending {
            Ending::Died => assert!(self.dies_at.is_some()),
            // Only the store ends a run before its end.
            Ending::Ended(applied) => assert!(
                applied.failure.is_none() || !self.store.is_empty(),
                "{applied:?}"
            ),
            Ending::Refused(error) => assert!(!self.store.is_empty(), "{error}"),
        }
        if matches!(ending, Ending::Died) {
            // Nobody can say that it is dead yet.
            let refused = room.lock().map(drop);
            assert!(
                refused.is_ok() || matches!(refused, Err(StateError::Locked { .. })),
                "{refused:?}"
            );
        }
        // The lease of a run that died ends; that of one that ended is given back.
        room.clock.advance(std::time::Duration::from_mins(3));
        plan
    }
}

/// Tells a story, then runs once more without faults: the end is that of an undisturbed run, and
/// nothing is left to do.
fn tell(chapters: &[Chapter]) {
    let room = STORY.mortal_room();
    let mut plans = Vec::new();
    for chapter in chapters {
        plans.push(chapter.tell(&room));
    }
    room.end_faults();
    STORY.mends(&room);
    assert!(room.pending().batches.is_empty(), "something is left open");
    // A plan of before is applied once more: each of its changes is found done, or moved on.
    let look = room.look();
    for plan in plans {
        room.carry_out(&look, plan).unwrap();
        STORY.converged(&room);
    }
    writes_nothing(&room);
}

/// Returns how many steps an undisturbed apply has.
fn steps() -> u64 {
    let room = STORY.mortal_room();
    let look = room.look();
    let life = Life::until(None);
    let ending = room.carry_out_mortally(&look, look.plan.clone(), &life);
    assert!(matches!(ending, Ending::Ended(_)), "{ending:?}");
    life.steps()
}

/// Before and after each call of the store and of the cloud, so before and after each line of the
/// journal, each record, each renewal of the lock and each write.
#[test]
fn a_death_at_any_step_is_mended_by_the_next_run() {
    let steps = steps();
    assert!(steps > 100, "the story has only {steps} steps");
    // In turn, so that a soak sees all of them and every run a third.
    let stride = if std::env::var_os("DRSYNC_SOAK").is_some() {
        1
    } else {
        3
    };
    for step in (1..=steps).step_by(stride) {
        println!("dead at step {step}");
        tell(&[Chapter {
            dies_at: Some(step),
            ..Chapter::quiet()
        }]);
    }
}

/// A call of the store that fails once is tried again; one that goes on failing ends the run.
#[test]
fn a_store_that_fails_at_any_call_does_no_harm() {
    let soak = std::env::var_os("DRSYNC_SOAK").is_some();
    for nth in (1..=60).step_by(if soak { 1 } else { 4 }) {
        for (times, after) in [(1, false), (1, true), (1000, false), (1000, true)] {
            println!("call {nth} of the store, {times} times, after its effect: {after}");
            tell(&[Chapter {
                store: vec![(nth, times, after)],
                ..Chapter::quiet()
            }]);
        }
    }
}

fn chapters() -> impl Strategy<Value = Vec<Chapter>> {
    let cloud = (1..90_u64, 1..12_u64, select(&EFFECTS[..]), any::<bool>());
    let store = (1..60_u64, 1..8_u64, any::<bool>());
    let chapter = (
        proptest::option::of(1..250_u64),
        proptest::collection::vec(cloud, 0..4),
        proptest::collection::vec(store, 0..3),
    );
    let chapter = chapter.prop_map(|(dies_at, cloud, store)| Chapter {
        dies_at,
        cloud,
        store,
    });
    proptest::collection::vec(chapter, 1..4)
}

#[test]
fn any_story_ends_as_an_undisturbed_one() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let stories = number("DRSYNC_STORIES").map_or(STORIES, |count| u32::try_from(count).unwrap());
    let seed = number("DRSYNC_SEED").unwrap_or(SEED);
    println!("DRSYNC_SEED={seed} DRSYNC_STORIES={stories}");
    let mut runner = TestRunner::new(Config {
        cases: stories,
        failure_persistence: None,
        max_shrink_iters: 400,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    });
    let told = runner.run(&chapters(), |chapters| {
        tell(&chapters);
        Ok(())
    });
    if let Err(error) = told {
        panic!("DRSYNC_SEED={seed}: {error}");
    }
}
