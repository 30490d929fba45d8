//! A copy of the wire, taken while it is written.

use std::{io::ErrorKind, path::Path};

use rusqlite::{Connection, backup::Backup};

use crate::wire::{BackupError, own::real_path};

use super::{part::Part, schema};

/// Copies the wire into a new file and marks the copy: its first opening begins a new epoch,
/// because the original may tell on under the same positions. Only a copy that is whole and
/// marked has the name `to`; what has it already gives way only where `replace` says so.
pub(super) fn write(db: &Connection, to: &Path, replace: bool) -> Result<(), BackupError> {
    let failed = |reason: String| BackupError::Copy { path: to.to_owned(), reason };
    let exists = || BackupError::Exists(to.to_owned());
    let io = |error: std::io::Error| failed(error.to_string());
    let to = &real_path(to).map_err(io)?;
    if !replace && to.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let part = Part::begin(to).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => failed("another process is making it".into()),
        _ => io(error),
    })?;
    let mut copy = part.connect()?;
    let backup = Backup::new(db, &mut copy)?;
    // All pages in one step, under one read lock: a copy in steps would begin anew at each commit.
    backup.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)?;
    drop(backup);
    // The copy is one file; its first opening gives it a log again.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    schema::set_meta(&copy, "backup", "yes")?;
    copy.close().map_err(|(_, error)| error)?;
    part.finish(replace).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(),
        _ => io(error),
    })
}
