//! How good bodies are: shingles of four words, as the public article-extraction benchmarks
//! measure.

use std::collections::HashMap;

use super::corpus::tokens;

/// Sums over pages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    precision: (f64, f64),
    recall: (f64, f64),
    exact: f64,
    pages: f64,
}

impl Score {
    /// Adds a page.
    pub(crate) fn add(&mut self, truth: &str, found: &str) {
        let (truth, found) = (tokens(truth), tokens(found));
        let (a, b) = (shingles(&truth), shingles(&found));
        let both: usize = a.iter().map(|(s, n)| b.get(s).map_or(0, |m| *n.min(m))).sum();
        let (wanted, got) = (a.values().sum::<usize>(), b.values().sum::<usize>());
        let share = |n: usize| if n == 0 { 0.0 } else { both as f64 / n as f64 };
        if got > 0 {
            self.precision = (self.precision.0 + share(got), self.precision.1 + 1.0);
        }
        if wanted > 0 {
            self.recall = (self.recall.0 + share(wanted), self.recall.1 + 1.0);
        }
        self.exact += f64::from(u8::from(truth == found));
        self.pages += 1.0;
    }
}

impl Score {
    /// The harmonic mean of mean precision and mean recall.
    pub(crate) fn f1(&self) -> f64 {
        let (p, r) = (self.precision.0 / self.precision.1, self.recall.0 / self.recall.1);
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p, r) = (self.precision.0 / self.precision.1, self.recall.0 / self.recall.1);
        let f1 = self.f1();
        let exact = self.exact / self.pages;
        write!(f, "F1 {f1:.4} (precision {p:.4}, recall {r:.4}), exact {exact:.3}")
    }
}

fn shingles(words: &[String]) -> HashMap<&[String], usize> {
    let mut all = HashMap::new();
    let windows = words.windows(4.min(words.len().max(1)));
    for window in windows.filter(|_| !words.is_empty()) {
        *all.entry(window).or_default() += 1;
    }
    all
}
