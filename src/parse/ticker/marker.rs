//! The words that head a BREAKING block.

use crate::parse::lexicon::{self, BREAKING, fold, is_ornament, opening};

/// A marker at the beginning of a line.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::parse) struct Marker<'a> {
    /// What the line says after it; empty where the marker stands alone.
    pub(in crate::parse) rest: &'a str,
}

/// Longest marker, in characters, that is looked for.
const LONGEST: usize = 32;

/// Finds a marker alone on the line or as its prefix: `BREAKING: …`, `عاجل | …`, `#عاجل …`,
/// `+++ EILMELDUNG +++`. `more` are the site's own markers, folded.
pub(in crate::parse) fn find<'a>(line: &'a str, more: &[String]) -> Option<Marker<'a>> {
    let line = without_signs(line);
    // Nearly all lines begin as no marker does.
    let opens = opening(line);
    let two = |opening: [char; 3]| [opening[0], opening[1]];
    if !lexicon::may_be_marker(opens)
        && !more.iter().any(|marker| two(opening(marker)) == two(opens))
    {
        return None;
    }
    let is_marker = |folded: &str| BREAKING.contains(folded) || more.iter().any(|m| m == folded);
    if line.chars().nth(LONGEST).is_none() && is_marker(&fold(line)) {
        return Some(Marker { rest: "" });
    }
    // A hashtag is divided from what follows by a space alone.
    if let Some(tag) = line.strip_prefix('#') {
        let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '|' | ':'))?;
        let (tag, rest) = tag.split_at(end);
        return is_marker(&fold(&tag.replace('_', " "))).then(|| Marker { rest: clean(rest) });
    }
    let (at, mark) = line.char_indices().take(LONGEST).skip(1).find(|(_, c)| {
        matches!(c, ':' | '：' | '|' | '–' | '—' | '】' | ']' | '!' | '／' | '-' | '+')
    })?;
    let head = line.get(..at)?;
    let rest = line.get(at + mark.len_utf8()..)?;
    // A hyphen inside a word divides nothing.
    if matches!(mark, '-' | '+') && !head.ends_with(char::is_whitespace) && !head.is_empty() {
        return None;
    }
    is_marker(&fold(head)).then(|| Marker { rest: clean(rest) })
}

/// Does a line begin as a marker does?
pub(in crate::parse) fn may_be_marker(line: &str) -> bool {
    lexicon::may_be_marker(opening(without_signs(line)))
}

/// A light or a bolt may stand before a marker: "🔴 BREAKING: …".
fn without_signs(line: &str) -> &str {
    line.trim().trim_start_matches(is_sign).trim_start()
}

/// A pictograph or what goes with one.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\u{203c}' | '\u{2049}' | '\u{1f000}'..='\u{1faff}')
}

fn clean(rest: &str) -> &str {
    rest.trim_start_matches(|c| is_ornament(c) && !matches!(c, '"' | '“' | '„' | '«' | '(' | '\''))
        .trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(line: &str) -> Option<&str> {
        find(line, &[]).map(|marker| marker.rest)
    }

    #[test]
    fn alone() {
        for line in [
            "BREAKING",
            "  • Breaking News:",
            "+++ EILMELDUNG +++",
            "عاجل",
            "ÚLTIMA HORA",
            "速報",
            "СРОЧНО",
        ] {
            assert_eq!(rest(line), Some(""), "{line}");
        }
    }

    #[test]
    fn as_a_prefix() {
        assert_eq!(rest("BREAKING: The ferry sails"), Some("The ferry sails"));
        assert_eq!(rest("عاجل | الميناء مغلق"), Some("الميناء مغلق"));
        assert_eq!(rest("#عاجل الميناء مغلق"), Some("الميناء مغلق"));
        assert_eq!(rest("【速報】港が閉鎖"), Some("港が閉鎖"));
        assert_eq!(rest("🔴 عاجل | الميناء مغلق"), Some("الميناء مغلق"));
        assert_eq!(rest("#عاجل: الميناء مغلق"), Some("الميناء مغلق"));
        assert_eq!(rest("⚡️ Срочно: Порт закрыт"), Some("Порт закрыт"));
        assert_eq!(rest("URGENT - Le port est fermé"), Some("Le port est fermé"));
    }

    #[test]
    fn not_within_a_sentence() {
        assert_eq!(rest("Breaking the ice: a ferry sails"), None);
        assert_eq!(rest("The ferry sails: breaking"), None);
        assert_eq!(rest("Flash-floods: three villages cut off"), None);
        assert_eq!(rest(""), None);
    }

    #[test]
    fn a_site_may_have_its_own() {
        assert!(find("Harbour Wire", &["harbour wire".to_owned()]).is_some());
    }
}
