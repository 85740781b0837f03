//! Who belongs together, and who may do what.

use std::collections::BTreeMap;

use protocol::{BareJid, Scope};
use serde::Deserialize;

use super::ConfigError;
use crate::auth::{Given, Rule, Scopes, Who};
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
        let who = match (&self.jid, &self.group) {
            (None, None) => Who::Everyone,
            (Some(jid), None) => Who::Person(person("entitlements.jid", jid)?),
            (None, Some(name)) => {
                let people = groups.get(name).ok_or_else(|| {
                    let shown: String = name.chars().filter(|char| !char.is_control()).take(100).collect();
                    senseless("entitlements.group", format!("there is no group `{shown}`"))
                })?;
                Who::Group(people.iter().map(|jid| person("groups", jid)).collect::<Result<_, _>>()?)
            }
            (Some(_), Some(_)) => {
                return Err(senseless(
                    "entitlements",
                    "this is for `jid` or for `group`, not for both".into(),
                ));
            }
        };
        let given = Given { allow: Scopes::of(&self.allow), deny: Scopes::of(&self.deny) };
        Ok(Rule { who, given })
    }
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
            ("[[entitlements]]\ngroup = 'admins'", "entitlements.group: there is no group `admins`"),
            ("[[entitlements]]\nallow = ['fly']", "fly"),
            ("[[entitlements]]\njid = 'a b'", "entitlements"),
            ("[[entitlements]]\nallows = []", "allows"),
            ("[groups]\na = []\n[[entitlements]]\njid = 'a@b'\ngroup = 'a'", "not for both"),
        ] {
            let error = settings(text).map(drop).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
