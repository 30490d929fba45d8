//! `flashwire run`: the daemon.

use std::{
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_stream::StreamExt as _;

use crate::{
    item::Shown,
    outlet,
    pipeline::{self, Plan, Role, RunError},
    search::{Indexer, Search},
    telemetry::Format,
    watch::Watch,
    wire::{SqliteStore, Store as _, real_path},
};

use super::{
    Exit, Failure,
    line::{self, Clock},
    reload::{Given, Settings},
};

/// Arguments of `flashwire run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that pages are dropped into; folders below it count, too. A node that only
    /// serves readers has none.
    #[arg(value_name = "FOLDER", required_unless_present = "wire")]
    folder: Option<PathBuf>,
    /// Address and port of the dashboard and the stream.
    #[arg(long, value_name = "ADDRESS:PORT")]
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
    match given.canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(folder),
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

/// The wire of a folder lies beside it, the same wherever the daemon is started.
pub(super) fn default_wire(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".flashwire.db");
    name.into()
}

fn refuse_wire_inside(wire: &Path, folder: &Path) -> Result<(), Failure> {
    if real_path(wire).is_ok_and(|wire| wire.starts_with(folder)) {
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
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
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
    })?;
    let address = listener.local_addr().map_err(|error| fail(&error))?;
    let wire = SqliteStore::open(&wire_path, &config.wire, Timestamp::now())
        .map_err(|error| fail(&error))?;
    let wire = Arc::new(wire);
    super::serving::refuse_open_door(address, &wire_path, &wire)?;
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
    let serving = super::serving::prepare(
        &config,
        &wire,
        search.clone(),
        key,
        address,
        settings.admission(),
        settings.sites(),
    );
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
    .map_err(|error| fail(&error))?;

    let showing = show(folder.as_deref(), &wire_path, &url, &wire, first.seq.0).await;
    let counting = running
        .watch()
        .filter(|_| first.seq.0 == 0 && args.backfill == Backfill::Tell)
        .map(|watch| tokio::spawn(say_backfill(watch)));
    // Whoever started the daemon need not be systemd.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    let watchdog = super::serving::watchdog(running.status());

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
                settings.reload();
                running.watch().inspect(|watch| watch.rescan());
            }
            error = running.failed() => break Err(error),
        }
    };
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
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
    tracing::info!(clean = stopped, "stopped");
    match ended {
        Ok(()) => Ok(Over::Stopped),
        Err(RunError::Anew(_)) if stopped => Ok(Over::Anew),
        Err(error) => Err(fail(&error)),
    }
}

/// A first start that finds more pages than this says so.
const MANY_PAGES: u64 = 1000;

/// Says once that very many pages wait, and how subscribers can be spared them.
async fn say_backfill(watch: Arc<Watch>) {
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
    if std::io::stderr().is_terminal() {
        // Whoever closed the terminal doesn't need it.
        let _ = writeln!(anstream::stderr(), "{message}\n");
    }
}

/// On a terminal: where everything is, and from then on what is told.
async fn show(
    folder: Option<&Path>,
    wire_path: &Path,
    url: &str,
    wire: &Arc<SqliteStore>,
    told_before: u64,
) -> tokio::task::JoinHandle<()> {
    let reach =
        if url == "http://127.0.0.1:7788" { String::new() } else { format!(" --url {url}") };
    let stream = url.replacen("http", "ws", 1);
    let watching = match folder {
        Some(folder) => format!("watching {}", Shown::exact(folder.display())),
        None => "following what other nodes take in".to_owned(),
    };
    tracing::info!(watching, wire = %wire_path.display(), url, "running");
    if !std::io::stderr().is_terminal() {
        return tokio::spawn(async {});
    }
    let mut err = anstream::stderr();
    let _ = writeln!(
        err,
        "flashwire {} · {watching}\n  \
         dashboard  {url}/\n  \
         stream     {stream}/v1/wire\n  \
         console    flashwire tail{reach}\n  \
         wire       {}{}\n  \
         drop pages in; Ctrl-C stops\n",
        env!("CARGO_PKG_VERSION"),
        Shown::exact(wire_path.display()),
        if told_before > 0 { format!(" ({told_before} events so far)") } else { String::new() },
    );
    if !std::io::stdout().is_terminal() {
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
            let written = line::write(&mut line::stdout(), &entry.event, &clock, Timestamp::now());
            if written.is_err() {
                break;
            }
        }
    })
}
