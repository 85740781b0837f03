//! The one place that reads the wall clock. Everything else is told the time.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::TimestampMs;

/// Now, in milliseconds since 1970. Not monotonic: for stamps, never for durations.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now_ms() -> TimestampMs {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
