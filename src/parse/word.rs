//! What the word lists say of a line: a button, the heading of a box, a link to another story.

use super::{
    lexicon::{
        BUTTONS, MINUTES, SECTIONS, fold, is_ornament, may_be_heading, may_be_link, opening,
    },
    measure::{Shape, beginning},
};

/// What the word lists say of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing.
    #[default]
    Plain,
    /// A button or notice, wherever it stands.
    Button,
    /// Heads a box of links; the text may go on after it.
    Aside,
    /// Stands under an article.
    End,
    /// One link to another story ("Read more: …").
    Link,
}

impl Word {
    /// What the lists say of a line of that shape.
    pub(super) fn of(text: &str, shape: &Shape) -> Word {
        if shape.chars == 0 {
            return Word::Plain;
        }
        if is_stand_in(text) {
            return Word::Button;
        }
        // Only the beginning is looked at: the lists hold headings, not sentences.
        let text_head = beginning(text, 80);
        let opens = opening(text_head);
        // "8 Comments" stands in the lists without its number.
        let counted = shape.words <= 3 && !opens.iter().all(|c| c.is_alphabetic());
        if !counted && !may_be_heading(opens) {
            return Word::Plain;
        }
        let folded = fold(text_head);
        // "8 Comments", "Comments (39)": the count says nothing.
        let counted = folded.trim_matches(|c: char| c.is_numeric() || is_ornament(c));
        let folded =
            if shape.words <= 3 && !counted.is_empty() { counted } else { folded.as_str() };
        if SECTIONS.end.has(folded) {
            return Word::End;
        }
        if SECTIONS.aside.has(folded) {
            return Word::Aside;
        }
        if BUTTONS.has(folded) {
            return Word::Button;
        }
        if may_be_link(opens) && links(text, shape) { Word::Link } else { Word::Plain }
    }
}

/// Says how long the text takes to read: "4 Min Read".
pub(super) fn is_reading_time(text: &str, shape: &Shape) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    shape.words <= 7
        && (1..=3).contains(&shape.digits)
        && shape.chars < 40
        && !shape.ends_sentence
        && words.any(|word| MINUTES.contains(&word.to_lowercase()))
}

/// Stands for what a text can't show: a rule, a picture's name in square brackets alone on its line
/// ("[harbour_03]"), an address alone, or with its number in a list of links.
fn is_stand_in(text: &str) -> bool {
    let Some(first) = text.bytes().next().filter(|first| !first.is_ascii_alphabetic()) else {
        return is_address(text);
    };
    let rule = matches!(first, b'_' | b'-' | b'=' | b'*') && text.bytes().all(|byte| byte == first);
    let name = |inner: &str| {
        inner.contains(['_', '.', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && !inner.contains(char::is_whitespace)
    };
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    rule || inner.is_some_and(|inner| inner.is_empty() || name(inner))
        || is_address(text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' '))
}

fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace) && text.contains("://")
}

/// Words before what divides a link's label from its title: "Read more: …", "See also  …"; or a
/// label of several words before what is no sentence.
fn links(text: &str, shape: &Shape) -> bool {
    let head = beginning(text, 40);
    let divided = head
        .find([':', '：', '|', '>', '»', '→', '\u{a0}'])
        .or_else(|| head.find("  "))
        .and_then(|at| head.get(..at));
    if divided.is_some_and(|head| SECTIONS.link.contains(&fold(head))) {
        return true;
    }
    let mut spaces = head.match_indices(' ').map(|(at, _)| at).skip(1).take(2);
    !shape.ends_sentence
        && spaces.any(|at| head.get(..at).is_some_and(|head| SECTIONS.link.contains(&fold(head))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_links_are_known() {
        let word = |text: &str| Word::of(text, &Shape::of(text));
        assert_eq!(word("Related News"), Word::Aside);
        assert_eq!(word("Lesen Sie auch:"), Word::Aside);
        assert_eq!(word("Read more: Ferry docks: what we know"), Word::Link);
        assert_eq!(word("See also\u{a0} Ferry docks"), Word::Link);
        assert_eq!(word("See also Ferry docks"), Word::Link);
        assert_eq!(word("Read more about the ferry and you will see why."), Word::Plain);
        assert_eq!(word("Leave a Comment"), Word::End);
        assert_eq!(word("8 COMMENTS"), Word::End);
        assert_eq!(word("Advertisement"), Word::Button);
        assert_eq!(word("Related parties met in Port Aldine"), Word::Plain);
        assert_eq!(word("[harbour_03]"), Word::Button);
        assert_eq!(word("12. https://harbour.example/news/ferry"), Word::Button);
        assert_eq!(word("[Harbour Press]"), Word::Plain);
        assert_eq!(word("________"), Word::Button);
    }
}
