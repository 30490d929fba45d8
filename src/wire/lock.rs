//! One writer for a wire: a note beside it says who that is.
//!
//! What keeps a second writer away is the lock on the wire's file itself (see `Place`); the note
//! only names the holder, and holds the key by which the commands of this machine reach it.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::{FileExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::{
    error::OpenError,
    own::{self, real_path},
};

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
    /// Names this run of the wire's writer; the wire's file bears the same name.
    pub life: Option<String>,
    /// How far the wire had come when this was written.
    pub head: Option<u64>,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.pid {
            0 => write!(f, "another process")?,
            pid => write!(f, "process {pid}")?,
        }
        if let Some(folder) = &self.folder {
            write!(f, " watching {}", folder.display())?;
        }
        if let Some(url) = &self.url {
            write!(f, " ({url})")?;
        }
        Ok(())
    }
}

/// The note of a running writer, locked for as long as it runs, however it ends.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
    says: Holder,
}

impl Lock {
    /// Where the note of a wire lies: beside its file, whatever link leads there.
    pub fn path(wire: &Path) -> PathBuf {
        own::beside(&real_path(wire).unwrap_or_else(|_| wire.to_owned()), ".lock")
    }

    /// Lays down the note of this process.
    ///
    /// # Errors
    /// [`OpenError::Held`] where another process has one there, [`OpenError::Refused`] where it
    /// can't be made.
    pub fn take(wire: &Path) -> Result<Self, OpenError> {
        let path = Self::path(wire);
        let says = Holder { pid: std::process::id(), ..Holder::default() };
        match own::make(&path).and_then(|file| Self::written(path.clone(), file, says)) {
            Ok(lock) => Ok(lock),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let holder = Self::holder(wire).unwrap_or_default();
                Err(OpenError::Held { path: wire.to_owned(), holder: holder.to_string() })
            }
            Err(error) => Err(OpenError::Refused {
                path: wire.to_owned(),
                reason: format!("its lock file {} can't be made anew: {error}", path.display()),
            }),
        }
    }

    fn written(path: PathBuf, file: File, says: Holder) -> io::Result<Self> {
        let mut lock = Lock { path, file, says: Holder::default() };
        lock.say(&says)?;
        Ok(lock)
    }

    /// Writes down who holds the wire.
    ///
    /// # Errors
    /// As the file system says.
    pub fn say(&mut self, holder: &Holder) -> io::Result<()> {
        let text = serde_json::to_string(holder)?;
        // In one go: somebody may be reading it.
        self.file.write_all_at(text.as_bytes(), 0)?;
        self.file.set_len(text.len() as u64)?;
        self.says = holder.clone();
        Ok(())
    }

    /// Lets what was written survive a power cut, as the wire's file does: else the next start would
    /// think that one of the two is older than the other.
    ///
    /// # Errors
    /// As the file system says.
    pub fn settle(&self) -> io::Result<()> {
        self.file.sync_all()?;
        self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    /// Writes down how far the wire has come.
    ///
    /// # Errors
    /// As the file system says.
    pub fn say_head(&mut self, head: u64) -> io::Result<()> {
        if self.says.head == Some(head) {
            return Ok(());
        }
        let says = Holder { head: Some(head), ..self.says.clone() };
        self.say(&says)
    }

    /// What this process has said of itself.
    pub fn says(&self) -> &Holder {
        &self.says
    }

    /// Lays the note down again where somebody has removed it.
    ///
    /// # Errors
    /// As the file system says.
    pub fn keep(&mut self) -> io::Result<()> {
        if own::lies_at(&self.file, &self.path).unwrap_or(false) {
            return Ok(());
        }
        let file = own::make(&self.path)?;
        *self = Self::written(self.path.clone(), file, self.says.clone())?;
        tracing::warn!(file = %self.path.display(), "the lock file was gone and is made again");
        Ok(())
    }

    /// Who last held the wire; it may be gone.
    pub fn holder(wire: &Path) -> Option<Holder> {
        Self::read(&own::look(&Self::path(wire)).ok()?)
    }

    fn read(mut file: &File) -> Option<Holder> {
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Who holds the wire now. A note that somebody made who has nothing to do with the wire says
    /// nothing.
    pub fn held_by(wire: &Path) -> Option<Holder> {
        let file = own::look(&Self::path(wire)).ok()?;
        let writer = file.metadata().ok()?.uid();
        let owner = std::fs::metadata(wire).ok().map(|meta| meta.uid());
        let me = rustix::process::geteuid().as_raw();
        if ![Some(0), Some(me), owner].contains(&Some(writer)) {
            return None;
        }
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => Self::read(&file),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

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

    #[test]
    fn what_lay_there_before_is_neither_written_nor_followed() {
        let folder = tempfile::tempdir().unwrap();
        let wire = folder.path().join("a.db");
        let (note, mine) = (Lock::path(&wire), folder.path().join("mine.txt"));
        std::fs::write(&mine, "mine").unwrap();
        let lay: [&dyn Fn(); 3] = [
            &|| {
                std::fs::write(&note, "").unwrap();
                std::fs::set_permissions(&note, PermissionsExt::from_mode(0o666)).unwrap();
            },
            &|| symlink(&mine, &note).unwrap(),
            &|| std::fs::hard_link(&mine, &note).unwrap(),
        ];
        for lay in lay {
            lay();
            let spy = own::look(&note).ok();
            let lock = Lock::take(&wire).unwrap();
            let meta = std::fs::symlink_metadata(&note).unwrap();
            assert!(
                meta.is_file() && meta.mode() & 0o777 == 0o600 && meta.nlink() == 1,
                "{meta:?}"
            );
            assert!(spy.is_none_or(|spy| Lock::read(&spy).is_none()), "who had it open reads on");
            assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
            drop(lock);
            std::fs::remove_file(&note).unwrap();
        }
    }

    #[test]
    fn a_removed_note_is_laid_down_again() {
        let folder = tempfile::tempdir().unwrap();
        let wire = folder.path().join("a.db");
        let mut lock = Lock::take(&wire).unwrap();
        lock.say(&Holder { pid: 7, ..Holder::default() }).unwrap();
        std::fs::remove_file(Lock::path(&wire)).unwrap();
        assert_eq!(Lock::held_by(&wire), None);
        lock.keep().unwrap();
        assert_eq!(Lock::held_by(&wire).unwrap().pid, 7);
    }
}
