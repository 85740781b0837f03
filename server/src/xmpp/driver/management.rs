//! Who has what: counting stanzas both ways (XEP-0198), and what to send again.
//!
//! Pure. Without stream management the same questions are answered by pings: a server handles what it gets in order, so
//! an answered ping means that everything before it was handled.

use std::collections::VecDeque;

use minidom::Element;
use protocol::MessageId;

/// The most stanzas that may be unacknowledged before nothing more is sent.
pub(super) const MAX_UNACKNOWLEDGED: usize = 256;

/// The counters of one stream, and the stanzas whose fate is open.
#[derive(Debug, Default)]
pub(super) struct Management {
    /// Stanzas received and handled, modulo 2^32 (XEP-0198 section 4).
    handled: u32,
    /// Stanzas that the server has acknowledged, modulo 2^32.
    acknowledged: u32,
    unacknowledged: VecDeque<Sent>,
    /// An acknowledgement was asked for and has not come.
    is_asked: bool,
    /// How to come back to this stream.
    resumption: Option<String>,
    is_enabled: bool,
}

#[derive(Debug)]
struct Sent {
    stanza: Element,
    message: Option<MessageId>,
}

/// The server acknowledged more than it was sent: its count and ours can't both be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountTooHigh;

impl Management {
    /// The counters of a stream on which the server has enabled management; `resumption` is the id to resume by.
    pub(super) fn enabled(resumption: Option<String>) -> Self {
        Management { is_enabled: true, resumption, ..Management::default() }
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    pub(super) fn resumption(&self) -> Option<&str> {
        self.resumption.as_deref()
    }

    /// The stream can't be resumed any more: what is open is in doubt.
    pub(super) fn forget_resumption(&mut self) {
        self.resumption = None;
    }

    /// A stanza was handled.
    pub(super) fn count_handled(&mut self) {
        self.handled = self.handled.wrapping_add(1);
    }

    pub(super) fn handled(&self) -> u32 {
        self.handled
    }

    /// A stanza is being sent.
    pub(super) fn note_sent(&mut self, stanza: Element, message: Option<MessageId>) {
        self.unacknowledged.push_back(Sent { stanza, message });
    }

    pub(super) fn is_full(&self) -> bool {
        self.unacknowledged.len() >= MAX_UNACKNOWLEDGED
    }

    /// It is time to ask for an acknowledgement: something is open, and nobody has asked. Asking is noted.
    pub(super) fn ask(&mut self) -> bool {
        let is_due = !self.unacknowledged.is_empty() && !self.is_asked;
        self.is_asked |= is_due;
        is_due
    }

    /// The server has handled `h` stanzas in all. Returns the messages among those that it had not acknowledged before.
    pub(super) fn acknowledge(&mut self, h: u32) -> Result<Vec<MessageId>, CountTooHigh> {
        let count = h.wrapping_sub(self.acknowledged) as usize;
        if count > self.unacknowledged.len() {
            return Err(CountTooHigh);
        }
        self.acknowledged = h;
        self.is_asked = false;
        Ok(self.forget_first(count))
    }

    /// The server has handled everything that was sent when it was asked, as a ping tells: `count` stanzas from the
    /// front.
    pub(super) fn acknowledge_first(&mut self, count: usize) -> Vec<MessageId> {
        self.is_asked = false;
        self.forget_first(count.min(self.unacknowledged.len()))
    }

    /// So many from the front need no sending again. The messages among them.
    fn forget_first(&mut self, count: usize) -> Vec<MessageId> {
        let messages = self.unacknowledged.drain(..count).filter_map(|sent| sent.message).collect();
        if self.unacknowledged.is_empty() {
            // A session sends a dozen stanzas when it begins, and mostly has nothing open ever after.
            self.unacknowledged = VecDeque::new();
        }
        messages
    }

    /// How many stanzas the server has acknowledged, modulo 2^32.
    pub(super) fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    pub(super) fn unacknowledged(&self) -> usize {
        self.unacknowledged.len()
    }

    /// What to send again on a resumed stream, in order (XEP-0198 section 5).
    pub(super) fn resend(&mut self) -> Vec<Element> {
        self.is_asked = false;
        self.unacknowledged.iter().map(|sent| sent.stanza.clone()).collect()
    }

    /// The messages whose fate is unknown now that the stream is gone for good.
    pub(super) fn in_doubt(&mut self) -> Vec<MessageId> {
        self.unacknowledged.drain(..).filter_map(|sent| sent.message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn management(acknowledged: u32, open: &[&str]) -> Management {
        let mut management = Management { acknowledged, ..Management::enabled(Some("s1".to_owned())) };
        for id in open {
            let message = (*id != "-").then(|| id.parse().unwrap());
            management.note_sent(Element::bare("message", "jabber:client"), message);
        }
        management
    }

    fn ids(messages: &[MessageId]) -> Vec<&str> {
        messages.iter().map(MessageId::as_str).collect()
    }

    #[test]
    fn acknowledgements_name_the_messages_that_arrived() {
        for (before, h, expected) in [
            (0, 0, Ok(vec![])),
            (0, 2, Ok(vec!["a"])),
            (0, 3, Ok(vec!["a", "b"])),
            (0, 4, Err(CountTooHigh)),
            // The counter goes round after 2^32 - 1.
            (u32::MAX, 0, Ok(vec!["a"])),
            (u32::MAX - 1, 1, Ok(vec!["a", "b"])),
            (u32::MAX, 3, Err(CountTooHigh)),
            // Backwards is a whole round ahead.
            (5, 4, Err(CountTooHigh)),
        ] {
            let mut management = management(before, &["a", "-", "b"]);
            let result = management.acknowledge(h);
            assert_eq!(result.as_deref().map(ids).map_err(|error| *error), expected, "{before} -> {h}");
        }
    }

    #[test]
    fn asking_is_done_once_until_it_is_answered() {
        let mut management = management(0, &[]);
        assert!(!management.ask());
        management.note_sent(Element::bare("iq", "jabber:client"), None);
        assert!(management.ask());
        assert!(!management.ask());
        management.note_sent(Element::bare("iq", "jabber:client"), None);
        management.acknowledge(1).unwrap();
        assert!(management.ask());
    }

    #[test]
    fn what_is_open_is_sent_again_or_in_doubt() {
        let mut management = management(7, &["a", "-", "b"]);
        management.acknowledge(8).unwrap();
        assert_eq!(management.resend().len(), 2);
        assert_eq!(ids(&management.in_doubt()), ["b"]);
        assert_eq!(management.unacknowledged(), 0);
    }

    #[test]
    fn handled_goes_round() {
        let mut management = Management { handled: u32::MAX, ..Management::default() };
        management.count_handled();
        assert_eq!(management.handled(), 0);
    }
}
