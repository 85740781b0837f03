//! Passkeys that are made up for people who have none, or who are not there: whoever asks with a name is not told whether
//! somebody is called so (OWASP ASVS 6.3.8).
//!
//! The same name has the same ones for as long as the gateway's key stays, and nobody else can say what they are.

use aws_lc_rs::hmac;
use protocol::BareJid;
use webauthn_rs_proto::{AllowCredentials, AuthenticatorTransport};
use zeroize::Zeroizing;

use super::super::keyring::{Keyring, Purpose};
use super::super::{AuthError, CustodyError};
use crate::store::Store;

/// Under which name the key is kept.
const KEY: &str = Purpose::DECOYS;

/// How long the ids are that devices make, and how such a device is reached: telephones, computers, programs that keep
/// passwords. In the order of how many there are.
const KINDS: [(u8, usize, &[AuthenticatorTransport]); 4] = [
    (120, 20, &[AuthenticatorTransport::Hybrid, AuthenticatorTransport::Internal]),
    (190, 32, &[AuthenticatorTransport::Internal]),
    (230, 16, &[AuthenticatorTransport::Hybrid, AuthenticatorTransport::Internal]),
    (u8::MAX, 64, &[AuthenticatorTransport::Nfc, AuthenticatorTransport::Usb]),
];

/// Of 256 people so many have one passkey, and the others two.
const WITH_ONE: u8 = 205;

/// What they are made from.
pub(super) struct Decoys(hmac::Key);

impl std::fmt::Debug for Decoys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoys(_)")
    }
}

impl Decoys {
    /// By the key that is kept, which is made if there is none.
    pub(super) async fn open(store: &Store, keyring: &Keyring) -> Result<Self, AuthError> {
        let key = match store.secret(KEY).await? {
            Some(sealed) => keyring.open(Purpose::Decoys, "", &sealed).map_err(CustodyError::from)?,
            None => {
                let key = Zeroizing::new(rand::random::<[u8; 32]>().to_vec());
                let sealed = keyring.seal(Purpose::Decoys, "", &key).map_err(CustodyError::from)?;
                store.keep_secret(KEY, &sealed).await?;
                key
            }
        };
        Ok(Decoys::of(&key))
    }

    pub(super) fn of(key: &[u8]) -> Self {
        Decoys(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// What somebody would have.
    pub(super) fn for_person(&self, jid: &BareJid) -> Vec<AllowCredentials> {
        let count = if self.bytes(jid, 0, 1)[0] < WITH_ONE { 1 } else { 2 };
        (1..=count).map(|nth| self.one(jid, nth)).collect()
    }

    fn one(&self, jid: &BareJid, nth: u8) -> AllowCredentials {
        let kind = self.bytes(jid, nth, 1)[0];
        let (_, length, transports) =
            KINDS.iter().find(|(up_to, ..)| kind <= *up_to).unwrap_or(&KINDS[KINDS.len() - 1]);
        AllowCredentials {
            type_: super::PUBLIC_KEY.to_owned(),
            id: self.bytes(jid, nth, 1 + length).split_off(1),
            transports: Some(transports.to_vec()),
        }
    }

    /// So many bytes that belong to somebody's so manieth.
    fn bytes(&self, jid: &BareJid, nth: u8, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + hmac::HMAC_SHA256.digest_algorithm().output_len());
        for block in 0_u8..=u8::MAX {
            if bytes.len() >= count {
                break;
            }
            let mut context = hmac::Context::with_key(&self.0);
            context.update(&[nth, block]);
            context.update(jid.as_str().as_bytes());
            bytes.extend_from_slice(context.sign().as_ref());
        }
        bytes.truncate(count);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(decoys: &Decoys, name: &str) -> String {
        let jid = format!("{name}@spark.test").parse().unwrap();
        serde_json::to_string(&decoys.for_person(&jid)).unwrap()
    }

    #[test]
    fn each_name_has_its_own_and_keeps_them() {
        let (decoys, other) = (Decoys::of(b"one"), Decoys::of(b"two"));
        let mut seen = std::collections::HashSet::new();
        let mut counts = [0; 3];
        for person in 0..500 {
            let jid: BareJid = format!("p{person}@spark.test").parse().unwrap();
            let made = decoys.for_person(&jid);
            counts[made.len()] += 1;
            for one in &made {
                assert!([16, 20, 32, 64].contains(&one.id.len()));
                assert!(seen.insert(one.id.clone()), "two have the same");
            }
            assert_eq!(shown(&decoys, &format!("p{person}")), shown(&decoys, &format!("p{person}")));
            assert_ne!(shown(&decoys, &format!("p{person}")), shown(&other, &format!("p{person}")));
        }
        assert!(counts[0] == 0 && counts[1] > 350 && counts[2] > 50, "{counts:?}");
    }

    #[tokio::test]
    async fn they_outlast_the_process() {
        let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
        let mut seen = Vec::new();
        for _ in 0..2 {
            let decoys = Decoys::open(&store, &Keyring::parse(&key).unwrap()).await.unwrap();
            seen.push(shown(&decoys, "juliet"));
        }
        assert_eq!(seen[0], seen[1]);
        let other = Keyring::parse(&Keyring::new_key()).unwrap();
        assert!(Decoys::open(&store, &other).await.is_err(), "another key does not open it");
    }
}
