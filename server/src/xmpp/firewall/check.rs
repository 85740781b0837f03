//! Whether the parser takes an element: it is asked.
//!
//! A parser of the same kind reads the element for a trial. It builds no tree, so that nothing in the element can hurt
//! it, and what it takes is what the parser of the stream takes: the two can't differ over what is one element.

use xso::exports::rxml::{Event, Parse, Parser, QName, error::EndOrError};

/// Read behind an element: what is left of that in the parser comes out before this.
const NEXT: &[u8] = b"<next/>";

/// A parser that has read the header of a stream, for the elements behind it, one after another.
#[derive(Debug)]
pub(super) struct Trial {
    parser: Parser,
    depth: usize,
    /// The elements of the stream since it was asked the last time.
    names: Vec<QName>,
}

impl Trial {
    /// Behind this header, if it is one.
    pub(super) fn behind(header: &[u8]) -> Option<Self> {
        let mut trial = Trial { parser: Parser::default(), depth: 0, names: Vec::new() };
        trial.read(header)?;
        (trial.depth == 1).then_some(trial)
    }

    /// The name of the element if it is one whole element, and would be taken where the stream is. After anything else
    /// the stream is nowhere any more, and this has to be thrown away.
    pub(super) fn element(&mut self, element: &[u8]) -> Option<QName> {
        self.read(element)?;
        self.read(NEXT)?;
        let next = self.names.pop()?;
        let name = self.names.pop()?;
        (self.names.is_empty() && next.1.as_str() == "next" && self.depth == 1).then_some(name)
    }

    fn read(&mut self, mut bytes: &[u8]) -> Option<()> {
        loop {
            match self.parser.parse(&mut bytes, false) {
                Ok(Some(Event::StartElement(_, name, _))) => {
                    self.depth += 1;
                    if self.depth == 2 {
                        self.names.push(name);
                    }
                }
                Ok(Some(Event::EndElement(_))) => self.depth = self.depth.checked_sub(1)?,
                Ok(Some(Event::Text(..))) if self.depth > 1 => {}
                Err(EndOrError::NeedMoreData) if bytes.is_empty() => return Some(()),
                Ok(_) | Err(_) => return None,
            }
        }
    }
}

/// The name of the element if it is one whole element, and would be taken right behind this header of a stream.
pub(super) fn element(header: &[u8], element: &[u8]) -> Option<QName> {
    Trial::behind(header)?.element(element)
}

/// This is the end of the stream that the header began.
pub(super) fn is_end(header: &[u8], end: &[u8]) -> bool {
    Trial::behind(header)
        .is_some_and(|mut trial| trial.read(end).is_some() && trial.depth == 0 && trial.names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_element_is_taken_and_nothing_else() {
        const HEADER: &[u8] =
            b"<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>";
        for (text, expected) in [
            ("<a/>", Some("jabber:client a")),
            ("<a><b>t</b><![CDATA[<]]>&amp;</a>", Some("jabber:client a")),
            ("<s:error/>", Some("http://etherx.jabber.org/streams error")),
            ("<x:a xmlns:x='urn:x'/>", Some("urn:x a")),
            ("", None),
            ("t", None),
            ("<a>", None),
            ("<a", None),
            ("<a/><b/>", None),
            ("<a/>t", None),
            ("<a/>]", None),
            ("<a/>t>", None),
            ("<a><![CDATA[</a>", None),
            ("<a></b>", None),
            ("</s:stream>", None),
            ("<x:a/>", None),
            ("<a b='' b=''/>", None),
            ("<a b='<'/>", None),
            ("<a>&nbsp;</a>", None),
            ("<a>\u{ffff}</a>", None),
            ("<a>&#0;</a>", None),
            ("<a>]]></a>", None),
            ("<a><!-- --></a>", None),
            ("<a><?b c?></a>", None),
        ] {
            let name = element(HEADER, text.as_bytes());
            let name = name.map(|(namespace, name)| format!("{} {}", namespace.as_str(), name.as_str()));
            assert_eq!(name.as_deref(), expected, "{text}");
        }
        for (text, expected) in
            [("</s:stream>", true), ("</stream>", false), ("</s:stream", false), ("<a/>", false)]
        {
            assert_eq!(is_end(HEADER, text.as_bytes()), expected, "{text}");
        }
    }
}
