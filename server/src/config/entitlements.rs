//! Who belongs together, who may do what, and who is asked for what.

use std::collections::{BTreeMap, HashSet};

use protocol::{BareJid, Scope, SecondFactor};
use serde::Deserialize;

use super::ConfigError;
use crate::auth::{FactorRule, Given, Rule, Scopes, Where, Who, is_web_origin};
use crate::xmpp::normalise;

/// Groups by their names: who is in them.
pub type Groups = BTreeMap<String, Vec<BareJid>>;

/// What somebody may do besides what everybody may, or may not do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entitlement {
    /// Of one person.
    pub jid: Option<BareJid>,
    /// Of those of a group. Without it, and without `jid`, it is of everybody.
    pub group: Option<String>,
    /// What they may do besides.
    pub allow: Vec<Scope>,
    /// What they may not do.
    pub deny: Vec<Scope>,
}

impl Entitlement {
    fn rule(&self, groups: &Groups) -> Result<Rule, ConfigError> {
        let who = who("entitlements", self.jid.as_ref(), self.group.as_deref(), groups)?;
        let given = Given { allow: Scopes::of(&self.allow), deny: Scopes::of(&self.deny) };
        Ok(Rule { who, given })
    }
}

/// The word for what comes from no page.
const NO_PAGE: &str = "none";

/// Who is asked for more than others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// One person.
    pub jid: Option<BareJid>,
    /// Those of a group. Without it, and without `jid`, everybody is.
    pub group: Option<String>,
    /// Those who come from pages of these origins; `none` is what comes from no page. Without any, those who come from
    /// anywhere.
    #[serde(default)]
    pub origins: Vec<String>,
    /// What they are asked for.
    pub second_factor: SecondFactor,
}

impl Factor {
    fn rule(&self, groups: &Groups) -> Result<FactorRule, ConfigError> {
        let who = who("factors", self.jid.as_ref(), self.group.as_deref(), groups)?;
        let (none, origins): (Vec<&String>, Vec<&String>) =
            self.origins.iter().partition(|origin| *origin == NO_PAGE);
        if let Some(origin) = origins.iter().find(|origin| !is_web_origin(origin)) {
            let shown: String = origin.chars().filter(|char| !char.is_control()).take(100).collect();
            return Err(senseless("factors.origins", format!("`{shown}` is neither an origin nor `none`")));
        }
        let place = match self.origins.is_empty() {
            true => Where::Anywhere,
            false => Where::From {
                origins: origins.into_iter().cloned().collect::<HashSet<_>>(),
                no_page: !none.is_empty(),
            },
        };
        Ok(FactorRule { who, place, asks: self.second_factor })
    }
}

/// The rules that these are.
///
/// # Errors
/// [`ConfigError::Senseless`].
pub(super) fn factors(factors: &[Factor], groups: &Groups) -> Result<Vec<FactorRule>, ConfigError> {
    factors.iter().map(|factor| factor.rule(groups)).collect()
}

/// The rules that these are.
///
/// # Errors
/// [`ConfigError::Senseless`].
pub(super) fn rules(entitlements: &[Entitlement], groups: &Groups) -> Result<Vec<Rule>, ConfigError> {
    for jid in groups.values().flatten() {
        person("groups", jid)?;
    }
    entitlements.iter().map(|entitlement| entitlement.rule(groups)).collect()
}

/// Those who are named: one, those of a group, or everybody.
fn who(
    key: &'static str,
    jid: Option<&BareJid>,
    group: Option<&str>,
    groups: &Groups,
) -> Result<Who, ConfigError> {
    match (jid, group) {
        (None, None) => Ok(Who::Everyone),
        (Some(jid), None) => Ok(Who::Person(person(key, jid)?)),
        (None, Some(name)) => {
            let people = groups.get(name).ok_or_else(|| {
                let shown: String = name.chars().filter(|char| !char.is_control()).take(100).collect();
                senseless(key, format!("there is no group `{shown}`"))
            })?;
            Ok(Who::Group(people.iter().map(|jid| person("groups", jid)).collect::<Result<_, _>>()?))
        }
        (Some(_), Some(_)) => {
            Err(senseless(key, "this is for `jid` or for `group`, not for both".to_owned()))
        }
    }
}

/// As whom they sign in, however they are written.
fn person(key: &'static str, jid: &BareJid) -> Result<BareJid, ConfigError> {
    normalise(jid).map_err(|error| senseless(key, format!("`{}` is no address: {error}", jid.as_str())))
}

fn senseless(key: &'static str, why: String) -> ConfigError {
    ConfigError::Senseless { key, why }
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;

    #[test]
    fn rules_name_who_they_are_for() {
        let settings = |text: &str| load(&format!("[xmpp]\ndomain = 'spark.test'\n{text}"));
        let config = settings(
            "[groups]\nadmins = ['Nurse@Spark.Test']\n[[entitlements]]\ngroup = 'admins'\nallow = ['admin']\n\
             [[entitlements]]\ndeny = ['rooms']\n[[entitlements]]\njid = 'paris@spark.test'\ndeny = ['sign-ins']",
        );
        let auth = crate::auth::Auth::new(config.unwrap().auth()).unwrap();
        let words = |jid: &str| auth.entitled(&jid.parse().unwrap()).to_words();
        let all = "read send presence sign-ins contacts profile account";
        assert_eq!(words("romeo@spark.test"), all);
        assert_eq!(words("nurse@spark.test"), format!("{all} admin"));
        assert_eq!(words("paris@spark.test"), all.replace(" sign-ins", ""));
        for (text, named) in [
            ("[groups]\nadmins = ['@']", "groups"),
            ("[[entitlements]]\ngroup = 'admins'", "entitlements: there is no group `admins`"),
            ("[[entitlements]]\nallow = ['fly']", "fly"),
            ("[[entitlements]]\njid = 'a b'", "entitlements"),
            ("[[entitlements]]\nallows = []", "allows"),
            ("[[factors]]\njid = 'a@b'", "second_factor"),
            ("[[factors]]\nsecond_factor = 'never'", "never"),
            (
                "[store]\nurl = 'sqlite:a'\nkey_file = 'b'\n[[factors]]\nsecond_factor = 'required'\norigins = ['https://a/b']",
                "factors.origins: `https://a/b` is",
            ),
            (
                "[store]\nurl = 'sqlite:a'\nkey_file = 'b'\n[[factors]]\nsecond_factor = 'required'\ngroup = 'admins'",
                "factors: there is no group",
            ),
            ("[[factors]]\nsecond_factor = 'required'", "store"),
            (
                "[store]\nurl = 'sqlite:a'\nkey_file = 'b'\n[[factors]]\nsecond_factor = 'passkey'",
                "public_url",
            ),
            ("[groups]\na = []\n[[entitlements]]\njid = 'a@b'\ngroup = 'a'", "not for both"),
        ] {
            let error = settings(text).map(drop).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
