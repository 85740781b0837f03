//! Letters: their case, and what is one.
//!
//! The browser has the tables of Unicode; a copy of them in the module would weigh more than the contact list. Beyond
//! ASCII case is its business, and a letter is what lies outside the blocks of punctuation and symbols.

/// A text in lower case, to be compared.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { beyond_ascii::lower(text) }
}

/// A text in upper case, to be shown.
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { beyond_ascii::upper(text) }
}

/// Whether a character is a letter or a digit.
pub(crate) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        // Controls, Latin-1's signs; punctuation, arrows, mathematics, boxes, dingbats; that of CJK; variation
        // selectors; pictures.
        '\u{80}'..='\u{bf}'
        | '\u{d7}'
        | '\u{f7}'
        | '\u{2000}'..='\u{2bff}'
        | '\u{3000}'..='\u{303f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f000}'..='\u{1faff}' => false,
        _ => true,
    }
}

#[cfg(target_arch = "wasm32")]
mod beyond_ascii {
    use js_sys::JsString;

    pub(super) fn lower(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    pub(super) fn upper(text: &str) -> String {
        JsString::from(text).to_upper_case().into()
    }
}

/// On the host, where there is no browser to ask, for tests.
#[cfg(not(target_arch = "wasm32"))]
mod beyond_ascii {
    pub(super) fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub(super) fn upper(text: &str) -> String {
        text.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_that_of_unicode() {
        for (text, low, high) in [("Juliet", "juliet", "JULIET"), ("Élodie ẞ", "élodie ß", "ÉLODIE ẞ")]
        {
            assert_eq!((lower(text).as_str(), upper(text).as_str()), (low, high));
        }
    }

    #[test]
    fn letters_are_told_from_signs() {
        for (c, expected) in [
            ('a', true),
            ('7', true),
            ('é', true),
            ('ש', true),
            ('中', true),
            ('(', false),
            ('“', false),
            ('…', false),
            ('×', false),
            ('、', false),
            ('🦜', false),
            ('\u{202e}', false),
        ] {
            assert_eq!(is_letter(c), expected, "{c:?}");
        }
    }
}
