//! What lies in a folder and is not taken, for whoever looks for a page that was not told.

use std::{io, os::unix::ffi::OsStrExt as _, path::Path};

use super::names::{Named, depth, is_closed_folder, join, named, pages_of};
use crate::page::PageName;

/// A file or folder that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Path below the watched folder; of a folder nothing below it is taken.
    pub name: PageName,
    /// Why, in a few words.
    pub why: &'static str,
}

/// Everything in a folder that is not taken, in the order of names.
///
/// # Errors
/// Where the folder, or one below it, can't be listed.
pub fn ignored(folder: &Path, max_depth: u8) -> io::Result<Vec<Ignored>> {
    let mut found = Vec::new();
    list(folder, b"", max_depth, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn list(root: &Path, below: &[u8], max_depth: u8, found: &mut Vec<Ignored>) -> io::Result<()> {
    let at = root.join(std::ffi::OsStr::from_bytes(below));
    for entry in std::fs::read_dir(&at)? {
        let entry = entry?;
        let name = join(below, entry.file_name().as_bytes());
        let kind = entry.file_type()?;
        let page = |page: &Vec<u8>| root.join(std::ffi::OsStr::from_bytes(page)).exists();
        let why = if kind.is_symlink() {
            Some("a link, which is not followed")
        } else if kind.is_dir() && is_closed_folder(name.file()) {
            Some("a hidden folder")
        } else if kind.is_dir() && pages_of(name.as_bytes()).iter().any(page) {
            Some("what a browser saved with the page beside it")
        } else if kind.is_dir() && depth(name.as_bytes()) > usize::from(max_depth) {
            Some("too deep (watch.max_depth)")
        } else if kind.is_dir() {
            list(root, name.as_bytes(), max_depth, found)?;
            None
        } else {
            match named(&name) {
                Named::Page | Named::Sidecar => None,
                Named::Ignored if name.format().is_some() => {
                    Some("unfinished or hidden, by its name")
                }
                Named::Ignored => Some("no page, by its name's ending"),
            }
        };
        found.extend(why.map(|why| Ignored { name, why }));
    }
    Ok(())
}
