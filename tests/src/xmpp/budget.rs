//! Many sessions at once: they share one budget of connections.

use std::net::Ipv4Addr;
use std::time::Duration;

use protocol::OfflineReason;
use server::xmpp::{ConnectRate, Connection, Connector, StreamEvent, TlsMode};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::client::{credential, next, settings};
use super::clock::Stopped;
use super::peer::{Line, Peer, Piece};
use super::scram::{Exchange, PASSWORD};
use crate::app::within;

const MANY: u32 = 200;

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='spark.test' version='1.0'>";

/// The next element, and what stands in it between two marks.
async fn recv(line: &mut Line, before: &str, after: &str) -> String {
    let Some(Piece::Element(element)) = line.next().await else { panic!("the client said nothing") };
    let (_, rest) = element.split_once(before).unwrap_or_else(|| panic!("no {before} in {element}"));
    rest.split_once(after).unwrap().0.to_owned()
}

async fn header(line: &mut Line, features: &str) {
    line.restart();
    assert!(matches!(line.next().await, Some(Piece::Header(_))));
    line.send(&format!("{HEADER}<stream:features>{features}</stream:features>")).await;
}

/// The server's side of coming online.
pub(super) async fn let_in(line: &mut Line) {
    authenticate(line).await;
    let id = recv(line, "id='", "'").await;
    line.send(&format!(
        "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@spark.test/x</jid></bind></iq>"
    ))
    .await;
}

/// The server's side of checking a password.
pub(super) async fn authenticate(line: &mut Line) {
    header(line, "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>").await;
    let first = recv(line, ">", "<").await;
    let (mut exchange, challenge) = Exchange::begin("SCRAM-SHA-1", &first);
    line.send(&format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{challenge}</challenge>")).await;
    exchange.check(&recv(line, ">", "<").await, None);
    line.send(&format!("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</success>", exchange.proof()))
        .await;
    header(line, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>").await;
}

async fn come_online(connector: &Connector, peer: &Peer) -> (Connection, Line) {
    let (jid, credential) = ("juliet@spark.test".parse().unwrap(), credential(PASSWORD));
    let serving = async {
        let mut line = peer.accept().await;
        let_in(&mut line).await;
        line
    };
    // What is bound is bound when the connection is opened.
    let opening = async { connector.authenticate(&jid, &credential).await.unwrap().open() };
    within("signing in", Box::pin(async { tokio::join!(opening, serving) })).await
}

/// So many sessions which have just lost the server, all at once.
async fn lost(many: u32, connector: &Connector, peer: &Peer) -> Vec<Connection> {
    let mut all = Vec::new();
    for _ in 0..many {
        all.push(Box::pin(come_online(connector, peer)).await);
    }
    let (mut connections, lines): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    drop(lines);
    for connection in &mut connections {
        let event = loop {
            match next(connection).await {
                StreamEvent::Reset { .. } => {}
                event => break event,
            }
        };
        assert_eq!(event, StreamEvent::Suspended { reason: OfflineReason::Unreachable });
    }
    connections
}

async fn are_back(connections: &mut [Connection]) {
    for connection in connections {
        let event = within("coming back", next(connection)).await;
        assert!(matches!(event, StreamEvent::Reset { .. }), "{event:?}");
    }
}

/// no storm of connections after the server was away, nor of sign-ins: everybody is back with one of each.
#[tokio::test]
async fn sessions_that_lose_their_server_come_back_at_the_rate_of_the_budget() {
    let clock = Stopped::new();
    let peer = Peer::new();
    let mut settings = settings(peer.port(), TlsMode::None, None);
    settings.connect_rate = ConnectRate { per_second: 10, burst: MANY, under_way: MANY };
    let connector = Connector::new(settings).unwrap();
    let mut connections = lost(MANY, &connector, &peer).await;
    // All of them want to come back at once, and their coming used the budget up.
    clock.pass(Duration::from_millis(20)).await;
    assert!(peer.is_deserted());
    let mut back = Vec::new();
    for n in 0..MANY {
        clock.pass(Duration::from_millis(100)).await;
        let mut line = peer.accept().await;
        let_in(&mut line).await;
        back.push(line);
        clock.pass(Duration::ZERO).await;
        assert!(peer.is_deserted(), "after {n}: a second one within a tenth of a second");
    }
    are_back(&mut connections).await;
    clock.pass(Duration::from_millis(100)).await;
    assert!(peer.is_deserted(), "nobody comes twice");
}

/// those who are on their way in do not become more and more, until all of them are too late and come again.
#[tokio::test]
async fn a_server_that_is_slower_than_the_budget_gets_everybody_once() {
    const PEOPLE: u32 = 40;
    const UNDER_WAY: u32 = 8;
    let clock = Stopped::new();
    let peer = Peer::new();
    let mut settings = settings(peer.port(), TlsMode::None, None);
    settings.connect_rate.under_way = UNDER_WAY;
    let connector = Connector::new(settings).unwrap();
    let mut connections = lost(PEOPLE, &connector, &peer).await;

    let mut back = Vec::new();
    // One in a second: forty would need more than the deadline of a step, eight do not.
    for _ in 0..PEOPLE {
        clock.pass(Duration::from_secs(1)).await;
        let mut line = peer.accept().await;
        let_in(&mut line).await;
        back.push(line);
    }
    are_back(&mut connections).await;
    clock.pass(Duration::from_secs(1)).await;
    assert!(peer.is_deserted(), "nobody comes twice");
    let people = u64::from(PEOPLE);
    assert_eq!(connector.spent().begun, 2 * people, "once to sign in, once to come back");
}

/// A place that swallows every packet: as many wait there to be accepted as may, and nobody accepts them.
struct Abyss {
    listener: TcpListener,
    _first: TcpStream,
}

impl Abyss {
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let first = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        Abyss { listener, _first: first }
    }

    /// The server's word for having moved there.
    fn named(&self) -> String {
        let place = self.listener.local_addr().unwrap();
        format!(
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{place}</see-other-host></stream:error>"
        )
    }
}

#[tokio::test]
async fn a_place_that_swallows_packets_is_waited_for_by_one_and_tried_last_by_the_others() {
    let clock = Stopped::new();
    let (peer, abyss) = (Peer::new(), Abyss::new().await);
    let settings = settings(peer.port(), TlsMode::None, None);
    let deadline = settings.deadlines.connect;
    let connector = Connector::new(settings).unwrap();
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(Box::pin(come_online(&connector, &peer)).await);
    }
    for (number, (mut connection, mut line)) in all.into_iter().enumerate() {
        line.send(&abyss.named()).await;
        let event = loop {
            match within("the end of the stream", next(&mut connection)).await {
                StreamEvent::Reset { .. } => {}
                event => break event,
            }
        };
        assert!(matches!(event, StreamEvent::Suspended { .. }), "{event:?}");
        // Before it comes back it rests for a moment.
        clock.pass(Duration::from_millis(20)).await;
        if number == 0 {
            clock.pass(deadline - Duration::from_millis(2)).await;
            assert!(peer.is_deserted());
            clock.pass(Duration::from_millis(4)).await;
        }
        // The others are here then, by a clock that stands still.
        let mut line = peer.accept().await;
        let_in(&mut line).await;
        are_back(std::slice::from_mut(&mut connection)).await;
    }
}
