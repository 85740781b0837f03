//! Message Replies (XEP-0461).

use minidom::Element;
use protocol::{Jid, ReplyTo};

use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;

/// The most code points of the text that is answered which older clients get to see.
const MAX_QUOTE: usize = 500;

pub(super) fn read(stanza: &Element) -> Option<ReplyTo> {
    let reply = stanza.get_child("reply", ns::REPLY)?;
    let id = reply.attr("id")?.parse().ok()?;
    Some(ReplyTo { id, from: reply.attr("to").and_then(address) })
}

pub(super) fn write(reply_to: &ReplyTo) -> Element {
    element("reply", ns::REPLY)
        .with("id", reply_to.id.as_str())
        .with_some("to", reply_to.from.as_ref().map(Jid::as_str))
}

/// The text that is answered as older clients quote it; the answer follows on a line of its own.
pub(super) fn fallback(quote: &str) -> String {
    let mut text = String::new();
    let short: String = quote.chars().take(MAX_QUOTE).collect();
    for line in short.lines() {
        text.push_str("> ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    #[test]
    fn a_reply_names_what_it_answers() {
        // XEP-0461 example 3.
        let stanza = parse(
            "<message to='anna@example.com' id='message-id2' type='chat'><body>Great idea!</body>\
             <reply to='anna@example.com/tablet' id='message-id1' xmlns='urn:xmpp:reply:0'/></message>",
        );
        let reply_to = read(&stanza).unwrap();
        assert_eq!(reply_to.id.as_str(), "message-id1");
        assert_eq!(reply_to.from.unwrap().as_str(), "anna@example.com/tablet");
        let bare =
            read(&parse("<message><reply to='@' id='m1' xmlns='urn:xmpp:reply:0'/></message>")).unwrap();
        assert_eq!(bare, ReplyTo { id: "m1".parse().unwrap(), from: None });
        assert_eq!(read(&parse("<message><reply to='a@b' xmlns='urn:xmpp:reply:0'/></message>")), None);
    }

    #[test]
    fn older_clients_get_a_quote() {
        assert_eq!(fallback("We should\n\nbake"), "> We should\n> \n> bake\n");
        assert_eq!(fallback(""), "");
        assert_eq!(fallback(&"é".repeat(600)).chars().count(), 503);
    }
}
