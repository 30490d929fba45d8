//! What can be set about outlets.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    time::Duration,
};

use jiff::{
    Timestamp, civil::Time, fmt::serde::unsigned_duration::friendly::compact, tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::{filter::Filter, follower::Beginning, item::Seq};

use super::{
    folder::{self, Form},
    webhook,
};

/// Where the wire goes by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Receivers on the web.
    pub webhook: Vec<WebhookRule>,
    /// Folders that get each event as a file.
    pub folder: Vec<FolderRule>,
}

impl Config {
    /// The same with `…` for all that only a receiver may know: signing secrets, headers, and the
    /// path of its address, which many services make the key to it.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        for rule in &mut shown.webhook {
            if !rule.secret.is_empty() {
                rule.secret = "…".into();
            }
            rule.headers.values_mut().for_each(|value| *value = "…".into());
            let (scheme, rest) = rule.url.split_once("://").unwrap_or(("", &rule.url));
            let (place, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let host = place.rsplit('@').next().unwrap_or(place);
            rule.url = format!("{scheme}://{host}{}", if path.len() > 1 { "/…" } else { path });
        }
        shown
    }

    /// What is wrong with these settings, as a sentence, if anything is.
    ///
    /// # Errors
    /// The first rule that can't work: which, why, and what to write.
    pub fn check(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        for rule in &self.webhook {
            names.insert(name("webhook", &rule.name)?);
            webhook::Parts::read(rule)?;
        }
        for rule in &self.folder {
            names.insert(name("folder", &rule.name)?);
            folder::check(rule)?;
        }
        if names.len() < self.webhook.len() + self.folder.len() {
            return Err("two outlets of a kind have the same name; give each its own".into());
        }
        Ok(())
    }
}

/// Where an outlet begins that never ran on this wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// With what happens from now on.
    #[default]
    Latest,
    /// With the oldest event there is.
    Earliest,
}

impl Begin {
    /// The position after which it begins. One that stood on this wire before goes on where that
    /// is still the same wire.
    pub(super) fn after(self, beginning: &Beginning) -> Seq {
        match (beginning.common, self) {
            (Some(common), _) => common,
            (None, Begin::Latest) => beginning.head.seq,
            (None, Begin::Earliest) => beginning.before_oldest,
        }
    }
}

/// How a webhook's body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// The event as the wire has it (Standard Webhooks: `type`, `timestamp`, `data`).
    #[default]
    Json,
    /// A Slack incoming webhook.
    Slack,
    /// A Discord webhook.
    Discord,
    /// `sendMessage` of a Telegram bot.
    Telegram,
    /// ntfy, published as JSON.
    Ntfy,
    /// An Apprise API server.
    Apprise,
}

/// Hours of the day in which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// When they begin, such as `22:00`.
    pub from: String,
    /// When they end; the next day where that is not after `from`.
    pub until: String,
    /// The time zone, such as `Europe/Lisbon`; the machine's own where there is none.
    #[serde(default)]
    pub zone: String,
}

/// A receiver on the web.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookRule {
    /// Its name in `status` and for `flashwire outlet`.
    pub name: String,
    /// Where events are posted to.
    pub url: String,
    /// How they are written.
    pub template: Template,
    /// Which events, in the words of `q`; all where it is empty.
    pub q: String,
    /// Other parameters of the stream, such as `kind = "ticker"`.
    pub only: BTreeMap<String, String>,
    /// Where it begins on its first day.
    pub begin: Begin,
    /// The secret that bodies are signed with: `whsec_` and Base 64.
    pub secret: String,
    /// Headers of each request, such as `Authorization`.
    pub headers: BTreeMap<String, String>,
    /// The chat of `telegram`, the topic of `ntfy`.
    pub to: String,
    /// Whether the receiver may have a private address: on this machine or in its network.
    pub private: bool,
    /// How long it may take over one request.
    #[serde(with = "compact::required")]
    pub timeout: Duration,
    /// How long it may fail before it is given up.
    #[serde(with = "compact::required")]
    pub give_up: Duration,
    /// How many messages in each `budget_time`; what is more comes as one digest. 0 sets no limit.
    pub budget: u32,
    /// The time that `budget` speaks of.
    #[serde(with = "compact::required")]
    pub budget_time: Duration,
    /// Hours in which nothing is sent; what was told meanwhile comes as one digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
}

impl Default for WebhookRule {
    fn default() -> Self {
        WebhookRule {
            name: String::new(),
            url: String::new(),
            template: Template::Json,
            q: String::new(),
            only: BTreeMap::new(),
            begin: Begin::Latest,
            secret: String::new(),
            headers: BTreeMap::new(),
            to: String::new(),
            private: false,
            timeout: Duration::from_secs(15),
            give_up: Duration::from_secs(24 * 3600),
            budget: 0,
            budget_time: Duration::from_secs(3600),
            quiet: None,
        }
    }
}

/// A folder that gets each event as a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderRule {
    /// Its name in `status` and for `flashwire outlet`.
    pub name: String,
    /// The folder; it is never made.
    pub path: PathBuf,
    /// What the files hold.
    pub form: Form,
    /// Which events, in the words of `q`; all where it is empty.
    pub q: String,
    /// Other parameters of the stream, such as `kind = "ticker"`.
    pub only: BTreeMap<String, String>,
    /// Where it begins on its first day.
    pub begin: Begin,
}

/// The name of an outlet in `status` and for commands; it is also part of file names.
pub(super) fn name(kind: &str, given: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if given.is_empty() || !given.chars().all(plain) {
        return Err(format!(
            "the {kind} named `{given}` needs a name of letters, digits, - and _; write name = \"…\""
        ));
    }
    Ok(format!("{kind} {given}"))
}

/// Reads which events a rule wants.
pub(super) fn filter(
    outlet: &str,
    q: &str,
    only: &BTreeMap<String, String>,
) -> Result<Filter, String> {
    let mut filter = Filter::default();
    let now = Timestamp::now();
    let q = (!q.is_empty()).then_some(("q", q));
    for (name, value) in only.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(q) {
        let known = filter.set(name, value, now);
        if !known.map_err(|bad| format!("{outlet}: {bad}"))? {
            return Err(format!(
                "{outlet}: there is no parameter `{name}`; parameters are {}",
                Filter::NAMES
            ));
        }
    }
    Ok(filter)
}

/// Quiet hours, understood.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    from: Time,
    until: Time,
    zone: TimeZone,
}

impl Hours {
    pub(super) fn read(outlet: &str, quiet: &Quiet) -> Result<Self, String> {
        let time = |text: &str| {
            text.parse::<Time>().map_err(|_| {
                format!("{outlet}: `{text}` is no time of day; write one such as 22:00")
            })
        };
        let zone = match quiet.zone.as_str() {
            "" => TimeZone::system(),
            name => TimeZone::get(name).map_err(|_| {
                format!("{outlet}: there is no time zone `{name}`; write one such as Europe/Lisbon")
            })?,
        };
        let (from, until) = (time(&quiet.from)?, time(&quiet.until)?);
        if from == until {
            return Err(format!("{outlet}: quiet hours that end when they begin are none"));
        }
        Ok(Hours { from, until, zone })
    }

    /// When the quiet hours end that `at` lies in.
    pub(super) fn end(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned(self.zone.clone());
        let time = local.time();
        let over_midnight = self.until <= self.from;
        let quiet = match over_midnight {
            false => self.from <= time && time < self.until,
            true => time >= self.from || time < self.until,
        };
        let day = local.date();
        let day = if over_midnight && time >= self.from { day.tomorrow().ok()? } else { day };
        let end = day.to_datetime(self.until).to_zoned(self.zone.clone()).ok()?;
        quiet.then(|| end.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_on_the_day_they_belong_to() {
        let hours = |from: &str, until: &str| {
            let zone = "Europe/Lisbon".into();
            Hours::read("x", &Quiet { from: from.into(), until: until.into(), zone }).unwrap()
        };
        let end =
            |hours: &Hours, at: &str| hours.end(at.parse().unwrap()).map(|end| end.to_string());
        // Lisbon is an hour ahead of UTC in summer.
        let night = hours("22:00", "06:30");
        assert_eq!(end(&night, "2026-07-01T20:59:59Z"), None);
        assert_eq!(end(&night, "2026-07-01T21:00:00Z").unwrap(), "2026-07-02T05:30:00Z");
        assert_eq!(end(&night, "2026-07-02T05:29:59Z").unwrap(), "2026-07-02T05:30:00Z");
        assert_eq!(end(&night, "2026-07-02T05:30:00Z"), None);
        let noon = hours("12:00", "13:00");
        assert_eq!(end(&noon, "2026-01-01T12:30:00Z").unwrap(), "2026-01-01T13:00:00Z");
        assert_eq!(end(&noon, "2026-01-01T13:00:00Z"), None);
    }

    #[test]
    fn what_only_a_receiver_may_know_is_not_shown() {
        let rule = |url: &str| WebhookRule {
            url: url.into(),
            secret: "whsec_hush".into(),
            headers: [("Authorization".into(), "Bearer hush".into())].into(),
            ..WebhookRule::default()
        };
        for (url, shown) in [
            ("https://hooks.example/services/hush", "https://hooks.example/…"),
            ("https://me:hush@hooks.example:8443?key=hush", "https://hooks.example:8443/…"),
            ("https://hooks.example/", "https://hooks.example/"),
        ] {
            let config = Config { webhook: vec![rule(url)], folder: Vec::new() };
            let printed = toml::to_string(&config.without_secrets()).unwrap();
            assert!(!printed.contains("hush") && printed.contains(shown), "{printed}");
        }
    }

    #[test]
    fn what_can_not_work_is_named() {
        let config = |text: &str| toml::from_str::<Config>(text).unwrap().check().unwrap_err();
        for (rule, says) in [
            ("url = 'http://a.example/'", "needs a name of letters"),
            ("name = 'a'\nurl = 'ftp://a.example/'", "https://"),
            ("name = 'a'\nurl = 'http://a.example/'\nq = '\"x'", "webhook a"),
            ("name = 'a'\nurl = 'http://a.example/'\nonly = { sourse = 'x' }", "`sourse`"),
            ("name = 'a'\nurl = 'http://a.example/'\nsecret = 'x'", "whsec_"),
            ("name = 'a'\nurl = 'http://a.example/'\ntemplate = 'ntfy'", "to ="),
            ("name = 'a'\nurl = 'http://a.example/'\nheaders = { 'a b' = 'x' }", "`a b`"),
        ] {
            let said = config(&format!("[[webhook]]\n{rule}\n"));
            assert!(said.contains(says), "{rule}: {said}");
        }
        let twice = "[[folder]]\nname = 'a'\npath = '/x'\n".repeat(2);
        assert!(config(&twice).contains("two outlets of a kind"));
        assert!(config("[[folder]]\nname = 'a'\n").contains("path ="));
    }
}
