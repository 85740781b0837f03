//! The parts of the settings, each for the module that it is about.

use std::time::Duration;

use super::{Config, Entitlement, Fetch, Passkeys, ServerToken, Tls, entitlements, issuers, split_host};
use crate::api::{ApiSettings, AssetSettings};
use crate::auth::{AuthSettings, FactorPolicy, IssuerSettings, PasskeySettings, Scope, Scopes};
use crate::download::DownloadSettings;
use crate::events;
use crate::fetch::FetchSettings;
use crate::preview::PreviewSettings;
use crate::session::SessionSettings;
use crate::upload::{Reach, UploadSettings};
use crate::xmpp::{ConnectorSettings, Endpoint, TlsMode};

impl Config {
    /// For `xmpp`.
    pub fn connector(&self) -> ConnectorSettings {
        let tls = match self.xmpp.tls {
            Tls::StartTls => TlsMode::StartTls,
            Tls::Direct => TlsMode::Direct,
            Tls::None => TlsMode::None,
        };
        let fixed = self.xmpp.server.as_deref().and_then(split_host);
        ConnectorSettings {
            endpoint: fixed.map_or(Endpoint::Discover, |(host, port)| Endpoint::Fixed {
                host: host.to_owned(),
                port,
                tls,
            }),
            ca_file: self.xmpp.ca_file.clone(),
            allow_plain_sasl: self.xmpp.allow_plain_sasl,
            accept_weaker_sasl: self.xmpp.accept_weaker_sasl,
            resource_prefix: self.xmpp.resource_prefix.clone(),
            announce_version: self.xmpp.announce_version,
            tells_stanzas: self.auth.raw_stanzas || self.entitlements.iter().any(allows_raw),
            deadlines: self.xmpp.deadlines(),
            limits: self.xmpp.limits.for_xmpp(),
            connect_rate: self.xmpp.connect_rate(),
            server_token: self.xmpp.server_token.as_ref().map(ServerToken::settings),
        }
    }

    /// Where the XMPP server is, as far as the settings say.
    fn server_host(&self) -> &str {
        let fixed = self.xmpp.server.as_deref().and_then(split_host);
        fixed.map_or(self.xmpp.domain.as_str(), |(host, _)| host)
    }

    /// For `auth`.
    pub fn auth(&self) -> AuthSettings {
        AuthSettings {
            issuer: self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen)),
            signing_key_file: self.auth.signing_key_file.clone(),
            access: Duration::from_secs(self.auth.access_token_secs),
            refresh: Duration::from_secs(self.auth.refresh_token_secs),
            longest: Duration::from_secs(self.auth.sign_in_secs),
            compat: Duration::from_secs(self.auth.compat_token_secs),
            scopes: if self.auth.raw_stanzas { Scopes::ALL.with(Scope::Raw) } else { Scopes::ALL },
            // Whoever asks for them has had the settings checked.
            rules: entitlements::rules(&self.entitlements, &self.groups).unwrap_or_default(),
            factors: FactorPolicy {
                base: self.auth.second_factor,
                // As above.
                rules: entitlements::factors(&self.factors, &self.groups).unwrap_or_default(),
            },
            passkeys: self.passkeys(),
        }
    }

    /// Those that are trusted to say who somebody is. Whoever asks for them has had the settings checked.
    pub fn issuers(&self) -> Vec<IssuerSettings> {
        issuers::settings(self).unwrap_or_default()
    }

    pub(super) fn passkeys(&self) -> PasskeySettings {
        let Passkeys { rp_id, rp_name, origins, top_origins } = self.passkeys.clone();
        PasskeySettings {
            public_url: self.public_url.clone(),
            rp_id,
            rp_name: rp_name.unwrap_or_else(|| self.xmpp.domain.clone()),
            origins,
            top_origins,
        }
    }

    /// For `fetch`.
    pub fn fetch(&self) -> FetchSettings {
        let Fetch { networks, ports } = self.fetch.clone();
        FetchSettings { networks, ports, ..FetchSettings::default() }
    }

    /// For `push`.
    pub fn push(&self) -> crate::push::Settings {
        self.push.settings(&self.xmpp.domain, self.public_url.as_deref())
    }

    /// For `session`.
    pub fn sessions(&self) -> SessionSettings {
        SessionSettings {
            grace: Duration::from_secs(self.session.grace_secs),
            parked: Duration::from_secs(self.session.parked_secs),
            max_sessions: self.session.max_sessions,
            log: events::Limits {
                events: self.events.window_events,
                bytes: self.events.window_bytes,
                age_ms: i64::try_from(self.events.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX),
            },
            ..SessionSettings::default()
        }
    }

    /// For `api`.
    pub fn api(&self) -> ApiSettings {
        ApiSettings {
            domain: self.xmpp.domain.clone(),
            public_url: self.public_url.clone(),
            origins: self.cors.origins.clone(),
            compat_origins: self.compat.enabled.then(|| self.compat.origins.clone()),
            compat_basic: self.compat.basic,
            compat_totp_alone: self.compat.totp_alone,
            compat_registration: self.compat.registration,
            trusted_proxies: self.trusted_proxies.clone(),
            heartbeat: Duration::from_secs(self.events.heartbeat_secs),
            streams_per_person: self.events.streams_per_person,
            registration: self.auth.registration,
            meeting_template: self.meetings.template.clone(),
            previews: PreviewSettings {
                enabled: self.previews.enabled,
                per_minute: self.previews.per_minute,
                ..PreviewSettings::default()
            },
            downloads: DownloadSettings {
                enabled: self.downloads.enabled,
                max_bytes: self.downloads.max_bytes,
                per_person: self.downloads.per_person,
                per_minute: self.downloads.per_minute,
                server: self.server_host().to_owned(),
                ..DownloadSettings::default()
            },
            uploads: UploadSettings {
                max_bytes: self.uploads.max_bytes,
                per_person: self.uploads.per_person,
                reach: Reach { server: self.server_host().to_owned(), networks: self.fetch.networks.clone() },
                ..UploadSettings::default()
            },
            assets: AssetSettings { demo_site: self.demo_site },
        }
    }
}

fn allows_raw(entitlement: &Entitlement) -> bool {
    entitlement.allow.contains(&Scope::Raw)
}
