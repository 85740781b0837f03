//! What can be asked of a session about nodes to which people publish.

use protocol::{
    BareJid, Jid, NewItem, NewNode, NodeSettings, PubsubId, PubsubItems, PubsubNode, PubsubNodes,
    PubsubSubscriptions,
};

use super::Session;
use super::command::{Command, Reply, SessionError};
use super::services::answer;
use crate::xmpp::{
    Answer, ConfigureNode, CreateNode, DeleteNode, DiscoverItems, FetchItems, FetchSubscribers,
    FetchSubscriptions, Markup, Node, Payload, PublishItem, Request, RequestError, RetractItem,
    normalise_jid,
};

/// Something about nodes that the session remembers.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the method of Session by its name, with that method's arguments")]
pub enum PubsubCommand {
    Subscribe { node: Node, is_over: bool, reply: Reply<Result<(), SessionError>> },
}

impl From<PubsubCommand> for Command {
    fn from(command: PubsubCommand) -> Self {
        Command::Pubsub(command)
    }
}

impl Session {
    /// A node of a service.
    ///
    /// # Errors
    /// [`SessionError::Address`].
    pub fn node(&self, service: &Jid, id: &str) -> Result<Node, SessionError> {
        Ok(Node { service: normalise_jid(service)?, id: id.to_owned() })
    }

    /// The service for publishing that the server names first.
    ///
    /// # Errors
    /// As [`Session::server`], and [`SessionError::NoSuchService`].
    pub async fn pubsub_service(&self) -> Result<Jid, SessionError> {
        let services = self.server().await?.services.into_iter();
        let mut services =
            services.filter(|service| service.kinds.iter().any(|kind| kind == "pubsub/service"));
        services.next().map(|service| service.jid).ok_or(SessionError::NoSuchService)
    }

    /// The nodes that a service lists.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn nodes(&self, service: &Jid) -> Result<PubsubNodes, SessionError> {
        let jid = normalise_jid(service)?;
        let items = answer!(self, Request::DiscoverItems(DiscoverItems { jid, node: None }), Answer::Items)?;
        let nodes = items.into_iter().filter_map(|item| Some(PubsubNode { id: item.node?, name: item.name }));
        Ok(PubsubNodes { nodes: nodes.collect() })
    }

    /// Makes a node.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn create_node(&self, service: &Jid, node: NewNode) -> Result<PubsubId, SessionError> {
        let NewNode { id, settings } = node;
        let question = CreateNode { service: normalise_jid(service)?, id, settings };
        answer!(self, Request::CreateNode(question), Answer::Id).map(|id| PubsubId { id })
    }

    /// Changes how a node is.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn configure_node(&self, node: Node, settings: NodeSettings) -> Result<(), SessionError> {
        self.question(Request::ConfigureNode(ConfigureNode { node, settings })).await.map(|_| ())
    }

    /// Deletes a node.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn delete_node(&self, node: Node) -> Result<(), SessionError> {
        self.question(Request::DeleteNode(DeleteNode { node })).await.map(|_| ())
    }

    /// Publishes something. The text of JSON is to be checked already.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::Markup`].
    pub async fn publish(&self, node: Node, item: NewItem) -> Result<PubsubId, SessionError> {
        let NewItem { id, json, xml } = item;
        let payload = match (json, xml) {
            (Some(json), _) => Payload::Json(json),
            (None, xml) => Payload::Xml(Markup::parse(&xml.unwrap_or_default())?),
        };
        let question = PublishItem { node, id, payload };
        answer!(self, Request::PublishItem(question), Answer::Id).map(|id| PubsubId { id })
    }

    /// Takes something back that was published.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn retract_item(&self, node: Node, id: String) -> Result<(), SessionError> {
        self.question(Request::RetractItem(RetractItem { node, id })).await.map(|_| ())
    }

    /// A page of what was published.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn items(
        &self,
        node: Node,
        max: u16,
        after: Option<String>,
    ) -> Result<PubsubItems, SessionError> {
        answer!(self, Request::FetchItems(FetchItems { node, max, after }), Answer::PublishedItems)
    }

    /// Has the person told of what is published, or no more.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::TooMany`].
    pub async fn subscribe_to_node(&self, node: Node, is_over: bool) -> Result<(), SessionError> {
        self.ask(|reply| PubsubCommand::Subscribe { node, is_over, reply }).await?
    }

    /// Who is told of what is published to a node: for its owner to know.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn subscribers(&self, node: Node) -> Result<Vec<BareJid>, SessionError> {
        answer!(self, Request::FetchSubscribers(FetchSubscribers { node }), Answer::Subscribers)
    }

    /// Of which nodes of a service the person is told.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn subscriptions(&self, service: &Jid) -> Result<PubsubSubscriptions, SessionError> {
        let question = FetchSubscriptions { service: normalise_jid(service)? };
        let nodes = answer!(self, Request::FetchSubscriptions(question), Answer::Subscriptions)?;
        Ok(PubsubSubscriptions { nodes })
    }
}
