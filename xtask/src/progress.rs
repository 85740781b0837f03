//! What the person in front of the terminal sees: the step under way with its elapsed time, and a table at the end.
//!
//! Knows terminals and time; must never know what the steps do.

use std::{
    cell::Cell,
    fs,
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::places;

/// Everything one command does, in order.
pub(crate) struct Progress {
    /// The command, for the times that are kept from run to run.
    command: &'static str,
    started: Instant,
    rows: Vec<Row>,
    live: bool,
    /// Something had to be installed.
    cold: bool,
}

struct Row {
    name: String,
    took: Duration,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Unchanged,
    Failed,
}

/// What a step that succeeded says: whether it had anything to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Did {
    /// It worked.
    Work,
    /// There was nothing to do; not worth a line.
    Nothing,
}

/// One step under way.
pub(crate) struct Step<'a> {
    name: &'a str,
    started: Instant,
    live: bool,
    announced: Cell<bool>,
}

impl Progress {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, started: now(), rows: Vec::new(), live: stderr().is_terminal(), cold: false }
    }

    /// Runs a step and says how long it took. A failure names the step.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce(&Step<'_>) -> Result<T>) -> Result<T> {
        self.record(name, work, |_| Outcome::Done)
    }

    /// Runs a step of the set-up, which may find that there is nothing to do.
    pub(crate) fn step_if_needed(
        &mut self,
        name: &str,
        work: impl FnOnce(&Step<'_>) -> Result<Did>,
    ) -> Result<Did> {
        let did = self.record(name, work, |did| match did {
            Did::Work => Outcome::Done,
            Did::Nothing => Outcome::Unchanged,
        })?;
        self.cold |= did == Did::Work;
        Ok(did)
    }

    fn record<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&Step<'_>) -> Result<T>,
        outcome_of: impl FnOnce(&T) -> Outcome,
    ) -> Result<T> {
        let step = Step { name, started: now(), live: self.live, announced: Cell::new(false) };
        step.tick("");
        let result = work(&step);
        let took = step.started.elapsed();
        let outcome = result.as_ref().map_or(Outcome::Failed, outcome_of);
        step.clear();
        match outcome {
            Outcome::Done => step.line(&format!("  ok      {:>7}  {name}", seconds(took))),
            Outcome::Failed => step.line(&format!("  FAILED  {:>7}  {name}", seconds(took))),
            Outcome::Unchanged => {}
        }
        self.rows.push(Row { name: name.to_owned(), took, outcome });
        result.with_context(|| format!("`{name}` failed"))
    }

    /// The table of what took how long, and how long a cold and a warm run last took, as far as they succeeded.
    /// Steps which had nothing to do are counted, not listed.
    pub(crate) fn print_summary(&self, succeeded: bool) {
        let took = self.started.elapsed();
        let unchanged = self.rows.iter().filter(|row| row.outcome == Outcome::Unchanged).count();
        eprintln!();
        for row in self.rows.iter().filter(|row| row.outcome != Outcome::Unchanged) {
            let mark = if row.outcome == Outcome::Failed { "  FAILED" } else { "" };
            eprintln!("{:>9}  {}{mark}", seconds(row.took), row.name);
        }
        eprintln!("{:>9}  in all; {unchanged} steps had nothing to do", seconds(took));
        if succeeded {
            self.print_times(took);
        }
    }

    fn print_times(&self, took: Duration) {
        let kept = |kind: &str| places::dist().join("times").join(format!("{}-{kind}", self.command));
        let now = kept(if self.cold { "cold" } else { "warm" });
        // A time that cannot be kept is only not shown next time.
        let _ = now.parent().map(fs::create_dir_all);
        let _ = fs::write(now, seconds(took));
        let last = |kind: &str| fs::read_to_string(kept(kind)).unwrap_or_else(|_| "not run yet".to_owned());
        let command = self.command;
        eprintln!(
            "           {command}, cold (something was installed): {}; warm: {}",
            last("cold"),
            last("warm")
        );
    }
}

impl Step<'_> {
    /// Redraws the live line, with the last thing the tool said.
    pub(crate) fn tick(&self, saying: &str) {
        if self.live {
            let line = format!("  {:>7}  {}  {saying}", seconds(self.started.elapsed()), self.name);
            let shown: String = line.chars().take(110).collect();
            eprint!("\r\x1b[2K{shown}");
            let _ = stderr().flush();
        }
    }

    /// Says something that stays.
    pub(crate) fn say(&self, text: &str) {
        self.clear();
        eprintln!("          {text}");
    }

    /// Passes on a line of a tool's own output.
    pub(crate) fn line(&self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    /// Where no live line is drawn, at least says what has begun: a quiet minute looks like a hang.
    pub(crate) fn announce(&self) {
        if !self.live && !self.announced.replace(true) {
            eprintln!("  ...              {}", self.name);
        }
    }

    fn clear(&self) {
        if self.live {
            eprint!("\r\x1b[2K");
        }
    }
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole >= 60 {
        format!("{}m {:02}s", whole / 60, whole % 60)
    } else {
        format!("{:.1}s", duration.as_secs_f64())
    }
}

#[expect(clippy::disallowed_methods, reason = "never runs on wasm32, and shows elapsed time to a person")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (millis, expected) in [(40, "0.0s"), (1_940, "1.9s"), (59_900, "59.9s"), (61_000, "1m 01s")] {
            assert_eq!(seconds(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn a_failed_step_is_named() {
        let mut progress = Progress::new("boil");
        let failure = progress.step("boil water", |_| -> Result<()> { anyhow::bail!("no kettle") });
        assert_eq!(format!("{:#}", failure.unwrap_err()), "`boil water` failed: no kettle");
    }
}
