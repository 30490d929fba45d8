//! A folder held open, for what is done to the files in it.

use std::{
    fs::File,
    io,
    os::fd::{AsFd as _, OwnedFd},
};

use rustix::{
    fs::{
        AtFlags, Mode, OFlags, RenameFlags, fsync, mkdirat, openat, renameat_with, statat, unlinkat,
    },
    io::Errno,
};

use super::{
    names::folder_of,
    root::Root,
    stat::{Look, Stat},
};
use crate::page::PageName;

/// A folder held open. What is done through it is done in that very folder, even if somebody has
/// moved it or put a link in its place since.
#[derive(Debug)]
pub struct OpenFolder(OwnedFd);

impl Root {
    /// Opens the folder that `name` lies in, following no link.
    ///
    /// # Errors
    /// Where it is gone, can't be opened, or a link stands in its path.
    pub fn folder_of(&self, name: &PageName) -> io::Result<OpenFolder> {
        self.folder(folder_of(name.as_bytes())).map(OpenFolder).map_err(in_words)
    }

    /// The same, making the folders that are missing.
    ///
    /// # Errors
    /// Where one can't be made or opened, or a link stands in its path.
    pub fn make_folder_of(&self, name: &PageName) -> io::Result<OpenFolder> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = self.folder(b"")?;
        let parts = folder_of(name.as_bytes()).split(|&b| b == b'/');
        for part in parts.filter(|part| !part.is_empty()) {
            match mkdirat(&at, part, Mode::RWXU | Mode::RWXG | Mode::RWXO) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            at = openat(&at, part, flags, Mode::empty()).map_err(in_words)?;
        }
        Ok(OpenFolder(at))
    }
}

impl OpenFolder {
    /// What the file system says of a file; a link is looked at itself.
    ///
    /// # Errors
    /// What the system said.
    pub fn stat(&self, file: &[u8]) -> io::Result<Stat> {
        let raw = statat(&self.0, file, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Look::from(raw).stat)
    }

    /// Opens a file for reading; a link is refused.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(&self, file: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        openat(&self.0, file, flags, Mode::empty()).map(File::from).map_err(in_words)
    }

    /// Makes a file that was not there, for its owner alone.
    ///
    /// # Errors
    /// Where something bears the name already, or the system refuses.
    pub fn create(&self, file: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let fd = openat(&self.0, file, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(File::from(fd))
    }

    /// Removes a file; of a link, the link itself.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(&self, file: &[u8]) -> io::Result<()> {
        Ok(unlinkat(&self.0, file, AtFlags::empty())?)
    }

    /// Moves a file into another folder under a name that nothing bears there.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where something bears the name,
    /// [`io::ErrorKind::CrossesDevices`] where the other folder is on another file system.
    pub fn rename(&self, file: &[u8], to: &OpenFolder, name: &[u8]) -> io::Result<()> {
        Ok(renameat_with(&self.0, file, &to.0, name, RenameFlags::NOREPLACE)?)
    }

    /// Makes the names in it durable.
    ///
    /// # Errors
    /// What the system said.
    pub fn sync(&self) -> io::Result<()> {
        Ok(fsync(self.0.as_fd())?)
    }
}

fn in_words(error: Errno) -> io::Error {
    match error {
        Errno::LOOP | Errno::NOTDIR => io::Error::other("a link, or no folder, stands in its path"),
        other => other.into(),
    }
}
