//! The session as a whole: its snapshot and its events.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use protocol::{Event, EventTicket, Position, Snapshot, paths};

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, CurrentUser, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject, Type};
use super::super::route::{Endpoint, origin};
use super::super::sight;
use super::super::sse::{self, Dialect};
use crate::auth::{Opens, Scope};
use crate::clock;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::v1(
            "GET",
            paths::SNAPSHOT,
            Scope::Read,
            get(get_snapshot),
            Operation::new("get_snapshot", Subject::Session, "Get everything that a new tab needs")
                .note("Show it, then apply every event after `position`, in order.")
                .gives::<Snapshot>(),
        )
        .of_session(),
        Endpoint::v1(
            "POST",
            paths::EVENT_TICKETS,
            Scope::Read,
            post(create_event_ticket),
            Operation::new("create_event_ticket", Subject::Session, "Get a ticket for the event stream")
                .note("For whoever can send no header there. It is good once, for 30 seconds.")
                .makes::<EventTicket>(),
        )
        .of_session(),
        Endpoint::v1(
            "GET",
            paths::EVENTS,
            Scope::Read,
            get(stream_events),
            Operation::new("stream_events", Subject::Session, "Listen to what happens")
                .note(
                    "The first event is `ready`. `data` of each is one line of JSON whose \
                     `type` is the event's name, and `id` is the position after it.",
                )
                .header(Param::of::<Position>(
                    "Last-Event-ID",
                    "The position from which to go on; it wins over the query.",
                ))
                .query(Param::of::<Position>("lastEventId", "The position from which to go on."))
                .query(Param::text("ticket", "A ticket, in the place of the header `Authorization`."))
                .answers(StatusCode::OK, Content::Events(Type::of::<Event>())),
        )
        .of_session()
        .or_event_ticket(),
    ]
}

/// `GET /snapshot`
pub(super) async fn get_snapshot(
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
) -> Result<Json<Snapshot>, ApiError> {
    let _attachment = session.attach(None);
    Ok(Json(sight::snapshot(&principal, session.snapshot().await?)))
}

/// `POST /event-tickets`
pub(super) async fn create_event_ticket(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    headers: HeaderMap,
) -> (StatusCode, Json<EventTicket>) {
    let origin = origin(&headers);
    let (ticket, expires_in_secs) =
        state.auth.give_ticket(clock::now_ms(), &principal, Opens::Events, origin);
    (StatusCode::CREATED, Json(EventTicket { ticket, expires_in_secs }))
}

/// `GET /events`
pub(super) async fn stream_events(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    CurrentSession(session): CurrentSession,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let query = query.only(&["lastEventId", "ticket"])?;
    let position = sse::position(&headers, query.get("lastEventId"));
    let room = session.check_room().map_err(ApiError::from);
    sse::or_unavailable(room.map(|()| state.streams.open(&principal, &session, position, Dialect::V1)))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::Value;

    use super::super::super::trial::{PAGE, Trial, header, juliet, text};
    use super::*;
    use crate::auth::Came;

    /// A browser's own `EventSource`, of a page elsewhere: no header of ours, and the origin.
    #[tokio::test]
    async fn a_ticket_opens_the_stream_once_and_nothing_else() {
        let trial = Trial::new();
        let hollow = trial.sessions.add_hollow(&juliet());
        let came = Came::to_session(&juliet(), hollow.session.number());
        let bearer = format!("Bearer {}", trial.auth.sign_in(clock::now_ms(), &came).access_token);
        let authorization = ("authorization", bearer.as_str());
        let ticket = async || {
            let headers = [authorization, ("origin", PAGE)];
            let response = trial.ask(Method::POST, paths::EVENT_TICKETS, &headers).await;
            assert_eq!(response.status(), 201);
            let answer: Value = serde_json::from_str(&text(response).await).unwrap();
            assert_eq!(answer["expires_in_secs"], 30);
            answer["ticket"].as_str().unwrap().to_owned()
        };
        let open = async |path: &str, ticket: &str, headers: &[(&str, &str)]| {
            trial.ask(Method::GET, &format!("{path}?ticket={ticket}"), headers).await
        };
        let page = [("origin", PAGE)];
        let first = ticket().await;
        let response = open(paths::EVENTS, &first, &page).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (200, "text/event-stream")
        );
        assert_eq!(header(&response, "access-control-allow-origin"), PAGE);
        assert_eq!(open(paths::EVENTS, &first, &page).await.status(), 401);
        assert_eq!(open(paths::SNAPSHOT, &ticket().await, &page).await.status(), 401, "for events alone");
        assert_eq!(
            open(paths::EVENTS, &ticket().await, &[("origin", "https://evil.test")]).await.status(),
            401
        );
        // S-3: who is it?
        let both = open(paths::EVENTS, &ticket().await, &[authorization]).await;
        assert_eq!(both.status(), 400);
        assert_eq!(open(paths::EVENTS, "", &[]).await.status(), 401);
    }
}
