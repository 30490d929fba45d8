//! Site files: those flashwire is shipped with, and those of a folder.

use std::path::{Path, PathBuf};

use crate::{item::Shown, parse::Sites};

use super::{Exit, Failure};

/// The built-in site files and, over them, every `.toml` of `folder` in the order of their names.
/// An empty path means no folder.
pub(super) fn load(folder: &Path) -> Result<Sites, Failure> {
    let mut sites = Sites::built_in();
    if folder.as_os_str().is_empty() {
        return Ok(sites);
    }
    let unreadable = |error: std::io::Error| {
        let folder = folder.display();
        Failure::new(
            Exit::Config,
            format!(
                "the folder of site files {folder} can't be read: {error}; see `sites` in the config"
            ),
        )
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    for file in files {
        add(&mut sites, &file)?;
    }
    Ok(sites)
}

/// Adds one site file.
pub(super) fn add(sites: &mut Sites, file: &Path) -> Result<(), Failure> {
    let fail = |error: String| Failure::new(Exit::Config, error);
    // A pipe would be waited for.
    if std::fs::metadata(file).is_ok_and(|meta| !meta.is_file()) {
        return Err(fail(format!("the site file {} is no file", Shown::exact(file.display()))));
    }
    let text = std::fs::read_to_string(file).map_err(|error| {
        fail(format!("the site file {} can't be read: {error}", Shown::exact(file.display())))
    })?;
    sites.add(&file.display().to_string(), &text).map_err(|error| fail(error.to_string()))
}
