//! Counts for whoever watches the gateway, in the text format of Prometheus (version 0.0.4).
//!
//! They say how much there is of everything, and never whose it is.

use std::fmt::{Display, Write as _};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

use super::ApiState;
use crate::push::PushCounts;
use crate::session::Counts;

/// What is served at an address of its own.
pub(super) fn router(state: ApiState) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(state)
}

/// `GET /metrics`
async fn metrics(State(state): State<ApiState>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    let mut page = written(&state);
    if let Some(push) = &state.push {
        // A store that fails says so elsewhere.
        write_pushes(&mut page, &push.counts(), push.waiting().await.ok());
    }
    (headers, page.0)
}

fn written(state: &ApiState) -> Page {
    let counts = state.sessions.counts();
    let mut page = Page::default();
    page.gauge("sparkweb_build_info", "The version, as a label.");
    page.sample("sparkweb_build_info", Some(("version", env!("CARGO_PKG_VERSION"))), 1);
    page.one_gauge("sparkweb_sessions", "Sessions, whether they are connected or not.", counts.sessions);
    page.one_gauge("sparkweb_event_streams", "Streams of events that are open.", state.streams.count());
    write_streams(&mut page, &counts);
    write_connects(&mut page, &counts);
    let name = "sparkweb_firewall_replaced_total";
    page.counter(name, "Stanzas that were kept out, by what was wrong with them.");
    page.by_label(name, "offence", &counts.stanzas_replaced);
    page.one_counter(
        "sparkweb_firewall_broken_total",
        "XMPP streams that were given up, since what came on them was beyond mending.",
        counts.streams_broken,
    );
    let name = "sparkweb_forgeries_total";
    page.counter(
        name,
        "Stanzas that were passed over since whoever said them had no right to, by what they claimed to be.",
    );
    page.by_label(name, "kind", &counts.forgeries);
    page
}

fn write_streams(page: &mut Page, counts: &Counts) {
    page.one_gauge("sparkweb_xmpp_streams", "XMPP streams that are up.", counts.streams);
    let name = "sparkweb_xmpp_streams_opened_total";
    page.counter(name, "XMPP streams that came up, as new ones or resumed.");
    page.by_label(name, "kind", &[("new", counts.streams_new), ("resumed", counts.streams_resumed)]);
    let name = "sparkweb_xmpp_streams_lost_total";
    page.counter(name, "XMPP streams that broke, by why.");
    page.by_label(name, "reason", &counts.streams_lost);
}

fn write_pushes(page: &mut Page, counts: &PushCounts, waiting: Option<i64>) {
    let name = "sparkweb_pushes_total";
    page.counter(name, "Pushes that were tried, by what came of it.");
    page.by_label(name, "outcome", &counts.outcomes);
    page.one_counter(
        "sparkweb_push_devices_gone_total",
        "Devices that were removed since their push service knows them no more.",
        counts.devices_gone,
    );
    if let Some(waiting) = waiting {
        page.one_gauge("sparkweb_pushes_waiting", "Pushes that wait to be sent.", waiting);
    }
}

fn write_connects(page: &mut Page, counts: &Counts) {
    page.one_gauge(
        "sparkweb_xmpp_connects_waiting",
        "Connections to the XMPP server that wait until the budget lets them begin.",
        counts.connects_waiting,
    );
    page.one_counter(
        "sparkweb_xmpp_connects_total",
        "Connections to the XMPP server that the budget let begin.",
        counts.connects,
    );
    page.one_counter(
        "sparkweb_xmpp_connect_waits_total",
        "Those of them that had to wait for it.",
        counts.connects_waited,
    );
    page.one_counter(
        "sparkweb_xmpp_connect_wait_seconds_total",
        "How long they waited, in all.",
        Seconds { ms: counts.connects_waited_ms },
    );
}

struct Seconds {
    ms: u64,
}

impl Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.ms / 1000, self.ms % 1000)
    }
}

/// What was written so far. Names, help and labels are of our own making: nothing in them has to be escaped.
#[derive(Default)]
struct Page(String);

impl Page {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str) {
        self.begin(name, "gauge", help);
    }

    fn counter(&mut self, name: &str, help: &str) {
        self.begin(name, "counter", help);
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl Display) {
        let label = label.map(|(key, value)| format!("{{{key}=\"{value}\"}}")).unwrap_or_default();
        let _ = writeln!(self.0, "{name}{label} {value}");
    }

    fn by_label(&mut self, name: &str, label: &str, values: &[(&str, u64)]) {
        for (value, count) in values {
            self.sample(name, Some((label, value)), count);
        }
    }

    fn one_gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.gauge(name, help);
        self.sample(name, None, value);
    }

    fn one_counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.counter(name, help);
        self.sample(name, None, value);
    }
}
