//! A place for a file (XEP-0363).

use minidom::Element;
use protocol::{Jid, UploadHeader, UploadSlot};
use url::{Host, Url};

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

/// The longest address of a slot in bytes.
const MAX_URL_BYTES: usize = 8 * 1024;
/// The most headers of a slot, and the longest of them in bytes.
const MAX_HEADERS: usize = 8;
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// A place for a file. Answer: `Slot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestSlot {
    /// The upload service.
    pub service: Jid,
    /// The file's name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

impl Question for RequestSlot {
    fn to(&self) -> Option<Jid> {
        Some(self.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let request = element("request", ns::HTTP_UPLOAD)
            .with("filename", self.name.as_str())
            .with("size", self.size.to_string())
            .with("content-type", self.media_type.as_str());
        (Kind::Get, request)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let slot = iq.get_child("slot", ns::HTTP_UPLOAD).and_then(slot);
        slot.map(Answer::Slot).ok_or(RequestError::Malformed)
    }
}

fn slot(slot: &Element) -> Option<UploadSlot> {
    let put = slot.get_child("put", ns::HTTP_UPLOAD)?;
    let get = slot.get_child("get", ns::HTTP_UPLOAD)?;
    let headers = put.children().filter(|child| child.is("header", ns::HTTP_UPLOAD));
    Some(UploadSlot {
        put_url: address(put.attr("url")?)?,
        get_url: address(get.attr("url")?)?,
        headers: headers.filter_map(header).take(MAX_HEADERS).collect(),
    })
}

/// Section 5: these three and no others, and no line breaks in them.
fn header(header: &Element) -> Option<UploadHeader> {
    let given = header.attr("name")?;
    let name =
        ["Authorization", "Cookie", "Expires"].into_iter().find(|name| name.eq_ignore_ascii_case(given))?;
    let value: String = header.text().chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    (value.len() <= MAX_HEADER_BYTES).then(|| UploadHeader { name: name.to_owned(), value })
}

/// An address to which a file may be sent: section 4 wants TLS, which only the machine itself can do without.
fn address(text: &str) -> Option<String> {
    if text.len() > MAX_URL_BYTES {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_safe = match url.scheme() {
        "https" => true,
        "http" => match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        },
        _ => false,
    };
    (is_safe && url.username().is_empty() && url.password().is_none()).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn question() -> Request {
        Request::RequestSlot(RequestSlot {
            service: "upload.montague.tld".parse().unwrap(),
            name: "très cool.jpg".to_owned(),
            size: 23456,
            media_type: "image/jpeg".to_owned(),
        })
    }

    #[test]
    fn a_slot_is_asked_for() {
        check_stanza(
            question(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='upload.montague.tld' type='get'><request xmlns='urn:xmpp:http:upload:0' content-type='image/jpeg' filename='très cool.jpg' size='23456'/></iq>"
            ],
        );
    }

    #[test]
    fn a_slot_is_an_address_of_https_with_three_headers_at_the_most() {
        // Section 5, example 8, and a header that no slot may have.
        check_answer(
            &question(),
            "<slot xmlns='urn:xmpp:http:upload:0'>\
             <put url='https://upload.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg'>\
             <header name='authorization'>Basic Base64String==\n</header><header name='Cookie'>foo=bar; user=romeo</header>\
             <header name='Host'>elsewhere</header></put>\
             <get url='https://download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg'/></slot>",
            expect![[
                r#"Ok(Slot(UploadSlot { put_url: "https://upload.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg", get_url: "https://download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg", headers: [UploadHeader { name: "Authorization", value: "Basic Base64String==" }, UploadHeader { name: "Cookie", value: "foo=bar; user=romeo" }] }))"#
            ]],
        );
        check_answer(&question(), "<slot xmlns='urn:xmpp:http:upload:0'/>", expect!["Err(Malformed)"]);
    }

    #[test]
    fn files_go_over_tls_or_stay_on_the_machine() {
        for (text, is_taken) in [
            ("https://upload.example/a", true),
            ("http://localhost:5280/a", true),
            ("http://127.0.0.1:5280/a", true),
            ("http://[::1]/a", true),
            ("http://upload.example/a", false),
            ("http://localhost.example/a", false),
            ("http://192.168.0.1/a", false),
            ("https://user:secret@upload.example/a", false),
            ("ftp://upload.example/a", false),
            ("file:///etc/passwd", false),
            ("/a", false),
            ("", false),
        ] {
            assert_eq!(address(text).is_some(), is_taken, "{text}");
        }
    }
}
