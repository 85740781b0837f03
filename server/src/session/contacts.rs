//! What can be asked of a session about others.

use protocol::{
    AnswerSubscriptionRequest, AvatarHash, BareJid, Contact, ContactDetails, LastActivity, Presence, Roster,
    SetContact, SetSubscription, SubscriptionRequests,
};

use super::Session;
use super::command::{Command, Reply, SessionError};
use crate::xmpp::{Avatar, normalise};

/// Something about others.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum ContactsCommand {
    Roster {
        reply: Reply<Roster>,
    },
    Contact {
        jid: BareJid,
        reply: Reply<Result<ContactDetails, SessionError>>,
    },
    LastActivity {
        jid: BareJid,
        reply: Reply<Result<LastActivity, SessionError>>,
    },
    SetContact {
        jid: BareJid,
        contact: SetContact,
        reply: Reply<Result<ContactSet, SessionError>>,
    },
    RemoveContact {
        jid: BareJid,
        reply: Reply<Result<(), SessionError>>,
    },
    SetSubscription {
        jid: BareJid,
        subscription: SetSubscription,
        reply: Reply<Result<(), SessionError>>,
    },
    SubscriptionRequests {
        reply: Reply<SubscriptionRequests>,
    },
    AnswerSubscriptionRequest {
        jid: BareJid,
        answer: AnswerSubscriptionRequest,
        reply: Reply<Result<(), SessionError>>,
    },
    Avatar {
        jid: BareJid,
        hash: AvatarHash,
        reply: Reply<Result<Avatar, SessionError>>,
    },
}

impl From<ContactsCommand> for Command {
    fn from(command: ContactsCommand) -> Self {
        Command::Contacts(command)
    }
}

/// A contact that was added or edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactSet {
    /// As they are now.
    pub contact: Contact,
    /// They were not in the roster before.
    pub is_new: bool,
}

impl Session {
    /// The contact list.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn roster(&self) -> Result<Roster, SessionError> {
        self.ask(|reply| ContactsCommand::Roster { reply }).await
    }

    /// How somebody is seen: the person themselves, or a contact. Whoever is neither is not there.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn presence_of(&self, jid: BareJid) -> Result<Presence, SessionError> {
        let jid = normalise(&jid)?;
        if jid == *self.jid() {
            return self.presence().await;
        }
        let contact = self.roster().await?.contacts.into_iter().find(|contact| contact.jid == jid);
        Ok(contact.map_or_else(Presence::default, |contact| contact.presence))
    }

    /// What is known of a contact beyond the list.
    ///
    /// # Errors
    /// As [`Session::snapshot`], and [`SessionError::NotAContact`].
    pub async fn contact(&self, jid: BareJid) -> Result<ContactDetails, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::Contact { jid, reply }).await?
    }

    /// When a contact was last there. Nobody but contacts is asked: they would learn that they are watched.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NotAContact`].
    pub async fn last_activity(&self, jid: BareJid) -> Result<LastActivity, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::LastActivity { jid, reply }).await?
    }

    /// Adds a contact or edits one, and may ask to see them. The answer comes when the XMPP server has done it.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::TooLong`], [`SessionError::TooMany`],
    /// [`SessionError::UnsupportedCharacter`].
    pub async fn set_contact(&self, jid: BareJid, contact: SetContact) -> Result<ContactSet, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::SetContact { jid, contact, reply }).await?
    }

    /// Removes a contact: neither sees the other any more.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn remove_contact(&self, jid: BareJid) -> Result<(), SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::RemoveContact { jid, reply }).await?
    }

    /// Says who is to see whom from now on.
    ///
    /// # Errors
    /// As [`Session::history`]. A server that can't note beforehand whom the person lets see them refuses with
    /// `Unsupported`.
    pub async fn set_subscription(
        &self,
        jid: BareJid,
        subscription: SetSubscription,
    ) -> Result<(), SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::SetSubscription { jid, subscription, reply }).await?
    }

    /// Who asks to see the person's presence.
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub async fn subscription_requests(&self) -> Result<SubscriptionRequests, SessionError> {
        self.ask(|reply| ContactsCommand::SubscriptionRequests { reply }).await
    }

    /// Answers somebody who asks to see the person's presence.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NoSuchRequest`].
    pub async fn answer_subscription_request(
        &self,
        jid: BareJid,
        answer: AnswerSubscriptionRequest,
    ) -> Result<(), SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::AnswerSubscriptionRequest { jid, answer, reply }).await?
    }

    /// Somebody's avatar.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn avatar(&self, jid: BareJid, hash: AvatarHash) -> Result<Avatar, SessionError> {
        let jid = normalise(&jid)?;
        self.ask(|reply| ContactsCommand::Avatar { jid, hash, reply }).await?
    }
}
