//! Structured logs: readable on a terminal, fields in the journal, JSON where asked.

mod many;

use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
};

use serde::{Deserialize, Serialize};
use tracing_subscriber::{
    EnvFilter, Registry,
    field::MakeExt as _,
    fmt::format::{FormatFields, Writer, debug_fn},
    layer::SubscriberExt as _,
    reload,
    util::SubscriberInitExt as _,
};

use crate::item::Shown;

pub use many::last_words;

/// How the daemon logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which lines: `error`, `warn`, `info`, `debug`, `trace`, or directives such as
    /// `info,flashwire::watch=debug`; empty means `warn` on a terminal and `info` elsewhere.
    pub level: String,
    /// In what form.
    pub format: Format,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The journal where systemd keeps it, else text.
    #[default]
    Auto,
    /// Text on stderr.
    Text,
    /// One JSON object a line on stderr.
    Json,
}

/// The logs can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `level` can't be understood.
    #[error("log.level `{level}`: {reason}; try `info` or `info,flashwire::watch=debug`")]
    Level {
        /// What was asked.
        level: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Which lines are logged, while the process runs.
#[derive(Clone, Debug)]
pub struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// Logs as `config` says from now on; its format holds from the next start.
    ///
    /// # Errors
    /// [`TelemetryError`] where the level can't be understood; the old one stays.
    pub fn set(&self, config: &Config) -> Result<(), TelemetryError> {
        let filter = filter(config)?;
        // It fails only when the logger is gone, and then nothing is logged at any level.
        let _ = self.0.reload(filter);
        Ok(())
    }
}

/// Whether logs can be written so.
///
/// # Errors
/// [`TelemetryError`] where the level can't be understood.
pub fn check(config: &Config) -> Result<(), TelemetryError> {
    filter(config).map(drop)
}

fn filter(config: &Config) -> Result<EnvFilter, TelemetryError> {
    let level = match config.level.as_str() {
        // The HTML parser warns of markup it mends: every other page has some.
        "" if std::io::stderr().is_terminal() => "warn,html5ever=error",
        "" => "info,html5ever=error",
        level => level,
    };
    EnvFilter::try_new(level).map_err(|error| TelemetryError::Level {
        level: level.to_owned(),
        reason: error.to_string(),
    })
}

/// A line's message and fields. File names, page text and errors that quote them come by here:
/// whatever they hold, they stay within their line.
fn fields() -> impl for<'w> FormatFields<'w> + 'static {
    let field = |to: &mut Writer<'_>, field: &tracing::field::Field, value: &dyn fmt::Debug| {
        let value = format_args!("{value:?}");
        let value = Shown::exact(&value);
        match field.name() {
            "message" => write!(to, "{value}"),
            name if to.has_ansi_escapes() => write!(to, "\x1b[3m{name}\x1b[0m={value}"),
            name => write!(to, "{name}={value}"),
        }
    };
    debug_fn(field).delimited(" ")
}

/// Writes lines of JSON so that they can't steer a terminal they may be shown on.
struct JsonLines<W>(W);

impl<W: io::Write> io::Write for JsonLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(lines) => self.0.write_all(Shown::json(lines).to_string().as_bytes())?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Has panics reported in the log, or on stderr where there is none: their message may quote the
/// page that was being read.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        let trace = std::backtrace::Backtrace::capture();
        let trace = match trace.status() {
            std::backtrace::BacktraceStatus::Captured => format!("\n{trace}"),
            _ => String::new(),
        };
        if tracing::dispatcher::has_been_set() {
            tracing::error!(thread, "{panic}{trace}");
        } else {
            let panic = panic.to_string();
            // Where stderr is gone nobody is left to tell.
            let _ = writeln!(io::stderr(), "thread {thread} {}{trace}", Shown::exact(panic));
        }
    }));
}

/// Starts logging for the rest of the process.
///
/// # Errors
/// [`TelemetryError`] where the level can't be understood.
pub fn start(config: &Config) -> Result<Level, TelemetryError> {
    let terminal = std::io::stderr().is_terminal();
    let (filter, handle) = reload::Layer::new(filter(config)?);
    let registry = tracing_subscriber::registry().with(filter).with(many::Many);
    let text = || {
        let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        layer.with_ansi(terminal).fmt_fields(fields())
    };
    let json = tracing_subscriber::fmt::layer().json().flatten_event(true);
    // A logger that is already there (a test's) stays.
    let _ = match config.format {
        Format::Json => registry.with(json.with_writer(|| JsonLines(io::stderr()))).try_init(),
        Format::Auto if std::env::var_os("JOURNAL_STREAM").is_some() => {
            match tracing_journald::layer() {
                Ok(journal) => registry.with(journal).try_init(),
                Err(_) => registry.with(text().without_time()).try_init(),
            }
        }
        Format::Auto | Format::Text => registry.with(text()).try_init(),
    };
    many::keep_summing_up();
    Ok(Level(handle))
}
