//! Passkeys (WebAuthn Level 3): keys on people's devices, by which they show who they are, without a password or beside it.
//!
//! `webauthn-rs` checks what browsers send. What it leaves to whoever calls it is here: that a challenge is good once and for
//! what it was made for, whose a passkey is, on which pages it may be used, and what becomes of one that was copied. People
//! are checked against memory; what changes goes to the store.
//!
//! A passkey alone is enough to come in only if its device has checked who holds it (user verification). Beside a password, one
//! that can't check will do.

mod answer;
mod attestation;
mod ceremonies;
mod decoys;
mod error;
mod key;
mod party;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{
    AcceptedCredentials, BareJid, CreatedCredential, MAX_PASSKEY_NAME_BYTES, MAX_PASSKEYS, PasskeyEnrolment,
    PasskeyId, PasskeyInfo, PasskeyRequest, ShownCredential, TimestampMs,
};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, PublicKeyCredential, SecurityKey, WebauthnError,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use self::answer::{check_form, check_length, signs_of_copy};
use self::attestation::Statement;
use self::ceremonies::{CEREMONY_MS, Ceremonies, Purpose};
use self::decoys::Decoys;
pub use self::error::PasskeyError;
use self::error::{refusal, unexpected};
use self::key::{Key, kept_of};
use self::party::{ClientData, Party};
pub use self::party::{PasskeySettings, PasskeysUnavailable};
use super::AuthError;
use super::keeper::{Change, Keeper};
use super::keyring::Keyring;
use crate::store::Store;

/// What browsers call the one kind of credential that there is.
const PUBLIC_KEY: &str = "public-key";

/// Who showed that it is them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who.
    pub jid: BareJid,
    /// By which passkey.
    pub passkey: PasskeyId,
    /// The device has checked who holds it.
    pub user_verified: bool,
}

/// Everybody's passkeys.
#[derive(Debug)]
pub struct Passkeys {
    party: Party,
    keeper: Arc<Keeper>,
    decoys: Decoys,
    ceremonies: Ceremonies,
    book: Mutex<Book>,
}

/// Who has which.
#[derive(Debug, Default)]
struct Book {
    people: HashMap<BareJid, Person>,
    /// By the device's own name for a key, which no two have.
    owners: HashMap<Vec<u8>, BareJid>,
}

#[derive(Debug)]
struct Person {
    /// What stands for them on their devices; it stays when their last passkey goes, so that the next one takes the place of
    /// what a device may have still.
    handle: Uuid,
    keys: Vec<Key>,
}

impl Passkeys {
    /// With those that were kept.
    pub(super) async fn open(
        settings: &PasskeySettings,
        store: &Store,
        keyring: &Keyring,
        keeper: Arc<Keeper>,
    ) -> Result<Result<Self, PasskeysUnavailable>, AuthError> {
        let party = match Party::new(settings) {
            Ok(party) => party,
            Err(unavailable) => return Ok(Err(unavailable)),
        };
        let decoys = Decoys::open(store, keyring).await?;
        let mut book = Book::default();
        for kept in store.passkey_handles().await? {
            if let (Ok(jid), Ok(handle)) = (kept.jid.parse(), kept.handle.parse()) {
                book.people.insert(jid, Person { handle, keys: Vec::new() });
            }
        }
        let mut unread = 0;
        for kept in store.passkeys().await? {
            let read = Key::read(kept);
            match read.and_then(|(jid, key)| Some((book.people.get_mut(&jid)?, jid, key))) {
                Some((person, jid, key)) => {
                    book.owners.insert(key.credential.cred_id.clone(), jid);
                    person.keys.push(key);
                }
                None => unread += 1,
            }
        }
        if unread > 0 {
            tracing::error!(
                unread,
                "passkeys in the store can't be read: those whose they are can't use them"
            );
        }
        let (ceremonies, book) = (Ceremonies::default(), Mutex::new(book));
        Ok(Ok(Passkeys { party, keeper, decoys, ceremonies, book }))
    }

    /// The pages of other sites which may use them, for browsers to be told (WebAuthn Level 3, section 5.11).
    pub fn related_origins(&self) -> &[String] {
        &self.party.related
    }

    /// Somebody's, those that were made first in front.
    pub fn list(&self, jid: &BareJid) -> Vec<PasskeyInfo> {
        let book = self.lock();
        book.people.get(jid).map(|person| person.keys.iter().map(Key::info).collect()).unwrap_or_default()
    }

    /// Which of somebody's are taken, as their devices know them. `None` if they never had one: nothing stands for them there.
    pub fn accepted(&self, jid: &BareJid) -> Option<AcceptedCredentials> {
        let book = self.lock();
        let person = book.people.get(jid)?;
        let keys = person.keys.iter().filter(|key| key.blocked_at_ms.is_none());
        Some(AcceptedCredentials {
            rp_id: self.party.id.clone(),
            user_id: URL_SAFE_NO_PAD.encode(person.handle.as_bytes()),
            all_accepted_credential_ids: keys
                .map(|key| URL_SAFE_NO_PAD.encode(&key.credential.cred_id))
                .collect(),
        })
    }

    /// Somebody has one that is good for something.
    pub(super) fn has_one(&self, jid: &BareJid) -> bool {
        let book = self.lock();
        book.people.get(jid).is_some_and(|person| person.keys.iter().any(|key| key.blocked_at_ms.is_none()))
    }

    /// Whose passkey somebody says to show.
    pub(super) fn owner(&self, credential: &ShownCredential) -> Option<BareJid> {
        let id = URL_SAFE_NO_PAD.decode(&credential.raw_id).ok()?;
        self.lock().owners.get(&id).cloned()
    }

    /// Who has one: they may come back with it.
    pub(super) fn people(&self) -> impl Iterator<Item = String> + use<> {
        let book = self.lock();
        let people = book.people.iter().filter(|(_, person)| !person.keys.is_empty());
        people.map(|(jid, _)| jid.as_str().to_owned()).collect::<Vec<_>>().into_iter()
    }

    /// Asks for a new passkey of somebody who is signed in: what the browser is to make. Devices show
    /// the JID and `display_name`. `of` names the
    /// sign-in.
    ///
    /// # Errors
    /// [`PasskeyError::TooMany`].
    pub fn begin_enrolment(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        display_name: &str,
        of: &str,
    ) -> Result<PasskeyEnrolment, PasskeyError> {
        let (handle, there) = {
            let book = self.lock();
            let person = book.people.get(jid);
            let keys = person.map(|person| person.keys.as_slice()).unwrap_or_default();
            if keys.len() >= MAX_PASSKEYS {
                return Err(PasskeyError::TooMany);
            }
            let there = keys.iter().map(|key| key.credential.cred_id.clone()).collect();
            (person.map(|person| person.handle), there)
        };
        // Two passkeys that are made side by side are of one person on their devices too.
        let handle = handle.or_else(|| self.ceremonies.handle_of(jid)).unwrap_or_else(Uuid::new_v4);
        let display_name = if display_name.is_empty() { jid.as_str() } else { display_name };
        let webauthn = &self.party.webauthn;
        let (mut options, state) = webauthn
            .start_securitykey_registration(handle, jid.as_str(), display_name, Some(there), None, None)
            .map_err(|error| unexpected(&error))?;
        // The library means by it a key beside a password, which asks for user verification without insisting. Any device may
        // make one, and is to keep it where it finds it without a name.
        options.public_key.hints = None;
        // Chromium makes no key that is to be used for nobody unchecked where checking is not insisted on.
        if let Some(extensions) = &mut options.public_key.extensions {
            extensions.cred_protect = None;
        }
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let purpose = Purpose::Enrolment { jid: jid.clone(), of: of.to_owned(), handle, state };
        self.ceremonies.begin(now_ms, &options.public_key.challenge, purpose);
        wire::enrolment(&options)
    }

    /// Takes a new passkey of somebody who was asked for it. The challenge is spent, whatever comes of it.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_enrolment(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        of: &str,
        answer: &CreatedCredential,
        name: &str,
    ) -> Result<PasskeyInfo, PasskeyError> {
        let name = usable(name)?;
        let mut answer = wire::created(answer)?;
        let page = ClientData::read(&answer.response.client_data_json)?;
        let (handle, state) = match self.ceremonies.take(now_ms, &page.challenge) {
            Some(Purpose::Enrolment { jid: asked, of: what, handle, state })
                if asked == *jid && what == of =>
            {
                (handle, state)
            }
            _ => return Err(PasskeyError::Ceremony),
        };
        check_form(&answer.type_, &answer.id, &answer.raw_id)?;
        let statement = Statement::take(&mut answer)?;
        self.party.check_page(&page)?;
        let made = self.party.webauthn.finish_securitykey_registration(&answer, &state);
        let made = Credential::from(made.map_err(|error| refusal(&error))?);
        statement.check(&made)?;
        if made.cred_id != answer.raw_id {
            return Err(PasskeyError::Malformed);
        }
        let credential = kept_of(made, answer.response.transports.as_deref());
        let id = PasskeyId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        let key = Key { id, name, credential, made_at_ms: now_ms, used_at_ms: None, blocked_at_ms: None };
        let record = key.written(jid)?;
        let info = key.info();

        let mut book = self.lock();
        if book.owners.contains_key(&key.credential.cred_id) {
            return Err(PasskeyError::Exists);
        }
        let Book { people, owners } = &mut *book;
        let person = people.entry(jid.clone()).or_insert_with(|| {
            let change = Change::KeepPasskeyHandle { jid: record.jid.clone(), handle: handle.to_string() };
            self.keeper.change(change);
            Person { handle, keys: Vec::new() }
        });
        if person.keys.len() >= MAX_PASSKEYS {
            return Err(PasskeyError::TooMany);
        }
        // Somebody whose account was removed meanwhile, and made anew, is another one.
        if person.handle != handle {
            return Err(PasskeyError::Ceremony);
        }
        owners.insert(key.credential.cred_id.clone(), jid.clone());
        person.keys.push(key);
        self.keeper.change(Change::KeepPasskey(Box::new(record)));
        Ok(info)
    }

    /// Calls a passkey otherwise.
    ///
    /// # Errors
    /// [`PasskeyError::Name`] and [`PasskeyError::Unknown`].
    pub fn rename(&self, jid: &BareJid, id: &PasskeyId, name: &str) -> Result<PasskeyInfo, PasskeyError> {
        let name = usable(name)?;
        let mut book = self.lock();
        let person = book.people.get_mut(jid).ok_or(PasskeyError::Unknown)?;
        let key = person.keys.iter_mut().find(|key| key.id == *id).ok_or(PasskeyError::Unknown)?;
        key.name = name;
        self.keeper.change(Change::KeepPasskey(Box::new(key.written(jid)?)));
        Ok(key.info())
    }

    /// From now on the passkey is good for nothing. False if there was none.
    pub fn remove(&self, jid: &BareJid, id: &PasskeyId) -> bool {
        let mut book = self.lock();
        let Book { people, owners } = &mut *book;
        let Some(person) = people.get_mut(jid) else { return false };
        let Some(at) = person.keys.iter().position(|key| key.id == *id) else { return false };
        let key = person.keys.remove(at);
        owners.remove(&key.credential.cred_id);
        self.keeper.change(Change::ForgetPasskey(key.id.0));
        true
    }

    /// Somebody's account is no more, or has just been made: whoever had passkeys for it before is not who has it now.
    pub fn forget(&self, jid: &BareJid) {
        let mut book = self.lock();
        let Some(person) = book.people.remove(jid) else { return };
        for key in &person.keys {
            book.owners.remove(&key.credential.cred_id);
        }
        self.keeper.change(Change::ForgetPasskeys(jid.as_str().to_owned()));
    }

    /// Asks whoever comes for a passkey: what the browser is to look for. With a name, for those of
    /// that person, or for some that nobody has, so that it can't be told who is there. `of` names the sign-in.
    pub fn begin_sign_in(
        &self,
        now_ms: TimestampMs,
        named: Option<&BareJid>,
        of: &str,
    ) -> Result<PasskeyRequest, PasskeyError> {
        let (mut options, state) =
            self.party.webauthn.start_discoverable_authentication().map_err(|error| unexpected(&error))?;
        // When to ask is the page's to say.
        options.mediation = None;
        if let Some(jid) = named {
            // Made up for everybody, so that it takes as long for everybody.
            let decoys = self.decoys.for_person(jid);
            let book = self.lock();
            let keys = book.people.get(jid).map(|person| person.keys.as_slice()).unwrap_or_default();
            let keys = keys.iter().filter(|key| key.blocked_at_ms.is_none());
            let asked: Vec<_> = keys.map(Key::asked_for).collect();
            options.public_key.allow_credentials = if asked.is_empty() { decoys } else { asked };
        }
        let purpose = Purpose::SignIn { named: named.cloned(), of: of.to_owned(), state };
        self.ceremonies.begin(now_ms, &options.public_key.challenge, purpose);
        wire::request(&options)
    }

    /// Who came, by a passkey whose device has checked who holds it. The challenge is spent, whatever comes of it.
    ///
    /// # Errors
    /// [`PasskeyError`]. To whoever came all but [`PasskeyError::NotVerified`] should look the same.
    pub fn finish_sign_in(
        &self,
        now_ms: TimestampMs,
        of: &str,
        answer: &ShownCredential,
    ) -> Result<Verified, PasskeyError> {
        let answer = &wire::shown(answer)?;
        let page = ClientData::read(&answer.response.client_data_json)?;
        let (named, state) = match self.ceremonies.take(now_ms, &page.challenge) {
            Some(Purpose::SignIn { named, of: what, state }) if what == of => (named, state),
            _ => return Err(PasskeyError::Ceremony),
        };
        self.finish(now_ms, &page, answer, named.as_ref(), |key| {
            let webauthn = &self.party.webauthn;
            webauthn.finish_discoverable_authentication_v2(answer, state, &key.credential)
        })
    }

    /// Asks somebody for one of their passkeys, for something that is named by whoever asks: what the browser is to look
    /// for. A device that can't check who holds it will do.
    ///
    /// # Errors
    /// [`PasskeyError::Unknown`], if there is none to ask for.
    pub fn begin_proof(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        of: &str,
    ) -> Result<PasskeyRequest, PasskeyError> {
        let keys: Vec<SecurityKey> = {
            let book = self.lock();
            let person = book.people.get(jid).ok_or(PasskeyError::Unknown)?;
            let keys = person.keys.iter().filter(|key| key.blocked_at_ms.is_none());
            keys.map(|key| key.credential.clone().into()).collect()
        };
        if keys.is_empty() {
            return Err(PasskeyError::Unknown);
        }
        let (mut options, state) = self
            .party
            .webauthn
            .start_securitykey_authentication(&keys)
            .map_err(|error| unexpected(&error))?;
        options.public_key.hints = None;
        let purpose = Purpose::Proof { jid: jid.clone(), of: of.to_owned(), state };
        self.ceremonies.begin(now_ms, &options.public_key.challenge, purpose);
        wire::request(&options)
    }

    /// Somebody shows that it is them, for what they were asked. The challenge is spent, whatever comes of it.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_proof(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        of: &str,
        answer: &ShownCredential,
    ) -> Result<Verified, PasskeyError> {
        let answer = &wire::shown(answer)?;
        let page = ClientData::read(&answer.response.client_data_json)?;
        let state = match self.ceremonies.take(now_ms, &page.challenge) {
            Some(Purpose::Proof { jid: asked, of: what, state }) if asked == *jid && what == of => state,
            _ => return Err(PasskeyError::Ceremony),
        };
        self.finish(now_ms, &page, answer, Some(jid), |_| {
            self.party.webauthn.finish_securitykey_authentication(answer, &state)
        })
    }

    /// Forgets challenges that have run out.
    pub(super) fn sweep(&self, now_ms: TimestampMs) {
        self.ceremonies.sweep(now_ms);
    }

    /// What is the same however somebody was asked. The book is held meanwhile: of two answers by one counter one is late.
    fn finish(
        &self,
        now_ms: TimestampMs,
        page: &ClientData,
        answer: &PublicKeyCredential,
        named: Option<&BareJid>,
        check: impl FnOnce(&Key) -> Result<AuthenticationResult, WebauthnError>,
    ) -> Result<Verified, PasskeyError> {
        check_form(&answer.type_, &answer.id, &answer.raw_id)?;
        check_length(&answer.response.authenticator_data)?;
        self.party.check_page(page)?;
        let mut book = self.lock();
        let Book { people, owners } = &mut *book;
        let jid = owners.get(&answer.raw_id).ok_or(PasskeyError::Unknown)?;
        let person = people.get_mut(jid).ok_or(PasskeyError::Unknown)?;
        // Section 7.2, step 6: who was named has it; who was not is said by the device.
        let handle = answer.response.user_handle.as_deref().filter(|handle| !handle.is_empty());
        let is_theirs = match (named, handle) {
            (Some(named), None) => named == jid,
            (Some(named), Some(handle)) => named == jid && handle == person.handle.as_bytes(),
            (None, handle) => handle == Some(person.handle.as_bytes()),
        };
        let key = person.keys.iter_mut().find(|key| key.credential.cred_id == answer.raw_id);
        let key = key.filter(|_| is_theirs).ok_or(PasskeyError::Unknown)?;
        if key.blocked_at_ms.is_some() {
            return Err(PasskeyError::Blocked);
        }
        let checked =
            check(key).map_err(|error| signs_of_copy(&error, &key.credential, answer)).and_then(|result| {
                // The state may have the counter of a while ago.
                let is_on = result.counter() == 0 && key.credential.counter == 0
                    || result.counter() > key.credential.counter;
                if is_on { Ok(result) } else { Err(PasskeyError::Copied) }
            });
        match &checked {
            Ok(result) => key.note(now_ms, result),
            Err(PasskeyError::Copied) => {
                tracing::warn!(passkey = key.id.0, "there may be a copy of a passkey: it is blocked");
                key.blocked_at_ms = Some(now_ms);
            }
            Err(_) => {}
        }
        if matches!(checked, Ok(_) | Err(PasskeyError::Copied)) {
            self.keeper.change(Change::KeepPasskey(Box::new(key.written(jid)?)));
        }
        let user_verified = checked?.user_verified();
        Ok(Verified { jid: jid.clone(), passkey: key.id.clone(), user_verified })
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // Whoever changes both maps does so under one lock, and nothing in between can panic.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name as it is kept.
fn usable(name: &str) -> Result<String, PasskeyError> {
    let name = name.trim();
    let is_usable = (1..=MAX_PASSKEY_NAME_BYTES).contains(&name.len()) && !name.contains(char::is_control);
    if is_usable { Ok(name.to_owned()) } else { Err(PasskeyError::Name) }
}

#[cfg(test)]
mod tests;
