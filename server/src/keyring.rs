//! Keys by which secrets are sealed before they are kept. They are never where the secrets are.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::store::Vault;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The most keys: the one that seals, and those before it.
const MAX_KEYS: usize = 16;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file can't be read or made.
    #[error("the keys in {0} can't be used: {1}")]
    File(PathBuf, std::io::Error),
    /// What is there are no keys.
    #[error("a sealing key is 32 bytes in base64, one on a line, the one that seals first, at most 16")]
    Malformed,
    /// They are not in a file.
    #[error(
        "the sealing keys are in the settings (`store.keys`), which are read at the start alone: restart"
    )]
    InSettings,
}

/// What is sealed can't be opened: it was sealed by a key that is not there, for somebody else, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is sealed can't be opened with the keys that are there")]
pub struct SealError;

/// For what something is sealed. It can't be opened as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// What a session is opened with.
    Credential,
    /// What tokens are signed with.
    SigningKey,
    /// What an authenticator app has.
    Totp,
    /// What passkeys are made up from for people who have none.
    Decoys,
    /// As which client XMPP servers know the gateway.
    UserAgent,
    /// By what push services know the gateway.
    PushKey,
    /// Where a device is pushed to, and what that is encrypted for.
    PushDevice,
    /// What is to be pushed.
    Push,
    /// A token for one act. It is not kept: whoever has it hands it in.
    PushAct,
}

impl Purpose {
    /// The name by which the key of the decoys is kept among the gateway's own.
    pub(crate) const DECOYS: &str = "decoys";
    /// The same of the client's id.
    pub(crate) const USER_AGENT: &str = "user-agent";

    /// For what, and for whom, the row of a vault was sealed. `None` of what this gateway does not know.
    pub(crate) fn of(vault: Vault, owner: &str) -> Option<(Self, &str)> {
        match (vault, owner) {
            (Vault::Credentials, jid) => Some((Purpose::Credential, jid)),
            (Vault::Totp, jid) => Some((Purpose::Totp, jid)),
            (Vault::SigningKeys, id) => Some((Purpose::SigningKey, id)),
            (Vault::Secrets, Purpose::DECOYS) => Some((Purpose::Decoys, "")),
            (Vault::Secrets, Purpose::USER_AGENT) => Some((Purpose::UserAgent, "")),
            (Vault::Secrets, _) => None,
            (Vault::PushKeys, id) => Some((Purpose::PushKey, id)),
            (Vault::PushDevices, id) => Some((Purpose::PushDevice, id)),
            (Vault::Pushes, topic) => Some((Purpose::Push, topic)),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Purpose::Credential => "credential",
            Purpose::SigningKey => "signing-key",
            Purpose::Totp => "totp",
            Purpose::Decoys => Purpose::DECOYS,
            Purpose::UserAgent => Purpose::USER_AGENT,
            Purpose::PushKey => "push-key",
            Purpose::PushDevice => "push-device",
            Purpose::Push => "push",
            Purpose::PushAct => "push-act",
        }
    }
}

/// The keys: the first seals, each opens. AES-256-GCM-SIV (RFC 8452), with a random nonce for each secret. They are changed
/// for everybody who has them at once.
pub struct Keyring(RwLock<Keys>);

struct Keys {
    /// As they stand in the file. There is one at least.
    ids: Vec<String>,
    keys: HashMap<String, RandomizedNonceKey>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("ids", &self.ids()).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Reads keys, one on a line; what begins with `#` is passed over.
    ///
    /// # Errors
    /// [`KeyringError::Malformed`].
    pub fn parse(text: &SecretString) -> Result<Self, KeyringError> {
        let lines = text.expose_secret().lines().map(str::trim);
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        if lines.is_empty() || lines.len() > MAX_KEYS {
            return Err(KeyringError::Malformed);
        }
        let (mut ids, mut keys) = (Vec::new(), HashMap::new());
        for line in lines {
            let bytes = Zeroizing::new(STANDARD.decode(line).map_err(|_| KeyringError::Malformed)?);
            if bytes.len() != KEY_BYTES {
                return Err(KeyringError::Malformed);
            }
            let key =
                RandomizedNonceKey::new(&AES_256_GCM_SIV, &bytes).map_err(|_| KeyringError::Malformed)?;
            // Enough to tell keys apart, and nothing to find one by.
            let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes[..])[..6]);
            if keys.insert(id.clone(), key).is_none() {
                ids.push(id);
            }
        }
        Ok(Keyring(RwLock::new(Keys { ids, keys })))
    }

    /// Reads the file, or makes it with a new key in it, for its owner alone.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn of_file(path: &Path) -> Result<Self, KeyringError> {
        match Keyring::of_existing_file(path) {
            Err(KeyringError::File(_, error)) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = SecretString::from(format!("{}\n", Keyring::new_key().expose_secret()));
                write_for_owner(path, text.expose_secret())
                    .map_err(|error| KeyringError::File(path.to_owned(), error))?;
                Keyring::parse(&text)
            }
            read => read,
        }
    }

    /// Reads the file, which is there.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn of_existing_file(path: &Path) -> Result<Self, KeyringError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| KeyringError::File(path.to_owned(), error))?;
        Keyring::parse(&SecretString::from(text))
    }

    /// Which keys there are, by what tells them apart, the one that seals first.
    pub fn ids(&self) -> Vec<String> {
        self.read().ids.clone()
    }

    /// The keys of another are those of this one from now on. Nothing is being sealed by one of before when this returns.
    pub(crate) fn take(&self, next: Keyring) {
        let next = next.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// A new key, as it stands in the file.
    pub fn new_key() -> SecretString {
        let bytes = Zeroizing::new(rand::random::<[u8; KEY_BYTES]>());
        SecretString::from(STANDARD.encode(&bytes[..]))
    }

    /// Seals something for somebody: it opens for the same purpose and the same owner alone.
    ///
    /// # Errors
    /// [`SealError`].
    pub(crate) fn seal(&self, purpose: Purpose, owner: &str, secret: &[u8]) -> Result<String, SealError> {
        self.seal_and(purpose, owner, secret, |sealed| sealed)
    }

    /// Seals something and hands it over before the keys can be changed. Whoever hands it over waits for nothing: this lock
    /// is the last one that anybody takes.
    ///
    /// # Errors
    /// [`SealError`]: nothing is handed over.
    pub(crate) fn seal_and<T>(
        &self,
        purpose: Purpose,
        owner: &str,
        secret: &[u8],
        hand_over: impl FnOnce(String) -> T,
    ) -> Result<T, SealError> {
        let keys = self.read();
        let sealed = keys.seal(purpose, owner, secret)?;
        Ok(hand_over(sealed))
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`SealError`].
    pub(crate) fn open(
        &self,
        purpose: Purpose,
        owner: &str,
        sealed: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, text) = sealed.split_once('.').ok_or(SealError)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let keys = self.read();
        let key = keys.keys.get(id).ok_or(SealError)?;
        let length = key
            .open_in_place(nonce, Aad::from(about(purpose, owner, id)), &mut rest)
            .map_err(|_| SealError)?
            .len();
        rest.truncate(length);
        Ok(rest)
    }

    /// Whether something was sealed by the key that seals now.
    pub(crate) fn is_current(&self, sealed: &str) -> bool {
        key_of(sealed).is_some_and(|id| self.read().ids.first().is_some_and(|first| first == id))
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        // The keys are put in their place in one statement.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn seal(&self, purpose: Purpose, owner: &str, secret: &[u8]) -> Result<String, SealError> {
        let first = self.ids.first().ok_or(SealError)?;
        let key = self.keys.get(first).ok_or(SealError)?;
        let mut sealed = secret.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(about(purpose, owner, first)), &mut sealed)
            .map_err(|_| SealError)?;
        let sealed = [nonce.as_ref().as_slice(), &sealed].concat();
        Ok(format!("{first}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }
}

/// By which key something was sealed, if it is something sealed.
pub(crate) fn key_of(sealed: &str) -> Option<&str> {
    sealed.split_once('.').map(|(id, _)| id)
}

/// What is sealed along with a secret. No part can have a NUL in it.
fn about(purpose: Purpose, owner: &str, key: &str) -> Vec<u8> {
    format!("sparkweb\0{}\0{owner}\0{key}", purpose.word()).into_bytes()
}

fn write_for_owner(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(keys: &[&SecretString]) -> Keyring {
        let lines: Vec<&str> = keys.iter().map(|key| key.expose_secret()).collect();
        Keyring::parse(&SecretString::from(lines.join("\n"))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_and_purpose_alone() {
        let ring = keyring(&[&Keyring::new_key()]);
        let sealed = ring.seal(Purpose::Credential, "juliet@spark.test", b"wherefore").unwrap();
        assert!(!sealed.contains("wherefore"));
        assert_ne!(ring.seal(Purpose::Credential, "juliet@spark.test", b"wherefore").unwrap(), sealed);
        let open =
            |purpose, owner, sealed: &str| ring.open(purpose, owner, sealed).map(|secret| secret.to_vec());
        assert_eq!(open(Purpose::Credential, "juliet@spark.test", &sealed), Ok(b"wherefore".to_vec()));
        // Somebody who can write into the store puts one person's in the place of another's.
        assert_eq!(open(Purpose::Credential, "romeo@spark.test", &sealed), Err(SealError));
        assert_eq!(open(Purpose::SigningKey, "juliet@spark.test", &sealed), Err(SealError));
        let (id, text) = sealed.split_once('.').unwrap();
        for wrong in ["", "a", "a.b", &format!("{id}."), &format!("{id}.AAAA"), &format!("{id}.{text}AAAA")] {
            assert_eq!(open(Purpose::Credential, "juliet@spark.test", wrong), Err(SealError), "{wrong}");
        }
    }

    #[test]
    fn the_first_key_seals_and_those_before_it_open() {
        let (old, new) = (Keyring::new_key(), Keyring::new_key());
        let sealed = keyring(&[&old]).seal(Purpose::Credential, "a@b", b"secret").unwrap();
        let both = keyring(&[&new, &old]);
        assert!(!both.is_current(&sealed));
        let opened = both.open(Purpose::Credential, "a@b", &sealed).unwrap();
        let again = both.seal(Purpose::Credential, "a@b", &opened).unwrap();
        assert!(both.is_current(&again));
        let new = keyring(&[&new]);
        assert_eq!(new.open(Purpose::Credential, "a@b", &again).unwrap()[..], b"secret"[..]);
        assert_eq!(new.open(Purpose::Credential, "a@b", &sealed).map(drop), Err(SealError));
    }

    #[test]
    fn keys_are_changed_for_everybody_who_has_them() {
        let (old, new) = (Keyring::new_key(), Keyring::new_key());
        let ring = std::sync::Arc::new(keyring(&[&old]));
        let user = std::sync::Arc::clone(&ring);
        let before = user.seal(Purpose::Totp, "a@b", b"secret").unwrap();
        let next = keyring(&[&new, &old, &new]);
        let ids = next.ids();
        assert_eq!(ids.len(), 2, "a key that stands there twice is one");
        ring.take(next);
        assert_eq!((user.ids(), key_of(&before)), (ids.clone(), Some(ids[1].as_str())));
        assert!(!user.is_current(&before) && user.open(Purpose::Totp, "a@b", &before).is_ok());
        assert!(user.is_current(&user.seal(Purpose::Totp, "a@b", b"secret").unwrap()));
        ring.take(keyring(&[&new]));
        assert!(user.open(Purpose::Totp, "a@b", &before).is_err(), "the old key is gone");
    }

    #[test]
    fn what_are_no_keys_is_refused() {
        let key = Keyring::new_key();
        let many = vec![key.expose_secret(); MAX_KEYS + 1].join("\n");
        for text in ["", "# nothing", "AAAA", "not base64!", &many] {
            assert!(Keyring::parse(&SecretString::from(text)).is_err(), "{text}");
        }
        let text = format!("# of today\n\n  {}  \n", key.expose_secret());
        assert!(Keyring::parse(&SecretString::from(text)).is_ok());
    }

    #[test]
    fn a_file_is_made_once_and_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        let first = Keyring::of_file(&path).unwrap();
        let sealed = first.seal(Purpose::SigningKey, "", b"secret").unwrap();
        assert!(Keyring::of_file(&path).unwrap().open(Purpose::SigningKey, "", &sealed).is_ok());
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
            assert_eq!(mode & 0o077, 0);
        }
        assert!(Keyring::of_file(folder.path()).is_err());
        assert!(Keyring::of_file(&folder.path().join("no/such/folder")).is_err());
        let absent = folder.path().join("absent.key");
        assert!(Keyring::of_existing_file(&absent).is_err() && !absent.exists());
    }
}
