//! Capabilities: hashes by which what somebody can do is known without asking them (XEP-0115, XEP-0390).
//!
//! A hash counts only once an answer was seen that has it, so that nobody can say of others what they can do: what is
//! kept is kept by the hash that was computed, never by the one that was claimed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use protocol::Jid;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use xmpp_parsers::disco::DiscoInfoResult;

use super::namespaces as ns;
use super::request::Info;
use super::request::discovery;

/// The most answers that are kept, for all people together.
const MAX_KNOWN: usize = 1000;
/// The most addresses of one person's contacts whose hashes are kept.
const MAX_CLAIMS: usize = 1000;

/// The hashes that name what somebody can do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verification {
    /// XEP-0115 section 5.1, by SHA-1.
    pub(super) sha1: String,
    /// XEP-0390 section 4, by SHA-256.
    pub(super) sha256: String,
}

/// The hashes of an answer; `None` if it is not one of the strictest form, of which none can be made.
pub(super) fn verification(query: &Element) -> Option<Verification> {
    let mut query = query.clone();
    // A language may be said once for all; it is of no account here, and the strict reader knows no such attribute.
    let result =
        DiscoInfoResult::try_from(std::mem::replace(&mut query, Element::bare("query", ns::DISCO_INFO)))
            .ok()?;
    let old = xmpp_parsers::caps::compute_disco(&result);
    let new = xmpp_parsers::ecaps2::compute_disco(&result).ok()?;
    Some(Verification {
        sha1: BASE64.encode(Sha1::digest(&old)),
        sha256: BASE64.encode({
            use sha2::Digest as _;
            Sha256::digest(&new)
        }),
    })
}

/// What somebody's presence claims that they can do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    /// XEP-0115 with SHA-1, the one hash that everybody has.
    Old(String),
    /// XEP-0390 with SHA-256.
    New(String),
}

impl Claim {
    /// The better one that a presence has.
    pub(super) fn of(presence: &Element) -> Option<Self> {
        if let Some(c) = presence.get_child("c", ns::CAPS2) {
            let mut hashes = c.children().filter(|child| child.is("hash", ns::HASHES));
            if let Some(hash) = hashes.find(|hash| hash.attr("algo") == Some("sha-256")) {
                return bounded(hash.text().trim()).map(Claim::New);
            }
        }
        let c = presence.get_child("c", ns::CAPS)?;
        if c.attr("hash") != Some("sha-1") {
            return None;
        }
        bounded(c.attr("ver")?).map(Claim::Old)
    }
}

/// Base64 of a hash is short.
fn bounded(text: &str) -> Option<String> {
    (1..=64).contains(&text.len()).then(|| text.to_owned())
}

/// What claims turned out to mean, for all people together; the oldest make room.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_claim: HashMap<Claim, Info>,
    in_order: VecDeque<Claim>,
}

impl Known {
    /// What a claim means, if an answer with its hash was seen.
    pub(super) fn get(&self, claim: &Claim) -> Option<Info> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_claim.get(claim).cloned()
    }

    /// Notes an answer by its own hashes.
    pub(super) fn note(&self, query: &Element) {
        let Some(Verification { sha1, sha256 }) = verification(query) else { return };
        let info = discovery::info(query);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for claim in [Claim::Old(sha1), Claim::New(sha256)] {
            if entries.by_claim.insert(claim.clone(), info.clone()).is_none() {
                entries.in_order.push_back(claim);
            }
        }
        while entries.in_order.len() > MAX_KNOWN {
            if let Some(oldest) = entries.in_order.pop_front() {
                entries.by_claim.remove(&oldest);
            }
        }
    }
}

/// Who claims what, on one person's stream.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<Jid, Claim>);

impl Claims {
    /// Notes what a presence claims, or that its sender is gone.
    pub(super) fn note(&mut self, from: Jid, presence: &Element) {
        match Claim::of(presence).filter(|_| presence.attr("type").is_none()) {
            Some(claim) => {
                if self.0.len() < MAX_CLAIMS || self.0.contains_key(&from) {
                    self.0.insert(from, claim);
                }
            }
            None => {
                self.0.remove(&from);
            }
        }
    }

    pub(super) fn get(&self, jid: &Jid) -> Option<&Claim> {
        self.0.get(jid)
    }

    /// Nobody is there any more.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::read::tests::parse;

    /// XEP-0115 section 5.2.
    const EXODUS: &str = "<query xmlns='http://jabber.org/protocol/disco#info'>\
        <identity category='client' name='Exodus 0.9.1' type='pc'/>\
        <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>\
        <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/></query>";

    /// XEP-0390 section 4.3.
    const BOMBUS: &str = "<query xmlns='http://jabber.org/protocol/disco#info'>\
        <identity category='client' name='BombusMod' type='mobile'/>\
        <feature var='http://jabber.org/protocol/si'/><feature var='http://jabber.org/protocol/bytestreams'/>\
        <feature var='http://jabber.org/protocol/chatstates'/><feature var='http://jabber.org/protocol/disco#info'/>\
        <feature var='http://jabber.org/protocol/disco#items'/><feature var='urn:xmpp:ping'/>\
        <feature var='jabber:iq:time'/><feature var='jabber:iq:privacy'/><feature var='jabber:iq:version'/>\
        <feature var='http://jabber.org/protocol/rosterx'/><feature var='urn:xmpp:time'/>\
        <feature var='jabber:x:oob'/><feature var='http://jabber.org/protocol/ibb'/>\
        <feature var='http://jabber.org/protocol/si/profile/file-transfer'/><feature var='urn:xmpp:receipts'/>\
        <feature var='jabber:iq:roster'/><feature var='jabber:iq:last'/></query>";

    #[test]
    fn hashes_are_those_of_the_specifications() {
        assert_eq!(verification(&parse(EXODUS)).unwrap().sha1, "QgayPKawpkPSDYmwT/WM94uAlu0=");
        assert_eq!(
            verification(&parse(BOMBUS)).unwrap().sha256,
            "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8="
        );
        assert_eq!(verification(&parse("<query xmlns='urn:other'/>")), None);
    }

    #[test]
    fn the_better_claim_counts() {
        let old = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='abc='/>";
        let new = "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>no</hash>\
            <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>def=</hash></c>";
        let md5 = "<c xmlns='http://jabber.org/protocol/caps' hash='md5' node='n' ver='abc='/>";
        for (claims, expected) in [
            (old.to_owned(), Some(Claim::Old("abc=".to_owned()))),
            (format!("{old}{new}"), Some(Claim::New("def=".to_owned()))),
            (md5.to_owned(), None),
            (old.replace("abc=", &"x".repeat(65)), None),
            (String::new(), None),
        ] {
            assert_eq!(Claim::of(&parse(&format!("<presence>{claims}</presence>"))), expected, "{claims}");
        }
    }

    #[test]
    fn what_is_known_is_known_by_what_was_seen() {
        let known = Known::default();
        let claim = Claim::Old("QgayPKawpkPSDYmwT/WM94uAlu0=".to_owned());
        assert_eq!(known.get(&claim), None);
        known.note(&parse(BOMBUS));
        assert_eq!(known.get(&claim), None, "whoever claims it must have it");
        known.note(&parse(EXODUS));
        assert!(known.get(&claim).unwrap().has("http://jabber.org/protocol/muc"));
        for n in 0..MAX_KNOWN {
            known.note(&parse(&EXODUS.replace("Exodus 0.9.1", &n.to_string())));
        }
        assert_eq!(known.get(&claim), None, "the oldest made room");
        assert_eq!(known.0.lock().unwrap().by_claim.len(), MAX_KNOWN);
    }

    #[test]
    fn who_is_gone_claims_nothing() {
        let mut claims = Claims::default();
        let romeo: Jid = "romeo@spark.test/orchard".parse().unwrap();
        let c = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='abc='/>";
        claims.note(romeo.clone(), &parse(&format!("<presence>{c}</presence>")));
        assert!(claims.get(&romeo).is_some());
        claims.note(romeo.clone(), &parse(&format!("<presence type='unavailable'>{c}</presence>")));
        assert!(claims.get(&romeo).is_none());
    }
}
