//! Ctrl-C and SIGTERM: the write in flight is finished, and nothing more is sent. A second one ends
//! the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit code of a process that a second signal ended: that of a shell for an interrupt.
const AT_ONCE: i32 = 130;

/// Whether somebody asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on; says so once when asked to stop.
    pub(crate) fn listen() -> Self {
        let stop = Self::default();
        // Here and not in the task: from the return of this on, no signal ends the process.
        let signals = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        );
        if let (Ok(interrupt), Ok(terminate)) = signals {
            tokio::spawn(stop.clone().wait(interrupt, terminate));
        }
        stop
    }

    async fn wait(self, mut interrupt: Signal, mut terminate: Signal) {
        either(&mut interrupt, &mut terminate).await;
        self.0.store(true, Ordering::SeqCst);
        super::print::progress(
            "stopping after the write in flight; once more ends at once and leaves the lock",
        );
        either(&mut interrupt, &mut terminate).await;
        super::print::remark(
            "ended at once: a write may be in flight and the lock is left behind; the next apply looks at both",
        );
        std::process::exit(AT_ONCE);
    }

    /// Returns whether somebody asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
