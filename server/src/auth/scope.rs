//! What a token allows.

/// Something that may be done. Every operation of the API names the one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See the session: snapshot, events, roster, presence, history, avatars.
    Read,
    /// Send messages and typing notices, and mark messages read.
    Send,
    /// Set the person's presence.
    Presence,
    /// End sign-ins.
    SignIns,
    /// Edit the contact list, answer those who want to be on it, block.
    Contacts,
    /// Go into rooms and out of them, and do there what the room allows.
    Rooms,
    /// Say what the person says of themselves, and what they look like.
    Profile,
    /// Change the password, and remove the account.
    Account,
    /// Send and see stanzas as they are. No sign-in has it unless the gateway is set so.
    Raw,
}

impl Scope {
    /// Each of them.
    pub const ALL: [Scope; 9] = [
        Scope::Read,
        Scope::Send,
        Scope::Presence,
        Scope::SignIns,
        Scope::Contacts,
        Scope::Rooms,
        Scope::Profile,
        Scope::Account,
        Scope::Raw,
    ];

    /// The word for it in a token's `scope` (RFC 6749 section 3.3).
    pub fn word(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Send => "send",
            Scope::Presence => "presence",
            Scope::SignIns => "sign-ins",
            Scope::Contacts => "contacts",
            Scope::Rooms => "rooms",
            Scope::Profile => "profile",
            Scope::Account => "account",
            Scope::Raw => "raw",
        }
    }

    fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Everything that a person may do themselves, unless the gateway is set to allow more.
    pub const ALL: Scopes = Scopes(0b0_1111_1111);

    /// These, and one more.
    pub fn with(self, scope: Scope) -> Self {
        Scopes(self.0 | scope.bit())
    }

    /// The words of a token's `scope`; words that are not known allow nothing.
    pub fn from_words(words: &str) -> Self {
        let known = |word: &str| Scope::ALL.into_iter().find(|scope| scope.word() == word);
        Scopes(words.split(' ').filter_map(known).fold(0, |bits, scope| bits | scope.bit()))
    }

    /// As a token has it.
    pub fn to_words(self) -> String {
        let words: Vec<&str> =
            Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).map(Scope::word).collect();
        words.join(" ")
    }

    /// The scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        assert_eq!(Scopes::ALL.to_words(), "read send presence sign-ins contacts rooms profile account");
        assert!(!Scopes::ALL.contains(Scope::Raw));
        assert!(Scopes::from_words(&Scopes::ALL.with(Scope::Raw).to_words()).contains(Scope::Raw));
        assert_eq!(Scopes::from_words(&Scopes::ALL.to_words()), Scopes::ALL);
        let some = Scopes::from_words("send admin read-everything  ");
        assert_eq!(some.to_words(), "send");
        assert!(!some.contains(Scope::Read));
        assert_eq!(Scopes::from_words("").to_words(), "");
    }
}
