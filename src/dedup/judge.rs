//! Judging one draft against what is in memory.

use jiff::Timestamp;

use super::{
    Decision, Facts, Holding, Memory, Of, Reading, Told, Verdict,
    compare::{articles::stranger, changes::Changes},
    memory::{
        articles::{Known, exact},
        store::Entry,
    },
    read::{line::Line, wording::Wording},
};
use crate::item::{Article, ChangeSize, Draft, EventId, Item, Seq, TickerLine};

/// A cut of an article has at most this share of its text.
const SHORTER: f32 = 0.6;

/// An article is updated at most once in this time, unless a figure changed; microseconds.
const UPDATE_PAUSE: i64 = 5 * 60 * 1_000_000;

impl Memory {
    pub(super) fn judge_ticker(
        &self,
        facts: &Facts<'_>,
        drafts: &[Draft],
        readings: &[Reading],
        at: usize,
        ticker: &TickerLine,
    ) -> Verdict {
        let now = facts.page_time.as_microsecond();
        // Unchanged since it was told: no need to take it apart.
        let unchanged = self.recent.find(&ticker.headline);
        if let Some(number) = unchanged.filter(|&number| self.store.current(number, now)) {
            return self.judge_known(facts, drafts, readings, at, Ok(number));
        }
        if let Some(reading) = readings.get(at) {
            return self.judge_known(facts, drafts, readings, at, Err(&reading.headline));
        }
        let reading = self.last.read(&ticker.headline, self.seed());
        let verdict = self.judge_known(facts, drafts, readings, at, Err(&reading));
        self.last.keep(reading);
        verdict
    }

    /// Judges a line that is known by its writing, or else by its words.
    #[inline]
    fn judge_known(
        &self,
        facts: &Facts<'_>,
        drafts: &[Draft],
        readings: &[Reading],
        at: usize,
        known: Result<u32, &Wording>,
    ) -> Verdict {
        let now = facts.page_time.as_microsecond();
        let wordless = known.is_err_and(|reading| reading.line().wordless);
        let exact = match known {
            Ok(number) => Some(number),
            Err(reading) => self.store.exact(reading, false, now),
        };
        let told = facts.told.get(at).and_then(Option::as_ref);
        // Told from this very page after the key was looked up; or there are no words, so that the
        // key says nothing.
        let newer = exact.filter(|&number| {
            wordless || told.is_some_and(|told| self.store.entry(number).seq > told.seq.0)
        });
        if let Some(number) = newer {
            return self.repeat_of_line(number, now);
        }
        if let Some(told) = told.filter(|_| !wordless) {
            if now - told.last_at.as_microsecond() > self.store.window() {
                return Verdict { resurfaces: Some(told.id), ..Verdict::new("window passed") };
            }
            if self.returned(facts, drafts, readings, at, told) {
                return Verdict { resurfaces: Some(told.id), ..Verdict::new("returned") };
            }
            return self.repeat_of_told(told, exact, now);
        }
        match (exact, known) {
            (Some(number), _) | (None, Ok(number)) => self.repeat_of_line(number, now),
            (None, Err(reading)) => self.judge_words(reading, false, now),
        }
    }

    fn repeat_of_told(&self, told: &Told, exact: Option<u32>, now: i64) -> Verdict {
        let of = self.of(told.id).unwrap_or(Of {
            id: told.id,
            seq: told.seq,
            version: told.version,
            thread: told.thread,
        });
        let line = exact
            .filter(|&number| self.store.entry(number).id == told.id)
            .or_else(|| self.store.event(told.id));
        let due = line.is_some_and(|number| self.due(self.store.entry(number), now));
        Verdict::same_words(Some(of), due)
    }

    #[inline]
    fn repeat_of_line(&self, number: u32, now: i64) -> Verdict {
        let entry = self.store.entry(number);
        Verdict::same_words(self.of_line(entry), self.due(entry, now))
    }

    /// Whether a sighting at this page time is worth a record: at most one a wording in an eighth
    /// of the window.
    #[inline]
    fn due(&self, entry: &Entry, now: i64) -> bool {
        now - entry.last_at >= self.store.window() / 8
    }

    /// The same words have become news again: a later page of the source had dropped the line, and
    /// now it stands above (so, in telling order, after) a line first told after it.
    fn returned(
        &self,
        facts: &Facts<'_>,
        drafts: &[Draft],
        readings: &[Reading],
        at: usize,
        told: &Told,
    ) -> bool {
        let (Some(here), Some(last)) = (told.last_here, facts.last_page) else { return false };
        if here >= last || facts.page_time < last || facts.page_time <= told.last_at {
            return false;
        }
        let now = facts.page_time.as_microsecond();
        drafts[..at].iter().enumerate().any(|(before, draft)| {
            let Item::Ticker(other) = &draft.item else { return false };
            let told_before = facts.told.get(before).and_then(Option::as_ref).map(|t| t.seq.0);
            // What was told from this very page is in memory only.
            let number = match readings.get(before) {
                Some(reading) => self.store.exact(&reading.headline, false, now),
                None => self.store.exact(&Wording::of(&other.headline, self.seed()), false, now),
            };
            let known = number.map(|number| self.store.entry(number).seq);
            known.max(told_before).is_some_and(|seq| seq > told.seq.0)
        })
    }

    /// Judges a line by its words against the lines that share its rarest ones.
    fn judge_words(&self, reading: &Wording, article: bool, now: i64) -> Verdict {
        let line = reading.line();
        let Some((number, ruling)) = self.closest(reading, article, now) else {
            return Verdict::new("first");
        };
        let entry = self.store.entry(number);
        let (mut decision, mut of, mut older) = (ruling.decision, entry.id, false);
        if matches!(decision, Decision::Update | Decision::Related) {
            let latest = self.store.latest(of);
            let told_at =
                self.store.event(latest).map_or(entry.told_at, |n| self.store.entry(n).told_at);
            older = now < told_at;
            if decision == Decision::Update {
                of = latest;
                if older {
                    decision = Decision::Related;
                }
            }
        }
        let change = (decision == Decision::Update).then(|| self.words_changed(of, line)).flatten();
        Verdict {
            decision,
            of: self.of(of),
            score: ruling.score,
            differs: ruling.differs,
            change,
            older,
            alias: decision == Decision::Repeat,
            ..Verdict::new(ruling.rule)
        }
    }

    /// The words that changed from an event's own line to this one. The old words come from the
    /// vocabulary, so they are shown without their capitals and punctuation.
    fn words_changed(&self, of: EventId, line: &Line) -> Option<crate::item::Change> {
        let entry = self.store.entry(self.store.event(of)?);
        let old: Vec<&str> = self.store.spelled(entry).collect();
        let new: Vec<&str> = line.words().map(|(word, _)| word).collect();
        let mut changes = Changes::default();
        changes.compare(&old.join(" "), &new.join(" "));
        let mut change = changes.told();
        if change.size == ChangeSize::Minor {
            change.size = ChangeSize::Edit;
        }
        Some(change)
    }

    fn of(&self, id: EventId) -> Option<Of> {
        self.of_line(self.store.entry(self.store.event(id)?))
    }

    /// The event of a line in memory.
    #[inline]
    fn of_line(&self, entry: &Entry) -> Option<Of> {
        let own = match entry.wording() {
            true => self.store.entry(self.store.event(entry.id)?),
            false => entry,
        };
        Some(Of {
            id: own.id,
            seq: Seq(own.seq),
            version: u32::from(own.version),
            thread: self.store.thread(own),
        })
    }

    pub(super) fn judge_article(
        &self,
        facts: &Facts<'_>,
        at: usize,
        article: &Article,
        reading: Option<&Reading>,
    ) -> Verdict {
        let now = facts.page_time.as_microsecond();
        let horizon = self.store.horizon(Some(now)).unwrap_or(i64::MIN);
        let told = facts.told.get(at).and_then(Option::as_ref);
        let known = reading.and_then(|reading| reading.article.as_ref());
        let text = known.map_or_else(|| exact(article), |known| known.exact);
        // A version told before, letter for letter: the newest, or one that has come back.
        let same = |id: EventId| {
            let number = self.store.event(id)?;
            let within = self.store.entry(number).last_at >= horizon;
            (within && self.articles.get(id)?.is(&text)).then(|| {
                let rule =
                    if self.store.latest(id) == id { "same article" } else { "earlier version" };
                Verdict { rule, holding: Holding::Over, ..self.repeat_of_line(number, now) }
            })
        };
        // Most pages come again unchanged, and then nothing need be searched.
        if let Some(verdict) = told.and_then(|told| same(told.id)) {
            return verdict;
        }
        let read;
        let reading = match reading {
            Some(reading) => reading,
            None => {
                read = Reading::of_article(article, facts.url, self.seed());
                &read
            }
        };
        let Some(new) = &reading.article else { return Verdict::new("first") };
        let mut earlier = self.articles.candidates(new);
        if let Some(told) = told
            && !earlier.contains(&told.id)
        {
            earlier.insert(0, told.id);
        }
        earlier.retain(|&id| {
            self.store.event(id).is_some_and(|n| self.store.entry(n).last_at >= horizon)
        });
        if let Some(verdict) = earlier.iter().find_map(|&id| same(id)) {
            return verdict;
        }
        for &id in &earlier {
            if let Some(verdict) = self.versions(id, new, article, now) {
                return verdict;
            }
        }
        if let Some(told) = told
            && self.store.event(told.id).is_none()
            && now - told.last_at.as_microsecond() > self.store.window()
        {
            return Verdict { resurfaces: Some(told.id), ..Verdict::new("window passed") };
        }
        for &id in &earlier {
            let address = self.articles.get(id).is_some_and(|known| known.meet(new).address);
            if address && let Some(of) = self.of(id) {
                return Verdict {
                    decision: Decision::Related,
                    of: Some(of),
                    ..Verdict::new("same address")
                };
            }
        }
        match &article.headline {
            Some(_) => self.judge_words(&reading.headline, true, now),
            None => Verdict::new("first"),
        }
    }

    /// The verdict where the new article is a version of the one told as `id`.
    fn versions(&self, id: EventId, new: &Known, article: &Article, now: i64) -> Option<Verdict> {
        let met = self.articles.get(id)?.meet(new);
        if !met.same() {
            return None;
        }
        let headline = article.headline.as_deref().unwrap_or("");
        let told = self.articles.get(id)?.text();
        let strange = told.as_deref().and_then(|told| stranger(headline, &article.body, told));
        // Elsewhere, names and figures of the opening tell one article from another, however much
        // of a template they share.
        if !met.address
            && let Some(told) = &told
            && let Some((old_headline, old_body)) = told.split_once('\n')
        {
            let text = format!("{headline}\n{}", article.body);
            if strange.is_some() || stranger(old_headline, old_body, &text).is_some() {
                return None;
            }
        }
        let latest = self.store.latest(id);
        let entry = self.store.entry(self.store.event(latest)?);
        let changes = self.articles.get(latest)?.changes(article);
        let verdict = |decision, rule| Verdict {
            decision,
            of: self.of(latest),
            score: met.contained.max(met.paragraphs),
            ..Verdict::new(rule)
        };
        let repeat = |rule, change| Verdict {
            alias: self.due(entry, now),
            change,
            ..verdict(Decision::Repeat, rule)
        };
        let Some(changes) = changes else {
            // Too long to compare word by word; by paragraphs it is the same article.
            return Some(verdict(Decision::Related, "too long to compare"));
        };
        let as_told = |rule, change| Verdict { holding: Holding::Over, ..repeat(rule, change) };
        if changes.none() {
            return Some(as_told("same article", None));
        }
        if changes.minor() {
            return Some(as_told("minor change", Some(changes.told())));
        }
        // A teaser or what a paywall leaves of it.
        let cut = (headline.len() + 1 + article.body.len()) as f32
            <= SHORTER * self.articles.get(latest)?.size() as f32;
        if cut && strange.is_none() && changes.replaced.is_none() {
            return Some(repeat("shorter cut", None));
        }
        let figure = changes.replaced.clone().or_else(|| changes.figure.clone());
        // On another site: the copy's own frame is no news; a figure put in the place of another is,
        // and so is another beginning.
        let news = changes.replaced.is_some() || changes.lede;
        if !met.address && !news && met.contained >= 0.75 {
            return Some(repeat("same article elsewhere", None));
        }
        let differs = vec![match &figure {
            Some((was, now)) => format!("figure {was} → {now}"),
            None => format!("{} words", changes.words),
        }];
        if now < entry.told_at {
            return Some(Verdict {
                older: true,
                differs,
                ..verdict(Decision::Related, "older version")
            });
        }
        let until = self.articles.get(latest)?.told_at() + UPDATE_PAUSE;
        if figure.is_none() && entry.version > 1 && now < until {
            let until = Timestamp::from_microsecond(until).unwrap_or(Timestamp::MAX);
            let rule = "updated a moment ago";
            return Some(Verdict {
                holding: Holding::Until(until),
                ..repeat(rule, Some(changes.told()))
            });
        }
        let rule = if figure.is_some() { "figure changed" } else { "article changed" };
        Some(Verdict { differs, change: Some(changes.told()), ..verdict(Decision::Update, rule) })
    }
}
