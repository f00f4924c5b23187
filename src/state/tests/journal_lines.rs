//! Nothing is lost: batches that were begun, lines cut at any byte, plans used once.

use super::*;

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
