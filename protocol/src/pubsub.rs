//! Nodes to which people publish, and what is published there (XEP-0060, XEP-0163, XEP-0335).

use serde::{Deserialize, Serialize};

use crate::Jid;

/// The longest id of a node or an item in bytes of UTF-8.
pub const MAX_PUBSUB_ID_BYTES: usize = 1024;
/// The longest text of JSON or XML that is published, in bytes of UTF-8.
pub const MAX_PUBSUB_ITEM_BYTES: usize = 64 * 1024;

/// `GET /pubsub/{service}/nodes`: the nodes of a service, as far as it lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubNodes {
    /// The nodes.
    pub nodes: Vec<PubsubNode>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubNode {
    /// Its id.
    pub id: String,
    /// Its name for people, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Who may see what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeAccess {
    /// Everybody.
    Open,
    /// Whoever may see the owner's presence.
    Presence,
    /// Whoever is in certain groups of the owner's roster.
    Roster,
    /// Whoever the owner lets in.
    Authorize,
    /// Whoever is on a list; at first the owner alone.
    Whitelist,
}

/// The body of `PUT /pubsub/{service}/nodes/{node}/settings`, and a part of `POST …/nodes`. What is left out stays as it
/// is, or as the service likes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeSettings {
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may see what is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<NodeAccess>,
    /// How many items are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Items are kept for those who come later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
}

/// The body of `POST /pubsub/{service}/nodes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewNode {
    /// Its id; without one the service makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PUBSUB_ID_BYTES)))]
    pub id: Option<String>,
    /// How it is to be.
    #[serde(default)]
    pub settings: NodeSettings,
}

/// The body of `POST /pubsub/{service}/nodes/{node}/items`: either JSON or XML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// Its id: an item of the same id is replaced. Without one the service makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_PUBSUB_ID_BYTES)))]
    pub id: Option<String>,
    /// The text of a JSON value, published in a container (XEP-0335).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PUBSUB_ITEM_BYTES)))]
    pub json: Option<String>,
    /// The text of one XML element with a namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PUBSUB_ITEM_BYTES)))]
    pub xml: Option<String>,
}

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubItem {
    /// Its id, by which the next of the same id replaces it.
    pub id: String,
    /// Who published it, if the service says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Jid>,
    /// The text of a JSON value, if it is one (XEP-0335).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// The text of an XML element, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xml: Option<String>,
}

/// `GET /pubsub/{service}/nodes/{node}/items`: a page of items, as the service orders them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubItems {
    /// The items.
    pub items: Vec<PubsubItem>,
    /// Send this as `after` for the next page; absent where there is none, or the service has no pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What was created or published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubId {
    /// Its id.
    pub id: String,
}

/// `GET /pubsub/{service}/subscriptions`: of which nodes the person is told what is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PubsubSubscriptions {
    /// The ids of the nodes.
    pub nodes: Vec<String>,
}
