//! Where people are told, and what they have set.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{
    BareJid, ConversationId, MAX_MUTED, MAX_PUSH_DEVICES, MAX_PUSH_NAME_BYTES, PushDevice, PushDeviceId,
    PushSettings, PushSubscriptionKeys, SignInId, TimestampMs,
};

use super::content::Form;
use super::endpoint::Subscription;
use super::{Push, PushError, quiet};
use crate::store::PushDeviceRecord;

/// A browser's subscription, by whoever subscribes.
pub struct Subscribing<'a> {
    /// Whose it is.
    pub jid: &'a BareJid,
    /// The sign-in with which it ends, if it does.
    pub sign_in: Option<&'a SignInId>,
    /// What the device is called.
    pub name: &'a str,
    /// Where to push to.
    pub endpoint: &'a str,
    /// What to encrypt for.
    pub keys: &'a PushSubscriptionKeys,
    /// The key by which it subscribed, if that is known.
    pub key: Option<&'a str>,
    /// Its pushes may have tokens for acts.
    pub may_act: bool,
}

impl Push {
    /// The public key to subscribe with.
    pub fn key(&self) -> String {
        // There is one from the beginning.
        self.0.vapid.newest().map(|(_, public)| public).unwrap_or_default()
    }

    /// Somebody's devices, the newest first.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn devices(&self, jid: &BareJid) -> Result<Vec<PushDevice>, PushError> {
        let records = self.0.store.push_devices(jid.as_str()).await?;
        Ok(records.into_iter().map(|record| self.told(record)).collect())
    }

    /// Pushes to a device from now on, in the form of the API v1. True if it is a new one: the same address is the same
    /// device.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn subscribe(
        &self,
        now_ms: TimestampMs,
        by: Subscribing<'_>,
    ) -> Result<(PushDevice, bool), PushError> {
        let subscription = Subscription::taken(&self.0, by.endpoint, by.keys)?;
        let hash = subscription.hash();
        let known = self.0.store.push_devices(by.jid.as_str()).await?;
        let known = known.into_iter().find(|record| record.endpoint_hash == hash);
        let is_new = known.is_none();
        let record = self.keep(now_ms, by, &subscription, Form::V1, known).await?;
        Ok((self.told(record), is_new))
    }

    /// A device of somebody's has another subscription: browsers change them now and then.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn resubscribe(
        &self,
        now_ms: TimestampMs,
        id: &PushDeviceId,
        by: Subscribing<'_>,
    ) -> Result<PushDevice, PushError> {
        let subscription = Subscription::taken(&self.0, by.endpoint, by.keys)?;
        let known = self.0.store.push_device(&id.0).await?;
        let known = known.filter(|record| record.jid == by.jid.as_str()).ok_or(PushError::Unknown)?;
        let record = self.keep(now_ms, by, &subscription, Form::V1, Some(known)).await?;
        Ok(self.told(record))
    }

    /// Pushes to a device in the form of the plugin's contract: one for each name.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn subscribe_compat(&self, now_ms: TimestampMs, by: Subscribing<'_>) -> Result<(), PushError> {
        let subscription = Subscription::taken(&self.0, by.endpoint, by.keys)?;
        let known = self.0.store.push_devices(by.jid.as_str()).await?;
        let is_it =
            |record: &PushDeviceRecord| Form::read(&record.form) == Form::Compat && record.name == by.name;
        let known = known.into_iter().find(is_it);
        self.keep(now_ms, by, &subscription, Form::Compat, known).await.map(drop)
    }

    async fn keep(
        &self,
        now_ms: TimestampMs,
        by: Subscribing<'_>,
        subscription: &Subscription,
        form: Form,
        known: Option<PushDeviceRecord>,
    ) -> Result<PushDeviceRecord, PushError> {
        let name = usable(by.name)?;
        let key_id = match by.key {
            Some(key) => self.0.vapid.id_of(key).ok_or(PushError::UnknownKey)?,
            None => self.0.vapid.newest().ok_or(PushError::Key)?.0,
        };
        let (id, made_at_ms, pushed_at_ms) = match known {
            Some(known) => (known.id, known.made_at_ms, known.pushed_at_ms),
            None => (URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()), now_ms, None),
        };
        let record = PushDeviceRecord {
            jid: by.jid.as_str().to_owned(),
            sign_in: by.sign_in.map(|id| id.0.clone()),
            name,
            form: form.word().to_owned(),
            key_id,
            host: subscription.host(),
            endpoint_hash: subscription.hash(),
            sealed: subscription.seal(&self.0.keyring, &id)?,
            may_act: by.may_act,
            made_at_ms,
            seen_at_ms: now_ms,
            pushed_at_ms,
            refused_at_ms: None,
            id,
        };
        let max = u32::try_from(MAX_PUSH_DEVICES).unwrap_or(u32::MAX);
        self.0.store.keep_push_device(&record, max).await?;
        self.0.notices.want_also(by.jid);
        Ok(record)
    }

    /// Pushes to a device no more. False if there is none.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn unsubscribe(&self, jid: &BareJid, id: &PushDeviceId) -> Result<bool, PushError> {
        let was_there = self.0.store.forget_push_device(jid.as_str(), &id.0).await?;
        if self.0.store.push_devices(jid.as_str()).await?.is_empty() {
            self.0.notices.want_no_more(jid);
        }
        Ok(was_there)
    }

    /// Somebody's account is no more.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn forget(&self, jid: &BareJid) -> Result<(), PushError> {
        self.0.notices.want_no_more(jid);
        Ok(self.0.store.forget_pushes(jid.as_str()).await?)
    }

    /// What somebody has set.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn settings(&self, jid: &BareJid) -> Result<PushSettings, PushError> {
        let kept = self.0.store.push_settings(jid.as_str()).await?;
        // It was written by the same types.
        Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// Sets what is pushed to somebody, and when.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn set(&self, jid: &BareJid, settings: &PushSettings) -> Result<(), PushError> {
        if let Some(quiet) = &settings.quiet {
            quiet::check(quiet).map_err(PushError::Settings)?;
        }
        if settings.muted.len() > MAX_MUTED {
            return Err(PushError::Settings("too many conversations are muted: 500 are the most"));
        }
        let json = serde_json::to_string(settings).map_err(|_| PushError::Settings("they can't be kept"))?;
        Ok(self.0.store.keep_push_settings(jid.as_str(), &json).await?)
    }

    /// Nothing of a conversation is pushed any more.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn mute(&self, jid: &BareJid, conversation: &ConversationId) -> Result<(), PushError> {
        let mut settings = self.settings(jid).await?;
        if settings.muted.contains(conversation) {
            return Ok(());
        }
        settings.muted.push(conversation.clone());
        self.set(jid, &settings).await
    }

    fn told(&self, record: PushDeviceRecord) -> PushDevice {
        PushDevice {
            id: PushDeviceId(record.id),
            name: record.name,
            host: record.host,
            key: self.0.vapid.public(&record.key_id).unwrap_or_default(),
            sign_in: record.sign_in.map(SignInId),
            made_at_ms: record.made_at_ms,
            seen_at_ms: record.seen_at_ms,
            pushed_at_ms: record.pushed_at_ms,
            refused: record.refused_at_ms.is_some(),
        }
    }
}

/// A name as it is kept.
fn usable(name: &str) -> Result<String, PushError> {
    let name = name.trim();
    let is_usable = (1..=MAX_PUSH_NAME_BYTES).contains(&name.len()) && !name.contains(char::is_control);
    if is_usable { Ok(name.to_owned()) } else { Err(PushError::Name) }
}
