//! What people say of themselves: vCard4 (XEP-0292) and vcard-temp (XEP-0054), of which xmpp-parsers has the photo
//! alone.
//!
//! A card is kept whole: whoever changes it changes what they know, and leaves the rest as it was. What is read from
//! one is bounded.

mod edit;
mod temp;
mod v4;

use minidom::Element;
use protocol::{MAX_PROFILE_ITEMS, MAX_PROFILE_NOTE_BYTES, MAX_PROFILE_TEXT_BYTES, Profile};

use super::element::element;
use super::namespaces as ns;
use super::picture::Picture;

/// Which of the two a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardFormat {
    /// XEP-0292, published by PEP.
    V4,
    /// XEP-0054.
    Temp,
}

/// A card, whole.
#[derive(Clone, PartialEq)]
pub struct Card {
    format: CardFormat,
    document: Element,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(&self.document))
    }
}

impl Card {
    /// One with nothing on it.
    pub fn empty(format: CardFormat) -> Self {
        let document = match format {
            CardFormat::V4 => element("vcard", ns::VCARD4),
            CardFormat::Temp => element("vCard", ns::VCARD),
        };
        Card { format, document }
    }

    /// A document of this format; `None` if it is something else.
    pub(super) fn new(format: CardFormat, document: &Element) -> Option<Self> {
        let is_it = match format {
            CardFormat::V4 => document.is("vcard", ns::VCARD4),
            CardFormat::Temp => document.is("vCard", ns::VCARD),
        };
        is_it.then(|| Card { format, document: document.clone() })
    }

    /// Which of the two it is.
    pub fn format(&self) -> CardFormat {
        self.format
    }

    pub(super) fn document(&self) -> &Element {
        &self.document
    }

    /// What it says, as far as a profile has room for it.
    pub fn profile(&self) -> Profile {
        bounded(match self.format {
            CardFormat::V4 => v4::read(&self.document),
            CardFormat::Temp => temp::read(&self.document),
        })
    }

    /// The same card, saying this and no more of what a profile has room for; what is on it besides stays.
    #[must_use]
    pub fn with(mut self, profile: &Profile) -> Self {
        match self.format {
            CardFormat::V4 => v4::write(&mut self.document, profile),
            CardFormat::Temp => temp::write(&mut self.document, profile),
        }
        self
    }

    /// The same card with another photo, or none. Only vcard-temp has photos that others look at (XEP-0153).
    #[must_use]
    pub fn with_photo(mut self, picture: Option<&Picture>) -> Self {
        if self.format == CardFormat::Temp {
            temp::set_photo(&mut self.document, picture);
        }
        self
    }
}

/// Others can say anything, at any length.
fn bounded(mut profile: Profile) -> Profile {
    let cut = |text: &mut String, max: usize| {
        if text.len() > max {
            let end = (0..=max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
        }
    };
    let Profile { full_name, nickname, given_name, family_name, organisation, title, birthday, .. } =
        &mut profile;
    for text in
        [full_name, nickname, given_name, family_name, organisation, title, birthday].into_iter().flatten()
    {
        cut(text, MAX_PROFILE_TEXT_BYTES);
    }
    if let Some(note) = &mut profile.note {
        cut(note, MAX_PROFILE_NOTE_BYTES);
    }
    for list in [&mut profile.emails, &mut profile.phones, &mut profile.urls] {
        list.truncate(MAX_PROFILE_ITEMS);
        for text in list {
            cut(text, MAX_PROFILE_TEXT_BYTES);
        }
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_bounded() {
        let profile = Profile {
            full_name: Some("é".repeat(1000)),
            note: Some("x".repeat(10_000)),
            emails: vec!["y".repeat(2000); 40],
            ..Profile::default()
        };
        for format in [CardFormat::V4, CardFormat::Temp] {
            let read = Card::empty(format).with(&profile).profile();
            assert_eq!(read.full_name.unwrap().len(), 1024);
            assert_eq!(read.note.unwrap().len(), 8192);
            assert_eq!((read.emails.len(), read.emails[0].len()), (32, 1024));
        }
    }
}
