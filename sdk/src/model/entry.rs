//! One line of a conversation as a person sees it: a message, and how far it has come.

use protocol::{Delivery, Direction, FailureReason, Message, MessageId};

use crate::Error;

/// How far a message that the person wrote has come. The first two are this browser's own knowledge; the others are
/// what the gateway says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is kept in the browser until the gateway can be reached.
    Waiting,
    /// The gateway won't take it. It stays in the browser until it is sent again or thrown away.
    Refused(Error),
    /// The gateway has it.
    Pending,
    /// The person's XMPP server has it.
    Sent,
    /// A device of the other side has it.
    Delivered,
    /// The other side has seen it.
    Displayed,
    /// It came back.
    Returned(FailureReason),
}

impl Progress {
    /// Sending it again makes sense, and [`crate::ConversationHandle::retry`] does.
    pub fn is_failure(&self) -> bool {
        matches!(self, Progress::Refused(_) | Progress::Returned(_))
    }

    /// Only this browser has the message so far.
    pub fn is_local(&self) -> bool {
        matches!(self, Progress::Waiting | Progress::Refused(_))
    }

    /// Whether a message that is here may come to be there: progress never goes back, but where nobody knew better.
    pub(super) fn may_become(&self, next: &Progress) -> bool {
        self.rank() < next.rank()
    }

    fn rank(&self) -> u8 {
        match self {
            Progress::Waiting | Progress::Refused(_) => 0,
            Progress::Pending => 1,
            // Nobody knows; whoever learns better says so.
            Progress::Returned(FailureReason::Unconfirmed) => 2,
            Progress::Sent => 3,
            Progress::Delivered => 4,
            Progress::Displayed => 5,
            Progress::Returned(_) => 6,
        }
    }
}

impl From<Delivery> for Progress {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Pending => Progress::Pending,
            Delivery::Sent => Progress::Sent,
            Delivery::Delivered => Progress::Delivered,
            Delivery::Displayed => Progress::Displayed,
            Delivery::Failed { reason } => Progress::Returned(reason),
        }
    }
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names the entry within its timeline for as long as the timeline lives, whatever becomes of the message: the
    /// key for lists on screen. Ids alone won't do, as other people's clients may use one twice.
    pub key: u32,
    /// The message.
    pub message: Message,
    /// How far it has come; `None` for what others wrote.
    pub progress: Option<Progress>,
}

impl Entry {
    pub(super) fn new(key: u32, message: Message) -> Self {
        let progress = match message.direction {
            Direction::Incoming => None,
            // Out of the archive an own message has no delivery; that it is there says that the server has it.
            Direction::Outgoing => Some(message.delivery.map_or(Progress::Sent, Progress::from)),
        };
        Entry { key, message, progress }
    }

    /// The message's id.
    pub fn id(&self) -> &MessageId {
        &self.message.id
    }

    /// Only this browser has the message so far.
    pub fn is_local(&self) -> bool {
        self.progress.as_ref().is_some_and(Progress::is_local)
    }

    /// Both are the same message, maybe told twice: live and out of the archive.
    ///
    /// Two places in the archive are two messages, even where a careless client used one id for both.
    pub(super) fn is(&self, other: &Message) -> bool {
        is_same(&self.message, other)
    }

    /// The gateway's copy takes the place of this browser's, which may know of a later stage of its delivery.
    pub(super) fn confirm(&mut self, copy: Message) {
        let before = self.progress.take();
        *self = Entry::new(self.key, copy);
        if let (Some(now), Some(before)) = (&self.progress, before)
            && now.may_become(&before)
        {
            self.progress = Some(before);
        }
    }

    /// The message is this now. Says whether anything changed.
    pub(super) fn change(&mut self, mut message: Message) -> bool {
        message.archive_id = message.archive_id.or_else(|| self.message.archive_id.clone());
        message.delivery = self.message.delivery;
        let changed = self.message != message;
        self.message = message;
        changed
    }

    /// Takes over what another telling of the same message knows better. Says whether anything changed.
    pub(super) fn learn(&mut self, other: Message) -> bool {
        let mut changed = false;
        if self.message.archive_id.is_none() && other.archive_id.is_some() {
            self.message.archive_id.clone_from(&other.archive_id);
            changed = true;
        }
        if let Some(delivery) = other.delivery {
            changed |= self.advance(delivery);
        }
        // A page may be older than an event that came while it was on its way: only what is surely newer is taken.
        let ours = &self.message;
        let is_newer = ours.retraction.is_none()
            && (other.retraction.is_some()
                || other.edited_at_ms > ours.edited_at_ms
                || ours.reactions.is_empty() && !other.reactions.is_empty());
        if is_newer {
            changed |= self.change(other);
        }
        changed
    }

    /// Moves the delivery forward, never back. Says whether it moved.
    pub(super) fn advance(&mut self, delivery: Delivery) -> bool {
        let next = Progress::from(delivery);
        let moves = self.progress.as_ref().is_some_and(|progress| progress.may_become(&next));
        if moves {
            self.progress = Some(next);
            self.message.delivery = Some(delivery);
        }
        moves
    }
}

/// Both are the same message: see [`Entry::is`].
pub(super) fn is_same(one: &Message, other: &Message) -> bool {
    if let (Some(ours), Some(theirs)) = (&one.archive_id, &other.archive_id) {
        return ours == theirs;
    }
    one.id == other.id && one.direction == other.direction
}

#[cfg(test)]
mod tests {
    use protocol::{Reaction, Retraction};

    use super::*;

    fn message() -> Message {
        crate::json::read(
            r#"{"id":"1","from":"a@b.c","to":"d@b.c","direction":"outgoing","kind":"chat","body":"one","sent_at_ms":7,"delivery":{"state":"sent"}}"#,
        )
        .unwrap()
    }

    fn edited(body: &str, at_ms: i64) -> Message {
        Message { body: body.to_owned(), edited_at_ms: Some(at_ms), ..message() }
    }

    #[test]
    fn progress_goes_back_only_where_nobody_knew_better() {
        let order = [
            Progress::Pending,
            Progress::Returned(FailureReason::Unconfirmed),
            Progress::Sent,
            Progress::Delivered,
            Progress::Displayed,
            Progress::Returned(FailureReason::NotFound),
        ];
        for (at, progress) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(progress.may_become(other), at < other_at, "{progress:?} to {other:?}");
            }
        }
    }

    #[test]
    fn a_page_that_was_overtaken_by_events_undoes_nothing() {
        let mut entry = Entry::new(1, message());
        assert!(entry.change(edited("three", 3)));
        assert!(!entry.learn(edited("two", 2)));
        assert_eq!(entry.message.body, "three");
        assert!(entry.learn(edited("four", 4)));
        assert_eq!(entry.message.body, "four");

        let wave = vec![Reaction { emoji: "👋".to_owned(), from: vec![] }];
        assert!(entry.change(Message { reactions: wave.clone(), ..edited("four", 4) }));
        assert!(!entry.learn(edited("four", 4)));
        assert_eq!(entry.message.reactions, wave);

        let retraction = Some(Retraction { at_ms: 5, by: None, reason: None });
        assert!(entry.learn(Message { retraction, body: String::new(), ..message() }));
        assert!(!entry.learn(edited("five", 6)));
        assert_eq!(entry.message.body, "");
        // What is done to a message says nothing of how far it has come.
        assert_eq!(entry.progress, Some(Progress::Sent));
        assert_eq!(entry.message.delivery, Some(Delivery::Sent));
    }
}
