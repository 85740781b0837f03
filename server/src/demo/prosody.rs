//! A Prosody of our own: its configuration, its folder, its ports, its end.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::certificates::{self, CertificateError};
use super::ports::ReservedPort;
use crate::task::OwnedTask;

/// How long Prosody may take to say that it listens.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long it may take to end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// What a Prosody is made for.
#[derive(Debug, Clone)]
pub struct ProsodyOptions {
    /// Where everything of it lies.
    pub folder: PathBuf,
    /// The domain of its accounts.
    pub domain: String,
}

/// Why there is no Prosody.
#[derive(Debug, thiserror::Error)]
pub enum ProsodyError {
    /// It is not installed.
    #[error(
        "Prosody is not installed: install the package `prosody`, or name an existing server with --xmpp"
    )]
    Missing,
    /// Its folder can't be written.
    #[error("the folder for Prosody can't be written: {0}")]
    Folder(#[from] io::Error),
    /// It has no certificates.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// It ended at once, or does not listen where it should.
    #[error("Prosody did not start; the end of its log:\n{log}")]
    NotStarted {
        /// The end of its log.
        log: String,
    },
}

/// The ports of a Prosody, all of the loopback interface.
#[derive(Debug)]
struct Ports {
    c2s: ReservedPort,
    direct_tls: ReservedPort,
    http: ReservedPort,
}

/// A Prosody whose folder is ready, and which does not run yet: its data may be written. Its ports are kept for it.
#[derive(Debug)]
pub struct Prepared {
    options: ProsodyOptions,
    ports: Ports,
}

/// A Prosody that runs; it ends when this is dropped.
#[derive(Debug)]
pub struct Prosody {
    prepared: Prepared,
    child: Child,
    /// Reads what it says for as long as it runs, so that it never waits for a reader.
    _log: OwnedTask<()>,
}

impl Prosody {
    /// Makes the folder, the certificates and the configuration, and reserves its ports.
    ///
    /// # Errors
    /// [`ProsodyError`].
    pub fn prepare(options: &ProsodyOptions) -> Result<Prepared, ProsodyError> {
        fs::create_dir_all(options.folder.join("data"))?;
        let folder = fs::canonicalize(&options.folder)?;
        let options = ProsodyOptions { folder, domain: options.domain.clone() };
        if !options.folder.join("ca.pem").exists() {
            let names = [options.domain.clone(), format!("rooms.{}", options.domain), "localhost".to_owned()];
            certificates::write(&options.folder, &names)?;
        }
        let plugins = options.folder.join("plugins");
        fs::create_dir_all(&plugins)?;
        fs::write(plugins.join("mod_sparkweb_sessions.lua"), SESSIONS_MODULE)?;
        let ports = Ports {
            c2s: ReservedPort::take()?,
            direct_tls: ReservedPort::take()?,
            http: ReservedPort::take()?,
        };
        fs::write(options.folder.join("prosody.cfg.lua"), configuration(&options, &ports))?;
        Ok(Prepared { options, ports })
    }

    /// The port for STARTTLS.
    pub fn c2s_port(&self) -> u16 {
        self.prepared.ports.c2s.number()
    }

    /// The port for direct TLS.
    pub fn direct_tls_port(&self) -> u16 {
        self.prepared.ports.direct_tls.number()
    }

    /// Where its WebSocket is (RFC 7395), without TLS.
    pub fn websocket_url(&self) -> String {
        format!("ws://localhost:{}/xmpp-websocket", self.prepared.ports.http.number())
    }

    /// Where its HTTP is, under its domain as the name of the host.
    pub fn http_url(&self) -> String {
        format!("http://localhost:{}", self.prepared.ports.http.number())
    }

    /// Where it tells, as plain text, how many sessions of an account there are: `…/<name>`.
    pub fn sessions_url(&self) -> String {
        format!("http://localhost:{}/sparkweb_sessions", self.prepared.ports.http.number())
    }

    /// The authority that its certificate is of.
    pub fn ca_file(&self) -> PathBuf {
        self.prepared.options.folder.join("ca.pem")
    }

    /// The domain of its accounts.
    pub fn domain(&self) -> &str {
        &self.prepared.options.domain
    }

    /// Has it end, and waits for that. What it was prepared with can be started again.
    pub async fn stop(mut self) -> Prepared {
        if let Some(pid) = self.child.id() {
            // Its own way to end: it says goodbye to its clients.
            let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status().await;
            if timeout(STOP_WITHIN, self.child.wait()).await.is_err() {
                let _ = self.child.kill().await;
            }
        }
        self.prepared
    }

    /// Ends it as a crash does, without a word to anybody.
    pub async fn kill(mut self) -> Prepared {
        // One that has ended by itself is as good.
        let _ = self.child.kill().await;
        self.prepared
    }
}

impl Prepared {
    /// The domain of its accounts.
    pub fn domain(&self) -> &str {
        &self.options.domain
    }

    /// Where its data lie.
    pub fn data_folder(&self) -> PathBuf {
        self.options.folder.join("data")
    }

    /// Gives it one more module, which runs on the host of its accounts: a benchmark's load, say.
    ///
    /// # Errors
    /// When its folder can't be written.
    pub fn add_module(&self, name: &str, lua: &str) -> io::Result<()> {
        let folder = &self.options.folder;
        fs::write(folder.join("plugins").join(format!("mod_{name}.lua")), lua)?;
        // A host may be gone on with further down, and has what is enabled for it beside what is for all.
        let domain = &self.options.domain;
        let enabled = format!("\nVirtualHost \"{domain}\"\n\tmodules_enabled = {{ \"{name}\" }}\n");
        fs::OpenOptions::new()
            .append(true)
            .open(folder.join("prosody.cfg.lua"))?
            .write_all(enabled.as_bytes())
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// [`ProsodyError`].
    pub async fn start(self) -> Result<Prosody, ProsodyError> {
        let mut child = command(&self.options.folder.join("prosody.cfg.lua"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => ProsodyError::Missing,
                _ => ProsodyError::Folder(error),
            })?;
        let out = child.stdout.take().ok_or(ProsodyError::NotStarted { log: String::new() })?;
        let mut lines = BufReader::new(out).lines();
        let mut log = Vec::new();
        // It says of every service where it listens, and goes on if that is nowhere.
        let Ports { c2s, direct_tls, http } = &self.ports;
        let mut awaited = vec![("c2s", c2s), ("c2s_direct_tls", direct_tls), ("http", http)];
        let listens = async {
            while let Ok(Some(line)) = lines.next_line().await {
                let is_refused = line.contains("Failed to open server port");
                awaited.retain(|(service, port)| {
                    let listens = format!("Activated service '{service}' on [127.0.0.1]:{}", port.number());
                    !line.contains(&listens)
                });
                log.push(line);
                if is_refused || awaited.is_empty() {
                    return !is_refused;
                }
            }
            false
        };
        if !timeout(READY_WITHIN, listens).await.unwrap_or(false) {
            let tail = log.split_off(log.len().saturating_sub(15)).join("\n");
            return Err(ProsodyError::NotStarted { log: tail });
        }
        let reader = OwnedTask::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Prosody { prepared: self, child, _log: reader })
    }
}

/// It should end with us, however we end: `setpriv` has the kernel see to that, where there is one.
fn command(config: &Path) -> Command {
    let has_setpriv = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("setpriv").exists()));
    let mut command = if has_setpriv {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "prosody"]);
        command
    } else {
        Command::new("prosody")
    };
    command.arg("-F").arg("--config").arg(config);
    command
}

/// The largest file that it takes.
const MAX_FILE_BYTES: u32 = 10 * 1024 * 1024;

/// Tells how many sessions an account has: to be asked whether somebody really has just one.
const SESSIONS_MODULE: &str = r#"module:depends("http");
module:provides("http", {
	default_path = "/sparkweb_sessions";
	route = {
		["GET /*"] = function (_, username)
			local user = prosody.hosts[module.host].sessions[username];
			local count = 0;
			for _ in pairs(user and user.sessions or {}) do count = count + 1; end
			return tostring(count);
		end;
	};
});
"#;

fn configuration(options: &ProsodyOptions, ports: &Ports) -> String {
    let folder = options.folder.display();
    let domain = &options.domain;
    let [c2s, direct_tls, http] = [&ports.c2s, &ports.direct_tls, &ports.http].map(ReservedPort::number);
    format!(
        r#"daemonize = false
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{ "{folder}/plugins" }}
certificates = "{folder}"
log = {{ info = "*console" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ {direct_tls} }}
http_ports = {{ {http} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_default_host = "{domain}"
consider_websocket_secure = true
cross_domain_websocket = true
c2s_require_encryption = true
authentication = "internal_hashed"
storage = "internal"
archive_expires_after = "never"
allow_registration = true
limits = {{ }}
modules_enabled = {{
	"roster", "saslauth", "tls", "disco", "carbons", "pep", "private", "blocklist", "lastactivity", "vcard4", "vcard_legacy",
	"bookmarks", "mam", "smacks", "csi", "csi_simple", "ping", "time", "uptime", "version", "posix",
	"websocket", "http", "register", "sparkweb_sessions",
}}
modules_disabled = {{ "s2s", "offline" }}
c2s_direct_tls_ssl = {{ certificate = "{folder}/cert.pem", key = "{folder}/key.pem" }}

VirtualHost "{domain}"
	ssl = {{ certificate = "{folder}/cert.pem", key = "{folder}/key.pem" }}

Component "rooms.{domain}" "muc"
	modules_enabled = {{ "muc_mam" }}

Component "upload.{domain}" "http_file_share"
	http_host = "localhost"
	http_external_url = "http://localhost:{http}/"
	http_file_share_size_limit = {MAX_FILE_BYTES}

Component "pubsub.{domain}" "pubsub"
	admins = {{ "juliet@{domain}", "romeo@{domain}" }}
"#
    )
}
