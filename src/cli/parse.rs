//! `flashwire parse`: what a page would tell, without telling it.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use anstream::stdout;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Failure, line};
use crate::{
    item::{Article, Image, Item, Outcome, PageHash, Rejection, Shown},
    page::{Format, Meta, Page, PageName},
    parse::{Account, Clue, Parsed, explain, lay_out},
};

/// Arguments of `flashwire parse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object a page.
    #[arg(long)]
    json: bool,
    /// Try a site file: a TOML file as in config/sites.
    #[arg(long, value_name = "FILE.toml")]
    site: Vec<PathBuf>,
    /// A TOML file whose `sites` folder is used, too.
    #[arg(long, env = "FLASHWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the whole body, the clues that were weighed for each field, and every line with its
    /// odds of being the article's and what it was taken for.
    #[arg(long, short, conflicts_with = "json")]
    verbose: bool,
    /// Saved pages: text exports or HTML, also .gz and .zst; `-` reads one from stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// A page is read up to this size, before and after inflating.
const LIMIT: u64 = 16 << 20;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut sites = super::sites::load(&super::config::load(args.config.as_deref())?.sites)?;
    for file in &args.site {
        super::sites::add(&mut sites, file)?;
    }
    let mut unread = 0;
    for file in &args.files {
        let page = read(file);
        let (parsed, why) = match &page {
            Ok(page) if args.verbose => {
                let (sheet, why) = explain(page, &sites);
                (sheet.finish(None), why)
            }
            Ok(page) => (lay_out(page, &sites).finish(None), Account::default()),
            Err(rejection) => {
                unread += 1;
                (Parsed::rejected(rejection.clone()), Account::default())
            }
        };
        let written = if args.json {
            line::write_json(&as_json(file, &parsed).to_string())
        } else {
            let shown = page.as_ref().ok().filter(|_| args.verbose);
            let text = shown.map(|page| String::from_utf8_lossy(&page.bytes));
            let whole = text.as_deref().map(|text| (text, &why));
            account(&mut stdout().lock(), file, &parsed, whole)
        };
        written.map_err(Failure::output)?;
    }
    match unread {
        0 => Ok(()),
        n => {
            Err(Failure::error(format!("{n} of {} files can't be read as pages", args.files.len())))
        }
    }
}

/// Reads a page from stdin; what it begins with says of which kind it is.
fn stdin() -> Result<Page, Rejection> {
    let bytes = at_most(std::io::stdin().lock(), Path::new("-"))?;
    let html = bytes.trim_ascii_start().starts_with(b"<");
    let (name, format) =
        if html { ("stdin.html", Format::Html) } else { ("stdin.txt", Format::Text) };
    let seen = Timestamp::now();
    Ok(Page {
        name: PageName::new(name.as_bytes()),
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        format,
        modified: seen,
        seen,
        meta: Meta::default(),
    })
}

/// Reads a file as the daemon would.
fn read(file: &Path) -> Result<Page, Rejection> {
    if file == Path::new("-") {
        return stdin();
    }
    let name = PageName::new(file.file_name().unwrap_or(file.as_os_str()).as_bytes());
    let Some(format) = name.format() else {
        return Err(Rejection::new(
            Outcome::Unsupported,
            format!(
                "{}: flashwire takes .txt, .html, .htm and .xhtml, each also as .gz and .zst",
                Shown::exact(file.display())
            ),
        ));
    };
    let unreadable = |error: std::io::Error| {
        Rejection::new(Outcome::Unreadable, format!("{}: {error}", Shown::exact(file.display())))
    };
    let raw = at_most(std::fs::File::open(file).map_err(unreadable)?, file)?;
    let hash = PageHash::of(&raw);
    let lower = name.as_bytes().to_ascii_lowercase();
    let bytes = if lower.ends_with(b".gz") {
        at_most(flate2::read::MultiGzDecoder::new(raw.as_slice()), file)?
    } else if lower.ends_with(b".zst") {
        at_most(zstd::stream::read::Decoder::new(raw.as_slice()).map_err(unreadable)?, file)?
    } else {
        raw
    };
    let seen = Timestamp::now();
    let modified = std::fs::metadata(file)
        .and_then(|stat| stat.modified())
        .ok()
        .and_then(|at| Timestamp::try_from(at).ok())
        .unwrap_or(seen);
    Ok(Page { name, bytes: bytes.into(), hash, format, modified, seen, meta: Meta::default() })
}

fn at_most(from: impl std::io::Read, file: &Path) -> Result<Vec<u8>, Rejection> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| {
        Rejection::new(Outcome::Unreadable, format!("{}: {error}", Shown::exact(file.display())))
    })?;
    if bytes.len() as u64 > LIMIT {
        return Err(Rejection::new(
            Outcome::TooLarge,
            format!("{}: more than {} MiB", Shown::exact(file.display()), LIMIT >> 20),
        ));
    }
    Ok(bytes)
}

fn as_json(file: &Path, parsed: &Parsed) -> Value {
    let items: Vec<Value> = parsed
        .drafts
        .iter()
        .map(|draft| {
            let mut item = serde_json::to_value(&draft.item).unwrap_or_default();
            item["kind"] = json!(draft.item.kind().as_str());
            item["line"] = json!(draft.line);
            item
        })
        .collect();
    let lines: serde_json::Map<String, Value> =
        counts(parsed).into_iter().map(|(class, count)| (class, json!(count))).collect();
    json!({
        "page": file.display().to_string(),
        "source": parsed.source,
        "url": parsed.url,
        "newestDate": parsed.newest_date,
        "outcome": parsed.rejected.as_ref().map_or(Outcome::Done, |rejection| rejection.outcome),
        "items": items,
        "remarks": parsed.remarks,
        "lines": lines,
    })
}

/// How many lines were taken for what, by name.
fn counts(parsed: &Parsed) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    // Lines of a class stand together.
    for run in parsed.lines.chunk_by(|a, b| a == b) {
        if let Some(class) = run.first() {
            *counts.entry(class.name().into_owned()).or_insert(0) += run.len();
        }
    }
    counts.into_iter().collect()
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const OFF: &str = "\x1b[0m";

/// When an article was published and, where that reads otherwise, what it was read from.
fn published(article: &Article) -> String {
    let Some(at) = &article.published else { return "(none)".to_owned() };
    match article.published_raw.as_deref().map(str::trim) {
        Some(raw) if !raw.starts_with(at.as_str().get(..10).unwrap_or_default()) => {
            format!("{} (from “{}”)", at.as_str(), shorten(raw, false))
        }
        _ => at.as_str().to_owned(),
    }
}

/// What is said under a picture, and by whom it is.
fn caption(image: &Image) -> Option<String> {
    match (&image.caption, &image.credit) {
        (Some(caption), Some(credit)) if !caption.contains(credit.as_str()) => {
            Some(format!("{caption} ({credit})"))
        }
        (Some(caption), _) => Some(caption.clone()),
        (None, credit) => credit.as_ref().map(|credit| format!("({credit})")),
    }
}

/// How long a body is: scripts without spaces are counted in characters.
fn size(article: &Article, paragraphs: usize) -> String {
    let plural = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    let spaceless = article.language.as_deref().is_some_and(|tag| {
        ["zh", "ja", "th", "lo", "km", "my"].contains(&tag.split('-').next().unwrap_or(tag))
    });
    let length = if spaceless {
        plural(article.body.chars().filter(|c| !c.is_whitespace()).count(), "character")
    } else {
        plural(article.body.split_whitespace().count(), "word")
    };
    format!("{}, {length}", plural(paragraphs, "paragraph"))
}

/// The account for people.
fn account(
    out: &mut impl Write,
    file: &Path,
    parsed: &Parsed,
    whole: Option<(&str, &Account)>,
) -> std::io::Result<()> {
    writeln!(out, "{BOLD}{}{OFF}", Shown::exact(file.display()))?;
    if let Some(rejection) = &parsed.rejected {
        writeln!(
            out,
            "  {RED}rejected ({}){OFF}: {}\n",
            rejection.outcome.as_str(),
            Shown::exact(&rejection.reason)
        )?;
        return Ok(());
    }
    let row = |out: &mut dyn Write, name: &str, value: Option<&str>| match value {
        Some(value) => writeln!(out, "  {DIM}{name:<11}{OFF} {}", Shown::prose(value)),
        None => Ok(()),
    };
    row(out, "source", Some(parsed.source.label().unwrap_or("(unknown)")))?;
    row(out, "url", parsed.url.as_deref())?;
    row(out, "newest date", parsed.newest_date.map(|date| date.to_string()).as_deref())?;
    for draft in &parsed.drafts {
        match &draft.item {
            Item::Ticker(line) => {
                let head =
                    line.attribution.as_deref().or(line.place.as_deref()).unwrap_or_default();
                let claim = match line.headline.split_once(head) {
                    Some((before, after)) if !head.is_empty() => {
                        format!(
                            "{}{CYAN}{}{OFF}{}",
                            Shown::prose(before),
                            Shown::prose(head),
                            Shown::prose(after)
                        )
                    }
                    _ => Shown::prose(&line.headline).to_string(),
                };
                writeln!(out, "  {YELLOW}{:>5} ticker{OFF} {claim}", draft.line)?;
            }
            Item::Article(article) => {
                let headline = article.headline.as_deref().unwrap_or("(no headline)");
                writeln!(
                    out,
                    "  {YELLOW}{:>5} article{OFF} {BOLD}{}{OFF}",
                    draft.line,
                    Shown::prose(headline)
                )?;
                let byline = article.byline.as_deref();
                row(out, "byline", byline.or(article.credit.is_none().then_some("(none)")))?;
                row(out, "credit", article.credit.as_deref())?;
                row(out, "dateline", article.dateline.as_deref())?;
                row(out, "published", Some(&published(article)))?;
                row(out, "standfirst", article.standfirst.as_deref())?;
                let captions: Vec<String> = article.images.iter().filter_map(caption).collect();
                let shown = if whole.is_some() { captions.len() } else { 3 };
                for caption in captions.iter().take(shown) {
                    row(out, "caption", Some(&shorten(caption, whole.is_some())))?;
                }
                if captions.len() > shown {
                    let more = format!("… and {} more", captions.len() - shown);
                    row(out, "", Some(&more))?;
                }
                row(
                    out,
                    "keywords",
                    Some(article.keywords.join(" · ")).filter(|k| !k.is_empty()).as_deref(),
                )?;
                row(out, "language", article.language.as_deref())?;
                let paragraphs: Vec<&str> = article.body.split("\n\n").collect();
                row(out, "body", Some(&size(article, paragraphs.len())))?;
                let shown = if whole.is_some() { paragraphs.len() } else { 3 };
                for paragraph in paragraphs.iter().take(shown) {
                    writeln!(out, "    {}", shorten(paragraph, whole.is_some()))?;
                }
                if paragraphs.len() > shown {
                    writeln!(out, "    {DIM}… and {} more{OFF}", paragraphs.len() - shown)?;
                }
            }
        }
    }
    for remark in &parsed.remarks {
        let line = remark.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        writeln!(out, "  {CYAN}remark{OFF} {}{DIM}{line}{OFF}", Shown::prose(&remark.text))?;
    }
    let counts: Vec<String> =
        counts(parsed).iter().map(|(class, count)| format!("{count} {class}")).collect();
    if !counts.is_empty() {
        writeln!(out, "  {DIM}{} lines: {}{OFF}", parsed.lines.len(), counts.join(", "))?;
    }
    if let Some((text, why)) = whole {
        writeln!(out)?;
        for clue in &why.clues {
            weighed(out, clue)?;
        }
        writeln!(out)?;
        let text = if parsed.shown.is_empty() { text } else { &parsed.shown };
        rows(out, text, parsed, why)?;
    }
    writeln!(out)
}

/// A clue to a field, marked where the field is what it says.
fn weighed(out: &mut impl Write, clue: &Clue) -> std::io::Result<()> {
    let says = Shown::prose(&cut(&clue.says, 44)).to_string();
    let pad = " ".repeat(44_usize.saturating_sub(says.chars().count()));
    let mark = if clue.taken { '*' } else { ' ' };
    let odds = clue.odds.map(|odds| format!(", {odds:+.1}")).unwrap_or_default();
    writeln!(
        out,
        "  {DIM}{:<11}{OFF} {mark} {says}{pad} {DIM}{}{odds}{OFF}",
        clue.field, clue.place
    )
}

/// Each line with its odds of being the article's, where they were asked, and what it was taken for.
fn rows(out: &mut impl Write, text: &str, parsed: &Parsed, why: &Account) -> std::io::Result<()> {
    let odds: BTreeMap<u32, f32> = why.rows.iter().copied().collect();
    for (number, (line, class)) in (1..).zip(text.lines().zip(&parsed.lines)) {
        let odds = odds.get(&number).map(|odds| format!("{odds:.2}")).unwrap_or_default();
        let line = Shown::prose(&cut(line.trim_end(), 65)).to_string();
        writeln!(out, "  {DIM}{number:>5} {odds:>4} {:<20}{OFF} {line}", class.name())?;
    }
    Ok(())
}

/// So many characters of a text, the last of them saying that there are more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn shorten(text: &str, whole: bool) -> String {
    let text = Shown::prose(text).to_string();
    if whole || text.chars().count() <= 160 {
        return text;
    }
    text.chars().take(160).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Format;

    fn page(text: &str, format: Format) -> Page {
        Page {
            name: PageName::new(&b"page"[..]),
            hash: PageHash::of(text.as_bytes()),
            bytes: text.as_bytes().to_vec().into(),
            format,
            modified: Timestamp::UNIX_EPOCH,
            seen: Timestamp::UNIX_EPOCH,
            meta: Meta::default(),
        }
    }

    /// What `flashwire parse` prints of a page.
    fn printed(html: &str) -> String {
        let parsed =
            lay_out(&page(html, Format::Html), &crate::parse::Sites::default()).finish(None);
        let mut out = Vec::new();
        account(&mut out, Path::new("page.html"), &parsed, None).unwrap();
        String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap()
    }

    #[test]
    fn what_was_weighed_fits_a_terminal() {
        let text = "Port Aldern Post\n\nQuay reopens after nine months of repairs\n\nBy Ada Kern\n3 May 2031\n\n\
                    The harbour board of Port Aldern met on Monday, and after five hours of talks it \
                    agreed to reopen the eastern quay, the chair told reporters.\n\nIt will be done by \
                    the end of the year, and boats may lie there again from the first day on.\n";
        let page = page(text, Format::Text);
        let (sheet, why) = explain(&page, &crate::parse::Sites::default());
        let mut out = Vec::new();
        account(&mut out, Path::new("a.txt"), &sheet.finish(None), Some((text, &why))).unwrap();
        let out = String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap();
        let (_, weighed) = out.split_once("\n\n").unwrap();
        assert!(weighed.lines().all(|line| line.chars().count() <= 100), "{out}");
        for clue in
            ["headline    * Quay reopens", "byline      * Ada Kern", "published   * 3 May 2031"]
        {
            assert!(weighed.contains(clue), "{clue}: {out}");
        }
        let row = weighed.lines().find(|line| line.contains("The harbour board")).unwrap();
        let odds: f32 = row.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(odds > 0.5 && row.contains("article"), "{row}");
    }

    #[test]
    fn a_day_says_what_it_was_read_from() {
        let prose = "<p>The harbour board of Port Aldern met on Monday, and after five hours of \
                     talks it agreed to reopen the eastern quay, the chair told reporters.</p>";
        let body = prose.to_owned() + &prose.replace("five", "nine") + &prose.replace("east", "w");
        let page = |date: &str| {
            printed(&format!(
                "<html lang=en><body><article><h1>Quay reopens</h1>{date}{body}</article></body></html>"
            ))
        };
        let dated = page("<p>Published 3 May 2031</p>");
        assert!(dated.contains("2031-05-03 (from “Published 3 May 2031”)"), "{dated}");
        assert!(dated.contains("byline      (none)"), "{dated}");
        let undated = page("");
        assert!(undated.contains("published   (none)"), "{undated}");
        assert!(undated.contains("3 paragraphs, "), "{undated}");
    }
}
