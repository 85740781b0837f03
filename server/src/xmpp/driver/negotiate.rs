//! From an authenticated stream to one that carries stanzas: resume the old one, else bind anew.

use futures::SinkExt;
use minidom::Element;
use protocol::{Jid, MessageId};

use super::management::Management;
use super::requests::random_id;
use super::{Driver, random_resource};
use crate::xmpp::connector::ConnectError;
use crate::xmpp::connector::wire::{self, Wire};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::features::Features;
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;
use crate::xmpp::{Offers, Outgoing, StreamFacts, write};

/// A stream that carries stanzas.
pub(super) struct Opened {
    pub(super) wire: Wire,
    /// The address that is bound; that of the earlier stream where it was resumed.
    pub(super) bound: Jid,
    pub(super) is_resumed: bool,
    /// Client state indication may be used.
    pub(super) client_state: bool,
    /// What of the rest concerns the session.
    pub(super) offers: Offers,
    /// What is known of the stream.
    pub(super) facts: StreamFacts,
}

impl Driver {
    /// Makes a stream carry stanzas.
    pub(super) async fn open(&mut self, mut wire: Wire, features: &Features) -> Result<Opened, ConnectError> {
        let connector = self.connector.clone();
        if features.stream_management
            && self.management.resumption().is_some()
            && connector.step("resume", self.resume(&mut wire)).await?
        {
            for stanza in self.management.resend() {
                wire.push(stanza);
            }
            return Ok(Opened {
                wire,
                bound: self.bound()?,
                is_resumed: true,
                client_state: features.client_state,
                offers: offers(features),
                facts: StreamFacts::new(features, true),
            });
        }
        // Kept until the owner can be told: this stream may come to nothing, too.
        let in_doubt = self.management.in_doubt();
        self.in_doubt.extend(in_doubt);
        if !features.bind {
            return Err(ConnectError::Incompatible("the server binds no resource"));
        }
        let bound = connector.step("bind", self.bind(&mut wire)).await?;
        self.management = Management::default();
        if features.stream_management {
            self.management = connector.step("enable", enable(&mut wire)).await?;
        }
        self.owner.vouches_for_archive_ids = false;
        self.claims.clear();
        self.account_info = None;
        self.keep_what_waited();
        self.resource = bound.resource().unwrap_or(&self.resource).to_owned();
        Ok(Opened {
            wire,
            bound,
            is_resumed: false,
            client_state: features.client_state,
            offers: offers(features),
            facts: StreamFacts::new(features, self.management.resumption().is_some()),
        })
    }

    fn bound(&self) -> Result<Jid, ConnectError> {
        address(&format!("{}/{}", self.owner.jid, self.resource)).ok_or(WRONG_BINDING)
    }

    /// RFC 6120 section 7.6. A server may keep a resource for a stream that it has not given up yet, which may be our own:
    /// then it is to be another one.
    async fn bind(&self, wire: &mut Wire) -> Result<Jid, ConnectError> {
        match self.bind_as(wire, &self.resource).await? {
            Some(bound) => Ok(bound),
            None => {
                let other = random_resource(&self.connector.settings().resource_prefix);
                self.bind_as(wire, &other).await?.ok_or(ConnectError::Unreachable)
            }
        }
    }

    /// `None` if the resource is taken.
    async fn bind_as(&self, wire: &mut Wire, resource: &str) -> Result<Option<Jid>, ConnectError> {
        let id = random_id();
        let resource = element("resource", ns::BIND).content(resource);
        let request = element("iq", ns::CLIENT)
            .with("type", "set")
            .with("id", id.as_str())
            .child(element("bind", ns::BIND).child(resource));
        send(wire, &request).await?;
        let answer = loop {
            let answer = wire::next(wire).await?;
            if answer.is("iq", ns::CLIENT) && answer.attr("id") == Some(&id) {
                break answer;
            }
        };
        if answer.attr("type") != Some("result") {
            // RFC 6120 section 8.3.2: too many resources today, maybe, and not tomorrow.
            let error = answer.get_child("error", ns::CLIENT);
            if error.is_some_and(|error| error.has_child("conflict", ns::XMPP_STANZAS)) {
                return Ok(None);
            }
            let may_mend = error.is_some_and(|error| error.attr("type") == Some("wait"));
            return Err(if may_mend { ConnectError::Unreachable } else { ConnectError::AccountRefused });
        }
        let bound = answer.get_child("bind", ns::BIND).and_then(|bind| child_text(bind, "jid", ns::BIND));
        let bound = bound.as_deref().and_then(address).ok_or(WRONG_BINDING)?;
        // A server may let anybody in under another name, ANONYMOUS being the plainest case: that is not this person.
        if bound.bare() == self.owner.jid && bound.resource().is_some() {
            Ok(Some(bound))
        } else {
            Err(WRONG_BINDING)
        }
    }

    /// Asks for the stream before this one, and says whether it goes on (XEP-0198 section 5).
    async fn resume(&mut self, wire: &mut Wire) -> Result<bool, ConnectError> {
        let id = self.management.resumption().unwrap_or_default();
        let request =
            element("resume", ns::SM).with("h", self.management.handled().to_string()).with("previd", id);
        send(wire, &request).await?;
        let answer = next_management(wire).await?;
        let h = answer.attr("h").and_then(|h| h.parse().ok());
        if answer.name() == "resumed" {
            let h = h.ok_or(ConnectError::Incompatible("the server resumed without a count"))?;
            return match self.management.acknowledge(h) {
                Ok(messages) => {
                    self.acknowledged.extend(messages);
                    Ok(true)
                }
                Err(_) => {
                    // The counts have parted: nothing about this stream can be relied on.
                    self.management.forget_resumption();
                    Err(ConnectError::Incompatible("the server's count of stanzas is too high"))
                }
            };
        }
        self.management.forget_resumption();
        // The server may still say how far it had come.
        let messages = h.and_then(|h| self.management.acknowledge(h).ok()).unwrap_or_default();
        self.acknowledged.extend(messages);
        Ok(false)
    }

    /// What was handed over while there was no stream: messages and questions go out on this one, what was said of a moment
    /// that has passed does not.
    fn keep_what_waited(&mut self) {
        while let Ok(outgoing) = self.outgoing.try_recv() {
            let outgoing = *outgoing;
            match outgoing {
                Outgoing::Message(message)
                    if message.is_missed()
                        || message.receipt_for.is_some()
                        || message.displayed.is_some() =>
                {
                    self.backlog.push_back(Outgoing::Message(message));
                }
                Outgoing::Request { id, request } => {
                    self.backlog.push_back(Outgoing::Request { id, request });
                }
                // The question behind it, which tells that it is done, goes out too.
                Outgoing::Subscription { .. } => self.backlog.push_back(outgoing),
                // Nobody decides about a room a second time for this stream.
                Outgoing::Join { .. } | Outgoing::Leave { .. } | Outgoing::Invitation(_) => {
                    self.backlog.push_back(outgoing);
                }
                Outgoing::Message(_)
                | Outgoing::Raw(_)
                | Outgoing::Presence { .. }
                | Outgoing::InRoom { .. }
                | Outgoing::Inactive
                | Outgoing::Active => {}
            }
        }
    }
}

fn offers(features: &Features) -> Offers {
    Offers { roster_versions: features.roster_versions, pre_approval: features.pre_approval }
}

const WRONG_BINDING: ConnectError =
    ConnectError::Incompatible("the server bound another address than the one asked for");

/// XEP-0198 section 3. A server that offers management and then refuses it is used without.
async fn enable(wire: &mut Wire) -> Result<Management, ConnectError> {
    send(wire, &element("enable", ns::SM).with("resume", "true")).await?;
    let answer = next_management(wire).await?;
    if answer.name() != "enabled" {
        return Ok(Management::default());
    }
    let may_resume = answer.attr("resume").is_some_and(|resume| resume == "true" || resume == "1");
    let id = answer.attr("id").filter(|id| may_resume && !id.is_empty());
    Ok(Management::enabled(id.map(str::to_owned)))
}

/// The next element of stream management. Before it nothing can come that counts: no presence was sent.
async fn next_management(wire: &mut Wire) -> Result<Element, ConnectError> {
    loop {
        let answer = wire::next(wire).await?;
        if answer.has_ns(ns::SM) && matches!(answer.name(), "enabled" | "resumed" | "failed") {
            return Ok(answer);
        }
    }
}

async fn send(wire: &mut Wire, element: &Element) -> Result<(), ConnectError> {
    wire.stream.send(element).await.map_err(|_| ConnectError::Unreachable)
}

/// The stanza of something to send that is not a request, and the id by which its arrival is told.
pub(super) fn stanza(outgoing: &Outgoing) -> Option<(Element, Option<MessageId>)> {
    match outgoing {
        Outgoing::Message(message) => {
            let id = message.is_missed().then(|| message.id.clone());
            Some((write::message(message), id))
        }
        Outgoing::Presence { availability, status, photo } => {
            let presence = write::presence(*availability, status.as_deref());
            Some((write::with_photo(presence, photo.as_ref()), None))
        }
        Outgoing::Subscription { to, change, name } => {
            Some((write::subscription(to, *change, name.as_deref()), None))
        }
        Outgoing::Join { to, password, history, availability, status } => {
            Some((write::join(to, password.as_ref(), *history, *availability, status.as_deref()), None))
        }
        Outgoing::InRoom { to, availability, status } => {
            Some((write::in_room(to, *availability, status.as_deref()), None))
        }
        Outgoing::Leave { to } => Some((write::leave(to), None)),
        Outgoing::Raw(stanza) => Some((stanza.element().clone(), None)),
        Outgoing::Invitation(invitation) => Some((write::invitation(invitation), None)),
        Outgoing::Request { .. } | Outgoing::Inactive | Outgoing::Active => None,
    }
}
