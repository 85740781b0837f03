//! How many streams are up, and what became of those that were: for whoever watches the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::OfflineReason;

/// Counts over all connections together, since the gateway began.
#[derive(Debug, Default)]
pub struct Traffic {
    up: AtomicU64,
    new: AtomicU64,
    resumed: AtomicU64,
    unreachable: AtomicU64,
    silent: AtomicU64,
    protocol: AtomicU64,
}

impl Traffic {
    /// Streams that are up now.
    pub fn up(&self) -> u64 {
        self.up.load(Ordering::Relaxed)
    }

    /// Streams that came up as new ones.
    pub fn new_streams(&self) -> u64 {
        self.new.load(Ordering::Relaxed)
    }

    /// Streams that went on where they were (XEP-0198 section 5).
    pub fn resumed(&self) -> u64 {
        self.resumed.load(Ordering::Relaxed)
    }

    /// Streams that were lost, by why.
    pub fn lost(&self) -> [(&'static str, u64); 3] {
        [("unreachable", &self.unreachable), ("silent", &self.silent), ("protocol", &self.protocol)]
            .map(|(reason, count)| (reason, count.load(Ordering::Relaxed)))
    }

    pub(super) fn count_lost(&self, reason: OfflineReason) {
        let count = match reason {
            OfflineReason::Unreachable => &self.unreachable,
            OfflineReason::Silent => &self.silent,
            OfflineReason::Protocol | OfflineReason::Unknown => &self.protocol,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream that is up for as long as this is kept.
#[derive(Debug)]
pub(super) struct Up(Arc<Traffic>);

impl Up {
    pub(super) fn new(traffic: Arc<Traffic>, is_resumed: bool) -> Self {
        let kind = if is_resumed { &traffic.resumed } else { &traffic.new };
        kind.fetch_add(1, Ordering::Relaxed);
        traffic.up.fetch_add(1, Ordering::Relaxed);
        Up(traffic)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.0.up.fetch_sub(1, Ordering::Relaxed);
    }
}
