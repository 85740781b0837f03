//! Which factors somebody is asked for: everybody, and more of some people and in some places. Pure.

use std::collections::HashSet;

use protocol::BareJid;

use super::{SecondFactor, Who};

/// From which pages somebody comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// From any, or none.
    Anywhere,
    /// From one of these.
    From {
        /// The origins of pages.
        origins: HashSet<String>,
        /// What comes from no page: scripts and programs, which send no `Origin`.
        no_page: bool,
    },
}

impl Where {
    fn has(&self, origin: Option<&str>) -> bool {
        match (self, origin) {
            (Where::Anywhere, _) => true,
            (Where::From { origins, .. }, Some(origin)) => origins.contains(origin),
            (Where::From { no_page, .. }, None) => *no_page,
        }
    }
}

/// What is asked of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorRule {
    /// Of whom.
    pub who: Who,
    /// Where they come from. What a page's origin is, its browser says; a program can say anything.
    pub place: Where,
    /// What they are asked for.
    pub asks: SecondFactor,
}

/// What is asked of everybody, and of whom more. Of several rules that are for somebody the strictest counts, so that no rule
/// takes away what another asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactorPolicy {
    /// What is asked of everybody.
    pub base: SecondFactor,
    /// What is asked of some.
    pub rules: Vec<FactorRule>,
}

impl FactorPolicy {
    /// What somebody is asked for who comes from a page of this origin, or from none.
    pub(super) fn asks(&self, jid: &BareJid, origin: Option<&str>) -> SecondFactor {
        self.strictest(|rule| rule.who.has(jid) && rule.place.has(origin))
    }

    /// What somebody is asked for from wherever they come.
    pub(super) fn asks_anywhere(&self, jid: &BareJid) -> SecondFactor {
        self.strictest(|rule| rule.who.has(jid) && rule.place == Where::Anywhere)
    }

    /// The most that somebody may be asked for.
    pub(super) fn may_ask(&self, jid: &BareJid) -> SecondFactor {
        self.strictest(|rule| rule.who.has(jid))
    }

    fn strictest(&self, is_for_them: impl Fn(&FactorRule) -> bool) -> SecondFactor {
        let rules = self.rules.iter().filter(|rule| is_for_them(rule));
        rules.fold(self.base, |asks, rule| asks.max(rule.asks))
    }
}

impl From<SecondFactor> for FactorPolicy {
    /// The same of everybody.
    fn from(base: SecondFactor) -> Self {
        FactorPolicy { base, rules: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use SecondFactor::{Passkey, Required, WhenSetUp};

    use super::*;

    #[test]
    fn the_strictest_rule_that_is_for_somebody_counts() {
        let person = |jid: &str| jid.parse::<BareJid>().unwrap();
        let from = |origins: &[&str], no_page| Where::From {
            origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            no_page,
        };
        let staff = Who::Group(HashSet::from([person("nurse@spark.test"), person("juliet@spark.test")]));
        let rule = |who, place, asks| FactorRule { who, place, asks };
        let partner = "https://partner.example";
        let policy = FactorPolicy {
            base: WhenSetUp,
            rules: vec![
                rule(Who::Person(person("nurse@spark.test")), Where::Anywhere, Passkey),
                rule(staff, Where::Anywhere, Required),
                rule(Who::Everyone, from(&[partner], false), Passkey),
                rule(Who::Everyone, from(&[], true), Required),
                // Takes nothing away.
                rule(Who::Person(person("nurse@spark.test")), Where::Anywhere, WhenSetUp),
            ],
        };
        let page = Some("https://chat.example");
        for (jid, origin, asks) in [
            ("romeo@spark.test", page, WhenSetUp),
            ("romeo@spark.test", None, Required),
            ("romeo@spark.test", Some(partner), Passkey),
            ("romeo@spark.test", Some("https://partner.example.com"), WhenSetUp),
            ("romeo@spark.test", Some("null"), WhenSetUp),
            ("juliet@spark.test", page, Required),
            ("juliet@spark.test", Some(partner), Passkey),
            ("nurse@spark.test", page, Passkey),
            ("nurse@spark.test", None, Passkey),
        ] {
            assert_eq!(policy.asks(&person(jid), origin), asks, "{jid} {origin:?}");
        }
        for (jid, anywhere, at_most) in [
            ("romeo@spark.test", WhenSetUp, Passkey),
            ("juliet@spark.test", Required, Passkey),
            ("nurse@spark.test", Passkey, Passkey),
        ] {
            assert_eq!(policy.asks_anywhere(&person(jid)), anywhere, "{jid}");
            assert_eq!(policy.may_ask(&person(jid)), at_most, "{jid}");
        }
        assert_eq!(FactorPolicy::from(Required).asks(&person("romeo@spark.test"), page), Required);
    }
}
