//! What was put round a line when it was posted: markup, links, handles, hashtags. None of it is
//! news.

use std::borrow::Cow;

/// Words a line keeps at least; what looks like a frame may be all there is.
const LEAST: usize = 3;

/// The text without its frame.
pub(crate) fn unframed(text: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'&', b'<', b'/', text.as_bytes()).is_none()
        && memchr::memchr2(b'#', b'@', text.as_bytes()).is_none()
    {
        return Cow::Borrowed(text);
    }
    let decoded = match text.contains('&') {
        true => html_escape::decode_html_entities(text),
        false => Cow::Borrowed(text),
    };
    let plain = without_tags(&decoded);
    let mut words: Vec<&str> = plain.split_whitespace().filter(|word| !link(word)).collect();
    if words.len() > LEAST && words[0] == "RT" && words[1].starts_with('@') {
        words.drain(..2);
    }
    let marks = |word: &str| word.len() > 1 && word.starts_with(['#', '@']);
    let mut end = words.len();
    while end > LEAST && marks(words[end - 1].trim_start_matches('(')) {
        end -= 1;
    }
    let via = end > LEAST
        && matches!(words[end - 1].trim_start_matches('(').to_lowercase().as_str(), "via" | "h/t");
    // One at the end of a sentence may be a word of it.
    let apart = words.len() - end > 1
        || via
        || words.get(end.wrapping_sub(1)).is_some_and(|word| word.ends_with(['.', '!', '?', ':']));
    if apart {
        words.truncate(end - usize::from(via));
    }
    if words.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(words.join(" ")) }
}

/// `https://…`, `pic.example.com/…`.
fn link(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '<', '"']);
    if word.contains("://") || word.starts_with("www.") {
        return true;
    }
    let Some((host, _)) = word.split_once('/') else { return false };
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && (2..=6).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_lowercase())
}

/// Without `<b>`, `</i>`, `<br/>`.
fn without_tags(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 80;
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let named = tag[1..].trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic());
        match tag.find('>').filter(|&end| named && end <= LONGEST && !tag[1..end].contains('<')) {
            Some(end) => rest = &tag[end + 1..],
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::unframed;

    #[test]
    fn frames_go_and_words_stay() {
        for (text, plain) in [
            ("Velmar bans scooters https://t.example/9Qm", "Velmar bans scooters"),
            ("Velmar bans scooters pic.example.com/k3Z", "Velmar bans scooters"),
            ("Velmar &amp; Orvik sign <b>ferry</b> pact", "Velmar & Orvik sign ferry pact"),
            ("Reef bleached in Velmar #climate #Velmar", "Reef bleached in Velmar"),
            ("Bakery in Velmar burns (via @VelmarTimes)", "Bakery in Velmar burns"),
            ("RT @VelmarTimes: Bakery in Velmar burns", "Bakery in Velmar burns"),
            ("Velmar wins the final of #IslandCup", "Velmar wins the final of #IslandCup"),
            ("Gusts of 140 km/h in Velmar", "Gusts of 140 km/h in Velmar"),
            ("Odds 3 < 4 in Velmar", "Odds 3 < 4 in Velmar"),
        ] {
            assert_eq!(unframed(text), plain);
        }
    }
}
