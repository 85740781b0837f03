//! What the gateway does, seen from outside: HTTP on one side, a real Prosody on the other.
//!
//! One binary. `app` starts what a test needs and hands out raw statuses, headers and bytes; `http` looks from the side
//! of pages and scripts, `xmpp` from the side of other XMPP clients and servers, `interop` from both sides, on every
//! server, `chaos` at what is left when everything fails at once, `store` at each database, `passkeys` at what a device of
//! another library makes, `push` at what reaches a browser that is closed. `browser/` beside `src/` holds the tests that need a browser, `peers/` the clients of other
//! libraries, `authenticator/` that device.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests, and helpers that only tests call"
)]

mod app;
mod chaos;
mod hostile;
mod http;
mod interop;
mod losses;
mod passkeys;
mod push;
mod store;
mod xmpp;
