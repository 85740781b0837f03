//! Forms that a server has people fill in (XEP-0004), such as a room's configuration.

use serde::{Deserialize, Serialize};

/// The most values of one field that are taken.
pub const MAX_FIELD_VALUES: usize = 500;
/// The longest value of a field in bytes of UTF-8.
pub const MAX_FIELD_VALUE_BYTES: usize = 4096;

/// What may be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// `true` or `false`.
    Boolean,
    /// Nothing: it is a heading or an explanation.
    Fixed,
    /// Nothing: it goes back as it came.
    Hidden,
    /// Some addresses.
    JidMulti,
    /// An address.
    JidSingle,
    /// Some of the options.
    ListMulti,
    /// One of the options.
    ListSingle,
    /// Some lines of text.
    TextMulti,
    /// A secret.
    TextPrivate,
    /// A line of text.
    #[default]
    #[serde(other)]
    TextSingle,
}

/// One of the values from which to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldOption {
    /// The value.
    pub value: String,
    /// What to show for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormField {
    /// Its name, such as `muc#roomconfig_roomname`; empty for what can't be filled in.
    pub name: String,
    /// What may be filled in.
    pub kind: FieldKind,
    /// What to call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// It must be filled in.
    #[serde(default)]
    pub required: bool,
    /// From which to choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
    /// What it holds.
    #[serde(default)]
    pub values: Vec<String>,
}

/// `GET /rooms/{jid}/config`: how a room is, as a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, optional_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Form {
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What to do with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Its fields, in order.
    pub fields: Vec<FormField>,
}

/// What is filled into a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldValues {
    /// The field's name.
    pub name: String,
    /// All that it is to hold.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_FIELD_VALUES), inner(length(max = MAX_FIELD_VALUE_BYTES))))]
    pub values: Vec<String>,
}

/// `PUT /rooms/{jid}/config`: how a room is to be. Fields that are not named stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetForm {
    /// The fields to change.
    pub fields: Vec<FieldValues>,
}
