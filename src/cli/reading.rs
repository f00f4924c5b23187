//! What a person sees while a plan is being read: how many calls were made, on a terminal only.

use std::time::Duration;

use indicatif::ProgressBar;
use tokio::task::JoinHandle;

use crate::cloud::Calls;

/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on stderr that lasts as long as this value; none where nobody looks at it.
pub(crate) struct Reading {
    bar: ProgressBar,
    task: JoinHandle<()>,
}

impl Reading {
    /// Begins to show the calls that are counted.
    pub(crate) fn begin(calls: Calls) -> Self {
        let bar = ProgressBar::new_spinner();
        let line = bar.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let counts = calls.counts();
                let words = counts
                    .iter()
                    .map(|(service, own)| format!("{} {service} calls", own.values().sum::<u64>()));
                line.set_message(format!("reading: {}", words.collect::<Vec<_>>().join(", ")));
                line.tick();
            }
        });
        Self { bar, task }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
