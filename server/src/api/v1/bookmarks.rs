//! Rooms that the person keeps a note of, and those that they are asked into.

use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use protocol::{Bookmark, Bookmarks, ErrorCode, Invitations, Invite, SetBookmark, paths};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Query, Segments};
use super::super::operation::{Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const BOOKMARK: &str = "/sparkweb/api/v1/bookmarks/{jid}";
    const INVITATION: &str = "/sparkweb/api/v1/invitations/{jid}";
    const INVITE: &str = "/sparkweb/api/v1/rooms/{jid}/invitations";
    vec![
        Endpoint::v1(
            "GET",
            paths::BOOKMARKS,
            Scope::Read,
            get(list_bookmarks),
            Operation::new("list_bookmarks", Subject::Rooms, "List the bookmarks")
                .gives::<Bookmarks>()
                .tagged(),
        ),
        Endpoint::v1(
            "GET",
            BOOKMARK,
            Scope::Read,
            get(get_bookmark),
            Operation::new("get_bookmark", Subject::Rooms, "Get the note of a room")
                .gives::<Bookmark>()
                .tagged()
                .fails(&[ErrorCode::NotFound]),
        ),
        Endpoint::v1(
            "PUT",
            BOOKMARK,
            Scope::Rooms,
            put(set_bookmark),
            Operation::new("set_bookmark", Subject::Rooms, "Keep a note of a room")
                .takes::<SetBookmark>()
                .gives::<Bookmark>()
                .conditional()
                .asks_room(),
        ),
        Endpoint::v1(
            "DELETE",
            BOOKMARK,
            Scope::Rooms,
            delete(remove_bookmark),
            Operation::new("remove_bookmark", Subject::Rooms, "Keep no note of a room any more")
                .done()
                .conditional()
                .asks_room(),
        ),
        Endpoint::v1(
            "GET",
            paths::INVITATIONS,
            Scope::Read,
            get(list_invitations),
            Operation::new("list_invitations", Subject::Rooms, "List who asks the person into which room")
                .gives::<Invitations>(),
        ),
        Endpoint::v1(
            "DELETE",
            INVITATION,
            Scope::Rooms,
            delete(decline_invitation),
            Operation::new("decline_invitation", Subject::Rooms, "Decline an invitation")
                .query(Param::reason())
                .done()
                .asks_room(),
        ),
        Endpoint::v1(
            "POST",
            INVITE,
            Scope::Rooms,
            post(invite),
            Operation::new("invite", Subject::Rooms, "Ask somebody into a room")
                .takes::<Invite>()
                .done()
                .asks_room(),
        )
        .of_conversation(),
    ]
}

/// `GET /bookmarks`
pub(super) async fn list_bookmarks(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Bookmarks>, ApiError> {
    Ok(Json(session.bookmarks().await?))
}

/// `GET /bookmarks/{jid}`
pub(super) async fn get_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Bookmark>, ApiError> {
    let room = segments.jid("jid")?;
    let bookmark = session.bookmarks().await?.bookmarks.into_iter().find(|bookmark| bookmark.jid == room);
    bookmark.map(Json).ok_or_else(|| ApiError::new(ErrorCode::NotFound, "There is no note of this room."))
}

/// `PUT /bookmarks/{jid}`
pub(super) async fn set_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetBookmark>,
) -> Result<Json<Bookmark>, ApiError> {
    Ok(Json(session.set_bookmark(segments.jid("jid")?, request).await?))
}

/// `DELETE /bookmarks/{jid}`
pub(super) async fn remove_bookmark(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.remove_bookmark(segments.jid("jid")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /invitations`
pub(super) async fn list_invitations(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Invitations>, ApiError> {
    Ok(Json(session.invitations().await?))
}

/// `DELETE /invitations/{jid}`
pub(super) async fn decline_invitation(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let query = query.only(&["reason"])?;
    let reason = query.get("reason").map(str::to_owned);
    session.decline_invitation(segments.jid("jid")?, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /rooms/{jid}/invitations`
pub(super) async fn invite(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<Invite>,
) -> Result<StatusCode, ApiError> {
    session.invite(segments.jid("jid")?, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
