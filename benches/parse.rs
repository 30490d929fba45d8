//! How fast pages are read, on one core, as ratios to what can't be saved: HTML pages to building
//! their html5ever trees alone, text pages to looking through their bytes once for line ends.
//!
//! `cargo bench --bench parse [-- FOLDER]`: FOLDER holds saved pages, also `.gz`
//! (default: the test pages).
//! At last pages of a megabyte made to be slow, read by `flashwire parse --json`: milliseconds of CPU
//! a megabyte, start included.
//! Text pages of the size and layout of a saved export (8 KB, a ticker, an article, boxes of links)
//! are made here besides, each of a site of its own and all of one site. Seconds are the thread's own CPU seconds, so that a busy machine changes
//! little; still only ratios of one run mean anything.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    fmt::Write as _,
    hint::black_box,
    io::{BufReader, Read as _},
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use flashwire::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::{self, Sites},
};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Rounds, the fastest of which counts.
const ROUNDS: usize = 7;

/// A round over fewer pages is repeated until so many were read.
const PAGES: usize = 200;

fn main() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages");
    let folder = std::env::args().nth(1).filter(|a| !a.starts_with("--"));
    let mut saved = Vec::new();
    collect(Path::new(folder.as_deref().unwrap_or(default)), &mut saved);
    let (text, html): (Vec<Page>, Vec<Page>) =
        saved.into_iter().partition(|page| page.format == Format::Text);
    compare("HTML", "html5ever tree", &html, |page| {
        let html = String::from_utf8_lossy(&page.bytes);
        black_box(dom_query::Document::from(html.as_ref()));
    });
    let look_through = |page: &Page| {
        black_box(memchr::memchr_iter(b'\n', &page.bytes).count());
    };
    compare("saved text", "line ends", &text, look_through);
    // A worker remembers lines that come again: these are more than it has room for, so that what
    // comes again within a round is a site's furniture alone.
    let first: Vec<Page> = (0..MADE).map(|number| page(number, number)).collect();
    compare("made text, the first of their sites,", "line ends", &first, look_through);
    let seen: Vec<Page> = (0..MADE).map(|number| page(0, number)).collect();
    compare("made text, all of one site,", "line ends", &seen, look_through);
    println!("worst pages, CPU ms a megabyte, start included:");
    for (kind, html) in slow_pages() {
        println!("{:6.1} {kind}", of_process(&html));
    }
}

/// Text pages that are made.
const MADE: usize = 400;

/// How often a page made to be slow is read.
const RUNS: usize = 5;

/// CPU milliseconds that `flashwire parse --json` takes, on the average, a megabyte of the page.
fn of_process(html: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a bench has a folder for what it makes");
    let path = folder.path().join("page.html");
    std::fs::write(&path, html).expect("a megabyte can be written there");
    let begun = of_children();
    for _ in 0..RUNS {
        let mut parse = std::process::Command::new(env!("CARGO_BIN_EXE_flashwire"));
        let done = parse.args(["parse", "--json"]).arg(&path).output();
        assert!(done.expect("the program was built for this bench").status.success());
    }
    (of_children() - begun) * 1e9 / RUNS as f64 / html.len() as f64
}

/// CPU seconds of all processes waited for, to a hundredth.
fn of_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells of processes there");
    // The name, in brackets, may hold spaces; the sixteenth and seventeenth field are meant.
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: f64 = fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Pages of a megabyte, each of one thing over and over: `#` is its number.
fn slow_pages() -> impl Iterator<Item = (&'static str, String)> {
    const UNITS: &[(&str, &str)] = &[
        ("closed tables", "<table><tr><td>x</td></tr></table>"),
        ("table rows", "<tr><td>Port #</td><td>12.#</td><td>up</td></tr>"),
        ("ticker lines", "<li><time>12:05</time> Ferry # has docked at the quay</li>"),
        ("linked lines", "<li><a href='/news/#'>Ferry # has docked at the quay</a></li>"),
        ("paragraphs", "<p>Ferry # docked.</p>"),
        (
            "long paragraphs",
            "<p>Ferry # has docked at Port Aldine after the storm that kept it at sea.</p>",
        ),
        ("paragraphs, Arabic", "<p>وصلت العبارة #.</p>"),
        ("headings", "<h2>Ferry # docks</h2>"),
        ("dates", "<div><span>7 March 2024</span></div>"),
        ("times", "<p>Published 7 Feb 2024, 18:38 GMT, by Ada Kern #</p>"),
        ("bylines", "<p>By Ada Kern #</p>"),
        ("links", "<a href='/a/#'>Ferry #</a> "),
        ("elements around a word", "<div><div><div>word</div></div></div>"),
        ("class names", "<div class='relatedPosts item-# newsTicker'><b id=a#>#</b></div>"),
        ("pictures", "<figure><img src='/#.jpg'><figcaption>A ferry</figcaption></figure>"),
        ("lines", "Ferry # docked.<br><br>"),
        ("definitions", "<dt>Port #</dt><dd>Ferry</dd>"),
        ("buttons", "<form><button>Share</button></form>"),
        ("comments", "<!-- # --><p>x</p>"),
        ("articles", "<article><h3>Ferry #</h3><p>It docked.</p></article>"),
        ("labels", "<p>BREAKING</p><p>Ferry docks</p>"),
        ("keywords", "<meta property='article:tag' content='Ferry #'>"),
        (
            "linked data",
            "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"#\"}</script>",
        ),
        (
            "all of these",
            "<p>Ferry #</p><h2>Port #</h2><ul><li>Item #</ul><table><tr><td>#<td>x</table><div \
             class=c#><a href=/#>Link #</a></div><figure><img><figcaption>F #</figcaption></figure>\
             <form><button>Go</button></form><blockquote>Said #, \"7 March 2024\"</blockquote>",
        ),
    ];
    UNITS
        .iter()
        .map(|(kind, unit)| {
            let mut html =
                String::from("<!doctype html><title>Ferry docks</title><h1>Ferry docks</h1>");
            if unit.starts_with("<tr>") {
                html.push_str("<table>");
            }
            for number in 0.. {
                if html.len() >= 1_000_000 {
                    break;
                }
                html.push_str(&unit.replace('#', &number.to_string()));
            }
            (*kind, html)
        })
        .chain([("lines no two of which are alike", unlike())])
}

/// A page of a megabyte whose lines differ in element, words, length and end.
fn unlike() -> String {
    const WORDS: &str = "ferry harbour Aldine the of and docks storm quay mayor said council on in \
                         at 12 2024 March 7.5% £30 \"safe\", Breaking subscribe photo by Venn © piles;";
    const ELEMENTS: &[&str] = &["p", "h2", "li", "div class=related", "article", "nav", "dd"];
    let words: Vec<&str> = WORDS.split(' ').collect();
    let mut html = String::from("<!doctype html><title>Ferry docks</title><h1>Ferry docks</h1>");
    // Knuth's generator (The Art of Computer Programming, 3.3.4): the same page on every run.
    let mut state = 7_u64;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % most
    };
    while html.len() < 1_000_000 {
        let element = ELEMENTS[below(ELEMENTS.len())];
        write!(html, "<{element}>").expect("a string takes all");
        for _ in 0..=below(11) {
            html.push_str(words[below(words.len())]);
            html.push(' ');
        }
        let name = element.split(' ').next().unwrap_or_default();
        write!(html, "{}</{name}>", [".", "?", ":", ""][below(4)]).expect("a string takes all");
    }
    html
}

/// Prints how many pages a second are read, and that beside the floor.
fn compare(what: &str, floor_is: &str, pages: &[Page], floor: impl Fn(&Page)) {
    if pages.is_empty() {
        return;
    }
    let sites = Sites::default();
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let ours = fastest(pages, |page| {
        black_box(parse::lay_out(page, &sites).finish(None));
    });
    let floor = fastest(pages, floor);
    println!(
        "{} {what} pages, {} bytes each: {floor_is} {:.0} pages/s, flashwire {:.0} pages/s ({:.1} MB/s), ratio {:.4}",
        pages.len(),
        bytes / pages.len(),
        1.0 / floor,
        1.0 / ours,
        bytes as f64 / pages.len() as f64 / ours / 1e6,
        floor / ours
    );
}

/// CPU seconds a page takes in the fastest round.
fn fastest(pages: &[Page], work: impl Fn(&Page)) -> f64 {
    let times = PAGES.div_ceil(pages.len());
    let round = |_| {
        let begun = seconds();
        for _ in 0..times {
            pages.iter().for_each(&work);
        }
        (seconds() - begun) / (times * pages.len()) as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// CPU seconds of this thread so far.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn collect(folder: &Path, pages: &mut Vec<Page>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, pages);
            continue;
        }
        let name = PageName::new(path.as_os_str().as_bytes());
        if let (Some(format), Some(bytes)) = (name.format(), read(&path)) {
            pages.push(saved(bytes, format));
        }
    }
}

/// The bytes of a saved page, inflated.
fn read(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    match path.extension()?.to_str()? {
        "gz" => flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes),
        "html" | "txt" => BufReader::new(file).read_to_end(&mut bytes),
        _ => return None,
    }
    .ok()?;
    Some(bytes)
}

fn saved(bytes: Vec<u8>, format: Format) -> Page {
    Page {
        name: PageName::new(&b"page"[..]),
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        format,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    }
}

/// A page of a site, each of whose pages has the same menu and links.
fn page(site: usize, number: usize) -> Page {
    let mut text = String::from("Port Aldine Herald\n\n  • Es\n  • Fr\nPort Aldine Herald\n\n");
    for section in 0..50 {
        writeln!(text, "  • Section {section} of {site}").expect("a string takes all");
    }
    text.push_str("BREAKING\n");
    for line in 0..10 {
        writeln!(text, "Harbour Radio: Ferry {number} has docked at quay {line} after the storm that kept it at sea, and all are safe").expect("a string takes all");
    }
    write!(text, "\nCouncil voices concern about a closure of pier {number}\n\n  • By Orla Venn\n  • Source: Harbour Radio\n  • 7 Feb 2024 18:38\n\n").expect("a string takes all");
    for paragraph in 0..16 {
        write!(text, "The mayor of Port Aldine said on day {paragraph} that the closure of pier {number} would be a heavy blow to the islands, whose boats have no other shelter in the winter, and that the council had not been told of it before the engineers came to measure the piles. \"We shall see,\" she added.\n\n").expect("a string takes all");
    }
    text.push_str("  • Aldine\n  • Pier\n\nMost Read\n\n");
    for link in 0..20 {
        write!(
            text,
            "Ferry {link} of line {site} runs aground off Venn\n\n  • Harbour\n  • 14 Jun 2025\n"
        )
        .expect("a string takes all");
    }
    saved(text.into_bytes(), Format::Text)
}
