//! What can be set about watching.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// How the folder is watched. Durations are written as `2s`, `500ms`, `1m 30s`
/// and lie between `10ms` and a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the kernel's events are used.
    pub mode: Mode,
    /// A file found by listing, not told by an event, is complete when it has not been touched
    /// for this long. A page that looks cut off (text that ends within a line, HTML without its
    /// end) is given this long to be finished, unless it was moved or linked in.
    #[serde(with = "pause")]
    pub settle: Duration,
    /// How often folders without events are looked at: all of them under `mode = "poll"`, on
    /// network file systems and where the kernel refuses more watches.
    #[serde(with = "pause")]
    pub poll: Duration,
    /// How often the modification times of folders are compared, to find what events missed.
    #[serde(with = "pause")]
    pub rescan_folders: Duration,
    /// How often, at the most, the names in folders touched in the last hour are compared; the
    /// true pause grows to 200 times the CPU time the comparison takes.
    #[serde(with = "pause")]
    pub rescan_names: Duration,
    /// How often, at the most, every file is compared; the true pause grows to 200 times the CPU
    /// time the comparison takes.
    #[serde(with = "pause")]
    pub rescan_files: Duration,
    /// A file written longer ago than this is backlog, unless an event told of it.
    #[serde(with = "pause")]
    pub fresh: Duration,
    /// The largest page taken, in bytes, before and after inflating; at most 1 GiB.
    #[serde(deserialize_with = "page_bytes")]
    pub max_page_bytes: u64,
    /// How many folders deep pages are looked for.
    pub max_depth: u8,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            mode: Mode::Auto,
            settle: Duration::from_secs(2),
            poll: Duration::from_secs(1),
            rescan_folders: Duration::from_secs(5),
            rescan_names: Duration::from_secs(60),
            rescan_files: Duration::from_secs(30),
            fresh: Duration::from_secs(300),
            max_page_bytes: 16 << 20,
            max_depth: 16,
        }
    }
}

/// A duration as people write it, refused where it would keep a core busy or never end.
mod pause {
    use super::{Deserializer, Duration, Error};
    use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;

    pub(super) use friendly::serialize;

    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(24 * 3600);

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let pause = friendly::deserialize(from)?;
        if (SHORTEST..=LONGEST).contains(&pause) {
            Ok(pause)
        } else {
            Err(D::Error::custom("must lie between 10ms and 24h"))
        }
    }
}

fn page_bytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    const MOST: u64 = 1 << 30;
    let bytes = u64::deserialize(from)?;
    if (1..=MOST).contains(&bytes) {
        Ok(bytes)
    } else {
        Err(D::Error::custom(format!("must lie between 1 and {MOST}")))
    }
}

/// Whether the kernel's events are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Events where the file system gives them, polling elsewhere.
    Auto,
    /// Polling only: for file systems that change behind the kernel's back.
    Poll,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_read_as_people_write_them() {
        let config: Config = toml::from_str("settle = \"1m 30s\"\nmode = \"poll\"").unwrap();
        assert_eq!((config.settle, config.mode), (Duration::from_secs(90), Mode::Poll));
        let defaults = toml::to_string(&Config::default()).unwrap();
        assert_eq!(toml::from_str::<Config>(&defaults).unwrap(), Config::default());
    }

    #[test]
    fn what_would_never_end_or_never_rest_is_refused() {
        for wrong in ["poll = \"0s\"", "settle = \"90000h\"", "max_page_bytes = 0"] {
            let error = toml::from_str::<Config>(wrong).unwrap_err().to_string();
            assert!(error.contains("must lie between"), "{error}");
        }
    }
}
