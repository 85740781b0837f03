//! `sparkweb doctor`: signs somebody in, looks at what their server offers, and says what is missing.
//!
//! It reads settings and a session as anybody would, and prints. What is asked of a server, and what the gateway does
//! where it has no answer, is known elsewhere.

use std::fmt::Write as _;

use protocol::{BareJid, EndReason, Server};
use secrecy::SecretString;

use crate::config::Config;
use crate::session::{ConnectError, Credential, Sessions, SignInError, Way};
use crate::xmpp::{Connector, Finding, SettingsError};

/// Without these a gateway is not what it should be.
const NEEDED: [&str; 4] = ["Stream management", "Stream resumption", "Message carbons", "Message archive"];

/// What to do about a server that does not take the gateway's word.
const NOT_TRUSTED: &str = "Check xmpp.server_token: the server must know its key, read who it is from the claim that `jid_claim` names, offer \
     PLAIN, and have the same time.";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For people, with a line break at the end.
    pub text: String,
    /// Nothing that is needed is missing.
    pub is_well: bool,
}

/// Looks at the server of an account.
///
/// # Errors
/// [`SettingsError`] if it can't even be tried.
pub async fn examine(
    config: &Config,
    jid: &BareJid,
    password: SecretString,
) -> Result<Report, SettingsError> {
    let connector = Connector::new(config.connector())?;
    let sessions = Sessions::new(connector.clone(), config.sessions());
    let credential = Credential::new(password);
    let session = match sessions.sign_in(jid, &credential).await {
        Ok(session) => session,
        Err(error) => {
            let findings = match error {
                SignInError::Connect(
                    ConnectError::Unreachable
                    | ConnectError::Silent
                    | ConnectError::Untrusted
                    | ConnectError::Downgraded
                    | ConnectError::NotTrusted
                    | ConnectError::Incompatible(_),
                ) => connector.examine(jid.domain()).await,
                _ => Vec::new(),
            };
            return Ok(refused(jid, error, &findings));
        }
    };
    let server = session.server().await;
    session.end(EndReason::SignedOut).await;
    Ok(match server {
        Ok(server) => found(jid, &server, &again(config, credential.way())),
        Err(error) => Report { text: format!("{jid} was signed in, and then: {error}.\n"), is_well: false },
    })
}

fn refused(jid: &BareJid, error: SignInError, findings: &[Finding]) -> Report {
    let mut text = format!("{jid} could not be signed in: {error}.\n");
    for Finding { place, trouble } in findings {
        let trouble = trouble.as_deref().unwrap_or("as it should be");
        let _ = writeln!(text, "  {place}: {trouble}");
    }
    let advice = match error {
        SignInError::Connect(ConnectError::Unreachable) => {
            "Check xmpp.domain and xmpp.server of the configuration, and that the server runs."
        }
        SignInError::Connect(ConnectError::Silent) => {
            "Check that xmpp.server names an XMPP server's port for clients."
        }
        SignInError::Connect(ConnectError::Untrusted) => {
            "The certificate must be for the domain, and by an authority that the system trusts or that xmpp.ca_file names."
        }
        SignInError::Connect(ConnectError::WrongCredentials) => "Check the name and the password.",
        SignInError::Connect(ConnectError::AccountRefused) => {
            "Check that the server serves this domain, and that the account may be used."
        }
        SignInError::Connect(ConnectError::AccountDisabled) => {
            "Whoever runs the XMPP server has disabled the account."
        }
        SignInError::Connect(ConnectError::Downgraded) => {
            "If the server was set so, set xmpp.accept_weaker_sasl until somebody has signed in; if not, somebody is between."
        }
        SignInError::Connect(ConnectError::NotTrusted) => NOT_TRUSTED,
        SignInError::Connect(ConnectError::Incompatible(_)) => {
            "Check xmpp.tls, and xmpp.allow_plain_sasl if the server has nothing better than PLAIN."
        }
        SignInError::Address(_) => "Give the account as name@domain.",
        SignInError::TooManySessions => "Check session.max_sessions of the configuration.",
    };
    let _ = writeln!(text, "{advice}");
    Report { text, is_well: false }
}

/// By what the session is opened again while nobody is there who could say the password.
struct Again {
    how: &'static str,
    /// It is what the settings ask for.
    is_well: bool,
}

fn again(config: &Config, way: Way) -> Again {
    let (how, is_well) = match way {
        Way::ServerToken => ("by a token of the gateway's, which the server takes: nothing is kept", true),
        _ if config.xmpp.server_token.is_some() => ("NOT by a token: the server takes none", false),
        _ if config.store.url.is_none() => ("by nothing: there is no store", true),
        // Nobody is to have a token of this one.
        Way::Fast | Way::ScramKeys | Way::Password => {
            ("by the server's token, else SCRAM's keys, else the password: sealed", true)
        }
    };
    Again { how, is_well }
}

fn found(jid: &BareJid, server: &Server, again: &Again) -> Report {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<14} {value}");
    };
    line("account", jid.as_str());
    let software = server.software.as_ref().map_or_else(
        || "does not say".to_owned(),
        |software| format!("{} {}", software.name, software.version.as_deref().unwrap_or_default()),
    );
    line("server", software.trim());
    let stream = &server.stream;
    match &stream.tls {
        Some(version) => line("TLS", &format!("{version}, certificate ok")),
        None => line("TLS", "none"),
    }
    line("signed in by", stream.mechanism.as_deref().unwrap_or("?"));
    line("on offer", &stream.mechanisms.join(" "));
    line("opened again", again.how);
    if let Some(bytes) = stream.max_stanza_bytes {
        line("stanzas up to", &format!("{bytes} bytes"));
    }
    if !server.complete {
        let _ = writeln!(text, "\nNot every question was answered: what is missing below may be there.");
    }
    let _ = writeln!(text);
    let mut missing = Vec::new();
    for feature in &server.features {
        let is_needed = NEEDED.contains(&feature.name.as_str());
        let at = feature.at.as_ref().map_or("", |jid| jid.as_str());
        let mark = match (feature.supported, is_needed) {
            (true, _) => "yes",
            (false, true) => "MISSING",
            (false, false) => "no",
        };
        let rest = if feature.supported { at } else { &feature.otherwise };
        let line = format!("{mark:<8} {:<9} {:<36} {rest}", feature.spec, feature.name);
        let _ = writeln!(text, "{}", line.trim_end());
        if is_needed && !feature.supported {
            missing.push(feature.name.as_str());
        }
    }
    let _ = match missing.is_empty() {
        true => writeln!(text, "\nNothing that is needed is missing."),
        false => writeln!(text, "\nMissing, and needed: {}.", missing.join(", ")),
    };
    if !again.is_well {
        let _ = writeln!(text, "{NOT_TRUSTED}");
    }
    Report { text, is_well: missing.is_empty() && again.is_well }
}
