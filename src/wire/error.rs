//! What can go wrong with a wire.

use std::path::PathBuf;

use super::Position;

/// Why an append did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first: fold up to this head and judge again.
    #[error("somebody else has written the wire, which has moved on to {0}")]
    Conflict(Position),
    /// No room, or the disk refuses: nothing was written; it may go through later.
    #[error("the wire can't be written: {0}")]
    Full(String),
    /// This group can't be stored, whenever it is tried: nothing was written.
    #[error("the wire refuses what page {page} gave: {reason}")]
    Refused {
        /// The page's name.
        page: String,
        /// What the store said.
        reason: String,
    },
    /// It can't be known whether it happened: read from the expected head before trying again.
    #[error("no answer from the wire: {0}")]
    Unknown(String),
    /// The wire is closed, for good: nothing was written, and nothing will be.
    #[error("the wire is closed")]
    Closed,
}

/// Why a read failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the wire can't be read: {0}")]
pub struct ReadError(pub String);

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        ReadError(error.to_string())
    }
}

/// Why a wire can't be copied.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something has that name, and stays.
    #[error("{} exists already: name a new file, or remove that one first", .0.display())]
    Exists(PathBuf),
    /// The copy can't be written.
    #[error("the copy {} can't be made: {reason}", path.display())]
    Copy {
        /// The copy.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The wire can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        BackupError::Read(error.into())
    }
}

/// Why a wire can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another daemon writes it.
    #[error("{path} is in use by {holder}; stop it first, or start with another --wire FILE")]
    Held {
        /// The wire.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// There is none, and none may be made.
    #[error("there is no wire at {0}; `flashwire run FOLDER` makes one, --wire FILE names another")]
    Missing(PathBuf),
    /// The file is something else.
    #[error(
        "{0} is not a flashwire wire, or its beginning is damaged; name another file with --wire \
         FILE, a backup for example"
    )]
    Foreign(PathBuf),
    /// An interrupted copy, or an interrupted first start.
    #[error(
        "{0} was never finished and is no wire: delete it, and name another file with --wire FILE"
    )]
    Unfinished(PathBuf),
    /// The file does not hold together.
    #[error(
        "the wire {path} is damaged: {reason}; keep the file, and start from a backup of it (a \
         copy that `flashwire backup` made) with --wire FILE"
    )]
    Damaged {
        /// The wire.
        path: PathBuf,
        /// What does not hold.
        reason: String,
    },
    /// A newer flashwire wrote it.
    #[error(
        "{path} was written by a newer flashwire (format {found}, this one reads up to {known}); \
         install that version, or start with another --wire FILE"
    )]
    Newer {
        /// The wire.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// An older flashwire wrote it, and whoever only reads must not change it.
    #[error(
        "{path} was written by an older flashwire (format {found}, this one reads {known}): start \
         `flashwire run` on it once, which brings it up to date and keeps a copy"
    )]
    Older {
        /// The wire.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format this program reads.
        known: i64,
    },
    /// The system refuses.
    #[error(
        "the wire {path} can't be opened for writing: {reason}; check the folder's permissions and free space"
    )]
    Refused {
        /// The wire.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}
