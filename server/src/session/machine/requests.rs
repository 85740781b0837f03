//! Who asks to see the person's presence: kept until the person answers.
//!
//! Pure state. Servers send open requests again on every new stream, so that one is known by who asks, however often
//! it comes.

use std::collections::BTreeMap;

use protocol::{BareJid, MAX_SUBSCRIPTION_REQUESTS, SubscriptionRequest};

/// The open requests.
#[derive(Debug, Default)]
pub(super) struct Requests(BTreeMap<BareJid, Open>);

#[derive(Debug)]
struct Open {
    request: SubscriptionRequest,
    /// It came on an earlier stream, and not yet on this one.
    is_in_doubt: bool,
}

impl Requests {
    /// Every open request, sorted by JID.
    pub(super) fn all(&self) -> Vec<SubscriptionRequest> {
        self.0.values().map(|open| open.request.clone()).collect()
    }

    pub(super) fn contains(&self, jid: &BareJid) -> bool {
        self.0.contains_key(jid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose requests are open.
    pub(super) fn jids(&self) -> Vec<BareJid> {
        self.0.keys().cloned().collect()
    }

    /// Somebody asks, maybe again. What is to be shown now, if that is news.
    pub(super) fn add(&mut self, mut request: SubscriptionRequest) -> Option<SubscriptionRequest> {
        if let Some(open) = self.0.get(&request.jid) {
            request.received_at_ms = open.request.received_at_ms;
        } else if self.0.len() >= MAX_SUBSCRIPTION_REQUESTS {
            // The server has it still, and sends it again when there is room.
            return None;
        }
        let open = Open { request: request.clone(), is_in_doubt: false };
        let before = self.0.insert(request.jid.clone(), open);
        before.is_none_or(|before| before.request != request).then_some(request)
    }

    /// It needs no answer any more. True if it was open.
    pub(super) fn close(&mut self, jid: &BareJid) -> bool {
        self.0.remove(jid).is_some()
    }

    /// A new stream: those that are still open are about to come again.
    pub(super) fn put_in_doubt(&mut self) {
        for open in self.0.values_mut() {
            open.is_in_doubt = true;
        }
    }

    /// Those that did not come again were answered elsewhere, or taken back: they are closed.
    pub(super) fn close_doubtful(&mut self) -> Vec<BareJid> {
        self.0.extract_if(.., |_, open| open.is_in_doubt).map(|(jid, _)| jid).collect()
    }
}
