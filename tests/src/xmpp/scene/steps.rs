//! What each word of a script does.

use std::time::Duration;

use server::task::OwnedTask;

use super::Scene;
use crate::app::within;
use crate::xmpp::client::{self, credential};
use crate::xmpp::pattern::{compare, fill, parse};
use crate::xmpp::peer::{Line, Piece};
use crate::xmpp::scram::{Exchange, PASSWORD};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='spark.test' version='1.0'>";

/// Timers are of a millisecond's grain.
const TICK: Duration = Duration::from_millis(2);

impl Scene {
    pub(super) async fn step(&mut self, word: &str, rest: &str) {
        match word {
            "accept" => self.line = Some(self.peer.accept().await),
            "nobody" => assert!(self.peer.is_deserted(), "somebody connects"),
            "stream" => self.stream().await,
            "header" => self.header().await,
            "tls" => {
                let line = self.line.take().unwrap().secure(&self.server).await;
                self.line = Some(line.unwrap());
            }
            // The client ends the handshake, and whether it says why is its own affair.
            "tls-refused" => {
                let line = self.line.take().unwrap().secure(&self.server).await;
                if let Ok(line) = line {
                    self.line = Some(line);
                    self.closed().await;
                }
            }
            "byte" => self.peer_line().any_byte().await,
            "recv" => self.receive(rest).await,
            "send" => {
                let text = fill(rest, &self.values);
                self.peer_line().send(&text).await;
            }
            "challenge" => self.challenge(rest).await,
            "success" => self.success(rest).await,
            "closed" => self.closed().await,
            "cut" => self.line = None,
            "pass" => self.pass(rest).await,
            "sign-in" => self.sign_in(),
            "signed-in" => self.signed_in().await,
            "refused" => self.refused(rest).await,
            "event" => self.event(rest).await,
            "hold" => self.hold(),
            "kept" => self.held.as_ref().unwrap().credential.note_kept(),
            "told" => self.told(rest),
            "prove" => self.prove(rest).await,
            "shown" => self.shown(rest).await,
            "hurry" => self.connection.as_ref().unwrap().hurry(),
            "close" => {
                let connection = self.connection.take().unwrap();
                self.closing = Some(OwnedTask::spawn(connection.close()));
                // It has heard of it before anything else happens.
                tokio::task::yield_now().await;
            }
            "gone" => within("the connection's end", self.closing.take().unwrap()).await.unwrap(),
            _ => {
                let outgoing = client::outgoing(format!("{word} {rest}").trim());
                self.connection.as_ref().unwrap().send(outgoing).unwrap();
            }
        }
    }

    pub(super) fn peer_line(&mut self) -> &mut Line {
        self.line.as_mut().expect("the peer has no connection")
    }

    async fn stream(&mut self) {
        self.header().await;
        self.peer_line().send(HEADER).await;
    }

    async fn header(&mut self) {
        self.peer_line().restart();
        let Some(Piece::Header(header)) = self.peer_line().next().await else {
            panic!("the client opened no stream")
        };
        let name = header.rsplit('<').next().unwrap().split_whitespace().next().unwrap();
        let element: minidom::Element = format!("{header}</{name}>").parse().unwrap();
        assert!(element.is("stream", "http://etherx.jabber.org/streams"), "{header}");
        assert!(header.contains("xmlns='jabber:client'"), "{header}");
        assert_eq!((element.attr("to"), element.attr("version")), (Some("spark.test"), Some("1.0")));
    }

    pub(super) async fn receive(&mut self, pattern: &str) {
        let pattern = fill(pattern, &self.values);
        let received = match self.peer_line().next().await {
            Some(Piece::Element(received)) => received,
            other => panic!("{other:?} instead of {pattern}"),
        };
        let compared = compare(&parse(&pattern).unwrap(), &parse(&received).unwrap(), &mut self.values);
        if let Err(why) = compared {
            panic!("{why}\n  received {received}\n  expected {pattern}");
        }
    }

    /// The client closes: it may say goodbye, and nothing else.
    async fn closed(&mut self) {
        let mut line = self.line.take().unwrap();
        while let Some(piece) = line.next().await {
            assert_eq!(piece, Piece::End, "the client should have closed");
        }
    }

    async fn challenge(&mut self, mechanism: &str) {
        self.receive(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>?first</auth>"
        ))
        .await;
        let (mut exchange, challenge) = Exchange::begin(mechanism, self.value("first"));
        self.peer_line()
            .send(&format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{challenge}</challenge>"))
            .await;
        self.receive("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>?final</response>").await;
        let exporter = self.line.as_ref().unwrap().exporter.as_deref();
        exchange.check(&self.values["final"], exporter);
        self.exchange = Some(exchange);
    }

    /// `how` says what stands in the place of the server's proof.
    async fn success(&mut self, how: &str) {
        let exchange = self.exchange.take().unwrap();
        let proof = match how {
            "" => exchange.proof(),
            "with a forged proof" => exchange.forged_proof(),
            "with no proof" => String::new(),
            "with an empty proof" => "=".to_owned(),
            "with an error" => "ZT1vdGhlci1lcnJvcg==".to_owned(),
            "after the proof" => {
                let proof = exchange.proof();
                self.peer_line()
                    .send(&format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{proof}</challenge>"))
                    .await;
                self.receive("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'></response>").await;
                String::new()
            }
            _ => panic!("{how:?} is no way to succeed"),
        };
        self.peer_line()
            .send(&format!("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{proof}</success>"))
            .await;
    }

    async fn pass(&mut self, deadline: &str) {
        let deadlines = &self.settings.deadlines;
        let time = match deadline {
            "step" => deadlines.step,
            "idle" => deadlines.idle,
            "half of alive" => deadlines.alive / 2,
            "request" => deadlines.request,
            "close" => deadlines.close,
            "backoff" => deadlines.backoff,
            _ => panic!("{deadline:?} is no deadline"),
        };
        self.clock.pass(time + TICK).await;
    }

    fn sign_in(&mut self) {
        let connector = self.connector.clone();
        let held = self.held.as_ref().map(|held| held.credential.clone());
        let credential = held.unwrap_or_else(|| credential(PASSWORD));
        self.attempt = Some(OwnedTask::spawn(async move {
            connector.authenticate(&"juliet@spark.test".parse().unwrap(), &credential).await
        }));
    }

    async fn signed_in(&mut self) {
        let attempt = self.attempt.take().unwrap();
        let authenticated = within("signing in", attempt).await.unwrap().unwrap();
        self.connection = Some(authenticated.open());
    }

    async fn refused(&mut self, why: &str) {
        let attempt = self.attempt.take().unwrap();
        let error = within("an error", attempt).await.unwrap().unwrap_err();
        assert_eq!(format!("{error:?}"), why);
    }

    async fn event(&mut self, expected: &str) {
        let expected = fill(expected, &self.values);
        let event = within(&expected, client::next(self.connection.as_mut().unwrap())).await;
        assert_eq!(client::show(&event), expected);
        if expected.starts_with("suspended") && self.settings.deadlines.backoff.is_zero() {
            // Even the shortest pause ends with a tick of the clock.
            self.clock.pass(TICK).await;
        }
    }
}
