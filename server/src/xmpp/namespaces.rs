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
/// XEP-0335.
pub(super) const JSON: &str = "urn:xmpp:json:0";
/// Nodes of the person's own at which pages keep something.
pub(super) const KEPT_PROPERTIES: &str = "urn:sparkweb:properties:0";
pub(super) const KEPT_LINKS: &str = "urn:sparkweb:links:0";
/// XEP-0060 section 8.
pub(super) const PUBSUB_ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
pub(super) const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// XEP-0483.
pub(super) const MEETINGS: &str = "urn:xmpp:http:online-meetings:0";
/// XEP-0390.
pub(super) const CAPS2: &str = "urn:xmpp:caps";
/// XEP-0030.
pub(super) const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// XEP-0363.
pub(super) const HTTP_UPLOAD: &str = "urn:xmpp:http:upload:0";
/// XEP-0045.
pub(super) const MUC_FEATURE: &str = "http://jabber.org/protocol/muc";
/// XEP-0055.
pub(super) const SEARCH: &str = "jabber:iq:search";
/// XEP-0077.
pub(super) const REGISTER: &str = "jabber:iq:register";
/// XEP-0077 section 8, as a stream feature.
pub(super) const REGISTER_FEATURE: &str = "http://jabber.org/features/iq-register";
/// XEP-0191.
pub(super) const BLOCKING_FEATURE: &str = "urn:xmpp:blocking";
/// XEP-0377.
pub(super) const REPORTING_FEATURE: &str = "urn:xmpp:reporting:1";
/// XEP-0049.
pub(super) const PRIVATE_STORAGE: &str = "jabber:iq:private";
/// XEP-0202.
pub(super) const TIME: &str = "urn:xmpp:time";
/// XEP-0215.
pub(super) const EXTERNAL_SERVICES: &str = "urn:xmpp:extdisco:2";
/// XEP-0483 section 3.1.
pub(super) const MEETINGS_INITIATE: &str = "urn:xmpp:http:online-meetings:initiate:0";
/// XEP-0060 section 7.1.5.
pub(super) const PUBLISH_OPTIONS_FEATURE: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// XEP-0402 section 5.
pub(super) const BOOKMARK_CONVERSION: &str = "urn:xmpp:bookmarks:1#compat";
/// XEP-0398.
pub(super) const AVATAR_CONVERSION: &str = "urn:xmpp:pep-vcard-conversion:0";
/// XEP-0357.
pub(super) const PUSH_FEATURE: &str = "urn:xmpp:push:0";
/// XEP-0292.
pub(super) const VCARD4_FEATURE: &str = "urn:ietf:params:xml:ns:vcard-4.0";
/// XEP-0388.
pub(super) const SASL2: &str = "urn:xmpp:sasl:2";
/// XEP-0484.
pub(super) const FAST: &str = "urn:xmpp:fast:0";
/// XEP-0478.
pub(super) const STREAM_LIMITS: &str = "urn:xmpp:stream-limits:0";
/// RFC 6121 section 2.6.1.
pub(super) const ROSTER_VERSIONS: &str = "urn:xmpp:features:rosterver";
/// RFC 6121 section 3.4.
pub(super) const PRE_APPROVAL: &str = "urn:xmpp:features:pre-approval";
/// Ours: what the firewall marks its stand-ins with. Never on the wire.
pub(super) const FIREWALL: &str = "urn:sparkweb:firewall:0";
/// XEP-0045 section 7.2.2: what asks a room to be let in.
pub(super) const MUC: &str = "http://jabber.org/protocol/muc";
/// XEP-0045 section 9: what a room's admins may do.
pub(super) const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
/// XEP-0249.
pub(super) const CONFERENCE: &str = "jabber:x:conference";
/// XEP-0402.
pub(super) const BOOKMARKS: &str = "urn:xmpp:bookmarks:1";
/// XEP-0048.
pub(super) const PRIVATE_BOOKMARKS: &str = "storage:bookmarks";
/// XEP-0049.
pub(super) const PRIVATE: &str = "jabber:iq:private";
/// XEP-0492.
pub(super) const NOTIFY: &str = "urn:xmpp:notification-settings:1";
/// XEP-0045 section 10: what a room's owners may do.
pub(super) const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// XEP-0045 section 6.4.
pub(super) const MUC_ROOM_INFO: &str = "http://jabber.org/protocol/muc#roominfo";
/// XEP-0045 section 7.4.
pub(super) const MUC_STABLE_ID: &str = "http://jabber.org/protocol/muc#stable_id";
/// XEP-0421.
pub(super) const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";
/// XEP-0317.
pub(super) const HATS: &str = "urn:xmpp:hats:0";
/// XEP-0425.
pub(super) const MODERATE: &str = "urn:xmpp:message-moderate:1";
/// XEP-0292.
pub(super) const VCARD4: &str = "urn:ietf:params:xml:ns:vcard-4.0";
/// XEP-0292 section 4.
pub(super) const VCARD4_NODE: &str = "urn:xmpp:vcard4";
/// XEP-0012.
pub(super) const LAST_ACTIVITY: &str = "jabber:iq:last";
/// XEP-0191.
pub(super) const BLOCKING: &str = "urn:xmpp:blocking";
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
/// Openfire's own, of no XEP.
pub(super) const JIVE_PROPERTIES: &str = "http://www.jivesoftware.com/xmlns/xmpp/properties";
/// XEP-0393.
pub(super) const STYLING: &str = "urn:xmpp:styling:0";
/// XEP-0372.
pub(super) const REFERENCE: &str = "urn:xmpp:reference:0";
