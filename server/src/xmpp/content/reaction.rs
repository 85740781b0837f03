//! Message Reactions (XEP-0444).

use minidom::Element;
use protocol::{MAX_REACTION_BYTES, MAX_REACTIONS, MessageId};

use super::About;
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;

pub(super) fn read(stanza: &Element) -> Option<About> {
    let reactions = stanza.get_child("reactions", ns::REACTIONS)?;
    let to = reactions.attr("id")?.parse().ok()?;
    let mut emojis: Vec<String> = Vec::new();
    for reaction in reactions.children().filter(|child| child.is("reaction", ns::REACTIONS)) {
        let emoji = reaction.text();
        let emoji = emoji.trim();
        if is_reaction(emoji) && emojis.len() < MAX_REACTIONS && !emojis.iter().any(|known| known == emoji) {
            emojis.push(emoji.to_owned());
        }
    }
    Some(About::React { to, emojis })
}

/// It may be an emoji: whether it is one is for those to know who draw it.
pub fn is_reaction(text: &str) -> bool {
    let is_odd = |letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    !text.is_empty() && text.len() <= MAX_REACTION_BYTES && !text.contains(is_odd)
}

pub(super) fn write(to: &MessageId, emojis: &[String]) -> Element {
    let mut reactions = element("reactions", ns::REACTIONS).with("id", to.as_str());
    for emoji in emojis {
        reactions.append_child(element("reaction", ns::REACTIONS).content(emoji.as_str()));
    }
    reactions
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    fn emojis(reactions: &str) -> Vec<String> {
        let xml = format!(
            "<message><reactions id='m1' xmlns='urn:xmpp:reactions:0'>{reactions}</reactions></message>"
        );
        match read(&parse(&xml)) {
            Some(About::React { to, emojis }) if to.as_str() == "m1" => emojis,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reactions_are_a_set_of_a_bounded_size() {
        // XEP-0444 examples 6 and 7.
        assert_eq!(emojis("<reaction>👋</reaction><reaction>🐢</reaction>"), ["👋", "🐢"]);
        assert_eq!(emojis(""), [""; 0]);
        assert_eq!(emojis("<reaction>👋</reaction><reaction> 👋 </reaction><dance/>"), ["👋"]);
        assert_eq!(emojis("<reaction/><reaction> </reaction><reaction>a b</reaction>"), [""; 0]);
        assert_eq!(emojis("<reaction>👨‍👩‍👧‍👦</reaction>"), ["👨‍👩‍👧‍👦"]);
        assert_eq!(emojis(&format!("<reaction>{}</reaction>", "x".repeat(65))), [""; 0]);
        let many: String = (0..30).map(|n| format!("<reaction>{n}</reaction>")).collect();
        assert_eq!(emojis(&many).len(), 20);
        for bad in
            ["<reactions xmlns='urn:xmpp:reactions:0'/>", "<reactions id='' xmlns='urn:xmpp:reactions:0'/>"]
        {
            assert_eq!(read(&parse(&format!("<message>{bad}</message>"))), None, "{bad}");
        }
    }
}
