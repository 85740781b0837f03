//! A clock that stands still until it is told to go on, so that no deadline passes by accident and none is waited for.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use server::task::OwnedTask;
use tokio::time::{self, Instant};

/// How long a test may stand still by the clock on the wall. After that the test's clock runs, and runs ahead: whatever
/// waits with a deadline finds it passed, and says what it was waiting for.
const WATCHDOG: Duration = Duration::from_secs(120);

/// How often all tasks get their turn after that. One wakes another, and a handful of them are at work.
const ROUNDS: usize = 16;

/// How far the clock may be from what it was told: timers go by whole milliseconds.
const INEXACT: Duration = Duration::from_millis(100);

/// Time stands still on this runtime for as long as this is kept. In the end it says whether it did: something that the
/// test waited for could have come because a deadline passed, which is nothing that the test has seen.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// What the clock is to show.
    shown: Mutex<Instant>,
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
        Stopped { shown: Mutex::new(Instant::now()), _release: release, _watchdog: waiting }
    }

    /// Lets this much time pass at once, and has whoever waited for it find out.
    pub(crate) async fn pass(&self, time: Duration) {
        *self.shown.lock().unwrap() += time;
        time::advance(time).await;
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let ahead = Instant::now() - *self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        time::resume();
        assert!(
            std::thread::panicking() || ahead < INEXACT,
            "the test stood still, and was helped on by a clock that ran ahead by {ahead:?}"
        );
    }
}
