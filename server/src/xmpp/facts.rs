//! What is known of a stream once it is up: how it is secured, how the person was signed in, what the server offers on it.

use super::features::Features;

/// What is known of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamFacts {
    /// The version of TLS; `None` without.
    pub tls: Option<&'static str>,
    /// The SASL mechanism that was used.
    pub mechanism: Option<&'static str>,
    /// Those that were on offer.
    pub mechanisms: Vec<String>,
    /// The types of channel binding on offer (XEP-0440); `None` if the server doesn't say.
    pub channel_bindings: Option<Vec<String>>,
    /// What is received is acknowledged (XEP-0198).
    pub stream_management: bool,
    /// A stream that breaks can be resumed (XEP-0198 section 5).
    pub resumable: bool,
    /// The server can be told that nobody is looking (XEP-0352).
    pub client_state: bool,
    /// The roster has versions (RFC 6121 section 2.6).
    pub roster_versions: bool,
    /// Who has not asked yet can be told that they may see the person (RFC 6121 section 3.4).
    pub pre_approval: bool,
    /// Accounts can be made in-band (XEP-0077).
    pub registration: bool,
    /// Signing in and binding can be one step (XEP-0388, XEP-0386).
    pub sasl2: bool,
    /// The server gives tokens for the next time (XEP-0484).
    pub tokens: bool,
    /// The largest stanza that the server takes (XEP-0478).
    pub max_stanza_bytes: Option<u32>,
    /// After how many seconds a silent stream is closed (XEP-0478).
    pub idle_secs: Option<u32>,
}

impl StreamFacts {
    /// Of a stream with these features, which can or can't be resumed.
    pub(super) fn new(features: &Features, resumable: bool) -> Self {
        let Features { signed_in, .. } = features;
        StreamFacts {
            tls: signed_in.tls,
            mechanism: signed_in.mechanism,
            mechanisms: signed_in.mechanisms.clone(),
            channel_bindings: signed_in.channel_bindings.clone(),
            stream_management: features.stream_management,
            resumable,
            client_state: features.client_state,
            roster_versions: features.roster_versions,
            pre_approval: features.pre_approval,
            registration: features.registration || signed_in.registration,
            sasl2: signed_in.sasl2,
            tokens: signed_in.tokens,
            max_stanza_bytes: features.max_stanza_bytes,
            idle_secs: features.idle_secs,
        }
    }
}

/// How the person was signed in: known before the stream on which the rest is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SignedIn {
    pub(super) tls: Option<&'static str>,
    pub(super) mechanism: Option<&'static str>,
    pub(super) mechanisms: Vec<String>,
    pub(super) channel_bindings: Option<Vec<String>>,
    pub(super) registration: bool,
    pub(super) sasl2: bool,
    pub(super) tokens: bool,
}
