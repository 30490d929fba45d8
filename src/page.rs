//! One dropped file as a value. Nothing here looks inside it.

use bytes::Bytes;
use jiff::Timestamp;

use crate::item::PageHash;

/// A saved page, read whole.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path below the watched folder, as the bytes the file system holds.
    pub name: PageName,
    /// Its content, inflated where it came as `.gz` or `.zst`.
    pub bytes: Bytes,
    /// Identity of its content as it lay in the folder.
    pub hash: PageHash,
    /// Text export or HTML, by its name.
    pub format: Format,
    /// When the file was last written.
    pub modified: Timestamp,
    /// When flashwire noticed it.
    pub seen: Timestamp,
    /// What whoever saved the page said about it.
    pub meta: Meta,
}

/// What whoever saved the page said about it: in `PAGE.meta.json` dropped before it, or in the
/// extended attribute `user.xdg.origin.url`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Where the page was found on the web.
    pub url: Option<String>,
    /// When it was captured.
    pub captured: Option<Timestamp>,
    /// What captured it.
    pub crawler: Option<String>,
}

/// Longer addresses than browsers take are no addresses.
pub(crate) const MOST_ADDRESS: usize = 8 << 10;

/// What an address says that every subscriber may know: where a page is on the web. A user's name
/// and password, and the place within the page, are nobody's business; a path on the saver's disk
/// is no place on the web.
pub fn public_address(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if url.len() > MOST_ADDRESS
        || !matches!(scheme.as_str(), "http" | "https")
        || rest.contains(|c: char| c.is_control() || c.is_whitespace())
    {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    // Browsers read a backslash as a slash.
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    (!host.is_empty()).then(|| format!("{scheme}://{host}{path}"))
}

/// What kind of text a page is, by its file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A text export.
    Text,
    /// HTML or XHTML.
    Html,
}

/// Path of a page below the watched folder. Names are bytes; they are shown as text with every
/// byte that is no UTF-8 written `\xNN`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageName(Box<[u8]>);

impl PageName {
    /// A name from its bytes, parts divided by `/`.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        PageName(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first folder below the watched one, where the page lies in one.
    pub fn first_folder(&self) -> Option<&[u8]> {
        let end = self.0.iter().position(|&b| b == b'/')?;
        Some(&self.0[..end])
    }

    /// The last part of the name.
    pub fn file(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or(&self.0)
    }

    /// The format its ending names, looking through `.gz` and `.zst`; `None` where flashwire
    /// doesn't take such files.
    pub fn format(&self) -> Option<Format> {
        let lower = self.file().to_ascii_lowercase();
        let lower = unnumbered(&lower);
        let inner = [&b".gz"[..], b".zst"]
            .iter()
            .find_map(|ending| lower.strip_suffix(*ending))
            .unwrap_or(lower);
        let ends = |ending: &[u8]| inner.len() > ending.len() && inner.ends_with(ending);
        if ends(b".txt") {
            Some(Format::Text)
        } else if ends(b".html") || ends(b".htm") || ends(b".xhtml") {
            Some(Format::Html)
        } else {
            None
        }
    }
}

/// A name without the number that `wget` puts behind one that is there already: `index.html.1`.
fn unnumbered(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match name.len().checked_sub(digits + 1) {
        Some(at) if (1..=4).contains(&digits) && name[at] == b'.' => &name[..at],
        _ => name,
    }
}

impl std::fmt::Display for PageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for PageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &[u8]) -> PageName {
        PageName::new(text)
    }

    #[test]
    fn the_ending_names_the_format() {
        assert_eq!(name(b"a/b.TXT").format(), Some(Format::Text));
        assert_eq!(name(b"b.html.gz").format(), Some(Format::Html));
        assert_eq!(name(b"b.xhtml.zst").format(), Some(Format::Html));
        assert_eq!(name(b"index.html.1").format(), Some(Format::Html));
        assert_eq!(name(b"a.txt.12").format(), Some(Format::Text));
        assert_eq!(name(b"notes.1").format(), None);
        assert_eq!(name(b"a.txt.20261120").format(), None);
        assert_eq!(name(b"b.pdf").format(), None);
        assert_eq!(name(b".txt").format(), None);
        assert_eq!(name(b"txt").format(), None);
    }

    #[test]
    fn names_are_bytes_and_shown_safely() {
        assert_eq!(name(b"caf\xe9/p\xc3\xa9.txt").to_string(), "caf\\xe9/pé.txt");
        assert_eq!(name(b"desk/a.txt").first_folder(), Some(&b"desk"[..]));
        assert_eq!(name(b"a.txt").first_folder(), None);
    }
}
