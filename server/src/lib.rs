//! The gateway.
//!
//! Each person has one session with their XMPP server, held here; any number of pages, tabs and scripts act through
//! it. The modules, and which may name which, are in `ARCHITECTURE.md`; `cargo xtask tidy` keeps the directions.

pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod download;
pub mod events;
pub mod fetch;
pub mod keyring;
pub mod network;
pub mod places;
pub mod preview;
pub mod push;
pub mod session;
pub mod store;
pub mod task;
#[cfg(test)]
mod trial_tls;
pub mod turns;
pub mod upkeep;
pub mod upload;
pub mod xmpp;
