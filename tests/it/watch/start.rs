//! Starting on a folder that holds pages already, and stopping.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use flashwire::{
    item::PageHash,
    page::PageName,
    watch::{self, Known, Lane, Root, Stat},
};

use super::{Desk, brisk, folder};

fn age(path: &std::path::Path, seconds: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

/// F8
#[test]
fn what_lay_there_comes_oldest_first() {
    let dir = folder();
    let root = dir.path().join("in");
    for at in 0..500_u64 {
        let path = root.join(format!("{at:03}.txt"));
        fs::write(&path, format!("page {at}")).unwrap();
        age(&path, 1000 + (at * 7919) % 500);
    }
    let mut desk = Desk::on(dir, brisk(), Known::default());
    desk.expect(500);
    assert!(desk.got.iter().all(|got| got.lane == Lane::Backlog && got.initial));
    assert!(desk.got.is_sorted_by_key(|got| got.stat.unwrap().mtime_ns));
}

/// What the crawler says of the time of capture goes before the file's own time.
#[test]
fn sidecars_order_the_backlog_and_come_with_the_page() {
    let dir = folder();
    let root = dir.path().join("in");
    for (name, captured) in [("a.html", 30), ("b.html", 10), ("c.html", 20)] {
        let sidecar = format!(
            r#"{{"url":"https://courier.test/{name}","captured":"2026-01-01T00:00:{captured}Z"}}"#
        );
        fs::write(root.join(format!("{name}.meta.json")), sidecar).unwrap();
        fs::write(root.join(name), "<p>x</p></body>").unwrap();
    }
    let mut desk = Desk::on(dir, brisk(), Known::default());
    desk.expect(3);
    assert_eq!(desk.names(), ["b.html", "c.html", "a.html"]);
    let meta = &desk.got[0].result.as_ref().unwrap().meta;
    assert_eq!(meta.url.as_deref(), Some("https://courier.test/b.html"));
    assert_eq!(desk.watch.status().ignored, 0);
}

#[test]
fn what_the_ledger_knows_is_not_read_again() {
    let mut first = Desk::new(brisk());
    for name in ["a.txt", "b.txt", "sub.txt"] {
        first.rename_in(name, name);
    }
    first.expect(3);
    let ledger: Vec<(PageName, Stat)> =
        first.got.iter().map(|got| (got.name.clone(), got.stat.unwrap())).collect();
    let Desk { dir, watch, .. } = first;
    drop(watch);
    fs::write(dir.path().join("in/b.txt"), "changed while nobody watched").unwrap();
    fs::write(dir.path().join("in/c.txt"), "new").unwrap();
    let mut second = Desk::on(dir, brisk(), ledger.into_iter().collect());
    second.expect(2);
    let mut names = second.names();
    names.sort();
    assert_eq!(names, ["b.txt", "c.txt"]);
}

/// Until the caller settles it, a version is on its way: no rescan sends it twice.
#[test]
fn a_page_on_its_way_is_not_sent_twice() {
    let desk = Desk::new(brisk());
    desk.rename_in("a.txt", "page");
    let arrival = desk.arrivals.live.recv_blocking().unwrap();
    let rescans = desk.watch.status().rescans;
    desk.watch.rescan();
    desk.until("rescanned", || desk.watch.status().rescans > rescans + 1);
    assert!(desk.arrivals.live.is_empty() && desk.arrivals.backlog.is_empty());
    desk.until("on its way", || desk.watch.status().unsettled == 1);
    desk.watch.settled(&arrival.name, arrival.stat.unwrap());
    assert_eq!(desk.watch.status().unsettled, 0);
}

/// Nobody takes anything until all is dropped: what finds no room is found again.
#[test]
fn a_caller_that_is_slow_loses_nothing() {
    let mut desk = Desk::new(brisk());
    for at in 0..5000 {
        desk.rename_in(&format!("{at}.txt"), &format!("page {at}"));
    }
    desk.expect(5000);
}

#[test]
fn stopping_closes_the_queues_after_what_is_under_way() {
    let desk = Desk::new(brisk());
    for at in 0..100 {
        desk.rename_in(&format!("{at}.txt"), "page");
    }
    let first = desk.arrivals.live.recv_blocking().unwrap();
    assert_eq!(first.ticket, 0);
    desk.watch.stop();
    let mut last = 0;
    while let Ok(arrival) = desk.arrivals.live.recv_blocking() {
        assert_eq!(arrival.ticket, last + 1);
        last = arrival.ticket;
    }
    assert!(desk.arrivals.backlog.recv_blocking().is_err());
    assert!(desk.arrivals.big.recv_blocking().is_err());
}

#[test]
fn dropping_the_watch_stops_it() {
    let Desk { watch, arrivals, .. } = Desk::new(brisk());
    drop(watch);
    assert!(arrivals.live.recv_blocking().is_err());
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = Root::open(&dir.path().join("in")).unwrap_err();
    assert!(matches!(error, watch::WatchError::NoFolder(_)));
    assert!(error.to_string().ends_with("/in does not exist"), "{error}");
}

#[test]
fn compressed_pages_come_inflated_under_the_hash_of_their_file() {
    let mut desk = Desk::new(brisk());
    let page = "Harbour reopens\n".repeat(2000);
    let packed = zstd::encode_all(page.as_bytes(), 3).unwrap();
    fs::write(desk.aside("page"), &packed).unwrap();
    fs::rename(desk.aside("page"), desk.path("a.txt.zst")).unwrap();
    desk.expect(1);
    assert_eq!(desk.texts()["a.txt.zst"], page);
    assert_eq!(desk.got[0].result.as_ref().unwrap().hash, PageHash::of(&packed));
}
