//! Event streams with nobody at the other end of a wire.

use axum::http::Method;
use futures::TryStreamExt;
use futures::future::OptionFuture;
use protocol::ChatState;

use super::super::trial::{Trial, header, juliet, text};
use super::*;
use crate::auth::{Came, Surface};
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
