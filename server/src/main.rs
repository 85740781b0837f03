//! The `sparkweb` program.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::app::Gateway;
use server::config::Config;
use server::demo::{self, DemoOptions};
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log();
    // One TLS provider for all, chosen before anything asks for one. A second call can't be.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sparkweb: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { config } => {
            let gateway = Gateway::start(&Config::load(config.as_deref())?).await?;
            told_to_stop().await;
            gateway.shutdown().await;
        }
        Command::Demo { port, data_dir, xmpp, domain } => {
            demo::run(DemoOptions { port, data_dir, xmpp, domain }, told_to_stop()).await?;
        }
    }
    Ok(())
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
    let quiet = ["tokio_xmpp=info", "rustls=info", "h2=info", "hyper=info"];
    let filter =
        quiet.iter().filter_map(|directive| directive.parse().ok()).fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
