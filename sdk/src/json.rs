//! Reading JSON, in a tenth of what `serde_json`'s reader puts into a module.
//!
//! Two things make the difference: its error says nothing, so that nothing which would say it (among it the printing
//! of floating-point numbers) is linked; and what is common to all types is not generic. It reads what a gateway and
//! this SDK write: JSON (RFC 8259) whose numbers, where they are looked at, are integers. Tests hold it to
//! `serde_json`, which writes for us all the same.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// How deep arrays and objects may be in each other.
const MAX_DEPTH: u32 = 64;

/// The text is not JSON, or not of the type asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed JSON")
    }
}

impl std::error::Error for Malformed {}

impl Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Malformed
    }
}

/// Reads a whole text.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Malformed> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    if reader.peek().is_some() { Err(Malformed) } else { Ok(value) }
}

struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: u32,
}

/// A string of the text: as it stands, or with its escapes undone.
enum Text<'de> {
    Plain(&'de str),
    Unescaped(String),
}

impl<'de> Reader<'de> {
    /// The next byte that is not white space, which stays the next.
    #[inline(never)]
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += blank;
        rest.get(blank).copied()
    }

    #[inline(never)]
    fn take(&mut self, wanted: u8) -> Result<(), Malformed> {
        if self.peek() != Some(wanted) {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(())
    }

    #[inline(never)]
    fn word(&mut self, word: &str) -> Result<(), Malformed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    #[inline(never)]
    fn enter(&mut self, open: u8) -> Result<(), Malformed> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Malformed) } else { Ok(()) }
    }

    /// Whether another item comes before `close`; if not, it is passed.
    #[inline(never)]
    fn next_item(&mut self, is_first: &mut bool, close: u8) -> Result<bool, Malformed> {
        if self.peek() == Some(close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
        }
        Ok(true)
    }

    #[inline(never)]
    fn string(&mut self) -> Result<Text<'de>, Malformed> {
        self.take(b'"')?;
        let mut unescaped: Option<String> = None;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Malformed)?;
            let (piece, stop) = rest.split_at(end);
            self.at += end + 1;
            if stop.starts_with('"') {
                return Ok(match unescaped {
                    None => Text::Plain(piece),
                    Some(mut text) => {
                        text.push_str(piece);
                        Text::Unescaped(text)
                    }
                });
            }
            let text = unescaped.get_or_insert_default();
            text.push_str(piece);
            let c = self.escape()?;
            text.push(c);
        }
    }

    /// What comes after a backslash.
    #[inline(never)]
    fn escape(&mut self) -> Result<char, Malformed> {
        let byte = self.text.as_bytes().get(self.at).copied().ok_or(Malformed)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex()?;
                let mut code = high;
                if (0xD800..0xDC00).contains(&high) && self.word("\\u").is_ok() {
                    let low = self.hex()?;
                    if !(0xDC00..0xE000).contains(&low) {
                        return Err(Malformed);
                    }
                    code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                }
                char::from_u32(code).ok_or(Malformed)?
            }
            _ => return Err(Malformed),
        })
    }

    fn hex(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Malformed)?;
        self.at += 4;
        digits.chars().try_fold(0, |code, digit| Ok(code * 16 + digit.to_digit(16).ok_or(Malformed)?))
    }

    /// An integer, and whether it is below zero.
    #[inline(never)]
    fn integer(&mut self) -> Result<(bool, u64), Malformed> {
        let negative = self.word("-").is_ok();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        if after.starts_with(['.', 'e', 'E']) || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(Malformed);
        }
        self.at += end;
        Ok((negative, digits.parse().map_err(|_| Malformed)?))
    }

    /// Passes over a value, whatever it is.
    #[inline(never)]
    fn skip(&mut self) -> Result<(), Malformed> {
        match self.peek().ok_or(Malformed)? {
            b'"' => self.string().map(drop),
            b'{' => {
                self.enter(b'{')?;
                let mut is_first = true;
                while self.next_item(&mut is_first, b'}')? {
                    self.string()?;
                    self.take(b':')?;
                    self.skip()?;
                }
                Ok(())
            }
            b'[' => {
                self.enter(b'[')?;
                let mut is_first = true;
                while self.next_item(&mut is_first, b']')? {
                    self.skip()?;
                }
                Ok(())
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let is_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let length = rest.bytes().take_while(is_number).count();
                self.at += length;
                if length == 0 { Err(Malformed) } else { Ok(()) }
            }
        }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.peek().ok_or(Malformed)? {
            b'"' => match self.string()? {
                Text::Plain(text) => visitor.visit_borrowed_str(text),
                Text::Unescaped(text) => visitor.visit_string(text),
            },
            b'{' => {
                let mut items = Items::of(self, b'{')?;
                let value = visitor.visit_map(&mut items)?;
                items.finish(b'}').map(|()| value)
            }
            b'[' => {
                let mut items = Items::of(self, b'[')?;
                let value = visitor.visit_seq(&mut items)?;
                items.finish(b']').map(|()| value)
            }
            b't' => self.word("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.word("false").and_then(|()| visitor.visit_bool(false)),
            b'n' => self.word("null").and_then(|()| visitor.visit_unit()),
            _ => match self.integer()? {
                (false, number) => visitor.visit_u64(number),
                (true, number) => visitor.visit_i64(0_i64.checked_sub_unsigned(number).ok_or(Malformed)?),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.peek() == Some(b'n') {
            self.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant without fields is a string; any other is an object of one key, the variant's name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        let has_fields = self.peek() == Some(b'{');
        if has_fields {
            self.enter(b'{')?;
        }
        let value = visitor.visit_enum(Variant { reader: self, has_fields })?;
        if has_fields {
            self.take(b'}')?;
            self.depth -= 1;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// The items of an object or an array.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
    has_ended: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    fn of(reader: &'a mut Reader<'de>, open: u8) -> Result<Self, Malformed> {
        reader.enter(open)?;
        Ok(Items { reader, is_first: true, has_ended: false })
    }

    fn next(&mut self, close: u8) -> Result<bool, Malformed> {
        let has_next = self.reader.next_item(&mut self.is_first, close)?;
        self.has_ended = !has_next;
        Ok(has_next)
    }

    /// A visitor may stop at the last item; whatever it leaves over is too much.
    fn finish(&mut self, close: u8) -> Result<(), Malformed> {
        if self.has_ended || !self.next(close)? { Ok(()) } else { Err(Malformed) }
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        if self.next(b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Malformed> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        if self.next(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    has_fields: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Malformed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Malformed> {
        let name = match self.reader.string()? {
            Text::Plain(name) => name,
            // No name of ours has an escape.
            Text::Unescaped(_) => "",
        };
        let name: StrDeserializer<'_, Malformed> = name.into_deserializer();
        let value = seed.deserialize(name)?;
        if self.has_fields {
            self.reader.take(b':')?;
        }
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<(), Malformed> {
        if self.has_fields { self.reader.skip() } else { Ok(()) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Malformed> {
        if self.has_fields { seed.deserialize(self.reader) } else { Err(Malformed) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Malformed> {
        if self.has_fields { self.reader.deserialize_any(visitor) } else { Err(Malformed) }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        if self.has_fields { self.reader.deserialize_any(visitor) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::Value;

    use super::*;

    /// One of each form that the protocol's types have.
    #[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
    struct Everything {
        text: String,
        number: i64,
        small: u8,
        flag: bool,
        #[serde(default)]
        absent: Option<String>,
        list: Vec<Kind>,
        map: BTreeMap<String, u64>,
        nested: Option<Box<Everything>>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Holds(Vec<u8>),
        Fields {
            a: String,
            b: Option<bool>,
        },
        Pair(u8, u8),
        #[serde(other)]
        Other,
    }

    fn kind() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Plain),
            proptest::collection::vec(any::<u8>(), 0..3).prop_map(Kind::Holds),
            (any::<String>(), any::<Option<bool>>()).prop_map(|(a, b)| Kind::Fields { a, b }),
            (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Kind::Pair(a, b)),
        ]
    }

    fn everything() -> impl Strategy<Value = Everything> {
        let leaf = (any::<String>(), any::<i64>(), any::<u8>(), any::<bool>(), any::<Option<String>>());
        let more = (
            proptest::collection::vec(kind(), 0..4),
            proptest::collection::btree_map(any::<String>(), any::<u64>(), 0..3),
        );
        (leaf, more).prop_map(|((text, number, small, flag, absent), (list, map))| Everything {
            text,
            number,
            small,
            flag,
            absent,
            list,
            map,
            nested: None,
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_back(mut value in everything(), inner in everything(), is_pretty: bool) {
            value.nested = Some(Box::new(inner));
            let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert_eq!(read::<Everything>(&text), Ok(value));
        }

        /// Nothing that anybody sends makes it panic, and what it takes `serde_json` takes too, for the same.
        #[test]
        fn any_text_is_read_or_refused(text in r#"[\[\]{}",:0-9a-z\\ un.eE+-]{0,30}"#) {
            if let Ok(value) = read::<Everything>(&text) {
                prop_assert_eq!(serde_json::from_str::<Everything>(&text).unwrap(), value);
            }
            if let Ok(value) = read::<Vec<String>>(&text) {
                prop_assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), value);
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
            (r#""\x""#, None),
            (r#""open"#, None),
            (r#""a" x"#, None),
        ] {
            assert_eq!(read::<String>(json).ok().as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn what_nobody_asked_for_is_passed_over() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Known {
            a: u8,
        }
        for (json, expected) in [
            (r#"{"x":[1.5e-3,{"y":null,"z":"\"}]"},true,false,-0],"a":1}"#, Ok(Known { a: 1 })),
            (r#" { "a" : 1 , "b" : { } , "c" : [ ] } "#, Ok(Known { a: 1 })),
            (r#"{"a":1,}"#, Err(Malformed)),
            (r#"{"a":1 "b":2}"#, Err(Malformed)),
            (r#"{"a":1"#, Err(Malformed)),
            (r#"{"a":01}"#, Err(Malformed)),
            (r#"{"a":256}"#, Err(Malformed)),
            (r#"{"a":-1}"#, Err(Malformed)),
            (r#"{"a":1}{"#, Err(Malformed)),
            ("", Err(Malformed)),
        ] {
            assert_eq!(read::<Known>(json), expected, "{json}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(read::<serde::de::IgnoredAny>(&nested(64)).is_ok());
        assert!(read::<serde::de::IgnoredAny>(&nested(65)).is_err());
        assert!(read::<Value>(&nested(100_000)).is_err());
    }
}
