//! What `package.json` lists, as `package-lock.json` pins it.

use std::process::Command;

use anyhow::Result;

use crate::{
    places,
    progress::{Did, Step},
    stamp::Stamp,
};

pub(super) fn install(step: &Step<'_>) -> Result<Did> {
    let root = places::root();
    let stamp =
        Stamp::of(root.join("node_modules/.sparkweb"), root, &["package.json", "package-lock.json"], &[])?;
    if stamp.is_set() {
        return Ok(Did::Nothing);
    }
    let mut command = Command::new("npm");
    // No package here needs to run anything to be installed, so none may.
    command.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(root);
    step.run(
        &mut command,
        "Is the npm registry reachable? `npm config get registry` says which one is asked.",
    )?;
    stamp.set()?;
    Ok(Did::Work)
}
