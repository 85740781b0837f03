//! An XMPP server that lets Juliet in, answers what clients ask, and says besides whatever a test has it say: a real one
//! would not pass on most of it, and a hostile or a broken one would.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use minidom::Element;
use server::task::OwnedTask;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use crate::app::{DOMAIN, TestApp};
use crate::xmpp::{Certificate, Line, Peer, Piece, make};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='spark.test' version='1.0'>";
/// Compression is offered, as it should not be (row 19).
const BEFORE_SASL: &str = "<stream:features><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>\
     <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const AFTER_SASL: &str = "<stream:features><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>\
     <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>";

/// The server. Whom it lets in is Juliet, with any password.
pub(super) struct StandIn {
    say: mpsc::UnboundedSender<String>,
    heard: Arc<Mutex<Vec<String>>>,
    port: u16,
    ca_file: NamedTempFile,
    _serving: OwnedTask<()>,
}

impl StandIn {
    pub(super) fn start() -> Self {
        let (peer, (config, ca_file)) = (Peer::new(), make(Certificate::Good));
        let (say, mut said) = mpsc::unbounded_channel();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (port, notes) = (peer.port(), Arc::clone(&heard));
        let serving = OwnedTask::spawn(async move {
            loop {
                let line = peer.accept().await.secure(&config).await.unwrap();
                Stream { line, is_signed_in: false, count: 0, heard: Arc::clone(&notes) }
                    .serve(&mut said)
                    .await;
            }
        });
        StandIn { say, heard, port, ca_file, _serving: serving }
    }

    /// A gateway before it.
    pub(super) async fn gateway(&self) -> TestApp {
        let ca_file = self.ca_file.path().to_owned();
        TestApp::start_before(&format!("{}:{}", Ipv4Addr::LOCALHOST, self.port), |config| {
            config.xmpp.tls = server::config::Tls::Direct;
            config.xmpp.ca_file = Some(ca_file);
        })
        .await
    }

    /// Has it say something on the stream.
    pub(super) fn say(&self, xml: &str) {
        self.say.send(xml.to_owned()).unwrap();
    }

    /// What the client has said, an element each.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

struct Stream {
    line: Line,
    is_signed_in: bool,
    /// Stanzas since stream management was enabled.
    count: u32,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stream {
    async fn serve(mut self, said: &mut mpsc::UnboundedReceiver<String>) {
        loop {
            let piece = tokio::select! {
                piece = self.line.next() => piece,
                Some(xml) = said.recv(), if self.is_signed_in => {
                    self.line.send(&xml).await;
                    continue;
                }
            };
            let answer = match piece {
                Some(Piece::Header(_)) => {
                    format!("{HEADER}{}", if self.is_signed_in { AFTER_SASL } else { BEFORE_SASL })
                }
                Some(Piece::Element(text)) => self.answer(&text),
                Some(Piece::End) | None => return,
            };
            self.line.send(&answer).await;
        }
    }

    fn answer(&mut self, text: &str) -> String {
        self.heard.lock().unwrap().push(text.to_owned());
        let name = text.trim_start_matches('<').split([' ', '/', '>']).next().unwrap();
        match name {
            "auth" => {
                self.is_signed_in = true;
                self.line.restart();
                "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned()
            }
            "enable" => {
                self.count = 0;
                "<enabled xmlns='urn:xmpp:sm:3'/>".to_owned()
            }
            "r" => format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", self.count),
            "iq" | "presence" | "message" => {
                self.count += 1;
                let known =
                    if text.contains("xmlns='jabber:client'") { "" } else { " xmlns='jabber:client'" };
                let stanza = text.replacen(name, &format!("{name}{known}"), 1);
                stanza.parse().map_or(String::new(), |stanza: Element| answer_to(&stanza))
            }
            _ => String::new(),
        }
    }
}

fn answer_to(stanza: &Element) -> String {
    let attr = |name: &str| stanza.attr(name).unwrap_or_default().to_owned();
    let (to, id) = (attr("to"), attr("id"));
    if stanza.name() == "presence" && to.starts_with("den@") && attr("type").is_empty() {
        let occupant = |nick: &str, status: &str| {
            format!(
                "<presence from='den@rooms.spark.test/{nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant'/>{status}</x><occupant-id xmlns='urn:xmpp:occupant-id:0' id='of {nick}'/></presence>"
            )
        };
        return occupant("romy", "")
            + &occupant("nursie", "")
            + &occupant("jules", "<status code='110'/>")
            + "<message type='groupchat' from='den@rooms.spark.test'><subject>Den</subject></message>";
    }
    if stanza.name() != "iq" || !matches!(attr("type").as_str(), "get" | "set") {
        return String::new();
    }
    let payload = stanza.children().next().map(|payload| (payload.ns(), payload)).unwrap();
    let from = if to.is_empty() { String::new() } else { format!(" from='{to}'") };
    let result = |content: &str| format!("<iq type='result' id='{id}'{from}>{content}</iq>");
    let is_of_room = to.starts_with("den@");
    match payload.0.as_str() {
        "urn:ietf:params:xml:ns:xmpp-bind" => {
            let resource: String = payload.1.children().map(Element::text).collect();
            result(&format!(
                "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@{DOMAIN}/{resource}</jid></bind>"
            ))
        }
        "jabber:iq:roster" => result(
            "<query xmlns='jabber:iq:roster'><item jid='romeo@spark.test' name='Romeo' subscription='both'/><item jid='nurse@spark.test' subscription='both'/></query>",
        ),
        "http://jabber.org/protocol/disco#info" if is_of_room => result(
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text' name='Den'/><feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:occupant-id:0'/></query>",
        ),
        "http://jabber.org/protocol/disco#info" if to == "juliet@spark.test" => result(
            "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:sid:0'/></query>",
        ),
        "urn:xmpp:mam:2" => result(
            "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'/></fin>",
        ),
        "urn:xmpp:carbons:2" => result(""),
        _ => format!(
            "<iq type='error' id='{id}'{from}><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ),
    }
}
