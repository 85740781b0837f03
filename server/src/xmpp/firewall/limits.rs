//! What a stanza may measure, what can be wrong with one, and how often it was.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a stanza may measure. The parser's own bounds are above these, so that it meets none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Elements inside one another, the stanza among them.
    pub depth: usize,
    /// Bytes of a stanza.
    pub bytes: usize,
    /// Elements in a stanza.
    pub children: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Declarations of namespaces on one element.
    pub namespaces: usize,
    /// Bytes of a name, or of an attribute's value, as written.
    pub value_bytes: usize,
    /// Bytes of text between two tags.
    pub text_bytes: usize,
    /// `bytes`, where the person's own account answers a question of theirs: a roster is one stanza.
    pub answer_bytes: usize,
    /// `children`, likewise.
    pub answer_children: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 64,
            bytes: 512 * 1024,
            children: 4_000,
            attributes: 64,
            namespaces: 32,
            value_bytes: 8_000,
            text_bytes: 256 * 1024,
            answer_bytes: 4 * 1024 * 1024,
            answer_children: 40_000,
        }
    }
}

/// What is wrong with a stanza.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offence {
    /// Too many elements inside one another.
    Depth,
    /// Too many bytes.
    Bytes,
    /// Too many elements.
    Children,
    /// Too many attributes on one element.
    Attributes,
    /// Too many namespaces declared on one element.
    Namespaces,
    /// A name or a value is too long.
    ValueBytes,
    /// Too much text in one piece.
    TextBytes,
    /// There is a comment in it (RFC 6120 section 11.1).
    Comment,
    /// There is a processing instruction in it (RFC 6120 section 11.1).
    Instruction,
    /// The parser would refuse it: an undeclared prefix or entity, a character that XML does not have.
    Malformed,
}

impl Offence {
    /// All of them.
    pub const ALL: [Offence; 10] = [
        Offence::Depth,
        Offence::Bytes,
        Offence::Children,
        Offence::Attributes,
        Offence::Namespaces,
        Offence::ValueBytes,
        Offence::TextBytes,
        Offence::Comment,
        Offence::Instruction,
        Offence::Malformed,
    ];

    /// Its name in logs, in stand-ins, and among the settings where it is a limit.
    pub fn as_str(self) -> &'static str {
        match self {
            Offence::Depth => "depth",
            Offence::Bytes => "bytes",
            Offence::Children => "children",
            Offence::Attributes => "attributes",
            Offence::Namespaces => "namespaces",
            Offence::ValueBytes => "value_bytes",
            Offence::TextBytes => "text_bytes",
            Offence::Comment => "comment",
            Offence::Instruction => "instruction",
            Offence::Malformed => "malformed",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Offence::ALL.into_iter().find(|offence| offence.as_str() == name)
    }
}

/// How often the firewall had to act, on all connections together.
#[derive(Debug, Default)]
pub struct Counters {
    replaced: [AtomicU64; Offence::ALL.len()],
    broken: AtomicU64,
}

impl Counters {
    /// Stanzas that were replaced for this offence.
    pub fn replaced(&self, offence: Offence) -> u64 {
        self.replaced[offence as usize].load(Ordering::Relaxed)
    }

    /// Stanzas that were replaced.
    pub fn replaced_in_all(&self) -> u64 {
        Offence::ALL.into_iter().map(|offence| self.replaced(offence)).sum()
    }

    /// Streams that were given up, since what came on them could not be gone on with.
    pub fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }

    pub(super) fn count_replaced(&self, offence: Offence) {
        self.replaced[offence as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_broken(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offences_are_counted_and_named_one_by_one() {
        let counters = Counters::default();
        for (index, offence) in Offence::ALL.into_iter().enumerate() {
            assert_eq!(offence as usize, index, "{offence:?} is where its counter is");
            assert_eq!(Offence::from_name(offence.as_str()), Some(offence));
            counters.count_replaced(offence);
            assert_eq!(counters.replaced(offence), 1);
        }
        assert_eq!(counters.replaced_in_all(), 10);
        assert_eq!(Offence::from_name("fancy"), None);
    }
}
