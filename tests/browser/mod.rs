//! The dashboard in a real browser. Runs where Chromium and its driver are installed (Debian's
//! `chromium` and `chromium-driver`; `tests/run.sh` installs them); elsewhere it says so and
//! passes. `FLASHWIRE_SHOTS=DIR` keeps pictures of what was seen: `tests/shots.sh`.

mod desk;
mod driver;
mod looks;
mod news;
mod proxy;
mod ticker;
mod truth;
mod whole;
mod withdrawn;

use std::sync::Arc;

use flashwire::{
    item::{Action, Event, Seq, Supersedes},
    wire::Store as _,
};

use crate::broadcast::desk::{Desk, Options, event, line};
use driver::Browser;

/// What the masthead says of the connection.
const LIVE: &str = "document.querySelector('wire-state')?.dataset.state === 'live'";
const OFFLINE: &str = "document.querySelector('wire-state').dataset.state === 'offline'";

/// Headlines of a column as they are read: what is struck is left out.
fn headlines(kind: &str) -> String {
    format!(
        "[...document.querySelectorAll('wire-column[data-kind={kind}] .row h3')].map((h) => {{ const copy = h.cloneNode(true); copy.querySelectorAll('del').forEach((del) => del.remove()); return copy.textContent; }})"
    )
}

/// The row whose text matches, in any column.
fn row(words: &str) -> String {
    format!("[...document.querySelectorAll('.row')].find((row) => /{words}/.test(row.textContent))")
}

/// A wire with a day's news on it, and a browser that shows it.
async fn shown(width: u32, height: u32, dark: bool) -> Option<(Desk, Browser)> {
    let browser = Browser::start(width, height, dark).await?;
    let desk = Desk::with(Options::default()).await;
    news::tell(&desk).await;
    browser.open(&format!("http://{}/", desk.at)).await;
    browser.until(LIVE).await;
    Some((desk, browser))
}

/// Tells a newer version of a line.
async fn update(desk: &Desk, old: &Event, text: &str) -> Arc<Event> {
    let seq = Seq(desk.wire.head().seq.0 + 1);
    let mut new = event(seq, line(text));
    new.action = Action::Update;
    new.thread = old.thread;
    new.item.set_version(old.item.version() + 1);
    new.supersedes = Some(Supersedes { id: old.id, seq: old.seq, version: old.item.version() });
    let new = Arc::new(new);
    desk.append(vec![new.clone()]).await;
    new
}
