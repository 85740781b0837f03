//! Benchmarks, each beside what people would use instead.

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    demo,
    process::cargo,
    progress::Progress,
    setup::{self, Need},
};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Bench {
    /// One way, sender to receiver: REST in and events out, beside an XMPP client over WebSocket.
    Latency,
}

/// Runs a benchmark on one managed Prosody, and prints both sides and their ratio.
pub(crate) fn run(progress: &mut Progress, bench: Bench) -> Result<()> {
    setup::install(progress, &[Need::Compiler, Need::Node, Need::Prosody])?;
    let name = match bench {
        Bench::Latency => "latency",
    };
    progress.step(&format!("bench {name}"), |step| {
        let mut command = cargo();
        command.args(["run", "--quiet", "--release", "--package", "sparkweb-bench", "--bin", name]);
        command.env("CARGO_TARGET_DIR", demo::native_target());
        step.run_shown(&mut command, "The benchmark's own words are above.")
    })
}
