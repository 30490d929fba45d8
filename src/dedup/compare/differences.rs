//! What differs between two lines, each difference by its kind, and whether there is evidence that
//! it says nothing new. A difference without such evidence stays.

use smallvec::SmallVec;

use super::{
    guide::guides,
    leftovers::leftovers,
    outcome::{came_true, settled},
    relations::relations,
    replaced::{quantity, rank},
    slots::{Diff, Tie},
    terms::Terms,
};
use crate::dedup::read::{
    line::Mark,
    roles::Roles,
    words::{Class, WORDS},
};

/// What kind of thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The new line says that it corrects one told before.
    Correction,
    /// Who says it.
    Speaker,
    /// A negation stands in one line only.
    Negation,
    /// A word stands for its opposite.
    Opposite,
    /// Who does it to whom, or which goes with what, has changed places.
    Order,
    /// Something stands in another relation: on, by; until, from.
    Relation,
    /// A name in the place of a name.
    Name,
    /// A relative of somebody both lines name.
    Relative,
    /// First, second.
    Ordinal,
    /// Another day.
    Day,
    /// Another month.
    Month,
    /// This or the next.
    Nearness,
    /// How many, in words.
    Quantity,
    /// Another rank of an office.
    Rank,
    /// A question or guide, and a statement.
    Guide,
    /// A word in the place of another.
    Word,
    /// Signs of a script without spaces.
    Signs,
    /// The new line leaves out what may bear on the rest.
    Dropped,
    /// A figure changed.
    Figure,
    /// A figure came.
    FigureAdded,
    /// The bound of a figure: over, at most.
    Bound,
    /// An ordinal came.
    OrdinalAdded,
    /// A month came.
    MonthAdded,
    /// One more of the kind.
    Another,
    /// What lay ahead has happened.
    CameTrue,
    /// It has become certain.
    Confirmed,
    /// A name came.
    NameAdded,
    /// Something came before what was told.
    AddedHead,
    /// Something came into the midst of it.
    AddedInside,
    /// It is told on.
    AddedTail,
    /// The lines are longer than what is kept of them.
    TooLong,
}

/// One difference that is not shown to say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    /// In words: `9 → 12`, `+drone`, `-deputy`.
    pub(crate) words: String,
}

/// All that differs between two lines.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// What stays.
    pub(crate) open: SmallVec<[Difference; 4]>,
    /// What is shown to say nothing new, in words.
    pub(crate) discharged: Vec<String>,
    /// The new line leaves something out.
    pub(crate) shorter: bool,
    /// The new line has something that says nothing new.
    pub(crate) filled: bool,
}

impl Differences {
    /// What stays, in words.
    pub(crate) fn words(&self) -> Vec<String> {
        let label = |kind: Kind| match kind {
            Kind::Speaker => "speaker ",
            Kind::Name => "name ",
            Kind::Ordinal | Kind::OrdinalAdded => "ordinal ",
            Kind::Day => "day ",
            Kind::Month | Kind::MonthAdded => "month ",
            Kind::Figure | Kind::FigureAdded => "figure ",
            Kind::Bound => "bound ",
            Kind::Relation => "relation ",
            _ => "",
        };
        self.open.iter().map(|open| format!("{}{}", label(open.kind), open.words)).collect()
    }

    /// Notes a difference.
    pub(crate) fn open(&mut self, kind: Kind, words: impl Into<String>) {
        self.open.push(Difference { kind, words: words.into() });
    }
}

/// Finds all that differs.
pub(crate) fn differences(diff: &Diff<'_>) -> Differences {
    let (old, new) = (diff.old, diff.new);
    let mut found = Differences::default();
    let was = |at: usize| old.terms[at].word;
    let now = |at: usize| new.terms[at].word;
    if let Some(word) = corrects(diff) {
        found.open(Kind::Correction, format!("+{word}"));
    }
    if let Some((a, b)) = speakers_differ(diff) {
        found.open(Kind::Speaker, format!("{a} → {b}"));
    }
    if diff.negated() {
        found.open(Kind::Negation, "negation");
    }
    if let Some((a, b)) = diff.opposites() {
        found.open(Kind::Opposite, format!("{} → {}", was(a), now(b)));
    }
    if diff.swapped() {
        found.open(Kind::Order, "order of names");
    }
    relations(diff, &mut found);
    if let Some(relative) = diff.relative() {
        found.open(Kind::Relative, relative);
    }
    for (role, changed, added) in [
        (Roles::ORDINAL, Kind::Ordinal, Some(Kind::OrdinalAdded)),
        (Roles::DAY, Kind::Day, None),
        (Roles::MONTH, Kind::Month, Some(Kind::MonthAdded)),
    ] {
        let lost = diff.dropped().find(|&at| old.terms[at].roles.any(role));
        let come = diff.added().find(|&at| new.terms[at].roles.any(role));
        match (lost, come, added) {
            (Some(a), Some(b), _) => found.open(changed, format!("{} → {}", was(a), now(b))),
            (None, Some(b), Some(added)) => found.open(added, format!("+{}", now(b))),
            _ => {}
        }
    }
    if let Some((a, b)) = nearness(diff) {
        found.open(Kind::Nearness, format!("{a} → {b}"));
    }
    for (kind, replaced) in [(Kind::Quantity, quantity(diff)), (Kind::Rank, rank(diff))] {
        if let Some((a, b)) = replaced {
            found.open(kind, format!("{a} → {b}"));
        }
    }
    let asks = |guides: bool| if guides { "question" } else { "statement" };
    let (was_guide, is_guide) =
        (guides(old, last_tied(&diff.old_to_new)), guides(new, last_tied(&diff.new_to_old)));
    if was_guide != is_guide {
        found.open(Kind::Guide, format!("{} → {}", asks(was_guide), asks(is_guide)));
    }
    figures(diff, &mut found);
    // One more of the kind is another one.
    if let Some(at) = (0..new.terms.len().saturating_sub(1)).find(|&at| {
        new.terms[at].word == "another"
            && diff.new_to_old[at].is_none()
            && !new.terms[at].credit
            && !old.terms.iter().any(|t| t.word == "another")
    }) {
        found.open(Kind::Another, format!("+{}", now(at)));
    }
    if let Some((a, b)) = came_true(diff) {
        found.open(Kind::CameTrue, format!("{} → {}", was(a), now(b)));
    }
    if let Some(at) = settled(diff) {
        found.open(Kind::CameTrue, format!("-{}", was(at)));
    }
    if let Some(at) = diff.added().find(|&at| new.terms[at].roles.any(Roles::CERTAIN))
        && (old.terms.iter().any(|t| t.roles.any(Roles::HEDGE))
            || new.terms[at].word.ends_with("ly"))
    {
        found.open(Kind::Confirmed, format!("+{}", now(at)));
    }
    if let Some(at) = avows(diff) {
        found.open(Kind::NameAdded, format!("+{}", now(at)));
    }
    if old.cut || new.cut {
        found.open(Kind::TooLong, "more words than are kept");
    }
    leftovers(diff, &mut found);
    found
}

/// Where the last word stands that the other line has, too: what is told on after it is another
/// matter.
fn last_tied(ties: &[Option<(usize, Tie)>]) -> usize {
    ties.iter().rposition(Option::is_some).unwrap_or(0)
}

/// The new line says that it corrects an earlier one.
fn corrects<'a>(diff: &Diff<'a>) -> Option<&'a str> {
    let at = |terms: &Terms<'_>| (0..terms.terms.len()).find(|&at| terms.corrects(at));
    let new = at(diff.new)?;
    at(diff.old).is_none().then_some(diff.new.terms[new].word)
}

fn figures(diff: &Diff<'_>, found: &mut Differences) {
    let (old, new) = (diff.old, diff.new);
    // One man and a man are one.
    let counts = |terms: &Terms<'_>, at: usize| {
        let term = &terms.terms[at];
        term.figure.is_some_and(|f| {
            f.value != 1.0 || f.unit != '\0' || term.word.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let lost = diff.dropped().find(|&at| counts(old, at));
    let come = diff.added().find(|&at| {
        counts(new, at)
            && (lost.is_some()
                || !(year_beside_day(new, at) || year_of_kind(diff, at) || new.terms[at].credit))
    });
    match (lost, come) {
        (Some(a), Some(b)) => {
            found.open(Kind::Figure, format!("{} → {}", old.terms[a].word, new.terms[b].word));
        }
        (None, Some(b)) => found.open(Kind::FigureAdded, format!("+{}", new.terms[b].word)),
        _ => {}
    }
    for (at, tie) in diff.new_to_old.iter().enumerate() {
        let Some((meets, Tie::Same)) = *tie else { continue };
        if new.terms[at].figure.is_none() && !new.terms[at].roles.any(Roles::QUANTITY) {
            continue;
        }
        let (was, now) = (bound(old, meets), bound(new, at));
        if was != now {
            found.open(Kind::Bound, format!("{} → {}", was.unwrap_or("-"), now.unwrap_or("-")));
            break;
        }
    }
}

/// The bound before a figure: over, at most.
fn bound<'a>(terms: &Terms<'a>, at: usize) -> Option<&'a str> {
    (at.saturating_sub(2)..at)
        .rev()
        .take_while(|&n| terms.terms[n].figure.is_none())
        .find(|&n| WORDS.class_of(terms.terms[n].word).any(Class::BOUND))
        .map(|n| terms.terms[n].word)
}

/// "This week", "next week": near words that only one line has, and not the same.
fn nearness(diff: &Diff<'_>) -> Option<(String, String)> {
    let side = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
        (0..terms.terms.len().saturating_sub(1)).find(|&at| {
            ties[at].is_none()
                && !terms.terms[at].credit
                && (ties[at + 1].is_some() || terms.terms[at + 1].roles.any(Roles::UNIT))
                && WORDS.class_of(terms.terms[at].word).any(Class::NEARNESS)
        })
    };
    let was = side(diff.old, &diff.old_to_new);
    let now = side(diff.new, &diff.new_to_old);
    // "This" alone comes and goes.
    let tells = |terms: &Terms<'_>, at: usize| terms.terms[at].word != "this";
    let day = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
        (0..terms.terms.len())
            .find(|&at| ties[at].is_none() && terms.terms[at].roles.any(Roles::DAY))
    };
    let word = |terms: &Terms<'_>, at: usize| terms.terms[at].word.to_owned();
    match (was, now) {
        (Some(a), Some(b)) => Some((word(diff.old, a), word(diff.new, b))),
        (Some(a), None) => {
            let b = day(diff.new, &diff.new_to_old)?;
            Some((word(diff.old, a), word(diff.new, b)))
        }
        (None, Some(b)) => match day(diff.old, &diff.old_to_new) {
            Some(a) => Some((word(diff.old, a), word(diff.new, b))),
            None => tells(diff.new, b).then(|| (String::new(), word(diff.new, b))),
        },
        (None, None) => None,
    }
}

/// Both lines say who tells it, and they name nobody in common.
fn speakers_differ(diff: &Diff<'_>) -> Option<(String, String)> {
    if diff.old.speaker.is_empty() || diff.new.speaker.is_empty() {
        return None;
    }
    // "Health Ministry" of one country and of another share a word and are two speakers.
    let tied = |at: usize| diff.new_to_old[at].is_some_and(|(old, _)| diff.old.terms[old].credit);
    let shared: Vec<usize> = diff.new.speaker.iter().copied().filter(|&at| tied(at)).collect();
    let strange = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
        terms.speaker.iter().any(|&at| ties[at].is_none() && terms.name(at))
    };
    let other = strange(diff.old, &diff.old_to_new) && strange(diff.new, &diff.new_to_old);
    let meets = !other && !shared.is_empty();
    // A topic before a colon is no speaker: what it names may stand elsewhere in the other line.
    let topic = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>], others: &Terms<'_>| {
        terms.terms.iter().all(|t| !t.credit || !t.roles.any(Roles::SAY))
            && terms
                .speaker
                .iter()
                .any(|&at| ties[at].is_some_and(|(meets, _)| !others.terms[meets].credit))
    };
    if meets
        || topic(diff.old, &diff.old_to_new, diff.new)
        || topic(diff.new, &diff.new_to_old, diff.old)
    {
        return None;
    }
    let join = |terms: &Terms<'_>| {
        terms.speaker.iter().map(|&at| terms.terms[at].word).collect::<Vec<_>>().join(" ")
    };
    Some((join(diff.old), join(diff.new)))
}

/// Somebody the old line does not name says that it was him: "Velmaria says it …".
fn avows(diff: &Diff<'_>) -> Option<usize> {
    let terms = &diff.new.terms;
    let says = (1..terms.len().saturating_sub(1)).find(|&at| {
        terms[at].credit
            && terms[at].roles.any(Roles::SAY)
            && WORDS.class_of(terms[at + 1].word).any(Class::SELF)
    })?;
    let mut names = (0..says).filter(|&at| diff.new.name(at));
    let first = names.next()?;
    let strange = |at: usize| diff.new_to_old[at].is_none();
    (diff.old.terms.iter().all(|t| !t.credit) && strange(first) && names.all(strange))
        .then_some(first)
}

/// Whether a figure can be a year.
fn year(terms: &Terms<'_>, at: usize) -> bool {
    terms.terms[at].figure.is_some_and(|f| {
        f.unit == '\0' && f.value.fract() == 0.0 && (1900.0..2100.0).contains(&f.value)
    })
}

/// A year after a day or month only says more exactly what was said.
pub(crate) fn year_beside_day(terms: &Terms<'_>, at: usize) -> bool {
    year(terms, at)
        && terms.terms[at.saturating_sub(2)..at]
            .iter()
            .any(|t| t.roles.any(Roles::MONTH.and(Roles::DAY)))
}

/// A year right before a name both lines have, and after no preposition, says which of the kind:
/// "the 2031 Velm Games". Where the old line has no year, it is this one.
pub(crate) fn year_of_kind(diff: &Diff<'_>, at: usize) -> bool {
    let terms = &diff.new.terms;
    year(diff.new, at)
        && terms[at].flags.mark() == Mark::None
        && diff.new_to_old.get(at + 1).is_some_and(Option::is_some)
        && terms[at + 1].flags.mark() == Mark::None
        && diff.new.name(at + 1)
        && !terms[at + 1].roles.any(Roles::PLACE)
        && (at == 0 || !WORDS.class_of(terms[at - 1].word).relates())
        && !(0..diff.old.terms.len()).any(|old| year(diff.old, old))
}
