//! A filter of bytes between the transport and the parser: what is too much for one stanza does not reach the parser.
//!
//! Anybody who may write to a person decides what the parser is given. An element within an element within an element
//! takes the stack, and with it everybody's process; an attribute longer than the parser takes breaks the stream, and does
//! so again whenever the server sends the stanza again. So each stanza is held until its end is there, and one which is
//! too much is replaced by an empty one of its kind: the counts of XEP-0198 stay right, and nobody is cut off.
//!
//! It reads as much XML as it takes to tell where tags begin and end. What XMPP forbids anyway (RFC 6120 section 11.1)
//! ends the stream.

mod io;

use std::ops::Range;

pub(in crate::xmpp) use io::Filtered;

/// Elements within elements. Stanzas of all specifications together come to a dozen.
const MAX_DEPTH: usize = 64;
/// Bytes of a stanza: an avatar as it is published, or a roster of ten thousand.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Elements of a stanza: that roster again.
const MAX_ELEMENTS: usize = 32 * 1024;
/// Attributes of an element.
const MAX_ATTRIBUTES: usize = 64;
/// Bytes of a name or of a value: the parser takes 8192, and does not survive more.
const MAX_TOKEN: usize = 8000;

/// Capacity that is kept for the next stanza.
const KEPT_BYTES: usize = 2048;

/// Where a byte is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    /// After `<`.
    Opening,
    /// In a tag, outside of values.
    Tag,
    /// In a value which this quote ends.
    Value(u8),
    /// So far into [`CDATA`].
    Bang(usize),
    /// In character data, after so many `]`.
    Data(u8),
    /// In the XML declaration.
    Declaration,
    /// After what ends the stream: nothing is let through any more.
    Broken,
}

const CDATA: &[u8] = b"![CDATA[";

/// What no parser takes for XML.
const BREAK: &[u8] = b"<<";

/// The filter's state between two bytes.
#[derive(Debug)]
pub(super) struct Firewall {
    place: Place,
    /// The header of the stream has come.
    is_open: bool,
    /// How many elements of the stanza are open.
    depth: usize,
    /// The stanza so far.
    held: Vec<u8>,
    /// What to put in the place of the stanza, which is too much.
    instead: Option<&'static [u8]>,
    elements: usize,
    /// Where in `held` the names of the open elements are.
    names: Vec<Range<usize>>,
    /// Where in `held` the tag at hand begins.
    tag: usize,
    is_end: bool,
    /// Its last byte was a `/`.
    is_empty: bool,
    attributes: usize,
    /// Bytes of the name or value at hand.
    token: usize,
}

impl Default for Firewall {
    fn default() -> Self {
        Firewall {
            place: Place::Text,
            is_open: false,
            depth: 0,
            held: Vec::new(),
            instead: None,
            elements: 0,
            names: Vec::new(),
            tag: 0,
            is_end: false,
            is_empty: false,
            attributes: 0,
            token: 0,
        }
    }
}

impl Firewall {
    /// Lets through what may pass of these bytes.
    pub(super) fn filter(&mut self, bytes: &[u8], passed: &mut Vec<u8>) {
        for &byte in bytes {
            self.byte(byte, passed);
        }
    }

    fn byte(&mut self, byte: u8, passed: &mut Vec<u8>) {
        match self.place {
            Place::Broken => return,
            // White space between stanzas is a sign of life, and anything else the parser's to refuse.
            Place::Text if self.depth == 0 && byte != b'<' => return passed.push(byte),
            _ => {}
        }
        self.hold(byte);
        self.place = match (self.place, byte) {
            (Place::Text, b'<') => {
                self.tag = self.held.len().saturating_sub(1);
                Place::Opening
            }
            (Place::Opening, b'?') if !self.is_open => Place::Declaration,
            (Place::Opening, b'!') if self.depth > 0 => Place::Bang(1),
            (Place::Opening, b'?' | b'!' | b'<' | b'>') => return self.end_stream(passed),
            (Place::Opening, _) => {
                (self.is_end, self.is_empty) = (byte == b'/', false);
                (self.attributes, self.token) = (0, 1);
                Place::Tag
            }
            (Place::Tag, b'<') => return self.end_stream(passed),
            (Place::Tag, b'>') if self.end_tag(passed) => Place::Text,
            (Place::Tag, b'>') => return self.end_stream(passed),
            (Place::Tag, b'"' | b'\'') => {
                self.token = 0;
                self.attributes += 1;
                if self.attributes > MAX_ATTRIBUTES {
                    self.offend();
                }
                Place::Value(byte)
            }
            (Place::Tag, _) => {
                self.is_empty = byte == b'/';
                self.count_token(byte.is_ascii_whitespace() || byte == b'=');
                Place::Tag
            }
            (Place::Value(quote), byte) if byte == quote => {
                self.token = 0;
                Place::Tag
            }
            (Place::Value(_), b'<') => return self.end_stream(passed),
            (place @ Place::Value(_), _) => {
                self.count_token(false);
                place
            }
            (Place::Bang(at), byte) if CDATA[at] == byte => {
                if at + 1 == CDATA.len() {
                    Place::Data(0)
                } else {
                    Place::Bang(at + 1)
                }
            }
            (Place::Bang(_), _) => return self.end_stream(passed),
            (Place::Data(2), b'>') => Place::Text,
            (Place::Data(brackets), b']') => Place::Data(2.min(brackets + 1)),
            (Place::Data(_), _) => Place::Data(0),
            (Place::Declaration, b'>') => {
                self.release(passed);
                Place::Text
            }
            (place, _) => place,
        };
    }

    fn hold(&mut self, byte: u8) {
        if self.instead.is_none() {
            self.held.push(byte);
            if self.held.len() > MAX_BYTES {
                self.offend();
            }
        }
    }

    fn count_token(&mut self, ends: bool) {
        self.token = if ends { 0 } else { self.token + 1 };
        if self.token > MAX_TOKEN {
            self.offend();
        }
    }

    /// False if it ends another element than the one that is open.
    fn end_tag(&mut self, passed: &mut Vec<u8>) -> bool {
        if !self.is_open {
            self.is_open = true;
            self.release(passed);
            return true;
        }
        if !self.is_end {
            self.elements += 1;
            self.depth += usize::from(!self.is_empty);
            if self.depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
                self.offend();
            }
        } else if self.depth > 0 {
            self.depth -= 1;
        }
        if self.instead.is_none() && !self.match_name() {
            return false;
        }
        if self.depth == 0 {
            self.release(passed);
        }
        true
    }

    /// Notes the name of an element that begins, or compares it with that of the one which ends.
    fn match_name(&mut self) -> bool {
        let start = self.tag + 1 + usize::from(self.is_end);
        let name = start..start + name_length(&self.held[start..]);
        match (self.is_end, self.is_empty) {
            (false, true) => true,
            (false, false) => {
                self.names.push(name);
                true
            }
            // At depth 0 it is the end of the stream, for which the parser has the name.
            (true, _) => self.names.pop().is_none_or(|open| self.held[open] == self.held[name]),
        }
    }

    /// The stanza at hand is too much.
    fn offend(&mut self) {
        if self.instead.is_some() {
            return;
        }
        let name = self.held.get(1..).unwrap_or_default();
        self.instead = Some(match &name[..name_length(name)] {
            // From nobody: one from no address would be from the account itself.
            b"message" => b"<message from=''/>",
            b"presence" => b"<presence/>",
            b"iq" => b"<iq/>",
            // Not a stanza: not counted, and read by nobody.
            _ => b"<nothing xmlns=''/>",
        });
        tracing::warn!("a stanza that is too much was replaced by an empty one");
        self.held = Vec::new();
    }

    /// Everything held may pass, or what stands in its place.
    fn release(&mut self, passed: &mut Vec<u8>) {
        match self.instead.take() {
            Some(instead) => passed.extend_from_slice(instead),
            None => passed.append(&mut self.held),
        }
        self.held.clear();
        self.held.shrink_to(KEPT_BYTES);
        self.names.clear();
        self.elements = 0;
    }

    /// This is no XMPP. The parser says so, too, when it gets there.
    fn end_stream(&mut self, passed: &mut Vec<u8>) {
        if self.instead.is_none() {
            passed.append(&mut self.held);
        }
        passed.extend_from_slice(BREAK);
        self.held = Vec::new();
        self.place = Place::Broken;
    }
}

fn name_length(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte));
    end.unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version=\"1.0\">";

    /// What passes of a stream's bytes after its header, however they are cut.
    fn pass(text: &str) -> String {
        let whole = format!("{HEADER}{text}");
        let mut results = [1, 3, 1024, whole.len()].map(|size| {
            let mut firewall = Firewall::default();
            let mut passed = Vec::new();
            for bytes in whole.as_bytes().chunks(size) {
                firewall.filter(bytes, &mut passed);
            }
            String::from_utf8(passed).unwrap()
        });
        results.sort();
        assert_eq!(results[0], results[3]);
        results[0].strip_prefix(HEADER).unwrap().to_owned()
    }

    #[test]
    fn what_is_in_order_passes_as_it_is() {
        let nested = format!("<a>{}{}</a>", "<b>".repeat(MAX_DEPTH - 1), "</b>".repeat(MAX_DEPTH - 1));
        let long = format!("<iq id='{}'/>", "x".repeat(MAX_TOKEN));
        let attributes: String = (0..MAX_ATTRIBUTES).map(|number| format!(" a{number}=''")).collect();
        for text in [
            "",
            " \n ",
            "<message><body>a &lt; b &#x20;</body></message> <presence/>",
            "<iq a='>' b=\"/>\" c='/iq>' d = '\"'  />",
            "<message><body><![CDATA[<a><a>] ]]x> ]]]></body></message>",
            "<message><x:y xmlns:x='é'>日本</x:y></message></stream:stream>",
            "text",
            &nested,
            &long,
            &format!("<iq{attributes}/>"),
            &format!("<iq>{}</iq>", "<a/>".repeat(MAX_ELEMENTS - 1)),
        ] {
            assert!(pass(text) == text, "{}", &text[..text.len().min(100)]);
        }
    }

    #[test]
    fn what_is_too_much_is_replaced_by_nothing_of_its_kind() {
        let nested = |count: usize| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
        let attributes: String = (0..=MAX_ATTRIBUTES).map(|number| format!(" a{number}=''")).collect();
        for (what, text, expected) in [
            ("depth", format!("<message>{}</message>", nested(MAX_DEPTH)), "<message from=''/>"),
            ("more depth", format!("<presence from='a'>{}</presence>", nested(100_000)), "<presence/>"),
            ("a value", format!("<iq id='{}'></iq>", "x".repeat(MAX_TOKEN + 1)), "<iq/>"),
            ("a name", format!("<message><{}/></message>", "x".repeat(MAX_TOKEN + 1)), "<message from=''/>"),
            ("attributes", format!("<message{attributes}/>"), "<message from=''/>"),
            ("elements", format!("<iq>{}</iq>", "<a/>".repeat(MAX_ELEMENTS)), "<iq/>"),
            ("bytes", format!("<message>{}</message>", "x".repeat(MAX_BYTES)), "<message from=''/>"),
            (
                "no stanza",
                format!("<stream:features>{}</stream:features>", nested(99)),
                "<nothing xmlns=''/>",
            ),
            ("another name", format!("<messages>{}</messages>", nested(99)), "<nothing xmlns=''/>"),
        ] {
            assert_eq!(
                pass(&format!("<iq/>{text} <presence/>")),
                format!("<iq/>{expected} <presence/>"),
                "{what}"
            );
        }
    }

    #[test]
    fn what_xmpp_forbids_ends_the_stream() {
        let deep = "<a>".repeat(1000);
        for (text, expected) in [
            ("<message><!-- ", "<message><!-<<"),
            ("<!DOCTYPE a>", "<!<<"),
            ("<?xml version='1.0'?>", "<?<<"),
            ("<message><?x?>", "<message><?<<"),
            ("<message a='<b>'>", "<message a='<<<"),
            ("<message <a>", "<message <<<"),
            ("<<", "<<<<"),
            ("<message><body></message>", "<message><body></message><<"),
            ("<message><b></bb>", "<message><b></bb><<"),
            // Also inside of what is too much already: nothing of it comes through.
            (&format!("<message>{deep}<!-- ")[..], "<<"),
        ] {
            assert_eq!(pass(&format!("{text}{deep}")), expected, "{text:.40}");
        }
    }
}
