//! A copy of the wire, taken while it is written.

use std::{io::ErrorKind, path::Path};

use rusqlite::{Connection, backup::Backup};

use crate::wire::{ReadError, own::real_path};

use super::{part::Part, schema};

/// Copies the wire into a new file and marks the copy: its first opening begins a new epoch,
/// because the original may tell on under the same positions. Only a copy that is whole and
/// marked has the name `to`; what has it already gives way only where `replace` says so.
pub(super) fn write(db: &Connection, to: &Path, replace: bool) -> Result<(), ReadError> {
    let failed =
        |error: std::io::Error| ReadError(format!("{} can't be made: {error}", to.display()));
    let exists = || ReadError(format!("{} exists; name a new file", to.display()));
    let to = &real_path(to).map_err(failed)?;
    if !replace && to.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let part = Part::begin(to).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => {
            ReadError(format!("{} is being made by another process", to.display()))
        }
        _ => failed(error),
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
        _ => failed(error),
    })
}
