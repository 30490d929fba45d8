//! The wire's file where it lies: locked against a second writer, and looked after.

use std::{
    fs::{File, OpenOptions},
    io,
    os::{fd::AsRawFd as _, unix::fs::MetadataExt as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use rustix::fs::{FlockOperation, flock};

use crate::wire::{Lock, OpenError, own};

use super::open::{empty, refused};

/// What stands behind the name of a copy of a wire whose file was deleted.
pub(super) const RESCUED: &str = ".rescued";

/// What tells one file from another: its device and its number there.
type Identity = (u64, u64);

/// The file as this process opened it.
///
/// Closing any descriptor of a file drops the locks that SQLite holds on it in this process, so
/// this one must outlive every connection.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: File,
    identity: Identity,
    /// The log beside it, once there is one.
    log: OnceLock<Identity>,
}

fn identity(meta: &std::fs::Metadata) -> Identity {
    (meta.dev(), meta.ino())
}

impl Place {
    /// Takes the exclusive right to write the file at `path`, by whatever name another process may
    /// have opened it. It is given back when the process ends, however it ends.
    ///
    /// # Errors
    /// [`OpenError`], for whoever started the daemon.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| refused(path, error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = Lock::held_by(path).map(|holder| holder.to_string());
                let holder = holder.or_else(|| writer(&file)).unwrap_or("another process".into());
                return Err(OpenError::Held { path: path.to_owned(), holder });
            }
            Err(error) => return Err(refused(path, error)),
        }
        let meta = file.metadata().map_err(|error| refused(path, error))?;
        if meta.len() == 0 {
            return Err(empty(path));
        }
        if meta.mode() & 0o007 != 0 {
            tracing::warn!(
                wire = %path.display(),
                "every user of this machine can read the wire; `chmod o= FILE` keeps it to its owner and group"
            );
        }
        if meta.nlink() > 1 {
            tracing::warn!(
                wire = %path.display(),
                "the wire's file has a second name (a hard link): never start flashwire on that, and copy a wire with `flashwire backup`"
            );
        }
        Ok(Place { path: path.to_owned(), identity: identity(&meta), file, log: OnceLock::new() })
    }

    /// What the file bears within it: another one, made by copying, has another number or another
    /// birth. A file system may not tell births.
    pub(super) fn home(&self) -> String {
        let born = self.file.metadata().and_then(|meta| meta.created()).ok();
        let born = born.and_then(|born| born.duration_since(std::time::UNIX_EPOCH).ok());
        format!("{} {}", self.identity.1, born.map_or(0, |born| born.as_nanos()))
    }

    /// Takes note of the log that SQLite has just opened.
    pub(super) fn has_log(&self) {
        if let Ok(meta) = std::fs::metadata(own::beside(&self.path, "-wal")) {
            self.log.get_or_init(|| identity(&meta));
        }
    }

    /// Gives the right to write back; the descriptor stays.
    pub(super) fn release(&self) {
        // It can only fail on a bad descriptor.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }

    /// Whether what is written lies where the next start looks for it.
    ///
    /// # Errors
    /// What has happened to the file and what to do, as a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        let here = |path: &Path, known: Identity| match std::fs::metadata(path) {
            Ok(meta) => Ok(identity(&meta) == known),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(format!("{} can't be looked at: {error}", path.display())),
        };
        if !here(&self.path, self.identity)? {
            return Err(self.whereabouts());
        }
        let log = own::beside(&self.path, "-wal");
        match self.log.get() {
            Some(&known) if !here(&log, known)? => Err(format!(
                "its log {} has been removed: stop the daemon and start it again; what was told is kept",
                log.display()
            )),
            _ => Ok(()),
        }
    }

    /// Whether the file has no name any more, so that it ends with this process.
    pub(super) fn is_deleted(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| meta.nlink() == 0)
    }

    fn whereabouts(&self) -> String {
        let path = self.path.display();
        if self.is_deleted() {
            return format!(
                "its file {path} has been deleted: stop the daemon, it then keeps what was told in {path}{RESCUED}"
            );
        }
        match std::fs::read_link(format!("/proc/self/fd/{}", self.file.as_raw_fd())) {
            Ok(now) => format!(
                "its file {path} has been moved to {}: move it back to its place",
                now.display()
            ),
            Err(_) => format!("its file {path} has been moved away: move it back to its place"),
        }
    }
}

/// Which process holds the lock of a file, as the kernel tells it.
fn writer(file: &File) -> Option<String> {
    let number = format!(":{}", file.metadata().ok()?.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 08:02:131091 0 EOF
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = words.get(1) == Some(&"FLOCK") && words.get(5)?.ends_with(&number);
        ours.then(|| format!("process {}", words[4]))
    })
}
