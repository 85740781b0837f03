//! Signing in: which way, and what a server must show before it is believed.

use server::xmpp::TlsMode;

use super::scene::Scene;
use super::tls::Certificate;

/// The features with which a server says how one may sign in.
fn offer(mechanisms: &str, bindings: Option<&str>) -> String {
    let mechanisms: String =
        mechanisms.split_whitespace().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
    let bindings = bindings.map_or_else(String::new, |types| {
        let types: String =
            types.split_whitespace().map(|name| format!("<channel-binding type='{name}'/>")).collect();
        format!("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{types}</sasl-channel-binding>")
    });
    format!(
        "send <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanisms}</mechanisms>{bindings}</stream:features>"
    )
}

const NO_TLS: (TlsMode, Certificate) = (TlsMode::None, Certificate::Good);
const TLS13: (TlsMode, Certificate) = (TlsMode::Direct, Certificate::Good);
const TLS12: (TlsMode, Certificate) = (TlsMode::Direct, Certificate::GoodUnder12);

#[tokio::test]
async fn the_strongest_way_that_both_have_is_used() {
    let all = "ANONYMOUS PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-512";
    let exporter = Some("tls-server-end-point tls-exporter");
    let end_point = Some("tls-server-end-point");
    for (tls, mechanisms, bindings, allow_plain, expected) in [
        // With channel binding before without, then by hash.
        (TLS13, all, exporter, true, "SCRAM-SHA-256-PLUS p=tls-exporter,,n=juliet"),
        (
            TLS13,
            "SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS",
            exporter,
            true,
            "SCRAM-SHA-512-PLUS p=tls-exporter,,n=juliet",
        ),
        // RFC 9266 has every server under TLS 1.3 do the exporter. Those who do say so, and ejabberd before 23.10 doesn't.
        (TLS13, all, None, true, "SCRAM-SHA-512 n,,n=juliet"),
        (TLS13, all, end_point, true, "SCRAM-SHA-512 n,,n=juliet"),
        (TLS13, all, Some(""), true, "SCRAM-SHA-512 n,,n=juliet"),
        (TLS12, all, exporter, true, "SCRAM-SHA-512 n,,n=juliet"),
        (NO_TLS, all, exporter, true, "SCRAM-SHA-512 n,,n=juliet"),
        (TLS13, "SCRAM-SHA-1 SCRAM-SHA-256 PLAIN", None, true, "SCRAM-SHA-256 y,,n=juliet"),
        (TLS13, "PLAIN SCRAM-SHA-1", None, true, "SCRAM-SHA-1 y,,n=juliet"),
        (NO_TLS, "SCRAM-SHA-1", None, true, "SCRAM-SHA-1 n,,n=juliet"),
        // The password itself goes to nobody but a server that has shown who it is.
        (TLS13, "PLAIN ANONYMOUS", None, true, "PLAIN \0juliet\0juliet's own secret"),
        (TLS12, "PLAIN", None, true, "PLAIN \0juliet\0juliet's own secret"),
        (TLS13, "PLAIN ANONYMOUS", None, false, "none"),
        (NO_TLS, "PLAIN ANONYMOUS", None, true, "none"),
        (TLS13, "ANONYMOUS", None, true, "none"),
        (NO_TLS, "ANONYMOUS", None, true, "none"),
        (TLS13, "EXTERNAL OAUTHBEARER X-NEW", None, true, "none"),
        (TLS13, "scram-sha-1", None, true, "none"),
        (TLS13, "", None, true, "none"),
    ] {
        let mut scene = Scene::with(tls.0, tls.1, |settings| settings.allow_plain_sasl = allow_plain);
        scene.run("sign-in\naccept").await;
        if tls.0 == TlsMode::Direct {
            scene.run("tls").await;
        }
        scene.run("stream").await;
        scene.run(&offer(mechanisms, bindings)).await;
        let case = format!("{tls:?} {mechanisms} {bindings:?} {allow_plain}");
        if expected == "none" {
            scene.run("closed").await;
            scene.run("refused Incompatible(\"the server offers no way to sign in that can be used\")").await;
            scene.run("nobody").await;
            continue;
        }
        scene
            .run("recv <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='?mechanism'>?first</auth>")
            .await;
        assert_eq!(
            format!("{} {}", scene.value("mechanism"), decoded(scene.value("first"))),
            expected,
            "{case}"
        );
        scene
            .run("send <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/></failure>")
            .await;
        scene.run("refused Unreachable").await;
    }
}

/// A first message, without its nonce.
fn decoded(base64: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
    String::from_utf8(bytes).unwrap().split(",r=").next().unwrap().to_owned()
}

#[tokio::test]
async fn every_mechanism_is_gone_through_with() {
    for (tls, mechanism) in [
        (NO_TLS, "SCRAM-SHA-1"),
        (NO_TLS, "SCRAM-SHA-256"),
        (NO_TLS, "SCRAM-SHA-512"),
        (TLS12, "SCRAM-SHA-256"),
        (TLS13, "SCRAM-SHA-1-PLUS"),
        (TLS13, "SCRAM-SHA-256-PLUS"),
        (TLS13, "SCRAM-SHA-512-PLUS"),
    ] {
        for how in ["", " after the proof"] {
            let mut scene = Scene::with(tls.0, tls.1, |_| {});
            scene.run("sign-in\naccept").await;
            if tls.0 == TlsMode::Direct {
                scene.run("tls").await;
            }
            scene.run("stream").await;
            scene.run(&offer(mechanism, Some("tls-exporter"))).await;
            scene.run(&format!("challenge {mechanism}\nsuccess{how}")).await;
            scene
                .run(
                    "stream
                     send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>
                     signed-in
                     up",
                )
                .await;
        }
    }
}

#[tokio::test]
async fn a_plain_password_is_enough_where_tls_shows_who_asks_for_it() {
    let mut scene = Scene::with(TlsMode::Direct, Certificate::Good, |_| {});
    scene.run("sign-in\naccept\ntls\nstream").await;
    scene.run(&offer("PLAIN", None)).await;
    scene
        .run(
            "recv <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABqdWxpZXQncyBvd24gc2VjcmV0</auth>
             send <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
             stream
             send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
             signed-in",
        )
        .await;
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_believed() {
    for how in ["with a forged proof", "with no proof", "with an empty proof", "with an error"] {
        let mut scene = Scene::new();
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&offer("SCRAM-SHA-256", None)).await;
        scene
            .run(&format!("challenge SCRAM-SHA-256\nsuccess {how}\nclosed\nrefused Untrusted\nnobody"))
            .await;
    }
    // Success before anything was proved.
    let mut scene = Scene::new();
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&offer("SCRAM-SHA-256", None)).await;
    scene
        .run(
            "recv <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>*</auth>
             send <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
             closed
             refused Untrusted
             nobody",
        )
        .await;
}

/// S-32. Whoever gets between and offers weaker ways gets nothing; the server that is back with what it had goes on.
#[tokio::test]
async fn a_server_that_offers_less_than_before_gets_no_proof() {
    let up = "success
        stream
        send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>";
    for (less, is_accepted) in [("SCRAM-SHA-1", false), ("PLAIN SCRAM-SHA-1", false), ("SCRAM-SHA-1", true)] {
        let mut scene = Scene::with(NO_TLS.0, NO_TLS.1, |settings| settings.accept_weaker_sasl = is_accepted);
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&offer("SCRAM-SHA-1 SCRAM-SHA-256", None)).await;
        scene.run(&format!("challenge SCRAM-SHA-256\n{up}\nsigned-in\nup\ncut")).await;
        scene.run("event suspended Unreachable\naccept\nstream").await;
        scene.run(&offer(less, None)).await;
        if is_accepted {
            scene.run(&format!("challenge SCRAM-SHA-1\n{up}\nrecv <sm:resume h='1' previd='sm1'/>")).await;
            continue;
        }
        scene.run("closed\nevent suspended Protocol\naccept\nstream").await;
        scene.run(&offer("SCRAM-SHA-256", None)).await;
        scene.run(&format!("challenge SCRAM-SHA-256\n{up}\nrecv <sm:resume h='1' previd='sm1'/>")).await;
    }
}

#[tokio::test]
async fn a_challenge_of_bad_faith_gets_no_proof() {
    use base64::Engine;
    let iterations = "Incompatible(\"the server's iteration count is out of reason\")";
    for (challenge, why) in [
        ("r=somebody-elses,s=c2FsdA==,i=4096", "Untrusted"),
        ("r=$nonce,s=c2FsdA==,i=4096", "Untrusted"),
        ("r=$nonce+,s=c2FsdA==,i=1", iterations),
        ("r=$nonce+,s=c2FsdA==,i=4095", iterations),
        ("r=$nonce+,s=c2FsdA==,i=1000001", iterations),
        ("r=$nonce+,s=c2FsdA==,i=-1", iterations),
        ("", "Untrusted"),
    ] {
        let mut scene = Scene::new();
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&offer("SCRAM-SHA-256", None)).await;
        scene
            .run(
                "recv <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>?first</auth>",
            )
            .await;
        let engine = base64::engine::general_purpose::STANDARD;
        let first = String::from_utf8(engine.decode(scene.value("first")).unwrap()).unwrap();
        let nonce = first.split(",r=").nth(1).unwrap();
        scene.set_value("challenge", engine.encode(challenge.replace("$nonce", nonce)));
        scene.run("send <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>$challenge</challenge>").await;
        scene.run(&format!("closed\nrefused {why}\nnobody")).await;
    }
}

#[tokio::test]
async fn a_failure_says_whether_to_try_again_and_is_not_followed_by_another_try() {
    let through = "Incompatible(\"the server did not go through with signing in\")";
    for (condition, why) in [
        ("<not-authorized/>", "WrongCredentials"),
        ("<not-authorized/><text xml:lang='en'>no such user</text>", "WrongCredentials"),
        ("<credentials-expired/>", "WrongCredentials"),
        ("", "WrongCredentials"),
        ("<account-disabled/>", "AccountDisabled"),
        ("<temporary-auth-failure/>", "Unreachable"),
        ("<mechanism-too-weak/>", "Incompatible(\"the server demands a stronger way to sign in\")"),
        ("<malformed-request/>", through),
        ("<aborted/>", through),
    ] {
        let mut scene = Scene::new();
        scene.run("sign-in\naccept\nstream").await;
        scene.run(&offer("SCRAM-SHA-1 SCRAM-SHA-256", None)).await;
        scene.run("challenge SCRAM-SHA-256").await;
        scene
            .run(&format!("send <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{condition}</failure>"))
            .await;
        scene.run(&format!("closed\nrefused {why}\nnobody")).await;
    }
}

#[tokio::test]
async fn a_session_of_somebody_else_is_no_session() {
    for bound in [
        "<jid>romeo@spark.test/x</jid>",
        "<jid>juliet@capulet.test/x</jid>",
        "<jid>4d3f@anon.spark.test/x</jid>",
        "<jid>spark.test/x</jid>",
        "<jid>juliet@spark.test</jid>",
        "<jid>@</jid>",
        "<jid/>",
        "",
    ] {
        let mut scene = Scene::new();
        scene.run("sign-in\nlogin\nsigned-in").await;
        scene.run("recv <iq type='set' id='?bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>*</resource></bind></iq>").await;
        scene.run(&format!("send <iq type='result' id='$bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{bound}</bind></iq>")).await;
        scene.run("closed\nevent suspended Protocol").await;
    }
}

#[tokio::test]
async fn an_answer_to_another_question_binds_nothing() {
    let mut scene = Scene::new();
    scene
        .run(
            "sign-in
             login
             signed-in
             recv <iq type='set' id='?bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>?resource</resource></bind></iq>
             send <iq type='result' id='other'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@spark.test/forged</jid></bind></iq>
             send <iq type='result' id='$bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@spark.test/given</jid></bind></iq>
             enable
             event reset juliet@spark.test/given in doubt:",
        )
        .await;
}

#[tokio::test]
async fn a_refused_resource_ends_the_session_unless_it_is_a_matter_of_waiting() {
    for (error, event) in [
        (
            "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            "ended Refused",
        ),
        (
            "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            "suspended Unreachable",
        ),
    ] {
        let mut scene = Scene::new();
        scene.run("sign-in\nlogin\nsigned-in").await;
        scene.run("recv <iq type='set' id='?bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>*</resource></bind></iq>").await;
        scene.run(&format!("send <iq type='error' id='$bind'>{error}</iq>\nclosed\nevent {event}")).await;
    }
}
