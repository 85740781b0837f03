//! Rosters and their items (RFC 6121 section 2).

use minidom::Element;
use protocol::Subscription;

use super::payload::shorten;
use super::{Owner, address};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{RosterItem, RosterVersion};

/// The most groups of one item.
const MAX_GROUPS: usize = protocol::MAX_CONTACT_GROUPS;
/// The longest version in bytes: what is longer is no version, and the roster is fetched whole.
const MAX_VERSION_BYTES: usize = 1024;

/// The whole roster, from the answer to the question for it.
pub(in crate::xmpp) fn roster(query: &Element) -> (Vec<RosterItem>, Option<RosterVersion>) {
    // An item that was removed has no place in a whole roster.
    let items = query.children().filter_map(item).filter(|item| item.subscription.is_some());
    (items.collect(), version(query))
}

/// A change of one item, from an iq of type set (RFC 6121 section 2.1.6). `None` from anybody but the account.
pub(in crate::xmpp) fn push(iq: &Element, owner: &Owner) -> Option<(RosterItem, Option<RosterVersion>)> {
    if !owner.is_own_account(iq.attr("from")) {
        return None;
    }
    let query = iq.get_child("query", ns::ROSTER)?;
    let mut items = query.children();
    let item = item(items.next()?)?;
    // A push has exactly one item.
    if items.next().is_some() { None } else { Some((item, version(query))) }
}

fn version(query: &Element) -> Option<RosterVersion> {
    let version = query.attr("ver").filter(|version| version.len() <= MAX_VERSION_BYTES)?;
    Some(RosterVersion(version.to_owned()))
}

fn item(item: &Element) -> Option<RosterItem> {
    if !item.is("item", ns::ROSTER) {
        return None;
    }
    let jid = address(item.attr("jid")?)?.bare();
    let subscription = match item.attr("subscription") {
        Some("remove") => None,
        Some("to") => Some(Subscription::To),
        Some("from") => Some(Subscription::From),
        Some("both") => Some(Subscription::Both),
        _ => Some(Subscription::None),
    };
    let name = item.attr("name").map(str::trim).filter(|name| !name.is_empty()).map(shorten);
    let mut groups = Vec::new();
    for group in item.children().filter(|child| child.is("group", ns::ROSTER)) {
        let group = shorten(&group.text());
        if !group.is_empty() && !groups.contains(&group) && groups.len() < MAX_GROUPS {
            groups.push(group);
        }
    }
    let pending = item.attr("ask") == Some("subscribe");
    let pre_approved = matches!(item.attr("approved"), Some("true" | "1"));
    Some(RosterItem { jid, name, groups, subscription, pending, pre_approved })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::tests::{juliet, parse};
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(xml: &str, expected: Expect) {
        let (items, version) =
            roster(&parse(&format!("<query xmlns='jabber:iq:roster' ver='v7'>{xml}</query>")));
        assert_eq!(version, Some(RosterVersion("v7".to_owned())));
        let lines: Vec<String> = items.iter().map(|item| format!("{item:?}\n")).collect();
        expected.assert_eq(&lines.concat());
    }

    #[test]
    fn items() {
        check(
            "<item jid='Romeo@spark.test' name=' Romeo ' subscription='both'><group>Friends</group><group>Friends</group><group/></item>\
             <item jid='nurse@spark.test' ask='subscribe'/><item jid='mercutio@spark.test' approved='true'/><item jid='@@'/><item jid='gone@spark.test' subscription='remove'/><x/>",
            expect![[r#"
                RosterItem { jid: BareJid("romeo@spark.test"), name: Some("Romeo"), groups: ["Friends"], subscription: Some(Both), pending: false, pre_approved: false }
                RosterItem { jid: BareJid("nurse@spark.test"), name: None, groups: [], subscription: Some(None), pending: true, pre_approved: false }
                RosterItem { jid: BareJid("mercutio@spark.test"), name: None, groups: [], subscription: Some(None), pending: false, pre_approved: true }
            "#]],
        );
    }

    #[test]
    fn pushes_count_from_the_account_alone() {
        let push_from = |from: &str| {
            let xml = format!(
                "<iq type='set' id='1' {from}><query xmlns='jabber:iq:roster'><item jid='x@y' subscription='remove'/></query></iq>"
            );
            push(&parse(&xml), &juliet()).is_some()
        };
        assert!(push_from(""));
        assert!(push_from("from='juliet@spark.test'"));
        for from in ["juliet@spark.test/x", "romeo@spark.test", "spark.test"] {
            assert!(!push_from(&format!("from='{from}'")), "{from}");
        }
    }
}
