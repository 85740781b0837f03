//! What a session knows and the archive does not have: not yet, or never.
//!
//! A server keeps what it finds worth keeping: Prosody no message without a text, be it a file, and none whose sender asks for
//! that. Whoever has it on screen still has it, so that whoever comes later finds it too, for as long as the session knows it.

use protocol::{Delivery, Message, TimestampMs};

/// Where a page stands in the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// Nothing in the archive is newer.
    pub(super) is_newest: bool,
    /// Nothing in the archive is older.
    pub(super) is_oldest: bool,
}

/// Adds to a page what is known besides: what is newer than a newest page behind it, and what the archive does not keep where
/// it was said. `known` is what the session remembers, without a hole.
pub(super) fn add<'a>(known: impl Iterator<Item = &'a Message>, page: Page, messages: &mut Vec<Message>) {
    let newest_ms = messages.last().map_or(TimestampMs::MIN, |message| message.sent_at_ms);
    let is_open = |message: &Message| message.delivery == Some(Delivery::Pending);
    let is_newer =
        |message: &Message| page.is_newest && (message.sent_at_ms >= newest_ms || is_open(message));
    let is_unkept = |message: &Message| message.archive_id.is_none() && !is_open(message);
    let (mut between, mut newer): (Vec<&Message>, Vec<&Message>) = (Vec::new(), Vec::new());
    // Behind the last that both have.
    let mut behind = None;
    for message in known {
        let Some(at) = messages.iter().position(|there| is_same(there, message)) else {
            between.push(message);
            continue;
        };
        let is_in_order = behind.is_none_or(|behind| at >= behind);
        let mut place = behind.unwrap_or(at).max(at);
        // What was said before all of a page is of the page before it.
        let is_within = behind.is_some() || at > 0 || page.is_oldest;
        for message in between.drain(..) {
            if is_within && is_unkept(message) {
                messages.insert(place, message.clone());
                place += 1;
            } else if is_newer(message) {
                newer.push(message);
            }
        }
        behind = Some(place + usize::from(is_in_order));
    }
    // Where the archive has what the person sent it does not say by itself, so that what comes behind all of an older page may be
    // of the next one as well.
    let is_behind = page.is_newest && behind.is_some();
    between.retain(|message| is_newer(message) || is_behind && is_unkept(message));
    messages.extend(newer.into_iter().chain(between).cloned());
}

fn is_same(there: &Message, message: &Message) -> bool {
    there.id == message.id && there.direction == message.direction
        || there.archive_id.is_some() && there.archive_id == message.archive_id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message by its name: `a`, which is said at 1, `b` at 2; `b-` is `b`, which the archive does not keep; `b@1` is said at 1;
    /// `b!` is the person's own, and on its way.
    fn message(word: &str) -> Message {
        let name = word.get(..1).unwrap();
        let is_open = word.contains('!');
        let archived =
            if word.contains('-') || is_open { String::new() } else { format!(r#""archive_id":"{name}","#) };
        let at =
            word.split_once('@').map_or(i64::from(name.as_bytes()[0] - b'`'), |(_, at)| at.parse().unwrap());
        let direction =
            if is_open { r#""outgoing","delivery":{"state":"pending"}"# } else { r#""incoming""# };
        let json = format!(
            r#"{{"id":"{name}",{archived}"from":"a@spark.test","to":"b@spark.test","direction":{direction},"kind":"chat","body":"","sent_at_ms":{at}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    /// `^` begins a page that is the oldest, `$` ends one that is the newest.
    #[track_caller]
    fn check(known: &str, page: &str, expected: &str) {
        let messages = |words: &str| -> Vec<Message> {
            words.split_whitespace().filter(|word| !matches!(*word, "^" | "$")).map(message).collect()
        };
        let mut shown = messages(page);
        let place = Page { is_newest: page.contains('$'), is_oldest: page.contains('^') };
        add(messages(known).iter(), place, &mut shown);
        let shown: Vec<&str> = shown.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(shown.join(" "), expected, "{known}, {page}");
    }

    #[test]
    fn what_is_newer_than_the_newest_page_is_behind_it() {
        check("", "^ $", "");
        check("a b", "^ $", "a b");
        check("b c d", "a b c $", "a b c d");
        check("b c d- e!", "a b c $", "a b c d e");
        check("d e", "a b c $", "a b c d e");
        check("a b c", "e f $", "e f");
        check("b c d", "a b c", "a b c");
        check("a b! c d", "a c $", "a c b d");
    }

    #[test]
    fn what_no_archive_keeps_is_where_it_was_said() {
        check("a b- c", "^ a c $", "a b c");
        check("a b- c", "a c $", "a b c");
        check("a@1 b-@1 c@1", "a@1 c@1 $", "a b c");
        check("b- c d- e", "a c e $", "a b c d e");
        check("a- b c", "^ b c $", "a b c");
        check("a b- c- d e-", "a d", "a b c d");
        // What is before or behind a page may be of another, and be kept, too.
        check("a b- c", "c $", "c");
        check("a b- c", "^ a", "a");
        // The archive has another order.
        check("a b c- d", "b a d $", "b a c d");
        check("a b c- d", "d b a $", "d b a c");
    }

    #[test]
    fn what_is_gone_from_the_archive_is_gone() {
        check("a b c", "^ a c $", "a c");
        check("a b c", "^ c $", "c");
    }
}
