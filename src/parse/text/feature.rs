//! What speaks for and against a line being part of an article's text: its own shape, and what
//! stands around it.

use rustc_hash::FxHashMap;

use crate::parse::{facts::Said, phrases::speaks, word::Word};

use super::{Draught, line::Line};

/// How many features a line has.
pub(super) const COUNT: usize = 56;

/// The features of one line, most of them 0 or 1.
pub(super) type Features = [f32; COUNT];

/// Length in characters; Chinese and Japanese count two and a half, Korean two.
pub(super) fn length(line: &Line) -> u32 {
    let shape = &line.facts.shape;
    if shape.cjk * 2 > shape.chars {
        shape.chars * 5 / 2
    } else if shape.hangul * 2 > shape.chars {
        shape.chars * 2
    } else {
        shape.chars
    }
}

/// Reads as prose by itself.
pub(super) fn is_prose(line: &Line) -> bool {
    let shape = &line.facts.shape;
    let length = length(line);
    line.facts.word == Word::Plain
        && (length >= 80 && (shape.ends_sentence || shape.stop_share() >= 0.2) && shape.stop >= 1
            || length >= 40 && shape.ends_sentence && shape.stop >= 2 && !line.bullet)
}

/// Could stand in a menu: a few words that say nothing of each other.
fn is_menu(line: &Line) -> bool {
    line.facts.word != Word::Plain
        || length(line) < 40 && !line.facts.shape.ends_sentence && line.facts.shape.stop == 0
}

/// The name of a person, alone on its line.
fn is_name(said: Said<'_>) -> bool {
    said.facts.shape.chars < 40 && said.is_name()
}

/// Hands over every printed line with what speaks for and against it, and its index in the page.
pub(super) fn each<'a>(page: &'a Draught, mut tell: impl FnMut(usize, &'a Line, Features)) {
    let printed: Vec<usize> = (0..page.lines.len())
        .filter(|&at| page.classes.get(at).is_some_and(Option::is_none))
        .collect();
    let line = |at: usize| printed.get(at).and_then(|&at| page.lines.get(at));
    let prose: Vec<bool> = (0..printed.len()).map(|at| line(at).is_some_and(is_prose)).collect();
    // Running sums answer "how much prose from here to there".
    let sums: Vec<u32> = std::iter::once(0)
        .chain(prose.iter().scan(0, |sum, &prose| {
            *sum += u32::from(prose);
            Some(*sum)
        }))
        .collect();
    let menu: Vec<u32> = std::iter::once(0)
        .chain((0..printed.len()).scan(0, |sum, at| {
            *sum += u32::from(line(at).is_some_and(is_menu));
            Some(*sum)
        }))
        .collect();
    let menu_share = |from: usize, to: usize| {
        let to = to.min(printed.len());
        let sum = menu.get(to).copied().unwrap_or(0) - menu.get(from.min(to)).copied().unwrap_or(0);
        sum as f32 / (to - from.min(to)).max(1) as f32
    };
    let share = |from: usize, to: usize| {
        let to = to.min(printed.len());
        let sum = sums.get(to).copied().unwrap_or(0) - sums.get(from.min(to)).copied().unwrap_or(0);
        sum as f32 / (to - from.min(to)).max(1) as f32
    };
    let mut times: FxHashMap<u64, u32> = FxHashMap::default();
    for line in printed.iter().filter_map(|&at| page.lines.get(at)) {
        *times.entry(line.facts.hash).or_default() += 1;
    }
    // A page without blank lines between its paragraphs says nothing by their absence.
    let apart = printed.iter().zip(&prose).filter_map(|(&at, &prose)| {
        page.lines.get(at).filter(|_| prose).map(|line| line.opens && line.closes)
    });
    let (all_prose, set_apart) =
        apart.fold((0, 0), |(all, set), apart| (all + 1, set + u32::from(apart)));
    let dense = set_apart * 5 < all_prose;
    let (mut since_box, mut since_foot) = (u32::MAX, u32::MAX);
    let mut name_before = false;
    for (at, &index) in printed.iter().enumerate() {
        let Some(line_here) = line(at) else { continue };
        let before = at.checked_sub(1).and_then(line);
        let after = line(at + 1);
        let is = |prose_at: Option<usize>| {
            prose_at.and_then(|at| prose.get(at).copied()).unwrap_or(false)
        };
        let sentence = |line: &Line| is_prose(line) && line.facts.shape.ends_sentence;
        // Two paragraphs together, or one above the foot: the box of links is over.
        if sentence(line_here)
            && after.is_none_or(|line| {
                sentence(line) || matches!(line.facts.word, Word::Aside | Word::End)
            })
        {
            since_box = u32::MAX;
        }
        let said = line_here.facts.said(page.at(index));
        let here = Place {
            said,
            line: line_here,
            prose: is(Some(at)),
            prose_before: is(at.checked_sub(1)),
            prose_after: is(Some(at + 1)),
            before_3: share(at.saturating_sub(3), at),
            after_3: share(at + 1, at + 4),
            around_8: share(at.saturating_sub(8), at + 9),
            twice: times.get(&line_here.facts.hash).is_some_and(|&times| times > 1),
            since_box,
            since_foot,
            dense: dense && is(Some(at)),
            name_before,
            name: is_name(said),
            menu_before: menu_share(at.saturating_sub(6), at),
            menu_after: menu_share(at + 1, at + 7),
            bullet_before: before.is_some_and(|line| line.bullet),
            bullet_after: after.is_some_and(|line| line.bullet),
        };
        tell(index, line_here, here.features());
        let prose_here = here.prose;
        name_before = here.name;
        since_box = match line_here.facts.word {
            Word::Aside => 0,
            _ if prose_here => u32::MAX,
            _ => since_box.saturating_add(1),
        };
        since_foot = match line_here.facts.word {
            Word::End => 0,
            _ => since_foot.saturating_add(1),
        };
    }
}

struct Place<'a> {
    said: Said<'a>,
    line: &'a Line,
    prose: bool,
    prose_before: bool,
    prose_after: bool,
    before_3: f32,
    after_3: f32,
    around_8: f32,
    twice: bool,
    since_box: u32,
    since_foot: u32,
    dense: bool,
    name_before: bool,
    name: bool,
    menu_before: f32,
    menu_after: f32,
    bullet_before: bool,
    bullet_after: bool,
}

impl Place<'_> {
    fn features(&self) -> Features {
        let (line, said, text) = (self.line, self.said, self.said.text);
        let shape = &line.facts.shape;
        let length = length(line);
        let yes = |condition: bool| f32::from(u8::from(condition));
        let words = shape.words.max(1) as f32;
        let capitals = if shape.cjk > 0 { 0.0 } else { shape.capitals as f32 / words };
        let stop = shape.stop_share().min(0.5);
        let short = length < 80;
        let spoken = said.spoken();
        let speaks = |bit: u8| length < 600 && spoken & bit != 0;
        let notice = length < 500 && speaks(speaks::NOTICE);
        // "CITY (AP) — …" opens a text, it credits no picture.
        let credit = length < 500 && speaks(speaks::CREDIT) && !said.has_dateline();
        let first = text.chars().next().unwrap_or(' ');
        let dated = short && shape.digits >= 4 && said.dates().newest.is_some();
        [
            1.0,
            yes(length < 20),
            yes((20..40).contains(&length)),
            yes((40..80).contains(&length)),
            yes((140..300).contains(&length)),
            yes(length >= 300),
            yes(shape.ends_sentence),
            yes(shape.ends_sentence && length < 40),
            yes(text.ends_with([':', '：'])),
            stop,
            yes(shape.stop == 0 && short),
            yes(line.bullet),
            yes(line.indent >= 4),
            capitals,
            shape.digits as f32 / shape.chars.max(1) as f32,
            yes(shape.commas > 0),
            yes(shape.sentence_ends >= 2),
            yes(line.facts.word == Word::Button),
            yes(line.facts.word == Word::Aside),
            yes(line.facts.word == Word::End),
            yes(line.facts.word == Word::Link),
            yes(line.opens || self.dense),
            yes(line.closes || self.dense),
            yes(self.prose_before),
            yes(self.prose_after),
            self.before_3,
            self.after_3,
            self.around_8,
            yes(self.twice),
            yes(credit),
            yes(dated),
            yes(length < 120 && said.is_labelled()),
            yes(spoken & speaks::ADDRESS != 0 || first == '@'),
            yes(matches!(first, '"' | '“' | '«' | '„' | '‘' | '「' | '»')),
            yes(first.is_lowercase()),
            yes(self.since_box == 0),
            yes(self.since_box < 12),
            yes(self.since_foot < 12),
            yes(shape.words <= 1),
            yes(self.bullet_before),
            yes(self.bullet_after),
            yes(notice),
            yes(short && self.prose_before && self.prose_after),
            yes(!line.opens && !line.closes && !self.dense),
            if short { 0.0 } else { stop },
            yes(notice && length < 200),
            yes(credit && length < 200),
            yes(self.prose),
            yes(self.name_before),
            yes(speaks(speaks::BIO)),
            yes(speaks(speaks::SIGN_OFF)),
            yes(short && shape.words <= 8 && speaks(speaks::AGO)),
            yes(self.name),
            yes(shape.words <= 4 && shape.digits > 0 && text.starts_with(char::is_numeric)),
            self.menu_before,
            self.menu_after,
        ]
    }
}
