//! Files at an address: Out of Band Data (XEP-0066), Stateless File Sharing (XEP-0447) with its metadata (XEP-0446).
//!
//! Only what a browser may follow counts as an address: `https:` and `http:`. What is said of a file is said by whoever
//! sends it; it is cut where it becomes unreasonable, and shown as text.

use minidom::Element;
use protocol::{File, FileHash, MAX_FILE_URL_BYTES, MAX_FILES};
use url::Url;

use super::fallback;
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;

/// The most hashes of one file.
const MAX_HASHES: usize = 4;

/// The files of a message.
pub(super) fn read(stanza: &Element) -> Vec<File> {
    let shared =
        stanza.children().filter(|child| child.is("file-sharing", ns::FILE_SHARING)).filter_map(shared);
    let mut files: Vec<File> = shared.take(MAX_FILES).collect();
    for oob in stanza.children().filter(|child| child.is("x", ns::OOB)) {
        let Some(url) = child_text(oob, "url", ns::OOB).and_then(|url| web_address(&url)) else { continue };
        if files.len() < MAX_FILES && !files.iter().any(|file| file.url == url) {
            let description = child_text(oob, "desc", ns::OOB).and_then(|text| words(&text, 1024));
            files.push(File { description, ..bare(url) });
        }
    }
    files
}

/// One `<file-sharing/>`, if one of its sources is for us.
fn shared(sharing: &Element) -> Option<File> {
    let sources = sharing.get_child("sources", ns::FILE_SHARING)?;
    let targets = sources.children().filter(|source| source.is("url-data", ns::URL_DATA));
    let url = targets.filter_map(|source| source.attr("target")).find_map(web_address)?;
    let Some(metadata) = sharing.get_child("file", ns::FILE_METADATA) else { return Some(bare(url)) };
    let text = |name: &str| child_text(metadata, name, ns::FILE_METADATA);
    let number = |name: &str| text(name)?.trim().parse::<u32>().ok();
    let dimensions = text("dimensions").and_then(|text| {
        let (width, height) = text.split_once('x')?;
        Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
    });
    let hashes = metadata
        .children()
        .filter(|child| child.is("hash", ns::HASHES))
        .filter_map(|hash| Some(FileHash { algorithm: hash.attr("algo")?.to_owned(), value: hash.text() }));
    checked(File {
        name: text("name"),
        media_type: text("media-type"),
        size_bytes: text("size").and_then(|size| size.trim().parse().ok()),
        width: dimensions.map(|d: (u32, u32)| d.0).or_else(|| number("width")),
        height: dimensions.map(|d: (u32, u32)| d.1).or_else(|| number("height")),
        description: text("desc"),
        hashes: hashes.take(MAX_HASHES).collect(),
        ..bare(url)
    })
}

/// A file as it may be told of: what makes no sense is left out, and without a good address nothing is left.
pub fn checked(file: File) -> Option<File> {
    let hash = |hash: FileHash| {
        let (algorithm, value) = (words(&hash.algorithm, 32)?, words(&hash.value, 128)?);
        (value.len() == hash.value.trim().len()).then_some(FileHash { algorithm, value })
    };
    Some(File {
        url: web_address(&file.url)?,
        name: file.name.and_then(|name| file_name(&name)),
        media_type: file.media_type.filter(|text| is_media_type(text)),
        size_bytes: file.size_bytes.filter(|size| *size >= 0),
        width: file.width,
        height: file.height,
        description: file.description.and_then(|text| words(&text, 1024)),
        hashes: file.hashes.into_iter().filter_map(hash).take(MAX_HASHES).collect(),
    })
}

fn bare(url: String) -> File {
    File {
        url,
        name: None,
        media_type: None,
        size_bytes: None,
        width: None,
        height: None,
        description: None,
        hashes: Vec::new(),
    }
}

/// An address of the web, in the form in which browsers take it.
pub(super) fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_FILE_URL_BYTES {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    url.has_host().then(|| url.to_string())
}

/// A name without the folders that it claims to be in, and without what turns the direction of writing around: that would
/// show `gpj.exe` as `exe.jpg`.
fn file_name(text: &str) -> Option<String> {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    words(&name.replace(turns, ""), 255).filter(|name| name != "." && name != "..")
}

fn is_media_type(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= 127 && text.split_once('/').is_some_and(|(kind, subtype)| is_word(kind) && is_word(subtype))
}

/// A text of a bounded length, without control characters; `None` if nothing is left of it.
fn words(text: &str, max_bytes: usize) -> Option<String> {
    let text: String =
        text.trim().chars().filter(|letter| !letter.is_control() && !is_no_character(*letter)).collect();
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (end > 0).then(|| text[..end].to_owned())
}

/// What no XML document can hold (section 2.2), of what is no control character.
fn is_no_character(letter: char) -> bool {
    matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// Adds the files to a message. The text, with the addresses in it for those who know no files, is what is returned.
pub(super) fn write(elements: &mut Vec<Element>, files: &[File], mut text: String) -> String {
    for file in files {
        elements.push(sharing(file));
    }
    // Older clients know a file by this: an address that is the whole text, and said to be out of band.
    if let [file] = files {
        let url = element("url", ns::OOB).content(file.url.as_str());
        elements.push(element("x", ns::OOB).child(url));
    }
    let begin = fallback::length(&text);
    for file in files {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&file.url);
    }
    let range = (begin > 0).then(|| (begin, fallback::length(&text)));
    elements.push(fallback::write(ns::FILE_SHARING, range));
    text
}

fn sharing(file: &File) -> Element {
    let mut metadata = element("file", ns::FILE_METADATA);
    let dimensions = file.width.zip(file.height).map(|(width, height)| format!("{width}x{height}"));
    for (name, value) in [
        ("media-type", file.media_type.clone()),
        ("name", file.name.clone()),
        ("size", file.size_bytes.map(|size| size.to_string())),
        ("dimensions", dimensions),
        ("desc", file.description.clone()),
    ] {
        if let Some(value) = value {
            metadata.append_child(element(name, ns::FILE_METADATA).content(value));
        }
    }
    for hash in &file.hashes {
        let hash =
            element("hash", ns::HASHES).with("algo", hash.algorithm.as_str()).content(hash.value.as_str());
        metadata.append_child(hash);
    }
    let source = element("url-data", ns::URL_DATA).with("target", file.url.as_str());
    let sources = element("sources", ns::FILE_SHARING).child(source);
    element("file-sharing", ns::FILE_SHARING).with("disposition", "inline").child(metadata).child(sources)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::super::read::tests::parse;
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(children: &str, expected: Expect) {
        let files = read(&parse(&format!("<message>{children}</message>")));
        expected.assert_eq(&serde_json::to_string(&files).unwrap());
    }

    #[test]
    fn shared_files_are_read() {
        // XEP-0447 example 1.
        check(
            "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>\
             <media-type>image/jpeg</media-type><name>summit.jpg</name><size>3032449</size><dimensions>4096x2160</dimensions>\
             <hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>\
             <hash xmlns='urn:xmpp:hashes:2' algo='id-blake2b256'>2AfMGH8O7UNPTvUVAM9aK13mpCY=</hash><desc>Photo from the summit.</desc>\
             <thumbnail xmlns='urn:xmpp:thumbs:1' uri='cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org' media-type='image/png' width='128' height='96'/></file>\
             <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://download.montague.lit/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/summit.jpg'/>\
             <jinglepub xmlns='urn:xmpp:jinglepub:1' from='romeo@montague.lit/resource' id='9559976B-3FBF-4E7E-B457-2DAA225972BB'/></sources></file-sharing>",
            expect![[
                r#"[{"url":"https://download.montague.lit/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/summit.jpg","name":"summit.jpg","media_type":"image/jpeg","size_bytes":3032449,"width":4096,"height":2160,"description":"Photo from the summit.","hashes":[{"algorithm":"sha3-256","value":"2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU="},{"algorithm":"id-blake2b256","value":"2AfMGH8O7UNPTvUVAM9aK13mpCY="}]}]"#
            ]],
        );
        // XEP-0066 example 7.
        check(
            "<x xmlns='jabber:x:oob'><url>http://www.jabber.org/images/psa-license.jpg</url><desc>A license to Jabber!</desc></x>",
            expect![[
                r#"[{"url":"http://www.jabber.org/images/psa-license.jpg","description":"A license to Jabber!"}]"#
            ]],
        );
        // Both say the same file.
        check(
            "<file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://x.test/a'/></sources></file-sharing>\
             <x xmlns='jabber:x:oob'><url>https://x.test/a</url></x>",
            expect![[r#"[{"url":"https://x.test/a"}]"#]],
        );
    }

    #[test]
    fn what_no_browser_should_follow_is_no_file() {
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://x.test/a",
            "",
            "x",
            "https://",
            "http:///",
            "blob:https://x.test/1",
        ] {
            check(&format!("<x xmlns='jabber:x:oob'><url>{url}</url></x>"), expect!["[]"]);
        }
        check(
            &format!("<x xmlns='jabber:x:oob'><url>https://x.test/{}</url></x>", "a".repeat(5000)),
            expect!["[]"],
        );
        let many: String =
            (0..40).map(|n| format!("<x xmlns='jabber:x:oob'><url>https://x.test/{n}</url></x>")).collect();
        assert_eq!(read(&parse(&format!("<message>{many}</message>"))).len(), MAX_FILES);
    }

    #[test]
    fn what_is_said_of_a_file_is_taken_with_care() {
        check(
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/svg+xml; a=b</media-type>\
             <name>../../etc/pass\u{85}wd</name><size>-5</size><dimensions>1x-2</dimensions><width>3</width><desc> </desc>\
             <hash xmlns='urn:xmpp:hashes:2'>x</hash></file><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='javascript:x'/>\
             <url-data xmlns='http://jabber.org/protocol/url-data' target='HTTPS://X.test/a b'/></sources></file-sharing>",
            expect![[r#"[{"url":"https://x.test/a%20b","name":"passwd","width":3}]"#]],
        );
        check(
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><name>sun\u{202e}gpj.exe</name></file>\
             <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://x.test/a'/></sources></file-sharing>",
            expect![[r#"[{"url":"https://x.test/a","name":"sungpj.exe"}]"#]],
        );
    }
}
