//! The main job: from a bare checkout to a page on which two people talk.

use std::{os::unix::process::CommandExt as _, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    npm, places, process,
    progress::Progress,
    setup::{self, Need},
    site,
};

/// Sets up, builds, and becomes `sparkweb demo`.
pub(crate) fn run(progress: &mut Progress, arguments: &[String]) -> Result<()> {
    let mut needs = vec![Need::Compiler, Need::Wasm, Need::Trunk, Need::Node];
    if !arguments.iter().any(|argument| argument.starts_with("--xmpp")) {
        needs.push(Need::Prosody);
    }
    let tools = setup::install(progress, &needs)?;
    npm::build(progress, &tools, false)?;
    site::build(progress, &tools, false)?;
    let server = build_server(progress)?;
    progress.print_summary(true);
    eprintln!("\nStarting the demo; Ctrl-C ends it.\n");
    // In this process's place: signals and the exit code are the demo's own.
    let failure = Command::new(&server).arg("demo").args(arguments).exec();
    Err(failure).with_context(|| format!("starting {}", server.display()))
}

/// Builds the gateway. The development profile: it reads pages from disk, and is there in a third of the time.
pub(crate) fn build_server(progress: &mut Progress) -> Result<PathBuf> {
    progress.step("gateway", |step| {
        let mut cargo = process::cargo();
        cargo.args(["build", "--package", "sparkweb-server", "--bin", "sparkweb"]);
        step.run(&mut cargo, "The compiler's message is below.")
    })?;
    Ok(native_target().join("debug/sparkweb"))
}

/// Where cargo puts what it builds for this machine.
pub(crate) fn native_target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| places::root().join("target"), PathBuf::from)
}
