//! The promises of the store: one writer, nothing lost, nothing half.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;

use super::applied::tests::{address, applied};
use super::*;
use crate::model::{Action, Digest};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn owner() -> Owner {
    Owner {
        who: "ana@runner-7".into(),
        purpose: "apply".into(),
        since: now(),
        pid: 4711,
    }
}

fn lock(folder: &Path) -> Result<StateWriter, StateError> {
    StateWriter::lock(folder, &owner())
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
        }],
    }
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

#[test]
fn a_folder_that_is_not_there_is_an_empty_state() {
    let home = tempfile::tempdir().unwrap();
    let reader = StateReader::open(&home.path().join("none")).unwrap();
    assert_eq!(reader.applied().unwrap(), None);
    assert_eq!(reader.pending().unwrap(), Pending::default());
    assert!(!home.path().join("none").exists(), "a reader makes nothing");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = StateReader::open(file.path()).unwrap_err();
    assert!(error.to_string().starts_with("cannot open "), "{error}");
}

#[test]
fn what_is_recorded_is_read_by_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = lock(home.path()).unwrap();
    writer
        .record(vec![
            (address("a"), Some(applied(60))),
            (address("b"), Some(applied(60))),
        ])
        .unwrap();
    writer
        .record(vec![
            (address("a"), None),
            (address("b"), Some(applied(30))),
        ])
        .unwrap();
    let read = StateReader::open(home.path()).unwrap().applied().unwrap();
    assert_eq!(
        read,
        Some([(address("b"), applied(30))].into_iter().collect())
    );
    drop(writer);
    assert_eq!(lock(home.path()).unwrap().applied(), &read.unwrap());
}

#[test]
fn what_could_not_be_written_is_written_by_the_next_record() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state");
    let mut writer = lock(&folder).unwrap();
    fs::rename(&folder, home.path().join("away")).unwrap();
    let lost = vec![(address("a"), Some(applied(60)))];
    assert!(writer.record(lost).is_err());
    fs::rename(home.path().join("away"), &folder).unwrap();
    writer
        .record(vec![(address("b"), Some(applied(60)))])
        .unwrap();
    let read = StateReader::open(&folder).unwrap().applied().unwrap();
    assert_eq!(read.unwrap().len(), 2);
}

#[test]
fn a_record_of_nothing_is_still_a_record() {
    let home = tempfile::tempdir().unwrap();
    lock(home.path()).unwrap().record(Vec::new()).unwrap();
    let reader = StateReader::open(home.path()).unwrap();
    assert_eq!(reader.applied().unwrap(), Some(AppliedRecord::default()));
}

#[test]
fn a_record_of_a_newer_drsync_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(files::APPLIED);
    fs::write(&path, r#"{"format_version":"2.0","things":[]}"#).unwrap();
    let error = lock(home.path()).unwrap_err();
    assert!(error.to_string().contains("has format 2.0"), "{error}");
    let reader = StateReader::open(home.path()).unwrap();
    assert!(matches!(reader.applied(), Err(StateError::Format { .. })));
    assert!(fs::read_to_string(&path).unwrap().contains("things"));
}

#[test]
fn a_damaged_record_is_an_error_and_not_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(files::APPLIED), "{\"format_version\":").unwrap();
    let reader = StateReader::open(home.path()).unwrap();
    let error = reader.applied().unwrap_err();
    assert!(
        chain(&error).contains("applied.json, line 1: "),
        "{}",
        chain(&error)
    );
}

#[test]
fn two_writers_never_hold_the_lock_at_once() {
    let home = tempfile::tempdir().unwrap();
    let first = lock(home.path()).unwrap();
    let error = lock(home.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the state is locked by ana@runner-7 (process 4711) for `apply` since 2026-03-01T12:00:00Z"
    );
    drop(first);
    assert!(lock(home.path()).is_ok());
}

#[test]
fn of_many_threads_one_at_a_time_writes() {
    let home = tempfile::tempdir().unwrap();
    let taken: usize = std::thread::scope(|scope| {
        let path = home.path();
        let workers: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    (0..50)
                        .filter(|turn| {
                            let Ok(mut writer) = lock(path) else {
                                return false;
                            };
                            let name = format!("{thread}-{turn}");
                            writer
                                .record(vec![(address(&name), Some(applied(60)))])
                                .unwrap();
                            true
                        })
                        .count()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    let record = StateReader::open(home.path()).unwrap().applied().unwrap();
    assert!(taken > 0);
    assert_eq!(record.unwrap().len(), taken, "no write was overwritten");
}

#[test]
fn only_the_owner_may_look_inside() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state");
    let mut writer = lock(&folder).unwrap();
    writer.record(Vec::new()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files = files::list(&folder).unwrap();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_batch_that_was_not_ended_is_pending_for_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = lock(home.path()).unwrap();
    let first = writer.journal_begin(&batch("a"), now()).unwrap();
    let second = writer.journal_begin(&batch("b"), now()).unwrap();
    writer
        .journal_end(first, BatchOutcome::Applied, now())
        .unwrap();
    drop(writer);

    let pending = StateReader::open(home.path()).unwrap().pending().unwrap();
    assert_eq!(pending.batches.len(), 1);
    assert_eq!(pending.batches[0].id, second);
    assert_eq!(pending.batches[0].batch, batch("b"));

    let mut writer = lock(home.path()).unwrap();
    assert_eq!(writer.pending(), &pending);
    let failed = BatchOutcome::Failed([(address("b"), "refused".to_owned())].into());
    writer.journal_end(second, failed, now()).unwrap();
    assert!(writer.pending().batches.is_empty());
    assert_eq!(
        writer.journal_begin(&batch("c"), now()).unwrap(),
        second + 1
    );
}

#[test]
fn a_damaged_line_before_the_last_is_an_error_with_its_number() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = lock(home.path()).unwrap();
    writer.journal_begin(&batch("a"), now()).unwrap();
    drop(writer);
    let path = home.path().join(files::JOURNAL);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}half a li\n{text}")).unwrap();
    let error = StateReader::open(home.path())
        .unwrap()
        .pending()
        .unwrap_err();
    assert!(
        error.to_string().contains("journal.jsonl, line 2"),
        "{error}"
    );
    fs::write(&path, format!("{text}{text}")).unwrap();
    let error = lock(home.path()).unwrap_err();
    assert!(error.to_string().contains("line 2: batch 1"), "{error}");
}

#[test]
fn a_long_journal_is_put_aside_and_the_count_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut long = batch("a");
    long.items = vec![long.items[0].clone(); 8000];
    let mut writer = lock(home.path()).unwrap();
    let id = writer.journal_begin(&long, now()).unwrap();
    drop(writer);
    let mut writer = lock(home.path()).unwrap();
    assert_eq!(writer.pending().batches.len(), 1, "not while it is pending");
    writer
        .journal_end(id, BatchOutcome::Applied, now())
        .unwrap();
    drop(writer);
    let mut writer = lock(home.path()).unwrap();
    let aside = fs::read_to_string(home.path().join("journal-1.jsonl")).unwrap();
    assert_eq!(aside.lines().count(), 2);
    assert_eq!(writer.journal_begin(&batch("b"), now()).unwrap(), id + 1);
}

#[test]
fn a_plan_is_used_once() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = lock(home.path()).unwrap();
    writer.spend("p-1", now()).unwrap();
    assert!(matches!(
        writer.spend("p-1", now()),
        Err(StateError::Spent { .. })
    ));
    drop(writer);
    let mut writer = lock(home.path()).unwrap();
    let error = writer.spend("p-1", now()).unwrap_err();
    assert!(
        error.to_string().contains("a plan is applied once"),
        "{error}"
    );
    writer.spend("p-2", now()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The crash: the journal ends at any byte, and a replacement was under way.
    #[test]
    fn a_crash_at_any_byte_loses_no_acknowledged_line(
        ended in proptest::collection::vec(any::<bool>(), 1..6),
        cut in any::<proptest::sample::Index>(),
        garbage in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(files::JOURNAL);
        let mut writer = lock(home.path()).unwrap();
        writer.record(vec![(address("kept"), Some(applied(60)))]).unwrap();
        // For each acknowledged line: the length of the file, and what is pending then.
        let mut acknowledged = vec![(0, Vec::new())];
        let mut pending: Vec<u64> = Vec::new();
        for ended in ended {
            let id = writer.journal_begin(&batch("a"), now()).unwrap();
            pending.push(id);
            acknowledged.push((fs::metadata(&path).unwrap().len(), pending.clone()));
            if ended {
                writer.journal_end(id, BatchOutcome::Applied, now()).unwrap();
                pending.retain(|other| *other != id);
                acknowledged.push((fs::metadata(&path).unwrap().len(), pending.clone()));
            }
        }
        drop(writer);

        let bytes = fs::read(&path).unwrap();
        let cut = cut.index(bytes.len() + 1);
        fs::write(&path, &bytes[..cut]).unwrap();
        fs::write(home.path().join(".unfinished-x"), &garbage).unwrap();

        let (length, expected) = acknowledged
            .iter()
            .rfind(|(length, _)| *length <= cut as u64)
            .unwrap();
        let reader = StateReader::open(home.path()).unwrap();
        let read = reader.pending().unwrap();
        let ids: Vec<u64> = read.batches.iter().map(|entry| entry.id).collect();
        prop_assert_eq!(&ids, expected);
        prop_assert_eq!(read.torn_line.is_some(), cut as u64 > *length);
        prop_assert_eq!(reader.applied().unwrap().unwrap().len(), 1);

        // The next run cuts the torn line off, and its own lines are whole.
        let mut writer = lock(home.path()).unwrap();
        let id = writer.journal_begin(&batch("b"), now()).unwrap();
        prop_assert!(!home.path().join(".unfinished-x").exists());
        drop(writer);
        let read = reader.pending().unwrap();
        prop_assert_eq!(read.torn_line, None);
        prop_assert_eq!(read.batches.last().unwrap().id, id);
        prop_assert_eq!(read.batches.len(), expected.len() + 1);
    }
}
