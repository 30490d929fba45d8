//! Lines at a page's top that say what follows: the head of a mail ("From: …", "Subject: …"), front
//! matter between rules of dashes, the labels that extractors print ("Title: …", "Author: …").

use crate::{
    item::CreditFrom,
    parse::{byline, clues::Clues, date, facts, layout::Fields, lexicon::FRONT},
};

use super::{Draught, line::Line};

/// Printed lines at the top of the page among which a head stands that no rules divide off.
const REACH: usize = 12;

/// Lines of front matter at most.
const MOST: usize = 60;

/// What the lines say.
#[derive(Clone, Debug, Default)]
pub(super) struct Front {
    /// 0-based line of the headline, whose text is the headline alone.
    pub(super) subject: Option<usize>,
    /// The other lines of the head.
    pub(super) others: Vec<usize>,
    /// They are not a mail's: the date is the article's own.
    matter: bool,
    from: Option<Sender>,
    author: Option<String>,
    date: Option<String>,
    pub(super) url: Option<String>,
    pub(super) site: Option<String>,
    summary: Option<String>,
    tags: Option<String>,
}

/// Who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sender {
    name: String,
    /// The address is the sender's own house: "Harbour Herald <news@harbour-herald.example>".
    house: bool,
}

/// Reads what opens the page: a headline, and at least one thing more.
pub(super) fn head(text: &str, lines: &mut [Line]) -> Option<Front> {
    let at = |lines: &[Line], at: usize| -> &str {
        lines.get(at).and_then(|l| text.get(l.range.clone())).unwrap_or_default()
    };
    let printed: Vec<usize> =
        (0..lines.len()).filter(|&at| !lines[at].is_blank()).take(MOST).collect();
    // Of YAML or, with another rule and another sign between name and value, of TOML.
    let is_rule = |at: &str| {
        at.len() >= 3 && (at.bytes().all(|b| b == b'-') || at.bytes().all(|b| b == b'+'))
    };
    let opened = printed.first().is_some_and(|&first| is_rule(at(lines, first)));
    let toml = opened && printed.first().is_some_and(|&first| at(lines, first).starts_with('+'));
    let closed = printed.iter().skip(1).position(|&line| is_rule(at(lines, line)));
    let mut front = Front::default();
    let (mut subject, mut list) = (None, None::<List>);
    let ruled = opened.then_some(closed).flatten().map(|end| end + 1);
    let within = printed.iter().take(ruled.map_or(REACH, |end| end));
    for &line in within.skip(usize::from(ruled.is_some())) {
        let printed = at(lines, line);
        if let (Some(list), true) = (list, lines[line].bullet || printed.starts_with("- ")) {
            front.add(list, printed.trim_start_matches("- "));
            front.others.push(line);
            continue;
        }
        let begun = !front.others.is_empty() || subject.is_some();
        let known = printed
            .split_once(if toml { &['='][..] } else { &[':', '：'] })
            .map(|(name, value)| (name.trim().trim_matches('*').to_lowercase(), bare(value)));
        let Some((name, value)) = known.filter(|(name, _)| !name.contains("//")) else {
            if ruled.is_some() || !begun { continue } else { break }
        };
        let is = |names: &[String]| names.contains(&name);
        list = None;
        if is(&FRONT.subject) {
            let headline = own_subject(value);
            let start = printed.find(headline).unwrap_or(0);
            subject.get_or_insert((line, start, headline.len()));
            front.matter |= !MAILS.contains(&name.as_str());
            continue;
        } else if is(&FRONT.author) {
            front.author.get_or_insert_with(|| value.to_owned());
            list = value.is_empty().then_some(List::Authors);
        } else if is(&FRONT.from) {
            front.from.get_or_insert_with(|| sender(value));
        } else if is(&FRONT.date) {
            front.date.get_or_insert_with(|| value.to_owned());
        } else if is(&FRONT.url) && value.contains("://") {
            front.url.get_or_insert_with(|| value.to_owned());
        } else if is(&FRONT.site) {
            front.site.get_or_insert_with(|| value.to_owned());
        } else if is(&FRONT.summary) {
            front.summary.get_or_insert_with(|| value.to_owned());
        } else if is(&FRONT.tags) {
            front.tags.get_or_insert_with(|| value.to_owned());
            list = value.is_empty().then_some(List::Tags);
        } else if !is(&FRONT.other) && ruled.is_none() {
            if begun { break } else { continue }
        }
        front.others.push(line);
    }
    let says = front.from.is_some() || front.author.is_some() || front.date.is_some();
    if !(says || front.url.is_some() && subject.is_some()) || subject.is_none() && ruled.is_none() {
        return None;
    }
    front.matter |= ruled.is_some();
    if let Some(end) = ruled {
        front.others.extend(printed.first().into_iter().chain(printed.get(end)));
    }
    if let Some((line, start, length)) = subject.filter(|(_, _, length)| *length > 0) {
        let Line { range, facts, .. } = &mut lines[line];
        *range = range.start + start..range.start + start + length;
        *facts = facts::of(text.get(range.clone()).unwrap_or_default());
        front.subject = Some(line);
    } else if ruled.is_none() {
        return None;
    }
    Some(front)
}

/// Names of a mail's subject in English: what calls it otherwise is no mail for that.
const MAILS: [&str; 2] = ["subject", "betreff"];

/// A field whose values stand in lines of their own.
#[derive(Clone, Copy)]
enum List {
    Authors,
    Tags,
}

/// A value without the quotes and brackets of front matter.
fn bare(value: &str) -> &str {
    let value = value.trim();
    let inside = value.strip_prefix('[').and_then(|inside| inside.strip_suffix(']'));
    let value = inside.unwrap_or(value);
    for quote in ['"', '\''] {
        if let Some(inside) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            && !inside.contains(quote)
        {
            return inside;
        }
    }
    value
}

/// The subject without what says that the mail answers or passes on another.
fn own_subject(mut subject: &str) -> &str {
    while let Some((before, value)) = subject.split_once([':', '：'])
        && FRONT.again.contains(&before.to_lowercase())
    {
        subject = value.trim();
    }
    subject
}

fn sender(from: &str) -> Sender {
    let (name, address) = from.split_at(from.find(['<', '[']).unwrap_or(from.len()));
    let name = name.trim().trim_matches(['"', '\'']);
    let domain = address.split_once('@').map_or("", |(_, domain)| domain).to_lowercase();
    let house = name
        .split_whitespace()
        .any(|word| word.chars().count() >= 4 && domain.contains(&word.to_lowercase()));
    Sender { name: if name.contains('@') { "" } else { name }.to_owned(), house }
}

impl Front {
    fn add(&mut self, to: List, value: &str) {
        let field = match to {
            List::Authors => &mut self.author,
            List::Tags => &mut self.tags,
        };
        let all = field.get_or_insert_default();
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(bare(value));
    }

    /// The date that the head gives is the article's own, whatever is printed besides.
    pub(super) fn dates(&self) -> bool {
        self.matter && self.date.is_some()
    }

    /// Writes what the head says into `fields`. A person who sent a mail wrote it, anybody else is
    /// credited.
    pub(super) fn tell(&self, page: &Draught, fields: &mut Fields, clues: &Clues) {
        if let Some(raw) = &self.date
            && let Some(found) = date::find(raw, page.locale())
        {
            clues.note("published", "the page's head", None, true, || raw.clone());
            fields.published = Some((found.time, raw.clone()));
        }
        fields.standfirst.clone_from(&self.summary);
        let tags = self.tags.as_deref().unwrap_or_default().split([',', ';']).map(bare);
        fields.keywords = tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let authors = self
            .author
            .as_deref()
            .map(|all| all.split([',', ';']).map(bare).collect::<Vec<_>>().join(", "));
        fields.byline = authors.and_then(|all| byline::clean(&all));
        match &self.from {
            Some(Sender { name, house: false }) if byline::is_name(name) => {
                fields.byline = fields.byline.take().or_else(|| byline::clean(name));
            }
            Some(Sender { name, .. }) if !name.is_empty() => {
                fields.credit = Some((name.clone(), CreditFrom::Line));
            }
            _ => {}
        }
        if let Some(name) = &fields.byline {
            clues.note("byline", "the page's head", None, true, || name.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::text::line;

    #[test]
    fn a_mails_head_is_read() {
        let page = "From: \"Harbour Herald\" <news@harbour.example>\nTo: readers\nSubject: Fwd: RE: Ferry docks: all safe\nDate: Sat, 7 Feb 2026 06:10:00 +0000\n\nText";
        let mut lines = line::lines(page, &[]).0;
        let mail = head(page, &mut lines).unwrap();
        assert_eq!((mail.subject, mail.others.as_slice()), (Some(2), &[0, 1, 3][..]));
        assert_eq!(page.get(lines[2].range.clone()), Some("Ferry docks: all safe"));
        assert_eq!(mail.from, Some(Sender { name: "Harbour Herald".to_owned(), house: true }));
        assert!(!sender("Orla Venn <orla.venn@herald.example>").house);
        let page = "发件人：海港先驱报\n主题：转发：渡轮已抵达港口\n\n正文";
        let mut lines = line::lines(page, &[]).0;
        assert_eq!(head(page, &mut lines).unwrap().others, [0]);
        assert_eq!(page.get(lines[1].range.clone()), Some("渡轮已抵达港口"));
        let page = "Subject: Ferry docks\n\nThe ferry has docked.";
        assert!(head(page, &mut line::lines(page, &[]).0).is_none());
    }

    #[test]
    fn front_matter_and_labels_are_read() {
        let read = |page: &str| {
            let mut lines = line::lines(page, &[]).0;
            let front = head(page, &mut lines)?;
            let headline = front.subject.and_then(|at| page.get(lines[at].range.clone()));
            Some((headline.map(str::to_owned), front))
        };
        let page = "---\ntitle: \"Ferry docks: all safe\"\nlayout: post\nauthors:\n  - Orla Venn\n  - Mia Kern\ndate: 2031-05-03\ntags: [ferry, 'Port Aldine']\n---\n# Ferry docks\n\nText";
        let (headline, front) = read(page).unwrap();
        assert_eq!(headline.as_deref(), Some("Ferry docks: all safe"));
        assert_eq!(front.author.as_deref(), Some("Orla Venn, Mia Kern"));
        assert_eq!(front.tags.as_deref(), Some("ferry, 'Port Aldine'"));
        assert!(front.dates());
        let page = "Titel: Fähre legt an\nAutor: Mia Kern\nURL: https://aldorf.example/f\n\nText";
        let (headline, front) = read(page).unwrap();
        assert_eq!(headline.as_deref(), Some("Fähre legt an"));
        assert_eq!(front.url.as_deref(), Some("https://aldorf.example/f"));
        let page = "+++\ntitle = \"Ferry docks\"\nauthors = ['Orla Venn']\ndate = 2031-05-03T10:00:00Z\n+++\n\nText";
        let (headline, front) = read(page).unwrap();
        assert_eq!(headline.as_deref(), Some("Ferry docks"));
        assert_eq!(front.author.as_deref(), Some("Orla Venn"));
        assert!(front.dates());
        // A rule over a text opens no front matter.
        assert!(read("---\n\nThe ferry has docked.\n\n---\n\nText").is_none());
        assert!(read("Title: a word that heads a line\n\nText").is_none());
    }
}
