//! What can be made anew in a damaged file.

use rusqlite::Connection;

use super::{damage::is_damage, schema};

/// Makes every index anew; what can't be is said and left as it is.
pub(super) fn indexes(db: &mut Connection) -> rusqlite::Result<()> {
    let all: Vec<(String, Option<String>)> = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (name, sql) in all {
        let mended = match (db.execute_batch(&format!("REINDEX \"{name}\"")), sql) {
            (Err(error), Some(sql)) if is_damage(&error) => beside(db, &name, &sql),
            (mended, _) => mended,
        };
        if let Err(error) = mended {
            tracing::error!(name, %error, "an index can't be made anew");
        }
    }
    Ok(())
}

/// Lets origins be counted anew where the table of them is damaged: they are worth less than what
/// is told from now on, which it would be in the way of.
pub(super) fn origins(db: &mut Connection) -> rusqlite::Result<()> {
    let whole = "SELECT total(seq + length(key) + length(name) + at) FROM origin";
    match db.query_row(whole, [], |_| Ok(())) {
        Err(error) if is_damage(&error) => {
            tracing::error!(%error, "who told what is damaged: origins are counted anew from here on");
        }
        read => return read,
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.pragma_update(None, "writable_schema", true)?;
    tx.execute("DELETE FROM sqlite_schema WHERE tbl_name = 'origin'", [])?;
    tx.pragma_update(None, "writable_schema", "RESET")?;
    tx.execute_batch(schema::ORIGINS)?;
    tx.commit()
}

/// Makes an index anew without touching the old one, whose pages can't even be given back: they
/// stay in the file, unused.
fn beside(db: &mut Connection, name: &str, sql: &str) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let made = || -> rusqlite::Result<()> {
        tx.pragma_update(None, "writable_schema", true)?;
        tx.execute("DELETE FROM sqlite_schema WHERE type = 'index' AND name = ?1", [name])?;
        tx.pragma_update(None, "writable_schema", "RESET")?;
        tx.execute_batch(sql)
    };
    match made() {
        Ok(()) => tx.commit(),
        Err(error) => {
            tx.pragma_update(None, "writable_schema", false)?;
            Err(error)
        }
    }
}

/// Whether rows can be added behind the last ones of the tables that grow at their end.
pub(super) fn takes_rows(db: &Connection) -> bool {
    ["SELECT max(seq) FROM event", "SELECT max(page) FROM page", "SELECT max(page) FROM sighting"]
        .iter()
        .all(|sql| db.query_row(sql, [], |_| Ok(())).is_ok())
}
