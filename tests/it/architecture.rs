//! Imports point one way. What may import what stands in `src/README.md`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Module → what it may import of ours. In pipeline order.
const MAY: &[(&str, &[&str])] = &[
    ("item", &[]),
    ("page", &["item"]),
    ("watch", &["item", "page"]),
    ("parse", &["item", "page"]),
    ("dedup", &["item"]),
    ("wire", &["item"]),
    ("follower", &["item", "wire"]),
    ("desk", &["item", "page", "parse", "dedup", "wire"]),
    ("filter", &["item"]),
    ("search", &["item", "wire", "filter", "follower"]),
    ("outlet", &["item", "wire", "filter", "follower"]),
    ("dashboard", &[]),
    ("broadcast", &["item", "wire", "filter", "search", "outlet", "dashboard"]),
    ("telemetry", &["item"]),
    (
        "pipeline",
        &["item", "page", "watch", "parse", "dedup", "wire", "follower", "desk", "broadcast"],
    ),
    (
        "config",
        &[
            "watch",
            "parse",
            "dedup",
            "wire",
            "search",
            "outlet",
            "broadcast",
            "pipeline",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "item",
            "page",
            "watch",
            "parse",
            "dedup",
            "wire",
            "follower",
            "desk",
            "filter",
            "search",
            "outlet",
            "broadcast",
            "pipeline",
            "config",
            "telemetry",
        ],
    ),
];

/// What the pure stages must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "tokio",
    "rusqlite",
    "Timestamp::now",
    "SystemTime",
    "Instant::now",
    "Zoned::now",
    "RandomState",
];

/// Sources of a folder, apart from unit tests in a file of their own.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            found.push(path);
        }
    }
}

/// The part of a file before its unit tests; nothing of one that is for tests alone.
fn production(text: &str) -> &str {
    text.split("[cfg(test)]").next().unwrap()
}

fn files_of(module: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    if src.join(module).is_dir() {
        sources(&src.join(module), &mut paths);
    } else {
        paths.push(src.join(format!("{module}.rs")));
    }
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Names right after `crate::`, also inside `use crate::{…}`.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let line = text[..at].lines().count();
        if text[..at].lines().last().is_some_and(|line| line.trim_start().starts_with("//")) {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push((line, std::mem::take(&mut name))),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.push((line, name));
        } else {
            found.push((line, rest.to_owned()));
        }
    }
    found
        .into_iter()
        .map(|(line, path)| {
            let name: String =
                path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            (line, name)
        })
        .filter(|(_, name)| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_one_way() {
    let modules: Vec<&str> = MAY.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (module, may) in MAY {
        for (path, text) in files_of(module) {
            for (line, name) in imports(production(&text)) {
                let stage = modules.contains(&name.as_str());
                if stage && name != *module && !may.contains(&name.as_str()) {
                    wrong.push(format!("{}:{line}: {module} imports {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_rule() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for line in text.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = line.trim_end_matches(';');
        assert!(MAY.iter().any(|(name, _)| *name == module), "{module} has no rule here");
    }
}

#[test]
fn parse_dedup_desk_and_filter_are_pure() {
    let mut wrong = Vec::new();
    for module in ["parse", "dedup", "desk", "filter", "item"] {
        for (path, text) in files_of(module) {
            for word in IMPURE {
                for (at, _) in production(&text).match_indices(word) {
                    let line = text[..at].lines().count();
                    let comment = text[..at].lines().last().unwrap_or("").trim_start();
                    if !comment.starts_with("//") {
                        wrong.push(format!("{}:{line}: {word}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_both_forms() {
    let text =
        "use crate::{item::{Event, Seq}, wire};\nfn f() { crate::dedup::judge() }\n// crate::cli";
    let names: Vec<String> = imports(text).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["item", "wire", "dedup"]);
}
