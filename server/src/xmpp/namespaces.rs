//! The XML namespaces which xmpp-parsers does not name, or names otherwise.

pub(super) use xmpp_parsers::ns::{
    AVATAR_DATA, AVATAR_METADATA, BIND, CARBONS, CHATSTATES, DELAY, DISCO_INFO, FORWARD, IDLE, MAM, NICK,
    PING, PUBSUB, PUBSUB_EVENT, RECEIPTS, RSM, SASL, SID, SM, STREAM, TLS, VCARD, VCARD_UPDATE, VERSION,
    XMPP_STANZAS, XMPP_STREAMS,
};

pub(super) const CLIENT: &str = "jabber:client";
pub(super) const ROSTER: &str = "jabber:iq:roster";
pub(super) const DATA_FORMS: &str = "jabber:x:data";
/// XEP-0333.
pub(super) const CHAT_MARKERS: &str = "urn:xmpp:chat-markers:0";
/// XEP-0334.
pub(super) const HINTS: &str = "urn:xmpp:hints";
/// XEP-0352.
pub(super) const CSI: &str = "urn:xmpp:csi:0";
/// XEP-0440.
pub(super) const SASL_CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// XEP-0045 section 7.2.
pub(super) const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
/// RFC 6121 section 2.6.1.
pub(super) const ROSTER_VERSIONS: &str = "urn:xmpp:features:rosterver";
/// RFC 6121 section 3.4.
pub(super) const PRE_APPROVAL: &str = "urn:xmpp:features:pre-approval";
/// XEP-0115.
pub(super) const CAPS: &str = "http://jabber.org/protocol/caps";
/// XEP-0308.
pub(super) const MESSAGE_CORRECT: &str = "urn:xmpp:message-correct:0";
/// XEP-0424.
pub(super) const MESSAGE_RETRACT: &str = "urn:xmpp:message-retract:1";
/// XEP-0444.
pub(super) const REACTIONS: &str = "urn:xmpp:reactions:0";
/// XEP-0461.
pub(super) const REPLY: &str = "urn:xmpp:reply:0";
/// XEP-0428.
pub(super) const FALLBACK: &str = "urn:xmpp:fallback:0";
/// XEP-0066.
pub(super) const OOB: &str = "jabber:x:oob";
/// XEP-0447.
pub(super) const FILE_SHARING: &str = "urn:xmpp:sfs:0";
/// XEP-0446.
pub(super) const FILE_METADATA: &str = "urn:xmpp:file:metadata:0";
/// XEP-0103.
pub(super) const URL_DATA: &str = "http://jabber.org/protocol/url-data";
/// XEP-0300.
pub(super) const HASHES: &str = "urn:xmpp:hashes:2";
/// XEP-0490; it is the node's name too.
pub(super) const DISPLAYED: &str = "urn:xmpp:mds:displayed:0";
/// XEP-0372.
pub(super) const REFERENCE: &str = "urn:xmpp:reference:0";
