//! The story that all faults happen to: an environment that was applied, then changed in Git and
//! behind our back, so that applying it again makes, changes, converts and deletes.

use std::path::Path;
use std::time::Duration;

use drsync::apply::{Outcome, OutcomeState};
use drsync::model::Action;
use drsync::plan::Plan;
use drsync::sandbox::{Effect, Fault, Sandbox};
use drsync::state::Expect;
use tempfile::TempDir;

use crate::support::room::{Look, Room, all_done, copy_folder, is_empty};
use crate::support::worlds::{Objects, difference, objects};

/// What is there before drsync comes: `keep` and `stray` are nobody's, but `stray` lies in a zone
/// that will be declared exclusive.
const WORLD: &str = r#"
[behaviour]
insync_after_ms = 3000
[[account]]
id = "111111111111"
[[zone]]
id = "ZMAIN"
name = "example.com"
records = [
  { name = "keep", type = "A", ttl = 300, values = ["192.0.2.200"] },
  { name = "keep", type = "TXT", ttl = 300, values = ['"nobody declares this"'] },
]
[[zone]]
id = "ZONLY"
name = "only.example"
records = [{ name = "stray", type = "A", ttl = 300, values = ["192.0.2.201"] }]
[[health_check]]
id = "somebody-elses"
type = "HTTPS"
config = { FullyQualifiedDomainName = "other.example.com" }
[[bucket]]
name = "nobodys-bucket"
region = "eu-central-1"
versioning = "Enabled"
[[bucket]]
name = "story-source"
region = "eu-central-1"
[[bucket]]
name = "story-target"
region = "eu-west-1"
versioning = "Enabled"
"#;

const FIRST: &str = r#"
[[route53_zone]]
name = "example.com"
[[route53_zone]]
name = "only.example"
id = "ZONLY"
[[route53_health_check]]
name = "front"
type = "HTTPS"
host = "front.example.com"
[[route53_record]]
zone = "example.com"
name = "moves"
type = "A"
ttl = "60s"
values = ["192.0.2.1"]
[[route53_record]]
zone = "example.com"
name = "drifts"
type = "CNAME"
ttl = "60s"
values = ["moves.example.com"]
[[route53_record]]
zone = "example.com"
name = "turns"
type = "A"
ttl = "60s"
values = ["192.0.2.2"]
[[route53_record]]
zone = "example.com"
name = "goes"
type = "TXT"
ttl = "60s"
values = ["left over"]
prune = true
[[route53_record]]
zone = "example.com"
name = "stays"
type = "TXT"
ttl = "60s"
values = ["forgotten"]
[[route53_record]]
zone = "only.example"
name = "@"
type = "MX"
ttl = "60s"
values = ["10 mail.example.com"]
[[bucket]]
name = "story-source"
site = "frankfurt"
prune = true
tags = { owner = "us" }
public_access_block = {}
"#;

const SECOND: &str = r#"
[[route53_zone]]
name = "example.com"
[[route53_zone]]
name = "only.example"
id = "ZONLY"
exclusive = true
[[route53_health_check]]
name = "front"
type = "HTTPS"
host = "front.example.com"
failures = 5
[[route53_health_check]]
name = "back"
type = "CALCULATED"
children = ["front", "later"]
healthy_children = 1
[[route53_health_check]]
name = "later"
type = "TCP"
host = "later.example.com"
port = 443
[[route53_record]]
zone = "example.com"
name = "moves"
type = "A"
ttl = "60s"
values = ["192.0.2.1", "192.0.2.11"]
[[route53_record]]
zone = "example.com"
name = "drifts"
type = "CNAME"
ttl = "60s"
values = ["moves.example.com"]
[[route53_record]]
zone = "example.com"
name = "turns"
type = "A"
convert = true
weighted = [
  { id = "a", weight = 1, ttl = "60s", values = ["192.0.2.2"] },
  { id = "b", weight = 2, ttl = "60s", values = ["192.0.2.3"] },
]
[[route53_record]]
zone = "example.com"
name = "pair"
type = "A"
failover = [
  { id = "one", role = "primary", ttl = "60s", values = ["192.0.2.4"], health_check = "front" },
  { id = "two", role = "secondary", ttl = "60s", values = ["192.0.2.5"] },
]
[[route53_record]]
zone = "example.com"
name = "a-chain"
type = "A"
alias = { target = "b-chain.example.com" }
[[route53_record]]
zone = "example.com"
name = "b-chain"
type = "A"
alias = { target = "pair.example.com", evaluate_target_health = true }
[[route53_record]]
zone = "only.example"
name = "@"
type = "MX"
ttl = "60s"
values = ["10 mail.example.com", "20 spare.example.com"]
[[bucket]]
name = "story-source"
site = "frankfurt"
prune = true
tags = { owner = "somebody" }
versioning = { status = "enabled" }
replication = { role = "arn:aws:iam::111111111111:role/copy", rules = [{ id = "all", destination = { bucket = "story-target" } }] }
[[bucket]]
name = "story-target"
site = "ireland"
versioning = { status = "enabled" }
"#;

/// What somebody else did meanwhile.
const MEDDLED: &str = r#"
[[zone]]
name = "example.com"
records = [{ name = "drifts", type = "CNAME", ttl = 60, values = ["elsewhere.example.com."] }]
"#;

/// The story, ready to be told again and again.
pub(crate) struct Story {
    start: Sandbox,
    state: TempDir,
    /// The objects before and after an undisturbed run.
    pub(crate) before: Objects,
    pub(crate) after: Objects,
    /// What is recorded after an undisturbed run.
    recorded: Vec<(String, String)>,
    /// The calls of an undisturbed run: to plan, and in all.
    pub(crate) plan_calls: u64,
    pub(crate) all_calls: u64,
    /// The plan of an undisturbed run.
    pub(crate) plan: Plan,
}

impl Story {
    pub(crate) fn new() -> Self {
        let room = Room::new(WORLD);
        room.declare(FIRST);
        all_done(&room.apply());
        is_empty(&room.plan());
        room.meddle(MEDDLED);
        let state = tempfile::tempdir().unwrap();
        copy_folder(&room.state_folder(), state.path());
        let mut story = Self {
            start: room.snapshot(),
            state,
            before: objects(&room.snapshot()),
            after: Objects::new(),
            recorded: Vec::new(),
            plan_calls: 0,
            all_calls: 0,
            plan: room.plan(),
        };
        let room = story.room();
        let calls = room.count_calls();
        let look = room.look();
        story.plan_calls = room.count_calls() - calls;
        story.plan = look.plan.clone();
        all_done(&room.carry_out(&look, look.plan.clone()).unwrap());
        story.all_calls = room.count_calls() - calls;
        is_empty(&room.plan());
        story.after = objects(&room.snapshot());
        story.recorded = recorded(&room);
        story.ends_as_told();
        story
    }

    /// Fails unless the end is the one that the texts above tell, word by word: all else is only
    /// compared with it.
    #[track_caller]
    fn ends_as_told(&self) {
        for (name, told) in [
            // Nobody's.
            ("example.com./keep.example.com./A/", Told::AsBefore),
            ("example.com./keep.example.com./TXT/", Told::AsBefore),
            ("<somebody-elses>", Told::AsBefore),
            ("nobodys-bucket/versioning", Told::AsBefore),
            ("example.com./example.com./NS/", Told::AsBefore),
            ("only.example./only.example./SOA/", Told::AsBefore),
            // It left Git: without `prune`, with it, and undeclared in an exclusive zone.
            ("example.com./stays.example.com./TXT/", Told::AsBefore),
            ("example.com./goes.example.com./TXT/", Told::Gone),
            ("story-source/publicAccessBlock", Told::Gone),
            ("only.example./stray.only.example./A/", Told::Gone),
            // A routing policy came in the place of a plain record.
            ("example.com./turns.example.com./A/", Told::Gone),
            ("example.com./turns.example.com./A/a", Told::Made),
            ("example.com./turns.example.com./A/b", Told::Made),
            ("example.com./pair.example.com./A/one", Told::Made),
            ("example.com./a-chain.example.com./A/", Told::Made),
            ("story-source/replication", Told::Made),
        ] {
            let (before, after) = (self.before.get(name), self.after.get(name));
            let holds = match told {
                Told::AsBefore => before.is_some() && before == after,
                Told::Gone => before.is_some() && after.is_none(),
                Told::Made => before.is_none() && after.is_some(),
            };
            assert!(holds, "{name}: {before:?}, then {after:?}");
        }
    }

    /// A room at the beginning of the story.
    pub(crate) fn room(&self) -> Room {
        Self::room_with(self.start.clone(), self.state.path())
    }

    /// The same, where a third of the answers are not what the service said.
    pub(crate) fn room_garbled(&self, seed: u64) -> Room {
        Self::furnish(Room::garbled(self.start.clone(), seed), self.state.path())
    }

    /// The same, of a process that can die, with its state in memory.
    pub(crate) fn mortal_room(&self) -> Room {
        let room = Room::mortal(self.start.clone());
        room.declare(SECOND);
        room.clock.advance(Duration::from_hours(1));
        for entry in std::fs::read_dir(self.state.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(&path).unwrap().into();
            room.wait(room.store.put(&name, bytes, &Expect::Anything))
                .unwrap();
        }
        room
    }

    /// The same, where nothing answers in the order in which it was asked.
    pub(crate) fn room_shuffled(&self, seed: u64) -> Room {
        let room = Room::bent(self.start.clone(), Some(seed), None);
        Self::furnish(room, self.state.path())
    }

    /// A room with another cloud and another state.
    pub(crate) fn room_with(sandbox: Sandbox, state: &Path) -> Room {
        Self::furnish(Room::of(sandbox), state)
    }

    fn furnish(room: Room, state: &Path) -> Room {
        room.declare(SECOND);
        copy_folder(state, &room.state_folder());
        // The clock of a room begins anew, and the cloud remembers times.
        room.clock.advance(Duration::from_hours(1));
        room
    }

    /// Fails if a plan deletes what lies in a scope that was not read.
    #[track_caller]
    pub(crate) fn deletes_nothing_unknown(plan: &Plan) {
        for change in &plan.changes {
            let scope = change.object.scope.to_string();
            let gap = plan.gaps.iter().any(|gap| {
                gap.scope == scope
                    || gap
                        .addresses
                        .iter()
                        .any(|address| address == change.address())
            });
            assert!(
                change.action != Action::Delete || !gap,
                "{} would be deleted in spite of {:#?}",
                change.address(),
                plan.gaps
            );
        }
    }

    /// Fails if anything was touched that the undisturbed run leaves alone.
    #[track_caller]
    pub(crate) fn leaves_others_alone(&self, room: &Room) {
        let now = objects(&room.snapshot());
        for (name, object) in &self.before {
            if self.after.get(name) == Some(object) {
                assert_eq!(now.get(name), Some(object), "{name} was touched");
            }
        }
        for name in now.keys() {
            assert!(
                self.before.contains_key(name) || self.after.contains_key(name),
                "{name} was made"
            );
        }
    }

    /// Fails unless every outcome tells the truth: what is said to be done is as the undisturbed
    /// run leaves it.
    #[track_caller]
    pub(crate) fn converged(&self, room: &Room) {
        let left = difference(&self.after, &objects(&room.snapshot()));
        assert!(left.is_empty(), "{left:#?}");
    }

    /// Applies without faults, and fails if the end is another than that of the undisturbed run,
    /// or if one more run has anything left to write.
    #[track_caller]
    pub(crate) fn mends(&self, room: &Room) {
        all_done(&room.apply());
        self.converged(room);
        writes_nothing(room);
        assert_eq!(recorded(room), self.recorded);
    }
}

/// What the applied record holds: each address with its fields, and whether it may be deleted.
fn recorded(room: &Room) -> Vec<(String, String)> {
    let record = room.applied().unwrap();
    let line = |applied: &drsync::state::Applied| format!("{:?} {}", applied.fields, applied.prune);
    record
        .iter()
        .map(|(address, applied)| (address.to_string(), line(applied)))
        .collect()
}

/// Fails if anything is left to do, or if a run with nothing to do writes.
#[track_caller]
pub(crate) fn writes_nothing(room: &Room) {
    let before = writes(room);
    let look = room.look();
    is_empty(&look.plan);
    all_done(&room.carry_out(&look, look.plan.clone()).unwrap());
    assert_eq!(before, writes(room), "a run with nothing to do wrote");
}

/// What becomes of an object in the story.
#[derive(Clone, Copy)]
enum Told {
    AsBefore,
    Gone,
    Made,
}

/// Runs plan and apply once, with whatever faults are scripted, and checks what must hold of it.
#[track_caller]
pub(crate) fn disturbed(story: &Story, room: &Room) -> (Look, Vec<Outcome>) {
    let look = room.look();
    Story::deletes_nothing_unknown(&look.plan);
    let plan = look.plan.clone();
    let outcomes = room.carry_out(&look, plan).unwrap();
    story.leaves_others_alone(room);
    let complete = look.plan.is_complete() && look.plan.summary.unknown == 0;
    let done = outcomes
        .iter()
        .all(|outcome| outcome.state == OutcomeState::Done);
    // What is said to be done is done.
    if complete && done && outcomes.len() == story.plan.changes.len() {
        story.converged(room);
    }
    (look, outcomes)
}

/// How often each operation that writes was called.
pub(crate) fn writes(room: &Room) -> Vec<(String, u64)> {
    room.calls()
        .into_iter()
        .filter(|(name, _)| !reads(name))
        .collect()
}

/// Whether an operation only reads, by its name.
pub(crate) fn reads(operation: &str) -> bool {
    let name = operation
        .split_once(':')
        .map_or(operation, |(_, name)| name);
    ["Get", "List", "Head"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

/// A fault that happens to the n-th call of whatever kind, and to as many after it.
pub(crate) fn fault(nth: u64, times: u64, effect: Effect, after: bool) -> Fault {
    Fault {
        service: None,
        operation: None,
        account: None,
        resource: None,
        nth,
        times,
        effect,
        after,
        delay_ms: 0,
    }
}
