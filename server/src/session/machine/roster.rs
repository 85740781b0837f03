//! The roster: what is asked about contacts, and what the server says of them.

use protocol::{
    Availability, ConnectionState, ContactDetails, Event, Roster, SubscriptionRequest, SubscriptionRequests,
    TimestampMs,
};

use super::Machine;
use crate::session::command::SessionError;
use crate::session::contacts::ContactsCommand;
use crate::xmpp::{
    Answer as Answered, FetchAvatar, FetchLastActivity, IncomingPresence, PresenceChange, Request,
    RosterItem, RosterVersion,
};

impl Machine {
    pub(super) fn contacts_command(&mut self, command: ContactsCommand) {
        match command {
            ContactsCommand::Roster { reply } => {
                let roster = Roster { contacts: self.contacts.all() };
                self.answer(reply, roster);
            }
            ContactsCommand::Contact { jid, reply } => {
                let details = self.contacts.find(&jid).ok_or(SessionError::NotAContact).map(|contact| {
                    let devices = self.contacts.devices(&jid);
                    ContactDetails { contact, devices, blocked: self.blocks.covers(&jid) }
                });
                self.answer(reply, details);
            }
            ContactsCommand::LastActivity { jid, reply } => {
                if self.contacts.find(&jid).is_none() {
                    return self.answer(reply, Err(SessionError::NotAContact));
                }
                let request = Request::FetchLastActivity(FetchLastActivity { jid });
                self.relay(request, reply, |answer| match answer {
                    Answered::LastActivity(activity) => Some(activity),
                    _ => None,
                });
            }
            ContactsCommand::SetContact { jid, contact, reply } => self.set_contact(jid, contact, reply),
            ContactsCommand::RemoveContact { jid, reply } => self.remove_contact(jid, reply),
            ContactsCommand::SetSubscription { jid, subscription, reply } => {
                self.set_subscription(jid, subscription, reply);
            }
            ContactsCommand::SubscriptionRequests { reply } => {
                let requests = SubscriptionRequests { requests: self.requests.all() };
                self.answer(reply, requests);
            }
            ContactsCommand::AnswerSubscriptionRequest { jid, answer, reply } => {
                self.answer_request(jid, answer, reply);
            }
            ContactsCommand::Avatar { jid, hash, reply } => {
                let request = Request::FetchAvatar(FetchAvatar { jid, hash });
                self.relay(request, reply, |answer| match answer {
                    Answered::Avatar(avatar) => Some(avatar),
                    _ => None,
                });
            }
        }
    }

    /// The answer to the question for the roster: all of it, or that it is what it was.
    pub(super) fn roster_fetched(&mut self, answer: Answered) {
        match answer {
            Answered::Roster { items, version } => {
                self.contacts.replace(items);
                self.roster_version = version.unwrap_or_default();
            }
            Answered::RosterUnchanged => self.contacts.forget_presences(),
            _ => return,
        }
        let contacts = self.contacts.all();
        self.publish(Event::RosterReplaced { contacts });
        self.close_answered_requests();
    }

    /// The server changed an item.
    pub(super) fn roster_push(&mut self, item: RosterItem, version: Option<RosterVersion>) {
        let jid = item.jid.clone();
        if let Some(version) = version {
            self.roster_version = version;
        }
        if let Some(event) = self.contacts.push(item) {
            self.publish(event);
        }
        // Another of the person's clients has answered.
        if self.contacts.may_see_us(&jid) {
            self.close_request(jid);
        }
    }

    pub(super) fn presence_of(&mut self, now_ms: TimestampMs, presence: IncomingPresence) {
        if matches!(self.connection, ConnectionState::Ended { .. }) {
            return;
        }
        if self.is_of_room(&presence) {
            return;
        }
        let jid = presence.from.bare();
        match presence.change {
            PresenceChange::Subscribe { name, text } => {
                return self.requested(SubscriptionRequest { jid, name, text, received_at_ms: now_ms });
            }
            PresenceChange::Unsubscribe => return self.close_request(jid),
            _ => {}
        }
        for event in self.contacts.set_presence(now_ms, presence) {
            let is_gone = matches!(&event, Event::PresenceChanged { presence, .. } if presence.availability == Availability::Offline);
            self.publish(event);
            // Who is gone is not typing.
            if is_gone {
                self.chat_state_of(now_ms, &jid.clone().into(), None);
            }
        }
    }
}
