//! Questions under way, and who may answer them.
//!
//! Pure. An answer counts only from whom was asked, by an id that nobody can guess; what comes for a query of the archive
//! counts only with that query's id and from that archive.

use std::collections::HashMap;

use minidom::Element;
use protocol::{ArchiveId, BareJid};
use tokio::time::Instant;

use crate::xmpp::element::child_text;
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::{self, Owner, address};
use crate::xmpp::{Answer, ArchivePage, IncomingMessage, Request, RequestError, RequestId, picture};

/// The most messages that one page of an archive may bring, whatever was asked for.
const MAX_PAGE: usize = 500;

/// Questions under way, by the id of their stanza.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pending: HashMap<String, Pending>,
}

#[derive(Debug)]
struct Pending {
    id: RequestId,
    deadline: Instant,
    /// Whom it was put to; `None` is the person's own account.
    to: Option<BareJid>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// One question, one answer.
    Simple(Request),
    /// Messages come before the answer does.
    Archive(Vec<IncomingMessage>),
    /// PEP had nothing; now the vCard is asked.
    VCard(Request),
}

/// What an answer leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// The question is answered.
    Answered(RequestId, Result<Answer, RequestError>),
    /// The vCard of `jid` is to be asked, under this id.
    AskVCard { jid: BareJid, stanza_id: String },
    /// It answers nothing that was asked.
    Stray,
}

/// An id for a stanza that nobody can guess.
pub(super) fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

impl Requests {
    /// Notes a question that is put under `stanza_id`.
    pub(super) fn insert(&mut self, stanza_id: String, id: RequestId, request: Request, deadline: Instant) {
        let to = match &request {
            Request::FetchAvatar { jid, .. } | Request::FetchNickname { jid } => Some(jid.clone()),
            Request::EnableCarbons | Request::FetchRoster | Request::QueryArchive { .. } => None,
        };
        let stage = match request {
            Request::QueryArchive { .. } => Stage::Archive(Vec::new()),
            request => Stage::Simple(request),
        };
        self.pending.insert(stanza_id, Pending { id, deadline, to, stage });
    }

    /// When the next question has waited for too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    /// The questions that have waited for too long; they are no longer under way.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<RequestId> {
        self.pending.extract_if(|_, pending| pending.deadline <= now).map(|(_, pending)| pending.id).collect()
    }

    /// All of them; none is under way any more.
    pub(super) fn lose_all(&mut self) -> Vec<RequestId> {
        self.pending.drain().map(|(_, pending)| pending.id).collect()
    }

    /// A message with a `<result/>` of the archive in it. False if no query of ours led to it.
    pub(super) fn collect(&mut self, stanza: &Element, result: &Element, owner: &Owner) -> bool {
        if !owner.is_own_account(stanza.attr("from")) {
            return false;
        }
        let pending = result.attr("queryid").and_then(|id| self.pending.get_mut(id));
        let Some(Pending { stage: Stage::Archive(messages), .. }) = pending else { return false };
        if messages.len() < MAX_PAGE {
            messages.extend(read::archived(result, owner));
        }
        true
    }

    /// An iq of type result or error.
    pub(super) fn answer(&mut self, iq: &Element, owner: &Owner) -> Outcome {
        let Some(stanza_id) = iq.attr("id") else { return Outcome::Stray };
        let Some(pending) = self.pending.get(stanza_id) else { return Outcome::Stray };
        let is_from_whom_was_asked = match &pending.to {
            None => owner.is_own_account(iq.attr("from")),
            Some(jid) if *jid == owner.jid => owner.is_own_account(iq.attr("from")),
            Some(jid) => iq.attr("from").and_then(address).is_some_and(|from| from.as_str() == jid.as_str()),
        };
        if !is_from_whom_was_asked {
            return Outcome::Stray;
        }
        let Some(Pending { id, deadline, to, stage }) = self.pending.remove(stanza_id) else {
            return Outcome::Stray;
        };
        let is_error = iq.attr("type") == Some("error");
        let result = match stage {
            Stage::Simple(request @ (Request::FetchAvatar { .. } | Request::FetchNickname { .. })) => {
                match (found(&request, iq), to) {
                    (Some(answer), _) => Ok(answer),
                    (None, Some(jid)) => {
                        let stanza_id = random_id();
                        let to = Some(jid.clone());
                        self.pending.insert(
                            stanza_id.clone(),
                            Pending { id, deadline, to, stage: Stage::VCard(request) },
                        );
                        return Outcome::AskVCard { jid, stanza_id };
                    }
                    (None, None) => Err(RequestError::Malformed),
                }
            }
            Stage::VCard(Request::FetchNickname { .. }) if is_error => Ok(Answer::Nickname(None)),
            _ if is_error => Err(RequestError::Refused(read::stanza_error(iq))),
            Stage::Simple(Request::FetchRoster) => match iq.get_child("query", ns::ROSTER) {
                Some(query) => Ok(Answer::Roster(read::roster(query))),
                None => Err(RequestError::Malformed),
            },
            Stage::Simple(_) => Ok(Answer::Done),
            Stage::Archive(messages) => match iq.get_child("fin", ns::MAM) {
                Some(fin) => Ok(Answer::Archive(page(fin, messages))),
                None => Err(RequestError::Malformed),
            },
            Stage::VCard(request) => in_vcard(&request, iq).ok_or(RequestError::Malformed),
        };
        Outcome::Answered(id, result)
    }
}

fn page(fin: &Element, messages: Vec<IncomingMessage>) -> ArchivePage {
    let cursor = |name: &str| {
        let text = child_text(fin.get_child("set", ns::RSM)?, name, ns::RSM)?;
        (!text.is_empty()).then_some(ArchiveId(text))
    };
    ArchivePage {
        first: cursor("first"),
        last: cursor("last"),
        complete: fin.attr("complete").is_some_and(|complete| complete == "true" || complete == "1"),
        messages,
    }
}

/// What PEP says, if it says something.
fn found(request: &Request, iq: &Element) -> Option<Answer> {
    let item =
        iq.get_child("pubsub", ns::PUBSUB)?.get_child("items", ns::PUBSUB)?.get_child("item", ns::PUBSUB)?;
    match request {
        Request::FetchAvatar { hash, .. } => {
            picture::decode(&child_text(item, "data", ns::AVATAR_DATA)?, hash).map(Answer::Avatar)
        }
        Request::FetchNickname { .. } => {
            let name = child_text(item, "nick", ns::NICK)?;
            Some(Answer::Nickname(Some(named(&name)?)))
        }
        _ => None,
    }
}

/// What a vCard says (XEP-0054).
fn in_vcard(request: &Request, iq: &Element) -> Option<Answer> {
    let card = iq.get_child("vCard", ns::VCARD);
    match request {
        Request::FetchAvatar { hash, .. } => {
            let photo = card?.get_child("PHOTO", ns::VCARD)?;
            picture::decode(&child_text(photo, "BINVAL", ns::VCARD)?, hash).map(Answer::Avatar)
        }
        Request::FetchNickname { .. } => {
            let name = card.and_then(|card| child_text(card, "FN", ns::VCARD)).and_then(|name| named(&name));
            Some(Answer::Nickname(name))
        }
        _ => None,
    }
}

fn named(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take(256).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::{juliet, parse};
    use super::*;
    use crate::xmpp::StanzaError;

    fn requests(request: Request) -> Requests {
        let mut requests = Requests::default();
        requests.insert("q1".to_owned(), RequestId(7), request, Instant::now());
        requests
    }

    fn archive() -> Request {
        Request::QueryArchive { with: None, before: None, after: None, start_ms: None, max: 50 }
    }

    fn answer(requests: &mut Requests, xml: &str) -> Outcome {
        requests.answer(&parse(xml), &juliet())
    }

    #[test]
    fn answers_count_from_whom_was_asked() {
        let empty = "<query xmlns='jabber:iq:roster'/>";
        for (from, counts) in [
            ("", true),
            ("from='juliet@spark.test'", true),
            ("from='juliet@spark.test/x'", false),
            ("from='romeo@spark.test'", false),
            ("from='spark.test'", false),
        ] {
            let outcome = answer(
                &mut requests(Request::FetchRoster),
                &format!("<iq type='result' id='q1' {from}>{empty}</iq>"),
            );
            let expected = if counts {
                Outcome::Answered(RequestId(7), Ok(Answer::Roster(vec![])))
            } else {
                Outcome::Stray
            };
            assert_eq!(outcome, expected, "{from}");
        }
        let mut asked = requests(Request::FetchRoster);
        assert_eq!(answer(&mut asked, "<iq type='result' id='q2'/>"), Outcome::Stray);
        assert_eq!(answer(&mut asked, "<iq type='result'/>"), Outcome::Stray);
        assert_eq!(asked.lose_all(), [RequestId(7)]);
    }

    #[test]
    fn refusals_are_told_apart() {
        let xml = "<iq type='error' id='q1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        assert_eq!(
            answer(&mut requests(archive()), xml),
            Outcome::Answered(RequestId(7), Err(RequestError::Refused(StanzaError::Unsupported)))
        );
        assert_eq!(
            answer(&mut requests(archive()), "<iq type='result' id='q1'/>"),
            Outcome::Answered(RequestId(7), Err(RequestError::Malformed))
        );
    }

    #[test]
    fn a_page_holds_what_its_own_query_brought() {
        let mut requests = requests(archive());
        let mut send = |from: &str, query: &str| {
            let stanza = parse(&format!(
                "<message {from}><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='a1'><forwarded xmlns='urn:xmpp:forward:0'>\
                 <message xmlns='jabber:client' from='romeo@spark.test/x' type='chat'><body>hi</body></message></forwarded></result></message>"
            ));
            let result = stanza.get_child("result", ns::MAM).unwrap();
            requests.collect(&stanza, result, &juliet())
        };
        assert!(send("", "q1"));
        assert!(send("from='juliet@spark.test'", "q1"));
        assert!(!send("from='romeo@spark.test'", "q1"), "somebody else's archive");
        assert!(!send("", "q2"), "nobody asked");
        let fin = "<iq type='result' id='q1'><fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a1</first><last>a2</last></set></fin></iq>";
        let Outcome::Answered(_, Ok(Answer::Archive(page))) = answer(&mut requests, fin) else {
            panic!("no page")
        };
        assert_eq!((page.messages.len(), page.complete), (2, true));
        assert_eq!(
            (page.first, page.last),
            (Some(ArchiveId("a1".to_owned())), Some(ArchiveId("a2".to_owned())))
        );
        assert!(!requests.collect(
            &parse("<message/>"),
            &parse("<result xmlns='urn:xmpp:mam:2' queryid='q1' id='a1'/>"),
            &juliet()
        ));
    }

    #[test]
    fn a_name_is_looked_for_in_two_places() {
        let mut requests = requests(Request::FetchNickname { jid: "romeo@spark.test".parse().unwrap() });
        let outcome = answer(&mut requests, "<iq type='error' id='q1' from='romeo@spark.test'/>");
        let Outcome::AskVCard { stanza_id, .. } = outcome else { panic!("{outcome:?}") };
        let card = format!(
            "<iq type='result' id='{stanza_id}' from='romeo@spark.test'><vCard xmlns='vcard-temp'><FN> Romeo M. </FN></vCard></iq>"
        );
        assert_eq!(
            answer(&mut requests, &card),
            Outcome::Answered(RequestId(7), Ok(Answer::Nickname(Some("Romeo M.".to_owned()))))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let mut requests = requests(archive());
        let deadline = requests.deadline().unwrap();
        assert_eq!(requests.expire(deadline - std::time::Duration::from_millis(1)), []);
        assert_eq!(requests.expire(deadline), [RequestId(7)]);
        assert_eq!(requests.deadline(), None);
    }
}
