//! `flashwire init`, `completions` and `man`: what an installation consists of beside the binary.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::item::Shown;

use super::{Exit, Failure};

/// The unit as it is shipped.
const UNIT: &str = include_str!("../../config/flashwire.service");
/// The socket that systemd holds open for it.
const SOCKET: &str = include_str!("../../config/flashwire.socket");

/// Where the shipped unit expects things.
const BINARY: &str = "/usr/bin/flashwire";
const PAGES: &str = "/srv/pages";

/// Arguments of `flashwire init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write a hardened systemd unit, and the socket that is held open through a restart.
    #[arg(long, required = true)]
    systemd: bool,
    /// The folder that pages are dropped into.
    #[arg(long, value_name = "FOLDER", default_value = PAGES)]
    folder: PathBuf,
    /// Where the units are written to.
    #[arg(long, value_name = "FOLDER", default_value = "/etc/systemd/system")]
    to: PathBuf,
    /// Print the unit instead of writing anything.
    #[arg(long)]
    print: bool,
}

pub(super) fn init(args: &Args) -> Result<(), Failure> {
    let binary = std::env::current_exe().map_err(|error| {
        Failure::error(format!("where this program lies can't be found out: {error}"))
    })?;
    let folder = std::path::absolute(&args.folder)
        .map_err(|error| Failure::error(format!("{}: {error}", args.folder.display())))?;
    let unit = UNIT.replace(BINARY, &word(&binary)?).replace(PAGES, &word(&folder)?);
    if args.print {
        return write!(anstream::stdout(), "{unit}").map_err(Failure::output);
    }
    for (name, text) in [("flashwire.service", unit.as_str()), ("flashwire.socket", SOCKET)] {
        let file = args.to.join(name);
        let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&file);
        written.and_then(|mut to| to.write_all(text.as_bytes())).map_err(|error| {
            Failure::error(format!(
                "{} can't be written: {error}; it takes root, --to names another folder, and what is \
                 there is not written over",
                Shown::exact(file.display())
            ))
        })?;
        writeln!(anstream::stdout(), "{}", Shown::exact(file.display()))
            .map_err(Failure::output)?;
    }
    writeln!(
        anstream::stderr(),
        "next: let the group news read {}, then `systemctl daemon-reload` and `systemctl enable --now \
         flashwire.socket flashwire`",
        Shown::exact(folder.display())
    )
    .map_err(Failure::output)
}

/// A path as it can stand in a unit.
fn word(path: &Path) -> Result<String, Failure> {
    let text = path
        .to_str()
        .filter(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@".contains(c)));
    text.map(str::to_owned).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!(
                "{} can't stand in a unit as it is: use a path of letters, digits and ./_-+@",
                Shown::exact(path.display())
            ),
        )
    })
}

/// Arguments of `flashwire completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Which shell.
    shell: clap_complete::Shell,
}

pub(super) fn completions(args: &Completions) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "flashwire", &mut text);
    anstream::stdout().write_all(&text).map_err(Failure::output)
}

/// Arguments of `flashwire man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder, instead of printing the first one.
    #[arg(value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(super) fn man(args: &Man) -> Result<(), Failure> {
    let Some(folder) = &args.to else {
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(super::command()).render(&mut page);
        return written.and_then(|()| anstream::stdout().write_all(&page)).map_err(Failure::output);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(super::command(), folder))
        .map_err(|error| {
            Failure::error(format!(
                "the pages can't be written to {}: {error}",
                Shown::exact(folder.display())
            ))
        })
}
