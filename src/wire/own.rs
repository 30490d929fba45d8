//! Files this program makes: nobody else can read them, and nobody can have laid them out for it.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, OFlags, flock};

/// Only this user reads and writes.
const PRIVATE: u32 = 0o600;

/// `path` with an ending behind its whole name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// The file that a name stands for, links followed, also where it is not there yet.
///
/// # Errors
/// Where its folder can't be found.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many links as the kernel follows.
    for _ in 0..40 {
        match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.canonicalize()?,
            _ => Path::new(".").canonicalize()?,
        };
        match (path.read_link(), path.file_name()) {
            (Ok(target), _) => path = parent.join(target),
            (Err(_), Some(name)) => return Ok(parent.join(name)),
            (Err(_), None) => break,
        }
    }
    Err(io::Error::other("it names no file"))
}

/// Opens what lies at `path` to look at it: no link is followed and nothing is waited for.
pub(super) fn look(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Whether `file` is what lies at `path` now.
pub(super) fn lies_at(file: &File, path: &Path) -> io::Result<bool> {
    let (here, there) = (file.metadata()?, std::fs::symlink_metadata(path)?);
    Ok((here.dev(), here.ino()) == (there.dev(), there.ino()))
}

/// Makes a new file that only this user can read, and locks it. What lay there before is removed,
/// whoever made it, unless its maker still holds its lock: what somebody else made beforehand he
/// could go on reading.
///
/// # Errors
/// `WouldBlock` where somebody is at work on it; else as the file system says.
pub(super) fn make(path: &Path) -> io::Result<File> {
    let lock = |file: &File| flock(file, FlockOperation::NonBlockingLockExclusive);
    // What can't be opened (a link, another user's file) is not at work for this user.
    if let Ok(old) = look(path) {
        lock(&old)?;
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(PRIVATE).open(path)?;
    lock(&file)?;
    // Somebody who began at the same moment may have removed it again.
    if !lies_at(&file, path)? {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(file)
}
