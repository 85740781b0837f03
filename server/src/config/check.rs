//! Which settings make sense. Each that does not is named by its key.

use protocol::SecondFactor;
use secrecy::ExposeSecret;

use super::{Config, ConfigError, Store, Tls, entitlements, issuers, split_host};
use crate::auth::{is_origin, is_web_origin};

/// The longest pause between two heartbeats: a client takes a stream for dead that is silent for 45 s, and a pause may
/// be a fifth longer than was set.
const MAX_HEARTBEAT_SECS: u64 = 25;

impl Config {
    /// Refuses what is of its kind and makes no sense.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub fn check(&self) -> Result<(), ConfigError> {
        self.push.check()?;
        let senseless = |key, why: &str| Err(ConfigError::Senseless { key, why: why.to_owned() });
        if let Some(url) = &self.public_url
            && !is_web_origin(url)
        {
            return senseless(
                "public_url",
                "this must be http:// or https:// and a host in lower case, with the port if it is not the usual \
                 one, and nothing behind it",
            );
        }
        if self.xmpp.domain.parse::<protocol::BareJid>().is_err() || self.xmpp.domain.contains('@') {
            return senseless("xmpp.domain", "this is not a domain");
        }
        if let Some(server) = &self.xmpp.server
            && split_host(server).is_none()
        {
            return senseless("xmpp.server", "this is not host:port");
        }
        if self.xmpp.tls == Tls::None {
            let host = self.xmpp.server.as_deref().and_then(split_host).map(|(host, _)| host);
            if !matches!(host, Some("localhost" | "127.0.0.1" | "::1")) {
                return senseless(
                    "xmpp.tls",
                    "without TLS only a server on the loopback interface may be used",
                );
            }
        }
        for (key, secs) in [
            ("xmpp.connect_timeout_secs", self.xmpp.connect_timeout_secs),
            ("xmpp.step_timeout_secs", self.xmpp.step_timeout_secs),
        ] {
            if !(1..=120).contains(&secs) {
                return senseless(key, "this must be 1 to 120");
            }
        }
        for (key, count) in [
            ("xmpp.connects_per_second", self.xmpp.connects_per_second),
            ("xmpp.connect_burst", self.xmpp.connect_burst),
            ("xmpp.connects_under_way", self.xmpp.connects_under_way),
        ] {
            if !(1..=10_000).contains(&count) {
                return senseless(key, "this must be 1 to 10000");
            }
        }
        self.xmpp.limits.check()?;
        self.xmpp.server_token.as_ref().map_or(Ok(()), |token| token.check(self.xmpp.tls))?;
        if !(60..=86_400).contains(&self.auth.access_token_secs) {
            return senseless("auth.access_token_secs", "this must be 60 to 86400");
        }
        if self.compat.registration && !self.auth.registration {
            return senseless(
                "compat.registration",
                "accounts are made only where auth.registration is set too",
            );
        }
        self.store.check()?;
        entitlements::rules(&self.entitlements, &self.groups)?;
        issuers::settings(self)?;
        self.check_factors()?;
        if self.session.max_sessions == 0 {
            return senseless("session.max_sessions", "this must be at least 1");
        }
        if let Some(template) = &self.meetings.template
            && !(template.starts_with("https://") && template.contains("{id}"))
        {
            return senseless("meetings.template", "this must begin with https:// and have {id} in it");
        }
        if self.metrics.listen.is_some_and(|listen| listen == self.listen && listen.port() != 0) {
            return senseless("metrics.listen", "this must be another address than `listen`");
        }
        if !(1..=1000).contains(&self.previews.per_minute) {
            return senseless("previews.per_minute", "this must be 1 to 1000");
        }
        if !(1..=10_000).contains(&self.downloads.per_minute) {
            return senseless("downloads.per_minute", "this must be 1 to 10000");
        }
        if self.downloads.per_person == 0 {
            return senseless("downloads.per_person", "this must be at least 1");
        }
        if self.events.window_events == 0 {
            return senseless("events.window_events", "this must be at least 1");
        }
        if !(1..=MAX_HEARTBEAT_SECS).contains(&self.events.heartbeat_secs) {
            let why = format!("this must be 1 to {MAX_HEARTBEAT_SECS}");
            return senseless("events.heartbeat_secs", &why);
        }
        if self.events.streams_per_person == 0 {
            return senseless("events.streams_per_person", "this must be at least 1");
        }
        origins("cors.origins", &self.cors.origins, |_| false)?;
        self.check_passkeys()?;
        // A page that was opened from a file has the origin `null`.
        origins("compat.origins", &self.compat.origins, |origin| matches!(origin, "*" | "null"))
    }
}

impl Config {
    /// Nobody is asked for what they can't set up.
    fn check_factors(&self) -> Result<(), ConfigError> {
        let rules = entitlements::factors(&self.factors, &self.groups)?;
        let of_some = rules.iter().map(|rule| ("factors.second_factor", rule.asks));
        let all = std::iter::once(("auth.second_factor", self.auth.second_factor)).chain(of_some);
        for (key, asks) in all {
            if asks != SecondFactor::WhenSetUp && self.store.url.is_none() {
                let why = "what people set up is kept in a store, and there is none".to_owned();
                return Err(ConfigError::Senseless { key, why });
            }
            if asks == SecondFactor::Passkey {
                self.passkeys()
                    .check()
                    .map_err(|why| ConfigError::Senseless { key, why: why.to_string() })?;
            }
        }
        Ok(())
    }

    /// Whoever says for whom passkeys are to be wants them.
    fn check_passkeys(&self) -> Result<(), ConfigError> {
        origins("passkeys.origins", &self.passkeys.origins, |_| false)?;
        origins("passkeys.top_origins", &self.passkeys.top_origins, |_| false)?;
        let (key, is_set) = match &self.passkeys {
            set if set.rp_id.is_some() => ("passkeys.rp_id", true),
            set => ("passkeys.origins", !set.origins.is_empty() || !set.top_origins.is_empty()),
        };
        match self.passkeys().check() {
            Err(why) if is_set => Err(ConfigError::Senseless { key, why: why.to_string() }),
            _ => Ok(()),
        }
    }
}

impl Store {
    /// A store has keys, and they are in one place.
    fn check(&self) -> Result<(), ConfigError> {
        let senseless = |key, why: &str| Err(ConfigError::Senseless { key, why: why.to_owned() });
        let Some(url) = &self.url else {
            if self.key_file.is_some() || self.keys.is_some() {
                return senseless("store.url", "there are keys for a store, and there is none");
            }
            return Ok(());
        };
        let is_known = |scheme: &&str| url.expose_secret().starts_with(*scheme);
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(is_known) {
            return senseless("store.url", "this must begin with sqlite: or postgres:");
        }
        if self.key_file.is_some() == self.keys.is_some() {
            return senseless("store.key_file", "a store needs this, or `store.keys`, and not both");
        }
        Ok(())
    }
}

fn origins(
    key: &'static str,
    origins: &[String],
    is_extra: impl Fn(&str) -> bool,
) -> Result<(), ConfigError> {
    let Some(wrong) = origins.iter().find(|origin| !is_extra(origin) && !is_origin(origin)) else {
        return Ok(());
    };
    // Only a name: what is shown here must not end the line, or be longer than one.
    let shown: String = wrong.chars().filter(|char| !char.is_control()).take(100).collect();
    Err(ConfigError::Senseless {
        key,
        why: format!(
            "`{shown}` is no origin as browsers send it: https://www.example.com, in lower case, with the port if it \
             is not the usual one, and nothing behind it"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;

    #[test]
    fn wrong_settings_are_named() {
        let good = "[xmpp]\ndomain = 'spark.test'\n";
        assert!(load(good).is_ok());
        for (text, named) in [
            ("", "xmpp"),
            ("trusted_proxies = ['nginx']\n[xmpp]\ndomain = 'a'", "trusted_proxies"),
            ("trusted_proxies = ['10.0.0.1/8']\n[xmpp]\ndomain = 'a'", "trusted_proxies"),
            ("[xmpp]\ndomain = 'a b'", "xmpp.domain"),
            ("[xmpp]\ndomain = 'a'\nserver = 'x'", "xmpp.server"),
            ("[xmpp]\ndomain = 'a'\nserver = 'example.com:5222'\ntls = 'none'", "xmpp.tls"),
            ("[xmpp]\ndomain = 'a'\ntls = 'maybe'", "maybe"),
            ("[xmpp]\ndomain = 'a'\nstep_timeout_secs = 0", "xmpp.step_timeout_secs"),
            ("[xmpp]\ndomain = 'a'\nconnect_timeout_secs = 121", "xmpp.connect_timeout_secs"),
            ("[xmpp]\ndomain = 'a'\nconnects_per_second = 0", "xmpp.connects_per_second"),
            ("[xmpp]\ndomain = 'a'\nconnect_burst = 0", "xmpp.connect_burst"),
            ("[xmpp]\ndomain = 'a'\nconnects_under_way = 0", "xmpp.connects_under_way"),
            ("[xmpp]\ndomain = 'a'\n[xmpp.limits]\ndepth = 4000", "xmpp.limits.depth: this must be 8 to 200"),
            (
                "[xmpp]\ndomain = 'a'\n[xmpp.limits]\nbytes = 1",
                "xmpp.limits.bytes: this must be 16384 or more",
            ),
            ("[xmpp]\ndomain = 'a'\n[xmpp.limits]\nvalue_bytes = 8193", "xmpp.limits.value_bytes"),
            ("[xmpp]\ndomain = 'a'\n[xmpp.server_token]\nalgorithm = 'HS256'", "key_file"),
            (
                "[xmpp]\ndomain = 'a'\n[xmpp.server_token]\nkey_file = 'k'\nalgorithm = 'none'",
                "xmpp.server_token.algorithm",
            ),
            (
                "[xmpp]\ndomain = 'a'\n[xmpp.server_token]\nkey_file = 'k'\njid_claim = 'exp'",
                "xmpp.server_token.jid_claim: this claim",
            ),
            (
                "[xmpp]\ndomain = 'a'\n[xmpp.server_token]\nkey_file = 'k'\nlifetime_secs = 3600",
                "xmpp.server_token.lifetime_secs: this must be 10 to 600",
            ),
            (
                "[xmpp]\ndomain = 'a'\nserver = 'localhost:5222'\ntls = 'none'\n[xmpp.server_token]\nkey_file = 'k'",
                "xmpp.server_token: a token is shown over TLS alone",
            ),
            ("[xmpp]\ndomain = 'a'\n[session]\ngrace = 5", "grace"),
            ("[xmpp]\ndomain = 'a'\n[session]\nmax_sessions = 0", "session.max_sessions"),
            ("[xmpp]\ndomain = 'a'\n[auth]\naccess_token_secs = 5", "auth.access_token_secs"),
            ("[xmpp]\ndomain = 'a'\n[auth]\naccess_token_secs = 'soon'", "auth.access_token_secs"),
            ("[xmpp]\ndomain = 'a'\n[metrics]\nlisten = 'here'", "metrics.listen"),
            (
                "[xmpp]\ndomain = 'a'\n[metrics]\nlisten = '127.0.0.1:7070'",
                "metrics.listen: this must be another",
            ),
            ("[xmpp]\ndomain = 'a'\n[store]\nurl = 'mysql://a'\nkeys = 'k'", "store.url: this must"),
            ("[xmpp]\ndomain = 'a'\n[store]\nurl = 'sqlite:a.db'", "store.key_file: a store needs"),
            ("[xmpp]\ndomain = 'a'\n[store]\nkey_file = 'a.key'", "store.url: there are keys"),
            (
                "[xmpp]\ndomain = 'a'\n[store]\nurl = 'sqlite:a.db'\nkey_file = 'a'\nkeys = 'b'",
                "store.key_file: a store needs this",
            ),
            (
                "[xmpp]\ndomain = 'a'\n[passkeys]\nrp_id = 'a.example'",
                "passkeys.rp_id: passkeys need `public_url`",
            ),
            (
                "public_url = 'https://chat.a.example'\n[xmpp]\ndomain = 'a'\n[passkeys]\nrp_id = 'b.example'",
                "passkeys.rp_id: passkeys that are bound to b.example can't be used by pages of https://chat.a",
            ),
            (
                "public_url = 'https://a.example'\n[xmpp]\ndomain = 'a'\n[passkeys]\norigins = ['b.example']",
                "passkeys.origins: `b.example` is no origin",
            ),
            ("[xmpp]\ndomain = 'a'\n[downloads]\nper_minute = 0", "downloads.per_minute"),
            ("[xmpp]\ndomain = 'a'\n[downloads]\nper_person = 0", "downloads.per_person"),
            ("[xmpp]\ndomain = 'a'\n[events]\nwindow_events = 0", "events.window_events"),
            ("[xmpp]\ndomain = 'a'\n[events]\nheartbeat_secs = 0", "events.heartbeat_secs"),
            ("[xmpp]\ndomain = 'a'\n[events]\nheartbeat_secs = 26", "events.heartbeat_secs"),
            ("[xmpp]\ndomain = 'a'\n[events]\nstreams_per_person = 0", "events.streams_per_person"),
        ] {
            let error = load(text).map(|_| ()).unwrap_err();
            assert!(error.contains(named), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn origins_are_as_browsers_send_them() {
        for (origin, in_cors, in_compat) in [
            ("https://www.example.com", true, true),
            ("http://localhost:8080", true, true),
            ("https://[::1]:8443", true, true),
            ("https://xn--mnchen-3ya.example", true, true),
            ("tauri://localhost", true, true),
            ("chrome-extension://abcdefghijklmnop", true, true),
            ("*", false, true),
            ("null", false, true),
            ("", false, false),
            ("www.example.com", false, false),
            ("https://*.example.com", false, false),
            ("https://www.example.com/", false, false),
            ("https://www.example.com/chat", false, false),
            ("https://www.example.com?a", false, false),
            ("https://www.example.com:443", false, false),
            ("https://WWW.example.com", false, false),
            ("https://münchen.example", false, false),
            ("https://juliet@www.example.com", false, false),
            ("https://", false, false),
            ("file://", false, false),
            (" https://www.example.com", false, false),
        ] {
            for (key, expected) in [("cors", in_cors), ("compat", in_compat)] {
                let result =
                    load(&format!("[xmpp]\ndomain = 'a'\n[{key}]\norigins = ['https://a.test', '{origin}']"));
                assert_eq!(result.is_ok(), expected, "{key} {origin}");
                if let Err(error) = result {
                    assert!(error.contains(&format!("{key}.origins: `{origin}`")), "{error}");
                }
            }
        }
    }

    #[test]
    fn the_public_url_is_an_address_alone() {
        for (url, expected) in [
            ("https://chat.example.com", true),
            ("http://localhost:7070", true),
            ("https://chat.example.com/", false),
            ("https://chat.example.com/sparkweb", false),
            ("https://chat.example.com?a", false),
            ("chat.example.com", false),
            ("ftp://chat.example.com", false),
            ("wss://chat.example.com", false),
            ("", false),
        ] {
            let result = load(&format!("public_url = '{url}'\n[xmpp]\ndomain = 'a'"));
            assert_eq!(result.is_ok(), expected, "{url}");
            if let Err(error) = result {
                assert!(error.starts_with("public_url: "), "{error}");
            }
        }
    }
}
