//! A copy of the wire, taken while it is written.

use std::path::Path;

use rusqlite::Connection;

use crate::wire::ReadError;

use super::schema;

/// Copies the wire into a new file and marks the copy: its first opening begins a new epoch,
/// because the original may tell on under the same positions.
pub(super) fn write(db: &Connection, to: &Path) -> Result<(), ReadError> {
    if to.exists() {
        return Err(ReadError(format!("{} exists; name a new file", to.display())));
    }
    let mut copy = Connection::open(to)?;
    let backup = rusqlite::backup::Backup::new(db, &mut copy)?;
    // All pages in one step, under one read lock: a copy in steps would begin anew at each commit.
    backup.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)?;
    drop(backup);
    schema::set_meta(&copy, "backup", "yes")?;
    Ok(())
}
