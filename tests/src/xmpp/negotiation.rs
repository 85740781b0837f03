//! From a connection to a stream that can be trusted: TLS, whose certificate, and what a server may not do before it.

use server::xmpp::TlsMode;

use super::peer::Peer;
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

/// What a server says that is to be found at another place.
fn see_other_host(place: &str) -> String {
    format!(
        "send <stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{place}</see-other-host></stream:error>"
    )
}

#[tokio::test]
async fn a_server_that_names_another_place_is_followed() {
    let mut scene = Scene::new();
    let there = Peer::new();
    let to_there = see_other_host(&there.place());
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&to_there).await;
    scene.run("closed").await;
    let before = scene.move_to(there);
    scene.run("login\nsigned-in\nup").await;
    assert!(before.is_deserted());

    // While it is up: the stream goes on there.
    let there = Peer::new();
    scene.run(&see_other_host(&there.place())).await;
    scene.run("event suspended Unreachable").await;
    let between = scene.move_to(there);
    scene.run("login\nrecv <sm:resume h='1' previd='sm1'/>\nsend <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>\nevent resumed").await;
    assert!(between.is_deserted());
    // What it named was for once: the next time it is the place that the settings name.
    scene.run("cut\nevent suspended Unreachable").await;
    scene.move_to(before);
    scene.run("accept\nstream").await;
}

#[tokio::test]
async fn servers_that_name_each_other_are_not_followed_for_ever() {
    let mut scene = Scene::new();
    let there = Peer::new();
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&see_other_host(&there.place())).await;
    let before = scene.move_to(there);
    scene.run("accept\nstream").await;
    scene.run(&see_other_host(&before.place())).await;
    scene.run("refused Unreachable\nnobody").await;
    assert!(before.is_deserted());
}

#[tokio::test]
async fn what_is_no_place_is_not_looked_for() {
    // The last one is a place, and nobody goes there without TLS.
    for place in ["", ":", "127.0.0.1:", "[::1", "example.com:5222"] {
        let mut scene = Scene::new();
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&see_other_host(place)).await;
        scene.run("closed\nrefused Unreachable\nnobody").await;
    }
}

#[tokio::test]
async fn another_place_is_held_to_the_same_domain() {
    for (trusted, end) in [(true, "signed-in"), (false, "refused Untrusted")] {
        let mut scene = Scene::with(TlsMode::Direct, Certificate::Good, |_| {});
        let there = Peer::new();
        scene.run("sign-in\naccept\ntls\nstream").await;
        scene.run(&see_other_host(&there.place())).await;
        scene.move_to(there);
        if trusted {
            let login = "stream
                send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
                challenge SCRAM-SHA-1
                success
                stream
                send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
            scene.run("accept\ntls").await;
            scene.run(login).await;
        } else {
            scene.show(Certificate::OfAStranger);
            scene.run("accept\ntls-refused").await;
        }
        scene.run(end).await;
    }
}

#[tokio::test]
async fn a_resource_that_is_taken_is_replaced_by_another() {
    let conflict = "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    let taken = format!(
        "recv <iq type='set' id='?bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>?resource</resource></bind></iq>
         send <iq type='error' id='$bind'>{conflict}</iq>"
    );
    let mut scene = Scene::online().await;
    scene
        .run(
            "cut
             event suspended Unreachable
             login
             recv <sm:resume h='1' previd='sm1'/>
             send <failed xmlns='urn:xmpp:sm:3'/>",
        )
        .await;
    scene.run(&taken).await;
    let first = scene.value("resource").to_owned();
    // What was asked for is written over.
    scene.set_value("resource", "");
    scene.run("up").await;
    assert_ne!(scene.value("resource"), first);

    // A server on which all of them are taken is tried again later.
    scene.run("cut\nevent suspended Unreachable\nlogin\nrecv <sm:resume h='1' previd='sm1'/>\nsend <failed xmlns='urn:xmpp:sm:3'/>").await;
    scene.run(&taken).await;
    scene.run(&taken.replace("?resource", "*")).await;
    scene.run("event suspended Unreachable\nclosed\nlogin\nup").await;
}
