//! Looking for something in an archive (XEP-0313): by when it was said, and by words where the server can.

use minidom::Element;
use protocol::{BareJid, Jid, TimestampMs};

use super::{Kind, QueryArchive, Question};
use crate::xmpp::element::element;
use crate::xmpp::namespaces as ns;
use crate::xmpp::write::{date_time, field};
use crate::xmpp::{Answer, RequestError};

/// The fields by which servers search for words, the better known first: XEP-0431, then what ejabberd and others had
/// before.
const TEXT_FIELDS: [&str; 2] = ["{urn:xmpp:fulltext:0}fulltext", "withtext"];

/// By which fields an archive can be searched. Answer: `ArchiveFields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchArchiveFields {
    /// The room whose archive it is; `None` is the person's own.
    pub room: Option<BareJid>,
}

/// A page of an archive with less in it. Answer: `Archive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchArchive {
    /// Which page.
    pub query: QueryArchive,
    /// Not younger than this.
    pub end_ms: Option<TimestampMs>,
    /// Only what has these words in it; with the name of the field that the server has for that.
    pub text: Option<(String, String)>,
}

impl Question for FetchArchiveFields {
    fn to(&self) -> Option<Jid> {
        self.room.clone().map(Jid::from)
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::MAM))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let form = iq.get_child("query", ns::MAM).and_then(|query| query.get_child("x", ns::DATA_FORMS));
        let form = form.ok_or(RequestError::Malformed)?;
        let has = |name: &&&str| {
            form.children()
                .any(|field| field.is("field", ns::DATA_FORMS) && field.attr("var") == Some(**name))
        };
        Ok(Answer::ArchiveFields { text: TEXT_FIELDS.iter().find(has).map(|name| (*name).to_owned()) })
    }
}

impl Question for SearchArchive {
    fn to(&self) -> Option<Jid> {
        self.query.to()
    }

    fn payload(&self, id: &str) -> (Kind, Element) {
        let (kind, mut payload) = self.query.payload(id);
        if let Some(form) = payload.get_child_mut("x", ns::DATA_FORMS) {
            if let Some(end) = self.end_ms.and_then(date_time) {
                form.append_child(field("end", None, &end));
            }
            if let Some((name, text)) = &self.text {
                form.append_child(field(name, None, text));
            }
        }
        (kind, payload)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        self.query.read(iq)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn a_server_says_whether_it_can_search() {
        let request = Request::FetchArchiveFields(FetchArchiveFields { room: None });
        check_stanza(
            request.clone(),
            expect!["<iq xmlns='jabber:client' id='q1' type='get'><query xmlns='urn:xmpp:mam:2'/></iq>"],
        );
        let form = |fields: &[&str]| {
            let fields: String =
                fields.iter().map(|name| format!("<field type='text-single' var='{name}'/>")).collect();
            format!("<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='form'>{fields}</x></query>")
        };
        check_answer(&request, &form(&["with", "start", "end"]), expect!["Ok(ArchiveFields { text: None })"]);
        check_answer(
            &request,
            &form(&["withtext", "{urn:xmpp:fulltext:0}fulltext"]),
            expect![[r#"Ok(ArchiveFields { text: Some("{urn:xmpp:fulltext:0}fulltext") })"#]],
        );
        check_answer(
            &request,
            &form(&["with", "withtext"]),
            expect![[r#"Ok(ArchiveFields { text: Some("withtext") })"#]],
        );
        check_answer(&request, "<query xmlns='urn:xmpp:mam:2'/>", expect!["Err(Malformed)"]);
    }

    #[test]
    fn searches() {
        check_stanza(
            Request::SearchArchive(SearchArchive {
                query: QueryArchive {
                    room: None,
                    with: "romeo@spark.test".parse().ok(),
                    before: None,
                    after: None,
                    start_ms: Some(0),
                    oldest: false,
                    max: 5,
                },
                end_ms: Some(1000),
                text: Some(("withtext".to_owned(), "a <b>".to_owned())),
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='with'><value>romeo@spark.test</value></field><field var='start'><value>1970-01-01T00:00:00.000Z</value></field><field var='end'><value>1970-01-01T00:00:01.000Z</value></field><field var='withtext'><value>a &lt;b&gt;</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>5</max><before></before></set></query></iq>"
            ],
        );
    }
}
