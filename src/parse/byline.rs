//! Who wrote it.

use super::lexicon::{BYLINES, DATES, fold};

/// Words a byline has at most.
const MOST_WORDS: usize = 16;

/// The name in a byline as printed, without "By" and its like; `None` where it is nobody's
/// ("admin", "Staff", an address, a handle).
pub(super) fn clean(raw: &str) -> Option<String> {
    let mut name = raw.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '|' | '•' | '·' | '-' | '–' | '—' | ',' | ';' | ':' | '/')
    });
    while let Some(rest) = without_prefix(name) {
        name = rest;
    }
    name = without_suffix(name).unwrap_or(name);
    name = without_help(without_role(name));
    // What follows a bar, a bullet or a long dash is a role or a date.
    let end = name.find(['|', '•', '·', '—', '–', '\t', '\n', '(', '[', '@']).filter(|&at| at > 0);
    name = name.get(..end.unwrap_or(name.len()))?;
    // "Orla Venn. Photo: Jens Aldorf"
    if let Some((before, _)) = name.split_once(':') {
        let label = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if BYLINES.photo.contains(&label.to_lowercase()) {
            name = before.get(..before.len() - label.len())?.trim_end_matches(['.', ',', ';', ' ']);
        }
    }
    for divider in [" - ", ", @", " // "] {
        name = name.split(divider).next().unwrap_or(name);
    }
    if name.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = name
        .split([',', ';', '/'])
        .map(|part| without_tail(part.trim()))
        .filter(|part| !part.is_empty() && is_somebody(part))
        .take_while(|part| !part.chars().any(char::is_numeric) && !is_role(part))
        .take_while(|part| !BYLINES.is_place(part))
        .collect();
    // "Orla Venn, AP": the agency is who they write for.
    if parts.first().is_some_and(|first| is_name(first)) {
        parts.retain(|part| !BYLINES.agencies.contains(*part));
    }
    let name = parts.join(", ");
    let words = name.split_whitespace().count();
    (1..=MOST_WORDS).contains(&words).then(|| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whose a line says the text is: "Source: Harbour Press".
pub(super) fn credit(text: &str) -> Option<String> {
    let (label, name) = text.split_once([':', '：'])?;
    let known = BYLINES.source.contains(&label.trim().to_lowercase());
    let name = name.trim();
    (known && !name.is_empty() && name.split_whitespace().count() <= 8).then(|| name.to_owned())
}

/// A name without what a page prints behind it: whom it is written for, a role, the same name once
/// more, each with or without a space.
fn without_tail(part: &str) -> &str {
    let half = part.len() / 2;
    if part.len().is_multiple_of(2)
        && part.get(..half).is_some_and(|name| part.get(half..) == Some(name))
    {
        return part.get(..half).unwrap_or(part);
    }
    let mut before = ' ';
    for (at, c) in part.char_indices() {
        let (glued, starts) = (before.is_lowercase() && c.is_uppercase(), before == ' ');
        before = c;
        let (name, tail) = part.split_at(at);
        if !(glued || starts) || !is_name(name.trim_end()) {
            continue;
        }
        let first = tail.split(' ').next().unwrap_or_default().to_lowercase();
        let ranks = || BYLINES.ranks.contains(&first) || BYLINES.desks.contains(&first);
        let cut = BYLINES.agencies.contains(tail)
            || starts && first == "for"
            || glued && (is_date_label(tail) || tail == name)
            || is_role(tail) && (glued || is_role(&first) || ranks());
        if cut {
            return name.trim_end();
        }
    }
    part
}

/// "Published: …"
fn is_date_label(tail: &str) -> bool {
    let tail = tail.to_lowercase();
    DATES.published.iter().chain(&DATES.updated).any(|label| tail.starts_with(label.as_str()))
}

/// Is the line a byline's label alone, with the name on the next: "By", "Autor:"?
pub(super) fn is_label(line: &str) -> bool {
    let label = line.trim().to_lowercase();
    let bare = label.trim_end_matches([':', '：']);
    let mut known = bare.chars().next().and_then(|first| BYLINES.before.get(&first)).into_iter();
    known.any(|list| list.iter().any(|prefix| prefix.trim_end_matches([':', '：']) == bare))
}

/// Does the line open as a byline does ("By …", "Von …"), with something that can be a name after
/// it?
pub(super) fn is_labelled(line: &str) -> bool {
    if without_suffix(line.trim()).is_some() {
        return true;
    }
    without_prefix(line.trim()).is_some_and(|rest| {
        let first = rest.chars().next();
        first.is_some_and(|c| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase())
            || without_role(rest).len() < rest.len()
            || BYLINES.nobody.contains(&fold(rest))
    })
}

/// A short line that ends as a byline does: "김하늘 기자".
fn without_suffix(line: &str) -> Option<&str> {
    let name = BYLINES.after.iter().find_map(|suffix| line.strip_suffix(suffix.as_str()))?.trim();
    let letters = name.chars().count();
    ((2..=20).contains(&letters)
        && name.split_whitespace().count() <= 3
        && name.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '·' | ',')))
    .then_some(name)
}

fn without_prefix(line: &str) -> Option<&str> {
    // Most lines begin with no prefix's letter: that is seen at once.
    let first = line.chars().next()?.to_lowercase().next()?;
    BYLINES.before.get(&first)?.iter().find_map(|prefix| {
        let mut rest = line;
        if prefix.is_ascii() {
            let (head, tail) = line.split_at_checked(prefix.len())?;
            if !head.eq_ignore_ascii_case(prefix) {
                return None;
            }
            rest = tail;
        } else {
            for expected in prefix.chars() {
                let c = rest.chars().next()?;
                if c != expected && !c.to_lowercase().eq(expected.to_lowercase()) {
                    return None;
                }
                rest = rest.get(c.len_utf8()..)?;
            }
        }
        let divided =
            prefix.ends_with([':', '：', '/']) || rest.starts_with([' ', '\u{a0}', ':', '\t']);
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ':');
        (divided && !rest.is_empty()).then_some(rest)
    })
}

fn is_somebody(name: &str) -> bool {
    let folded = fold(name);
    !folded.is_empty()
        && !BYLINES.nobody.contains(&folded)
        && !folded.chars().next().is_some_and(|first| {
            BYLINES.before.get(&first).is_some_and(|list| list.contains(&folded))
        })
        && !name.starts_with(['@', '#'])
        && !folded.starts_with("www.")
        && (!folded.contains('@') || !folded.contains('.'))
        && name.chars().any(char::is_alphabetic)
}

/// "Staff Writer", "Science Editor": what somebody is, not who.
pub(super) fn is_role(part: &str) -> bool {
    let part = part.to_lowercase();
    part.split(|c: char| !c.is_alphanumeric()).any(|word| BYLINES.roles.contains(word))
}

/// Words before a name among which a role is looked for.
const ROLE: usize = 5;

/// "political reporter Orla Venn", "Transport Correspondent Orla Venn": the name without the role
/// before it.
pub(super) fn without_role(text: &str) -> &str {
    let starts = text.match_indices(char::is_whitespace).map(|(at, _)| at);
    let names = starts.take(ROLE).filter_map(|at| {
        let (before, name) = text.split_at(at);
        let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let plain = before.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || c == '-');
        (plain && is_role(last) && is_name(name.trim_start())).then(|| name.trim_start())
    });
    names.last().unwrap_or(text)
}

/// "Orla Venn avec AFP", "Orla Venn and agencies": the name without who helped.
pub(super) fn without_help(text: &str) -> &str {
    let mut found = text.match_indices(' ').filter_map(|(at, _)| {
        let (name, rest) = (text.get(..at)?, text.get(at + 1..)?);
        let (word, helper) = rest.split_once(' ').unwrap_or((rest, ""));
        let helps = BYLINES.with.contains(&word.to_lowercase())
            && (super::dateline::is_agency(helper)
                || BYLINES.nobody.contains(&helper.to_lowercase()));
        (is_name(name) && (helps || BYLINES.with.contains(&rest.to_lowercase()))).then_some(name)
    });
    found.next().unwrap_or(text)
}

/// Can the text be a person's name: two to four words, each beginning with a capital letter (small
/// words such as "van" or "de la" between them), no digits, no sentence marks?
pub(super) fn is_name(text: &str) -> bool {
    // Nearly every line fails on its first letter or on a digit.
    if !text.trim_start().starts_with(char::is_alphabetic)
        || text.bytes().any(|byte| matches!(byte, b'0'..=b'9' | b':' | b',' | b'?' | b'!' | b'|'))
    {
        return false;
    }
    let words: Vec<&str> = text.split_whitespace().take(6).collect();
    let small = |word: &&str| BYLINES.small.contains(*word);
    (2..=5).contains(&words.len())
        && words.iter().filter(|word| !small(word)).count() >= 2
        && words.iter().all(|word| {
            small(word)
                || word.chars().next().is_some_and(char::is_uppercase)
                    && word
                        .chars()
                        .all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-'))
                    && (word.chars().count() > 1 || word.ends_with('.'))
        })
        && words.iter().any(|word| word.chars().any(char::is_lowercase))
        && !words.iter().any(|word| BYLINES.desks.contains(&word.to_lowercase()))
        && is_somebody(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str) -> Option<String> {
        clean(raw)
    }

    #[test]
    fn names_without_what_stands_before_and_after() {
        assert_eq!(name("By Orla Venn").as_deref(), Some("Orla Venn"));
        assert_eq!(name("BY: ORLA VENN").as_deref(), Some("ORLA VENN"));
        assert_eq!(
            name("Von Jens Aldorf und Mia Kern").as_deref(),
            Some("Jens Aldorf und Mia Kern")
        );
        assert_eq!(name("Par Léa Morvan | 7 février 2024").as_deref(), Some("Léa Morvan"));
        assert_eq!(name("بقلم: ليان مرفأ").as_deref(), Some("ليان مرفأ"));
        assert_eq!(name("Orla Venn, Staff Writer").as_deref(), Some("Orla Venn"));
        assert_eq!(name("By Orla Venn - Harbour Desk").as_deref(), Some("Orla Venn"));
        assert_eq!(name("김하늘 기자").as_deref(), Some("김하늘"));
        assert_eq!(name("Text: Orla Venn. Photo: Jens Aldorf").as_deref(), Some("Orla Venn"));
        for beside in [
            "By political reporter Orla Venn",
            "Transport Correspondent Orla Venn",
            "Orla Venn and agencies",
            "Orla Venn with AP",
            "Par Orla Venn avec AFP",
            "Von Orla Venn mit dpa",
        ] {
            assert_eq!(name(beside).as_deref(), Some("Orla Venn"), "{beside}");
        }
        for glued in [
            "By Orla VennStaff Writer",
            "By Orla VennPublished",
            "Orla VennOrla Venn",
            "Orla Venn Senior Staff Writer",
            "Orla VennShips & TV Reporter",
            "By Orla Venn For Harbour.Example",
            "By Orla Venn, AP",
            "Orla Venn The Associated Press",
            "By Orla Venn, in Harbour, Ferries",
        ] {
            assert_eq!(name(glued).as_deref(), Some("Orla Venn"), "{glued}");
        }
        assert_eq!(name("Orla Mae Venn Editor").as_deref(), Some("Orla Mae Venn"));
        assert_eq!(name("By Mia McKern").as_deref(), Some("Mia McKern"));
        assert_eq!(name("By AP").as_deref(), Some("AP"));
        assert_eq!(name("By Harbour Radio English").as_deref(), Some("Harbour Radio English"));
    }

    #[test]
    fn nobody() {
        for raw in [
            "by admin",
            "Admin",
            "Redaktion",
            "By Staff",
            "@orlavenn",
            "desk@harbour.example",
            "https://harbour.example/a",
            "",
            "By",
        ] {
            assert_eq!(name(raw), None, "{raw}");
        }
    }

    #[test]
    fn labels_alone() {
        assert!(is_label("By") && is_label(" Von: ") && is_label("Written by"));
        assert!(!is_label("By Orla") && !is_label("") && !is_label("Byline"));
    }

    #[test]
    fn labelled_lines() {
        assert!(is_labelled("By Orla Venn"));
        assert!(is_labelled("by admin"));
        assert!(!is_labelled("By the river a ferry docks"));
        assert!(!is_labelled("Bypass opened"));
    }

    #[test]
    fn what_can_be_a_name() {
        assert!(is_name("Orla Venn") && is_name("J. van der Aldorf") && is_name("Mia O’Kern-Lys"));
        assert!(
            !is_name("Orla")
                && !is_name("Harbour opens")
                && !is_name("BREAKING NEWS")
                && !is_name("Top 10 Ferries")
        );
    }
}
