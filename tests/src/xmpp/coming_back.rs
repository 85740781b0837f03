//! A session whose server is away for long, and comes back before the session tries again.

use std::time::Duration;

use server::session::{SessionSettings, Sessions};
use server::xmpp::{Connector, TlsMode};

use super::budget::{authenticate, let_in};
use super::client::{credential, settings};
use super::clock::Stopped;
use super::peer::Peer;
use super::scram::PASSWORD;
use crate::app::within;

/// Lets time pass until somebody connects, who finds nobody there.
async fn turn_away(clock: &Stopped, peer: &Peer) {
    while peer.is_deserted() {
        clock.pass(Duration::from_secs(1)).await;
    }
}

/// Who was let in a moment ago has a session that is up, and not one that rests until its next try.
#[tokio::test]
async fn a_sign_in_brings_a_session_back_at_once() {
    let clock = Stopped::new();
    let peer = Peer::new();
    let mut settings = settings(peer.port(), TlsMode::None, None);
    settings.deadlines.backoff = Duration::from_secs(60);
    let forever = Duration::from_secs(u32::MAX.into());
    let sessions = Sessions::new(
        Connector::new(settings).unwrap(),
        SessionSettings { grace: forever, ..SessionSettings::default() },
    );
    let (jid, credential) = ("juliet@spark.test".parse().unwrap(), credential(PASSWORD));
    let signing_in = sessions.sign_in(&jid, &credential);
    let serving = async {
        let mut line = peer.accept().await;
        let_in(&mut line).await;
    };
    let (session, ()) = within("signing in", Box::pin(async { tokio::join!(signing_in, serving) })).await;
    session.unwrap();
    // Each pause is longer than the one before, up to a minute.
    for _ in 0..8 {
        turn_away(&clock, &peer).await;
    }

    let signing_in = sessions.sign_in(&jid, &credential);
    let serving = async {
        let mut line = peer.accept().await;
        authenticate(&mut line).await;
        line
    };
    let (session, _line) =
        within("signing in again", Box::pin(async { tokio::join!(signing_in, serving) })).await;
    session.unwrap();
    // No time passes.
    let mut line = peer.accept().await;
    let_in(&mut line).await;
    assert_eq!(sessions.count(), 1);
}
