//! What stands above the text: headline, byline, credit, date, standfirst, pictures.
//!
//! The fields stand between the headline and the text, so the headline is found first (`headline`).
//! Where no line is likely enough there is none; it is never guessed.

use crate::{
    item::{CreditFrom, LineClass, PrintedTime, Remark},
    parse::{
        byline,
        clues::Clues,
        date::{self, Called},
        dateline,
        facts::Said,
        layout::Fields,
        lexicon::{fold, fold_space},
        phrases::speaks,
        picture::credit_of,
        word::{Word, is_reading_time},
    },
};

use super::{Draught, captions::pictures, feature, front, headline, run::Run};

/// Printed lines above the text that are looked at.
const REACH: usize = 60;

/// What a line of the head is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    /// Who wrote it; `None` where it is nobody.
    Byline(Option<String>),
    /// The outlet or agency it is credited to.
    Credit(String),
    /// When.
    Date(Dated),
    /// Sharing buttons, reading times, counts.
    Chrome,
    /// Could be the headline.
    Title,
    /// A sentence: standfirst, caption, or what nobody needs.
    Sentence,
    /// Anything else.
    Other,
}

/// A date with what stands before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dated {
    time: PrintedTime,
    /// As printed.
    raw: String,
    /// A word for a later change stands before it.
    updated: bool,
    /// The rest of its line: who wrote it and where it is from may stand there.
    rest: String,
}

/// Reads the fields above the run and claims their lines and the run's. `marked` is the line that
/// is known to be the headline.
pub(super) fn read(
    page: &Draught,
    run: &mut Run,
    marked: Option<usize>,
    fields: &mut Fields,
    classes: &mut [Option<LineClass>],
    remarks: &mut Vec<Remark>,
    clues: &Clues,
) {
    let (above, roles, headline) = overhead(page, run, marked, classes, clues);
    run.classify(classes);
    if run.kept.is_empty() {
        return;
    }
    let from = headline.map_or(above.len(), |at| at + 1);
    // The fields stand right under the headline, or in a line or two above it.
    let near = headline.map_or(above.len().saturating_sub(6), |at| at.saturating_sub(3));
    let mut days: Vec<(&Dated, (bool, bool), u32)> = Vec::new();
    for (at, role) in roles.iter().enumerate().skip(near) {
        let (Some(&line), beneath) = (above.get(at), at >= from) else { continue };
        let mut claim = || {
            if let Some(class) = classes.get_mut(line) {
                class.get_or_insert(LineClass::Metadata);
            }
        };
        match role {
            Role::Byline(name) => {
                claim();
                let nobody = |name: &String| {
                    page.site.as_ref().is_some_and(|site| site.nobody.contains(&fold(name)))
                };
                let name = name.clone().filter(|name| !nobody(name));
                if let Some(name) = &name {
                    let taken = fields.byline.is_none();
                    clues.note("byline", "a line that opens so", None, taken, || name.clone());
                }
                if fields.byline.is_none() {
                    fields.byline = name;
                }
            }
            Role::Credit(credit) => {
                claim();
                fields.credit.get_or_insert((credit.clone(), CreditFrom::Line));
            }
            Role::Date(_) | Role::Chrome => claim(),
            _ => {}
        }
        if let Role::Date(dated) = role {
            // What is printed above the headline may be the page's own clock.
            days.push((dated, (dated.updated, !beneath), line as u32 + 1));
            within_line(page, line, dated, fields, clues);
        }
    }
    let given = page.front.as_ref().is_some_and(front::Front::dates) && fields.published.is_some();
    if let Some((first, rank, _)) = days.iter().min_by_key(|(_, rank, _)| *rank).filter(|_| !given)
    {
        // The same day may be printed again with its time.
        let alike = days
            .iter()
            .filter(|(dated, other, _)| other == rank && dated.time.date() == first.time.date());
        let best = alike.rev().max_by_key(|(dated, ..)| dated.time.as_str().len());
        let best = best.map_or(*first, |(dated, ..)| *dated);
        fields.published = Some((best.time.clone(), best.raw.clone()));
        for (dated, (updated, over), _) in &days {
            let place = match (updated, over) {
                (true, _) => "a line that tells of a change",
                (false, false) => "a line under the headline",
                (false, true) => "a line over the headline",
            };
            let taken = dated.time == best.time && dated.raw == best.raw;
            clues.note("published", place, None, taken, || dated.raw.clone());
        }
        let other = days
            .iter()
            .find(|(dated, other, _)| other == rank && dated.time.date() != best.time.date());
        if let Some((other, _, line)) = other {
            remarks.push(Remark::line(
                "two-dates",
                *line,
                format!("the page prints two dates near the headline, {} and {}: the first is taken for the publication", best.time.as_str(), other.time.as_str()),
            ));
        }
    }
    if fields.byline.is_none()
        && let Some(at) = bare_name(page, from, &above, &roles)
        && let Some(&line) = above.get(at)
    {
        fields.byline = byline::clean(page.at(line));
        if let Some(name) = &fields.byline {
            clues.note("byline", "a name by the headline or date", None, true, || name.clone());
        }
        if let (Some(class), true) = (classes.get_mut(line), fields.byline.is_some()) {
            class.get_or_insert(LineClass::Metadata);
        }
    }
    zone(page, fields);
    if let Some(at) = headline
        && let Some(&line) = above.get(at)
    {
        let text = fold_space(page.at(line));
        let same = fold(&text);
        let path = format!("» {same}");
        for &at in &above {
            let printed = page.said(at).map_or("", Said::folded);
            if (printed == same || printed.ends_with(&path))
                && let Some(class) = classes.get_mut(at)
            {
                class.get_or_insert(LineClass::Metadata);
            }
        }
        again(page, run, &text, classes);
        fields.headline = Some(text);
    }
    let beneath = above.get(from..).unwrap_or_default();
    let sentences: Vec<usize> = beneath
        .iter()
        .zip(roles.get(from..).unwrap_or_default())
        .filter(|(_, role)| matches!(role, Role::Sentence | Role::Title))
        .map(|(&at, _)| at)
        .collect();
    pictures(page, beneath, fields, classes);
    standfirst(page, run, headline.is_some(), &sentences, fields, classes);
}

/// The printed lines above the text, which begins at line `first`, with what they are.
pub(super) fn above(
    page: &Draught,
    first: usize,
    marked: Option<usize>,
    classes: &[Option<LineClass>],
) -> (Vec<usize>, Vec<Role>) {
    let mut above: Vec<usize> = (0..first)
        .rev()
        .filter(|&at| {
            page.classes.get(at).is_some_and(Option::is_none)
                && (classes.get(at).is_some_and(Option::is_none) || marked == Some(at))
        })
        .take(REACH)
        .take_while(|&at| !crosses_ticker(page, at, first))
        .collect();
    above.reverse();
    let mut roles: Vec<Role> = above.iter().map(|&at| role(page, at)).collect();
    for nth in 1..above.len() {
        let text = |nth: usize| above.get(nth).map_or("", |&at| page.at(at));
        if byline::is_label(text(nth - 1))
            && byline::is_name(byline::clean(text(nth)).as_deref().unwrap_or_default())
        {
            roles[nth - 1] = Role::Chrome;
            roles[nth] = Role::Byline(byline::clean(text(nth)));
        }
    }
    (above, roles)
}

/// The lines above the text with what they are, and which of them is the headline. The run may
/// have begun with it: right over a dateline, or where nothing above is one, a short line that
/// opens the text heads it, and is taken out of the run.
fn overhead(
    page: &Draught,
    run: &mut Run,
    marked: Option<usize>,
    classes: &[Option<LineClass>],
    clues: &Clues,
) -> (Vec<usize>, Vec<Role>, Option<usize>) {
    let Some((first, _)) = run.bounds() else { return (Vec::new(), Vec::new(), None) };
    let (mut above, mut roles) = above(page, first, marked, classes);
    let (heading, sure) = heading(page, run);
    if let Some(marked) = marked {
        // The run may have begun with fields.
        if sure && let Some(&opening) = run.kept.get(heading) {
            run.kept.drain(..heading);
            run.dropped.retain(|(at, _)| *at > opening);
            let inner = (first..opening).filter(|&at| is_free(page, at));
            above.extend(inner.clone());
            roles.extend(inner.map(|at| role(page, at)));
        }
        let headline = above.iter().position(|&at| at == marked);
        let text = || fold_space(page.at(marked));
        clues.note("headline", "a line that is marked as it", None, headline.is_some(), text);
        return (above, roles, headline);
    }
    let over = headline::choose(page, run, &above, &roles, clues);
    let Some(&opening) = run.kept.get(heading) else { return (above, roles, over) };
    if heading == 0 || over.is_some() && !sure {
        return (above, roles, over);
    }
    let lines: Vec<usize> = run.kept.drain(..heading).collect();
    let inner: Vec<usize> = (first..opening).filter(|&at| is_free(page, at)).collect();
    let known = above.len();
    above.extend(&inner);
    roles.extend(inner.iter().map(|&at| role(page, at)));
    let with_heading = headline::choose(page, run, &above, &roles, clues);
    // Over the date or the byline that stands among them, a title alone is the headline, whatever
    // the text tells of it; the page's first line may be its name.
    let field = |role: &Role| matches!(role, Role::Byline(_) | Role::Date(_) | Role::Credit(_));
    let within = roles.get(known..).unwrap_or_default();
    let until = within.iter().position(field).filter(|_| sure).unwrap_or(0);
    let mut titles: Vec<usize> =
        (known..known + until).filter(|&at| roles.get(at) == Some(&Role::Title)).collect();
    if titles.len() > 1 {
        let top = page.lines.iter().position(|line| !line.is_blank());
        titles.retain(|&at| above.get(at) != top.as_ref());
    }
    let with_heading = with_heading.or(match titles.as_slice() {
        [title] => Some(*title),
        _ => None,
    });
    if with_heading.is_some() {
        run.dropped.retain(|(at, _)| *at > opening);
        return (above, roles, with_heading);
    }
    run.kept.splice(..0, lines);
    above.truncate(known);
    roles.truncate(known);
    (above, roles, over)
}

/// Printed, and claimed by nothing before the article was chosen.
fn is_free(page: &Draught, at: usize) -> bool {
    page.lines.get(at).is_some_and(|line| !line.is_blank())
        && page.classes.get(at).is_some_and(Option::is_none)
}

/// How many of the run's first lines stand over the text rather than in it, and whether that is
/// sure: a dateline follows them, or a date or byline stands among them.
fn heading(page: &Draught, run: &Run) -> (usize, bool) {
    let line = |at: usize| page.lines.get(at);
    let sentence =
        |at: usize| line(at).is_some_and(|l| feature::is_prose(l) && l.facts.shape.ends_sentence);
    // One sentence may be the standfirst.
    let few = |kept: &[usize]| kept.iter().filter(|&&at| sentence(at)).count() <= 1;
    let before = |nth: usize| run.kept.get(..nth).unwrap_or_default();
    let opens = |&at: &usize| page.said(at).is_some_and(Said::has_dateline);
    if let Some(nth) = run.kept.iter().take(LEADING + 2).position(opens)
        && nth > 0
        && few(before(nth))
    {
        return (nth, true);
    }
    // A caption with at most one sentence over it stands over the text: that sentence is the
    // standfirst.
    let caption = |&at: &usize| {
        !line(at).is_some_and(|l| l.facts.shape.ends_sentence) && credit_of(page.at(at)).is_some()
    };
    if let Some(nth) = run.kept.iter().take(LEADING).position(caption)
        && few(before(nth))
        && run.kept.len() > nth + 2
    {
        return (nth + 1, true);
    }
    let Some((first, _)) = run.bounds() else { return (0, false) };
    // A field may be left out of the run already.
    let fields = (first..page.lines.len())
        .filter(|&at| line(at).is_some_and(|line| !line.is_blank()))
        .take(HEADING)
        .take_while(|&at| {
            few(run.kept.get(..run.kept.partition_point(|&kept| kept < at)).unwrap_or_default())
        })
        .filter(|&at| page.classes.get(at).is_some_and(Option::is_none))
        .filter(|&at| match role(page, at) {
            Role::Date(_) | Role::Byline(_) | Role::Credit(_) => true,
            Role::Chrome => page.said(at).is_some_and(is_count),
            _ => false,
        });
    if let Some(last) = fields.last() {
        let over = run.kept.partition_point(|&kept| kept <= last);
        let prose = |&&at: &&usize| line(at).is_some_and(feature::is_prose);
        let more = run.kept.iter().skip(over).take_while(|at| !prose(at)).count();
        let heading = if more <= LEADING { over + more } else { over };
        return (heading, heading > 0);
    }
    let titles = run.kept.iter().take(LEADING).take_while(|&&at| {
        line(at).is_some_and(|line| {
            !line.bullet && !line.facts.shape.ends_sentence && !feature::is_prose(line)
        }) && role(page, at) == Role::Title
    });
    (titles.count(), false)
}

/// Lines that may stand between a headline and its text and be taken for text: a kicker, the
/// headline, a second one.
const LEADING: usize = 3;

/// Printed lines of the run's beginning among which fields are looked for.
const HEADING: usize = 8;

/// The headline stands again inside the text as the alternative text of pictures ("… image",
/// "… 2"): such lines are no part of it.
fn again(page: &Draught, run: &mut Run, headline: &str, classes: &mut [Option<LineClass>]) {
    let headline = fold(headline);
    let words: Vec<&str> = headline.split(' ').collect();
    let echoes = |at: usize| {
        let Some(line) = page.lines.get(at) else { return false };
        if line.facts.shape.ends_sentence
            && !headline.ends_with(['.', '?', '!'])
            && line.facts.shape.words > 3
            || line.facts.shape.chars as usize > headline.chars().count() + 24
        {
            return false;
        }
        let folded = page.said(at).map_or("", Said::folded);
        let shared = folded.split(' ').filter(|word| words.contains(word)).count();
        let all = folded.split(' ').count().max(words.len());
        shared >= 3 && shared * 10 >= all * 7
    };
    let (echo, kept) = run.kept.iter().partition::<Vec<usize>, _>(|&&at| echoes(at));
    // A text that is all echo is no text page as we know them.
    if kept.is_empty() {
        return;
    }
    run.kept = kept;
    for at in echo {
        if let Some(class) = classes.get_mut(at) {
            *class = Some(LineClass::Furniture("headline-again"));
        }
    }
}

/// A BREAKING block lies between the line and the text.
fn crosses_ticker(page: &Draught, at: usize, first: usize) -> bool {
    page.classes.get(at..first).unwrap_or_default().contains(&Some(LineClass::Ticker))
}

/// Who wrote it and what it is credited to, in the line of its date: "Orla Venn - 7 Feb 2024",
/// "2024-02-07 来源：… 作者：…".
fn within_line(page: &Draught, line: usize, dated: &Dated, fields: &mut Fields, clues: &Clues) {
    let signed = fields.byline.is_some();
    let before = raw_before(page.at(line), &dated.raw);
    let bare = before.trim_matches([' ', '-', '|', '–', '—', ',', '·', '•', '/']);
    if fields.byline.is_none() && (byline::is_labelled(before) || byline::is_name(bare)) {
        fields.byline = byline::clean(before);
    }
    let spaced = dated.rest.contains('：');
    // "Orla Venn | Updated … | Published …"
    let first = before.split(['|', '·']).next().unwrap_or_default().trim();
    let other = dateline::is_place(first) || page.masthead.as_deref() == Some(first);
    if fields.byline.is_none() && !other && byline::is_name(first) {
        fields.byline = byline::clean(first);
    }
    for part in dated.rest.split(|c: char| c == '|' || c == '·' || spaced && c.is_whitespace()) {
        let part = part.trim();
        if let Some(credit) = byline::credit(part) {
            fields.credit.get_or_insert((credit, CreditFrom::Line));
        } else if fields.byline.is_none() && byline::is_labelled(part) {
            fields.byline = byline::clean(part);
        }
    }
    if let Some(name) = fields.byline.as_ref().filter(|_| !signed) {
        clues.note("byline", "the line of the date", None, true, || name.clone());
    }
}

fn raw_before<'a>(line: &'a str, raw: &str) -> &'a str {
    line.find(raw).and_then(|at| line.get(..at)).unwrap_or_default()
}

/// A person's name alone on a line beside the date, or right under the headline with no blank line
/// between, is a byline without its "By". What is printed twice is a section or the masthead.
fn bare_name(page: &Draught, from: usize, above: &[usize], roles: &[Role]) -> Option<usize> {
    let line = |at: usize| above.get(at).and_then(|&at| Some((at, page.lines.get(at)?)));
    let field = |at: Option<usize>| match at.and_then(|at| roles.get(at)) {
        Some(Role::Date(_) | Role::Credit(_)) => true,
        Some(Role::Chrome) => {
            at.and_then(line).is_some_and(|(at, _)| page.said(at).is_some_and(is_count))
        }
        _ => false,
    };
    (from..above.len()).find(|&at| {
        let Some((index, line)) = line(at) else { return false };
        let text = above.get(at).map_or("", |&at| page.at(at));
        let under = at == from && from > 0 && !line.opens;
        // A picture of the author says the name once more, right above or below.
        let same = |other: usize| {
            page.lines.get(other).is_some_and(|other| other.facts.hash == line.facts.hash)
        };
        let beside = [index.checked_sub(1), index.checked_add(1)];
        let twice = beside.into_iter().flatten().filter(|&other| same(other)).count();
        let next = at + 1 + usize::from(same(index + 1));
        // What they are may stand between.
        let role = above.get(next).is_some_and(|&at| {
            byline::is_role(page.at(at))
                && page.lines.get(at).is_some_and(|l| l.facts.shape.words <= 5)
        });
        let next = next + usize::from(role);
        (under || field(at.checked_sub(1)) || field(Some(next)))
            && !line.bullet
            && line.facts.word == Word::Plain
            && byline::is_name(byline::without_help(text))
            && page.lines.iter().filter(|other| other.facts.hash == line.facts.hash).count()
                == 1 + twice
            && !dateline::is_place(text)
            && page.masthead.as_deref() != Some(text)
    })
}

/// What the line of the page is, above a text.
pub(super) fn role(page: &Draught, at: usize) -> Role {
    let (Some(line), Some(said)) = (page.lines.get(at), page.said(at)) else { return Role::Other };
    let text = said.text;
    let length = feature::length(line);
    if matches!(line.facts.word, Word::Button | Word::End | Word::Aside | Word::Link)
        || is_count(said) && !said.is_labelled()
    {
        return Role::Chrome;
    }
    if length < 120 {
        if let Some(credit) = byline::credit(text) {
            return Role::Credit(credit);
        }
        let clock = text.ends_with("m.") && said.dates().newest.is_some();
        if (!line.facts.shape.ends_sentence || clock)
            && line.facts.shape.digits >= 4
            && !credits(said)
        {
            match dated(page, text) {
                Some(Some(dated)) => return Role::Date(dated),
                Some(None) => return Role::Chrome,
                None => {}
            }
        }
        if length < 80 && said.is_labelled() && !line.facts.shape.ends_sentence {
            return Role::Byline(byline::clean(text));
        }
    }
    let breadcrumb = text.contains(['»', '›', '→']) || text.contains(" > ") || text.contains(" / ");
    let titled = (10..=200).contains(&length)
        && line.facts.shape.words >= 2
        && !breadcrumb
        && line.facts.word == Word::Plain
        && !(line.facts.shape.ends_sentence && length >= 120)
        && !credits(said)
        && !text.ends_with([':', '：'])
        && !text.contains("://");
    if line.facts.shape.ends_sentence && length >= 60 || length > 200 {
        Role::Sentence
    } else if titled {
        Role::Title
    } else {
        Role::Other
    }
}

/// The date a line is there for: the publication's before a later change's. `Some(None)` where it
/// is the copy's alone.
fn dated(page: &Draught, text: &str) -> Option<Option<Dated>> {
    let (mut from, mut rest, mut covered) = (0, String::new(), 0);
    let dates = date::labelled(text, page.locale());
    for date::Labelled { found, .. } in &dates {
        rest.push_str(text.get(from..found.start).unwrap_or_default());
        rest.push('|');
        from = found.end;
        covered += found.end - found.start;
    }
    rest.push_str(text.get(from..).unwrap_or_default());
    if covered * 5 < text.len() || dates.is_empty() {
        return None;
    }
    let best = dates.into_iter().min_by_key(|date| date.called)?;
    if best.called == Called::Printed {
        return Some(None);
    }
    let raw = text.get(best.found.start..best.found.end).unwrap_or_default().to_owned();
    let updated = matches!(best.called, Called::Renewed | Called::Updated);
    Some(Some(Dated { time: best.found.time, raw, updated, rest }))
}

/// A picture's credit stands in it.
fn credits(said: Said<'_>) -> bool {
    said.spoken() & speaks::CREDIT != 0
}

/// "1 Shares", "4 Min Read", "12 comments".
fn is_count(said: Said<'_>) -> bool {
    let shape = &said.facts.shape;
    is_reading_time(said.text, shape) || is_plain_count(said)
}

fn is_plain_count(said: Said<'_>) -> bool {
    let shape = &said.facts.shape;
    shape.words <= 4
        && shape.digits > 0
        && shape.chars < 24
        && said.dates().newest.is_none()
        && said.text.trim_start().starts_with(|c: char| c.is_numeric())
}

/// The site's zone, where a printed time has none.
fn zone(page: &Draught, fields: &mut Fields) {
    let Some(zone) = page.site.as_ref().and_then(|site| site.time_zone.as_ref()) else { return };
    let Some((time, _)) = &mut fields.published else { return };
    if let Ok(civil) = time.as_str().parse::<jiff::civil::DateTime>()
        && time.as_str().len() > 10
        && !time.as_str().ends_with('Z')
        && time.as_str().get(11..).is_some_and(|clock| !clock.contains(['+', '-']))
        && let Ok(zoned) = civil.to_zoned(zone.clone())
    {
        *time = PrintedTime::zoned(&zoned);
    }
}

/// A sentence between the fields and the text, or the text's own first line where something
/// stands between it and the rest.
fn standfirst(
    page: &Draught,
    run: &mut Run,
    headline: bool,
    sentences: &[usize],
    fields: &mut Fields,
    classes: &mut [Option<LineClass>],
) {
    if !headline || fields.standfirst.is_some() {
        return;
    }
    let says = |&&at: &&usize| {
        classes.get(at).is_some_and(Option::is_none)
            && page.lines.get(at).is_some_and(|line| line.facts.shape.words >= 5)
            && !page.said(at).is_some_and(credits)
    };
    if let Some(&at) = sentences.iter().rfind(says) {
        fields.standfirst = Some(fold_space(page.at(at)));
        if let Some(class) = classes.get_mut(at) {
            *class = Some(LineClass::Article);
        }
        return;
    }
    // The run may have begun one line early: a sentence, then a picture, then the text.
    let (Some(&first), Some(&second)) = (run.kept.first(), run.kept.get(1)) else { return };
    let picture = (first + 1..second).any(|at| {
        page.lines.get(at).is_some_and(|line| line.bullet && !line.is_blank())
            && (first + 1..second).any(|at| credit_of(page.at(at)).is_some())
    });
    if picture && run.kept.len() > 3 {
        let between: Vec<usize> = (first + 1..second)
            .filter(|&at| page.lines.get(at).is_some_and(|line| !line.is_blank()))
            .collect();
        for &at in &between {
            if let Some(class) = classes.get_mut(at) {
                *class = None;
            }
        }
        pictures(page, &between, fields, classes);
        for &at in &between {
            if let Some(class) = classes.get_mut(at) {
                class.get_or_insert(LineClass::Furniture("picture"));
            }
        }
        fields.standfirst = Some(fold_space(page.at(first)));
        run.kept.remove(0);
    }
}
