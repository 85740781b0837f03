//! What somebody has shown of who they are, and how far that gets them. Pure.

use protocol::{ProofKind, SecondFactor};

/// One thing that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The password.
    Password,
    /// The code of an authenticator app.
    Totp,
    /// A code for when the app is lost.
    RecoveryCode,
    /// A passkey that was touched.
    Passkey,
    /// A passkey that knows whose hand it is in: by a PIN, a finger, a face (WebAuthn: user verification).
    VerifiedPasskey,
    /// What a site says that is trusted.
    Assertion,
}

impl Means {
    const ALL: [Means; 6] = [
        Means::Password,
        Means::Totp,
        Means::RecoveryCode,
        Means::Passkey,
        Means::VerifiedPasskey,
        Means::Assertion,
    ];

    /// The word for it where it is kept.
    pub(super) fn word(self) -> &'static str {
        match self {
            Means::Password => "password",
            Means::Totp => "totp",
            Means::RecoveryCode => "recovery-code",
            Means::Passkey => "passkey",
            Means::VerifiedPasskey => "verified-passkey",
            Means::Assertion => "assertion",
        }
    }

    /// The words for it in a token (RFC 8176 section 2).
    fn amr(self) -> &'static [&'static str] {
        match self {
            Means::Password => &["pwd"],
            Means::Totp | Means::RecoveryCode => &["otp"],
            Means::Passkey => &["pop"],
            Means::VerifiedPasskey => &["pop", "user"],
            // The registry has no word for it; this is what other issuers say.
            Means::Assertion => &["fed"],
        }
    }

    /// Something that one has, rather than knows.
    fn is_had(self) -> bool {
        !self.is_first()
    }

    /// It is enough to begin with: something that only the person knows, or the word of somebody who has seen that it is
    /// they.
    fn is_first(self) -> bool {
        matches!(self, Means::Password | Means::Assertion)
    }
}

/// All that somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown(u8);

impl Shown {
    /// The password, and nothing besides.
    pub const PASSWORD: Shown = Shown(1 << Means::Password as u8);

    /// What a site says, and nothing besides.
    pub const ASSERTION: Shown = Shown(1 << Means::Assertion as u8);

    /// This, and nothing besides.
    pub fn only(means: Means) -> Self {
        Shown::default().with(means)
    }

    /// This besides.
    #[must_use]
    pub fn with(self, means: Means) -> Self {
        Shown(self.0 | 1 << means as u8)
    }

    /// It was shown.
    pub fn has(self, means: Means) -> bool {
        self.0 & 1 << means as u8 != 0
    }

    fn iter(self) -> impl Iterator<Item = Means> {
        Means::ALL.into_iter().filter(move |means| self.has(*means))
    }

    /// Something that one has and something that one knows or is: whoever got hold of one of them is not in.
    pub fn is_twofold(self) -> bool {
        self.has(Means::VerifiedPasskey) || self.has_first() && self.iter().any(Means::is_had)
    }

    /// A passkey was among it.
    fn has_passkey(self) -> bool {
        self.has(Means::Passkey) || self.has(Means::VerifiedPasskey)
    }

    fn has_first(self) -> bool {
        self.iter().any(Means::is_first)
    }

    /// As it is kept.
    pub(super) fn to_words(self) -> String {
        let words: Vec<&str> = self.iter().map(Means::word).collect();
        words.join(" ")
    }

    /// Words that are not known were not shown.
    pub(super) fn from_words(words: &str) -> Self {
        let known = |word: &str| Means::ALL.into_iter().find(|means| means.word() == word);
        words.split(' ').filter_map(known).fold(Shown::default(), Shown::with)
    }

    /// As a token says it (RFC 8176 section 2).
    pub(super) fn amr(self) -> Vec<String> {
        let mut words: Vec<&str> = self.iter().flat_map(Means::amr).copied().collect();
        words.dedup();
        if self.is_twofold() {
            words.push("mfa");
        }
        words.into_iter().map(str::to_owned).collect()
    }

    /// How sure it makes: the levels of NIST SP 800-63B section 4.
    pub(super) fn acr(self) -> &'static str {
        if self.is_twofold() { "aal2" } else { "aal1" }
    }
}

/// What somebody has set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetUp {
    /// An authenticator app.
    pub totp: bool,
    /// A passkey, or more.
    pub passkey: bool,
}

/// How far somebody got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are in.
    In,
    /// They are in to set up a second factor, and for nothing else.
    InToSetUp,
    /// Any of these brings them on.
    Asked(Vec<ProofKind>),
}

/// What was shown is all that is asked for, whatever else somebody has set up.
pub(super) fn is_enough(shown: Shown, rule: SecondFactor) -> bool {
    shown.is_twofold() && (rule != SecondFactor::Passkey || shown.has_passkey())
}

/// How far what was shown gets somebody.
pub(super) fn standing(shown: Shown, set_up: SetUp, rule: SecondFactor) -> Standing {
    if is_enough(shown, rule) {
        return Standing::In;
    }
    if !shown.has_first() {
        // A thing alone may have been found or stolen.
        let first = shown == Shown::default();
        return Standing::Asked(kinds(&[(ProofKind::Passkey, first), (ProofKind::Password, true)]));
    }
    match (rule, set_up) {
        (SecondFactor::Passkey, SetUp { passkey: true, .. }) => Standing::Asked(vec![ProofKind::Passkey]),
        // They have shown all that they have, and set up the passkey now.
        (SecondFactor::Passkey, _) if shown.is_twofold() => Standing::InToSetUp,
        (_, SetUp { totp: true, .. }) | (SecondFactor::Required, SetUp { passkey: true, .. }) => {
            Standing::Asked(second(set_up))
        }
        (SecondFactor::Required | SecondFactor::Passkey, _) => Standing::InToSetUp,
        (SecondFactor::WhenSetUp, _) => Standing::In,
    }
}

/// What whoever is in is asked for to show that it is still them.
pub(super) fn again(set_up: SetUp) -> Vec<ProofKind> {
    if set_up.totp {
        // Whoever knows the password alone is not to remove what guards against that.
        return second(set_up);
    }
    kinds(&[(ProofKind::Passkey, set_up.passkey), (ProofKind::Password, true)])
}

/// What can be shown besides the password, the best first.
fn second(set_up: SetUp) -> Vec<ProofKind> {
    kinds(&[
        (ProofKind::Passkey, set_up.passkey),
        (ProofKind::Totp, set_up.totp),
        (ProofKind::RecoveryCode, set_up.totp),
    ])
}

fn kinds(all: &[(ProofKind, bool)]) -> Vec<ProofKind> {
    all.iter().filter(|(_, is_there)| *is_there).map(|(kind, _)| *kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProofKind as P;
    use SecondFactor as Rule;
    use SecondFactor::{Required, WhenSetUp};

    const NOTHING: SetUp = SetUp { totp: false, passkey: false };
    const APP: SetUp = SetUp { totp: true, passkey: false };
    const KEY: SetUp = SetUp { totp: false, passkey: true };
    const BOTH: SetUp = SetUp { totp: true, passkey: true };

    fn shown(means: &[Means]) -> Shown {
        means.iter().copied().fold(Shown::default(), Shown::with)
    }

    #[test]
    fn what_was_shown_gets_so_far() {
        use Means::{Assertion, Passkey, Password, RecoveryCode, Totp, VerifiedPasskey};
        let asked = |kinds: &[P]| Standing::Asked(kinds.to_vec());
        let first = asked(&[P::Passkey, P::Password]);
        for (means, set_up, rule, expected) in [
            (&[][..], NOTHING, WhenSetUp, first.clone()),
            (&[], BOTH, Required, first.clone()),
            (&[Password], NOTHING, WhenSetUp, Standing::In),
            (&[Password], KEY, WhenSetUp, Standing::In),
            (&[Password], APP, WhenSetUp, asked(&[P::Totp, P::RecoveryCode])),
            (&[Password], BOTH, WhenSetUp, asked(&[P::Passkey, P::Totp, P::RecoveryCode])),
            (&[Password], NOTHING, Required, Standing::InToSetUp),
            (&[Password], KEY, Required, asked(&[P::Passkey])),
            (&[Password], APP, Required, asked(&[P::Totp, P::RecoveryCode])),
            (&[Password, Totp], APP, WhenSetUp, Standing::In),
            (&[Password, RecoveryCode], APP, Required, Standing::In),
            (&[Password, Passkey], BOTH, Required, Standing::In),
            // By a passkey alone, or with one.
            (&[VerifiedPasskey], BOTH, Rule::Passkey, Standing::In),
            (&[Password, Passkey], KEY, Rule::Passkey, Standing::In),
            (&[Password], KEY, Rule::Passkey, asked(&[P::Passkey])),
            (&[Password, Totp], BOTH, Rule::Passkey, asked(&[P::Passkey])),
            (&[Password, Totp, Passkey], BOTH, Rule::Passkey, Standing::In),
            // Whoever is to set up a passkey shows first what there is.
            (&[Password], NOTHING, Rule::Passkey, Standing::InToSetUp),
            (&[Password], APP, Rule::Passkey, asked(&[P::Totp, P::RecoveryCode])),
            (&[Password, Totp], APP, Rule::Passkey, Standing::InToSetUp),
            (&[], NOTHING, Rule::Passkey, first.clone()),
            (&[Passkey], KEY, Rule::Passkey, asked(&[P::Password])),
            // What a site says stands where the password does.
            (&[Assertion], NOTHING, WhenSetUp, Standing::In),
            (&[Assertion], NOTHING, Required, Standing::InToSetUp),
            (&[Assertion], APP, WhenSetUp, asked(&[P::Totp, P::RecoveryCode])),
            (&[Assertion], KEY, Required, asked(&[P::Passkey])),
            (&[Assertion, Password], KEY, Required, asked(&[P::Passkey])),
            (&[Assertion, Totp], APP, Required, Standing::In),
            (&[Assertion, Passkey], KEY, Rule::Passkey, Standing::In),
            (&[VerifiedPasskey], BOTH, Required, Standing::In),
            (&[VerifiedPasskey], KEY, WhenSetUp, Standing::In),
            // What one has, alone, however much of it.
            (&[Passkey], KEY, WhenSetUp, asked(&[P::Password])),
            (&[Totp], APP, WhenSetUp, asked(&[P::Password])),
            (&[Passkey, Totp, RecoveryCode], BOTH, WhenSetUp, asked(&[P::Password])),
        ] {
            assert_eq!(standing(shown(means), set_up, rule), expected, "{means:?} {set_up:?} {rule:?}");
        }
    }

    #[test]
    fn what_shows_it_again() {
        for (set_up, expected) in [
            (NOTHING, &[P::Password][..]),
            (KEY, &[P::Passkey, P::Password]),
            (APP, &[P::Totp, P::RecoveryCode]),
            (BOTH, &[P::Passkey, P::Totp, P::RecoveryCode]),
        ] {
            assert_eq!(again(set_up), expected, "{set_up:?}");
        }
    }

    #[test]
    fn it_is_read_as_it_is_written_and_told_in_the_words_of_the_standard() {
        use Means::{Passkey, Password, RecoveryCode, Totp, VerifiedPasskey};
        for (means, amr, acr) in [
            (&[Password][..], &["pwd"][..], "aal1"),
            (&[Password, Totp], &["pwd", "otp", "mfa"], "aal2"),
            (&[Password, Totp, RecoveryCode], &["pwd", "otp", "mfa"], "aal2"),
            (&[Password, Passkey], &["pwd", "pop", "mfa"], "aal2"),
            (&[VerifiedPasskey], &["pop", "user", "mfa"], "aal2"),
            (&[Passkey], &["pop"], "aal1"),
        ] {
            let shown = shown(means);
            assert_eq!(shown.amr(), amr);
            assert_eq!(shown.acr(), acr);
            assert_eq!(Shown::from_words(&shown.to_words()), shown);
        }
        assert_eq!(Shown::from_words("password retina  "), Shown::PASSWORD);
        assert_eq!(Shown::from_words(""), Shown::default());
    }
}
