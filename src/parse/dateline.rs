//! The place and agency that open a text: `PORT ALDINE, Eastland (AP) — The ferry …`.

use super::{
    lexicon::{BYLINES, DATES, PLACES},
    measure::beginning,
};

/// What the opening says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dateline<'a> {
    /// Place, and date where one is printed.
    pub(super) place: Option<&'a str>,
    /// The agency in brackets.
    pub(super) credit: Option<&'a str>,
    /// Who reported it, where the opening names them with their title.
    pub(super) reporters: Option<&'a str>,
}

/// The dash that ends a dateline stands within so many characters.
const LONGEST: usize = 80;

/// Reads the opening of an article's first paragraph. The text itself stays as it is.
pub(super) fn read(opening: &str) -> Dateline<'_> {
    let opening = opening.trim_start();
    let none = Dateline::default();
    if let Some(dateline) = korean(opening).or_else(|| chinese(opening)) {
        return dateline;
    }
    let window = beginning(opening, LONGEST);
    let Some(end) = dash(window) else { return none };
    let head =
        window.get(..end).unwrap_or_default().trim_end_matches([' ', '.', '\u{a0}', ',', '-']);
    let (place, credit) = match (head.rfind('('), head.strip_suffix(')')) {
        (Some(open), Some(_)) => {
            let inside = head.get(open + 1..head.len() - 1).unwrap_or_default().trim();
            (head.get(..open).unwrap_or_default(), Some(inside).filter(|inside| !inside.is_empty()))
        }
        _ => (head, None),
    };
    let place = place.trim_end_matches([' ', ',', '\u{a0}', '/']).trim();
    let agency = credit.is_some_and(is_agency);
    let looks_like_credit = credit.is_some_and(|credit| credit.split_whitespace().count() <= 4);
    if place.is_empty() {
        return Dateline { credit: credit.filter(|_| agency), ..none };
    }
    let words: Vec<&str> = place.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let capitals = first.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && first.chars().all(|c| !c.is_lowercase())
        && first.chars().any(char::is_uppercase);
    let city = place.split([',', '/']).next().unwrap_or_default().trim().to_lowercase();
    let known = PLACES.names.contains(&city);
    let shape = words.len() <= 8
        && place.chars().all(|c| {
            c.is_alphanumeric()
                || c.is_whitespace()
                || matches!(c, ',' | '.' | '\'' | '’' | '-' | '/')
        });
    // "Port Amal, Nov. 14 (Bay Agency) --": no sentence opens so.
    let day = words.len() >= 3
        && words.iter().any(|word| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b','))
        && words.iter().any(|word| {
            DATES.months.contains_key(&word.trim_end_matches(['.', ',']).to_lowercase())
        });
    let credited = agency || looks_like_credit && (capitals || day);
    if shape && (credited || known || capitals && words.len() <= 5) {
        let credit = credit.filter(|_| agency || looks_like_credit);
        Dateline { place: Some(place), credit, ..none }
    } else {
        none
    }
}

/// "(서울=연합뉴스) 김하늘 기자 = …": place and agency in brackets, then who reports.
fn korean(opening: &str) -> Option<Dateline<'_>> {
    let (inside, text) = opening.strip_prefix('(')?.split_once(')')?;
    let (place, credit) = inside.split_once('=')?;
    let short = |part: &str| (1..=20).contains(&part.trim().chars().count());
    let reporters = beginning(text, LONGEST).split_once(" 기자").map(|(names, _)| names.trim());
    (short(place) && short(credit)).then(|| Dateline {
        place: Some(place.trim()),
        credit: Some(credit.trim()),
        reporters: reporters.filter(|names| (2..=20).contains(&names.chars().count())),
    })
}

/// "新华社北京11月14日电（记者林海）…": agency, place and day, the sign that they were wired, and who
/// reports.
fn chinese(opening: &str) -> Option<Dateline<'_>> {
    let window = Some(beginning(opening, 30)).filter(|window| !window.is_ascii())?;
    let (head, _) = window.split_once("日电")?;
    let (agency, place) = head.split_at(head.find('社')? + '社'.len_utf8());
    let day = place.trim_end_matches(|c: char| c.is_numeric() || c == '月');
    (!day.is_empty() && day.len() < place.len() && place.chars().count() <= 20).then_some(())?;
    let end = agency.len() + place.len() + '日'.len_utf8();
    let text = opening.get(head.len() + "日电".len()..).unwrap_or_default();
    let bracket = text.strip_prefix(['（', '(']).and_then(|text| text.split_once(['）', ')']));
    let reporters = bracket.and_then(|(inside, _)| {
        inside.strip_prefix("记者").or_else(|| inside.strip_prefix("記者"))
    });
    let reporters = reporters.map(|names| names.trim_start_matches(['：', ':', ' ']));
    Some(Dateline {
        place: opening.get(agency.len()..end),
        credit: Some(agency),
        reporters: reporters.filter(|names| (2..=30).contains(&names.chars().count())),
    })
}

/// Where the dash stands that ends a dateline: a long dash, a hyphen with space after it, or a colon
/// after brackets.
fn dash(window: &str) -> Option<usize> {
    let dashes = window.match_indices(['—', '–', '−', '-', ':']).filter(|(at, _)| *at > 0);
    dashes
        .filter(|(at, dash)| {
            let (before, after) = (window.get(..*at), window.get(at + dash.len()..));
            let before = before.and_then(|before| before.chars().next_back());
            let spaced_after = after.is_some_and(|after| after.starts_with(char::is_whitespace));
            match *dash {
                ":" => before == Some(')'),
                "-" => {
                    spaced_after
                        && before.is_some_and(|c| c.is_whitespace() || matches!(c, ')' | '.' | '-'))
                }
                _ => spaced_after || before.is_some_and(|c| c.is_whitespace() || c == ')'),
            }
        })
        .map(|(at, _)| at)
        .next()
}

/// Is it the name of a place?
pub(super) fn is_place(name: &str) -> bool {
    PLACES.names.contains(&name.trim().to_lowercase())
}

/// Is it (or does it begin with) the name of a news agency?
pub(super) fn is_agency(name: &str) -> bool {
    let first = name.split(['/', ',', ';']).next().unwrap_or_default().trim();
    BYLINES.agencies.contains(first) || BYLINES.agencies.contains(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(opening: &str) -> (Option<&str>, Option<&str>) {
        let Dateline { place, credit, .. } = read(opening);
        (place, credit)
    }

    #[test]
    fn place_and_agency() {
        assert_eq!(
            both("PORT ALDINE, Eastland (AP) — The ferry has docked"),
            (Some("PORT ALDINE, Eastland"), Some("AP"))
        );
        assert_eq!(
            both("ALDINE (Reuters) - The ferry has docked"),
            (Some("ALDINE"), Some("Reuters"))
        );
        assert_eq!(
            both("ALDINE, Nov 19 (Harbour Press) - The ferry"),
            (Some("ALDINE, Nov 19"), Some("Harbour Press"))
        );
        assert_eq!(both("Aldorf (dpa/hp) – Die Fähre"), (Some("Aldorf"), Some("dpa/hp")));
        assert_eq!(both("Aldina, 5 mar (EFE).- El ferri"), (Some("Aldina, 5 mar"), Some("EFE")));
        assert_eq!(both("(AP) — The ferry"), (None, Some("AP")));
        assert_eq!(
            both("Port Amal, Nov. 14 (Bay Agency) -- Forty boats"),
            (Some("Port Amal, Nov. 14"), Some("Bay Agency"))
        );
        assert_eq!(both("Paris — The ferry"), (Some("Paris"), None));
        assert_eq!(both("(아말=걸프통신) 김하늘 기자 = 배가"), (Some("아말"), Some("걸프통신")));
        assert_eq!(
            both("海湾社阿马尔11月14日电（记者林海）渡轮"),
            (Some("阿马尔11月14日"), Some("海湾社"))
        );
    }

    #[test]
    fn who_reports() {
        let of = |opening: &'static str| read(opening).reporters;
        assert_eq!(of("海湾社阿马尔11月14日电（记者林海 何兰）渡轮"), Some("林海 何兰"));
        assert_eq!(of("(아말=걸프통신) 김하늘 기자 = 배가"), Some("김하늘"));
        assert_eq!(of("海湾社阿马尔11月14日电 渡轮"), None);
    }

    #[test]
    fn prose_has_none() {
        for opening in [
            "The ferry — late again — has docked",
            "But (as we said) - well",
            "A ferry docked.",
            "",
            "— Orla Venn",
        ] {
            assert_eq!(both(opening), (None, None), "{opening}");
        }
    }
}
