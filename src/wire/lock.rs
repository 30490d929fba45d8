//! One writer for a wire: a lock file beside it that says who holds it.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::error::OpenError;

/// Who holds a wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The folder it watches.
    pub folder: Option<PathBuf>,
    /// Where its dashboard is.
    pub url: Option<String>,
    /// Whoever can read the lock file may give the daemon orders, with this key.
    pub key: Option<String>,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}", self.pid)?;
        if let Some(folder) = &self.folder {
            write!(f, " watching {}", folder.display())?;
        }
        if let Some(url) = &self.url {
            write!(f, " ({url})")?;
        }
        Ok(())
    }
}

/// The exclusive right to write a wire, given back when dropped or when the process ends, however
/// it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Where the lock of a wire lies.
    pub fn path(wire: &Path) -> PathBuf {
        let mut name = wire.as_os_str().to_owned();
        name.push(".lock");
        name.into()
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`OpenError::Held`] where another process has it, [`OpenError::Refused`] where the lock
    /// file can't be made.
    pub fn take(wire: &Path) -> Result<Self, OpenError> {
        let refused = |error: std::io::Error| OpenError::Refused {
            path: wire.to_owned(),
            reason: error.to_string(),
        };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(Self::path(wire))
            .map_err(refused)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                let mut lock = Lock { file };
                lock.say(&Holder { pid: std::process::id(), ..Holder::default() })
                    .map_err(refused)?;
                Ok(lock)
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = Self::holder(wire).unwrap_or_default();
                Err(OpenError::Held { path: wire.to_owned(), holder: holder.to_string() })
            }
            Err(error) => Err(refused(error.into())),
        }
    }

    /// Writes down who holds the wire.
    ///
    /// # Errors
    /// As the file system says.
    pub fn say(&mut self, holder: &Holder) -> std::io::Result<()> {
        let text = serde_json::to_string(holder)?;
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }

    /// Who last held the wire; it may be gone.
    pub fn holder(wire: &Path) -> Option<Holder> {
        let mut text = String::new();
        File::open(Self::path(wire)).ok()?.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Who holds the wire now.
    pub fn held_by(wire: &Path) -> Option<Holder> {
        let file = File::open(Self::path(wire)).ok()?;
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => Self::holder(wire),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_holds_the_wire() {
        let folder = tempfile::tempdir().unwrap();
        let wire = folder.path().join("a.db");
        let mut lock = Lock::take(&wire).unwrap();
        lock.say(&Holder { pid: 7, folder: Some("/pages".into()), ..Holder::default() }).unwrap();
        let error = Lock::take(&wire).unwrap_err().to_string();
        assert!(error.contains("process 7 watching /pages"), "{error}");
        drop(lock);
        Lock::take(&wire).unwrap();
    }
}
