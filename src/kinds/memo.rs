//! Reads that several kinds need, made once in a run.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::KindError;

type Slot = Arc<OnceCell<Result<Arc<dyn Any + Send + Sync>, KindError>>>;

/// The answers of reads by key; equal reads are one.
#[derive(Debug, Default)]
pub struct Memo(Mutex<HashMap<String, Slot>>);

impl Memo {
    /// Returns the answer under a key, reading it if nobody has.
    ///
    /// The key must name the type of the answer as well as the question.
    pub async fn once<T, F>(&self, key: String, read: F) -> Result<Arc<T>, KindError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, KindError>> + Send,
    {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key.clone()).or_default())
        };
        let answer = slot
            .get_or_init(|| async {
                read.await
                    .map(|answer| Arc::new(answer) as Arc<dyn Any + Send + Sync>)
            })
            .await
            .clone()?;
        answer.downcast::<T>().map_err(|_| {
            KindError::Garbled(format!("two reads of different types share the key {key}"))
        })
    }
}
