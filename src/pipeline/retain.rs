//! Letting go, in time, of what the wire need not keep.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::{
    page::PageName,
    watch::{Root, Watch},
    wire::{AppendError, ReadError, Retention, SqliteStore},
};

/// After the rush of a start, and then a few times a day: it looks at every file of the ledger.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// Why a pass ended early; the next one goes on.
#[derive(Debug, thiserror::Error)]
enum RetainError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] AppendError),
}

/// Works until aborted.
pub(super) async fn run(wire: Arc<SqliteStore>, retention: Retention, watch: Option<Arc<Watch>>) {
    let mut passes = interval_at(Instant::now() + FIRST, EVERY);
    passes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        passes.tick().await;
        // An unmounted disk must not look as if every file had been deleted.
        let root = watch.as_ref().and_then(|watch| watch.root());
        if let Err(error) = pass(&wire, root, &retention, Timestamp::now()).await {
            tracing::warn!(%error, "not all that is old could be let go of; the next pass goes on");
        }
    }
}

/// One pass; without the folder nothing is learned of files.
async fn pass(
    wire: &SqliteStore,
    root: Option<Arc<Root>>,
    retention: &Retention,
    now: Timestamp,
) -> Result<(), RetainError> {
    wire.retain(retention, now).await?;
    let Some(root) = root else { return Ok(()) };
    let mut after = 0;
    loop {
        let pages = wire.pages_after(after).await?;
        let Some(last) = pages.last() else { return Ok(()) };
        after = last.page;
        let root = root.clone();
        let look = tokio::task::spawn_blocking(move || {
            pages
                .into_iter()
                .map(|page| (page.page, page.gone, !root.holds(&PageName::new(page.name))))
                .collect::<Vec<_>>()
        });
        let looked = look.await.map_err(|error| ReadError(error.to_string()))?;
        let changed = |gone: bool| {
            let changed = looked.iter().filter(move |(_, was, is)| was != is && *is == gone);
            changed.map(|(page, ..)| *page).collect::<Vec<_>>()
        };
        wire.forget_pages(changed(true), changed(false), retention, now).await?;
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::{
        item::{Outcome, PageHash},
        wire::{Config, Group, Order as _, PageRow},
    };

    fn page(name: &str, now: Timestamp) -> Group {
        let page = PageRow {
            name: name.into(),
            hash: Some(PageHash::of(name.as_bytes())),
            stat: [0; 5],
            outcome: Outcome::Empty,
            reason: Some("it is empty".into()),
            seen: now,
            at: now,
            lane: "live",
            ticket: 0,
            source: None,
            url: None,
            ticker_lines: 0,
            lines: Default::default(),
            remarks: Vec::new(),
        };
        Group { page: Some(page), ..Group::default() }
    }

    #[tokio::test]
    async fn a_page_is_forgotten_thirty_days_after_its_file_went() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("pages");
        std::fs::create_dir(&folder).unwrap();
        let held = Arc::new(Root::open(&folder).unwrap());
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let wire = SqliteStore::open(&root.path().join("w.db"), &Config::default(), now).unwrap();
        let names = ["stays.txt", "goes.txt", "comes back.txt"];
        let groups: Vec<Group> = names.iter().map(|name| page(name, now)).collect();
        wire.append(wire.position(), groups.into()).await.unwrap();
        let write = |name: &str| std::fs::write(folder.join(name), "").unwrap();
        let kept = async |day: i64, root: Option<&Arc<Root>>| {
            let now = now + (day * 24).hours();
            pass(&wire, root.cloned(), &Retention::default(), now).await.unwrap();
            let pages = wire.pages_after(0).await.unwrap();
            pages.into_iter().map(|page| String::from_utf8(page.name).unwrap()).collect::<Vec<_>>()
        };
        write("stays.txt");
        assert_eq!(kept(40, Some(&held)).await, names, "gone since today at the earliest");
        write("comes back.txt");
        assert_eq!(kept(60, Some(&held)).await, names);
        assert_eq!(kept(71, None).await, names, "nothing is known without the folder");
        assert_eq!(kept(71, Some(&held)).await, ["stays.txt", "comes back.txt"]);
        std::fs::remove_file(folder.join("comes back.txt")).unwrap();
        assert_eq!(kept(80, Some(&held)).await.len(), 2, "gone anew");
        assert_eq!(kept(111, Some(&held)).await, ["stays.txt"]);
    }
}
