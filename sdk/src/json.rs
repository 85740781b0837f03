//! Reading JSON, in a tenth of what serde's own way puts into a module.
//!
//! A text becomes a tree ([`Json`]), by code that knows no types, and the tree becomes types by [`FromJson`], field
//! by field. `serde_json` would put a reader of its own into the module for each type, twice for what comes in
//! events, and the printing of its errors besides: 250 KB. `types` has a line for every type; the compiler holds it
//! to the type's fields, and tests hold it to what `serde_json` reads. Writing is `serde_json`'s.

mod types;

pub(crate) use types::Options;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::StrDeserializer;

/// How deep arrays and objects may be in each other.
const MAX_DEPTH: u32 = 64;

/// A JSON text as a tree. Strings are parts of the text wherever they have no escapes.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the kind of value of its name")]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number which is no integer of 64 bits: nothing that we read has one.
    Number,
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// The fields of an object, as they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

/// A type that is read from JSON.
pub trait FromJson: Sized {
    /// `None` if it is not of this type.
    fn from_json(json: Json<'_>) -> Option<Self>;

    /// What a field of this type has when it is not there; `None` if it must be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads a whole text; `None` if it is not JSON or not of the type.
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(parse(text)?)
}

/// A word out of a closed list, as serde reads it.
fn word<'de, T: Deserialize<'de>>(json: &'de Json<'_>) -> Option<T> {
    let Json::Text(text) = json else { return None };
    T::deserialize(StrDeserializer::<Unreadable>::new(text)).ok()
}

/// An error that says nothing, so that nothing which would say it is linked.
#[derive(Debug)]
struct Unreadable;

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Unreadable
    }
}

impl<'a> Json<'a> {
    fn object(self) -> Option<Object<'a>> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl<'a> Object<'a> {
    /// Takes a field out; the last of its name if there are several.
    fn find(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.0.iter().rposition(|(other, _)| other == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Takes a field out as what it is to be.
    fn take<T: FromJson>(&mut self, name: &str) -> Option<T> {
        match self.find(name) {
            Some(json) => T::from_json(json),
            None => T::absent(),
        }
    }
}

fn parse(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { text, at: 0 };
    let json = reader.value(0)?;
    if reader.peek().is_some() { None } else { Some(json) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space, which stays the next.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest().as_bytes();
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += blank;
        rest.get(blank).copied()
    }

    /// Passes over a word, if it is the next.
    fn word(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn value(&mut self, depth: u32) -> Option<Json<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(Json::Text),
            b'{' => {
                let mut fields = Vec::new();
                while self.item(b'}', fields.is_empty())? {
                    self.peek()?;
                    let name = self.string()?;
                    self.peek()?;
                    if !self.word(":") {
                        return None;
                    }
                    fields.push((name, self.value(depth + 1)?));
                }
                Some(Json::Object(Object(fields)))
            }
            b'[' => {
                let mut items = Vec::new();
                while self.item(b']', items.is_empty())? {
                    items.push(self.value(depth + 1)?);
                }
                Some(Json::List(items))
            }
            b't' => self.word("true").then_some(Json::Bool(true)),
            b'f' => self.word("false").then_some(Json::Bool(false)),
            b'n' => self.word("null").then_some(Json::Null),
            _ => self.number(),
        }
    }

    /// Passes over the bracket or comma before an item, or over the bracket after the last. Says which it was.
    fn item(&mut self, close: u8, is_first: bool) -> Option<bool> {
        if is_first {
            self.at += 1;
            if self.peek()? == close {
                self.at += 1;
                return Some(false);
            }
            return Some(true);
        }
        let next = self.peek()?;
        self.at += 1;
        match next {
            b',' => Some(true),
            _ if next == close => Some(false),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        if !self.word("\"") {
            return None;
        }
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
            let piece = rest.get(..end)?;
            self.at += end;
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().push_str(piece);
            }
            if self.word("\"") {
                return Some(text);
            }
            self.at += 1;
            let c = self.escape()?;
            text.to_mut().push(c);
        }
    }

    /// What comes after a backslash.
    fn escape(&mut self) -> Option<char> {
        let byte = self.rest().bytes().next()?;
        if !byte.is_ascii() {
            return None;
        }
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex()?;
                if (0xD800..0xDC00).contains(&code) && self.word("\\u") {
                    let low = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                    code = 0x1_0000 + ((code - 0xD800) << 10) + low;
                }
                // Half of a pair is no character.
                return char::from_u32(code);
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        self.at += 4;
        digits.chars().try_fold(0, |code, digit| Some(code * 16 + digit.to_digit(16)?))
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let rest = self.rest();
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let number = rest.get(..rest.bytes().take_while(is_part).count())?;
        self.at += number.len();
        let digits = number.strip_prefix('-').unwrap_or(number);
        let has_spare_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        if !digits.starts_with(|c: char| c.is_ascii_digit())
            || (has_spare_zero && !digits.contains(['e', 'E']))
        {
            return None;
        }
        Some(number.parse().map_or(Json::Number, Json::Integer))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The same tree as `serde_json` has it; floating-point numbers are all one to us.
    fn same(ours: &Json<'_>, serdes: &Value) -> bool {
        match (ours, serdes) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(ours), Value::Bool(serdes)) => ours == serdes,
            (Json::Integer(ours), Value::Number(serdes)) => {
                // `-0` is a float to serde_json.
                serdes.as_i64() == Some(*ours) || (*ours == 0 && serdes.as_f64() == Some(0.0))
            }
            (Json::Number, Value::Number(serdes)) => serdes.as_i64().is_none(),
            (Json::Text(ours), Value::String(serdes)) => ours == serdes,
            (Json::List(ours), Value::Array(serdes)) => {
                ours.len() == serdes.len() && ours.iter().zip(serdes).all(|(ours, serdes)| same(ours, serdes))
            }
            (Json::Object(Object(ours)), Value::Object(serdes)) => {
                // Of fields with one name the last counts.
                serdes.iter().all(|(name, serdes)| {
                    ours.iter()
                        .rev()
                        .find(|(other, _)| other == name)
                        .is_some_and(|(_, ours)| same(ours, serdes))
                }) && ours.iter().all(|(name, _)| serdes.contains_key(name.as_ref()))
            }
            _ => false,
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_serde_json_writes_is_read(value in value(), is_pretty: bool) {
            let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.unwrap();
            prop_assert!(same(&parse(&text).unwrap(), &value), "{text}");
        }

        /// Nothing that anybody sends makes it panic.
        #[test]
        fn any_text_is_read_or_refused(text in r#"[\[\]{}",:0-9a-fx\\ un.eE+é-]{0,30}"#) {
            let ours = parse(&text);
            if let Ok(serdes) = serde_json::from_str::<Value>(&text) {
                prop_assert!(same(&ours.unwrap(), &serdes), "{text}");
            }
        }
    }

    #[test]
    fn strings_are_unescaped() {
        for (json, expected) in [
            (r#""""#, Some("")),
            (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t")),
            (r#""\u00e9\ud83d\ude42x""#, Some("é🙂x")),
            (r#""Ж🙂</script>""#, Some("Ж🙂</script>")),
            (r#""\ud83d""#, None),
            (r#""\ud83d\u0041""#, None),
            (r#""\ude42""#, None),
            (r#""\u00g0""#, None),
            (r#""\u00é""#, None),
            (r#""\é""#, None),
            (r#""\x""#, None),
            (r#""open"#, None),
            (r#""a" x"#, None),
        ] {
            assert_eq!(read::<String>(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for json in [
            "",
            "{",
            "[",
            "[1",
            "[1,",
            "[,]",
            "[1,]",
            "[1 2]",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":}",
            "tru",
            "nulls",
            "01",
            "-",
            "+1",
            ".5",
            "1 1",
            "[]]",
        ] {
            assert_eq!(parse(json), None, "{json}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(parse(&nested(65)).is_some());
        assert!(parse(&nested(66)).is_none());
        assert!(parse(&nested(100_000)).is_none());
    }
}
