//! P1: whatever is done to the folder, in whatever order, what lies there in the end has arrived,
//! whole, and no version of it twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::Write,
    mem,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use flashwire::{
    page::PageName,
    watch::{self, Arrival, Config, Known, Mode, Stat},
};
use proptest::prelude::*;

use super::{Desk, outcome};

const FOLDERS: [&str; 5] = ["", "d", "d/e", "f", "f/g"];
const FILES: [&str; 3] = ["a.txt", "b.txt", "c.html"];

#[derive(Clone, Copy, Debug)]
enum Op {
    /// Written in place and closed.
    Write(usize, usize),
    /// Opened and written to; closed by `Close`.
    Open(usize, usize),
    Close,
    Append(usize, usize),
    RenameIn(usize, usize),
    LinkIn(usize, usize),
    /// From one place in the folder to another.
    Move(usize, usize, usize, usize),
    Delete(usize, usize),
    MakeFolder(usize),
    MoveFolder(usize, usize),
    MoveFolderOut(usize),
    MoveTreeIn(usize),
    DeleteFolder(usize),
    /// Takes what has arrived so far.
    Take,
    /// The process ends and starts again with its ledger.
    Restart,
    Pause(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let folder = || 0..FOLDERS.len();
    let file = || 0..FILES.len();
    prop_oneof![
        6 => (folder(), file()).prop_map(|(d, f)| Op::Write(d, f)),
        2 => (folder(), file()).prop_map(|(d, f)| Op::Open(d, f)),
        2 => Just(Op::Close),
        3 => (folder(), file()).prop_map(|(d, f)| Op::Append(d, f)),
        6 => (folder(), file()).prop_map(|(d, f)| Op::RenameIn(d, f)),
        2 => (folder(), file()).prop_map(|(d, f)| Op::LinkIn(d, f)),
        3 => (folder(), file(), folder(), file()).prop_map(|(d, f, e, g)| Op::Move(d, f, e, g)),
        3 => (folder(), file()).prop_map(|(d, f)| Op::Delete(d, f)),
        4 => folder().prop_map(Op::MakeFolder),
        4 => (folder(), folder()).prop_map(|(d, e)| Op::MoveFolder(d, e)),
        1 => folder().prop_map(Op::MoveFolderOut),
        2 => folder().prop_map(Op::MoveTreeIn),
        2 => folder().prop_map(Op::DeleteFolder),
        3 => Just(Op::Take),
        1 => Just(Op::Restart),
        4 => (0..40_u64).prop_map(Op::Pause),
    ]
}

struct World {
    desk: Option<Desk>,
    config: Config,
    all: Vec<Arrival>,
    open: Vec<File>,
    count: usize,
}

impl World {
    fn desk(&mut self) -> &mut Desk {
        self.desk.as_mut().unwrap()
    }

    fn text(&mut self) -> String {
        self.count += 1;
        format!("text {}</body>", self.count)
    }

    fn at(&mut self, folder: usize, file: usize) -> PathBuf {
        self.desk().path("").join(FOLDERS[folder]).join(FILES[file])
    }

    /// Does one thing; things that can't be done (no such file) are passed over.
    fn act(&mut self, op: Op) -> std::io::Result<()> {
        let root = self.desk().path("");
        let aside = self.desk().aside("aside");
        match op {
            Op::Write(d, f) => {
                let text = self.text();
                fs::write(self.at(d, f), text)?;
            }
            Op::Open(d, f) => {
                let mut file = File::create(self.at(d, f))?;
                let text = self.text();
                write!(file, "{text}")?;
                self.open.push(file);
            }
            Op::Close => self.close(),
            Op::Append(d, f) => {
                let path = self.at(d, f);
                OpenOptions::new().append(true).open(path)?.write_all(b" more</body>")?;
            }
            Op::RenameIn(d, f) => {
                let text = self.text();
                fs::write(&aside, text)?;
                fs::rename(&aside, self.at(d, f))?;
            }
            Op::LinkIn(d, f) => {
                let text = self.text();
                fs::write(&aside, text)?;
                let linked = fs::hard_link(&aside, self.at(d, f));
                fs::remove_file(&aside)?;
                linked?;
            }
            Op::Move(d, f, e, g) => fs::rename(self.at(d, f), self.at(e, g))?,
            Op::Delete(d, f) => fs::remove_file(self.at(d, f))?,
            Op::MakeFolder(d) => fs::create_dir_all(root.join(FOLDERS[d]))?,
            Op::MoveFolder(d, e) if d != 0 && e != 0 => {
                fs::rename(root.join(FOLDERS[d]), root.join(FOLDERS[e]))?;
            }
            Op::MoveFolderOut(d) if d != 0 => {
                let out = self.text();
                let out = self.desk().aside(out.trim_end_matches("</body>"));
                fs::rename(root.join(FOLDERS[d]), out)?;
            }
            Op::MoveTreeIn(d) if d != 0 => {
                let tree = self.desk().aside("tree");
                fs::create_dir_all(tree.join("deep"))?;
                for name in ["a.txt", "deep/b.txt"] {
                    let text = self.text();
                    fs::write(tree.join(name), text)?;
                }
                if fs::rename(&tree, root.join(FOLDERS[d])).is_err() {
                    fs::remove_dir_all(&tree)?;
                }
            }
            Op::DeleteFolder(d) if d != 0 => fs::remove_dir_all(root.join(FOLDERS[d]))?,
            Op::MoveFolder(..) | Op::MoveFolderOut(_) | Op::MoveTreeIn(_) | Op::DeleteFolder(_) => {
            }
            Op::Take => {
                self.desk().take();
            }
            Op::Restart => self.restart(),
            Op::Pause(milliseconds) => std::thread::sleep(Duration::from_millis(milliseconds)),
        }
        Ok(())
    }

    fn close(&mut self) {
        for mut file in mem::take(&mut self.open) {
            write!(file, " end</body>").unwrap();
        }
    }

    fn restart(&mut self) {
        let Desk { dir, watch, arrivals, got, .. } = self.desk.take().unwrap();
        self.all.extend(got);
        drop(watch);
        for lane in [arrivals.live, arrivals.backlog, arrivals.big] {
            while let Ok(arrival) = lane.recv_blocking() {
                self.all.push(arrival);
            }
        }
        let ledger = self.all.iter().filter_map(|got| Some((got.name.clone(), got.stat?)));
        let mut ledger: Vec<(PageName, Stat)> = ledger.collect();
        // Lanes overtake each other; a ledger knows which version is the later one.
        ledger.sort_by_key(|(_, stat)| stat.ctime_ns);
        let known: Known = ledger.into_iter().collect();
        self.desk = Some(Desk::on(dir, self.config.clone(), known));
    }

    fn check(mut self) {
        self.close();
        self.desk().rest();
        let mut desk = self.desk.take().unwrap();
        self.all.append(&mut desk.got);

        let mut sent = BTreeSet::new();
        for arrival in &self.all {
            if let Some(stat) = arrival.stat {
                let version =
                    (arrival.name.clone(), stat.ino, stat.size, stat.mtime_ns, stat.ctime_ns);
                assert!(sent.insert(version), "{} sent twice at {stat:?}", arrival.name);
            }
        }
        let mut lies = BTreeMap::new();
        walk(&desk.path(""), &desk.path(""), &mut lies);
        for (name, (stat, bytes)) in lies {
            let version = self.all.iter().find(|got| got.name == name && got.stat == Some(stat));
            let arrival = version.unwrap_or_else(|| {
                let others: Vec<_> = self.all.iter().filter(|got| got.name == name).collect();
                panic!("{name} lost at {stat:?}; {others:?}; {:?}", desk.watch.status())
            });
            match &arrival.result {
                Ok(page) => assert_eq!(page.bytes, bytes, "{name}"),
                Err(_) => assert_eq!((outcome(arrival).as_str(), bytes.len()), ("empty", 0)),
            }
        }
    }
}

fn walk(root: &Path, folder: &Path, lies: &mut BTreeMap<PageName, (Stat, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_dir() {
            walk(root, &path, lies);
        } else {
            let stat = Stat {
                dev: meta.dev(),
                ino: meta.ino(),
                size: meta.size(),
                mtime_ns: meta.mtime() * 1_000_000_000 + meta.mtime_nsec(),
                ctime_ns: meta.ctime() * 1_000_000_000 + meta.ctime_nsec(),
            };
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().as_bytes();
            lies.insert(PageName::new(name), (stat, fs::read(&path).unwrap()));
        }
    }
}

fn play(mode: Mode, ops: Vec<Op>) {
    let config = Config {
        mode,
        settle: Duration::from_millis(60),
        poll: Duration::from_millis(50),
        rescan_folders: Duration::from_millis(100),
        rescan_names: Duration::from_millis(300),
        rescan_files: Duration::from_millis(500),
        ..watch::Config::default()
    };
    let mut world = World {
        desk: Some(Desk::new(config.clone())),
        config,
        all: Vec::new(),
        open: Vec::new(),
        count: 0,
    };
    for op in ops {
        // No such file or folder: then nothing happens.
        let _ = world.act(op);
    }
    world.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_doubled(ops in proptest::collection::vec(op(), 1..80)) {
        play(Mode::Auto, ops);
    }

    #[test]
    fn nor_by_polling(ops in proptest::collection::vec(op(), 1..40)) {
        play(Mode::Poll, ops);
    }
}
