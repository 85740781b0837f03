//! How many connections may begin at once: one budget for all that a connector makes.
//!
//! When a server goes away it takes all its sessions with it, and they must not all come back in the same second. Those
//! who come back wait in a line of their own; somebody who signs in sits before a screen, and goes first.
//!
//! A server may also be slower than the rate at which they come. Then those who are on their way in would be more and more,
//! until none of them is through before its deadline and all of them come again. So no more are on their way than can be
//! through in time.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex as Lock, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// How many connections may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectRate {
    /// In a second, in the long run.
    pub per_second: u32,
    /// At once, after a while in which there were none.
    pub burst: u32,
    /// While others are not through yet: those that are on their way in, from TCP to a proved password.
    pub under_way: u32,
}

impl Default for ConnectRate {
    fn default() -> Self {
        ConnectRate { per_second: 50, burst: 50, under_way: 100 }
    }
}

/// A bucket of tokens, which drop into it one by one until it is full.
#[derive(Debug)]
struct Bucket {
    /// From one token to the next.
    interval: Duration,
    /// From an empty bucket to a full one.
    depth: Duration,
    /// When it will be full.
    full_at: Instant,
}

impl Bucket {
    /// A full one.
    fn new(rate: ConnectRate, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        Bucket { interval, depth: interval * rate.burst.max(1), full_at: now }
    }

    /// Takes a token out.
    ///
    /// # Errors
    /// When there will be one.
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let full_at = self.full_at.max(now) + self.interval;
        if full_at > now + self.depth {
            return Err(now + (full_at - (now + self.depth)));
        }
        self.full_at = full_at;
        Ok(())
    }
}

/// Who wants a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    /// Somebody who signs in, or looks at a session that was parked.
    SignIn,
    /// A session that lost its stream.
    Return,
}

/// How much of a budget was used, since the gateway began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Connections that began.
    pub begun: u64,
    /// Those of them that had to wait.
    pub waited: u64,
    /// For how long they did, in all (milliseconds).
    pub waited_ms: u64,
    /// Those that wait now.
    pub waiting: usize,
}

/// The budget. Each line is a lock that is held while its first waits: it is fair, and only two look at the bucket.
#[derive(Debug)]
pub(super) struct Budget {
    bucket: Lock<Bucket>,
    under_way: Semaphore,
    sign_ins: Mutex<()>,
    /// How many stand in that line.
    waiting: AtomicUsize,
    returns: Mutex<()>,
    /// How many stand in either line, or have their turn.
    in_all: AtomicUsize,
    begun: AtomicU64,
    waited: AtomicU64,
    waited_ms: AtomicU64,
}

impl Budget {
    pub(super) fn new(rate: ConnectRate) -> Self {
        Budget {
            bucket: Lock::new(Bucket::new(rate, Instant::now())),
            under_way: Semaphore::new(
                usize::try_from(rate.under_way.max(1)).unwrap_or(Semaphore::MAX_PERMITS),
            ),
            sign_ins: Mutex::new(()),
            waiting: AtomicUsize::new(0),
            returns: Mutex::new(()),
            in_all: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            waited: AtomicU64::new(0),
            waited_ms: AtomicU64::new(0),
        }
    }

    /// How much of it was used.
    pub(super) fn spent(&self) -> Spent {
        Spent {
            begun: self.begun.load(Ordering::Relaxed),
            waited: self.waited.load(Ordering::Relaxed),
            waited_ms: self.waited_ms.load(Ordering::Relaxed),
            waiting: self.in_all.load(Ordering::Relaxed),
        }
    }

    /// Waits until a connection may begin, which is on its way in for as long as the turn is kept. Whoever stops waiting
    /// has taken nothing.
    pub(super) async fn take(&self, purpose: Purpose) -> Turn<'_> {
        let _counted = Waiting::new(&self.in_all);
        let since = Instant::now();
        let (turn, has_waited) = match purpose {
            Purpose::SignIn => {
                let _waiting = Waiting::new(&self.waiting);
                let (_first, was_behind) = stand_in(&self.sign_ins).await;
                let (turn, has_waited) = self.wait(|| true).await;
                (turn, has_waited || was_behind)
            }
            Purpose::Return => {
                let (_first, was_behind) = stand_in(&self.returns).await;
                let (turn, has_waited) = self.wait(|| self.waiting.load(Ordering::Relaxed) == 0).await;
                (turn, has_waited || was_behind)
            }
        };
        self.begun.fetch_add(1, Ordering::Relaxed);
        if has_waited {
            let waited_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.waited.fetch_add(1, Ordering::Relaxed);
            self.waited_ms.fetch_add(waited_ms, Ordering::Relaxed);
        }
        turn
    }

    /// Waits for room and a token that may be taken. True if they were not there at once.
    async fn wait(&self, may_take: impl Fn() -> bool) -> (Turn<'_>, bool) {
        let mut has_waited = false;
        loop {
            has_waited |= self.under_way.available_permits() == 0;
            // It is never closed.
            let Ok(room) = self.under_way.acquire().await else { continue };
            let next = {
                let now = Instant::now();
                let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
                if may_take() {
                    match bucket.take(now) {
                        Ok(()) => return (Turn { _room: room }, has_waited),
                        Err(next) => next,
                    }
                } else {
                    now + bucket.interval
                }
            };
            // Whoever waits for a token keeps nobody from being on their way.
            drop(room);
            has_waited = true;
            sleep_until(next).await;
        }
    }
}

/// A connection that is on its way in for as long as this is kept.
#[derive(Debug)]
#[must_use]
pub(super) struct Turn<'a> {
    _room: SemaphorePermit<'a>,
}

/// Stands in a line until it is one's turn, and says whether anybody was before.
async fn stand_in(line: &Mutex<()>) -> (MutexGuard<'_, ()>, bool) {
    match line.try_lock() {
        Ok(first) => (first, false),
        Err(_) => (line.lock().await, true),
    }
}

/// One more in a line for as long as it is kept.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Waiting(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    const RATE: ConnectRate = ConnectRate { per_second: 10, burst: 3, under_way: 100 };

    #[tokio::test(start_paused = true)]
    async fn a_bucket_gives_what_is_in_it_and_then_what_drops_in() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        for (at_ms, expected) in [
            (0, Ok(())),
            (0, Ok(())),
            (0, Ok(())),
            (0, Err(100)),
            (40, Err(100)),
            (99, Err(100)),
            (100, Ok(())),
            (100, Err(200)),
            (250, Ok(())),
            (250, Err(300)),
            // It never holds more than three.
            (9_000, Ok(())),
            (9_000, Ok(())),
            (9_000, Ok(())),
            (9_000, Err(9_100)),
        ] {
            let at = |ms: u64| start + Duration::from_millis(ms);
            assert_eq!(bucket.take(at(at_ms)), expected.map_err(at), "{at_ms}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_come_back_are_spread_over_time() {
        const MANY: u32 = 500;
        let budget = Arc::new(Budget::new(ConnectRate { per_second: 50, burst: 50, under_way: 500 }));
        let start = Instant::now();
        let mut returns = JoinSet::new();
        for _ in 0..MANY {
            let budget = Arc::clone(&budget);
            returns.spawn(async move {
                drop(budget.take(Purpose::Return).await);
                start.elapsed()
            });
        }
        let mut times = returns.join_all().await;
        times.sort();
        for (count, time) in (1..).zip(times) {
            // The clock of the tests goes by whole milliseconds.
            let allowed = 50.0 + 50.0 * (time.as_secs_f64() + 0.001);
            assert!(f64::from(count) <= allowed, "{count} after {time:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(10), "the budget was used: {:?}", start.elapsed());
        let Spent { begun, waited, waited_ms, waiting } = budget.spent();
        assert_eq!((begun, waiting), (500, 0));
        // All but the first burst, the next of them 20 ms longer than the one before; by whole milliseconds.
        assert_eq!(waited, 450);
        assert!((2_029_500..2_031_000).contains(&waited_ms), "{waited_ms}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_signs_in_goes_first_and_who_goes_away_takes_nothing() {
        let budget = Arc::new(Budget::new(RATE));
        for _ in 0..3 {
            drop(budget.take(Purpose::Return).await);
        }
        let start = Instant::now();
        let mut all = JoinSet::new();
        for purpose in [Purpose::Return, Purpose::Return, Purpose::SignIn, Purpose::SignIn] {
            let budget = Arc::clone(&budget);
            all.spawn(async move {
                drop(budget.take(purpose).await);
                (start.elapsed().as_millis(), purpose)
            });
            tokio::task::yield_now().await;
        }
        let gone = tokio::time::timeout(Duration::from_millis(50), budget.take(Purpose::SignIn)).await;
        assert!(gone.is_err());
        let mut order = all.join_all().await;
        order.sort_by_key(|(time, _)| *time);
        let purposes = order.iter().map(|(_, purpose)| *purpose).collect::<Vec<_>>();
        assert_eq!(purposes, [Purpose::SignIn, Purpose::SignIn, Purpose::Return, Purpose::Return]);
        assert!(start.elapsed() < Duration::from_millis(520), "{order:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_on_their_way_than_may_be_and_who_signs_in_is_next() {
        let budget = Arc::new(Budget::new(ConnectRate { per_second: 1_000, burst: 1_000, under_way: 2 }));
        let first = budget.take(Purpose::Return).await;
        let second = budget.take(Purpose::Return).await;
        let mut all = JoinSet::new();
        for purpose in [Purpose::Return, Purpose::SignIn] {
            let budget = Arc::clone(&budget);
            all.spawn(async move {
                std::mem::forget(budget.take(purpose).await);
                purpose
            });
            tokio::task::yield_now().await;
        }
        let later = tokio::time::timeout(Duration::from_secs(600), all.join_next()).await;
        assert!(later.is_err(), "a third one is on its way");
        assert_eq!((budget.spent().begun, budget.spent().waiting), (2, 2));

        drop(first);
        let next = tokio::time::timeout(Duration::from_secs(1), all.join_next()).await;
        assert_eq!(next.unwrap().unwrap().unwrap(), Purpose::SignIn);
        let later = tokio::time::timeout(Duration::from_secs(600), all.join_next()).await;
        assert!(later.is_err(), "a third one is on its way");
        drop(second);
        let next = tokio::time::timeout(Duration::from_secs(1), all.join_next()).await;
        assert_eq!(next.unwrap().unwrap().unwrap(), Purpose::Return);
        assert_eq!((budget.spent().begun, budget.spent().waited, budget.spent().waiting), (4, 2, 0));
    }
}
