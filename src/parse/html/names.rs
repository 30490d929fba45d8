//! The people that a byline's text names.

use super::words::overlap;
use crate::parse::{
    byline::{is_name, is_role, without_help, without_role},
    date,
    letters::squeeze,
    lexicon::{BYLINES, DATES},
};

/// The text behind a byline's opening word.
pub(super) fn opened(text: &str) -> Option<&str> {
    let lower = text.to_lowercase();
    let mut best: Option<usize> = None;
    for opener in &BYLINES.openers {
        if let Some(rest) = lower.strip_prefix(opener.as_str())
            && lower.len() == text.len()
            && (rest.starts_with([' ', ':', '\u{a0}', '：', '／', '/']))
        {
            best = best.max(Some(opener.len()));
        }
    }
    best.map(|len| text[len..].trim_start_matches([' ', ':', '\u{a0}', '：', '／', '/', '|']))
}

/// A byline without the day it names and all behind it: "Ada Kern May 3, 2031", "Ada Kern
/// Published in Harbour, 3 May". Where the day stands first, what follows it.
fn without_date(text: &str) -> &str {
    let mut text = text;
    let whole = text;
    if let Some(found) = date::find(text, None) {
        text = match text[..found.start].chars().filter(|c| c.is_alphabetic()).count() {
            0..=1 => &text[found.end..],
            _ => &text[..found.start],
        };
    }
    let words = text.match_indices(' ').map(|(at, _)| at);
    let label = words.filter(|&at| is_date_label(text[at..].trim_start())).find(|&at| at > 2);
    let mut text = label.map_or(text, |at| &text[..at]);
    while text.len() < whole.len() {
        text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | ')'));
        // "Ada Kern on 3 May 2031"
        match text.rsplit_once(char::is_whitespace) {
            Some((rest, last)) if rest.contains(' ') && last.chars().all(char::is_lowercase) => {
                text = rest;
            }
            _ => break,
        }
    }
    text
}

/// Whether a text begins with a word such as "Published" or "Updated".
fn is_date_label(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase) && {
        let start: String = text.chars().take(24).flat_map(char::to_lowercase).collect();
        DATES.published.iter().chain(&DATES.updated).any(|label| start.starts_with(label.as_str()))
    }
}

/// Whether a part of a byline names who took or drew the pictures.
fn is_photographers(part: &str) -> bool {
    let first = part.split([' ', ':']).next().unwrap_or(part).to_lowercase();
    part.len() > first.len() && BYLINES.photo.contains(&first)
}

/// Whether a part of a byline tells what somebody is or does: it begins in small letters.
fn describes(part: &str) -> bool {
    part.contains(' ')
        && part.split(' ').next().is_some_and(|word| {
            word.chars().next().is_some_and(char::is_lowercase) && !BYLINES.particles.contains(word)
        })
}

/// Where a mail address begins in a text.
pub(super) fn mail(text: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | ',');
    text.split(ends).find_map(|word| {
        let (name, host) = word.split_once('@')?;
        let named = name.ends_with(char::is_alphanumeric);
        let hosted = host.starts_with(char::is_alphanumeric);
        (named && hosted && host.trim_end_matches('.').contains('.'))
            .then(|| word.as_ptr() as usize - text.as_ptr() as usize)
    })
}

/// The name in a line that is nothing but a name, in brackets or with an address, as texts are
/// signed at their end: "【田中一郎】", "(Ada Kern)", "Ada Kern, ada@post.example".
pub(super) fn signature(text: &str) -> Option<&str> {
    if let Some(at) = mail(text) {
        let name = text[..at].trim_end_matches(|c: char| !c.is_alphabetic());
        return is_name(name).then_some(name);
    }
    let pairs = [('【', '】'), ('（', '）'), ('(', ')'), ('［', '］'), ('[', ']'), ('〔', '〕')];
    let text = text.trim();
    let (open, close) = pairs.into_iter().find(|(open, _)| text.starts_with(*open))?;
    let name = text.strip_prefix(open)?.strip_suffix(close)?.trim();
    let short = (2..=40).contains(&name.chars().count());
    (short && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '・' | '·' | '.' | '-')))
        .then_some(name)
}

/// The people among names as found, without roles, handles and addresses.
pub(super) fn people(found: &[String], site: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in found {
        let text = text.replace('\u{a0}', " ");
        let text = text.trim();
        if text.starts_with("http") || text.starts_with("www.") {
            continue;
        }
        let text = without_date(opened(text).unwrap_or(text));
        let text = without_help(without_role(text));
        // A line under the name that tells what somebody is names their house or place besides.
        let mut lines = text.split(['|', '\n', '•']);
        let told = lines.next().into_iter().chain(lines.filter(|line| !is_role(line)));
        let text = told.map(str::trim).collect::<Vec<_>>().join(" | ");
        let text = text.as_str();
        for (at, part) in split(text).into_iter().enumerate() {
            // "Ada Kern, a reporter at the Harbour Post, who covers ships"
            if names.iter().any(|n| n.contains(' ')) && describes(&part) {
                break;
            }
            // "By Ada Kern, in Business, Travel"
            if is_photographers(&part) || at > 0 && BYLINES.is_place(&part) {
                break;
            }
            let name = without_site(trim_name(&part), site);
            // "Ada Kern, Harbour Post": the site's name among others is no person's; alone it
            // is the author of a blog.
            if site.is_some_and(|s| overlap(s, &name) >= 0.7) && (found.len() > 1 || name != text) {
                continue;
            }
            // "by adakern | Article published on": what follows a handle is no name.
            let lone = at > 0 && names.is_empty() && !name.contains(' ') && name.is_ascii();
            if !lone
                && is_person(&name, site)
                && !names.iter().any(|n| n.eq_ignore_ascii_case(&name))
            {
                names.push(name);
            }
        }
    }
    // A lone word beside a whole name is a role, a month or a section.
    if names.iter().any(|n| n.contains(' ')) {
        names.retain(|n| n.contains(' ') || !n.is_ascii());
    }
    names.truncate(12);
    names
}

/// The parts of a byline that may be names.
fn split(text: &str) -> Vec<String> {
    let mut text = text.to_owned();
    for and in [
        " and ", " und ", " et ", " y ", " & ", " with ", " och ", " og ", " und\n", "\n", " | ",
        " • ", " · ", " ⋅ ", "、", "；", " e ", " en ", " и ", " ve ", " dan ",
    ] {
        text = text.replace(and, ";");
    }
    text.split([';', ',', '|', '/', '•', '·', '，'])
        .map(|p| p.trim().to_owned())
        .filter(|p| !p.is_empty())
        .collect()
}

/// A part without what stands behind the name in it.
fn trim_name(part: &str) -> String {
    let mut part = part;
    if let Some((before, _)) = part.split_once('(') {
        part = before;
    }
    for behind in
        [" for ", " in ", " - ", " – ", " — ", " is a ", " on ", " at ", ": ", " für ", " from "]
    {
        if let Some((before, _)) = part.split_once(behind) {
            part = before;
        }
    }
    // "Ada Kern In", where the section's name is a link of its own.
    let part = [" In", " in", " on"].iter().find_map(|end| part.strip_suffix(end)).unwrap_or(part);
    let mut part = part;
    // "Ada Kern@adakern", "Ada Kern ada@post.example"
    if let Some(at) = part.find('@') {
        let word = part[..at].rfind(char::is_whitespace).unwrap_or(0);
        let begins_name = part[word..at].trim_start().starts_with(char::is_uppercase);
        let end = if begins_name { at } else { word };
        if part[..end].trim().contains(' ') {
            part = &part[..end];
        }
    }
    // "Ada Kern 15 min read"
    let number = part.char_indices().find(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at);
    if let Some(at) = number.filter(|&at| at > 3 && part[..at].ends_with(char::is_whitespace)) {
        part = &part[..at];
    }
    let part = opened(part.trim()).unwrap_or(part);
    let part =
        part.trim_matches(|c: char| !c.is_alphanumeric() && c != '.' && c != '\'' && c != '’');
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "Ada Kern HarbourPost": a name without the site's at its end.
fn without_site(name: String, site: Option<&str>) -> String {
    let Some(site) = site.map(squeeze).filter(|s| s.len() > 3) else { return name };
    let mut starts = name.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let cut = starts.find(|&at| squeeze(&name[at..]) == site && name[..at].contains(' '));
    cut.map_or_else(|| name.clone(), |at| name[..at].to_owned())
}

/// Whether a name can be a person's.
fn is_person(name: &str, site: Option<&str>) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let chars = name.chars().count();
    if !(2..=60).contains(&chars) || words.is_empty() || words.len() > 6 {
        return false;
    }
    if name.contains(['@', '_', '<', '{', '?', '!']) || name.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    if words.len() == 1 && site.is_some_and(|s| overlap(s, name) >= 0.5) {
        return false;
    }
    let lower = name.to_lowercase();
    if lower.split(|c: char| !c.is_alphanumeric()).any(|w| BYLINES.desks.contains(w)) {
        return false;
    }
    let dense = name.chars().any(|c| (c as u32) >= 0x2e80);
    if dense {
        return chars <= 12;
    }
    let caseless = !name.chars().any(|c| c.is_lowercase() || c.is_uppercase());
    if caseless {
        return words.len() >= 2 || chars >= 3;
    }
    if words.len() == 1 {
        // A lone word is a handle unless it is written like a name.
        return name.chars().next().is_some_and(char::is_uppercase)
            && chars >= 3
            && name.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
    }
    let small = words.iter().filter(|w| {
        let first = w.chars().find(|c| c.is_alphabetic());
        first.is_some_and(char::is_lowercase)
            && !BYLINES.particles.contains(&w.to_lowercase())
            && !w.starts_with("d'")
            && !w.starts_with("d’")
            && !w.starts_with("al-")
    });
    let small = small.count();
    small == 0 || small == words.len() && words.len() <= 3
}

/// Several names as one byline.
pub(super) fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        join(&people(&[text.to_owned()], Some("Harbour Post")))
    }

    #[test]
    fn people_only() {
        assert_eq!(of("By Ada Kern and Tom van der Lee"), "Ada Kern and Tom van der Lee");
        assert_eq!(of("Von Ada Kern, Tom Lee und Ruth Öster"), "Ada Kern, Tom Lee and Ruth Öster");
        assert_eq!(of("Ada Kern | Staff Writer"), "Ada Kern");
        assert_eq!(of("Ada Kern, Senior Correspondent"), "Ada Kern");
        for nobody in [
            "admin",
            "Harbour Post",
            "Newsroom Team",
            "@adakern",
            "ada@post.example",
            "https://post.example/ada",
            "Editorial Board",
            "user_17",
        ] {
            assert_eq!(of(nobody), "", "{nobody}");
        }
    }
}
