//! Sets of scopes.

pub use protocol::Scope;

fn bit(scope: Scope) -> u16 {
    1 << scope as u8
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Everything that a person may do themselves, unless the gateway is set to allow more.
    pub const ALL: Scopes = Scopes(0b0_1111_1111);

    /// This, and nothing besides.
    pub const fn only(scope: Scope) -> Self {
        Scopes(1 << scope as u8)
    }

    /// Nothing.
    pub const NONE: Scopes = Scopes(0);

    /// Everything that there is.
    pub const EVERYTHING: Scopes = Scopes((1 << Scope::ALL.len()) - 1);

    /// These, and others.
    pub fn and(self, others: Scopes) -> Self {
        Scopes(self.0 | others.0)
    }

    /// These without others.
    pub fn minus(self, others: Scopes) -> Self {
        Scopes(self.0 & !others.0)
    }

    /// These, and one more.
    pub fn with(self, scope: Scope) -> Self {
        Scopes(self.0 | bit(scope))
    }

    /// All but one.
    pub fn without(self, scope: Scope) -> Self {
        Scopes(self.0 & !bit(scope))
    }

    /// Those of these that are among others.
    pub fn within(self, others: Scopes) -> Self {
        Scopes(self.0 & others.0)
    }

    /// The words of a token's `scope`; words that are not known allow nothing.
    pub fn from_words(words: &str) -> Self {
        let known = |word: &str| Scope::ALL.into_iter().find(|scope| scope.word() == word);
        Scopes(words.split(' ').filter_map(known).fold(0, |bits, scope| bits | bit(scope)))
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// As a token has it.
    pub fn to_words(self) -> String {
        let words: Vec<&str> = self.iter().map(Scope::word).collect();
        words.join(" ")
    }

    /// These alone.
    pub fn of(scopes: &[Scope]) -> Self {
        Scopes(scopes.iter().fold(0, |bits, scope| bits | bit(*scope)))
    }

    /// The scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        assert_eq!(Scopes::ALL.to_words(), "read send presence sign-ins contacts rooms profile account");
        assert!(!Scopes::ALL.contains(Scope::Raw) && !Scopes::ALL.contains(Scope::Admin));
        assert!(Scopes::from_words(&Scopes::ALL.with(Scope::Raw).to_words()).contains(Scope::Raw));
        assert_eq!(Scopes::from_words(&Scopes::ALL.to_words()), Scopes::ALL);
        let some = Scopes::from_words("send administer read-everything  ");
        assert_eq!(some.to_words(), "send");
        assert!(!some.contains(Scope::Read));
        assert_eq!(Scopes::from_words("").to_words(), "");
        assert_eq!(Scopes::EVERYTHING, Scopes::of(&Scope::ALL));
    }
}
