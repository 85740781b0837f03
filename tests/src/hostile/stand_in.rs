//! An XMPP server that lets everybody in, answers what clients ask, brings messages from one to another, and says besides
//! whatever a test has it say: a real one would not pass on most of it, and a hostile or a broken one would.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use server::task::OwnedTask;
use tempfile::NamedTempFile;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::app::{DOMAIN, TestApp, within};
use crate::xmpp::{Certificate, Line, Peer, Piece, make};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='spark.test' version='1.0'>";
/// Compression is offered, as it should not be (row 19).
const BEFORE_SASL: &str = "<stream:features><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>\
     <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const AFTER_SASL: &str = "<stream:features><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>\
     <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>";

/// The server. It takes any password.
pub(crate) struct StandIn {
    world: World,
    port: u16,
    ca_file: NamedTempFile,
    _serving: OwnedTask<()>,
}

/// What all streams share.
#[derive(Debug, Clone, Default)]
struct World {
    routes: Routes,
    heard: watch::Sender<Vec<String>>,
    /// Messages by their ids there, oldest first.
    archive: Arc<Mutex<Vec<(String, String)>>>,
    /// What is said before a question of this namespace is answered.
    before: Arc<Mutex<Vec<(String, String)>>>,
    is_careless: bool,
}

/// The way to each person's newest stream.
#[derive(Debug, Clone, Default)]
struct Routes(Arc<Mutex<HashMap<String, mpsc::UnboundedSender<String>>>>);

impl Routes {
    fn begin(&self, name: &str) -> mpsc::UnboundedReceiver<String> {
        let (say, said) = mpsc::unbounded_channel();
        self.0.lock().unwrap().insert(name.to_owned(), say);
        said
    }

    /// Whoever is not there hears nothing.
    fn say(&self, name: &str, xml: &str) {
        if let Some(say) = self.0.lock().unwrap().get(name) {
            let _ = say.send(xml.to_owned());
        }
    }
}

impl StandIn {
    pub(crate) fn start() -> Self {
        Self::with(World::default())
    }

    /// One that does not say that it takes forged ids out (XEP-0359 section 4).
    pub(crate) fn careless() -> Self {
        Self::with(World { is_careless: true, ..World::default() })
    }

    fn with(world: World) -> Self {
        let (peer, (config, ca_file)) = (Peer::new(), make(Certificate::Good));
        let (port, shared) = (peer.port(), world.clone());
        let serving = OwnedTask::spawn(async move {
            let mut streams = JoinSet::new();
            loop {
                let line = peer.accept_whenever().await.secure(&config).await.unwrap();
                let stream = Stream { line, me: None, count: 0, world: shared.clone() };
                streams.spawn(stream.serve());
            }
        });
        StandIn { world, port, ca_file, _serving: serving }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }

    /// A gateway before it.
    pub(crate) async fn gateway(&self) -> TestApp {
        let ca_file = self.ca_file.path().to_owned();
        TestApp::start_before(&format!("{}:{}", Ipv4Addr::LOCALHOST, self.port), |config| {
            config.xmpp.tls = server::config::Tls::Direct;
            config.xmpp.ca_file = Some(ca_file);
            config.metrics.listen = Some((Ipv4Addr::LOCALHOST, 0).into());
        })
        .await
    }

    /// Has it say something on Juliet's stream.
    pub(crate) fn say(&self, xml: &str) {
        self.world.routes.say("juliet", xml);
    }

    /// Has a message of the person's be in their archive.
    pub(crate) fn keep(&self, archive_id: &str, message: &str) {
        self.world.archive.lock().unwrap().push((archive_id.to_owned(), message.to_owned()));
    }

    /// Has a message of the person's be in their archive no longer.
    pub(crate) fn forget(&self, archive_id: &str) {
        self.world.archive.lock().unwrap().retain(|(id, _)| id != archive_id);
    }

    /// Has it say something before it answers questions of a namespace, from now on. `$id` is that of the question.
    pub(crate) fn say_before(&self, namespace: &str, xml: &str) {
        self.world.before.lock().unwrap().push((namespace.to_owned(), xml.to_owned()));
    }

    /// What the client has said, an element each.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.world.heard.borrow().clone()
    }

    /// Waits until the client has said this, after so many elements.
    pub(crate) async fn hears(&self, after: usize, what: &str) {
        let mut heard = self.world.heard.subscribe();
        let is_heard = |heard: &Vec<String>| heard[after..].iter().any(|text| text.contains(what));
        within(what, heard.wait_for(is_heard)).await.unwrap();
    }
}

struct Stream {
    line: Line,
    /// Who is signed in, and what they are to hear.
    me: Option<(String, mpsc::UnboundedReceiver<String>)>,
    /// Stanzas since stream management was enabled.
    count: u32,
    world: World,
}

impl Stream {
    async fn serve(mut self) {
        loop {
            let said = async {
                match &mut self.me {
                    Some((_, said)) => said.recv().await,
                    None => std::future::pending().await,
                }
            };
            let piece = tokio::select! {
                piece = self.line.next_whenever() => piece,
                said = said => {
                    // Somebody is there anew: this is an old stream, of which nothing is heard any more.
                    let Some(xml) = said else { return };
                    if self.line.try_send(&xml).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            let answer = match piece {
                Some(Piece::Header(_)) => {
                    format!("{HEADER}{}", if self.me.is_some() { AFTER_SASL } else { BEFORE_SASL })
                }
                Some(Piece::Element(text)) => self.answer(&text),
                Some(Piece::End) | None => return,
            };
            // A client that was killed hears nothing.
            if self.line.try_send(&answer).await.is_err() {
                return;
            }
        }
    }

    fn answer(&mut self, text: &str) -> String {
        self.world.heard.send_modify(|heard| heard.push(text.to_owned()));
        let name = text.trim_start_matches('<').split([' ', '/', '>']).next().unwrap();
        match name {
            "auth" => {
                let credentials = text.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap();
                let credentials = String::from_utf8(BASE64.decode(credentials).unwrap()).unwrap();
                let name = credentials.split('\0').nth(1).unwrap().to_owned();
                let said = self.world.routes.begin(&name);
                self.me = Some((name, said));
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
                stanza.parse().map_or(String::new(), |stanza: Element| {
                    self.pass_on(&stanza, text);
                    let answer = self.page(&stanza).unwrap_or_else(|| self.answer_to(&stanza));
                    self.before(&stanza) + &answer
                })
            }
            _ => String::new(),
        }
    }
}

impl Stream {
    fn me(&self) -> &str {
        self.me.as_ref().map_or("", |(name, _)| name.as_str())
    }

    /// A message to somebody else goes to them.
    fn pass_on(&self, stanza: &Element, text: &str) {
        let to = stanza.attr("to").and_then(|to| to.split_once('@'));
        if let Some((name, _)) = to.filter(|(name, _)| stanza.name() == "message" && *name != self.me()) {
            let from = format!("<message from='{}@{DOMAIN}/x'", self.me());
            self.world.routes.say(name, &text.replacen("<message", &from, 1));
        }
    }

    fn before(&self, stanza: &Element) -> String {
        let Some(question) = stanza.children().next().filter(|_| stanza.name() == "iq") else {
            return String::new();
        };
        let before = self.world.before.lock().unwrap();
        let said = before.iter().filter(|(namespace, _)| question.has_ns(namespace.as_str()));
        said.map(|(_, xml)| xml.replace("$id", stanza.attr("id").unwrap_or_default())).collect()
    }

    /// What the archive has, of a question to it: all that came after the entry that it names.
    fn page(&self, iq: &Element) -> Option<String> {
        let query = iq.get_child("query", "urn:xmpp:mam:2").filter(|_| iq.attr("to").is_none())?;
        let (id, query_id) = (iq.attr("id")?, query.attr("queryid")?);
        let rsm = "http://jabber.org/protocol/rsm";
        let place =
            |name| query.get_child("set", rsm).and_then(|set| set.get_child(name, rsm)).map(Element::text);
        let archive = self.world.archive.lock().unwrap();
        let at = |entry: &str| archive.iter().position(|(id, _)| id == entry);
        let from = match place("after") {
            Some(after) => match at(&after) {
                Some(at) => at + 1,
                // XEP-0313 section 4.3.1.
                None => {
                    return Some(format!(
                        "<iq type='error' id='{id}'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                    ));
                }
            },
            None => 0,
        };
        let to = place("before").and_then(|before| at(&before)).unwrap_or(archive.len());
        let page = &archive[from..to.max(from)];
        let entry = |(id, message): &(String, String)| {
            format!(
                "<message><result xmlns='urn:xmpp:mam:2' queryid='{query_id}' id='{id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2024-01-01T00:00:00Z'/>{message}</forwarded></result></message>"
            )
        };
        let entries: String = page.iter().map(entry).collect();
        let ends = page.first().zip(page.last());
        let ends = ends.map(|((first, _), (last, _))| format!("<first>{first}</first><last>{last}</last>"));
        Some(format!(
            "{entries}<iq type='result' id='{id}'><fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='{rsm}'>{}</set></fin></iq>",
            ends.unwrap_or_default()
        ))
    }

    fn answer_to(&self, stanza: &Element) -> String {
        let me = self.me();
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
                    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{me}@{DOMAIN}/{resource}</jid></bind>"
                ))
            }
            "jabber:iq:roster" => result(
                "<query xmlns='jabber:iq:roster'><item jid='romeo@spark.test' name='Romeo' subscription='both'/><item jid='nurse@spark.test' subscription='both'/></query>",
            ),
            "http://jabber.org/protocol/disco#info" if is_of_room => result(
                "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text' name='Den'/><feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:occupant-id:0'/><feature var='urn:xmpp:sid:0'/></query>",
            ),
            "http://jabber.org/protocol/disco#info"
                if to == format!("{me}@{DOMAIN}") && self.world.is_careless =>
            {
                result("<query xmlns='http://jabber.org/protocol/disco#info'/>")
            }
            "http://jabber.org/protocol/disco#info" if to == format!("{me}@{DOMAIN}") => result(
                "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:sid:0'/></query>",
            ),
            "urn:xmpp:carbons:2" => result(""),
            _ => format!(
                "<iq type='error' id='{id}'{from}><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ),
        }
    }
}
