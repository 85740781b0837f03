//! An avatar's picture: XEP-0084, else the vCard's (XEP-0153).

use minidom::Element;
use protocol::{AvatarHash, BareJid, Jid};

use super::{Kind, Question, Request, pubsub_item, pubsub_items};
use crate::xmpp::element::{child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, picture};

/// An avatar's picture. Answer: `Avatar`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchAvatar {
    /// Whose.
    pub jid: BareJid,
    /// Which.
    pub hash: AvatarHash,
}

/// The same, from the vCard alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchVCardAvatar {
    /// Whose.
    pub jid: BareJid,
    /// Which.
    pub hash: AvatarHash,
}

impl Question for FetchAvatar {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, pubsub_items(ns::AVATAR_DATA, Some(&self.hash.0)))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        picture(child_text(pubsub_item(iq)?, "data", ns::AVATAR_DATA), &self.hash)
    }

    fn otherwise(&self) -> Option<Request> {
        let FetchAvatar { jid, hash } = self.clone();
        Some(Request::FetchVCardAvatar(FetchVCardAvatar { jid, hash }))
    }
}

impl Question for FetchVCardAvatar {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("vCard", ns::VCARD))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let photo = iq.get_child("vCard", ns::VCARD).and_then(|card| card.get_child("PHOTO", ns::VCARD));
        picture(photo.and_then(|photo| child_text(photo, "BINVAL", ns::VCARD)), &self.hash)
    }
}

fn picture(base64: Option<String>, hash: &AvatarHash) -> Result<Answer, RequestError> {
    let avatar = base64.and_then(|base64| picture::decode(&base64, hash));
    avatar.map(Answer::Avatar).ok_or(RequestError::Malformed)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn a_picture_is_looked_for_in_two_places() {
        let (jid, hash) = ("romeo@spark.test".parse().unwrap(), AvatarHash("ab".repeat(20)));
        let avatar = Request::FetchAvatar(FetchAvatar { jid, hash });
        check_stanza(
            avatar.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='romeo@spark.test' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'><item id='abababababababababababababababababababab'/></items></pubsub></iq>"
            ],
        );
        let card = avatar.question().otherwise().unwrap();
        check_answer(&card, "<vCard xmlns='vcard-temp'><PHOTO/></vCard>", expect!["Err(Malformed)"]);
        assert_eq!(card.question().otherwise(), None);
    }
}
