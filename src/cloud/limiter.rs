//! A token bucket for each account and service, shared by all tasks, that slows down when the
//! service throttles and recovers slowly.
//!
//! It is our own and not a crate's because the rate must move while tasks wait, and because the
//! clock and the sleep are inputs, so that a run can be played on a virtual clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;

use super::connection::Rate;

/// The share of the rate that is kept after a throttled answer.
const BACK_OFF: f64 = 0.5;
/// The share of the full rate that each good answer gives back.
const RECOVER: f64 = 0.02;
/// The lowest share of the full rate, so that a run always ends.
const FLOOR: f64 = 0.05;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    share: f64,
    filled_at: Option<SystemTime>,
}

/// One token bucket.
#[derive(Debug)]
pub(super) struct Limiter {
    rate: Rate,
    bucket: Mutex<Bucket>,
    time: SharedTimeSource,
    sleep: SharedAsyncSleep,
}

impl Limiter {
    pub(super) fn new(rate: Rate, time: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        let bucket = Bucket {
            tokens: f64::from(rate.burst),
            share: 1.0,
            filled_at: None,
        };
        Self {
            rate,
            bucket: Mutex::new(bucket),
            time,
            sleep,
        }
    }

    /// Waits until `amount` tokens are there, and takes them.
    ///
    /// The tokens are taken at once and may go below zero: whoever comes later waits longer, so
    /// waiting tasks are served in the order in which they came.
    pub(super) async fn take(&self, amount: u32) {
        let wait = {
            let mut bucket = self.lock();
            self.fill(&mut bucket);
            bucket.tokens -= f64::from(amount);
            if bucket.tokens >= 0.0 {
                Duration::ZERO
            } else {
                Duration::from_secs_f64(-bucket.tokens / (self.rate.per_second * bucket.share))
            }
        };
        if !wait.is_zero() {
            self.sleep.sleep(wait).await;
        }
    }

    /// Lowers the rate after a throttled answer, and empties the bucket.
    pub(super) fn throttled(&self) {
        let mut bucket = self.lock();
        bucket.share = (bucket.share * BACK_OFF).max(FLOOR);
        bucket.tokens = bucket.tokens.min(0.0);
    }

    /// Raises the rate a little after a good answer.
    pub(super) fn answered(&self) {
        let mut bucket = self.lock();
        bucket.share = (bucket.share + RECOVER).min(1.0);
    }

    fn fill(&self, bucket: &mut Bucket) {
        let now = self.time.now();
        let since = bucket
            .filled_at
            .and_then(|at| now.duration_since(at).ok())
            .unwrap_or_default();
        let gained = since.as_secs_f64() * self.rate.per_second * bucket.share;
        bucket.tokens = (bucket.tokens + gained).min(f64::from(self.rate.burst));
        bucket.filled_at = Some(now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_async::test_util::tick_advance_sleep::tick_advance_time_and_sleep;

    use super::*;

    fn limiter(per_second: f64, burst: u32) -> (Limiter, SharedTimeSource) {
        let (time, sleep) = tick_advance_time_and_sleep();
        let time = SharedTimeSource::new(time);
        (
            Limiter::new(
                Rate { per_second, burst },
                time.clone(),
                SharedAsyncSleep::new(sleep),
            ),
            time,
        )
    }

    #[tokio::test]
    async fn a_burst_passes_at_once() {
        let (limiter, time) = limiter(5.0, 10);
        let start = time.now();
        for _ in 0..10 {
            limiter.take(1).await;
        }
        assert_eq!(time.now(), start);
    }

    #[tokio::test]
    async fn throttling_halves_the_rate_and_answers_raise_it() {
        let (limiter, _) = limiter(5.0, 10);
        limiter.throttled();
        assert!((limiter.lock().share - 0.5).abs() < f64::EPSILON);
        for _ in 0..100 {
            limiter.answered();
        }
        assert!((limiter.lock().share - 1.0).abs() < f64::EPSILON);
    }
}
