//! What a server offers beside chat, asked of a Prosody that has more of it than most.

use expect_test::{Expect, expect};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::config::Config;
use server::demo::{Account, Prosody, ProsodyOptions, seed};
use tempfile::TempDir;

use crate::app::{Answer, Caller, DOMAIN, TestApp, password, with_store};

/// Makes meetings as XEP-0483 has it, and knows everybody as XEP-0055 has it.
const MODULE: &str = r#"
local st = require "util.stanza";
module:add_feature("urn:xmpp:http:online-meetings:initiate:0");
module:hook("iq-get/host/urn:xmpp:http:online-meetings:0:query", function (event)
	local query = event.stanza.tags[1];
	if query.attr.type ~= "jitsi" then return; end
	event.origin.send(st.reply(event.stanza)
		:tag("query", { xmlns = "urn:xmpp:http:online-meetings:0" })
			:tag("invite", { type = "jitsi" }):text_tag("url", "https://meet.example.com/" .. query.attr.id));
	return true;
end);
module:add_feature("jabber:iq:search");
module:hook("iq-get/host/jabber:iq:search:query", function (event)
	event.origin.send(st.reply(event.stanza):query("jabber:iq:search")
		:text_tag("instructions", "Any field."):tag("nick"):up():tag("email"));
	return true;
end);
module:hook("iq-set/host/jabber:iq:search:query", function (event)
	local nick = event.stanza.tags[1]:get_child_text("nick");
	local reply = st.reply(event.stanza):query("jabber:iq:search");
	if nick == "rom" then
		reply:tag("item", { jid = "romeo@" .. module.host }):text_tag("nick", "Romeo <3"):text_tag("email", "r@example.com");
	end
	event.origin.send(reply);
	return true;
end);
"#;

/// A gateway before such a Prosody. It ends with the first value.
pub(super) async fn start(change: impl FnOnce(&mut Config)) -> ((Prosody, TempDir), TestApp) {
    start_as(|configuration| configuration, change).await
}

/// The same, with the configuration of Prosody changed.
pub(super) async fn start_as(
    change_prosody: impl FnOnce(String) -> String,
    change: impl FnOnce(&mut Config),
) -> ((Prosody, TempDir), TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let options = ProsodyOptions { folder: folder.path().to_owned(), domain: DOMAIN.to_owned() };
    let prepared = Prosody::prepare(&options).unwrap();
    std::fs::write(folder.path().join("plugins/mod_sparkweb_services.lua"), MODULE).unwrap();
    let file = folder.path().join("prosody.cfg.lua");
    let more = format!(
        "\nVirtualHost \"{DOMAIN}\"\n\tmodules_enabled = {{ \"turn_external\", \"sparkweb_services\" }}\n\
         \tturn_external_host = \"turn.{DOMAIN}\"\n\tturn_external_secret = \"secret\"\n"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, change_prosody(text + &more)).unwrap();
    let account = |name: &str| Account { name: name.to_owned(), password: password(name), contacts: vec![] };
    seed(&prepared, &["juliet", "romeo"].map(account), &[]).unwrap();
    let prosody = prepared.start().await.unwrap();
    let server = format!("localhost:{}", prosody.c2s_port());
    let ca_file = prosody.ca_file();
    let app = TestApp::start_before(&server, |config| {
        config.xmpp.ca_file = Some(ca_file);
        change(config);
    })
    .await;
    ((prosody, folder), app)
}

#[track_caller]
fn check(request: RequestBuilder, expected: Expect) -> impl Future<Output = ()> {
    let answer = Answer::of(request);
    async move { expected.assert_eq(&answer.await.problem()) }
}

async fn put(caller: &Caller, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(Method::PUT, path).json(body)).await
}

async fn post(caller: &Caller, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(Method::POST, path).json(body)).await
}

#[tokio::test]
async fn calls_have_relays() {
    let (_prosody, app) = start(|_| {}).await;
    let juliet = app.sign_in("juliet").await;
    let answer = juliet.get("/external-services").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut services = answer.json()["services"].take();
    let mut seen = Vec::new();
    for service in services.as_array_mut().unwrap() {
        assert_eq!(service["host"], "turn.spark.test");
        if service["kind"] == "turn" {
            for key in ["username", "password", "expires_at_ms"] {
                assert!(!service[key].is_null(), "no {key}: {service}");
            }
        }
        seen.push(format!(
            "{} {}",
            service["kind"].as_str().unwrap(),
            service["transport"].as_str().unwrap()
        ));
    }
    assert_eq!(seen, ["stun udp", "turn udp"]);
    // A server without any has none.
    let bare = TestApp::start().await;
    let juliet = bare.sign_in("juliet").await;
    check(
        juliet.request(Method::GET, "/external-services"),
        expect!["501 unsupported: The XMPP server has no service for this."],
    )
    .await;
}

#[tokio::test]
async fn people_meet_on_the_web() {
    let (_prosody, app) = start(|_| {}).await;
    let juliet = app.sign_in("juliet").await;
    let answer = post(&juliet, "/meetings", &json!({ "id": "balcony" })).await;
    assert_eq!((answer.status, answer.json()), (201, json!({ "url": "https://meet.example.com/balcony" })));
    let answer = post(&juliet, "/meetings", &json!({})).await;
    assert_eq!(answer.json()["url"].as_str().unwrap().len(), "https://meet.example.com/".len() + 32);
    check(
        juliet.request(Method::POST, "/meetings").json(&json!({ "kind": "galene" })),
        expect!["501 unsupported: The XMPP server has no service for this."],
    )
    .await;
    check(
        juliet.request(Method::POST, "/meetings").json(&json!({ "id": "a/b" })),
        expect!["400 malformed_body: id and kind must be 1 to 64 letters, digits, dashes and underscores."],
    )
    .await;
    // Where the server makes none, the template does.
    let template = Some("https://meet.example.org/{id}#x".to_owned());
    let app = TestApp::start_with(|config| config.meetings.template = template).await;
    let juliet = app.sign_in("juliet").await;
    let answer = post(&juliet, "/meetings", &json!({ "id": "balcony" })).await;
    assert_eq!((answer.status, answer.json()), (201, json!({ "url": "https://meet.example.org/balcony#x" })));
}

#[tokio::test]
async fn people_are_found() {
    let (_prosody, app) = start(|_| {}).await;
    let juliet = app.sign_in("juliet").await;
    let answer = juliet.get("/directory?query=rom").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let romeo = json!({ "jid": "romeo@spark.test", "name": "Romeo <3", "email": "r@example.com" });
    assert_eq!(answer.json(), json!({ "people": [romeo] }));
    assert_eq!(juliet.get("/directory?query=nobody").await.json(), json!({ "people": [] }));
    check(
        juliet.request(Method::GET, "/directory"),
        expect!["400 malformed_parameter: query must be 1 to 256 bytes without control characters."],
    )
    .await;
    check(
        juliet.request(Method::GET, "/directory?query=%00"),
        expect!["400 unsupported_character: The text has a control character (such as NUL) that XMPP can't carry: take it out."],
    )
    .await;
}

#[tokio::test]
async fn what_others_can_do_is_told() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let answer = juliet.get("/entities/rooms.spark.test").await;
    assert_eq!(answer.json()["kinds"], json!(["conference/text"]));
    let mut events = romeo.events_online().await;
    let address = romeo.get("/snapshot").await.json()["account"]["session_jid"].as_str().unwrap().to_owned();
    let mut heard = juliet.events_online().await;
    let path = format!("/entities/{}", address.replace('/', "%2F"));
    let first = juliet.get(&path).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json()["kinds"], json!(["client/web"]));
    let features = first.json()["features"].to_string();
    for feature in ["urn:xmpp:caps", "urn:xmpp:time", "urn:xmpp:ping", "jabber:iq:version"] {
        assert!(features.contains(feature), "{features}");
    }
    assert_eq!(juliet.get(&path).await.body, first.body);
    check(juliet.request(Method::GET, "/entities/a@"), expect!["400 malformed_jid: The address in the path: the domain is missing or has a character that no domain has."]).await;
    let _ = (&mut events, &mut heard);
}

#[tokio::test]
async fn an_account_is_made_changed_and_removed() {
    let (_prosody, app) = start(|config| config.auth.registration = true).await;
    let create = |name: &str| {
        let body = json!({ "username": name, "password": "first secret" });
        Answer::of(app.request(Method::POST, "/sparkweb/api/v1/accounts").json(&body))
    };
    assert_eq!(create("tybalt").await.status, 202);
    assert_eq!(app.try_sign_in("tybalt", "first secret").await.status, 201);
    assert_eq!(create("juliet").await.status, 202);
    assert_eq!(app.try_sign_in("juliet", "first secret").await.status, 401);
    assert_eq!(app.try_sign_in("juliet", &password("juliet")).await.status, 201, "she is who she was");

    let sign_in = |password: &'static str| app.try_sign_in("tybalt", password);
    let tybalt = app.sign_in_with("tybalt", "first secret").await;
    let other = app.sign_in_with("tybalt", "first secret").await;
    let change = |old: &str, new: &str| {
        let body = json!({ "old_password": old, "new_password": new });
        tybalt.request(Method::PUT, "/account/password").json(&body)
    };
    check(
        change("a guess", "second secret"),
        expect!["401 wrong_credentials: Name or password are wrong: check both."],
    )
    .await;
    check(
        change("first secret", ""),
        expect!["400 malformed_body: The password must be 1 to 1,024 bytes without control characters."],
    )
    .await;
    assert_eq!(Answer::of(change("first secret", "second secret")).await.status, 204);
    assert_eq!(other.get("/snapshot").await.status, 401, "other sign-ins have ended");
    assert_eq!(tybalt.get("/snapshot").await.status, 200, "this one has not");
    assert_eq!(sign_in("first secret").await.status, 401);
    assert_eq!(sign_in("second secret").await.status, 201);

    let remove = |password: &str| {
        let body = json!({ "password": password });
        Answer::of(tybalt.request(Method::POST, "/account/removal").json(&body))
    };
    assert_eq!(remove("first secret").await.status, 401);
    assert_eq!(remove("second secret").await.status, 204);
    assert_eq!(tybalt.get("/snapshot").await.status, 401);
    assert_eq!(sign_in("second secret").await.status, 401);
}

/// What a form has to know, anybody may.
#[tokio::test]
async fn a_gateway_says_what_ways_in_it_has() {
    let app = TestApp::start().await;
    let told = Answer::of(app.request(Method::GET, "/sparkweb/api/v1/gateway")).await;
    assert_eq!(told.json(), json!({ "domain": DOMAIN, "makes_accounts": false, "has_passkeys": false }));
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let app = TestApp::start_with(|config| {
        store(config);
        config.public_url = Some("https://chat.spark.test".to_owned());
        config.auth.registration = true;
    })
    .await;
    let told = Answer::of(app.request(Method::GET, "/sparkweb/api/v1/gateway")).await;
    assert_eq!(told.json(), json!({ "domain": DOMAIN, "makes_accounts": true, "has_passkeys": true }));
}

#[tokio::test]
async fn nobody_registers_unless_the_gateway_is_set_so() {
    let app = TestApp::start().await;
    let body = json!({ "username": "tybalt", "password": "secret" });
    let create = || app.request(Method::POST, "/sparkweb/api/v1/accounts").json(&body);
    check(create(), expect!["403 forbidden: This gateway makes no accounts."]).await;
    let (_prosody, app) = start_as(
        |it| it.replace("allow_registration = true", "allow_registration = false"),
        |config| config.auth.registration = true,
    )
    .await;
    let create = app.request(Method::POST, "/sparkweb/api/v1/accounts").json(&body);
    check(create, expect!["501 unsupported: The XMPP server makes no accounts for those who ask."]).await;
}

#[tokio::test]
async fn stanzas_go_as_they_are_where_the_gateway_is_set_so() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let send = |caller: &Caller, xml: &str| {
        let request = caller.request(Method::POST, "/stanzas").header(CONTENT_TYPE, "application/xml");
        request.body(xml.to_owned())
    };
    let version = "<iq to='spark.test' id='mine' type='get'><query xmlns='jabber:iq:version'/></iq>";
    check(send(&juliet, version), expect!["403 forbidden: This needs a token with the scope `raw`."]).await;

    let app = TestApp::start_with(|config| config.auth.raw_stanzas = true).await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut heard = romeo.events_online().await;
    let _listens = juliet.events_online().await;
    let answer = Answer::of(send(&juliet, version)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/xml"));
    assert!(answer.body.contains("<name>Prosody</name>"), "{}", answer.body);
    let message =
        "<message to='romeo@spark.test' from='nurse@spark.test' type='chat'><body>raw</body></message>";
    assert_eq!(Answer::of(send(&juliet, message)).await.status, 202);
    let event = heard
        .find("the stanza", |event| {
            event.name == "stanza_received" && event.data.as_deref().unwrap().contains("<body>raw</body>")
        })
        .await;
    let xml = event.json()["xml"].as_str().unwrap().to_owned();
    assert!(xml.contains("from='juliet@spark.test/"), "{xml}");
    let refused = Answer::of(send(&juliet, &version.replace("spark.test", "nowhere.spark.test"))).await;
    assert!(refused.status == 200 && refused.body.contains("type='error'"), "{}", refused.body);
    check(
        send(&juliet, "<message>"),
        expect!["400 malformed_body: The XML can't be used: this is not one well-formed XML element."],
    )
    .await;
    check(send(&juliet, "<r xmlns='urn:xmpp:sm:3'/>"), expect!["400 malformed_body: The XML can't be used: the element must be a message, a presence or an iq of the namespace jabber:client."]).await;
    check(send(&juliet, &"<a>".repeat(1000)), expect!["400 malformed_body: The XML can't be used: the XML is too large: 64 KiB, 32 levels and 2,000 elements are the most."]).await;
    check(
        juliet.request(Method::POST, "/stanzas").body("<presence/>"),
        expect!["400 malformed_body: The body must be XML: send it with `Content-Type: application/xml`."],
    )
    .await;
}

#[tokio::test]
async fn tabs_say_whether_they_can_be_seen() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let _listens = juliet.events_online().await;
    for visible in [true, false] {
        assert_eq!(put(&juliet, "/activity", &json!({ "tab": "1", "visible": visible })).await.status, 204);
    }
    let long = json!({ "tab": "x".repeat(65), "visible": true });
    check(
        juliet.request(Method::PUT, "/activity").json(&long),
        expect!["400 malformed_body: tab must be 1 to 64 bytes of text without control characters."],
    )
    .await;
}
