//! Every feature between the gateway and clients of other libraries, on every server: from them to the gateway and from
//! the gateway to them.
//!
//! `features` says what a feature is, in scripts that `script` follows; `docs/interop.md` is what came of it, written
//! by `table`.

mod ejabberd;
mod features;
mod losses;
mod matching;
mod peer;
mod script;
mod servers;
mod stage;
mod table;

use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::future::join;
use tokio::runtime;

pub(crate) use ejabberd::Ejabberd;
use features::{FEATURES, Feature, preparation};
use peer::{Library, Peers};
use script::follow;
use servers::{Kind, Server};
use stage::Stage;

/// Only features whose name has this in it, where it is set: for whoever works on one. The table is not looked at then.
const ONLY: &str = "INTEROP_ONLY";

/// What came of one direction of a feature: nothing to say is as it should be.
type Outcome = Result<Option<String>, String>;

/// What came of a feature on one server with one library.
#[derive(Debug)]
struct Row {
    feature: &'static Feature,
    library: Library,
    to_gateway: Option<Outcome>,
    from_gateway: Option<Outcome>,
}

/// What came of everything on one server.
#[derive(Debug)]
struct Run {
    /// The server's name and version, as it says them.
    server: String,
    rows: Vec<Row>,
}

/// A thread a server: each has a gateway of its own, which runs on its thread.
#[test]
fn every_feature_works_with_clients_of_other_libraries_on_every_server() {
    let runs: Vec<Run> = thread::scope(|scope| {
        let servers = [Kind::Prosody, Kind::Ejabberd].map(|kind| scope.spawn(move || run(kind)));
        servers.into_iter().map(|server| server.join().expect("the run came to its end")).collect()
    });
    let failures: Vec<String> = runs.iter().flat_map(table::failures).collect();
    assert!(failures.is_empty(), "{} failed:\n\n{}\n", failures.len(), failures.join("\n\n"));
    if std::env::var_os(ONLY).is_none() {
        table::check(&runs);
    }
}

fn run(kind: Kind) -> Run {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::start(kind).await;
        let app = server.gateway().await;
        let with = |library| {
            let peers = Peers::start(library, server.c2s_port(), server.ca_file());
            Box::pin(play(&app, library, peers))
        };
        let ((name, mut rows), (_, more)) = match kind {
            Kind::Prosody => join(with(Library::Slixmpp), with(Library::XmppJs)).await,
            // Its nodes are made in transactions of all accounts: of two people who set the first vCard of their lives at
            // one moment, one was told `item-not-found`.
            Kind::Ejabberd => (with(Library::Slixmpp).await, with(Library::XmppJs).await),
        };
        rows.extend(more);
        Run { server: name, rows }
    })
}

/// Plays all features with one library; with what the server calls itself.
async fn play(app: &crate::app::TestApp, library: Library, peers: Peers) -> (String, Vec<Row>) {
    let only = std::env::var(ONLY).unwrap_or_default();
    let mut stage = Stage::set(app, library, peers).await;
    follow(&mut stage, &preparation()).await.unwrap_or_else(|why| panic!("{}: {why}", library.name()));
    let server = format!("{} {}", stage.values["server"], stage.values["version"]);
    let mut rows = Vec::new();
    for feature in FEATURES.iter().filter(|feature| feature.name.contains(&only)) {
        let mut directions = [&feature.to_gateway, &feature.from_gateway].map(|script| (script, None));
        for (script, outcome) in &mut directions {
            if !script.is_empty() {
                *outcome = Some(follow(&mut stage, script).await);
            }
        }
        let [(_, to_gateway), (_, from_gateway)] = directions;
        rows.push(Row { feature, library, to_gateway, from_gateway });
    }
    (server, rows)
}

fn base64(text: &str) -> Vec<u8> {
    BASE64.decode(text).expect("base64")
}
