//! The filter itself: bytes in, bytes out.
//!
//! Pure, and independent of where its input is cut. It holds back the stanza that is under way, up to the limits, and
//! nothing between two of them.

use std::ops::Range;
use std::sync::Arc;

use super::Rules;
use super::check::{self, Trial};
use super::head::{Head, Word};
use super::limits::{Limits, Offence};
use super::scan::{Event, NotXml, Scanner, ends_name, is_space};

/// Bytes before the first element of a stream: its header, and the XML declaration.
const MAX_HEADER: usize = 8 * 1024;

/// Why a stream can't be gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// It is no XML, or such as has no place in a stream.
    #[error("this is no XML of a stream")]
    NotXml,
    /// Something that is no stanza would have to be replaced, and can't be.
    #[error("something that is no stanza breaks a limit: {}", .0.as_str())]
    NoStanza(Offence),
}

/// Lets a stream pass, stanza by stanza, and puts a stand-in in the place of each that is over the limits.
#[derive(Debug)]
pub struct Filter {
    rules: Arc<Rules>,
    scanner: Scanner,
    /// The stream's start tag, whose declarations hold for all that follows.
    header: Box<[u8]>,
    /// The stream was ended.
    is_ended: bool,
    /// Elements that are open, the stream among them.
    depth: usize,
    children: usize,
    attributes: usize,
    namespaces: usize,
    /// Bytes of the name, value or text under way.
    run: usize,
    attribute: Word,
    head: Head,
    is_own_answer: bool,
    held: Vec<u8>,
    /// Where in it the tag under way begins.
    tag: usize,
    /// Where in it the names of open elements are; the stanza's is the first.
    names: Vec<Range<usize>>,
    offence: Option<Offence>,
    breach: Option<Breach>,
    /// While bytes come in: a burst is many stanzas in one go, and to read the header costs as much as to read one of
    /// them. It is of a size that no idle connection is to have.
    trial: Option<Box<Trial>>,
}

impl Filter {
    /// A filter at the beginning of a stream.
    pub fn new(rules: Arc<Rules>) -> Self {
        Filter {
            rules,
            scanner: Scanner::default(),
            header: Box::default(),
            is_ended: false,
            depth: 0,
            children: 0,
            attributes: 0,
            namespaces: 0,
            run: 0,
            attribute: Word::default(),
            head: Head::default(),
            is_own_answer: false,
            held: Vec::new(),
            tag: 0,
            names: Vec::new(),
            offence: None,
            breach: None,
            trial: None,
        }
    }

    /// Takes what came in, and appends what may go on to `out`.
    ///
    /// # Errors
    /// [`Breach`], then and ever after. What was appended before it may still go on.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Breach> {
        if let Some(breach) = self.breach {
            return Err(breach);
        }
        let result = bytes.iter().try_for_each(|byte| self.push(*byte, out));
        self.trial = None;
        if let Err(breach) = result {
            self.breach = Some(breach);
            self.held = Vec::new();
        }
        result
    }

    /// Bytes of memory in which something is held back.
    pub fn held(&self) -> usize {
        self.held.capacity()
    }

    fn push(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Breach> {
        let event = self.scanner.push(byte).map_err(|NotXml| Breach::NotXml)?;
        if self.depth <= 1 {
            match event {
                // Between stanzas there is white space at most (RFC 6120 section 4.6.1).
                Event::Text if !is_space(byte) => return Err(Breach::NotXml),
                Event::Text if self.depth == 1 || self.is_ended => {
                    out.push(byte);
                    return Ok(());
                }
                Event::Instruction if self.depth == 0 && !self.is_ended => {}
                Event::Comment | Event::Instruction => return Err(Breach::NotXml),
                _ if self.is_ended => return Err(Breach::NotXml),
                _ => {}
            }
        }
        if self.depth == 0 && event == Event::Element {
            // The declaration before the header has no part in what is read behind it.
            let declaration = self.held.len().saturating_sub(1);
            out.extend(self.held.drain(..declaration));
        }
        if let Some(offence) = self.measure(event, byte) {
            self.offend(offence)?;
        }
        self.hold(event, byte)?;
        match event {
            Event::Opened => {
                self.opened(out);
                Ok(())
            }
            // A stream that is over with its header.
            Event::OpenedAndClosed if self.depth == 0 => Err(Breach::NotXml),
            Event::OpenedAndClosed => self.closed(self.depth, out),
            Event::Closed => {
                self.match_name()?;
                self.depth = self.depth.checked_sub(1).ok_or(Breach::NotXml)?;
                self.closed(self.depth, out)
            }
            _ => Ok(()),
        }
    }

    /// Counts, and says which count is over its limit.
    fn measure(&mut self, event: Event, byte: u8) -> Option<Offence> {
        let Limits { depth, children, attributes, namespaces, value_bytes, text_bytes, .. } =
            self.rules.limits;
        self.run = match event {
            Event::Text | Event::Value | Event::ElementName | Event::AttributeName => self.run + 1,
            Event::Element | Event::Attribute => 1,
            Event::ValueStart | Event::Opened | Event::OpenedAndClosed | Event::Closed => 0,
            _ => self.run,
        };
        if self.depth == 1 {
            self.head.note(event, byte, &self.attribute);
        }
        match event {
            Event::Element => {
                self.attributes = 0;
                self.namespaces = 0;
                if self.depth > 1 {
                    self.children += 1;
                }
                let children = if self.is_own_answer { self.rules.limits.answer_children } else { children };
                if self.depth > depth {
                    return Some(Offence::Depth);
                }
                (self.children > children).then_some(Offence::Children)
            }
            Event::Attribute => {
                self.attribute = Word::begin(byte);
                None
            }
            Event::AttributeName => {
                self.attribute.push(byte);
                (self.run > value_bytes).then_some(Offence::ValueBytes)
            }
            Event::ValueStart => {
                let is_declaration = self.attribute.is_declaration();
                self.namespaces += usize::from(is_declaration);
                self.attributes += usize::from(!is_declaration);
                if self.namespaces > namespaces {
                    return Some(Offence::Namespaces);
                }
                (self.attributes > attributes).then_some(Offence::Attributes)
            }
            Event::ElementName | Event::Value => (self.run > value_bytes).then_some(Offence::ValueBytes),
            Event::Text => (self.run > text_bytes).then_some(Offence::TextBytes),
            Event::Comment => Some(Offence::Comment),
            Event::Instruction if self.depth > 0 => Some(Offence::Instruction),
            _ => None,
        }
    }

    /// Keeps a byte of what is under way, unless it won't go on anyway.
    fn hold(&mut self, event: Event, byte: u8) -> Result<(), Breach> {
        if self.offence.is_some() {
            return Ok(());
        }
        let limits = &self.rules.limits;
        let most = match self.depth {
            0 => MAX_HEADER,
            _ if self.is_own_answer => limits.answer_bytes,
            _ => limits.bytes,
        };
        if self.held.len() >= most {
            return self.offend(Offence::Bytes);
        }
        if event == Event::Markup && byte == b'<' {
            self.tag = self.held.len();
        }
        self.held.push(byte);
        Ok(())
    }

    /// What is under way will be replaced; the first reason for it counts.
    fn offend(&mut self, offence: Offence) -> Result<(), Breach> {
        if self.depth == 0 || !self.head.may_be_stanza() {
            return Err(Breach::NoStanza(offence));
        }
        self.held = Vec::new();
        self.names = Vec::new();
        self.offence.get_or_insert(offence);
        Ok(())
    }

    fn opened(&mut self, out: &mut Vec<u8>) {
        if self.depth > 0 && self.offence.is_none() {
            self.names.push(name_at(&self.held, self.tag + 1));
        }
        self.depth += 1;
        match self.depth {
            1 => {
                self.header = self.held.as_slice().into();
                out.append(&mut self.held);
                self.held = Vec::new();
            }
            2 => self.is_own_answer = self.head.is_own_answer(),
            _ => {}
        }
    }

    /// An element ends by its own name, or it can't be said what ends. Of what goes no further, nobody asks.
    fn match_name(&mut self) -> Result<(), Breach> {
        if self.depth < 2 || self.offence.is_some() {
            return Ok(());
        }
        let end = name_at(&self.held, self.tag + 2);
        let is_match = self.names.pop().is_some_and(|start| self.held.get(start) == self.held.get(end));
        if is_match { Ok(()) } else { Err(Breach::NotXml) }
    }

    /// An element has ended; so many are still open.
    fn closed(&mut self, open: usize, out: &mut Vec<u8>) -> Result<(), Breach> {
        match open {
            0 if check::is_end(&self.header, &self.held) => {
                self.is_ended = true;
                out.append(&mut self.held);
                self.held = Vec::new();
                Ok(())
            }
            // Something else ends.
            0 => Err(Breach::NotXml),
            1 => self.finish(out),
            _ => Ok(()),
        }
    }

    /// The stanza under way is whole.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Breach> {
        let held = std::mem::take(&mut self.held);
        let head = std::mem::take(&mut self.head);
        let offence = self.offence.take().or_else(|| (!self.is_taken(&held)).then_some(Offence::Malformed));
        match offence {
            None if out.is_empty() => *out = held,
            None => out.extend(held),
            Some(offence) => {
                let stand_in = head.stand_in(&self.header, offence, self.rules.seal());
                out.extend(stand_in.ok_or(Breach::NoStanza(offence))?);
            }
        }
        self.children = 0;
        self.is_own_answer = false;
        self.names = Vec::new();
        Ok(())
    }

    /// The parser of the stream will take it as the one element that it is held for.
    fn is_taken(&mut self, element: &[u8]) -> bool {
        // One that has met with something else is not asked again.
        let trial = self.trial.take().or_else(|| Trial::behind(&self.header).map(Box::new));
        self.trial = trial.and_then(|mut trial| trial.element(element).map(|_| trial));
        self.trial.is_some()
    }
}

/// The name that begins there.
fn name_at(bytes: &[u8], start: usize) -> Range<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    start..start + rest.iter().position(|byte| ends_name(*byte)).unwrap_or(rest.len())
}
