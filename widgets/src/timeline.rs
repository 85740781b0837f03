//! How messages are laid out: in days, in groups by sender, with a line above what is new.
//!
//! Knows who wrote when. Must never know bodies, the DOM or the clock.

use protocol::TimestampMs;

use crate::time::Day;

/// Messages by one sender that come within this time of the one before stand together.
const GROUP_WITHIN_MS: i64 = 5 * 60 * 1000;

/// What the layout needs to know of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its key in the timeline.
    pub(crate) key: u32,
    /// Whether the person wrote it themselves.
    pub(crate) own: bool,
    /// Which of several others did: equal for what the same one wrote.
    pub(crate) sender: u32,
    /// When it was sent.
    pub(crate) at_ms: TimestampMs,
    /// The day of that, where the reader is.
    pub(crate) day: Day,
}

/// Where a message stands among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// The first of its group: it tells sender and time.
    pub(crate) first: bool,
    /// The last of its group: it has the avatar beside it.
    pub(crate) last: bool,
    /// The first of what is new: the unread line is above it.
    pub(crate) unread_above: bool,
}

/// One day's messages: which, by index, and where each stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DaySection {
    /// The day.
    pub(crate) day: Day,
    /// How often it was there before: where clocks go back over midnight, or differ, a day comes again.
    pub(crate) again: usize,
    /// Index of the day's first message.
    pub(crate) from: usize,
    /// The place of each message of the day, in order.
    pub(crate) places: Vec<Place>,
}

/// Lays lines out. They come in the order in which they are to be shown.
///
/// `first_unread` is the key of the message above which the unread line goes.
pub(crate) fn arrange(lines: &[Line], first_unread: Option<u32>) -> Vec<DaySection> {
    let mut sections: Vec<DaySection> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| lines[before]);
        let unread_above = first_unread == Some(line.key);
        let first = unread_above || before.is_none_or(|before| !together(before, *line));
        if before.is_none_or(|before| before.day != line.day) {
            let again = sections.iter().filter(|section| section.day == line.day).count();
            sections.push(DaySection { day: line.day, again, from: index, places: Vec::new() });
        }
        let Some(section) = sections.last_mut() else { continue };
        if first && let Some(previous) = section.places.last_mut() {
            previous.last = true;
        }
        section.places.push(Place { first, last: false, unread_above });
    }
    for section in &mut sections {
        if let Some(place) = section.places.last_mut() {
            place.last = true;
        }
    }
    sections
}

/// The line above which the unread line goes, when the newest `unread` incoming ones are new.
pub(crate) fn first_unread(lines: &[Line], unread: u32) -> Option<u32> {
    let nth = usize::try_from(unread).ok()?.checked_sub(1)?;
    let incoming = || lines.iter().filter(|line| !line.own);
    // More are unread than are loaded: all of these are.
    incoming().rev().nth(nth).or_else(|| incoming().next()).map(|line| line.key)
}

/// Whether two neighbours belong to one group.
fn together(before: Line, line: Line) -> bool {
    before.own == line.own
        && before.sender == line.sender
        && before.day == line.day
        && (line.at_ms - before.at_ms).abs() < GROUP_WITHIN_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `script`: one word per message, `[<>]minutes`, `<` for what came in; `|` begins the unread part. The outcome:
    /// a line per day, `(` before the first and `)` after the last of a group.
    #[track_caller]
    fn check(script: &str, expected: &str) {
        let words: Vec<&str> = script.split_whitespace().filter(|word| *word != "|").collect();
        let unread_at = script.split_whitespace().position(|word| word == "|");
        let lines: Vec<Line> = words
            .iter()
            .zip(0..)
            .map(|(word, key)| {
                let minutes = word[1..].trim_end_matches(|c: char| c.is_ascii_lowercase());
                let at_ms = minutes.parse::<i64>().unwrap() * 60_000;
                // `a` and `b` behind the time are people in a room.
                let sender = u32::from(word.bytes().last().filter(u8::is_ascii_lowercase).unwrap_or(0));
                Line { key, own: word.starts_with('>'), sender, at_ms, day: Day::of(at_ms, 0) }
            })
            .collect();
        let first_unread = unread_at.map(|at| lines[at].key);
        let mut got = Vec::new();
        for section in arrange(&lines, first_unread) {
            let mut text = String::new();
            for (offset, place) in section.places.iter().enumerate() {
                text += if place.unread_above { "|" } else { "" };
                text += if place.first { "(" } else { " " };
                text += words[section.from + offset];
                text += if place.last { ")" } else { "" };
            }
            let again = "'".repeat(section.again);
            got.push(format!("{}{again}: {text}", section.day.0));
        }
        assert_eq!(got.join("\n"), expected);
    }

    #[test]
    fn the_unread_line_counts_what_came_in() {
        let line = |(key, own)| Line { key, own, sender: 0, at_ms: 0, day: Day(0) };
        let lines: Vec<Line> =
            [false, true, false, true].into_iter().zip(0..).map(|(own, key)| line((key, own))).collect();
        for (unread, expected) in [(0, None), (1, Some(2)), (2, Some(0)), (3, Some(0))] {
            assert_eq!(first_unread(&lines, unread), expected, "{unread} unread");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        check("", "");
    }

    #[test]
    fn one_sender_within_five_minutes_is_one_group() {
        check("<0 <4 <8 <13", "0: (<0 <4 <8)(<13)");
    }

    #[test]
    fn another_sender_begins_another_group() {
        check("<0 >1 >2 <3", "0: (<0)(>1 >2)(<3)");
    }

    #[test]
    fn people_in_a_room_are_told_apart() {
        check("<0a <1a <2b >3 <4a", "0: (<0a <1a)(<2b)(>3)(<4a)");
    }

    #[test]
    fn days_split_groups() {
        check("<1438 <1439 <1440", "0: (<1438 <1439)\n1: (<1440)");
    }

    #[test]
    fn a_day_that_comes_again_is_another_section() {
        check(
            "<1439 <1440 <1439 <1441 <1439",
            "0: (<1439)\n1: (<1440)\n0': (<1439)\n1': (<1441)\n0'': (<1439)",
        );
    }

    #[test]
    fn the_unread_line_splits_groups() {
        check("<0 <1 | <2 <3", "0: (<0 <1)|(<2 <3)");
        check("| <0", "0: |(<0)");
    }
}
