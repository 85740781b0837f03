//! Fallback Indication (XEP-0428): which parts of a text are for those who don't understand the rest of the message.
//!
//! Offsets are in code points (XEP-0426), and whoever wrote the message chose them: one that lies outside the text, or
//! a range that ends before it begins, is as good as none.

use minidom::Element;

use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;

/// The most ranges that are looked at in one message.
const MAX_RANGES: usize = 16;

/// A text as it is to be shown.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    /// The text.
    pub(super) text: String,
    /// What was taken out, in code points of the text as it came: in order, not overlapping, not empty.
    removed: Vec<(u32, u32)>,
    /// How many code points the text had as it came.
    length: u32,
}

impl Shown {
    /// What of a text is meant for us. With files, a text may be there for others alone.
    pub(super) fn of(stanza: &Element, text: String, has_files: bool) -> Self {
        let length = length(&text);
        let understood = |namespace: &str| {
            namespace == ns::REPLY || has_files && (namespace == ns::FILE_SHARING || namespace == ns::OOB)
        };
        let mut removed: Vec<(u32, u32)> = stanza
            .children()
            .filter(|child| child.is("fallback", ns::FALLBACK) && child.attr("for").is_some_and(understood))
            .flat_map(|fallback| ranges(fallback, length))
            .take(MAX_RANGES)
            .collect();
        removed.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (start, end) in removed {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        let is_out = |at: u32| merged.iter().any(|(start, end)| (*start..*end).contains(&at));
        let shown: String =
            text.chars().zip(0u32..).filter(|(_, at)| !is_out(*at)).map(|(letter, _)| letter).collect();
        // Of a text without anything of its own, all is shown: a message must not vanish by what it says of itself.
        if shown.trim().is_empty() && !has_files {
            return Shown { text, removed: Vec::new(), length };
        }
        Shown { text: shown, removed: merged, length }
    }

    /// Where a range of the text as it came is in the text that is shown; `None` if it is not there as a whole.
    pub(super) fn range(&self, begin: u32, end: u32) -> Option<(u32, u32)> {
        let touches = |(start, stop): &(u32, u32)| *start < end && begin < *stop;
        if begin >= end || end > self.length || self.removed.iter().any(touches) {
            return None;
        }
        let before: u32 =
            self.removed.iter().filter(|(_, stop)| *stop <= begin).map(|(start, stop)| stop - start).sum();
        Some((begin - before, end - before))
    }
}

/// How many code points a text has.
pub(super) fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The ranges of the body that a `<fallback/>` names; the whole body where it names none.
fn ranges(fallback: &Element, length: u32) -> Vec<(u32, u32)> {
    if fallback.children().next().is_none() {
        return vec![(0, length)];
    }
    let bodies = fallback.children().filter(|child| child.is("body", ns::FALLBACK));
    let range = |body: &Element| {
        let offset = |name: &str, otherwise: u32| match body.attr(name) {
            Some(text) => text.parse::<u32>().ok(),
            None => Some(otherwise),
        };
        let (start, end) = (offset("start", 0)?, offset("end", length)?);
        (start < end && end <= length).then_some((start, end))
    };
    bodies.take(MAX_RANGES).filter_map(range).collect()
}

/// A part of the text, or all of it, is there for those who don't know this namespace.
pub(super) fn write(namespace: &str, range: Option<(u32, u32)>) -> Element {
    let mut body = element("body", ns::FALLBACK);
    if let Some((start, end)) = range {
        body = body.with("start", start.to_string()).with("end", end.to_string());
    }
    element("fallback", ns::FALLBACK).with("for", namespace).child(body)
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    fn shown(fallback: &str, text: &str, has_files: bool) -> Shown {
        Shown::of(&parse(&format!("<message>{fallback}</message>")), text.to_owned(), has_files)
    }

    fn reply(ranges: &str) -> String {
        format!("<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>{ranges}</fallback>")
    }

    #[test]
    fn what_is_for_others_is_left_out() {
        for (ranges, text, expected) in [
            // XEP-0428 example 1, and XEP-0461 example 4.
            ("<body start='0' end='33'/>", "> Anna wrote:\n> Hi, how are you?\nGreat", "Great"),
            (
                "<body start='0' end='38'/>",
                "> Anna wrote:\n> We should bake a cake\nGreat idea!",
                "Great idea!",
            ),
            // Code points, not bytes and not UTF-16.
            ("<body start='0' end='4'/>", "> 🙂\nyes", "yes"),
            ("<body start='3'/>", "yes> 🙂", "yes"),
            ("<body end='2'/>", "> yes", "yes"),
            ("<body start='0' end='2'/><body start='1' end='3'/>", "abcdef", "def"),
            ("<body start='0' end='1'/><body start='5' end='6'/>", "abcdef", "bcde"),
            // Nonsense changes nothing.
            ("<body start='0' end='99'/>", "abc", "abc"),
            ("<body start='2' end='1'/>", "abc", "abc"),
            ("<body start='1' end='1'/>", "abc", "abc"),
            ("<body start='-1' end='2'/>", "abc", "abc"),
            ("<body start='99999999999999999999' end='2'/>", "abc", "abc"),
            ("<body start='x' end='2'/>", "abc", "abc"),
            ("<subject/>", "abc", "abc"),
            // A message does not vanish.
            ("", "abc", "abc"),
            ("<body/>", "abc", "abc"),
            ("<body start='0' end='3'/>", "abc\n ", "abc\n "),
        ] {
            assert_eq!(shown(&reply(ranges), text, false).text, expected, "{ranges} {text:?}");
        }
        let other = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:x'><body start='0' end='1'/></fallback>";
        assert_eq!(shown(other, "abc", false).text, "abc");
        assert_eq!(shown("<fallback xmlns='urn:xmpp:fallback:0'/>", "abc", false).text, "abc");
        let files = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback>";
        assert_eq!(shown(files, "https://x/y", true).text, "");
        assert_eq!(shown(files, "https://x/y", false).text, "https://x/y");
    }

    #[test]
    fn ranges_follow_the_text_that_is_left() {
        let text = shown(&reply("<body start='2' end='4'/><body start='6' end='7'/>"), "abcdefgh", false);
        assert_eq!(text.text, "abefh");
        for (begin, end, expected) in [
            (0, 2, Some((0, 2))),
            (4, 6, Some((2, 4))),
            (7, 8, Some((4, 5))),
            (1, 3, None),
            (2, 3, None),
            (3, 5, None),
            (7, 9, None),
            (5, 5, None),
            (6, 5, None),
            (u32::MAX, u32::MAX, None),
        ] {
            assert_eq!(text.range(begin, end), expected, "{begin} to {end}");
        }
    }
}
