//! The `sparkweb` program.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use secrecy::SecretString;
use server::app::Gateway;
use server::clock;
use server::config::Config;
use server::demo::{self, DemoOptions};
use server::doctor;
use server::upkeep::{self, Noted};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// XMPP chat on the web: one session for each person, any number of pages.
#[derive(Parser)]
#[command(name = "sparkweb", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve an XMPP server's people.
    Serve {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Sign in and say what the XMPP server offers, and what is missing.
    ///
    /// The password is read from the variable SPARKWEB_PASSWORD, or asked for.
    Doctor {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
        /// The account, as name@domain.
        #[arg(long)]
        jid: String,
    },
    /// Look after the audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Look after the keys in the store that tokens are signed with, those that push services know, and those by which what is
    /// in it is sealed.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Show everything on one port, with an XMPP server of its own.
    Demo {
        /// The port; 0 takes any.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Where the XMPP server's data lie.
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// HOST:PORT of an existing XMPP server to use instead.
        #[arg(long)]
        xmpp: Option<String>,
        /// The domain of the accounts there.
        #[arg(long, requires = "xmpp")]
        domain: Option<String>,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Say which there are, and what each is good for.
    List {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Have another key sign. Tokens that were signed by the one before are good until they run out.
    Rotate {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Have another key be told to browsers that subscribe to pushes. Devices that have subscribed keep theirs.
    Push {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Have a key be taken no more, at once: somebody else may have it.
    Retire {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Which.
        id: String,
    },
    /// Say by which sealing keys what is in the store is sealed, how much by each, and which of them are in the file.
    Seals {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Say whether nothing of it was changed, left out or put in, or which entry is the first that does not fit.
    Verify {
        /// The settings; variables `SPARKWEB_…` go over them.
        #[arg(long)]
        config: Option<PathBuf>,
        /// POSITION:HASH of an entry that this said before, which must be there still.
        #[arg(long)]
        noted: Option<Noted>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log();
    // One TLS provider for all, chosen before anything asks for one. A second call can't be.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sparkweb: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { config } => {
            serve(&Config::load(config.as_deref())?).await?;
        }
        Command::Doctor { config, jid } => {
            let config = Config::load(config.as_deref())?;
            let jid = jid.parse().map_err(|error| anyhow::anyhow!("--jid: {error}"))?;
            let report = doctor::examine(&config, &jid, password()?).await?;
            return said(&report.text, report.is_well);
        }
        Command::Audit { command: AuditCommand::Verify { config, noted } } => {
            let report = upkeep::verify_audit(&Config::load(config.as_deref())?, noted.as_ref()).await?;
            return said(&report.text, report.is_well);
        }
        Command::Keys { command } => {
            let now_ms = clock::now_ms();
            let report = match command {
                KeysCommand::List { config } => upkeep::list_keys(&Config::load(config.as_deref())?).await?,
                KeysCommand::Rotate { config } => {
                    upkeep::rotate_keys(&Config::load(config.as_deref())?, now_ms).await?
                }
                KeysCommand::Push { config } => {
                    upkeep::rotate_push_key(&Config::load(config.as_deref())?, now_ms).await?
                }
                KeysCommand::Retire { config, id } => {
                    upkeep::retire_key(&Config::load(config.as_deref())?, now_ms, &id).await?
                }
                KeysCommand::Seals { config } => {
                    upkeep::count_seals(&Config::load(config.as_deref())?).await?
                }
            };
            return said(&report.text, report.is_well);
        }
        Command::Demo { port, data_dir, xmpp, domain } => {
            demo::run(DemoOptions { port, data_dir, xmpp, domain }, told_to_stop()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves until it is told to stop. SIGHUP says that there are other sealing keys in their file.
async fn serve(config: &Config) -> anyhow::Result<()> {
    // From before the start: a signal that nobody waits for ends the process.
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut gateway = Gateway::start(config).await?;
    let mut stop = std::pin::pin!(told_to_stop());
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(()) = hang_up.recv() => gateway.change_sealing_keys(),
        }
    }
    gateway.shutdown().await;
    Ok(())
}

/// Says what was found, and by the exit code whether all is well.
fn said(text: &str, is_well: bool) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// From the environment, else from whoever sits there, else from what is piped in; never from the command line, which
/// others on the machine can see.
fn password() -> anyhow::Result<SecretString> {
    if let Ok(password) = std::env::var("SPARKWEB_PASSWORD") {
        return Ok(SecretString::from(password));
    }
    let is_seen = std::io::stdin().is_terminal();
    if is_seen {
        write!(std::io::stderr(), "Password: ")?;
    }
    let hidden = is_seen && echo(false);
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if hidden {
        echo(true);
        writeln!(std::io::stderr())?;
    }
    read?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}

/// Whether what is typed shows.
fn echo(shows: bool) -> bool {
    let mode = if shows { "echo" } else { "-echo" };
    std::process::Command::new("stty").arg(mode).status().is_ok_and(|status| status.success())
}

/// Ctrl-C, or the polite signal of whoever runs services.
async fn told_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// `SPARKWEB_LOG` says how much; the XML of the streams, which holds everything, is never among it.
fn log() {
    let filter = EnvFilter::builder()
        .with_env_var("SPARKWEB_LOG")
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    // Of what strangers send `webauthn_rs_core` tells as of errors of its own; what matters of it is told by `auth`.
    let quiet = ["tokio_xmpp=info", "rustls=info", "h2=info", "hyper=info", "webauthn_rs_core=off"];
    let filter =
        quiet.iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
