//! What a person may do, whatever their token says.

use serde::{Deserialize, Serialize};

use crate::{BareJid, Scope};

/// `PUT /entitlements/{jid}`: over what the gateway's settings say of the person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetEntitlements {
    /// What they may do besides.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 10)))]
    pub allow: Vec<Scope>,
    /// What they may not do all the same.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 10)))]
    pub deny: Vec<Scope>,
}

/// `GET /entitlements/{jid}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entitlements {
    /// Whose.
    pub jid: BareJid,
    /// What administrators let them do besides what the settings say.
    pub allow: Vec<Scope>,
    /// What administrators do not let them do.
    pub deny: Vec<Scope>,
    /// What comes of it and of the settings: nothing else is done by any token of theirs.
    pub scopes: Vec<Scope>,
}
