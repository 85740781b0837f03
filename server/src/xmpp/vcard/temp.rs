//! vcard-temp (XEP-0054).

use minidom::Element;
use protocol::Profile;

use super::edit::{Property, edit_children};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::picture::Picture;

const fn text(name: &'static str) -> Property {
    Property { name, inside: &[] }
}

const FULL_NAME: Property = text("FN");
const NICKNAME: Property = text("NICKNAME");
const FAMILY: Property = Property { name: "N", inside: &["FAMILY"] };
const GIVEN: Property = Property { name: "N", inside: &["GIVEN"] };
const ORGANISATION: Property = Property { name: "ORG", inside: &["ORGNAME"] };
const TITLE: Property = text("TITLE");
const NOTE: Property = text("DESC");
/// What Prosody makes of a vCard4's note.
const OTHER_NOTE: Property = text("NOTE");
const EMAIL: Property = Property { name: "EMAIL", inside: &["USERID"] };
const PHONE: Property = Property { name: "TEL", inside: &["NUMBER"] };
const URL: Property = text("URL");
const BIRTHDAY: Property = text("BDAY");

pub(super) fn read(card: &Element) -> Profile {
    Profile {
        full_name: FULL_NAME.first(card),
        nickname: NICKNAME.first(card),
        given_name: GIVEN.first(card),
        family_name: FAMILY.first(card),
        organisation: ORGANISATION.first(card),
        title: TITLE.first(card),
        emails: EMAIL.all(card),
        phones: PHONE.all(card),
        urls: URL.all(card),
        birthday: BIRTHDAY.first(card),
        note: note_of(card).first(card),
    }
}

pub(super) fn write(card: &mut Element, profile: &Profile) {
    FULL_NAME.set(card, profile.full_name.as_deref());
    FAMILY.set(card, profile.family_name.as_deref());
    GIVEN.set(card, profile.given_name.as_deref());
    NICKNAME.set(card, profile.nickname.as_deref());
    ORGANISATION.set(card, profile.organisation.as_deref());
    TITLE.set(card, profile.title.as_deref());
    EMAIL.set_all(card, &profile.emails);
    PHONE.set_all(card, &profile.phones);
    URL.set_all(card, &profile.urls);
    BIRTHDAY.set(card, profile.birthday.as_deref());
    note_of(card).set(card, profile.note.as_deref());
}

/// Where the note is, or is to be.
fn note_of(card: &Element) -> Property {
    let is_other = NOTE.first(card).is_none() && OTHER_NOTE.first(card).is_some();
    if is_other { OTHER_NOTE } else { NOTE }
}

pub(super) fn set_photo(card: &mut Element, picture: Option<&Picture>) {
    edit_children(card, |child| !child.is("PHOTO", ns::VCARD));
    if let Some(picture) = picture {
        let photo = element("PHOTO", ns::VCARD)
            .child(element("TYPE", ns::VCARD).content(picture.media_type))
            .child(element("BINVAL", ns::VCARD).content(picture.base64()));
        card.append_child(photo);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::read::tests::parse;
    use super::super::{Card, CardFormat};
    use super::*;

    /// After example 2 of XEP-0054, shortened.
    const PETER: &str = "<vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N><NICKNAME>stpeter</NICKNAME><URL>http://www.xmpp.org/xsf/people/stpeter.shtml</URL><BDAY>1966-08-06</BDAY><ORG><ORGNAME>XMPP Standards Foundation</ORGNAME><ORGUNIT/></ORG><TITLE>Executive Director</TITLE><ROLE>Patron Saint</ROLE><TEL><WORK/><VOICE/><NUMBER>303-308-3282</NUMBER></TEL><TEL><WORK/><FAX/><NUMBER/></TEL><EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL><JABBERID>stpeter@jabber.org</JABBERID><DESC>More information about me is located on my personal website: http://www.saint-andre.com/</DESC></vCard>";

    fn card(xml: &str) -> Card {
        Card::new(CardFormat::Temp, &parse(xml)).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let profile = card(PETER).profile();
        let expected = Profile {
            full_name: Some("Peter Saint-Andre".to_owned()),
            nickname: Some("stpeter".to_owned()),
            given_name: Some("Peter".to_owned()),
            family_name: Some("Saint-Andre".to_owned()),
            organisation: Some("XMPP Standards Foundation".to_owned()),
            title: Some("Executive Director".to_owned()),
            emails: vec!["stpeter@jabber.org".to_owned()],
            phones: vec!["303-308-3282".to_owned()],
            urls: vec!["http://www.xmpp.org/xsf/people/stpeter.shtml".to_owned()],
            birthday: Some("1966-08-06".to_owned()),
            note: Some(
                "More information about me is located on my personal website: http://www.saint-andre.com/"
                    .to_owned(),
            ),
        };
        assert_eq!(profile, expected);
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_was() {
        let peter = card(PETER);
        let profile = Profile {
            organisation: None,
            family_name: None,
            title: Some("Director & more".to_owned()),
            emails: vec!["x@y.example".to_owned(), "stpeter@jabber.org".to_owned()],
            note: None,
            ..peter.profile()
        };
        let changed = peter.with(&profile);
        expect!["<vCard xmlns='vcard-temp'><FN>Peter Saint-Andre</FN><N><GIVEN>Peter</GIVEN><MIDDLE/></N><NICKNAME>stpeter</NICKNAME><URL>http://www.xmpp.org/xsf/people/stpeter.shtml</URL><BDAY>1966-08-06</BDAY><TITLE>Director &amp; more</TITLE><ROLE>Patron Saint</ROLE><TEL><WORK/><VOICE/><NUMBER>303-308-3282</NUMBER></TEL><TEL><WORK/><FAX/><NUMBER/></TEL><EMAIL><USERID>x@y.example</USERID></EMAIL><JABBERID>stpeter@jabber.org</JABBERID><EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL></vCard>"].assert_eq(&String::from(changed.document()));
        assert_eq!(changed.profile(), profile);
    }

    #[test]
    fn a_note_is_where_it_was() {
        let note = |xml: &str, note: Option<&str>| {
            let profile = Profile { note: note.map(str::to_owned), ..Profile::default() };
            let written = card(xml).with(&profile);
            (card(xml).profile().note, String::from(written.document()))
        };
        for (xml, value, read, written) in [
            ("<NOTE>a</NOTE>", Some("b"), Some("a"), "<NOTE>b</NOTE>"),
            ("<NOTE>a</NOTE><DESC>c</DESC>", Some("b"), Some("c"), "<NOTE>a</NOTE><DESC>b</DESC>"),
            ("<NOTE>a</NOTE>", None, Some("a"), ""),
            ("<TITLE/>", Some("b"), None, "<TITLE/><DESC>b</DESC>"),
        ] {
            let (was, is) = note(&format!("<vCard xmlns='vcard-temp'>{xml}</vCard>"), value);
            let written = match written {
                "" => "<vCard xmlns='vcard-temp'/>".to_owned(),
                written => format!("<vCard xmlns='vcard-temp'>{written}</vCard>"),
            };
            assert_eq!((was.as_deref(), is.as_str()), (read, written.as_str()), "{xml}");
        }
    }

    #[test]
    fn a_photo_comes_and_goes() {
        let picture = Picture::new(bytes::Bytes::from_static(b"GIF89a\x01\0\x01\0")).unwrap();
        let with = card(PETER).with_photo(Some(&picture)).with_photo(Some(&picture));
        let xml = String::from(with.document());
        assert!(
            xml.ends_with("<PHOTO><TYPE>image/gif</TYPE><BINVAL>R0lGODlhAQABAA==</BINVAL></PHOTO></vCard>"),
            "{xml}"
        );
        assert_eq!(xml.matches("<PHOTO>").count(), 1);
        // It stays when the profile is changed.
        assert!(String::from(with.clone().with(&Profile::default()).document()).contains("<PHOTO>"));
        assert_eq!(with.with_photo(None), card(PETER));
    }
}
