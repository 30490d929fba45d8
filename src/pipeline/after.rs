//! What becomes of a page's file once it is on the wire.
//!
//! Between reading a page and dealing with its file anybody who may write into the folder can
//! have put a link into its path. So nothing here is done by path: both folders are held open and
//! entered without following links, and only the very file that was read is touched.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{
    item::{PageHash, Shown},
    page::PageName,
    watch::{OpenFolder, Root, Stat},
};

use super::{After, Config, taken::Taken};

/// Names tried in the folder that files are moved to.
const NAMES_MAX: u32 = 1000;

/// Files that wait at most.
const WAITING_MAX: usize = 1_000_000;

/// Why files can't be dealt with as configured.
#[derive(Debug, thiserror::Error)]
pub enum AfterError {
    /// `moved_to` is not given, is no folder, or lies in the watched folder.
    #[error(
        "pipeline.after = \"move\" needs pipeline.moved_to to be an existing folder outside the \
         watched one; `{0}` is not"
    )]
    Target(PathBuf),
    /// There is nothing where `moved_to` should be.
    #[error(
        "the folder {} (pipeline.moved_to) is missing: is its disk mounted?", Shown::exact(.0.display())
    )]
    Missing(PathBuf),
}

/// Deals with files of settled pages. A page is durable on the wire before it comes here, so a
/// crash in between only leaves the file where it was: its content is known and tells nothing.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    then: Then,
    /// Whose time has not come.
    waiting: VecDeque<Taken>,
}

#[derive(Debug)]
enum Then {
    Leave,
    Delete,
    /// `None` while the folder is missing.
    Move {
        path: PathBuf,
        to: Option<Root>,
    },
}

/// Why a file stays where it is.
#[derive(Debug)]
enum Stays {
    /// For good: it is another one by now, or gone.
    There(io::Error),
    /// Until a disk is there and can be written to.
    Waiting(String),
}

impl Files {
    /// Opens the target; where it is missing its disk may be mounted later.
    ///
    /// # Errors
    /// [`AfterError`] where files can't be moved there.
    pub(super) fn new(folder: &Path, config: &Config) -> Result<Self, AfterError> {
        let then = match config.after {
            After::Leave => Then::Leave,
            After::Delete => Then::Delete,
            After::Move => {
                let path = config.moved_to.clone();
                let to = match target(folder, &path) {
                    Err(AfterError::Missing(_)) => None,
                    found => Some(found?),
                };
                Then::Move { path, to }
            }
        };
        Ok(Files { folder: folder.to_owned(), then, waiting: VecDeque::new() })
    }

    /// Whether files are dealt with at all.
    pub(super) fn stay(&self) -> bool {
        matches!(self.then, Then::Leave)
    }

    /// Deals with one file of the watched folder; what can't be done now is tried again. Gives why
    /// files wait.
    pub(super) fn settle(&mut self, root: Option<&Root>, taken: Taken) -> Result<(), String> {
        match self.deal(root, &taken) {
            Ok(()) => {}
            Err(Stays::There(error)) => {
                tracing::warn!(page = %taken.name, %error, "the page is on the wire, its file stays");
            }
            Err(Stays::Waiting(reason)) => {
                tracing::warn!(page = %taken.name, reason, "the page is on the wire, its file stays for now");
                // Past that the next start finds them.
                if self.waiting.len() < WAITING_MAX {
                    self.waiting.push_back(taken);
                }
                return Err(self.why(&reason));
            }
        }
        Ok(())
    }

    /// Adds a file that an earlier run has left behind.
    pub(super) fn left(&mut self, taken: Taken) {
        self.waiting.push_back(taken);
    }

    /// Whether files wait.
    pub(super) fn wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Deals with the files that wait, until one must wait on. Gives why.
    pub(super) fn try_again(&mut self, root: Option<&Root>) -> Result<(), String> {
        while let Some(taken) = self.waiting.pop_front() {
            if let Err(Stays::Waiting(reason)) = self.deal(root, &taken) {
                self.waiting.push_front(taken);
                return Err(self.why(&reason));
            }
        }
        Ok(())
    }

    fn why(&self, reason: &str) -> String {
        let files = self.waiting.len();
        format!("{files} files of pages that are on the wire stay in the folder: {reason}")
    }

    fn deal(&mut self, root: Option<&Root>, taken: &Taken) -> Result<(), Stays> {
        // A page that was set aside stays where it is for whoever looks into it.
        let (Some(hash), Some(stat)) = (taken.hash, taken.stat) else { return Ok(()) };
        let page = Settled { name: &taken.name, hash, stat };
        match &mut self.then {
            Then::Leave => Ok(()),
            Then::Delete => {
                let folder = page.folder(root).map_err(Stays::There)?;
                folder.remove(page.name.file()).map_err(|error| match error.kind() {
                    ErrorKind::NotFound => Stays::There(error),
                    _ => Stays::Waiting(format!("they can't be deleted: {error}")),
                })
            }
            Then::Move { path, to } => {
                let folder = page.folder(root).map_err(Stays::There)?;
                let to = reopened(to, &self.folder, path)
                    .map_err(|error| Stays::Waiting(error.to_string()))?;
                page.move_to(&folder, to).map_err(|error| {
                    // The file itself was there a moment ago.
                    match page.folder(root) {
                        Err(gone) => Stays::There(gone),
                        Ok(_) => Stays::Waiting(format!(
                            "they can't be moved to {}: {error}",
                            Shown::exact(path.display())
                        )),
                    }
                })
            }
        }
    }
}

fn target(folder: &Path, moved_to: &Path) -> Result<Root, AfterError> {
    let wrong = || AfterError::Target(moved_to.to_owned());
    if moved_to.as_os_str().is_empty() {
        return Err(wrong());
    }
    let found = moved_to.canonicalize().map_err(|error| match error.kind() {
        ErrorKind::NotFound => AfterError::Missing(moved_to.to_owned()),
        _ => wrong(),
    })?;
    let inside = folder.canonicalize().is_ok_and(|folder| found.starts_with(folder));
    if inside { Err(wrong()) } else { Root::open(&found).map_err(|_| wrong()) }
}

/// The target, whose disk may have gone and come again; it is never made.
fn reopened<'a>(
    to: &'a mut Option<Root>,
    folder: &Path,
    path: &Path,
) -> Result<&'a Root, AfterError> {
    if to.as_ref().is_some_and(|to| !to.stands()) {
        // Nothing is held open on a disk that somebody wants to take out.
        *to = None;
    }
    match to {
        Some(to) => Ok(to),
        None => Ok(to.insert(target(folder, path)?)),
    }
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
