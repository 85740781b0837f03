//! A server that takes the connection and then says nothing: at every step somebody stops waiting.

use server::xmpp::TlsMode;

use super::scene::Scene;
use super::tls::Certificate;

const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// a server that accepts and falls silent, at each step.
#[tokio::test]
async fn no_step_before_the_session_waits_for_ever() {
    let offer = "send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>";
    let after_starttls =
        format!("accept\nstream\nsend <stream:features>{STARTTLS}</stream:features>\nrecv {STARTTLS}");
    let proceed = "send <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    for (tls, lines) in [
        (TlsMode::None, "accept\nheader".to_owned()),
        (TlsMode::None, "accept\nstream".to_owned()),
        (TlsMode::Direct, "accept\nbyte".to_owned()),
        (TlsMode::Direct, "accept\ntls\nheader".to_owned()),
        (TlsMode::StartTls, after_starttls.clone()),
        (TlsMode::StartTls, format!("{after_starttls}\n{proceed}\nbyte")),
        (TlsMode::StartTls, format!("{after_starttls}\n{proceed}\ntls\nheader")),
        (
            TlsMode::None,
            format!(
                "accept\nstream\n{offer}\nrecv <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>*</auth>"
            ),
        ),
        (TlsMode::None, format!("accept\nstream\n{offer}\nchallenge SCRAM-SHA-1")),
        (TlsMode::None, format!("accept\nstream\n{offer}\nchallenge SCRAM-SHA-1\nsuccess\nheader")),
        (TlsMode::None, format!("accept\nstream\n{offer}\nchallenge SCRAM-SHA-1\nsuccess\nstream")),
    ] {
        let mut scene = Scene::with(tls, Certificate::Good, |_| {});
        scene.run("sign-in").await;
        scene.run(&lines).await;
        scene.run("pass step\nrefused Silent\nnobody").await;
    }
}

#[tokio::test]
async fn no_step_of_the_session_waits_for_ever() {
    let bind = "recv <iq type='set' id='*'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>*</resource></bind></iq>";
    for lines in [bind, "bind\nrecv <sm:enable resume='true'/>"] {
        let mut scene = Scene::new();
        scene.run("sign-in\nlogin\nsigned-in").await;
        scene.run(lines).await;
        // Silence is no reason to give up: the next try is a new connection.
        scene.run("pass step\nevent suspended Silent\nlogin\nup").await;
    }
}

#[tokio::test]
async fn silence_after_resuming_does_not_forget_the_stream() {
    let mut scene = Scene::online().await;
    scene
        .run(
            "cut
             event suspended Unreachable
             login
             recv <sm:resume h='1' previd='sm1'/>
             pass step
             event suspended Silent
             login
             recv <sm:resume h='1' previd='sm1'/>
             send <resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>
             event resumed",
        )
        .await;
}
