//! One writer at a time: leases, fencing numbers, and a lock that is broken.

use super::*;

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
