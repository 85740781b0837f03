//! The rules of the house which no compiler checks: which crate and module may name which, how files begin and how
//! long they are, and what must never be committed.
//!
//! Knows the rules, as ARCHITECTURE.md states them; must never change a file.

mod crates;
mod files;
mod modules;
mod tokens;

use std::{fmt, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{places, process::ask, progress::Progress};

/// A rule broken, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offence {
    path: String,
    /// Counted from 1; 0 where it is the whole file's.
    line: usize,
    says: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, says } = self;
        if *line == 0 {
            write!(formatter, "{path}: {says}")
        } else {
            write!(formatter, "{path}:{line}: {says}")
        }
    }
}

/// A committed text file.
struct Source {
    path: String,
    text: String,
}

/// Checks every tracked file, and the graph of the crates.
pub(crate) fn run(progress: &mut Progress) -> Result<()> {
    progress.step("tidy", |step| {
        let sources = tracked_files()?;
        let mut offences = crates::check()?;
        for source in &sources {
            offences.extend(files::check(source));
            offences.extend(modules::check(source));
        }
        offences.sort();
        for offence in &offences {
            step.line(&offence.to_string());
        }
        ensure!(
            offences.is_empty(),
            "{} rules are broken in {} files. Each line above says where and what to do.",
            offences.len(),
            sources.len()
        );
        step.say(&format!("{} files follow the rules of the house", sources.len()));
        Ok(())
    })
}

/// What git tracks, or would; binary files left out.
fn tracked_files() -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(places::root());
    let list = ask(&mut git)
        .context("`git ls-files` failed: tidy checks what git tracks, so it needs a checkout")?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let Ok(bytes) = std::fs::read(places::root().join(path)) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
