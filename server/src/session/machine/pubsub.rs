//! Nodes to which the person is subscribed: what is published there is told, and nothing else is.
//!
//! Anybody may send what looks like an event of a node. It counts only from the service to which the person subscribed,
//! and only for the node.

use std::collections::BTreeSet;

use protocol::{Event, Jid};

use super::{Addressed, Answer, Answering, Asked, Effect, Machine};
use crate::session::command::{Reply, SessionError};
use crate::session::pubsub::PubsubCommand;
use crate::xmpp::{Answer as Answered, FetchSubscriptions, Node, NodeChange, NodeEvent, Request, Subscribe};

/// The most nodes of one person.
const MAX_NODES: usize = 500;

/// Nodes to which the person is subscribed.
#[derive(Debug, Default)]
pub(super) struct Nodes(BTreeSet<Node>);

/// What a question about nodes was for.
#[derive(Debug)]
pub(super) enum AskedOfNodes {
    /// Which ones there are, at a service.
    Subscriptions(Jid),
    /// One more, or one less.
    Subscribe { node: Node, is_over: bool, reply: Reply<Result<(), SessionError>> },
}

impl Machine {
    pub(super) fn pubsub_command(&mut self, command: PubsubCommand) {
        let PubsubCommand::Subscribe { node, is_over, reply } = command;
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        if !is_over && self.nodes.0.len() >= MAX_NODES {
            return self.answer(reply, Err(SessionError::TooMany { what: "nodes", max: MAX_NODES }));
        }
        let question = Subscribe { node: node.clone(), subscriber: self.jid.clone(), is_over };
        let asked = AskedOfNodes::Subscribe { node, is_over, reply };
        self.ask(Request::Subscribe(question), Asked::OfNodes(asked));
    }

    /// A service was found: which of its nodes does the person want to hear of?
    pub(super) fn ask_for_subscriptions(&mut self, service: Jid) {
        let question = FetchSubscriptions { service: service.clone() };
        let asked = AskedOfNodes::Subscriptions(service);
        self.ask(Request::FetchSubscriptions(question), Asked::OfNodes(asked));
    }

    pub(super) fn answered_of_nodes(&mut self, asked: AskedOfNodes, result: Answering) {
        match asked {
            AskedOfNodes::Subscriptions(service) => {
                let Ok(Answered::Subscriptions(nodes)) = result else { return };
                self.nodes.0.retain(|node| node.service != service);
                let room = MAX_NODES.saturating_sub(self.nodes.0.len());
                let nodes = nodes.into_iter().take(room);
                self.nodes.0.extend(nodes.map(|id| Node { service: service.clone(), id }));
            }
            AskedOfNodes::Subscribe { node, is_over, reply } => {
                let result = result.map(|_| ()).map_err(SessionError::Request);
                if result.is_ok() {
                    if is_over {
                        self.nodes.0.remove(&node);
                    } else {
                        self.nodes.0.insert(node);
                    }
                }
                self.effects.push(Effect::Answer(Answer::Whole(Box::new(Addressed(reply, result)))));
            }
        }
    }

    /// A service tells of a node.
    pub(super) fn node_changed(&mut self, event: NodeEvent) {
        let NodeEvent { node, change } = event;
        if !self.nodes.0.contains(&node) {
            return;
        }
        let Node { service, id } = node.clone();
        match change {
            NodeChange::Items { published, retracted } => {
                for item in published {
                    self.publish(Event::ItemPublished { service: service.clone(), node: id.clone(), item });
                }
                for item in retracted {
                    let (service, node) = (service.clone(), id.clone());
                    self.publish(Event::ItemRetracted { service, node, id: item });
                }
            }
            NodeChange::Purged => self.publish(Event::NodeEmptied { service, node: id, deleted: false }),
            NodeChange::Deleted => {
                self.nodes.0.remove(&node);
                self.publish(Event::NodeEmptied { service, node: id, deleted: true });
            }
        }
    }
}
