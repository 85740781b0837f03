//! From the side of pages and scripts: statuses, headers and bytes as they come.

mod chat;
mod bodies;
mod compat;
mod events;
mod logs;
mod messages;
mod problems;
mod sessions;
mod sign_ins;
mod tokens;
mod xmpp_away;
