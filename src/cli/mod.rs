//! The words people type: one file per command.

mod backup;
mod config;
mod doctor;
mod exit;
mod explain;
mod help;
mod init;
mod judge;
mod line;
mod mcp;
mod order;
mod outlet;
mod pages;
mod parse;
mod progress;
mod reach;
mod readers;
mod rehearse;
mod reload;
mod run;
mod search;
mod serving;
mod sites;
mod status;
mod store;
mod systemd;
mod tail;
mod template;
mod token;
mod trust;
mod top;
mod verify;
mod views;
mod withdraw;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

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
    /// Watch a folder and tell what is new in it.
    Run(run::Args),
    /// Follow a wire in this console.
    Tail(tail::Args),
    /// See who feeds and reads a wire, as it happens.
    Top(top::Args),
    /// Say in one sentence how the daemon is (exit code 0 or 1).
    Status(status::Args),
    /// Look: show what a page would tell, without telling it.
    Parse(parse::Args),
    /// Look: judge lines from stdin as the dedup stage would, without telling them.
    Judge(judge::Args),
    /// Look: find what was told, newest first.
    Search(search::Args),
    /// Look: why an event was told, its versions, and where else it was seen.
    Explain(explain::Args),
    /// Look: the wire for an assistant, over stdio (Model Context Protocol).
    Mcp(mcp::Args),
    /// Look: the pages taken, and how each ended.
    Pages(pages::Args),
    /// Look: who reads with which token, how far, and who had what was taken back.
    Readers(readers::Args),
    /// Keep: take back an event, or all that a page told.
    Withdraw(withdraw::Args),
    /// Keep: check a wire against itself.
    Verify(verify::Args),
    /// Keep: copy a wire, also while a daemon writes it.
    Backup(backup::Args),
    /// Keep: the stream that gives several nodes one order.
    Order(order::Args),
    /// Keep: webhooks and folders that are fed, and what is in their way.
    Outlet(outlet::Args),
    /// Keep: access for other desks.
    Token(token::Args),
    /// Keep: check or print the config.
    Config(config::Args),
    /// Look: look at everything the daemon needs, and name a cure for what it lacks.
    Doctor(doctor::Args),
    /// Look: judge the known pages again under other settings, and show what would be otherwise.
    Rehearse(rehearse::Args),
    /// Keep: write what an installation needs beside the binary.
    Init(init::Args),
    /// Keep: print what completes commands in a shell.
    Completions(init::Completions),
    /// Keep: print the manual, or write a page for each command.
    Man(init::Man),
}

/// The program's definition: parsed by, shown as help, and written as manual and completions.
fn command() -> clap::Command {
    help::dressed(Cli::command())
}

/// Runs the command line and says how it ended.
pub fn main() -> ExitCode {
    crate::telemetry::report_panics();
    let given = command().try_get_matches();
    let cli = match given.and_then(|given| Cli::from_arg_matches(&given)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout and is no error; where it can't be written nobody reads it.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Tail(args) => tail::run(&args),
        Command::Top(args) => top::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Parse(args) => parse::run(&args),
        Command::Judge(args) => judge::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Mcp(args) => mcp::run(&args),
        Command::Pages(args) => pages::run(&args),
        Command::Readers(args) => readers::run(&args),
        Command::Withdraw(args) => withdraw::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Order(args) => order::run(&args),
        Command::Outlet(args) => outlet::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Rehearse(args) => rehearse::run(&args),
        Command::Init(args) => init::init(&args),
        Command::Completions(args) => init::completions(&args),
        Command::Man(args) => init::man(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("the system gives no threads: {error}")))
}
