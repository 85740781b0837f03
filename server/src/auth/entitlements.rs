//! What people may do, whatever their tokens say: by the settings, and over these by what administrators set.
//!
//! A token says what its bearer was let do when it was made. What they do is let by both, at each request, so that what is
//! taken away is gone at once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use protocol::{BareJid, TimestampMs};

use super::keeper::{Change, Keeper};
use super::{Auth, Principal, Scope, Scopes};
use crate::store::EntitlementsRecord;

/// For whom a rule of the settings is. The narrower goes over the wider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Everyone,
    /// Those of a group.
    Group(HashSet<BareJid>),
    /// One.
    Person(BareJid),
}

impl Who {
    pub(super) fn has(&self, jid: &BareJid) -> bool {
        match self {
            Who::Everyone => true,
            Who::Group(people) => people.contains(jid),
            Who::Person(person) => person == jid,
        }
    }

    fn width(&self) -> u8 {
        match self {
            Who::Everyone => 2,
            Who::Group(_) => 1,
            Who::Person(_) => 0,
        }
    }
}

/// What somebody may do besides, and what they may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// What they may do besides.
    pub allow: Scopes,
    /// What they may not do. It goes over what they may.
    pub deny: Scopes,
}

impl Given {
    /// Nothing is changed.
    pub const NOTHING: Given = Given { allow: Scopes::NONE, deny: Scopes::NONE };

    fn over(self, scopes: Scopes) -> Scopes {
        scopes.and(self.allow).minus(self.deny)
    }

    fn and(self, other: Given) -> Given {
        Given { allow: self.allow.and(other.allow), deny: self.deny.and(other.deny) }
    }
}

/// A rule of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// For whom.
    pub who: Who,
    /// What is given and taken.
    pub given: Given,
}

/// Why nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntitlementsError {
    /// It could not be kept.
    #[error("what people may do is kept where there is a store, and there is none")]
    NotKept,
    /// Whoever asks would be no administrator any more.
    #[error("an administrator is one until another says otherwise")]
    OwnAdmin,
}

#[derive(Debug)]
pub(super) struct Entitlements {
    /// What everybody may do of whom no rule says otherwise.
    base: Scopes,
    rules: Vec<Rule>,
    given: RwLock<HashMap<BareJid, Given>>,
    keeper: Arc<Keeper>,
}

impl Entitlements {
    /// With what is set of people already.
    pub(super) fn new(
        base: Scopes,
        rules: Vec<Rule>,
        keeper: Arc<Keeper>,
        kept: Vec<EntitlementsRecord>,
    ) -> Self {
        let given = kept.into_iter().filter_map(|record| {
            let (allow, deny) = (Scopes::from_words(&record.allowed), Scopes::from_words(&record.denied));
            Some((record.jid.parse().ok()?, Given { allow, deny }))
        });
        Entitlements { base, rules, given: RwLock::new(given.collect()), keeper }
    }

    fn of(&self, jid: &BareJid) -> Scopes {
        let by_width = |width| {
            let rules = self.rules.iter().filter(|rule| rule.who.width() == width && rule.who.has(jid));
            rules.fold(Given::NOTHING, |given, rule| given.and(rule.given))
        };
        let by_rules = [2, 1, 0].into_iter().fold(self.base, |scopes, width| by_width(width).over(scopes));
        self.given(jid).unwrap_or(Given::NOTHING).over(by_rules)
    }

    fn given(&self, jid: &BareJid) -> Option<Given> {
        self.given.read().unwrap_or_else(PoisonError::into_inner).get(jid).copied()
    }

    fn set(&self, now_ms: TimestampMs, jid: &BareJid, given: Option<Given>) {
        let mut all = self.given.write().unwrap_or_else(PoisonError::into_inner);
        match given {
            Some(given) => {
                all.insert(jid.clone(), given);
                self.keeper.change(Change::KeepEntitlements(Box::new(EntitlementsRecord {
                    jid: jid.as_str().to_owned(),
                    allowed: given.allow.to_words(),
                    denied: given.deny.to_words(),
                    changed_at_ms: now_ms,
                })));
            }
            None => {
                all.remove(jid);
                self.keeper.change(Change::ForgetEntitlements(jid.as_str().to_owned()));
            }
        }
    }
}

impl Auth {
    /// What somebody may do now.
    pub fn entitled(&self, jid: &BareJid) -> Scopes {
        self.0.entitlements.of(jid)
    }

    /// What administrators have set of somebody, if anything.
    pub fn given(&self, jid: &BareJid) -> Option<Given> {
        self.0.entitlements.given(jid)
    }

    /// The same for an administrator, who is written down.
    pub fn given_for(&self, now_ms: TimestampMs, admin: &Principal, jid: &BareJid) -> Given {
        self.acted(now_ms, admin, jid, "looked at entitlements".to_owned());
        self.given(jid).unwrap_or(Given::NOTHING)
    }

    /// Sets what somebody may do over what the settings say, or nothing any more. It counts from the next request on;
    /// what is open for them already is to be closed, so that it is asked for anew.
    ///
    /// # Errors
    /// [`EntitlementsError`].
    pub fn give(
        &self,
        now_ms: TimestampMs,
        admin: &Principal,
        jid: &BareJid,
        given: Option<Given>,
    ) -> Result<(), EntitlementsError> {
        if !self.keeps_credentials() {
            return Err(EntitlementsError::NotKept);
        }
        let before = self.given(jid);
        self.0.entitlements.set(now_ms, jid, given);
        if admin.jid == *jid && !self.entitled(jid).contains(Scope::Admin) {
            self.0.entitlements.set(now_ms, jid, before);
            return Err(EntitlementsError::OwnAdmin);
        }
        let what = match given {
            Some(Given { allow, deny }) => {
                format!("set entitlements: allow [{}], deny [{}]", allow.to_words(), deny.to_words())
            }
            None => "took entitlements back".to_owned(),
        };
        self.acted(now_ms, admin, jid, what);
        Ok(())
    }

    /// Sets what somebody may do, as if an administrator had.
    #[cfg(test)]
    pub(crate) fn entitle(&self, jid: &BareJid, given: Option<Given>) {
        self.0.entitlements.set(0, jid, given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(name: &str) -> BareJid {
        format!("{name}@spark.test").parse().unwrap()
    }

    fn given(allow: &str, deny: &str) -> Given {
        Given { allow: Scopes::from_words(allow), deny: Scopes::from_words(deny) }
    }

    #[test]
    fn the_narrower_goes_over_the_wider_and_what_is_set_over_all() {
        let group = |names: &[&str]| Who::Group(names.iter().map(|name| jid(name)).collect());
        let rule = |who, allow, deny| Rule { who, given: given(allow, deny) };
        let rules = vec![
            // In no order: what is for one counts last.
            rule(Who::Person(jid("nurse")), "rooms", ""),
            rule(Who::Person(jid("paris")), "", "send"),
            rule(group(&["juliet", "nurse", "paris"]), "raw", ""),
            rule(group(&["nurse"]), "", "raw"),
            rule(Who::Everyone, "", "rooms account"),
        ];
        let base = Scopes::from_words("read send rooms account");
        let entitlements = Entitlements::new(base, rules, Arc::new(Keeper::none()), Vec::new());
        let words = |name| entitlements.of(&jid(name)).to_words();
        for (name, expected) in [
            ("romeo", "read send"),
            ("juliet", "read send raw"),
            ("nurse", "read send rooms"),
            ("paris", "read raw"),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
        entitlements.set(0, &jid("paris"), Some(given("send admin", "read")));
        assert_eq!(words("paris"), "send raw admin");
        entitlements.set(0, &jid("paris"), Some(given("send", "send")));
        assert_eq!(words("paris"), "read raw", "what is taken goes over what is given");
        entitlements.set(0, &jid("paris"), None);
        assert_eq!(words("paris"), "read raw");
    }

    #[test]
    fn what_was_set_is_there_after_a_restart() {
        let record = EntitlementsRecord {
            jid: "juliet@spark.test".to_owned(),
            allowed: "raw fly".to_owned(),
            denied: "send".to_owned(),
            changed_at_ms: 1,
        };
        let base = Scopes::from_words("read send");
        let entitlements = Entitlements::new(base, Vec::new(), Arc::new(Keeper::none()), vec![record]);
        assert_eq!(entitlements.of(&jid("juliet")).to_words(), "read raw");
    }
}
