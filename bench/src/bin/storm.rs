//! How sessions come back when their XMPP server was killed and started again: a few thousand, over TLS, each with
//! a sign-in of its own, at the rate of the gateway's budget and no faster.
//!
//! A Prosody and a gateway of its own, the latter with the settings that it has by itself. What is counted the gateway
//! counts itself, at `/metrics`.

#![allow(clippy::print_stdout, reason = "a benchmark speaks to whoever runs it")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use server::demo::{Account, Prosody, ProsodyOptions, ReservedPort, seed};
use sparkweb_bench::client;
use tokio::time::{Instant, sleep_until};

const DOMAIN: &str = "spark.test";
const PASSWORD: &str = "the same for all";
/// Who signs in at the same time.
const AT_ONCE: usize = 32;
/// The budget that a gateway has by itself: connections a second, and at once.
const PER_SECOND: f64 = 50.0;
const BURST: f64 = 50.0;
/// How long the server is away.
const AWAY: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// When all are to be back.
const BACK_WITHIN: Duration = Duration::from_secs(90);
/// When it is not waited for any longer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(300);

/// The gateway; it ends with this.
struct Gateway {
    child: Child,
    url: String,
    metrics: String,
    _ports: [ReservedPort; 2],
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // One that has ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the gateway counts.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    sessions: u64,
    /// Streams that are up.
    streams: u64,
    /// Streams that came up, each with a sign-in.
    opened: u64,
    /// Connections that began.
    connects: u64,
}

impl Gateway {
    async fn start(prosody: &Prosody) -> Result<Self> {
        let program = std::env::var("SPARKWEB_BIN").context("SPARKWEB_BIN names the program to measure")?;
        let ports = [ReservedPort::take()?, ReservedPort::take()?];
        let [port, metrics] = ports.each_ref().map(ReservedPort::number);
        let child = Command::new(program)
            .arg("serve")
            .env("SPARKWEB_LISTEN", format!("127.0.0.1:{port}"))
            .env("SPARKWEB_METRICS__LISTEN", format!("127.0.0.1:{metrics}"))
            .env("SPARKWEB_XMPP__DOMAIN", DOMAIN)
            .env("SPARKWEB_XMPP__SERVER", format!("localhost:{}", prosody.c2s_port()))
            .env("SPARKWEB_XMPP__CA_FILE", prosody.ca_file())
            .stdin(Stdio::null())
            .spawn()
            .context("starting the gateway")?;
        let (url, metrics) =
            (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{metrics}/metrics"));
        let gateway = Gateway { child, url, metrics, _ports: ports };
        let client = client();
        for _ in 0..100 {
            if client.get(format!("{}/readyz", gateway.url)).send().await.is_ok() {
                return Ok(gateway);
            }
            pause(Duration::from_millis(100)).await;
        }
        bail!("the gateway does not answer")
    }

    async fn counts(&self, client: &reqwest::Client) -> Result<Counts> {
        let page = client.get(&self.metrics).send().await?.error_for_status()?.text().await?;
        let value = |name: &str| -> Result<u64> {
            let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.parse().ok()).with_context(|| format!("no {name}"))
        };
        Ok(Counts {
            sessions: value("sparkweb_sessions")?,
            streams: value("sparkweb_xmpp_streams")?,
            opened: value("sparkweb_xmpp_streams_opened_total{kind=\"new\"}")?
                + value("sparkweb_xmpp_streams_opened_total{kind=\"resumed\"}")?,
            connects: value("sparkweb_xmpp_connects_total")?,
        })
    }
}

/// What is looked at tells nobody that it has changed.
async fn pause(time: Duration) {
    sleep_until(Instant::now() + time).await;
}

fn name(number: u64) -> String {
    format!("person{number:05}")
}

async fn sign_in(client: &reqwest::Client, gateway: &Gateway, number: u64) -> Result<()> {
    let body = json!({ "username": name(number), "password": PASSWORD });
    loop {
        let answer =
            client.post(format!("{}/sparkweb/api/v1/sign-ins", gateway.url)).json(&body).send().await?;
        match answer.status().as_u16() {
            201 => return Ok(()),
            // Whoever waits for the budget for too long is told to come again.
            502..=504 => {}
            status => bail!("{} was answered {status} {}", name(number), answer.text().await?),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    // Only the first choice counts.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let people: u64 = match std::env::args().nth(1) {
        Some(text) => text.parse().context("the argument is how many sessions to open")?,
        None => 2_000,
    };
    let folder = tempfile::tempdir()?;
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options)?;
    let account =
        |number| Account { name: name(number), password: PASSWORD.to_owned(), contacts: Vec::new() };
    seed(&prepared, &(0..people).map(account).collect::<Vec<_>>(), &[])?;
    let prosody = prepared.start().await?;
    let gateway = Gateway::start(&prosody).await?;
    let client = client();
    stream::iter(0..people)
        .map(|number| sign_in(&client, &gateway, number))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    while gateway.counts(&client).await?.streams < people {
        pause(LOOK_EVERY).await;
    }
    println!("{people} sessions are up; the server is killed");
    let prepared = prosody.kill().await;
    pause(AWAY).await;
    let away = gateway.counts(&client).await?;
    println!("{} streams are up; it is started again after {AWAY:?}", away.streams);
    let began = Instant::now();
    let _prosody = prepared.start().await?;

    println!("seconds   streams up   connections");
    let mut seen = vec![(Duration::ZERO, away.connects)];
    let mut shown = 0;
    let (back, time) = loop {
        pause(LOOK_EVERY).await;
        let (now, elapsed) = (gateway.counts(&client).await?, began.elapsed());
        seen.push((elapsed, now.connects));
        if elapsed.as_secs() >= shown || now.streams >= people {
            let connects = now.connects - away.connects;
            println!("{:7.1}   {:10}   {connects:11}", elapsed.as_secs_f64(), now.streams);
            shown = elapsed.as_secs() + 5;
        }
        if now.streams >= people {
            break (now, elapsed);
        }
        ensure!(elapsed < GIVE_UP_AFTER, "only {} of {people} are back after {elapsed:?}", now.streams);
    };

    let (connects, opened) = (back.connects - away.connects, back.opened - away.opened);
    let most = most_a_second(&seen);
    let sign_ins = opened as f64 / people as f64;
    println!("\n{people} sessions, the server away for {AWAY:?}, the time from its start:");
    let aims = [
        (format!("all are back after {:.1} s", time.as_secs_f64()), time < BACK_WITHIN, "less than 90 s"),
        (
            format!("they made {connects} connections"),
            // Nobody needs two, but for those who were on their way when the server was not there yet.
            connects <= people + people / 10,
            "one a person and a tenth more",
        ),
        (
            format!("{most:.0} of them in the busiest second"),
            most <= PER_SECOND + BURST,
            "50 at once and 50 a second",
        ),
        (format!("{sign_ins:.2} sign-ins a person"), opened == people, "one"),
        (format!("{} sessions are left", back.sessions), back.sessions == people, "all"),
    ];
    for (figure, is_met, aim) in &aims {
        println!("  {}: {figure} (aim: {aim})", if *is_met { "met" } else { "MISSED" });
    }
    ensure!(aims.iter().all(|(_, is_met, _)| *is_met), "an aim was missed");
    Ok(())
}

/// The most connections of a second or a little more, as often as was looked.
fn most_a_second(seen: &[(Duration, u64)]) -> f64 {
    let mut most: f64 = 0.0;
    for (place, (from, before)) in seen.iter().enumerate() {
        let after = seen.iter().skip(place).find(|(at, _)| *at >= *from + Duration::from_secs(1));
        let Some((to, after)) = after else { break };
        most = most.max((after - before) as f64 / (*to - *from).as_secs_f64());
    }
    most
}
