//! wasm-bindgen and trunk, built once per user and version.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    places,
    process::{ask, cargo},
    progress::{Did, Step},
};

/// wasm-bindgen, of exactly the library's version: another refuses the library's output.
pub(super) fn wasm_bindgen(step: &Step<'_>, version: &str) -> Result<(PathBuf, Did)> {
    // Not `--locked`: a dependency which its lock names was withdrawn.
    install(step, "wasm-bindgen-cli", "wasm-bindgen", version, "1", &[])
}

/// trunk, without the parts that download tools: they are here already.
pub(super) fn trunk(step: &Step<'_>) -> Result<(PathBuf, Did)> {
    let arguments = ["--locked", "--no-default-features", "--features", "rustls"];
    install(step, "trunk", "trunk", places::TRUNK_VERSION, "0", &arguments)
}

/// The folder which holds `program`: of PATH where the version is right, else of the cache, built if need be.
fn install(
    step: &Step<'_>,
    package: &str,
    program: &str,
    version: &str,
    optimisation: &str,
    arguments: &[&str],
) -> Result<(PathBuf, Did)> {
    let cache = places::cache()?;
    let home = cache.join("tools").join(format!("{program}-{version}"));
    let bin = home.join("bin");
    if bin.join(program).is_file() {
        return Ok((bin, Did::Nothing));
    }
    if let Some(found) = places::find_program(program)
        && has_version(&found, version)
        && let Some(folder) = found.parent()
    {
        return Ok((folder.to_owned(), Did::Nothing));
    }
    let building = cache.join("build").join(program);
    let made = cache.join("build").join(format!("{program}-{version}"));
    let mut command = cargo();
    command
        .args(["install", package, "--version", &format!("={version}")])
        .args(arguments)
        .arg("--root")
        .arg(&made)
        .arg("--target-dir")
        .arg(&building)
        // They run for seconds and would take ten minutes to build as their authors ship them.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimisation)
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    step.run(
        &mut command,
        "Is the crate registry reachable? What was built so far is kept; run this again.",
    )?;
    if let Some(tools) = home.parent() {
        fs::create_dir_all(tools)?;
    }
    fs::rename(&made, &home).with_context(|| format!("moving {program} to {}", home.display()))?;
    fs::remove_dir_all(&building).with_context(|| format!("removing what {program} was built from"))?;
    Ok((bin, Did::Work))
}

fn has_version(program: &Path, version: &str) -> bool {
    let mut command = Command::new(program);
    // trunk takes the variable for an argument of its own, and refuses it.
    ask(command.arg("--version").env_remove("NO_COLOR"))
        .is_some_and(|says| says.split_whitespace().any(|word| word == version))
}
