//! Cutting a client's bytes into the header of the stream, its elements, and its end.
//!
//! It reads as much XML as it takes to find where an element ends, and stops at what XMPP forbids.

/// A piece of a stream, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Header(String),
    Element(String),
    End,
}

#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
    is_open: bool,
}

enum Tag {
    Declaration,
    Start,
    Empty,
    End,
}

impl Pieces {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The client begins its stream anew: what it sent before belongs to the old one.
    pub(super) fn restart(&mut self) {
        self.is_open = false;
    }

    /// The next piece, if it is there to its end.
    pub(super) fn take(&mut self) -> Option<Piece> {
        let mut at = 0;
        let mut depth = 0;
        loop {
            let (tag, end) = self.tag(at, depth == 0)?;
            at = end;
            match tag {
                Tag::Declaration => {}
                Tag::Start if !self.is_open => {
                    self.is_open = true;
                    return Some(Piece::Header(self.cut(at)));
                }
                Tag::Start => depth += 1,
                Tag::End if depth == 0 => {
                    self.cut(at);
                    return Some(Piece::End);
                }
                Tag::End => depth -= 1,
                Tag::Empty => {}
            }
            if depth == 0 && !matches!(tag, Tag::Declaration) {
                return Some(Piece::Element(self.cut(at)));
            }
        }
    }

    fn cut(&mut self, end: usize) -> String {
        let piece: Vec<u8> = self.bytes.drain(..end).collect();
        String::from_utf8(piece).unwrap().trim().to_owned()
    }

    /// The next tag after `from`, and where it ends.
    fn tag(&self, from: usize, is_outside: bool) -> Option<(Tag, usize)> {
        let start = from + self.bytes[from..].iter().position(|byte| *byte == b'<')?;
        let before = &self.bytes[from..start];
        assert!(
            !is_outside || before.iter().all(u8::is_ascii_whitespace),
            "text between stanzas: {before:?}"
        );
        let mut quote = None;
        for (at, byte) in self.bytes.iter().enumerate().skip(start) {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(*byte),
                (None, b'>') => {
                    let tag = match (self.bytes[start + 1], self.bytes[at - 1]) {
                        (b'?', _) => Tag::Declaration,
                        (b'!', _) => panic!("the client sent what XMPP forbids (RFC 6120 section 11.1)"),
                        (b'/', _) => Tag::End,
                        (_, b'/') => Tag::Empty,
                        _ => Tag::Start,
                    };
                    return Some((tag, at + 1));
                }
                (Some(open), byte) if open == *byte => quote = None,
                _ => {}
            }
        }
        None
    }
}

#[test]
fn a_stream_is_cut_where_its_elements_end() {
    let text = "<?xml version='1.0'?><s:s to='>'><a/> <b x='/>'><c>d</c></b><b></b></s:s>";
    let whole = [
        Piece::Header("<?xml version='1.0'?><s:s to='>'>".to_owned()),
        Piece::Element("<a/>".to_owned()),
        Piece::Element("<b x='/>'><c>d</c></b>".to_owned()),
        Piece::Element("<b></b>".to_owned()),
        Piece::End,
    ];
    // However the network cuts it.
    for size in [1, 7, text.len()] {
        let mut pieces = Pieces::default();
        let mut found = Vec::new();
        for bytes in text.as_bytes().chunks(size) {
            pieces.put(bytes);
            found.extend(std::iter::from_fn(|| pieces.take()));
        }
        assert_eq!(found, whole, "{size} bytes at a time");
    }
}
