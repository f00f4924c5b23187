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
async fn two_writers_never_hold_the_lock_at_once() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let first = machine.lock(&store).await.unwrap();
        let error = machine.named("bob@laptop").lock(&store).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state is locked by ana@runner-7 (process 4711) for `apply` since \
             2026-03-01T12:00:00Z, and unless it is renewed until 2026-03-01T12:01:00Z"
        );
        first.release().await.unwrap();
        machine.named("bob@laptop").lock(&store).await.unwrap();
    }
}

#[tokio::test]
async fn of_many_at_once_one_writes() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut taken = 0;
        for turn in 0..10 {
            let all = futures::future::join_all((0..4).map(|_| machine.lock(&store))).await;
            let mut winners: Vec<StateWriter> = all.into_iter().filter_map(Result::ok).collect();
            assert_eq!(winners.len(), 1);
            let mut writer = winners.remove(0);
            let name = format!("of-{turn}");
            let one = vec![(address(&name), Some(applied(60)))];
            writer.record(one).await.unwrap();
            writer.release().await.unwrap();
            taken += 1;
        }
        let record = StateReader::new(store).applied().await.unwrap().unwrap();
        assert_eq!(record.len(), taken, "no write was overwritten");
    }
}

#[tokio::test]
async fn a_lease_is_renewed_as_long_as_its_holder_writes() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut writer = machine.lock(&store).await.unwrap();
        for _ in 0..10 {
            machine.pass(50);
            writer.journal_begin(&batch("a"), now()).await.unwrap();
        }
        let error = machine.named("bob@laptop").lock(&store).await.unwrap_err();
        assert!(matches!(error, StateError::Locked { .. }), "{error}");
        writer.fence().may_write().await.unwrap();
    }
}

/// A lease is good for a minute and half a minute of grace.
#[tokio::test]
async fn a_holder_that_was_stopped_is_fenced_off_when_its_lease_has_ended() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut stopped = machine.lock(&store).await.unwrap();
        let begun = stopped.journal_begin(&batch("a"), now()).await.unwrap();
        machine.pass(89);
        let bob = machine.named("bob@laptop");
        let error = bob.lock(&store).await.unwrap_err();
        assert!(matches!(error, StateError::Locked { .. }), "{error}");
        machine.pass(2);
        let mut next = bob.lock(&store).await.unwrap();
        assert_eq!(next.left_behind().batches[0].id, begun);
        let before = [get(&store, APPLIED).await, get(&store, JOURNAL).await];

        let refused = stopped.fence().may_write().await.unwrap_err();
        assert!(refused.contains("it was taken by bob@laptop"), "{refused}");
        let one = vec![(address("late"), Some(applied(60)))];
        let error = stopped.record(one).await.unwrap_err();
        assert!(matches!(error, StateError::Lost { .. }), "{error}");
        let error = stopped
            .journal_end(begun, BatchOutcome::Applied, now())
            .await
            .unwrap_err();
        assert!(matches!(error, StateError::Lost { .. }), "{error}");
        stopped.release().await.unwrap();
        let after = [get(&store, APPLIED).await, get(&store, JOURNAL).await];
        assert_eq!(before, after, "a late write came through");
        next.fence().may_write().await.unwrap();
        next.journal_end(begun, BatchOutcome::Abandoned, now())
            .await
            .unwrap();
    }
}

/// The write that was on its way when the lock changed hands: nothing was asked before it.
#[tokio::test]
async fn a_late_write_is_refused_by_its_number_alone() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut stopped = machine.lock(&store).await.unwrap();
        // The other one's clock is ahead: to the first the lease is good.
        let ahead = Machine::new("bob@laptop");
        ahead.pass(91);
        let _next = ahead.lock(&store).await.unwrap();
        let before = [get(&store, APPLIED).await, get(&store, JOURNAL).await];
        let error = stopped.journal_begin(&batch("a"), now()).await.unwrap_err();
        assert!(error.to_string().contains("taken by bob@laptop"), "{error}");
        let one = vec![(address("late"), Some(applied(60)))];
        stopped.record(one).await.unwrap_err();
        assert_eq!(
            before,
            [get(&store, APPLIED).await, get(&store, JOURNAL).await]
        );
    }
}

#[tokio::test]
async fn the_lock_of_a_process_that_ended_on_this_machine_is_free() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    let writer = machine.lock(&store).await.unwrap();
    let begun = writer.left_behind().batches.len();
    drop(writer); // as the end of a process does: nothing is given back
    // The same folder on another machine does not know who is alive there.
    let error = machine.named("ana@other").lock(&store).await.unwrap_err();
    assert!(matches!(error, StateError::Locked { .. }), "{error}");
    let next = machine.lock(&store).await.unwrap();
    assert_eq!(next.left_behind().batches.len(), begun);
}

/// A process that was stopped keeps the machine's sign of life; whoever comes after it has none,
/// and must not be taken for dead.
#[tokio::test]
async fn a_holder_without_a_sign_of_life_is_not_taken_for_dead() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    let stopped = machine.lock(&store).await.unwrap();
    machine.pass(91);
    let next = machine.lock(&store).await.unwrap();
    drop(stopped);
    let error = machine.lock(&store).await.unwrap_err();
    assert!(matches!(error, StateError::Locked { .. }), "{error}");
    drop(next);
}

#[tokio::test]
async fn a_lock_is_broken_only_by_its_id() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let bob = machine.named("bob@laptop");
        let unlock = |id: String| {
            let (bob, store) = (bob.clone(), Arc::clone(&store));
            async move { StateWriter::unlock(&store, &bob.owner(), &bob.platform, &id).await }
        };
        let error = unlock("x".to_owned()).await.unwrap_err();
        assert!(matches!(error, StateError::NotLocked), "{error}");
        let mut held = machine.lock(&store).await.unwrap();
        let id = held.holder().id.clone();
        let error = unlock("x".to_owned()).await.unwrap_err();
        assert!(error.to_string().contains(&id), "{error}");
        held.fence().may_write().await.unwrap();

        let broken = unlock(id).await.unwrap();
        assert_eq!(broken.owner.who, "ana@runner-7");
        let error = held.journal_begin(&batch("a"), now()).await.unwrap_err();
        assert!(matches!(error, StateError::Lost { .. }), "{error}");
        let journal = get(&store, JOURNAL).await;
        assert!(journal.contains(r#"{"broken":{"#), "{journal}");
        assert!(journal.contains("bob@laptop"), "{journal}");
        drop(held);
        bob.lock(&store).await.unwrap();
    }
}

#[tokio::test]
async fn a_lease_that_was_removed_does_not_bring_old_numbers_back() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    for _ in 0..3 {
        machine.lock(&store).await.unwrap().release().await.unwrap();
    }
    let mut stopped = machine.lock(&store).await.unwrap();
    fs::remove_file(home.path().join("state").join(LOCK)).unwrap();
    drop(machine.lock(&store).await.unwrap_err()); // the machine says that it is alive
    fs::remove_file(home.path().join("state/lock")).unwrap();
    let _next = machine.lock(&store).await.unwrap();
    let error = stopped.journal_begin(&batch("a"), now()).await.unwrap_err();
    assert!(matches!(error, StateError::Lost { .. }), "{error}");
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

#[tokio::test]
async fn a_batch_that_was_not_ended_is_pending_for_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut writer = machine.lock(&store).await.unwrap();
        let first = writer.journal_begin(&batch("a"), now()).await.unwrap();
        let second = writer.journal_begin(&batch("b"), now()).await.unwrap();
        let applied = BatchOutcome::Applied;
        writer.journal_end(first, applied, now()).await.unwrap();
        drop(writer);

        let pending = StateReader::new(Arc::clone(&store))
            .pending()
            .await
            .unwrap();
        assert_eq!(pending.batches.len(), 1);
        assert_eq!(pending.batches[0].id, second);
        assert_eq!(pending.batches[0].who, "ana@runner-7");
        assert_eq!(pending.batches[0].batch, batch("b"));

        machine.pass(91);
        let mut writer = machine.lock(&store).await.unwrap();
        assert_eq!(writer.left_behind(), &pending);
        let failed = BatchOutcome::Failed([(address("b"), "refused".to_owned())].into());
        writer.journal_end(second, failed, now()).await.unwrap();
        let third = writer.journal_begin(&batch("c"), now()).await.unwrap();
        assert_eq!(third, second + 1);
        let pending = StateReader::new(store).pending().await.unwrap();
        assert_eq!(pending.batches.len(), 1);
    }
}

#[tokio::test]
async fn a_damaged_line_is_an_error_with_its_number() {
    let home = tempfile::tempdir().unwrap();
    let store = folder(&home);
    let machine = Machine::new("ana@runner-7");
    let mut writer = machine.lock(&store).await.unwrap();
    writer.journal_begin(&batch("a"), now()).await.unwrap();
    writer.release().await.unwrap();
    let text = get(&store, JOURNAL).await;
    let line = text.lines().last().unwrap();
    put(&store, JOURNAL, &format!("{text}half a li\n{text}")).await;
    let reader = StateReader::new(Arc::clone(&store));
    let error = reader.pending().await.unwrap_err();
    assert!(
        error.to_string().contains("journal.jsonl, line 3"),
        "{error}"
    );
    put(&store, JOURNAL, &format!("{text}{line}\n")).await;
    let error = machine.lock(&store).await.unwrap_err();
    assert!(error.to_string().contains("line 3: batch 1"), "{error}");
}

#[tokio::test]
async fn a_long_journal_is_put_aside_and_the_count_goes_on() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let mut long = batch("a");
        long.items = vec![long.items[0].clone(); 800];
        let machine = Machine::new("ana@runner-7");
        let mut writer = machine.lock(&store).await.unwrap();
        let first = writer.journal_begin(&long, now()).await.unwrap();
        let second = writer.journal_begin(&batch("b"), now()).await.unwrap();
        let end = BatchOutcome::Applied;
        writer.journal_end(first, end.clone(), now()).await.unwrap();
        writer.journal_end(second, end, now()).await.unwrap();
        let third = writer.journal_begin(&batch("c"), now()).await.unwrap();
        assert_eq!(third, second + 1);
        let aside = get(&store, "journal-1.jsonl").await;
        assert_eq!(aside.lines().count(), 2, "the head and the first line");
        drop(writer);
        let pending = StateReader::new(store).pending().await.unwrap();
        assert_eq!(pending.batches.len(), 1);
        assert_eq!(pending.batches[0].id, third);
    }
}

#[tokio::test]
async fn a_plan_is_used_once_and_one_that_was_interrupted_may_go_on() {
    let home = tempfile::tempdir().unwrap();
    for store in stores(&home) {
        let machine = Machine::new("ana@runner-7");
        let mut writer = machine.lock(&store).await.unwrap();
        writer.spend("p-1").await.unwrap();
        drop(writer); // it died

        machine.pass(91);
        let mut writer = machine.lock(&store).await.unwrap();
        writer.spend("p-1").await.unwrap();
        writer.finish_plan().await.unwrap();
        let error = writer.spend("p-1").await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("a plan is applied once"), "{error}");
        writer.spend("../p-2").await.unwrap();
        writer.finish_plan().await.unwrap();
    }
}

#[test]
fn what_a_dead_run_may_have_written_is_counted_as_written() {
    let mut record: AppliedRecord = [(address("a"), applied(60))].into_iter().collect();
    let mut pending = Pending::default();
    let mut begun = batch("a");
    begun.items[0].old_lifetime = Some(3600);
    pending.batches.push(JournalEntry {
        id: 1,
        at: now(),
        who: String::new(),
        batch: begun,
    });
    record.doubt(&pending);
    let until = record.get(&address("a")).unwrap().lifetime_until();
    assert_eq!(until, Some("2026-03-01T13:02:00Z".parse().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The crash of a version that wrote line by line: the journal ends at any byte.
    #[test]
    fn a_journal_cut_at_any_byte_loses_no_whole_line(
        ended in proptest::collection::vec(any::<bool>(), 1..6),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut journal = journal::Journal::default();
        // For each whole line: how long the journal is then, and what is pending.
        let mut whole = vec![(0, Vec::new())];
        let mut pending: Vec<u64> = Vec::new();
        for (id, ended) in (1..).zip(ended) {
            let entry = JournalEntry { id, at: now(), who: String::new(), batch: batch("a") };
            journal = journal.with(journal::Line::Begin(entry)).unwrap();
            pending.push(id);
            whole.push((journal.size(), pending.clone()));
            if ended {
                let outcome = BatchOutcome::Applied;
                let end = journal::Line::End { id, at: now(), outcome };
                journal = journal.with(end).unwrap();
                pending.retain(|other| *other != id);
                whole.push((journal.size(), pending.clone()));
            }
        }
        let bytes = journal.to_bytes(1).unwrap();
        let head = bytes.len() - journal.size();
        let cut = cut.index(journal.size() + 1);
        let (length, expected) = whole.iter().rfind(|(length, _)| *length <= cut).unwrap();
        let read = journal::Journal::read(&bytes[..head + cut]).unwrap();
        prop_assert_eq!(read.pending.keys().copied().collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(read.to_pending().torn_line.is_some(), cut > *length);
    }

    /// Whatever stands in the store: a reading, or an error, and no panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = AppliedRecord::from_bytes(&bytes);
        let _ = journal::Journal::read(&bytes);
    }
}
