//! `cargo xtask`: everything SparkWeb needs done to it, from a bare checkout, in one program.
//!
//! Knows the repository, the tools and their order; must never be needed at run time: the server is one
//! binary that works without it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks by printing")]

mod bench;
mod canary;
mod demo;
mod npm;
mod places;
mod process;
mod progress;
mod setup;
mod site;
mod stamp;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{progress::Progress, setup::Need};

/// Set-up, packaging and checks for SparkWeb. Every command installs what it lacks, and can be run again at once.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The whole idea, working: a managed Prosody with people in it, the gateway and the demo site.
    Demo {
        /// Passed to `sparkweb demo`: `--port`, `--data-dir`, `--xmpp HOST:PORT`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Every check, the browser's included.
    #[command(alias = "ci")]
    Test {
        /// Only the steps whose name contains one of these words.
        only: Vec<String>,
    },
    /// Packs the SDK and the elements for npm, and holds them to their sizes.
    Npm {
        /// Builds even where nothing has changed.
        #[arg(long)]
        force: bool,
    },
    /// Builds the demo site into `dist/public`.
    Site {
        /// Builds even where nothing has changed.
        #[arg(long)]
        force: bool,
    },
    /// Measures, side by side with what people would use instead.
    Bench {
        /// What to measure.
        name: bench::Bench,
    },
    /// The rules of the house which no compiler checks.
    Tidy,
    /// Installs what is missing, for every command.
    Setup,
}

impl Task {
    fn name(&self) -> &'static str {
        match self {
            Self::Demo { .. } => "demo",
            Self::Test { only } if only.is_empty() => "test",
            Self::Test { .. } => "test-part",
            Self::Npm { .. } => "npm",
            Self::Site { .. } => "site",
            Self::Bench { .. } => "bench",
            Self::Tidy => "tidy",
            Self::Setup => "setup",
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut progress = Progress::new(arguments.command.name());
    let outcome = match arguments.command {
        Task::Demo { arguments } => demo::run(&mut progress, &arguments),
        Task::Test { only } => test::run(&mut progress, &only),
        Task::Npm { force } => setup::install(&mut progress, &[Need::Wasm, Need::Node])
            .and_then(|tools| npm::build(&mut progress, &tools, force)),
        Task::Site { force } => setup::install(&mut progress, &[Need::Wasm, Need::Trunk, Need::Node])
            .and_then(|tools| site::build(&mut progress, &tools, force)),
        Task::Bench { name } => bench::run(&mut progress, name),
        Task::Tidy => tidy::run(&mut progress),
        Task::Setup => setup::install(&mut progress, Need::ALL).map(|_| ()),
    };
    progress.print_summary(outcome.is_ok());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure:#}");
            ExitCode::FAILURE
        }
    }
}
