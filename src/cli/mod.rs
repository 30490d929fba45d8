//! The words people type: one file per command.

mod exit;
mod judge;
mod parse;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// Watches a folder of saved news pages and tells what is new on a durable, numbered wire.
#[derive(Debug, Parser)]
#[command(name = "flashwire", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a page would tell, without telling it.
    Parse(parse::Args),
    /// Judge lines from stdin as the dedup stage would, without telling them.
    Judge(judge::Args),
}

/// Runs the command line and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let result = match cli.command {
        Command::Parse(args) => parse::run(&args),
        Command::Judge(args) => judge::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
