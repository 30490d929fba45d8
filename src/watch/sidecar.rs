//! What whoever saved a page said about it: `PAGE.meta.json` beside it, dropped before it, and
//! the extended attribute that browsers, `curl --xattr` and `wget --xattr` write.

use std::{fs::File, io::Read};

use jiff::Timestamp;
use rustix::{fs::fgetxattr, io::Errno};
use serde::Deserialize;

use super::{names::SIDECAR, root::Root};
use crate::page::{MOST_ADDRESS, Meta, PageName, public_address};

/// A sidecar says three short things.
const MOST_BYTES: u64 = 64 << 10;
/// Freedesktop's name for "where this file was downloaded from".
/// <https://www.freedesktop.org/wiki/CommonExtendedAttributes/>
const ORIGIN: &str = "user.xdg.origin.url";

#[derive(Deserialize)]
struct Sidecar {
    url: Option<String>,
    captured: Option<Timestamp>,
    crawler: Option<String>,
}

/// What is said about the page `name`, opened as `file`.
pub(super) fn meta(root: &Root, name: &PageName, file: &File) -> Meta {
    let mut meta = beside(root, name).unwrap_or_default();
    if meta.url.is_none() {
        meta.url = origin(file);
    }
    meta
}

/// When the page was captured, where its sidecar says so.
pub(super) fn captured(root: &Root, name: &PageName) -> Option<Timestamp> {
    beside(root, name)?.captured
}

fn beside(root: &Root, name: &PageName) -> Option<Meta> {
    let path = [name.as_bytes(), SIDECAR].concat();
    let file = root.file(&path).ok()?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    let mut text = Vec::new();
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut text);
    let said: Result<Sidecar, String> = match read {
        Ok(_) if text.len() as u64 > MOST_BYTES => Err(format!("over {MOST_BYTES} bytes")),
        Ok(_) => serde_json::from_slice(&text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match said {
        Ok(Sidecar { url, captured, crawler }) => {
            Some(Meta { url: url.as_deref().and_then(public_address), captured, crawler })
        }
        Err(error) => {
            tracing::warn!(page = %name, error, "sidecar can't be read; the page is taken without");
            None
        }
    }
}

fn origin(file: &File) -> Option<String> {
    let mut short = [0; 256];
    let url = match fgetxattr(file, ORIGIN, &mut short) {
        Ok(length) => short[..length].to_vec(),
        Err(Errno::RANGE) => {
            let mut long = vec![0; MOST_ADDRESS];
            let length = fgetxattr(file, ORIGIN, long.as_mut_slice()).ok()?;
            long.truncate(length);
            long
        }
        Err(_) => return None,
    };
    public_address(std::str::from_utf8(&url).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sidecar: &str) -> Meta {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "x").unwrap();
        std::fs::write(dir.path().join("a.txt.meta.json"), sidecar).unwrap();
        let root = Root::open(dir.path()).unwrap();
        let name = PageName::new(&b"a.txt"[..]);
        let file = root.file(name.as_bytes()).unwrap();
        meta(&root, &name, &file)
    }

    #[test]
    fn the_sidecar_speaks_for_its_page() {
        let meta = read(
            r#"{"url":"https://desk.test/a","captured":"2026-03-01T10:00:00Z","crawler":"c/1","x":1}"#,
        );
        assert_eq!(meta.url.as_deref(), Some("https://desk.test/a"));
        assert_eq!(meta.captured, Some("2026-03-01T10:00:00Z".parse().unwrap()));
        assert_eq!(meta.crawler.as_deref(), Some("c/1"));
    }

    #[test]
    fn the_extended_attribute_names_the_origin() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        let root = Root::open(dir.path()).unwrap();
        for length in [30, 3000] {
            std::fs::write(&path, "x").unwrap();
            let url = format!("https://desk.test/{}", "a".repeat(length));
            let flags = rustix::fs::XattrFlags::empty();
            if let Err(error) = rustix::fs::setxattr(&path, ORIGIN, url.as_bytes(), flags) {
                return eprintln!("SKIPPED: no extended attributes on this file system ({error})");
            }
            let file = root.file(b"a.txt").unwrap();
            assert_eq!(meta(&root, &PageName::new(&b"a.txt"[..]), &file).url, Some(url));
        }
    }

    #[test]
    fn what_is_private_in_an_address_stays_private() {
        for (url, told) in [
            ("https://desk.test/a?b=c", Some("https://desk.test/a?b=c")),
            ("HTTPS://amal:s3cret@desk.test:8443/a#comment-7", Some("https://desk.test:8443/a")),
            ("http://a:b@c@desk.test?q=x@y", Some("http://desk.test?q=x@y")),
            (
                "https://amal:s3cret@desk.test\\@other.test/",
                Some("https://desk.test\\@other.test/"),
            ),
            ("file:///home/amal/saved/a.html", None),
            ("data:text/html,x", None),
            ("ftp://amal:s3cret@desk.test/a", None),
            ("https://desk.test/a b", None),
            ("https://", None),
            ("https://amal@/", None),
            ("", None),
        ] {
            assert_eq!(public_address(url).as_deref(), told, "{url}");
            let meta = read(&serde_json::json!({ "url": url }).to_string());
            assert_eq!(meta.url.as_deref(), told, "{url}");
        }
    }

    #[test]
    fn a_broken_sidecar_does_not_cost_the_page() {
        assert_eq!(read("{"), Meta::default());
        assert_eq!(read(r#"{"captured":"yesterday"}"#), Meta::default());
        assert_eq!(read(&" ".repeat(70_000)), Meta::default());
    }
}
