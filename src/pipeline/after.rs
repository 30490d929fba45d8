//! What becomes of a page's file once it is on the wire.
//!
//! Between reading a page and dealing with its file anybody who may write into the folder can
//! have put a link into its path. So nothing here is done by path: both folders are held open and
//! entered without following links, and only the very file that was read is touched.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{
    item::PageHash,
    page::PageName,
    watch::{OpenFolder, Root, Stat},
};

use super::{After, Config, taken::Taken};

/// Names tried in the folder that files are moved to.
const NAMES_MAX: u32 = 1000;

/// Why files can't be dealt with as configured.
#[derive(Debug, thiserror::Error)]
pub enum AfterError {
    /// `moved_to` is missing or lies in the watched folder.
    #[error(
        "pipeline.after = \"move\" needs pipeline.moved_to to be an existing folder outside the \
         watched one; `{0}` is not"
    )]
    Target(PathBuf),
}

/// Deals with files of settled pages. A page is durable on the wire before it comes here, so a
/// crash in between only leaves the file where it was: its content is known and tells nothing.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    then: Then,
}

#[derive(Debug)]
enum Then {
    Leave,
    Delete,
    Move(Root),
}

impl Files {
    /// Opens the target.
    ///
    /// # Errors
    /// [`AfterError`] where files can't be moved there.
    pub(super) fn new(folder: &Path, config: &Config) -> Result<Self, AfterError> {
        let then = match config.after {
            After::Leave => Then::Leave,
            After::Delete => Then::Delete,
            After::Move => Then::Move(target(folder, &config.moved_to)?),
        };
        Ok(Files { folder: folder.to_owned(), then })
    }

    /// Deals with one file of the watched folder; what can't be done is said in the log and the
    /// file stays.
    pub(super) fn settle(&mut self, root: Option<&Root>, taken: &Taken) {
        // A page that was set aside stays where it is for whoever looks into it.
        let (Some(hash), Some(stat)) = (taken.hash, taken.stat) else { return };
        let page = Settled { name: &taken.name, hash, stat };
        let done = match &mut self.then {
            Then::Leave => return,
            Then::Delete => page.folder(root).and_then(|folder| folder.remove(page.name.file())),
            Then::Move(to) => reopened(to, &self.folder)
                .and_then(|to| page.folder(root).and_then(|folder| page.move_to(&folder, to))),
        };
        if let Err(error) = done {
            tracing::warn!(page = %taken.name, %error, "the page is on the wire, its file stays");
        }
    }
}

fn target(folder: &Path, moved_to: &Path) -> Result<Root, AfterError> {
    let wrong = || AfterError::Target(moved_to.to_owned());
    let found = moved_to.canonicalize().map_err(|_| wrong())?;
    let inside = folder.canonicalize().is_ok_and(|folder| found.starts_with(folder));
    if inside { Err(wrong()) } else { Root::open(&found).map_err(|_| wrong()) }
}

/// The target, which somebody may have removed and made anew.
fn reopened<'a>(to: &'a mut Root, folder: &Path) -> io::Result<&'a Root> {
    if !to.stands() {
        *to = target(folder, to.path()).map_err(io::Error::other)?;
    }
    Ok(to)
}

/// A page that is on the wire.
struct Settled<'a> {
    name: &'a PageName,
    hash: PageHash,
    stat: Stat,
}

impl Settled<'_> {
    /// The folder its file lies in, if the file there is still the one that was read: another one
    /// may have come under its name.
    fn folder(&self, root: Option<&Root>) -> io::Result<OpenFolder> {
        let root = root.ok_or_else(|| io::Error::other("the watched folder is gone"))?;
        let folder = root.folder_of(self.name)?;
        self.check(folder.stat(self.name.file())?)?;
        Ok(folder)
    }

    fn check(&self, stat: Stat) -> io::Result<()> {
        if stat == self.stat {
            Ok(())
        } else {
            Err(io::Error::other("the file has changed since it was read"))
        }
    }

    fn move_to(&self, from: &OpenFolder, root: &Root) -> io::Result<()> {
        let (file, to) = (self.name.file(), root.make_folder_of(self.name)?);
        match self.put(from, file, &to) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => self.copy(from, &to),
            done => done,
        }
    }

    /// Moves `file` to where the page belongs, under the first name that nothing bears.
    fn put(&self, from: &OpenFolder, file: &[u8], to: &OpenFolder) -> io::Result<()> {
        let name = self.name.file();
        let mut done = from.rename(file, to, name);
        for again in 0..NAMES_MAX {
            match done {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                done => return done,
            }
            let ending = match again {
                0 => format!(".{}", self.hash),
                _ => format!(".{}.{again}", self.hash),
            };
            done = from.rename(file, to, &[name, ending.as_bytes()].concat());
        }
        done
    }

    /// Across file systems: the copy is whole and durable before the original goes.
    fn copy(&self, from: &OpenFolder, to: &OpenFolder) -> io::Result<()> {
        let name = self.name.file();
        let part = format!(".{}.part", self.hash).into_bytes();
        match to.remove(&part) {
            // What a crash left.
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let copied = self.fill(from, to, &part).and_then(|()| self.put(to, &part, to));
        if let Err(error) = copied {
            // Best effort: it is in nobody's way.
            let _ = to.remove(&part);
            return Err(error);
        }
        to.sync()?;
        from.remove(name)
    }

    fn fill(&self, from: &OpenFolder, to: &OpenFolder, part: &[u8]) -> io::Result<()> {
        let name = self.name.file();
        let mut original = from.open(name)?;
        let mut copy = to.create(part)?;
        io::copy(&mut original, &mut copy)?;
        copy.set_permissions(original.metadata()?.permissions())?;
        copy.sync_all()?;
        self.check(from.stat(name)?)
    }
}
