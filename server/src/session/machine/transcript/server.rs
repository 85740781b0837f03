//! What the server offers, and what is asked of it.

use expect_test::expect;
use protocol::{NewUpload, Software, UploadSlot};

use super::*;
use crate::session::server::ServerCommand;
use crate::xmpp::{Identity, Info, InfoForm, Item, StreamFacts};

impl Script {
    /// Lines of this subject.
    pub(super) fn server_line(&mut self, words: &[&str]) -> Input {
        match words[0] {
            "facts" => {
                let facts = StreamFacts {
                    tls: Some("TLS 1.3"),
                    mechanism: Some("SCRAM-SHA-256-PLUS"),
                    resumable: words.contains(&"resumable"),
                    ..StreamFacts::default()
                };
                Input::Stream(StreamEvent::Facts(Box::new(facts)))
            }
            "info" => self.answer(words, Ok(Answered::Info(Box::new(info(&words[2..]))))),
            "items" => {
                let item = |jid: &&str| Item { jid: jid.parse().unwrap(), node: None, name: None };
                self.answer(words, Ok(Answered::Items(words[2..].iter().map(item).collect())))
            }
            "software" => {
                let software = Software { name: words[2].to_owned(), version: None };
                self.answer(words, Ok(Answered::Software(Some(software))))
            }
            "slot" => {
                let slot = UploadSlot {
                    put_url: "https://upload.spark.test/put".to_owned(),
                    get_url: "https://upload.spark.test/get".to_owned(),
                    headers: vec![],
                };
                self.answer(words, Ok(Answered::Slot(slot)))
            }
            "server" => {
                let (reply, mut answer) = oneshot::channel();
                self.awaited
                    .push(Box::new(move || answer.try_recv().ok().map(|server| show_server(&server))));
                command(ServerCommand::Server { reply })
            }
            _ => {
                let (reply, mut answer) = oneshot::channel();
                self.awaited.push(Box::new(move || {
                    let slot: Result<UploadSlot, SessionError> = answer.try_recv().ok()?;
                    Some(match slot {
                        Ok(slot) => format!("  put {} get {}\n", slot.put_url, slot.get_url),
                        Err(error) => format!("  refused: {error}\n"),
                    })
                }));
                let file =
                    NewUpload { name: "a.png".to_owned(), size: words[1].parse().unwrap(), media_type: None };
                command(ServerCommand::UploadSlot { file, reply })
            }
        }
    }
}

/// `category/kind` is an identity, `max=…` the largest file, everything else a feature.
fn info(words: &[&str]) -> Info {
    let mut info = Info::default();
    for word in words {
        if let Some(max) = word.strip_prefix("max=") {
            info.forms.push(InfoForm {
                kind: "urn:xmpp:http:upload:0".to_owned(),
                fields: vec![("max-file-size".to_owned(), vec![max.to_owned()])],
            });
        } else if let Some((category, kind)) = word.split_once('/').filter(|_| !word.contains(':')) {
            info.identities.push(Identity {
                category: category.to_owned(),
                kind: kind.to_owned(),
                lang: String::new(),
                name: String::new(),
            });
        } else {
            info.features.insert((*word).to_owned());
        }
    }
    info
}

fn show_server(server: &Result<protocol::Server, SessionError>) -> String {
    let server = match server {
        Ok(server) => server,
        Err(error) => return format!("  refused: {error}\n"),
    };
    let software = server.software.as_ref().map_or("?", |software| &software.name);
    let mut text = format!("  server {} {software} complete={}\n", server.domain, server.complete);
    for feature in server.features.iter().filter(|feature| feature.supported) {
        let at = feature.at.as_ref().map_or("the stream", |jid| jid.as_str());
        let _ = writeln!(text, "    {} {} at {at}", feature.spec, feature.name);
    }
    for service in &server.services {
        let _ = writeln!(text, "    {} is {:?}", service.jid, service.kinds);
    }
    if let Some(uploads) = server.uploads {
        let _ = writeln!(text, "    files of {} bytes", uploads.max_bytes);
    }
    text
}

/// A script for a session that is up. `#1` is the first question after that, whatever was asked before.
pub(super) fn asked(script: &str) -> String {
    let mut run = Script::new();
    up("").lines().for_each(|line| run.line(line.trim_start_matches("- ")));
    let before = run.machine.next_request;
    let numbered = script.split_whitespace().filter_map(|word| word.strip_prefix('#')?.parse::<u64>().ok());
    // The largest first, so that `#1` is not found in `#10`.
    let mut numbers: Vec<u64> = numbered.collect();
    numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
    let numbered = numbers.into_iter().fold(script.to_owned(), |script, number| {
        script.replace(&format!("#{number}"), &(before + number).to_string())
    });
    up(&numbered)
}

/// A session whose server has an upload service.
const SURVEYED: &str = "- facts resumable
    - info #1 urn:xmpp:carbons:2
    - info #2 pubsub/pep urn:xmpp:mam:2
    - items #3 upload.spark.test
    - software #4 Prosody
    - info #5 store/file urn:xmpp:http:upload:0 max=1000\n";

#[test]
fn the_server_is_asked_what_it_offers() {
    check(
        &asked(
            "facts resumable
         server
         info #1 urn:xmpp:carbons:2
         info #2 pubsub/pep urn:xmpp:mam:2
         items #3 upload.spark.test spark.test rooms.spark.test upload.spark.test
         software #4 Prosody
         info #5 store/file urn:xmpp:http:upload:0 max=1000
         refuse #6 unsupported
         server",
        ),
        expect![[r#"
            facts resumable
              ask 9 DiscoverInfo { jid: Jid("spark.test, node: None }
              ask 10 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
              ask 11 DiscoverItems { jid: Jid("spark.test, node: None }
              ask 12 FetchVersion { jid: Jid("spark.test }
            server
            info 9 urn:xmpp:carbons:2
            info 10 pubsub/pep urn:xmpp:mam:2
            items 11 upload.spark.test spark.test rooms.spark.test upload.spark.test
              ask 13 DiscoverInfo { jid: Jid("upload.spark.test, node: None }
              ask 14 DiscoverInfo { jid: Jid("rooms.spark.test, node: None }
            software 12 Prosody
            info 13 store/file urn:xmpp:http:upload:0 max=1000
            refuse 14 unsupported
              server spark.test Prosody complete=true
                XEP-0198 Stream resumption at the stream
                XEP-0280 Message carbons at spark.test
                XEP-0313 Message archive at juliet@spark.test
                XEP-0163 Personal eventing at juliet@spark.test
                XEP-0363 File upload at upload.spark.test
                upload.spark.test is ["store/file"]
                files of 1000 bytes
            server
              server spark.test Prosody complete=true
                XEP-0198 Stream resumption at the stream
                XEP-0280 Message carbons at spark.test
                XEP-0313 Message archive at juliet@spark.test
                XEP-0163 Personal eventing at juliet@spark.test
                XEP-0363 File upload at upload.spark.test
                upload.spark.test is ["store/file"]
                files of 1000 bytes
        "#]],
    );
}

#[test]
fn what_was_not_answered_is_not_known_to_be_missing() {
    check(
        &asked(
            "- facts
         - info #1 urn:xmpp:carbons:2
         - lost #2
         - items #3
         - refuse #4 unsupported
         server",
        ),
        expect![[r#"
            server
              server spark.test ? complete=false
                XEP-0280 Message carbons at spark.test
        "#]],
    );
}

#[test]
fn while_nobody_can_be_asked_the_last_answer_holds() {
    check(
        &asked("- suspend\nserver"),
        expect![[r#"
        server
          refused: the session's connection is down; it is being brought back
    "#]],
    );
    check(
        &asked("- facts\nserver\nsuspend"),
        expect![[r#"
        server
        suspend
          publish connection_changed,connection:{state:suspended,reason:unreachable
          refused: the session's connection is down; it is being brought back
    "#]],
    );
    check(
        &asked(&format!("{SURVEYED}\nsuspend\nserver")),
        expect![[r#"
        suspend
          publish connection_changed,connection:{state:suspended,reason:unreachable
        server
          server spark.test Prosody complete=true
            XEP-0198 Stream resumption at the stream
            XEP-0280 Message carbons at spark.test
            XEP-0313 Message archive at juliet@spark.test
            XEP-0163 Personal eventing at juliet@spark.test
            XEP-0363 File upload at upload.spark.test
            upload.spark.test is ["store/file"]
            files of 1000 bytes
    "#]],
    );
}

#[test]
fn a_server_that_offers_something_else_is_news() {
    check(
        &asked(&format!(
            "{SURVEYED}
             facts
             info #6 urn:xmpp:carbons:2
             refuse #7 unsupported
             items #8
             software #9 Prosody"
        )),
        expect![[r#"
            facts
              ask 14 DiscoverInfo { jid: Jid("spark.test, node: None }
              ask 15 DiscoverInfo { jid: Jid("juliet@spark.test, node: None }
              ask 16 DiscoverItems { jid: Jid("spark.test, node: None }
              ask 17 FetchVersion { jid: Jid("spark.test }
            info 14 urn:xmpp:carbons:2
            refuse 15 unsupported
            items 16
            software 17 Prosody
              publish server_changed
        "#]],
    );
}

#[test]
fn a_file_needs_a_service_that_takes_it() {
    check(
        &asked("upload 10"),
        expect![[r#"
        upload 10
          refused: the XMPP server has no service for this
    "#]],
    );
    check(
        &asked(&format!(
            "{SURVEYED}
             upload 1001
             upload 1000
             slot #6
             upload 10
             refuse #7 unsupported"
        )),
        expect![[r#"
            upload 1001
              refused: the file is larger than the 1000 bytes that the server takes
            upload 1000
              ask 14 RequestSlot { service: Jid("upload.spark.test, name: "a.png", size: 1000, media_type: "application/octet-stream" }
            slot 14
              put https://upload.spark.test/put get https://upload.spark.test/get
            upload 10
              ask 15 RequestSlot { service: Jid("upload.spark.test, name: "a.png", size: 10, media_type: "application/octet-stream" }
            refuse 15 unsupported
              refused: the XMPP server has no such feature
        "#]],
    );
}
