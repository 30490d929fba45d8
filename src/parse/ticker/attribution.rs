//! Who says it, or where it happened: what stands before the first `: ` of a ticker line.

use crate::parse::lexicon::PLACES;

/// The head of a ticker line. At most one of the two is set where a line has one head; a line
/// such as "Place: Speaker: claim" has both.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::parse) struct Attributed<'a> {
    /// Speaker or outlet.
    pub(in crate::parse) attribution: Option<&'a str>,
    /// Place.
    pub(in crate::parse) place: Option<&'a str>,
}

/// Longest head, in characters.
const LONGEST: usize = 70;

/// Splits the head off a claim.
pub(in crate::parse) fn split(claim: &str) -> Attributed<'_> {
    let Some((head, rest)) = head(claim) else { return Attributed::default() };
    if !is_place(head) || first_person(rest) {
        return Attributed { attribution: Some(head), place: None };
    }
    // Arabic wires print "place: reporter: claim".
    let attribution = self::head(rest).map(|(second, _)| second).filter(|second| !is_place(second));
    Attributed { attribution, place: Some(head) }
}

/// The text before the first colon that a space follows, where it can be a head: no sentence end
/// inside, no clock time, no address, and something is claimed after it.
fn head(claim: &str) -> Option<(&str, &str)> {
    let claim = claim.trim();
    let (at, mark) = claim.char_indices().take(LONGEST + 1).find(|&(at, c)| {
        let after = claim.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        c == '：' || c == ':' && after.is_some_and(char::is_whitespace)
    })?;
    let head = claim.get(..at)?.trim();
    let rest = claim.get(at + mark.len_utf8()..)?.trim();
    let opens_quote =
        head.chars().filter(|c| matches!(c, '"' | '“' | '”' | '„' | '«' | '»')).count() % 2 == 1;
    let sentence_end = head.char_indices().any(|(at, c)| match c {
        '!' | '?' | '؟' | '。' | '…' => true,
        // "Gen. Example" and "U.S. envoy" end no sentence: the word before the stop is short.
        '.' => {
            let before = head.get(..at).unwrap_or_default();
            let word = before.rsplit([' ', '.']).next().unwrap_or_default();
            word.chars().count() > 5 && head.get(at + 1..).is_some_and(|rest| rest.starts_with(' '))
        }
        _ => false,
    });
    let digits =
        head.chars().all(|c| c.is_numeric() || matches!(c, ':' | '.' | ' ' | 'h' | '/' | '-'));
    let address = head.contains("://") || head.starts_with("www.") || head.contains('@');
    let good = !head.is_empty()
        && !rest.is_empty()
        && !opens_quote
        && !sentence_end
        && !digits
        && !address;
    good.then_some((head, rest))
}

/// Every word names a place or stands with one.
fn is_place(head: &str) -> bool {
    let folded = head.to_lowercase();
    if PLACES.names.contains(&folded) {
        return true;
    }
    // Leading and trailing companions fall away until a known place is left.
    let parts =
        folded.split([',', '/', '&', '-', '–']).map(str::trim).filter(|part| !part.is_empty());
    let mut any = false;
    for part in parts {
        let words: Vec<&str> = part.split_whitespace().collect();
        // Most heads are of people and outlets, and have a word that no place has.
        if words.iter().any(|word| !PLACES.words.contains(*word)) {
            return false;
        }
        let known = (0..words.len()).any(|from| {
            (from + 1..=words.len()).any(|to| {
                let name = words.get(from..to).unwrap_or_default().join(" ");
                let around = words.iter().take(from).chain(words.iter().skip(to));
                PLACES.names.contains(&name)
                    && around.clone().all(|word| PLACES.around.contains(*word))
            })
        });
        if !known && !words.iter().all(|word| PLACES.around.contains(*word)) {
            return false;
        }
        any |= known;
    }
    any
}

/// A state speaks in the first person; a place does not.
fn first_person(claim: &str) -> bool {
    let claim = claim.trim_start_matches(['"', '“', '\'', '‘']);
    let first = claim.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    PLACES.first_person.contains(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(line: &str) -> Option<&str> {
        split(line).attribution
    }

    fn place(line: &str) -> Option<&str> {
        split(line).place
    }

    #[test]
    fn speakers_and_outlets() {
        assert_eq!(who("Harbour Radio: The ferry has docked"), Some("Harbour Radio"));
        assert_eq!(who("Gen. Orla Venn: the bridge is open"), Some("Gen. Orla Venn"));
        assert_eq!(who("Channel 9: Minister resigns"), Some("Channel 9"));
        assert_eq!(who("وكالة المرفأ: العبّارة وصلت"), Some("وكالة المرفأ"));
        assert_eq!(who("港湾ラジオ：フェリーが到着"), Some("港湾ラジオ"));
    }

    #[test]
    fn no_head() {
        assert_eq!(who("The ferry has docked"), None);
        assert_eq!(who("18:40 The ferry has docked"), None);
        assert_eq!(who("18: The ferry has docked"), None);
        assert_eq!(who("It was late. Then he said: go"), Some("It was late. Then he said"));
        assert_eq!(who("Nothing remains. Then he said: go"), None);
        assert_eq!(who("\"We shall sail: now"), None);
        assert_eq!(who("Ferry arrives:"), None);
        assert_eq!(who("see https://harbour.example: more"), None);
    }

    #[test]
    fn places_are_no_speakers() {
        assert_eq!(
            split("Occupied Palestine: a wall fell"),
            Attributed { attribution: None, place: Some("Occupied Palestine") }
        );
        assert_eq!(place("Southern Lebanon: a wall fell"), Some("Southern Lebanon"));
        assert_eq!(place("Gaza Strip: a wall fell"), Some("Gaza Strip"));
        assert_eq!(place("Lebanese Presidency: talks go on"), None);
        assert_eq!(who("Israel: We will not go"), Some("Israel"));
        assert_eq!(
            split("لبنان: مراسل المرفأ: العبّارة وصلت"),
            Attributed { attribution: Some("مراسل المرفأ"), place: Some("لبنان") }
        );
    }
}
