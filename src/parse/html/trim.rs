//! What was taken for the article and is none of it, by where it stands: what no reader sees,
//! dialogs, captions, comments, another article, what closes it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::{
    item::Remark,
    parse::{
        byline::credit,
        date, facts,
        lexicon::{BYLINES, COMMENTS, IMPRINTS, fold},
        pages,
        phrases::{speaks, spoken},
        picture,
        word::Word,
    },
};

use super::{
    block::{Block, Kind},
    body::is_head_matter,
    dom::{Attr, Dom, Name},
    names::{mail, signature},
    words::{Hint, hints},
};

/// What is hidden may be so many times less than what is seen to be left out.
const HIDDEN: u32 = 4;

/// Blocks at the end of a text that may close it, and characters of the longest of them.
const CLOSING: usize = 3;
const CLOSES: u32 = 250;

/// A page as its article is trimmed.
pub(super) struct Trim<'p> {
    pub(super) dom: &'p Dom,
    pub(super) blocks: &'p [Block],
    /// The headline's block.
    pub(super) title: Option<usize>,
    pub(super) captions: &'p BTreeMap<usize, u32>,
    pub(super) language: Option<&'p str>,
}

impl Trim<'_> {
    /// Takes out of `keep` what is no part of the article; remarks on another article.
    pub(super) fn trim(&self, keep: &mut [bool]) -> Option<Remark> {
        self.unseen(keep);
        self.dialogs(keep);
        self.consent(keep);
        for &i in self.captions.keys() {
            keep[i] = false;
        }
        self.comments(keep);
        self.comment_cards(keep);
        let other = self.other_article(keep);
        self.closing(keep);
        self.box_heads(keep);
        other
    }

    fn chars(&self, keep: &[bool], which: impl Fn(usize) -> bool) -> u32 {
        let kept = (0..keep.len()).filter(|&i| keep[i] && which(i));
        kept.map(|i| self.blocks[i].chars).sum()
    }

    /// What is hidden is no text, unless much of it is: then scripts show it.
    fn unseen(&self, keep: &mut [bool]) {
        let seen = |i: usize| self.blocks[i].seen;
        if self.chars(keep, |i| !seen(i)) * HIDDEN < self.chars(keep, seen) {
            for (keep, block) in keep.iter_mut().zip(self.blocks) {
                *keep &= block.seen;
            }
        }
    }

    /// Banners at either end that ask for consent.
    fn consent(&self, keep: &mut [bool]) {
        let kept: Vec<usize> = (0..keep.len()).filter(|&i| keep[i]).collect();
        let texts = || kept.iter().map(|&i| self.blocks[i].text.as_str());
        let facts: Vec<_> = texts().map(facts::of).collect();
        let said: Vec<_> = texts().zip(&facts).map(|(text, facts)| facts.said(text)).collect();
        let rest = pages::without_consent(&said);
        for (nth, &i) in kept.iter().enumerate() {
            keep[i] = rest.contains(&nth);
        }
    }

    /// Headings of boxes that ask for something or point elsewhere, of which nothing else is kept.
    fn box_heads(&self, keep: &mut [bool]) {
        let dom = self.dom;
        let names_box = |x: u32| {
            let of = |attr| hints(dom.node(x).attr(attr).unwrap_or_default());
            let hints = of(Attr::Class).with(of(Attr::Id));
            let boxes = [Hint::Subscribe, Hint::Related, Hint::Ad, Hint::Share];
            boxes.into_iter().any(|hint| hints.has(hint)) && !hints.has(Hint::Body)
        };
        for at in 0..keep.len() {
            if !keep[at] || !matches!(self.blocks[at].kind, Kind::Heading(_)) {
                continue;
            }
            let Some(x) = dom.up(self.blocks[at].node).take(3).find(|&x| names_box(x)) else {
                continue;
            };
            let inside = |i: &usize| dom.holds(x, self.blocks[*i].first);
            let from = self.blocks.partition_point(|b| b.first < x);
            let mut others = (from..keep.len()).take_while(inside).filter(|&i| i != at).peekable();
            keep[at] = others.peek().is_none() || others.any(|i| keep[i]);
        }
    }

    /// What a dialog says, unless it holds the headline or most of the text.
    fn dialogs(&self, keep: &mut [bool]) {
        let dom = self.dom;
        let is_dialog = |x: u32| {
            let node = dom.node(x);
            node.name == Name::Dialog
                || matches!(node.attr(Attr::Role), Some("dialog" | "alertdialog"))
        };
        let holds_title = |x: u32| self.title.is_some_and(|t| dom.holds(x, self.blocks[t].node));
        let said = |i: usize| {
            dom.up(self.blocks[i].node).take(12).any(|x| is_dialog(x) && !holds_title(x))
        };
        if self.chars(keep, said) < self.chars(keep, |i| !said(i)) {
            for (i, keep) in keep.iter_mut().enumerate() {
                *keep = *keep && !said(i);
            }
        }
    }

    /// Whether the text has begun before a block: a paragraph of it stands between the headline
    /// and there.
    fn begun(&self, keep: &[bool], at: usize) -> bool {
        let from = self.title.filter(|&t| t < at).unwrap_or(0);
        (from..at).any(|i| keep[i] && self.blocks[i].chars > 60)
    }

    /// What stands under a heading of readers' comments, if text stands above it.
    fn comments(&self, keep: &mut [bool]) {
        let heads = |b: &Block| {
            if b.chars > 40 {
                return false;
            }
            let text = fold(&b.text);
            let bare = text.trim_matches(|c: char| !c.is_alphabetic());
            let counted = bare.len() < text.len();
            COMMENTS.has(bare) && (matches!(b.kind, Kind::Heading(_)) || counted)
        };
        let Some(text) = (0..keep.len()).find(|&i| keep[i]) else { return };
        for (at, block) in self.blocks.iter().enumerate().skip(text) {
            if !heads(block) || !self.begun(keep, at) {
                continue;
            }
            // A link to the comments may stand between the paragraphs.
            let parent = |i: usize| self.dom.node(self.blocks[i].node).parent;
            let last = (0..at).rev().find(|&i| keep[i]);
            let goes_on = (at + 1..keep.len())
                .any(|i| keep[i] && last.is_some_and(|last| parent(last) == parent(i)));
            if matches!(block.kind, Kind::Heading(_)) && block.links == 0 || !goes_on {
                keep[at..].fill(false);
                return;
            }
        }
    }

    /// Comments that no heading stands over: several elements alike under the text, each of which
    /// begins with a name and a time, and none with a heading.
    fn comment_cards(&self, keep: &mut [bool]) {
        let dom = self.dom;
        let class = |x: u32| (dom.node(x).name, dom.node(x).attr(Attr::Class).unwrap_or(""));
        let mut known: FxHashMap<u32, bool> = FxHashMap::default();
        for at in 0..keep.len() {
            if !keep[at] || !self.begun(keep, at) {
                continue;
            }
            let card = dom.up(self.blocks[at].node).take(5).find(|&card| {
                *known.entry(card).or_insert_with(|| {
                    self.is_comment(card) && {
                        let parent = dom.node(card).parent;
                        let alike = dom.children(parent).filter(|&x| class(x) == class(card));
                        alike.take(6).filter(|&x| self.is_comment(x)).count() >= 2
                    }
                })
            });
            keep[at] = card.is_none();
        }
    }

    fn is_comment(&self, card: u32) -> bool {
        let dom = self.dom;
        let from = self.blocks.partition_point(|b| b.first < card);
        let inside = || self.blocks[from..].iter().take_while(|b| dom.holds(card, b.first)).take(6);
        let Some(opening) = inside().next().filter(|b| b.chars <= 60) else { return false };
        let text = &opening.text;
        let time = match date::find(text, self.language) {
            Some(found) => found.end - found.start,
            None if spoken(text) & speaks::AGO != 0 => 0,
            None => return false,
        };
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let live = dom
            .up(card)
            .take(3)
            .any(|x| hints(dom.node(x).attr(Attr::Class).unwrap_or_default()).has(Hint::Live));
        letters >= 2
            && text.len() > time + 2
            && opening.kind != Kind::Item
            && inside().nth(1).is_some()
            && !live
            && !inside().any(|b| matches!(b.kind, Kind::Heading(_)))
    }

    /// Another article under this one, as pages that load the next one have it: a headline of its
    /// own over a date or byline.
    fn other_article(&self, keep: &mut [bool]) -> Option<Remark> {
        let (dom, blocks) = (self.dom, self.blocks);
        let title = self.title?;
        let own =
            |x: u32| dom.up(x).find(|&x| matches!(dom.node(x).name, Name::Article | Name::Main));
        let home = own(blocks[title].node);
        let at = (title + 1..blocks.len()).find(|&i| {
            let block = &blocks[i];
            // An entry of the article's own stands within what holds its headline.
            let apart =
                own(block.node) != home && !home.is_some_and(|home| dom.holds(home, block.node));
            let level = match block.kind {
                Kind::Heading(1) => true,
                Kind::Heading(2) => apart,
                _ => false,
            };
            level
                && block.chars >= 15
                && block.text != blocks[title].text
                && self.begun(keep, i)
                && blocks[i + 1..].iter().take(3).any(|b| is_head_matter(dom, b, self.language))
                && (i + 1..blocks.len()).any(|j| keep[j])
        })?;
        keep[at..].fill(false);
        let text = format!(
            "another article begins under this one, “{}”: it is left out",
            blocks[at].text.chars().take(80).collect::<String>()
        );
        Some(Remark::page("second-article", text))
    }

    /// Lines at the end that are no text: who reported, signed and edited it, whose it is, the house's
    /// rules, where to read on, whom to follow.
    fn closing(&self, keep: &mut [bool]) {
        let kept: Vec<usize> = (0..keep.len()).filter(|&i| keep[i]).collect();
        for &at in kept.iter().skip(1).rev().take(CLOSING) {
            let text = &self.blocks[at].text;
            let closes = || {
                IMPRINTS.has(&fold(text))
                    || facts::of(text).word != Word::Plain
                    || credit(text).is_some()
                    || signature(text).is_some()
                    || mail(text).is_some()
                    || picture::is_labelled(text)
                    || is_initials(text)
            };
            keep[at] = self.blocks[at].chars > CLOSES || !closes();
        }
    }
}

/// Whether a line is what an agency or a desk signs with: "dpa/kb", "(AFP)".
fn is_initials(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let known = |part: &str| BYLINES.agencies.contains(part);
    !bare.contains(char::is_whitespace)
        && bare.chars().count() <= 20
        && bare.split(['/', '-', ',']).any(known)
}
