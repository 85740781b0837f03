//! The start tag of a stanza, as far as it is kept for a stand-in.

use super::check;
use super::limits::Offence;
use super::scan::Event;
use crate::xmpp::namespaces as ns;

/// The attributes that a stand-in keeps. The first tells what it is.
const KEPT: [&str; 5] = ["xmlns", "from", "to", "type", "id"];

/// Bytes of an attribute that may be kept: an address has 3,071 at most (RFC 7622 section 3).
const MAX_KEPT: usize = 3_200;

/// The beginning of a name: enough to tell those apart that matter here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    bytes: [u8; 8],
    len: usize,
}

impl Word {
    pub(super) fn begin(byte: u8) -> Self {
        let mut word = Word::default();
        word.push(byte);
        word
    }

    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len = self.len.saturating_add(1);
    }

    /// The whole name, if it is a short one.
    fn as_bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.len)
    }

    /// It is the name of an attribute that declares a namespace.
    pub(super) fn is_declaration(&self) -> bool {
        self.as_bytes() == Some(b"xmlns") || (self.len > 5 && self.bytes.starts_with(b"xmlns:"))
    }
}

/// What is known of a stanza by its start tag.
#[derive(Debug, Default)]
pub(super) struct Head {
    name: Word,
    kept: [Kept; KEPT.len()],
    /// The one whose value is being read.
    open: Option<usize>,
}

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Missing,
    /// The value as it was written, with its quotes.
    Written(Vec<u8>),
    /// There was one that can't be kept.
    Spoiled,
}

impl Head {
    /// Takes a byte of the start tag; `attribute` is the name of the attribute that it may be of.
    pub(super) fn note(&mut self, event: Event, byte: u8, attribute: &Word) {
        match event {
            Event::Element => *self = Head { name: Word::begin(byte), ..Head::default() },
            Event::ElementName => self.name.push(byte),
            Event::ValueStart => {
                self.open = KEPT.iter().position(|name| attribute.as_bytes() == Some(name.as_bytes()));
                if let Some(kept) = self.kept_under_way() {
                    *kept = match kept {
                        Kept::Missing => Kept::Written(vec![byte]),
                        // Which of two is meant can't be said.
                        Kept::Written(_) | Kept::Spoiled => Kept::Spoiled,
                    };
                }
            }
            Event::Value => {
                if let Some(kept) = self.kept_under_way() {
                    match kept {
                        Kept::Written(written) if written.len() < MAX_KEPT => written.push(byte),
                        _ => *kept = Kept::Spoiled,
                    }
                }
            }
            Event::ValueEnd => {
                if let Some(Kept::Written(written)) = self.kept_under_way() {
                    written.push(byte);
                }
                self.open = None;
            }
            _ => {}
        }
    }

    fn kept_under_way(&mut self) -> Option<&mut Kept> {
        self.kept.get_mut(self.open?)
    }

    /// By its name, it may be a stanza.
    pub(super) fn may_be_stanza(&self) -> bool {
        matches!(self.name.as_bytes(), Some(b"message" | b"presence" | b"iq"))
    }

    /// It is what the person's own account answers to a question of theirs. Whom a stanza is from and to, the person's
    /// server vouches for.
    pub(super) fn is_own_answer(&self) -> bool {
        let [_, from, to, kind, _] = [0, 1, 2, 3, 4].map(|index| self.value(index));
        let is_own = match (from, to) {
            (None, _) => matches!(self.kept.get(1), Some(Kept::Missing)),
            (Some(from), Some(to)) => to.split(|byte| *byte == b'/').next() == Some(from),
            (Some(_), None) => false,
        };
        self.name.as_bytes() == Some(b"iq") && kind == Some(b"result") && is_own
    }

    /// A value without its quotes.
    fn value(&self, index: usize) -> Option<&[u8]> {
        match self.kept.get(index)? {
            Kept::Written(written) => written.get(1..written.len() - 1),
            Kept::Missing | Kept::Spoiled => None,
        }
    }

    /// What goes on in the stanza's place: its start tag, with a mark in it that tells what was wrong with it. `None` if
    /// it was no stanza.
    pub(super) fn stand_in(&self, header: &[u8], offence: Offence, seal: &str) -> Option<Vec<u8>> {
        let name = self.name.as_bytes()?;
        let mut tag = [b"<", name].concat();
        for (index, (key, kept)) in KEPT.iter().zip(&self.kept).enumerate() {
            let with = match kept {
                Kept::Missing => continue,
                Kept::Written(written) => {
                    Some([tag.as_slice(), b" ", key.as_bytes(), b"=", written].concat())
                }
                Kept::Spoiled => None,
            };
            // One that is wrong in itself is left out; without the namespace it can't be said what this is.
            match with.filter(|with| check::element(header, &[with.as_slice(), b"/>"].concat()).is_some()) {
                Some(with) => tag = with,
                None if index == 0 => return None,
                None => {}
            }
        }
        let mark = format!(
            "><{} xmlns='{}' seal='{seal}' offence='{}'/></",
            super::MARK,
            ns::FIREWALL,
            offence.as_str()
        );
        let whole = [tag.as_slice(), mark.as_bytes(), name, b">"].concat();
        let (namespace, _) = check::element(header, &whole)?;
        (self.may_be_stanza() && namespace.as_str() == ns::CLIENT).then_some(whole)
    }
}
