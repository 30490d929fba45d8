//! `flashwire backup` and `flashwire verify`.

use std::{io::Write as _, path::PathBuf};

use crate::item::Shown;

use super::{Failure, store};

/// Arguments of `flashwire backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// The copy: a new file.
    #[arg(value_name = "FILE")]
    to: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let wire = args.store.read()?;
    wire.back_up(&args.to).map_err(|error| Failure::error(error.to_string()))?;
    writeln!(
        anstream::stderr(),
        "copied to {}; start from it with `flashwire run FOLDER --wire {}`: a new epoch begins then",
        Shown::exact(args.to.display()),
        Shown::exact(args.to.display())
    )
    .map_err(Failure::output)
}
