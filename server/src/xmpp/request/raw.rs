//! A question of somebody's own making.

use minidom::Element;
use protocol::Jid;

use super::{Kind, Question};
use crate::xmpp::markup::RawStanza;
use crate::xmpp::read::address;
use crate::xmpp::{Answer, RequestError};

/// A question as somebody wrote it. Answer: `Raw`.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRaw {
    /// The iq; its id is replaced by one that nobody can guess.
    pub stanza: RawStanza,
}

impl Question for AskRaw {
    fn to(&self) -> Option<Jid> {
        self.stanza.element().attr("to").and_then(address)
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let iq = self.stanza.element();
        let kind = if iq.attr("type") == Some("set") { Kind::Set } else { Kind::Get };
        // A stanza of this kind has one child, or it would be none.
        (kind, iq.children().next().cloned().unwrap_or_else(|| Element::bare("none", "")))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Raw(String::from(iq)))
    }

    /// Who asks by themselves reads refusals by themselves.
    fn refusal(&self, iq: &Element) -> Result<Answer, RequestError> {
        self.read(iq)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::check_stanza;
    use super::*;
    use crate::xmpp::markup::Markup;

    #[test]
    fn a_question_is_put_as_it_is() {
        let markup = Markup::parse(
            "<iq to='Spark.test' from='juliet@spark.test' id='mine' type='get'><query xmlns='jabber:iq:version'/></iq>",
        );
        let stanza = RawStanza::new(markup.unwrap()).unwrap();
        let question = AskRaw { stanza };
        check_stanza(
            Request::AskRaw(question.clone()),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='spark.test' type='get'><query xmlns='jabber:iq:version'/></iq>"
            ],
        );
        let refusal = crate::xmpp::read::tests::parse("<iq type='error' id='q1'><error/></iq>");
        assert!(matches!(question.refusal(&refusal), Ok(Answer::Raw(text)) if text.contains("error")));
    }
}
