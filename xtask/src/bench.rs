//! Benchmarks, each beside what people would use instead.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    demo, places, process,
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
    let script = match bench {
        Bench::Latency => "bench/latency.mjs",
    };
    progress.step("gateway, for speed", |step| {
        let mut cargo = process::cargo();
        cargo.args(["build", "--release", "--package", "sparkweb-server", "--bin", "sparkweb"]);
        step.run(&mut cargo, "The compiler's message is below.")
    })?;
    progress.step(script, |step| {
        let mut node = Command::new("node");
        node.arg(script).current_dir(places::root());
        node.env("SPARKWEB_BIN", demo::native_target().join("release/sparkweb"));
        step.run_shown(&mut node, "The benchmark's own words are above.")
    })
}
