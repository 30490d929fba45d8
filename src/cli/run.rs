//! `flashwire run`: the daemon.

use std::{
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use rustix::fs::FileType;
use sd_notify::NotifyState;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_stream::StreamExt as _;

use crate::{
    config::{self, Config},
    item::Shown,
    outlet,
    pipeline::{self, Plan, Role, RunError},
    search::{Indexer, Search},
    telemetry::{self, Format},
    watch::Watch,
    wire::{SqliteStore, Store as _, real_path},
};

use super::{
    Exit, Failure, doctor,
    line::{self, Clock},
    reload::{Given, Settings},
    systemd,
};

/// Arguments of `flashwire run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that pages are dropped into; folders below it count, too. A node that only
    /// serves readers has none.
    #[arg(value_name = "FOLDER", required_unless_present = "wire")]
    folder: Option<PathBuf>,
    /// Address and port of the dashboard and the stream.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = config::address)]
    listen: Option<SocketAddr>,
    /// The file events are kept in (default: FOLDER.flashwire.db beside the folder).
    #[arg(long, env = "FLASHWIRE_WIRE", value_name = "FILE")]
    wire: Option<PathBuf>,
    /// NATS servers whose stream gives the order, so that several nodes share one wire.
    #[arg(long, value_name = "nats://HOST:PORT")]
    order: Option<String>,
    /// What this node does where several share one wire.
    #[arg(long, value_enum)]
    role: Option<Role>,
    /// A TOML file; `flashwire config print` shows every key.
    #[arg(long, env = "FLASHWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The wire's file was moved to its place on purpose (to another disk): it goes on in its epoch
    /// instead of beginning a new one, as a copy does.
    #[arg(long)]
    moved: bool,
    /// Make the folder if it is missing.
    #[arg(long)]
    create: bool,
    /// What a first start does with pages that already lie there: push them to subscribers, or
    /// only keep them in the wire's history.
    #[arg(long, value_enum, default_value_t = Backfill::Tell)]
    backfill: Backfill,
    /// Form of the log.
    #[arg(long, value_enum)]
    log_format: Option<Format>,
}

/// What a first start does with pages that already lie in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Backfill {
    /// Subscribers get them, marked.
    Tell,
    /// Only history has them.
    Quiet,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let settings = Settings::start(Given {
        file: args.config.clone(),
        listen: args.listen,
        log_format: args.log_format,
        order: args.order.clone(),
        role: args.role,
    })?;
    let folder = match (&args.folder, settings.config().role) {
        (None, Role::Broadcast) => None,
        (Some(given), Role::All | Role::Ingest) => Some(folder(args, given)?),
        (Some(_), Role::Broadcast) => {
            return Err(Failure::new(
                Exit::Usage,
                "a node with the role \"broadcast\" watches no folder: leave FOLDER out, and name \
                 its own copy of the wire with --wire FILE",
            ));
        }
        (None, Role::All | Role::Ingest) => {
            return Err(Failure::new(
                Exit::Usage,
                "name the folder that pages are dropped into: flashwire run FOLDER",
            ));
        }
    };
    let wire_path = match (&args.wire, &folder) {
        (Some(path), _) => path.clone(),
        (None, Some(folder)) => default_wire(folder),
        (None, None) => return Err(Failure::new(Exit::Usage, "name the wire: --wire FILE")),
    };
    if let Some(folder) = &folder {
        refuse_wire_inside(&wire_path, folder)?;
    }
    let runtime = super::runtime()?;
    let over = runtime.block_on(daemon(args, settings, folder, wire_path));
    // Whatever still waits for a slow disk was said, and is safe to leave: a stop doesn't wait.
    runtime.shutdown_background();
    match over? {
        Over::Stopped => Ok(()),
        Over::Anew => Err(begin_anew()),
    }
}

/// How a daemon ended that nothing went wrong with.
enum Over {
    Stopped,
    /// It is to begin again, because another wire has taken the place of its own.
    Anew,
}

/// The same program again in this process: whoever watches over the daemon sees it go on.
fn begin_anew() -> Failure {
    let again = std::env::current_exe().map(|program| {
        let mut command = std::process::Command::new(program);
        command.args(std::env::args_os().skip(1));
        std::os::unix::process::CommandExt::exec(&mut command)
    });
    let (Ok(error) | Err(error)) = again;
    Failure::error(format!("it is to begin anew and can't ({error}): start it again"))
}

fn folder(args: &Args, given: &Path) -> Result<PathBuf, Failure> {
    if args.create {
        std::fs::create_dir_all(given).map_err(|error| {
            Failure::error(format!(
                "the folder {} can't be made: {error}",
                Shown::exact(given.display())
            ))
        })?;
    }
    match std::fs::metadata(given) {
        Ok(meta) if meta.is_dir() => {
            if let Err(error) = std::fs::read_dir(given) {
                return Err(Failure::error(format!(
                    "the folder {} can't be read: {error}; {}",
                    Shown::exact(given.display()),
                    doctor::rights(given)
                )));
            }
            named(given).map_err(|error| {
                Failure::error(format!(
                    "the folder {} can't be found: {error}",
                    Shown::exact(given.display())
                ))
            })
        }
        Ok(_) => Err(Failure::error(format!(
            "{} is no folder; name the folder that pages are dropped into",
            Shown::exact(given.display())
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::error(format!(
            "the folder {} is missing; is its disk mounted? --create makes it",
            Shown::exact(given.display())
        ))),
        Err(error) => Err(Failure::error(format!(
            "the folder {} can't be opened: {error}",
            Shown::exact(given.display())
        ))),
    }
}

/// A folder by the name it was given, from the root on: where that is a link, it keeps its name,
/// and leads elsewhere when the link does.
fn named(folder: &Path) -> std::io::Result<PathBuf> {
    let whole: PathBuf = std::path::absolute(folder)?.components().collect();
    match whole.file_name() {
        Some(_) => Ok(whole),
        // `..` is no name to call a wire by.
        None => whole.canonicalize(),
    }
}

/// The wire of a folder lies beside it, the same wherever the daemon is started.
pub(super) fn default_wire(folder: &Path) -> PathBuf {
    let beside = |folder: &Path| {
        let mut name = folder.as_os_str().to_owned();
        name.push(".flashwire.db");
        PathBuf::from(name)
    };
    let wire = beside(&named(folder).unwrap_or_else(|_| folder.to_owned()));
    // Where a link leads to the folder, the wire lay beside what it led to, once.
    match folder.canonicalize().map(|real| beside(&real)) {
        Ok(real) if !wire.exists() && real.exists() => real,
        _ => wire,
    }
}

fn refuse_wire_inside(wire: &Path, folder: &Path) -> Result<(), Failure> {
    let inside = |wire: PathBuf| folder.canonicalize().is_ok_and(|folder| wire.starts_with(folder));
    if real_path(wire).is_ok_and(inside) {
        return Err(Failure::error(format!(
            "the wire {} lies inside the watched folder {}; name a place outside with --wire FILE",
            Shown::exact(wire.display()),
            Shown::exact(folder.display())
        )));
    }
    Ok(())
}

async fn daemon(
    args: &Args,
    mut settings: Settings,
    folder: Option<PathBuf>,
    wire_path: PathBuf,
) -> Result<Over, Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::error(error.to_string());
    let mut config = settings.config().clone();
    let listener = listen(&config).await?;
    let address = listener.local_addr().map_err(|error| fail(&error))?;
    config.wire.moved = args.moved;
    let wire = SqliteStore::open(&wire_path, &config.wire, Timestamp::now())
        .map_err(|error| fail(&error))?;
    let wire = Arc::new(wire);
    super::serving::refuse_open_door(address, &wire_path, &wire, &config)?;
    let url = format!("http{}://{address}", if config.tls.pair().is_some() { "s" } else { "" });
    let (order, order_status) = super::order::of(&config.wire, &wire).await?;
    let key = wire.say_holder(folder.as_deref(), &url).map_err(|error| fail(&error))?;
    let first = wire.head();

    let mut sinks =
        outlet::sinks(&config.outlet, &wire).map_err(|error| Failure::new(Exit::Config, error))?;
    config.broadcast.backfill &= args.backfill == Backfill::Tell;
    let search = Search::beside(&wire_path, &config.search);
    let search = config.search.enabled.then(|| Arc::new(search));
    sinks.extend(search.iter().map(|search| Box::new(Indexer::new(search.clone())) as _));
    let serving = super::serving::prepare(&config, &wire, search.clone(), key, address, &settings);
    let mut running = pipeline::start(Plan {
        folder: folder.clone(),
        watch: config.watch.clone(),
        pipeline: config.pipeline.clone(),
        dedup: config.dedup.clone(),
        sites: settings.sites(),
        wire: wire.clone(),
        order,
        order_status,
        retention: config.wire.retention.clone(),
        sinks,
        serving: Box::new(serving),
        listener,
    })
    .map_err(|error| match error {
        pipeline::RunError::After(error) => Failure::new(Exit::Config, error.to_string()),
        error => fail(&error),
    })?;

    let watching = match &folder {
        Some(folder) => format!("watching {}", Shown::exact(folder.display())),
        None => "following what other nodes take in".to_owned(),
    };
    tracing::info!(watching, wire = %wire_path.display(), url, "running");
    let console = Arc::new(Console::new(config.log.format));
    console.say(&welcome(&watching, &wire_path, &url, first.seq.0));
    let showing = console.follow(wire.clone()).await;
    let counting = running
        .watch()
        .filter(|_| first.seq.0 == 0 && args.backfill == Backfill::Tell)
        .map(|watch| tokio::spawn(say_backfill(watch, console.clone())));
    systemd::say(&[NotifyState::Ready]);
    let watchdog = systemd::watchdog(running.status());

    // A limit on the size of files is a full disk, not an end.
    let _limit = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))
        .map_err(|error| fail(&error))?;
    let signals = |kind| signal(kind).map_err(|error| fail(&error));
    let (mut term, mut int, mut hup) = (
        signals(SignalKind::terminate())?,
        signals(SignalKind::interrupt())?,
        signals(SignalKind::hangup())?,
    );
    let ended = loop {
        tokio::select! {
            _ = term.recv() => break Ok(()),
            _ = int.recv() => break Ok(()),
            _ = hup.recv() => {
                systemd::say_reloading();
                settings.reload();
                running.watch().inspect(|watch| watch.rescan());
                systemd::say(&[NotifyState::Ready]);
            }
            error = running.failed() => break Err(error),
        }
    };
    systemd::say(&[NotifyState::Stopping]);
    let stopped = tokio::select! {
        () = running.stop() => true,
        // A second signal means at once; the wire is safe either way.
        _ = term.recv() => false,
        _ = int.recv() => false,
    };
    showing.abort();
    if let Some(counting) = counting {
        counting.abort();
    }
    watchdog.abort();
    let head = wire.head().seq;
    telemetry::last_words();
    tracing::info!(clean = stopped, events = head.0, "stopped");
    console.say(&format!("stopped: {head} events on the wire"));
    match ended {
        Ok(()) => Ok(Over::Stopped),
        Err(RunError::Anew(_)) if stopped => Ok(Over::Anew),
        Err(error) => Err(fail(&error)),
    }
}

/// The socket systemd holds for the daemon, or one of its own.
async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let held = systemd::held_socket().and_then(|held| {
        held.map(|held| {
            held.set_nonblocking(true)?;
            TcpListener::from_std(held)
        })
        .transpose()
    });
    match held {
        Ok(Some(held)) => return Ok(held),
        Ok(None) => {}
        Err(error) => {
            return Err(Failure::error(format!(
                "the socket that systemd holds can't be used: {error}; its unit needs ListenStream=ADDRESS:PORT"
            )));
        }
    }
    TcpListener::bind(config.listen).await.map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program has it; choose another with --listen 127.0.0.1:PORT"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need rights; choose another with --listen"
            }
            _ => "choose another address with --listen",
        };
        Failure::error(format!("can't listen on {}: {error}; {remedy}", config.listen))
    })
}

/// A first start that finds more pages than this says so.
const MANY_PAGES: u64 = 1000;

/// Says once that very many pages wait, and how subscribers can be spared them.
async fn say_backfill(watch: Arc<Watch>, console: Arc<Console>) {
    loop {
        let status = watch.status();
        if status.seen + status.pending > MANY_PAGES {
            break;
        }
        if status.initial_done {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let message = format!(
        "more than {MANY_PAGES} pages lie in the folder already: they are told oldest first, \
         marked as backfill; stop and start with --backfill quiet to keep them out of \
         subscribers' streams"
    );
    tracing::info!("{message}");
    console.say(&format!("{message}\n"));
}

/// What a person at the console sees: where everything is, what is told, and that it has stopped.
struct Console {
    /// Somebody reads stderr as it comes.
    err: bool,
    /// Somebody reads stdout as it comes: it gets the events, and nothing else.
    out: bool,
}

impl Console {
    /// A terminal, or a pipe that somebody has put behind the command (`run … | tee`); systemd's
    /// journal gets the log alone.
    fn new(format: Format) -> Self {
        let service = std::env::var_os("JOURNAL_STREAM").is_some();
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let one = || {
            let (out, err) = (rustix::fs::fstat(&out).ok()?, rustix::fs::fstat(&err).ok()?);
            let pipe = FileType::from_raw_mode(out.st_mode) == FileType::Fifo;
            Some((pipe, (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino)))
        };
        let (pipe, same) = one().unwrap_or_default();
        let watched = err.is_terminal() || (pipe && same && format != Format::Json);
        Console {
            err: watched && !service,
            out: (out.is_terminal() || pipe) && watched && !service,
        }
    }

    /// Says something to a person.
    fn say(&self, text: &str) {
        if self.err {
            // Whoever closed the terminal doesn't need it.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Prints the last events and then what is told, until there is nobody left to read it.
    async fn follow(&self, wire: Arc<SqliteStore>) -> tokio::task::JoinHandle<()> {
        if !self.out {
            return tokio::spawn(async {});
        }
        let clock = Clock::local();
        if let Ok(last) = wire.read_back(crate::item::Seq(u64::MAX), 10).await {
            for entry in last.iter().rev() {
                let _ = line::write(&mut line::stdout(), &entry.event, &clock, Timestamp::now());
            }
        }
        let mut follow = wire.clone().follow(wire.head().seq);
        tokio::spawn(async move {
            while let Some(Ok(entry)) = follow.next().await {
                let clock = clock.clone();
                // A pipe that nobody empties holds up nothing else.
                let written = tokio::task::spawn_blocking(move || {
                    line::write(&mut line::stdout(), &entry.event, &clock, Timestamp::now())
                });
                if !matches!(written.await, Ok(Ok(()))) {
                    break;
                }
            }
        })
    }
}

/// Where everything is, for a person.
fn welcome(watching: &str, wire_path: &Path, url: &str, told_before: u64) -> String {
    let reach =
        if url == "http://127.0.0.1:7788" { String::new() } else { format!(" --url {url}") };
    let stream = url.replacen("http", "ws", 1);
    format!(
        "flashwire {} · {watching}\n  \
         dashboard  {url}/\n  \
         stream     {stream}/v1/wire\n  \
         console    flashwire tail{reach}\n  \
         wire       {}{}\n  \
         drop pages in; Ctrl-C stops\n",
        env!("CARGO_PKG_VERSION"),
        Shown::exact(wire_path.display()),
        if told_before > 0 { format!(" ({told_before} events so far)") } else { String::new() },
    )
}
