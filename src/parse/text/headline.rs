//! Which of the lines above the text is its headline: what speaks for and against each that could
//! be one.

use crate::parse::{clues::Clues, facts::Said, letters::squeeze, lexicon::is_ornament, word::Word};

use super::{Draught, feature, head::Role, line::Line, run::Run, stem, weights::Weights};

/// How many features a line has.
pub(super) const COUNT: usize = 33;

/// What speaks for and against a line being the headline.
pub(super) type Features = [f32; COUNT];

/// Lines at the page's top among which a title may stand again, alone or with more around it.
const TOP: usize = 2000;

/// Words of a line that are looked for in the text.
const WORDS: usize = 40;

/// The entry of `above` that is the headline; nothing where each is more likely none.
pub(super) fn choose(
    page: &Draught,
    run: &Run,
    above: &[usize],
    roles: &[Role],
    clues: &Clues,
) -> Option<usize> {
    let first = run.kept.first().and_then(|&first| page.said(first));
    let dated = first.is_some_and(|said| said.has_dateline());
    let over = |at: usize| dated && at + 1 == roles.len();
    let scored: Vec<(f32, usize)> = candidates(page, run, above, roles)
        .into_iter()
        .filter(|(at, _)| !is_listed(page, above, *at))
        .map(|(at, all)| {
            (score(page.weights, &all) + if over(at) { OVER_DATELINE } else { 0.0 }, at)
        })
        .collect();
    // The later of two alike.
    let best = scored.iter().max_by(|one, other| one.0.total_cmp(&other.0));
    let chosen = best
        .filter(|(score, _)| *score > LIKELY)
        .map(|(_, at)| over_standfirst(page, run, above, roles, *at));
    for &(score, at) in &scored {
        let text = || above.get(at).map(|&line| page.at(line).to_owned()).unwrap_or_default();
        clues.note("headline", "a line above the text", Some(score), chosen == Some(at), text);
    }
    chosen
}

/// Right over a line that could be the headline another may stand that is, and the first is its
/// standfirst: a whole title, one alone, of which the text tells.
fn over_standfirst(page: &Draught, run: &Run, above: &[usize], roles: &[Role], at: usize) -> usize {
    let title = |at: Option<usize>| {
        let at = at.filter(|&at| roles.get(at) == Some(&Role::Title))?;
        let (&index, line) =
            above.get(at).and_then(|index| Some((index, page.lines.get(*index)?)))?;
        let long = line.facts.shape.words >= 4 && feature::length(line) >= 20;
        (long && !line.bullet && !line.facts.shape.ends_sentence).then_some((at, index, line))
    };
    let upper = title(at.checked_sub(1));
    let (Some((upper, index, line)), Some((_, lower, _))) = (upper, title(Some(at))) else {
        return at;
    };
    let alone = title(upper.checked_sub(1)).is_none();
    let times =
        |line: &Line| page.lines.iter().filter(|other| other.facts.hash == line.facts.hash).count();
    let once = times(line) == 1 && page.lines.get(lower).is_some_and(|line| times(line) == 1);
    // The path to the page holds its headline, and tags are divided by commas.
    let (over, under) = (squeeze(page.at(index)), squeeze(page.at(lower)));
    let other = over == under || !over.contains(&under) && !under.contains(&over);
    let listed = line.facts.shape.commas * 3 > line.facts.shape.words;
    let field = |role: &Role| matches!(role, Role::Byline(_) | Role::Date(_) | Role::Credit(_));
    let fields = roles.iter().skip(at + 1).take(4).any(field);
    let opening: String =
        run.kept.iter().take(4).map(|&at| page.at(at).to_lowercase() + "\n").collect();
    let (shared, _) = stem::shared(page.at(index), &opening);
    let told = shared >= 2;
    let name = page.said(index).is_some_and(|said| said.is_name());
    let sure = alone && once && other && !listed && fields && told && !name;
    if sure && lower - index <= 2 { upper } else { at }
}

/// A line is taken for the headline where the odds are better than these (a logarithm): a wrong one
/// is told, and one that is left out is missed.
const LIKELY: f32 = -1.0;

/// What it adds to a line's odds that it stands right over a dateline, as on a wire: the pages that
/// the weights are fitted to are of the web and have next to none of that.
const OVER_DATELINE: f32 = 2.5;

/// One of several points in a list under a title: what a wire's copy says in short.
fn is_listed(page: &Draught, above: &[usize], at: usize) -> bool {
    let bulleted = |line: usize| page.lines.get(line).is_some_and(|line| line.bullet);
    let Some(&line) = above.get(at) else { return false };
    let titled = above.iter().take(at).any(|&over| {
        line - over <= LIST
            && page.lines.get(over).is_some_and(|l| {
                !l.bullet
                    && l.facts.shape.words >= 4
                    && !l.facts.shape.ends_sentence
                    && l.facts.word == Word::Plain
            })
    });
    let beside = bulleted(line + 1) || line > 0 && bulleted(line - 1);
    bulleted(line) && beside && titled
}

/// Lines that a wire's list of points takes at most.
const LIST: usize = 10;

fn score(weights: &Weights, features: &Features) -> f32 {
    features.iter().zip(&weights.headline).map(|(feature, weight)| feature * weight).sum()
}

/// The entries of `above` that could be the headline, with their features.
pub(super) fn candidates(
    page: &Draught,
    run: &Run,
    above: &[usize],
    roles: &[Role],
) -> Vec<(usize, Features)> {
    let text = |lines: &[usize]| -> String {
        lines.iter().map(|&at| page.at(at).to_lowercase() + "\n").collect()
    };
    let opening = text(run.kept.get(..run.kept.len().min(4)).unwrap_or_default());
    let rest = text(run.kept.get(4..run.kept.len().min(24)).unwrap_or_default());
    let field = |role: &Role| matches!(role, Role::Byline(_) | Role::Date(_) | Role::Credit(_));
    let first_field = roles.iter().position(field);
    // A page without blank lines between its blocks says nothing by their absence.
    let apart = above.iter().filter_map(|&at| page.lines.get(at));
    let (printed, apart) = apart
        .fold((0, 0), |(all, apart), line| (all + 1, apart + u32::from(line.opens && line.closes)));
    let divides = apart * 8 >= printed && apart < printed;
    let top: Vec<(usize, Said<'_>)> = (0..page.lines.len().min(TOP))
        .filter_map(|at| Some((at, page.said(at).filter(|said| !said.text.is_empty())?)))
        .collect();
    let mut earlier = 0;
    let mut all = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let Some((&index, line)) =
            above.get(at).and_then(|index| Some((index, page.lines.get(*index)?)))
        else {
            continue;
        };
        if *role != Role::Title || line.indent >= 4 && line.bullet {
            continue;
        }
        let yes = |condition: bool| f32::from(u8::from(condition));
        let said = line.facts.said(page.at(index));
        let (text, folded) = (said.text, said.folded());
        let length = feature::length(line);
        let distance = roles.len() - at;
        let after = roles.get(at + 1..).unwrap_or_default();
        let field_within = |lines: usize| after.iter().take(lines).any(field);
        let again = top.iter().filter(|(other, l)| {
            let alike = l.facts.shape.chars == line.facts.shape.chars;
            *other != index && alike && l.folded() == folded
        });
        let again = again.take(2).count();
        let (crumb, title) = around(&top, index, text);
        // Scripts without spaces are compared by pairs of characters.
        let words: Vec<&str> = match line.facts.shape.cjk * 2 > line.facts.shape.chars {
            true => pairs(folded).take(WORDS).collect(),
            false => folded.split(' ').filter(|w| w.chars().nth(3).is_some()).take(WORDS).collect(),
        };
        let share = |text: &str| {
            let shared = words.iter().filter(|word| text.contains(**word));
            shared.count() as f32 / words.len().max(2) as f32
        };
        let before = at.checked_sub(1).and_then(|at| roles.get(at));
        let capitals = line.facts.shape.capitals as f32 / line.facts.shape.words.max(1) as f32;
        let loud = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
        let features = [
            1.0,
            yes(length < 20),
            yes((20..35).contains(&length)),
            yes((70..=110).contains(&length)),
            yes(length > 110),
            distance.min(60) as f32 / 10.0,
            (distance as f32).ln(),
            yes(distance == 1),
            yes(field_within(1)),
            yes(field_within(4)),
            yes(field_within(10)),
            yes(first_field.is_some_and(|first| first < at && !field_within(4))),
            yes(again > 0),
            yes(again > 1),
            yes(crumb),
            yes(title),
            if divides { yes(line.opens && line.closes) } else { 0.5 },
            if divides { yes(line.opens || line.closes) } else { 0.5 },
            yes(line.bullet),
            yes(line.facts.shape.ends_sentence && !text.ends_with(['?', '!'])),
            yes(text.ends_with(['?', '!'])),
            share(&opening),
            share(&rest),
            yes(said.is_name()),
            if line.facts.shape.cjk > 0 { 0.0 } else { capitals },
            line.facts.shape.stop_share().min(0.5),
            line.facts.shape.digits as f32 / line.facts.shape.chars.max(1) as f32,
            yes(matches!(after.first(), Some(Role::Sentence))),
            yes(matches!(after.first(), Some(Role::Title))),
            yes(matches!(before, Some(Role::Title))),
            f32::from(u8::try_from(earlier).unwrap_or(20).min(20)) / 5.0,
            yes(loud),
            yes(text.ends_with(')')),
        ];
        earlier += 1;
        all.push((at, features));
    }
    all
}

/// Each two characters that stand together.
fn pairs(text: &str) -> impl Iterator<Item = &str> {
    let starts = || text.char_indices().map(|(at, _)| at);
    let ends = starts().skip(2).chain([text.len()]);
    starts().zip(ends).filter_map(|(from, to)| text.get(from..to))
}

/// Whether a line near the page's top ends with the text, as the path to the page does ("News ›
/// Ferry docks"), or begins with it, as a page's title does ("Ferry docks | Harbour Herald").
fn around(top: &[(usize, Said<'_>)], index: usize, text: &str) -> (bool, bool) {
    let (mut crumb, mut title) = (false, false);
    for &(at, said) in top {
        let other = said.text;
        let longer = other.len() > text.len() && other.len() < text.len() + 80;
        if !longer || said.facts.word == Word::Button {
            continue;
        }
        crumb |= at < index && other.ends_with(text);
        title |= other.strip_prefix(text).is_some_and(|rest| {
            rest.trim_start().starts_with(is_ornament) && rest.contains(char::is_alphabetic)
        });
    }
    (crumb, title)
}
