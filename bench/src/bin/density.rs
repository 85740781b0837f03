//! What a session costs that nobody looks at: memory of the gateway's process, for each of a few thousand.
//!
//! A Prosody and a gateway of its own; everybody signs in with a password, over TLS, has fifty contacts, looks at the
//! page for a moment, and closes it. What is measured is the slope, since the process itself is there once.

#![allow(clippy::print_stdout, reason = "a benchmark speaks to whoever runs it")]

use anyhow::{Context, Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use server::demo::{Account, Prosody, ProsodyOptions, seed};
use sparkweb_bench::{Gateway, Memory, client};

const DOMAIN: &str = "spark.test";
const PASSWORD: &str = "the same for all";
const CONTACTS: usize = 50;
/// Between two measurements.
const STEP: usize = 500;
/// Who signs in at the same time.
const AT_ONCE: usize = 16;

fn name(number: usize) -> String {
    format!("person{number:05}")
}

fn account(number: usize, all: usize) -> Account {
    let contacts = (1..=CONTACTS).map(|step| {
        let contact = (number + step * 37) % all;
        (name(contact), format!("Person {contact}"), vec!["Friends".to_owned()])
    });
    Account { name: name(number), password: PASSWORD.to_owned(), contacts: contacts.collect() }
}

/// Signs somebody in, and does what their page does: loads the snapshot, listens from there, and is closed.
async fn visit(client: &reqwest::Client, gateway: &Gateway, number: usize) -> Result<()> {
    let body = json!({ "username": name(number), "password": PASSWORD });
    let request = client.post(format!("{}/sparkweb/api/v1/sign-ins", gateway.url)).json(&body);
    let answer = request.send().await?;
    ensure!(answer.status() == 201, "{} was answered {}", name(number), answer.text().await?);
    let sign_in: Value = answer.json().await?;
    let token = sign_in["access_token"].as_str().context("a sign-in without a token")?;
    let get = |path: &str| client.get(format!("{}/sparkweb/api/v1/{path}", gateway.url)).bearer_auth(token);

    let snapshot: Value = get("snapshot").send().await?.error_for_status()?.json().await?;
    let contacts = snapshot["contacts"].as_array().map_or(0, Vec::len);
    ensure!(contacts == CONTACTS, "{} has {contacts} contacts", name(number));
    let position = snapshot["position"].as_str().context("a snapshot without a position")?;
    let mut events = get("events").header("last-event-id", position).send().await?.error_for_status()?;
    events.chunk().await?.context("an event stream that ended at once")?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    // Only the first choice counts.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let sessions: usize = match std::env::args().nth(1) {
        Some(text) => text.parse().context("the argument is how many sessions to open")?,
        None => 2_000,
    };
    let folder = tempfile::tempdir()?;
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options)?;
    let accounts: Vec<Account> = (0..sessions).map(|number| account(number, sessions)).collect();
    seed(&prepared, &accounts, &[])?;
    let prosody = prepared.start().await?;
    let gateway = Gateway::start(
        &prosody,
        &[
            ("SPARKWEB_XMPP__CONNECTS_PER_SECOND", "1000"),
            ("SPARKWEB_XMPP__CONNECT_BURST", "1000"),
            ("SPARKWEB_XMPP__STEP_TIMEOUT_SECS", "60"),
        ],
    )
    .await?;
    let client = client();

    println!("sessions   resident KiB   anonymous KiB   KiB a session (anonymous, since the step before)");
    let first = gateway.memory_at_rest().await?;
    println!("{:8}   {:12}   {:13}", 0, first.resident, first.anonymous);
    let mut before = first;
    let mut steps = Vec::new();
    for begin in (0..sessions).step_by(STEP) {
        let end = sessions.min(begin + STEP);
        stream::iter(begin..end)
            .map(|number| visit(&client, &gateway, number))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        let now = gateway.memory_at_rest().await?;
        let slope = (now.anonymous as f64 - before.anonymous as f64) / (end - begin) as f64;
        println!("{end:8}   {:12}   {:13}   {slope:.1}", now.resident, now.anonymous);
        steps.push((end, now));
        before = now;
    }
    // The first step pays for what grows once; the rest tells what one more session costs.
    let (Some((from, lower)), Some((to, upper))) = (steps.first(), steps.last()) else { return Ok(()) };
    let per_session = |of: fn(&Memory) -> u64| (of(upper) as f64 - of(lower) as f64) / (to - from) as f64;
    println!(
        "an idle session with {CONTACTS} contacts costs {:.1} KiB resident, {:.1} KiB anonymous",
        per_session(|memory| memory.resident),
        per_session(|memory| memory.anonymous)
    );
    Ok(())
}
