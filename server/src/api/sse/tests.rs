//! Event streams with nobody at the other end of a wire.

use axum::http::Method;
use futures::TryStreamExt;
use futures::future::OptionFuture;
use protocol::ChatState;

use super::super::trial::{Trial, header, juliet, text};
use super::*;
use crate::auth::{Came, Opens, Surface, Wanted};
use crate::session::{Hollow, SessionError};

const BOTH: [Surface; 2] = [Surface::V1, Surface::Compat];

/// Asks for Juliet's events, by a sign-in of its own.
async fn listen(trial: &Trial, surface: Surface, hollow: Option<&mut Hollow>) -> Response {
    let (now_ms, number) = (clock::now_ms(), trial.sessions.get(&juliet()).unwrap().number());
    match surface {
        Surface::V1 => {
            let token = format!(
                "Bearer {}",
                trial.auth.sign_in(now_ms, &Came::to_session(&juliet(), number)).access_token
            );
            trial.ask(Method::GET, "/sparkweb/api/v1/events", &[("authorization", &token)]).await
        }
        Surface::Compat => {
            let token = trial.auth.sign_in_compat(now_ms, &Came::to_session(&juliet(), number));
            let path = format!("/sparkweb/sse?token={token}");
            let ask = trial.ask(Method::GET, &path, &[]);
            let answer = OptionFuture::from(hollow.map(Hollow::answer_snapshot));
            futures::join!(ask, answer).0
        }
    }
}

/// The last word of a stream.
async fn last_word(response: Response) -> String {
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    let text = text(response).await;
    text.trim_end().rsplit("\n\n").next().unwrap().to_owned()
}

#[track_caller]
fn is_unavailable(word: &str, secs: std::ops::Range<u32>) {
    let told: Vec<String> = secs
        .map(|secs| {
            let data = format!(r#"{{"type":"unavailable","retry_after_secs":{secs}}}"#);
            format!("retry: {secs}000\nevent: unavailable\ndata: {data}")
        })
        .collect();
    assert!(told.iter().any(|told| told == word), "{word}");
}

#[tokio::test]
async fn a_stream_says_why_its_session_has_ended() {
    let trial = Trial::new();
    for (reason, word) in [
        (EndReason::SignedOut, "signed_out"),
        (EndReason::Idle, "idle"),
        (EndReason::CredentialsRequired, "credentials_required"),
        (EndReason::Replaced, "replaced"),
        (EndReason::Refused, "refused"),
    ] {
        let mut hollow = trial.sessions.add_hollow(&juliet());
        let v1 = listen(&trial, Surface::V1, Some(&mut hollow)).await;
        let compat = listen(&trial, Surface::Compat, Some(&mut hollow)).await;
        hollow.log.append(0, &Event::HistoryChanged { conversation: None });
        hollow.log.close(reason);
        let expected = format!("event: signed_out\ndata: {{\"type\":\"signed_out\",\"reason\":\"{word}\"}}");
        assert_eq!(last_word(v1).await, expected);
        // The plugin has no word for it; its page finds out when it comes back with its token.
        assert!(last_word(compat).await.contains("event: onConnect"));
    }
}

#[tokio::test]
async fn what_waits_is_written_at_one_go_up_to_a_size() {
    const EVENTS: u64 = 100;
    let trial = Trial::new();
    let mut hollow = trial.sessions.add_hollow(&juliet());
    let response = listen(&trial, Surface::V1, Some(&mut hollow)).await;
    let state = Some(ChatState::Composing);
    let event = Event::ChatStateChanged {
        jid: format!("{}@spark.test", "n".repeat(500)).parse().unwrap(),
        nick: None,
        state,
    };
    for _ in 0..EVENTS {
        hollow.log.append(0, &event);
    }
    hollow.log.close(EndReason::Idle);
    let pieces: Vec<Bytes> = response.into_body().into_data_stream().try_collect().await.unwrap();
    let sizes: Vec<usize> = pieces.iter().map(Bytes::len).collect();
    // What a stream begins with, the events, and its last word.
    let [_, full @ .., rest, _] = sizes.as_slice() else { panic!("{sizes:?}") };
    assert!(full.iter().all(|size| (GATHERED_BYTES..GATHERED_BYTES + 1_000).contains(size)), "{sizes:?}");
    assert!((1..GATHERED_BYTES + 1_000).contains(rest), "{sizes:?}");
    let text = String::from_utf8(pieces.concat()).unwrap();
    let told: Vec<Position> =
        text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
    let offsets: Vec<u64> = told.iter().map(|position| position.offset).collect();
    assert_eq!(offsets, (0..=EVENTS).collect::<Vec<u64>>());
}

/// By the order of the stream, whoever answers has had what came before.
#[tokio::test]
async fn who_looks_is_asked_after_what_happened_and_where_they_can_say_so() {
    let trial = Trial::new();
    let mut hollow = trial.sessions.add_hollow(&juliet());
    hollow.session.ask_who_looks();
    let v1 = listen(&trial, Surface::V1, Some(&mut hollow)).await;
    let compat = listen(&trial, Surface::Compat, Some(&mut hollow)).await;
    for _ in 0..2 {
        hollow.session.ask_who_looks();
    }
    hollow.log.append(0, &Event::HistoryChanged { conversation: None });
    let mut pieces = v1.into_body().into_data_stream();
    let mut told = Vec::new();
    for _ in 0..3 {
        let piece = pieces.try_next().await.unwrap().unwrap();
        let text = String::from_utf8(piece.to_vec()).unwrap();
        told.push(text.lines().find_map(|line| line.strip_prefix("event: ")).unwrap().to_owned());
        if told.len() == 3 {
            assert_eq!(
                text, "event: activity_asked\ndata: {\"type\":\"activity_asked\"}\n\n",
                "it has no position"
            );
        }
    }
    assert_eq!(told, ["ready", "history_changed", "activity_asked"]);
    hollow.log.close(EndReason::Idle);
    let rest: Vec<Bytes> = pieces.try_collect().await.unwrap();
    assert!(!String::from_utf8(rest.concat()).unwrap().contains("asked"), "one question is as good as two");
    assert!(!text(compat).await.contains("asked"), "its pages have no word for it");
}

#[tokio::test]
async fn a_stream_asks_to_come_back_when_the_gateway_goes() {
    for surface in BOTH {
        let trial = Trial::new();
        let mut hollow = trial.sessions.add_hollow(&juliet());
        let before = listen(&trial, surface, Some(&mut hollow)).await;
        trial.closing.cancel();
        is_unavailable(&last_word(before).await, RESTART_SECS);
        let late = listen(&trial, surface, Some(&mut hollow)).await;
        is_unavailable(&last_word(late).await, RESTART_SECS);
        // Its session may be ended before its stream has noticed.
        let trial = Trial::new();
        let mut hollow = trial.sessions.add_hollow(&juliet());
        let stream = listen(&trial, surface, Some(&mut hollow)).await;
        hollow.log.close(EndReason::Shutdown);
        is_unavailable(&last_word(stream).await, RESTART_SECS);
    }
}

#[tokio::test]
async fn a_session_that_is_overloaded_has_its_listeners_come_back() {
    for surface in BOTH {
        let trial = Trial::new();
        let mut hollow = trial.sessions.add_hollow(&juliet());
        let session = hollow.session.clone();
        // The one command for which there is room; nobody takes it.
        let waits = session.snapshot();
        tokio::pin!(waits);
        assert!(futures::poll!(&mut waits).is_pending());
        assert_eq!(session.check_room(), Err(SessionError::Overloaded));
        let stream = listen(&trial, surface, None).await;
        is_unavailable(&last_word(stream).await, 1..2);
        hollow.answer_snapshot().await;
        waits.await.unwrap();
        let stream = listen(&trial, surface, Some(&mut hollow)).await;
        hollow.log.close(EndReason::Idle);
        assert!(!last_word(stream).await.contains("unavailable"));
    }
}

/// Whoever has a token for one conversation hears of that one, and goes on from where they are all the same.
#[tokio::test(start_paused = true)]
async fn a_stream_is_as_narrow_as_its_token() {
    let trial = Trial::new();
    let hollow = trial.sessions.add_hollow(&juliet());
    let now_ms = clock::now_ms();
    let came = Came::to_session(&juliet(), hollow.session.number());
    let wide = trial.auth.sign_in(now_ms, &came).access_token;
    let wide = trial.auth.check(now_ms, &wide, Surface::V1, None).unwrap();
    let wanted = Wanted { conversations: vec!["romeo@spark.test".parse().unwrap()], ..Wanted::default() };
    let token = format!("Bearer {}", trial.auth.exchange(now_ms, &wide, wanted).unwrap().access_token);
    let writes = |name: &str| Event::ChatStateChanged {
        jid: format!("{name}@spark.test").parse().unwrap(),
        nick: None,
        state: Some(ChatState::Composing),
    };
    let head = hollow.log.head();
    for name in ["nurse", "romeo", "nurse", "nurse"] {
        hollow.log.append(0, &writes(name));
    }
    let at = |offset| Position { offset, ..head }.to_string();
    let listen = async |after: &str| {
        let headers = [("authorization", token.as_str()), ("last-event-id", after)];
        let response = trial.ask(Method::GET, "/sparkweb/api/v1/events", &headers).await;
        assert_eq!(response.status(), 200);
        response.into_body().into_data_stream()
    };
    let mut stream = listen(&at(head.offset)).await;
    let mut next = async || String::from_utf8(stream.try_next().await.unwrap().unwrap().into()).unwrap();
    assert!(next().await.contains(r#""recovered":true"#));
    let romeo = format!(
        "id: {}\nevent: chat_state_changed\ndata: {{\"type\":\"chat_state_changed\",\"jid\":\"romeo@spark.test\",\"state\":\"composing\"}}\n\n",
        at(head.offset + 2)
    );
    assert_eq!(next().await, romeo);
    // The position moves although there is nothing to tell; a browser's own client takes note of it.
    assert_eq!(next().await, format!("id: {}\n:\n\n", at(head.offset + 4)));
    assert_eq!(next().await, ":\n\n");
    // A ticket opens no more than the token it was asked for with.
    let principal = trial.auth.check(now_ms, token.trim_start_matches("Bearer "), Surface::V1, None).unwrap();
    let (ticket, _) = trial.auth.give_ticket(now_ms, &principal, Opens::Events, None);
    let path = format!("/sparkweb/api/v1/events?ticket={ticket}&lastEventId={}", at(head.offset));
    let response = trial.ask(Method::GET, &path, &[]).await;
    hollow.log.append(0, &writes("nurse"));
    hollow.log.close(EndReason::Idle);
    let whole = text(response).await;
    assert!(whole.contains(&romeo) && !whole.contains("nurse"), "{whole}");
}
