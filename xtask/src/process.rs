//! Running tools: their output is kept for when they fail, and their last line is shown while they work.
//!
//! Knows child processes; must never know what a tool is for.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

use crate::progress::Step;

/// How many of a tool's last lines a failure shows.
const TAIL_LINES: usize = 40;
/// How often the elapsed time is redrawn while a tool says nothing.
const REDRAW_EVERY: Duration = Duration::from_millis(250);

/// How much of a tool's output the person sees while it works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    /// Only the live line; the rest only when it fails.
    LastLine,
    /// Everything but a compiler's list of what it compiles: test runners, whose closing lines count.
    Everything,
}

impl Step<'_> {
    /// Runs a tool quietly. `advice` says what to do when it fails.
    pub(crate) fn run(&self, command: &mut Command, advice: &str) -> Result<()> {
        self.supervise(command, advice, Show::LastLine)
    }

    /// Runs a tool whose output people and machines want to read.
    pub(crate) fn run_shown(&self, command: &mut Command, advice: &str) -> Result<()> {
        self.supervise(command, advice, Show::Everything)
    }

    fn supervise(&self, command: &mut Command, advice: &str, show: Show) -> Result<()> {
        self.announce();
        let shown = describe(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{shown}` could not be started. {advice}"))?;
        let (lines, output) = channel();
        let readers = [
            child.stdout.take().map(|pipe| forward_lines(pipe, lines.clone())),
            child.stderr.take().map(|pipe| forward_lines(pipe, lines)),
        ];
        let tail = self.follow(&output, show);
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let status = child.wait().with_context(|| format!("waiting for `{shown}`"))?;
        if status.success() { Ok(()) } else { Err(failure(&shown, status, &tail, advice)) }
    }

    fn follow(&self, output: &Receiver<String>, show: Show) -> VecDeque<String> {
        let mut tail = VecDeque::with_capacity(TAIL_LINES);
        let mut saying = String::new();
        loop {
            match output.recv_timeout(REDRAW_EVERY) {
                Ok(line) => {
                    if show == Show::Everything && !is_compiler_chatter(&line) {
                        self.line(&line);
                    }
                    saying = line.trim().to_owned();
                    if tail.len() == TAIL_LINES {
                        tail.pop_front();
                    }
                    tail.push_back(line);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return tail,
            }
            self.tick(&saying);
        }
    }
}

/// What a tool prints, or `None` when it cannot be run or fails: for asking about versions.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `cargo` as the person called it, without what the `cargo` that runs this program told it.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::places::root());
    // Cargo tells these to its children; to a cargo below they would be about the wrong package.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        cargo.env_remove(name);
    }
    cargo
}

fn forward_lines(pipe: impl Read + Send + 'static, lines: Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
            let text = String::from_utf8_lossy(&line);
            if lines.send(text.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    })
}

fn is_compiler_chatter(line: &str) -> bool {
    const VERBS: [&str; 9] = [
        "Compiling ",
        "Checking ",
        "Downloading ",
        "Downloaded ",
        "Updating ",
        "Locking ",
        "Blocking ",
        "Adding ",
        "Documenting ",
    ];
    let line = line.trim_start();
    VERBS.iter().any(|verb| line.starts_with(verb))
}

fn failure(shown: &str, status: ExitStatus, tail: &VecDeque<String>, advice: &str) -> anyhow::Error {
    let mut text = format!("`{shown}` ended with {status}. {advice}");
    if !tail.is_empty() {
        let _ = write!(text, "\nIts last lines:");
        for line in tail {
            let _ = write!(text, "\n    {line}");
        }
    }
    anyhow!(text)
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    #[test]
    fn a_tool_that_fails_says_what_why_and_what_to_do() {
        let mut progress = Progress::new("try");
        let failure = progress.step("ask the shell", |step| {
            step.run(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]), "Buy a new shell.")
        });
        let text = format!("{:#}", failure.unwrap_err());
        for part in
            ["`ask the shell` failed", "sh -c", "exit status: 3", "Buy a new shell.", "    one", "    two"]
        {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }

    #[test]
    fn a_tool_that_is_not_there_says_what_to_do() {
        let mut progress = Progress::new("try");
        let failure =
            progress.step("ask nobody", |step| step.run(&mut Command::new("no-such-tool"), "Install it."));
        let text = format!("{:#}", failure.unwrap_err());
        assert!(text.contains("`no-such-tool` could not be started. Install it."), "{text}");
    }

    #[test]
    fn compilers_are_quiet_and_test_runners_are_not() {
        assert!(is_compiler_chatter("   Compiling serde v1.0.0"));
        assert!(!is_compiler_chatter("test result: ok. 3 passed; 0 failed"));
    }
}
