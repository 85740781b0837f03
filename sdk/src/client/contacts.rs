//! What the person does about others, and says of themselves: the contact list, who may see whom, profiles.
//!
//! Everything here resolves when the XMPP server has done it; the model learns of it by events, as of what other tabs
//! do.

use protocol::{
    AnswerSubscriptionRequest, AvatarHash, AvatarSet, BareJid, ContactDetails, Jid, LastActivity, Profile,
    SetContact, SetNickname, SetSubscription, SubscriptionAnswer, paths,
};

use super::Client;
use crate::Error;

impl Client {
    /// Adds a contact, or edits one: what is left out stays as it is.
    ///
    /// # Errors
    /// If a text is too long, the XMPP server refuses, or nobody answers.
    pub async fn set_contact(&self, jid: &BareJid, contact: &SetContact) -> Result<(), Error> {
        self.0.http.put(&paths::roster_item(jid), contact).await
    }

    /// Removes a contact: neither sees the other any more.
    ///
    /// # Errors
    /// `NotFound` if they are in no list, or if nobody answers.
    pub async fn remove_contact(&self, jid: &BareJid) -> Result<(), Error> {
        self.0.http.delete(&paths::roster_item(jid)).await
    }

    /// Says who is to see whom from now on.
    ///
    /// # Errors
    /// `Unsupported` if they have not asked and the XMPP server can't let them in beforehand, or if nobody answers.
    pub async fn set_subscription(&self, jid: &BareJid, wanted: SetSubscription) -> Result<(), Error> {
        self.0.http.put(&paths::subscription(jid), &wanted).await
    }

    /// Lets somebody who asks see the person's presence; with `subscribe` asks to see theirs too.
    ///
    /// # Errors
    /// `NotFound` if they don't ask (any more), or if nobody answers.
    pub async fn accept_request(&self, jid: &BareJid, subscribe: bool) -> Result<(), Error> {
        self.answer_request(jid, SubscriptionAnswer::Accept, subscribe).await
    }

    /// Tells somebody who asks that they may not see the person's presence.
    ///
    /// # Errors
    /// As [`Client::accept_request`].
    pub async fn decline_request(&self, jid: &BareJid) -> Result<(), Error> {
        self.answer_request(jid, SubscriptionAnswer::Decline, false).await
    }

    /// What is known of a contact beyond the list: their devices.
    ///
    /// # Errors
    /// `NotFound` if they are in no list, or if nobody answers.
    pub async fn contact_details(&self, jid: &BareJid) -> Result<ContactDetails, Error> {
        self.0.http.get(&paths::contact(jid)).await
    }

    /// When a contact was last there, as their server tells it.
    ///
    /// # Errors
    /// `NotFound` if they are in no list, `Unsupported` or `XmppRefused` if their server does not tell, or if nobody
    /// answers.
    pub async fn last_activity(&self, jid: &BareJid) -> Result<LastActivity, Error> {
        self.0.http.get(&paths::last_activity(jid)).await
    }

    /// Blocks somebody: a person, a whole domain, or one device.
    ///
    /// # Errors
    /// `Unsupported` if the XMPP server can't block, or if nobody answers.
    pub async fn block(&self, jid: &Jid) -> Result<(), Error> {
        self.0.http.put(&paths::block(jid), &()).await
    }

    /// Lifts a block.
    ///
    /// # Errors
    /// As [`Client::block`].
    pub async fn unblock(&self, jid: &Jid) -> Result<(), Error> {
        self.0.http.delete(&paths::block(jid)).await
    }

    /// Lifts all blocks.
    ///
    /// # Errors
    /// As [`Client::block`].
    pub async fn unblock_all(&self) -> Result<(), Error> {
        self.0.http.delete(paths::BLOCKS).await
    }

    /// What somebody says of themselves; nothing, where they say nothing. It is theirs to say: show it as text.
    ///
    /// # Errors
    /// If their server refuses, or nobody answers.
    pub async fn profile(&self, jid: &BareJid) -> Result<Profile, Error> {
        self.0.http.get(&paths::profile(jid)).await
    }

    /// What the person says of themselves.
    ///
    /// # Errors
    /// If nobody answers.
    pub async fn own_profile(&self) -> Result<Profile, Error> {
        self.0.http.get(paths::PROFILE).await
    }

    /// Has the person say this of themselves, and nothing else.
    ///
    /// # Errors
    /// If a text is too long, the XMPP server refuses, or nobody answers.
    pub async fn set_profile(&self, profile: &Profile) -> Result<(), Error> {
        self.0.http.put(paths::PROFILE, profile).await
    }

    /// Has the person go by this name; an empty one takes it away.
    ///
    /// # Errors
    /// As [`Client::set_profile`].
    pub async fn set_nickname(&self, name: &str) -> Result<(), Error> {
        self.0.http.put(paths::NICKNAME, &SetNickname { name: name.to_owned() }).await
    }

    /// Has the person look like this: PNG, JPEG, GIF or WebP.
    ///
    /// # Errors
    /// `RequestTooLarge` if the XMPP server takes no pictures that large, `MalformedBody` if it is no picture, or if
    /// nobody answers.
    pub async fn set_avatar(&self, picture: &web_sys::Blob) -> Result<AvatarHash, Error> {
        let answer = self.0.http.put_blob(paths::AVATAR, picture).await?;
        let set: AvatarSet = crate::json::read(&answer).ok_or_else(Error::bad_answer)?;
        Ok(set.avatar)
    }

    /// Has the person look like nothing.
    ///
    /// # Errors
    /// If the XMPP server refuses or nobody answers.
    pub async fn remove_avatar(&self) -> Result<(), Error> {
        self.0.http.delete(paths::AVATAR).await
    }

    async fn answer_request(
        &self,
        jid: &BareJid,
        answer: SubscriptionAnswer,
        subscribe: bool,
    ) -> Result<(), Error> {
        let answer = AnswerSubscriptionRequest { answer, subscribe };
        self.0.http.put(&paths::subscription_request(jid), &answer).await
    }
}
