//! Every check, in the order in which they are cheapest to fail.
//!
//! Knows which checks there are; must never know what they look for. A check that fails does not keep the
//! others from running, unless they are made of what it was to build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::{
    canary, demo, npm, places,
    process::cargo,
    progress::Progress,
    setup::{self, Need, Tools},
    site, stamp, tidy,
};

/// Crates that run on this machine. The others only make sense in a browser.
const NATIVE: [&str; 7] = [
    "sparkweb-protocol",
    "sparkweb-server",
    "sparkweb-tests",
    "sparkweb-authenticator",
    "sparkweb-https",
    "sparkweb-bench",
    "xtask",
];
/// Crates for the browser, whose plain logic is tested on this machine all the same.
const BROWSER: [&str; 4] = ["sparkweb-sdk", "sparkweb-sdk-wasm", "sparkweb-widgets", "sparkweb-demo-site"];

/// Crates whose tests need nothing but themselves.
const UNIT_TESTED: [&str; 8] = [
    "sparkweb-protocol",
    "sparkweb-server",
    "sparkweb-sdk",
    "sparkweb-sdk-wasm",
    "sparkweb-widgets",
    "sparkweb-demo-site",
    "sparkweb-bench",
    "xtask",
];

/// What the integration tests use of secrets, and leave: databases, what SQLite has written ahead in those that are open, and
/// backups that were taken while a gateway ran.
pub(crate) const INTEGRATION: canary::Expected = canary::Expected {
    kinds: &[
        "password",
        "key of a password",
        "access token",
        "refresh token",
        "token of a sign-in under way",
        "token",
        "ticket",
        "cookie",
        "secret of an app",
        "recovery code",
        "FAST token",
        "token for the server",
        "key of tokens for the server",
        "assertion",
        "sealing key",
        "signing key",
        "push key",
        "token for a push service",
        "address of a device",
        "secret of a device",
        "act token",
        "message",
    ],
    files: &["-log", "-store.db", "-store.db-wal", "-backup.db", "-vacuumed.db", "-dump.sql"],
};
/// The same of the browser tests.
pub(crate) const BROWSER_TESTS: canary::Expected = canary::Expected {
    kinds: &["access token", "refresh token"],
    files: &["-log", "-gateway.db", "-gateway.db-wal"],
};

/// Runs every check whose name contains one of the words, or all.
pub(crate) fn run(progress: &mut Progress, only: &[String]) -> Result<()> {
    let mut checks = Checks { only, failed: Vec::new() };
    let tools = setup::install(progress, Need::ALL)?;
    checks.run(progress, "format", |progress| {
        progress.step("format", |step| {
            step.run(cargo().args(["fmt", "--all", "--check"]), "`cargo fmt --all` mends it.")
        })
    });
    checks.run(progress, "tidy", tidy::run);
    checks.run(progress, "lints", |progress| lints(progress, &tools));
    checks.run(progress, "unit tests", unit_tests);
    checks.run(progress, "documentation", documentation);
    checks.run(progress, "npm", |progress| npm::build(progress, &tools, false));
    checks.run(progress, "site", |progress| site::build(progress, &tools, false));
    checks.run(progress, "integration tests", |progress| integration_tests(progress, &tools));
    checks.run(progress, "browser tests", |progress| browser_tests(progress, &tools));
    checks.verdict()
}

struct Checks<'a> {
    only: &'a [String],
    failed: Vec<&'static str>,
}

impl Checks<'_> {
    fn run(
        &mut self,
        progress: &mut Progress,
        name: &'static str,
        check: impl FnOnce(&mut Progress) -> Result<()>,
    ) {
        if !self.only.is_empty() && !self.only.iter().any(|word| name.contains(word.as_str())) {
            return;
        }
        println!("\n== {name}");
        if let Err(failure) = check(progress) {
            println!("{failure:#}");
            self.failed.push(name);
        }
    }

    fn verdict(&self) -> Result<()> {
        if self.failed.is_empty() {
            println!("\nEvery check passed.");
            return Ok(());
        }
        bail!("These checks failed: {}. What each said is above.", self.failed.join(", "))
    }
}

fn lints(progress: &mut Progress, tools: &Tools) -> Result<()> {
    progress.step("clippy", |step| {
        let mut clippy = cargo();
        clippy.args(["clippy", "--all-targets"]).args(packages(&NATIVE)).args(["--", "-D", "warnings"]);
        step.run(&mut clippy, "Mend what it found; an exception takes `#[expect(.., reason = \"..\")]`.")
    })?;
    progress.step("clippy, for the browser", |step| {
        // Where std for the browser is not the toolchain's own, its clippy cannot see it: then as for this machine.
        let mut clippy = if tools.wasm_is_of_rustup() { tools.wasm_command("cargo") } else { cargo() };
        clippy.args(["clippy", "--lib", "--bins"]).args(packages(&BROWSER));
        clippy.args(["--features", "sparkweb-sdk-wasm/widgets"]);
        if tools.wasm_is_of_rustup() {
            clippy.args(["--target", "wasm32-unknown-unknown"]);
        }
        clippy.args(["--", "-D", "warnings"]);
        step.run(&mut clippy, "Mend what it found; an exception takes `#[expect(.., reason = \"..\")]`.")
    })
}

fn unit_tests(progress: &mut Progress) -> Result<()> {
    progress.step("unit tests", |step| {
        let mut test = cargo();
        test.args(["test", "--lib", "--bins", "--tests"]).args(packages(&UNIT_TESTED));
        step.run_shown(&mut test, "The failing test's own words are above.")
    })
}

fn documentation(progress: &mut Progress) -> Result<()> {
    progress.step("doc tests", |step| {
        let mut test = cargo();
        test.args(["test", "--doc", "--package", "sparkweb-protocol", "--package", "sparkweb-sdk"]);
        step.run_shown(&mut test, "An example in the documentation no longer works.")
    })?;
    progress.step("documentation", |step| {
        let mut doc = cargo();
        doc.args(["doc", "--no-deps", "--lib"]).args(packages(&["sparkweb-protocol", "sparkweb-sdk"]));
        step.run(doc.env("RUSTDOCFLAGS", "-D warnings"), "A link in the documentation leads nowhere.")
    })
}

fn integration_tests(progress: &mut Progress, tools: &Tools) -> Result<()> {
    let (server, run) = (demo::build_server(progress)?, fresh_run("integration")?);
    // By itself: what it asks of its libraries is not to be in what is tested.
    progress.step("authenticator", |step| {
        step.run(
            cargo().args(["build", "--package", "sparkweb-authenticator"]),
            "The compiler's message is below.",
        )
    })?;
    progress.step("integration tests", |step| {
        let mut test = cargo();
        test.args(["test", "--package", "sparkweb-tests"]).env("SPARKWEB_BIN", &server);
        test.env("SPARKWEB_TEST_AUTHENTICATOR", server.with_file_name("sparkweb-authenticator"));
        test.env("CANARY_RUN", &run);
        if let Some(python) = tools.python() {
            test.env("SPARKWEB_TEST_PYTHON", python);
        }
        step.run_shown(&mut test, "The failing test's own words are above.")
    })?;
    look_for_secrets(progress, &run, &INTEGRATION)
}

/// A folder for what tests note and leave.
fn fresh_run(of: &str) -> Result<PathBuf> {
    let run = places::test_run(of);
    if run.exists() {
        fs::remove_dir_all(&run)?;
    }
    Ok(run)
}

fn look_for_secrets(progress: &mut Progress, run: &Path, expected: &canary::Expected) -> Result<()> {
    progress.step("secrets in what they left", |_| {
        println!("{}", canary::look(run, expected)?);
        Ok(())
    })
}

fn browser_tests(progress: &mut Progress, tools: &Tools) -> Result<()> {
    let (server, run) = (demo::build_server(progress)?, fresh_run("browser")?);
    let scripts: Vec<PathBuf> = stamp::files_under(&places::root().join("tests/browser"))?
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    if scripts.is_empty() {
        bail!("`tests/browser` holds no `*.test.mjs`");
    }
    let chromium = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .iter()
        .find_map(|name| places::find_program(name));
    progress.step("browser tests", |step| {
        let mut test = Command::new("node");
        // One at a time: each brings a Prosody, a gateway and browsers, and measures time.
        test.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(&scripts);
        test.current_dir(places::root()).env("SPARKWEB_BIN", &server).env("CANARY_RUN", &run);
        if let Some(chromium) = &chromium {
            test.env("SPARKWEB_CHROMIUM", chromium);
        }
        if let Some(python) = tools.python() {
            test.env("SPARKWEB_TEST_PYTHON", python);
        }
        step.run_shown(&mut test, "The failing test's own words are above.")
    })?;
    look_for_secrets(progress, &run, &BROWSER_TESTS)
}

fn packages(names: &[&'static str]) -> Vec<&'static str> {
    names.iter().flat_map(|name| ["--package", *name]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_check_lets_the_others_run_and_is_named_at_the_end() {
        let only = ["tests".to_owned()];
        let mut checks = Checks { only: &only, failed: Vec::new() };
        let mut progress = Progress::new("try");
        let mut ran = Vec::new();
        checks.run(&mut progress, "lints", |_| {
            ran.push("lints");
            Ok(())
        });
        checks.run(&mut progress, "unit tests", |_| bail!("no"));
        checks.run(&mut progress, "browser tests", |_| {
            ran.push("browser tests");
            Ok(())
        });
        assert_eq!(
            ran,
            ["browser tests"],
            "what was not asked for does not run, what comes after a failure does"
        );
        assert!(checks.verdict().unwrap_err().to_string().contains("failed: unit tests."));
    }
}
