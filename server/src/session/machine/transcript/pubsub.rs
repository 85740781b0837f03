//! Nodes to which people publish, and stanzas as they are.

use expect_test::expect;
use protocol::PubsubItem;

use super::server::asked;
use super::*;
use crate::session::pubsub::PubsubCommand;
use crate::xmpp::{Node, NodeChange, NodeEvent};

impl Script {
    /// Lines of this subject.
    pub(super) fn pubsub_line(&mut self, words: &[&str]) -> Input {
        match words[0] {
            "nodes" => {
                let nodes = words[2..].iter().map(|&node| node.to_owned()).collect();
                self.answer(words, Ok(Answered::Subscriptions(nodes)))
            }
            "node-done" => self.answer(words, Ok(Answered::Done)),
            "stanza" => incoming(Incoming::Stanza("<message/>".to_owned())),
            "node-subscribe" | "node-unsubscribe" => {
                let (reply, mut answer) = oneshot::channel();
                self.awaited
                    .push(Box::new(move || answer.try_recv().ok().map(|result| format!("  {result:?}\n"))));
                let is_over = words[0] == "node-unsubscribe";
                command(PubsubCommand::Subscribe { node: node(words), is_over, reply })
            }
            kind => {
                let change = match kind {
                    "node-deleted" => NodeChange::Deleted,
                    "node-purged" => NodeChange::Purged,
                    _ => NodeChange::Items {
                        published: words[3..].iter().map(|id| item(id)).collect(),
                        retracted: vec!["old".to_owned()],
                    },
                };
                incoming(Incoming::Node(Box::new(NodeEvent { node: node(words), change })))
            }
        }
    }
}

fn node(words: &[&str]) -> Node {
    Node { service: words[1].parse().unwrap(), id: words[2].to_owned() }
}

fn item(id: &str) -> PubsubItem {
    PubsubItem { id: id.to_owned(), publisher: None, json: Some("1".to_owned()), xml: None }
}

#[test]
fn what_is_published_is_told_to_those_who_want_it() {
    check(
        &asked(
            "published pubsub.spark.test news i1
             node-subscribe pubsub.spark.test news
             published pubsub.spark.test news i1
             node-done #1
             published pubsub.spark.test news i1 i2
             published pubsub.spark.test other i1
             published romeo@spark.test news i1
             node-purged pubsub.spark.test news
             node-unsubscribe pubsub.spark.test news
             node-done #2
             published pubsub.spark.test news i1",
        ),
        expect![[r#"
            published pubsub.spark.test news i1
            node-subscribe pubsub.spark.test news
              ask 9 Subscribe { node: Node { service: Jid("pubsub.spark.test, id: "news" }, subscriber: juliet@spark.test, is_over: false }
            published pubsub.spark.test news i1
            node-done 9
              Ok(())
            published pubsub.spark.test news i1 i2
              publish item_published,service:pubsub.spark.test,node:news,item:{id:i1,json:1
              publish item_published,service:pubsub.spark.test,node:news,item:{id:i2,json:1
              publish item_retracted,service:pubsub.spark.test,node:news,id:old
            published pubsub.spark.test other i1
            published romeo@spark.test news i1
            node-purged pubsub.spark.test news
              publish node_emptied,service:pubsub.spark.test,node:news
            node-unsubscribe pubsub.spark.test news
              ask 10 Subscribe { node: Node { service: Jid("pubsub.spark.test, id: "news" }, subscriber: juliet@spark.test, is_over: true }
            node-done 10
              Ok(())
            published pubsub.spark.test news i1
        "#]],
    );
}

#[test]
fn a_node_that_is_no_more_tells_nothing() {
    check(
        &asked(
            "- node-subscribe pubsub.spark.test news
             - node-done #1
             node-deleted pubsub.spark.test news
             published pubsub.spark.test news i1
             node-subscribe pubsub.spark.test gone
             refuse #2 gone
             published pubsub.spark.test gone i1
             suspend
             node-subscribe pubsub.spark.test news",
        ),
        expect![[r#"
            node-deleted pubsub.spark.test news
              publish node_emptied,service:pubsub.spark.test,node:news,deleted:true
            published pubsub.spark.test news i1
            node-subscribe pubsub.spark.test gone
              ask 10 Subscribe { node: Node { service: Jid("pubsub.spark.test, id: "gone" }, subscriber: juliet@spark.test, is_over: false }
            refuse 10 gone
              Err(Request(Refused(ItemNotFound)))
            published pubsub.spark.test gone i1
            suspend
              publish connection_changed,connection:{state:suspended,reason:unreachable
            node-subscribe pubsub.spark.test news
              Err(Offline)
        "#]],
    );
}

#[test]
fn what_the_person_subscribed_to_before_is_asked_for() {
    check(
        &asked(
            "- facts
             - info #1
             - info #2
             - items #3 pubsub.spark.test
             - software #4 Prosody
             info #5 pubsub/service
             nodes #6 news
             published pubsub.spark.test news i1
             published pubsub.spark.test other i1",
        ),
        expect![[r#"
            info 13 pubsub/service
              ask 14 FetchSubscriptions { service: Jid("pubsub.spark.test }
            nodes 14 news
            published pubsub.spark.test news i1
              publish item_published,service:pubsub.spark.test,node:news,item:{id:i1,json:1
              publish item_retracted,service:pubsub.spark.test,node:news,id:old
            published pubsub.spark.test other i1
        "#]],
    );
}

#[test]
fn stanzas_are_told_where_the_connection_tells_them() {
    check(
        &up("stanza"),
        expect![[r#"
        stanza
          publish stanza_received,xml:<message/>
    "#]],
    );
}
