//! What a name in the folder stands for.

use crate::page::PageName;

/// What a file is, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A page.
    Page,
    /// What a crawler says about the page beside it.
    Sidecar,
    /// Unfinished, hidden, or of a kind that flashwire does not take.
    Ignored,
}

/// The ending of a sidecar, after the page's whole name: `a.html.meta.json`.
pub(super) const SIDECAR: &[u8] = b".meta.json";

/// What a file of this name is.
pub(super) fn named(name: &PageName) -> Named {
    let file = name.file();
    if hidden(file) {
        Named::Ignored
    } else if name.format().is_some() {
        Named::Page
    } else if file.len() > SIDECAR.len() && file.ends_with(SIDECAR) {
        Named::Sidecar
    } else {
        Named::Ignored
    }
}

/// Names that downloaders, editors and `rsync` give to what is not finished, and hidden ones.
/// (Endings such as `.part` or `.crdownload` need no rule: they are no page's ending.)
fn hidden(file: &[u8]) -> bool {
    file.starts_with(b".") || file.starts_with(b"~$") || file.starts_with(b"#")
}

/// True for folders that are not entered.
pub(super) fn is_closed_folder(file: &[u8]) -> bool {
    file.starts_with(b".") || file == b"lost+found"
}

/// What browsers call the folder of a page's pictures and frames, behind the page's own name.
const COMPANIONS: [&[u8]; 8] = [
    b"_files",
    b".files",
    b"-Dateien",
    b"_fichiers",
    b"_archivos",
    b"_arquivos",
    b"_bestanden",
    b"_pliki",
];

/// The pages a folder of this name may belong to: `X.html` for `X_files`.
pub(super) fn pages_of(folder: &[u8]) -> Vec<Vec<u8>> {
    let stem = COMPANIONS.iter().find_map(|ending| folder.strip_suffix(*ending));
    let Some(stem) = stem.filter(|stem| !stem.is_empty() && !stem.ends_with(b"/")) else {
        return Vec::new();
    };
    [&b".html"[..], b".htm", b".xhtml"].iter().map(|ending| [stem, *ending].concat()).collect()
}

/// `folder/file`; the empty folder is the watched one.
pub(super) fn join(folder: &[u8], file: &[u8]) -> PageName {
    if folder.is_empty() {
        return PageName::new(file);
    }
    let mut name = Vec::with_capacity(folder.len() + 1 + file.len());
    name.extend_from_slice(folder);
    name.push(b'/');
    name.extend_from_slice(file);
    PageName::new(name)
}

/// The folder a name lies in.
pub(super) fn folder_of(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|&b| b == b'/').unwrap_or(0);
    &name[..end]
}

/// How many folders deep a folder lies; the watched one is 0.
pub(super) fn depth(folder: &[u8]) -> usize {
    if folder.is_empty() { 0 } else { 1 + folder.iter().filter(|&&b| b == b'/').count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_and_foreign_files_are_ignored() {
        for page in ["a.txt", "desk/a.HTML", "a b.xhtml.gz", "x.tmp.txt", "é.htm.zst"] {
            assert_eq!(named(&PageName::new(page.as_bytes())), Named::Page, "{page}");
        }
        assert_eq!(named(&PageName::new(&b"desk/a.html.meta.json"[..])), Named::Sidecar);
        for ignored in [
            ".a.txt",
            "a.txt~",
            "a.txt.part",
            "a.html.crdownload",
            "~$a.html",
            "#a.txt#",
            "a.tmp",
            "a.warc.gz",
            ".meta.json",
            "a.txt.aX3f9Q",
            "photo.jpg",
        ] {
            assert_eq!(named(&PageName::new(ignored.as_bytes())), Named::Ignored, "{ignored}");
        }
    }

    #[test]
    fn a_browser_s_folder_belongs_to_its_page() {
        let pages = |name: &[u8]| {
            let pages = pages_of(name);
            pages.first().map(|page| String::from_utf8(page.clone()).unwrap())
        };
        assert_eq!(pages(b"desk/A ferry_files").as_deref(), Some("desk/A ferry.html"));
        assert_eq!(pages(b"a-Dateien").as_deref(), Some("a.html"));
        for other in [&b"files"[..], b"_files", b"desk/_files", b"my_files_2026"] {
            assert_eq!(pages(other), None);
        }
    }

    #[test]
    fn names_join_and_divide() {
        assert_eq!(join(b"", b"a.txt").as_bytes(), b"a.txt");
        assert_eq!(join(b"x/y", b"a.txt").as_bytes(), b"x/y/a.txt");
        assert_eq!(folder_of(b"x/y/a.txt"), b"x/y");
        assert_eq!(folder_of(b"a.txt"), b"");
        assert_eq!((depth(b""), depth(b"x"), depth(b"x/y")), (0, 1, 2));
    }
}
