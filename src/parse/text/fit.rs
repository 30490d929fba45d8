//! Finds the weights of `weights` anew, from pages whose articles' text is known.
//!
//! ```text
//! FLASHWIRE_CORPUS=FOLDER cargo test --release --lib text::fit -- --ignored --nocapture
//! ```
//!
//! FOLDER holds sets of saved pages, each a folder with `truth.json` (`{KEY: {"body", "url"}}`) and
//! `KEY.txt`, or `KEY.html.gz`, which is read as the text it shows. One page may stand in several
//! sets, each time in another layout: rendered by a text browser, a converter, an extractor. Lines
//! are labelled by whether their words stand in the body; three logistic regressions are fitted one
//! after the other (a line by itself, a line in its run, a gap in the run), and where pages have a
//! `headline`, a choice between the lines above the text; each by Adam over all rows from zero, so
//! that the same pages give the same weights. Printed are the scores of the
//! weights in use, those of weights fitted to the other four fifths of the *sites* (what to expect
//! of sites not seen), for several ways of dividing them, and those of the weights fitted to all,
//! with these. Adopt them only where the figures on other sites are better by more than the
//! divisions differ and no page of `tests/pages` comes out worse: those are shorter than most
//! labelled ones, and in scripts that few of these are in.

#![cfg(test)]
#![allow(clippy::print_stderr, reason = "a fit prints what it found")]

use std::{collections::HashMap, io::Read as _, path::Path};

use super::{
    Draught, cut, feature, head, headline, run, score,
    weights::{AROUND, CUT, FITTED, HEADLINE, INSIDE, LEXICON, OUTSIDE, Weights},
};
use crate::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::{Sites, clues::Clues, html, lexicon::fold},
};

const FOLDS: u64 = 5;
/// What the names of sets begin with that are only looked at: whether a fit holds for pages that
/// others labelled in their own way.
const HELD: &str = "held";
/// Ways of dividing the sites: figures that differ by less than these do are alike.
const PARTITIONS: u64 = 3;
/// Steps of descent.
const STEPS: usize = 250;

struct Sample {
    set: usize,
    site: String,
    body: Vec<String>,
    page: Draught,
    headline: Option<String>,
    /// Of each line of the page: is it text?
    text: Vec<bool>,
}

/// How one page came out.
struct Answer {
    /// Shares of shingles in both bodies, only in ours and only in the known one.
    both: f64,
    extra: f64,
    missed: f64,
    /// All words are the same.
    exact: bool,
    /// Where the headline is known: whether it was found, and whether another was.
    headline: Option<(bool, bool)>,
}

struct Row {
    features: Vec<f32>,
    yes: bool,
    weight: f32,
}

#[test]
fn the_weights_were_fitted_with_the_words_there_are() {
    let now = crate::parse::lexicon::of_models();
    assert_eq!(LEXICON, now, "a list changed: fit anew, as the head of this file says");
}

#[test]
#[ignore = "fits weights to pages that are no part of the product"]
fn refit() {
    let Some(corpus) = std::env::var_os("FLASHWIRE_CORPUS") else {
        eprintln!("FLASHWIRE_CORPUS names no folder of labelled pages");
        return;
    };
    let sets = sets(Path::new(&corpus));
    let mut samples: Vec<Sample> = Vec::new();
    for (set, name) in sets.iter().enumerate() {
        load(&Path::new(&corpus).join(name), set, &mut samples);
    }
    assert!(!samples.is_empty(), "no labelled pages were found");
    let report = |what: &str, answers: &[Answer]| {
        for (set, name) in sets.iter().enumerate() {
            let rows: Vec<_> =
                samples.iter().zip(answers).filter(|(s, _)| s.set == set).map(|(_, a)| a).collect();
            let mean = |of: &dyn Fn(&Answer) -> f64| {
                rows.iter().map(|row| of(row)).sum::<f64>() / rows.len().max(1) as f64
            };
            let precision = mean(&|row| row.both / (row.both + row.extra).max(1e-9));
            let recall = mean(&|row| row.both / (row.both + row.missed).max(1e-9));
            let known: Vec<(bool, bool)> = rows.iter().filter_map(|row| row.headline).collect();
            let share = |of: &dyn Fn(&(bool, bool)) -> bool| {
                known.iter().filter(|row| of(row)).count() as f64 / known.len().max(1) as f64
            };
            eprintln!(
                "{what:14} {name:20} {:4} pages: F1 {:.4}, exact {:.3}, headline {:.3}, wrong {:.3}",
                rows.len(),
                2.0 * precision * recall / (precision + recall).max(1e-9),
                mean(&|row| f64::from(u8::from(row.exact))),
                share(&|(found, _)| *found),
                share(&|(_, wrong)| *wrong)
            );
        }
    };
    report("in use", &samples.iter().map(|sample| answer(sample, &FITTED)).collect::<Vec<_>>());
    let fitted: Vec<&Sample> =
        samples.iter().filter(|sample| !sets[sample.set].starts_with(HELD)).collect();
    for partition in 0..PARTITIONS {
        let folds: Vec<&Weights> = (0..FOLDS)
            .map(|fold| {
                let others = fitted.iter().copied().filter(|sample| sample.fold(partition) != fold);
                fit(&others.collect::<Vec<_>>())
            })
            .collect();
        let apart: Vec<_> = samples
            .iter()
            .map(|sample| answer(sample, folds[sample.fold(partition) as usize]))
            .collect();
        report(&format!("other sites {}", partition + 1), &apart);
    }
    let all = fit(&fitted);
    report("all sites", &samples.iter().map(|sample| answer(sample, all)).collect::<Vec<_>>());
    let print = |name: &str, names: &[(&str, f32)], weights: &[f32]| {
        eprintln!("\n{name}");
        for ((feature, _), weight) in names.iter().zip(weights) {
            eprintln!("    (\"{feature}\", {weight:.2}),");
        }
    };
    eprintln!("\nLEXICON {}", crate::parse::lexicon::of_models());
    print("OUTSIDE", &OUTSIDE, &all.outside);
    print("INSIDE", &INSIDE, &all.inside);
    print("AROUND", &AROUND, &all.around);
    print("CUT", &CUT, &all.cut);
    print("HEADLINE", &HEADLINE, &all.headline);
}

/// The sets below the corpus, by name.
fn sets(corpus: &Path) -> Vec<String> {
    let mut sets: Vec<String> = std::fs::read_dir(corpus)
        .expect("the corpus is a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| corpus.join(name).join("truth.json").exists())
        .collect();
    sets.sort();
    sets
}

impl Sample {
    /// Pages of one site are never on both sides, in whatever layouts they come.
    fn fold(&self, partition: u64) -> u64 {
        let site = self.site.strip_prefix("www.").unwrap_or(&self.site);
        let hash = site.bytes().fold(7 + partition, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3).rotate_left(17)
        });
        hash % FOLDS
    }
}

fn load(folder: &Path, set: usize, samples: &mut Vec<Sample>) {
    let Ok(truth) = std::fs::read(folder.join("truth.json")) else { return };
    let truth: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&truth).expect("truth.json is JSON");
    for (key, truth) in truth {
        let body = tokens(truth["body"].as_str().unwrap_or_default());
        let shown = std::fs::read_to_string(folder.join(format!("{key}.txt"))).or_else(|_| {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(folder.join(format!("{key}.html.gz")))?;
            flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes)?;
            std::io::Result::Ok(html::rendered(&String::from_utf8_lossy(&bytes)))
        });
        let Ok(shown) = shown else { continue };
        let site = truth["url"].as_str().and_then(|url| url.split('/').nth(2)).unwrap_or(&key);
        let page = Page {
            name: PageName::new(&b"page.txt"[..]),
            hash: PageHash::of(shown.as_bytes()),
            bytes: shown.clone().into_bytes().into(),
            format: Format::Text,
            modified: jiff::Timestamp::UNIX_EPOCH,
            seen: jiff::Timestamp::UNIX_EPOCH,
            meta: Meta::default(),
        };
        let page = super::lay_out(shown, String::new(), &page, &Sites::default());
        let whole = format!(" {} ", body.join(" "));
        let grams = shingles(&body);
        let text = (0..page.lines.len())
            .map(|at| {
                let words = tokens(page.at(at));
                let known =
                    shingles(&words).keys().filter(|gram| grams.contains_key(*gram)).count();
                match words.len() {
                    0 => false,
                    1..=7 => whole.contains(&format!(" {} ", words.join(" "))),
                    all => known * 10 >= (all - 3) * 8,
                }
            })
            .collect();
        let headline = truth["headline"].as_str().map(fold).filter(|line| !line.is_empty());
        samples.push(Sample { set, site: site.to_owned(), body, page, headline, text });
    }
}

fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn shingles(words: &[String]) -> HashMap<&[String], i64> {
    let mut counts = HashMap::new();
    for gram in words.windows(4.min(words.len().max(1))) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

/// Reads a page with `weights`.
fn answer(sample: &Sample, weights: &'static Weights) -> Answer {
    let mut page = sample.page.clone();
    page.weights = weights;
    let layout = page.choose(&|_| false, &Clues::default());
    let body: Vec<&str> = layout.body.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let body = tokens(&body.join("\n\n"));
    let (want, got) = (shingles(&sample.body), shingles(&body));
    let both: i64 = want.iter().map(|(gram, count)| *count.min(got.get(gram).unwrap_or(&0))).sum();
    let extra = got.values().sum::<i64>() - both;
    let missed = want.values().sum::<i64>() - both;
    let all = (both + extra + missed).max(1) as f64;
    Answer {
        both: both as f64 / all,
        extra: extra as f64 / all,
        missed: missed as f64 / all,
        exact: body == sample.body,
        headline: sample.headline.as_ref().map(|headline| {
            let got = layout.fields.headline.as_deref().map(fold);
            (got.as_ref() == Some(headline), got.is_some_and(|got| got != *headline))
        }),
    }
}

/// Fits all weights to the samples.
fn fit(samples: &[&Sample]) -> &'static Weights {
    let mut weights = Weights { ..FITTED };
    let mut rows = Vec::new();
    for sample in samples {
        feature::each(&sample.page, |at, line, features| {
            let weight = (feature::length(line) as f32).sqrt().clamp(3.0, 20.0) / 10.0;
            rows.push(Row { features: features.to_vec(), yes: sample.text[at], weight });
        });
    }
    weights.outside.copy_from_slice(&logistic(&rows));
    let weights: &'static mut Weights = Box::leak(Box::new(weights));
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    let outside = Box::leak(Box::new(Weights { ..*weights }));
    for sample in samples {
        let mut page = sample.page.clone();
        page.weights = outside;
        let scored = score::scores(&page, &|_| false);
        let Some((from, to)) = run::best(&scored) else { continue };
        let is_text = |at: usize| scored.get(at).is_some_and(|line| sample.text[line.at]);
        for (at, next, features) in cut::gaps(&page, &scored, from, to) {
            let over = !(next..=to).any(is_text) && (from..at).any(is_text);
            ends.push(Row { features: features.to_vec(), yes: over, weight: 1.0 });
        }
        let to = (from..=to).rev().find(|&at| is_text(at)).unwrap_or(to);
        let wanted = from.saturating_sub(run::REACH)..(to + 1 + run::REACH).min(scored.len());
        for (at, place) in wanted.clone().zip(score::places(&scored, from, to, wanted)) {
            let features = scored[at].features.iter().chain(&place).copied().collect();
            lines.push(Row { features, yes: is_text(at), weight: 1.0 });
        }
    }
    let both = logistic(&lines);
    let (inside, around) = both.split_at(weights.inside.len());
    weights.inside.copy_from_slice(inside);
    weights.around.copy_from_slice(around);
    weights.cut.copy_from_slice(&logistic(&ends));
    let fitted = Box::leak(Box::new(Weights { ..*weights }));
    weights.headline.copy_from_slice(&choice(&titles(samples, fitted)));
    weights
}

/// The lines that could be the headline, of each page whose headline is known.
fn titles(samples: &[&Sample], weights: &'static Weights) -> Vec<Vec<Row>> {
    let mut pages = Vec::new();
    for sample in samples {
        let Some(known) = &sample.headline else { continue };
        let mut page = sample.page.clone();
        page.weights = weights;
        let run = run::choose(&page, &|_| false, &Clues::default());
        let Some((first, _)) = run.bounds() else { continue };
        let (above, roles) = head::above(&page, first, None, &page.classes);
        let rows =
            headline::candidates(&page, &run, &above, &roles).into_iter().map(|(at, all)| {
                let yes = fold(page.at(above[at])) == *known;
                Row { features: all.to_vec(), yes, weight: 1.0 }
            });
        pages.push(rows.collect());
    }
    pages
}

/// Weights of a logistic regression.
fn logistic(rows: &[Row]) -> Vec<f32> {
    let count = rows.first().map_or(0, |row| row.features.len());
    let all: f32 = rows.iter().map(|row| row.weight).sum();
    descend(count, 2e-4, |weights, slope| {
        for row in rows {
            let error = 1.0 / (1.0 + (-row.sum(weights)).exp()) - f32::from(u8::from(row.yes));
            row.add(error * row.weight / all, slope);
        }
    })
}

/// Weights of a choice between the rows of a group, or none of them: the odds of each are beside
/// those of the others.
fn choice(groups: &[Vec<Row>]) -> Vec<f32> {
    let count = groups.iter().flatten().next().map_or(0, |row| row.features.len());
    descend(count, 2e-3, |weights, slope| {
        for group in groups {
            let odds: Vec<f32> = group.iter().map(|row| row.sum(weights).exp()).collect();
            let all = 1.0 + odds.iter().sum::<f32>();
            let right = group.iter().filter(|row| row.yes).count().max(1) as f32;
            for (row, odds) in group.iter().zip(odds) {
                let error = odds / all - f32::from(u8::from(row.yes)) / right;
                row.add(error / groups.len() as f32, slope);
            }
        }
    })
}

impl Row {
    fn sum(&self, weights: &[f32]) -> f32 {
        self.features.iter().zip(weights).map(|(x, w)| x * w).sum()
    }

    fn add(&self, error: f32, slope: &mut [f32]) {
        slope.iter_mut().zip(&self.features).for_each(|(slope, x)| *slope += error * x);
    }
}

/// Adam from zero, drawn towards it by `pull`; `slopes` adds the slope at the weights.
fn descend(count: usize, pull: f32, slopes: impl Fn(&[f32], &mut [f32])) -> Vec<f32> {
    let (mut weights, mut first, mut second) =
        (vec![0.0_f32; count], vec![0.0_f32; count], vec![0.0_f32; count]);
    for step in 1..=STEPS {
        let mut slope = vec![0.0_f32; count];
        slopes(&weights, &mut slope);
        let step = step as i32;
        for at in 0..count {
            let slope = slope[at] + pull * weights[at];
            first[at] = 0.9 * first[at] + 0.1 * slope;
            second[at] = 0.999 * second[at] + 0.001 * slope * slope;
            let (first, second) =
                (first[at] / (1.0 - 0.9_f32.powi(step)), second[at] / (1.0 - 0.999_f32.powi(step)));
            weights[at] -= 0.05 * first / (second.sqrt() + 1e-8);
        }
    }
    weights
}
