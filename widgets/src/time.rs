//! Days and how to name them.
//!
//! Knows instants and offsets. Must never know the clock, the time zone or the language: the browser brings those.

use protocol::TimestampMs;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A day of the calendar where the reader is: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i64);

impl Day {
    /// The day of an instant at a place `offset_mins` minutes ahead of UTC.
    pub(crate) fn of(at_ms: TimestampMs, offset_mins: i32) -> Day {
        Day((at_ms + i64::from(offset_mins) * 60_000).div_euclid(DAY_MS))
    }

    /// Noon of the day in UTC, which is an instant of that day to format a date from, in UTC.
    pub(crate) fn noon_utc_ms(self) -> TimestampMs {
        self.0 * DAY_MS + DAY_MS / 2
    }
}

/// How to name a day, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayName {
    /// Today, or later: clocks differ, and nothing is gained by "tomorrow".
    Today,
    /// Yesterday.
    Yesterday,
    /// Within the last week: the weekday says it.
    Weekday,
    /// Within about a year: day and month.
    Date,
    /// Longer ago: the year too.
    DateAndYear,
}

/// Names a day.
pub(crate) fn name(day: Day, today: Day) -> DayName {
    match today.0 - day.0 {
        ..=0 => DayName::Today,
        1 => DayName::Yesterday,
        2..=6 => DayName::Weekday,
        7..=330 => DayName::Date,
        _ => DayName::DateAndYear,
    }
}

/// How long ago something was, in the coarsest unit that says enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ago {
    /// Under a minute.
    Now,
    /// Minutes, 1 to 59.
    Minutes(u32),
    /// Hours, 1 to 23.
    Hours(u32),
    /// Days, 1 and up.
    Days(u32),
}

/// How long before `now_ms` something was.
pub(crate) fn ago(at_ms: TimestampMs, now_ms: TimestampMs) -> Ago {
    let minutes = u32::try_from((now_ms - at_ms) / 60_000).unwrap_or(0);
    match minutes {
        0 => Ago::Now,
        1..=59 => Ago::Minutes(minutes),
        60..=1439 => Ago::Hours(minutes / 60),
        _ => Ago::Days(minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_local_midnight() {
        let midnight = 1_700_006_400_000; // 2023-11-15T00:00:00Z
        for (at_ms, offset_mins, day) in [
            (midnight, 0, 19676),
            (midnight - 1, 0, 19675),
            (midnight - 1, 60, 19676),
            (midnight, -60, 19675),
            (midnight, 14 * 60, 19676),
            (-1, 0, -1),
        ] {
            assert_eq!(Day::of(at_ms, offset_mins), Day(day), "{at_ms} at {offset_mins}");
        }
    }

    #[test]
    fn days_are_named_by_age() {
        for (age, expected) in [
            (-1, DayName::Today),
            (0, DayName::Today),
            (1, DayName::Yesterday),
            (2, DayName::Weekday),
            (6, DayName::Weekday),
            (7, DayName::Date),
            (330, DayName::Date),
            (331, DayName::DateAndYear),
        ] {
            assert_eq!(name(Day(20_000 - age), Day(20_000)), expected, "{age} days ago");
        }
    }

    #[test]
    fn ages_use_the_coarsest_unit() {
        let minute = 60_000;
        for (age_ms, expected) in [
            (-5 * minute, Ago::Now),
            (59_999, Ago::Now),
            (minute, Ago::Minutes(1)),
            (60 * minute - 1, Ago::Minutes(59)),
            (60 * minute, Ago::Hours(1)),
            (24 * 60 * minute, Ago::Days(1)),
            (49 * 60 * minute, Ago::Days(2)),
        ] {
            assert_eq!(ago(0, age_ms), expected, "{age_ms} ms");
        }
    }
}
