//! What people say of themselves, and what they look like.

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, put};
use protocol::{AvatarHash, AvatarSet, BareJid, ErrorCode, MAX_AVATAR_BYTES, Profile, SetNickname, paths};

use super::super::conditions;
use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Raw, Segments};
use super::super::operation::{Content, Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;
use crate::session::{Picture, Session};

/// The hash names the bytes: whoever has them has them for good.
const FOR_GOOD: &str = "private, max-age=31536000, immutable";
/// Which picture it is may be another the next time: it is asked about, and comes only if it is.
const FOR_NOW: &str = "private, no-cache";

/// What pictures are.
const PICTURES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let limit = DefaultBodyLimit::max(MAX_AVATAR_BYTES);
    vec![
        Endpoint::v1(
            "GET",
            paths::PROFILE,
            Scope::Read,
            get(get_own_profile),
            Operation::new("get_own_profile", Subject::Profiles, "Get what the person says of themselves")
                .gives::<Profile>()
                .tagged()
                .asks(),
        ),
        Endpoint::v1(
            "PUT",
            paths::PROFILE,
            Scope::Profile,
            put(set_profile),
            Operation::new("set_profile", Subject::Profiles, "Set what the person says of themselves")
                .takes::<Profile>()
                .done()
                .conditional()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "PUT",
            paths::NICKNAME,
            Scope::Profile,
            put(set_nickname),
            Operation::new("set_nickname", Subject::Profiles, "Set what the person goes by")
                .takes::<SetNickname>()
                .done()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/contacts/{jid}/profile",
            Scope::Read,
            get(get_profile),
            Operation::new("get_profile", Subject::Profiles, "Get what somebody says of themselves")
                .gives::<Profile>()
                .tagged()
                .asks(),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            paths::AVATAR,
            Scope::Profile,
            put(set_avatar).layer(limit),
            Operation::new("set_avatar", Subject::Profiles, "Set the person's picture")
                .note("The body is the picture, told by its bytes, of at most 512 KiB.")
                .takes_content(Content::Bytes(PICTURES))
                .gives::<AvatarSet>()
                .asks(),
        ),
        Endpoint::v1(
            "DELETE",
            paths::AVATAR,
            Scope::Profile,
            delete(remove_avatar),
            Operation::new("remove_avatar", Subject::Profiles, "Take the person's picture away")
                .done()
                .asks(),
        ),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/avatars/{jid}",
            Scope::Read,
            get(get_current_avatar),
            Operation::new("get_current_avatar", Subject::Profiles, "Get somebody's picture as it is now")
                .answers(StatusCode::OK, Content::Bytes(PICTURES))
                .tagged()
                .asks(),
        )
        .of_face(),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/avatars/{jid}/{hash}",
            Scope::Read,
            get(get_avatar),
            Operation::new("get_avatar", Subject::Profiles, "Get a picture by its hash")
                .answers(StatusCode::OK, Content::Bytes(PICTURES))
                .tagged()
                .asks(),
        )
        .of_face(),
    ]
}

/// `GET /profile`
pub(super) async fn get_own_profile(
    CurrentSession(session): CurrentSession,
) -> Result<Json<Profile>, ApiError> {
    Ok(Json(session.own_profile().await?))
}

/// `PUT /profile`
pub(super) async fn set_profile(
    CurrentSession(session): CurrentSession,
    Json(request): Json<Profile>,
) -> Result<StatusCode, ApiError> {
    session.set_profile(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /nickname`
pub(super) async fn set_nickname(
    CurrentSession(session): CurrentSession,
    Json(request): Json<SetNickname>,
) -> Result<StatusCode, ApiError> {
    session.set_nickname(request.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /contacts/{jid}/profile`
pub(super) async fn get_profile(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<Profile>, ApiError> {
    Ok(Json(session.profile(segments.jid("jid")?).await?))
}

/// `PUT /avatar`: the body is the picture.
pub(super) async fn set_avatar(
    CurrentSession(session): CurrentSession,
    Raw(bytes): Raw,
) -> Result<Json<AvatarSet>, ApiError> {
    let Some(picture) = Picture::new(bytes) else {
        return Err(ApiError::new(
            ErrorCode::MalformedBody,
            "The body must be a picture: PNG, JPEG, GIF or WebP, of at most 512 KiB.",
        ));
    };
    let avatar = picture.hash.clone();
    session.set_avatar(Some(picture)).await?;
    Ok(Json(AvatarSet { avatar }))
}

/// `DELETE /avatar`
pub(super) async fn remove_avatar(CurrentSession(session): CurrentSession) -> Result<StatusCode, ApiError> {
    session.set_avatar(None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /avatars/{jid}`
pub(super) async fn get_current_avatar(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let jid = segments.jid("jid")?;
    let hash = session.current_avatar(jid.clone()).await?;
    picture(&session, jid, hash, &headers, FOR_NOW).await
}

/// `GET /avatars/{jid}/{hash}`
pub(super) async fn get_avatar(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    picture(&session, segments.jid("jid")?, segments.avatar("hash")?, &headers, FOR_GOOD).await
}

async fn picture(
    session: &Session,
    jid: BareJid,
    hash: AvatarHash,
    headers: &HeaderMap,
    cache: &str,
) -> Result<Response, ApiError> {
    let tag = format!("\"{}\"", hash.0);
    if conditions::is_known(headers, &tag) {
        let headers = [(ETAG, tag.as_str()), (CACHE_CONTROL, cache)];
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let avatar = session.avatar(jid, hash).await?;
    let headers = [
        (CONTENT_TYPE, avatar.media_type.to_owned()),
        (ETAG, tag),
        (CACHE_CONTROL, cache.to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, Body::from(avatar.bytes)).into_response())
}
