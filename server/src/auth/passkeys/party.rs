//! For which pages passkeys are: the relying party of WebAuthn.

use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::{CEREMONY_MS, PasskeyError};

/// For which pages passkeys are made and taken.
#[derive(Debug, Clone, Default)]
pub struct PasskeySettings {
    /// The address under which browsers reach the gateway.
    pub public_url: Option<String>,
    /// What passkeys are bound to: the host of that address, or a domain above it. The host where it is not set.
    pub rp_id: Option<String>,
    /// What people are told that a passkey is for.
    pub rp_name: String,
    /// Origins of pages that may use them, besides the gateway's own. Browsers let those of other sites where they are told so
    /// by what passkeys are bound to (related origins).
    pub origins: Vec<String>,
    /// Origins of pages inside of which those may ask for a passkey.
    pub top_origins: Vec<String>,
}

/// Why there are no passkeys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeysUnavailable {
    /// They would be gone with the process, while devices had them still.
    #[error("passkeys need a store")]
    NoStore,
    /// It is not known under which address browsers reach the gateway.
    #[error("passkeys need `public_url`")]
    NoAddress,
    /// Browsers make passkeys for names alone.
    #[error("passkeys need a name in `public_url`, and {0} is a number")]
    Number(String),
    /// Browsers make passkeys for pages that nobody can change on their way.
    #[error("passkeys need https in `public_url`, but for localhost")]
    NotSecure,
    /// Passkeys are bound to the gateway's own host or to a domain above it.
    #[error("passkeys that are bound to {rp_id} can't be used by pages of {origin}")]
    NotBelow {
        /// What they would be bound to.
        rp_id: String,
        /// Whose pages could not use them.
        origin: String,
    },
}

/// Which pages they are, and what checks what their browsers send.
#[derive(Debug)]
pub(super) struct Party {
    /// What they are bound to: a host, or a domain above it.
    pub(super) id: String,
    pub(super) webauthn: Webauthn,
    origins: Vec<String>,
    /// Those of them that are not below what passkeys are bound to.
    pub(super) related: Vec<String>,
    top_origins: Vec<String>,
}

/// What a browser says of the page (WebAuthn Level 3, section 5.8.1), as far as it is looked at here.
#[derive(Deserialize)]
pub(super) struct ClientData {
    /// Which question it answers, in base64url.
    pub(super) challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    is_cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
}

impl ClientData {
    pub(super) fn read(json: &[u8]) -> Result<Self, PasskeyError> {
        serde_json::from_slice(json).map_err(|_| PasskeyError::Malformed)
    }
}

impl PasskeySettings {
    /// Whether passkeys can be had with these.
    ///
    /// # Errors
    /// [`PasskeysUnavailable`].
    pub fn check(&self) -> Result<(), PasskeysUnavailable> {
        Party::new(self).map(|_| ())
    }
}

impl Party {
    pub(super) fn new(settings: &PasskeySettings) -> Result<Self, PasskeysUnavailable> {
        let text = settings.public_url.as_deref().ok_or(PasskeysUnavailable::NoAddress)?;
        let url = Url::parse(text).map_err(|_| PasskeysUnavailable::NoAddress)?;
        let host = name_of(&url)?;
        let rp_id = settings.rp_id.as_deref().unwrap_or(host);
        let not_below = |origin: &str| PasskeysUnavailable::NotBelow {
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
        };
        // A domain of one part alone belongs to nobody, but for a host that is called so.
        if rp_id != host && !rp_id.contains('.') {
            return Err(not_below(text));
        }
        let timeout = Duration::from_millis(CEREMONY_MS.unsigned_abs());
        let mut builder = WebauthnBuilder::new(rp_id, &url)
            .map_err(|_| not_below(text))?
            .rp_name(&settings.rp_name)
            .timeout(timeout);
        let mut related = Vec::new();
        for origin in &settings.origins {
            let url = Url::parse(origin).map_err(|_| not_below(origin))?;
            let host = name_of(&url)?;
            if host != rp_id && !host.ends_with(&format!(".{rp_id}")) {
                related.push(origin.clone());
            }
            builder = builder.append_allowed_origin(&url);
        }
        let webauthn = builder.build().map_err(|_| not_below(text))?;
        let origins = std::iter::once(text.to_owned()).chain(settings.origins.clone()).collect();
        Ok(Party {
            id: rp_id.to_owned(),
            webauthn,
            origins,
            related,
            top_origins: settings.top_origins.clone(),
        })
    }

    /// Whether the page may use passkeys. The library compares origins as URLs, and of pages inside of others it looks only
    /// where a passkey is made.
    pub(super) fn check_page(&self, page: &ClientData) -> Result<(), PasskeyError> {
        if !self.origins.contains(&page.origin) {
            return Err(PasskeyError::Page);
        }
        let is_inside = page.is_cross_origin == Some(true) || page.top_origin.is_some();
        let may_be = |top: &String| self.top_origins.contains(top);
        if is_inside && !page.top_origin.as_ref().is_some_and(may_be) {
            return Err(PasskeyError::Page);
        }
        Ok(())
    }
}

/// The host of an address that browsers make passkeys for.
fn name_of(url: &Url) -> Result<&str, PasskeysUnavailable> {
    let host = match url.host() {
        Some(Host::Domain(host)) => host,
        Some(number) => return Err(PasskeysUnavailable::Number(number.to_string())),
        None => return Err(PasskeysUnavailable::NoAddress),
    };
    let is_local = host == "localhost" || host.ends_with(".localhost");
    if url.scheme() == "https" || is_local { Ok(host) } else { Err(PasskeysUnavailable::NotSecure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(public_url: &str, rp_id: &str, origins: &[&str]) -> PasskeySettings {
        PasskeySettings {
            public_url: Some(public_url.to_owned()).filter(|url| !url.is_empty()),
            rp_id: Some(rp_id.to_owned()).filter(|id| !id.is_empty()),
            rp_name: "Spark".to_owned(),
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            top_origins: vec!["https://www.example.org".to_owned()],
        }
    }

    #[test]
    fn passkeys_are_for_names_and_what_is_below_them() {
        for (public_url, rp_id, origins, expected) in [
            ("https://chat.example.com", "", &[][..], None),
            ("https://chat.example.com:8443", "", &[], None),
            ("https://chat.example.com", "example.com", &["https://www.example.com"], None),
            ("https://chat", "", &[], None),
            ("http://localhost:7070", "", &[], None),
            ("http://chat.localhost:7070", "", &[], None),
            ("", "", &[], Some("passkeys need `public_url`")),
            (
                "http://127.0.0.1:7070",
                "",
                &[],
                Some("passkeys need a name in `public_url`, and 127.0.0.1 is a number"),
            ),
            (
                "https://[2001:db8::1]",
                "",
                &[],
                Some("passkeys need a name in `public_url`, and [2001:db8::1] is a number"),
            ),
            (
                "http://chat.example.com",
                "",
                &[],
                Some("passkeys need https in `public_url`, but for localhost"),
            ),
            (
                "https://chat.example.com",
                "example.org",
                &[],
                Some(
                    "passkeys that are bound to example.org can't be used by pages of https://chat.example.com",
                ),
            ),
            (
                "https://chat.example.com",
                "com",
                &[],
                Some("passkeys that are bound to com can't be used by pages of https://chat.example.com"),
            ),
            (
                "https://badexample.com",
                "example.com",
                &[],
                Some(
                    "passkeys that are bound to example.com can't be used by pages of https://badexample.com",
                ),
            ),
            ("https://chat.example.com", "", &["https://www.example.com", "https://example.org"], None),
            (
                "https://chat.example.com",
                "",
                &["https://192.0.2.1"],
                Some("passkeys need a name in `public_url`, and 192.0.2.1 is a number"),
            ),
            (
                "https://chat.example.com",
                "example.com",
                &["http://www.example.com"],
                Some("passkeys need https in `public_url`, but for localhost"),
            ),
        ] {
            let checked = settings(public_url, rp_id, origins).check().map_err(|error| error.to_string());
            assert_eq!(checked.err().as_deref(), expected, "{public_url} {rp_id} {origins:?}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_told_to_browsers() {
        for (rp_id, origins, related) in [
            ("", &[][..], &[][..]),
            ("", &["https://chat.example.com:8443", "https://web.chat.example.com"], &[]),
            ("", &["https://example.com"], &["https://example.com"]),
            ("example.com", &["https://www.example.com", "https://example.org"], &["https://example.org"]),
            ("example.com", &["https://badexample.com"], &["https://badexample.com"]),
        ] {
            let party = Party::new(&settings("https://chat.example.com", rp_id, origins)).unwrap();
            assert_eq!(party.related, related, "{rp_id} {origins:?}");
            let said = |origin: &str| format!(r#"{{"challenge":"AAAA","origin":"{origin}"}}"#);
            for origin in origins {
                let page = ClientData::read(said(origin).as_bytes()).unwrap();
                assert_eq!(party.check_page(&page), Ok(()), "{origin}");
            }
        }
    }

    #[test]
    fn pages_are_those_that_were_named() {
        let party = Party::new(&settings(
            "https://chat.example.com",
            "example.com",
            &["https://www.example.com:8443"],
        ))
        .unwrap();
        let (here, there) =
            (r#""origin":"https://chat.example.com""#, r#""origin":"https://www.example.com:8443""#);
        let inside = |top: &str| format!(r#"{here},"crossOrigin":true,"topOrigin":"{top}""#);
        for (said, expected) in [
            (here.to_owned(), Ok(())),
            (there.to_owned(), Ok(())),
            (format!(r#"{here},"crossOrigin":false,"more":[1]"#), Ok(())),
            (inside("https://www.example.org"), Ok(())),
            (inside("https://evil.example"), Err(PasskeyError::Page)),
            (format!(r#"{here},"crossOrigin":true"#), Err(PasskeyError::Page)),
            (format!(r#"{here},"topOrigin":"https://evil.example""#), Err(PasskeyError::Page)),
            (r#""origin":"https://www.example.com""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":"https://evil.chat.example.com""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":"https://chat.example.com/""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":"https://juliet@chat.example.com""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":"http://chat.example.com""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":"null""#.to_owned(), Err(PasskeyError::Page)),
            (r#""origin":7"#.to_owned(), Err(PasskeyError::Malformed)),
            (format!(r#"{here},"crossOrigin":"no""#), Err(PasskeyError::Malformed)),
            (format!(r#"{here},{there}"#), Err(PasskeyError::Malformed)),
            (String::new(), Err(PasskeyError::Malformed)),
        ] {
            let said = format!(r#"{{"challenge":"AAAA"{}{said}}}"#, if said.is_empty() { "" } else { "," });
            let page = ClientData::read(said.as_bytes());
            assert_eq!(page.and_then(|page| party.check_page(&page)), expected, "{said}");
        }
        for bytes in [&b""[..], b"{", b"\xef\xbb\xbf{}", b"{\"origin\":\"\xff\"}", b"[]"] {
            assert_eq!(ClientData::read(bytes).map(|_| ()), Err(PasskeyError::Malformed));
        }
    }
}
