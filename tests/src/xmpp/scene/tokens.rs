//! What a peer does that gives tokens (XEP-0484), written from the specifications rather than from what the client uses.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::{ExposeSecret, SecretString};
use server::xmpp::Credential;

use super::Scene;
use crate::xmpp::scram::{Exchange, PASSWORD};

/// As which client the gateway is known.
pub(crate) const AGENT: &str = "d4565fa7-4d72-4749-b3d3-740edbf87770";

/// What the client comes with, and what it has had kept.
pub(super) struct Held {
    pub(super) credential: Credential,
    told: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    pub(super) fn hold(&mut self) {
        let credential = Credential::to_be_kept(SecretString::from(PASSWORD));
        let told = Arc::new(Mutex::new(Vec::new()));
        let tells = Arc::clone(&told);
        self.connector.hold_tokens(AGENT.to_owned(), move |jid, credential| {
            let written = credential.written().map(|written| written.expose_secret().to_owned());
            tells.lock().unwrap().push(format!("{} {}", jid.as_str(), what(&written.unwrap_or_default())));
        });
        self.held = Some(Held { credential, told });
    }

    /// What was kept since it was asked last: `nothing`, or words for what it consists of.
    pub(super) fn told(&mut self, expected: &str) {
        let told = std::mem::take(&mut *self.held.as_ref().unwrap().told.lock().unwrap());
        let expected: Vec<String> = match expected {
            "nothing" => Vec::new(),
            what => vec![format!("juliet@spark.test {what}")],
        };
        assert_eq!(told, expected);
    }

    /// SCRAM by SASL2, up to the success with `$given` in it. A token is asked for, for the mechanism that is said; else
    /// nobody says which client it is.
    pub(super) async fn prove(&mut self, words: &str) {
        let (mechanism, asks, id) = match words.split_once(' ') {
            None => (words, String::new(), String::new()),
            Some((mechanism, asked)) => (
                mechanism,
                format!("<request-token xmlns='urn:xmpp:fast:0' mechanism='{asked}'/>"),
                format!(" id='{AGENT}'"),
            ),
        };
        self.receive(&format!(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'>\
             <initial-response>?first</initial-response>\
             <user-agent{id}><software>SparkWeb</software></user-agent>{asks}</authenticate>"
        ))
        .await;
        let (mut exchange, challenge) = Exchange::begin(mechanism, self.value("first"));
        self.peer_line().send(&format!("<challenge xmlns='urn:xmpp:sasl:2'>{challenge}</challenge>")).await;
        self.receive("<response xmlns='urn:xmpp:sasl:2'>?final</response>").await;
        let exporter = self.peer_line().exporter.clone();
        exchange.check(self.value("final"), exporter.as_deref());
        let (proof, given) = (exchange.proof(), self.value("given").to_owned());
        self.succeed(&proof, &given).await;
    }

    /// A token by HT, and the answer that `$answer` says: `proof`, or what stands in its place.
    pub(super) async fn shown(&mut self, words: &str) {
        let (mechanism, token) = words.split_once(' ').unwrap();
        self.receive(&format!(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'>\
             <initial-response>?first</initial-response>\
             <user-agent id='{AGENT}'><software>SparkWeb</software></user-agent>\
             <fast xmlns='urn:xmpp:fast:0' count='?count'/></authenticate>"
        ))
        .await;
        let exporter = self.peer_line().exporter.clone();
        let data = if mechanism.ends_with("EXPR") { exporter.unwrap() } else { Vec::new() };
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let mac = |who: &str| hmac::sign(&key, &[who.as_bytes(), &data].concat()).as_ref().to_vec();
        let expected = [b"juliet\0".as_slice(), &mac("Initiator")].concat();
        assert_eq!(BASE64.decode(self.value("first")).unwrap(), expected, "the client's proof");
        let (answer, given) = (self.value("answer").to_owned(), self.value("given").to_owned());
        match answer.as_str() {
            "proof" => self.succeed(&BASE64.encode(mac("Responder")), &given).await,
            "echo" => self.succeed(&BASE64.encode(mac("Initiator")), &given).await,
            "nothing" => self.succeed("", &given).await,
            condition => {
                let failure = format!(
                    "<failure xmlns='urn:xmpp:sasl:2'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
                );
                self.peer_line().send(&failure).await;
            }
        }
    }

    async fn succeed(&mut self, proof: &str, given: &str) {
        let given = match given {
            "" => String::new(),
            token => {
                format!("<token xmlns='urn:xmpp:fast:0' expiry='2100-01-01T00:00:00Z' token='{token}'/>")
            }
        };
        let success = format!(
            "<success xmlns='urn:xmpp:sasl:2'><additional-data>{proof}</additional-data>\
             <authorization-identifier>juliet@spark.test</authorization-identifier>{given}</success>"
        );
        self.peer_line().send(&success).await;
    }
}

/// Of what a written credential consists.
fn what(written: &str) -> String {
    let written: serde_json::Value = serde_json::from_str(written).unwrap();
    let has = |name: &str| written.get(name).is_some();
    let token = written["token"]["secret"].as_str().unwrap_or("no token");
    let rest = if has("password") || has("salted") { " and a password" } else { "" };
    format!("{token}{rest}")
}
