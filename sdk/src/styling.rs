//! Message Styling (XEP-0393): what in a text is meant to be strong, quoted, or code.
//!
//! Pure, and no markup: it says which pieces of the text are what, and whoever shows them makes text nodes of them. The
//! directives themselves are no part of the pieces; XEP-0393 section 6.1 wants them shown all the same.

/// How deep quotations are looked at; what is quoted deeper is text.
const MAX_QUOTES: usize = 8;

/// A part of a text that stands on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a> {
    /// One line.
    Line(Vec<Span<'a>>),
    /// The lines between three backticks, as they are; what stands behind the first three is not shown.
    Code(Vec<&'a str>),
    /// What was behind `>`.
    Quote(Vec<Block<'a>>),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span<'a> {
    /// Text as it is.
    Plain(&'a str),
    /// Between two `*`.
    Strong(Vec<Span<'a>>),
    /// Between two `_`.
    Emphasis(Vec<Span<'a>>),
    /// Between two `~`.
    Strike(Vec<Span<'a>>),
    /// Between two backticks.
    Code(&'a str),
}

/// The blocks of a text.
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let lines: Vec<&str> = text.split('\n').collect();
    blocks_of(&lines, MAX_QUOTES)
}

/// A text without anything in it that styling would change.
pub fn is_plain(text: &str) -> bool {
    !text.contains(['*', '_', '~', '`', '>'])
}

fn blocks_of<'a>(lines: &[&'a str], quotes: usize) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        if line.starts_with("```") {
            // Without an end it goes to the end of what it is in.
            let end = after.iter().position(|line| *line == "```");
            let code = end.map_or(after, |end| after.get(..end).unwrap_or_default());
            blocks.push(Block::Code(code.to_vec()));
            rest = end.map_or(&[][..], |end| after.get(end + 1..).unwrap_or_default());
        } else if quotes > 0 && line.starts_with('>') {
            let count = rest.iter().take_while(|line| line.starts_with('>')).count();
            let (quoted, after) = rest.split_at(count);
            let inner: Vec<&str> = quoted.iter().map(|line| unquoted(line)).collect();
            blocks.push(Block::Quote(blocks_of(&inner, quotes - 1)));
            rest = after;
        } else {
            blocks.push(Block::Line(spans(line)));
            rest = after;
        }
    }
    blocks
}

/// A quoted line without its `>` and the first blank behind it.
fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(char::is_whitespace).unwrap_or(line)
}

/// The spans of a line.
fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    // Directives of which no second comes that could end a span: looking once is enough.
    let mut hopeless = [false; 4];
    let (mut plain_from, mut at) = (0, 0);
    let mut before: Option<char> = None;
    while let Some(letter) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + letter.len_utf8();
        if let Some(kind) = "*_~`".find(letter)
            && before.is_none_or(char::is_whitespace)
            && !hopeless.get(kind).copied().unwrap_or(true)
        {
            let inner = line.get(next..).unwrap_or_default();
            match closing(inner, letter) {
                Closing::At(end) => {
                    if let Some(plain) = line.get(plain_from..at).filter(|plain| !plain.is_empty()) {
                        spans.push(Span::Plain(plain));
                    }
                    spans.push(span(letter, inner.get(..end).unwrap_or_default()));
                    at = next + end + letter.len_utf8();
                    plain_from = at;
                    before = Some(letter);
                    continue;
                }
                Closing::Nowhere => {
                    if let Some(hopeless) = hopeless.get_mut(kind) {
                        *hopeless = true;
                    }
                }
                Closing::NotThis => {}
            }
        }
        before = Some(letter);
        at = next;
    }
    if let Some(plain) = line.get(plain_from..).filter(|plain| !plain.is_empty()) {
        spans.push(Span::Plain(plain));
    }
    spans
}

fn span(directive: char, inner: &str) -> Span<'_> {
    match directive {
        '*' => Span::Strong(spans(inner)),
        '_' => Span::Emphasis(spans(inner)),
        '~' => Span::Strike(spans(inner)),
        _ => Span::Code(inner),
    }
}

enum Closing {
    /// Here in what follows the opening directive.
    At(usize),
    /// This is no opening directive.
    NotThis,
    /// Neither is any later one.
    Nowhere,
}

/// Where the span ends that a directive begins: at the first of its kind that is not behind a blank, with some text in
/// between.
fn closing(inner: &str, directive: char) -> Closing {
    let first = inner.chars().next();
    if first.is_none_or(|first| first.is_whitespace() || first == directive) {
        return Closing::NotThis;
    }
    let mut before = directive;
    for (at, letter) in inner.char_indices() {
        if letter == directive && !before.is_whitespace() {
            return Closing::At(at);
        }
        before = letter;
    }
    Closing::Nowhere
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(…)` is strong, `/…/` emphasis, `-…-` struck, `<…>` code, `[…]` a block of code, `{…}` a quotation, `|` between
    /// blocks.
    fn show(blocks: &[Block<'_>]) -> String {
        let block = |block: &Block<'_>| match block {
            Block::Line(spans) => show_spans(spans),
            Block::Code(lines) => format!("[{}]", lines.join("\n")),
            Block::Quote(blocks) => format!("{{{}}}", show(blocks)),
        };
        blocks.iter().map(block).collect::<Vec<_>>().join("|")
    }

    fn show_spans(spans: &[Span<'_>]) -> String {
        let span = |span: &Span<'_>| match span {
            Span::Plain(text) => (*text).to_owned(),
            Span::Strong(spans) => format!("({})", show_spans(spans)),
            Span::Emphasis(spans) => format!("/{}/", show_spans(spans)),
            Span::Strike(spans) => format!("-{}-", show_spans(spans)),
            Span::Code(text) => format!("<{text}>"),
        };
        spans.iter().map(span).collect()
    }

    #[test]
    fn texts_are_styled_as_the_specification_says() {
        for (text, expected) in [
            // XEP-0393 section 5.2: what is styled.
            ("*strong*", "(strong)"),
            ("plain *strong* plain", "plain (strong) plain"),
            ("*strong* plain *strong*", "(strong) plain (strong)"),
            ("*strong*plain*", "(strong)plain*"),
            ("* plain *strong*", "* plain (strong)"),
            // And what is not.
            ("not strong*", "not strong*"),
            ("*not strong", "*not strong"),
            ("*not \n strong*", "*not | strong*"),
            ("*not *strong", "*not *strong"),
            ("**", "**"),
            ("****", "****"),
            ("***", "***"),
            // Examples of each kind of span.
            ("_emphasized span containing *strong span*_", "/emphasized span containing (strong span)/"),
            (
                "The full title is _Twelfth Night, or What You Will_ but\n_most_ people shorten it.",
                "The full title is /Twelfth Night, or What You Will/ but|/most/ people shorten it.",
            ),
            ("Everyone ~dis~likes cake.", "Everyone -dis-likes cake."),
            ("Wow, I can write in `monospace`!", "Wow, I can write in <monospace>!"),
            ("This is `*monospace*`", "This is <*monospace*>"),
            ("This is *`monospace and bold`*", "This is (<monospace and bold>)"),
            // Blocks.
            (
                "(There are three blocks in this body marked by parens,)\n(but there is no *formatting)\n(as spans* may not escape blocks.)",
                "(There are three blocks in this body marked by parens,)|(but there is no *formatting)|(as spans* may not escape blocks.)",
            ),
            (
                "```ignored\n(println \"Hello, world!\")\n```\n\nThis should show up as monospace, preformatted text ⤴",
                "[(println \"Hello, world!\")]||This should show up as monospace, preformatted text ⤴",
            ),
            (
                "> ```\n> (println \"Hello, world!\")\n\nThe entire blockquote is a preformatted text block, but this line\nis plaintext!",
                "{[(println \"Hello, world!\")]}||The entire blockquote is a preformatted text block, but this line|is plaintext!",
            ),
            (
                "> That that is, is.\n\nSaid the old hermit of Prague.",
                "{That that is, is.}||Said the old hermit of Prague.",
            ),
            (
                ">> That that is, is.\n> Said the old hermit of Prague.\n\nWho?",
                "{{That that is, is.}|Said the old hermit of Prague.}||Who?",
            ),
            // Ours.
            ("", ""),
            ("*a *b*", "(a *b)"),
            ("*a _b* c_", "(a _b) c_"),
            ("5*3*2 snake_case_name ~/.config/~", "5*3*2 snake_case_name -/.config/-"),
            ("*é🙂*", "(é🙂)"),
            ("\u{3000}*wide*", "\u{3000}(wide)"),
            ("**bold**", "**bold**"),
            ("` `", "` `"),
            ("```", "[]"),
            ("```\n```x\n```", "[```x]"),
            (">", "{}"),
            (">  x", "{ x}"),
            ("a > b", "a > b"),
            (
                "<script>alert(1)</script> *<img src=x onerror=alert(1)>*",
                "<script>alert(1)</script> (<img src=x onerror=alert(1)>)",
            ),
        ] {
            assert_eq!(show(&blocks(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn hostile_texts_cost_no_time() {
        for text in
            ["*a ".repeat(20_000), ">".repeat(60_000), "*_~`".repeat(15_000), "> ```\n".repeat(10_000)]
        {
            assert!(!blocks(&text).is_empty());
        }
        assert_eq!(show(&blocks(&">".repeat(10))), "{{{{{{{{>>}}}}}}}}");
    }
}
