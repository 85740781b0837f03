//! What outlives the page: the sign-in, drafts, and messages that wait to be sent.
//!
//! It knows where each is kept. It does not know what any of it is used for.

mod drafts;
mod outbox;
mod sign_in;

pub(crate) use drafts::Drafts;
pub(crate) use outbox::{Outbox, Unsent};
pub(crate) use sign_in::{Kept, SignIns};
