//! `flashwire config`: checks and prints the config.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::config::{Config, DEFAULTS};

use super::{Exit, Failure};

/// Arguments of `flashwire config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say whether a config can be used.
    Check {
        /// The TOML file.
        #[arg(value_name = "FILE", env = "FLASHWIRE_CONFIG")]
        file: Option<PathBuf>,
    },
    /// Print every key with its default and what it means, or what is in effect.
    Print {
        /// Print the values in effect: defaults, file and environment.
        #[arg(long)]
        effective: bool,
        /// The TOML file.
        #[arg(long = "config", value_name = "FILE", env = "FLASHWIRE_CONFIG")]
        file: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match &args.what {
        What::Check { file } => {
            load(file.as_deref())?;
            let name =
                file.as_ref().map_or("the defaults".into(), |file| file.display().to_string());
            writeln!(out, "{name}: good")
        }
        What::Print { effective: true, file } => write!(out, "{}", load(file.as_deref())?.print()),
        What::Print { effective: false, .. } => write!(out, "{DEFAULTS}"),
    }
    .map_err(Failure::output)
}

/// The config in effect.
pub(super) fn load(file: Option<&Path>) -> Result<Config, Failure> {
    load_over(file, |_| None)
}

/// The config in effect, where flags win over variables; they go by the variables' names.
pub(super) fn load_over(
    file: Option<&Path>,
    flag: impl Fn(&str) -> Option<String>,
) -> Result<Config, Failure> {
    let variable = |name: &str| flag(name).or_else(|| std::env::var(name).ok());
    Config::load(file, variable).map_err(|error| Failure::new(Exit::Config, error.to_string()))
}
