//! What people say of themselves (vCards), and what they look like.

use serde::{Deserialize, Serialize};

use crate::AvatarHash;

/// The longest text of a profile in bytes of UTF-8, but for the note.
pub const MAX_PROFILE_TEXT_BYTES: usize = 1024;
/// The longest note of a profile in bytes.
pub const MAX_PROFILE_NOTE_BYTES: usize = 8192;
/// The most addresses, numbers or pages of each kind.
pub const MAX_PROFILE_ITEMS: usize = 32;
/// The largest avatar in bytes.
pub const MAX_AVATAR_BYTES: usize = 512 * 1024;

/// `GET /profile`, `PUT /profile`, `GET /contacts/{jid}/profile`: what somebody says of themselves. Anybody can say
/// anything; it is plain text, and shown as such.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub full_name: Option<String>,
    /// What they go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub nickname: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub given_name: Option<String>,
    /// The family's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub family_name: Option<String>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub organisation: Option<String>,
    /// As what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub title: Option<String>,
    /// Addresses of electronic mail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_ITEMS), inner(length(max = MAX_PROFILE_TEXT_BYTES))))]
    pub emails: Vec<String>,
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_ITEMS), inner(length(max = MAX_PROFILE_TEXT_BYTES))))]
    pub phones: Vec<String>,
    /// Pages. Whoever makes links of them checks what they are first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_ITEMS), inner(length(max = MAX_PROFILE_TEXT_BYTES))))]
    pub urls: Vec<String>,
    /// The day of birth, `1595-08-01` by custom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub birthday: Option<String>,
    /// Anything else, at most 8 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_NOTE_BYTES)))]
    pub note: Option<String>,
}

/// `PUT /nickname`: what the person goes by from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetNickname {
    /// The name, at most 1 KiB; an empty one takes it away.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_PROFILE_TEXT_BYTES)))]
    pub name: String,
}

/// The answer to `PUT /avatar`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AvatarSet {
    /// By which the picture is to be had from now on.
    pub avatar: AvatarHash,
}
