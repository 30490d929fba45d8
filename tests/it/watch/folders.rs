//! Whole trees: the case in which watchers lose files in silence.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use flashwire::watch::{Config, Known, Mode};

use super::{Desk, brisk, events_only, fast_folder};

const FOLDERS: usize = 1000;
const FILES: usize = 100;

fn fill(folder: &Path, at: usize) {
    for file in 0..FILES {
        fs::write(folder.join(format!("{file}.txt")), format!("page {at}/{file}")).unwrap();
    }
}

/// Every one of the pages arrived, each with its own content, and none twice.
fn check(desk: &mut Desk, folders: usize) {
    let texts = |desk: &Desk| -> BTreeSet<String> { desk.texts().into_values().collect() };
    desk.wait_for(folders * FILES);
    desk.rest();
    let expected: BTreeSet<String> = (0..folders)
        .flat_map(|at| (0..FILES).map(move |file| format!("page {at}/{file}")))
        .collect();
    let got = texts(desk);
    let lost = expected.difference(&got).count();
    assert_eq!(lost, 0, "lost; {:?}", desk.watch.status());
    assert_eq!(desk.got.len(), folders * FILES, "doubled; {:?}", desk.watch.status());
    for arrival in &desk.got {
        let page = arrival.result.as_ref().unwrap();
        assert!(expected.contains(std::str::from_utf8(&page.bytes).unwrap()), "half a page");
    }
}

/// F9: files written in place in new folders.
#[test]
fn new_folders_written_to_lose_nothing() {
    let mut desk = Desk::on(fast_folder(), brisk(), Known::default());
    for at in 0..FOLDERS {
        let folder = desk.path(&format!("d{at}"));
        fs::create_dir(&folder).unwrap();
        fill(&folder, at);
        desk.take();
    }
    check(&mut desk, FOLDERS);
}

/// F9: files moved into new folders.
#[test]
fn new_folders_moved_into_lose_nothing() {
    let mut desk = Desk::on(fast_folder(), brisk(), Known::default());
    for at in 0..FOLDERS {
        let folder = desk.path(&format!("d{at}"));
        fs::create_dir(&folder).unwrap();
        for file in 0..FILES {
            desk.rename_in(&format!("d{at}/{file}.txt"), &format!("page {at}/{file}"));
        }
        desk.take();
    }
    check(&mut desk, FOLDERS);
}

/// F9: whole trees moved in.
#[test]
fn trees_moved_in_lose_nothing() {
    let mut desk = Desk::on(fast_folder(), brisk(), Known::default());
    for at in 0..FOLDERS {
        let folder = desk.aside(&format!("d{at}"));
        fs::create_dir(&folder).unwrap();
        fill(&folder, at);
    }
    for at in 0..FOLDERS {
        let name = format!("d{at}");
        fs::rename(desk.aside(&name), desk.path(&name)).unwrap();
        desk.take();
    }
    check(&mut desk, FOLDERS);
}

/// F9: `mkdir -p` of deep paths.
#[test]
fn deep_folders_lose_nothing() {
    let mut desk = Desk::on(fast_folder(), brisk(), Known::default());
    for at in 0..FOLDERS / 10 {
        let folder = desk.path(&format!("d{at}/1/2/3/4/5/6/7/8/9"));
        fs::create_dir_all(&folder).unwrap();
        fill(&folder, at);
        desk.take();
    }
    check(&mut desk, FOLDERS / 10);
}

/// F27
#[test]
fn polling_loses_nothing_of_new_folders() {
    let mut desk = Desk::new(Config { mode: Mode::Poll, ..brisk() });
    for at in 0..FOLDERS / 10 {
        let folder = desk.path(&format!("d{at}/deep"));
        fs::create_dir_all(&folder).unwrap();
        fill(&folder, at);
        desk.take();
    }
    check(&mut desk, FOLDERS / 10);
}

/// A moved folder keeps being watched under its new name, and what is below it too: the kernel's
/// watch is the folder's, while `notify` gives it up with the old name.
#[test]
fn a_moved_folder_stays_watched() {
    let config = brisk();
    let mut desk = Desk::new(Config { settle: config.settle, ..events_only() });
    fs::create_dir_all(desk.path("old/below")).unwrap();
    desk.until("watched", || desk.watch.status().watches == 3);
    for round in 0..20 {
        let (from, to) = if round % 2 == 0 { ("old", "new") } else { ("new", "old") };
        fs::rename(desk.path(from), desk.path(to)).unwrap();
        desk.rename_in(&format!("{to}/{round}.txt"), &format!("page {round}"));
        desk.rename_in(&format!("{to}/below/{round}.txt"), &format!("below {round}"));
        desk.wait("both", |desk| {
            let texts = desk.texts();
            texts.contains_key(&format!("{to}/{round}.txt"))
                && texts.contains_key(&format!("{to}/below/{round}.txt"))
        });
    }
}

/// A folder that goes and comes again, faster than anybody looks.
#[test]
fn a_folder_made_anew_stays_watched() {
    let settle = Duration::from_millis(50);
    let mut desk = Desk::new(Config { settle, ..events_only() });
    for round in 0..100 {
        fs::create_dir(desk.path("d")).unwrap();
        fs::remove_dir(desk.path("d")).unwrap();
        fs::create_dir(desk.path("d")).unwrap();
        desk.rename_in("d/a.txt", &format!("page {round}"));
        desk.wait("the page", |desk| {
            desk.texts().get("d/a.txt").is_some_and(|text| *text == format!("page {round}"))
        });
        fs::remove_dir_all(desk.path("d")).unwrap();
    }
}

/// Folders are entered 16 deep, and not where they are hidden or links.
#[test]
fn only_real_folders_are_entered() {
    let dir = super::folder();
    let root = dir.path().join("in");
    let deepest: std::path::PathBuf = (1..=17).map(|at| at.to_string()).collect();
    fs::create_dir_all(root.join(&deepest)).unwrap();
    fs::write(root.join(deepest.parent().unwrap()).join("at-16.txt"), "x").unwrap();
    fs::write(root.join(&deepest).join("at-17.txt"), "x").unwrap();
    fs::create_dir(root.join(".hidden")).unwrap();
    fs::write(root.join(".hidden/a.txt"), "x").unwrap();
    fs::create_dir(dir.path().join("outside")).unwrap();
    fs::write(dir.path().join("outside/a.txt"), "x").unwrap();
    std::os::unix::fs::symlink(dir.path().join("outside"), root.join("link")).unwrap();
    fs::create_dir(root.join("like.html")).unwrap();
    fs::write(root.join("like.html/page.txt"), "x").unwrap();
    let mut desk = Desk::on(dir, brisk(), Known::default());
    desk.expect(2);
    let mut names = desk.names();
    names.sort();
    assert!(names[0].ends_with("/16/at-16.txt"), "{names:?}");
    assert_eq!(names[1], "like.html/page.txt");
}
