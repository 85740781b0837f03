//! The demo site, built by trunk and laid beside the packages which its pages load.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    places,
    progress::Progress,
    setup::Tools,
    stamp::{self, Stamp},
};

const INPUTS: [&str; 6] =
    ["Cargo.toml", "Cargo.lock", "Trunk.toml", "demo-site", "xtask/src/site.rs", "xtask/js/compress.mjs"];

/// Builds the site into `dist/public` where something has changed.
pub(crate) fn build(progress: &mut Progress, tools: &Tools, force: bool) -> Result<()> {
    let stamp =
        Stamp::of(places::dist().join("stamps/site"), places::root(), &INPUTS, &[&tools.wasm_version()])?;
    if !force && stamp.is_set() && places::public().join("index.html").is_file() {
        return Ok(());
    }
    stamp.clear()?;
    progress.step("demo site", |step| {
        let mut trunk = tools.wasm_command("trunk");
        trunk.args(["build", "--release"]).env("TRUNK_SKIP_VERSION_CHECK", "true");
        // trunk 0.21 takes the variable for an argument of its own, and refuses its value.
        trunk.env_remove("NO_COLOR");
        step.run(&mut trunk, "What trunk says is below.")?;
        let mut compress = Command::new("node");
        compress.arg(places::root().join("xtask/js/compress.mjs")).arg(built());
        step.run(&mut compress, "Node could not compress the files.")?;
        lay_out()
    })?;
    stamp.set()
}

/// trunk empties the folder that it builds into, so it has one of its own; the packages stay where they are.
fn lay_out() -> Result<()> {
    let public = places::public();
    fs::create_dir_all(&public)?;
    for entry in fs::read_dir(&public).context("listing what the server serves")? {
        let path = entry?.path();
        if path.ends_with("sparkweb") {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    stamp::copy_into(&built(), &public)
}

fn built() -> PathBuf {
    places::dist().join("site")
}
