//! What is known of some sites beforehand: `config/sites/*.toml`. The general path does well
//! without any; a site file only refines it.
//!
//! `config/sites/harbour-herald.toml` shows every key.

use jiff::tz::TimeZone;
use serde::Deserialize;
use thiserror::Error;

use super::{TickerOrder, language, lexicon::fold, urgency::Usual};

/// The site files flashwire is shipped with: name and content.
const BUILT_IN: [(&str, &str); 1] =
    [("harbour-herald.toml", include_str!("../../config/sites/harbour-herald.toml"))];

/// All site files.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    sites: Vec<Site>,
}

/// One site file.
#[derive(Clone, Debug, Default)]
pub(super) struct Site {
    pub(super) name: Option<String>,
    mastheads: Vec<String>,
    hosts: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) time_zone: Option<TimeZone>,
    /// Folded.
    pub(super) markers: Vec<String>,
    pub(super) ticker_order: TickerOrder,
    pub(super) no_ticker: bool,
    pub(super) urgency: Usual,
    /// Folded.
    pub(super) nobody: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    mastheads: Vec<String>,
    #[serde(default)]
    hosts: Vec<String>,
    language: Option<String>,
    time_zone: Option<String>,
    #[serde(default)]
    markers: Vec<String>,
    #[serde(default)]
    ticker_order: Order,
    ticker: Option<bool>,
    #[serde(default)]
    urgency: Usual,
    #[serde(default)]
    nobody: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// A site file that can't be used.
#[derive(Debug, Error)]
pub enum SiteError {
    /// No TOML, or a key that no site file has.
    #[error("site file {file}: {error}")]
    Toml {
        /// The file.
        file: String,
        /// What and where, with the line and a caret.
        error: Box<toml::de::Error>,
    },
    /// A zone name that the time zone database doesn't have.
    #[error(
        "site file {file}: time_zone = {zone:?} is no zone of the time zone database; write one such as \"Europe/Paris\""
    )]
    Zone {
        /// The file.
        file: String,
        /// What it says.
        zone: String,
    },
    /// Neither masthead nor host: nothing to know the site by.
    #[error(
        "site file {0}: say at least one of `mastheads` and `hosts`, so that pages of the site can be told"
    )]
    Nameless(String),
    /// An urgency off the scale.
    #[error("site file {file}: urgency {level} is off the scale; write 1 (most urgent) to 6")]
    Urgency {
        /// The file.
        file: String,
        /// What it says.
        level: u8,
    },
    /// A language that is no tag.
    #[error(
        "site file {file}: language = {language:?} is no language tag; write one such as \"en\""
    )]
    Language {
        /// The file.
        file: String,
        /// What it says.
        language: String,
    },
}

impl Sites {
    /// Adds a site file: `file` is its name for messages, `text` its content. A later file wins
    /// over an earlier one for the same masthead or host.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), SiteError> {
        let parsed: File = toml::from_str(text)
            .map_err(|error| SiteError::Toml { file: file.to_owned(), error: Box::new(error) })?;
        if parsed.mastheads.is_empty() && parsed.hosts.is_empty() {
            return Err(SiteError::Nameless(file.to_owned()));
        }
        let time_zone = parsed
            .time_zone
            .map(|zone| {
                TimeZone::get(&zone).map_err(|_| SiteError::Zone { file: file.to_owned(), zone })
            })
            .transpose()?;
        let language = parsed
            .language
            .map(|language| match language::primary(&language) {
                primary if primary.is_empty() => {
                    Err(SiteError::Language { file: file.to_owned(), language })
                }
                primary => Ok(primary),
            })
            .transpose()?;
        if let Some(level) = parsed.urgency.wrong() {
            return Err(SiteError::Urgency { file: file.to_owned(), level });
        }
        let folded = |list: Vec<String>| list.iter().map(|entry| fold(entry)).collect();
        self.sites.push(Site {
            name: Some(parsed.name),
            mastheads: folded(parsed.mastheads),
            hosts: parsed.hosts.iter().filter_map(|host| super::source::host(host)).collect(),
            language,
            time_zone,
            markers: folded(parsed.markers),
            ticker_order: match parsed.ticker_order {
                Order::NewestFirst => TickerOrder::NewestFirst,
                Order::OldestFirst => TickerOrder::OldestFirst,
            },
            no_ticker: parsed.ticker == Some(false),
            urgency: parsed.urgency,
            nobody: folded(parsed.nobody),
        });
        Ok(())
    }

    /// The sites flashwire is shipped with.
    pub fn built_in() -> Self {
        let mut sites = Sites::default();
        for (file, text) in BUILT_IN {
            sites.add(file, text).expect("the embedded site files are read by a test");
        }
        sites
    }

    /// One site file.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, SiteError> {
        let mut sites = Sites::default();
        sites.add(file, text)?;
        Ok(sites)
    }

    /// How many sites are known.
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// Is none known?
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    /// The site with this masthead.
    pub(super) fn by_masthead(&self, line: &str) -> Option<&Site> {
        if self.sites.is_empty() {
            return None;
        }
        let folded = fold(line);
        self.sites.iter().rev().find(|site| site.mastheads.contains(&folded))
    }

    /// The site of this host or of the domain above it.
    pub(super) fn by_host(&self, host: &str) -> Option<&Site> {
        let under = |known: &String| {
            host.strip_suffix(known.as_str())
                .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
        };
        self.sites.iter().rev().find(|site| site.hosts.iter().any(under))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARBOUR: &str = r#"
        name = "Harbour Herald"
        mastheads = ["Harbour Herald English"]
        hosts = ["www.harbour-herald.example"]
        language = "en-GB"
        time_zone = "UTC"
        ticker_order = "oldest-first"
    "#;

    #[test]
    fn a_site_is_known_by_masthead_and_host() {
        let sites = Sites::from_toml("harbour.toml", HARBOUR).unwrap();
        let site = sites.by_masthead("  HARBOUR HERALD English ").unwrap();
        assert_eq!(site.name.as_deref(), Some("Harbour Herald"));
        assert_eq!(site.ticker_order, TickerOrder::OldestFirst);
        assert_eq!(site.language.as_deref(), Some("en"));
        assert!(sites.by_host("harbour-herald.example").is_some());
        assert!(sites.by_host("news.harbour-herald.example").is_some());
        assert!(sites.by_host("notharbour-herald.example").is_none());
    }

    #[test]
    fn the_embedded_files_can_be_read() {
        assert_eq!(Sites::built_in().len(), BUILT_IN.len());
    }

    #[test]
    fn a_bad_file_says_what_and_where() {
        let error = |text| Sites::from_toml("x.toml", text).unwrap_err().to_string();
        assert!(error("name = \"X\"").contains("mastheads"));
        assert!(error("name = \"X\"\nhost = [\"x.example\"]").contains("unknown field `host`"));
        assert!(
            error("name = \"X\"\nhosts = [\"x.example\"]\nurgency = { ticker = 9 }")
                .contains("urgency 9 is off the scale")
        );
        assert!(
            error("name = \"X\"\nhosts = [\"x.example\"]\ntime_zone = \"Mars/Dunes\"")
                .contains("Mars/Dunes")
        );
        assert!(
            error("name = \"X\"\nhosts = [\"x.example\"]\nlanguage = \"English\"")
                .contains("language")
        );
    }
}
