//! The gateway, the other ends, and what is known of both, where a script is played.
//!
//! Values that scripts know from the start: `$domain`; `$me` (the person of the gateway) and `$peer`, `$twin`,
//! `$stranger` with what they are called (`$meName`) and, where they are there, their full address (`$peerFull`);
//! `$rooms`, `$pubsub`, the services; and `$n`, which is another in each script.

use std::collections::{BTreeSet, VecDeque};

use minidom::Element;
use serde_json::Value;

use super::matching;
use super::peer::{Library, Peers};
use crate::app::{Caller, DOMAIN, Event, Events, TestApp, jid};
use crate::xmpp::pattern::{Values, parse};

/// How much of what was seen is shown of a failure.
const SHOWN: usize = 5;

/// Where scripts are played: one server, one library.
pub(super) struct Stage<'a> {
    pub(super) app: &'a TestApp,
    pub(super) library: Library,
    pub(super) me: Caller,
    /// Somebody else who is signed in at the gateway.
    pub(super) other: Option<Caller>,
    events: Events,
    /// Events that no line has asked for yet.
    waiting: VecDeque<Event>,
    pub(super) peers: Peers,
    pub(super) values: Values,
    /// What was heard last.
    last: Option<Element>,
    /// What slixmpp read in it.
    pub(super) read: Value,
    /// What the server says that it has; and in words what the gateway found, of what only a stream can tell.
    features: BTreeSet<String>,
    scripts: u32,
}

impl<'a> Stage<'a> {
    /// Everybody signed in: the person at the gateway, and the three others.
    pub(super) async fn set(app: &'a TestApp, library: Library, mut peers: Peers) -> Stage<'a> {
        let mut values = Values::new();
        let mut know = |name: &str, value: String| values.insert(name.to_owned(), value);
        know("domain", DOMAIN.to_owned());
        know("rooms", format!("rooms.{DOMAIN}"));
        know("pubsub", format!("pubsub.{DOMAIN}"));
        let [me, peer, stranger] = names(library);
        let me_signed_in = app.sign_in(&me).await;
        let events = me_signed_in.events_online().await;
        let snapshot = me_signed_in.get("/snapshot").await.json();
        know("meFull", snapshot["account"]["session_jid"].as_str().unwrap().to_owned());
        for (who, name) in [("me", &me), ("twin", &me), ("peer", &peer), ("stranger", &stranger)] {
            know(who, jid(name));
            know(&format!("{who}Name"), name.clone());
            if who != "me" {
                know(&format!("{who}Full"), peers.connect(who, name, who).await.unwrap());
            }
        }
        let server = me_signed_in.get("/server").await.json();
        let features =
            server["features"].as_array().unwrap().iter().filter(|feature| feature["supported"] == true);
        let features = features.map(|feature| feature["name"].as_str().unwrap().replace(' ', "-")).collect();
        Stage {
            app,
            library,
            me: me_signed_in,
            other: None,
            events,
            waiting: VecDeque::new(),
            peers,
            values,
            last: None,
            read: Value::Null,
            features,
            scripts: 0,
        }
    }

    /// A script begins: what came before is nothing to it.
    pub(super) fn begin(&mut self) {
        self.scripts += 1;
        self.values.insert("n".to_owned(), format!("{}{}", &self.library.name()[..1], self.scripts));
        self.waiting.clear();
        self.peers.heard.clear();
        self.other = None;
    }

    /// A line without its condition, if it counts here.
    pub(super) fn counting<'l>(&self, line: &'l str) -> Option<&'l str> {
        let Some((words, line)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) else {
            return Some(line);
        };
        let server = self.values.get("server");
        let is_true = |word: &str| {
            word == self.library.name()
                || self.features.contains(word)
                || server.is_some_and(|server| server == word)
        };
        words
            .split(' ')
            .all(|word| word.strip_prefix('!').map_or_else(|| is_true(word), |word| !is_true(word)))
            .then_some(line)
    }

    /// Somebody comes by another client of the same library.
    pub(super) async fn connect(&mut self, who: &str, name: &str, resource: &str) -> Result<(), String> {
        let full = self.peers.connect(who, name, resource).await?;
        self.values.insert(format!("{who}Full"), full);
        Ok(())
    }

    /// Takes what the server says that it has from what was heard last: features, and fields of forms.
    pub(super) fn learn(&mut self) {
        let mut elements: Vec<&Element> = self.last.iter().collect();
        while let Some(element) = elements.pop() {
            self.features.extend(element.attr("var").map(str::to_owned));
            elements.extend(element.children());
        }
    }

    /// Waits for the next event of the person's stream.
    pub(super) async fn next_event(&mut self) -> Result<(), String> {
        let event = self.events.next().await.ok_or("the stream of events has ended")?;
        self.waiting.push_back(event);
        Ok(())
    }

    /// Reads all events that there are: setting a draft is one of them, and comes after those before it.
    pub(super) async fn catch_up(&mut self) -> Result<(), String> {
        let mark = format!("mark {}", self.scripts);
        let path = format!("/conversations/{}/draft", self.values["peer"]);
        for text in [&mark, ""] {
            let draft = serde_json::json!({ "text": text });
            crate::app::Answer::of(self.me.request(reqwest::Method::PUT, &path).json(&draft)).await;
        }
        let pattern = serde_json::json!({ "text": "" });
        while !self.take_event("draft_changed", &pattern) {
            self.next_event().await?;
        }
        Ok(())
    }

    /// Takes the first event that is as expected out of those that wait.
    pub(super) fn take_event(&mut self, name: &str, pattern: &Value) -> bool {
        let values = &mut self.values;
        let found = self
            .waiting
            .iter()
            .position(|event| event.name == name && matching::json(pattern, &event.json(), values));
        found.and_then(|at| self.waiting.remove(at)).is_some()
    }

    /// Takes the first stanza that is as expected out of those that somebody heard.
    pub(super) fn take_heard(&mut self, who: &str, pattern: &Element) -> Result<bool, String> {
        let heard = self.peers.heard.entry(who.to_owned()).or_default();
        for (at, stanza) in heard.iter().enumerate() {
            let element = parse(&stanza.xml)?;
            if matching::xml(pattern, &element, &mut self.values) {
                self.last = Some(element);
                self.read = heard.remove(at).read;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Has somebody hear everything that there is: an answer comes after what was sent before it.
    pub(super) async fn hear_out(&mut self, who: &str) -> Result<(), String> {
        let ping = format!("<iq type='get' id='out-{who}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>");
        self.peers.command(who, "send", serde_json::json!({ "xml": ping })).await?;
        let pong = parse(&format!("<iq type='result' id='out-{who}'/>"))?;
        while !self.take_heard(who, &pong)? {
            self.peers.listen().await?;
        }
        Ok(())
    }

    /// What came and nobody asked for, for whoever looks into a failure.
    pub(super) fn seen(&self) -> String {
        let events = self.waiting.iter().filter(|event| event.name != "stanza_received");
        let events = events.map(|event| format!("    {}", event.data.as_deref().unwrap_or_default()));
        let stanzas = self.peers.heard.iter();
        let stanzas =
            stanzas.flat_map(|(who, heard)| heard.iter().map(move |it| format!("    {who}: {}", it.xml)));
        let last = |lines: Vec<String>| lines[lines.len().saturating_sub(SHOWN)..].join("\n");
        format!("{}\n{}", last(events.collect()), last(stanzas.collect()))
    }
}

/// What the person, the contact and the stranger are called: a library has people of its own.
pub(super) fn names(library: Library) -> [String; 3] {
    ["juliet", "romeo", "tybalt"].map(|name| format!("{name}-{}", library.name()))
}
