//! Language and reading direction: by script first, by function words where many languages share
//! a script, by a trained guess where those are silent.

use crate::item::Dir;

use super::{
    lexicon::stop::STOP_LANGUAGES,
    measure::{Shape, beginning},
};

/// What a text is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Language {
    /// BCP 47 tag, `None` where it can't be told.
    pub(super) tag: Option<String>,
    /// Reading direction.
    pub(super) dir: Dir,
}

/// Characters that are looked at: enough to be sure, cheap for any text.
const LOOK: usize = 1500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Hebrew,
    Greek,
    Kana,
    Han,
    Hangul,
    Thai,
    Devanagari,
    Bengali,
    Tamil,
    Georgian,
    Armenian,
}

const SCRIPTS: usize = 14;

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}'
        | '\u{750}'..='\u{77f}'
        | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{feff}' => Script::Arabic,
        '\u{900}'..='\u{97f}' => Script::Devanagari,
        '\u{980}'..='\u{9ff}' => Script::Bengali,
        '\u{b80}'..='\u{bff}' => Script::Tamil,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{10a0}'..='\u{10ff}' => Script::Georgian,
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => {
            Script::Hangul
        }
        '\u{3040}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9d}' => Script::Kana,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Script::Han,
        _ => return None,
    })
}

/// The language of an article's text. `declared` is what the page says (`lang` attribute, site
/// file): it wins where the script allows it.
pub(super) fn of(text: &str, declared: Option<&str>) -> Language {
    decide(text, declared, true)
}

/// The language of one line; `prior` is the page's.
pub(super) fn of_line(line: &str, prior: Option<&str>) -> Language {
    decide(line, prior, false)
}

fn decide(text: &str, prior: Option<&str>, long: bool) -> Language {
    let text = beginning(text, LOOK);
    let mut counts = [0_u32; SCRIPTS];
    if text.is_ascii() {
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        counts[Script::Latin as usize] = letters as u32;
    } else {
        for script in text.chars().filter_map(script) {
            if let Some(count) = counts.get_mut(script as usize) {
                *count += 1;
            }
        }
    }
    let count = |script: Script| counts.get(script as usize).copied().unwrap_or(0);
    let letters: u32 = counts.iter().sum();
    let prior = prior.map(primary).filter(|prior| !prior.is_empty());
    if letters == 0 {
        let dir = direction(prior.as_deref());
        return Language { tag: prior, dir };
    }
    // Kana among Han is Japanese however few they are.
    if count(Script::Kana) * 20 > letters {
        return ltr("ja");
    }
    let strongest =
        (0..SCRIPTS).max_by_key(|&at| counts.get(at).copied().unwrap_or(0)).unwrap_or(0);
    let is = |script: Script| strongest == script as usize;
    let fits = |languages: &[&str]| {
        prior.as_deref().filter(|prior| languages.contains(prior)).map(str::to_owned)
    };
    if is(Script::Arabic) {
        let tag = fits(&["ar", "fa", "ur", "ps", "ku", "ckb", "ug", "sd", "dv"])
            .filter(|_| !long || letters < 40);
        let tag = tag.unwrap_or_else(|| arabic(text, prior.as_deref()));
        return Language { tag: Some(tag), dir: Dir::Rtl };
    }
    if is(Script::Hebrew) {
        return Language { tag: Some(fits(&["he", "yi"]).unwrap_or("he".into())), dir: Dir::Rtl };
    }
    if is(Script::Cyrillic) {
        let tag = fits(&["ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "uz"]);
        return Language {
            tag: Some(tag.unwrap_or_else(|| cyrillic(text).to_owned())),
            dir: Dir::Ltr,
        };
    }
    if is(Script::Devanagari) {
        return Language {
            tag: Some(fits(&["hi", "mr", "ne", "sa"]).unwrap_or("hi".into())),
            dir: Dir::Ltr,
        };
    }
    for (script, tag) in [
        (Script::Greek, "el"),
        (Script::Han, "zh"),
        (Script::Kana, "ja"),
        (Script::Hangul, "ko"),
        (Script::Thai, "th"),
        (Script::Bengali, "bn"),
        (Script::Tamil, "ta"),
        (Script::Georgian, "ka"),
        (Script::Armenian, "hy"),
    ] {
        if is(script) {
            return ltr(tag);
        }
    }
    let latin = |tag: &str| {
        !matches!(
            tag,
            "ar" | "fa"
                | "ur"
                | "he"
                | "ru"
                | "uk"
                | "bg"
                | "mk"
                | "be"
                | "el"
                | "zh"
                | "ja"
                | "ko"
                | "th"
                | "hi"
                | "bn"
                | "ta"
                | "ka"
                | "hy"
        )
    };
    let prior = prior.filter(|prior| latin(prior));
    // A line's own words are too few to speak against its page.
    let guess = if long || prior.is_none() { guess_latin(text, letters) } else { None };
    let tag = match (prior, guess) {
        // A declared language gives way only to a clear majority of another's function words.
        (Some(prior), Some((other, true))) if long && other != prior => Some(other),
        (Some(prior), _) => Some(prior),
        (None, Some((tag, sure))) => (sure || long || letters >= 40).then_some(tag),
        (None, None) => None,
    };
    Language { tag, dir: Dir::Ltr }
}

fn ltr(tag: &str) -> Language {
    Language { tag: Some(tag.to_owned()), dir: Dir::Ltr }
}

/// The primary subtag, lower case: `en` of `en-GB` and `en_US`.
pub(super) fn primary(tag: &str) -> String {
    let end = tag.find(['-', '_']).unwrap_or(tag.len());
    let primary = tag.get(..end).unwrap_or_default().trim().to_ascii_lowercase();
    let valid = matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_lowercase());
    match primary.as_str() {
        _ if !valid => String::new(),
        // Older codes and macrolanguages as they are written today.
        "iw" => "he".to_owned(),
        "in" => "id".to_owned(),
        "nb" | "nn" => "no".to_owned(),
        _ => primary,
    }
}

/// The direction a language is written in.
fn direction(tag: Option<&str>) -> Dir {
    match tag {
        Some("ar" | "fa" | "ur" | "he" | "ps" | "ckb" | "ug" | "sd" | "dv" | "yi") => Dir::Rtl,
        _ => Dir::Ltr,
    }
}

/// Persian and Urdu by the letters that Arabic doesn't have.
fn arabic(text: &str, prior: Option<&str>) -> String {
    let (mut persian, mut urdu, mut arabic, mut all) = (0, 0, 0, 0);
    for c in text.chars() {
        match c {
            'ٹ' | 'ڈ' | 'ڑ' | 'ے' | 'ں' | 'ہ' | 'ھ' => urdu += 1,
            'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' => persian += 1,
            'ة' | 'ى' | 'ي' | 'ك' | 'إ' | 'أ' => arabic += 1,
            _ => {}
        }
        all += u32::from(c.is_alphabetic());
    }
    if urdu * 40 > all {
        "ur".to_owned()
    } else if persian > arabic && persian * 25 > all {
        prior
            .filter(|prior| matches!(*prior, "ps" | "ckb" | "ug" | "sd"))
            .unwrap_or("fa")
            .to_owned()
    } else {
        "ar".to_owned()
    }
}

/// Cyrillic languages by the letters only some of them have.
fn cyrillic(text: &str) -> &'static str {
    let has = |letters: &[char]| text.contains(letters);
    if has(&['ў', 'Ў']) {
        "be"
    } else if has(&['і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є']) && !has(&['ы', 'Ы']) {
        "uk"
    } else if has(&['ђ', 'ћ', 'ј', 'љ', 'њ', 'џ', 'Ј', 'Њ']) {
        if has(&['ѓ', 'ќ', 'ѕ']) { "mk" } else { "sr" }
    } else if has(&['ә', 'ғ', 'қ', 'ң', 'ұ', 'һ']) {
        "kk"
    } else if has(&['ъ']) && !has(&['ы', 'э', 'ё', 'Ы', 'Э']) {
        "bg"
    } else {
        "ru"
    }
}

/// The language whose function words are commonest, and whether that is beyond doubt.
fn guess_latin(text: &str, letters: u32) -> Option<(String, bool)> {
    let mut votes = [0_u32; 64];
    let mut all = 0;
    Shape::with_votes(text, |mut languages| {
        all += 1;
        while languages != 0 {
            if let Some(count) = votes.get_mut(languages.trailing_zeros() as usize) {
                *count += 1;
            }
            languages &= languages - 1;
        }
    });
    if text.contains(['đ', 'ơ', 'ư', 'ạ', 'ế', 'ộ', 'ề', 'ả'])
        && votes.iter().any(|&count| count > 0)
    {
        return Some(("vi".to_owned(), true));
    }
    let best = (0..64).max_by_key(|&at| (votes.get(at).copied().unwrap_or(0), 64 - at))?;
    let most = votes.get(best).copied().unwrap_or(0);
    let second =
        (0..64).filter(|&at| at != best).filter_map(|at| votes.get(at).copied()).max().unwrap_or(0);
    if most >= 3 && most * 4 > second * 5 {
        return Some((STOP_LANGUAGES.get(best)?.clone(), most >= 5 && most * 2 > second * 3));
    }
    if letters < 12 {
        return None;
    }
    let trained = whichlang::detect_language(text);
    let tag = match trained {
        whichlang::Lang::Deu => "de",
        whichlang::Lang::Eng => "en",
        whichlang::Lang::Fra => "fr",
        whichlang::Lang::Ita => "it",
        whichlang::Lang::Nld => "nl",
        whichlang::Lang::Por => "pt",
        whichlang::Lang::Spa => "es",
        whichlang::Lang::Swe => "sv",
        whichlang::Lang::Tur => "tr",
        whichlang::Lang::Vie => "vi",
        _ => return None,
    };
    Some((tag.to_owned(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Option<String> {
        of(text, None).tag
    }

    #[test]
    fn by_script_and_words() {
        for (text, expected) in [
            ("The ferry has docked at the port and the crew is safe.", "en"),
            ("El ferri ha llegado al puerto y la tripulación está a salvo, según la radio.", "es"),
            ("Die Fähre hat im Hafen angelegt, und die Besatzung ist in Sicherheit.", "de"),
            ("Le ferry est arrivé au port et l'équipage est sain et sauf, selon la radio.", "fr"),
            ("Il traghetto è arrivato nel porto e l'equipaggio non ha subito danni.", "it"),
            ("A balsa chegou ao porto e a tripulação não sofreu danos, mas está cansada.", "pt"),
            ("Färjan har lagt till i hamnen och besättningen är inte skadad.", "sv"),
            ("Prom dobił do portu i załoga nie jest ranna, ale to nie koniec.", "pl"),
            (
                "Feribot limana yanaştı ve mürettebat için bir sorun yok, ancak sefer iptal edildi.",
                "tr",
            ),
            ("Паром прибыл в порт, и экипаж не пострадал.", "ru"),
            ("Пором прибув до порту, і екіпаж не постраждав.", "uk"),
            ("وصلت العبّارة إلى الميناء ولم يصب أحد", "ar"),
            ("کشتی به بندر رسید و هیچ‌کس آسیب ندید، گزارش رادیو", "fa"),
            ("המעבורת הגיעה לנמל והצוות בטוח", "he"),
            ("フェリーが港に到着し、乗組員は無事だった。", "ja"),
            ("渡轮已抵达港口，船员安全。", "zh"),
            ("여객선이 항구에 도착했으며 승무원은 안전하다.", "ko"),
        ] {
            assert_eq!(tag(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn direction_comes_from_the_script() {
        assert_eq!(of("وصلت العبّارة", None).dir, Dir::Rtl);
        assert_eq!(of("The ferry", Some("ar")), Language { tag: None, dir: Dir::Ltr });
        assert_eq!(of("1,234", Some("ar-EG")), Language { tag: Some("ar".into()), dir: Dir::Rtl });
    }

    #[test]
    fn a_short_line_takes_the_pages_language() {
        assert_eq!(of_line("Putin: ok", Some("en-GB")).tag.as_deref(), Some("en"));
        assert_eq!(of_line("OK", None).tag, None);
    }
}
