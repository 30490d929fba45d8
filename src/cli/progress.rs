//! How far long work has come: a bar on a terminal, a line every five seconds elsewhere.

use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Pause between two lines where there is no terminal; what is done sooner says nothing.
const PAUSE: Duration = Duration::from_secs(5);

/// Work that is under way. The bar is gone when this is.
pub(super) struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Progress {
    /// `total` steps of something, such as "judging pages again".
    pub(super) fn new(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
            // The template is the one above, and good.
            style.into_iter().for_each(|style| bar.set_style(style));
            bar.with_message(what)
        });
        Progress { what, total, done: 0, bar, said: Instant::now() }
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.to(self.done + 1);
    }

    /// So many are done.
    pub(super) fn to(&mut self, done: u64) {
        self.done = done;
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if self.said.elapsed() >= PAUSE => {
                self.said = Instant::now();
                // Whoever closed it doesn't need it.
                let _ = writeln!(anstream::stderr(), "{}: {done} of {}", self.what, self.total);
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
