//! Messages (RFC 6121 section 5), bare, copied and archived.

use minidom::Element;
use protocol::{ArchiveId, BareJid, ChatState, MessageId, MessageKind};

use super::payload::{fail_reason, stamp};
use super::{Owner, address};
use crate::xmpp::content;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Carbon, Content, IncomingMessage};

/// What a message says, its carbon copy (XEP-0280) unwrapped. `None` for what makes no sense, for an
/// invitation, and for a forged copy.
pub(in crate::xmpp) fn message(stanza: &Element, owner: &Owner) -> Option<IncomingMessage> {
    let wrapper = stanza.children().find(|child| child.has_ns(ns::CARBONS) && child.name() != "private");
    let Some(wrapper) = wrapper else { return plain(stanza, owner) };
    let carbon = match wrapper.name() {
        "sent" => Carbon::Sent,
        "received" => Carbon::Received,
        _ => return None,
    };
    if !owner.is_own_account(stanza.attr("from")) {
        return None;
    }
    let forwarded = wrapper.get_child("forwarded", ns::FORWARD)?;
    let inner = forwarded.get_child("message", ns::CLIENT)?;
    // A copy of a copy is nobody's.
    if inner.children().any(|child| child.has_ns(ns::CARBONS) && child.name() != "private") {
        return None;
    }
    let mut message = plain(inner, owner)?;
    // What is said in a room comes to every client that is in it: nobody copies it.
    if message.kind == MessageKind::Groupchat {
        return None;
    }
    // What the account says it sent, it sent.
    let is_own = message.from.bare() == owner.jid;
    if is_own != (carbon == Carbon::Sent) && message.to.bare() != message.from.bare() {
        return None;
    }
    message.stamp_ms = message.stamp_ms.or_else(|| stamp(forwarded));
    message.carbon = Some(carbon);
    Some(message)
}

/// A carbon copy (XEP-0280 section 11) which is not from the person's own account.
pub(in crate::xmpp) fn is_forged_copy(stanza: &Element, owner: &Owner) -> bool {
    let is_copy = |child: &Element| child.has_ns(ns::CARBONS) && matches!(child.name(), "sent" | "received");
    stanza.children().any(is_copy) && !owner.is_own_account(stanza.attr("from"))
}

/// An archived message (XEP-0313 section 4.2), out of a `<result/>` whose query was ours.
pub(in crate::xmpp) fn archived(result: &Element, owner: &Owner) -> Option<IncomingMessage> {
    let id = result.attr("id")?;
    let forwarded = result.get_child("forwarded", ns::FORWARD)?;
    let mut message = plain(forwarded.get_child("message", ns::CLIENT)?, owner)?;
    // What was said in a room is in that room's archive.
    if message.kind == MessageKind::Groupchat {
        return None;
    }
    message.archive_id = Some(ArchiveId(id.to_owned()));
    message.stamp_ms = stamp(forwarded).or(message.stamp_ms);
    Some(message)
}

/// As [`archived`], out of a room's archive: it knows what was said in that room, and nothing of others.
pub(in crate::xmpp) fn archived_in_room(
    result: &Element,
    owner: &Owner,
    room: &BareJid,
) -> Option<IncomingMessage> {
    let id = result.attr("id")?;
    let forwarded = result.get_child("forwarded", ns::FORWARD)?;
    let mut message = plain(forwarded.get_child("message", ns::CLIENT)?, owner)?;
    if message.kind != MessageKind::Groupchat || message.from.bare() != *room {
        return None;
    }
    message.archive_id = Some(ArchiveId(id.to_owned()));
    message.stamp_ms = stamp(forwarded).or(message.stamp_ms);
    Some(message)
}

fn plain(stanza: &Element, owner: &Owner) -> Option<IncomingMessage> {
    let kind = match stanza.attr("type") {
        Some("chat" | "error") => MessageKind::Chat,
        Some("headline") => MessageKind::Headline,
        Some("groupchat") => MessageKind::Groupchat,
        // RFC 6121 section 5.2.2: unknown means normal.
        _ => MessageKind::Normal,
    };
    let in_room = kind == MessageKind::Groupchat;
    let is_error = stanza.attr("type") == Some("error");
    // Nobody says an invitation; one that comes back, as some servers have it whole, is told of like any message.
    if !in_room && !is_error && super::invitation::is_invitation(stanza) {
        return None;
    }
    // Something that somebody in a room says in private, or is told (XEP-0045 section 7.5).
    let is_private = !in_room && stanza.has_child("x", ns::MUC_USER);
    // A stanza without `from` is from the account (RFC 6120 section 8.1.2.1); one without `to` is for the person.
    let own = || Some(owner.jid.clone().into());
    let from = stanza.attr("from").map_or_else(own, address)?;
    let to = stanza.attr("to").map_or_else(own, address)?;
    let id_of = |child: &Element| child.attr("id").and_then(|id| id.parse::<MessageId>().ok());
    let id = stanza.attr("id").and_then(|id| id.parse().ok());
    // A room gives the ids of its own archive.
    let archive = if in_room { from.bare() } else { owner.jid.clone() };
    let has_body = stanza.has_child("body", ns::CLIENT);
    // An error may carry what came back; nobody said it again.
    let (body, content) =
        if is_error { (None, Content::default()) } else { content::read(stanza, body(stanza)) };
    Some(IncomingMessage {
        origin_id: stanza
            .get_child("origin-id", ns::SID)
            .and_then(id_of)
            .filter(|other| id.as_ref() != Some(other)),
        id,
        kind,
        body,
        content,
        stamp_ms: stamp(stanza),
        archive_id: archive_id(stanza, &archive).filter(|_| in_room || owner.vouches_for_archive_ids),
        chat_state: if is_error { None } else { chat_state(stanza) },
        wants_receipt: !is_error && !in_room && stanza.has_child("request", ns::RECEIPTS),
        receipt_for: stanza.get_child("received", ns::RECEIPTS).and_then(id_of),
        markable: !is_error && stanza.has_child("markable", ns::CHAT_MARKERS),
        displayed: stanza.get_child("displayed", ns::CHAT_MARKERS).and_then(id_of),
        error: is_error.then(|| fail_reason(stanza)),
        carbon: None,
        room: match (in_room, is_private) {
            (true, _) => Some(super::room::part(stanza, has_body)),
            (false, true) => Some(super::room::private_part(stanza)),
            (false, false) => None,
        },
        from,
        to,
    })
}

/// The text: the one without a language where there are several (RFC 6121 section 5.2.3), else the first.
fn body(stanza: &Element) -> Option<String> {
    let bodies = || stanza.children().filter(|child| child.is("body", ns::CLIENT));
    let unmarked =
        bodies().find(|body| body.attr_ns("http://www.w3.org/XML/1998/namespace", "lang").is_none());
    unmarked.or_else(|| bodies().next()).map(Element::text).filter(|text| !text.is_empty())
}

/// The id in an archive, which only that archive gives. Whether it takes forged ones out is another question: the
/// person's own server is known here, a room to whoever keeps the rooms.
fn archive_id(stanza: &Element, archive: &BareJid) -> Option<ArchiveId> {
    let mut ids = stanza.children().filter(|child| {
        child.is("stanza-id", ns::SID)
            && child.attr("by").and_then(address).is_some_and(|by| by.as_str() == archive.as_str())
    });
    let id = ids.next()?.attr("id")?;
    // A server leaves one; of two, one is a stranger's.
    if ids.next().is_some() { None } else { Some(ArchiveId(id.to_owned())) }
}

fn chat_state(stanza: &Element) -> Option<ChatState> {
    match stanza.children().find(|child| child.has_ns(ns::CHATSTATES))?.name() {
        "active" => Some(ChatState::Active),
        "composing" => Some(ChatState::Composing),
        "paused" => Some(ChatState::Paused),
        "inactive" => Some(ChatState::Inactive),
        "gone" => Some(ChatState::Gone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::tests::{juliet, parse};
    use super::*;

    /// A message on one line, with what it doesn't say left out.
    fn show(message: Option<&IncomingMessage>) -> String {
        let Some(m) = message else { return "nothing".to_owned() };
        let mut line = format!("{} > {} {:?}", m.from, m.to, m.kind);
        let mut say = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                line.push_str(&format!(" {name}={value}"));
            }
        };
        say("id", m.id.as_ref().map(ToString::to_string));
        say("body", m.body.as_ref().map(|body| format!("{body:?}")));
        say("stamp", m.stamp_ms.map(|ms| ms.to_string()));
        say("archive", m.archive_id.as_ref().map(|id| id.0.clone()));
        say("state", m.chat_state.map(|state| format!("{state:?}")));
        say("receipt", m.receipt_for.as_ref().map(ToString::to_string));
        say("displayed", m.displayed.as_ref().map(ToString::to_string));
        say("error", m.error.map(|reason| format!("{reason:?}")));
        say("carbon", m.carbon.map(|carbon| format!("{carbon:?}")));
        say("room", m.room.as_ref().map(|room| format!("{room:?}")));
        say("wants", (m.wants_receipt || m.markable).then(|| format!("{}{}", m.wants_receipt, m.markable)));
        line
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(xml: &str, expected: Expect) {
        expected.assert_eq(&show(message(&parse(xml), &juliet()).as_ref()));
    }

    #[test]
    fn what_a_message_says() {
        check(
            "<message from='romeo@spark.test/orchard' to='juliet@spark.test' type='chat' id='m1'><body>hi\n&lt;b&gt; ]]&gt;&#13;</body>\
             <active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='a1'/><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/></message>",
            expect![[
                r#"romeo@spark.test/orchard > juliet@spark.test Chat id=m1 body="hi\n<b> ]]>\r" stamp=1000 archive=a1 state=Active wants=truetrue"#
            ]],
        );
        check(
            "<message from='romeo@spark.test/x'><body xml:lang='de'>hallo</body><body>hello</body></message>",
            expect![[r#"romeo@spark.test/x > juliet@spark.test Normal body="hello""#]],
        );
        check(
            "<message from='romeo@spark.test' type='error' id='m1'><body>hi</body><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
            expect!["romeo@spark.test > juliet@spark.test Chat id=m1 error=NotFound"],
        );
        check(
            "<message from='romeo@spark.test' type='chat'><received xmlns='urn:xmpp:receipts' id='m0'/><displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/></message>",
            expect!["romeo@spark.test > juliet@spark.test Chat receipt=m0 displayed=m0"],
        );
        check(
            "<message from='room@rooms/nick' type='groupchat' id='m1'><body>hi</body><subject>no</subject><request xmlns='urn:xmpp:receipts'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='room@rooms' id='r1'/><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='a1'/>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/><origin-id xmlns='urn:xmpp:sid:0' id='m0'/></message>",
            expect![[
                r#"room@rooms/nick > juliet@spark.test Groupchat id=m1 body="hi" archive=r1 room=RoomPart { occupant_id: Some(OccupantId("o1")), jid: None, subject: None, moderated: None, is_reconfigured: false }"#
            ]],
        );
        check(
            "<message from='room@rooms' type='groupchat'><subject> Spells </subject></message>",
            expect![[
                r#"room@rooms > juliet@spark.test Groupchat room=RoomPart { occupant_id: None, jid: None, subject: Some("Spells"), moderated: None, is_reconfigured: false }"#
            ]],
        );
        check(
            "<message from='room@rooms' type='groupchat'><x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>",
            expect![
                "room@rooms > juliet@spark.test Groupchat room=RoomPart { occupant_id: None, jid: None, subject: None, moderated: None, is_reconfigured: true }"
            ],
        );
        check(
            "<message from='room@rooms/nick' type='chat'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'><item jid='a@b'/></x>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/></message>",
            expect![[
                r#"room@rooms/nick > juliet@spark.test Chat body="psst" room=RoomPart { occupant_id: Some(OccupantId("o1")), jid: None, subject: None, moderated: None, is_reconfigured: false }"#
            ]],
        );
        check(
            "<message from='room@rooms' type='normal'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x></message>",
            expect!["nothing"],
        );
        check(
            "<message from='a@b' type='error' id='i1'><x xmlns='jabber:x:conference' jid='room@rooms'/><error type='cancel'>\
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
            expect!["a@b > juliet@spark.test Chat id=i1 error=NotFound"],
        );
        check("<message from='@' type='chat'><body>hi</body></message>", expect!["nothing"]);
    }

    #[test]
    fn an_archive_id_counts_from_the_own_archive_alone() {
        let with = |ids: &str| {
            format!("<message from='romeo@spark.test/x' type='chat'><body>hi</body>{ids}</message>")
        };
        let id = |by: &str, id: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/>");
        let archive =
            |xml: String, owner: &Owner| message(&parse(&xml), owner).unwrap().archive_id.map(|id| id.0);
        let own = id("juliet@spark.test", "a1");
        assert_eq!(archive(with(&own), &juliet()).as_deref(), Some("a1"));
        assert_eq!(archive(with(&id("romeo@spark.test", "a1")), &juliet()), None);
        assert_eq!(archive(with(&id("juliet@spark.test/x", "a1")), &juliet()), None);
        assert_eq!(archive(with(&format!("{own}{}", id("juliet@spark.test", "a2"))), &juliet()), None);
        let unsure = Owner { vouches_for_archive_ids: false, ..juliet() };
        assert_eq!(archive(with(&own), &unsure), None);
    }

    fn carbon(from: &str, direction: &str, inner: &str) -> String {
        format!(
            "<message {from}><{direction} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{direction}></message>"
        )
    }

    #[test]
    fn copies_count_from_the_own_account_alone() {
        let sent = "<message xmlns='jabber:client' from='juliet@spark.test/phone' to='romeo@spark.test' type='chat' id='m1'><body>hi</body></message>";
        let received = "<message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test/phone' type='chat'><body>ho</body></message>";
        check(
            &carbon("from='juliet@spark.test'", "sent", sent),
            expect![[r#"juliet@spark.test/phone > romeo@spark.test Chat id=m1 body="hi" carbon=Sent"#]],
        );
        check(
            &carbon("", "received", received),
            expect![[r#"romeo@spark.test/x > juliet@spark.test/phone Chat body="ho" carbon=Received"#]],
        );
        for from in ["romeo@spark.test", "romeo@spark.test/x", "juliet@spark.test/phone", "spark.test", "@"] {
            let forged = carbon(&format!("from='{from}'"), "sent", sent);
            check(&forged, expect!["nothing"]);
            assert!(is_forged_copy(&parse(&forged), &juliet()), "{from}");
        }
        for honest in [carbon("", "sent", received), sent.to_owned()] {
            assert!(!is_forged_copy(&parse(&honest), &juliet()), "{honest}");
        }
        // The account does not send in others' names, and gets nothing from itself by way of others.
        check(&carbon("", "sent", received), expect!["nothing"]);
        check(&carbon("", "received", sent), expect!["nothing"]);
        check(
            &carbon("", "received", &carbon("xmlns='jabber:client'", "received", received)),
            expect!["nothing"],
        );
        check(&carbon("", "dance", sent), expect!["nothing"]);
    }

    #[test]
    fn archived_messages_have_the_archives_id_and_stamp() {
        let result = parse(
            "<result xmlns='urn:xmpp:mam:2' queryid='q' id='a7'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:02Z'/>\
             <message xmlns='jabber:client' from='romeo@spark.test/x' to='juliet@spark.test' type='chat' id='m1'><body>hi</body>\
             <delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/></message></forwarded></result>",
        );
        assert_eq!(
            show(archived(&result, &juliet()).as_ref()),
            r#"romeo@spark.test/x > juliet@spark.test Chat id=m1 body="hi" stamp=2000 archive=a7"#
        );
    }
}
