//! Text → words.

use unicode_normalization::UnicodeNormalization;

use super::{
    figures::currency,
    frame::unframed,
    letters::{alone, binds, fold_letter, invisible, settled},
    line::{Case, Flags, Line, MOST_WORDS, Mark, Span},
    roles::Roles,
    words::WORDS,
};

/// Takes lines apart, one after the other, in buffers that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    chars: Vec<char>,
    /// The line read last.
    pub(crate) line: Line,
    /// The line's text begins with the whole of it in lower case: most words are only pointed to.
    whole: bool,
    quoted: bool,
    mark: Option<Mark>,
}

impl Reader {
    /// Takes a text apart.
    pub(crate) fn read(&mut self, text: &str) {
        let text = &*unframed(text);
        self.chars.clear();
        self.line.clear();
        self.whole = text.is_ascii();
        (self.quoted, self.mark) = (false, None);
        if self.whole {
            self.chars.extend(text.bytes().map(char::from));
            self.line.text.push_str(text);
            self.line.text.make_ascii_lowercase();
        } else if text.chars().all(settled) {
            self.chars.extend(text.chars());
        } else {
            self.chars.extend(text.nfkc().filter(|&c| !invisible(c)));
        }
        self.run();
        self.line.finish(text);
    }

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
                    || c == '%'
                    || (matches!(c, '-' | '−' | '+' | '#')
                        && at.checked_sub(1).is_none_or(|before| self.at(before).is_whitespace())))
            {
                self.figure(at, at + 1)
            } else if let Some((signs, one)) = WORDS.phrase(&self.chars[at..]).filter(|_| alone(c))
            {
                let start = self.line.text.len();
                self.line.text.push_str(one);
                self.end_word(start, Case::Lower, false);
                at + signs
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
            '(' | '[' | '（' | '【' | ')' | ']' | '）' | '】' => Some(Mark::Paren),
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
        if from == at
            && let Some(end) = self.date(at)
        {
            return end;
        }
        let percent = self.percent_before() || (from < at && self.at(from) == '%');
        let start = self.line.text.len();
        if from < at {
            let sign = match self.at(from) {
                '−' => '-',
                c => c,
            };
            if !matches!(sign, '+' | '#' | '%') {
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
        if percent {
            self.line.text.push('%');
        } else if self.at(at) == '%' {
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
        if end == at && alone(self.at(at)) && self.scale(at).is_some() {
            end = self.parted(start, at);
        }
        // A scale in the next word: 150 billion, 9 тысяч.
        if self.line.text.len() == unit && matches!(self.at(at), ' ' | '-') {
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

    /// Takes back a word for percent that stands before its figure: "yüzde 40".
    fn percent_before(&mut self) -> bool {
        let Some(last) = self.line.spans.last() else { return false };
        let word = &self.line.text[last.start as usize..last.end as usize];
        let found = self.mark.is_none() && WORDS.roles(word).any(Roles::PERCENT);
        if found {
            self.mark = Some(last.flags.mark()).filter(|&mark| mark != Mark::None);
            self.line.spans.pop();
        }
        found
    }

    /// What a sign multiplies the figure before it by.
    fn scale(&self, at: usize) -> Option<f64> {
        WORDS.scale(fold_letter(self.at(at))?.encode_utf8(&mut [0; 4]))
    }

    /// A sign that multiplies the figure written before it; what is left over may follow: 1万2000.
    fn parted(&mut self, start: usize, at: usize) -> usize {
        let rest = &self.chars[at + 1..];
        let digits: String =
            rest.iter().map_while(|&c| fold_letter(c).filter(char::is_ascii_digit)).collect();
        let whole = self.line.text[start..].parse::<f64>().ok();
        if let (Some(whole), Some(factor), Ok(left)) =
            (whole, self.scale(at), digits.parse::<f64>())
            && left < factor
        {
            self.line.text.truncate(start);
            self.line.text += &(whole * factor + left).to_string();
            return at + 1 + digits.len();
        }
        self.line.text.extend(fold_letter(self.at(at)));
        at + 1
    }

    /// A date in figures, as its words: 25/11/1998 is 25 november 1998. Which of two figures is the
    /// month must be beyond doubt.
    fn date(&mut self, from: usize) -> Option<usize> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let number = |at: usize, most: usize| {
            let digits = self.chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
            let text: String = self.chars[at..at + digits].iter().collect();
            (1..=most).contains(&digits).then(|| (text.parse::<usize>().ok(), at + digits))
        };
        let (first, end) = number(from, 2)?;
        let sep = self.at(end);
        if !matches!(sep, '/' | '.') {
            return None;
        }
        let (second, end) = number(end + 1, 2)?;
        let (mut year, mut stop) = (None, end);
        if self.at(end) == sep
            && let Some((Some(value), after)) = number(end + 1, 4)
            && after == end + 5
        {
            (year, stop) = (Some(value), after);
        }
        let (first, second) = (first?, second?);
        let (day, month) = match (first, second, sep) {
            (day, month, '/') if day > 12 && month <= 12 => (day, month),
            (month, day, '/') if day > 12 && month <= 12 => (day, month),
            (day, month, '.') if year.is_some() && month <= 12 => (day, month),
            _ => return None,
        };
        let bare = !self.at(stop).is_alphanumeric() && !matches!(self.at(stop), '/' | '%' | '-');
        if !bare || !(1..=31).contains(&day) || month == 0 {
            return None;
        }
        let words = [
            Some(day.to_string()),
            Some(MONTHS[month - 1].to_owned()),
            year.map(|y| y.to_string()),
        ];
        for word in words.into_iter().flatten() {
            let start = self.line.text.len();
            self.line.text.push_str(&word);
            self.end_word(start, Case::Lower, false);
        }
        Some(stop)
    }

    fn letters(&mut self, from: usize) -> usize {
        let start = self.line.text.len();
        // Most words are ASCII letters with nothing to look at after them.
        let run = self.chars[from..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if run > 0 && matches!(self.at(from + run), ' ' | ',' | ':' | '\0') {
            let letters = &self.chars[from..from + run];
            let capitals = letters.iter().filter(|c| c.is_ascii_uppercase()).count();
            if !self.whole {
                self.line.text.extend(letters.iter().map(char::to_ascii_lowercase));
            }
            let case = match capitals {
                0 => Case::Lower,
                n if n >= 2 && n == run => Case::Upper,
                _ => Case::Capital,
            };
            if case == Case::Upper && matches!(letters, ['U', 'S']) {
                self.line.text.truncate(start);
                self.line.text.push_str("usa");
                self.end_word(start, case, false);
            } else if self.whole {
                self.end_span(from, from + run, case, false);
            } else {
                self.end_word(start, case, false);
            }
            return from + run;
        }
        let mut at = from;
        let (mut capitals, mut letters, mut possessive) = (0, 0, false);
        let mut first_capital = self.at(from).is_uppercase();
        let mut dotted = false;
        while at < self.chars.len() {
            let c = self.at(at);
            if (c.is_alphanumeric() || binds(c)) && !alone(c) {
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
                // "L'Otan", "dell'Opera": an article or preposition that has lost its vowel.
                if self.at(at + 3).is_alphabetic() && WORDS.elided(&self.line.text[start..]) {
                    self.line.text.truncate(start);
                    (capitals, letters) = (0, 0);
                    first_capital = self.at(at + 1).is_uppercase();
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
        span.start = self.line.text.len() as u32;
        self.line.text.push_str(one);
        span.end = self.line.text.len() as u32;
        let case = case.max(span.flags.case());
        span.flags = Flags::new(case, span.flags.mark(), span.flags.quoted(), possessive);
    }

    /// Ends the word that was written last, from `start` on.
    fn end_word(&mut self, start: usize, case: Case, possessive: bool) {
        self.end_span(start, self.line.text.len(), case, possessive);
    }

    /// Ends a word, joining it to the one before where two are read as one.
    fn end_span(&mut self, start: usize, end: usize, case: Case, possessive: bool) {
        if start == end {
            return;
        }
        let mark = self.mark.take().unwrap_or(Mark::None);
        if mark == Mark::None
            && let Some(last) = self.line.spans.last()
        {
            let first = &self.line.text[last.start as usize..last.end as usize];
            let word = &self.line.text[start..end];
            if WORDS.scales(word)
                && let Some(value) = WORDS.number(first)
            {
                // "six percent" is 6%, "two million" 2 million.
                let percent = WORDS.roles(word).any(Roles::PERCENT);
                let one = format!("{value}{}", if percent { "%" } else { word });
                self.replace_last(&one, case, possessive);
                return;
            }
            if let Some(one) = WORDS.pair(first, word) {
                self.replace_last(one, case, possessive);
                return;
            }
        }
        let flags = Flags::new(case, mark, self.quoted, possessive);
        self.line.spans.push(Span { start: start as u32, end: end as u32, flags });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut reader = Reader::default();
        reader.read(text);
        reader.line.words().map(|(word, _)| word.to_owned()).collect::<Vec<_>>().join(" ")
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
