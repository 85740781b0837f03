//! Which chat states to tell the other side while the person writes (XEP-0085 section 5).

use protocol::ChatState;

/// After how long without a key the person is said to have paused, in milliseconds.
pub(crate) const PAUSE_AFTER_MS: u32 = 5_000;

/// What the other side was last told of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Typing {
    told: Option<ChatState>,
}

impl Typing {
    /// The person pressed a key and there is text, or there no longer is. The state to tell, if it is news.
    pub(crate) fn set(&mut self, composing: bool) -> Option<ChatState> {
        self.tell(if composing { ChatState::Composing } else { ChatState::Active })
    }

    /// No key for [`PAUSE_AFTER_MS`].
    pub(crate) fn pause(&mut self) -> Option<ChatState> {
        if self.told == Some(ChatState::Composing) { self.tell(ChatState::Paused) } else { None }
    }

    /// A message went out, which says by itself that its author is active.
    pub(crate) fn sent(&mut self) {
        self.told = Some(ChatState::Active);
    }

    fn tell(&mut self, state: ChatState) -> Option<ChatState> {
        // Nobody needs to hear that somebody who never wrote is not writing.
        let before = self.told.unwrap_or(ChatState::Active);
        self.told = Some(state);
        (before != state).then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ChatState::{Active, Composing, Paused};

    #[test]
    fn only_news_is_told() {
        let mut typing = Typing::default();
        assert_eq!(typing.set(false), None);
        assert_eq!(typing.set(true), Some(Composing));
        assert_eq!(typing.set(true), None);
        assert_eq!(typing.pause(), Some(Paused));
        assert_eq!(typing.pause(), None);
        assert_eq!(typing.set(true), Some(Composing));
        typing.sent();
        assert_eq!(typing.set(false), None);
        assert_eq!(typing.pause(), None);
        assert_eq!(typing.set(true), Some(Composing));
        assert_eq!(typing.set(false), Some(Active));
    }
}
