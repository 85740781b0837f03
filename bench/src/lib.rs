//! Benchmarks beside what people would use instead. `cargo xtask bench` runs them; the scripts lie beside this crate.
//!
//! Here is what several of them measure: the gateway as it is run, in a process of its own.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use server::demo::{Prosody, ReservedPort};
use tokio::time::{Instant, sleep_until};

/// The gateway; it ends with this.
pub struct Gateway {
    child: Child,
    /// Where its HTTP is.
    pub url: String,
    _port: ReservedPort,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // One that has ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Linux counts a process's time in hundredths of a second, whatever its clock ticks in.
const MS_PER_TICK: u64 = 10;

fn program() -> Result<String> {
    std::env::var("SPARKWEB_BIN").context("SPARKWEB_BIN names the program to measure")
}

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// All of it.
    pub resident: u64,
    /// What is of no file: heap and stacks.
    pub anonymous: u64,
}

impl Gateway {
    /// Starts the program that `SPARKWEB_BIN` names before this Prosody, with these variables besides, and waits until it
    /// answers.
    ///
    /// # Errors
    /// When it can't be started, or does not answer within ten seconds.
    pub async fn start(prosody: &Prosody, variables: &[(&str, &str)]) -> Result<Self> {
        Self::run(Command::new(program()?), prosody, variables).await
    }

    /// As [`Gateway::start`], on this core of the machine and no other.
    ///
    /// # Errors
    /// As [`Gateway::start`].
    pub async fn start_on_core(core: usize, prosody: &Prosody, variables: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string(), &program()?]);
        Self::run(command, prosody, variables).await
    }

    async fn run(mut command: Command, prosody: &Prosody, variables: &[(&str, &str)]) -> Result<Self> {
        let kept = ReservedPort::take()?;
        let port = kept.number();
        let child = command
            .arg("serve")
            .env("SPARKWEB_LISTEN", format!("127.0.0.1:{port}"))
            .env("SPARKWEB_XMPP__DOMAIN", prosody.domain())
            .env("SPARKWEB_XMPP__SERVER", format!("localhost:{}", prosody.c2s_port()))
            .env("SPARKWEB_XMPP__CA_FILE", prosody.ca_file())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .spawn()
            .context("starting the gateway")?;
        let mut gateway = Gateway { child, url: format!("http://127.0.0.1:{port}"), _port: kept };
        let client = client();
        for _ in 0..100 {
            if client.get(format!("{}/readyz", gateway.url)).send().await.is_ok() {
                return Ok(gateway);
            }
            if let Some(status) = gateway.child.try_wait()? {
                bail!("the gateway ended with {status}");
            }
            pause(Duration::from_millis(100)).await;
        }
        bail!("the gateway does not answer")
    }

    /// Of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// For how long it kept a core busy until now, in steps of 10 ms.
    ///
    /// # Errors
    /// When it has ended.
    pub fn busy(&self) -> Result<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        // The name, which comes second, may have blanks; `utime` and `stime` are the 14th and the 15th (proc(5)).
        let (_, rest) = text.rsplit_once(')').context("no name")?;
        let ticks =
            rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * MS_PER_TICK))
    }

    /// What it takes up now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> Result<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid()))?;
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().strip_suffix(" kB")?.trim().parse().ok()
        };
        Ok(Memory {
            resident: value("Rss:").context("no Rss")?,
            anonymous: value("Anonymous:").context("no Anonymous")?,
        })
    }

    /// Once it changes no more: what the last sign-ins began has come to rest.
    ///
    /// # Errors
    /// As [`Gateway::memory`].
    pub async fn memory_at_rest(&self) -> Result<Memory> {
        let mut before = self.memory()?;
        for _ in 0..30 {
            pause(Duration::from_secs(2)).await;
            let now = self.memory()?;
            if now.anonymous.abs_diff(before.anonymous) * 1_000 < before.anonymous {
                return Ok(now);
            }
            before = now;
        }
        Ok(before)
    }
}

/// A client of HTTP.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "benchmarks ask gateways of their own")]
pub fn client() -> reqwest::Client {
    reqwest::Client::new()
}

/// Memory tells nobody that it has come to rest, nor a program that it listens.
pub async fn pause(time: Duration) {
    sleep_until(Instant::now() + time).await;
}
