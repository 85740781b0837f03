//! Counts for whoever watches the gateway.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) taken: AtomicU64,
    pub(super) withdrawn: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) asked: AtomicU64,
    pub(super) held: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) shrunk: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) unneeded: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) devices_gone: AtomicU64,
}

/// What came of pushes since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCounts {
    /// By what came of each try, in words.
    pub outcomes: Vec<(&'static str, u64)>,
    /// Devices that were removed since their push service knows them no more.
    pub devices_gone: u64,
}

impl Counters {
    pub(super) fn one_more(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> PushCounts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PushCounts {
            outcomes: vec![
                ("taken", get(&self.taken)),
                ("withdrawn", get(&self.withdrawn)),
                ("refused", get(&self.refused)),
                ("asked", get(&self.asked)),
                ("held", get(&self.held)),
                ("retried", get(&self.retried)),
                ("shrunk", get(&self.shrunk)),
                ("expired", get(&self.expired)),
                ("unneeded", get(&self.unneeded)),
                ("failed", get(&self.failed)),
            ],
            devices_gone: get(&self.devices_gone),
        }
    }
}
