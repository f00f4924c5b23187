//! Bytes that nobody wrote: whatever stands in a file, in the state or in an answer, it is read or
//! refused, without a panic and without an end that never comes.
//!
//! Each case is a file of `tests/fuzz` (or an answer of the sandbox), bent by a number; the number
//! is printed. `DRSYNC_FUZZ` asks for more of them, `DRSYNC_SEED` for others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;

use drsync::desired::{self, Source};
use drsync::model::Sources;
use drsync::plan::PlanFile;
use drsync::policy::{PolicySet, Waivers};
use drsync::sandbox::World;
use drsync::state::{Expect, Objects, StateReader, Store};
use object_store::memory::InMemory;

use crate::faults::story::Story;
use crate::support::player::bent;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// Calls with every file of a folder, bent in many ways; a panic shows the number of the case.
fn bend_each(folder: &str, usual: u64, mut run: impl FnMut(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    let first = number("DRSYNC_SEED", 1);
    for path in paths {
        let whole = std::fs::read(&path).unwrap();
        run(&whole);
        for seed in first..first + number("DRSYNC_FUZZ", usual) {
            println!("{} DRSYNC_SEED={seed}", path.display());
            run(&bent(&whole, seed));
        }
    }
}

#[test]
fn the_state_is_read_or_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for (folder, name) in [
        ("applied", "applied.json"),
        ("journal", "journal.jsonl"),
        ("lock", "lock.json"),
    ] {
        let mut refused = 0;
        bend_each(folder, 300, |bytes| {
            let store: Arc<dyn Store> =
                Arc::new(Objects::new(Arc::new(InMemory::new()), "", "memory"));
            let reader = StateReader::new(Arc::clone(&store));
            runtime.block_on(async {
                let bytes = bytes.to_vec().into();
                store.put(name, bytes, &Expect::Anything).await.unwrap();
                let applied = reader.applied().await.is_err();
                let pending = reader.pending().await.is_err();
                let holder = reader.holder(jiff::Timestamp::UNIX_EPOCH).await.is_err();
                refused += usize::from(applied || pending || holder);
            });
        });
        assert!(refused > 20, "{name}: only {refused} were refused");
    }
}

#[test]
fn a_plan_file_is_read_or_refused() {
    let mut refused = 0;
    bend_each("plan", 500, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        refused += usize::from(PlanFile::parse(&text).is_err());
    });
    assert!(refused > 20, "only {refused} were refused");
}

#[test]
fn toml_is_read_or_refused() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("environments/proof");
    std::fs::create_dir_all(&folder).unwrap();
    let mut refused = 0;
    bend_each("toml", 150, |bytes| {
        std::fs::write(folder.join("all.toml"), bytes).unwrap();
        let source = Source::open(Some(root.path()), None).unwrap();
        let loaded = desired::load(&source, "proof");
        refused += usize::from(loaded.map_or(true, |loaded| loaded.desired.is_none()));
        let text = String::from_utf8_lossy(bytes).into_owned();
        let _ = World::parse(&text);
        let _ = Waivers::load("waivers.toml", &text, &mut Sources::default());
        let _ = PolicySet::load(
            &[("policies/p.toml".to_owned(), text)],
            &mut Sources::default(),
        );
    });
    assert!(refused > 20, "only {refused} were refused");
}

/// What is asked for a page again and again must come to an end too.
#[test]
fn an_answer_is_read_or_is_a_gap() {
    let story = Story::new();
    let first = number("DRSYNC_SEED", 1);
    let mut gaps = 0;
    for seed in first..first + number("DRSYNC_FUZZ", 40) {
        println!("DRSYNC_SEED={seed}");
        let room = story.room_garbled(seed);
        let look = room.look();
        Story::deletes_nothing_unknown(&look.plan);
        gaps += look.plan.gaps.len();
    }
    assert!(gaps > 10, "only {gaps} gaps");
}
