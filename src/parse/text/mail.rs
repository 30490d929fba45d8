//! The head of a mail ("From: …", "Subject: …", "Date: …") over a newsletter or a release.

use crate::{
    item::CreditFrom,
    parse::{byline, date, layout::Fields, words::MAIL},
};

use super::{Draught, line::Line};

/// Printed lines at the top of the page among which the head stands.
const REACH: usize = 12;

/// The head of a mail.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// 0-based line of the subject, whose text is the subject alone.
    pub(super) subject: usize,
    /// The other lines of the head.
    pub(super) others: Vec<usize>,
    from: Option<Sender>,
    date: Option<String>,
}

/// Who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sender {
    name: String,
    /// The address is the sender's own house: "Harbour Herald <news@harbour-herald.example>".
    house: bool,
}

/// Reads the head of a mail that opens the page: a subject, and who sent it or when.
pub(super) fn head(text: &str, lines: &mut [Line]) -> Option<Mail> {
    let (mut subject, mut others) = (None, Vec::new());
    let (mut from, mut date) = (None, None);
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_blank()).take(REACH) {
        let printed = text.get(line.range.clone()).unwrap_or_default();
        let Some((name, value)) = printed.split_once([':', '：']) else {
            if others.is_empty() && subject.is_none() { continue } else { break }
        };
        let name = name.trim().trim_matches('*').to_lowercase();
        let (is, value) = (|names: &[String]| names.contains(&name), value.trim());
        if is(&MAIL.subject) {
            subject.get_or_insert((at, own_subject(value).len()));
            continue;
        } else if is(&MAIL.from) {
            from.get_or_insert_with(|| sender(value));
        } else if is(&MAIL.date) {
            date.get_or_insert_with(|| value.to_owned());
        } else if !is(&MAIL.other) {
            if others.is_empty() && subject.is_none() { continue } else { break }
        }
        others.push(at);
    }
    let (subject, length) = subject?;
    if from.is_none() && date.is_none() {
        return None;
    }
    let line = lines.get_mut(subject).filter(|_| length > 0)?;
    line.range.start = line.range.end - length;
    Some(Mail { subject, others, from, date })
}

/// The subject without what says that the mail answers or passes on another.
fn own_subject(mut subject: &str) -> &str {
    while let Some((before, value)) = subject.split_once([':', '：'])
        && MAIL.again.contains(&before.to_lowercase())
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

impl Mail {
    /// Writes who sent it and when into `fields`: a person wrote it, anybody else is credited.
    pub(super) fn tell(&self, page: &Draught, fields: &mut Fields) {
        let language = page.site.as_ref().and_then(|site| site.language.as_deref());
        if let Some(raw) = &self.date
            && let Some(found) = date::find(raw, language)
        {
            fields.published = Some((found.time, raw.clone()));
        }
        match &self.from {
            Some(Sender { name, house: false }) if byline::is_name(name) => {
                fields.byline = byline::clean(name);
            }
            Some(Sender { name, .. }) if !name.is_empty() => {
                fields.credit = Some((name.clone(), CreditFrom::Line));
            }
            _ => {}
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
        assert_eq!((mail.subject, mail.others.as_slice()), (2, &[0, 1, 3][..]));
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
}
