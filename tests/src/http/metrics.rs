//! Counts for whoever watches the gateway: at an address of their own, or nowhere.

use expect_test::expect;
use reqwest::Method;

use crate::app::{Answer, Raw, TestApp};

#[tokio::test]
async fn what_there_is_and_what_was_kept_out_is_counted() {
    let app =
        TestApp::start_with(|config| config.metrics.listen = Some("127.0.0.1:0".parse().unwrap())).await;
    let mut events = app.sign_in("juliet").await.events_online().await;
    let mut romeo = Raw::sign_in(app.prosody().direct_tls_port(), &app.prosody().ca_file(), "romeo").await;
    let deep = format!("<a xmlns='urn:a'>{}{}</a>", "<a>".repeat(200), "</a>".repeat(200));
    let copy = "<sent xmlns='urn:xmpp:carbons:2'/>";
    for content in [&*deep, copy, "<body>hi</body>"] {
        romeo.say(&format!("<message to='juliet@spark.test' type='chat'>{content}</message>")).await;
    }
    events.find("the message after it", |event| event.name == "message_added").await;

    let url = format!("http://{}/metrics", app.gateway().metrics_addr().unwrap());
    let answer = Answer::of(app.http.get(&url)).await;
    expect![[r#"
        200
        cache-control: no-store
        content-type: text/plain; version=0.0.4; charset=utf-8

        # HELP sparkweb_build_info The version, as a label.
        # TYPE sparkweb_build_info gauge
        sparkweb_build_info{version="0.1.0"} 1
        # HELP sparkweb_sessions Sessions, whether they are connected or not.
        # TYPE sparkweb_sessions gauge
        sparkweb_sessions 1
        # HELP sparkweb_event_streams Streams of events that are open.
        # TYPE sparkweb_event_streams gauge
        sparkweb_event_streams 1
        # HELP sparkweb_xmpp_streams XMPP streams that are up.
        # TYPE sparkweb_xmpp_streams gauge
        sparkweb_xmpp_streams 1
        # HELP sparkweb_xmpp_streams_opened_total XMPP streams that came up, as new ones or resumed.
        # TYPE sparkweb_xmpp_streams_opened_total counter
        sparkweb_xmpp_streams_opened_total{kind="new"} 1
        sparkweb_xmpp_streams_opened_total{kind="resumed"} 0
        # HELP sparkweb_xmpp_streams_lost_total XMPP streams that broke, by why.
        # TYPE sparkweb_xmpp_streams_lost_total counter
        sparkweb_xmpp_streams_lost_total{reason="unreachable"} 0
        sparkweb_xmpp_streams_lost_total{reason="silent"} 0
        sparkweb_xmpp_streams_lost_total{reason="protocol"} 0
        # HELP sparkweb_xmpp_connects_waiting Connections to the XMPP server that wait until the budget lets them begin.
        # TYPE sparkweb_xmpp_connects_waiting gauge
        sparkweb_xmpp_connects_waiting 0
        # HELP sparkweb_xmpp_connects_total Connections to the XMPP server that the budget let begin.
        # TYPE sparkweb_xmpp_connects_total counter
        sparkweb_xmpp_connects_total 1
        # HELP sparkweb_xmpp_connect_waits_total Those of them that had to wait for it.
        # TYPE sparkweb_xmpp_connect_waits_total counter
        sparkweb_xmpp_connect_waits_total 0
        # HELP sparkweb_xmpp_connect_wait_seconds_total How long they waited, in all.
        # TYPE sparkweb_xmpp_connect_wait_seconds_total counter
        sparkweb_xmpp_connect_wait_seconds_total 0.000
        # HELP sparkweb_firewall_replaced_total Stanzas that were kept out, by what was wrong with them.
        # TYPE sparkweb_firewall_replaced_total counter
        sparkweb_firewall_replaced_total{offence="depth"} 1
        sparkweb_firewall_replaced_total{offence="bytes"} 0
        sparkweb_firewall_replaced_total{offence="children"} 0
        sparkweb_firewall_replaced_total{offence="attributes"} 0
        sparkweb_firewall_replaced_total{offence="namespaces"} 0
        sparkweb_firewall_replaced_total{offence="value_bytes"} 0
        sparkweb_firewall_replaced_total{offence="text_bytes"} 0
        sparkweb_firewall_replaced_total{offence="comment"} 0
        sparkweb_firewall_replaced_total{offence="instruction"} 0
        sparkweb_firewall_replaced_total{offence="malformed"} 0
        # HELP sparkweb_firewall_broken_total XMPP streams that were given up, since what came on them was beyond mending.
        # TYPE sparkweb_firewall_broken_total counter
        sparkweb_firewall_broken_total 0
        # HELP sparkweb_forgeries_total Stanzas that were passed over since whoever said them had no right to, by what they claimed to be.
        # TYPE sparkweb_forgeries_total counter
        sparkweb_forgeries_total{kind="copy"} 1
        sparkweb_forgeries_total{kind="archived"} 0
        sparkweb_forgeries_total{kind="push"} 0
        sparkweb_forgeries_total{kind="answer"} 0

    "#]].assert_eq(&answer.shown());
    assert!(
        !answer.body.contains('@') && !answer.body.contains("spark.test"),
        "whose anything is is not told"
    );

    // Not where everybody is, and nothing else where this is.
    assert_eq!(Answer::of(app.request(Method::GET, "/metrics")).await.status, 404);
    let snapshot = url.replace("/metrics", "/sparkweb/api/v1/snapshot");
    assert_eq!(Answer::of(app.http.get(snapshot)).await.status, 404);
    assert_eq!(Answer::of(app.http.post(url)).await.status, 405);
}

#[tokio::test]
async fn nothing_is_served_unasked() {
    let app = TestApp::start().await;
    assert_eq!(app.gateway().metrics_addr(), None);
    assert_eq!(Answer::of(app.request(Method::GET, "/metrics")).await.status, 404);
}
