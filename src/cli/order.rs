//! `flashwire order`: the stream that gives several nodes one order, and how a daemon gets its own.

use std::{path::PathBuf, sync::Arc};

use tokio::sync::watch;

use crate::wire::{self, Order, OrderStatus, SqliteStore};

use super::{Exit, Failure, config};

/// Arguments of `flashwire order`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make the stream where there is none, and say how it is.
    Init {
        #[command(flatten)]
        stream: Stream,
        /// On how many servers it is kept: 1, 3 or 5.
        #[arg(long, default_value_t = 1, value_name = "N")]
        replicas: usize,
        /// Bytes it may hold before intake waits for more room; without it, the servers' disks.
        #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(i64).range(1_048_576..))]
        max_bytes: Option<i64>,
    },
    /// Say how the stream is, and what is wrong with it (exit code 0 or 1).
    Check {
        #[command(flatten)]
        stream: Stream,
        /// Address of a server's monitoring port (`http://HOST:8222`): asked for its
        /// `sync_interval`, which servers tell nobody else; may be given for each server.
        #[arg(long, value_name = "URL")]
        monitor: Vec<String>,
    },
}

/// Which stream.
#[derive(Debug, clap::Args)]
struct Stream {
    /// The servers; else those of `wire.order`.
    #[arg(value_name = "nats://HOST:PORT")]
    servers: Option<String>,
    /// A TOML file; `flashwire config print` shows every key.
    #[arg(long, env = "FLASHWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Stream {
    /// The settings of the wire, with the servers that were given.
    fn settings(&self) -> Result<wire::Config, Failure> {
        let given = |name: &str| self.servers.clone().filter(|_| name == "FLASHWIRE_WIRE_ORDER");
        let wire = config::load_over(self.config.as_deref(), given)?.wire;
        if wire.order.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                "no servers are named: give nats://HOST:4222, or set wire.order in the config",
            ));
        }
        Ok(wire)
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match &args.what {
        What::Init { stream, replicas, max_bytes } => {
            jetstream::init(&stream.settings()?, *replicas, *max_bytes)
        }
        What::Check { stream, monitor } => jetstream::check(&stream.settings()?, monitor),
    }
}

/// What gives a daemon's pages their order, and how that is doing where it lies elsewhere.
type Given = (Arc<dyn Order>, Option<watch::Receiver<OrderStatus>>);

/// The order that a daemon is to follow: its store's own, or a stream's.
pub(super) async fn of(config: &wire::Config, store: &Arc<SqliteStore>) -> Result<Given, Failure> {
    if config.order.is_empty() {
        return Ok((store.clone(), None));
    }
    jetstream::connect(config, store.clone()).await
}

#[cfg(feature = "nats")]
mod jetstream {
    use std::{io::Write as _, sync::Arc, time::Duration};

    use jiff::Timestamp;
    use serde_json::Value;

    use crate::{
        cli::{self, Exit, Failure},
        item::Shown,
        wire::{
            self, SqliteStore,
            order::jetstream::{self, JetStream, Made, OrderError},
        },
    };

    fn failed(error: &OrderError) -> Failure {
        Failure::new(Exit::Connect, Shown::exact(error).to_string())
    }

    pub(super) async fn connect(
        config: &wire::Config,
        store: Arc<SqliteStore>,
    ) -> Result<super::Given, Failure> {
        let order = JetStream::connect(&config.order, &config.nats, store, Timestamp::now())
            .await
            .map_err(|error| failed(&error))?;
        let status = order.status();
        Ok((Arc::new(order), Some(status)))
    }

    pub(super) fn init(
        wire: &wire::Config,
        replicas: usize,
        max_bytes: Option<i64>,
    ) -> Result<(), Failure> {
        let init = jetstream::init(&wire.order, &wire.nats, replicas, max_bytes);
        let made = cli::runtime()?.block_on(init).map_err(|error| failed(&error))?;
        say(wire, &made, if made.new { "was made" } else { "is there already" })
    }

    pub(super) fn check(wire: &wire::Config, monitors: &[String]) -> Result<(), Failure> {
        let check = jetstream::check(&wire.order, &wire.nats);
        let mut made = cli::runtime()?.block_on(check).map_err(|error| failed(&error))?;
        for monitor in monitors {
            made.facts.push(sync(monitor)?);
        }
        say(wire, &made, "is there")
    }

    fn say(wire: &wire::Config, made: &Made, how: &str) -> Result<(), Failure> {
        let name = &wire.nats.stream;
        if let Some(fault) = made.faults.first() {
            return Err(Failure::error(format!("the stream `{name}` {}", Shown::exact(fault))));
        }
        let mut out = anstream::stdout();
        writeln!(out, "the stream `{name}` {how}").map_err(Failure::output)?;
        for fact in &made.facts {
            writeln!(out, "  {}", Shown::exact(fact)).map_err(Failure::output)?;
        }
        Ok(())
    }

    /// How often a server puts what it acknowledged on its disk.
    fn sync(monitor: &str) -> Result<String, Failure> {
        let shown = Shown::exact(monitor).to_string();
        let fail = |why: String| {
            Failure::new(
                Exit::Connect,
                format!("{shown}: {why}; is it the monitoring port of a nats-server (`-m 8222`)?"),
            )
        };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .build()
            .into();
        let address = format!("{}/jsz?config=true", monitor.trim_end_matches('/'));
        let mut answer = agent.get(address).call().map_err(|error| fail(error.to_string()))?;
        let text = answer.body_mut().read_to_string().map_err(|error| fail(error.to_string()))?;
        let said: Value = serde_json::from_str(&text).map_err(|error| fail(error.to_string()))?;
        let config = &said["config"];
        let always = config["sync_always"] == true;
        let every = config["sync_interval"].as_u64().map(Duration::from_nanos);
        Ok(match (always, every) {
            (true, _) => format!("{shown} puts everything on its disk before it acknowledges it"),
            (false, Some(every)) => format!(
                "{shown} puts what it acknowledged on its disk every {} s: set `sync_interval: \
                 always` in its config where a power cut must lose nothing",
                every.as_secs()
            ),
            (false, None) => return Err(fail("it keeps no streams".into())),
        })
    }
}

#[cfg(not(feature = "nats"))]
mod jetstream {
    use std::sync::Arc;

    use crate::{
        cli::{Exit, Failure},
        wire::{self, SqliteStore},
    };

    fn missing() -> Failure {
        Failure::new(
            Exit::Config,
            "this flashwire was built without NATS: take one that was built with it (`cargo build \
             --features nats`), or leave wire.order empty",
        )
    }

    pub(super) async fn connect(
        _: &wire::Config,
        _: Arc<SqliteStore>,
    ) -> Result<super::Given, Failure> {
        Err(missing())
    }

    pub(super) fn init(_: &wire::Config, _: usize, _: Option<i64>) -> Result<(), Failure> {
        Err(missing())
    }

    pub(super) fn check(_: &wire::Config, _: &[String]) -> Result<(), Failure> {
        Err(missing())
    }
}
