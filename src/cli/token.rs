//! `flashwire token`: access for other desks.

use std::io::Write as _;

use jiff::Timestamp;

use crate::wire::SqliteStore;

use super::{Failure, store};

/// Arguments of `flashwire token`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a token and show it, once: only its hash is kept.
    Add {
        /// Whose it is.
        name: String,
    },
    /// Name all tokens.
    List,
    /// Make a token useless from now on.
    Drop {
        /// Whose it is.
        name: String,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::error(error.to_string());
    let mut out = anstream::stdout();
    match &args.what {
        What::Add { name } => {
            let token = fresh()?;
            SqliteStore::keep_token(&args.store.path(), name, hash(&token), Timestamp::now())
                .map_err(|error| fail(&error))?;
            writeln!(out, "{token}").map_err(Failure::output)?;
            let _ = writeln!(
                anstream::stderr(),
                "this is shown only once: give it to {name} (Authorization: Bearer …, or FLASHWIRE_TOKEN for `flashwire tail`)"
            );
            Ok(())
        }
        What::List => {
            let wire = args.store.read()?;
            for (name, made) in wire.tokens_now().map_err(|error| fail(&error))? {
                writeln!(out, "{name}  made {}", made.strftime("%Y-%m-%d"))
                    .map_err(Failure::output)?;
            }
            Ok(())
        }
        What::Drop { name } => {
            let gone = SqliteStore::forget_token(&args.store.path(), name)
                .map_err(|error| fail(&error))?;
            if gone { Ok(()) } else { Err(fail(&format!("there is no token named {name}"))) }
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
