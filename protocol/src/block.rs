//! Whom the person has blocked (XEP-0191).

use serde::{Deserialize, Serialize};

use crate::Jid;

/// `GET /blocks`: nothing that these say reaches the person, and nothing that the person says reaches them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Blocks {
    /// Addresses: of somebody, of a whole domain, or of one device. Sorted.
    pub blocks: Vec<Jid>,
}
