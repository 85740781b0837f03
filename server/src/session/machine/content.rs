//! What may be in a message that the person sends.

use protocol::{File, MAX_BODY_BYTES, MAX_DATA_BYTES, MAX_FILES, MAX_MENTIONS, Mention};

use super::text;
use crate::session::chat::SendError;
use crate::xmpp::{checked_file, normalise_jid};

/// The most bytes of a text in XML, with what comes beside it. Prosody and ejabberd take stanzas of 256 KiB, and end the
/// session over a larger one; there is a quote besides.
const MAX_XML_BYTES: usize = 200 * 1024;

/// The text; beside files it may be empty.
pub(super) fn check_body(
    body: &str,
    files: &[File],
    mentions: &[Mention],
    data: Option<&str>,
) -> Result<(), SendError> {
    if body.is_empty() && files.is_empty() {
        return Err(SendError::Empty);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(SendError::TooLong { len: body.len(), max: MAX_BODY_BYTES });
    }
    data.map_or(Ok(()), check_data)?;
    let files = files.iter().map(file_len).sum::<usize>();
    // Percent-encoding makes three bytes of one.
    let mentions = mentions.iter().map(|mention| 128 + 3 * mention.jid.as_str().len()).sum::<usize>();
    let xml_len = text::xml_len(body) + data.map_or(0, text::xml_len) + files + mentions;
    if xml_len > MAX_XML_BYTES {
        return Err(SendError::TooLongInXml { len: xml_len, max: MAX_XML_BYTES });
    }
    if !text::is_xml(body) {
        return Err(SendError::UnsupportedCharacter);
    }
    Ok(())
}

/// The bytes that a file takes in a stanza, about: its address is there three times.
fn file_len(file: &File) -> usize {
    let words = [&file.name, &file.media_type, &file.description];
    let words = words.into_iter().flatten().map(|text| text::xml_len(text)).sum::<usize>();
    512 + 3 * text::xml_len(&file.url) + words + 256 * file.hashes.len()
}

/// What programs say to each other.
fn check_data(data: &str) -> Result<(), SendError> {
    if data.len() > MAX_DATA_BYTES {
        return Err(SendError::TooLong { len: data.len(), max: MAX_DATA_BYTES });
    }
    if !text::is_xml(data) {
        return Err(SendError::UnsupportedCharacter);
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(data) {
        Ok(_) => Ok(()),
        Err(_) => Err(SendError::Content("data must be JSON, as text")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_together_fits_into_a_stanza() {
        let file = File {
            url: format!("https://x.test/?{}", "&".repeat(4000)),
            name: None,
            media_type: None,
            size_bytes: None,
            width: None,
            height: None,
            description: None,
            hashes: vec![],
        };
        let jid = format!("romeo@spark.test/{}", "é".repeat(500)).parse().unwrap();
        let mention = Mention { jid, begin: None, end: None };
        for (body, files, mentions, fits) in [
            (0, 1, 0, true),
            (0, 3, 0, true),
            (0, 4, 0, false),
            (60_000, 0, 40, true),
            (60_000, 0, 64, false),
            (60_000, 2, 30, false),
        ] {
            let result = check_body(
                &"x".repeat(body),
                &vec![file.clone(); files],
                &vec![mention.clone(); mentions],
                None,
            );
            assert_eq!(result.is_ok(), fits, "{body} {files} {mentions}: {result:?}");
        }
        assert_eq!(check_body("", &[], &[], None), Err(SendError::Empty));
    }

    #[test]
    fn data_is_json_that_there_is_room_for() {
        let long = format!("\"{}\"", "x".repeat(MAX_DATA_BYTES - 1));
        let escaped = format!("\"{}\"", "&".repeat(30_000));
        for (body, data, expected) in [
            ("hi", None, Ok(())),
            ("hi", Some(r#"{"body":"hi","a":[1,null]}"#), Ok(())),
            ("hi", Some(&long[1..]), Err(SendError::Content("data must be JSON, as text"))),
            ("hi", Some(""), Err(SendError::Content("data must be JSON, as text"))),
            ("hi", Some("{} {}"), Err(SendError::Content("data must be JSON, as text"))),
            ("hi", Some("\"\u{ffff}\""), Err(SendError::UnsupportedCharacter)),
            ("hi", Some(&long), Err(SendError::TooLong { len: MAX_DATA_BYTES + 1, max: MAX_DATA_BYTES })),
            ("hi", Some(&escaped), Ok(())),
            (
                &"&".repeat(12_000),
                Some(&escaped),
                Err(SendError::TooLongInXml { len: 210_002, max: MAX_XML_BYTES }),
            ),
        ] {
            assert_eq!(check_body(body, &[], &[], data), expected, "{:.40}", data.unwrap_or("none"));
        }
    }
}
