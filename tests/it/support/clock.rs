//! A clock that only sleeping turns, so that a run of minutes takes milliseconds and no test
//! depends on the real time.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

/// How often a sleeper of a shuffled run lets others go first; more than any answer waits, so that
/// no time-out comes before its answer.
const YIELDS: u32 = 16;
/// Noon of a day that never changes: 2026-11-24T12:00:00Z.
const START: u64 = 1_795_521_600;

/// The clock: shared by the SDK, the limiter and the sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    now: Arc<Mutex<SystemTime>>,
    yields: u32,
}

impl Clock {
    /// Begins at that noon.
    pub(crate) fn new() -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        Self {
            now: Arc::new(Mutex::new(start)),
            yields: 0,
        }
    }

    /// The same clock, whose sleepers let others go first.
    pub(crate) fn shuffled(self) -> Self {
        Self {
            yields: YIELDS,
            ..self
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }

    pub(crate) fn timestamp(&self) -> jiff::Timestamp {
        jiff::Timestamp::try_from(self.now()).unwrap()
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(Sleeper {
            clock: self.clone(),
            until: self.now() + duration,
            yields: self.yields,
        })
    }
}

struct Sleeper {
    clock: Clock,
    until: SystemTime,
    yields: u32,
}

impl Future for Sleeper {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.yields > 0 {
            self.yields -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut now = self.clock.now.lock().unwrap();
        *now = (*now).max(self.until);
        Poll::Ready(())
    }
}

/// Lets others go first so many times.
pub(crate) async fn yields(times: u32) {
    for _ in 0..times {
        let mut first = true;
        std::future::poll_fn(|context| {
            if std::mem::take(&mut first) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}
