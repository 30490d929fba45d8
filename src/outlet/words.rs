//! What is said of an event outside the wire: a headline, who says so, where to read on.

use crate::item::{Event, Item, Shown};

/// Characters of a first sentence that stands for a headline.
const SENTENCE: usize = 160;

/// One line for people: the headline, or the first sentence where the page has none. What page
/// text could steer with is left out.
pub fn headline(event: &Event) -> String {
    title(&event.item)
}

/// The same of what an event tells.
pub fn title(item: &Item) -> String {
    let said = item.headline().filter(|headline| !headline.trim().is_empty());
    let said = match said {
        Some(headline) => headline.to_owned(),
        None => format!("(no headline) {}", sentence(item.body().unwrap_or_default().trim())),
    };
    Shown::prose(said.trim()).to_string()
}

fn sentence(body: &str) -> String {
    let end = body
        .char_indices()
        .find(|(at, c)| matches!(c, '.' | '!' | '?' | '؟' | '。' | '\n') && *at > 30)
        .map_or(body.len(), |(at, c)| at + c.len_utf8());
    shorten(body[..end].trim(), SENTENCE)
}

/// So many characters, the last a `…` where there are more.
pub fn shorten(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(characters - 1).map_or(text.len(), |(at, _)| at);
            format!("{}…", text[..end].trim_end())
        }
    }
}

/// Who says so, most exact first and each once: the speaker, whom the text is credited to, who
/// published it.
pub fn sources(event: &Event) -> Vec<String> {
    let credited = match &event.item {
        Item::Ticker(line) => line.attribution.as_deref(),
        Item::Article(article) => article.credit.as_deref(),
    };
    let mut sources: Vec<String> = Vec::new();
    for name in [credited, event.source.label()].into_iter().flatten() {
        let name = Shown::prose(name.trim()).to_string();
        if !name.is_empty() && !sources.contains(&name) {
            sources.push(name);
        }
    }
    sources
}

/// Where it can be read on the web, if that is known.
pub fn link(event: &Event) -> Option<&str> {
    let own = match &event.item {
        Item::Ticker(_) => None,
        Item::Article(article) => article.url.as_deref(),
    };
    [own, event.page.url.as_deref()].into_iter().flatten().find(|link| safe(link))
}

/// Whether an address may stand where people click: it is one of the web, and nothing in it ends
/// the place where it stands.
fn safe(link: &str) -> bool {
    let web = link.starts_with("https://") || link.starts_with("http://");
    web && !link.chars().any(|c| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c))
}

/// The body's paragraphs without what they could steer with.
pub fn paragraphs(event: &Event) -> impl Iterator<Item = String> {
    let body = event.item.body().unwrap_or_default();
    body.split("\n\n").map(|it| Shown::prose(it.trim()).to_string()).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Article, EventId, PageHash, PageRef, Seq, Source, TickerLine};

    fn event(item: Item) -> Event {
        let page = PageRef::new("a.txt", PageHash::of(b"a"), jiff::Timestamp::UNIX_EPOCH);
        Event::new(Seq(1), EventId([1; 16]), item, page)
    }

    #[test]
    fn what_has_no_headline_shows_its_first_sentence() {
        let body = "The harbour of Port Amal was closed on Monday. Ferries wait.".to_owned();
        let article = Article { body, ..Article::default() };
        let event = event(Item::Article(Box::new(article)));
        let shown = "(no headline) The harbour of Port Amal was closed on Monday.";
        assert_eq!(headline(&event), shown);
    }

    #[test]
    fn sources_stand_once_and_steer_nothing() {
        let line = TickerLine {
            headline: "Harbour Daily: ferry\u{202e} aground\u{1b}[2J".into(),
            attribution: Some("Harbour Daily".into()),
            ..TickerLine::default()
        };
        let source = Source { name: Some("Harbour Daily".into()), host: None };
        let event = Event { source, ..event(Item::Ticker(line)) };
        assert_eq!(sources(&event), ["Harbour Daily"]);
        assert_eq!(headline(&event), "Harbour Daily: ferry aground[2J");
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        let link_of = |url: &str| {
            let article = Article { url: Some(url.into()), ..Article::default() };
            link(&event(Item::Article(Box::new(article)))).is_some()
        };
        assert!(link_of("https://courier.example/a?b=c&d=e#f"));
        for bad in ["javascript:alert(1)", "https://a.example/\"><b>", "https://a.example/|x>"] {
            assert!(!link_of(bad), "{bad}");
        }
    }
}
