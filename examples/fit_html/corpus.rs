//! Labelled pages: which of a page's blocks belong to the article that people cut out of it.

use std::{collections::HashMap, error::Error, io::Read as _, path::Path};

use dom_query::Document;
use flashwire::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::fit,
};
use jiff::Timestamp;
use serde_json::Value;

/// A labelled page.
pub(crate) struct Labelled {
    /// The set it is of.
    pub(crate) set: String,
    /// Its name there.
    pub(crate) key: String,
    /// Pages of one site are fitted or measured together, never across.
    pub(crate) site: String,
    pub(crate) page: Page,
    /// The body as people cut it out.
    pub(crate) truth: String,
    /// Features of each block.
    pub(crate) rows: Vec<Vec<f32>>,
    /// Whether each block belongs to the body.
    pub(crate) labels: Vec<bool>,
    /// What each block weighs in a fit.
    pub(crate) weights: Vec<f64>,
    /// Words of each block.
    pub(crate) words: Vec<usize>,
    /// Beginning of each block's text.
    pub(crate) texts: Vec<String>,
}

/// The labelled pages in the folders below `corpus`: each holds `KEY.html.gz` or `KEY.html` and a
/// `truth.json` with the body (and, where known, the URL) of each key.
pub(crate) fn read(corpus: &Path) -> Result<Vec<Labelled>, Box<dyn Error>> {
    let mut folders: Vec<_> = std::fs::read_dir(corpus)?.flatten().map(|e| e.path()).collect();
    folders.retain(|folder| folder.join("truth.json").exists());
    folders.sort();
    let mut pages = Vec::new();
    for folder in folders {
        let set = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json"))?)?;
        let truth = truth.as_object().ok_or("truth.json holds no object")?;
        let mut keys: Vec<&String> = truth.keys().collect();
        keys.sort();
        for key in keys {
            let Some(bytes) = bytes(&folder, key)? else { continue };
            let body = truth[key]["body"].as_str().unwrap_or_default();
            let own = canonical(&bytes);
            let site = site(&set, key, truth[key]["url"].as_str().or(own.as_deref()));
            pages.extend(labelled(&set, key, site, bytes, body));
        }
    }
    Ok(pages)
}

fn bytes(folder: &Path, key: &str) -> std::io::Result<Option<Vec<u8>>> {
    let plain = folder.join(format!("{key}.html"));
    let packed = folder.join(format!("{key}.html.gz"));
    if plain.exists() {
        return std::fs::read(plain).map(Some);
    }
    if !packed.exists() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(packed)?).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The address a page gives itself.
fn canonical(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(200_000)]);
    let tags = text.split('<').filter(|tag| tag.contains("canonical") || tag.contains("og:url"));
    tags.filter_map(|tag| {
        let at = tag.find("http")?;
        Some(tag[at..].split(['"', '\'', ' ', '>']).next()?.to_owned())
    })
    .next()
}

/// The registrable part of a page's host, roughly; without an address, what its key begins with.
fn site(set: &str, key: &str, url: Option<&str>) -> String {
    let host = url.and_then(|u| u.split_once("://")?.1.split(['/', '?']).next());
    match host {
        Some(host) => {
            let parts: Vec<&str> = host.split('.').collect();
            parts[parts.len().saturating_sub(2)..].join(".")
        }
        // "de_Example_2031_02_03"
        None => format!("{set}/{}", key.split("_2").next().unwrap_or(key)),
    }
}

/// The set of lean pages.
pub(crate) const LEAN: &str = "lean";

/// A page with nothing but the smallest element that holds its headline and its body, as print
/// views and reader exports leave it; nothing where that is about all there is.
pub(crate) fn lean(of: &Labelled) -> Option<Labelled> {
    let squeeze = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let lines: Vec<String> = of.truth.lines().map(squeeze).collect();
    let begins = |line: &String| line.char_indices().nth(40).map(|(end, _)| line[..end].to_owned());
    let begins: Vec<String> = lines.iter().filter_map(begins).collect();
    let [first, second, .., last] = &begins[..] else { return None };
    let document = Document::from(String::from_utf8_lossy(&of.page.bytes).as_ref());
    document.select("body style, body script:not([type='application/ld+json'])").remove();
    let body = *document.select("body").nodes().first()?;
    let all = squeeze(&body.text()).len();
    let title: Vec<_> = document.select("h1").nodes().first().map_or_else(Vec::new, |title| {
        std::iter::once(title.id).chain(title.ancestors(None).iter().map(|up| up.id)).collect()
    });
    let mut node = body;
    let mut size = all;
    while let Some((inner, text)) = node.element_children().into_iter().find_map(|child| {
        let text = squeeze(&child.text());
        let holds = [first, second, last].iter().all(|line| text.contains(line.as_str()));
        let whole = !title.contains(&node.id) || title.contains(&child.id);
        (holds && whole).then_some((child, text))
    }) {
        node = inner;
        size = text.len();
    }
    if size * 100 > all * 92 {
        return None;
    }
    let lang = document.select("html").attr("lang").unwrap_or_default();
    let head = document.select("head").html();
    let html =
        format!("<!DOCTYPE html><html lang=\"{lang}\">{head}<body>{}</body></html>", node.html());
    let key = format!("{}_{}", of.set, of.key);
    labelled(LEAN, &key, of.site.clone(), html.into_bytes(), &of.truth)
}

fn labelled(set: &str, key: &str, site: String, bytes: Vec<u8>, truth: &str) -> Option<Labelled> {
    let page = Page {
        name: PageName::new(&b"page.html"[..]),
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        format: Format::Html,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    };
    let taken = std::cell::RefCell::new((Vec::new(), Vec::new(), Vec::new()));
    fit::body(&page, &|blocks| {
        let rows = blocks.iter().map(|b| b.features.to_vec()).collect();
        let all = blocks.iter().map(|b| tokens(b.text)).collect();
        let texts = blocks.iter().map(|b| b.text.chars().take(200).collect()).collect();
        *taken.borrow_mut() = (rows, all, texts);
        vec![0.0; blocks.len()]
    })?;
    let (rows, all, texts): (Vec<Vec<f32>>, Vec<Vec<String>>, Vec<String>) = taken.into_inner();
    let labels = labels(&all, &tokens(truth));
    let words = all.iter().map(Vec::len).collect();
    let (set, key, truth) = (set.to_owned(), key.to_owned(), truth.to_owned());
    Some(Labelled { set, key, site, page, truth, rows, labels, weights: Vec::new(), words, texts })
}

/// The words of a text.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A place in the truth that a block can be.
struct Place {
    block: usize,
    start: usize,
    end: usize,
    weight: f64,
}

/// The longest chain of blocks that stand in the truth, in its order: a line that stands both in
/// the article and in a menu is told apart by its neighbours.
fn labels(blocks: &[Vec<String>], truth: &[String]) -> Vec<bool> {
    let places = places(blocks, truth);
    // Best chain that ends at or before each word of the truth, as a Fenwick tree of maxima.
    let n = truth.len() + 2;
    let mut tree: Vec<(f64, Option<usize>)> = vec![(0.0, None); n + 1];
    let mut best: Vec<(f64, Option<usize>)> = Vec::with_capacity(places.len());
    let mut from = 0;
    while from < places.len() {
        let to = from + places[from..].iter().take_while(|p| p.block == places[from].block).count();
        for place in &places[from..to] {
            // Two words of overlap are allowed.
            let mut at = (place.start + 2).min(truth.len()) + 1;
            let mut before = (0.0, None);
            while at > 0 {
                if tree[at].0 > before.0 {
                    before = tree[at];
                }
                at &= at - 1;
            }
            best.push((before.0 + place.weight - 0.01, before.1));
        }
        for (i, place) in places.iter().enumerate().take(to).skip(from) {
            let mut at = place.end.min(truth.len()) + 1;
            while at <= n {
                if tree[at].0 < best[i].0 {
                    tree[at] = (best[i].0, Some(i));
                }
                at += at & at.wrapping_neg();
            }
        }
        from = to;
    }
    let mut labels = vec![false; blocks.len()];
    let mut at = (0..best.len()).max_by(|&a, &b| best[a].0.total_cmp(&best[b].0));
    while let Some(i) = at {
        labels[places[i].block] = true;
        at = best[i].1;
    }
    labels
}

fn places(blocks: &[Vec<String>], truth: &[String]) -> Vec<Place> {
    let mut threes: HashMap<&[String], Vec<usize>> = HashMap::new();
    for (i, three) in truth.windows(3).enumerate() {
        threes.entry(three).or_default().push(i);
    }
    let mut places = Vec::new();
    for (block, words) in blocks.iter().enumerate().filter(|(_, w)| !w.is_empty()) {
        let len = words.len();
        if len <= 5 {
            let starts = truth.windows(len).enumerate().filter(|(_, w)| *w == &words[..]);
            for (start, _) in starts.take(40) {
                places.push(Place { block, start, end: start + len, weight: len as f64 });
            }
            continue;
        }
        // Offsets at which the block's triples stand in the truth; small drifts are one place.
        let mut votes: std::collections::BTreeMap<i64, usize> = std::collections::BTreeMap::new();
        for (j, three) in words.windows(3).enumerate() {
            for &i in threes.get(three).map_or(&[][..], Vec::as_slice).iter().take(20) {
                *votes.entry(i as i64 - j as i64).or_default() += 1;
            }
        }
        let total = len - 2;
        let mut group: Option<(i64, i64, usize)> = None;
        let mut close = |group: Option<(i64, i64, usize)>| {
            let Some((first, last, votes)) = group else { return };
            let votes = votes.min(total);
            if votes * 2 >= total {
                places.push(Place {
                    block,
                    start: first.max(0) as usize,
                    end: ((last + len as i64).max(0) as usize).min(truth.len()),
                    weight: votes as f64 + 2.0,
                });
            }
        };
        for (offset, votes) in votes {
            group = match group {
                Some((first, last, sum)) if offset - last <= 6 => {
                    Some((first, offset, sum + votes))
                }
                other => {
                    close(other);
                    Some((offset, offset, votes))
                }
            };
        }
        close(group);
    }
    places
}
