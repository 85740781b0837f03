//! A clock that stands still until it is told to go on, so that no deadline passes by accident and none is waited for.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use server::task::OwnedTask;
use tokio::time;

/// How long a test may stand still by the clock on the wall. After that the test's clock runs, and runs ahead: whatever
/// waits with a deadline finds it passed, and says what it was waiting for.
const WATCHDOG: Duration = Duration::from_secs(30);

/// How often all tasks get their turn after that. One wakes another, and a handful of them are at work.
const ROUNDS: usize = 16;

/// Time stands still on this runtime for as long as this is kept.
#[derive(Debug)]
pub(crate) struct Stopped {
    _release: Sender<()>,
    _watchdog: OwnedTask<()>,
}

impl Stopped {
    /// Stops it. The runtime must be of one thread.
    pub(crate) fn new() -> Self {
        time::pause();
        let (release, released) = channel::<()>();
        // A paused clock leaps to the next deadline whenever nothing is to be done, and would do so while bytes are on
        // their way through a socket; it does not while a blocking task runs.
        let watchdog = tokio::task::spawn_blocking(move || {
            let _ = released.recv_timeout(WATCHDOG);
        });
        // The end of a task that somebody waits for wakes the runtime up, which could have settled down to wait.
        let waiting = OwnedTask::spawn(async move {
            let _ = watchdog.await;
        });
        Stopped { _release: release, _watchdog: waiting }
    }

    /// Lets this much time pass at once, and has whoever waited for it find out.
    pub(crate) async fn pass(&self, time: Duration) {
        time::advance(time).await;
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        time::resume();
    }
}
