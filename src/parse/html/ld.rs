//! JSON-LD: what a page's `application/ld+json` scripts say of its article. They are often
//! broken and sometimes about another article, so everything here is tolerant and nothing is
//! believed alone.

use serde_json::{Map, Value};

/// Scripts longer than this are catalogues, not articles.
const MAX_SCRIPT: usize = 2 << 20;

/// How many objects are looked at.
const MAX_OBJECTS: usize = 5_000;

/// Someone a page names as author or publisher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Party {
    /// As written.
    pub(super) name: String,
    /// Named as an organisation.
    pub(super) organisation: bool,
}

/// One update of a live blog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Update {
    /// Its headline, else nothing.
    pub(super) headline: Option<String>,
    /// Its text.
    pub(super) body: Option<String>,
    /// When it was published, as written.
    pub(super) published: Option<String>,
}

/// What the scripts say.
#[derive(Clone, Debug, Default)]
pub(super) struct LinkedData {
    /// The type of the article's object, such as `NewsArticle`.
    pub(super) kind: Option<String>,
    /// It comes from a `WebPage` alone: static pages have that too.
    pub(super) only_page: bool,
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    /// `articleBody`; often cut short.
    pub(super) body: Option<String>,
    pub(super) authors: Vec<Party>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) publisher: Option<String>,
    pub(super) language: Option<String>,
    pub(super) url: Option<String>,
    /// Caption and credit of its pictures.
    pub(super) images: Vec<(Option<String>, Option<String>)>,
    /// Updates of a LiveBlogPosting, in page order.
    pub(super) updates: Vec<Update>,
    /// How many scripts could not be read.
    pub(super) broken: usize,
}

/// Types that are articles, best first.
const ARTICLES: &[&str] = &[
    "LiveBlogPosting",
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "OpinionNewsArticle",
    "BackgroundNewsArticle",
    "AskPublicNewsArticle",
    "ReviewNewsArticle",
    "Report",
    "Article",
    "BlogPosting",
    "TechArticle",
    "ScholarlyArticle",
    "SocialMediaPosting",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "MedicalScholarlyArticle",
    "Review",
    "Recipe",
    "WebPage",
];

/// Reads all scripts of a page. `agrees` tells how well a headline or URL fits the page, to
/// choose among several articles; more is better.
pub(super) fn read(scripts: &[String], agrees: &dyn Fn(&str) -> f32) -> LinkedData {
    let mut broken = 0;
    let values: Vec<Value> = scripts
        .iter()
        .filter_map(|script| {
            let value = parse(script);
            broken += usize::from(value.is_none() && !script.trim().is_empty());
            value.or_else(|| salvage(script))
        })
        .collect();
    let mut objects = Vec::new();
    for value in &values {
        collect(value, &mut objects, 0);
    }
    let by_id = |id: &str| {
        let mut same = objects.iter().filter(|o| text(o.get("@id")).as_deref() == Some(id));
        same.find(|o| o.contains_key("name") || o.contains_key("headline")).copied()
    };
    let rank = |object: &Map<String, Value>| {
        types(object).filter_map(|t| ARTICLES.iter().position(|a| a.eq_ignore_ascii_case(t))).min()
    };
    let fit = |object: &Map<String, Value>| {
        let headline = text(object.get("headline")).or_else(|| text(object.get("name")));
        headline.map_or(0.0, |h| agrees(&h)) + text(object.get("url")).map_or(0.0, |u| agrees(&u))
    };
    let mut found: Vec<(usize, f32, &Map<String, Value>)> =
        objects.iter().filter_map(|o| Some((rank(o)?, fit(o), *o))).collect();
    // Best fit first, then the more telling type; a WebPage only where there is no article.
    let page = ARTICLES.len() - 1;
    found.sort_by(|a, b| {
        (a.0 == page).cmp(&(b.0 == page)).then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    });
    let mut ld = LinkedData { broken, ..LinkedData::default() };
    for (_, _, object) in found.iter().take(4) {
        if ld.kind.is_none() {
            ld.kind = types(object).next().map(str::to_owned);
            ld.only_page = rank(object) == Some(page);
            fill(&mut ld, object, &by_id);
        } else {
            // Another object of the same article fills what is missing.
            let mut more = LinkedData::default();
            fill(&mut more, object, &by_id);
            let same = match (&ld.headline, &more.headline) {
                (Some(a), Some(b)) => super::words::overlap(a, b) > 0.7,
                _ => types(object).any(|t| t == "WebPage"),
            };
            if same {
                ld.published = ld.published.or(more.published);
                ld.headline = ld.headline.or(more.headline);
                ld.modified = ld.modified.or(more.modified);
                ld.description = ld.description.or(more.description);
                ld.body = ld.body.or(more.body);
                ld.language = ld.language.or(more.language);
                ld.publisher = ld.publisher.or(more.publisher);
                if ld.authors.is_empty() {
                    ld.authors = more.authors;
                }
                if ld.keywords.is_empty() {
                    ld.keywords = more.keywords;
                }
                if ld.updates.is_empty() {
                    ld.updates = more.updates;
                }
            }
        }
    }
    if ld.publisher.is_none() {
        let organisation = objects
            .iter()
            .find(|o| types(o).any(|t| t.ends_with("Organization") || t == "WebSite"));
        ld.publisher = organisation.and_then(|o| text(o.get("name")));
    }
    ld
}

fn fill<'v>(
    ld: &mut LinkedData,
    object: &'v Map<String, Value>,
    by_id: &dyn Fn(&str) -> Option<&'v Map<String, Value>>,
) {
    let is_page = types(object).any(|t| t == "WebPage");
    ld.headline = text(object.get("headline"))
        .or_else(|| text(object.get("name")).filter(|_| !is_page))
        .or_else(|| text(object.get("alternativeHeadline")));
    ld.description = text(object.get("description"));
    ld.body = text_of(object.get("articleBody"), true);
    ld.published = text(object.get("datePublished")).or_else(|| text(object.get("dateCreated")));
    ld.modified = text(object.get("dateModified"));
    ld.language = text(object.get("inLanguage"));
    ld.url = text(object.get("url")).or_else(|| match object.get("mainEntityOfPage") {
        Some(Value::Object(page)) => text(page.get("@id")),
        other => text(other),
    });
    ld.publisher = parties(object.get("publisher"), by_id).into_iter().next().map(|p| p.name);
    ld.authors = parties(object.get("author"), by_id);
    if ld.authors.is_empty() {
        ld.authors = parties(object.get("creator"), by_id);
    }
    ld.keywords = match object.get("keywords") {
        Some(Value::Array(all)) => all.iter().filter_map(|k| text(Some(k))).collect(),
        Some(Value::String(all)) => {
            let by = if all.contains(';') { ';' } else { ',' };
            all.split(by).map(clean).filter(|k| !k.is_empty()).collect()
        }
        _ => Vec::new(),
    };
    for image in each(object.get("image")) {
        if let Value::Object(image) = image {
            let credit = text(image.get("creditText"))
                .or_else(|| parties(image.get("author"), by_id).into_iter().next().map(|p| p.name))
                .or_else(|| text(image.get("copyrightHolder")));
            let caption = text(image.get("caption")).or_else(|| text(image.get("description")));
            if caption.is_some() || credit.is_some() {
                ld.images.push((caption, credit));
            }
        }
    }
    for update in each(object.get("liveBlogUpdate")) {
        if let Value::Object(update) = update {
            ld.updates.push(Update {
                headline: text(update.get("headline")).or_else(|| text(update.get("name"))),
                body: text_of(update.get("articleBody"), true)
                    .or_else(|| text(update.get("description"))),
                published: text(update.get("datePublished"))
                    .or_else(|| text(update.get("dateCreated"))),
            });
        }
    }
}

/// The values of a field that may be one or many.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Some(Value::Array(all)) => (None, all.as_slice()),
        other => (other, &[][..]),
    };
    one.into_iter().chain(many)
}

fn parties<'v>(
    value: Option<&'v Value>,
    by_id: &dyn Fn(&str) -> Option<&'v Map<String, Value>>,
) -> Vec<Party> {
    let mut found: Vec<Party> = Vec::new();
    for one in each(value).take(30) {
        let party = match one {
            Value::String(name) => Some(Party { name: clean(name), organisation: false }),
            Value::Object(object) => {
                let whole = match object.get("name") {
                    Some(_) => Some(object),
                    None => text(object.get("@id")).and_then(|id| by_id(&id)).or(Some(object)),
                };
                whole.map(|object| {
                    let organisation = types(object).any(|t| t.ends_with("Organization"));
                    match object.get("name") {
                        // "name": ["A", "B"] names two people.
                        Some(Value::Array(names)) => {
                            let names: Vec<_> =
                                names.iter().filter_map(|n| text(Some(n))).collect();
                            Party { name: names.join("; "), organisation }
                        }
                        name => Party { name: text(name).unwrap_or_default(), organisation },
                    }
                })
            }
            _ => None,
        };
        let admins = ["url", "@id"]
            .iter()
            .any(|at| one.get(at).and_then(Value::as_str).is_some_and(is_admins));
        if let Some(party) = party
            && !party.name.is_empty()
            && !admins
            && !found.contains(&party)
        {
            found.push(party);
        }
    }
    found
}

/// Whether an address is that of the site's administrator among its authors.
pub(super) fn is_admins(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches('/');
    path.ends_with("/author/admin") || path.ends_with("/author/administrator")
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    each(object.get("@type")).filter_map(|t| {
        let name = t.as_str()?;
        Some(name.rsplit(['/', ':', '#']).next().unwrap_or(name))
    })
}

fn collect<'v>(value: &'v Value, to: &mut Vec<&'v Map<String, Value>>, depth: u8) {
    if depth > 4 || to.len() >= MAX_OBJECTS {
        return;
    }
    match value {
        Value::Array(all) => all.iter().for_each(|v| collect(v, to, depth)),
        Value::Object(object) => {
            to.push(object);
            for inner in ["@graph", "mainEntity", "mainEntityOfPage", "author", "publisher"] {
                if let Some(inner) = object.get(inner) {
                    collect(inner, to, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// A string as text: tags and character references out, white space folded, not empty.
fn text(value: Option<&Value>) -> Option<String> {
    text_of(value, false)
}

fn text_of(value: Option<&Value>, lines: bool) -> Option<String> {
    let value = match value? {
        Value::String(s) => s,
        Value::Array(all) => return text_of(all.first(), lines),
        Value::Object(o) => return text_of(o.get("@value").or_else(|| o.get("name")), lines),
        Value::Number(n) => return Some(n.to_string()),
        _ => return None,
    };
    let text = if lines { clean_lines(value) } else { clean(value) };
    (!text.is_empty()).then_some(text)
}

/// Metadata text as a reader would see it: character references decoded (twice, as many sites
/// escape twice), tags taken out, white space folded.
pub(super) fn clean(text: &str) -> String {
    clean_lines(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clean_lines(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..2 {
        if text.contains('&') {
            text = html_escape::decode_html_entities(&text).into_owned();
        }
    }
    if text.contains('<') {
        let mut out = String::with_capacity(text.len());
        for token in super::tokens::Tokens::new(&text) {
            match token {
                super::tokens::Token::Text(t) => out.push_str(t),
                super::tokens::Token::Open(tag) if tag.is("br") || tag.is("p") => out.push('\n'),
                _ => {}
            }
        }
        text = out;
    }
    text.retain(|c| c != '\u{ad}' && (!c.is_control() || matches!(c, '\n' | '\t')));
    text.trim().to_owned()
}

/// Parses a script, mending what sites commonly break: comment and CDATA wrappers, raw line
/// breaks inside strings, trailing commas and semicolons, several objects in a row.
fn parse(script: &str) -> Option<Value> {
    if script.len() > MAX_SCRIPT {
        return None;
    }
    let mut script = script.trim().trim_start_matches('\u{feff}');
    for (open, close) in [("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("<![CDATA[", "]]>")] {
        if let Some(inner) = script.strip_prefix(open) {
            let inner = inner.trim_end();
            script = inner.strip_suffix(close).unwrap_or(inner).trim();
        }
    }
    if let Ok(value) = serde_json::from_str(script) {
        return Some(value);
    }
    let mended = mend(script);
    let mut all = Vec::new();
    for value in serde_json::Deserializer::from_str(&mended).into_iter::<Value>() {
        match value {
            Ok(value) => all.push(value),
            Err(_) => break,
        }
    }
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Value::Array(all)),
    }
}

/// What a script that can't be read says of an article all the same: the fields that stand in it as
/// `"name": "value"`, whatever is broken around them.
fn salvage(script: &str) -> Option<Value> {
    let script = script.get(..MAX_SCRIPT).unwrap_or(script);
    let kind = field(script, "@type").filter(|kind| ARTICLES.contains(kind))?;
    let mut object = Map::new();
    object.insert("@type".to_owned(), kind.into());
    for name in ["headline", "datePublished", "dateModified", "description", "articleBody"] {
        if let Some(value) = field(script, name) {
            object.insert(name.to_owned(), value.into());
        }
    }
    let author = script.find("\"author\"").and_then(|at| script.get(at..));
    let near =
        author.map(|rest| rest.char_indices().nth(400).map_or(rest, |(end, _)| &rest[..end]));
    if let Some(name) = near.and_then(|rest| field(rest, "name")) {
        object.insert("author".to_owned(), name.into());
    }
    Some(Value::Object(object))
}

/// The text of a field. It ends at the quote that something of JSON's follows: quotes within it may
/// stand as they are.
fn field<'s>(script: &'s str, name: &str) -> Option<&'s str> {
    let key = format!("\"{name}\"");
    let rest = &script[script.find(&key)? + key.len()..];
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let ends = |at: &usize| {
        let escaped = value[..*at].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
        let after = value[at + 1..].trim_start();
        !escaped && (after.is_empty() || after.starts_with([',', '}', ']', '"', '/']))
    };
    let end = value.match_indices('"').map(|(at, _)| at).take(2_000).find(ends)?;
    value.get(..end)
}

fn mend(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in script.chars() {
        if in_string {
            match c {
                _ if escaped => {
                    escaped = false;
                    // `\'` and the like are no JSON escapes.
                    if !matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                        out.pop();
                    }
                    out.push(c);
                }
                '\\' => {
                    escaped = true;
                    out.push(c);
                }
                '"' => {
                    in_string = false;
                    out.push(c);
                }
                '\n' => out.push_str("\\n"),
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
            continue;
        }
        match c {
            '"' => in_string = true,
            '}' | ']' => {
                out.truncate(out.trim_end().len());
                if out.ends_with(',') {
                    out.pop();
                }
            }
            ';' => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> LinkedData {
        read(&[script.to_owned()], &|_| 0.0)
    }

    #[test]
    fn a_graph_with_references() {
        let ld = of(r##"{"@graph":[
            {"@type":"WebSite","name":"Harbour Post"},
            {"@type":["Thing","NewsArticle"],"headline":"Ferry &amp;amp; tug collide","author":[{"@id":"#p"}],
             "datePublished":"2031-04-05T06:07:00+02:00","keywords":"ferry, harbour"},
            {"@type":"Person","@id":"#p","name":"Ada Kern"}]}"##);
        assert_eq!(ld.kind.as_deref(), Some("Thing"));
        assert_eq!(ld.headline.as_deref(), Some("Ferry & tug collide"));
        assert_eq!(ld.authors, [Party { name: "Ada Kern".into(), organisation: false }]);
        assert_eq!(ld.keywords, ["ferry", "harbour"]);
        assert_eq!(ld.publisher.as_deref(), Some("Harbour Post"));
    }

    #[test]
    fn broken_scripts_are_mended_or_counted() {
        let ld = of("<!-- {\"@type\":\"Article\",\"headline\":\"Two\nlines \\'quoted\\'\",} ; -->");
        assert_eq!(ld.headline.as_deref(), Some("Two lines 'quoted'"));
        assert_eq!(of("{\"@type\":").broken, 1);
    }

    #[test]
    fn what_is_broken_beyond_mending_is_salvaged() {
        for script in [
            r#"{"@type":"NewsArticle","headline":"The "bell" of the Marisol","author":{"name":"Ada Kern"}}"#,
            r#"{"@type":"NewsArticle","headline":"The \"bell\" of the Marisol" "author":{"name":"Ada Kern"}}"#,
            "{\"@type\":\"NewsArticle\",/* x */\"headline\":\"The 'bell' of the Marisol\",\n// y\n\"author\":[{\"name\":\"Ada Kern\"}]}",
            r#"{"@type":"NewsArticle","headline":"The bell of the Marisol","author":{"name":"Ada Kern"},"image":{"url":"h"#,
        ] {
            let ld = of(script);
            assert!(ld.headline.is_some_and(|h| h.ends_with("of the Marisol")), "{script}");
            assert_eq!(ld.authors.first().map(|a| a.name.as_str()), Some("Ada Kern"), "{script}");
            assert_eq!(ld.broken, 1);
        }
        assert_eq!(of("{\"@type\":\"Product\",\"headline\":\"a").headline, None);
    }

    #[test]
    fn live_updates_keep_their_times() {
        let ld = of(r#"{"@type":"LiveBlogPosting","headline":"Storm","liveBlogUpdate":[
            {"headline":"Bridge closed","datePublished":"2031-04-05T06:07:00Z"}]}"#);
        assert_eq!(ld.updates[0].headline.as_deref(), Some("Bridge closed"));
        assert_eq!(ld.updates[0].published.as_deref(), Some("2031-04-05T06:07:00Z"));
    }
}
