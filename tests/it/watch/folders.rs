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

/// The first page in a new folder, which comes before the folder's watch stands, and a tree that is
/// moved in: with rests of an hour only what is known of how they came can be the reason.
#[test]
fn what_comes_with_its_folder_is_told_at_once() {
    let mut desk = Desk::new(events_only());
    for round in 0..20 {
        fs::write(desk.aside("part"), format!("page {round}\n")).unwrap();
        fs::create_dir(desk.path(&format!("new{round}"))).unwrap();
        fs::rename(desk.aside("part"), desk.path(&format!("new{round}/a.txt"))).unwrap();
    }
    desk.expect(20);
    for round in 0..20 {
        let tree = desk.aside(&format!("moved{round}"));
        fs::create_dir_all(tree.join("below/deep")).unwrap();
        fs::write(tree.join("a.txt"), format!("moved {round}, cut off in the mid")).unwrap();
        fs::write(tree.join("below/deep/b.txt"), format!("deep {round}")).unwrap();
        fs::rename(tree, desk.path(&format!("moved{round}"))).unwrap();
    }
    desk.expect(60);
}

/// A file that is still being written when its folder is listed is not taken in halves.
#[test]
fn a_page_that_goes_on_in_a_new_folder_comes_whole() {
    use std::io::Write as _;
    let mut desk = Desk::new(brisk());
    for round in 0..10 {
        let folder = desk.path(&format!("new{round}"));
        fs::create_dir(&folder).unwrap();
        let mut file = fs::File::create(folder.join("a.txt")).unwrap();
        for part in 0..5 {
            writeln!(file, "page {round}, part {part}").unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    desk.expect(10);
    assert!(desk.texts().values().all(|text| text.lines().count() == 5), "{:?}", desk.texts());
}

/// What a browser saves beside a page belongs to that page, whichever comes first; a folder that
/// is only called so is entered.
#[test]
fn a_browser_s_folder_is_left_to_its_page() {
    let dir = super::folder();
    let root = dir.path().join("in");
    fs::create_dir_all(root.join("there_files/below")).unwrap();
    fs::write(root.join("there_files/frame.html"), "no page").unwrap();
    fs::write(root.join("there_files/below/frame.html"), "no page").unwrap();
    fs::write(root.join("there.html"), "page").unwrap();
    fs::create_dir(root.join("case_files")).unwrap();
    fs::write(root.join("case_files/a.txt"), "page").unwrap();
    let mut desk = Desk::on(dir, brisk(), Known::default());
    fs::create_dir(desk.path("later_files")).unwrap();
    fs::write(desk.path("later_files/frame.html"), "no page").unwrap();
    desk.rename_in("later.htm", "page");
    desk.rename_in("number.html.1", "page");
    desk.expect(4);
    let names: BTreeSet<String> = desk.names().into_iter().collect();
    assert_eq!(
        names,
        ["case_files/a.txt", "later.htm", "number.html.1", "there.html"].map(String::from).into()
    );
    let ignored = flashwire::watch::ignored(&desk.path(""), 16).unwrap();
    let ignored: Vec<_> = ignored.iter().map(|it| (it.name.to_string(), it.why)).collect();
    let why = "what a browser saved with the page beside it";
    assert_eq!(ignored, [("later_files".into(), why), ("there_files".into(), why)]);
}
