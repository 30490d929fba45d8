//! What goes wrong in a folder that strangers write into.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
    time::{Duration, Instant},
};

use flashwire::{
    item::Outcome,
    watch::{Config, Known, Lane},
};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Desk, brisk, folder, outcome};

/// F16
#[test]
fn only_regular_files_inside_are_read() {
    for from_the_start in [true, false] {
        let dir = folder();
        let root = dir.path().join("in");
        let make = || {
            symlink("/etc/hostname", root.join("link.txt")).unwrap();
            symlink("nowhere", root.join("dangling.html")).unwrap();
            let rights = Mode::RUSR | Mode::WUSR;
            mknodat(CWD, root.join("pipe.txt"), FileType::Fifo, rights, 0).unwrap();
            drop(UnixListener::bind(root.join("socket.txt")).unwrap());
            let null = rustix::fs::makedev(1, 3);
            let device = root.join("device.txt");
            if mknodat(CWD, device, FileType::CharacterDevice, rights, null).is_err() {
                eprintln!("SKIPPED devices: only root makes them");
                fs::hard_link(root.join("pipe.txt"), root.join("device.txt")).unwrap();
            }
        };
        if from_the_start {
            make();
        }
        let mut desk = Desk::on(dir, brisk(), Known::default());
        if !from_the_start {
            let root = desk.path("");
            assert!(root.is_dir());
            make();
        }
        desk.rename_in("page.txt", "a page");
        desk.expect(6);
        for arrival in &desk.got {
            match &arrival.result {
                Ok(page) => assert_eq!(&page.bytes[..], b"a page"),
                Err(rejection) => {
                    assert_eq!(rejection.outcome, Outcome::Unsupported, "{}", arrival.name);
                    assert!(rejection.reason.contains("only regular files"));
                }
            }
        }
    }
}

/// F16: a folder swapped for a link outside while its pages are read.
#[test]
fn a_swapped_folder_leads_nowhere() {
    let mut desk = Desk::new(brisk());
    fs::create_dir(desk.aside("secret")).unwrap();
    for at in 0..20 {
        fs::write(desk.aside("secret").join(format!("{at}.txt")), "secret").unwrap();
    }
    fs::create_dir(desk.path("d")).unwrap();
    for round in 0..300 {
        fs::write(desk.path(&format!("d/{}.txt", round % 20)), format!("public {round}")).unwrap();
        fs::rename(desk.path("d"), desk.path("kept")).unwrap();
        symlink(desk.aside("secret"), desk.path("d")).unwrap();
        fs::remove_file(desk.path("d")).unwrap();
        fs::rename(desk.path("kept"), desk.path("d")).unwrap();
        desk.take();
    }
    desk.rest();
    assert!(desk.texts().values().all(|text| text.starts_with("public")), "{:?}", desk.texts());
    assert!((0..20).all(|at| desk.texts().contains_key(&format!("d/{at}.txt"))));
}

/// F18
#[test]
fn huge_files_are_refused_and_delay_nobody() {
    let mut desk = Desk::new(brisk());
    File::create(desk.path("sparse.txt")).unwrap().set_len(1 << 30).unwrap();
    fs::write(desk.path("large.txt"), vec![b'x'; 17 << 20]).unwrap();
    let bomb = {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b'0'; 1 << 20];
        (0..200).for_each(|_| to.write_all(&zeros).unwrap());
        to.finish().unwrap()
    };
    fs::write(desk.path("bomb.txt.gz"), bomb).unwrap();
    let big = "a long page\n".repeat(400_000);
    fs::write(desk.path("big.txt"), &big).unwrap();
    let mut slowest = Duration::ZERO;
    for at in 0..100 {
        let began = Instant::now();
        desk.rename_in(&format!("{at}.txt"), "small");
        desk.wait("the small one", |desk| desk.texts().contains_key(&format!("{at}.txt")));
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    desk.expect(104);
    let ended = |name: &str| {
        let mut of_name = desk.got.iter().filter(|got| got.name.to_string() == name);
        let arrival = of_name.next().unwrap();
        assert!(of_name.next().is_none(), "{name}");
        (outcome(arrival), arrival.lane)
    };
    assert_eq!(ended("sparse.txt").0, Outcome::TooLarge);
    assert_eq!(ended("large.txt").0, Outcome::TooLarge);
    assert_eq!(ended("bomb.txt.gz"), (Outcome::TooLarge, Lane::Big));
    assert_eq!(ended("big.txt"), (Outcome::Done, Lane::Big));
    assert_eq!(desk.texts()["big.txt"].len(), big.len());
}

/// F19: bytes are the parse stage's to judge; here they arrive as they are.
#[test]
fn any_bytes_arrive_as_they_are() {
    let mut desk = Desk::new(brisk());
    let contents: [&[u8]; 5] =
        [b"\0\0\0", b"\xff\xfeH\0i\0", b"caf\xe9", b"\xf0\x28\x8c\x28", &[0x9f; 70_000]];
    for (at, content) in contents.iter().enumerate() {
        fs::write(desk.aside("page"), content).unwrap();
        fs::rename(desk.aside("page"), desk.path(&format!("{at}.txt"))).unwrap();
    }
    fs::write(desk.path("broken.html.gz"), b"\x1f\x8bnot really").unwrap();
    desk.expect(6);
    for arrival in &desk.got {
        match &arrival.result {
            Ok(page) => {
                let at: usize = page.name.to_string().trim_end_matches(".txt").parse().unwrap();
                assert_eq!(&page.bytes[..], contents[at]);
            }
            Err(rejection) => assert_eq!(rejection.outcome, Outcome::NotText),
        }
    }
}

/// F20
#[test]
fn any_name_is_taken() {
    let mut desk = Desk::new(brisk());
    let long = [&[b'n'; 251][..], b".txt"].concat();
    let names: [&[u8]; 6] = [
        b"caf\xe9.txt",
        b"two\nlines.txt",
        b"\x1b[31mred.txt",
        "\u{202e}txt.exe.txt".as_bytes(),
        b" -rf *.html",
        &long,
    ];
    for name in names {
        let path = desk.path("").join(std::ffi::OsStr::from_bytes(name));
        fs::write(desk.aside("page"), "</body>").unwrap();
        fs::rename(desk.aside("page"), path).unwrap();
    }
    desk.expect(names.len());
    let mut got: Vec<&[u8]> = desk.got.iter().map(|got| got.name.as_bytes()).collect();
    let mut expected = names.to_vec();
    got.sort();
    expected.sort();
    assert_eq!(got, expected);
}

/// F20: a path longer than the kernel takes at once.
#[test]
fn a_path_past_the_kernels_limit_is_polled() {
    let mut desk = Desk::new(brisk());
    let mut at = rustix::fs::open(desk.path(""), rustix::fs::OFlags::PATH, Mode::empty()).unwrap();
    let part = "p".repeat(255);
    let mut name = String::new();
    for _ in 0..16 {
        rustix::fs::mkdirat(&at, &part, Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, &part, rustix::fs::OFlags::PATH, Mode::empty()).unwrap();
        name = format!("{name}{part}/");
    }
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    let mut file = File::from(rustix::fs::openat(&at, "a.txt", flags, Mode::RUSR).unwrap());
    file.write_all(b"deep").unwrap();
    drop(file);
    desk.expect(1);
    assert!(desk.names()[0].len() > 4096);
    assert_eq!(desk.texts()[&format!("{name}a.txt")], "deep");
}

/// F22
#[test]
fn a_lost_root_is_looked_for_and_listed_again() {
    let mut desk = Desk::new(brisk());
    desk.rename_in("a.txt", "before");
    desk.wait_for(1);

    // Renamed away and made anew.
    fs::rename(desk.path(""), desk.aside("was")).unwrap();
    fs::create_dir(desk.path("")).unwrap();
    desk.rename_in("b.txt", "in the new one");
    desk.wait("b", |desk| desk.texts().contains_key("b.txt"));
    fs::write(desk.aside("was").join("c.txt"), "not watched").unwrap();

    // Deleted, missed for a while, and made anew.
    fs::remove_dir_all(desk.path("")).unwrap();
    desk.until("missed", || desk.watch.status().root_missing_since.is_some());
    assert!(!desk.watch.status().armed);
    fs::create_dir(desk.path("")).unwrap();
    desk.rename_in("d.txt", "in the third");
    desk.wait("d", |desk| desk.texts().contains_key("d.txt"));
    assert_eq!(desk.watch.status().root_missing_since, None);

    // Deleted and made anew at once.
    fs::remove_dir_all(desk.path("")).unwrap();
    fs::create_dir_all(desk.path("sub")).unwrap();
    desk.rename_in("sub/e.txt", "in the fourth");
    desk.wait("e", |desk| desk.texts().contains_key("sub/e.txt"));

    // And events work again.
    desk.until("watched", || desk.watch.status().watches == 2);
    desk.rename_in("sub/f.txt", "by event");
    desk.wait("f", |desk| desk.texts().contains_key("sub/f.txt"));
    desk.rest();
    assert!(!desk.texts().contains_key("c.txt"));
}

/// F23 in small: a page dropped now is not behind ten thousand that lay there.
#[test]
fn the_backlog_does_not_delay_a_live_page() {
    let dir = folder();
    for at in 0..10_000 {
        fs::write(dir.path().join(format!("in/{at}.txt")), format!("page {at}")).unwrap();
    }
    let config = Config { settle: Duration::ZERO, ..brisk() };
    let desk = Desk::on(dir, config, Known::default());
    desk.rename_in("live.txt", "live");
    // Nobody takes from the backlog, which is full by now.
    let arrival = desk.arrivals.live.recv_blocking().unwrap();
    assert_eq!((arrival.name.to_string(), arrival.initial), ("live.txt".into(), false));
}
