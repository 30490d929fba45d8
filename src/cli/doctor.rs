//! `flashwire doctor`: looks at everything the daemon needs, and names a cure for what it lacks.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::{
    config::Config,
    item::Shown,
    watch::{self, Root},
    wire::{Lock, OpenError, SqliteStore, Store as _},
};

use super::{Failure, reach::Reach, run::default_wire, store};

/// Arguments of `flashwire doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that pages are dropped into.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The wire's file (default: FOLDER.flashwire.db beside the folder).
    #[arg(long, env = "FLASHWIRE_WIRE", value_name = "FILE")]
    wire: Option<PathBuf>,
    /// The TOML file the daemon is run with.
    #[arg(long, env = "FLASHWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    Well,
    /// It works, and might work better.
    Poor,
    Ill,
}

/// What was looked at, how it is, and what helps.
struct Report {
    out: anstream::Stdout,
    ill: usize,
}

impl Report {
    fn say(&mut self, what: &str, how: Finding, said: &str, cure: &str) -> Result<(), Failure> {
        let mark = match how {
            Finding::Well => "\x1b[32mwell\x1b[0m",
            Finding::Poor => "\x1b[33mpoor\x1b[0m",
            Finding::Ill => "\x1b[31mill \x1b[0m",
        };
        self.ill += usize::from(how == Finding::Ill);
        writeln!(self.out, "{mark}  {what:<8} {}", Shown::exact(said)).map_err(Failure::output)?;
        if !cure.is_empty() {
            writeln!(self.out, "      {:<8} cure: {}", "", Shown::exact(cure))
                .map_err(Failure::output)?;
        }
        Ok(())
    }

    fn well(&mut self, what: &str, said: &str) -> Result<(), Failure> {
        self.say(what, Finding::Well, said, "")
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut report = Report { out: anstream::stdout(), ill: 0 };
    let config = match super::config::load(args.config.as_deref()) {
        Ok(config) => {
            let name = args
                .config
                .as_ref()
                .map_or("the defaults".into(), |file| file.display().to_string());
            report.well("config", &name)?;
            config
        }
        Err(failure) => {
            let cure = "mend it; `flashwire config check FILE` tries it, the rest below goes by the defaults";
            report.say("config", Finding::Ill, failure.message(), cure)?;
            Config::default()
        }
    };
    let wire = match &args.wire {
        Some(wire) => store::path(wire),
        None => default_wire(&args.folder),
    };
    folder(&mut report, &args.folder, &config)?;
    events(&mut report, &args.folder, &config)?;
    let holder = Lock::held_by(&wire);
    the_wire(&mut report, &wire)?;
    disk(&mut report, &wire)?;
    match &holder {
        Some(holder) => running(&mut report, holder.url.as_deref(), &wire)?,
        None => port(&mut report, &config)?,
    }
    doors(&mut report, &config, &wire)?;
    match report.ill {
        0 => Ok(()),
        n => Err(Failure::error(format!("{n} of these keep flashwire from its work"))),
    }
}

/// Names for the file systems people use; the numbers are statfs(2)'s.
fn file_system(path: &Path) -> &'static str {
    let kind = rustix::fs::statfs(path).map_or(0, |stat| stat.f_type as u64 & 0xffff_ffff);
    match kind {
        0xef53 => "ext4",
        0x5846_5342 => "xfs",
        0x9123_683e => "btrfs",
        0x2fc1_2fc1 => "zfs",
        0x0102_1994 => "tmpfs",
        0x794c_7630 => "overlayfs",
        0x6969 => "NFS",
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => "SMB",
        0x6573_5546 => "FUSE",
        0x00c3_6400 => "Ceph",
        0x0102_1997 => "9P",
        _ => "another file system",
    }
}

fn folder(report: &mut Report, folder: &Path, config: &Config) -> Result<(), Failure> {
    let root = match Root::open(folder) {
        Ok(root) => root,
        Err(watch::WatchError::NoFolder(path)) => {
            let cure = "mount its disk, or make it: `flashwire run FOLDER --create`";
            let said = format!("{} does not exist", path.display());
            return report.say("folder", Finding::Ill, &said, cure);
        }
        Err(error) => {
            return report.say("folder", Finding::Ill, &error.to_string(), &rights(folder));
        }
    };
    let kind = file_system(root.path());
    let listed = std::fs::read_dir(root.path()).and_then(|mut entries| {
        // The first file tells whether pages can be read.
        let page = entries.find_map(|entry| {
            let path = entry.as_ref().ok()?.path();
            path.is_file().then_some(path)
        });
        page.map_or(Ok(()), |page| std::fs::File::open(page)?.read(&mut [0]).map(drop))
    });
    if let Err(error) = listed {
        let said = format!("{}: its pages can't be read: {error}", root.path().display());
        return report.say("folder", Finding::Ill, &said, &rights(folder));
    }
    let said = format!("{} can be read, on {kind}", root.path().display());
    match (root.tells_changes(), config.watch.mode) {
        (true, watch::Mode::Auto) => report.well("folder", &said),
        (true, watch::Mode::Poll) => {
            let cure = "watch.mode = \"auto\" uses the kernel's events";
            report.say("folder", Finding::Poor, &format!("{said}; it is polled"), cure)
        }
        (false, _) => {
            let said = format!("{said}; other machines change it, so it is polled every second");
            report.say(
                "folder",
                Finding::Poor,
                &said,
                "run flashwire on the machine that holds the disk",
            )
        }
    }
}

/// Whom to add to which group.
pub(super) fn rights(folder: &Path) -> String {
    let me = rustix::process::geteuid().as_raw();
    let Ok(meta) = std::fs::metadata(folder) else {
        return "let this user enter the folders above it".into();
    };
    let group = std::fs::read_to_string("/etc/group").ok().and_then(|groups| {
        groups.lines().find_map(|line| {
            let mut parts = line.split(':');
            let (name, _, number) = (parts.next()?, parts.next()?, parts.next()?);
            (number.parse() == Ok(meta.gid())).then(|| name.to_owned())
        })
    });
    let group = group.unwrap_or(meta.gid().to_string());
    if meta.mode() & 0o050 == 0o050 {
        return format!(
            "the group {group} may read it: add user {me} to that (`usermod -aG {group} USER`; in the \
             unit SupplementaryGroups={group})"
        );
    }
    format!(
        "let the group {group} read it (`chmod g+rX {}`), and add user {me} to that",
        folder.display()
    )
}

/// Folders below `folder`, itself included, as far as they are watched.
fn folders(folder: &Path, depth: u16) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 1 };
    let below = entries
        .filter_map(Result::ok)
        .filter(|entry| depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()));
    1 + below.map(|entry| folders(&entry.path(), depth - 1)).sum::<u64>()
}

fn events(report: &mut Report, folder: &Path, config: &Config) -> Result<(), Failure> {
    let most = |name: &str| {
        let path = format!("/proc/sys/fs/inotify/{name}");
        std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
    };
    let (Some(most), needed) =
        (most("max_user_watches"), folders(folder, config.watch.max_depth.into()))
    else {
        return Ok(());
    };
    let said = format!("{needed} folders to watch, and {most} watches for all programs of a user");
    if needed * 2 > most {
        let cure =
            format!("sysctl fs.inotify.max_user_watches={} (and in /etc/sysctl.d)", needed * 4);
        return report.say("watches", Finding::Poor, &said, &cure);
    }
    report.well("watches", &said)
}

fn the_wire(report: &mut Report, path: &Path) -> Result<(), Failure> {
    let wire = match SqliteStore::open_read_only(path) {
        Ok(wire) => wire,
        Err(OpenError::Missing(path)) => {
            let above = path.parent().filter(|above| !above.as_os_str().is_empty());
            let above = above.unwrap_or(Path::new("."));
            let may = rustix::fs::access(above, rustix::fs::Access::WRITE_OK);
            let said = format!("{} is made by the first start", path.display());
            return match may {
                Ok(()) => report.well("wire", &said),
                Err(error) => report.say(
                    "wire",
                    Finding::Ill,
                    &format!("{} can't be made: {error}", path.display()),
                    "let this user write there, or name another place with --wire FILE",
                ),
            };
        }
        Err(error) => return report.say("wire", Finding::Ill, &error.to_string(), ""),
    };
    if let Some(damage) = wire.damage() {
        let cure = "`flashwire verify` names it; start from a backup";
        return report.say("wire", Finding::Poor, &damage, cure);
    }
    let head = wire.head().seq;
    let last = super::runtime()?.block_on(wire.read_back(crate::item::Seq(u64::MAX), 1));
    let last = last.ok().and_then(|last| last.first().map(|entry| entry.event.time));
    report.well("wire", &format!("{}: {head} events", path.display()))?;
    let ahead = last.map(|last| last.duration_since(Timestamp::now()));
    match ahead.filter(|ahead| ahead.as_secs() > 60) {
        None => {
            report.well("clock", &format!("{}", Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC")))
        }
        Some(ahead) => report.say(
            "clock",
            Finding::Poor,
            &format!("the wire's last event bears a time {ahead:#} from now"),
            "set the clock by NTP (`timedatectl set-ntp true`)",
        ),
    }
}

fn disk(report: &mut Report, wire: &Path) -> Result<(), Failure> {
    let above = wire.parent().filter(|above| !above.as_os_str().is_empty());
    let Ok(disk) = rustix::fs::statvfs(above.unwrap_or(Path::new("."))) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    // What it has grown by since it was made, over its age.
    let days = std::fs::metadata(wire).ok().and_then(|meta| {
        let age = meta.created().ok()?.elapsed().ok()?.as_secs().max(1);
        let a_day = meta.len().saturating_mul(24 * 3600) / age;
        (age > 3600 && a_day > 0).then(|| (a_day >> 20, free / a_day))
    });
    let mut said = format!("{} MiB free for the wire", free >> 20);
    if let Some((a_day, days)) = days {
        said += &format!(", which grows by {a_day} MiB a day: {days} days");
    }
    let little = free < 256 << 20 || days.is_some_and(|(_, days)| days < 7);
    let cure = "make room, or move the wire (--wire FILE --moved)";
    match little {
        true => report.say("disk", Finding::Poor, &said, cure),
        false => report.well("disk", &said),
    }
}

fn running(report: &mut Report, url: Option<&str>, wire: &Path) -> Result<(), Failure> {
    let Some(url) = url else { return report.well("daemon", "it is starting") };
    match Reach::local(url).and_then(|reach| reach.get("/readyz")) {
        Ok(ready) => {
            let checks = ready["checks"].as_array().cloned().unwrap_or_default();
            let bad: Vec<String> = checks
                .iter()
                .filter(|check| check["ok"] == false)
                .filter_map(|check| {
                    Some(format!("{}: {}", check["name"].as_str()?, check["detail"].as_str()?))
                })
                .collect();
            match bad.as_slice() {
                [] => report.well("daemon", &format!("runs at {url}")),
                bad => report.say("daemon", Finding::Ill, &bad.join("; "), "its log says more"),
            }
        }
        Err(failure) => {
            let cure = format!("look into its log; a restart does no harm ({})", wire.display());
            report.say("daemon", Finding::Ill, failure.message(), &cure)
        }
    }
}

fn port(report: &mut Report, config: &Config) -> Result<(), Failure> {
    match TcpListener::bind(config.listen) {
        Ok(_) => report.well("port", &format!("{} is free", config.listen)),
        Err(error) => {
            let cure = "stop what has it, or choose another with --listen 127.0.0.1:PORT";
            report.say("port", Finding::Ill, &format!("{}: {error}", config.listen), cure)
        }
    }
}

/// Who may come in, and how.
fn doors(report: &mut Report, config: &Config, wire: &Path) -> Result<(), Failure> {
    if let Err(failure) = super::serving::admission(config) {
        return report.say("access", Finding::Ill, failure.message(), "renew the files it names");
    }
    let tokens = SqliteStore::open_read_only(wire).ok().and_then(|wire| wire.tokens_now().ok());
    let tokens = tokens.map_or(0, |tokens| tokens.len());
    let broadcast = &config.broadcast;
    let public = !config.listen.ip().is_loopback();
    let said = format!(
        "{} with {tokens} tokens, hosts {:?}, origins {:?}, proxies {:?}",
        config.listen, broadcast.hosts, broadcast.origins, broadcast.proxies
    );
    if public && tokens == 0 {
        let cure = format!("`flashwire token --wire {} add NAME`", wire.display());
        return report.say(
            "access",
            Finding::Ill,
            &format!("{said}; a public address needs one"),
            &cure,
        );
    }
    if public && config.tls.pair().is_none() {
        let cure = "set tls.certificate and tls.key, or listen on 127.0.0.1 behind a proxy";
        return report.say(
            "access",
            Finding::Poor,
            &format!("{said}; tokens go there readable"),
            cure,
        );
    }
    if !broadcast.proxies.is_empty() && broadcast.hosts.is_empty() {
        let cure = "name the host that readers ask for in broadcast.hosts";
        return report.say(
            "access",
            Finding::Poor,
            &format!("{said}; no host name is answered"),
            cure,
        );
    }
    report.well("access", &said)
}
