//! What comes in on a stream that is up, and what is answered to it.

use minidom::Element;

use super::super::requests::Outcome;
use super::super::{Abandoned, StreamEvent};
use super::Live;
use crate::xmpp::firewall::Offence;
use crate::xmpp::namespaces as ns;
use crate::xmpp::request::pubsub;
use crate::xmpp::{Answer, Forgery, Incoming, read, write};

impl Live<'_> {
    /// A stanza that the firewall kept out, by what stands in its place. Whoever waits for an answer gets one.
    pub(super) async fn replaced(&mut self, stand_in: &Element, offence: Offence) -> Result<(), Abandoned> {
        let (from, kind) = (stand_in.attr("from"), stand_in.attr("type"));
        tracing::warn!(
            target: "audit",
            person = %self.driver.owner.jid,
            stanza = stand_in.name(),
            kind,
            from = ?from.and_then(read::address),
            offence = offence.as_str(),
            "a stanza was kept out",
        );
        let Some(id) = stand_in.attr("id").filter(|_| stand_in.name() == "iq") else { return Ok(()) };
        match kind {
            Some("get" | "set") => {
                self.send_stanza(write::error(from, id, "modify", "policy-violation"), None);
                Ok(())
            }
            Some("result" | "error") => {
                let outcome = self.driver.requests.spoiled(stand_in, &self.driver.owner);
                self.conclude(outcome).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn message(&mut self, stanza: &Element) -> Result<(), Abandoned> {
        if let Some(result) = stanza.get_child("result", ns::MAM) {
            if !self.driver.requests.collect(stanza, result, &self.driver.owner) {
                self.forged(Forgery::Archived, stanza);
            }
            return Ok(());
        }
        if stanza.has_child("event", ns::PUBSUB_EVENT) {
            return match read::published(stanza) {
                Some(published) => self.driver.tell(StreamEvent::Incoming(published)).await,
                None => match pubsub::event(stanza) {
                    Some(event) => {
                        self.driver.tell(StreamEvent::Incoming(Incoming::Node(Box::new(event)))).await
                    }
                    None => Ok(()),
                },
            };
        }
        if let Some(invitation) = read::invitation(stanza) {
            return self.driver.tell(StreamEvent::Incoming(invitation)).await;
        }
        match read::message(stanza, &self.driver.owner) {
            Some(message) => {
                self.driver.tell(StreamEvent::Incoming(Incoming::Message(Box::new(message)))).await
            }
            None => {
                if read::is_forged_copy(stanza, &self.driver.owner) {
                    self.forged(Forgery::Copy, stanza);
                }
                Ok(())
            }
        }
    }

    pub(super) async fn presence(&mut self, stanza: &Element) -> Result<(), Abandoned> {
        if let Some(from) = stanza.attr("from").and_then(read::address) {
            self.driver.claims.note(from, stanza);
        }
        if let Some(presence) = read::room_presence(stanza) {
            return self.driver.tell(StreamEvent::Incoming(Incoming::RoomPresence(presence))).await;
        }
        match read::presence(stanza) {
            Some(presence) => self.driver.tell(StreamEvent::Incoming(Incoming::Presence(presence))).await,
            None => Ok(()),
        }
    }

    pub(super) async fn iq(&mut self, iq: &Element) -> Result<(), Abandoned> {
        let Some(id) = iq.attr("id") else { return Ok(()) };
        match iq.attr("type") {
            Some("get" | "set") => self.question(iq, id).await,
            Some("result" | "error") => self.answer(iq, id).await,
            _ => Ok(()),
        }
    }

    /// Every question gets an answer (RFC 6120 section 8.2.3).
    async fn question(&mut self, iq: &Element, id: &str) -> Result<(), Abandoned> {
        let from = iq.attr("from");
        let is_set = iq.attr("type") == Some("set");
        if is_set && iq.has_child("query", ns::ROSTER) {
            let push = read::push(iq, &self.driver.owner);
            let reply = match push {
                Some(_) => write::result(from, id, None),
                None => self.refused_push(iq, id),
            };
            self.send_stanza(reply, None);
            return match push {
                Some((item, version)) => {
                    let push = Incoming::RosterPush { item, version };
                    self.driver.tell(StreamEvent::Incoming(push)).await
                }
                None => Ok(()),
            };
        }
        if is_set && read::is_block_push(iq) {
            let change = read::block_push(iq, &self.driver.owner);
            let reply = match change {
                Some(_) => write::result(from, id, None),
                None => self.refused_push(iq, id),
            };
            self.send_stanza(reply, None);
            return match change {
                Some(change) => self.driver.tell(StreamEvent::Incoming(Incoming::Blocks(change))).await,
                None => Ok(()),
            };
        }
        let answer = if is_set {
            None
        } else {
            iq.children().next().and_then(|payload| self.announced().answer(payload))
        };
        let reply = match answer {
            Some(payload) => write::result(from, id, payload),
            None => write::error(from, id, "cancel", "service-unavailable"),
        };
        self.send_stanza(reply, None);
        Ok(())
    }

    fn refused_push(&self, iq: &Element, id: &str) -> Element {
        let from = iq.attr("from");
        if !self.driver.owner.is_own_account(from) {
            self.forged(Forgery::Push, iq);
        }
        write::error(from, id, "cancel", "service-unavailable")
    }

    async fn answer(&mut self, iq: &Element, id: &str) -> Result<(), Abandoned> {
        if self.fence.as_ref().is_some_and(|(fence, _)| fence == id) {
            let count = self.fence.take().map_or(0, |(_, count)| count);
            let messages = self.driver.management.acknowledge_first(count);
            return self.driver.tell_acknowledged(messages).await;
        }
        if self.driver.account_info.as_deref() == Some(id)
            && self.driver.owner.is_own_account(iq.attr("from"))
        {
            self.driver.account_info = None;
            let features = iq.get_child("query", ns::DISCO_INFO);
            let has = |name: &str| {
                features
                    .is_some_and(|query| query.children().any(|feature| feature.attr("var") == Some(name)))
            };
            // XEP-0313 section 5.1.2 and XEP-0359 section 4: whoever announces these takes forged ids out.
            self.driver.owner.vouches_for_archive_ids = has(ns::SID) || has(ns::MAM);
            return Ok(());
        }
        if self.driver.requests.is_forged(iq, &self.driver.owner) {
            self.forged(Forgery::Answer, iq);
            return Ok(());
        }
        let outcome = self.driver.requests.answer(iq, &self.driver.owner);
        if let (Outcome::Answered(_, Ok(Answer::Info(_))), Some(query)) =
            (&outcome, iq.get_child("query", ns::DISCO_INFO))
        {
            self.driver.connector.known().note(query);
        }
        self.conclude(outcome).await
    }

    async fn conclude(&mut self, outcome: Outcome) -> Result<(), Abandoned> {
        match outcome {
            Outcome::Answered(id, result) => self.driver.tell(StreamEvent::Answered { id, result }).await,
            Outcome::AskMore(stanza) => {
                self.send_stanza(stanza, None);
                Ok(())
            }
            Outcome::Stray => Ok(()),
        }
    }

    fn forged(&self, forgery: Forgery, stanza: &Element) {
        let from = stanza.attr("from").and_then(read::address);
        self.driver.connector.forgeries().note(forgery, &self.driver.owner.jid, from.as_ref());
    }
}
