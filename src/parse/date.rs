//! Dates as pages print them, in the languages pages are written in.
//!
//! Only absolute dates with day, month and year count: "Friday" and "2 hours ago" say nothing
//! without a clock. `03/04/2024` means two days, so it means none, unless the language, the region
//! or another date of the page tells ([`numbers_order`]). Null beats wrong.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use jiff::civil::{Date, DateTime, Time};

use crate::item::PrintedTime;

use super::{calendar, letters::Letter, lexicon::DATES};

/// A date found in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// When; with its time and zone where they are printed.
    pub(super) time: PrintedTime,
    /// Its day.
    pub(super) day: Date,
    /// Byte where it begins.
    pub(super) start: usize,
    /// Byte after its end.
    pub(super) end: usize,
}

/// Years that news is from. Older ones are history, later ones are misprints.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2099;

/// Years by which the Buddhist era is ahead.
const BUDDHIST: i32 = 543;

/// How many tokens of a line are looked at.
const TOKENS: usize = 4096;

/// The first date of a line; `language`, with its region where that is known (`en-GB`), decides
/// between `7/2` and `2/7`.
pub(super) fn find(line: &str, language: Option<&str>) -> Option<Found> {
    all(line, language).next()
}

/// A date in a line with what stands before it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labelled {
    /// The date.
    pub(super) found: Found,
    /// What the words before it call it.
    pub(super) called: Called,
}

/// What a date is called by the words before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Called {
    /// The day of publication.
    Published,
    /// Nothing.
    Nothing,
    /// The day of publication or of a later change: some languages have one word for both.
    Renewed,
    /// The day of a later change.
    Updated,
    /// The day somebody printed or saved the page.
    Printed,
}

/// The dates of a line, each with what it is called: the words between the date before it and
/// itself say it.
pub(super) fn labelled(line: &str, language: Option<&str>) -> Vec<Labelled> {
    let mut from = 0;
    all(line, language)
        .map(|found| {
            let label = line.get(from..found.start).unwrap_or_default();
            from = found.end;
            Labelled { called: called(label), found }
        })
        .collect()
}

/// The date of a line that is most likely that of publication: one that is called so, else the
/// first that is not called anything else.
pub(super) fn publication(line: &str, language: Option<&str>) -> Option<Labelled> {
    let dates = labelled(line, language).into_iter();
    dates.filter(|date| date.called < Called::Updated).min_by_key(|date| date.called)
}

/// What words before a date call it: the last of them that calls it anything.
pub(super) fn called(label: &str) -> Called {
    if !label.contains(char::is_alphabetic) {
        return Called::Nothing;
    }
    let (finder, called) = &*LABELS;
    let of = |text: &str| {
        let last = finder.find_iter(text).last();
        last.and_then(|found| called.get(found.pattern().as_usize()).copied())
    };
    let found = if label.is_ascii() { of(label) } else { of(&label.to_lowercase()) };
    found.unwrap_or(Called::Nothing)
}

/// Finds the words by dates, each with what it calls them.
static LABELS: LazyLock<(AhoCorasick, Vec<Called>)> = LazyLock::new(|| {
    let lists = [
        (Called::Published, &DATES.published),
        (Called::Renewed, &DATES.renewed),
        (Called::Updated, &DATES.updated),
        (Called::Printed, &DATES.printed),
    ];
    let words = || lists.iter().flat_map(|(called, list)| list.iter().map(move |w| (w, *called)));
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words().map(|(word, _)| word))
        .expect("some hundred short words are within the limits of an automaton");
    (finder, words().map(|(_, called)| called).collect())
});

/// What the dates of a line are, as far as no language tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dates {
    /// The newest day.
    pub(super) newest: Option<Date>,
    /// One of three numbers, the order of which a language may tell.
    numbers: bool,
    /// One of three numbers that can only be read with the day first.
    day_first: bool,
    /// The same with the month first.
    month_first: bool,
}

impl Dates {
    /// The newest day of `line`, whose dates these are, in a language.
    pub(super) fn newest_in(self, line: &str, language: Option<&str>) -> Option<Date> {
        match language {
            Some(_) if self.numbers => all(line, language).map(|found| found.day).max(),
            _ => self.newest,
        }
    }
}

/// Looks through a line for all its dates.
pub(super) fn dates(line: &str) -> Dates {
    let mut dates = Dates::default();
    if !may_hold_date(line) {
        return dates;
    }
    let tokens = tokens(line);
    for at in 0..tokens.len() {
        let Some((first, second, _)) = three_numbers(&tokens, at) else { continue };
        dates.numbers = true;
        dates.day_first |= (13..=31).contains(&first) && (1..=12).contains(&second);
        dates.month_first |= (13..=31).contains(&second) && (1..=12).contains(&first);
    }
    dates.newest = found(tokens, None).map(|found| found.day).max();
    dates
}

/// How the numbers of `7/2/2024` are ordered on a page, as a language with its region, where one of
/// its dates can only be read one way.
pub(super) fn numbers_order(lines: impl Iterator<Item = Dates>) -> Option<&'static str> {
    let (day_first, month_first) =
        lines.fold((false, false), |(d, m), line| (d | line.day_first, m | line.month_first));
    match (day_first, month_first) {
        (true, false) => Some("en-GB"),
        (false, true) => Some("en-US"),
        _ => None,
    }
}

/// A time that stands alone (a `datetime` attribute, a meta value): whatever [`find`] reads at its
/// beginning.
pub(super) fn alone(text: &str) -> Option<PrintedTime> {
    find(text, None).filter(|found| found.start <= 6).map(|found| found.time)
}

/// All dates of a line.
pub(super) fn all<'a>(
    line: &'a str,
    language: Option<&'a str>,
) -> impl Iterator<Item = Found> + use<'a> {
    found(if may_hold_date(line) { tokens(line) } else { Vec::new() }, language)
}

fn found<'a>(
    tokens: Vec<Token<'a>>,
    language: Option<&'a str>,
) -> impl Iterator<Item = Found> + use<'a> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < tokens.len() {
            if let Some((day, from, to)) = day_at(&tokens, at, language) {
                let found = with_time(&tokens, day, from, to);
                at = to;
                return Some(found);
            }
            at += 1;
        }
        None
    })
}

/// Four digits in a row, of any script, or three short numbers with slashes between.
fn may_hold_date(line: &str) -> bool {
    let mut run = 0;
    let mut four = |is_digit: bool| {
        run = if is_digit { run + 1 } else { 0 };
        run == 4
    };
    let slashes = || memchr::memchr_iter(b'/', line.as_bytes()).nth(1).is_some();
    if line.is_ascii() {
        line.bytes().any(|byte| four(byte.is_ascii_digit())) || slashes()
    } else {
        line.chars().any(|c| four(digit(c).is_some())) || slashes()
    }
}

fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(c as u32 - '0' as u32),
        '\u{660}'..='\u{669}' => Some(c as u32 - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(c as u32 - 0x6f0),
        '\u{966}'..='\u{96f}' => Some(c as u32 - 0x966),
        '\u{9e6}'..='\u{9ef}' => Some(c as u32 - 0x9e6),
        '\u{e50}'..='\u{e59}' => Some(c as u32 - 0xe50),
        '\u{ff10}'..='\u{ff19}' => Some(c as u32 - 0xff10),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    Number { value: i32, digits: usize },
    Word(&'a str),
    Mark(char),
}

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    kind: Kind<'a>,
    start: usize,
    end: usize,
    /// White space stands before it.
    spaced: bool,
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = line.char_indices().peekable();
    let mut spaced = false;
    while let Some((start, c)) = chars.next() {
        if tokens.len() == TOKENS {
            break;
        }
        if c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}') {
            spaced = true;
            continue;
        }
        let mut end = start + c.len_utf8();
        let kind = if let Some(first) = digit(c) {
            let (mut value, mut digits) = (first as i32, 1);
            while let Some(&(at, c)) = chars.peek() {
                let Some(next) = digit(c) else { break };
                // What a page shows apart may be glued in its text: "Feb 7, 202418:38".
                if digits == 4 && YEARS.contains(&value) && after_month(&tokens) {
                    break;
                }
                value = value.saturating_mul(10).saturating_add(next as i32);
                digits += 1;
                end = at + c.len_utf8();
                chars.next();
            }
            Kind::Number { value, digits }
        } else if is_unit(c) {
            Kind::Mark(c)
        } else if Letter::of(c).is_alphabetic() {
            let mut small = c.is_lowercase();
            while let Some(&(at, c)) = chars.peek() {
                if !(Letter::of(c).is_alphabetic()
                    || matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{94f}'
                        | '\u{981}'..='\u{9cd}' | '\u{e31}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'))
                    || is_unit(c)
                    // "By Orla VennFeb 7, 2024", "18:38 UTCUpdated"
                    || c.is_uppercase() && (small || opens_word(line, at) && at - start >= 2)
                {
                    break;
                }
                small = c.is_lowercase();
                end = at + c.len_utf8();
                chars.next();
            }
            Kind::Word(line.get(start..end).unwrap_or_default())
        } else {
            Kind::Mark(c)
        };
        tokens.push(Token { kind, start, end, spaced });
        spaced = false;
    }
    tokens
}

/// A capital with a small letter behind it.
fn opens_word(line: &str, capital: usize) -> bool {
    line.get(capital..).and_then(|rest| rest.chars().nth(1)).is_some_and(char::is_lowercase)
}

/// The name of a month stands a few tokens back: what comes now may be its year.
fn after_month(tokens: &[Token<'_>]) -> bool {
    let back = |nth: usize| tokens.len().checked_sub(nth);
    (1..=4).filter_map(back).any(|at| month(tokens, at).is_some())
}

/// Year, month, day, hour and minute signs of Chinese, Japanese and Korean.
fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '년' | '월' | '일' | '時' | '时' | '分' | '시' | '분')
}

fn number(tokens: &[Token<'_>], at: usize) -> Option<(i32, usize)> {
    match tokens.get(at)?.kind {
        Kind::Number { value, digits } => Some((value, digits)),
        _ => None,
    }
}

fn mark(tokens: &[Token<'_>], at: usize, wanted: &[char]) -> Option<char> {
    match tokens.get(at)?.kind {
        Kind::Mark(c) if wanted.contains(&c) => Some(c),
        _ => None,
    }
}

fn lower(tokens: &[Token<'_>], at: usize) -> Option<String> {
    match tokens.get(at)?.kind {
        Kind::Word(word) => Some(word.to_lowercase()),
        _ => None,
    }
}

/// Tokens from a month's first word within which the number behind it begins: its name may have two
/// words, and stand twice ("كانون الثاني/يناير").
const LONGEST_MONTH: usize = 8;

/// A month's number and the token after it.
fn month(tokens: &[Token<'_>], at: usize) -> Option<(i8, usize)> {
    match tokens.get(at)?.kind {
        Kind::Word(word) if DATES.may_be_month(word) => {}
        _ => return None,
    }
    let first = lower(tokens, at)?;
    if let Some(second) = lower(tokens, at + 1)
        && let Some(&month) = DATES.months.get(&format!("{first} {second}"))
    {
        return Some((month, at + 2));
    }
    // Thai months are shortened to letters with points: "พ.ย.".
    if mark(tokens, at + 1, &['.']).is_some()
        && let Some(second) = lower(tokens, at + 2)
        && let Some(&month) = DATES.months.get(&format!("{first}.{second}."))
    {
        return Some((month, at + 3 + usize::from(mark(tokens, at + 3, &['.']).is_some())));
    }
    let &month = DATES.months.get(&first)?;
    let next = at + 1 + usize::from(mark(tokens, at + 1, &['.']).is_some());
    // Levantine and common Arabic names side by side: "شباط/فبراير".
    if mark(tokens, next, &['/', '(']).is_some()
        && let Some(other) = lower(tokens, next + 1)
        && DATES.months.get(&other) == Some(&month)
    {
        return Some((month, next + 2 + usize::from(mark(tokens, next + 2, &[')']).is_some())));
    }
    Some((month, next))
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    if !YEARS.contains(&year) {
        return None;
    }
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A year, and the token after it.
fn year(tokens: &[Token<'_>], mut at: usize) -> Option<(i32, usize)> {
    while mark(tokens, at, &[',', '.', '،', '-', '/']).is_some()
        || lower(tokens, at)
            .is_some_and(|word| matches!(word.as_str(), "de" | "del" | "of" | "عام"))
    {
        at += 1;
    }
    let (value, digits) = number(tokens, at)?;
    // Thailand counts years from the death of the Buddha.
    let value =
        if (BUDDHIST + 1990..=BUDDHIST + 2099).contains(&value) { value - BUDDHIST } else { value };
    (digits == 4 && YEARS.contains(&value)).then_some((value, at + 1))
}

/// The date that begins at token `at`: day, first token, token after the last.
fn day_at(tokens: &[Token<'_>], at: usize, language: Option<&str>) -> Option<(Date, usize, usize)> {
    if let Some((first, digits)) = number(tokens, at) {
        // A number that a digit group or a fraction goes before is no day.
        let joined = at > 0
            && !tokens.get(at)?.spaced
            && mark(tokens, at - 1, &['.', ',', '/', '-', ':', '$', '€', '£']).is_some();
        if joined {
            return None;
        }
        if digits == 4 && YEARS.contains(&first) {
            return year_first(tokens, at, first);
        }
        if digits == 8 {
            return date(first / 10_000, first / 100 % 100, first % 100)
                .map(|day| (day, at, at + 1));
        }
        if digits <= 2 && (1..=31).contains(&first) {
            return day_first(tokens, at, first, language);
        }
        return None;
    }
    // Month first: "November 20, 2026". Most words have no number near.
    let is_number = |token: &Token<'_>| matches!(token.kind, Kind::Number { .. });
    tokens.iter().skip(at + 1).take(LONGEST_MONTH).find(|token| is_number(token))?;
    let (month, mut next) = month(tokens, at)?;
    let (day, digits) = number(tokens, next)?;
    if digits > 2 {
        return None;
    }
    next += 1;
    if lower(tokens, next).is_some_and(|word| matches!(word.as_str(), "st" | "nd" | "rd" | "th"))
        && !tokens.get(next)?.spaced
    {
        next += 1;
    }
    let (year, next) = year(tokens, next)?;
    date(year, month.into(), day).map(|day| (day, at, next))
}

fn year_first(tokens: &[Token<'_>], at: usize, year: i32) -> Option<(Date, usize, usize)> {
    // "2026. november 20.", "2026 november 20"
    let words = at + 1 + usize::from(mark(tokens, at + 1, &['.', ',']).is_some());
    if let Some((month, next)) = month(tokens, words) {
        let (day, digits) = number(tokens, next)?;
        return (digits <= 2)
            .then(|| date(year, month.into(), day))?
            .map(|day| (day, at, next + 1));
    }
    let divider = mark(tokens, at + 1, &['-', '/', '.', '年', '년', '‑'])?;
    let (month, month_digits) = number(tokens, at + 2)?;
    let second = mark(tokens, at + 3, &['-', '/', '.', '月', '월', '‑'])?;
    let units = matches!(divider, '年' | '년');
    if month_digits > 2 || !units && second != divider {
        return None;
    }
    let (day, day_digits) = number(tokens, at + 4)?;
    let end = at + 5 + usize::from(mark(tokens, at + 5, &['日', '일']).is_some());
    (day_digits <= 2).then(|| date(year, month, day))?.map(|day| (day, at, end))
}

/// Whether dates such as `7/2/2024` name the day first: known of a language that is no English, and
/// of an English of some region.
fn names_day_first(language: Option<&str>) -> Option<bool> {
    let (primary, region) = match language?.split_once(['-', '_']) {
        Some((primary, region)) => (primary, Some(region)),
        None => (language?, None),
    };
    if !primary.eq_ignore_ascii_case("en") {
        return Some(true);
    }
    let region = region?;
    // English is written in many countries, and in three of them the month comes first, or may.
    match region.get(..2)?.to_ascii_uppercase().as_str() {
        "US" | "PH" => Some(false),
        "CA" => None,
        _ => Some(true),
    }
}

/// Three short numbers divided alike, the last of which is a year of four digits, or of two behind
/// slashes with a clock beside them: "4/6/26 3:15pm".
fn three_numbers(tokens: &[Token<'_>], at: usize) -> Option<(i32, i32, i32)> {
    let (first, 1..=2) = number(tokens, at)? else { return None };
    let divider = mark(tokens, at + 1, &['/', '.', '-', '‑'])?;
    let (second, 1..=2) = number(tokens, at + 2)? else { return None };
    if mark(tokens, at + 3, &['/', '.', '-', '‑']) != Some(divider) {
        return None;
    }
    match number(tokens, at + 4)? {
        (year, 4) => Some((first, second, year)),
        (year, 2) if divider == '/' && (at + 5..at + 7).any(|at| clock(tokens, at).is_some()) => {
            Some((first, second, 2000 + year))
        }
        _ => None,
    }
}

fn day_first(
    tokens: &[Token<'_>],
    at: usize,
    day: i32,
    language: Option<&str>,
) -> Option<(Date, usize, usize)> {
    if let Some((_, second, year)) = three_numbers(tokens, at) {
        let end = at + 5;
        let day_month = date(year, second, day);
        let month_day = date(year, day, second);
        // Only American dates put the month first, and never with full stops.
        let order = match mark(tokens, at + 1, &['.']) {
            Some(_) => Some(true),
            None => names_day_first(language),
        };
        let found = match (day_month, month_day, order) {
            (Some(one), Some(other), _) if one == other => Some(one),
            (day_month @ Some(_), _, Some(true)) | (day_month @ Some(_), None, _) => day_month,
            (_, month_day @ Some(_), Some(false)) | (None, month_day @ Some(_), _) => month_day,
            _ => None,
        };
        return found.map(|day| (day, at, end));
    }
    let mut next = at + 1;
    for _ in 0..2 {
        let skip = mark(tokens, next, &['.', 'º', '°', ',', '-', '/', '\'']).is_some()
            || lower(tokens, next).is_some_and(|word| {
                matches!(
                    word.as_str(),
                    "st" | "nd"
                        | "rd"
                        | "th"
                        | "er"
                        | "de"
                        | "d"
                        | "of"
                        | "º"
                        | "ª"
                        | "tháng"
                        | "من"
                )
            });
        next += usize::from(skip);
    }
    if let Some(&month) = lower(tokens, next).and_then(|word| DATES.solar_hijri.get(&word))
        && let Some((year, 4)) = number(tokens, next + 1 + comma(tokens, next + 1))
    {
        let end = next + 2 + comma(tokens, next + 1);
        return calendar::solar_hijri(year, month, day).map(|day| (day, at, end));
    }
    let (month, next) = month(tokens, next)?;
    let (year, next) = year(tokens, next)?;
    date(year, month.into(), day).map(|day| (day, at, next))
}

/// One where a comma stands.
fn comma(tokens: &[Token<'_>], at: usize) -> usize {
    usize::from(mark(tokens, at, &[',', '،']).is_some())
}

/// Looks for a clock time beside the date.
fn with_time(tokens: &[Token<'_>], day: Date, from: usize, to: usize) -> Found {
    let start = tokens.get(from).map_or(0, |token| token.start);
    let end = tokens.get(to.wrapping_sub(1)).map_or(start, |token| token.end);
    let found = |time, start, end| Found { time, day, start, end };
    // After it: a few signs and words such as "at", "um", "kl" may stand between.
    for at in to..(to + 4).min(tokens.len()) {
        // "Dec. 10, 2026 Updated 6:30 a.m.": the clock is that of the change.
        if lower(tokens, at).is_some_and(|word| DATES.updated.contains(&word)) {
            return found(PrintedTime::day(day), start, end);
        }
        if let Some((time, next)) = clock(tokens, at) {
            let (printed, last) = zoned(tokens, day, time, next);
            let end = tokens.get(last.wrapping_sub(1)).map_or(end, |token| token.end);
            return found(printed, start, end);
        }
        if number(tokens, at).is_some() {
            break;
        }
    }
    // Before it: "18:40, 7 February 2024", "6:45 PM, Feb 16, 2018".
    for back in (3..=9).filter(|&back| back <= from) {
        let at = from - back;
        if let Some((time, next)) = clock(tokens, at) {
            let (printed, last) = zoned(tokens, day, time, next);
            let between = tokens.get(last..from).unwrap_or_default();
            let near = last <= from
                && between.len() <= 3
                && !between.iter().any(|token| matches!(token.kind, Kind::Number { .. }));
            if near && (at == 0 || mark(tokens, at - 1, &[':', '+']).is_none()) {
                let start = tokens.get(at).map_or(start, |token| token.start);
                return found(printed, start, end);
            }
        }
    }
    found(PrintedTime::day(day), start, end)
}

/// `18:40`, `18:40:05`, `6:40 p.m.`, `18h40`, `18.40 Uhr`, `18時40分`, `오후 6:40`.
fn clock(tokens: &[Token<'_>], at: usize) -> Option<(Time, usize)> {
    let (hour, digits) = number(tokens, at)?;
    if digits > 2 || hour > 24 {
        return None;
    }
    let divided = mark(tokens, at + 1, &[':', '：', '時', '时', '시', '.']);
    let french = lower(tokens, at + 1).is_some_and(|word| word == "h");
    let bare_noon = meridiem(tokens, at + 1);
    let (minute, mut next) = if let (None, Some((_, _))) = (divided, bare_noon) {
        (0, at + 1)
    } else {
        if divided.is_none() && !french {
            return None;
        }
        let (minute, digits) = number(tokens, at + 2)?;
        if digits != 2 || minute > 59 {
            return None;
        }
        (minute, at + 3)
    };
    next += usize::from(mark(tokens, next, &['分', '분']).is_some());
    let mut second = 0;
    if mark(tokens, next, &[':']).is_some()
        && let Some((value, 2)) = number(tokens, next + 1)
        && value <= 59
    {
        second = value;
        next += 2;
        if mark(tokens, next, &['.', ',']).is_some() && number(tokens, next + 1).is_some() {
            next += 2;
        }
    }
    // A full stop divides hours from minutes only where a word says that it is a time, or a day with
    // its year stands right before it.
    if divided == Some('.') {
        let says = |at: usize| {
            lower(tokens, at).is_some_and(|word| {
                matches!(word.as_str(), "uhr" | "kl" | "klo" | "ore" | "pm" | "am")
                    || DATES.zones.contains_key(&word)
            })
        };
        // "06.30 BST": letters that stand for a zone, known or not.
        let zone = tokens.get(next).is_some_and(|token| match token.kind {
            Kind::Word(word) => {
                (3..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
            }
            _ => false,
        });
        let back = |nth: usize| at.checked_sub(nth).and_then(|at| number(tokens, at));
        let is_year = |number: Option<(i32, usize)>| {
            number.is_some_and(|(value, digits)| digits == 4 && YEARS.contains(&value))
        };
        let comma = at >= 1 && mark(tokens, at - 1, &[',']).is_some();
        let dated = is_year(back(1)) || comma && is_year(back(2));
        let before = zone || dated || at >= 1 && (says(at - 1) || at >= 2 && says(at - 2));
        if !says(next) && meridiem(tokens, next).is_none() && !before {
            return None;
        }
    }
    let mut hour = hour;
    let afternoon = at >= 1
        && lower(tokens, at - 1)
            .is_some_and(|word| matches!(word.as_str(), "오후" | "下午" | "午後"));
    if afternoon && hour < 12 {
        hour += 12;
    } else if let Some((pm, after)) = meridiem(tokens, next) {
        if !(1..=12).contains(&hour) && pm {
            // "18:40 pm" is printed carelessly, not wrong.
        } else {
            hour = hour % 12 + if pm { 12 } else { 0 };
        }
        next = after;
    }
    if lower(tokens, next).is_some_and(|word| matches!(word.as_str(), "uhr" | "hrs" | "hs")) {
        next += 1;
    }
    let time = Time::new(
        i8::try_from(hour % 24).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        0,
    )
    .ok()?;
    (hour < 24).then_some((time, next))
}

/// `am`, `PM`, `a.m.`: whether afternoon, and the token after it.
fn meridiem(tokens: &[Token<'_>], at: usize) -> Option<(bool, usize)> {
    let word = lower(tokens, at)?;
    match word.as_str() {
        "am" => Some((false, at + 1)),
        "pm" => Some((true, at + 1)),
        "a" | "p" if mark(tokens, at + 1, &['.']).is_some() && lower(tokens, at + 2)? == "m" => {
            Some((word == "p", at + 3 + usize::from(mark(tokens, at + 3, &['.']).is_some())))
        }
        "ق" | "ب" if mark(tokens, at + 1, &['.']).is_some() && lower(tokens, at + 2)? == "ظ" => {
            Some((word == "ب", at + 3))
        }
        "ص" => Some((false, at + 1)),
        "م" => Some((true, at + 1)),
        _ => None,
    }
}

/// The time with the zone that stands at token `at`, and the token after it.
fn zoned(tokens: &[Token<'_>], day: Date, time: Time, at: usize) -> (PrintedTime, usize) {
    let civil = DateTime::from_parts(day, time);
    let bracket = usize::from(mark(tokens, at, &['(']).is_some());
    let word = lower(tokens, at + bracket);
    let named = word.as_deref().and_then(|word| DATES.zones.get(word).copied());
    let mut next = at;
    let mut seconds = None;
    if let Some(hours) = named {
        seconds = Some(i32::from(hours) * 3600);
        next = at + bracket + 1;
    }
    if named.is_none_or(|hours| hours == 0)
        && let Some((offset, after)) = offset(tokens, if named.is_some() { next } else { at })
    {
        seconds = Some(offset);
        next = after;
    }
    next += usize::from(bracket == 1 && next > at && mark(tokens, next, &[')']).is_some());
    let zone = seconds.and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok());
    match zone.and_then(|offset| civil.to_zoned(offset.to_time_zone()).ok()) {
        Some(at) => (PrintedTime::zoned(&at), next),
        None => (PrintedTime::civil(civil), at),
    }
}

/// `+02:00`, `+0200`, `+2`, `−05:00`, in seconds.
fn offset(tokens: &[Token<'_>], at: usize) -> Option<(i32, usize)> {
    let sign = match mark(tokens, at, &['+', '-', '−'])? {
        '+' => 1,
        _ => -1,
    };
    if tokens.get(at + 1)?.spaced {
        return None;
    }
    let (value, digits) = number(tokens, at + 1)?;
    let (hours, minutes, next) = match digits {
        4 => (value / 100, value % 100, at + 2),
        1 | 2 => match (mark(tokens, at + 2, &[':']), number(tokens, at + 3)) {
            (Some(_), Some((minutes, 2))) => (value, minutes, at + 4),
            _ => (value, 0, at + 2),
        },
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(line: &str) -> String {
        find(line, None).map_or("-".to_owned(), |found| found.time.as_str().to_owned())
    }

    #[test]
    fn printed_in_english() {
        assert_eq!(iso("7 Feb 2024 18:38"), "2024-02-07T18:38:00");
        assert_eq!(iso("By A. Writer - Nov 19, 2019, 10:31 pm CST"), "2019-11-19T22:31:00");
        assert_eq!(iso("Posted: Fri 6:45 PM, Feb 16, 2018  |"), "2018-02-16T18:45:00");
        assert_eq!(iso("November 20th, 2019 at 9 a.m. GMT"), "2019-11-20T09:00:00Z");
        assert_eq!(iso("Wednesday 20 November 2019 9:22 am"), "2019-11-20T09:22:00");
        assert_eq!(iso("Published 12:00 AM EDT Jul. 4, 2021"), "2021-07-04T00:00:00-04:00");
    }

    #[test]
    fn printed_for_machines() {
        assert_eq!(iso("2019-11-19T12:48:14Z"), "2019-11-19T12:48:14Z");
        assert_eq!(iso("2019-11-19T12:48:14.123+05:30"), "2019-11-19T12:48:14+05:30");
        assert_eq!(iso("2019-11-19 12:48:14 +0200"), "2019-11-19T12:48:14+02:00");
        assert_eq!(iso("20191119"), "2019-11-19");
        assert_eq!(iso("Tue, 19 Nov 2019 12:48:14 GMT"), "2019-11-19T12:48:14Z");
    }

    #[test]
    fn printed_in_other_languages() {
        for (line, expected) in [
            ("25. September 2018, 18.40 Uhr", "2018-09-25T18:40:00"),
            ("Publié le 1er février 2023 à 18h05", "2023-02-01T18:05:00"),
            ("5 de marzo de 2021 · 09:15", "2021-03-05T09:15:00"),
            ("5 de março de 2021 às 09h15", "2021-03-05T09:15:00"),
            ("7 شباط 2024 18:38", "2024-02-07T18:38:00"),
            ("٧ كانون الثاني ٢٠٢٤", "2024-01-07"),
            ("7 شباط/فبراير 2024", "2024-02-07"),
            ("12 Kasım 2020 14:05", "2020-11-12T14:05:00"),
            ("12 ноября 2020, 14:05 МСК", "2020-11-12T14:05:00+03:00"),
            ("12 listopada 2020", "2020-11-12"),
            ("2020. november 12. 14:05", "2020-11-12T14:05:00"),
            ("2019年11月20日 14時05分", "2019-11-20T14:05:00"),
            ("기사입력 :[ 2018-08-25 15:24 ]", "2018-08-25T15:24:00"),
            ("2018년 8월 25일 오후 3:24", "2018-08-25T15:24:00"),
            ("12. marraskuuta 2020 klo 14.05", "2020-11-12T14:05:00"),
            ("12.11.2020 14:05", "2020-11-12T14:05:00"),
            ("23/08/2018", "2018-08-23"),
            ("11.14.2019 09:00 AM", "2019-11-14T09:00:00"),
            ("۲ تیر ۱۳۹۹ - ۱۲:۰۹", "2020-06-22T12:09:00"),
            ("2 تير 1399 - 03:09:08 ب.ظ", "2020-06-22T15:09:08"),
            ("3 พฤษภาคม 2574", "2031-05-03"),
            ("৩ মে ২০৩১", "2031-05-03"),
            ("৯ সেপ্টেম্বর ২০৩১, ১০:৩০", "2031-09-09T10:30:00"),
        ] {
            assert_eq!(iso(line), expected, "{line}");
        }
    }

    #[test]
    fn glued_to_what_stands_beside_it() {
        assert_eq!(iso("February 7, 20246:38 PM EST"), "2024-02-07T18:38:00-05:00");
        assert_eq!(iso("Feb 7, 202418:38 UTCUpdated 2 hours ago"), "2024-02-07T18:38:00Z");
        assert_eq!(iso("By Orla VennFeb. 7, 2024 11:00 pm"), "2024-02-07T23:00:00");
        assert_eq!(iso("EditorialFebruary 7, 20245 min read"), "2024-02-07");
        assert_eq!(iso("オルラ2024年2月7日 18時38分"), "2024-02-07T18:38:00");
        assert_eq!(iso("on February 7, 120241 people"), "-");
    }

    #[test]
    fn null_beats_wrong() {
        for line in [
            "Friday",
            "2 hours ago",
            "03/04/2024",
            "1,234.5678",
            "31 Feb 2024",
            "in 2024",
            "May 2024",
            "12:30",
            "1850-01-01",
            "call 555-2024-11",
        ] {
            assert_eq!(iso(line), "-", "{line}");
        }
        assert_eq!(find("03/04/2024", Some("fr")).unwrap().time.as_str(), "2024-04-03");
    }

    #[test]
    fn the_region_tells_day_from_month() {
        let of = |line: &str, language: &str| {
            find(line, Some(language)).map_or("-".to_owned(), |f| f.time.as_str().to_owned())
        };
        assert_eq!(of("03/04/2024", "en-GB"), "2024-04-03");
        assert_eq!(of("03/04/2024", "en_AU"), "2024-04-03");
        assert_eq!(of("03/04/2024", "en-US"), "2024-03-04");
        assert_eq!(of("03/04/2024", "en"), "-");
        assert_eq!(of("03/04/2024", "en-CA"), "-");
        // A year of two digits is one where a clock stands beside it.
        assert_eq!(of("Filed 4/6/26 3:15pm", "en-US"), "2026-04-06T15:15:00");
        assert_eq!(of("4/6/26 bolts", "en-US"), "-");
        let order = |lines: &[&str]| numbers_order(lines.iter().map(|line| dates(line)));
        assert_eq!(order(&["3/4/2024", "25/4/2024"]), Some("en-GB"));
        assert_eq!(order(&["3/4/2024", "4/25/2024"]), Some("en-US"));
        assert_eq!(order(&["3/4/2024", "13/4/2024", "4/13/2024"]), None);
        assert_eq!(
            dates("3/4/2024").newest_in("3/4/2024", Some("fr")),
            Some(jiff::civil::date(2024, 4, 3))
        );
        assert_eq!(dates("3/4/2024").newest_in("3/4/2024", None), None);
    }

    #[test]
    fn a_date_is_what_the_words_before_it_call_it() {
        let of = |line: &str| publication(line, Some("es")).map(|date| date.found.day.to_string());
        for line in [
            "Actualizado: 12/06/2026 09:15h. · Publicado: 08/06/2026 01:57h.",
            "8 de junio de 2026 | Actualizado 12 de junio de 2026",
            "Published 8 June 2026, updated 12 June 2026",
        ] {
            assert_eq!(of(line).as_deref(), Some("2026-06-08"), "{line}");
        }
        assert_eq!(of("Updated 12 June 2026"), None);
        assert_eq!(of("Retrieved 12 June 2026"), None);
        // What is updated is the day, not the clock behind the word.
        assert_eq!(iso("Dec. 10, 2026 Updated 6:30 a.m. ET"), "2026-12-10");
        assert_eq!(iso("Thu 10 Dec 2026 06.30 GMT"), "2026-12-10T06:30:00Z");
    }

    #[test]
    fn every_date_of_a_line() {
        let days: Vec<String> =
            all("from 7 Feb 2024 to 17 Jun 2025", None).map(|f| f.day.to_string()).collect();
        assert_eq!(days, ["2024-02-07", "2025-06-17"]);
    }
}
