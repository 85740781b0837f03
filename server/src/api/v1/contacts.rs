//! Others: the contact list, and who may see whom.

use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use protocol::{
    AnswerSubscriptionRequest, Contact, ContactDetails, ErrorCode, LastActivity, Roster, RosterEntry,
    SetContact, SetSubscription, SubscriptionRequests, paths,
};

use super::super::error::ApiError;
use super::super::extract::{CurrentSession, Json, Segments};
use super::super::operation::{Operation, Subject};
use super::super::route::Endpoint;
use crate::auth::Scope;

pub(super) fn endpoints() -> Vec<Endpoint> {
    const CONTACT: &str = "/sparkweb/api/v1/roster/{jid}";
    const SUBSCRIPTION: &str = "/sparkweb/api/v1/roster/{jid}/subscription";
    const REQUEST: &str = "/sparkweb/api/v1/subscription-requests/{jid}";
    vec![
        Endpoint::v1(
            "GET",
            paths::ROSTER,
            Scope::Read,
            get(list_contacts),
            Operation::new("list_contacts", Subject::Contacts, "List the contacts").gives::<Roster>(),
        ),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/contacts/{jid}",
            Scope::Read,
            get(get_contact),
            Operation::new("get_contact", Subject::Contacts, "Get a contact and their devices")
                .gives::<ContactDetails>()
                .fails(&[ErrorCode::NotFound]),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            "/sparkweb/api/v1/contacts/{jid}/last-activity",
            Scope::Read,
            get(get_last_activity),
            Operation::new("get_last_activity", Subject::Contacts, "Ask when a contact was last there")
                .gives::<LastActivity>()
                .asks(),
        )
        .of_conversation(),
        Endpoint::v1(
            "GET",
            CONTACT,
            Scope::Read,
            get(get_roster_entry),
            Operation::new("get_roster_entry", Subject::Contacts, "Get what can be edited of a contact")
                .gives::<RosterEntry>()
                .tagged()
                .fails(&[ErrorCode::NotFound]),
        )
        .of_conversation(),
        Endpoint::v1(
            "PUT",
            CONTACT,
            Scope::Contacts,
            put(set_contact),
            Operation::new("set_contact", Subject::Contacts, "Add or edit a contact")
                .takes::<SetContact>()
                .gives::<Contact>()
                .makes::<Contact>()
                .conditional()
                .asks()
                .fails(&[ErrorCode::UnsupportedCharacter]),
        ),
        Endpoint::v1(
            "DELETE",
            CONTACT,
            Scope::Contacts,
            delete(remove_contact),
            Operation::new("remove_contact", Subject::Contacts, "Remove a contact")
                .done()
                .conditional()
                .asks(),
        ),
        Endpoint::v1(
            "PUT",
            SUBSCRIPTION,
            Scope::Contacts,
            put(set_subscription),
            Operation::new("set_subscription", Subject::Contacts, "Say who sees whom")
                .takes::<SetSubscription>()
                .done()
                .asks(),
        ),
        Endpoint::v1(
            "GET",
            paths::SUBSCRIPTION_REQUESTS,
            Scope::Read,
            get(list_subscription_requests),
            Operation::new(
                "list_subscription_requests",
                Subject::Contacts,
                "List who asks to see the person's presence",
            )
            .gives::<SubscriptionRequests>(),
        ),
        Endpoint::v1(
            "PUT",
            REQUEST,
            Scope::Contacts,
            put(answer_subscription_request),
            Operation::new(
                "answer_subscription_request",
                Subject::Contacts,
                "Answer somebody who asks to see the person's presence",
            )
            .takes::<AnswerSubscriptionRequest>()
            .done()
            .asks(),
        ),
    ]
}

/// `GET /roster`
pub(super) async fn list_contacts(CurrentSession(session): CurrentSession) -> Result<Json<Roster>, ApiError> {
    Ok(Json(session.roster().await?))
}

/// `GET /contacts/{jid}`
pub(super) async fn get_contact(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<ContactDetails>, ApiError> {
    Ok(Json(session.contact(segments.jid("jid")?).await?))
}

/// `GET /contacts/{jid}/last-activity`
pub(super) async fn get_last_activity(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<LastActivity>, ApiError> {
    Ok(Json(session.last_activity(segments.jid("jid")?).await?))
}

/// `GET /roster/{jid}`
pub(super) async fn get_roster_entry(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<Json<RosterEntry>, ApiError> {
    let Contact { jid, name, groups, subscription, pending, pre_approved, .. } =
        session.contact(segments.jid("jid")?).await?.contact;
    Ok(Json(RosterEntry { jid, name, groups, subscription, pending, pre_approved }))
}

/// `PUT /roster/{jid}`
pub(super) async fn set_contact(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetContact>,
) -> Result<(StatusCode, Json<Contact>), ApiError> {
    let set = session.set_contact(segments.jid("jid")?, request).await?;
    let status = if set.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(set.contact)))
}

/// `DELETE /roster/{jid}`
pub(super) async fn remove_contact(
    CurrentSession(session): CurrentSession,
    segments: Segments,
) -> Result<StatusCode, ApiError> {
    session.remove_contact(segments.jid("jid")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /roster/{jid}/subscription`
pub(super) async fn set_subscription(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<SetSubscription>,
) -> Result<StatusCode, ApiError> {
    session.set_subscription(segments.jid("jid")?, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /subscription-requests`
pub(super) async fn list_subscription_requests(
    CurrentSession(session): CurrentSession,
) -> Result<Json<SubscriptionRequests>, ApiError> {
    Ok(Json(session.subscription_requests().await?))
}

/// `PUT /subscription-requests/{jid}`
pub(super) async fn answer_subscription_request(
    CurrentSession(session): CurrentSession,
    segments: Segments,
    Json(request): Json<AnswerSubscriptionRequest>,
) -> Result<StatusCode, ApiError> {
    session.answer_subscription_request(segments.jid("jid")?, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
