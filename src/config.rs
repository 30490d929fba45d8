//! One config made of the stages' own.
//!
//! `config/flashwire.toml` holds every key with its default and one sentence; it is embedded and
//! read first. Flags win over `FLASHWIRE_*` variables, these over the file, the file over the
//! defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{broadcast, dedup, outlet, pipeline, search, telemetry, watch, wire};

/// The commented defaults.
pub const DEFAULTS: &str = include_str!("../config/flashwire.toml");

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port of the dashboard and the stream.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// Folder with a TOML file for each site that pages come from; empty where there is none.
    pub sites: PathBuf,
    /// What this node does where several share one wire.
    pub role: pipeline::Role,
    /// Noticing pages.
    pub watch: watch::Config,
    /// Taking pages through the line.
    pub pipeline: pipeline::Config,
    /// Judging repeats.
    pub dedup: dedup::Config,
    /// Keeping what was told.
    pub wire: wire::Config,
    /// Looking for what was told.
    pub search: search::Config,
    /// Serving subscribers.
    pub broadcast: broadcast::Config,
    /// Feeding those who don't subscribe.
    pub outlet: outlet::Config,
    /// Encrypting the stream for other desks.
    pub tls: Tls,
    /// Logging.
    pub log: telemetry::Config,
}

/// The certificate that other desks know the wire by. Both are empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with its key.
    pub key: PathBuf,
}

impl Tls {
    /// Certificate and key, where they are given.
    pub fn pair(&self) -> Option<Result<(&Path, &Path), &'static str>> {
        match (self.certificate.as_os_str().is_empty(), self.key.as_os_str().is_empty()) {
            (true, true) => None,
            (false, false) => Some(Ok((&self.certificate, &self.key))),
            _ => Some(Err("tls.certificate and tls.key go together: give both or none")),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 7788)),
            sites: PathBuf::new(),
            role: pipeline::Role::All,
            watch: watch::Config::default(),
            pipeline: pipeline::Config::default(),
            dedup: dedup::Config::default(),
            wire: wire::Config::default(),
            search: search::Config::default(),
            broadcast: broadcast::Config::default(),
            outlet: outlet::Config::default(),
            tls: Tls::default(),
            log: telemetry::Config::default(),
        }
    }
}

/// An address and a port; the address may be a name, such as `localhost`.
///
/// # Errors
/// What can't be understood, or found, as a sentence.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    use std::net::ToSocketAddrs as _;
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let wrong = |why: String| {
        format!(
            "`{text}` is no address and port: {why}; write 127.0.0.1:7788, [::1]:7788 or localhost:7788"
        )
    };
    let found = text.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    let found: Vec<SocketAddr> = found.collect();
    let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
    first.copied().ok_or_else(|| wrong("nothing has that name".into()))
}

fn listen<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    address(&String::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// Why a config can't be used: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("the config {path} can't be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Something in it is wrong; the sentence carries line, column and caret.
    #[error("{place} can't be used: {reason}{hint}")]
    Wrong {
        /// The file or the variable.
        place: String,
        /// What is wrong, with its line.
        reason: String,
        /// A suggestion, or nothing.
        hint: String,
    },
}

/// What a variable may be that sets no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It is meant to: this one, most likely.
    Like(String),
    /// Somebody else's, perhaps.
    Other,
}

impl Config {
    /// Reads the file, if any, over the defaults, and `FLASHWIRE_SECTION_KEY` variables over both.
    ///
    /// # Errors
    /// [`ConfigError`] where the file can't be read, or a key or value is wrong.
    pub fn load(
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut table = read("the built-in config", DEFAULTS)?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
            merge(&mut table, read(&format!("the config {}", path.display()), &text)?);
        }
        for path in leaves(&table) {
            let name = format!("FLASHWIRE_{}", path.join("_").to_uppercase());
            if let Some(given) = variable(&name) {
                set(&mut table, &path, &given);
                check(&format!("the variable {name}={given}"), table.clone())?;
            }
        }
        let config = check("the config", table)?;
        config.check().map_err(|reason| ConfigError::Wrong {
            place: "the config".into(),
            reason,
            hint: String::new(),
        })?;
        Ok(config)
    }

    /// Whether a variable of this name means nothing, though it begins as ours do.
    pub fn unknown(name: &str) -> Option<Unknown> {
        let rest = name.strip_prefix("FLASHWIRE_")?;
        let table = DEFAULTS.parse::<Table>().expect("the built-in config is TOML");
        let known: Vec<String> = leaves(&table)
            .iter()
            .map(|path| format!("FLASHWIRE_{}", path.join("_").to_uppercase()))
            .collect();
        if known.iter().any(|known| known == name) {
            return None;
        }
        let section = rest.split('_').next().unwrap_or_default().to_lowercase();
        let ours = table.get(&section).is_some_and(Value::is_table);
        let like = known
            .into_iter()
            .map(|known| (strsim::jaro_winkler(name, &known), known))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match like {
            Some((likeness, known)) if ours || likeness > 0.96 => Some(Unknown::Like(known)),
            _ => Some(Unknown::Other),
        }
    }

    /// What no single key shows: values that can't work, or not together.
    fn check(&self) -> Result<(), String> {
        self.broadcast.check()?;
        self.wire.retention.check(self.dedup.window_hours)?;
        self.outlet.check()?;
        self.wire.nats.check(&self.wire.order)?;
        if self.role != pipeline::Role::All && self.wire.order.is_empty() {
            return Err(
                "role is not \"all\", but wire.order names no server: nodes share a wire only \
                 where NATS gives its order"
                    .into(),
            );
        }
        self.tls.pair().transpose()?;
        Ok(())
    }

    /// Keys whose values differ, as `section.key`.
    pub fn differing(&self, other: &Config) -> Vec<String> {
        let table = |config: &Config| {
            Table::try_from(config).expect("strings and numbers always have a TOML form")
        };
        let (mine, others) = (table(self), table(other));
        leaves(&mine)
            .into_iter()
            .filter(|path| value_at(&mine, path) != value_at(&others, path))
            .map(|path| path.join("."))
            .collect()
    }

    /// The effective config as TOML; in the place of each secret of an outlet stands `…`, so that it
    /// can be shown to others.
    pub fn print(&self) -> String {
        let shown = Config { outlet: self.outlet.without_secrets(), ..self.clone() };
        toml::to_string_pretty(&shown).expect("strings and numbers always have a TOML form")
    }
}

/// Reads a text that must be a config by itself, so that an error shows the line it is in.
fn read(place: &str, text: &str) -> Result<Table, ConfigError> {
    toml::from_str::<Config>(text).map_err(|error| wrong(place, &error))?;
    text.parse().map_err(|error| wrong(place, &error))
}

fn check(place: &str, table: Table) -> Result<Config, ConfigError> {
    Value::Table(table).try_into().map_err(|error| wrong(place, &error))
}

fn wrong(place: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError::Wrong {
        place: place.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
        hint: suggestion(error.message())
            .map(|key| format!("\ndid you mean `{key}`?"))
            .unwrap_or_default(),
    }
}

/// The known key most like the unknown one that the message names first.
fn suggestion(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    quoted
        .map(|known| (strsim::jaro_winkler(unknown, known), known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Paths of all keys that hold a value.
fn leaves(table: &Table) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => paths.extend(leaves(inner).into_iter().map(|mut path| {
                path.insert(0, key.clone());
                path
            })),
            _ => paths.push(vec![key.clone()]),
        }
    }
    paths
}

fn value_at<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    match path {
        [key] => table.get(key),
        [key, rest @ ..] => value_at(table.get(key)?.as_table()?, rest),
        [] => None,
    }
}

/// Sets a key from a variable's text: a TOML value where it reads as one, else a string; a list
/// of strings may be written divided by commas.
fn set(table: &mut Table, path: &[String], given: &str) {
    let [key, rest @ ..] = path else { return };
    match (table.get_mut(key), rest) {
        (Some(Value::Table(inner)), [_, ..]) => set(inner, rest, given),
        (was, _) => {
            let literal = format!("value = {given}").parse::<Table>().ok();
            let literal = literal.and_then(|mut table| table.remove("value"));
            let value = match (was, literal) {
                (Some(Value::String(_)), _) => Value::String(given.to_owned()),
                (Some(Value::Array(_)), None) => given
                    .split(',')
                    .map(|part| Value::String(part.trim().to_owned()))
                    .collect::<Vec<_>>()
                    .into(),
                (_, literal) => literal.unwrap_or_else(|| Value::String(given.to_owned())),
            };
            table.insert(key.clone(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(Some(file.path()), variable).map_err(|error| error.to_string())
    }

    #[test]
    fn the_commented_file_is_the_defaults() {
        assert_eq!(Config::load(None, |_| None).unwrap(), Config::default());
        let commented: Table = DEFAULTS.parse().unwrap();
        let all = Table::try_from(Config::default()).unwrap();
        assert_eq!(leaves(&commented), leaves(&all), "every key stands in config/flashwire.toml");
    }

    #[test]
    fn an_unknown_key_is_shown_where_it_stands_with_a_suggestion() {
        let error = load("[dedup]\nwindow_hour = 24\n", |_| None).unwrap_err();
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("^^^^"), "{error}");
        assert!(error.contains("did you mean `window_hours`?"), "{error}");
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_the_defaults() {
        let config = load("listen = \"127.0.0.1:9000\"\n[dedup]\nwindow_hours = 24\n", |name| {
            (name == "FLASHWIRE_DEDUP_WINDOW_HOURS").then(|| "48".to_owned())
        })
        .unwrap();
        assert_eq!(config.listen.port(), 9000);
        assert_eq!(config.dedup.window_hours, 48);
        assert_eq!(config.wire, Config::default().wire);
    }

    #[test]
    fn what_judges_repeats_is_kept_while_it_does() {
        let error = load("[dedup]\nwindow_hours = 200\n", |_| None).unwrap_err();
        assert!(error.contains("sightings_days is 7") && error.contains("at least 9"), "{error}");
        load("[dedup]\nwindow_hours = 168\n", |_| None).unwrap();
    }

    #[test]
    fn a_variable_that_sets_nothing_is_noticed() {
        let like = |known: &str| Some(Unknown::Like(known.to_owned()));
        assert_eq!(Config::unknown("FLASHWIRE_DEDUP_WINDOW_HOURS"), None);
        assert_eq!(Config::unknown("FLASHWIRE_LISTEN"), None);
        assert_eq!(Config::unknown("PATH"), None);
        assert_eq!(Config::unknown("FLASHWIRE_DEDUP_WINDOW"), like("FLASHWIRE_DEDUP_WINDOW_HOURS"));
        assert_eq!(Config::unknown("FLASHWIRE_LISTN"), like("FLASHWIRE_LISTEN"));
        assert_eq!(Config::unknown("FLASHWIRE_CORPUS"), Some(Unknown::Other));
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let error = load("", |name| (name == "FLASHWIRE_LISTEN").then(|| "here".to_owned()));
        assert!(error.unwrap_err().contains("FLASHWIRE_LISTEN=here"));
    }
}
