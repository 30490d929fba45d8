//! What text browsers and converters put into a text: link numbers ("[8]harbour"), the marks of
//! Markdown. They are taken off before the lines are read; the page keeps its line numbers.

use std::borrow::Cow;

/// Link numbers that a page must have, one after the other.
const LINKS: usize = 3;
/// Markdown links that a page must have.
const MARKED: usize = 3;
/// Links within links that are told apart.
const DEPTH: usize = 4;
/// Addresses of one line that may be left open before the rest of it is taken as it is.
const UNCLOSED: usize = 64;
/// Signs of emphasis that stand together at most; more are a rule.
const STRESS: usize = 3;
/// Bytes of an address at most.
const ADDRESS: usize = 4096;

/// The page without such marks. `converted` tells that its paragraphs had been broken into lines.
pub(super) fn without<'a>(text: Cow<'a, str>, converted: bool) -> Cow<'a, str> {
    let text =
        if numbers(&text).nth(LINKS - 1).is_some() { unnumbered(&text).into() } else { text };
    let linked = memchr::memmem::find_iter(text.as_bytes(), "](").nth(MARKED - 1).is_some();
    if linked || is_marked(&text) {
        let mut plain = String::with_capacity(text.len());
        for (nth, line) in text.split('\n').enumerate() {
            if nth > 0 {
                plain.push('\n');
            }
            unmarked(line, &mut plain);
        }
        return plain.into();
    }
    if converted && text.contains('_') {
        let mut plain = String::with_capacity(text.len());
        unstressed(&text, &mut plain);
        return plain.into();
    }
    text
}

/// Where link numbers stand: each counts on from the one before it, right before what it links.
fn numbers(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut last = 0;
    memchr::memchr_iter(b'[', text.as_bytes()).filter_map(move |at| {
        let rest = text.get(at + 1..)?;
        let digits = rest.bytes().take(5).take_while(u8::is_ascii_digit).count();
        let number: u32 = rest.get(..digits)?.parse().ok()?;
        let counts_on = number > last && number <= last + 3;
        let linked = rest.get(digits..)?.strip_prefix(']')?.starts_with(char::is_alphanumeric);
        (counts_on && linked).then(|| {
            last = number;
            at..at + digits + 2
        })
    })
}

fn unnumbered(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    for number in numbers(text) {
        plain.push_str(text.get(from..number.start).unwrap_or_default());
        from = number.end;
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    plain
}

/// Headings are marked as in Markdown, and more than one thing is.
fn is_marked(text: &str) -> bool {
    let heading = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let signs = rest.bytes().take(7).take_while(|&b| b == b'#').count();
        (1..=6).contains(&signs) && rest.as_bytes().get(signs) == Some(&b' ')
    };
    let after = memchr::memmem::find_iter(text.as_bytes(), "\n#").map(|at| at + 1);
    let mut headings = std::iter::once(0).chain(after).filter(|&at| heading(at));
    let other =
        || text.matches("**").nth(1).is_some() || text.contains("](") || text.contains("\n> ");
    headings.next().is_some() && (headings.next().is_some() || other())
}

/// A line without links, pictures, emphasis and escapes.
fn unmarked(line: &str, plain: &mut String) {
    let line = match line.trim_start().strip_prefix('>') {
        Some(quoted) => quoted.trim_start_matches(['>', ' ']),
        None => line,
    };
    if !line.contains("](") {
        return unstressed(line, plain);
    }
    // Where the texts of links that are still open begin in `open`.
    let mut open = String::with_capacity(line.len());
    let mut starts: Vec<usize> = Vec::new();
    let mut unclosed = 0;
    let mut rest = line;
    while let Some(at) = rest.find(['[', ']', '\\']) {
        let (before, sign) = rest.split_at(at);
        open.push_str(before);
        let mut next = sign.get(1..).unwrap_or_default();
        match sign.as_bytes().first() {
            Some(b'[') => {
                if starts.len() < DEPTH {
                    starts.push(open.len());
                }
                open.push('[');
            }
            Some(b']') => match starts.pop().map(|start| (start, address(next))) {
                Some((start, Some(after))) => {
                    // A picture says what it shows.
                    let start = if open.get(..start).is_some_and(|text| text.ends_with('!')) {
                        open.remove(start);
                        start - 1
                    } else {
                        start
                    };
                    open.remove(start);
                    next = after;
                }
                Some((_, None)) if next.starts_with('(') => {
                    open.push(']');
                    unclosed += 1;
                    if unclosed > UNCLOSED {
                        rest = next;
                        break;
                    }
                }
                _ => open.push(']'),
            },
            _ => {
                let escaped = next.chars().next().filter(char::is_ascii_punctuation);
                open.push('\\');
                if let Some(escaped) = escaped {
                    open.push(escaped);
                    next = next.get(1..).unwrap_or_default();
                }
            }
        }
        rest = next;
    }
    open.push_str(rest);
    unstressed(&open, plain);
}

/// What follows the address in brackets that `text` begins with.
fn address(text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    for (at, byte) in text.bytes().take(ADDRESS).enumerate() {
        match byte {
            b'(' => depth += 1,
            _ if depth == 0 => return None,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..);
        }
    }
    None
}

/// A text without the signs around words, and without the backslash of an escape.
fn unstressed(text: &str, plain: &mut String) {
    let bytes = text.as_bytes();
    let mut from = 0;
    let mut next = 0;
    while let Some(found) =
        memchr::memchr3(b'*', b'_', b'\\', bytes.get(next..).unwrap_or_default())
    {
        let at = next + found;
        let sign = bytes.get(at).copied().unwrap_or_default();
        let end = at + bytes.iter().skip(at).take(STRESS + 1).take_while(|&&b| b == sign).count();
        next = end;
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(end..).and_then(|text| text.chars().next());
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let off = if sign == b'\\' {
            next = at + 2;
            end == at + 1 && after.is_some_and(|c| c.is_ascii_punctuation())
        } else {
            end - at <= STRESS && !(space(before) && space(after)) && !(word(before) && word(after))
        };
        if off {
            plain.push_str(text.get(from..at).unwrap_or_default());
            from = end;
        }
    }
    plain.push_str(text.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        without(text.into(), false).into_owned()
    }

    #[test]
    fn link_numbers_are_taken_off() {
        let page: String = (1..=9).map(|n| format!("  * [{n}]News\n")).collect();
        assert_eq!(plain(&page), "  * News\n".repeat(9));
        let text = "He told [3] of 4 [crew] members [1] that";
        assert_eq!(plain(text), text);
    }

    #[test]
    fn markdown_is_taken_off() {
        let page = "[](/)\n# Ferry docks\n[![The pier](/p.jpg)](/pier) by [Orla Venn](/venn \"Venn\")\n> It is **safe** \\- _quite_ [so](/a_(b)), the snake_case [said\n  * [News](/n)\n";
        assert_eq!(
            plain(page),
            "\n# Ferry docks\nThe pier by Orla Venn\nIt is safe - quite so, the snake_case [said\n  * News\n"
        );
        // Found by fuzzing: what follows a link's text may close a bracket that was never opened.
        assert_eq!(plain("# a\n# b\n[a](/b) [c])/(\n"), "# a\n# b\na [c])/(\n");
        let text = "A * B, **C** and _D_ of 3 \\- no Markdown";
        assert_eq!(plain(text), text);
    }

    proptest::proptest! {
        #[test]
        fn lines_keep_their_numbers(text in "(\\PC|[\\[\\]()*_\\\\!#\\n1-9 ]){0,300}") {
            let page = text.clone() + "\n# a\n# b\n[a](b)[a](b)[a](b)";
            let plain = without(page.as_str().into(), true);
            proptest::prop_assert_eq!(plain.matches('\n').count(), page.matches('\n').count());
        }
    }
}
