//! Benchmarks, each beside what people would use instead.

use std::{path::PathBuf, process::Command};

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
    /// Memory of a session that nobody looks at, for each of a few thousand.
    Density,
    /// How a few thousand sessions come back when their server was killed and started again.
    Storm,
    /// How long a new tab waits for its snapshot, at 200 a second, the gateway on one core.
    Snapshot,
    /// How fast is pushed to 1,000 devices, and whether a push service that is gone holds up the others.
    Push,
    /// A large contact list, a large room and a burst of presences, beside an XMPP client over WebSocket.
    Scale,
}

/// Runs a benchmark on one managed Prosody, and prints both sides and their ratio.
pub(crate) fn run(progress: &mut Progress, bench: Bench) -> Result<()> {
    setup::install(progress, &[Need::Compiler, Need::Node, Need::Prosody])?;
    progress.step("gateway, for speed", |step| {
        let mut cargo = process::cargo();
        cargo.args(["build", "--release", "--package", "sparkweb-server", "--bin", "sparkweb"]);
        step.run(&mut cargo, "The compiler's message is below.")
    })?;
    let mut command = match bench {
        Bench::Latency => script("bench/latency.mjs"),
        Bench::Density => Command::new(build(progress, "density")?),
        Bench::Storm => Command::new(build(progress, "storm")?),
        Bench::Snapshot => Command::new(build(progress, "snapshot")?),
        Bench::Push => Command::new(build(progress, "push")?),
        Bench::Scale => {
            let stage = build(progress, "scale")?;
            let mut node = script("bench/scale.mjs");
            node.arg(stage);
            node
        }
    };
    command.env("SPARKWEB_BIN", demo::native_target().join("release/sparkweb"));
    progress.step("measuring", |step| step.run_shown(&mut command, "The benchmark's own words are above."))
}

fn script(path: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(path).current_dir(places::root());
    node
}

/// A program of the benchmarks'.
fn build(progress: &mut Progress, name: &str) -> Result<PathBuf> {
    progress.step("the benchmark", |step| {
        let mut cargo = process::cargo();
        cargo.args(["build", "--package", "sparkweb-bench", "--bin", name]);
        step.run(&mut cargo, "The compiler's message is below.")
    })?;
    Ok(demo::native_target().join("debug").join(name))
}
