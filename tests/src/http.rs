//! From the side of pages and scripts: statuses, headers and bytes as they come.

mod bodies;
mod chat;
mod compat;
mod contacts;
mod contract;
mod doctor;
mod endings;
mod events;
mod hostile_input;
mod logs;
mod messages;
mod metrics;
mod openapi;
mod outage;
mod private_nodes;
mod problems;
mod profile;
mod pubsub;
mod rooms;
mod server;
mod services;
mod sessions;
mod sign_ins;
mod tokens;
mod uploads;
mod xmpp_away;
