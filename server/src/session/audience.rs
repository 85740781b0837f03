//! Who listens to a session, and whether anybody looks.
//!
//! A sign-in is a browser, and a browser has tabs. Each says whether it can be seen; a session at which nobody looks need
//! not hear at once of what can wait (XEP-0352). A listener that says nothing of tabs counts as one that looks.

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
        } else if visible.len() < MAX_TABS {
            visible.insert(tab.to_owned());
        }
    }

    /// Somebody listens.
    pub(super) fn is_attended(&self) -> bool {
        self.unnamed > 0 || self.by_sign_in.values().any(|listeners| listeners.count > 0)
    }

    /// Somebody looks.
    pub(super) fn is_watched(&self) -> bool {
        let looks = |listeners: &Listeners| {
            listeners.count > 0 && listeners.visible.as_ref().is_none_or(|tabs| !tabs.is_empty())
        };
        self.unnamed > 0 || self.by_sign_in.values().any(looks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_watched_while_a_tab_can_be_seen() {
        let (a, b) = (SignInId("a".to_owned()), SignInId("b".to_owned()));
        let mut audience = Audience::default();
        let state = |audience: &Audience| (audience.is_attended(), audience.is_watched());
        assert_eq!(state(&audience), (false, false));
        audience.come(Some(&a));
        assert_eq!(state(&audience), (true, true), "nothing was said of tabs");
        audience.see(&a, "1", true);
        audience.see(&a, "2", true);
        audience.see(&a, "1", false);
        assert_eq!(state(&audience), (true, true));
        audience.see(&a, "2", false);
        assert_eq!(state(&audience), (true, false), "all tabs are hidden");
        audience.come(Some(&b));
        assert_eq!(state(&audience), (true, true), "another browser says nothing of tabs");
        audience.see(&b, "1", false);
        assert_eq!(state(&audience), (true, false));
        audience.come(None);
        assert_eq!(state(&audience), (true, true));
        audience.go(None);
        audience.go(Some(&b));
        audience.see(&a, "1", true);
        audience.go(Some(&a));
        assert_eq!(state(&audience), (false, false), "nobody listens");
        audience.see(&a, "1", false);
        audience.come(Some(&a));
        assert_eq!(state(&audience), (true, false), "what was said meanwhile holds");
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
        assert!(audience.is_watched());
    }
}
