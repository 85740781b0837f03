//! A page of an archive (XEP-0313).

use minidom::Element;
use protocol::{ArchiveId, BareJid, Jid, TimestampMs};

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::write::{date_time, field};
use crate::xmpp::{Answer, ArchivePage, RequestError};

/// A page of the person's own archive, or of a room's. Answer: `Archive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryArchive {
    /// The room whose archive it is; `None` is the person's own.
    pub room: Option<BareJid>,
    /// Only what was said with this one.
    pub with: Option<BareJid>,
    /// The page that ends before this entry; with neither cursor, the newest page or the oldest.
    pub before: Option<ArchiveId>,
    /// The page that begins after this entry.
    pub after: Option<ArchiveId>,
    /// Not older than this.
    pub start_ms: Option<TimestampMs>,
    /// With neither cursor, the oldest page rather than the newest.
    pub oldest: bool,
    /// How many entries at the most; the server may give fewer.
    pub max: u16,
}

impl Question for QueryArchive {
    fn to(&self) -> Option<Jid> {
        self.room.clone().map(Jid::from)
    }

    fn payload(&self, id: &str) -> (Kind, Element) {
        let QueryArchive { room: _, with, before, after, start_ms, oldest, max } = self;
        let mut form = element("x", ns::DATA_FORMS).with("type", "submit").child(field(
            "FORM_TYPE",
            Some("hidden"),
            ns::MAM,
        ));
        if let Some(with) = with {
            form.append_child(field("with", None, with.as_str()));
        }
        if let Some(start) = start_ms.and_then(date_time) {
            form.append_child(field("start", None, &start));
        }
        let mut set = element("set", ns::RSM).child(element("max", ns::RSM).content(max.to_string()));
        let cursor = match (after, before) {
            (Some(after), _) => Some(("after", after.0.as_str())),
            (None, Some(before)) => Some(("before", before.0.as_str())),
            (None, None) if *oldest => None,
            // An empty `before` asks for the last page (XEP-0059 section 2.5).
            (None, None) => Some(("before", "")),
        };
        if let Some((name, id)) = cursor {
            set.append_child(element(name, ns::RSM).content(id));
        }
        (Kind::Set, element("query", ns::MAM).with("queryid", id).child(form).child(set))
    }

    /// The messages came before, each by itself; whoever collected them adds them.
    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let fin = iq.get_child("fin", ns::MAM).ok_or(RequestError::Malformed)?;
        let cursor = |name: &str| {
            let text = child_text(fin.get_child("set", ns::RSM)?, name, ns::RSM)?;
            (!text.is_empty()).then_some(ArchiveId(text))
        };
        Ok(Answer::Archive(ArchivePage {
            messages: Vec::new(),
            first: cursor("first"),
            last: cursor("last"),
            complete: fin.attr("complete").is_some_and(|complete| complete == "true" || complete == "1"),
            stable: fin.attr("stable").is_none_or(|stable| stable != "false" && stable != "0"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn queries() {
        check_stanza(
            Request::QueryArchive(QueryArchive {
                room: None,
                with: "romeo@spark.test".parse().ok(),
                before: Some(ArchiveId("a&9".to_owned())),
                after: None,
                start_ms: None,
                oldest: false,
                max: 50,
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='with'><value>romeo@spark.test</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>50</max><before>a&amp;9</before></set></query></iq>"
            ],
        );
        check_stanza(
            Request::QueryArchive(QueryArchive {
                room: None,
                with: None,
                before: None,
                after: None,
                start_ms: Some(0),
                oldest: false,
                max: 1,
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='start'><value>1970-01-01T00:00:00.000Z</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>1</max><before></before></set></query></iq>"
            ],
        );
        check_stanza(
            Request::QueryArchive(QueryArchive {
                room: None,
                with: None,
                before: None,
                after: None,
                start_ms: Some(1000),
                oldest: true,
                max: 1,
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='start'><value>1970-01-01T00:00:01.000Z</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query></iq>"
            ],
        );
    }

    #[test]
    fn the_end_of_a_page_has_its_cursors() {
        let query = Request::QueryArchive(QueryArchive {
            room: None,
            with: None,
            before: None,
            after: None,
            start_ms: None,
            oldest: false,
            max: 1,
        });
        check_answer(
            &query,
            "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a1</first><last>a2</last></set></fin>",
            expect![[
                r#"Ok(Archive(ArchivePage { messages: [], first: Some(ArchiveId("a1")), last: Some(ArchiveId("a2")), complete: true, stable: true }))"#
            ]],
        );
        check_answer(
            &query,
            "<fin xmlns='urn:xmpp:mam:2' stable='false'><set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set></fin>",
            expect![
                "Ok(Archive(ArchivePage { messages: [], first: None, last: None, complete: false, stable: false }))"
            ],
        );
        check_answer(&query, "", expect!["Err(Malformed)"]);
    }
}
