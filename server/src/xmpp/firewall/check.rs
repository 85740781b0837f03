//! Whether the parser takes an element: it is asked.
//!
//! A parser of the same kind reads the element for a trial. It builds no tree, so that nothing in the element can hurt
//! it, and what it takes is what the parser of the stream takes: the two can't differ over what is one element.

use xso::exports::rxml::{Event, Parse, Parser, QName, error::EndOrError};

/// Read behind an element: what is left of that in the parser comes out before this.
const NEXT: &[u8] = b"<next/>";

/// The name of the element if it is one whole element, and would be taken behind this header of a stream.
pub(super) fn element(header: &[u8], element: &[u8]) -> Option<QName> {
    let mut names = read(&[header, element, NEXT], 1)?;
    let next = names.pop()?;
    let name = names.pop()?;
    (names.is_empty() && next.1.as_str() == "next").then_some(name)
}

/// This is the end of the stream that the header began.
pub(super) fn is_end(header: &[u8], end: &[u8]) -> bool {
    read(&[header, end], 0).is_some_and(|names| names.is_empty())
}

/// The names of the elements of a stream; `None` if it can't be read, or if it ends otherwise than at this depth.
fn read(parts: &[&[u8]], depth_at_end: usize) -> Option<Vec<QName>> {
    let mut parser = Parser::default();
    let mut depth = 0_usize;
    let mut names = Vec::new();
    for part in parts {
        let mut bytes = *part;
        loop {
            match parser.parse(&mut bytes, false) {
                Ok(Some(Event::StartElement(_, name, _))) => {
                    depth += 1;
                    if depth == 2 {
                        names.push(name);
                    }
                }
                Ok(Some(Event::EndElement(_))) => depth = depth.checked_sub(1)?,
                Ok(Some(Event::Text(..))) if depth > 1 => {}
                Err(EndOrError::NeedMoreData) if bytes.is_empty() => break,
                Ok(_) | Err(_) => return None,
            }
        }
    }
    (depth == depth_at_end).then_some(names)
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
