//! Who sees whose presence (RFC 6121 section 3): what the person says about it, and what others ask.
//!
//! Nothing is ever answered here that the person did not answer.

use protocol::{
    AnswerSubscriptionRequest, BareJid, Contact, Event, SetSubscription, Subscription, SubscriptionAnswer,
    SubscriptionRequest,
};

use super::edits::AskedOfContacts;
use super::{Asked, Effect, Machine};
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{Outgoing, Ping, Request, RequestError, StanzaError, SubscriptionChange};

/// The person sees them.
pub(super) fn sees(contact: &Contact) -> bool {
    matches!(contact.subscription, Subscription::To | Subscription::Both)
}

impl Machine {
    /// Somebody asks to see the person's presence.
    pub(super) fn requested(&mut self, request: SubscriptionRequest) {
        // Who is seen already has nothing to ask: their server lost count, and ours answers for itself (RFC 6121
        // section 3.1.3).
        if request.jid == self.jid || self.contacts.may_see_us(&request.jid) {
            return;
        }
        // A room has nobody's presence to see; who is blocked has nothing to ask.
        if self.is_room(&request.jid) || self.blocks.covers(&request.jid) {
            return;
        }
        if let Some(request) = self.requests.add(request) {
            self.publish(Event::SubscriptionRequested { request });
        }
    }

    /// A request needs no answer any more.
    pub(super) fn close_request(&mut self, jid: BareJid) {
        if self.requests.close(&jid) {
            self.publish(Event::SubscriptionRequestClosed { jid });
        }
    }

    /// The roster is another: who may see the person by now was answered meanwhile.
    pub(super) fn close_answered_requests(&mut self) {
        for jid in self.requests.jids() {
            if self.contacts.may_see_us(&jid) {
                self.close_request(jid);
            }
        }
    }

    /// The person has just become available on a new stream, upon which the server sends again what is still open
    /// (RFC 6121 section 3.1.3).
    pub(super) fn expect_requests_again(&mut self) {
        if !self.requests.is_empty() {
            self.requests.put_in_doubt();
            self.ask(Request::Ping(Ping), Asked::Contacts(AskedOfContacts::RequestsResent));
        }
    }

    pub(super) fn requests_resent(&mut self) {
        for jid in self.requests.close_doubtful() {
            self.publish(Event::SubscriptionRequestClosed { jid });
        }
    }

    pub(super) fn answer_request(
        &mut self,
        jid: BareJid,
        answer: AnswerSubscriptionRequest,
        reply: Reply<Result<(), SessionError>>,
    ) {
        if !self.requests.contains(&jid) {
            return self.answer(reply, Err(SessionError::NoSuchRequest));
        }
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        match answer.answer {
            SubscriptionAnswer::Decline => self.say(&jid, SubscriptionChange::Unsubscribed),
            SubscriptionAnswer::Accept => {
                self.say(&jid, SubscriptionChange::Subscribed);
                let contact = self.contacts.get(&jid);
                if answer.subscribe && !contact.pending && !sees(&contact) {
                    self.subscribe(&jid);
                }
            }
        }
        self.ask(
            Request::Ping(Ping),
            Asked::Contacts(AskedOfContacts::Subscription { closes: Some(jid), reply }),
        );
    }

    pub(super) fn set_subscription(
        &mut self,
        jid: BareJid,
        subscription: SetSubscription,
        reply: Reply<Result<(), SessionError>>,
    ) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let contact = self.contacts.get(&jid);
        let (is_asked, may_see) = (self.requests.contains(&jid), self.contacts.may_see_us(&jid));
        let from = match subscription.from {
            Some(true) if may_see || contact.pre_approved => None,
            Some(true) if is_asked || self.offers.pre_approval => Some(SubscriptionChange::Subscribed),
            Some(true) => {
                let error = RequestError::Refused(StanzaError::Unsupported);
                return self.answer(reply, Err(error.into()));
            }
            // Not every server that lets somebody in beforehand tells of it (Prosody 0.12 does not).
            Some(false) if may_see || is_asked || contact.pre_approved || self.offers.pre_approval => {
                Some(SubscriptionChange::Unsubscribed)
            }
            Some(false) | None => None,
        };
        let to = match subscription.to {
            // One who has not answered yet may be asked again.
            Some(true) if !sees(&contact) => Some(SubscriptionChange::Subscribe),
            Some(false) if sees(&contact) || contact.pending => Some(SubscriptionChange::Unsubscribe),
            _ => None,
        };
        if from.is_none() && to.is_none() {
            return self.answer(reply, Ok(()));
        }
        for change in [from, to].into_iter().flatten() {
            self.say(&jid, change);
        }
        let closes = from.map(|_| jid);
        self.ask(Request::Ping(Ping), Asked::Contacts(AskedOfContacts::Subscription { closes, reply }));
    }

    /// Asks to see somebody.
    pub(super) fn subscribe(&mut self, jid: &BareJid) {
        self.say(jid, SubscriptionChange::Subscribe);
    }

    fn say(&mut self, to: &BareJid, change: SubscriptionChange) {
        let name = self.name.clone().filter(|_| change == SubscriptionChange::Subscribe);
        self.effects.push(Effect::Send(Outgoing::Subscription { to: to.clone(), change, name }));
    }
}
