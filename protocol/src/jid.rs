//! Jabber ids (RFC 7622), checked for form only.
//!
//! The server normalises them (PRECIS profiles) at its border with XMPP; what clients get back is normal form. Here
//! the parts are found and bounded, so that a client can refuse a typing slip without a table of Unicode.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The longest part of a JID in bytes (RFC 7622 section 3.1).
pub(crate) const MAX_PART_BYTES: usize = 1023;

/// Why a string is not a JID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JidError {
    /// The part before `@` is empty or has a character which RFC 7622 section 3.3.1 forbids.
    Local,
    /// The domain is missing or has a character which no domain has.
    Domain,
    /// The part behind `/` is empty.
    Resource,
    /// A part is longer than 1023 bytes.
    TooLong,
    /// There is a resource where only a bare JID fits.
    NotBare,
}

impl fmt::Display for JidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JidError::Local => "the part before '@' is empty or has a character that no address has",
            JidError::Domain => "the domain is missing or has a character that no domain has",
            JidError::Resource => "the part behind '/' is empty",
            JidError::TooLong => "a part of the address is longer than 1023 bytes",
            JidError::NotBare => "the address has a resource ('/…') where none belongs",
        })
    }
}

impl std::error::Error for JidError {}

/// An address without a resource: `juliet@capulet.example` or `room@rooms.capulet.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct BareJid(String);

/// An address with or without a resource: `juliet@capulet.example/balcony`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct Jid(String);

impl BareJid {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before `@`; a domain's own address has none.
    pub fn local(&self) -> Option<&str> {
        self.0.split_once('@').map(|(local, _)| local)
    }

    /// The part behind `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(_, domain)| domain)
    }
}

impl Jid {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its resource.
    pub fn bare(&self) -> BareJid {
        BareJid(self.0.split_once('/').map_or(self.0.as_str(), |(bare, _)| bare).to_owned())
    }

    /// The part behind `/`, if any: a device's name, or the nickname in a room.
    pub fn resource(&self) -> Option<&str> {
        self.0.split_once('/').map(|(_, resource)| resource)
    }
}

/// Characters that RFC 7622 section 3.3.1 keeps out of the local part.
fn is_forbidden_in_local(c: char) -> bool {
    matches!(c, '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@') || c.is_whitespace() || c.is_control()
}

fn is_forbidden_in_domain(c: char) -> bool {
    matches!(c, '"' | '&' | '\'' | '/' | '<' | '>' | '@' | '\\') || c.is_whitespace() || c.is_control()
}

fn check_length(part: &str) -> Result<(), JidError> {
    if part.len() > MAX_PART_BYTES { Err(JidError::TooLong) } else { Ok(()) }
}

fn check_bare(text: &str) -> Result<(), JidError> {
    let domain = match text.split_once('@') {
        Some((local, domain)) => {
            if local.is_empty() || local.contains(is_forbidden_in_local) {
                return Err(JidError::Local);
            }
            check_length(local)?;
            domain
        }
        None => text,
    };
    if domain.is_empty() || domain.contains(is_forbidden_in_domain) {
        return Err(JidError::Domain);
    }
    check_length(domain)
}

impl FromStr for BareJid {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        if text.contains('/') {
            return Err(JidError::NotBare);
        }
        check_bare(text)?;
        Ok(BareJid(text.to_owned()))
    }
}

impl FromStr for Jid {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(resource)),
            None => (text, None),
        };
        check_bare(bare)?;
        match resource {
            Some("") => return Err(JidError::Resource),
            Some(resource) => check_length(resource)?,
            None => {}
        }
        Ok(Jid(text.to_owned()))
    }
}

impl From<BareJid> for Jid {
    fn from(bare: BareJid) -> Self {
        Jid(bare.0)
    }
}

impl fmt::Display for BareJid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BareJid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Jid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_jids_are_found_by_form() {
        // The valid and invalid addresses of RFC 7622 section 3.5, as far as form alone decides.
        for (text, expected) in [
            ("juliet@example.com", Ok(())),
            ("example.com", Ok(())),
            ("foo\\20bar@example.com", Ok(())),
            ("π@example.com", Ok(())),
            ("\"juliet\"@example.com", Err(JidError::Local)),
            ("foo bar@example.com", Err(JidError::Local)),
            ("@example.com", Err(JidError::Local)),
            ("juliet@", Err(JidError::Domain)),
            ("", Err(JidError::Domain)),
            ("a@b@c", Err(JidError::Domain)),
            ("juliet@example.com/foo", Err(JidError::NotBare)),
            ("henry\u{0}@example.com", Err(JidError::Local)),
        ] {
            assert_eq!(text.parse::<BareJid>().map(|_| ()), expected, "{text:?}");
        }
        assert_eq!(format!("{}@example.com", "a".repeat(1024)).parse::<BareJid>(), Err(JidError::TooLong));
    }

    #[test]
    fn full_jids_keep_all_of_their_resource() {
        let jid: Jid = "juliet@example.com/foo@bar/baz".parse().unwrap();
        assert_eq!(jid.resource(), Some("foo@bar/baz"));
        assert_eq!(jid.bare().as_str(), "juliet@example.com");
        assert_eq!(jid.bare().local(), Some("juliet"));
        assert_eq!(jid.bare().domain(), "example.com");
        assert_eq!("juliet@example.com/".parse::<Jid>(), Err(JidError::Resource));
    }
}
