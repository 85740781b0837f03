//! How fast is pushed, what that takes up, and whether a push service that is gone holds up the others: 1,000 devices of 100
//! people, to each of whom ten others write at once, so that each device is pushed to ten times.
//!
//! A Prosody, a gateway with a store and a push service of its own, on one machine; the push service takes everything. What
//! is measured is the time from the first message to the last push. Half of the devices are told alone, and then beside the
//! other half, whose push service takes connections and says nothing. Ratios count, not absolutes.

#![allow(clippy::print_stdout, reason = "a benchmark speaks to whoever runs it")]

use std::net::Ipv4Addr;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use https::{Answer, Https};
use reqwest::Method;
use serde_json::{Value, json};
use server::demo::{Account, Prosody, ProsodyOptions, seed};
use server::task::OwnedTask;
use sparkweb_bench::{Gateway, client};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

const DOMAIN: &str = "spark.test";
const PASSWORD: &str = "the same for all";
const PEOPLE: usize = 100;
const DEVICES_EACH: usize = 10;
const WRITERS: usize = 10;
/// Who signs in, subscribes or writes at the same time.
const AT_ONCE: usize = 16;
const GIVE_UP_AFTER: Duration = Duration::from_secs(300);

/// A push service that takes everything, and counts it.
struct PushService {
    server: Https,
    taken: watch::Receiver<u64>,
}

/// What answers nothing, however long one waits.
struct Silence {
    port: u16,
    _task: OwnedTask<()>,
}

impl PushService {
    async fn start() -> Self {
        let (count, taken) = watch::channel(0);
        let server = Https::start(move |_| {
            count.send_modify(|taken| *taken += 1);
            std::future::ready(Answer::Next(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n".to_vec()))
        })
        .await;
        PushService { server, taken }
    }

    /// Waits until it has taken so many.
    async fn reaches(&mut self, count: u64) -> Result<()> {
        let is_late = timeout(GIVE_UP_AFTER, self.taken.wait_for(|taken| *taken >= count)).await.is_err();
        if is_late {
            bail!("only {} of {count} pushes came", *self.taken.borrow());
        }
        Ok(())
    }
}

impl Silence {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let task = OwnedTask::spawn(async move {
            let mut held = Vec::new();
            while let Ok((tcp, _)) = listener.accept().await {
                held.push(tcp);
            }
        });
        Ok(Silence { port, _task: task })
    }
}

/// Whose it is, and where it is in the API.
struct Device {
    person: usize,
    path: String,
}

struct Api {
    client: reqwest::Client,
    root: String,
}

impl Api {
    async fn sign_in(&self, name: &str) -> Result<String> {
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = self.client.post(format!("{}/sign-ins", self.root)).json(&body).send().await?;
        ensure!(answer.status() == 201, "{name} was answered {}", answer.text().await?);
        let sign_in: Value = answer.json().await?;
        Ok(sign_in["access_token"].as_str().context("a sign-in without a token")?.to_owned())
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: &Value) -> Result<Value> {
        let request = self.client.request(method, format!("{}{path}", self.root)).bearer_auth(token);
        let answer = request.json(body).send().await?;
        ensure!(answer.status().is_success(), "{path} was answered {}", answer.text().await?);
        Ok(serde_json::from_slice(&answer.bytes().await?).unwrap_or_default())
    }

    /// Has some devices of everybody's be pushed to, at a push service. Gives where each of them is in the API.
    async fn subscribe(
        &self,
        tokens: &[String],
        service: &str,
        devices: Range<usize>,
    ) -> Result<Vec<Device>> {
        // Of RFC 8291: nobody decrypts what is measured.
        let keys = json!({
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        });
        let keys = &keys;
        let all = (0..tokens.len()).flat_map(|person| devices.clone().map(move |device| (person, device)));
        stream::iter(all)
            .map(|(person, device)| async move {
                let body = json!({ "endpoint": format!("{service}/{person}/{device}"), "keys": keys });
                let answer = self.ask(Method::POST, "/push/devices", &tokens[person], &body).await?;
                let id = answer["id"].as_str().context("a device without an id")?;
                Ok(Device { person, path: format!("/push/devices/{id}") })
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn unsubscribe(&self, tokens: &[String], devices: Vec<Device>) -> Result<()> {
        stream::iter(devices)
            .map(|Device { person, path }| async move {
                self.ask(Method::DELETE, &path, &tokens[person], &Value::Null).await.map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Everybody who writes writes to everybody who is pushed to.
    async fn write(&self, writers: &[String]) -> Result<()> {
        let all = (0..PEOPLE).flat_map(|person| writers.iter().map(move |writer| (person, writer)));
        stream::iter(all)
            .map(|(person, writer)| async move {
                let path = format!("/conversations/{}@{DOMAIN}/messages", reader(person));
                let body = json!({ "body": "What light is light?" });
                self.ask(Method::POST, &path, writer, &body).await.map(drop)
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

fn reader(number: usize) -> String {
    format!("reader{number:03}")
}

fn writer(number: usize) -> String {
    format!("writer{number:02}")
}

#[tokio::main]
async fn main() -> Result<()> {
    // Only the first choice counts.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir()?;
    let options = ProsodyOptions { folder: folder.path().join("prosody"), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options)?;
    let account = |name: String| Account { name, password: PASSWORD.to_owned(), contacts: Vec::new() };
    let names = (0..PEOPLE).map(reader).chain((0..WRITERS).map(writer));
    seed(&prepared, &names.map(account).collect::<Vec<_>>(), &[])?;
    let prosody = prepared.start().await?;
    let (service, silence) = (PushService::start().await, Silence::start().await?);

    let ca_file = folder.path().join("trusted.pem");
    std::fs::write(&ca_file, std::fs::read_to_string(prosody.ca_file())? + &service.server.certificate)?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (store, ports) =
        (format!("sqlite:{}", path("store.db")), format!("[{},{}]", service.server.port, silence.port));
    let gateway = Gateway::start(
        &prosody,
        &[
            ("SPARKWEB_XMPP__CA_FILE", &*ca_file.display().to_string()),
            ("SPARKWEB_XMPP__CONNECTS_PER_SECOND", "1000"),
            ("SPARKWEB_XMPP__CONNECT_BURST", "1000"),
            ("SPARKWEB_STORE__URL", &*store),
            ("SPARKWEB_STORE__KEY_FILE", &*path("store.key")),
            ("SPARKWEB_FETCH__NETWORKS", "[\"127.0.0.0/8\",\"::1/128\"]"),
            ("SPARKWEB_FETCH__PORTS", &*ports),
            ("SPARKWEB_PUSH__HOSTS", "[\"localhost\",\"127.0.0.1\"]"),
            ("SPARKWEB_PUSH__UNSEEN_SECS", "0"),
            ("SPARKWEB_PUSH__PAUSE_SECS", "0"),
            // All that is written to somebody is pushed at once.
            ("SPARKWEB_PUSH__PER_MINUTE", "6000"),
        ],
    )
    .await?;
    let api = Api { client: client(), root: format!("{}/sparkweb/api/v1", gateway.url) };
    let sign_in = |names: Vec<String>| {
        let api = &api;
        stream::iter(names).map(move |name| async move { api.sign_in(&name).await }).buffered(AT_ONCE)
    };
    let readers: Vec<String> = sign_in((0..PEOPLE).map(reader).collect()).try_collect().await?;
    let writers: Vec<String> = sign_in((0..WRITERS).map(writer).collect()).try_collect().await?;

    println!("{PEOPLE} people, to each of whom {WRITERS} others write");
    let live = format!("https://localhost:{}", service.server.port);
    let silent = format!("https://127.0.0.1:{}", silence.port);
    let half = DEVICES_EACH / 2;
    let mut bench = Bench { gateway: &gateway, api: &api, writers: &writers, service, told: 0 };
    api.subscribe(&readers, &live, 0..half).await?;
    let alone = bench.round("devices", PEOPLE * half).await?;
    let gone = api.subscribe(&readers, &silent, half..DEVICES_EACH).await?;
    let beside = bench.round("devices, beside as many whose push service is silent", PEOPLE * half).await?;
    println!(
        "beside a push service that is silent it takes {:.2} times as long",
        beside.as_secs_f64() / alone.as_secs_f64()
    );
    api.unsubscribe(&readers, gone).await?;
    api.subscribe(&readers, &live, half..DEVICES_EACH).await?;
    bench.round("devices", PEOPLE * DEVICES_EACH).await?;
    Ok(())
}

/// What is measured, and what measures it.
struct Bench<'a> {
    gateway: &'a Gateway,
    api: &'a Api,
    writers: &'a [String],
    service: PushService,
    /// How often was pushed so far.
    told: u64,
}

impl Bench<'_> {
    /// Has everybody be written to, and says what it took until each of so many devices was told of everything.
    async fn round(&mut self, what: &str, devices: usize) -> Result<Duration> {
        let pushes = (devices * WRITERS) as u64;
        let (before, busy) = (self.gateway.memory_at_rest().await?, self.gateway.busy()?);
        let began = Instant::now();
        self.told += pushes;
        tokio::try_join!(self.api.write(self.writers), self.service.reaches(self.told))?;
        let time = began.elapsed();
        let after = self.gateway.memory()?;
        println!(
            "{devices} {what}: {pushes} pushes in {:.1} s, {:.0} a second, {:.2} ms of processor time each",
            time.as_secs_f64(),
            pushes as f64 / time.as_secs_f64(),
            (self.gateway.busy()? - busy).as_secs_f64() * 1000.0 / pushes as f64,
        );
        println!(
            "  resident {} KiB before and {} KiB after: {:.1} KiB a device",
            before.resident,
            after.resident,
            after.resident.saturating_sub(before.resident) as f64 / devices as f64
        );
        Ok(time)
    }
}
