//! Real NATS servers on loopback, for the tests of the library and of the binary.

#![allow(dead_code, reason = "of its two users neither needs all of it")]

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// The server's program, or a loud skip.
pub(crate) fn program() -> Option<PathBuf> {
    let program = std::env::var_os("FLASHWIRE_TEST_NATS").map(PathBuf::from);
    if program.is_none() {
        eprintln!("SKIPPED: FLASHWIRE_TEST_NATS is not set; the order of NATS is not tested");
    }
    program
}

/// A server, stopped for good when dropped.
pub(crate) struct Server {
    child: Child,
    config: PathBuf,
    program: PathBuf,
    port: u16,
    /// Where its monitoring port answers.
    pub(crate) monitor: String,
}

/// How servers are to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes<'a> {
    /// Goes into the config as it is.
    pub(crate) more: &'a str,
    /// Goes into its section on streams.
    pub(crate) streams: &'a str,
}

fn free_ports(count: usize) -> Vec<u16> {
    // All are held until all are known, so that none comes twice.
    let held: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

impl Server {
    /// One server, its files below `folder`.
    pub(crate) fn alone(program: &Path, folder: &Path, wishes: Wishes<'_>) -> Self {
        let mut servers = Self::start(program, folder, 1, wishes);
        servers.remove(0)
    }

    /// A cluster of so many servers.
    pub(crate) fn cluster(program: &Path, folder: &Path, count: usize) -> Vec<Self> {
        Self::start(program, folder, count, Wishes::default())
    }

    fn start(program: &Path, folder: &Path, count: usize, wishes: Wishes<'_>) -> Vec<Self> {
        let ports = free_ports(3 * count);
        let routes: Vec<String> =
            (0..count).map(|n| format!("nats://127.0.0.1:{}", ports[3 * n + 2])).collect();
        let servers: Vec<Server> = (0..count)
            .map(|n| {
                let [port, monitor, route] = ports[3 * n..3 * n + 3] else { unreachable!() };
                let cluster = match count {
                    1 => String::new(),
                    _ => format!(
                        "cluster {{ name: test, listen: \"127.0.0.1:{route}\", routes: {routes:?} }}"
                    ),
                };
                let store = folder.join(format!("server{n}"));
                let Wishes { more, streams } = wishes;
                let text = format!(
                    "server_name: server{n}\nlisten: \"127.0.0.1:{port}\"\n\
                     http: \"127.0.0.1:{monitor}\"\n\
                     jetstream {{ store_dir: {store:?}, max_file: 1GB, max_mem: 64MB\n{streams}\n}}\n\
                     {cluster}\n{more}\n"
                );
                let config = folder.join(format!("server{n}.conf"));
                std::fs::write(&config, text).unwrap();
                Server {
                    child: run(program, &config),
                    config,
                    program: program.to_owned(),
                    port,
                    monitor: format!("http://127.0.0.1:{monitor}"),
                }
            })
            .collect();
        servers.iter().for_each(Server::wait);
        servers
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "waited a minute in vain for nats-server");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The same server again, after a kill.
    pub(crate) fn again(&mut self) {
        self.child = run(&self.program, &self.config);
        self.wait();
    }

    /// It stands still, as if the network to it were cut.
    pub(crate) fn pause(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
    }

    /// It goes on.
    pub(crate) fn resume(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(program: &Path, config: &Path) -> Child {
    let log = config.with_extension("log");
    let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
    Command::new(program)
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// The addresses of servers as one setting.
pub(crate) fn urls(servers: &[Server]) -> String {
    servers.iter().map(Server::url).collect::<Vec<_>>().join(",")
}
