//! Questions under way, and who may answer them.
//!
//! Pure. An answer counts only from whom was asked, by an id that nobody can guess; what comes for a query of the archive
//! counts only with that query's id and from that archive.

use std::collections::HashMap;

use minidom::Element;
use protocol::Jid;
use tokio::time::Instant;

use crate::xmpp::element::is_writable;
use crate::xmpp::read::{self, Owner, address};
use crate::xmpp::request::Question;
use crate::xmpp::{Answer, IncomingMessage, Request, RequestError, RequestId};

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
    request: Request,
    /// Messages of an archive that have come so far; the answer comes after them.
    collected: Vec<IncomingMessage>,
}

/// What an answer leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// The question is answered.
    Answered(RequestId, Result<Answer, RequestError>),
    /// It was a step, or the same thing is to be looked for elsewhere: this is to be sent.
    AskMore(Element),
    /// It answers nothing that was asked.
    Stray,
}

/// An id for a stanza that nobody can guess.
pub(super) fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

impl Requests {
    /// Notes a question, and says how it is put; nothing where it can't be, since it is of no text that XML has.
    pub(super) fn insert(&mut self, id: RequestId, request: Request, deadline: Instant) -> Option<Element> {
        self.insert_as(random_id(), id, request, deadline)
    }

    fn insert_as(
        &mut self,
        stanza_id: String,
        id: RequestId,
        request: Request,
        deadline: Instant,
    ) -> Option<Element> {
        let stanza = Some(request.stanza(&stanza_id)).filter(is_writable)?;
        self.pending.insert(stanza_id, Pending { id, deadline, request, collected: Vec::new() });
        Some(stanza)
    }

    /// A session asks a dozen questions when it begins, and hardly any for the rest of its life.
    fn give_back(&mut self) {
        if self.pending.is_empty() {
            self.pending = HashMap::new();
        }
    }

    /// When the next question has waited for too long.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    /// Something was asked that comes first, and is not answered.
    pub(super) fn awaits_first(&self) -> bool {
        self.pending.values().any(|pending| pending.request.question().comes_first())
    }

    /// The questions that have waited for too long; they are no longer under way.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<RequestId> {
        let expired = self.pending.extract_if(|_, pending| pending.deadline <= now);
        let expired = expired.map(|(_, pending)| pending.id).collect();
        self.give_back();
        expired
    }

    /// All of them; none is under way any more.
    pub(super) fn lose_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.pending).into_values().map(|pending| pending.id).collect()
    }

    /// A message with a `<result/>` of an archive in it. False if no query of ours led to it.
    pub(super) fn collect(&mut self, stanza: &Element, result: &Element, owner: &Owner) -> bool {
        let pending = result.attr("queryid").and_then(|id| self.pending.get_mut(id));
        let Some(Pending { request, collected, .. }) = pending else { return false };
        let query = match request {
            Request::QueryArchive(query) => &*query,
            Request::SearchArchive(search) => &search.query,
            _ => return false,
        };
        if !is_from(stanza, query.to().as_ref(), owner) {
            return false;
        }
        if collected.len() < MAX_PAGE {
            collected.extend(match &query.room {
                Some(room) => read::archived_in_room(result, owner, room),
                None => read::archived(result, owner),
            });
        }
        true
    }

    /// An iq of type result or error.
    pub(super) fn answer(&mut self, iq: &Element, owner: &Owner) -> Outcome {
        self.answered(iq, owner, |question| match iq.attr("type") {
            Some("error") => question.refusal(iq),
            _ => question.read(iq),
        })
    }

    /// An iq of type result or error which has the id of a question of ours, and is not by whom was asked.
    pub(super) fn is_forged(&self, iq: &Element, owner: &Owner) -> bool {
        let pending = iq.attr("id").and_then(|id| self.pending.get(id));
        pending.is_some_and(|pending| !is_from(iq, pending.request.question().to().as_ref(), owner))
    }

    /// An iq of type result or error, of which nothing was let in but that it came.
    pub(super) fn spoiled(&mut self, iq: &Element, owner: &Owner) -> Outcome {
        self.answered(iq, owner, |_| Err(RequestError::Malformed))
    }

    fn answered(
        &mut self,
        iq: &Element,
        owner: &Owner,
        read: impl FnOnce(&dyn Question) -> Result<Answer, RequestError>,
    ) -> Outcome {
        let Some(stanza_id) = iq.attr("id") else { return Outcome::Stray };
        let Some(pending) = self.pending.get(stanza_id) else { return Outcome::Stray };
        if !is_from(iq, pending.request.question().to().as_ref(), owner) {
            return Outcome::Stray;
        }
        let Some(Pending { id, deadline, request, collected }) = self.pending.remove(stanza_id) else {
            return Outcome::Stray;
        };
        self.give_back();
        let question = request.question();
        let mut result = read(question);
        let more = if result.is_ok() { question.next() } else { question.otherwise() };
        if let Some(more) = more {
            let more = self.insert(id, more, deadline);
            return more.map_or(Outcome::Answered(id, Err(RequestError::Unwritable)), Outcome::AskMore);
        }
        if let Ok(Answer::Archive(page)) = &mut result {
            page.messages = collected;
        }
        Outcome::Answered(id, result)
    }
}

/// A stanza comes from whom was asked; `None` is the person's own account.
fn is_from(stanza: &Element, asked: Option<&Jid>, owner: &Owner) -> bool {
    let from = stanza.attr("from");
    match asked {
        None => owner.is_own_account(from),
        Some(jid) if jid.resource().is_none() && jid.bare() == owner.jid => owner.is_own_account(from),
        Some(jid) => from.and_then(address).is_some_and(|from| from == *jid),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::{juliet, parse};
    use super::*;
    use crate::xmpp::namespaces as ns;
    use crate::xmpp::{DiscoverInfo, FetchNickname, FetchRoster, QueryArchive, StanzaError};

    fn requests(request: Request) -> Requests {
        let mut requests = Requests::default();
        requests.insert_as("q1".to_owned(), RequestId(7), request, Instant::now());
        requests
    }

    fn archive() -> Request {
        Request::QueryArchive(QueryArchive {
            room: None,
            with: None,
            before: None,
            after: None,
            start_ms: None,
            oldest: false,
            max: 50,
        })
    }

    fn answer(requests: &mut Requests, xml: &str) -> Outcome {
        requests.answer(&parse(xml), &juliet())
    }

    #[test]
    fn what_xml_cannot_carry_is_not_asked() {
        for (node, is_asked) in [("a b", true), ("a\0b", false), ("\u{ffff}", false), ("\u{1f600}", true)] {
            let mut requests = Requests::default();
            let jid = "spark.test".parse().unwrap();
            let request = Request::DiscoverInfo(DiscoverInfo { jid, node: Some(node.to_owned()) });
            let stanza = requests.insert(RequestId(7), request, Instant::now());
            assert_eq!((stanza.is_some(), requests.deadline().is_some()), (is_asked, is_asked), "{node:?}");
        }
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
            let mut asked = requests(Request::FetchRoster(FetchRoster { version: None }));
            let iq = format!("<iq type='result' id='q1' {from}>{empty}</iq>");
            assert_eq!(asked.is_forged(&parse(&iq), &juliet()), !counts, "{from}");
            let outcome = answer(&mut asked, &iq);
            let expected = if counts {
                Outcome::Answered(RequestId(7), Ok(Answer::Roster { items: vec![], version: None }))
            } else {
                Outcome::Stray
            };
            assert_eq!(outcome, expected, "{from}");
        }
        let mut asked = requests(Request::FetchRoster(FetchRoster { version: None }));
        assert_eq!(answer(&mut asked, "<iq type='result' id='q2'/>"), Outcome::Stray);
        assert!(!asked.is_forged(&parse("<iq type='result' id='q2' from='a@b'/>"), &juliet()), "to nothing");
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
            (Some(protocol::ArchiveId("a1".to_owned())), Some(protocol::ArchiveId("a2".to_owned())))
        );
        assert!(!requests.collect(
            &parse("<message/>"),
            &parse("<result xmlns='urn:xmpp:mam:2' queryid='q1' id='a1'/>"),
            &juliet()
        ));
    }

    #[test]
    fn what_is_not_found_in_one_place_is_looked_for_in_another() {
        let jid = "romeo@spark.test".parse().unwrap();
        let mut requests = requests(Request::FetchNickname(FetchNickname { jid }));
        let outcome = answer(&mut requests, "<iq type='error' id='q1' from='romeo@spark.test'/>");
        let Outcome::AskMore(stanza) = outcome else { panic!("{outcome:?}") };
        assert!(stanza.has_child("vCard", ns::VCARD));
        let card = format!(
            "<iq type='result' id='{}' from='romeo@spark.test'><vCard xmlns='vcard-temp'><FN>Romeo</FN></vCard></iq>",
            stanza.attr("id").unwrap(),
        );
        assert_eq!(
            answer(&mut requests, &card),
            Outcome::Answered(RequestId(7), Ok(Answer::Nickname(Some("Romeo".to_owned()))))
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
