//! `flashwire parse`: what a page would tell, without telling it.

use std::path::PathBuf;

use super::Failure;

/// Arguments of `flashwire parse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object a page.
    #[arg(long)]
    json: bool,
    /// Saved pages.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    Err(Failure::error(format!("{} pages, json {}", args.files.len(), args.json)))
}
