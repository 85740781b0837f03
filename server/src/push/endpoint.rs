//! Where a browser is pushed to: the address of its push service, and what to encrypt for.
//!
//! The address is named by whoever subscribes, and the gateway posts there. So it is of a push service that is known, or that
//! whoever runs the gateway has added, and of nothing else; that it leads to the public internet, `fetch` sees to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{MAX_PUSH_ENDPOINT_BYTES, PushSubscriptionKeys};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::encryption::{SECRET_BYTES, is_point};
use super::{PushError, Shared};
use crate::keyring::{Keyring, Purpose, SealError};

/// The push services of the browsers that there are: Chromium's, Firefox's, Safari's and Edge's.
const KNOWN: [&str; 4] =
    ["fcm.googleapis.com", "updates.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"];

/// A host, or all below one (`*.`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule(String);

impl HostRule {
    /// Those of the browsers that there are.
    pub fn known() -> Vec<HostRule> {
        KNOWN.iter().map(|rule| HostRule((*rule).to_owned())).collect()
    }

    /// Reads one: a name as a URL has it. `None` if it is none.
    pub fn parse(text: &str) -> Option<HostRule> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let host = Url::parse(&format!("https://{name}/")).ok()?;
        (host.host_str() == Some(name) && !name.is_empty() && !name.contains('*'))
            .then(|| HostRule(text.to_owned()))
    }

    fn covers(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => host == self.0,
        }
    }
}

/// Where to push to, and what to encrypt for.
pub(super) struct Subscription {
    pub(super) endpoint: Url,
    pub(super) key: Vec<u8>,
    pub(super) secret: Zeroizing<[u8; SECRET_BYTES]>,
}

/// As it is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// Of whoever subscribes.
    pub(super) fn taken(
        shared: &Shared,
        endpoint: &str,
        keys: &PushSubscriptionKeys,
    ) -> Result<Self, PushError> {
        let endpoint = address(shared, endpoint)?;
        Subscription::of(endpoint, &keys.p256dh, &keys.auth).ok_or(PushError::Keys)
    }

    fn of(endpoint: Url, p256dh: &str, auth: &str) -> Option<Self> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let key = bytes(p256dh).filter(|key| is_point(key))?;
        let secret = Zeroizing::new(<[u8; SECRET_BYTES]>::try_from(bytes(auth)?).ok()?);
        Some(Subscription { endpoint, key, secret })
    }

    /// The host of the push service.
    pub(super) fn host(&self) -> String {
        self.endpoint.host_str().unwrap_or_default().to_owned()
    }

    /// By which the same address is found again. It is long and random, so that its hash tells nothing of it.
    pub(super) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.endpoint.as_str()))
    }

    pub(super) fn seal(&self, keyring: &Keyring, device: &str) -> Result<String, SealError> {
        let kept = Kept {
            endpoint: self.endpoint.as_str().to_owned(),
            p256dh: URL_SAFE_NO_PAD.encode(&self.key),
            auth: URL_SAFE_NO_PAD.encode(&self.secret[..]),
        };
        let json = Zeroizing::new(serde_json::to_vec(&kept).map_err(|_| SealError)?);
        keyring.seal(Purpose::PushDevice, device, &json)
    }

    /// As it was kept. Whether it may be pushed to is looked at again: settings change.
    pub(super) fn open(shared: &Shared, device: &str, sealed: &str) -> Result<Self, PushError> {
        let opened = shared.keyring.open(Purpose::PushDevice, device, sealed)?;
        let kept: Kept = serde_json::from_slice(&opened).map_err(|_| SealError)?;
        let endpoint = address(shared, &kept.endpoint)?;
        Subscription::of(endpoint, &kept.p256dh, &kept.auth).ok_or(PushError::Keys)
    }
}

/// An address that may be pushed to.
fn address(shared: &Shared, text: &str) -> Result<Url, PushError> {
    if text.len() > MAX_PUSH_ENDPOINT_BYTES {
        return Err(PushError::Endpoint);
    }
    let url = shared.fetcher.address(text).map_err(|_| PushError::Endpoint)?;
    let host = url.host_str().unwrap_or_default();
    if shared.settings.hosts.iter().any(|rule| rule.covers(host)) {
        Ok(url)
    } else {
        Err(PushError::Endpoint)
    }
}

/// What is pushed to this host must show something: Safari gives up a subscription that is pushed to in silence.
pub(super) fn insists_on_showing(host: &str) -> bool {
    host.ends_with(".push.apple.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_that_are_known_or_below_them() {
        let rules = HostRule::known();
        for (host, expected) in [
            ("fcm.googleapis.com", true),
            ("updates.push.services.mozilla.com", true),
            ("web.push.apple.com", true),
            ("wns2-par02p.notify.windows.com", true),
            ("googleapis.com", false),
            ("x.fcm.googleapis.com", false),
            ("push.apple.com", false),
            ("evilpush.apple.com", false),
            ("fcm.googleapis.com.evil.example", false),
            ("127.0.0.1", false),
            ("localhost", false),
            ("", false),
        ] {
            assert_eq!(rules.iter().any(|rule| rule.covers(host)), expected, "{host}");
        }
    }

    #[test]
    fn rules_are_hosts() {
        for (text, expected) in [
            ("push.example.com", true),
            ("*.push.example.com", true),
            ("localhost", true),
            ("127.0.0.1", true),
            ("", false),
            ("*", false),
            ("*.", false),
            ("https://push.example.com", false),
            ("push.example.com/", false),
            ("push.example.com:443", false),
            ("PUSH.example.com", false),
            ("a*.example.com", false),
            ("juliet@push.example.com", false),
        ] {
            assert_eq!(HostRule::parse(text).is_some(), expected, "{text}");
        }
    }
}
