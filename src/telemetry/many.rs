//! One line for many like it: the first warning of a kind is written at once, those that follow it
//! within a minute are summed up in one line with their count.

use std::{
    collections::HashMap,
    fmt::Write as _,
    hash::Hash,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tracing::{Event, Level, callsite::Identifier, field::Visit};
use tracing_subscriber::layer::{Context, Layer};

/// How long lines of a kind are gathered.
const MINUTE: Duration = Duration::from_secs(60);

/// Lines like one that was written, not written themselves.
#[derive(Debug)]
struct Kind {
    /// When one was last written.
    since: Instant,
    more: u64,
    last: String,
}

/// What is said of the lines that were held back.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    more: u64,
    seconds: u64,
    last: String,
}

/// Kinds of lines, by the place in the code they come from.
#[derive(Debug)]
struct Kinds<K>(HashMap<K, Kind>);

impl<K: Eq + Hash + Clone> Kinds<K> {
    /// Whether a line is to be written now; else it is counted.
    fn admit(&mut self, kind: K, now: Instant, line: impl FnOnce() -> String) -> bool {
        match self.0.get_mut(&kind) {
            Some(known) if known.more > 0 || now.duration_since(known.since) < MINUTE => {
                known.more += 1;
                known.last = line();
                false
            }
            _ => {
                self.0.insert(kind, Kind { since: now, more: 0, last: String::new() });
                true
            }
        }
    }

    /// What was held back and is to be summed up now; everything that was, where `all` is true.
    fn due(&mut self, now: Instant, all: bool) -> Vec<Sum> {
        let mut sums = Vec::new();
        self.0.retain(|_, kind| {
            let age = now.duration_since(kind.since);
            if age < MINUTE && !all {
                return true;
            }
            if kind.more == 0 {
                return false;
            }
            let last = std::mem::take(&mut kind.last);
            sums.push(Sum { more: std::mem::take(&mut kind.more), seconds: age.as_secs(), last });
            kind.since = now;
            true
        });
        sums
    }
}

static KINDS: LazyLock<Mutex<Kinds<Identifier>>> =
    LazyLock::new(|| Mutex::new(Kinds(HashMap::new())));

fn kinds() -> MutexGuard<'static, Kinds<Identifier>> {
    KINDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets warnings through, one a minute of each kind.
#[derive(Debug)]
pub(super) struct Many;

impl<S: tracing::Subscriber> Layer<S> for Many {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let about = event.metadata();
        if *about.level() != Level::WARN || about.target() == module_path!() {
            return true;
        }
        kinds().admit(about.callsite(), Instant::now(), || {
            let mut line = Line::default();
            event.record(&mut line);
            line.message + &line.fields
        })
    }
}

/// An event as a line writes it.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        // Writing to a string can't fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// Sums up what was held back for a minute, or all of it.
fn sum_up(all: bool) {
    // Not while the lock is held: writing comes by it again.
    let sums = kinds().due(Instant::now(), all);
    for Sum { more, seconds, last } in sums {
        tracing::warn!("{more} more like this in {seconds} s: {last}");
    }
}

/// Sums up what was held back, again and again, for as long as the process runs.
pub(super) fn keep_summing_up() {
    let sum = || loop {
        std::thread::sleep(Duration::from_secs(1));
        sum_up(false);
    };
    // Without the thread the counts come with the end.
    let _ = std::thread::Builder::new().name("log".into()).spawn(sum);
}

/// Says now what is held back: the process is about to end.
pub fn last_words() {
    sum_up(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_kind_is_written_and_the_rest_are_summed_up() {
        let (mut kinds, start) = (Kinds(HashMap::new()), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let admit = |kind: &'static str, n: u64, kinds: &mut Kinds<&'static str>| {
            kinds.admit(kind, at(n), || format!("{kind} {n}"))
        };
        assert!(admit("page", 0, &mut kinds));
        assert!((1..600).all(|n| !admit("page", n / 20, &mut kinds)));
        assert!(admit("host", 30, &mut kinds));
        assert_eq!(kinds.due(at(59), false), []);
        let sum = Sum { more: 599, seconds: 60, last: "page 29".into() };
        assert_eq!(kinds.due(at(60), false), [sum]);
        // It goes on like that for as long as they come, and a quiet minute ends it.
        assert!(!admit("page", 61, &mut kinds));
        assert_eq!(kinds.due(at(119), false), []);
        assert_eq!(kinds.due(at(120), false).len(), 1);
        assert_eq!(kinds.due(at(180), false), []);
        assert!(admit("page", 180, &mut kinds));
        assert!(!admit("page", 181, &mut kinds));
        assert_eq!(kinds.due(at(182), true).len(), 1);
    }
}
