//! Web Push.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use crate::push::{HostRule, Settings};

/// Web Push. It takes a store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// It is served.
    pub enabled: bool,
    /// Whom push services can ask about what this gateway pushes: `mailto:…` or `https://…`. Without it that is
    /// `public_url`, or the postmaster of the accounts' domain.
    pub contact: Option<String>,
    /// Hosts of push services besides those of the browsers that there are; `*.` stands for all below one.
    pub hosts: Vec<String>,
    /// Seconds for which nobody must have looked before anything is pushed.
    pub unseen_secs: u64,
    /// Seconds between two pushes of one conversation.
    pub pause_secs: u64,
    /// Seconds for which a push is worth something.
    pub life_secs: u64,
    /// The most pushes to one person in a minute.
    pub per_minute: u32,
    /// The most sessions that stay connected for those who have devices and are not there.
    pub max_sessions: usize,
    /// Days after somebody was there last for which their session stays connected.
    pub days: u32,
}

impl Default for Push {
    fn default() -> Self {
        let Settings { unseen, pause, life, per_minute, .. } = Settings::default();
        Push {
            enabled: true,
            contact: None,
            hosts: Vec::new(),
            unseen_secs: unseen.as_secs(),
            pause_secs: pause.as_secs(),
            life_secs: life.as_secs(),
            per_minute,
            max_sessions: 5_000,
            days: 30,
        }
    }
}

impl Push {
    /// What makes no sense.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let senseless = |key, why: String| Err(ConfigError::Senseless { key, why });
        if let Some(host) = self.hosts.iter().find(|host| HostRule::parse(host).is_none()) {
            return senseless("push.hosts", format!("`{host}` is no host, nor `*.` and a host"));
        }
        if let Some(contact) = &self.contact
            && !is_contact(contact)
        {
            return senseless("push.contact", format!("`{contact}` is neither mailto: nor https:"));
        }
        if !(60..=28 * 24 * 60 * 60).contains(&self.life_secs) {
            return senseless("push.life_secs", "this must be 60 to 2419200".to_owned());
        }
        if !(1..=6_000).contains(&self.per_minute) {
            return senseless("push.per_minute", "this must be 1 to 6000".to_owned());
        }
        Ok(())
    }

    /// For `push`. Accounts are of this domain, and the gateway may have this address.
    pub(super) fn settings(&self, domain: &str, public_url: Option<&str>) -> Settings {
        let known = HostRule::known();
        let added = self.hosts.iter().filter_map(|host| HostRule::parse(host));
        let url = public_url.filter(|url| url.starts_with("https://")).map(str::to_owned);
        Settings {
            hosts: known.into_iter().chain(added).collect(),
            subject: self.contact.clone().or(url).unwrap_or_else(|| format!("mailto:postmaster@{domain}")),
            unseen: Duration::from_secs(self.unseen_secs),
            pause: Duration::from_secs(self.pause_secs),
            life: Duration::from_secs(self.life_secs),
            per_minute: self.per_minute,
            ..Settings::default()
        }
    }
}

/// RFC 8292 section 2.1.
fn is_contact(text: &str) -> bool {
    match text.strip_prefix("mailto:") {
        Some(address) => address.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace)
        }),
        None => {
            text.starts_with("https://") && url::Url::parse(text).is_ok_and(|url| url.host_str().is_some())
        }
    }
}
