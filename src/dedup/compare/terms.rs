//! A line as the comparison sees it: its words with their concepts, roles and places.

use crate::dedup::{
    memory::{
        lexicon::{Lexeme, Lexicon, Numbers},
        store::{Entry, Store},
    },
    read::{
        figures::{Figure, figure},
        line::{Case, Flags, Line, Mark},
        roles::Roles,
        wording::{LookedUp, Wording},
        words::{Class, Knowledge, WORDS},
    },
};

/// Lines that are taken to be in memory from the start.
const PRIOR: f32 = 1000.0;

/// A word under comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term<'a> {
    /// As folded.
    pub(crate) word: &'a str,
    /// What it stands for.
    pub(crate) concept: &'a str,
    pub(crate) roles: Roles,
    pub(crate) group: u16,
    pub(crate) flags: Flags,
    /// Whether it is known uncapitalised, so that a capital does not make it a name.
    pub(crate) common: bool,
    /// Its value, where it is a figure.
    pub(crate) figure: Option<Figure>,
    /// Lines in memory that hold it.
    pub(crate) lines: u32,
    /// How rare it is among the lines in memory: 0 in all of them, 1 in one.
    pub(crate) rarity: f32,
    /// Whether it names somebody or something, as far as its writing tells.
    name: bool,
    /// Its concept's number in the lexicon.
    pub(crate) number: Option<u32>,
    /// The part of the line that only says who tells it.
    pub(crate) credit: bool,
}

/// The words of a line, and what is true of the line as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms<'a> {
    pub(crate) terms: Vec<Term<'a>>,
    /// Words are capitalised throughout: a capital says nothing.
    pub(crate) title_case: bool,
    /// The speaker's or outlet's words, where a part of the line says who tells it.
    pub(crate) speaker: Vec<usize>,
    /// Where the statement begins, after a leading "Speaker:".
    pub(crate) cut: bool,
    /// The line was cut short by an ellipsis.
    pub(crate) shortened: bool,
    /// Lines in memory.
    pub(crate) all: u32,
}

impl Term<'_> {
    /// The first byte of the word.
    pub(crate) fn initial(&self) -> u8 {
        self.word.as_bytes().first().copied().unwrap_or(0)
    }

    /// Whether outlets' names are made of it.
    fn outlet(&self) -> bool {
        self.roles.any(Roles::WITNESS) && !self.roles.any(Roles::ATTRIBUTION)
    }
}

impl<'a> Terms<'a> {
    /// The terms of a line that is judged, its words looked up before.
    pub(crate) fn read_line(
        &mut self,
        line: &'a Line,
        looked_up: &'a [LookedUp],
        store: &'a Store,
    ) {
        self.clear();
        let lexicon = &store.lexicon;
        self.terms.extend(line.words().zip(looked_up).map(|((word, flags), found)| match found {
            LookedUp::Known(id) => known(lexicon, *id, flags),
            LookedUp::Strange(know) => unknown(lexicon, word, know, flags),
        }));
        (self.cut, self.shortened, self.all) = (line.cut, line.shortened, store.len());
        self.finish();
    }

    /// The terms of a line in memory.
    pub(crate) fn read_entry(&mut self, entry: &Entry, store: &'a Store) {
        self.clear();
        let words = store.words(entry).iter().zip(store.flags(entry));
        self.terms.extend(words.map(|(&id, flags)| known(&store.lexicon, id, flags)));
        (self.cut, self.all) = (entry.cut(), store.len());
        self.finish();
    }

    fn clear(&mut self) {
        self.terms.clear();
        self.speaker.clear();
        (self.cut, self.shortened) = (false, false);
    }

    /// Empties the terms, and keeps their room for other lines.
    pub(crate) fn emptied<'b>(mut self) -> Terms<'b> {
        self.clear();
        // No term is left to be turned into one that lives longer; the room is what is moved.
        let none = |_| -> Term<'b> { unreachable!("all terms were cleared") };
        let terms = self.terms.into_iter().map(none).collect();
        Terms { terms, speaker: self.speaker, ..Terms::default() }
    }

    fn finish(&mut self) {
        let (mut low, mut high) = (0, 0);
        for term in self.terms.iter().skip(1) {
            if term.roles.any(Roles::FUNCTION) || term.figure.is_some() {
                continue;
            }
            match term.flags.case() {
                Case::Lower if term.word.starts_with(char::is_alphabetic) => low += 1,
                Case::Lower => {}
                _ => high += 1,
            }
        }
        self.title_case = high > 2 * low;
        // "In May" is a month, whatever else "may" is.
        for at in 1..self.terms.len() {
            let term = &self.terms[at];
            if term.roles.any(Roles::MONTH)
                && term.roles.any(Roles::FUNCTION)
                && term.flags.case() == Case::Capital
                && (!self.title_case || WORDS.class_of(self.terms[at - 1].word).relates())
            {
                self.terms[at].roles = Roles::MONTH;
            }
        }
        let upper = self.terms.iter().filter(|t| t.flags.case() == Case::Upper).count();
        let all_upper = upper * 2 > self.terms.len();
        // A word that stands in many lines identifies none. The prior keeps an almost empty
        // memory from taking every word for a common one.
        let (all, most) = self.scale();
        // "UN" is no "un", whatever that is in another language.
        for term in &mut self.terms {
            if term.flags.case() == Case::Upper && !all_upper && term.roles.any(Roles::PLACE) {
                term.roles = term.roles.without(Roles::FUNCTION);
            }
        }
        for at in 0..self.terms.len() {
            let name = self.written_as_name(at, all_upper);
            let term = &mut self.terms[at];
            term.name = name;
            term.rarity = (all / (term.lines.max(1) as f32 + 1.0)).log2() / most;
        }
        self.find_credit();
    }

    /// Lines in memory as rarity counts them, and the logarithm that makes it 1 in a single one.
    pub(crate) fn scale(&self) -> (f32, f32) {
        let all = self.all as f32 + PRIOR;
        (all, (all / 2.0).log2())
    }

    /// The parts that say who tells it: "X: …", "X says …", "…, says X", "… - X", "…: X".
    fn find_credit(&mut self) {
        let len = self.terms.len();
        // What the police find is the news itself.
        let acts = |who: &str| WORDS.class_of(who).any(Class::ACTOR);
        let says = |at: usize| {
            let roles = self.terms[at].roles;
            roles.any(Roles::SAY)
                || (roles.any(Roles::FINDING)
                    && at > 0
                    && self.terms[at - 1].roles.any(Roles::WITNESS)
                    && !acts(self.terms[at - 1].concept))
        };
        // Names, titles and what goes with them.
        let who = |at: usize| {
            let term = &self.terms[at];
            term.figure.is_none()
                && !term.flags.quoted()
                && !term.roles.any(Roles::QUANTITY)
                && (term.roles.any(
                    Roles::FUNCTION.and(Roles::TITLE).and(Roles::ATTRIBUTION).and(Roles::VAGUE),
                ) || self.name(at))
        };
        // "Train drivers say": a short subject right before the plainest of these verbs.
        let plainly =
            |at: usize| at <= 3 && WORDS.class_of(self.terms[at].word).any(Class::PLAINLY);
        let someone = |at: usize| {
            let term = &self.terms[at];
            term.figure.is_none()
                && !term.flags.quoted()
                && (at == 0 || term.flags.mark() == Mark::None)
                && !term.roles.any(Roles::QUANTITY.and(Roles::NEGATION).and(Roles::BACKGROUND))
        };
        // The part, and whether it only names where the line stood: "… - Velm News".
        let mut parts: Vec<(std::ops::Range<usize>, bool)> = Vec::new();
        let colon = self.terms.iter().position(|t| t.flags.mark() == Mark::Colon);
        // "Velm News - …", as feeds have it.
        let head = (1..len.min(5)).find(|&at| {
            matches!(self.terms[at].flags.mark(), Mark::Dash | Mark::Pipe | Mark::Bullet)
        });
        let head = head.filter(|&head| {
            len - head >= 4
                && self.terms[..head].iter().any(Term::outlet)
                && self.terms[..head].iter().all(|t| t.flags.case() != Case::Lower)
        });
        if let Some(head) = head {
            parts.push((0..head, true));
        } else if let Some(colon) = colon.filter(|&colon| colon <= 6 && len - colon >= 3) {
            parts.push((0..colon, false));
        } else if let Some(verb) =
            (1..len.min(8)).find(|&at| says(at) && !self.terms[at].roles.any(Roles::HEDGE))
            && len - verb > 3
            && ((0..verb).all(who) || (plainly(verb) && (0..verb).all(someone)))
        {
            parts.push((0..verb + 1, false));
        }
        // An outlet, and who says it before that: "…, says Varga - Velm News".
        if let Some((tail, bare)) = self.find_tail(len, says, who) {
            parts.push((tail..len, bare));
            let listed = |from: usize, to: usize| self.terms[from..to].iter().any(Term::outlet);
            let before = self.find_tail(tail, says, who).filter(|_| bare);
            if let Some((before, bare)) =
                before.filter(|&(at, bare)| !bare || listed(tail, len) || listed(at, tail))
            {
                parts.push((before..tail, bare));
            }
        }
        for (part, bare) in parts {
            let outlet = bare && self.terms[part.clone()].iter().any(Term::outlet);
            let quoted = self.terms[part.clone()].iter().all(|t| t.flags.quoted());
            for at in part {
                let term = &mut self.terms[at];
                term.credit = true;
                if outlet {
                    term.roles = term.roles.and(Roles::ATTRIBUTION);
                    term.name = false;
                }
                let nobody = Roles::FUNCTION
                    .and(Roles::ATTRIBUTION)
                    .and(Roles::TITLE)
                    .and(Roles::VAGUE)
                    .and(Roles::TAG);
                // "'It is over': …" quotes somebody and names nobody.
                let names = !term.roles.any(nobody) || term.concept == "government";
                if names && !quoted {
                    self.speaker.push(at);
                }
            }
        }
    }

    /// The last part of the first `len` words, where it says who tells it, and whether it names an
    /// outlet or a section without a word that they say it.
    fn find_tail(
        &self,
        len: usize,
        says: impl Fn(usize) -> bool,
        who: impl Fn(usize) -> bool,
    ) -> Option<(usize, bool)> {
        let tail = self.terms[..len].iter().rposition(|t| {
            matches!(
                t.flags.mark(),
                Mark::Colon | Mark::Dash | Mark::Comma | Mark::Paren | Mark::Pipe | Mark::Bullet
            )
        })?;
        // What stands after a full stop is told, not credited; the stop in "velm-news.eu" ends
        // nothing.
        let last = &self.terms[len - 1];
        let dotted = last.flags.mark() == Mark::Stop
            && last.flags.case() == Case::Lower
            && (2..=3).contains(&last.word.len());
        let stops = |t: &Term<'_>| t.flags.mark() == Mark::Stop;
        if tail < 3 || self.terms[tail + 1..len - usize::from(dotted)].iter().any(stops) {
            return None;
        }
        let size = len - tail;
        let mark = self.terms[tail].flags.mark();
        // "…, won't quit after the report": told, though it ends in a word of saying.
        let tells = self.terms[tail..len]
            .iter()
            .any(|t| t.figure.is_some() || t.roles.any(Roles::NEGATION.and(Roles::BACKGROUND)));
        let spoken = (says(len - 1) && size <= 10 && who(len - 2) && !tells)
            || (says(tail) && size <= 10 && self.terms[tail].word != "saying")
            || ((tail..len).any(&says) && size <= 8 && (tail..len).all(&who));
        // "…, documents show".
        let told = (says(len - 1) || self.terms[len - 1].roles.any(Roles::FINDING))
            && size <= 4
            && (tail..len - 1).all(|at| {
                let term = &self.terms[at];
                term.figure.is_none() && !term.roles.any(Roles::QUANTITY.and(Roles::NEGATION))
            });
        if spoken || told {
            return Some((tail, false));
        }
        let apart = matches!(mark, Mark::Dash | Mark::Pipe | Mark::Bullet | Mark::Paren);
        let capitals = apart
            && self.terms[len - 1].flags.case() != Case::Lower
            && !self.terms[len - 1].roles.any(Roles::FUNCTION)
            && (tail..len).all(|at| {
                let term = &self.terms[at];
                let part = term.flags.case() != Case::Lower
                    && !term.roles.any(Roles::FUNCTION.and(Roles::NEGATION));
                (at == tail || term.flags.mark() == Mark::None)
                    && term.figure.is_none()
                    && (part || matches!(term.word, "the" | "of" | "and"))
            });
        // An outlet's name; or capitals throughout where the line has none.
        let listed = size <= 5 && self.terms[tail..len].iter().any(Term::outlet);
        let alone = self.terms[tail..len].iter().all(|t| !t.word.is_ascii());
        let outlet =
            capitals && (listed || (size <= 4 && !self.title_case)) || (apart && listed && alone);
        // "… - including Varga" tells on.
        let led = self.terms[tail].roles.any(Roles::FUNCTION) && self.terms[tail].word != "the";
        let named = size <= 4 && mark != Mark::Comma && !led && (tail..len).all(who);
        let address = apart && size <= 4 && dotted;
        (named || outlet || address).then_some((tail, apart || (mark == Mark::Colon && listed)))
    }

    /// Whether a term names somebody or something, as far as its writing tells.
    pub(crate) fn name(&self, at: usize) -> bool {
        self.terms[at].name
    }

    /// No word has a capital, and the script has none.
    pub(crate) fn caseless(&self) -> bool {
        self.terms.iter().all(|term| {
            term.flags.case() == Case::Lower
                && !term.word.starts_with(|c: char| c.is_ascii_lowercase())
        })
    }

    /// All words are written in Latin letters.
    pub(crate) fn latin(&self) -> bool {
        self.terms.iter().all(|term| term.word.is_ascii())
    }

    /// Whether the lists know enough of its words to take it for English.
    pub(crate) fn english(&self) -> bool {
        let words = || self.terms.iter().filter(|term| term.figure.is_none());
        let known = words().filter(|term| WORDS.english(term.word) || WORDS.english(term.concept));
        known.count() * 3 >= words().count()
    }

    /// Whether a word at the line's edge says that it corrects an earlier one.
    pub(crate) fn corrects(&self, at: usize) -> bool {
        let term = &self.terms[at];
        if !WORDS.class_of(term.word).any(Class::CORRECTS) {
            return false;
        }
        let marked = |n: usize, only: Option<Mark>| {
            let mark = self.terms.get(n).map_or(Mark::None, |t| t.flags.mark());
            mark != Mark::None && only.is_none_or(|only| only == mark)
        };
        let near =
            |within: usize, only: Option<Mark>| (at + 1..at + 1 + within).any(|n| marked(n, only));
        let loud = term.flags.case() == Case::Upper;
        // "CORRECTED:", "Refiles to correct day:", "An earlier alert misstated the day:",
        // "… (corrects figure)", "… is withdrawn" where the verb comes last.
        let head = at < 2 && (loud || near(2, None)) || at < 6 && near(4, Some(Mark::Colon));
        let tail = term.flags.mark() == Mark::Paren && self.terms.len() - at <= 6;
        let last = at + 2 >= self.terms.len() && !term.roles.any(Roles::COMMON);
        head || tail || last
    }

    fn written_as_name(&self, at: usize, all_upper: bool) -> bool {
        let term = &self.terms[at];
        if term.roles.any(Roles::FUNCTION.and(Roles::CHARACTER)) || term.figure.is_some() {
            return false;
        }
        if term.roles.any(Roles::PLACE) {
            return true;
        }
        match term.flags.case() {
            Case::Lower => false,
            // "FREE", "SHOCK": a common word in capitals is loud, not a name.
            Case::Upper if !all_upper => {
                let loud = term.word.len() >= 4 && term.roles.any(Roles::COMMON);
                !loud && !term.roles.any(Roles::ATTRIBUTION.and(Roles::TAG))
            }
            _ => {
                let plain = term.common
                    || term.roles.any(
                        Roles::COMMON
                            .and(Roles::DAY)
                            .and(Roles::MONTH)
                            .and(Roles::NEGATION)
                            .and(Roles::ORDINAL),
                    );
                let start = at == 0
                    || matches!(
                        term.flags.mark(),
                        Mark::Stop | Mark::Colon | Mark::Pipe | Mark::Dash
                    )
                    || term.flags.quoted();
                if self.title_case || start {
                    !plain
                } else {
                    !term.roles.any(
                        Roles::TITLE
                            .and(Roles::ATTRIBUTION)
                            .and(Roles::TAG)
                            .and(Roles::DAY)
                            .and(Roles::MONTH),
                    )
                }
            }
        }
    }
}

fn known(lexicon: &Lexicon, id: u32, flags: Flags) -> Term<'_> {
    let lexeme = lexicon.get(id);
    let concept = if lexeme.concept == id { lexeme } else { lexicon.get(lexeme.concept) };
    let word = lexicon.text(lexeme);
    Term {
        word,
        concept: if lexeme.concept == id { word } else { lexicon.text(concept) },
        roles: lexeme.roles,
        group: lexeme.group,
        flags,
        common: lexeme.roles.any(Roles::COMMON) || lexeme.seen_lower() || concept.seen_lower(),
        figure: figure_of(lexeme.roles, word),
        lines: concept.lines(),
        rarity: 0.0,
        name: false,
        number: Some(lexeme.concept),
        credit: false,
    }
}

/// Looks up the words of a line; they are to be [kept][Wording::keep].
pub(crate) fn look_up(reading: &Wording, lexicon: &Lexicon) -> Vec<LookedUp> {
    let mut found = reading.room();
    let mut numbers = Numbers::new();
    lexicon.find_all(reading.sought(), &mut numbers);
    found.clear();
    found.extend(reading.sought().zip(numbers).map(|((word, _), number)| match number {
        Some(id) => LookedUp::Known(id),
        None => LookedUp::Strange(WORDS.know(word)),
    }));
    found
}

fn unknown<'a>(lexicon: &'a Lexicon, word: &'a str, know: &'a Knowledge, flags: Flags) -> Term<'a> {
    let number = lexicon.find(&know.concept);
    let lexeme = number.map(|number| lexicon.get(number));
    Term {
        word,
        concept: &know.concept,
        roles: know.roles,
        group: know.group,
        flags,
        common: know.roles.any(Roles::COMMON) || lexeme.is_some_and(Lexeme::seen_lower),
        figure: figure_of(know.roles, word),
        lines: lexeme.map_or(0, Lexeme::lines),
        rarity: 0.0,
        name: false,
        number,
        credit: false,
    }
}

fn figure_of(roles: Roles, word: &str) -> Option<Figure> {
    if roles.any(Roles::FIGURE) { figure(word) } else { None }
}
