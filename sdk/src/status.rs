//! How a client stands with its gateway.

use protocol::{EndReason, TimestampMs};

/// How a client stands with its gateway. How the session stands with the XMPP server is another matter:
/// [`protocol::Account::connection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody has called [`crate::Client::start`] yet, or the kept sign-in is being looked at.
    Restoring,
    /// Nobody is signed in.
    SignedOut {
        /// Why somebody no longer is; `None` if nobody was. `Unknown` stands for a sign-in that the gateway no
        /// longer knows: expired, revoked, or of before its restart.
        reason: Option<EndReason>,
    },
    /// What was shown is being checked.
    SigningIn,
    /// More is asked for than was shown: [`crate::Client::pending`] says what.
    Pending,
    /// Somebody is signed in who may do nothing but set up a second factor, since the gateway asks everybody for one.
    /// Once they have, [`crate::Client::go_on`] does.
    MustSetUp,
    /// Somebody is signed in; the first snapshot is on its way. The model shows what was when a page was last there, if that
    /// is kept.
    Loading,
    /// The model shows what is.
    Live,
    /// The gateway can't be reached. The model shows what was; what is written waits.
    Reconnecting {
        /// Since when.
        since_ms: TimestampMs,
        /// When the next try is due, at the latest; `None` while one is under way.
        next_try_ms: Option<TimestampMs>,
    },
}

impl Status {
    /// Somebody is signed in, however the network is.
    pub fn is_signed_in(&self) -> bool {
        matches!(self, Status::MustSetUp | Status::Loading | Status::Live | Status::Reconnecting { .. })
    }
}
