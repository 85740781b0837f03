//! A Python of its own for the tests, with what `tests/requirements.txt` pins: programs that share no code with ours.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::system;
use crate::{
    places,
    process::ask,
    progress::{Did, Step},
    stamp::{self, Stamp},
};

const REQUIREMENTS: &str = "tests/requirements.txt";

pub(super) fn install(step: &Step<'_>) -> Result<(PathBuf, Did)> {
    let home = places::cache()?.join("venv");
    let python = home.join("bin/python");
    let version = || ask(Command::new(&python).arg("--version"));
    let stamp = |version: &str| {
        Stamp::of(home.join(".sparkweb"), places::root(), &[REQUIREMENTS], &["python", version])
    };
    // An environment whose Python went with an upgrade of the system is none.
    let version = match version() {
        Some(version) if stamp(&version)?.is_set() => return Ok((python, Did::Nothing)),
        Some(version) => version,
        None => {
            make(step, &home)?;
            version().context("the environment was made, and its Python does not run")?
        }
    };
    let stamp = stamp(&version)?;
    stamp.clear()?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--only-binary", ":all:", "--requirement", REQUIREMENTS]).current_dir(places::root());
    step.run(&mut pip, "Is the Python package index reachable?")?;
    stamp.set()?;
    Ok((python, Did::Work))
}

fn make(step: &Step<'_>, home: &std::path::Path) -> Result<()> {
    if let Some(cache) = home.parent() {
        std::fs::create_dir_all(cache)?;
    }
    let can_make_one = ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some();
    if !can_make_one && system::has_apt() {
        system::apt(step, &["python3-venv"])?;
    }
    stamp::empty(home)?;
    let advice = "Python needs its `venv` module: on Debian the package `python3-venv`.";
    step.run(Command::new("python3").args(["-m", "venv"]).arg(home), advice)
}
