//! Bookmarks of rooms: PEP Native Bookmarks (XEP-0402) with their notification setting (XEP-0492), and the older
//! private storage (XEP-0048) for servers without.
//!
//! What other clients keep in a bookmark is kept: its extensions go back as they came.

use minidom::Element;
use protocol::{BareJid, Bookmark, Notify};

use super::RoomPassword;
use super::element::{Build, child_text, element};
use super::namespaces as ns;
use super::read::address;

/// The most bookmarks that are looked at.
const MAX_BOOKMARKS: usize = 1000;
/// The longest name, nickname or password in characters.
const MAX_CHARS: usize = 1024;

/// A bookmark as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomBookmark {
    /// The room.
    pub jid: BareJid,
    /// What the person calls it.
    pub name: Option<String>,
    /// The nickname that they take there.
    pub nick: Option<String>,
    /// The room's password.
    pub password: Option<RoomPassword>,
    /// They are in it whenever they are signed in.
    pub autojoin: bool,
    /// What is worth a notification.
    pub notify: Option<Notify>,
    /// What other clients keep in it.
    pub extensions: Extensions,
}

/// Elements that only those know who put them in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions(Vec<Element>);

impl RoomBookmark {
    /// As everybody may see it.
    pub fn view(&self) -> Bookmark {
        Bookmark {
            jid: self.jid.clone(),
            name: self.name.clone(),
            nick: self.nick.clone(),
            has_password: self.password.is_some(),
            autojoin: self.autojoin,
            notify: self.notify,
        }
    }

    /// The item's id is the room's address (XEP-0402 section 3).
    pub(super) fn from_item(item: &Element) -> Option<Self> {
        let jid = room(item.attr("id")?)?;
        let conference = item.get_child("conference", ns::BOOKMARKS)?;
        let extensions = conference.get_child("extensions", ns::BOOKMARKS);
        let extensions =
            extensions.map(|all| Extensions(all.children().cloned().collect())).unwrap_or_default();
        Some(RoomBookmark { extensions, ..Self::from_conference(jid, conference, ns::BOOKMARKS) }.noted())
    }

    /// XEP-0048 section 2.1.
    fn from_storage(conference: &Element) -> Option<Self> {
        let jid = room(conference.attr("jid")?)?;
        Some(Self::from_conference(jid, conference, ns::PRIVATE_BOOKMARKS))
    }

    fn from_conference(jid: BareJid, conference: &Element, namespace: &str) -> Self {
        let child = |name| child_text(conference, name, namespace).and_then(|text| bounded(&text));
        RoomBookmark {
            jid,
            name: conference.attr("name").and_then(bounded),
            nick: child("nick"),
            password: child("password").map(RoomPassword),
            autojoin: matches!(conference.attr("autojoin"), Some("true" | "1")),
            notify: None,
            extensions: Extensions::default(),
        }
    }

    /// Takes the notification setting out of the extensions: the one for every device alike (XEP-0492 section 3).
    fn noted(mut self) -> Self {
        let for_all = |setting: &&Element| setting.attr("identity-category").is_none();
        self.notify =
            self.extensions.0.iter().find(|child| child.is("notify", ns::NOTIFY)).and_then(|notify| {
                notify.children().filter(for_all).find_map(|setting| match setting.name() {
                    "always" => Some(Notify::Always),
                    "on-mention" => Some(Notify::OnMention),
                    "never" => Some(Notify::Never),
                    _ => None,
                })
            });
        self
    }

    fn extensions(&self) -> Option<Element> {
        let mut all = element("extensions", ns::BOOKMARKS);
        let is_setting = |child: &&Element| child.is("notify", ns::NOTIFY);
        let mut notify = self.extensions.0.iter().find(is_setting).cloned();
        if notify.is_some() || self.notify.is_some() {
            let mut kept = element("notify", ns::NOTIFY);
            if let Some(setting) = self.notify {
                let name = match setting {
                    Notify::Always => "always",
                    Notify::OnMention => "on-mention",
                    Notify::Never => "never",
                };
                kept.append_child(element(name, ns::NOTIFY));
            }
            // What other kinds of devices are told is theirs.
            for other in notify.iter_mut().flat_map(|notify| notify.children()) {
                if other.attr("identity-category").is_some() {
                    kept.append_child(other.clone());
                }
            }
            if kept.children().next().is_some() {
                all.append_child(kept);
            }
        }
        for child in self.extensions.0.iter().filter(|child| !is_setting(child)) {
            all.append_child(child.clone());
        }
        all.children().next().is_some().then_some(all)
    }

    pub(super) fn item(&self) -> Element {
        let conference = self.conference(ns::BOOKMARKS);
        let conference = match self.extensions() {
            Some(extensions) => conference.child(extensions),
            None => conference,
        };
        element("item", ns::PUBSUB).with("id", self.jid.as_str()).child(conference)
    }

    fn conference(&self, namespace: &str) -> Element {
        let mut conference = element("conference", namespace).with_some("name", self.name.as_deref());
        if self.autojoin {
            conference = conference.with("autojoin", "true");
        }
        if let Some(nick) = &self.nick {
            conference.append_child(element("nick", namespace).content(nick.as_str()));
        }
        if let Some(RoomPassword(password)) = &self.password {
            conference.append_child(element("password", namespace).content(password.as_str()));
        }
        conference
    }
}

/// All that a private storage holds; what else it holds (web pages) is not looked at.
pub(super) fn from_storage(storage: &Element) -> Vec<RoomBookmark> {
    let conferences = storage.children().filter(|child| child.is("conference", ns::PRIVATE_BOOKMARKS));
    conferences.filter_map(RoomBookmark::from_storage).take(MAX_BOOKMARKS).collect()
}

/// All that some items hold.
pub(super) fn from_items<'a>(items: impl Iterator<Item = &'a Element>) -> Vec<RoomBookmark> {
    items.filter_map(RoomBookmark::from_item).take(MAX_BOOKMARKS).collect()
}

/// A private storage that holds these.
pub(super) fn storage(bookmarks: &[RoomBookmark]) -> Element {
    let mut storage = element("storage", ns::PRIVATE_BOOKMARKS);
    for bookmark in bookmarks {
        storage.append_child(bookmark.conference(ns::PRIVATE_BOOKMARKS).with("jid", bookmark.jid.as_str()));
    }
    storage
}

/// A room is somebody's part of a service.
fn room(text: &str) -> Option<BareJid> {
    let jid = address(text)?;
    let bare = jid.bare();
    (jid.resource().is_none() && bare.local().is_some()).then_some(bare)
}

fn bounded(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(MAX_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::read::tests::parse;
    use super::*;

    fn item(xml: &str) -> Option<RoomBookmark> {
        RoomBookmark::from_item(&parse(xml))
    }

    #[test]
    fn bookmarks_are_read_and_written_back_whole() {
        // XEP-0402 example 3, with XEP-0492 example 2 and what somebody else put in.
        let bookmark = item(
            "<item id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' name='The Play' autojoin='1'>\
             <nick>JC</nick><password>x</password><extensions><state xmlns='http://myclient.example/bookmark/state' minimized='true'/>\
             <notify xmlns='urn:xmpp:notification-settings:1'><never identity-category='client' identity-type='pc'/><on-mention/></notify></extensions></conference></item>",
        )
        .unwrap();
        expect![[r#"Bookmark { jid: BareJid("theplay@conference.shakespeare.lit"), name: Some("The Play"), nick: Some("JC"), has_password: true, autojoin: true, notify: Some(OnMention) }"#]].assert_eq(&format!("{:?}", bookmark.view()));
        expect!["<item xmlns='http://jabber.org/protocol/pubsub' id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='The Play'><nick>JC</nick><password>x</password><extensions><notify xmlns='urn:xmpp:notification-settings:1'><on-mention/><never identity-category='client' identity-type='pc'/></notify><state xmlns='http://myclient.example/bookmark/state' minimized='true'/></extensions></conference></item>"].assert_eq(&String::from(&bookmark.item()));
        expect!["<item xmlns='http://jabber.org/protocol/pubsub' id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='The Play'><nick>JC</nick><password>x</password><extensions><notify xmlns='urn:xmpp:notification-settings:1'><never/><never identity-category='client' identity-type='pc'/></notify><state xmlns='http://myclient.example/bookmark/state' minimized='true'/></extensions></conference></item>"].assert_eq(&String::from(
            &RoomBookmark { notify: Some(Notify::Never), ..bookmark.clone() }.item(),
        ));
        expect!["<storage xmlns='storage:bookmarks'><conference autojoin='true' jid='theplay@conference.shakespeare.lit' name='The Play'><nick>JC</nick><password>x</password></conference></storage>"].assert_eq(&String::from(&storage(&[bookmark])));
        let bare = item(
            "<item id='orchard@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1'/></item>",
        );
        expect!["<item xmlns='http://jabber.org/protocol/pubsub' id='orchard@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1'/></item>"].assert_eq(&String::from(&bare.unwrap().item()));
        for none in [
            "<item id='orchard@conference.shakespeare.lit'/>",
            "<item id='conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1'/></item>",
            "<item id='a@b/c'><conference xmlns='urn:xmpp:bookmarks:1'/></item>",
            "<item><conference xmlns='urn:xmpp:bookmarks:1'/></item>",
        ] {
            assert_eq!(item(none), None, "{none}");
        }
    }

    #[test]
    fn private_storage_is_read() {
        // XEP-0048 example 3.
        let all = from_storage(&parse(
            "<storage xmlns='storage:bookmarks'><url name='x' url='http://example.com'/>\
             <conference name='Council of Oberon' autojoin='true' jid='council@conference.underhill.org'><nick>Puck</nick></conference><conference/></storage>",
        ));
        expect![[r#"[Bookmark { jid: BareJid("council@conference.underhill.org"), name: Some("Council of Oberon"), nick: Some("Puck"), has_password: false, autojoin: true, notify: None }]"#]].assert_eq(&format!("{:?}", all.iter().map(RoomBookmark::view).collect::<Vec<_>>()));
    }
}
