//! Tells Rust code from its comments and literals, so that a check can look at one of them.

/// A source file, twice: characters that are left out are blanks, so that lines keep their numbers.
#[derive(Debug)]
pub(crate) struct Code {
    /// Without comments and without the contents of literals.
    pub(crate) bare: String,
    /// Without comments.
    pub(crate) uncommented: String,
}

impl Code {
    pub(crate) fn of(source: &str) -> Self {
        let mut code = Self { bare: String::new(), uncommented: String::new() };
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let (kind, length) = token(rest, first);
            let (text, tail) = rest.split_at(length);
            rest = tail;
            match kind {
                Kind::Code => {
                    code.bare.push_str(text);
                    code.uncommented.push_str(text);
                }
                Kind::Literal => {
                    code.bare.extend(text.chars().map(blank));
                    code.uncommented.push_str(text);
                }
                Kind::Comment => {
                    code.bare.extend(text.chars().map(blank));
                    code.uncommented.extend(text.chars().map(blank));
                }
            }
        }
        code
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Code,
    Literal,
    Comment,
}

/// The kind of what `rest` begins with, and its length in bytes.
fn token(rest: &str, first: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if first == '\'' {
        return char_or_lifetime(rest);
    }
    let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    let (prefix, tail) = rest.split_at(word);
    if prefix.is_empty() || ["r", "b", "c", "br", "cr"].contains(&prefix) {
        let hashes = tail.len() - tail.trim_start_matches('#').len();
        let raw = prefix.ends_with('r');
        let opened = word + hashes + 1;
        if tail.trim_start_matches('#').starts_with('"') && (raw || hashes == 0) {
            let content = rest.get(opened..).unwrap_or_default();
            let end = if raw { raw_end(content, hashes) } else { quote_end(content, '"') };
            return (Kind::Literal, opened + end);
        }
    }
    (Kind::Code, word.max(first.len_utf8()))
}

/// The length of a comment that may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn char_or_lifetime(rest: &str) -> (Kind, usize) {
    let content = rest.get(1..).unwrap_or_default();
    let mut chars = content.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => (Kind::Literal, 1 + quote_end(content, '\'')),
        (Some(c), Some('\'')) => (Kind::Literal, c.len_utf8() + 2),
        _ => (Kind::Code, 1),
    }
}

/// The length up to and with the closing quote, past any that is escaped.
fn quote_end(content: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in content.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    content.len()
}

fn raw_end(content: &str, hashes: usize) -> usize {
    let close = format!("\"{}", "#".repeat(hashes));
    content.find(&close).map_or(content.len(), |at| at + close.len())
}

fn blank(c: char) -> char {
    if c == '\n' { c } else { ' ' }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(source: &str) -> String {
        let code = Code::of(source).bare;
        assert_eq!(code.chars().count(), source.chars().count(), "{source:?}");
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_blanked() {
        assert_eq!(bare("a // b\nc"), "a c");
        assert_eq!(bare("a /* b /* c */ d */ e"), "a e");
        assert_eq!(bare("a /* never closed é"), "a");
        assert_eq!(Code::of("a \"//b\" // c").uncommented.trim_end(), "a \"//b\"");
    }

    #[test]
    fn literals_are_blanked() {
        assert_eq!(bare(r#"a("b \" c", d)"#), "a( , d)");
        assert_eq!(bare(r##"a(r#"b " c"#, br"\", d)"##), "a( , , d)");
        assert_eq!(bare(r"a('\'', '\u{e9}', 'é', b'x', d)"), "a( , , , b , d)");
        assert_eq!(bare("a(\"never closed"), "a(");
    }

    #[test]
    fn lifetimes_raw_names_and_words_that_end_like_a_prefix_are_code() {
        assert_eq!(bare("fn a<'b>(c: &'b str) {}"), "fn a<'b>(c: &'b str) {}");
        assert_eq!(bare("r#type = bar(\"x\")"), "r#type = bar( )");
        assert_eq!(bare("'outer: loop { break 'outer }"), "'outer: loop { break 'outer }");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let code = Code::of("a /* b\nc */ d\n\"e\nf\" g").bare;
        let lines: Vec<&str> = code.lines().map(str::trim).collect();
        assert_eq!(lines, ["a", "d", "", "g"]);
    }
}
