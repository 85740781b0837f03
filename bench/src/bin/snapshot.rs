//! What a new tab waits for: `GET /snapshot` of people with 50 contacts and 10 conversations, 200 times a second, the
//! gateway held to one core.
//!
//! The requests come when they are due, whether those before them were answered or not, and each is timed from when it
//! was due: a gateway that stalls is not asked less for it, and what waited behind the stall counts.

#![allow(clippy::print_stdout, reason = "a benchmark speaks to whoever runs it")]

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use reqwest::Client;
use serde_json::{Value, json};
use server::demo::{Account, Prosody, ProsodyOptions, Said, seed};
use sparkweb_bench::{Gateway, client, pause};
use tokio::time::{Instant, sleep_until};

const DOMAIN: &str = "spark.test";
const PASSWORD: &str = "the same for all";
/// Who looks.
const PEOPLE: usize = 20;
const CONTACTS: usize = 50;
const CONVERSATIONS: usize = 10;
/// What was said in each conversation.
const MESSAGES: i64 = 5;
const PER_SECOND: u32 = 200;
const WARM_UP: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(30);
/// The gateway has the one to itself, whoever asks it the other.
const GATEWAYS_CORE: usize = 0;
const OWN_CORE: usize = 1;
/// The longest that 99 of 100 may take.
const AIM: Duration = Duration::from_millis(10);

fn person(number: usize) -> String {
    format!("person{number:02}")
}

fn contact(number: usize) -> String {
    format!("contact{number:02}")
}

/// Everybody of the one kind has everybody of the other: a Prosody asks each contact how they are.
fn accounts() -> Vec<Account> {
    let of = |name: String, others: Vec<(String, String, Vec<String>)>| Account {
        name,
        password: PASSWORD.to_owned(),
        contacts: others,
    };
    let group = |number| vec![format!("Department {}", number % 5)];
    let contacts: Vec<_> =
        (0..CONTACTS).map(|n| (contact(n), format!("Contact Number {n}"), group(n))).collect();
    let people: Vec<_> = (0..PEOPLE).map(|n| (person(n), format!("Person Number {n}"), group(n))).collect();
    let mut all: Vec<Account> = (0..PEOPLE).map(|n| of(person(n), contacts.clone())).collect();
    all.extend((0..CONTACTS).map(|n| of(contact(n), people.clone())));
    all
}

/// What they said within the last hours.
fn said() -> Result<Vec<Said>> {
    let now = std::time::UNIX_EPOCH.elapsed()?;
    let now_ms = i64::try_from(now.as_millis())?;
    let mut all = Vec::new();
    for (place, message) in (0..MESSAGES).flat_map(|m| (0..CONVERSATIONS).map(move |c| (c, m))) {
        for number in 0..PEOPLE {
            let (person, contact) = (person(number), contact(place));
            let (from, to) = if message % 2 == 0 { (contact, person) } else { (person, contact) };
            let body = format!("This is message {message}, and it says about as much as messages say.");
            all.push(Said { from, to, at_ms: now_ms - (MESSAGES - message) * 600_000, body });
        }
    }
    Ok(all)
}

/// Signs somebody in, and waits until there is all that there is to see of theirs. Gives their access token.
async fn sign_in(client: &Client, gateway: &Gateway, name: &str) -> Result<String> {
    let body = json!({ "username": name, "password": PASSWORD });
    let answer = client.post(format!("{}/sparkweb/api/v1/sign-ins", gateway.url)).json(&body).send().await?;
    let signed_in: Value = answer.error_for_status()?.json().await?;
    let token = signed_in["access_token"].as_str().context("no token")?;
    for _ in 0..100 {
        let snapshot: Value = serde_json::from_slice(&snapshot(client, gateway, token).await?)?;
        let count = |key: &str| snapshot[key].as_array().map_or(0, Vec::len);
        if (count("contacts"), count("conversations")) == (CONTACTS, CONVERSATIONS) {
            return Ok(token.to_owned());
        }
        pause(Duration::from_millis(100)).await;
    }
    bail!("the snapshot of {name} has not {CONTACTS} contacts and {CONVERSATIONS} conversations")
}

async fn snapshot(client: &Client, gateway: &Gateway, token: &str) -> Result<Vec<u8>> {
    let request = client.get(format!("{}/sparkweb/api/v1/snapshot", gateway.url)).bearer_auth(token);
    Ok(request.send().await?.error_for_status()?.bytes().await?.into())
}

/// Asks for so long, at the rate, and gives how long each answer took from when it was due, the shortest first.
async fn ask(client: &Client, gateway: &Gateway, tokens: &[String], time: Duration) -> Result<Vec<Duration>> {
    let begin = Instant::now();
    let interval = Duration::from_secs(1) / PER_SECOND;
    let count = u32::try_from(time.as_millis() / interval.as_millis())?;
    let requests = (0..count).zip(tokens.iter().cycle()).map(|(number, token)| {
        let due = begin + interval * number;
        async move {
            sleep_until(due).await;
            snapshot(client, gateway, token).await?;
            anyhow::Ok(due.elapsed())
        }
    });
    let mut times = try_join_all(requests).await?;
    times.sort_unstable();
    Ok(times)
}

fn main() -> Result<()> {
    // Only the first choice counts.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cores = std::thread::available_parallelism()?.get();
    ensure!(cores > OWN_CORE, "this takes two cores: one for the gateway, and one for whoever asks it");
    hold_to(OWN_CORE)?;
    // After that: its threads are held to what this one is.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options)?;
    seed(&prepared, &accounts(), &said()?)?;
    let prosody = prepared.start().await?;
    let gateway = Gateway::start_on_core(GATEWAYS_CORE, &prosody, &[]).await?;
    let client = client();
    let mut tokens = Vec::new();
    for number in 0..PEOPLE {
        tokens.push(sign_in(&client, &gateway, &person(number)).await?);
    }
    let token = tokens.first().context("nobody is there")?;
    let bytes = snapshot(&client, &gateway, token).await?.len();
    println!(
        "a snapshot of {CONTACTS} contacts and {CONVERSATIONS} conversations, {bytes} bytes, {PER_SECOND} times a \
         second for {} s, of {PEOPLE} people in turn; the gateway on one core",
        MEASURED.as_secs()
    );
    ask(&client, &gateway, &tokens, WARM_UP).await?;
    let (busy, began) = (gateway.busy()?, Instant::now());
    let times = ask(&client, &gateway, &tokens, MEASURED).await?;
    let share = (gateway.busy()? - busy).as_secs_f64() / began.elapsed().as_secs_f64();

    let part = |part: f64| times[((times.len() as f64 * part) as usize).min(times.len() - 1)];
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1_000.0);
    println!("  p50 {}, p99 {}, the longest {}", ms(part(0.5)), ms(part(0.99)), ms(part(1.0)));
    println!("  the core was busy for {:.1} % of the time", share * 100.0);
    let is_met = part(0.99) < AIM;
    println!("  {}: p99 (aim: below {})", if is_met { "met" } else { "MISSED" }, ms(AIM));
    ensure!(is_met, "the aim was missed");
    Ok(())
}

/// Holds this process to one core.
fn hold_to(core: usize) -> Result<()> {
    let pid = std::process::id().to_string();
    let status = Command::new("taskset")
        .args(["-cp", &core.to_string(), &pid])
        .stdout(std::process::Stdio::null())
        .status();
    let status = status.context("`taskset` is of util-linux")?;
    ensure!(status.success(), "`taskset` ended with {status}");
    Ok(())
}
