//! Real lines with what people or rules said of them, where they lie at hand.

use std::{collections::HashMap, path::Path};

/// A labelled stream: lines with the time of each in milliseconds.
pub(crate) struct Labelled {
    /// Each line's number, time and text, in order.
    pub(crate) lines: Vec<(u32, i64, String)>,
    /// What is known of some of them.
    pub(crate) labels: HashMap<u32, Label>,
}

/// What a line is.
pub(crate) struct Label {
    /// It tells nothing new.
    pub(crate) repeat: bool,
    /// Lines it may be called a repeat of: a group's name, or one line.
    pub(crate) group: String,
}

fn rows(path: &Path) -> Option<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.lines().map(|row| row.splitn(4, '\t').map(str::to_owned).collect()).collect())
}

fn stream(folder: &Path, name: &str) -> Option<Vec<(u32, i64, String)>> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.stream.tsv"))).ok()?;
    text.lines()
        .map(|row| {
            let mut columns = row.splitn(3, '\t');
            let number = columns.next()?.parse().ok()?;
            let at = columns.next()?.parse().ok()?;
            Some((number, at, columns.next()?.to_owned()))
        })
        .collect()
}

/// Generated edits of real lines (`tick`): repeats, updates and lines that must be told.
pub(crate) fn tick(folder: &Path) -> Option<Labelled> {
    let mut labels = HashMap::new();
    for row in rows(&folder.join("tick.labels.tsv"))? {
        let [number, kind, group, _] = row.as_slice() else { return None };
        if kind != "grey" {
            let label = Label { repeat: kind == "repeat", group: group.clone() };
            labels.insert(number.parse().ok()?, label);
        }
    }
    Some(Labelled { lines: stream(folder, "tick")?, labels })
}

/// Real lines of which a reader said what some are (`natural`). Only whether a line is held back
/// counts there, not for the sake of which.
pub(crate) fn natural(folder: &Path) -> Option<Labelled> {
    let mut labels = HashMap::new();
    for row in rows(&folder.join("natural.pairs.tsv"))? {
        let [_, later, kind] = row.as_slice() else { return None };
        if matches!(kind.as_str(), "repeat" | "update" | "different") {
            let label = Label { repeat: kind == "repeat", group: String::new() };
            labels.insert(later.parse().ok()?, label);
        }
    }
    Some(Labelled { lines: stream(folder, "natural")?, labels })
}

/// The text of every line of every stream there is, but for the one with this name.
pub(crate) fn all(folder: &Path, but: &str) -> Vec<String> {
    let names = ["msr", "natural", "sts", "tick", "uci"];
    let streams = names.iter().filter(|name| **name != but).filter_map(|name| stream(folder, name));
    streams.flatten().map(|(_, _, text)| text).collect()
}
