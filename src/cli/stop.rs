//! Ctrl-C and SIGTERM: the write in flight is finished, and nothing more is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on; says so once when asked to stop.
    pub(crate) fn listen() -> Self {
        let stop = Self::default();
        let flag = stop.clone();
        tokio::spawn(async move {
            wait().await;
            flag.0.store(true, Ordering::SeqCst);
            super::print::progress("stopping after the write in flight");
        });
        stop
    }

    /// Returns whether somebody asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

async fn wait() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
