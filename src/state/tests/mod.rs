//! The promises of the state: one writer, nothing lost, nothing half, whatever the store.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::test_util::{ManualTimeSource, instant_time_and_sleep};
use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use object_store::memory::InMemory;
use proptest::prelude::*;
use tempfile::TempDir;

use super::applied::APPLIED;
use super::applied::tests::{address, applied};
use super::journal::JOURNAL;
use super::lease::LOCK;
use super::*;
use crate::cloud::Platform;
use crate::model::{Action, Digest};

mod journal_lines;
mod lease_terms;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A machine with a clock that only this test turns.
#[derive(Clone)]
struct Machine {
    name: &'static str,
    platform: Platform,
    time: ManualTimeSource,
}

impl Machine {
    fn new(name: &'static str) -> Self {
        let start = UNIX_EPOCH + Duration::from_secs(now().as_second().unsigned_abs());
        let (time, sleep) = instant_time_and_sleep(start);
        Self {
            name,
            platform: Platform {
                time: SharedTimeSource::new(time.clone()),
                sleep: SharedAsyncSleep::new(sleep),
                ..Platform::real()
            },
            time,
        }
    }

    fn named(&self, name: &'static str) -> Self {
        Self {
            name,
            ..self.clone()
        }
    }

    fn owner(&self) -> Owner {
        Owner {
            who: self.name.to_owned(),
            purpose: "apply".to_owned(),
            pid: 4711,
            run: None,
        }
    }

    fn pass(&self, seconds: u64) {
        self.time.advance(Duration::from_secs(seconds));
    }

    async fn lock(&self, store: &Arc<dyn Store>) -> Result<StateWriter, StateError> {
        StateWriter::lock(store, &self.owner(), &self.platform).await
    }
}

fn batch(name: &str) -> JournalBatch {
    JournalBatch {
        plan: Digest::of_bytes(b"plan"),
        plan_id: Some("p-1".into()),
        items: vec![JournalItem {
            address: address(name),
            action: Action::Update,
            observed: Some(Digest::of_bytes(b"before")),
            desired: Digest::of_bytes(b"after"),
            old_lifetime: None,
        }],
    }
}

fn bucket() -> Arc<dyn Store> {
    Arc::new(Objects::new(
        Arc::new(InMemory::new()),
        "prod/a",
        "s3://state/prod/a",
    ))
}

fn folder(home: &TempDir) -> Arc<dyn Store> {
    Arc::new(Folder::open(&home.path().join("state")).unwrap())
}

/// The stores of which everything here must hold.
fn stores(home: &TempDir) -> [Arc<dyn Store>; 2] {
    [folder(home), bucket()]
}

async fn get(store: &Arc<dyn Store>, name: &str) -> String {
    let bytes = store.get(name).await.unwrap().unwrap().bytes;
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn put(store: &Arc<dyn Store>, name: &str, text: &str) {
    let bytes = text.to_owned().into();
    store.put(name, bytes, &Expect::Anything).await.unwrap();
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[tokio::test]
async fn a_store_with_nothing_in_it_is_an_empty_state() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let reader = StateReader::new(store);
        assert_eq!(reader.applied().await.unwrap(), None);
        assert_eq!(reader.pending().await.unwrap(), Pending::default());
        assert_eq!(reader.holder(now()).await.unwrap(), None);
    }
    assert!(
        !home.path().join("state").exists(),
        "a reader makes nothing"
    );
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Folder::open(file.path()).unwrap_err();
    assert!(error.to_string().starts_with("cannot open "), "{error}");
}

#[tokio::test]
async fn what_is_recorded_is_read_by_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut writer = machine.lock(&store).await.unwrap();
        let both = ["a", "b"].map(|name| (address(name), Some(applied(60))));
        writer.record(both.into()).await.unwrap();
        let next = vec![(address("a"), None), (address("b"), Some(applied(30)))];
        writer.record(next).await.unwrap();
        let read = StateReader::new(Arc::clone(&store))
            .applied()
            .await
            .unwrap();
        assert_eq!(
            read,
            Some([(address("b"), applied(30))].into_iter().collect())
        );
        writer.release().await.unwrap();
        let writer = machine.lock(&store).await.unwrap();
        assert_eq!(writer.applied(), &read.unwrap());
    }
}

#[tokio::test]
async fn what_could_not_be_written_is_written_by_the_next_record() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    let mut writer = machine.lock(&store).await.unwrap();
    let (here, away) = (home.path().join("state"), home.path().join("away"));
    fs::rename(&here, &away).unwrap();
    fs::write(&here, "in the way").unwrap();
    let lost = vec![(address("a"), Some(applied(60)))];
    assert!(writer.record(lost).await.is_err());
    fs::remove_file(&here).unwrap();
    fs::rename(&away, &here).unwrap();
    let next = vec![(address("b"), Some(applied(60)))];
    writer.record(next).await.unwrap();
    let read = StateReader::new(store).applied().await.unwrap();
    assert_eq!(read.unwrap().len(), 2);
}

#[tokio::test]
async fn what_a_newer_drsync_wrote_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let machine = Machine::new("ana@runner-7");
    for (name, text) in [
        (APPLIED, r#"{"format_version":"3.0","things":[]}"#),
        (
            JOURNAL,
            "{\"head\":{\"format_version\":\"3.0\",\"token\":1,\"last_id\":0}}\n",
        ),
        (LOCK, r#"{"format_version":"3.0","holders":[]}"#),
    ] {
        for store in stores(&home) {
            put(&store, name, text).await;
            let error = machine.lock(&store).await.unwrap_err();
            let text_of_it = error.to_string();
            assert!(
                text_of_it.contains(&format!("{name} has format 3.0")),
                "{error}"
            );
            assert_eq!(get(&store, name).await, text);
        }
        fs::remove_dir_all(home.path().join("state")).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_object_is_an_error_and_not_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    put(&store, APPLIED, "{\"format_version\":").await;
    let reader = StateReader::new(Arc::clone(&store));
    let error = reader.applied().await.unwrap_err();
    let text = chain(&error);
    assert!(text.contains("applied.json, line 1: "), "{text}");
    let machine = Machine::new("ana@runner-7");
    machine.lock(&store).await.unwrap_err();
    // The lock that was taken for nothing was given back.
    put(&store, APPLIED, r#"{"format_version":"2.0","objects":{}}"#).await;
    machine.lock(&store).await.unwrap();
}

/// What version 0.1 left in its folder, byte by byte.
#[tokio::test]
async fn the_state_of_format_1_is_taken_over() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/state/format_1");
    let home = tempfile::tempdir().unwrap();
    let here = home.path().join("state");
    fs::create_dir(&here).unwrap();
    for entry in fs::read_dir(recorded).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, here.join(path.file_name().unwrap())).unwrap();
    }
    let store = folder(&home);
    let reader = StateReader::new(Arc::clone(&store));
    let record = reader.applied().await.unwrap().unwrap();
    assert_eq!(record.len(), 1);
    let one = record
        .get(&address("example.com/www.example.com/A"))
        .unwrap();
    assert!(one.prune);
    assert_eq!(one.old_lifetime, Some(300));
    let pending = reader.pending().await.unwrap();
    assert_eq!(
        pending.batches.len(),
        1,
        "one batch was begun and not ended"
    );
    assert_eq!(pending.torn_line, Some(4), "and one line was torn");

    let machine = Machine::new("ana@runner-7");
    let mut writer = machine.lock(&store).await.unwrap();
    assert_eq!(writer.applied(), &record);
    assert_eq!(writer.left_behind(), &pending);
    let error = writer
        .spend("4a72b2ef-d72d-4b86-acda-b4eb5efa25d6")
        .await
        .unwrap_err();
    assert!(matches!(error, StateError::Spent { .. }), "{error}");
    let id = writer.journal_begin(&batch("a"), now()).await.unwrap();
    assert_eq!(id, pending.batches[0].id + 1, "the count goes on");
    for name in [APPLIED, JOURNAL, LOCK] {
        let text = get(&store, name).await;
        assert!(text.contains(r#""format_version":"2.0""#), "{name}: {text}");
    }
    assert_eq!(reader.pending().await.unwrap().torn_line, None);
}

#[tokio::test]
async fn only_the_owner_may_look_inside() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    let mut writer = machine.lock(&store).await.unwrap();
    writer.spend("p-1").await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut seen = 0;
    let mut folders = vec![home.path().join("state")];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 6);
}
