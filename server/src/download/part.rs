//! Parts of files (RFC 9110 section 14): which one somebody asks for, and which one is there. Pure.

use std::fmt;

/// One range of bytes, as somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From the first to the last, or to the end.
    From {
        /// The first byte's position.
        first: u64,
        /// The last byte's.
        last: Option<u64>,
    },
    /// So many at the end.
    Last(u64),
}

impl Part {
    /// What the header `Range` asks for. What is not of its form is as if it weren't there, and so are several ranges at once:
    /// a server may pass over them (section 14.2), and a file can be had whole.
    pub fn read(said: &str) -> Option<Self> {
        let (unit, set) = said.split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim().split_once('-')?;
        match (number(first), number(last)) {
            (Some(first), Some(last)) => (first <= last).then_some(Part::From { first, last: Some(last) }),
            (Some(first), None) if last.is_empty() => Some(Part::From { first, last: None }),
            (None, Some(count)) if first.is_empty() => Some(Part::Last(count)),
            _ => None,
        }
    }

    /// The same, to the end of the file: what those know of ranges who know them as a way to go on.
    pub(super) fn to_the_end(self) -> Self {
        match self {
            Part::From { first, .. } => Part::From { first, last: None },
            Part::Last(_) => self,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::From { first, last: Some(last) } => write!(f, "bytes={first}-{last}"),
            Part::From { first, last: None } => write!(f, "bytes={first}-"),
            Part::Last(count) => write!(f, "bytes=-{count}"),
        }
    }
}

/// The part of a file that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    first: u64,
    last: u64,
    /// How many bytes the file has, where that is known.
    whole: Option<u64>,
}

impl Given {
    /// What a `206` gives to whom asked for a part, by what it says of itself and the length of its body. Nothing where it
    /// contradicts itself, or what was asked for can't be had from it: more at the end can be left away, more at the
    /// beginning would have to be waited for.
    pub(super) fn of_part(asked: Part, content_range: Option<&str>, length: Option<u64>) -> Option<Self> {
        let (range, whole) = content_range?.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, mut last) = (number(first)?, number(last)?);
        let whole = if whole == "*" { None } else { Some(number(whole)?) };
        // Prosody 0.12 counts one too many: it says how long the file is in the place of where its last byte stands.
        if whole == Some(last) {
            last = last.checked_sub(1)?;
        }
        let given = Given { first, last, whole };
        let fits = first <= last
            && whole.is_none_or(|whole| last < whole)
            && length.is_none_or(|length| length == given.len());
        if fits { given.as_asked(asked) } else { None }
    }

    /// What a whole file of this length gives to whom asked for a part from its beginning.
    pub(super) fn of_whole(asked: Part, length: u64) -> Option<Self> {
        let whole = Given { first: 0, last: length.checked_sub(1)?, whole: Some(length) };
        whole.as_asked(asked)
    }

    fn as_asked(self, asked: Part) -> Option<Self> {
        match asked {
            Part::From { first, last } => {
                let last = last.unwrap_or(u64::MAX).min(self.last);
                (first == self.first).then_some(Given { last, ..self })
            }
            Part::Last(count) => {
                let is_end = self.whole.is_some_and(|whole| self.last + 1 == whole);
                (is_end && self.len() <= count).then_some(self)
            }
        }
    }

    /// How many bytes it has.
    pub(super) fn len(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// How many the file has at the least.
    pub(super) fn least_whole(self) -> u64 {
        self.whole.unwrap_or(self.last.saturating_add(1))
    }
}

/// As `Content-Range` has it.
impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}-{}/", self.first, self.last)?;
        match self.whole {
            Some(whole) => write!(f, "{whole}"),
            None => f.write_str("*"),
        }
    }
}

/// How long a file is of which a part was asked for that it doesn't have, as `Content-Range` of a `416` says it.
pub(super) fn length_of_whole(content_range: Option<&str>) -> Option<u64> {
    number(content_range?.strip_prefix("bytes */")?)
}

/// Digits alone: no sign, no space.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: fn(u64, Option<u64>) -> Part = |first, last| Part::From { first, last };

    #[test]
    fn one_range_of_bytes_is_asked_for_and_nothing_else() {
        for (said, expected) in [
            ("bytes=0-", Some(FROM(0, None))),
            ("bytes=0-0", Some(FROM(0, Some(0)))),
            ("bytes=100-199", Some(FROM(100, Some(199)))),
            ("Bytes=100-", Some(FROM(100, None))),
            ("bytes= 5-6 ", Some(FROM(5, Some(6)))),
            ("bytes=-500", Some(Part::Last(500))),
            ("bytes=-0", Some(Part::Last(0))),
            ("bytes=18446744073709551615-", Some(FROM(u64::MAX, None))),
            ("bytes=18446744073709551616-", None),
            ("bytes=199-100", None),
            ("bytes=0-1,5-6", None),
            ("bytes=0-,-1", None),
            ("bytes=-", None),
            ("bytes=--5", None),
            ("bytes=+1-", None),
            ("bytes=0x10-", None),
            ("bytes=1-2-3", None),
            ("bytes=1 - 2", None),
            ("bytes=", None),
            ("bytes", None),
            ("items=0-5", None),
            ("", None),
        ] {
            let part = Part::read(said);
            assert_eq!(part, expected, "{said}");
            assert!(part.is_none_or(|part| Part::read(&part.to_string()) == Some(part)), "{said}");
        }
    }

    #[test]
    fn a_part_that_is_given_is_the_part_that_was_asked_for() {
        for (asked, content_range, length, expected) in [
            ("bytes=0-", "bytes 0-99/100", Some(100), Some("bytes 0-99/100")),
            ("bytes=90-", "bytes 90-99/100", None, Some("bytes 90-99/100")),
            ("bytes=90-", "bytes 90-99/*", Some(10), Some("bytes 90-99/*")),
            // Less than was asked for is a part too; what there is more is cut off.
            ("bytes=10-", "bytes 10-19/100", Some(10), Some("bytes 10-19/100")),
            ("bytes=10-19", "bytes 10-14/100", Some(5), Some("bytes 10-14/100")),
            ("bytes=10-19", "bytes 10-99/100", Some(90), Some("bytes 10-19/100")),
            ("bytes=-10", "bytes 90-99/100", Some(10), Some("bytes 90-99/100")),
            ("bytes=-500", "bytes 0-99/100", Some(100), Some("bytes 0-99/100")),
            // Prosody 0.12.
            ("bytes=90-", "bytes 90-100/100", Some(10), Some("bytes 90-99/100")),
            // Elsewhere, or not at the end.
            ("bytes=10-19", "bytes 0-19/100", Some(20), None),
            ("bytes=10-19", "bytes 11-19/100", Some(9), None),
            ("bytes=-10", "bytes 80-99/100", Some(20), None),
            ("bytes=-10", "bytes 80-89/100", Some(10), None),
            ("bytes=-10", "bytes 90-99/*", Some(10), None),
            // What contradicts itself.
            ("bytes=10-19", "bytes 10-19/100", Some(11), None),
            ("bytes=10-19", "bytes 10-19/100", Some(9), None),
            ("bytes=10-", "bytes 10-101/100", None, None),
            ("bytes=10-", "bytes 10-9/100", None, None),
            ("bytes=0-", "bytes 0-0/0", None, None),
            ("bytes=0-", "bytes 0-18446744073709551615/*", Some(0), None),
            // What is none.
            ("bytes=10-", "bytes */100", None, None),
            ("bytes=10-", "bytes=10-99/100", None, None),
            ("bytes=10-", "items 10-99/100", None, None),
            ("bytes=10-", "bytes 10-99", None, None),
            ("bytes=10-", "bytes +10-99/100", None, None),
            ("bytes=10-", "bytes 10-99/1e2", None, None),
            ("bytes=10-", "", None, None),
        ] {
            let given = Given::of_part(Part::read(asked).unwrap(), Some(content_range), length);
            assert_eq!(given.map(|given| given.to_string()).as_deref(), expected, "{asked} {content_range}");
        }
        assert_eq!(Given::of_part(FROM(0, None), None, Some(100)), None);
    }

    #[test]
    fn of_a_whole_file_there_is_the_beginning() {
        for (asked, length, expected) in [
            ("bytes=0-", 100, Some("bytes 0-99/100")),
            ("bytes=0-1", 100, Some("bytes 0-1/100")),
            ("bytes=0-200", 100, Some("bytes 0-99/100")),
            ("bytes=-100", 100, Some("bytes 0-99/100")),
            ("bytes=-99", 100, None),
            ("bytes=1-", 100, None),
            ("bytes=0-", 0, None),
        ] {
            let given = Given::of_whole(Part::read(asked).unwrap(), length);
            assert_eq!(given.map(|given| given.to_string()).as_deref(), expected, "{asked} of {length}");
        }
    }

    #[test]
    fn how_long_the_whole_is_may_be_said() {
        for (said, expected) in [
            (Some("bytes */100"), Some(100)),
            (Some("bytes */*"), None),
            (Some("bytes 0-1/100"), None),
            (Some("bytes */-1"), None),
            (None, None),
        ] {
            assert_eq!(length_of_whole(said), expected, "{said:?}");
        }
    }
}
