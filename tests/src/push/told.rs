//! From a message to the notification, and back.

use expect_test::expect;
use reqwest::Method;
use serde_json::{Value, json};

use super::{act, client, count_becomes, devices, is_asked, pushing, say_visible, write};
use crate::app::{Answer, PushService, TestApp, within};

#[tokio::test]
async fn a_message_reaches_a_browser_that_is_closed_and_the_answer_comes_back() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    let device = browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "Wilt thou &lt;leave&gt; me so unsatisfied? \u{1f339}").await;

    let posted = service.next().await;
    let header = |name: &str| posted.headers.get(name).map_or("", String::as_str).to_owned();
    assert_eq!((header("content-encoding"), header("urgency")), ("aes128gcm".to_owned(), "high".to_owned()));
    let ttl: i64 = header("ttl").parse().unwrap();
    assert!((86_000..=86_400).contains(&ttl), "{ttl}");
    assert_eq!(posted.body.len() % 256, 86 + 17, "a length says little");
    let read = browser.read(&posted).await;
    let key = juliet.get("/push/key").await.json()["key"].clone();
    assert_eq!((&read["scheme"], &read["key"]), (&json!("vapid"), &key));
    let claims = &read["claims"];
    assert_eq!(claims["aud"], format!("https://localhost:{}", service.port));
    assert_eq!(claims["sub"], "mailto:postmaster@spark.test");
    let left = claims["exp"].as_i64().unwrap() - server::clock::now_ms() / 1000;
    assert!((0..=24 * 60 * 60).contains(&left), "{left}");
    let mut push = read["push"].clone();
    assert_eq!(push["tag"], header("topic"));
    assert_eq!(header("topic").len(), 32);
    let acts = push["acts"].take();
    let at_ms = push["at_ms"].take().as_i64().unwrap();
    assert!((server::clock::now_ms() - at_ms).abs() < 60_000, "{at_ms}");
    push["tag"].take();
    expect![[r#"{"account":"juliet@spark.test","acts":null,"at_ms":null,"body":"Wilt thou <leave> me so unsatisfied? 🌹","conversation":"romeo@spark.test","kind":"message","message_id":"m1","tag":null,"title":"Romeo"}"#]]
        .assert_eq(&push.to_string());

    // Without any other token, once.
    let answer = act(&app, &acts["reply"], Some("What satisfaction canst thou have to-night?")).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let heard = romeo.hear("</message>").await;
    let heard = if heard.contains("to-night") { heard } else { romeo.hear("to-night").await };
    assert!(heard.contains("What satisfaction canst thou have to-night?"), "{heard}");
    let answer = act(&app, &acts["reply"], Some("again")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")));
    // Who answered has read it: what was shown is taken away.
    let withdrawn = service.next().await;
    assert_eq!(
        (withdrawn.headers["topic"].clone(), &*withdrawn.headers["urgency"]),
        (header("topic"), "low")
    );
    let read = browser.read(&withdrawn).await;
    assert_eq!((&read["push"]["kind"], &read["push"]["tag"]), (&json!("withdrawn"), &json!(header("topic"))));

    // A device that is no more has no say, and hears nothing.
    let answer = Answer::of(juliet.request(Method::DELETE, &format!("/push/devices/{device}"))).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(act(&app, &acts["mute"], None).await.json()["code"], "invalid_token");
    assert_eq!(devices(&juliet).await, Vec::<Value>::new());
}

/// One act, in one conversation, by whoever has its token, as long as there is the sign-in.
#[tokio::test]
async fn a_token_is_good_for_its_act_alone() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "one").await;
    let acts = browser.read(&service.next().await).await["push"]["acts"].clone();

    // Nothing to answer with: it led to nothing, and is good still.
    let answer = act(&app, &acts["reply"], None).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("malformed_body")), "{}", answer.body);
    assert_eq!(act(&app, &acts["reply"], Some("")).await.json()["code"], "empty_message");
    // It is no access token, and no access token is one of these.
    let reply = acts["reply"].as_str().unwrap();
    let answer = Answer::of(app.request(Method::GET, "/sparkweb/api/v1/snapshot").bearer_auth(reply)).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
    let answer = act(&app, &json!(juliet.access_token), None).await;
    assert_eq!(answer.json()["code"], "invalid_token");
    assert_eq!(act(&app, &acts["mute"], None).await.status, 204);
    let settings = juliet.get("/push/settings").await.json();
    assert_eq!(settings["muted"], json!(["romeo@spark.test"]));
    // What is muted is told no more, and what others say is.
    write(&mut romeo, "m2", "two").await;
    let mut nurse = client(&app, "nurse").await;
    write(&mut nurse, "m3", "Madam!").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!(push["title"], "Nurse", "{push}");

    juliet.sign_out(false).await;
    for token in [&acts["reply"], &acts["mark_read"], &push["acts"]["reply"]] {
        let answer = act(&app, token, Some("late")).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (401, &json!("invalid_token")),
            "{}",
            answer.body
        );
    }
}

/// Whoever looks is not told elsewhere; whoever has the page in the background is.
#[tokio::test]
async fn nobody_is_told_while_they_look() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [browser, other] = service.browsers().await;
    browser.subscribe(&juliet).await;
    other.subscribe(&app.sign_in("juliet").await).await;
    let mut events = juliet.events_online().await;
    say_visible(&juliet, "one", true).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "seen").await;
    events.find("the message", |event| event.name == "message_added").await;
    is_asked(&mut events).await;
    say_visible(&juliet, "one", true).await;
    count_becomes(&app, "sparkweb_pushes_total{outcome=\"unneeded\"}", 2).await;
    say_visible(&juliet, "one", false).await;
    write(&mut romeo, "m2", "unseen").await;
    let (first, second) = (service.next().await, service.next().await);
    let (first, second) = if first.path == browser.path { (first, second) } else { (second, first) };
    for (browser, posted) in [(&browser, first), (&other, second)] {
        let push = browser.read(&posted).await["push"].clone();
        assert_eq!((&push["body"], &push["count"]), (&json!("unseen"), &Value::Null), "{push}");
    }
    // Read in one place, it is taken away in all.
    let read = json!({ "up_to": "m2" });
    let read = juliet.request(Method::PUT, "/conversations/romeo@spark.test/read").json(&read);
    assert_eq!(Answer::of(read).await.status, 204);
    let mut told = vec![service.next().await.path, service.next().await.path];
    told.sort();
    let mut both = vec![browser.path.clone(), other.path.clone()];
    both.sort();
    assert_eq!(told, both);
    drop(events);
}

/// S-62. What is more than somebody may be told in a minute comes later, with what was said by then.
#[tokio::test]
async fn nobody_is_told_more_in_a_minute_than_they_may() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let settings = pushing(&service, folder.path());
    let app = TestApp::start_with(|config| {
        settings(config);
        config.push.per_minute = 6;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let browsers: [_; 7] = service.browsers().await;
    for browser in &browsers {
        browser.subscribe(&juliet).await;
    }
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "one").await;
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(service.next().await.path);
    }
    let held = "sparkweb_pushes_total{outcome=\"held\"}";
    count_becomes(&app, held, 1).await;
    count_becomes(&app, "sparkweb_pushes_waiting", 1).await;
    write(&mut romeo, "m2", "two").await;
    count_becomes(&app, held, 7).await;
    // The seventh has waited longest.
    let last = browsers.iter().find(|browser| !told.contains(&browser.path)).unwrap();
    let push = last.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["body"], &push["count"]), (&json!("two"), &json!(2)), "{push}");
    count_becomes(&app, "sparkweb_pushes_waiting", 6).await;
    assert_eq!(service.come().len(), 0);
}

/// The sign-in lasts, nobody is there, and the gateway was started anew: it hears all the same.
#[tokio::test]
async fn who_has_a_device_is_told_after_a_restart_of_what_came_before_and_what_comes() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let mut app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [browser] = service.browsers().await;
    browser.subscribe(&juliet).await;
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", "before").await;
    assert_eq!(browser.read(&service.next().await).await["push"]["message_id"], "m1");

    app.stop_gateway().await;
    write(&mut romeo, "m2", "meanwhile").await;
    let mut nurse = client(&app, "nurse").await;
    write(&mut nurse, "m3", "meanwhile").await;
    // The archive has it by now.
    for raw in [&mut romeo, &mut nurse] {
        raw.say("<iq type='get' id='p' to='spark.test'><ping xmlns='urn:xmpp:ping'/></iq>").await;
        raw.hear("id='p'").await;
    }
    app.start_gateway().await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let push = browser.read(&service.next().await).await["push"].clone();
        told.push(push["message_id"].as_str().unwrap().to_owned());
    }
    told.sort();
    assert_eq!(told, ["m2", "m3"], "what was told is not told again");
    write(&mut romeo, "m4", "after").await;
    let push = browser.read(&service.next().await).await["push"].clone();
    assert_eq!((&push["message_id"], &push["count"]), (&json!("m4"), &json!(3)), "{push}");
    assert_eq!(service.come().len(), 0);
    within("nobody else's sessions", async {
        while app.gateway().sessions() != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
