//! The stage of `bench/scale.mjs`: a Prosody with a large account and a large room, and a gateway before it.
//!
//! It says in one line of JSON where everything is, and takes it down when nobody holds its standard input any more.

#![allow(clippy::print_stdout, reason = "the script reads it")]

use anyhow::Result;
use serde_json::json;
use server::demo::{Account, Prosody, ProsodyOptions, Room, seed, seed_room};
use sparkweb_bench::Gateway;
use tokio::io::AsyncReadExt;

const DOMAIN: &str = "spark.test";
const PASSWORD: &str = "the same for all";
/// Everybody has somebody's account, and juliet's alone is large.
const OF_ALL: &str = "juliet";
const ROOM: &str = "stadium";

fn name(number: usize) -> String {
    format!("person{number:05}")
}

/// Somebody of the crowd. Prosody asks each of a person's contacts how they are, so that all of them have to be there.
fn somebody(number: usize) -> Account {
    let contacts = vec![(OF_ALL.to_owned(), "Juliet".to_owned(), Vec::new())];
    Account { name: name(number), password: PASSWORD.to_owned(), contacts }
}

/// A contact as people have them: with a name, in a group, one in ten in two.
fn contact(number: usize) -> (String, String, Vec<String>) {
    let mut groups = vec![format!("Department {}", number % 40)];
    if number.is_multiple_of(10) {
        groups.push("People to lunch with".to_owned());
    }
    (name(number), format!("Person Number {number}"), groups)
}

#[tokio::main]
async fn main() -> Result<()> {
    // Only the first choice counts.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let contacts: usize = std::env::args().nth(1).map_or(Ok(10_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options)?;
    let mut accounts: Vec<Account> = (1..=contacts).map(somebody).collect();
    accounts.push(Account {
        name: OF_ALL.to_owned(),
        password: PASSWORD.to_owned(),
        contacts: (1..=contacts).map(contact).collect(),
    });
    seed(&prepared, &accounts, &[])?;
    let room = Room {
        name: ROOM.to_owned(),
        title: "The Stadium".to_owned(),
        subject: "The match".to_owned(),
        affiliations: Vec::new(),
        regulars: Vec::new(),
        said: Vec::new(),
    };
    seed_room(&prepared, &room)?;
    prepared.add_module("bench_load", include_str!("../load.lua"))?;
    let prosody = prepared.start().await?;
    let gateway = Gateway::start(&prosody, &[]).await?;
    let stage = json!({
        "gateway": gateway.url,
        "gateway_pid": gateway.pid(),
        "websocket": prosody.websocket_url(),
        "load": format!("{}/bench_load", prosody.http_url()),
        "domain": DOMAIN,
        "username": OF_ALL,
        "password": PASSWORD,
        "room": format!("{ROOM}@rooms.{DOMAIN}"),
    });
    println!("{stage}");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
