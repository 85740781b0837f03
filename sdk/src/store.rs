//! What outlives the page: the sign-in, drafts, messages that wait to be sent, and the last view.
//!
//! It knows where each is kept. It does not know what any of it is used for.

mod drafts;
mod outbox;
mod sign_in;
mod view;

pub(crate) use drafts::Drafts;
pub(crate) use outbox::{Outbox, Unsent};
pub(crate) use sign_in::{Kept, SignIns};
pub(crate) use view::View;
