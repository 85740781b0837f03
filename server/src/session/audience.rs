//! Who listens to a session, and whether anybody looks.
//!
//! A sign-in is a browser, and a browser has tabs. Each says whether it can be seen; a session at which nobody looks need
//! not hear at once of what can wait (XEP-0352). For that, a listener that says nothing of tabs counts as one that looks. To
//! whoever tells people elsewhere of what they do not see, only what a tab says counts.

use std::collections::{BTreeSet, HashMap};

use protocol::SignInId;

/// The most tabs of one sign-in.
const MAX_TABS: usize = 64;
/// The most sign-ins whose tabs are remembered while they do not listen.
const MAX_SIGN_INS: usize = 64;

/// Who is there.
#[derive(Debug, Default)]
pub(super) struct Audience {
    /// Those of no sign-in.
    unnamed: usize,
    by_sign_in: HashMap<SignInId, Listeners>,
    /// How often tabs have said that they can be seen.
    words: u64,
}

/// What there is to know of an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sight {
    /// Somebody listens.
    pub(super) is_attended: bool,
    /// Somebody looks, or does not say that they don't.
    pub(super) is_watched: bool,
    /// Somebody has said that they look.
    pub(super) is_claimed: bool,
    /// How often that was said.
    pub(super) words: u64,
}

/// The listeners of one sign-in.
#[derive(Debug, Default)]
struct Listeners {
    count: usize,
    /// Tabs that can be seen; `None` if no tab ever said anything.
    visible: Option<BTreeSet<String>>,
}

impl Audience {
    /// Somebody listens.
    pub(super) fn come(&mut self, sign_in: Option<&SignInId>) {
        match sign_in {
            Some(id) => self.by_sign_in.entry(id.clone()).or_default().count += 1,
            None => self.unnamed += 1,
        }
    }

    /// They no longer do. Tabs take turns at listening, so that what they said of themselves is kept.
    pub(super) fn go(&mut self, sign_in: Option<&SignInId>) {
        let Some(id) = sign_in else {
            self.unnamed = self.unnamed.saturating_sub(1);
            return;
        };
        if let Some(listeners) = self.by_sign_in.get_mut(id) {
            listeners.count = listeners.count.saturating_sub(1);
        }
    }

    /// A tab can be seen, or not any more.
    pub(super) fn see(&mut self, sign_in: &SignInId, tab: &str, is_visible: bool) {
        if self.by_sign_in.len() >= MAX_SIGN_INS {
            self.by_sign_in.retain(|id, listeners| listeners.count > 0 || id == sign_in);
        }
        let listeners = self.by_sign_in.entry(sign_in.clone()).or_default();
        let visible = listeners.visible.get_or_insert_default();
        if !is_visible {
            visible.remove(tab);
            return;
        }
        self.words += 1;
        if visible.len() < MAX_TABS {
            visible.insert(tab.to_owned());
        }
    }

    /// Who is there now.
    pub(super) fn sight(&self) -> Sight {
        let listening = || self.by_sign_in.values().filter(|listeners| listeners.count > 0);
        let is_claimed = |listeners: &Listeners| listeners.visible.as_ref().map(|tabs| !tabs.is_empty());
        Sight {
            is_attended: self.unnamed > 0 || listening().next().is_some(),
            is_watched: self.unnamed > 0 || listening().any(|one| is_claimed(one).unwrap_or(true)),
            is_claimed: listening().any(|one| is_claimed(one).unwrap_or(false)),
            words: self.words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happens; of sign-ins `a` and `b`, or of nobody's (`-`).
    #[derive(Debug)]
    enum Step {
        Comes(&'static str),
        Goes(&'static str),
        Sees(&'static str, &'static str),
        Hides(&'static str, &'static str),
    }

    #[test]
    fn what_is_known_of_an_audience_is_what_it_says_of_itself() {
        use Step::{Comes, Goes, Hides, Sees};
        let sign_in = |name: &str| (name != "-").then(|| SignInId(name.to_owned()));
        let mut audience = Audience::default();
        // Whether it is attended, watched, and said to be; and how often that was said.
        for (step, expected, why) in [
            (Comes("a"), (true, true, false, 0), "nothing was said of tabs"),
            (Sees("a", "1"), (true, true, true, 1), "one is seen"),
            (Sees("a", "1"), (true, true, true, 2), "it says so again"),
            (Sees("a", "2"), (true, true, true, 3), "two are"),
            (Hides("a", "1"), (true, true, true, 3), "one is left"),
            (Hides("a", "2"), (true, false, false, 3), "all are hidden"),
            (Comes("b"), (true, true, false, 3), "another says nothing of tabs"),
            (Hides("b", "1"), (true, false, false, 3), "nor has it one that is seen"),
            (Comes("-"), (true, true, false, 3), "somebody of no sign-in"),
            (Goes("-"), (true, false, false, 3), "they went"),
            (Sees("a", "1"), (true, true, true, 4), "somebody is back"),
            (Goes("b"), (true, true, true, 4), "the other went"),
            (Goes("a"), (false, false, false, 4), "nobody listens"),
            (Sees("a", "1"), (false, false, false, 5), "whoever does not listen does not look, but is alive"),
            (Hides("a", "1"), (false, false, false, 5), "what was said meanwhile"),
            (Comes("a"), (true, false, false, 5), "holds"),
        ] {
            match &step {
                Comes(who) => audience.come(sign_in(who).as_ref()),
                Goes(who) => audience.go(sign_in(who).as_ref()),
                Sees(who, tab) => audience.see(&sign_in(who).unwrap(), tab, true),
                Hides(who, tab) => audience.see(&sign_in(who).unwrap(), tab, false),
            }
            let Sight { is_attended, is_watched, is_claimed, words } = audience.sight();
            assert_eq!((is_attended, is_watched, is_claimed, words), expected, "{step:?}: {why}");
        }
    }

    #[test]
    fn tabs_are_bounded() {
        let id = SignInId("a".to_owned());
        let mut audience = Audience::default();
        audience.come(Some(&id));
        for n in 0..1000 {
            audience.see(&id, &n.to_string(), true);
        }
        assert_eq!(audience.by_sign_in[&id].visible.as_ref().unwrap().len(), MAX_TABS);
    }

    #[test]
    fn sign_ins_that_do_not_listen_are_bounded() {
        let mut audience = Audience::default();
        let id = |n: usize| SignInId(n.to_string());
        audience.come(Some(&id(0)));
        for n in 0..1000 {
            audience.see(&id(n), "1", true);
        }
        assert!(audience.by_sign_in.len() <= MAX_SIGN_INS);
        assert!(audience.sight().is_claimed);
    }
}
