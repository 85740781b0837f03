//! The event stream's format: bytes in, frames out, by the letter of the HTML standard (section 9.2.6).
//!
//! It knows lines and fields, however the network cuts them up. It does not know what the events mean. It differs
//! from `EventSource` in one thing: a frame has an id only if it names one, as the gateway's frames about the stream
//! itself name none and must move no position.

/// The longest frame that is read, in bytes. The longest of the gateway's is a roster of some 10,000 people.
const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Frame {
    /// The `id:` field of this very frame.
    pub(crate) id: Option<String>,
    /// The `event:` field; empty stands for `message`.
    pub(crate) event: String,
    /// The `data:` fields, with a line feed between each two.
    pub(crate) data: String,
}

/// A frame is longer than any of ours: the other side is not a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Reads a stream.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    /// The line under way.
    line: Vec<u8>,
    /// The last byte was a carriage return, so that a line feed right after it belongs to it.
    after_cr: bool,
    /// The first line, which may begin with a byte order mark, is behind us.
    begun: bool,
    frame: Frame,
    has_data: bool,
    retry_ms: Option<u32>,
}

impl Parser {
    /// Takes the next bytes and hands out the frames which they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, TooLong> {
        let mut frames = Vec::new();
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            let (content, end) = match part.split_last() {
                Some((end @ (b'\r' | b'\n'), content)) => (content, Some(*end)),
                _ => (part, None),
            };
            if self.after_cr && content.is_empty() && end == Some(b'\n') {
                self.after_cr = false;
                continue;
            }
            self.after_cr = false;
            if self.line.len() + self.frame.data.len() + content.len() > MAX_FRAME_BYTES {
                return Err(TooLong);
            }
            self.line.extend_from_slice(content);
            if let Some(end) = end {
                self.after_cr = end == b'\r';
                let line = std::mem::take(&mut self.line);
                frames.extend(self.take_line(&line));
            }
        }
        Ok(frames)
    }

    /// How long to wait before connecting anew, in milliseconds, if the stream said so.
    pub(crate) fn retry_ms(&self) -> Option<u32> {
        self.retry_ms
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Frame> {
        let mut line = line;
        if !self.begun {
            self.begun = true;
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            let frame = std::mem::take(&mut self.frame);
            return std::mem::take(&mut self.has_data).then_some(frame);
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match name {
            b"data" => {
                if self.has_data {
                    self.frame.data.push('\n');
                }
                self.frame.data.push_str(&String::from_utf8_lossy(value));
                self.has_data = true;
            }
            b"event" => self.frame.event = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => self.frame.id = Some(String::from_utf8_lossy(value).into_owned()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.retry_ms = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
            }
            // A comment (no name), or a field that means nothing.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<(String, String, Option<String>)> {
        let frames = Parser::default().push(bytes).unwrap();
        frames.into_iter().map(|frame| (frame.event, frame.data, frame.id)).collect()
    }

    #[track_caller]
    fn check(stream: &[u8], expected: &[(&str, &str, Option<&str>)]) {
        let found = read(stream);
        let found: Vec<_> = found.iter().map(|(e, d, i)| (e.as_str(), d.as_str(), i.as_deref())).collect();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(stream));
    }

    #[test]
    fn frames_are_read_as_the_standard_says() {
        check(b"data: a\n\n", &[("", "a", None)]);
        check(b"data:a\n\ndata: b\n\n", &[("", "a", None), ("", "b", None)]);
        check(b"data:  two spaces\n\n", &[("", " two spaces", None)]);
        check(b"data\n\n", &[("", "", None)]);
        check(b"data:\ndata\ndata:a\n\n", &[("", "\n\na", None)]);
        check(b"event: x\nid: 7\ndata: a\n\n", &[("x", "a", Some("7"))]);
        // An event without data is none, and leaves nothing behind.
        check(b"event: x\n\ndata: a\n\n", &[("", "a", None)]);
        check(b"id: 7\n\ndata: a\n\n", &[("", "a", None)]);
        // A frame that is not finished is none.
        check(b"data: a\n\ndata: b\n", &[("", "a", None)]);
        check(b": comment\n:\ndata: a\n: in between\ndata: b\n\n", &[("", "a\nb", None)]);
        check(b"Data: a\n data: b\nda ta: c\ndata : d\ndata: e\n\n", &[("", "e", None)]);
        check(b"id: a\0b\ndata: x\n\n", &[("", "x", None)]);
        check(b"id\ndata: x\n\n", &[("", "x", Some(""))]);
        check(b"data: a\0b\n\n", &[("", "a\0b", None)]);
        check("data: ж🙂\n\n".as_bytes(), &[("", "ж🙂", None)]);
        check(b"data: \xff\n\n", &[("", "\u{fffd}", None)]);
    }

    #[test]
    fn lines_end_in_three_ways() {
        check(b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[("", "a", None), ("", "b", None), ("", "c", None)]);
        check(b"data: a\r\ndata: b\rdata: c\n\r\n", &[("", "a\nb\nc", None)]);
        check(b"data: a\n\r", &[("", "a", None)]);
    }

    #[test]
    fn one_byte_order_mark_is_passed_over() {
        check(b"\xef\xbb\xbfdata: a\n\n", &[("", "a", None)]);
        check(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", &[("", "b", None)]);
        check(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", &[("", "a", None)]);
    }

    #[test]
    fn retry_takes_digits_alone() {
        for (stream, expected) in [
            (&b"retry: 3000\n"[..], Some(3000)),
            (b"retry: 3000x\n", None),
            (b"retry: -1\n", None),
            (b"retry:\n", None),
            (b"retry: 99999999999999999999\n", None),
        ] {
            let mut parser = Parser::default();
            parser.push(stream).unwrap();
            assert_eq!(parser.retry_ms(), expected);
        }
    }

    #[test]
    fn a_frame_without_end_is_refused() {
        let mut parser = Parser::default();
        let chunk = vec![b'x'; 1024 * 1024];
        let results: Vec<bool> = (0..17).map(|_| parser.push(&chunk).is_ok()).collect();
        assert_eq!(results.iter().filter(|ok| **ok).count(), 16);
    }

    proptest! {
        /// However the network cuts a stream up, the frames are the same.
        #[test]
        fn cuts_change_nothing(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("data: ж🙂"), Just("data:x"), Just("event: e"), Just("id: 1-2"), Just(": c"), Just("\u{feff}"),
                    Just("\n"), Just("\n"), Just("\r"), Just("\r\n"), Just("\n\n"),
                ],
                0..40,
            ),
            sizes in proptest::collection::vec(1_usize..7, 1..50),
        ) {
            let stream = pieces.concat().into_bytes();
            let whole = Parser::default().push(&stream).unwrap();
            let mut parser = Parser::default();
            let mut frames = Vec::new();
            let mut rest = &stream[..];
            for size in sizes.iter().cycle() {
                let (chunk, others) = rest.split_at((*size).min(rest.len()));
                frames.extend(parser.push(chunk).unwrap());
                rest = others;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(frames, whole);
        }
    }
}
