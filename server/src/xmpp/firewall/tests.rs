//! What passes and what is replaced, at every way of cutting it.

mod parser;

use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Breach, Filter, Limits, Offence, Rules};

/// A stream as Prosody begins it.
const HEADER: &str = "<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams' id='a&amp;b' version='1.0' from='spark.test'>";

/// A stanza that has everything in it that may be in one.
const ORDINARY: &str = "<message from=\"romeo@spark.test/o'rchard\" to='juliet@spark.test' type='chat' id='m>1' xml:lang='en'>\
     <body>Wherefore &lt;art&gt; thou &#x263a; \u{2764}\u{fe0f} J\u{fc}liet?</body>\r\n\t\
     <x:y xmlns:x=\"urn:x\" x:a='1>0' b = '/'\n/><![CDATA[<a> & ]] > ]]>\
     <empty xmlns='urn:e'></empty></message>";

fn rules(limits: Limits) -> Arc<Rules> {
    Arc::new(Rules::new(limits))
}

/// Small ones, so that a case can go over each of them at every split.
const SMALL: Limits = Limits {
    depth: 4,
    bytes: 900,
    children: 9,
    attributes: 6,
    namespaces: 2,
    value_bytes: 40,
    text_bytes: 100,
    answer_bytes: 1_800,
    answer_children: 18,
};

/// Everything that goes on of these pieces, and what the stream broke by.
fn pass<'a>(rules: &Arc<Rules>, pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, Option<Breach>) {
    let mut filter = Filter::new(Arc::clone(rules));
    let mut out = Vec::new();
    let result = pieces.into_iter().try_for_each(|piece| filter.feed(piece, &mut out));
    (String::from_utf8(out).unwrap(), result.err())
}

/// What goes on of a stream, cut in every way that there is of cutting it once, and byte by byte.
#[track_caller]
fn pass_at_every_split(limits: Limits, stream: &str) -> (String, Option<Breach>) {
    let rules = rules(limits);
    let bytes = stream.as_bytes();
    let whole = pass(&rules, [bytes]);
    assert_eq!(pass(&rules, bytes.chunks(1)), whole, "byte by byte: {stream}");
    for at in 1..bytes.len() {
        let (one, other) = bytes.split_at(at);
        assert_eq!(pass(&rules, [one, other]), whole, "cut at {at}: {stream}");
    }
    (whole.0.replace(rules.seal(), "SEAL"), whole.1)
}

/// What goes on behind the header in the place of `stanza`.
#[track_caller]
fn behind_header(limits: Limits, stanza: &str) -> Result<String, Breach> {
    let (out, breach) = pass_at_every_split(limits, &format!("{HEADER}{stanza}"));
    let out = out.strip_prefix(HEADER).unwrap().to_owned();
    match breach {
        Some(breach) => Err(breach),
        None => Ok(out),
    }
}

#[test]
fn what_is_within_the_limits_passes_byte_for_byte() {
    for stream in [
        ORDINARY,
        "<presence/>",
        "<presence from='a@b/c'/><iq type='result' id='1' />\n<message></message>",
        " \n\t ",
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features> ",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1=</success>",
        "<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='1'/>",
        "<stream:error><host-gone xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
        "</stream:stream>\n",
        "<message><body>]]&gt; &#10; &quot;&apos;</body></message>",
        "<message><body><![CDATA[]]></body><body><![CDATA[]]]]><![CDATA[>]]></body></message>",
        "<x:message xmlns:x='urn:x'><x:a/></x:message>",
        "<message xmlns='jabber:client' id=''/>",
    ] {
        assert_eq!(behind_header(Limits::default(), stream), Ok(stream.to_owned()), "{stream}");
    }
}

#[test]
fn a_whole_stanza_is_not_held_back_and_nothing_is_kept() {
    let rules = rules(Limits::default());
    let mut filter = Filter::new(Arc::clone(&rules));
    let mut out = Vec::new();
    filter.feed(HEADER.as_bytes(), &mut out).unwrap();
    assert_eq!(out, HEADER.as_bytes());
    for stanza in [ORDINARY, "<presence/>", "<iq></iq>", " "] {
        out.clear();
        filter.feed(stanza.as_bytes(), &mut out).unwrap();
        assert_eq!(out, stanza.as_bytes());
        assert_eq!(filter.held(), 0);
    }
}

/// A stand-in as it looks to those who don't know the seal.
fn stand_in(tag: &str, offence: Offence) -> Result<String, Breach> {
    let name = tag.split(' ').next().unwrap();
    let offence = offence.as_str();
    Ok(format!("<{tag}><replaced xmlns='urn:sparkweb:firewall:0' seal='SEAL' offence='{offence}'/></{name}>"))
}

#[test]
fn each_limit_is_one_too_many() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let long = |count: usize| "v".repeat(count);
    let attributes = |count: usize| {
        (0..count).fold(String::new(), |mut all, n| {
            write!(all, " a{n}='{n}'").unwrap();
            all
        })
    };
    let spaces = |count: usize| {
        (0..count).fold(String::new(), |mut all, n| {
            write!(all, " xmlns:n{n}='urn:{n}'").unwrap();
            all
        })
    };
    for (good, bad, offence) in [
        (nested(3), nested(4), Offence::Depth),
        ("<a/>".repeat(9), "<a/>".repeat(10), Offence::Children),
        ("<a></a>".repeat(9), "<a></a>".repeat(10), Offence::Children),
        (format!("<a{}/>", attributes(6)), format!("<a{}/>", attributes(7)), Offence::Attributes),
        (format!("<a{}/>", spaces(2)), format!("<a{}/>", spaces(3)), Offence::Namespaces),
        (format!("<a b='{}'/>", long(40)), format!("<a b=\"{}\"/>", long(41)), Offence::ValueBytes),
        (format!("<a {}=''/>", long(40)), format!("<a {}=''/>", long(41)), Offence::ValueBytes),
        (format!("<{0}></{0}>", long(40)), format!("<{0}></{0}>", long(41)), Offence::ValueBytes),
        (format!("<a>{}</a>", long(100)), format!("<a>{}</a>", long(101)), Offence::TextBytes),
        (format!("<![CDATA[{}]]>", long(90)), format!("<![CDATA[{}]]>", long(91)), Offence::TextBytes),
        (long(100), long(101), Offence::TextBytes),
        (
            format!("<a>{}</a>", long(98)).repeat(8),
            format!("<a>{}</a>", long(98)).repeat(8) + "v",
            Offence::Bytes,
        ),
    ] {
        // The tags of the stanza are 60 bytes of the 900, so that the last case is on the edge.
        let stanza = |content: &str| {
            let stanza = format!("<message from='a@b/c' to='d@e' type='chat' id='1'>{content}</message>");
            format!("{stanza}<presence from='next@b'/>")
        };
        let good = stanza(&good);
        assert_eq!(behind_header(SMALL, &good).as_deref(), Ok(good.as_str()));
        let expected = stand_in("message from='a@b/c' to='d@e' type='chat' id='1'", offence)
            .map(|stand_in| format!("{stand_in}<presence from='next@b'/>"));
        assert_eq!(behind_header(SMALL, &stanza(&bad)), expected, "{bad}");
    }
}

#[test]
fn the_limits_hold_in_the_stanza_s_own_tag_and_harmless_parts_of_it_are_kept() {
    let long = "v".repeat(41);
    for (tag, kept, offence) in [
        (format!("message from='a@b' x='{long}' id='1'"), "message from='a@b' id='1'", Offence::ValueBytes),
        (
            format!("presence x='{long}' from='a@b' type=\"error\""),
            "presence from='a@b' type=\"error\"",
            Offence::ValueBytes,
        ),
        (format!("iq id='1' {long}='' type='get'"), "iq type='get' id='1'", Offence::ValueBytes),
        (
            "iq a='' b='' c='' d='' e='' f='' type='get' id='a&lt;b'".to_owned(),
            "iq type='get' id='a&lt;b'",
            Offence::Attributes,
        ),
        ("iq xmlns:a='1' xmlns:b='2' xmlns:c='3' id='1'".to_owned(), "iq id='1'", Offence::Namespaces),
        // One of two can't be chosen, and what is wrong in itself can't be kept.
        ("iq id='1' from='a@b' from='c@d'".to_owned(), "iq id='1'", Offence::Malformed),
        ("iq id='&nbsp;' from='a@b'".to_owned(), "iq from='a@b'", Offence::Malformed),
        ("iq id='<' from='a@b'".to_owned(), "iq from='a@b'", Offence::Malformed),
        ("message from='a@b' x:y=''".to_owned(), "message from='a@b'", Offence::Malformed),
        (
            "message xmlns='jabber:client' x:y=''".to_owned(),
            "message xmlns='jabber:client'",
            Offence::Malformed,
        ),
    ] {
        for stanza in
            [format!("<{tag}/>"), format!("<{tag}><body>hi</body></{}>", tag.split(' ').next().unwrap())]
        {
            assert_eq!(behind_header(SMALL, &stanza), stand_in(kept, offence), "{stanza}");
        }
    }
    // An address that nobody can have.
    let endless = format!("<message from='{}' to='d@e'><!----></message>", "v".repeat(4_000));
    assert_eq!(pass(&rules(Limits::default()), [HEADER.as_bytes(), endless.as_bytes()]).1, None);
}

#[test]
fn what_has_no_place_in_a_stanza_replaces_it() {
    for (content, offence) in [
        ("<!-- <a> -->", Offence::Comment),
        ("<!----><!-- - > --->", Offence::Comment),
        ("<?php </message> ?>", Offence::Instruction),
        ("<?xml version='1.0'?>", Offence::Instruction),
        ("&nbsp;", Offence::Malformed),
        ("&#0;", Offence::Malformed),
        ("&#xffff;", Offence::Malformed),
        ("\u{ffff}", Offence::Malformed),
        ("\u{1}", Offence::Malformed),
        ("]]>", Offence::Malformed),
        ("<a b='' b=''/>", Offence::Malformed),
        ("<a b=''c=''/>", Offence::Malformed),
        ("<a b/>", Offence::Malformed),
        ("<a b=c/>", Offence::Malformed),
        ("<a ='b'/>", Offence::Malformed),
        ("<a b='<'/>", Offence::Malformed),
        ("<a:b/>", Offence::Malformed),
        ("<a:b:c xmlns:a='urn:a'/>", Offence::Malformed),
        ("<1/>", Offence::Malformed),
        ("<a/ >t</a>", Offence::Malformed),
    ] {
        let stanza = format!("<message id='1'>{content}</message>");
        assert_eq!(behind_header(SMALL, &stanza), stand_in("message id='1'", offence), "{stanza}");
    }
}

#[test]
fn a_stream_that_can_t_be_gone_on_with_is_given_up() {
    let deep = "<a><a><a><a></a></a></a></a>";
    for (rest, passed, breach) in [
        ("<presence/>text<presence/>".to_owned(), "<presence/>", Breach::NotXml),
        ("<![CDATA[ ]]>".to_owned(), "", Breach::NotXml),
        ("&#32;".to_owned(), "", Breach::NotXml),
        ("<!-- -->".to_owned(), "", Breach::NotXml),
        ("<?a?>".to_owned(), "", Breach::NotXml),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>".to_owned(), "", Breach::NotXml),
        ("<message><!ENTITY a 'b'></message>".to_owned(), "", Breach::NotXml),
        ("<message <a/>".to_owned(), "", Breach::NotXml),
        ("<message><a></message>".to_owned(), "", Breach::NotXml),
        ("<message><a><b></a></b></message>".to_owned(), "", Breach::NotXml),
        ("<message></>".to_owned(), "", Breach::NotXml),
        ("<message></messages>".to_owned(), "", Breach::NotXml),
        ("<message><a></a\n></a></message>".to_owned(), "", Breach::NotXml),
        ("</message>".to_owned(), "", Breach::NotXml),
        ("</stream:stream><presence/>".to_owned(), "</stream:stream>", Breach::NotXml),
        ("</stream:stream></stream:stream>".to_owned(), "</stream:stream>", Breach::NotXml),
        // Nobody counts these, and a mere stand-in would mislead whoever waits for them.
        (format!("<stream:features>{deep}</stream:features>"), "", Breach::NoStanza(Offence::Depth)),
        (
            format!("<a xmlns='urn:xmpp:sm:3' x='{}'/>", "v".repeat(41)),
            "",
            Breach::NoStanza(Offence::ValueBytes),
        ),
        (format!("<message xmlns='urn:x'>{deep}</message>"), "", Breach::NoStanza(Offence::Depth)),
        (
            format!("<x:message xmlns:x='jabber:client'>{deep}</x:message>"),
            "",
            Breach::NoStanza(Offence::Depth),
        ),
        (format!("<messages>{deep}</messages>"), "", Breach::NoStanza(Offence::Depth)),
        ("<challenge>&x;</challenge>".to_owned(), "", Breach::NoStanza(Offence::Malformed)),
    ] {
        let (out, broken) = pass_at_every_split(SMALL, &format!("{HEADER}{rest}"));
        assert_eq!((out.strip_prefix(HEADER), broken), (Some(passed), Some(breach)), "{rest}");
    }
    for (stream, passed) in [
        ("text", ""),
        ("<!-- -->", ""),
        ("<!DOCTYPE a>", ""),
        ("<stream:stream xmlns:stream='x'/>", ""),
        ("</a>", ""),
        ("<stream:stream", ""),
    ] {
        let (out, breach) = pass_at_every_split(SMALL, stream);
        let is_whole = stream.ends_with('>') || stream == "text";
        assert_eq!((out.as_str(), breach), (passed, is_whole.then_some(Breach::NotXml)), "{stream}");
    }
    let endless = format!("<s x='{}'", "v".repeat(30)).replace("x=", &format!("{}=", "a ".repeat(8_200)));
    assert_eq!(
        pass(&rules(SMALL), [endless.as_bytes()]),
        (String::new(), Some(Breach::NoStanza(Offence::Bytes)))
    );
}

#[test]
fn answers_of_the_own_account_may_be_larger() {
    let items =
        |count: usize| "<item jid='a@b' name='abcdefghijklmnopqrstuvwxyzabcdefghijkl'/>".repeat(count);
    for (tag, is_larger) in [
        ("iq type='result' id='1'", true),
        ("iq type='result' id='1' from='juliet@b' to='juliet@b/x'", true),
        ("iq type='result' id='1' from='romeo@b' to='juliet@b/x'", false),
        ("iq type='result' id='1' from='juliet@b'", false),
        ("iq type='result' id='1' from='juliet@b/x' to='juliet@b/x'", false),
        ("iq type='result' id='1' from='' from=''", false),
        ("iq type='set' id='1'", false),
        ("message type='result' id='1'", false),
        // Only the stanza itself says whose it is.
        ("iq type='set' id='1'><iq type='result'/", false),
    ] {
        let name = tag.split(' ').next().unwrap();
        let out = behind_header(SMALL, &format!("<{tag}><query xmlns='q'>{}</query></{name}>", items(12)));
        assert_eq!(out.is_ok_and(|out| !out.contains("seal=")), is_larger, "{tag}");
        let out = behind_header(SMALL, &format!("<{tag}><query xmlns='q'>{}</query></{name}>", items(18)));
        assert!(out.is_ok_and(|out| out.contains("seal=")), "{tag}");
    }
}

#[test]
fn the_mark_is_known_by_its_seal_alone() {
    let rules = rules(SMALL);
    let verdict = |stanza: &str| {
        let stanza = stanza.replace("<message", "<message xmlns='jabber:client'");
        rules.verdict(&stanza.parse().unwrap())
    };
    let (out, _) = pass(&rules, [HEADER.as_bytes(), b"<message><a><a><a><a/></a></a></a></message>"]);
    assert_eq!(verdict(out.strip_prefix(HEADER).unwrap()), Some(Offence::Depth));
    assert_eq!(rules.counters().replaced(Offence::Depth), 1);
    for forged in [
        "<message><replaced xmlns='urn:sparkweb:firewall:0' offence='depth'/></message>",
        "<message><replaced xmlns='urn:sparkweb:firewall:0' seal='' offence='depth'/></message>",
        "<message><replaced xmlns='urn:sparkweb:firewall:0' seal='SEAL' offence='depth'/></message>",
    ] {
        assert_eq!(verdict(forged), None);
        assert_eq!(pass(&rules, [HEADER.as_bytes(), forged.as_bytes()]).0, format!("{HEADER}{forged}"));
    }
    assert_eq!(rules.counters().replaced_in_all(), 1);
    assert_ne!(rules.seal(), Rules::new(SMALL).seal());
}

/// Pieces of streams, whole and broken, good and bad.
fn stream() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(ORDINARY.to_owned()),
        Just("<message from='a@b' id='1'>".to_owned()),
        Just("</message>".to_owned()),
        Just("<iq type='get'/>".to_owned()),
        Just("<a b='\u{e4}'>".to_owned()),
        Just("</a>".to_owned()),
        Just(" ".to_owned()),
        "[<>/a='\" \\]!?&;-]{1,6}",
        "<[a-c]( [a-c]='[^']{0,50}')?/?>",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("{HEADER}{}", pieces.concat()))
}

/// The same bytes in pieces of random lengths.
fn cut(bytes: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, left) = rest.split_at(rest.len().min(*length));
        pieces.push(piece.to_vec());
        rest = left;
    }
    pieces.push(rest.to_vec());
    pieces
}

proptest! {
    #[test]
    fn splits_make_no_difference(stream in stream(), lengths in prop::collection::vec(0_usize..40, 0..40)) {
        let rules = rules(SMALL);
        let pieces = cut(stream.as_bytes(), &lengths);
        prop_assert_eq!(
            pass(&rules, pieces.iter().map(Vec::as_slice)),
            pass(&rules, [stream.as_bytes()])
        );
    }

    #[test]
    fn what_passes_is_what_came_or_a_stand_in(stream in stream()) {
        let rules = rules(Limits::default());
        let (out, breach) = pass(&rules, [stream.as_bytes()]);
        if !out.contains(rules.seal()) {
            prop_assert!(stream.starts_with(&out), "{out}");
            prop_assert!(breach.is_some() || out.len() <= stream.len());
        }
    }
}
