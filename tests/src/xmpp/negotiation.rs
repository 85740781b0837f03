//! From a connection to a stream that can be trusted: TLS, whose certificate, and what a server may not do before it.

use server::xmpp::TlsMode;

use super::scene::Scene;
use super::tls::Certificate;

const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const SCRAM: &str =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";

#[tokio::test]
async fn tls_is_started_before_anything_is_said() {
    let mut scene = Scene::with(TlsMode::StartTls, Certificate::Good, |_| {});
    // What comes with `<proceed/>` came before TLS: anybody may have put it there.
    scene
        .run(
            "sign-in
             accept
             stream
             send <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
             recv <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
             send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>
             tls
             stream
             send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
             challenge SCRAM-SHA-1
             success
             stream
             send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
             signed-in
             up",
        )
        .await;
}

#[tokio::test]
async fn a_server_without_tls_is_not_used() {
    for (lines, why) in [
        (format!("send <stream:features>{SCRAM}</stream:features>"), "Incompatible(\"the server offers no TLS\")"),
        ("send <stream:features/>".to_owned(), "Incompatible(\"the server offers no TLS\")"),
        (
            format!(
                "send <stream:features>{STARTTLS}{SCRAM}</stream:features>\nrecv {STARTTLS}\nsend <failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
            ),
            "Incompatible(\"the server offered TLS and then refused it\")",
        ),
        ("send <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>".to_owned(), "AccountRefused"),
        ("send <stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>".to_owned(), "Unreachable"),
        (
            format!("send <stream:features>{}{}</stream:features>", "<a>".repeat(1000), "</a>".repeat(1000)),
            "Incompatible(\"the server sent no XMPP\")",
        ),
        ("send <message/>".to_owned(), "Incompatible(\"the server did not say what it offers\")"),
        ("send <a></b>".to_owned(), "Incompatible(\"the server sent no XMPP\")"),
        ("send </stream:stream>".to_owned(), "Unreachable"),
    ] {
        let mut scene = Scene::with(TlsMode::StartTls, Certificate::Good, |_| {});
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&lines).await;
        scene.run(&format!("closed\nrefused {why}\nnobody")).await;
    }
}

#[tokio::test]
async fn what_is_no_xmpp_is_not_taken_for_it() {
    for (lines, why) in [
        ("send HTTP/1.1 400 Bad Request\ncut", "Incompatible(\"the server sent no XMPP\")"),
        ("send <html>", "Incompatible(\"the server sent no XMPP\")"),
        (
            "send <stream:stream xmlns:stream='urn:other' version='1.0'>",
            "Incompatible(\"the server sent no XMPP\")",
        ),
    ] {
        let mut scene = Scene::new();
        scene.run("sign-in\naccept\nheader").await;
        scene.run(lines).await;
        scene.run(&format!("refused {why}\nnobody")).await;
    }
}

#[tokio::test]
async fn a_certificate_must_be_for_the_domain_and_of_a_known_authority() {
    for certificate in [Certificate::OfAnotherName, Certificate::OfAStranger, Certificate::Expired] {
        let mut scene = Scene::with(TlsMode::Direct, certificate, |_| {});
        scene.run("sign-in\naccept\ntls-refused\nrefused Untrusted\nnobody").await;
        drop(scene);

        let mut scene = Scene::with(TlsMode::StartTls, certificate, |_| {});
        scene.run("sign-in\naccept\nstream").await;
        scene
            .run(&format!("send <stream:features>{STARTTLS}{SCRAM}</stream:features>\nrecv {STARTTLS}"))
            .await;
        scene.run("send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\ntls-refused\nrefused Untrusted\nnobody").await;
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = super::peer::Peer::new();
    let error = format!(
        "send <stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:{}</see-other-host></stream:error>",
        elsewhere.port()
    );
    let mut scene = Scene::new();
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&error).await;
    scene.run("closed\nrefused Unreachable\nnobody").await;
    assert!(elsewhere.is_deserted());
    drop(scene);

    let mut scene = Scene::online().await;
    scene.run(&error).await;
    // Back to the place that the settings name.
    scene.run("event suspended Unreachable\nlogin").await;
    assert!(elsewhere.is_deserted());
}
