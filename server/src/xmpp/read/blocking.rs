//! Whom the person has blocked (XEP-0191): lists, and what other clients of theirs change.

use minidom::Element;
use protocol::Jid;

use super::{Owner, address};
use crate::xmpp::BlockChange;
use crate::xmpp::namespaces as ns;

/// The most addresses of one list.
const MAX_ITEMS: usize = 10_000;

/// The addresses of a list, each once, in the order in which they came.
pub(in crate::xmpp) fn block_items(list: &Element) -> Vec<Jid> {
    let mut seen = std::collections::HashSet::new();
    list.children()
        .filter(|item| item.is("item", ns::BLOCKING))
        .filter_map(|item| address(item.attr("jid")?))
        .filter(|jid| seen.insert(jid.clone()))
        .take(MAX_ITEMS)
        .collect()
}

/// What another client of the person's changed, from an iq of type set. `None` from anybody but the account, and for
/// what makes no sense: a block of nobody, or a lifting of what are no addresses, which must not pass for one of all.
pub(in crate::xmpp) fn block_push(iq: &Element, owner: &Owner) -> Option<BlockChange> {
    if !owner.is_own_account(iq.attr("from")) {
        return None;
    }
    if let Some(block) = iq.get_child("block", ns::BLOCKING) {
        let jids = block_items(block);
        return (!jids.is_empty()).then_some(BlockChange::Blocked(jids));
    }
    let unblock = iq.get_child("unblock", ns::BLOCKING)?;
    if unblock.children().next().is_none() {
        return Some(BlockChange::AllUnblocked);
    }
    let jids = block_items(unblock);
    (!jids.is_empty()).then_some(BlockChange::Unblocked(jids))
}

/// It claims to be such a change, whoever it is from.
pub(in crate::xmpp) fn is_block_push(iq: &Element) -> bool {
    iq.has_child("block", ns::BLOCKING) || iq.has_child("unblock", ns::BLOCKING)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{juliet, parse};
    use super::*;

    #[test]
    fn changes_count_from_the_account_alone() {
        let push = |from: &str, payload: &str| {
            let iq = parse(&format!("<iq type='set' id='push1' {from}>{payload}</iq>"));
            assert!(is_block_push(&iq));
            block_push(&iq, &juliet())
        };
        // XEP-0191 examples 6, 9 and 13.
        let block = "<block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></block>";
        let unblock = "<unblock xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></unblock>";
        let all = "<unblock xmlns='urn:xmpp:blocking'/>";
        let romeo: Vec<Jid> = vec!["romeo@montague.net".parse().unwrap()];
        for from in ["", "from='juliet@spark.test'"] {
            assert_eq!(push(from, block), Some(BlockChange::Blocked(romeo.clone())));
            assert_eq!(push(from, unblock), Some(BlockChange::Unblocked(romeo.clone())));
            assert_eq!(push(from, all), Some(BlockChange::AllUnblocked));
        }
        for from in ["juliet@spark.test/x", "romeo@montague.net", "spark.test"] {
            for payload in [block, unblock, all] {
                assert_eq!(push(&format!("from='{from}'"), payload), None, "{from} {payload}");
            }
        }
        for nonsense in [
            "<block xmlns='urn:xmpp:blocking'/>",
            "<block xmlns='urn:xmpp:blocking'><item jid='@'/></block>",
            "<unblock xmlns='urn:xmpp:blocking'><item/></unblock>",
        ] {
            assert_eq!(push("", nonsense), None, "{nonsense}");
        }
    }
}
