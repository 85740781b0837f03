//! What a byte is in the markup around it.
//!
//! As little of XML's grammar as tells where elements begin and end: of what is well-formed it gets that right, whatever
//! is in it, and of what is not it never has to. It keeps no bytes and counts nothing.

/// What the last byte was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A byte of text, or of a section of CDATA.
    Text,
    /// Markup that is none of the following, or of which it is not known yet what it will be.
    Markup,
    /// The first byte of a start tag's name.
    Element,
    /// A further byte of it.
    ElementName,
    /// The first byte of an attribute's name.
    Attribute,
    /// A further byte of it.
    AttributeName,
    /// The quote before a value.
    ValueStart,
    /// A byte of a value.
    Value,
    /// The quote behind a value.
    ValueEnd,
    /// The `>` of a start tag.
    Opened,
    /// The `>` of a tag that is start and end in one.
    OpenedAndClosed,
    /// The `>` of an end tag.
    Closed,
    /// Markup of a comment, or its text.
    Comment,
    /// Markup of a processing instruction or of the XML declaration, or its text.
    Instruction,
}

/// This is no XML, or such as has no place in a stream: where anything in it ends can't be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotXml;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Content,
    /// After `<`.
    Opening,
    /// After `<!`.
    Declaration,
    /// So many bytes of `[CDATA[` were read.
    CdataStart(usize),
    /// In a section of CDATA, after so many `]`; two are as good as more.
    Cdata(u8),
    /// After `<!-`.
    CommentStart,
    /// In a comment, after so many `-`; two are as good as more.
    Comment(u8),
    /// In a processing instruction; the last byte was a `?`.
    Instruction(bool),
    ElementName,
    /// In a start tag, between its parts.
    Tag,
    AttributeName,
    /// In a value, between these quotes.
    Value(u8),
    /// After the `/` of a start tag.
    Slash,
    EndTag,
}

const CDATA: &[u8] = b"[CDATA[";

/// Reads markup byte by byte.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
}

impl Scanner {
    pub(super) fn push(&mut self, byte: u8) -> Result<Event, NotXml> {
        let (state, event) = match self.state {
            State::Content if byte == b'<' => (State::Opening, Event::Markup),
            State::Content => (State::Content, Event::Text),
            State::Opening => match byte {
                b'/' => (State::EndTag, Event::Markup),
                b'!' => (State::Declaration, Event::Markup),
                b'?' => (State::Instruction(false), Event::Instruction),
                _ if ends_name(byte) => return Err(NotXml),
                _ => (State::ElementName, Event::Element),
            },
            State::Declaration => match byte {
                b'[' => (State::CdataStart(1), Event::Text),
                b'-' => (State::CommentStart, Event::Comment),
                // A declaration of a document type, of an entity: it has a place before a stream at most, and none there
                // (RFC 6120 section 11.1).
                _ => return Err(NotXml),
            },
            State::CdataStart(read) => match CDATA.get(read) {
                Some(expected) if *expected != byte => return Err(NotXml),
                _ if read + 1 == CDATA.len() => (State::Cdata(0), Event::Text),
                _ => (State::CdataStart(read + 1), Event::Text),
            },
            State::Cdata(brackets) => match byte {
                b']' => (State::Cdata((brackets + 1).min(2)), Event::Text),
                b'>' if brackets == 2 => (State::Content, Event::Text),
                _ => (State::Cdata(0), Event::Text),
            },
            State::CommentStart if byte == b'-' => (State::Comment(0), Event::Comment),
            State::CommentStart => return Err(NotXml),
            State::Comment(dashes) => match byte {
                b'-' => (State::Comment((dashes + 1).min(2)), Event::Comment),
                b'>' if dashes == 2 => (State::Content, Event::Comment),
                _ => (State::Comment(0), Event::Comment),
            },
            State::Instruction(true) if byte == b'>' => (State::Content, Event::Instruction),
            State::Instruction(_) => (State::Instruction(byte == b'?'), Event::Instruction),
            State::ElementName if !ends_name(byte) => (State::ElementName, Event::ElementName),
            State::AttributeName if !ends_name(byte) => (State::AttributeName, Event::AttributeName),
            State::Slash if byte == b'>' => (State::Content, Event::OpenedAndClosed),
            State::ElementName | State::AttributeName | State::Tag | State::Slash => in_tag(byte)?,
            State::Value(quote) if byte == quote => (State::Tag, Event::ValueEnd),
            State::Value(_) => (self.state, Event::Value),
            State::EndTag => match byte {
                b'>' => (State::Content, Event::Closed),
                b'<' => return Err(NotXml),
                _ => (State::EndTag, Event::Markup),
            },
        };
        self.state = state;
        Ok(event)
    }
}

/// A byte of a start tag that is in no name and no value.
fn in_tag(byte: u8) -> Result<(State, Event), NotXml> {
    Ok(match byte {
        b'\'' | b'"' => (State::Value(byte), Event::ValueStart),
        b'>' => (State::Content, Event::Opened),
        b'/' => (State::Slash, Event::Markup),
        b'<' => return Err(NotXml),
        _ if ends_name(byte) => (State::Tag, Event::Markup),
        _ => (State::AttributeName, Event::Attribute),
    })
}

/// The byte is in no name.
pub(super) fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'=' | b'/' | b'<' | b'>' | b'\'' | b'"')
}

/// XML's white space.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter for each byte.
    fn scan(text: &str) -> String {
        let mut scanner = Scanner::default();
        text.bytes()
            .map(|byte| match scanner.push(byte) {
                Ok(Event::Text) => 't',
                Ok(Event::Markup) => '.',
                Ok(Event::Element) => 'E',
                Ok(Event::ElementName) => 'e',
                Ok(Event::Attribute) => 'A',
                Ok(Event::AttributeName) => 'a',
                Ok(Event::ValueStart) => '(',
                Ok(Event::Value) => 'v',
                Ok(Event::ValueEnd) => ')',
                Ok(Event::Opened) => '+',
                Ok(Event::OpenedAndClosed) => '0',
                Ok(Event::Closed) => '-',
                Ok(Event::Comment) => 'c',
                Ok(Event::Instruction) => 'i',
                Err(NotXml) => '!',
            })
            .collect()
    }

    #[test]
    fn markup_is_told_from_what_looks_like_it() {
        for (text, expected) in [
            ("<ab cd='e'>f</ab>", ".Ee.Aa.(v)+t....-"),
            ("<a/>", ".E.0"),
            ("<a />", ".E..0"),
            ("<a b='/'/>", ".E.A.(v).0"),
            ("<a b='>'>", ".E.A.(v)+"),
            ("<a b=\"'>\">", ".E.A.(vv)+"),
            ("<a\tb = '<'>", ".E.A...(v)+"),
            ("<a/ >", ".E..+"),
            ("<![CDATA[<a>]]]>]]>t<", "..tttttttttttttttttt."),
            ("<!--<a>--x-->t", "..ccccccccccct"),
            ("<?a <?>t", ".iiiiiit"),
            ("</a >", "....-"),
            ("&lt;]]>", "ttttttt"),
        ] {
            assert_eq!(scan(text), expected, "{text}");
        }
        for text in ["< a", "<>", "<'", "<!DOCTYPE", "<![CDATB", "<!-a", "<a <", "</a<"] {
            let letters = scan(text);
            assert!(letters.contains('!'), "{text}: {letters}");
        }
    }
}
