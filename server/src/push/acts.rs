//! What can be done from a notification, by a token for each act: one act, in one conversation, once, for a day at the most,
//! and only while there is the device that it was pushed to (S-52).
//!
//! A token is what it says, sealed: it is not kept anywhere. What is kept is that it was used.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, ConversationId, MessageId, PushActs, PushKind, SignInId, TimestampMs};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::content::{Content, Form};
use super::{Push, PushError};
use crate::keyring::Purpose;

/// How long a token is good for at the most (milliseconds).
const LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Answer in the conversation.
    #[serde(rename = "r")]
    Reply,
    /// Note that everything up to the message was read.
    #[serde(rename = "m")]
    MarkRead,
    /// Push nothing more of the conversation.
    #[serde(rename = "x")]
    Mute,
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Said {
    /// The act.
    a: Act,
    /// The device.
    d: String,
    /// Until when it is good.
    u: TimestampMs,
    /// In which conversation.
    c: ConversationId,
    /// Up to which message.
    m: MessageId,
}

/// An act that may be done now. Its token is spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// What is done.
    pub act: Act,
    /// Who does it.
    pub jid: BareJid,
    /// By which sign-in, if it was pushed to one.
    pub sign_in: Option<SignInId>,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Up to which message.
    pub message_id: MessageId,
    /// The same for the same token, and for no other: what is done by it twice is done once.
    pub once: [u8; 10],
    /// When its token was made, about.
    pub at_ms: TimestampMs,
    hash: String,
}

impl Push {
    /// The tokens for what can be done about this.
    pub(super) fn acts_for(
        &self,
        device: &str,
        form: Form,
        content: &Content,
        now_ms: TimestampMs,
    ) -> PushActs {
        let is_message = matches!(content.kind, PushKind::Message | PushKind::Mention);
        let (Some(conversation), Some(message_id), true) =
            (&content.conversation, &content.message_id, is_message)
        else {
            return PushActs::default();
        };
        let token = |act| {
            let (d, u) = (device.to_owned(), now_ms.saturating_add(LIFE_MS));
            let said = Said { a: act, d, u, c: conversation.clone(), m: message_id.clone() };
            let json = serde_json::to_vec(&said).ok()?;
            self.0.keyring.seal(Purpose::PushAct, "", &json).ok()
        };
        match form {
            Form::V1 => {
                PushActs { reply: token(Act::Reply), mark_read: token(Act::MarkRead), mute: token(Act::Mute) }
            }
            Form::Compat => PushActs { reply: token(Act::Reply), ..PushActs::default() },
        }
    }

    /// What a token is for, which is thereby spent.
    ///
    /// # Errors
    /// [`PushError::Token`] if it is none, was used, or its device is no more; [`PushError::TokenExpired`].
    pub async fn redeem(&self, now_ms: TimestampMs, token: &str) -> Result<Redeemed, PushError> {
        let opened = self.0.keyring.open(Purpose::PushAct, "", token).map_err(|_| PushError::Token)?;
        let said: Said = serde_json::from_slice(&opened).map_err(|_| PushError::Token)?;
        if now_ms > said.u {
            return Err(PushError::TokenExpired);
        }
        let device = self.0.store.push_device(&said.d).await?.filter(|device| device.may_act);
        let device = device.ok_or(PushError::Token)?;
        let jid = device.jid.parse().map_err(|_| PushError::Token)?;
        let digest = Sha256::digest(token.as_bytes());
        let hash = URL_SAFE_NO_PAD.encode(digest);
        if !self.0.store.spend_push_act(&hash, said.u).await? {
            return Err(PushError::Token);
        }
        let mut once = [0; 10];
        once.copy_from_slice(&digest[..10]);
        Ok(Redeemed {
            act: said.a,
            jid,
            sign_in: device.sign_in.map(SignInId),
            conversation: said.c,
            message_id: said.m,
            once,
            at_ms: said.u - LIFE_MS,
            hash,
        })
    }

    /// It did not come about: whoever has the token may try again.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn not_done(&self, redeemed: &Redeemed) -> Result<(), PushError> {
        Ok(self.0.store.unspend_push_act(&redeemed.hash).await?)
    }
}
