//! The firewall before the parser: that they never differ over what is one element, and that the parser survives.

use std::time::Duration;

use futures::StreamExt;
use minidom::Element;
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};
use xso::exports::rxml::parser::CommentMode;
use xso::exports::rxml::{Event, Options, Parse, Parser, WithOptions, error::EndOrError};

use super::super::Firewall;
use super::*;
use crate::xmpp::namespaces as ns;

/// The elements of a stream, each as the events of its parsing; `None` if they can't be parsed. With `is_lenient` what
/// is merely long is taken, and comments are passed over.
fn elements(stream: &str, is_lenient: bool) -> Option<Vec<Vec<String>>> {
    let mut options = Options::default();
    if is_lenient {
        options.max_token_length = 1 << 20;
        options.comments = CommentMode::Discard;
    }
    let mut parser = Parser::with_options(options);
    let mut bytes = stream.as_bytes();
    let mut elements: Vec<Vec<String>> = Vec::new();
    let mut depth = 0_usize;
    loop {
        let event = match parser.parse(&mut bytes, false) {
            Ok(Some(event)) => event,
            Err(EndOrError::NeedMoreData) => return Some(elements),
            Ok(None) | Err(_) => return None,
        };
        let shown = match &event {
            Event::StartElement(_, (namespace, name), attributes) => {
                depth += 1;
                if depth == 2 {
                    elements.push(Vec::new());
                }
                // Sorted by name, since it is a map of the tree.
                format!("<{{{namespace:?}}}{name:?} {attributes:?}")
            }
            Event::EndElement(_) => "/".to_owned(),
            Event::Text(_, text) => format!("t{text}"),
            Event::XmlDeclaration(..) => continue,
        };
        if let (2.., Some(element)) = (depth, elements.last_mut()) {
            match element.last_mut() {
                // How text is cut says nothing.
                Some(last) if last.starts_with('t') && shown.starts_with('t') => last.push_str(&shown[1..]),
                _ => element.push(shown),
            }
        }
        if matches!(event, Event::EndElement(_)) {
            depth = depth.checked_sub(1)?;
        }
    }
}

/// Something well-formed, of which some is over the small limits, and some has no place in a stanza.
fn content() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z >/='\"\u{e4}\u{1f600}]{0,30}",
        "[a-z <>/='\"\\]&-]{0,20}".prop_map(|text| format!("<![CDATA[{}]]>", text.replace(']', "] "))),
        "[a-z <>/='\"\\]&]{0,20}".prop_map(|text| format!("<!-- {text} -->")),
        Just("&lt;message/&gt;&#x1f600;".to_owned()),
    ];
    let name = prop_oneof![Just("message"), Just("iq"), Just("x:a"), Just("b")];
    let attribute = prop_oneof![
        Just(String::new()),
        " [a-d]{1,45}='[a-z >/=\"\u{e4}]{0,50}'",
        " id *= *\"[a-z >/=']{0,20}\"",
        Just(" from='&lt;message&gt;'".to_owned()),
    ];
    leaf.prop_recursive(7, 40, 6, move |inner| {
        (name.clone(), attribute.clone(), prop::collection::vec(inner, 0..6)).prop_map(
            |(name, attribute, content)| match content.len() {
                0 => format!("<{name}{attribute}/>"),
                _ => format!("<{name}{attribute}>{}</{name}>", content.concat()),
            },
        )
    })
}

fn well_formed() -> impl Strategy<Value = String> {
    let kind = prop_oneof![Just("message"), Just("presence"), Just("iq")];
    let stanza =
        (kind, "[a-z]{0,12}", prop::collection::vec(content(), 0..5)).prop_map(|(kind, id, content)| {
            format!("<{kind} xmlns:x='urn:x' id='{id}'>{}</{kind}> ", content.concat())
        });
    prop::collection::vec(stanza, 1..6).prop_map(|stanzas| format!("{HEADER}{}", stanzas.concat()))
}

proptest! {
    #[test]
    fn whatever_passes_can_be_parsed(stream in stream()) {
        let (out, _) = pass(&rules(SMALL), [stream.as_bytes()]);
        prop_assert!(elements(&out, false).is_some(), "{out}");
    }

    #[test]
    fn nothing_inside_of_a_stanza_gets_outside(stream in well_formed()) {
        let rules = rules(SMALL);
        let (out, breach) = pass(&rules, [stream.as_bytes()]);
        prop_assert_eq!(breach, None);
        let (before, after) = (elements(&stream, true).unwrap(), elements(&out, false).unwrap());
        prop_assert_eq!(before.len(), after.len(), "{}", out);
        for (before, after) in before.iter().zip(&after) {
            let is_stand_in = after.iter().any(|event| event.contains(rules.seal()));
            prop_assert!(is_stand_in || before == after, "{before:?}\n{after:?}");
            if is_stand_in {
                let name = |events: &[String]| events[0].split(' ').next().unwrap().to_owned();
                prop_assert_eq!(name(before), name(after));
                prop_assert_eq!(after.len(), 4);
            }
        }
    }
}

type Stream = XmlStream<Firewall<DuplexStream>, Element>;

async fn open(rules: &Arc<Rules>) -> (Stream, DuplexStream) {
    let (client, mut server) = tokio::io::duplex(16 * 1024);
    server.write_all(HEADER.as_bytes()).await.unwrap();
    let firewall = Firewall::new(client, Arc::clone(rules));
    let header = StreamHeader { to: Some("spark.test".into()), from: None, id: None };
    let pending = initiate_stream(firewall, ns::CLIENT, header, Timeouts::tight()).await.unwrap();
    (pending.skip_features(), server)
}

async fn next(stream: &mut Stream) -> Result<Element, ReadError> {
    tokio::time::timeout(Duration::from_secs(60), stream.next()).await.unwrap().unwrap()
}

/// What brought clients and servers down before, by the notes of those who tried it.
fn attacks() -> Vec<(String, Option<Offence>)> {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let mut attacks: Vec<(String, Option<Offence>)> = [63, 64, 100, 1_000, 4_000, 30_000, 80_000]
        .into_iter()
        .map(|depth| (nested(depth), (depth > 63).then_some(Offence::Depth)))
        .collect();
    let mut attributes = String::from("<x");
    for n in 0..20_000 {
        write!(attributes, " a{n}=''").unwrap();
    }
    attacks.extend([
        (nested(30_000).replace("<a>", "<a xmlns='urn:a'>"), Some(Offence::Depth)),
        (format!("<x v='{}'/>", "A".repeat(8_000)), None),
        (format!("<x v='{}'/>", "A".repeat(8_193)), Some(Offence::ValueBytes)),
        (format!("<x v='{}'/>", "A".repeat(200_000)), Some(Offence::ValueBytes)),
        (format!("<x v='{}'/>", "&amp;".repeat(1_600)), None),
        (format!("<{}/>", "x".repeat(9_000)), Some(Offence::ValueBytes)),
        (format!("{attributes}/>"), Some(Offence::Attributes)),
        ("<a/>".repeat(60_000), Some(Offence::Children)),
        (format!("<body>{}</body>", "t".repeat(250_000)), None),
        (format!("<body>{}</body>", "&lt;".repeat(60_000)), None),
        (format!("<body>{}</body>", "t".repeat(300_000)), Some(Offence::TextBytes)),
        (format!("<body>{}</body>", "t".repeat(200_000)).repeat(3), Some(Offence::Bytes)),
        ("<a></a>".repeat(3_000), None),
        (format!("<!--{}-->", "-<a>".repeat(9_000)), Some(Offence::Comment)),
        ("&lol9;".to_owned(), Some(Offence::Malformed)),
    ]);
    attacks
}

/// On a stack half as large as that of a worker of tokio's, unoptimised.
#[test]
fn the_parser_survives_whatever_anybody_sends() {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let test = thread.spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let rules = rules(Limits::default());
            let (mut stream, mut server) = open(&rules).await;
            for (content, offence) in attacks() {
                for tag in ["message type='headline'", "iq type='get'", "presence"] {
                    let name = tag.split(' ').next().unwrap();
                    let written = format!("<{tag} from='a@b/c' id='1'>{content}</{name}><message id='2'/>");
                    let shown = &content[..content.len().min(20)];
                    let write = server.write_all(written.as_bytes());
                    let read = async {
                        let first = next(&mut stream).await.unwrap();
                        (rules.verdict(&first), first, next(&mut stream).await.unwrap())
                    };
                    let ((verdict, first, second), wrote) = tokio::join!(read, write);
                    wrote.unwrap();
                    assert_eq!(verdict, offence, "{tag} {shown}");
                    let keys = ["from", "id"].map(|key| first.attr(key));
                    assert_eq!((first.name(), keys), (name, [Some("a@b/c"), Some("1")]), "{tag} {shown}");
                    assert_eq!((second.name(), second.attr("id")), ("message", Some("2")), "{tag} {shown}");
                }
            }
        });
    });
    test.unwrap().join().unwrap();
}

#[tokio::test]
async fn what_passed_is_read_before_the_stream_breaks_and_the_break_lasts() {
    let rules = rules(Limits::default());
    let (mut stream, mut server) = open(&rules).await;
    server.write_all(b"<message id='1'/><message id='2'/>nonsense<message id='3'/>").await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap().attr("id"), Some("1"));
    assert_eq!(next(&mut stream).await.unwrap().attr("id"), Some("2"));
    for _ in 0..2 {
        match next(&mut stream).await {
            Err(ReadError::HardError(error)) => assert_eq!(error.kind(), std::io::ErrorKind::InvalidData),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rules.counters().broken(), 1);
}

#[tokio::test]
async fn white_space_is_a_sign_of_life_and_half_a_stanza_is_not_the_end_of_one() {
    let rules = rules(Limits::default());
    let (mut stream, mut server) = open(&rules).await;
    for piece in [" ", "\n", "<message id='\u{fc}", "'>", "</message", ">"] {
        server.write_all(piece.as_bytes()).await.unwrap();
    }
    assert_eq!(next(&mut stream).await.unwrap().attr("id"), Some("\u{fc}"));
    server.write_all(b"<message><body>").await.unwrap();
    drop(server);
    assert!(matches!(next(&mut stream).await, Err(ReadError::HardError(_))));
}

#[tokio::test]
async fn a_flood_of_small_stanzas_is_only_many() {
    const MANY: usize = 20_000;
    let rules = rules(Limits::default());
    let (mut stream, mut server) = open(&rules).await;
    let flood = "<presence from='a@b/c'/>".repeat(MANY);
    let write = server.write_all(flood.as_bytes());
    let read = async {
        for _ in 0..MANY {
            assert_eq!(next(&mut stream).await.unwrap().name(), "presence");
        }
    };
    tokio::join!(read, write).1.unwrap();
}
