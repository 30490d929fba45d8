//! A line as its words: folded so that drawing, case and accents do not count, each with what its
//! surroundings say about it.

use super::{
    figures::figure,
    roles::Roles,
    words::{Class, WORDS},
};

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// No capital, or a script without capitals.
    Lower,
    /// A capital at its beginning.
    Capital,
    /// Capitals only, at least two.
    Upper,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    Comma,
    Colon,
    Pipe,
    Dash,
    Stop,
    Paren,
    /// A dash at the beginning of the line's last segment, a bullet, a slash.
    Bullet,
}

/// What a word carries besides its letters, in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    pub(crate) fn new(case: Case, mark: Mark, quoted: bool, possessive: bool) -> Self {
        Flags(case as u8 | (mark as u8) << 2 | u8::from(quoted) << 5 | u8::from(possessive) << 6)
    }

    /// Whether it had a possessive ending.
    pub(crate) fn possessive(self) -> bool {
        self.0 >> 6 & 1 == 1
    }

    /// How it was written.
    pub(crate) fn case(self) -> Case {
        match self.0 & 3 {
            0 => Case::Lower,
            1 => Case::Capital,
            _ => Case::Upper,
        }
    }

    /// What stands before it.
    pub(crate) fn mark(self) -> Mark {
        match self.0 >> 2 & 7 {
            0 => Mark::None,
            1 => Mark::Comma,
            2 => Mark::Colon,
            3 => Mark::Pipe,
            4 => Mark::Dash,
            5 => Mark::Stop,
            6 => Mark::Paren,
            _ => Mark::Bullet,
        }
    }

    /// Whether it stands in quotation marks.
    pub(crate) fn quoted(self) -> bool {
        self.0 >> 5 & 1 == 1
    }
}

/// A word of a line: a span of [`Line::text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// What it carries besides its letters.
    pub(crate) flags: Flags,
}

/// A line taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// Where its words are spelled.
    pub(crate) text: String,
    /// Its words in order.
    pub(crate) spans: Vec<Span>,
    /// There was more than is kept: such a line is known by its key alone.
    pub(crate) cut: bool,
    /// It ends in an ellipsis: somebody cut it short.
    pub(crate) shortened: bool,
    /// It has no letter and no digit: its signs stand for a word.
    pub(crate) wordless: bool,
}

/// Words of one line that are looked at; what follows counts for the key only.
pub(crate) const MOST_WORDS: usize = 96;

impl Line {
    /// The word at `at`.
    pub(crate) fn word(&self, at: usize) -> &str {
        let span = self.spans[at];
        &self.text[span.start as usize..span.end as usize]
    }

    /// All words.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, Flags)> {
        (0..self.spans.len()).map(|at| (self.word(at), self.spans[at].flags))
    }

    /// Empties it, keeping its room.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        (self.cut, self.shortened, self.wordless) = (false, false, false);
    }

    /// Looks at the line as a whole, once its words are there.
    pub(crate) fn finish(&mut self, text: &str) {
        let end = text
            .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | ')' | ']'));
        self.shortened = end.ends_with('…') || end.ends_with("...");
        if self.spans.is_empty() {
            self.wordless = true;
            self.text.clear();
            self.text.push_str(text.trim());
            let end = self.text.len() as u32;
            let flags = Flags::new(Case::Lower, Mark::None, false, false);
            self.spans.push(Span { start: 0, end, flags });
        }
        self.trim();
    }

    /// Where a short label in brackets at the line's beginning ends.
    fn label(&self) -> Option<usize> {
        let bracket = |span: &Span| span.flags.mark() == Mark::Paren;
        if !bracket(self.spans.first()?) {
            return None;
        }
        let end = 1 + self.spans.iter().skip(1).take(4).position(bracket)?;
        let figure = (0..end).any(|at| self.word(at).contains(char::is_numeric));
        (!figure && self.spans.len() - end >= 3).then_some(end)
    }

    /// Where a clock time at the line's beginning ends: "18:05 –", "[17:20 UTC]".
    fn stamp(&self) -> Option<usize> {
        let clock = |word: &str| {
            word.split_once(':').is_some_and(|(hour, minute)| {
                let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b':');
                (1..=2).contains(&hour.len()) && digits(hour) && digits(minute)
            })
        };
        if self.spans.is_empty() || !clock(self.word(0)) {
            return None;
        }
        let zone = |&at: &usize| WORDS.class_of(self.word(at)).any(Class::FRAME);
        let end = 1 + (1..self.spans.len().min(3)).take_while(zone).count();
        let apart = self.spans.get(end).is_some_and(|span| span.flags.mark() != Mark::None);
        (apart && self.spans.len() - end >= 3).then_some(end)
    }

    /// Where a count of readers or minutes at the line's end begins: "(57 comments)", "· 4 min read".
    fn counter(&self) -> Option<usize> {
        let start = self.spans.iter().rposition(|span| {
            matches!(span.flags.mark(), Mark::Paren | Mark::Bullet | Mark::Pipe)
        })?;
        let words = start..self.spans.len();
        let counts = |at: usize| self.word(at).contains(|c: char| c.is_ascii_digit());
        let framed = |at: usize| WORDS.class_of(self.word(at)).any(Class::FRAME);
        (start >= 3
            && words.len() <= 5
            && words.clone().any(counts)
            && words.clone().any(framed)
            && words.clone().all(|at| counts(at) || framed(at)))
        .then_some(start)
    }

    /// Where a word on the line's origin at its end begins: "(via …)", ". Source: …".
    fn posted(&self) -> Option<usize> {
        let start = self
            .spans
            .iter()
            .rposition(|span| matches!(span.flags.mark(), Mark::Paren | Mark::Stop | Mark::Dash))?;
        let led = WORDS.class_of(self.word(start)).any(Class::POSTED);
        (led && start >= 3 && (2..=5).contains(&(self.spans.len() - start))).then_some(start)
    }

    /// Drops what frames a line without being part of it: leading tags, the source's own tail.
    fn trim(&mut self) {
        // A correction is more than a frame: it says what it does to a line told before.
        let bare = |line: &Line, at: usize| {
            WORDS.roles(line.word(at)).any(Roles::TAG)
                && !WORDS.class_of(line.word(at)).any(Class::CORRECTS)
        };
        // "[WATCH] …", "【速報】…": a short label in brackets at the beginning.
        if let Some(end) = self.label() {
            self.spans.drain(..end);
        }
        if let Some(end) = self.stamp() {
            self.spans.drain(..end);
        }
        let mut from = 0;
        while from + 3 < self.spans.len() {
            let tag = bare(self, from)
                && (self.spans[from].flags.case() == Case::Upper
                    || matches!(
                        self.spans[from + 1].flags.mark(),
                        Mark::Colon
                            | Mark::Pipe
                            | Mark::Paren
                            | Mark::Dash
                            | Mark::Bullet
                            | Mark::Stop
                    )
                    || self.spans[from].flags.mark() == Mark::Paren);
            if tag || (from == 0 && self.word(0) == "the") {
                from += 1;
            } else {
                break;
            }
        }
        // "UPDATE 2-": which update it is says nothing either.
        let count = |at: usize| self.word(at).len() == 1 && figure(self.word(at)).is_some();
        if from > 0
            && self.word(from - 1) == "update"
            && from + 3 < self.spans.len()
            && count(from)
            && self.spans[from].flags.mark() == Mark::None
        {
            from += 1;
        }
        self.spans.drain(..from);
        if let Some(first) = self.spans.first_mut() {
            first.flags = Flags(first.flags.0 & !(7 << 2));
        }
        if let Some(start) = self.counter().or_else(|| self.posted()) {
            self.spans.truncate(start);
        }
        // " | Politics News": a section or an outlet, which says nothing of the news. One with a
        // figure ("| Part 2") may be all that tells two lines apart.
        for mark in [Mark::Pipe, Mark::Bullet, Mark::Pipe] {
            let Some(tail) = self.spans.iter().rposition(|span| span.flags.mark() == mark) else {
                continue;
            };
            let figure = (tail..self.spans.len())
                .any(|at| self.word(at).starts_with(|c: char| c.is_numeric() || c == '$'));
            if tail >= 4 && self.spans.len() - tail <= 4 && !figure {
                self.spans.truncate(tail);
            }
        }
    }
}

impl Case {
    pub(crate) fn max(self, other: Case) -> Case {
        if self as u8 >= other as u8 { self } else { other }
    }
}
