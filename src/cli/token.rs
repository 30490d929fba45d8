//! `flashwire token`: access for other desks.

use std::{io::Write as _, path::PathBuf};

use jiff::Timestamp;

use crate::{item::Shown, wire::SqliteStore};

use super::{Exit, Failure, store};

/// Arguments of `flashwire token`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The wire's file, or the watched folder it lies beside.
    #[arg(long, env = "FLASHWIRE_WIRE", value_name = "FILE|FOLDER", global = true)]
    wire: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a token and show it, once: only its hash is kept.
    Add {
        /// Whose it is.
        #[arg(value_parser = name)]
        name: String,
        /// Give a new token to whoever has one of that name: the old one is useless from then on.
        #[arg(long)]
        replace: bool,
    },
    /// Name all tokens.
    List,
    /// Make a token useless from now on.
    Drop {
        /// Whose it is.
        name: String,
    },
}

/// What can be read and written again: in a list, and as an argument.
fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("a token needs a name, to drop it by".into());
    }
    if name.chars().any(char::is_control) || name.chars().count() > 100 {
        return Err("a token's name has at most 100 characters, and none that can't be seen".into());
    }
    Ok(name.to_owned())
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::error(error.to_string());
    let wire = args.wire.clone().ok_or_else(|| {
        Failure::new(Exit::Usage, "which wire? --wire FOLDER or --wire FILE names it")
    })?;
    let store = store::Args { wire: wire.clone() };
    let path = store.path();
    let mut out = anstream::stdout();
    match &args.what {
        What::Add { name, replace } => {
            // A new wire lies beside a folder that is there; a name that leads nowhere is a slip.
            if !path.exists() && !wire.is_dir() {
                return Err(Failure::error(format!(
                    "there is neither a wire nor a folder at {}; `flashwire run FOLDER --create` makes both",
                    Shown::exact(wire.display())
                )));
            }
            let first = !path.exists() || {
                let known = store.read()?.tokens_now();
                known.map_err(|error| fail(&error))?.is_empty()
            };
            let token = fresh()?;
            let kept =
                SqliteStore::keep_token(&path, name, hash(&token), Timestamp::now(), *replace)
                    .map_err(|error| fail(&error))?;
            if !kept {
                return Err(fail(&format!(
                    "there is a token named {name} already: choose another name, or give a new one with --replace"
                )));
            }
            writeln!(out, "{token}").map_err(Failure::output)?;
            let mut err = anstream::stderr();
            let _ = writeln!(
                err,
                "this is shown only once: give it to {name} (Authorization: Bearer …, or FLASHWIRE_TOKEN for `flashwire tail`)"
            );
            if first {
                let wire = Shown::exact(wire.display());
                let _ = writeln!(
                    err,
                    "it is the first: from now on everybody needs a token, this machine's browsers included; \
                     `flashwire tail --wire {wire}` and `flashwire status --wire {wire}` need none here"
                );
            }
            Ok(())
        }
        What::List => {
            for (name, made) in store.read()?.tokens_now().map_err(|error| fail(&error))? {
                writeln!(out, "{}  made {}", Shown::exact(&name), made.strftime("%Y-%m-%d"))
                    .map_err(Failure::output)?;
            }
            Ok(())
        }
        What::Drop { name } => {
            let gone = SqliteStore::forget_token(&path, name).map_err(|error| fail(&error))?;
            if gone {
                return Ok(());
            }
            Err(fail(&format!(
                "there is no token named {name}; `flashwire token --wire {} list` names all",
                wire.display()
            )))
        }
    }
}

/// A token: `fwt_` and 160 random bits.
fn fresh() -> Result<String, Failure> {
    let mut bytes = [0u8; 20];
    let given = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    if given != Ok(bytes.len()) {
        return Err(Failure::error("the system gives no random bytes"));
    }
    Ok(format!("fwt_{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// What is kept of a token. It is random and long, so a plain hash can't be searched backwards.
pub(super) fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}
