//! vCard4 over XMPP (XEP-0292; the properties are RFC 6350's, the XML is RFC 6351's).

use minidom::Element;
use protocol::Profile;

use super::edit::Property;

const fn text(name: &'static str) -> Property {
    Property { name, inside: &["text"] }
}

const FULL_NAME: Property = text("fn");
const NICKNAME: Property = text("nickname");
const FAMILY: Property = Property { name: "n", inside: &["surname"] };
const GIVEN: Property = Property { name: "n", inside: &["given"] };
const ORGANISATION: Property = text("org");
const TITLE: Property = text("title");
const NOTE: Property = text("note");
const EMAIL: Property = text("email");
const PHONE: Property = Property { name: "tel", inside: &["uri", "text"] };
const URL: Property = Property { name: "url", inside: &["uri", "text"] };
const BIRTHDAY: Property = Property { name: "bday", inside: &["date", "date-time", "text"] };

/// What a number is called as an address (RFC 3966).
const TEL: &str = "tel:";

pub(super) fn read(card: &Element) -> Profile {
    let number = |phone: String| phone.strip_prefix(TEL).map(str::to_owned).unwrap_or(phone);
    Profile {
        full_name: FULL_NAME.first(card),
        nickname: NICKNAME.first(card),
        given_name: GIVEN.first(card),
        family_name: FAMILY.first(card),
        organisation: ORGANISATION.first(card),
        title: TITLE.first(card),
        emails: EMAIL.all(card),
        phones: PHONE.all(card).into_iter().map(number).collect(),
        urls: URL.all(card),
        birthday: BIRTHDAY.first(card),
        note: NOTE.first(card),
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
    // A number that is there stays written as it is.
    let there = PHONE.all(card);
    let written = |phone: &String| {
        let uri = [TEL, phone].concat();
        if there.contains(&uri) || !there.contains(phone) { uri } else { phone.clone() }
    };
    PHONE.set_all(card, &profile.phones.iter().map(written).collect::<Vec<_>>());
    URL.set_all(card, &profile.urls);
    BIRTHDAY.set(card, profile.birthday.as_deref());
    NOTE.set(card, profile.note.as_deref());
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::read::tests::parse;
    use super::super::{Card, CardFormat};
    use super::*;

    /// After example 1 of XEP-0292, shortened.
    const PETER: &str = "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Peter Saint-Andre</text></fn><n><surname>Saint-Andre</surname><given>Peter</given><additional></additional></n><nickname><text>stpeter</text></nickname><nickname><text>psa</text></nickname><photo><uri>https://stpeter.im/images/stpeter_oscon.jpg</uri></photo><bday><date>1966-08-06</date></bday><org><parameters><type><text>work</text></type></parameters><text>Cisco</text></org><title><text>Technical Leader</text></title><tel><parameters><type><text>work</text><text>voice</text></type></parameters><uri>tel:+1-303-308-3282</uri></tel><email><parameters><type><text>work</text></type></parameters><text>psaintan@cisco.com</text></email><url><uri>https://stpeter.im/</uri></url><tz><text>America/Denver</text></tz></vcard>";

    fn card(xml: &str) -> Card {
        Card::new(CardFormat::V4, &parse(xml)).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        expect![[r#"
            Profile {
                full_name: Some(
                    "Peter Saint-Andre",
                ),
                nickname: Some(
                    "stpeter",
                ),
                given_name: Some(
                    "Peter",
                ),
                family_name: Some(
                    "Saint-Andre",
                ),
                organisation: Some(
                    "Cisco",
                ),
                title: Some(
                    "Technical Leader",
                ),
                emails: [
                    "psaintan@cisco.com",
                ],
                phones: [
                    "+1-303-308-3282",
                ],
                urls: [
                    "https://stpeter.im/",
                ],
                birthday: Some(
                    "1966-08-06",
                ),
                note: None,
            }
        "#]]
        .assert_debug_eq(&card(PETER).profile());
    }

    #[test]
    fn what_is_written_back_is_what_was_read() {
        let peter = card(PETER);
        assert_eq!(peter.clone().with(&peter.profile()), peter);
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_was() {
        let peter = card(PETER);
        let profile = Profile {
            organisation: Some("XSF <&>".to_owned()),
            given_name: None,
            phones: vec!["+1-303-308-3282".to_owned(), "112".to_owned()],
            emails: vec![],
            birthday: None,
            note: Some("Hi".to_owned()),
            ..peter.profile()
        };
        let changed = peter.with(&profile);
        expect!["<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Peter Saint-Andre</text></fn><n><surname>Saint-Andre</surname><additional/></n><nickname><text>stpeter</text></nickname><nickname><text>psa</text></nickname><photo><uri>https://stpeter.im/images/stpeter_oscon.jpg</uri></photo><org><parameters><type><text>work</text></type></parameters><text>XSF &lt;&amp;&gt;</text></org><title><text>Technical Leader</text></title><tel><parameters><type><text>work</text><text>voice</text></type></parameters><uri>tel:+1-303-308-3282</uri></tel><url><uri>https://stpeter.im/</uri></url><tz><text>America/Denver</text></tz><tel><uri>tel:112</uri></tel><note><text>Hi</text></note></vcard>"]
            .assert_eq(&String::from(changed.document()));
        assert_eq!(changed.profile(), profile);
    }

    #[test]
    fn an_empty_card_takes_a_whole_profile() {
        let profile = card(PETER).profile();
        let fresh = Card::empty(CardFormat::V4).with(&profile);
        assert_eq!(fresh.profile(), profile);
        assert_eq!(fresh.with(&Profile::default()), Card::empty(CardFormat::V4));
        assert_eq!(Card::new(CardFormat::V4, &parse("<vCard xmlns='vcard-temp'/>")), None);
    }
}
