//! Which SASL mechanism to use.

use sasl::client::mechanisms::{Plain, Scram};
use sasl::client::{Mechanism, MechanismError};
use sasl::common::scram::{Sha1, Sha256};
use sasl::common::{ChannelBinding, Credentials, Secret};
use secrecy::{ExposeSecret, SecretString};

use super::super::features::Features;
use super::hash::{Hash, Reusable, Salted};
use super::sha512::Sha512;

/// A mechanism of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scram(Hash),
    Plain,
}

/// The mechanism to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Choice {
    kind: Kind,
    name: &'static str,
    /// What the GS2 header says of channel binding (RFC 5802 section 6).
    flag: Flag,
}

/// RFC 5802 section 6: what the client says of channel binding, by which the server finds a stripped offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    /// `p`: bound.
    Bound,
    /// `y`: we could, and think that the server can't.
    ServerCannot,
    /// `n`: we can't, or not in a way that the server has.
    ClientCannot,
}

/// Every mechanism with channel binding before every one without; within each, the stronger hash first.
const SCRAM: [(Hash, &str, &str); 3] = [
    (Hash::Sha512, "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS"),
    (Hash::Sha256, "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"),
    (Hash::Sha1, "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"),
];

/// How strong the best is that a server offers. The greater is the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Strength(usize);

/// From the weakest to the strongest, as they are chosen.
const STRENGTHS: [&str; 7] = [
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512-PLUS",
];

impl Strength {
    /// Of a mechanism by its name, if it is one of ours.
    pub(in super::super) fn of(mechanism: &str) -> Option<Self> {
        STRENGTHS.iter().position(|name| *name == mechanism).map(Strength)
    }

    /// The mechanism's name.
    pub(in super::super) fn mechanism(self) -> &'static str {
        STRENGTHS.get(self.0).copied().unwrap_or_default()
    }

    /// Of what a server offers to whoever knows the password, by either profile of SASL: what is left of a password may serve
    /// for a weaker one alone.
    pub(in super::super) fn offered(
        features: &Features,
        binding: &ChannelBinding,
        allow_plain: bool,
    ) -> Option<Self> {
        let proof = Salted::No(SecretString::from(String::new()));
        let of = |mechanisms| Choice::new(mechanisms, features, binding, allow_plain, &proof);
        let sasl2 = features.sasl2.as_ref().and_then(|sasl2| of(&sasl2.mechanisms));
        of(&features.mechanisms).map(|choice| choice.strength()).max(sasl2.map(|choice| choice.strength()))
    }
}

impl Choice {
    /// The strongest that both sides have; PLAIN, which hands the password over, only where it is allowed. Keys that are left
    /// of a password serve for their own hash alone, and tokens for PLAIN.
    pub(in super::super) fn new(
        mechanisms: &[String],
        features: &Features,
        binding: &ChannelBinding,
        allow_plain: bool,
        proof: &Salted,
    ) -> Option<Self> {
        let serves = |hash: Hash| match proof {
            Salted::No(_) => true,
            Salted::Yes(salt, _) => salt.hash == hash,
            Salted::Token(_) | Salted::Fast(_) => false,
        };
        let offers = |name: &str| mechanisms.iter().any(|offered| offered == name);
        let we_can = matches!(binding, ChannelBinding::TlsExporter(_));
        // XEP-0440: a server may have -PLUS and not our type of binding. RFC 9266 asks it of every server under TLS 1.3;
        // ejabberd before 23.10 offers -PLUS there all the same, for `tls-unique`, and refuses every other type. So it
        // must be named.
        let server_can = features
            .channel_bindings
            .as_ref()
            .is_some_and(|types| types.iter().any(|binding_type| binding_type == "tls-exporter"));
        if we_can
            && server_can
            && let Some((hash, _, name)) =
                SCRAM.into_iter().find(|(hash, _, plus)| serves(*hash) && offers(plus))
        {
            return Some(Choice { kind: Kind::Scram(hash), name, flag: Flag::Bound });
        }
        let offers_plus = SCRAM.iter().any(|(_, _, plus)| offers(plus));
        let flag = if we_can && !offers_plus { Flag::ServerCannot } else { Flag::ClientCannot };
        if let Some((hash, name, _)) = SCRAM.into_iter().find(|(hash, name, _)| serves(*hash) && offers(name))
        {
            return Some(Choice { kind: Kind::Scram(hash), name, flag });
        }
        let may_be_plain =
            allow_plain && matches!(proof, Salted::No(_) | Salted::Token(_)) && offers("PLAIN");
        may_be_plain.then_some(Choice { kind: Kind::Plain, name: "PLAIN", flag })
    }

    /// How strong it is.
    pub(super) fn strength(&self) -> Strength {
        Strength::of(self.name).unwrap_or(Strength(0))
    }

    /// The mechanism's registered name.
    pub(in super::super) fn name(&self) -> &'static str {
        self.name
    }

    /// With which hash, if the server proves something too.
    pub(in super::super) fn hash(&self) -> Option<Hash> {
        match self.kind {
            Kind::Scram(hash) => Some(hash),
            Kind::Plain => None,
        }
    }

    /// Starts the exchange.
    pub(in super::super) fn begin(
        &self,
        username: &str,
        proof: &Salted,
        binding: ChannelBinding,
    ) -> Result<Box<dyn Mechanism + Send>, MechanismError> {
        let binding = match self.flag {
            Flag::Bound => binding,
            Flag::ServerCannot => ChannelBinding::Unsupported,
            Flag::ClientCannot => ChannelBinding::None,
        };
        let secret = match proof {
            Salted::No(password) | Salted::Token(password) => {
                Secret::password_plain(password.expose_secret())
            }
            // It is shown by a mechanism of its own.
            Salted::Fast(_) => return Err(MechanismError::ScramRequiresPassword),
            Salted::Yes(salt, key) => {
                Secret::password_pbkdf2(salt.hash.name(), salt.salt.clone(), salt.iterations, key.to_vec())
            }
        };
        let credentials = Credentials { secret, ..Credentials::default() };
        // `sasl` leaves the escaping of RFC 5802 section 5.1 to us.
        let escaped = username.replace('=', "=3D").replace(',', "=2C");
        let Kind::Scram(hash) = self.kind else {
            return Ok(Box::new(Plain::from_credentials(credentials.with_username(username))?));
        };
        let scram = credentials.with_username(escaped).with_channel_binding(binding);
        Ok(match hash {
            Hash::Sha512 => Box::new(Scram::<Reusable<Sha512>>::from_credentials(scram)?),
            Hash::Sha256 => Box::new(Scram::<Reusable<Sha256>>::from_credentials(scram)?),
            Hash::Sha1 => Box::new(Scram::<Reusable<Sha1>>::from_credentials(scram)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::xmpp::credential::Salt;

    /// Which mechanism, and with which GS2 header, for an offer.
    fn choose(offer: &str, bindings: Option<&str>, can_bind: bool, allow_plain: bool) -> Option<String> {
        choose_with(&Salted::No(SecretString::from("secret")), offer, bindings, can_bind, allow_plain)
    }

    fn choose_with(
        proof: &Salted,
        offer: &str,
        bindings: Option<&str>,
        can_bind: bool,
        allow_plain: bool,
    ) -> Option<String> {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let features = Features {
            mechanisms: words(offer),
            channel_bindings: bindings.map(words),
            ..Features::default()
        };
        let binding = if can_bind { ChannelBinding::TlsExporter(vec![7; 32]) } else { ChannelBinding::None };
        let choice = Choice::new(&features.mechanisms, &features, &binding, allow_plain, proof)?;
        let initial = choice.begin("a,b=c", proof, binding).unwrap().initial();
        let initial = String::from_utf8(initial).unwrap();
        let header = initial.split(",r=").next().unwrap().replace('\0', "|");
        Some(format!("{} {header}", choice.name()))
    }

    #[test]
    fn the_strongest_of_what_both_have_is_used() {
        let all =
            "ANONYMOUS PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-512";
        for (offer, bindings, can_bind, allow_plain, expected) in [
            // Binding beats a longer hash: it is what a man in the middle can't get by.
            (
                all,
                Some("tls-server-end-point tls-exporter"),
                true,
                true,
                Some("SCRAM-SHA-256-PLUS p=tls-exporter,,n=a=2Cb=3Dc"),
            ),
            // The server has -PLUS, but not our type: 'y' would look like a stripped offer to it.
            (all, Some("tls-server-end-point"), true, true, Some("SCRAM-SHA-512 n,,n=a=2Cb=3Dc")),
            (all, None, true, true, Some("SCRAM-SHA-512 n,,n=a=2Cb=3Dc")),
            (all, None, false, true, Some("SCRAM-SHA-512 n,,n=a=2Cb=3Dc")),
            ("SCRAM-SHA-1 PLAIN", None, true, true, Some("SCRAM-SHA-1 y,,n=a=2Cb=3Dc")),
            ("PLAIN ANONYMOUS", None, true, true, Some("PLAIN |a,b=c|secret")),
            ("PLAIN ANONYMOUS", None, true, false, None),
            ("ANONYMOUS", None, true, true, None),
            ("EXTERNAL X-NEW", None, true, true, None),
            ("", None, true, true, None),
        ] {
            assert_eq!(
                choose(offer, bindings, can_bind, allow_plain).as_deref(),
                expected,
                "{offer} {bindings:?}"
            );
        }
    }

    #[test]
    fn what_is_chosen_first_is_the_strongest() {
        let mut offer = STRENGTHS.to_vec();
        while let Some(expected) = offer.last().copied() {
            let chosen = choose(&offer.join(" "), Some("tls-exporter"), true, true).unwrap();
            assert_eq!(chosen.split(' ').next(), Some(expected));
            assert_eq!(Strength::of(expected).map(Strength::mechanism), Some(expected));
            offer.pop();
        }
        assert_eq!(Strength::of("ANONYMOUS"), None);
    }

    #[test]
    fn tokens_go_by_plain_or_not_at_all() {
        let token = Salted::Token(SecretString::from("e.y.J"));
        for (offer, allow_plain, expected) in [
            ("SCRAM-SHA-512-PLUS SCRAM-SHA-256 PLAIN", true, Some("PLAIN |a,b=c|e.y.J")),
            ("SCRAM-SHA-512-PLUS SCRAM-SHA-256 PLAIN", false, None),
            ("SCRAM-SHA-512-PLUS SCRAM-SHA-256", true, None),
        ] {
            let chosen = choose_with(&token, offer, Some("tls-exporter"), true, allow_plain);
            assert_eq!(chosen.as_deref(), expected, "{offer}");
        }
    }

    #[test]
    fn keys_serve_for_their_own_hash() {
        let salt = Salt { hash: Hash::Sha256, salt: b"salt".to_vec(), iterations: 4096 };
        let proof = Salted::Yes(salt, Zeroizing::new(vec![7; 32]));
        for (offer, bindings, expected) in [
            ("PLAIN SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1", None, Some("SCRAM-SHA-256 y,,n=a=2Cb=3Dc")),
            (
                "SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS",
                Some("tls-exporter"),
                Some("SCRAM-SHA-256-PLUS p=tls-exporter,,n=a=2Cb=3Dc"),
            ),
            ("PLAIN SCRAM-SHA-512 SCRAM-SHA-1", None, None),
        ] {
            assert_eq!(choose_with(&proof, offer, bindings, true, true).as_deref(), expected, "{offer}");
        }
    }
}
