//! Tokens that a server gives in the password's place: SASL2 (XEP-0388) and FAST (XEP-0484).

use server::xmpp::TlsMode;

use super::scene::Scene;
use super::tls::Certificate;
use crate::app::secrets;

const SASL: &str =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms>";
const REST: &str = "send <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>";

const LEAVE: &str = "close\nrecv <presence type='unavailable'/>\nclosed\ngone";

/// Features with SASL2, by these mechanisms, and tokens by those.
fn offer(mechanisms: &str, tokens: &str) -> String {
    let named = |names: &str| -> String {
        names.split_whitespace().map(|name| format!("<mechanism>{name}</mechanism>")).collect()
    };
    format!(
        "send <stream:features>{SASL}<authentication xmlns='urn:xmpp:sasl:2'>{}<inline><bind xmlns='urn:xmpp:bind:0'/>\
         <fast xmlns='urn:xmpp:fast:0'>{}</fast></inline></authentication>\
         <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>\
         </stream:features>",
        named(mechanisms),
        named(tokens)
    )
}

/// Somebody who is in by a password, and has the token `first-token` beside it.
async fn holding(tls: TlsMode, scram: &str, tokens: &str, asked: &str) -> Scene {
    for token in ["first-token", "second-token"] {
        secrets::note("FAST token", token);
    }
    let mut scene = Scene::with(tls, Certificate::Good, |_| {});
    scene.run("hold").await;
    begin(&mut scene, tls, scram, tokens).await;
    scene.set_value("given", "first-token");
    scene.run(&format!("prove {scram} {asked}\n{REST}\nsigned-in\nup\nkept\n{LEAVE}\ntold nothing")).await;
    scene
}

async fn begin(scene: &mut Scene, tls: TlsMode, scram: &str, tokens: &str) {
    scene.run("sign-in\naccept").await;
    if tls == TlsMode::Direct {
        scene.run("tls").await;
    }
    scene.run("stream").await;
    scene.run(&offer(scram, tokens)).await;
}

#[tokio::test]
async fn a_token_takes_the_place_of_the_password_and_is_changed() {
    for (tls, scram, tokens, ht) in [
        (TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-ENDP HT-SHA-256-NONE", "HT-SHA-256-NONE"),
        (TlsMode::Direct, "SCRAM-SHA-256-PLUS", "HT-SHA-256-NONE HT-SHA-256-EXPR", "HT-SHA-256-EXPR"),
    ] {
        let mut scene = holding(tls, scram, tokens, ht).await;
        let mut counts = Vec::new();
        scene.set_value("answer", "proof");
        // The first time nothing else is left; then the server gives another one, which is shown from then on.
        for (token, given, told) in [
            ("first-token", "", "first-token"),
            ("first-token", "second-token", "second-token"),
            ("second-token", "", "nothing"),
            ("second-token", "", "nothing"),
        ] {
            begin(&mut scene, tls, scram, tokens).await;
            scene.set_value("given", given);
            scene.run(&format!("shown {ht} {token}\n{REST}\nsigned-in\nup\n{LEAVE}\ntold {told}")).await;
            counts.push(scene.value("count").parse::<u64>().unwrap());
        }
        assert!(counts.is_sorted_by(|one, next| one < next), "{counts:?}");
    }
}

/// The server is to prove that it has the token, too.
#[tokio::test]
async fn a_server_that_does_not_know_the_token_is_not_believed() {
    for answer in ["echo", "nothing"] {
        let mut scene = holding(TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE", "HT-SHA-256-NONE").await;
        begin(&mut scene, TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE").await;
        scene.set_value("answer", answer);
        scene.set_value("given", "second-token");
        scene.run("shown HT-SHA-256-NONE first-token\nclosed\nrefused Untrusted\ntold nothing\nnobody").await;
    }
}

/// There is the password still: it is shown on another stream, and brings another token.
#[tokio::test]
async fn a_token_that_is_refused_leaves_the_password() {
    for condition in ["not-authorized", "credentials-expired", "malformed-request"] {
        let mut scene = holding(TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE", "HT-SHA-256-NONE").await;
        begin(&mut scene, TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE").await;
        scene.set_value("answer", condition);
        scene
            .run("shown HT-SHA-256-NONE first-token\nclosed\ntold no token and a password\naccept\nstream")
            .await;
        scene.run(&offer("SCRAM-SHA-256", "HT-SHA-256-NONE")).await;
        scene.set_value("given", "second-token");
        scene
            .run(&format!(
                "prove SCRAM-SHA-256 HT-SHA-256-NONE\n{REST}\nsigned-in\ntold second-token and a password"
            ))
            .await;
    }
}

/// Once the token has opened a session nothing else is left, and whoever is refused has to say the password. What says
/// nothing of the token takes nothing away.
#[tokio::test]
async fn a_token_that_is_refused_is_tried_once() {
    for (condition, why) in [
        ("not-authorized", "WrongCredentials"),
        ("temporary-auth-failure", "Unreachable"),
        ("malformed-request", "Incompatible(\"the server did not go through with signing in\")"),
    ] {
        let mut scene = holding(TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE", "HT-SHA-256-NONE").await;
        scene.set_value("given", "");
        for answer in ["proof", condition] {
            begin(&mut scene, TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE").await;
            scene.set_value("answer", answer);
            scene.run("shown HT-SHA-256-NONE first-token").await;
            if answer == "proof" {
                scene.run(&format!("{REST}\nsigned-in\ntold first-token\nup\n{LEAVE}")).await;
            }
        }
        scene.run(&format!("closed\nrefused {why}\ntold nothing\nnobody")).await;
    }
}

/// A server that gives no tokens is signed in at as ever, and one whose SASL2 is weaker than its SASL is, too.
#[tokio::test]
async fn without_tokens_all_is_as_it_was() {
    let sasl = format!("send <stream:features>{SASL}</stream:features>");
    for offered in [
        sasl.clone(),
        offer("SCRAM-SHA-256", ""),
        offer("SCRAM-SHA-256", "HT-SHA-256-UNIQ HT-SHA3-512-NONE"),
        offer("SCRAM-SHA-1 PLAIN", "HT-SHA-256-NONE"),
    ] {
        let mut scene = Scene::new();
        scene.run("hold\nsign-in\naccept\nstream").await;
        scene.run(&offered).await;
        scene.run(&format!("challenge SCRAM-SHA-256\nsuccess\nstream\n{REST}\nsigned-in\nup")).await;
    }
    // The tokens are gone: there is the password.
    let mut scene = holding(TlsMode::None, "SCRAM-SHA-256", "HT-SHA-256-NONE", "HT-SHA-256-NONE").await;
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&sasl).await;
    scene.run(&format!("challenge SCRAM-SHA-256\nsuccess\nstream\n{REST}\nsigned-in\nup")).await;
}

/// Where there is SASL2 alone, it is gone through with for others, too.
#[tokio::test]
async fn a_server_with_sasl2_alone_is_signed_in_at() {
    let mut scene = Scene::new();
    scene.run("sign-in\naccept\nstream").await;
    scene.run(&offer("SCRAM-SHA-256", "").replace(SASL, "")).await;
    scene.set_value("given", "");
    scene.run(&format!("prove SCRAM-SHA-256\n{REST}\nsigned-in\nup")).await;
}

/// S-32. A token is shown to nobody who offers less than the server did.
#[tokio::test]
async fn a_server_that_offers_less_is_shown_no_token() {
    let mut scene = holding(TlsMode::None, "SCRAM-SHA-512", "HT-SHA-256-NONE", "HT-SHA-256-NONE").await;
    begin(&mut scene, TlsMode::None, "SCRAM-SHA-1", "HT-SHA-256-NONE").await;
    scene.run("closed\nrefused Downgraded\nnobody").await;
}
