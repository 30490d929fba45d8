//! Commands that read a wire's file: which one they mean, and who holds it.

use std::path::PathBuf;

use crate::wire::{Holder, Lock, SqliteWire};

use super::{Failure, run::default_wire};

/// Which wire.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The wire's file, or the watched folder it lies beside.
    #[arg(long, env = "FLASHWIRE_WIRE", value_name = "FILE|FOLDER")]
    wire: PathBuf,
}

impl Args {
    /// Where the wire's file lies.
    pub(super) fn path(&self) -> PathBuf {
        match self.wire.canonicalize() {
            Ok(folder) if folder.is_dir() => default_wire(&folder),
            _ => self.wire.clone(),
        }
    }

    /// The wire, for reading.
    pub(super) fn read(&self) -> Result<SqliteWire, Failure> {
        SqliteWire::open_read_only(&self.path()).map_err(|error| Failure::error(error.to_string()))
    }

    /// The daemon that writes it now.
    pub(super) fn holder(&self) -> Option<Holder> {
        Lock::held_by(&self.path())
    }
}
