//! Where things are: the paths of the first version of the API, under whatever address the gateway has.

use crate::{AvatarHash, BareJid, ConversationId, Jid, MessageId, PasskeyId, PushDeviceId, SignInId};

/// The root of the API.
pub const ROOT: &str = "/sparkweb/api/v1";
/// `GET`: the description of the API (OpenAPI 3.1).
pub const OPENAPI: &str = "/sparkweb/api/v1/openapi.json";
/// `GET`: the same, as a page for people.
pub const REFERENCE: &str = "/sparkweb/api/v1/reference";
/// `GET`: the keys by which tokens can be checked elsewhere (RFC 7517).
pub const JWKS: &str = "/sparkweb/.well-known/jwks.json";
/// `GET`: the pages elsewhere which may use the passkeys (WebAuthn Level 3, section 5.11).
pub const RELATED_ORIGINS: &str = "/.well-known/webauthn";
/// `POST`: sign in. `GET`: the person's sign-ins.
pub const SIGN_INS: &str = "/sparkweb/api/v1/sign-ins";
/// `DELETE`: sign out.
pub const CURRENT_SIGN_IN: &str = "/sparkweb/api/v1/sign-ins/current";
/// The cookie of the sign-in that makes the request.
pub const CURRENT_COOKIE: &str = "/sparkweb/api/v1/sign-ins/current/cookie";
/// `POST`: a token for a script.
pub const ACCESS_TOKENS: &str = "/sparkweb/api/v1/access-tokens";

/// `POST`: show once more who one is.
pub const CURRENT_PROOFS: &str = "/sparkweb/api/v1/sign-ins/current/proofs";
/// `GET`: by what the person can show who they are.
pub const FACTORS: &str = "/sparkweb/api/v1/factors";
/// `POST`: set up an authenticator app. `DELETE`: remove it.
pub const TOTP: &str = "/sparkweb/api/v1/factors/totp";
/// `POST`: show that the app is set up.
pub const TOTP_CONFIRMATION: &str = "/sparkweb/api/v1/factors/totp/confirmation";
/// `POST`: a new passkey.
pub const PASSKEYS: &str = "/sparkweb/api/v1/factors/passkeys";
/// `POST`: what to ask the browser for to make one.
pub const PASSKEY_OPTIONS: &str = "/sparkweb/api/v1/factors/passkeys/options";
/// `POST`: what to ask the browser for to show once more who one is.
pub const CURRENT_PASSKEY_OPTIONS: &str = "/sparkweb/api/v1/sign-ins/current/passkey-options";
/// `POST`: other codes for when the app is lost.
pub const RECOVERY_CODES: &str = "/sparkweb/api/v1/factors/recovery-codes";

/// `POST`: what a sign-in that is not done yet asks for.
pub fn proofs(id: &SignInId) -> String {
    format!("{SIGN_INS}/{}/proofs", segment(&id.0))
}

/// `POST`: what to ask the browser for next, of a sign-in that is not done yet.
pub fn passkey_options(id: &SignInId) -> String {
    format!("{SIGN_INS}/{}/passkey-options", segment(&id.0))
}

/// `PUT`: call a passkey otherwise. `DELETE`: remove it.
pub fn passkey(id: &PasskeyId) -> String {
    format!("{PASSKEYS}/{}", segment(&id.0))
}

/// `DELETE`: end a sign-in.
pub fn sign_in(id: &SignInId) -> String {
    format!("{SIGN_INS}/{}", segment(&id.0))
}

/// `GET`: the key to subscribe to pushes with.
pub const PUSH_KEY: &str = "/sparkweb/api/v1/push/key";
/// `GET`: the devices to which is pushed. `POST`: push to this one.
pub const PUSH_DEVICES: &str = "/sparkweb/api/v1/push/devices";
/// `GET`, `PUT`: what is pushed, and when.
pub const PUSH_SETTINGS: &str = "/sparkweb/api/v1/push/settings";
/// `POST`: do what a push has a token for.
pub const PUSH_ACTS: &str = "/sparkweb/api/v1/push/acts";

/// `PUT`: the device's subscription is another. `DELETE`: push to it no more.
pub fn push_device(id: &PushDeviceId) -> String {
    format!("{PUSH_DEVICES}/{}", segment(&id.0))
}

/// `GET`: the audit log.
pub const AUDIT: &str = "/sparkweb/api/v1/audit";
/// `GET`: all of it, a line for each entry.
pub const AUDIT_EXPORT: &str = "/sparkweb/api/v1/audit/export";

/// `GET`, `DELETE`: somebody else's sign-ins, at their address and `sign-ins` below this, and one of them below that.
pub const PEOPLE: &str = "/sparkweb/api/v1/people";
/// `GET`, `PUT`, `DELETE`: what somebody may do, at their address below this.
pub const ENTITLEMENTS: &str = "/sparkweb/api/v1/entitlements";

/// `POST`: a new access token for a refresh token.
pub const TOKENS: &str = "/sparkweb/api/v1/tokens";
/// `POST`: a narrower token for a token (RFC 8693).
pub const TOKEN: &str = "/sparkweb/api/v1/token";
/// `GET`: the session's state.
pub const SNAPSHOT: &str = "/sparkweb/api/v1/snapshot";
/// `GET`: the event stream.
pub const EVENTS: &str = "/sparkweb/api/v1/events";
/// `POST`: a ticket for the event stream.
pub const EVENT_TICKETS: &str = "/sparkweb/api/v1/event-tickets";
/// `GET`: the contact list.
pub const ROSTER: &str = "/sparkweb/api/v1/roster";
/// `GET`, `PUT`: the person's presence.
pub const PRESENCE: &str = "/sparkweb/api/v1/presence";
/// `GET`: who asks to see the person's presence.
pub const SUBSCRIPTION_REQUESTS: &str = "/sparkweb/api/v1/subscription-requests";

/// `GET`, `PUT`: what the person says of themselves.
pub const PROFILE: &str = "/sparkweb/api/v1/profile";
/// `PUT`: what the person goes by.
pub const NICKNAME: &str = "/sparkweb/api/v1/nickname";
/// `PUT`, `DELETE`: what the person looks like.
pub const AVATAR: &str = "/sparkweb/api/v1/avatar";

/// `GET`: what somebody says of themselves.
pub fn profile(jid: &BareJid) -> String {
    format!("{ROOT}/contacts/{}/profile", segment(jid.as_str()))
}

/// `GET`: somebody's avatar, whichever it is now.
pub fn current_avatar(jid: &BareJid) -> String {
    format!("{ROOT}/avatars/{}", segment(jid.as_str()))
}

/// `GET`, `DELETE`: whom the person has blocked.
pub const BLOCKS: &str = "/sparkweb/api/v1/blocks";

/// `PUT`, `DELETE`: one whom the person blocks.
pub fn block(jid: &Jid) -> String {
    format!("{BLOCKS}/{}", segment(jid.as_str()))
}

/// `GET`: what is known of one contact beyond the list.
pub fn contact(jid: &BareJid) -> String {
    format!("{ROOT}/contacts/{}", segment(jid.as_str()))
}

/// `GET`: when a contact was last there.
pub fn last_activity(jid: &BareJid) -> String {
    format!("{ROOT}/contacts/{}/last-activity", segment(jid.as_str()))
}

/// `PUT`, `DELETE`: one contact of the list.
pub fn roster_item(jid: &BareJid) -> String {
    format!("{ROSTER}/{}", segment(jid.as_str()))
}

/// `PUT`: who of the person and a contact sees whom.
pub fn subscription(jid: &BareJid) -> String {
    format!("{ROSTER}/{}/subscription", segment(jid.as_str()))
}

/// `PUT`: the answer to somebody who asks to see the person's presence.
pub fn subscription_request(jid: &BareJid) -> String {
    format!("{SUBSCRIPTION_REQUESTS}/{}", segment(jid.as_str()))
}

/// `GET`: every conversation.
pub const CONVERSATIONS: &str = "/sparkweb/api/v1/conversations";
/// `GET`: what a page has to know before anybody is signed in.
pub const GATEWAY: &str = "/sparkweb/api/v1/gateway";
/// `GET`: what the XMPP server offers.
pub const SERVER: &str = "/sparkweb/api/v1/server";
/// `GET`: relays for calls.
pub const EXTERNAL_SERVICES: &str = "/sparkweb/api/v1/external-services";
/// `POST`: a meeting on the web.
pub const MEETINGS: &str = "/sparkweb/api/v1/meetings";
/// `GET`: people whom the server knows.
pub const DIRECTORY: &str = "/sparkweb/api/v1/directory";
/// `POST`: somebody new.
pub const ACCOUNTS: &str = "/sparkweb/api/v1/accounts";
/// `PUT`: another password.
pub const PASSWORD: &str = "/sparkweb/api/v1/account/password";
/// `POST`: no account any more.
pub const ACCOUNT_REMOVAL: &str = "/sparkweb/api/v1/account/removal";
/// `PUT`: whether somebody looks at a tab.
pub const ACTIVITY: &str = "/sparkweb/api/v1/activity";
/// `POST`: a stanza as it is.
pub const STANZAS: &str = "/sparkweb/api/v1/stanzas";
/// `GET`: what a page says of itself.
pub const PREVIEWS: &str = "/sparkweb/api/v1/previews";
/// The picture that a page shows of itself.
pub const PREVIEW_PICTURE: &str = "/sparkweb/api/v1/previews/picture";
/// `GET`: a file that somebody has shared, through the gateway.
pub const FILES: &str = "/sparkweb/api/v1/files";
/// `POST`: a ticket for one of those.
pub const FILE_TICKETS: &str = "/sparkweb/api/v1/file-tickets";
/// `POST`: upload a file through the gateway.
pub const UPLOADS: &str = "/sparkweb/api/v1/uploads";
/// `POST`: a place to upload a file to by oneself.
pub const UPLOAD_SLOTS: &str = "/sparkweb/api/v1/upload-slots";
/// `GET`: the rooms that the person is in.
pub const ROOMS: &str = "/sparkweb/api/v1/rooms";

/// `GET`, `PUT`, `DELETE`: being in a room.
pub fn room(jid: &BareJid) -> String {
    format!("{ROOMS}/{}", segment(jid.as_str()))
}

/// `GET`: the bookmarks.
pub const BOOKMARKS: &str = "/sparkweb/api/v1/bookmarks";
/// `GET`: the invitations that wait.
pub const INVITATIONS: &str = "/sparkweb/api/v1/invitations";
/// `GET`: the services with rooms.
pub const ROOM_SERVICES: &str = "/sparkweb/api/v1/room-services";

/// `PUT`, `DELETE`: a bookmark.
pub fn bookmark(jid: &BareJid) -> String {
    format!("{BOOKMARKS}/{}", segment(jid.as_str()))
}

/// `DELETE`: decline an invitation.
pub fn invitation(room: &BareJid) -> String {
    format!("{INVITATIONS}/{}", segment(room.as_str()))
}

/// `GET`: the rooms of a service.
pub fn rooms_of(service: &Jid) -> String {
    format!("{ROOM_SERVICES}/{}/rooms", segment(service.as_str()))
}

/// `PUT`: what somebody in a room may do.
pub fn role(room: &BareJid, nick: &str) -> String {
    format!("{ROOMS}/{}/occupants/{}/role", segment(room.as_str()), segment(nick))
}

/// `PUT`: what somebody is to a room.
pub fn affiliation(room: &BareJid, person: &BareJid) -> String {
    format!("{ROOMS}/{}/affiliations/{}", segment(room.as_str()), segment(person.as_str()))
}

/// `DELETE`: take a message of a room back for everybody.
pub fn moderated(room: &BareJid, id: &MessageId) -> String {
    format!("{ROOMS}/{}/messages/{}", segment(room.as_str()), segment(id.as_str()))
}

/// Something of a room: `occupants`, `nick`, `subject` and so on.
pub fn of_room(jid: &BareJid, what: &str) -> String {
    format!("{ROOMS}/{}/{what}", segment(jid.as_str()))
}

/// `GET`, `POST`: the messages of a conversation.
pub fn messages(conversation: &ConversationId) -> String {
    format!("{ROOT}/conversations/{}/messages", segment(conversation.as_str()))
}

/// `PUT`, `DELETE`: one message of a conversation.
pub fn message(conversation: &ConversationId, id: &MessageId) -> String {
    format!("{}/{}", messages(conversation), segment(id.as_str()))
}

/// `PUT`: the person's reactions to a message.
pub fn reactions(conversation: &ConversationId, id: &MessageId) -> String {
    format!("{}/reactions", message(conversation, id))
}

/// `GET`, `DELETE`: a conversation.
pub fn conversation(conversation: &ConversationId) -> String {
    format!("{CONVERSATIONS}/{}", segment(conversation.as_str()))
}

/// `PUT`: what the person began to write in a conversation.
pub fn draft(conversation: &ConversationId) -> String {
    format!("{CONVERSATIONS}/{}/draft", segment(conversation.as_str()))
}

/// `PUT`: what the person is doing in a conversation.
pub fn chat_state(conversation: &ConversationId) -> String {
    format!("{ROOT}/conversations/{}/chat-state", segment(conversation.as_str()))
}

/// `PUT`: how far the person has read a conversation.
pub fn read(conversation: &ConversationId) -> String {
    format!("{ROOT}/conversations/{}/read", segment(conversation.as_str()))
}

/// `GET`, `POST`: the nodes of a service; `pep` is the person's own account.
pub fn pubsub_nodes(service: &str) -> String {
    format!("{ROOT}/pubsub/{}/nodes", segment(service))
}

/// `GET`, `POST`: the items of a node.
pub fn pubsub_items(service: &str, node: &str) -> String {
    format!("{}/{}/items", pubsub_nodes(service), segment(node))
}

/// `DELETE`: one of them.
pub fn pubsub_item(service: &str, node: &str, id: &str) -> String {
    format!("{}/{}", pubsub_items(service, node), segment(id))
}

/// `DELETE`: a node.
pub fn pubsub_node(service: &str, node: &str) -> String {
    format!("{}/{}", pubsub_nodes(service), segment(node))
}

/// `PUT`: how a node is.
pub fn pubsub_settings(service: &str, node: &str) -> String {
    format!("{}/settings", pubsub_node(service, node))
}

/// `PUT`, `DELETE`: being told what is published to a node.
pub fn pubsub_subscription(service: &str, node: &str) -> String {
    format!("{}/subscription", pubsub_node(service, node))
}

/// `GET`: somebody's avatar. The hash makes the answer cacheable for ever.
pub fn avatar(jid: &BareJid, hash: &AvatarHash) -> String {
    format!("{ROOT}/avatars/{}/{}", segment(jid.as_str()), segment(&hash.0))
}

/// One path segment, percent-encoded (RFC 3986 section 3.3; only unreserved characters and `@` stay).
fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                encoded.push(char::from(byte));
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                encoded.push('%');
                encoded.push(char::from(HEX[usize::from(byte >> 4)]));
                encoded.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_hold_any_jid() {
        for (id, segment) in [
            ("mö?#%2f@example.com", "m%C3%B6%3F%23%252f@example.com"),
            ("den@rooms.example.com/a/b c", "den@rooms.example.com%2Fa%2Fb%20c"),
        ] {
            let id: ConversationId = id.parse().unwrap();
            assert_eq!(messages(&id), format!("/sparkweb/api/v1/conversations/{segment}/messages"));
        }
    }
}
