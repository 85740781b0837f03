//! The audit log, for administrators.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use protocol::{AuditEntry, AuditKind, AuditPage, BareJid, ErrorCode, Scope, TimestampMs, paths};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::ApiState;
use super::super::error::ApiError;
use super::super::extract::{CurrentUser, Json, Query};
use super::super::operation::{Content, Operation, Param, Subject};
use super::super::route::Endpoint;
use crate::auth::{Act, AuditError, AuditFilter, AuditRow, Auth, Entry};
use crate::clock;

/// Entries of a page, and the most of them.
const PAGE: u16 = 50;
const MAX_PAGE: u16 = 100;

/// JSON Lines.
const LINES: &str = "application/jsonl";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let kinds = AuditKind::ALL.map(AuditKind::word);
    let time = |operation: Operation| {
        operation
            .query(Param::instant("after_ms", "From this instant on."))
            .query(Param::instant("before_ms", "Until before this instant."))
            .fails(&[ErrorCode::NotFound, ErrorCode::StoreUnavailable])
    };
    let list = Operation::new("list_audit", Subject::Administration, "Search the audit log")
        .note("The newest first. Where there is no store the log is not kept, and this is `404`.")
        .query(Param::bytes("before", "Entries before this position: `before` of the page before."))
        .query(Param::of::<BareJid>("jid", "What somebody did, and what was done to them."))
        .query(Param::word("kind", "Entries of this kind.", &kinds))
        .query(Param::limit(PAGE, MAX_PAGE))
        .gives::<AuditPage>()
        .fails(&[ErrorCode::MalformedJid]);
    let export = Operation::new("export_audit", Subject::Administration, "Get the audit log whole")
        .note(
            "A line for each entry, the oldest first, each in the canonical form of RFC 8785 with `hash` behind it.",
        )
        .answers(StatusCode::OK, Content::Text(LINES));
    vec![
        Endpoint::v1("GET", paths::AUDIT, Scope::Admin, get(list_audit), time(list)),
        Endpoint::v1("GET", paths::AUDIT_EXPORT, Scope::Admin, get(export_audit), time(export)),
    ]
}

/// `GET /audit`
pub(super) async fn list_audit(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<Json<AuditPage>, ApiError> {
    let query = query.only(&["before", "after_ms", "before_ms", "jid", "kind", "limit"])?;
    let limit = query.parse("limit", "a number from 1 to 100")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(ErrorCode::MalformedParameter, "limit must be a number from 1 to 100."));
    }
    let (after_ms, before_ms) = span(&query)?;
    let filter = AuditFilter {
        before: query.parse("before", "a position")?,
        after_ms,
        before_ms,
        jid: query.get("jid").map(jid).transpose()?,
        kind: query.get("kind").map(kind).transpose()?,
    };
    // One more than is wanted tells whether there are more.
    let mut rows = state.auth.audit_page(&filter, limit + 1).await?;
    let is_last = rows.len() <= usize::from(limit);
    rows.truncate(limit.into());
    let before = rows.last().filter(|_| !is_last).map(|row| row.position);
    let read = Act::AdminActed { what: "read the audit log".to_owned(), whom: None };
    state.auth.audit(clock::now_ms(), Entry::by(&principal, read));
    Ok(Json(AuditPage { entries: rows.into_iter().map(entry).collect(), before }))
}

/// `GET /audit/export`
pub(super) async fn export_audit(
    State(state): State<ApiState>,
    CurrentUser(principal): CurrentUser,
    query: Query,
) -> Result<Response, ApiError> {
    let (after_ms, before_ms) = span(&query.only(&["after_ms", "before_ms"])?)?;
    // What is written from now on is of the next export: this one ends.
    let newest = state.auth.audit_page(&AuditFilter::default(), 1).await?;
    let export = Export {
        auth: state.auth.clone(),
        after_ms,
        before_ms,
        position: 0,
        last: newest.first().map_or(0, |row| row.position),
    };
    let taken = Act::AdminActed { what: "exported the audit log".to_owned(), whom: None };
    state.auth.audit(clock::now_ms(), Entry::by(&principal, taken));
    let lines = stream::try_unfold(export, |mut export| async move {
        Ok::<_, AuditError>(export.read().await?.map(|lines| (lines, export)))
    });
    let headers =
        [(CONTENT_TYPE, LINES), (CONTENT_DISPOSITION, "attachment; filename=\"sparkweb-audit.jsonl\"")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// An export under way.
struct Export {
    auth: Auth,
    after_ms: Option<TimestampMs>,
    before_ms: Option<TimestampMs>,
    /// What was read last.
    position: i64,
    /// What was written last when it began.
    last: i64,
}

impl Export {
    /// The next part of it.
    async fn read(&mut self) -> Result<Option<Bytes>, AuditError> {
        let rows = self.auth.audit_after(self.position, self.after_ms, self.before_ms).await?;
        let lines: Vec<String> =
            rows.iter().take_while(|row| row.position <= self.last).map(AuditRow::line).collect();
        self.position = rows.last().map_or(self.position, |row| row.position);
        Ok((!lines.is_empty()).then(|| lines.concat().into()))
    }
}

fn span(query: &Query) -> Result<(Option<TimestampMs>, Option<TimestampMs>), ApiError> {
    let instant = |key| query.parse(key, "an instant in milliseconds");
    Ok((instant("after_ms")?, instant("before_ms")?))
}

fn jid(text: &str) -> Result<String, ApiError> {
    let parsed: Result<BareJid, _> = text.parse();
    parsed
        .map(|jid| jid.as_str().to_owned())
        .map_err(|error| ApiError::new(ErrorCode::MalformedJid, format!("The address in jid: {error}.")))
}

fn kind(text: &str) -> Result<String, ApiError> {
    if AuditKind::ALL.iter().any(|kind| kind.word() == text) {
        return Ok(text.to_owned());
    }
    Err(ApiError::new(ErrorCode::MalformedParameter, "kind must be one of the words that entries have."))
}

fn entry(row: AuditRow) -> AuditEntry {
    let AuditRow { position, record, hash } = row;
    AuditEntry {
        position,
        id: record.id,
        at_ms: record.at_ms,
        kind: read(record.kind).unwrap_or(AuditKind::Unknown),
        jid: record.jid.and_then(|jid| jid.parse().ok()),
        object: record.object,
        detail: record.detail,
        code: record.code.and_then(read),
        address: record.address,
        amr: record.amr,
        request_id: record.request_id,
        count: record.count,
        hash,
    }
}

/// A word as what it stands for.
fn read<T: DeserializeOwned>(word: String) -> Option<T> {
    serde_json::from_value(Value::String(word)).ok()
}

#[cfg(test)]
mod tests;
