//! Rust source with its comments and the insides of its strings blanked out, so that what is left is what is named.
//!
//! A lexer, not a parser: lines and columns stay where they were.

/// The code of a file, line for line, without comments and the contents of literals.
pub(super) fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&here) = chars.get(at) {
        let next = chars.get(at + 1).copied().unwrap_or('\0');
        let end = match here {
            '/' if next == '/' => line_end(&chars, at),
            '/' if next == '*' => block_comment_end(&chars, at),
            '"' => string_end(&chars, at),
            'r' | 'b' | 'c' if !follows_name(&chars, at) => raw_or_prefixed_end(&chars, at),
            '\'' => char_end(&chars, at),
            _ => at + 1,
        };
        if end == at + 1 {
            out.push(here);
        } else {
            out.extend(chars[at..end.min(chars.len())].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
        }
        at = end;
    }
    out
}

/// Whether `name` is named in a line of code as a word of its own.
pub(super) fn names(line: &str, name: &str) -> bool {
    words(line).any(|word| word == name)
}

/// The identifiers of a line of code.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

fn follows_name(chars: &[char], at: usize) -> bool {
    at > 0 && chars.get(at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn line_end(chars: &[char], at: usize) -> usize {
    (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => {
                depth += 1;
                i += 2;
            }
            ('*', '/') => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"`; or just a name that begins with one of these letters.
fn raw_or_prefixed_end(chars: &[char], at: usize) -> usize {
    let mut i = at;
    let mut raw = false;
    while let Some('r' | 'b' | 'c') = chars.get(i).copied() {
        raw |= chars[i] == 'r';
        i += 1;
        if i - at > 2 {
            return at + 1;
        }
    }
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    if chars.get(i + hashes) != Some(&'"') || (hashes > 0 && !raw) {
        return at + 1;
    }
    if !raw {
        return string_end(chars, i);
    }
    let closes = |j: usize| chars[j] == '"' && (1..=hashes).all(|k| chars.get(j + k) == Some(&'#'));
    (i + hashes + 1..chars.len()).find(|&j| closes(j)).map_or(chars.len(), |j| j + hashes + 1)
}

/// A character literal; a lifetime is left as it is.
fn char_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => (at + 3..chars.len()).find(|&i| chars[i] == '\'').map_or(chars.len(), |i| i + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_name_nothing() {
        for (text, named, unnamed) in [
            ("use axum::Router; // not xmpp", "axum", "xmpp"),
            ("/* axum /* still */ axum */ use jid;", "jid", "axum"),
            (r#"let a = "axum \" axum"; let b = jid;"#, "jid", "axum"),
            (r##"let a = r#"axum " axum"#; jid"##, "jid", "axum"),
            (r#"let a = b"axum"; let jid = 'a';"#, "jid", "axum"),
            (r"let quote = '\''; let jid = '\\';", "jid", "axum"),
            ("fn f<'axum_>(x: &'axum_ str) { jid }", "jid", "axum"),
            ("//! axum\nlet jid = br'x;", "jid", "axum"),
        ] {
            let code = code(text);
            assert!(names(&code, named), "{named} is named in {text:?}: {code:?}");
            assert!(!names(&code, unnamed), "{unnamed} is not named in {text:?}: {code:?}");
            assert_eq!(code.lines().count(), text.lines().count(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_a_whole_word() {
        assert!(names("use axum::extract;", "axum"));
        assert!(!names("use axum_extra::extract;", "axum"));
        assert!(!names("let my_axum = 1;", "axum"));
    }
}
