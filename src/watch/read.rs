//! One file, read safely and whole.

use std::io::Read as _;

use rustix::{
    fs::{FileType, fstat},
    io::Errno,
};

use super::{
    backlog::Job,
    inflate::{Packed, Unpacked},
    known::Mark,
    root::Root,
    shared::Shared,
    sidecar,
    stat::{Look, Stat},
};
use crate::{
    item::{Outcome, PageHash, Rejection},
    page::{Format, Meta},
};

/// A file over this many bytes, as it lies there or inflated, is left to the reader of big ones.
pub(super) const BIG: u64 = 1 << 20;

/// What came of reading a file.
#[derive(Debug)]
pub(super) enum Answer {
    /// A page.
    Page(Content, Stat),
    /// No page, for good.
    Rejected(Rejection, Option<Stat>),
    /// This version is settled or on its way already.
    Known,
    /// It is a folder.
    Folder,
    /// It is being written to.
    Unfinished(Stat),
    /// It looks cut off, and whoever wrote it may go on.
    Cut(Stat),
    /// For the reader of big files, with the claim made on it.
    Big(Mark),
    /// The system refused, for now.
    Refused(Errno, Option<Stat>),
}

/// What a page consists of, before it is one.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) hash: PageHash,
    pub(super) format: Format,
    pub(super) meta: Meta,
}

/// Reads one file; `big` where that is the reader of big ones. A claim stays made where the answer
/// is a page, a rejection or `Big`.
pub(super) fn read(shared: &Shared, root: &Root, job: &Job, big: bool) -> Answer {
    let look = match root.look(job.name.as_bytes()) {
        Ok(look) => look,
        Err(error) => {
            if let Some(claim) = job.claim {
                shared.claims.release(&job.name, claim);
            }
            return refused(error, None);
        }
    };
    if look.kind == FileType::Directory {
        if let Some(claim) = job.claim {
            shared.claims.release(&job.name, claim);
        }
        return Answer::Folder;
    }
    let Some(claim) = shared.claims.claim(&job.name, look.stat, job.claim) else {
        return Answer::Known;
    };
    let answer = read_claimed(shared, root, job, look, big);
    match answer {
        // The claim is made for the version looked at first; only that one is sent on.
        Answer::Page(..) | Answer::Rejected(_, Some(_)) => answer,
        Answer::Big(_) => Answer::Big(claim),
        other => {
            shared.claims.release(&job.name, claim);
            other
        }
    }
}

fn read_claimed(shared: &Shared, root: &Root, job: &Job, look: Look, big: bool) -> Answer {
    let (name, stat) = (&job.name, look.stat);
    let reject =
        |outcome, reason: String| Answer::Rejected(Rejection::new(outcome, reason), Some(stat));
    let (Some(format), FileType::RegularFile) = (name.format(), look.kind) else {
        return reject(Outcome::Unsupported, unsupported(look.kind));
    };
    let most = shared.config.max_page_bytes;
    let too_large = |size: String| {
        reject(Outcome::TooLarge, format!("{size}; pages are taken up to {most} bytes"))
    };
    if stat.size > most {
        return too_large(format!("{} bytes", stat.size));
    }
    if stat.size > BIG && !big {
        return Answer::Big(Mark::default());
    }
    let file = match root.file(name.as_bytes()) {
        Ok(file) => file,
        Err(error) => return refused(error, Some(stat)),
    };
    let now = |fd: &std::fs::File| fstat(fd).map(|raw| Look::from(raw).stat);
    match now(&file) {
        Ok(opened) if opened == stat => {}
        Ok(opened) => return Answer::Unfinished(opened),
        Err(error) => return refused(error, Some(stat)),
    }
    let room = usize::try_from(stat.size).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = Vec::with_capacity(room);
    if let Err(error) = (&file).take(most + 1).read_to_end(&mut bytes) {
        let error = Errno::from_io_error(&error).unwrap_or(Errno::IO);
        return refused(error, Some(stat));
    }
    match now(&file) {
        Ok(after) if after == stat && bytes.len() as u64 == stat.size => {}
        Ok(after) => return Answer::Unfinished(after),
        Err(error) => return refused(error, Some(stat)),
    }
    let hash = PageHash::of(&bytes);
    let packed = Packed::of(name);
    if let Some(packed) = packed {
        let cap = if big { most } else { BIG.min(most) };
        bytes = match packed.inflate(&bytes, cap) {
            Ok(inflated) => inflated,
            Err(Unpacked::TooLarge) if cap < most => return Answer::Big(Mark::default()),
            Err(Unpacked::TooLarge) => return too_large(format!("inflates past {most} bytes")),
            Err(Unpacked::Broken(_)) if !job.noticed.as_it_is => return Answer::Cut(stat),
            Err(Unpacked::Broken(why)) => {
                return reject(Outcome::NotText, format!("can't be inflated: {why}"));
            }
        };
    }
    // What is packed says itself where it ends.
    if !job.noticed.as_it_is && packed.is_none() && is_cut(format, &bytes) {
        return Answer::Cut(stat);
    }
    if bytes.is_empty() {
        return reject(Outcome::Empty, "the file has no bytes".into());
    }
    Answer::Page(Content { bytes, hash, format, meta: sidecar::meta(root, name, &file) }, stat)
}

fn refused(error: Errno, stat: Option<Stat>) -> Answer {
    let reject = |outcome, reason: &str| Answer::Rejected(Rejection::new(outcome, reason), stat);
    match error {
        Errno::NOENT | Errno::NOTDIR => {
            Answer::Rejected(Rejection::new(Outcome::Gone, "deleted before it was read"), None)
        }
        Errno::LOOP => reject(Outcome::Unsupported, "a link stands in its path"),
        Errno::XDEV => reject(Outcome::Unsupported, "it lies on another file system"),
        Errno::NXIO | Errno::NODEV => reject(Outcome::Unsupported, "not a regular file"),
        other => Answer::Refused(other, stat),
    }
}

fn unsupported(kind: FileType) -> String {
    let what = match kind {
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "not a kind of file that is taken",
    };
    format!("{what}; only regular files are read")
}

/// True for what a writer may not be done with: text that ends within a line, HTML that ends
/// within a tag or without `</body` and `</html`, or nothing at all. Many whole pages look so, too:
/// it can only be a reason to wait a while.
fn is_cut(format: Format, bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(8192)..];
    // UTF-16 has a zero byte beside each byte that counts here.
    let tail: Vec<u8> = tail.iter().copied().filter(|&byte| byte != 0).collect();
    match format {
        Format::Text => {
            // Blanks, form feeds and the end mark of old systems are no words.
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | 0x0c | 0x1a);
            let last = tail.iter().rev().find(|byte| !blank(byte));
            !matches!(last, Some(b'\n' | b'\r'))
        }
        Format::Html => {
            let in_tag = tail.iter().rev().find(|byte| matches!(byte, b'<' | b'>')) == Some(&b'<');
            let ended = tail.windows(6).any(|six| {
                six.eq_ignore_ascii_case(b"</html") || six.eq_ignore_ascii_case(b"</body")
            });
            in_tag || !ended
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_without_its_end_looks_cut() {
        assert!(is_cut(Format::Html, b"<html><body><p>Harbour"));
        assert!(is_cut(Format::Html, b""));
        assert!(!is_cut(Format::Html, b"<html><body><p>Harbour</BODY></HTML>\n<!-- x -->"));
        assert!(is_cut(Format::Html, b"<html><body><p>Harbour</body></ht"));
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert!(!is_cut(Format::Html, &wide("<html><body><p>Harbour</body></html>")));
    }

    #[test]
    fn text_that_ends_within_a_line_looks_cut() {
        for cut in ["", "Harbour", "Court frees th", "Harbour\nopens ", " "] {
            assert!(is_cut(Format::Text, cut.as_bytes()), "{cut:?}");
        }
        for whole in ["Harbour\n", "Harbour\r\n", "Harbour\r", "Harbour\n  \t", "Harbour\n\x1a"] {
            assert!(!is_cut(Format::Text, whole.as_bytes()), "{whole:?}");
        }
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        assert!(!is_cut(Format::Text, &wide("Harbour\n")));
        assert!(is_cut(Format::Text, &wide("Harbour")));
    }
}
