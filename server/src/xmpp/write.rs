//! From what is to be said to the stanza that says it.

mod room;

use chrono::{DateTime, Datelike, SecondsFormat};
use minidom::Element;
use protocol::{Availability, AvatarHash, BareJid, ChatState, TimestampMs};

use super::content;
use super::disco;
use super::element::{Build, element};
use super::namespaces as ns;
use super::{OutgoingMessage, SubscriptionChange};

pub(super) use room::{in_room, invitation, join, leave};

/// A message (RFC 6121 section 5).
pub(super) fn message(message: &OutgoingMessage) -> Element {
    let mut stanza = element("message", ns::CLIENT)
        .with("to", message.to.as_str())
        .with("type", if message.in_room { "groupchat" } else { "chat" })
        .with("id", message.id.as_str());
    let (text, elements) =
        content::write(message.body.as_deref(), &message.content, message.quote.as_deref());
    if let Some(text) = text {
        stanza.append_child(element("body", ns::CLIENT).content(text));
    }
    if message.is_private {
        // By it a server and the person's other clients know what it is (XEP-0045 section 7.5).
        stanza.append_child(element("x", ns::MUC_USER));
    }
    if message.is_missed() {
        stanza.append_child(element("origin-id", ns::SID).with("id", message.id.as_str()));
    }
    if message.body.is_some() {
        // Everybody in a room answering everybody is a flood (XEP-0184 section 5.3).
        if !message.in_room {
            stanza.append_child(element("request", ns::RECEIPTS));
        }
        stanza.append_child(element("markable", ns::CHAT_MARKERS));
    }
    for element in elements {
        stanza.append_child(element);
    }
    if let Some(subject) = &message.subject {
        stanza.append_child(element("subject", ns::CLIENT).content(subject.as_str()));
    }
    if let Some(id) = &message.receipt_for {
        stanza.append_child(element("received", ns::RECEIPTS).with("id", id.as_str()));
    }
    if let Some(id) = &message.displayed {
        stanza.append_child(element("displayed", ns::CHAT_MARKERS).with("id", id.as_str()));
    }
    if let Some(state) = message.chat_state {
        stanza.append_child(element(chat_state(state), ns::CHATSTATES));
    }
    let is_of_the_moment = message.subject.is_none()
        && !message.is_missed()
        && message.receipt_for.is_none()
        && message.displayed.is_none();
    if is_of_the_moment {
        // Typing is of this moment: nobody should find it in an archive (XEP-0085 section 5.1, XEP-0334).
        stanza.append_child(element("no-store", ns::HINTS));
    } else if message.body.is_none() {
        // Receipts and marks are worth keeping: they are how other clients learn what was read. Reactions and
        // retractions are part of what was said (XEP-0444 section 4, XEP-0424 section 4).
        stanza.append_child(element("store", ns::HINTS));
    }
    if let Some(stamp) = message.first_sent_at_ms.and_then(date_time) {
        stanza.append_child(element("delay", ns::DELAY).with("stamp", stamp));
    }
    stanza
}

/// The element names of XEP-0085 section 4.
fn chat_state(state: ChatState) -> &'static str {
    match state {
        ChatState::Active => "active",
        ChatState::Composing => "composing",
        ChatState::Paused => "paused",
        ChatState::Inactive => "inactive",
        ChatState::Gone => "gone",
    }
}

/// Adds what we can do to a presence that says that somebody is there.
pub(super) fn announcing(mut presence: Element, announced: &disco::Announced) -> Element {
    if presence.is("presence", ns::CLIENT) && presence.attr("type").is_none() {
        for capabilities in announced.capabilities() {
            presence.append_child(capabilities);
        }
    }
    presence
}

/// The person's presence (RFC 6121 section 4.7), to which [`announcing`] adds what we can do.
pub(super) fn presence(availability: Availability, status: Option<&str>) -> Element {
    let mut stanza = element("presence", ns::CLIENT);
    let show = match availability {
        Availability::Offline => {
            stanza = stanza.with("type", "unavailable");
            None
        }
        Availability::Available => None,
        Availability::Chat => Some("chat"),
        Availability::Away => Some("away"),
        Availability::ExtendedAway => Some("xa"),
        Availability::DoNotDisturb => Some("dnd"),
    };
    if let Some(show) = show {
        stanza.append_child(element("show", ns::CLIENT).content(show));
    }
    if let Some(status) = status {
        stanza.append_child(element("status", ns::CLIENT).content(status));
    }
    stanza
}

/// With the hash of the person's picture, or without one (XEP-0153 section 3.1).
pub(super) fn with_photo(presence: Element, photo: Option<&Option<AvatarHash>>) -> Element {
    let Some(hash) = photo else { return presence };
    let photo = element("photo", ns::VCARD_UPDATE);
    let photo = match hash {
        Some(hash) => photo.content(hash.0.as_str()),
        None => photo,
    };
    presence.child(element("x", ns::VCARD_UPDATE).child(photo))
}

/// A word about who sees whose presence (RFC 6121 section 3).
pub(super) fn subscription(to: &BareJid, change: SubscriptionChange, name: Option<&str>) -> Element {
    let kind = match change {
        SubscriptionChange::Subscribe => "subscribe",
        SubscriptionChange::Subscribed => "subscribed",
        SubscriptionChange::Unsubscribe => "unsubscribe",
        SubscriptionChange::Unsubscribed => "unsubscribed",
    };
    let stanza = element("presence", ns::CLIENT).with("to", to.as_str()).with("type", kind);
    match name {
        Some(name) => stanza.child(element("nick", ns::NICK).content(name)),
        None => stanza,
    }
}

/// What the person's own account can do (XEP-0030).
pub(super) fn account_info(jid: &str, id: &str) -> Element {
    iq("get", id).with("to", jid).child(element("query", ns::DISCO_INFO))
}

/// Are you there (XEP-0199)?
pub(super) fn ping(id: &str) -> Element {
    iq("get", id).child(element("ping", ns::PING))
}

/// The answer to somebody's question.
pub(super) fn result(to: Option<&str>, id: &str, payload: Option<Element>) -> Element {
    let stanza = iq("result", id).with_some("to", to);
    match payload {
        Some(payload) => stanza.child(payload),
        None => stanza,
    }
}

/// No, and why (RFC 6120 section 8.3).
pub(super) fn error(to: Option<&str>, id: &str, kind: &str, condition: &str) -> Element {
    let error = element("error", ns::CLIENT).with("type", kind).child(element(condition, ns::XMPP_STANZAS));
    iq("error", id).with_some("to", to).child(error)
}

fn iq(kind: &str, id: &str) -> Element {
    element("iq", ns::CLIENT).with("type", kind).with("id", id)
}

/// A field of a data form (XEP-0004 section 3.2).
pub(super) fn field(name: &str, kind: Option<&str>, value: &str) -> Element {
    element("field", ns::DATA_FORMS)
        .with("var", name)
        .with_some("type", kind)
        .child(element("value", ns::DATA_FORMS).content(value))
}

/// An instant as XEP-0082 writes it, for the years that it can write.
pub(super) fn date_time(ms: TimestampMs) -> Option<String> {
    let instant =
        DateTime::from_timestamp_millis(ms).filter(|instant| (0..=9999).contains(&instant.year()))?;
    Some(instant.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::xmpp::{About, Content};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(element: Element, expected: Expect) {
        expected.assert_eq(&String::from(&element));
    }

    fn bare(id: &str) -> OutgoingMessage {
        OutgoingMessage {
            to: "romeo@spark.test".parse().unwrap(),
            id: id.parse().unwrap(),
            body: None,
            in_room: false,
            is_private: false,
            subject: None,
            chat_state: None,
            receipt_for: None,
            displayed: None,
            content: Content::default(),
            quote: None,
            first_sent_at_ms: None,
        }
    }

    #[test]
    fn messages() {
        check(
            message(&OutgoingMessage {
                body: Some("<b>&\"'\n\r]]>".to_owned()),
                chat_state: Some(ChatState::Active),
                first_sent_at_ms: Some(1_767_225_600_123),
                ..bare("m1")
            }),
            expect![[r#"
                <message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>&lt;b&gt;&amp;"'
                &#xd;]]&gt;</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><active xmlns='http://jabber.org/protocol/chatstates'/><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00.123Z'/></message>"#]],
        );
        check(
            message(&OutgoingMessage { chat_state: Some(ChatState::Composing), ..bare("m2") }),
            expect![
                "<message xmlns='jabber:client' id='m2' to='romeo@spark.test' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/><no-store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
        check(
            message(&OutgoingMessage { receipt_for: "m0".parse().ok(), ..bare("m3") }),
            expect![
                "<message xmlns='jabber:client' id='m3' to='romeo@spark.test' type='chat'><received xmlns='urn:xmpp:receipts' id='m0'/><store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
        check(
            message(&OutgoingMessage { in_room: true, body: Some("hi".to_owned()), ..bare("m5") }),
            expect![
                "<message xmlns='jabber:client' id='m5' to='romeo@spark.test' type='groupchat'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='m5'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>"
            ],
        );
        check(
            message(&OutgoingMessage { in_room: true, subject: Some(String::new()), ..bare("m6") }),
            expect![
                "<message xmlns='jabber:client' id='m6' to='romeo@spark.test' type='groupchat'><subject></subject><store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
        let to = "den@rooms.spark.test/wolf".parse().unwrap();
        check(
            message(&OutgoingMessage { to, is_private: true, body: Some("hi".to_owned()), ..bare("m7") }),
            expect![
                "<message xmlns='jabber:client' id='m7' to='den@rooms.spark.test/wolf' type='chat'><body>hi</body><x xmlns='http://jabber.org/protocol/muc#user'/><origin-id xmlns='urn:xmpp:sid:0' id='m7'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>"
            ],
        );
        check(
            message(&OutgoingMessage { displayed: "m0".parse().ok(), ..bare("m4") }),
            expect![
                "<message xmlns='jabber:client' id='m4' to='romeo@spark.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/><store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
    }

    #[test]
    fn what_a_message_carries() {
        let id = |text: &str| text.parse::<protocol::MessageId>().unwrap();
        let with = |about| OutgoingMessage { content: Content { about, ..Content::default() }, ..bare("m1") };
        check(
            message(&OutgoingMessage {
                body: Some("hello".to_owned()),
                ..with(Some(About::Correct(id("m0"))))
            }),
            expect![
                "<message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>hello</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><replace xmlns='urn:xmpp:message-correct:0' id='m0'/></message>"
            ],
        );
        check(
            message(&with(Some(About::Retract(id("m0"))))),
            expect![
                "<message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>I have taken back an earlier message. Your client can't hide it.</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><retract xmlns='urn:xmpp:message-retract:1' id='m0'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'><body/></fallback><store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
        let emojis = vec!["👋".to_owned(), "🐢".to_owned()];
        check(
            message(&with(Some(About::React { to: id("m0"), emojis }))),
            expect![
                "<message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>👋</reaction><reaction>🐢</reaction></reactions><store xmlns='urn:xmpp:hints'/></message>"
            ],
        );
        let file = protocol::File {
            url: "https://x.test/a.png".to_owned(),
            name: Some("a.png".to_owned()),
            media_type: Some("image/png".to_owned()),
            size_bytes: Some(5),
            width: Some(2),
            height: Some(3),
            description: None,
            hashes: vec![],
        };
        let files = Content { files: vec![file], ..Content::default() };
        let body = Some("*as it is*".to_owned());
        check(
            message(&OutgoingMessage {
                body,
                content: Content { unstyled: true, ..Content::default() },
                ..bare("m1")
            }),
            expect![
                "<message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>*as it is*</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><unstyled xmlns='urn:xmpp:styling:0'/></message>"
            ],
        );
        let body = Some(String::new());
        check(
            message(&OutgoingMessage { body, content: files, ..bare("m1") }),
            expect![
                "<message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>https://x.test/a.png</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type><name>a.png</name><size>5</size><dimensions>2x3</dimensions></file><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://x.test/a.png'/></sources></file-sharing><x xmlns='jabber:x:oob'><url>https://x.test/a.png</url></x><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback></message>"
            ],
        );
        let mention =
            protocol::Mention { jid: "romeo@spark.test".parse().unwrap(), begin: Some(0), end: Some(5) };
        let reply_to = protocol::ReplyTo { id: id("m0"), from: "romeo@spark.test/x".parse().ok() };
        check(
            message(&OutgoingMessage {
                body: Some("Romeo: yes".to_owned()),
                quote: Some("Is it 🙂?".to_owned()),
                content: Content { reply_to: Some(reply_to), mentions: vec![mention], ..Content::default() },
                ..bare("m1")
            }),
            expect![[r#"
                <message xmlns='jabber:client' id='m1' to='romeo@spark.test' type='chat'><body>&gt; Is it 🙂?
                Romeo: yes</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><reply xmlns='urn:xmpp:reply:0' id='m0' to='romeo@spark.test/x'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body end='11' start='0'/></fallback><reference xmlns='urn:xmpp:reference:0' begin='11' end='16' type='mention' uri='xmpp:romeo@spark.test'/></message>"#]],
        );
    }

    #[test]
    fn presences() {
        // Which features we have is not what this is about: their hash is left out.
        let announced = disco::announced(true);
        let there = presence(Availability::DoNotDisturb, Some("busy"));
        let text = String::from(&announcing(there, announced));
        let [old, new] = announced.capabilities();
        let new = new.children().next().unwrap().text();
        let text = text.replace(&new, "…");
        let hash = old.attr("ver").unwrap().to_owned();
        assert_eq!(
            text.replace(&hash, "…"),
            "<presence xmlns='jabber:client'><show>dnd</show><status>busy</status><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:sparkweb:client' ver='…'/><c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>…</hash></c></presence>"
        );
        check(
            announcing(presence(Availability::Offline, None), announced),
            expect!["<presence xmlns='jabber:client' type='unavailable'/>"],
        );
    }

    #[test]
    fn pictures() {
        let bare = element("presence", ns::CLIENT);
        check(with_photo(bare.clone(), None), expect!["<presence xmlns='jabber:client'/>"]);
        check(
            with_photo(bare.clone(), Some(&None)),
            expect!["<presence xmlns='jabber:client'><x xmlns='vcard-temp:x:update'><photo/></x></presence>"],
        );
        check(
            with_photo(bare, Some(&Some(AvatarHash("ab".to_owned())))),
            expect![
                "<presence xmlns='jabber:client'><x xmlns='vcard-temp:x:update'><photo>ab</photo></x></presence>"
            ],
        );
    }

    #[test]
    fn subscriptions() {
        let nurse: BareJid = "nurse@spark.test".parse().unwrap();
        check(
            subscription(&nurse, SubscriptionChange::Subscribe, Some("Juliet & co")),
            expect![
                "<presence xmlns='jabber:client' to='nurse@spark.test' type='subscribe'><nick xmlns='http://jabber.org/protocol/nick'>Juliet &amp; co</nick></presence>"
            ],
        );
        for (change, kind) in [
            (SubscriptionChange::Subscribed, "subscribed"),
            (SubscriptionChange::Unsubscribe, "unsubscribe"),
            (SubscriptionChange::Unsubscribed, "unsubscribed"),
        ] {
            let expected = format!("<presence xmlns='jabber:client' to='nurse@spark.test' type='{kind}'/>");
            assert_eq!(String::from(&subscription(&nurse, change, None)), expected);
        }
    }

    #[test]
    fn refusals() {
        check(
            error(Some("x@y"), "i4", "cancel", "service-unavailable"),
            expect![
                "<iq xmlns='jabber:client' id='i4' to='x@y' type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ],
        );
    }

    #[test]
    fn dates() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(date_time(ms).as_deref(), Some(text));
        }
        assert_eq!(date_time(i64::MAX), None);
    }
}
