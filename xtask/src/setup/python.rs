//! A Python of its own for the tests, with slixmpp: an XMPP client that shares no code with ours.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::system;
use crate::{
    places,
    process::ask,
    progress::{Did, Step},
    stamp,
};

const SLIXMPP: &str = "slixmpp==1.17.0";

pub(super) fn install(step: &Step<'_>) -> Result<(PathBuf, Did)> {
    let home = places::cache()?.join("venv");
    let python = home.join("bin/python");
    if ask(Command::new(&python).args(["-c", "import slixmpp"])).is_some() {
        return Ok((python, Did::Nothing));
    }
    if let Some(cache) = home.parent() {
        std::fs::create_dir_all(cache)?;
    }
    let can_make_one = ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some();
    if !can_make_one && system::has_apt() {
        system::apt(step, &["python3-venv"])?;
    }
    stamp::empty(&home)?;
    let advice = "Python needs its `venv` module: on Debian the package `python3-venv`.";
    step.run(Command::new("python3").args(["-m", "venv"]).arg(&home), advice)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", SLIXMPP]);
    step.run(&mut pip, "Is the Python package index reachable?")?;
    ask(Command::new(&python).args(["-c", "import slixmpp"]))
        .context("slixmpp was installed, and does not load")?;
    Ok((python, Did::Work))
}
