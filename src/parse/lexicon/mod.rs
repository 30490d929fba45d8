//! Every list of words, read once from the files beside this one: each list has one place and one
//! meaning, and says in its file what it is for.

pub(super) mod stop;

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::AhoCorasick;
// The words looked among are ours, so that nobody can make them collide.
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use serde::Deserialize;

type ByLanguage = BTreeMap<String, Vec<String>>;

macro_rules! embedded {
    ($name:literal) => {
        toml::from_str(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/parse/lexicon/",
            $name,
            ".toml"
        )))
        .expect(concat!("lexicon/", $name, ".toml is embedded; a test reads it"))
    };
}
pub(super) use embedded;

/// Lower case, one kind of apostrophe and space, and no bullets, brackets or punctuation around:
/// how a line is compared with the lists.
pub(super) fn fold(line: &str) -> String {
    let line = line.trim_matches(is_ornament);
    if line.is_ascii() && is_single_spaced(line) && !line.contains('`') {
        return line.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(line.len());
    for c in line.chars() {
        fold_char(c, |c| {
            if c != ' ' || !folded.ends_with(' ') {
                folded.push(c);
            }
        });
    }
    folded
}

/// The first three characters of the folded line.
pub(super) fn opening(line: &str) -> [char; 3] {
    // Most lines begin with letters, and nothing around these is to be taken off.
    if let Some(first) = line.as_bytes().first_chunk::<3>()
        && first.iter().all(u8::is_ascii_alphabetic)
    {
        return first.map(|letter| char::from(letter.to_ascii_lowercase()));
    }
    let mut opening = [' '; 3];
    let mut length = 0;
    for c in line.trim_matches(is_ornament).chars() {
        fold_char(c, |c| {
            let doubled = c == ' ' && length > 0 && opening.get(length - 1) == Some(&' ');
            if let Some(room) = opening.get_mut(length)
                && !doubled
            {
                (*room, length) = (c, length + 1);
            }
        });
        if length == opening.len() {
            break;
        }
    }
    opening
}

/// How the entries of some lists begin, which tells at once that most lines stand in none.
#[derive(Default)]
struct Openings {
    three: HashSet<[char; 3]>,
    /// Of entries that have no three characters.
    two: HashSet<[char; 2]>,
}

impl Openings {
    fn of<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut openings = Openings::default();
        for entry in entries {
            let [first, second] = first_two(entry);
            match entry.chars().nth(2) {
                Some(third) => openings.three.insert([first, second, third]),
                None => openings.two.insert([first, second]),
            };
        }
        openings
    }

    /// `false` where no entry begins as a line that opens so.
    fn may_hold(&self, opening: [char; 3]) -> bool {
        let [first, second, _] = opening;
        self.three.contains(&opening) || self.two.contains(&[first, second])
    }
}

fn fold_char(c: char, mut put: impl FnMut(char)) {
    match c {
        '’' | '‘' | 'ʼ' | '`' | '´' => put('\''),
        c if c.is_whitespace() => put(' '),
        '\u{200e}' | '\u{200f}' | '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
        c if c.is_ascii() => put(c.to_ascii_lowercase()),
        // Its small letter comes with a dot of its own, which no list has.
        'İ' => put('i'),
        c => c.to_lowercase().for_each(put),
    }
}

/// One space for any white space, none around.
pub(super) fn fold_space(text: &str) -> String {
    let text = text.trim();
    // Most lines have single spaces only.
    if is_single_spaced(text) {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All white space in it is single spaces, and it has no control characters.
pub(super) fn is_single_spaced(text: &str) -> bool {
    let bytes = text.as_bytes();
    // No branch in the loop: sixteen bytes are looked at together.
    let odd = |(byte, next): (&u8, &u8)| (*byte < b' ') | (*byte == b' ') & (*next == b' ');
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let regular = !pairs.fold(false, |any, pair| any | odd(pair))
        && bytes.last().is_none_or(|byte| *byte >= b' ');
    // The other white space begins with one of four bytes.
    let space_at = |at: usize| {
        text.get(at..).and_then(|rest| rest.chars().next()).is_none_or(char::is_whitespace)
    };
    regular
        && (bytes.is_ascii()
            || !memchr::memchr3_iter(0xc2, 0xe2, 0xe3, bytes)
                .chain(memchr::memchr_iter(0xe1, bytes))
                .any(space_at))
}

/// What may stand around a word without being part of it.
pub(super) fn is_ornament(c: char) -> bool {
    !c.is_ascii_alphanumeric() && is_ornament_sign(c)
}

fn is_ornament_sign(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '•' | '·'
                | '●'
                | '▪'
                | '■'
                | '►'
                | '▶'
                | '‣'
                | '*'
                | '+'
                | '#'
                | ':'
                | '：'
                | ';'
                | '|'
                | '>'
                | '<'
                | '»'
                | '«'
                | '›'
                | '‹'
                | '-'
                | '–'
                | '—'
                | '_'
                | '='
                | '~'
                | '.'
                | '…'
                | '!'
                | '?'
                | ','
                | '"'
                | '\''
                | '“'
                | '”'
                | '„'
                | '('
                | ')'
                | '（'
                | '）'
                | '［'
                | '］'
                | '《'
                | '》'
                | '['
                | ']'
                | '【'
                | '】'
                | '「'
                | '」'
                | '/'
                | '↓'
                | '→'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{200b}'
                | '\u{feff}'
        )
}

/// Whole lines and beginnings of lines.
#[derive(Default)]
pub(super) struct Lines {
    whole: HashSet<String>,
    /// By their first two characters.
    beginnings: HashMap<[char; 2], Vec<String>>,
}

impl Lines {
    fn new<'a>(entries: impl IntoIterator<Item = &'a String>) -> Self {
        let mut lines = Lines::default();
        for entry in entries {
            match entry.strip_suffix('*') {
                None => {
                    lines.whole.insert(fold(entry));
                }
                Some(beginning) => {
                    lines
                        .beginnings
                        .entry(first_two(beginning))
                        .or_default()
                        .push(beginning.to_owned());
                }
            }
        }
        lines
    }

    fn entries(&self) -> impl Iterator<Item = &str> {
        self.whole.iter().chain(self.beginnings.values().flatten()).map(String::as_str)
    }

    /// Does the folded line stand in the list?
    pub(super) fn has(&self, folded: &str) -> bool {
        // No heading is long: what is longer can only begin like one.
        folded.len() <= LONGEST && self.whole.contains(folded)
            || self.beginnings.get(&first_two(folded)).is_some_and(|list| {
                list.iter().any(|beginning| folded.starts_with(beginning.as_str()))
            })
    }
}

/// Bytes of the longest heading looked up whole.
const LONGEST: usize = 160;

fn first_two(text: &str) -> [char; 2] {
    let mut chars = text.chars();
    [chars.next().unwrap_or(' '), chars.next().unwrap_or(' ')]
}

/// Headings of boxes that are not the article.
pub(super) struct Sections {
    /// A box of links in the middle of a text that goes on after it.
    pub(super) aside: Lines,
    /// What stands under an article.
    pub(super) end: Lines,
    /// Beginnings of lines that are one link.
    pub(super) link: HashSet<String>,
}

/// Words around an author or an outlet.
pub(super) struct Bylines {
    /// What stands before a name, by its first letter, longest first.
    pub(super) before: HashMap<char, Vec<String>>,
    /// Names that are nobody's.
    pub(super) nobody: HashSet<String>,
    /// News agencies, as they are written.
    pub(super) agencies: HashSet<String>,
    /// What stands after a name instead ("김하늘 기자").
    pub(super) after: Vec<String>,
    /// Labels before the name of a photographer or a picture's agency.
    pub(super) photo: HashSet<String>,
    /// Labels before the outlet a text is credited to.
    pub(super) source: HashSet<String>,
    /// What opens a byline on a web page.
    pub(super) openers: Vec<String>,
    /// Words that no person's name holds.
    pub(super) desks: HashSet<String>,
    /// Words that stand small inside a person's name.
    pub(super) particles: HashSet<String>,
    /// Words that open a role ("Senior …").
    pub(super) ranks: HashSet<String>,
    /// Words that say what somebody is ("correspondent").
    pub(super) roles: HashSet<String>,
    /// Words between a name and who helped ("avec" AFP).
    pub(super) with: HashSet<String>,
    /// Words that stand small between those of a name in a text page.
    pub(super) small: HashSet<String>,
    /// What stands between a name and where its bearer writes from or for.
    from: HashSet<String>,
}

impl Bylines {
    /// Does a part of a byline say where a writer is: "em Alvor"?
    pub(super) fn is_place(&self, part: &str) -> bool {
        part.split_once(' ').is_some_and(|(first, _)| self.from.contains(first))
    }
}

/// What pages that are no article say of themselves: phrases in lower case.
#[derive(Deserialize)]
pub(super) struct Pages {
    /// Of consent to cookies and tracking.
    consent: Vec<String>,
    /// Of visitors who are checked, and of scripts that are missing.
    challenge: Vec<String>,
    /// Of accounts and subscriptions.
    login: Vec<String>,
    /// Of a page that is not there.
    missing: Vec<String>,
}

/// What pages that are no article say of themselves.
pub(super) static PAGES: LazyLock<[AhoCorasick; 4]> = LazyLock::new(|| {
    let file: Pages = embedded!("pages");
    [file.consent, file.challenge, file.login, file.missing].map(|phrases| {
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(phrases);
        finder.expect("some hundred short phrases are within the limits of an automaton")
    })
});

/// Names of lines at a page's top that say what follows.
#[derive(Deserialize)]
pub(super) struct Front {
    pub(super) subject: Vec<String>,
    pub(super) from: Vec<String>,
    pub(super) date: Vec<String>,
    /// Lines that say nothing of the story.
    pub(super) other: Vec<String>,
    /// What stands before the subject of a mail that answers or passes on another.
    pub(super) again: Vec<String>,
    pub(super) author: Vec<String>,
    pub(super) url: Vec<String>,
    pub(super) site: Vec<String>,
    pub(super) summary: Vec<String>,
    pub(super) tags: Vec<String>,
}

/// Names of lines at a page's top that say what follows.
pub(super) static FRONT: LazyLock<Front> = LazyLock::new(|| embedded!("front"));

/// Words of dates.
pub(super) struct Dates {
    /// Month by its name, 1 to 12; two-word names with one space.
    pub(super) months: HashMap<String, i8>,
    /// How the names begin: most words begin otherwise.
    month_openings: HashSet<[char; 2]>,
    /// The same of the solar Hijri calendar.
    pub(super) solar_hijri: HashMap<String, i8>,
    /// Zone by its letters, hours from UTC.
    pub(super) zones: HashMap<String, i8>,
    /// Words before the date of a later change.
    pub(super) updated: Vec<String>,
    /// Words by a date that is of publication or of a later change.
    pub(super) renewed: Vec<String>,
    /// Words before the date of publication.
    pub(super) published: Vec<String>,
    /// Words right before the date of the first publication of what is told again, longest first.
    pub(super) originally: Vec<String>,
    /// Words before the date of the copy.
    pub(super) printed: Vec<String>,
}

impl Dates {
    /// `false` where no month's name begins as a word does, in any case.
    pub(super) fn may_be_month(&self, word: &str) -> bool {
        let mut small = word.chars().flat_map(char::to_lowercase);
        let first = [small.next().unwrap_or(' '), small.next().unwrap_or(' ')];
        self.month_openings.contains(&first)
    }
}

/// Names of places.
pub(super) struct Places {
    /// Places.
    pub(super) names: HashSet<String>,
    /// Words that may stand with one.
    pub(super) around: HashSet<String>,
    /// All words of both.
    pub(super) words: HashSet<String>,
    /// Words that open what a state says of itself, as written.
    pub(super) first_person: HashSet<String>,
}

/// Markers of BREAKING blocks.
pub(super) static BREAKING: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all: ByLanguage = embedded!("breaking");
    all.values().flatten().map(|marker| fold(marker)).collect()
});

/// How urgent markers say it is, where that is not 2.
pub(super) static URGENCY: LazyLock<HashMap<String, u8>> = LazyLock::new(|| {
    let all: BTreeMap<String, ByLanguage> = embedded!("urgency");
    let levels = all.into_iter().filter_map(|(level, words)| Some((level.parse().ok()?, words)));
    let of = |(level, words): (u8, ByLanguage)| {
        words.into_values().flatten().map(move |word| (fold(&word), level)).collect::<Vec<_>>()
    };
    levels.flat_map(of).collect()
});

/// Labels of tickers that boxes of older headlines carry, too.
pub(super) static LATEST: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all: ByLanguage = embedded!("latest");
    all.values().flatten().map(|label| fold(label)).collect()
});

/// What headlines call pages that are told in entries.
pub(super) static LIVE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all: ByLanguage = embedded!("live");
    all.into_values().flatten().collect()
});

/// Does a marker begin so?
pub(super) fn may_be_marker(opening: [char; 3]) -> bool {
    static OPENINGS: LazyLock<Openings> =
        LazyLock::new(|| Openings::of(BREAKING.iter().map(String::as_str)));
    OPENINGS.may_hold(opening)
}

/// Does a section marker, a link's label or a button begin so?
pub(super) fn may_be_heading(opening: [char; 3]) -> bool {
    static OPENINGS: LazyLock<Openings> = LazyLock::new(|| {
        let lists = SECTIONS.aside.entries().chain(SECTIONS.end.entries());
        let labels = SECTIONS.link.iter().map(String::as_str);
        Openings::of(lists.chain(BUTTONS.entries()).chain(labels))
    });
    OPENINGS.may_hold(opening)
}

/// Does a link's label begin so?
pub(super) fn may_be_link(opening: [char; 3]) -> bool {
    static OPENINGS: LazyLock<Openings> =
        LazyLock::new(|| Openings::of(SECTIONS.link.iter().map(String::as_str)));
    OPENINGS.may_hold(opening)
}

/// Section markers.
pub(super) static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        aside: ByLanguage,
        end: ByLanguage,
        link: ByLanguage,
    }
    let file: File = embedded!("sections");
    Sections {
        aside: Lines::new(file.aside.values().flatten()),
        end: Lines::new(file.end.values().flatten()),
        link: file.link.values().flatten().map(|link| fold(link)).collect(),
    }
});

/// Lines that are never part of a text.
pub(super) static BUTTONS: LazyLock<Lines> = LazyLock::new(|| Lines::new(&furniture().buttons));

/// What links say of where they open.
pub(super) static NEW_WINDOW: LazyLock<Lines> =
    LazyLock::new(|| Lines::new(&furniture().new_window));

/// Headings over readers' comments.
pub(super) static COMMENTS: LazyLock<Lines> = LazyLock::new(|| Lines::new(&furniture().comments));

/// Lines under a text that name who edited it and the house's rules.
pub(super) static IMPRINTS: LazyLock<Lines> = LazyLock::new(|| Lines::new(&furniture().imprints));

/// Words that a picture's alternative text adds to the name of its site.
pub(super) static LOGO: LazyLock<Vec<String>> = LazyLock::new(|| furniture().logo);

/// Lines at a page's top that are no site's name.
pub(super) static NAMELESS: LazyLock<Lines> = LazyLock::new(|| Lines::new(&furniture().nameless));

/// Minutes, in lines that say how long a text takes to read.
pub(super) static MINUTES: LazyLock<HashSet<String>> =
    LazyLock::new(|| furniture().minutes.into_iter().collect());

/// Lines and phrases that are no article's text.
#[derive(Deserialize)]
pub(super) struct Furniture {
    buttons: Vec<String>,
    pub(super) notices: Vec<String>,
    pub(super) credits: Vec<String>,
    pub(super) bios: Vec<String>,
    pub(super) signoffs: Vec<String>,
    pub(super) ago: Vec<String>,
    minutes: Vec<String>,
    nameless: Vec<String>,
    logo: Vec<String>,
    new_window: Vec<String>,
    comments: Vec<String>,
    imprints: Vec<String>,
}

pub(super) fn furniture() -> Furniture {
    embedded!("furniture")
}

fn any_of(words: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(words)
        .expect("some hundred short words are within the limits of an automaton")
}

/// Words around bylines and credits.
pub(super) static BYLINES: LazyLock<Bylines> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        before: Vec<String>,
        after: Vec<String>,
        photo: Vec<String>,
        nobody: Vec<String>,
        agencies: Vec<String>,
        source: Vec<String>,
        openers: Vec<String>,
        desks: Vec<String>,
        particles: Vec<String>,
        ranks: Vec<String>,
        roles: Vec<String>,
        with: Vec<String>,
        small: Vec<String>,
        from: Vec<String>,
    }
    let file: File = embedded!("bylines");
    // What stands before a name in a text opens a byline on a web page, too.
    let opens = |before: &String| before.trim_end_matches([':', '：', '/']).to_owned();
    let mut openers: Vec<String> = file.before.iter().map(opens).chain(file.openers).collect();
    openers.sort_unstable();
    openers.dedup();
    let mut all = file.before;
    all.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
    let mut before: HashMap<char, Vec<String>> = HashMap::default();
    for prefix in all {
        before.entry(prefix.chars().next().unwrap_or(' ')).or_default().push(prefix);
    }
    Bylines {
        before,
        after: file.after,
        photo: file.photo.into_iter().collect(),
        nobody: file.nobody.into_iter().collect(),
        agencies: file.agencies.into_iter().collect(),
        source: file.source.into_iter().collect(),
        openers,
        desks: file.desks.into_iter().collect(),
        particles: file.particles.into_iter().collect(),
        ranks: file.ranks.into_iter().collect(),
        roles: file.roles.into_iter().collect(),
        with: file.with.into_iter().collect(),
        small: file.small.into_iter().collect(),
        from: file.from.into_iter().collect(),
    }
});

/// Words of dates.
pub(super) static DATES: LazyLock<Dates> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        months: ByLanguage,
        solar_hijri: ByLanguage,
        zones: HashMap<String, i8>,
        labels: Labels,
    }
    #[derive(Deserialize)]
    struct Labels {
        updated: ByLanguage,
        renewed: ByLanguage,
        published: ByLanguage,
        originally: ByLanguage,
        printed: ByLanguage,
    }
    let file: File = embedded!("dates");
    let numbered = |languages: &ByLanguage| {
        let mut months = HashMap::default();
        for names in languages.values() {
            for (month, spellings) in (1_i8..).zip(names) {
                for spelling in spellings.split(' ') {
                    months.insert(spelling.replace('_', " "), month);
                }
            }
        }
        months
    };
    let all = |labels: ByLanguage| labels.into_values().flatten().collect();
    let mut originally: Vec<String> = all(file.labels.originally);
    originally.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    let months = numbered(&file.months);
    Dates {
        month_openings: months
            .keys()
            .map(|name| first_two(name.split('.').next().unwrap_or(name)))
            .collect(),
        months,
        solar_hijri: numbered(&file.solar_hijri),
        zones: file.zones,
        updated: all(file.labels.updated),
        renewed: all(file.labels.renewed),
        published: all(file.labels.published),
        originally,
        printed: all(file.labels.printed),
    }
});

/// Finds words before the date of the first publication of what is told again, in lower case.
pub(super) static SAYS_ORIGINALLY: LazyLock<AhoCorasick> =
    LazyLock::new(|| any_of(&DATES.originally));

/// Finds words before the date of a later change, in lower case.
pub(super) static SAYS_UPDATED: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(&DATES.updated));

/// Finds words before the date of publication, in lower case.
pub(super) static SAYS_PUBLISHED: LazyLock<AhoCorasick> =
    LazyLock::new(|| any_of(&DATES.published));

/// Names of places.
pub(super) static PLACES: LazyLock<Places> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        names: Vec<String>,
        around: Vec<String>,
        first_person: Vec<String>,
    }
    let file: File = embedded!("places");
    let words = file.names.iter().chain(&file.around).flat_map(|name| name.split_whitespace());
    Places {
        words: words.map(str::to_owned).collect(),
        names: file.names.into_iter().collect(),
        around: file.around.into_iter().collect(),
        first_person: file.first_person.into_iter().collect(),
    }
});

/// A mark of the lists that the fitted models' features are made of: where it differs from the one
/// that a model carries, the model was fitted with other words.
pub(super) fn of_models() -> String {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "they are read to be hashed")]
    struct Phrases {
        buttons: Vec<String>,
        notices: Vec<String>,
        credits: Vec<String>,
        bios: Vec<String>,
        signoffs: Vec<String>,
        ago: Vec<String>,
    }
    let phrases: Phrases = embedded!("furniture");
    let lists: [BTreeMap<String, toml::Value>; 5] = [
        embedded!("sections"),
        embedded!("lines"),
        embedded!("classes"),
        embedded!("common"),
        embedded!("stop"),
    ];
    let hash = blake3::hash(format!("{phrases:?}{lists:?}").as_bytes());
    hash.to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_can_be_read() {
        assert!(BREAKING.contains("عاجل"));
        assert!(SECTIONS.aside.has("related news"));
        assert!(SECTIONS.end.has("all rights reserved by someone"));
        assert!(SECTIONS.link.contains("lire aussi"));
        assert!(BUTTONS.has("advertisement"));
        assert!(BYLINES.nobody.contains("admin"));
        assert_eq!(DATES.months.get("كانون الثاني"), Some(&1));
        assert!(PLACES.names.contains("palestine"));
    }

    #[test]
    fn lines_are_compared_without_ornament() {
        assert_eq!(fold("  • • You’ll  LIKE\u{a0}this: "), "you'll like this");
        assert_eq!(fold("+++ EILMELDUNG +++"), "eilmeldung");
        assert_eq!(fold("© 2020 X"), "© 2020 x");
        assert_eq!(fold("SON DAKİKA |"), "son dakika");
        for line in ["Read more", "• A", "É t", "a", "", "’x", "x:", "#عاجل", "Straße"] {
            let mut first = fold(line);
            first.extend([' '; 3]);
            assert!(first.starts_with(&String::from_iter(opening(line))), "{line}");
        }
        assert_eq!(fold_space(" a\u{a0}b  c\td "), "a b c d");
    }
}
