//! Text → words: folded so that drawing, case and accents do not count, each with what its
//! surroundings say about it.

use unicode_normalization::{UnicodeNormalization, char::decompose_canonical};

use super::{
    figures::{currency, figure},
    words::{Roles, WORDS},
};

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// No capital, or a script without capitals.
    Lower,
    /// A capital at its beginning.
    Capital,
    /// Capitals only, at least two.
    Upper,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
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
pub(super) struct Flags(pub(super) u8);

impl Flags {
    fn new(case: Case, mark: Mark, quoted: bool, possessive: bool) -> Self {
        Flags(case as u8 | (mark as u8) << 2 | u8::from(quoted) << 5 | u8::from(possessive) << 6)
    }

    /// Whether it had a possessive ending.
    pub(super) fn possessive(self) -> bool {
        self.0 >> 6 & 1 == 1
    }

    /// How it was written.
    pub(super) fn case(self) -> Case {
        match self.0 & 3 {
            0 => Case::Lower,
            1 => Case::Capital,
            _ => Case::Upper,
        }
    }

    /// What stands before it.
    pub(super) fn mark(self) -> Mark {
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
    pub(super) fn quoted(self) -> bool {
        self.0 >> 5 & 1 == 1
    }
}

/// A word of a line: a span of [`Line::text`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
    /// What it carries besides its letters.
    pub(super) flags: Flags,
}

/// A line taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    text: String,
    /// Its words in order.
    pub(super) spans: Vec<Span>,
    /// There was more than is kept: such a line is known by its key alone.
    pub(super) cut: bool,
    /// It ends in an ellipsis: somebody cut it short.
    pub(super) shortened: bool,
    /// It has no letter and no digit: its signs stand for a word.
    pub(super) wordless: bool,
}

/// Words of one line that are looked at; what follows counts for the key only.
pub(super) const MOST_WORDS: usize = 96;

impl Line {
    /// The word at `at`.
    pub(super) fn word(&self, at: usize) -> &str {
        let span = self.spans[at];
        &self.text[span.start as usize..span.end as usize]
    }

    /// All words.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, Flags)> {
        (0..self.spans.len()).map(|at| (self.word(at), self.spans[at].flags))
    }

    /// Takes a text apart.
    pub(super) fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        reader.line.text.reserve(text.len() + 8);
        reader.line.spans.reserve(text.len() / 5 + 4);
        if text.is_ascii() {
            reader.chars.extend(text.chars());
        } else {
            reader.chars.extend(text.nfkc().filter(|&c| !invisible(c)));
        }
        reader.run();
        let mut line = reader.line;
        let end = text
            .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | ')' | ']'));
        line.shortened = end.ends_with('…') || end.ends_with("...");
        if line.spans.is_empty() {
            line.wordless = true;
            line.text = text.trim().to_owned();
            let end = line.text.len() as u32;
            let flags = Flags::new(Case::Lower, Mark::None, false, false);
            line.spans.push(Span { start: 0, end, flags });
        }
        line.trim();
        line
    }

    /// Drops what frames a line without being part of it: leading tags, the source's own tail.
    fn trim(&mut self) {
        let bare = |line: &Line, at: usize| WORDS.roles(line.word(at)).any(Roles::TAG);
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

fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{591}'..='\u{5c7}')
}

/// One letter without what only decorates it; `None` drops it.
pub(super) fn fold_letter(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    Some(match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' | 'ۀ' => 'ه',
        'ؤ' => 'و',
        'ئ' => 'ي',
        'ё' => 'е',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ß' => 's',
        'æ' => 'a',
        'œ' => 'o',
        '\u{300}'..='\u{36f}' => return None,
        c if invisible(c) => return None,
        // Letters of Latin and Greek lose their accents; in other scripts a mark makes a letter.
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{370}'..='\u{3ff}' => {
            let mut base = None;
            decompose_canonical(c, |part| {
                base.get_or_insert(part);
            });
            base.unwrap_or(c)
        }
        '٠'..='٩' => char::from(b'0' + (c as u32 - '٠' as u32) as u8),
        '۰'..='۹' => char::from(b'0' + (c as u32 - '۰' as u32) as u8),
        '०'..='९' => char::from(b'0' + (c as u32 - '०' as u32) as u8),
        c => c,
    })
}

/// Scripts written without spaces between words: each character is taken for a word.
pub(super) fn alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30a0}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

#[derive(Default)]
struct Reader {
    chars: Vec<char>,
    line: Line,
    quoted: bool,
    mark: Option<Mark>,
}

impl Reader {
    fn at(&self, at: usize) -> char {
        self.chars.get(at).copied().unwrap_or('\0')
    }

    fn run(&mut self) {
        let mut at = 0;
        while at < self.chars.len() {
            if self.line.spans.len() >= MOST_WORDS {
                self.line.cut = true;
                break;
            }
            let c = self.at(at);
            if c == ' ' {
                at += 1;
                continue;
            }
            at = if c.is_ascii_alphabetic() {
                self.letters(at)
            } else if c.is_ascii_digit() || fold_letter(c).is_some_and(|c| c.is_ascii_digit()) {
                self.figure(at, at)
            } else if self.at(at + 1).is_ascii_digit()
                && (currency(c)
                    || (matches!(c, '-' | '−' | '+' | '#')
                        && at.checked_sub(1).is_none_or(|before| self.at(before).is_whitespace())))
            {
                self.figure(at, at + 1)
            } else if alone(c) && c.is_alphanumeric() {
                let start = self.line.text.len();
                if let Some(c) = fold_letter(c) {
                    self.line.text.push(c);
                }
                self.end_word(start, Case::Lower, false);
                at + 1
            } else if c.is_alphanumeric() {
                self.letters(at)
            } else {
                self.punctuation(at)
            };
        }
    }

    fn punctuation(&mut self, at: usize) -> usize {
        let c = self.at(at);
        let before = at.checked_sub(1).map_or(' ', |at| self.at(at));
        let after = self.at(at + 1);
        let spaced = before.is_whitespace() && (after.is_whitespace() || c != '-');
        let mark = match c {
            ',' | '،' | '、' | '，' => Some(Mark::Comma),
            ':' | '：' => Some(Mark::Colon),
            '|' | '｜' | '¦' => Some(Mark::Pipe),
            '—' | '–' | '―' => Some(Mark::Dash),
            '-' if spaced || before == '-' || (before.is_whitespace() && after.is_alphabetic()) => {
                Some(Mark::Dash)
            }
            '.' | '!' | '?' | '…' | ';' | '؛' | '؟' | '。' | '।' => Some(Mark::Stop),
            '(' | '[' | '（' | '【' | ')' | ']' => Some(Mark::Paren),
            '•' | '·' | '»' if !self.quoted && c != '»' => Some(Mark::Bullet),
            '/' if spaced => Some(Mark::Dash),
            _ => None,
        };
        if let Some(mark) = mark {
            self.mark = Some(match (self.mark, mark) {
                (Some(Mark::Pipe), _) => Mark::Pipe,
                (Some(kept @ (Mark::Bullet | Mark::Colon)), _) => kept,
                _ => mark,
            });
        }
        match c {
            '"' => self.quoted = !self.quoted,
            '“' | '«' | '„' | '「' | '『' => self.quoted = true,
            '”' | '»' | '」' | '』' => self.quoted = false,
            // A single quote at the edge of a word quotes.
            '\'' | '‘' | '’' | '`' => {
                let opens = !before.is_alphanumeric() && after.is_alphanumeric();
                self.quoted = opens;
            }
            _ => {}
        }
        at + 1
    }

    /// A figure with its currency, separators, scale and unit.
    fn figure(&mut self, from: usize, mut at: usize) -> usize {
        let start = self.line.text.len();
        if from < at {
            let sign = match self.at(from) {
                '−' => '-',
                c => c,
            };
            if sign != '+' && sign != '#' {
                self.line.text.push(sign);
            }
        }
        let digit = |c: char| fold_letter(c).is_some_and(|c| c.is_ascii_digit());
        while at < self.chars.len() {
            let c = self.at(at);
            if digit(c) {
                self.line.text.extend(fold_letter(c));
            } else if matches!(c, ',' | '٬' | '\'' | '’')
                && digit(self.at(at + 1))
                && digit(self.at(at + 2))
                && digit(self.at(at + 3))
                && !digit(self.at(at + 4))
            {
                // The separator of thousands.
            } else if matches!(c, '.' | ',' | '٫' | ':') && digit(self.at(at + 1)) {
                self.line.text.push(if c == ':' { ':' } else { '.' });
            } else if matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}' | ' ')
                && digit(self.at(at + 1))
                && digit(self.at(at + 2))
                && digit(self.at(at + 3))
                && !digit(self.at(at + 4))
                && !matches!(self.at(at + 4), '.' | ',' | '-' | '%')
                && self.line.text.len() - start <= 3
                && !self.line.text[start..].contains('.')
            {
                // A space for the separator of thousands; it needs a group of at most three before.
            } else {
                break;
            }
            at += 1;
        }
        if self.at(at) == '%' {
            self.line.text.push('%');
            at += 1;
        } else if currency(self.at(at)) {
            let sign = self.at(at);
            self.line.text.insert(start, sign);
            at += 1;
        }
        // A unit grown on: 150bn, 23rd, 12km.
        let unit = self.line.text.len();
        let mut end = at;
        while end < self.chars.len()
            && end - at < 24
            && self.at(end).is_alphabetic()
            && !alone(self.at(end))
        {
            for c in self.at(end).to_lowercase() {
                self.line.text.extend(fold_letter(c));
            }
            end += 1;
        }
        if end == at
            && alone(self.at(at))
            && WORDS.scale(self.at(at).encode_utf8(&mut [0; 4])).is_some()
        {
            self.line.text.push(self.at(at));
            end = at + 1;
        }
        // A scale in the next word: 150 billion, 9 тысяч.
        if self.line.text.len() == unit && self.at(at) == ' ' {
            let mut next = String::new();
            let mut to = at + 1;
            while to < self.chars.len() && next.len() < 24 && self.at(to).is_alphabetic() {
                for c in self.at(to).to_lowercase() {
                    next.extend(fold_letter(c));
                }
                to += 1;
            }
            let roles = WORDS.roles(&next);
            let percent = roles.any(Roles::PERCENT)
                || (next == "per" && self.chars[to..].starts_with(&[' ', 'c', 'e', 'n', 't']));
            if percent {
                self.line.text.push('%');
                end = if next == "per" { to + 5 } else { to };
            } else if WORDS.scale(&next).is_some() && next.len() > 1 {
                self.line.text.push_str(&next);
                end = to;
            }
        }
        self.end_word(start, Case::Lower, false);
        end
    }

    fn letters(&mut self, from: usize) -> usize {
        let start = self.line.text.len();
        // Most words are ASCII letters with nothing to look at after them.
        let run = self.chars[from..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if run > 0 && matches!(self.at(from + run), ' ' | ',' | ':' | '\0') {
            let mut capitals = 0;
            for &c in &self.chars[from..from + run] {
                capitals += usize::from(c.is_ascii_uppercase());
                self.line.text.push(c.to_ascii_lowercase());
            }
            let case = match capitals {
                0 => Case::Lower,
                n if n >= 2 && n == run => Case::Upper,
                _ => Case::Capital,
            };
            if case == Case::Upper && &self.line.text[start..] == "us" {
                self.line.text.push('a');
            }
            self.end_word(start, case, false);
            return from + run;
        }
        let mut at = from;
        let (mut capitals, mut letters, mut possessive) = (0, 0, false);
        let first_capital = self.at(from).is_uppercase();
        let mut dotted = false;
        while at < self.chars.len() {
            let c = self.at(at);
            if c.is_alphanumeric() && !alone(c) {
                letters += 1;
                capitals += usize::from(c.is_uppercase());
                if c.is_ascii() {
                    self.line.text.push(c.to_ascii_lowercase());
                } else {
                    for c in c.to_lowercase() {
                        self.line.text.extend(fold_letter(c));
                    }
                }
            } else if matches!(c, '\'' | '’' | '‘' | '`' | 'ʼ') && self.at(at + 1).is_alphabetic()
            {
                // An ending after the apostrophe that only marks possession goes.
                if self.at(at + 1).eq_ignore_ascii_case(&'s') && !self.at(at + 2).is_alphanumeric()
                {
                    possessive = true;
                    at += 2;
                    break;
                }
            } else if c == '.'
                && letters == 1
                && !dotted
                && self.at(at + 1).is_alphabetic()
                && !self.at(at + 2).is_alphabetic()
            {
                dotted = true;
            } else if c == '.'
                && dotted
                && self.at(at + 1).is_alphabetic()
                && !self.at(at + 2).is_alphabetic()
            {
                // U.S.A.
            } else {
                break;
            }
            at += 1;
        }
        if dotted && self.at(at) == '.' {
            at += 1;
        } else if self.at(at) == '.' && first_capital && at - from <= 5 {
            // Fla., Sen., S.: the dot ends the abbreviation, not the sentence.
            let end = self.chars[at + 1..].iter().position(|c| c.is_alphanumeric());
            let known = matches!(at - from, 1)
                || WORDS
                    .roles(&self.line.text[start..])
                    .any(Roles::TITLE.and(Roles::PLACE).and(Roles::MONTH));
            if end == Some(1) && known {
                at += 1;
            }
        }
        let case = if capitals >= 2 && capitals == letters {
            Case::Upper
        } else if first_capital || capitals > 0 {
            Case::Capital
        } else {
            Case::Lower
        };
        if &self.line.text[start..] == "us" && (case == Case::Upper || dotted) {
            self.line.text.push('a');
        }
        self.end_word(start, case, possessive);
        at
    }

    /// Puts one word in the place of the last one and what follows it.
    fn replace_last(&mut self, one: &str, case: Case, possessive: bool) {
        let Some(span) = self.line.spans.last_mut() else { return };
        self.line.text.truncate(span.start as usize);
        self.line.text.push_str(one);
        span.end = self.line.text.len() as u32;
        let case = case.max(span.flags.case());
        span.flags = Flags::new(case, span.flags.mark(), span.flags.quoted(), possessive);
    }

    /// Ends a word, joining it to the one before where two are read as one.
    fn end_word(&mut self, start: usize, case: Case, possessive: bool) {
        if self.line.text.len() == start {
            return;
        }
        let mark = self.mark.take().unwrap_or(Mark::None);
        if mark == Mark::None
            && let Some(last) = self.line.spans.last()
            && last.end as usize == start
        {
            let first = &self.line.text[last.start as usize..last.end as usize];
            let word = &self.line.text[start..];
            let roles = WORDS.roles(word);
            if roles.any(Roles::SCALE.and(Roles::PERCENT))
                && let Some(value) = WORDS.number(first)
            {
                // "six percent" is 6%, "two million" 2 million.
                let unit = if roles.any(Roles::PERCENT) { "%" } else { word };
                let one = format!("{value}{unit}");
                self.replace_last(&one, case, possessive);
                return;
            }
            if let Some(one) = WORDS.pair(first, &self.line.text[start..]) {
                self.replace_last(one, case, possessive);
                return;
            }
        }
        let flags = Flags::new(case, mark, self.quoted, possessive);
        self.line.spans.push(Span { start: start as u32, end: self.line.text.len() as u32, flags });
    }
}

impl Case {
    fn max(self, other: Case) -> Case {
        if self as u8 >= other as u8 { self } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        Line::read(text).words().map(|(word, _)| word.to_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn drawing_does_not_count() {
        assert_eq!(words("The mayor’s “plan” — 1,200 homes"), "mayor plan 1200 homes");
        assert_eq!(words("BREAKING: U.S. envoy in Port Amal"), "usa envoy in port amal");
        assert_eq!(words("Erdoğan’s São Tomé"), "erdogan sao tome");
        assert_eq!(
            words("235 000 doses, $1.5 billion, 12 percent"),
            "235000 doses $1.5billion 12%"
        );
    }

    #[test]
    fn tails_of_sections_go_but_figures_stay() {
        assert_eq!(
            words("Harbour of Velm reopens after storm | Politics News"),
            "harbour of velm reopens after storm"
        );
        assert_eq!(
            words("Harbour of Velm explained in full | Part 2"),
            "harbour of velm explained in full part 2"
        );
    }

    #[test]
    fn scripts() {
        assert_eq!(
            words("عَاجِل | انفجارٌ في المدينة القديمة اليوم"),
            "انفجار في المدينه القديمه اليوم"
        );
        assert_eq!(words("港口重新开放"), "港 口 重 新 开 放");
        assert_eq!(words("٣ قتلى"), "3 قتلي");
        assert_eq!(words("Ёлка и йод"), "елка и йод");
    }
}
