//! Tokens that the server gives the gateway for one person (FAST, XEP-0484), and how one is shown: by the HT mechanisms
//! (draft-schmaus-kitten-sasl-ht), in which both sides prove that they have it, in one round trip.

use aws_lc_rs::hmac;
use chrono::DateTime;
use minidom::Element;
use protocol::TimestampMs;
use sasl::common::ChannelBinding;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::super::element::{Build, element};
use super::super::features::Features;
use super::super::namespaces as ns;

/// The longest token that is kept (bytes). Servers make some forty.
const MAX_TOKEN_BYTES: usize = 1024;

/// A mechanism that shows a token. Each token is for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::xmpp) enum Ht {
    /// Bound to the channel (RFC 9266).
    #[serde(rename = "HT-SHA-256-EXPR")]
    Exporter,
    /// Bound to none.
    #[serde(rename = "HT-SHA-256-NONE")]
    None,
}

impl Ht {
    /// From the strongest to the weakest.
    const ALL: [Ht; 2] = [Ht::Exporter, Ht::None];

    /// Its name in the registry of SASL mechanisms.
    pub(in crate::xmpp) fn name(self) -> &'static str {
        match self {
            Ht::Exporter => "HT-SHA-256-EXPR",
            Ht::None => "HT-SHA-256-NONE",
        }
    }

    /// The strongest that both sides have.
    pub(super) fn strongest(features: &Features, binding: &ChannelBinding) -> Option<Self> {
        Ht::ALL.into_iter().find(|ht| ht.is_possible(features, binding))
    }

    fn is_possible(self, features: &Features, binding: &ChannelBinding) -> bool {
        features.offers_token(self.name()) && self.data(binding).is_some()
    }

    /// What binds it to the channel; `None` if this channel has no such thing.
    fn data(self, binding: &ChannelBinding) -> Option<&[u8]> {
        match (self, binding) {
            (Ht::None, _) => Some(&[]),
            (Ht::Exporter, ChannelBinding::TlsExporter(data)) => Some(data),
            (Ht::Exporter, _) => None,
        }
    }
}

/// A token.
#[derive(Debug, Clone)]
pub(in crate::xmpp) struct Token {
    pub(in crate::xmpp) mechanism: Ht,
    pub(in crate::xmpp) secret: SecretString,
    pub(in crate::xmpp) expires_at_ms: TimestampMs,
    /// The how manieth time it is shown: it may never be as few as there were before, after a restart neither.
    pub(in crate::xmpp) count: u64,
    /// It is good for nothing any more once it is shown.
    pub(in crate::xmpp) is_last: bool,
}

impl Token {
    /// The one that came with a success, if one did (XEP-0484 section 3.4).
    pub(super) fn given(mechanism: Ht, success: &Element) -> Option<Self> {
        let given = success.get_child("token", ns::FAST)?;
        let secret = given.attr("token").filter(|text| (1..=MAX_TOKEN_BYTES).contains(&text.len()))?;
        let expiry = DateTime::parse_from_rfc3339(given.attr("expiry")?).ok()?;
        let (secret, expires_at_ms) = (SecretString::from(secret), expiry.timestamp_millis());
        Some(Token { mechanism, secret, expires_at_ms, count: 0, is_last: false })
    }

    /// Whether it may be shown here and now.
    pub(in crate::xmpp) fn is_good(
        &self,
        now_ms: TimestampMs,
        features: &Features,
        binding: &ChannelBinding,
    ) -> bool {
        now_ms < self.expires_at_ms && self.mechanism.is_possible(features, binding)
    }

    /// What is said first: who it is, and that they have it.
    pub(super) fn initial(&self, username: &str, binding: &ChannelBinding) -> Option<Vec<u8>> {
        let proof = hmac::sign(&self.key(), &said("Initiator", self.mechanism.data(binding)?));
        Some([username.as_bytes(), b"\0", proof.as_ref()].concat())
    }

    /// Whether the server has shown that it has it, too.
    pub(super) fn is_answered(&self, answer: &[u8], binding: &ChannelBinding) -> bool {
        let Some(data) = self.mechanism.data(binding) else { return false };
        hmac::verify(&self.key(), &said("Responder", data), answer).is_ok()
    }

    /// What goes with it (XEP-0484 section 3.5).
    pub(super) fn element(&self) -> Element {
        let last = self.is_last.then_some("true");
        element("fast", ns::FAST).with("count", self.count.to_string()).with_some("invalidate", last)
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes())
    }
}

fn said(who: &str, data: &[u8]) -> Vec<u8> {
    [who.as_bytes(), data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(mechanism: Ht) -> Token {
        let secret = SecretString::from("secret-token:fast-Oeie4nmlUoLHXca_YgkYwIZY");
        Token { mechanism, secret, expires_at_ms: 1000, count: 0, is_last: false }
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn exporter() -> ChannelBinding {
        ChannelBinding::TlsExporter((0..32).collect())
    }

    /// Made by Python's hmac.
    #[test]
    fn both_sides_prove_that_they_have_the_token() {
        for (mechanism, binding, initiator, responder) in [
            (
                Ht::None,
                ChannelBinding::None,
                "f5a52cb685de871ac77950df6de77d730a694a486828e51ad15ad533de9da780",
                "10dbb610f3e34db809869bef42d738614d3d4924c90e8f9e1fc201ba25693f97",
            ),
            (
                Ht::Exporter,
                exporter(),
                "42ca802aa2bdba7d5963e0c379bf8a24300e51c21903cca26fab2976ed905f8e",
                "10c161552ecb1b112a5884178642efb6bdbf6d2148de53ad7710c4759592009d",
            ),
        ] {
            let token = token(mechanism);
            let expected = [b"juliet\0".as_slice(), &unhex(initiator)].concat();
            assert_eq!(token.initial("juliet", &binding), Some(expected), "{mechanism:?}");
            assert!(token.is_answered(&unhex(responder), &binding));
            for wrong in [unhex(initiator), Vec::new(), unhex(&responder[..62])] {
                assert!(!token.is_answered(&wrong, &binding), "{mechanism:?}");
            }
        }
        let bound = token(Ht::Exporter);
        assert_eq!(bound.initial("juliet", &ChannelBinding::None), None, "there is nothing to bind it to");
        assert!(!bound.is_answered(&[], &ChannelBinding::None));
    }

    #[test]
    fn a_token_is_for_its_mechanism_and_its_time() {
        let offer = |names: &[&str]| {
            let names: String = names.iter().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
            let element: Element = format!(
                "<features xmlns='http://etherx.jabber.org/streams'><authentication xmlns='urn:xmpp:sasl:2'>\
                 <inline><fast xmlns='urn:xmpp:fast:0'>{names}</fast></inline></authentication></features>"
            )
            .parse()
            .unwrap();
            Features::from_element(&element).unwrap()
        };
        let (none, both) = (offer(&["HT-SHA-256-NONE"]), offer(&["HT-SHA-256-NONE", "HT-SHA-256-EXPR"]));
        let other = offer(&["HT-SHA-256-UNIQ", "HT-SHA3-512-NONE"]);
        for (features, binding, expected) in [
            (&both, exporter(), Some(Ht::Exporter)),
            (&both, ChannelBinding::None, Some(Ht::None)),
            (&none, exporter(), Some(Ht::None)),
            (&other, exporter(), None),
            (&Features::default(), exporter(), None),
        ] {
            assert_eq!(Ht::strongest(features, &binding), expected, "{features:?}");
        }
        assert!(token(Ht::None).is_good(999, &both, &exporter()));
        assert!(!token(Ht::None).is_good(1000, &both, &exporter()), "it has run out");
        assert!(!token(Ht::Exporter).is_good(0, &both, &ChannelBinding::None));
        assert!(!token(Ht::Exporter).is_good(0, &none, &exporter()));
    }

    /// XEP-0484 examples 3 to 5.
    #[test]
    fn tokens_are_read_and_shown_as_the_standard_has_it() {
        let success = |token: &str| -> Element {
            format!("<success xmlns='urn:xmpp:sasl:2'>{token}</success>").parse().unwrap()
        };
        let given = success(
            "<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' token='WXZzciBwYmFmdmZnZiBqdmd1IG9iY3I='/>",
        );
        let token = Token::given(Ht::None, &given).unwrap();
        assert_eq!(token.secret.expose_secret(), "WXZzciBwYmFmdmZnZiBqdmd1IG9iY3I=");
        assert_eq!(token.expires_at_ms, 1_584_023_775_000);
        assert!(!format!("{token:?}").contains("WXZz"));
        let long = "a".repeat(MAX_TOKEN_BYTES + 1);
        for wrong in [
            String::new(),
            "<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z'/>".to_owned(),
            "<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' token=''/>".to_owned(),
            "<token xmlns='urn:xmpp:fast:0' expiry='soon' token='a'/>".to_owned(),
            "<token xmlns='urn:xmpp:fast:0' token='a'/>".to_owned(),
            "<token xmlns='urn:x' expiry='2020-03-12T14:36:15Z' token='a'/>".to_owned(),
            format!("<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' token='{long}'/>"),
        ] {
            assert!(Token::given(Ht::None, &success(&wrong)).is_none(), "{wrong}");
        }
        let token = Token { count: 12, ..token };
        assert_eq!(String::from(&token.element()), "<fast xmlns='urn:xmpp:fast:0' count='12'/>");
        let last = Token { count: 13, is_last: true, ..token };
        let expected = "<fast xmlns='urn:xmpp:fast:0' count='13' invalidate='true'/>";
        assert_eq!(String::from(&last.element()), expected);
    }
}
