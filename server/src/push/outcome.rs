//! What a push service's answer means (RFC 8030 section 5, R-50), and when to try again.

use chrono::DateTime;
use protocol::TimestampMs;

/// How long to wait after the first time, and at the most (milliseconds).
const FIRST_MS: i64 = 60_000;
const LONGEST_MS: i64 = 6 * 60 * 60 * 1000;

/// What came of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The push service has it.
    Taken,
    /// There is no such subscription any more.
    Gone,
    /// The push service refuses what this gateway sends: trying again would not mend it.
    Refused,
    /// It is too long for the push service.
    TooLong,
    /// The push service can't just now, and says for how long, or does not.
    Busy { for_ms: Option<i64> },
}

/// What an answer means.
pub(super) fn outcome(status: u16, retry_after: Option<&str>, now_ms: TimestampMs) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        404 | 410 => Outcome::Gone,
        413 => Outcome::TooLong,
        408 | 425 | 429 | 500..=599 => Outcome::Busy { for_ms: retry_after.and_then(|it| wait(it, now_ms)) },
        _ => Outcome::Refused,
    }
}

/// Seconds, or an instant (RFC 9110 section 10.2.3).
fn wait(value: &str, now_ms: TimestampMs) -> Option<i64> {
    let value = value.trim();
    let ms = match value.parse::<u32>() {
        Ok(secs) => i64::from(secs) * 1000,
        Err(_) => DateTime::parse_from_rfc2822(value).ok()?.timestamp_millis().saturating_sub(now_ms),
    };
    Some(ms.clamp(0, 24 * 60 * 60 * 1000))
}

/// When to try again after so many times, of which the last was now: each time twice as long, and not at the same moment as
/// everybody else. `chance` is 0 to 1.
pub(super) fn again(now_ms: TimestampMs, attempts: i64, for_ms: Option<i64>, chance: f64) -> TimestampMs {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or(20);
    let pause = FIRST_MS.saturating_mul(1_i64 << doublings).min(LONGEST_MS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "of hours in milliseconds"
    )]
    let spread = (pause as f64 * 0.25 * chance) as i64;
    now_ms.saturating_add((pause + spread).max(for_ms.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_they_are_meant_to() {
        let busy = |secs: Option<i64>| Outcome::Busy { for_ms: secs.map(|secs| secs * 1000) };
        let now_ms = 1_445_412_420_000;
        for (status, retry_after, expected) in [
            (200, None, Outcome::Taken),
            (201, None, Outcome::Taken),
            (202, None, Outcome::Taken),
            (204, None, Outcome::Taken),
            (301, None, Outcome::Refused),
            (307, None, Outcome::Refused),
            (400, None, Outcome::Refused),
            (401, None, Outcome::Refused),
            (403, Some("7"), Outcome::Refused),
            (404, None, Outcome::Gone),
            (410, None, Outcome::Gone),
            (413, None, Outcome::TooLong),
            (408, None, busy(None)),
            (429, None, busy(None)),
            (429, Some("120"), busy(Some(120))),
            (429, Some(" 120 "), busy(Some(120))),
            (429, Some("Wed, 21 Oct 2015 07:28:00 GMT"), busy(Some(60))),
            (429, Some("Wed, 21 Oct 2015 07:26:00 GMT"), busy(Some(0))),
            (429, Some("tomorrow"), busy(None)),
            (429, Some("-5"), busy(None)),
            (429, Some("4000000000"), busy(Some(24 * 60 * 60))),
            (500, None, busy(None)),
            (503, Some("1"), busy(Some(1))),
            (507, None, busy(None)),
            (600, None, Outcome::Refused),
        ] {
            assert_eq!(outcome(status, retry_after, now_ms), expected, "{status} {retry_after:?}");
        }
    }

    #[test]
    fn each_time_is_further_away_up_to_six_hours() {
        let minutes = |attempts, chance| again(0, attempts, None, chance) / 60_000;
        let without: Vec<i64> = (1..=11).map(|attempts| minutes(attempts, 0.0)).collect();
        assert_eq!(without, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!((minutes(3, 1.0), minutes(11, 1.0), minutes(i64::MAX, 0.0)), (5, 450, 360));
        // Who is asked to wait longer does.
        assert_eq!(again(7, 1, Some(120_000), 0.0), 120_007);
        assert_eq!(again(7, 1, Some(1_000), 0.0), 60_007);
    }
}
