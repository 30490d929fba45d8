//! Exit codes and the one sentence that goes with them.

use std::{io::Write as _, process::ExitCode};

use crate::item::Shown;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Ok = 0,
    /// Something failed.
    Error = 1,
    /// The command line can't be understood.
    Usage = 2,
    /// The config can't be used.
    Config = 3,
    /// The daemon can't be reached.
    Connect = 4,
    /// Lines are missing from the stream (`tail --strict`).
    Gap = 5,
    /// Ctrl-C in `tail`.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command ended early: an exit code and a sentence saying what, where and what to do.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with its exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into() }
    }

    /// A failure with exit code 1.
    pub fn error(message: impl Into<String>) -> Self {
        Failure::new(Exit::Error, message)
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Output that can't be written: quiet success where the reader has gone (`flashwire … | head`).
    pub fn output(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::new(Exit::Ok, "")
        } else {
            Failure::error(format!("could not write the output: {error}"))
        }
    }

    /// Says it on stderr and gives the exit code.
    pub fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            let mut err = anstream::stderr();
            // A config that breaks is shown over some lines of ours.
            for (at, line) in self.message.split('\n').enumerate() {
                let name = if at == 0 { "flashwire: " } else { "" };
                let _ = writeln!(err, "{name}{}", Shown::exact(line));
            }
        }
        self.exit.into()
    }
}
