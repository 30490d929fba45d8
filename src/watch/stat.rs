//! What the file system says about a file, without reading it.

use jiff::Timestamp;
use rustix::fs::FileType;

/// Tells versions of a file apart without reading them. A cache key only: what a page *is* is
/// its name and the hash of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Device.
    pub dev: u64,
    /// Inode; reused by the file system as soon as a file is gone.
    pub ino: u64,
    /// Bytes.
    pub size: u64,
    /// Last write, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Last change of content, name or rights, in nanoseconds since 1970.
    pub ctime_ns: i64,
}

impl Stat {
    /// When the file was last written.
    pub fn modified(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.mtime_ns))
            .expect("64 bits of nanoseconds lie within the years a Timestamp holds")
    }

    /// Time between `now_ns` and the last change, either way round: a file from the future is as
    /// fresh as one from the past.
    pub(super) fn quiet_ns(&self, now_ns: i64) -> u64 {
        now_ns.abs_diff(self.mtime_ns).min(now_ns.abs_diff(self.ctime_ns))
    }
}

/// A file as one look showed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) stat: Stat,
    pub(super) kind: FileType,
    pub(super) links: u64,
}

#[allow(clippy::useless_conversion, reason = "the field types differ between architectures")]
impl From<rustix::fs::Stat> for Look {
    fn from(raw: rustix::fs::Stat) -> Self {
        Look {
            stat: Stat {
                dev: raw.st_dev,
                ino: raw.st_ino,
                size: u64::try_from(raw.st_size).unwrap_or(0),
                mtime_ns: nanoseconds(raw.st_mtime, raw.st_mtime_nsec),
                ctime_ns: nanoseconds(raw.st_ctime, raw.st_ctime_nsec),
            },
            kind: FileType::from_raw_mode(raw.st_mode),
            links: raw.st_nlink.into(),
        }
    }
}

fn nanoseconds(seconds: impl Into<i64>, nanoseconds: impl TryInto<i64>) -> i64 {
    let fraction = nanoseconds.try_into().unwrap_or(0);
    seconds.into().saturating_mul(1_000_000_000).saturating_add(fraction)
}

/// The wall clock in nanoseconds since 1970, to compare with a [`Stat`].
pub(super) fn now_ns() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_time_a_file_can_bear_is_a_timestamp() {
        for mtime_ns in [i64::MIN, 0, i64::MAX] {
            let _ = Stat { mtime_ns, ..Stat::default() }.modified();
        }
        assert_eq!(nanoseconds(i64::MAX, 5_u64), i64::MAX);
        assert_eq!(nanoseconds(2_i64, 5_u64), 2_000_000_005);
    }

    #[test]
    fn the_future_is_as_fresh_as_the_past() {
        let stat = Stat { mtime_ns: 100, ctime_ns: 40, ..Stat::default() };
        assert_eq!(stat.quiet_ns(90), 10);
        assert_eq!(stat.quiet_ns(110), 10);
        assert_eq!(stat.quiet_ns(1_100), 1_000);
    }
}
