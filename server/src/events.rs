//! Each person's log of events: positions, replay, and fan-out to any number of readers.
//!
//! It knows how to number, keep and hand out events. It does not know what they mean, who reads them, or how they
//! reach a browser, and it names no sibling module.

mod log;
mod notices;

pub use log::{Frame, Limits, Log, Start, Subscription, SubscriptionEnd};
pub use notices::{Earlier, Entry, MessageNotice, Notice, Notices, NoticesOf, beginning};
