//! SparkWeb's client in Rust: what the custom elements and the JavaScript SDK are built on.
//!
//! A page has one [`Client`] per gateway, however many parts of it want one. The client keeps a [`Model`] of the
//! session: a snapshot, then every event in order, then what the person writes here. Whoever shows something reads
//! the model and [subscribes](Client::subscribe) to what changes; nobody else fetches or parses anything.
//!
//! ```no_run
//! # async fn page() -> Result<(), sdk::Error> {
//! let client = sdk::Client::for_gateway("https://chat.example.com");
//! client.start();
//! if client.sign_in("juliet", "secret", true).await? == sdk::Step::Pending {
//!     // `client.pending()` says what else is asked for.
//!     let _ = client.prove(sdk::protocol::ProofKind::Totp, "123456").await?;
//! }
//! let romeo: sdk::protocol::ConversationId = "romeo@example.com".parse().expect("an address");
//! let chat = client.conversation(&romeo);
//! chat.open();
//! chat.send("Wherefore art thou?")?;
//! let subscription = client.subscribe(|change| { /* draw what changed */ });
//! # drop(subscription); Ok(())
//! # }
//! ```
//!
//! The crate exports nothing to JavaScript: `sdk-wasm` does. It compiles for every target, so that its pure parts
//! ([`Model`], the event stream's parser) are tested on the host; whatever touches the browser is in `browser`, works
//! in a browser alone, and panics elsewhere.
//!
//! All tabs of a browser together hold one event stream and one sign-in, and send what waits to be sent once.

mod avatars;
mod backoff;
mod browser;
mod client;
mod error;
mod events;
mod extras;
mod http;
#[doc(hidden)]
pub mod json;
mod map;
mod model;
mod pending;
mod sse;
mod status;
mod store;
pub mod styling;
mod tabs;
mod typing;

pub use protocol;
/// A picture as the browser holds it.
pub use web_sys::Blob;

pub use client::{Client, ConversationHandle, Subscription};
pub use error::{Code, Error};
pub use extras::Extras;
pub use map::Map;
pub use model::{Applied, Change, Entry, Loading, Model, Progress, Timeline};
pub use pending::{Pending, Step};
pub use status::Status;
