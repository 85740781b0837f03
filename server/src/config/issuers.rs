//! Sites that are trusted to say who somebody is.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use protocol::BareJid;
use serde::Deserialize;
use url::Url;

use super::{Config, ConfigError};
use crate::auth::{Algorithm, IssuerSettings, KeySource, People};
use crate::xmpp::normalise;

/// What stands in `jid` for what the issuer calls somebody.
const SUB: &str = "{sub}";
/// The longest that an assertion may be good for (seconds).
const MAX_LONGEST_SECS: u64 = 60 * 60;

/// A site that is trusted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Issuer {
    /// What it calls itself: the `iss` of its assertions.
    pub issuer: String,
    /// What it calls this gateway: their `aud`. Without it, `public_url`.
    pub audience: Option<String>,
    /// A file with its keys (a JWK Set).
    pub jwks_file: Option<PathBuf>,
    /// An address with its keys.
    pub jwks_url: Option<String>,
    /// A file with a secret that it has too, in the place of keys.
    pub secret_file: Option<PathBuf>,
    /// How it may sign.
    pub algorithms: Vec<Algorithm>,
    /// Whom it means, such as `{sub}@example.com`.
    pub jid: Option<String>,
    /// The claim in which it says whom it means. It is thereby trusted with all addresses.
    pub jid_claim: Option<String>,
    /// Whom it means by each `sub`.
    pub people: BTreeMap<String, BareJid>,
    /// Seconds from when an assertion is made that it may be good for.
    pub longest_secs: Option<u64>,
    /// Of which type its assertions are: their `typ`. Without it `JWT`, or none.
    #[serde(rename = "type")]
    pub typ: Option<String>,
}

/// All that are trusted.
///
/// # Errors
/// [`ConfigError::Senseless`].
pub(super) fn settings(config: &Config) -> Result<Vec<IssuerSettings>, ConfigError> {
    let mut names = HashSet::new();
    if let Some(twice) = config.issuers.iter().find(|one| !names.insert(&one.issuer)) {
        return senseless("issuers.issuer", format!("`{}` is there twice", shown(&twice.issuer)));
    }
    config.issuers.iter().map(|one| one.settings(config)).collect()
}

impl Issuer {
    fn settings(&self, config: &Config) -> Result<IssuerSettings, ConfigError> {
        if self.issuer.is_empty() || self.issuer.contains(char::is_control) {
            return senseless("issuers.issuer", "this must say what the issuer calls itself");
        }
        let Some(audience) = self.audience.clone().or_else(|| config.public_url.clone()) else {
            return senseless("issuers.audience", "this must be there where there is no `public_url`");
        };
        let keys = self.keys()?;
        let is_shared =
            |one: &Algorithm| matches!(one, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
        if self.algorithms.is_empty() {
            return senseless(
                "issuers.algorithms",
                "this must say how the issuer signs, such as [\"ES256\"]",
            );
        }
        // What everybody may read is not to be taken for a secret, nor the other way round.
        if self.algorithms.iter().any(|one| is_shared(one) != matches!(keys, KeySource::Secret(_))) {
            return senseless(
                "issuers.algorithms",
                "HS256, HS384 and HS512 go with `secret_file`, and nothing else does",
            );
        }
        let longest = self.longest_secs.unwrap_or(300);
        if !(1..=MAX_LONGEST_SECS).contains(&longest) {
            return senseless("issuers.longest_secs", "this must be 1 to 3600");
        }
        Ok(IssuerSettings {
            issuer: self.issuer.clone(),
            audience,
            keys,
            algorithms: self.algorithms.clone(),
            people: self.meant(&config.xmpp.domain)?,
            longest: Duration::from_secs(longest),
            typ: self.typ.clone(),
        })
    }

    fn keys(&self) -> Result<KeySource, ConfigError> {
        match (&self.jwks_file, &self.jwks_url, &self.secret_file) {
            (Some(file), None, None) => Ok(KeySource::File(file.clone())),
            (None, None, Some(file)) => Ok(KeySource::Secret(file.clone())),
            (None, Some(url), None) if Url::parse(url).is_ok_and(|url| url.scheme() == "https") => {
                Ok(KeySource::Url(url.clone()))
            }
            (None, Some(_), None) => senseless("issuers.jwks_url", "this must be an address of https"),
            _ => senseless(
                "issuers.jwks_file",
                "an issuer needs this, or `jwks_url` or `secret_file`, and one of them",
            ),
        }
    }

    fn meant(&self, domain: &str) -> Result<People, ConfigError> {
        match (&self.jid, &self.jid_claim, self.people.is_empty()) {
            (Some(template), None, true) => {
                let ours = |(before, behind): &(&str, &str)| {
                    let sample: Option<BareJid> = [before, "a", behind].concat().parse().ok();
                    let is_ours = sample.is_some_and(|jid| jid.domain().eq_ignore_ascii_case(domain));
                    // One name for each, and the same domain for all.
                    is_ours && behind.contains('@') && !before.contains('@') && !behind.contains(SUB)
                };
                match template.split_once(SUB).filter(ours) {
                    Some((before, behind)) => Ok(People::Template(before.to_owned(), behind.to_owned())),
                    None => senseless("issuers.jid", format!("this must be like {SUB}@{domain}")),
                }
            }
            (None, Some(claim), true) if !claim.is_empty() => Ok(People::Claim(claim.clone())),
            (None, None, false) => {
                let person = |(sub, jid): (&String, &BareJid)| {
                    let normal = normalise(jid).map_err(|error| ConfigError::Senseless {
                        key: "issuers.people",
                        why: format!("`{}` is no address: {error}", shown(jid.as_str())),
                    })?;
                    Ok((sub.clone(), normal))
                };
                Ok(People::Table(self.people.iter().map(person).collect::<Result<_, _>>()?))
            }
            _ => {
                senseless("issuers.jid", "an issuer needs this, or `jid_claim` or `people`, and one of them")
            }
        }
    }
}

/// Only a name: what is shown must not end the line, or be longer than one.
fn shown(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(100).collect()
}

fn senseless<T>(key: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Senseless { key, why: why.into() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;

    const GOOD: &str = "issuer = 'https://id.example'\njwks_file = 'a.json'\nalgorithms = ['ES256']\n";

    fn issuer(text: &str) -> Result<Vec<IssuerSettings>, String> {
        let text = format!(
            "public_url = 'https://chat.example'\n[xmpp]\ndomain = 'spark.test'\n[[issuers]]\n{text}"
        );
        load(&text).map(|config| settings(&config).unwrap())
    }

    #[test]
    fn an_issuer_is_trusted_with_what_is_said() {
        let issuers = issuer(&format!("{GOOD}jid = '{{sub}}@spark.test'")).unwrap();
        let one = &issuers[0];
        assert_eq!((&*one.audience, one.longest), ("https://chat.example", Duration::from_secs(300)));
        assert_eq!(one.people, People::Template(String::new(), "@spark.test".to_owned()));
        let issuers = issuer(&format!("{GOOD}[issuers.people]\n'00u1' = 'Juliet@Spark.Test'")).unwrap();
        let jid = "juliet@spark.test".parse().unwrap();
        assert_eq!(issuers[0].people, People::Table([("00u1".to_owned(), jid)].into()));
    }

    #[test]
    fn wrong_settings_are_named() {
        let whom = "jid = '{sub}@spark.test'";
        let with = |more: &str| format!("{GOOD}{whom}\n{more}");
        for (text, named) in [
            (GOOD.to_owned(), "issuers.jid: an issuer needs"),
            (with("people = { a = 'a@spark.test' }"), "issuers.jid: an issuer needs"),
            (with("jid_claim = 'jid'"), "issuers.jid: an issuer needs"),
            (format!("{GOOD}jid = 'sub@spark.test'"), "issuers.jid: this must be like"),
            (format!("{GOOD}jid = '{{sub}}'"), "issuers.jid: this must be like"),
            (format!("{GOOD}jid = 'a@{{sub}}.test'"), "issuers.jid: this must be like"),
            (format!("{GOOD}jid = '{{sub}}{{sub}}@spark.test'"), "issuers.jid: this must be like"),
            (format!("{GOOD}jid = '{{sub}}@elsewhere.test'"), "issuers.jid: this must be like"),
            (format!("{GOOD}people = {{ a = '@' }}"), "issuers"),
            (with("secret_file = 'a'"), "issuers.jwks_file: an issuer needs"),
            (format!("issuer = 'a'\nalgorithms = ['ES256']\n{whom}"), "issuers.jwks_file: an issuer needs"),
            (
                format!("issuer = 'a'\njwks_url = 'http://a.example'\nalgorithms = ['ES256']\n{whom}"),
                "issuers.jwks_url: this must be an address of https",
            ),
            (format!("issuer = 'a'\njwks_file = 'a'\n{whom}"), "issuers.algorithms: this must say"),
            (format!("issuer = 'a'\njwks_file = 'a'\nalgorithms = ['none']\n{whom}"), "none"),
            (
                format!("issuer = 'a'\njwks_file = 'a'\nalgorithms = ['ES256', 'HS256']\n{whom}"),
                "issuers.algorithms: HS256",
            ),
            (
                format!("issuer = 'a'\nsecret_file = 'a'\nalgorithms = ['HS256', 'RS256']\n{whom}"),
                "issuers.algorithms: HS256",
            ),
            (format!("jwks_file = 'a'\nalgorithms = ['ES256']\n{whom}"), "issuers.issuer: this must say"),
            (with("longest_secs = 3601"), "issuers.longest_secs"),
            (with("longest_secs = 0"), "issuers.longest_secs"),
            (with("username_claim = 'name'"), "username_claim"),
            (
                format!("{}\n[[issuers]]\n{}", with(""), with("")),
                "issuers.issuer: `https://id.example` is there twice",
            ),
        ] {
            let error = issuer(&text).map(drop).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
        let nowhere = format!("[xmpp]\ndomain = 'spark.test'\n[[issuers]]\n{}", with(""));
        let error = load(&nowhere).map(drop).unwrap_err();
        assert!(error.contains("issuers.audience"), "{error}");
    }
}
