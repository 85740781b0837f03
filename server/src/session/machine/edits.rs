//! What the person changes about their contacts: each change is answered when the XMPP server has done it.

use protocol::{BareJid, MAX_CONTACT_GROUPS, MAX_CONTACT_NAME_BYTES, SetContact};

use super::subscriptions::sees;
use super::text::is_xml;
use super::{Answering, Asked, Machine};
use crate::session::command::{Reply, SessionError};
use crate::session::contacts::ContactSet;
use crate::xmpp::{Ping, RemoveRosterItem, Request, SetRosterItem};

/// What a question about contacts was for.
#[derive(Debug)]
pub(super) enum AskedOfContacts {
    /// A contact is being added or edited.
    Set { item: SetRosterItem, subscribe: bool, is_new: bool, reply: Reply<Result<ContactSet, SessionError>> },
    /// The contact was set; now they are asked whether we may see them.
    See { jid: BareJid, is_new: bool, reply: Reply<Result<ContactSet, SessionError>> },
    /// A contact is being removed.
    Remove { jid: BareJid, reply: Reply<Result<(), SessionError>> },
    /// Something was said about who sees whom; requests of this one need no answer any more.
    Subscription { closes: Option<BareJid>, reply: Reply<Result<(), SessionError>> },
    /// The server has sent again whatever requests are still open.
    RequestsResent,
}

impl Machine {
    pub(super) fn contacts_answered(&mut self, asked: AskedOfContacts, result: Answering) {
        let done = result.map(drop).map_err(SessionError::Request);
        match asked {
            AskedOfContacts::Set { item, subscribe, is_new, reply } => match done {
                Ok(()) => self.contact_set(item, subscribe, is_new, reply),
                Err(error) => self.answer(reply, Err(error)),
            },
            AskedOfContacts::See { jid, is_new, reply } => {
                let result = done.map(|()| ContactSet { contact: self.contacts.get(&jid), is_new });
                self.answer(reply, result);
            }
            AskedOfContacts::Remove { jid, reply } => {
                if done.is_ok()
                    && let Some(event) = self.contacts.remove(jid)
                {
                    self.publish(event);
                }
                self.answer(reply, done);
            }
            AskedOfContacts::Subscription { closes, reply } => {
                if let (Ok(()), Some(jid)) = (&done, closes) {
                    self.close_request(jid);
                }
                self.answer(reply, done);
            }
            AskedOfContacts::RequestsResent => {
                if done.is_ok() {
                    self.requests_resent();
                }
            }
        }
    }

    pub(super) fn set_contact(
        &mut self,
        jid: BareJid,
        contact: SetContact,
        reply: Reply<Result<ContactSet, SessionError>>,
    ) {
        let contact = match checked(contact) {
            Ok(contact) => contact,
            Err(error) => return self.answer(reply, Err(error)),
        };
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let known = self.contacts.get(&jid);
        let name = contact.name.map_or(known.name, |name| Some(name).filter(|name| !name.is_empty()));
        let is_new = self.contacts.find(&jid).is_none();
        let item = SetRosterItem { jid, name, groups: contact.groups.unwrap_or(known.groups) };
        let asked = AskedOfContacts::Set { item: item.clone(), subscribe: contact.subscribe, is_new, reply };
        self.ask(Request::SetRosterItem(item), Asked::Contacts(asked));
    }

    fn contact_set(
        &mut self,
        item: SetRosterItem,
        subscribe: bool,
        is_new: bool,
        reply: Reply<Result<ContactSet, SessionError>>,
    ) {
        let jid = item.jid.clone();
        if let Some(event) = self.contacts.edit(item) {
            self.publish(event);
        }
        let contact = self.contacts.get(&jid);
        if subscribe && !contact.pending && !sees(&contact) {
            self.subscribe(&jid);
            let asked = AskedOfContacts::See { jid, is_new, reply };
            return self.ask(Request::Ping(Ping), Asked::Contacts(asked));
        }
        self.answer(reply, Ok(ContactSet { contact, is_new }));
    }

    pub(super) fn remove_contact(&mut self, jid: BareJid, reply: Reply<Result<(), SessionError>>) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let request = Request::RemoveRosterItem(RemoveRosterItem { jid: jid.clone() });
        self.ask(request, Asked::Contacts(AskedOfContacts::Remove { jid, reply }));
    }
}

/// An edit within its bounds, its texts without the blanks around them, no group twice.
fn checked(contact: SetContact) -> Result<SetContact, SessionError> {
    let checked = |what, text: &str| {
        let text = text.trim();
        if text.len() > MAX_CONTACT_NAME_BYTES {
            return Err(SessionError::TooLong { what, max: MAX_CONTACT_NAME_BYTES });
        }
        if is_xml(text) { Ok(text.to_owned()) } else { Err(SessionError::UnsupportedCharacter) }
    };
    let name = contact.name.map(|name| checked("name", &name)).transpose()?;
    let mut groups = None;
    if let Some(wanted) = contact.groups {
        let kept = groups.insert(Vec::new());
        for group in wanted {
            let group = checked("name of a group", &group)?;
            if !group.is_empty() && !kept.contains(&group) {
                if kept.len() == MAX_CONTACT_GROUPS {
                    return Err(SessionError::TooMany { what: "groups", max: MAX_CONTACT_GROUPS });
                }
                kept.push(group);
            }
        }
    }
    Ok(SetContact { name, groups, subscribe: contact.subscribe })
}
