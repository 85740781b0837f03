//! What may be in a message that the person sends.

use protocol::{File, MAX_BODY_BYTES, MAX_FILES, MAX_MENTIONS, Mention};

use super::text;
use crate::session::chat::SendError;
use crate::xmpp::{checked_file, normalise_jid};

/// The most bytes of a text in XML. Prosody and ejabberd take stanzas of 256 KiB, and end the session over a larger one;
/// there are a quote, files and mentions beside it.
const MAX_XML_BYTES: usize = 200 * 1024;

/// The text; beside files it may be empty.
pub(super) fn check_body(body: &str, has_files: bool) -> Result<(), SendError> {
    if body.is_empty() && !has_files {
        return Err(SendError::Empty);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(SendError::TooLong { len: body.len(), max: MAX_BODY_BYTES });
    }
    let xml_len = text::xml_len(body);
    if xml_len > MAX_XML_BYTES {
        return Err(SendError::TooLongInXml { len: xml_len, max: MAX_XML_BYTES });
    }
    if !text::is_xml(body) {
        return Err(SendError::UnsupportedCharacter);
    }
    Ok(())
}

/// The mentions, each with a place within the text or none.
pub(super) fn check_mentions(body: &str, mentions: Vec<Mention>) -> Result<Vec<Mention>, SendError> {
    if mentions.len() > MAX_MENTIONS {
        return Err(SendError::Content("there may be 64 mentions at the most"));
    }
    let length = body.chars().count();
    mentions
        .into_iter()
        .map(|mention| {
            let is_within = match (mention.begin, mention.end) {
                (None, None) => true,
                (Some(begin), Some(end)) => {
                    begin < end && usize::try_from(end).is_ok_and(|end| end <= length)
                }
                _ => false,
            };
            if !is_within {
                return Err(SendError::Content(
                    "a mention must begin and end within the text, counted in Unicode code points",
                ));
            }
            let jid = normalise_jid(&mention.jid)
                .map_err(|_| SendError::Content("a mention must have the address of somebody"))?;
            Ok(Mention { jid, ..mention })
        })
        .collect()
}

/// The files, each of them as others may be told of it.
pub(super) fn check_files(files: Vec<File>) -> Result<Vec<File>, SendError> {
    if files.len() > MAX_FILES {
        return Err(SendError::Content("there may be 16 files at the most"));
    }
    let file =
        |file| checked_file(file).ok_or(SendError::Content("a file must have an https or http address"));
    files.into_iter().map(file).collect()
}
