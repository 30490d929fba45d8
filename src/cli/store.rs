//! Commands that read a wire's file: which one they mean, and who holds it.

use std::path::{Path, PathBuf};

use crate::wire::{Holder, Lock, SqliteStore};

use super::{Failure, run::default_wire};

/// Which wire.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The wire's file, or the watched folder it lies beside.
    #[arg(long, env = "FLASHWIRE_WIRE", value_name = "FILE|FOLDER")]
    pub(super) wire: PathBuf,
}

/// Where the file of a wire lies that is named by it or by the watched folder.
pub(super) fn path(named: &Path) -> PathBuf {
    match named.canonicalize() {
        Ok(folder) if folder.is_dir() => default_wire(&folder),
        _ => named.to_owned(),
    }
}

impl Args {
    /// Where the wire's file lies.
    pub(super) fn path(&self) -> PathBuf {
        path(&self.wire)
    }

    /// The wire, for reading.
    pub(super) fn read(&self) -> Result<SqliteStore, Failure> {
        SqliteStore::open_read_only(&self.path()).map_err(|error| Failure::error(error.to_string()))
    }

    /// The daemon that writes it now.
    pub(super) fn holder(&self) -> Option<Holder> {
        Lock::held_by(&self.path())
    }
}
