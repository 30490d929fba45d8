//! A page as plain text without building its tree: the way out for pages whose tree would be too
//! big. The layout is that of a text export: blocks divided by blank lines, list items bulleted.

use super::tokens::{Token, Tokens};

/// Elements that stand inside a line.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Elements whose text nobody reads.
const SILENT: &[&str] =
    &["script", "style", "textarea", "noscript", "iframe", "title", "noembed", "noframes"];

/// The text of a page.
pub(super) fn text(page: &str) -> String {
    let mut out = String::with_capacity(page.len() / 2);
    for token in Tokens::new(page) {
        match token {
            Token::Text(t) => fold(&mut out, &html_escape::decode_html_entities(t)),
            Token::Open(tag) if tag.is("br") => line(&mut out, 1),
            Token::Open(tag) if tag.is("li") => {
                line(&mut out, 1);
                out.push_str("  • ");
            }
            Token::Open(tag) if !is(INLINE, tag.name) => line(&mut out, 2),
            Token::Close(name) if name.eq_ignore_ascii_case("li") => line(&mut out, 1),
            Token::Close(name) if !is(INLINE, name) => line(&mut out, 2),
            Token::Raw(tag, inside) if !is(SILENT, tag.name) => fold(&mut out, inside),
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn is(names: &[&str], name: &str) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// Ends the line; two make a blank one.
fn line(out: &mut String, ends: usize) {
    out.truncate(out.trim_end_matches([' ', '•']).len());
    if out.is_empty() {
        return;
    }
    let have = out.bytes().rev().take_while(|b| *b == b'\n').count();
    for _ in have..ends {
        out.push('\n');
    }
}

fn fold(out: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lines_and_bullets() {
        let page = "<title>x</title><div><p>One &amp;\n two<br>three</p><ul><li>four</li><li><b>five</b></ul>six";
        assert_eq!(text(page), "One & two\nthree\n\n  • four\n  • five\n\nsix\n");
    }
}
