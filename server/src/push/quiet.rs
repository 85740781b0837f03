//! When nothing is pushed: hours of the day, by somebody's own clock.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use protocol::{MAX_ZONE_BYTES, QuietHours, TimestampMs};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A clock: that of a place, or one so far from UTC.
enum Zone {
    Place(Tz),
    Offset(FixedOffset),
}

impl Zone {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_ZONE_BYTES {
            return None;
        }
        match text.parse::<Tz>() {
            Ok(place) => Some(Zone::Place(place)),
            // As in RFC 3339, and no further away than there are clocks.
            Err(_) => {
                let (sign, rest) = match text.split_at_checked(1)? {
                    ("+", rest) => (1, rest),
                    ("-", rest) => (-1, rest),
                    _ => return None,
                };
                let (hours, minutes) = rest.split_once(':')?;
                let two = |part: &str| {
                    let is_two = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
                    is_two.then(|| part.parse::<i32>().ok()).flatten()
                };
                let (hours, minutes) = (two(hours)?, two(minutes)?);
                (hours <= 14 && minutes < 60)
                    .then(|| FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60).map(Zone::Offset))
                    .flatten()
            }
        }
    }

    fn local(&self, at_ms: TimestampMs) -> Option<NaiveDateTime> {
        let at = DateTime::<Utc>::from_timestamp_millis(at_ms)?;
        Some(match self {
            Zone::Place(zone) => at.with_timezone(zone).naive_local(),
            Zone::Offset(zone) => at.with_timezone(zone).naive_local(),
        })
    }

    /// When a clock shows this: the first time, and, where clocks are put forward over it, when they are.
    fn instant(&self, local: NaiveDateTime) -> Option<TimestampMs> {
        let first = |local: &NaiveDateTime| match self {
            Zone::Place(zone) => zone.from_local_datetime(local).earliest().map(|at| at.timestamp_millis()),
            Zone::Offset(zone) => zone.from_local_datetime(local).earliest().map(|at| at.timestamp_millis()),
        };
        // No clock is put forward by more than a few hours, and all by whole quarters.
        (0..=16).find_map(|quarters| first(&(local + chrono::Duration::minutes(15 * quarters))))
    }
}

/// Why quiet hours are none.
pub(super) fn check(quiet: &QuietHours) -> Result<(), &'static str> {
    if quiet.from_minute >= DAY || quiet.to_minute >= DAY {
        return Err("a minute of the day is 0 to 1439");
    }
    if quiet.from_minute == quiet.to_minute {
        return Err("quiet hours begin and end at different minutes");
    }
    Zone::parse(&quiet.zone)
        .map(drop)
        .ok_or("the zone is a name of the IANA's, such as Europe/Berlin, or an offset, such as +02:00")
}

/// When the quiet hours end in which an instant lies. `None` if it lies in none.
pub(super) fn end(quiet: &QuietHours, at_ms: TimestampMs) -> Option<TimestampMs> {
    let zone = Zone::parse(&quiet.zone)?;
    let local = zone.local(at_ms)?;
    let minute = u16::try_from(local.hour() * 60 + local.minute()).ok()?;
    let (from, to) = (quiet.from_minute, quiet.to_minute);
    let is_quiet = if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to };
    if !is_quiet {
        return None;
    }
    let time = NaiveTime::from_hms_opt(u32::from(to / 60), u32::from(to % 60), 0)?;
    let day = if minute < to { local.date() } else { local.date().checked_add_days(Days::new(1))? };
    debug_assert!(day.year() > 0);
    // Where a clock is put back, the same minute may come again before.
    zone.instant(day.and_time(time)).filter(|end| *end > at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, zone: &str) -> QuietHours {
        let minute = |text: &str| {
            let (hours, minutes) = text.split_once(':').unwrap();
            hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
        };
        QuietHours { from_minute: minute(from), to_minute: minute(to), zone: zone.to_owned() }
    }

    #[test]
    fn quiet_hours_end_by_the_persons_own_clock() {
        for (from, to, zone, at, expected) in [
            ("22:00", "07:00", "+00:00", "2026-03-01T21:59:59Z", None),
            ("22:00", "07:00", "+00:00", "2026-03-01T22:00:00Z", Some("2026-03-02T07:00:00Z")),
            ("22:00", "07:00", "+00:00", "2026-03-02T06:59:59Z", Some("2026-03-02T07:00:00Z")),
            ("22:00", "07:00", "+00:00", "2026-03-02T07:00:00Z", None),
            ("13:00", "14:30", "-05:30", "2026-03-01T18:45:00Z", Some("2026-03-01T20:00:00Z")),
            ("13:00", "14:30", "-05:30", "2026-03-01T13:45:00Z", None),
            ("22:00", "07:00", "Europe/Berlin", "2026-01-10T21:30:00Z", Some("2026-01-11T06:00:00Z")),
            ("22:00", "07:00", "Europe/Berlin", "2026-07-10T20:30:00Z", Some("2026-07-11T05:00:00Z")),
            // The night in which clocks are put forward is an hour shorter, and the one in which they are put back longer.
            ("22:00", "07:00", "Europe/Berlin", "2026-03-28T21:30:00Z", Some("2026-03-29T05:00:00Z")),
            ("22:00", "07:00", "Europe/Berlin", "2026-10-24T20:30:00Z", Some("2026-10-25T06:00:00Z")),
            // No clock there shows the minute at which they end.
            ("22:00", "02:30", "Europe/Berlin", "2026-03-28T22:00:00Z", Some("2026-03-29T01:00:00Z")),
            ("00:00", "23:59", "Asia/Kathmandu", "2026-03-28T18:15:00Z", Some("2026-03-29T18:14:00Z")),
        ] {
            let instant = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
            let quiet = quiet(from, to, zone);
            assert_eq!(check(&quiet), Ok(()));
            assert_eq!(end(&quiet, instant(at)), expected.map(instant), "{from} to {to} in {zone}, at {at}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (from, to, zone) in [
            ("24:00", "07:00", "UTC"),
            ("07:00", "24:00", "UTC"),
            ("07:00", "07:00", "UTC"),
            ("22:00", "07:00", ""),
            ("22:00", "07:00", "Nowhere/At_all"),
            ("22:00", "07:00", "+2:00"),
            ("22:00", "07:00", "+15:00"),
            ("22:00", "07:00", "+02:60"),
            ("22:00", "07:00", "02:00"),
            ("22:00", "07:00", "+-1:00"),
            ("22:00", "07:00", "\u{a0}02:00"),
        ] {
            assert!(check(&quiet(from, to, zone)).is_err(), "{from} to {to} in {zone}");
        }
    }
}
