//! The person's own picture (XEP-0084): which it is, and publishing another.

use minidom::Element;
use protocol::{BareJid, Jid};

use super::{Kind, Question, Request, pubsub_item, pubsub_items, pubsub_publish};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::picture::{self, Picture};
use crate::xmpp::{Answer, RequestError, StanzaError};

/// By which hash a picture is to be had now. Answer: `AvatarHash`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchAvatarHash {
    /// Whose.
    pub jid: BareJid,
}

/// The same, by the picture of the vCard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchVCardAvatarHash {
    /// Whose.
    pub jid: BareJid,
}

/// Publishes a picture's bytes, of which nobody hears yet. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishAvatarData {
    /// The picture.
    pub picture: Picture,
}

/// Tells everybody who watches which picture it is now, or that there is none. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishAvatarMetadata {
    /// The picture.
    pub picture: Option<Picture>,
}

impl Question for FetchAvatarHash {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, pubsub_items(ns::AVATAR_METADATA, None))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let metadata = pubsub_item(iq)?.get_child("metadata", ns::AVATAR_METADATA);
        let metadata = metadata.ok_or(RequestError::Malformed)?;
        let infos = metadata.children().filter(|child| child.is("info", ns::AVATAR_METADATA));
        Ok(Answer::AvatarHash(infos.filter_map(|info| info.attr("id")).find_map(picture::hash)))
    }

    fn otherwise(&self) -> Option<Request> {
        Some(Request::FetchVCardAvatarHash(FetchVCardAvatarHash { jid: self.jid.clone() }))
    }
}

impl Question for FetchVCardAvatarHash {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("vCard", ns::VCARD))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let photo = iq.get_child("vCard", ns::VCARD).and_then(|card| card.get_child("PHOTO", ns::VCARD));
        let base64 = photo.and_then(|photo| child_text(photo, "BINVAL", ns::VCARD));
        Ok(Answer::AvatarHash(base64.as_deref().and_then(picture::hash_of_base64)))
    }

    /// Who has no vCard has no picture.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        match error {
            StanzaError::ItemNotFound => Ok(Answer::AvatarHash(None)),
            error => Err(error.into()),
        }
    }
}

impl Question for PublishAvatarData {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let data = element("data", ns::AVATAR_DATA).content(self.picture.base64());
        (Kind::Set, pubsub_publish(ns::AVATAR_DATA, &self.picture.hash.0, data))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for PublishAvatarMetadata {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut metadata = element("metadata", ns::AVATAR_METADATA);
        let Some(picture) = &self.picture else {
            // Without an info there is no picture (section 4.2.1).
            return (Kind::Set, pubsub_publish(ns::AVATAR_METADATA, "none", metadata));
        };
        let (width, height) = picture.size.unzip();
        let info = element("info", ns::AVATAR_METADATA)
            .with("bytes", picture.bytes.len().to_string())
            .with_some("height", height.map(|height| height.to_string()))
            .with("id", picture.hash.0.as_str())
            .with("type", picture.media_type)
            .with_some("width", width.map(|width| width.to_string()));
        metadata.append_child(info);
        (Kind::Set, pubsub_publish(ns::AVATAR_METADATA, &picture.hash.0, metadata))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn picture() -> Picture {
        Picture::new(Bytes::from_static(b"GIF89a\x10\0\x20\0")).unwrap()
    }

    #[test]
    fn a_picture_is_published_in_two_steps() {
        check_stanza(
            Request::PublishAvatarData(PublishAvatarData { picture: picture() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:data'><item id='c7feb2e574fca13fd7ce3a0e34c500313142f394'><data xmlns='urn:xmpp:avatar:data'>R0lGODlhEAAgAA==</data></item></publish></pubsub></iq>"
            ],
        );
        let metadata = |picture| Request::PublishAvatarMetadata(PublishAvatarMetadata { picture });
        check_stanza(
            metadata(Some(picture())),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'><item id='c7feb2e574fca13fd7ce3a0e34c500313142f394'><metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='10' height='32' id='c7feb2e574fca13fd7ce3a0e34c500313142f394' type='image/gif' width='16'/></metadata></item></publish></pubsub></iq>"
            ],
        );
        check_stanza(
            metadata(Some(Picture { size: None, ..picture() })),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'><item id='c7feb2e574fca13fd7ce3a0e34c500313142f394'><metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='10' id='c7feb2e574fca13fd7ce3a0e34c500313142f394' type='image/gif'/></metadata></item></publish></pubsub></iq>"
            ],
        );
        check_stanza(
            metadata(None),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'><item id='none'><metadata xmlns='urn:xmpp:avatar:metadata'/></item></publish></pubsub></iq>"
            ],
        );
    }

    #[test]
    fn which_picture_it_is_is_asked_in_two_places() {
        let fetch = Request::FetchAvatarHash(FetchAvatarHash { jid: "juliet@spark.test".parse().unwrap() });
        let items = |item: &str| {
            format!(
                "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:metadata'>{item}</items></pubsub>"
            )
        };
        let hash = "ab".repeat(20);
        let metadata = |info: &str| {
            items(&format!(
                "<item id='x'><metadata xmlns='urn:xmpp:avatar:metadata'>{info}</metadata></item>"
            ))
        };
        check_answer(
            &fetch,
            &metadata(&format!("<info id='{hash}' bytes='1' type='image/png'/>")),
            expect![[r#"Ok(AvatarHash(Some(AvatarHash("abababababababababababababababababababab"))))"#]],
        );
        check_answer(&fetch, &metadata(""), expect!["Ok(AvatarHash(None))"]);
        check_answer(&fetch, &items(""), expect!["Err(Malformed)"]);
        let card = fetch.question().otherwise().unwrap();
        check_answer(
            &card,
            "<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/gif</TYPE><BINVAL>R0lGODlh\nEAAgAA==</BINVAL></PHOTO></vCard>",
            expect![[r#"Ok(AvatarHash(Some(AvatarHash("c7feb2e574fca13fd7ce3a0e34c500313142f394"))))"#]],
        );
        check_answer(
            &card,
            "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>PHN2Zy8+</BINVAL></PHOTO></vCard>",
            expect!["Ok(AvatarHash(None))"],
        );
        check_answer(&card, "<vCard xmlns='vcard-temp'/>", expect!["Ok(AvatarHash(None))"]);
    }
}
