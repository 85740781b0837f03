//! What a push service answers, and what comes of it.

use serde_json::json;

use super::{client, count_becomes, devices, pushing, write};
use crate::app::{PushService, Said, TestApp};

#[tokio::test]
async fn each_answer_of_a_push_service_has_its_consequence() {
    let (folder, mut service) = (tempfile::tempdir().unwrap(), PushService::start().await);
    let app = TestApp::start_with(pushing(&service, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let [taken, gone, unknown, refused, malformed, busy, failing, long] = service.browsers().await;
    for (browser, said) in [
        (&taken, vec![Said::Status(201)]),
        (&gone, vec![Said::Status(410)]),
        (&unknown, vec![Said::Status(404)]),
        (&refused, vec![Said::Status(403)]),
        (&malformed, vec![Said::Status(400)]),
        (&busy, vec![Said::Later(429, "3600")]),
        (&failing, vec![Said::Status(500)]),
        (&long, vec![Said::Status(413), Said::Status(201)]),
    ] {
        service.say(browser, &said);
        browser.subscribe(&juliet).await;
    }
    let mut romeo = client(&app, "romeo").await;
    write(&mut romeo, "m1", &"long ".repeat(180)).await;
    // Each once, and what was too long once more.
    let mut sizes = Vec::new();
    for _ in 0..9 {
        let posted = service.next().await;
        if posted.path == long.path {
            sizes.push(posted.body.len());
        }
    }
    assert!(sizes[0] > 1200 && sizes[1] <= 86 + 1024 + 17, "{sizes:?}");
    let outcome = |word: &str| format!("sparkweb_pushes_total{{outcome=\"{word}\"}}");
    for (word, count) in [("taken", 2), ("refused", 2), ("retried", 2), ("shrunk", 1), ("failed", 0)] {
        count_becomes(&app, &outcome(word), count).await;
    }
    count_becomes(&app, "sparkweb_push_devices_gone_total", 2).await;
    count_becomes(&app, "sparkweb_pushes_waiting", 2).await;
    let devices = devices(&juliet).await;
    assert_eq!(devices.len(), 6, "two are gone");
    assert_eq!(devices.iter().filter(|device| device["refused"] == json!(true)).count(), 2);
    let logged = app.logs.text();
    for status in [400, 403] {
        let alert = format!("status={status}");
        assert!(logged.lines().any(|line| line.contains(" WARN ") && line.contains(&alert)), "{logged}");
    }

    // Nothing goes to whoever refuses, nor before its time to whoever was busy.
    write(&mut romeo, "m2", "again").await;
    let mut told = vec![service.next().await.path, service.next().await.path];
    told.sort();
    let mut expected = vec![taken.path.clone(), long.path.clone()];
    expected.sort();
    assert_eq!(told, expected);
    // Whoever subscribes again is pushed to again.
    let answer = juliet.request(reqwest::Method::POST, "/push/devices").json(&refused.subscription());
    let answer = crate::app::Answer::of(answer).await;
    assert_eq!((answer.status, &answer.json()["refused"]), (200, &serde_json::Value::Null));
    write(&mut romeo, "m3", "and again").await;
    let told = [service.next().await.path, service.next().await.path, service.next().await.path];
    assert!(told.contains(&refused.path), "{told:?}");
}
