//! What becomes of a page's file once it is on the wire.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use crate::item::PageHash;

use super::{After, Config, taken::Taken};

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
    after: After,
    moved_to: PathBuf,
}

impl Files {
    /// Checks the target.
    ///
    /// # Errors
    /// [`AfterError`] where files can't be moved there.
    pub(super) fn new(folder: &Path, config: &Config) -> Result<Self, AfterError> {
        let moved_to = match config.after {
            After::Move => {
                let target = || AfterError::Target(config.moved_to.clone());
                let found = config.moved_to.canonicalize().map_err(|_| target())?;
                let inside = folder.canonicalize().is_ok_and(|folder| found.starts_with(folder));
                if inside || !found.is_dir() {
                    return Err(target());
                }
                found
            }
            After::Leave | After::Delete => PathBuf::new(),
        };
        Ok(Files { folder: folder.to_owned(), after: config.after, moved_to })
    }

    /// Deals with one file; what can't be done is said in the log and the file stays.
    pub(super) fn settle(&self, taken: &Taken) {
        // A page that was set aside stays where it is for whoever looks into it.
        let Some(hash) = taken.hash else { return };
        let from = self.folder.join(OsStr::from_bytes(taken.name.as_bytes()));
        let done = match self.after {
            After::Leave => return,
            After::Delete => self.same(&from, taken).and_then(|()| std::fs::remove_file(&from)),
            After::Move => {
                self.same(&from, taken).and_then(|()| self.move_file(&from, taken, hash))
            }
        };
        if let Err(error) = done {
            tracing::warn!(page = %taken.name, %error, "the page is on the wire, its file stays");
        }
    }

    /// Only the very file that was read is touched: another one may have come under its name.
    fn same(&self, path: &Path, taken: &Taken) -> std::io::Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let meta = std::fs::symlink_metadata(path)?;
        let read = taken.stat.map(|stat| (stat.dev, stat.ino, stat.size));
        if read == Some((meta.dev(), meta.ino(), meta.size())) {
            Ok(())
        } else {
            Err(std::io::Error::other("the file has changed since it was read"))
        }
    }

    fn move_file(&self, from: &Path, taken: &Taken, hash: PageHash) -> std::io::Result<()> {
        let mut to = self.moved_to.join(OsStr::from_bytes(taken.name.as_bytes()));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match rename_new(from, &to) {
            Err(Errno::EXIST) => {
                let mut name = to.as_os_str().to_owned();
                name.push(format!(".{hash}"));
                to = name.into();
                rename_new(from, &to).map_err(Into::into)
            }
            Err(Errno::XDEV) => copy_over(from, &to),
            done => done.map_err(Into::into),
        }
    }
}

fn rename_new(from: &Path, to: &Path) -> Result<(), Errno> {
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
}

/// Across file systems: the copy is whole and durable before the original goes.
fn copy_over(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::copy(from, &part)?;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, to)?;
    if let Some(parent) = to.parent() {
        std::fs::File::open(parent)?.sync_all()?;
    }
    std::fs::remove_file(from)
}
