//! `flashwire judge`: judges lines from stdin, without telling them.

use super::Failure;

/// Arguments of `flashwire judge`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Read `id TAB milliseconds TAB text` lines and print one JSON object for each.
    #[arg(long)]
    tsv: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    Err(Failure::error(format!("tsv {}", args.tsv)))
}
