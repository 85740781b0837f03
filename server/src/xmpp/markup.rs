//! XML that somebody hands to the gateway: one element, measured before a tree is made of it.
//!
//! A tree of elements nested by the thousand would overflow the stack when it is dropped, so that depth is counted first,
//! by a reader that makes no tree.

use minidom::Element;
use xso::exports::rxml::{Event, Namespace, Reader};

use super::namespaces as ns;
use super::read::address;

/// The most bytes.
const MAX_BYTES: usize = protocol::MAX_PUBSUB_ITEM_BYTES;
/// How deep elements may be in each other.
const MAX_DEPTH: usize = 32;
/// The most elements.
const MAX_ELEMENTS: usize = 2000;

/// An element of somebody's, whole and within bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Markup(Element);

/// Why a text is no such element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkupError {
    /// It is too large, too deep, or of too many parts.
    #[error("the XML is too large: 64 KiB, 32 levels and 2,000 elements are the most")]
    TooLarge,
    /// It is not one well-formed element.
    #[error("this is not one well-formed XML element")]
    Malformed,
    /// It is an element for which there is no use here.
    #[error("the element must be a message, a presence or an iq of the namespace jabber:client")]
    NotAStanza,
    /// Where it is to go is no address: a server may end the stream over it (RFC 6120 section 4.9.3.7).
    #[error("where the stanza is to go is no address")]
    NoAddress,
}

impl Markup {
    /// Reads an element; one without a namespace is of `jabber:client`.
    ///
    /// # Errors
    /// [`MarkupError`].
    pub fn parse(text: &str) -> Result<Self, MarkupError> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return Err(MarkupError::TooLarge);
        }
        measure(text.as_bytes())?;
        // What has no namespace of its own takes that of what is around it.
        let wrapped: Element = format!("<stream xmlns='{}'>{text}</stream>", ns::CLIENT)
            .parse()
            .map_err(|_| MarkupError::Malformed)?;
        let mut children = wrapped.children();
        match (children.next(), children.next()) {
            (Some(element), None) if wrapped.text().trim().is_empty() => Ok(Markup(element.clone())),
            _ => Err(MarkupError::Malformed),
        }
    }

    pub(super) fn element(&self) -> &Element {
        &self.0
    }

    pub(super) fn into_element(self) -> Element {
        self.0
    }
}

fn measure(bytes: &[u8]) -> Result<(), MarkupError> {
    let mut reader = Reader::new(bytes);
    let (mut depth, mut elements) = (0_usize, 0_usize);
    loop {
        match reader.read() {
            Ok(Some(Event::StartElement(..))) => {
                depth += 1;
                elements += 1;
                if depth > MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err(MarkupError::TooLarge);
                }
            }
            Ok(Some(Event::EndElement(_))) => depth = depth.saturating_sub(1),
            Ok(Some(Event::Text(..))) => {}
            // A declaration is for whole documents.
            Ok(Some(Event::XmlDeclaration(..))) | Err(_) => return Err(MarkupError::Malformed),
            Ok(None) => return Ok(()),
        }
    }
}

/// A stanza of somebody's own making.
#[derive(Debug, Clone, PartialEq)]
pub struct RawStanza(Element);

impl RawStanza {
    /// Takes an element as a stanza. Who sends it is for the server to say: `from` is taken off.
    ///
    /// # Errors
    /// [`MarkupError::NotAStanza`], [`MarkupError::NoAddress`].
    pub fn new(markup: Markup) -> Result<Self, MarkupError> {
        let mut element = markup.into_element();
        let is_stanza = element.has_ns(ns::CLIENT)
            && match element.name() {
                "message" | "presence" => true,
                "iq" => {
                    matches!(element.attr("type"), Some("get" | "set")) && element.children().count() == 1
                }
                _ => false,
            };
        if !is_stanza {
            return Err(MarkupError::NotAStanza);
        }
        if element.attr("to").is_some_and(|to| address(to).is_none()) {
            return Err(MarkupError::NoAddress);
        }
        element.attrs_mut().remove(&Namespace::NONE, "from");
        Ok(RawStanza(element))
    }

    /// It is a question, to which there is an answer.
    pub fn is_question(&self) -> bool {
        self.0.name() == "iq"
    }

    pub(super) fn element(&self) -> &Element {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_measured_before_it_is_taken() {
        for (text, expected) in [
            ("<a xmlns='urn:x'><b/>text</a>".to_owned(), Ok(())),
            ("  <a/>\n".to_owned(), Ok(())),
            ("<a>".repeat(32) + &"</a>".repeat(32), Ok(())),
            ("<a>".repeat(33) + &"</a>".repeat(33), Err(MarkupError::TooLarge)),
            ("<a>".repeat(20_000), Err(MarkupError::TooLarge)),
            (format!("<a>{}</a>", "<b/>".repeat(2000)), Err(MarkupError::TooLarge)),
            (format!("<a>{}</a>", "x".repeat(65_536)), Err(MarkupError::TooLarge)),
            (format!("<a b='{}'/>", "x".repeat(10_000)), Err(MarkupError::Malformed)),
            (String::new(), Err(MarkupError::Malformed)),
            ("text".to_owned(), Err(MarkupError::Malformed)),
            ("<a/><b/>".to_owned(), Err(MarkupError::Malformed)),
            ("<a/>text".to_owned(), Err(MarkupError::Malformed)),
            ("<a>".to_owned(), Err(MarkupError::Malformed)),
            ("</stream><a/><stream>".to_owned(), Err(MarkupError::Malformed)),
            ("<?xml version='1.0'?><a/>".to_owned(), Err(MarkupError::Malformed)),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".to_owned(), Err(MarkupError::Malformed)),
            ("<!-- a --><a/>".to_owned(), Err(MarkupError::Malformed)),
            ("<a:b/>".to_owned(), Err(MarkupError::Malformed)),
        ] {
            let shown: String = text.chars().take(60).collect();
            assert_eq!(Markup::parse(&text).map(|_| ()), expected, "{shown}");
        }
    }

    #[test]
    fn a_stanza_is_one_of_three_and_says_not_from_whom() {
        for (text, expected) in [
            (
                "<message to='a@b' from='c@d'><body>hi</body></message>",
                Some("<message xmlns='jabber:client' to='a@b'><body>hi</body></message>"),
            ),
            ("<presence/>", Some("<presence xmlns='jabber:client'/>")),
            (
                "<iq xmlns='jabber:client' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
                Some("<iq xmlns='jabber:client' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"),
            ),
            ("<iq type='result'/>", None),
            ("<iq type='get'/>", None),
            ("<iq type='get'><a/><b/></iq>", None),
            ("<message xmlns='urn:x'/>", None),
            ("<r xmlns='urn:xmpp:sm:3'/>", None),
            ("<stream/>", None),
            ("<message to='a@'/>", None),
            ("<presence to=''/>", None),
            ("<iq type='get' to='a b@c'><ping xmlns='urn:xmpp:ping'/></iq>", None),
        ] {
            let stanza = RawStanza::new(Markup::parse(text).unwrap());
            assert_eq!(stanza.ok().map(|stanza| String::from(&stanza.0)).as_deref(), expected, "{text}");
        }
    }
}
