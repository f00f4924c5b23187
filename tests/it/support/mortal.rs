//! A process that can die at any step, and a state store that can fail at any call.
//!
//! In: where to die and what to fail. Out: a store over memory that counts its steps together with
//! the cloud. What is dead does nothing more: each of its futures waits for ever, and is dropped.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use drsync::state::{Expect, Objects, Store, StoreError, Stored, Tag};
use object_store::memory::InMemory;
use tokio::sync::Notify;

/// One run of the process, from its first step to its last.
#[derive(Debug)]
pub(crate) struct Life {
    dies_at: u64,
    steps: AtomicU64,
    dead: AtomicBool,
    end: Notify,
}

impl Life {
    /// A life that ends at this step (from 1), or by itself.
    pub(crate) fn until(step: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            dies_at: step.unwrap_or(u64::MAX),
            steps: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            end: Notify::new(),
        })
    }

    /// Takes a step; a dead process takes none.
    pub(crate) async fn step(&self) {
        let step = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        if step >= self.dies_at || self.dead.load(Ordering::SeqCst) {
            self.dead.store(true, Ordering::SeqCst);
            self.end.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the death.
    pub(crate) async fn ended(&self) {
        self.end.notified().await;
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }
}

/// Whose life it is now: the same process, run again and again.
#[derive(Clone, Debug)]
pub(crate) struct Body(Arc<Mutex<Arc<Life>>>);

impl Body {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Life::until(None))))
    }

    /// Begins a life.
    pub(crate) fn live(&self, life: &Arc<Life>) {
        *self.0.lock().unwrap() = Arc::clone(life);
    }

    pub(crate) async fn step(&self) {
        let life = Arc::clone(&self.0.lock().unwrap());
        life.step().await;
    }
}

/// A call of the store that fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreFault {
    /// Which call, counted from 1.
    pub(crate) nth: u64,
    /// How many calls.
    pub(crate) times: u64,
    /// Whether a put has effect before it.
    pub(crate) after: bool,
}

/// A store in memory, of a process that can die.
#[derive(Debug)]
pub(crate) struct MortalStore {
    inner: Objects,
    body: Body,
    calls: AtomicU64,
    faults: Mutex<Vec<StoreFault>>,
}

impl MortalStore {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            inner: Objects::new(Arc::new(InMemory::new()), "proof", "memory"),
            body,
            calls: AtomicU64::new(0),
            faults: Mutex::default(),
        }
    }

    /// Lets calls from now on fail, or with none, no more.
    pub(crate) fn script(&self, faults: &[StoreFault]) {
        self.calls.store(0, Ordering::SeqCst);
        *self.faults.lock().unwrap() = faults.to_vec();
    }

    fn fault(&self) -> Option<StoreFault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let faults = self.faults.lock().unwrap();
        let hit = |fault: &&StoreFault| (fault.nth..fault.nth + fault.times).contains(&call);
        faults.iter().find(hit).copied()
    }

    fn failed(name: &str) -> StoreError {
        StoreError::Failed {
            action: "reach",
            name: name.to_owned(),
            place: "memory".to_owned(),
            source: "connection reset by peer".into(),
        }
    }
}

#[async_trait]
impl Store for MortalStore {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    async fn get(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        self.body.step().await;
        if self.fault().is_some() {
            return Err(Self::failed(name));
        }
        self.inner.get(name).await
    }

    async fn put(&self, name: &str, bytes: Bytes, expect: &Expect) -> Result<Tag, StoreError> {
        self.body.step().await;
        let fault = self.fault();
        if fault.is_some_and(|fault| !fault.after) {
            return Err(Self::failed(name));
        }
        let put = self.inner.put(name, bytes, expect).await;
        self.body.step().await;
        if fault.is_some() {
            return Err(Self::failed(name));
        }
        put
    }
}
