//! From the side of other XMPP clients and servers: the connection against a peer that follows a script, and against a
//! real Prosody.
//!
//! The peer speaks bytes, and knows nothing of the server's types; `scene` puts it face to face with a connection, and
//! runs scripts in which a line is a word and its arguments.

mod client;
mod clock;
pub(crate) mod pattern;
mod peer;
mod scene;
mod scram;
mod tls;

mod budget;
mod coming_back;
mod endings;
mod forgeries;
mod liveness;
mod management;
mod negotiation;
mod prosody;
mod questions;
mod sign_in;
mod silence;
mod tokens;

pub(crate) use peer::{Line, Peer, Piece};
pub(crate) use tls::{Certificate, make};
