//! What every order promises, shown on the intake that works with it: the embedded one, and one
//! log that several nodes share, each with a store of its own. The shared log lies in memory; what
//! a network does to a batch on its way is drawn from a seed, which is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

use futures_util::FutureExt as _;
use jiff::ToSpan as _;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

use super::*;
use crate::{
    desk::{self, Provenance, Submission},
    item::{Event, PageHash, Record},
    page::{Format, Meta, Page as Dropped, PageName},
    parse::{self, Sites},
    watch::Lane,
    wire::{Config, Durability},
};

const WINDOW: Duration = Duration::from_secs(3 * 86_400);

/// xorshift64*: the same seed draws the same.
#[derive(Debug)]
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }
}

/// One log for several nodes.
#[derive(Debug)]
struct Log {
    batches: Vec<Arc<[Group]>>,
    /// Batches whose sender was left without an answer and which may land yet.
    on_their_way: Vec<(Position, Arc<[Group]>)>,
    draws: Draws,
    /// How often what became of a batch.
    fates: BTreeMap<&'static str, u32>,
}

impl Log {
    /// Takes a batch in if all is still as its sender thought.
    fn land(&mut self, expected: Position, groups: Arc<[Group]>) -> bool {
        let lands = self.batches.len() as u64 == expected.batch;
        if lands {
            self.batches.push(groups);
        }
        lands
    }

    fn land_late(&mut self) {
        for (expected, groups) in std::mem::take(&mut self.on_their_way) {
            if self.draws.below(2) == 0 {
                self.on_their_way.push((expected, groups));
            } else if self.land(expected, groups) {
                self.note("landed late");
            } else {
                self.note("came too late");
            }
        }
    }

    fn note(&mut self, fate: &'static str) {
        *self.fates.entry(fate).or_default() += 1;
    }

    /// A batch arrives, or gets lost, or its answer does.
    fn receive(
        &mut self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> Result<(), Option<AppendError>> {
        self.land_late();
        let unknown = || Err(Some(AppendError::Unknown("the seed says so".into())));
        match self.draws.below(8) {
            0 => {
                self.note("lost");
                unknown()
            }
            1 => {
                self.on_their_way.push((expected, groups));
                unknown()
            }
            2 => {
                if self.land(expected, groups) {
                    self.note("landed unanswered");
                }
                unknown()
            }
            _ if self.land(expected, groups) => {
                self.note("landed");
                Ok(())
            }
            _ => {
                self.note("conflict");
                Err(None)
            }
        }
    }
}

/// A node's way to the shared log.
#[derive(Clone)]
struct Shared {
    log: Arc<Mutex<Log>>,
    store: Arc<SqliteStore>,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Puts what is in the log into the node's own store, `most` batches of it.
    async fn apply(&self, most: usize) -> Result<Position, AppendError> {
        for _ in 0..most {
            let at = self.store.position();
            let Some(groups) = self.log().batches.get(at.batch as usize).cloned() else { break };
            assert_eq!(self.store.apply(at, groups.clone(), None).await?, at.after(&groups));
        }
        Ok(self.store.position())
    }
}

impl Order for Shared {
    fn append(
        &self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> BoxFuture<'static, Result<Position, AppendError>> {
        let node = self.clone();
        async move {
            let delay = node.log().draws.below(3);
            for _ in 0..delay {
                tokio::task::yield_now().await;
            }
            let received = node.log().receive(expected, groups.clone());
            match received {
                // Others may have come behind it already.
                Ok(()) => node.apply(usize::MAX).await.map(|_| expected.after(&groups)),
                Err(Some(unknown)) => Err(unknown),
                Err(None) => Err(AppendError::Conflict(node.apply(usize::MAX).await?)),
            }
        }
        .boxed()
    }

    fn catch_up(&self) -> BoxFuture<'static, Result<Position, AppendError>> {
        let node = self.clone();
        async move {
            node.log().land_late();
            node.apply(usize::MAX).await
        }
        .boxed()
    }
}

/// A store, and the intake that fills it.
struct Node {
    working: Working,
    tickets: u64,
    path: std::path::PathBuf,
    _settled: Receiver<Taken>,
    _stopping: tokio::sync::watch::Sender<Stage>,
}

impl Node {
    fn new(
        path: std::path::PathBuf,
        runtime: &Handle,
        order: impl FnOnce(&Arc<SqliteStore>) -> Arc<dyn Order>,
    ) -> Self {
        let config = Config { durability: Durability::Process, ..Config::default() };
        let store = Arc::new(SqliteStore::open(&path, &config, Timestamp::now()).unwrap());
        let (stopping, stop) = Stop::new();
        let (settled, heard) = async_channel::unbounded();
        let intake = Intake {
            order: order(&store),
            store,
            runtime: runtime.clone(),
            status: Arc::new(Status::new(&mut Registry::default())),
            window: WINDOW,
            stop,
            settled,
        };
        let working = intake.begin(new_desk()).unwrap();
        Node { working, tickets: 0, path, _settled: heard, _stopping: stopping }
    }

    fn store(&self) -> &Arc<SqliteStore> {
        &self.working.intake.store
    }

    fn accept(&mut self, name: &str, text: &str) {
        self.accept_captured(name, text, Meta::default());
    }

    fn accept_captured(&mut self, name: &str, text: &str, meta: Meta) {
        let submission = submission(&self.working.desk, name, text, meta);
        let from = submission.provenance();
        let taken = Taken { name: from.name.clone(), stat: None, hash: from.hash };
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let done = Done { lane: Lane::Live, ticket: self.tickets, taken, submission, place };
        self.tickets += 1;
        assert!(self.working.accept(Task::Page(Box::new(done))).is_ok());
    }

    /// What the file holds, table by table.
    fn rows(&self) -> Vec<String> {
        let db = rusqlite::Connection::open(&self.path).unwrap();
        let mut rows = Vec::new();
        for table in ["event", "alias", "page", "sighting", "told", "evidence", "site", "held"] {
            let mut statement =
                db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
            let columns = statement.column_count();
            let mut found = statement.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                let values: Vec<rusqlite::types::Value> =
                    (0..columns).map(|column| row.get(column).unwrap()).collect();
                rows.push(format!("{table}: {values:?}"));
            }
        }
        rows
    }

    fn records(&self) -> Vec<Record> {
        let all = self.store().records_between(Position::default(), self.store().position());
        all.unwrap()
    }
}

fn new_desk() -> Desk {
    Desk::new(&desk::Config::default())
}

fn submission(desk: &Desk, name: &str, text: &str, meta: Meta) -> Submission {
    let now = Timestamp::now();
    let bytes = bytes::Bytes::copy_from_slice(text.as_bytes());
    let page = Dropped {
        name: PageName::new(name.as_bytes()),
        hash: PageHash::of(&bytes),
        bytes,
        format: Format::Text,
        modified: now,
        seen: now,
        meta,
    };
    let from = Provenance {
        hash: Some(page.hash),
        captured: page.meta.captured,
        evidence: Some(page.bytes.clone()),
        ..Provenance::new(page.name.clone(), now)
    };
    Submission::new(from, Ok(parse::lay_out(&page, &Sites::default())), desk.seed())
}

/// Lines in two wordings that say the same.
const REWORDED: [[&str; 2]; 4] = [
    ["Storm batters coast of Dornach", "Storm pounds coast of Dornach"],
    ["Orvik will not sell its ferries, mayor says", "Orvik won't sell its ferries, mayor says"],
    ["Velmar kicks off season of river racing", "Velmar begins season of river racing"],
    [
        "New Velmarian law on electric vehicles angers dealers",
        "New Velmarian law on EVs angers dealers",
    ],
];

/// The line of that number, in one of its wordings.
fn line(number: u64, wording: u64) -> String {
    match REWORDED.get(number as usize) {
        Some(wordings) => wordings[wording as usize].to_owned(),
        None => format!(
            "Radio Vellin: Barge number {number} with relief goods has left the harbour of Ostermund"
        ),
    }
}

/// The number of a line, whatever its wording.
fn number(line: &str) -> u64 {
    if let Some(number) = REWORDED.iter().position(|wordings| wordings.contains(&line)) {
        return number as u64;
    }
    line.split("number ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// Pages by name; some have the content of others, most have lines of others.
fn pages(draws: &mut Draws, count: u64) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = Vec::new();
    for at in 0..count {
        let text = match draws.below(8) {
            0 if at > 0 => pages[draws.below(at) as usize].1.clone(),
            _ => {
                let numbers: BTreeSet<u64> =
                    (0..1 + draws.below(4)).map(|_| draws.below(8 + 2 * at)).collect();
                let lines = numbers.iter().map(|number| line(*number, draws.below(2)) + "\n");
                // Pages that begin alike would let lines return.
                let top = format!("a page that is like no other in the folder, number {at}");
                format!("{top}\n\nBREAKING\n{}", lines.collect::<String>())
            }
        };
        pages.push((format!("{at}.txt"), text));
    }
    pages
}

/// Lets the nodes take the pages, each some at a time and in no certain order, until each has
/// taken what it is given.
fn work(nodes: &mut [Node], draws: &mut Draws, pages: &[(String, String)]) {
    let mut given: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for page in 0..pages.len() {
        // Some lie in the folders of several nodes.
        let first = draws.below(nodes.len() as u64) as usize;
        for (at, given) in given.iter_mut().enumerate() {
            if at == first || draws.below(4) == 0 {
                given.push(page);
            }
        }
    }
    for given in &mut given {
        given.reverse();
    }
    while given.iter().any(|given| !given.is_empty()) {
        let at = draws.below(nodes.len() as u64) as usize;
        let node = &mut nodes[at];
        for _ in 0..1 + draws.below(5) {
            if let Some(page) = given[at].pop() {
                node.accept(&pages[page].0, &pages[page].1);
            }
        }
        assert!(node.working.turn().is_ok(), "nobody stops");
        if draws.below(3) == 0 {
            assert!(node.working.settle_under_way().is_ok(), "nobody stops");
        }
    }
    for node in nodes.iter_mut() {
        assert!(node.working.settle_under_way().is_ok(), "nobody stops");
    }
    for node in nodes {
        assert!(node.working.catch_up().is_ok());
    }
}

/// What must hold once all is told; gives how often another wording taught something.
fn holds(nodes: &mut [Node], pages: &[(String, String)]) -> usize {
    let runtime = nodes[0].working.intake.runtime.clone();
    let rows = nodes[0].rows();
    let mut taught = 0;
    for node in &mut *nodes {
        assert_eq!(runtime.block_on(node.store().verify()).unwrap(), Vec::<String>::new());
        assert_eq!(node.rows(), rows, "every store holds the same rows");

        let records = node.records();
        let events: Vec<Arc<Event>> = records
            .iter()
            .filter_map(|record| match record {
                Record::Event(event) => Some(event.clone()),
                Record::Alias(_) => None,
            })
            .collect();
        let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
        assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>(), "numbers without holes");
        let mut told: Vec<u64> =
            events.iter().map(|event| number(event.item.headline().unwrap())).collect();
        told.sort_unstable();
        let lines = |text: &str| text.lines().skip(3).map(number).collect::<Vec<_>>();
        let all: BTreeSet<u64> = pages.iter().flat_map(|page| lines(&page.1)).collect();
        assert_eq!(told, all.into_iter().collect::<Vec<_>>(), "every line is told, and once");
        taught = records.len() - events.len();

        let counts = runtime.block_on(node.store().counts()).unwrap();
        assert_eq!(counts.pages.get("done"), Some(&(pages.len() as u64)), "{:?}", counts.pages);
        let drafts: usize = pages.iter().map(|page| lines(&page.1).len()).sum();
        assert_eq!(counts.sightings, drafts as u64, "every draft ends once");
        decides_as_the_wire_says(node, &runtime);
    }
    taught
}

/// A desk that went through conflicts decides as one that recalls the wire.
fn decides_as_the_wire_says(node: &mut Node, runtime: &Handle) {
    let store = node.store().clone();
    let mut recalled = new_desk();
    recall(&mut recalled, WINDOW, &store, runtime).unwrap();
    let known = store.snapshot().unwrap();
    let now = Timestamp::now();
    for desk in [&mut node.working.desk, &mut recalled] {
        desk.begin_batch(now);
    }
    for number in 0..60 {
        let text = match number % 3 {
            0 => line(number, number % 2).replace("has left", "has not left"),
            _ => line(number, number % 2),
        };
        let [worked, recalled] = [&mut node.working.desk, &mut recalled].map(|desk| {
            let (name, text) = (format!("probe {number}.txt"), format!("BREAKING\n{text}\n"));
            let submission = submission(desk, &name, &text, Meta::default());
            let finished = desk.finish(submission);
            let judged = desk.judge(&finished, &known, now).unwrap();
            (format!("{:?}", judged.verdicts), format!("{:?}", judged.group.told))
        });
        assert_eq!(worked.0, recalled.0, "{text}");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn the_embedded_order_keeps_what_every_order_promises() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    let mut draws = Draws(7);
    let pages = pages(&mut draws, 120);
    let order = |store: &Arc<SqliteStore>| -> Arc<dyn Order> { store.clone() };
    let mut nodes = [Node::new(folder.path().join("0.db"), runtime.handle(), order)];
    work(&mut nodes, &mut draws, &pages);
    assert!(holds(&mut nodes, &pages) > 0, "other wordings teach something");
}

/// Three nodes that share a log.
fn sharing(seed: u64, folder: &std::path::Path, runtime: &Handle) -> (Arc<Mutex<Log>>, Vec<Node>) {
    let log = Arc::new(Mutex::new(Log {
        batches: Vec::new(),
        on_their_way: Vec::new(),
        draws: Draws(seed),
        fates: BTreeMap::new(),
    }));
    let nodes = (0..3).map(|number| {
        let order = |store: &Arc<SqliteStore>| -> Arc<dyn Order> {
            Arc::new(Shared { log: log.clone(), store: store.clone() })
        };
        Node::new(folder.join(format!("{number}.db")), runtime, order)
    });
    let nodes = nodes.collect();
    (log, nodes)
}

/// Every node knows of the version, and each would tell it.
#[test]
fn a_held_version_is_told_by_one_of_the_nodes() {
    let runtime = runtime();
    for seed in 1..20 {
        let folder = tempfile::tempdir().unwrap();
        let (_, mut nodes) = sharing(seed, folder.path(), runtime.handle());
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        let updated = now - 10.minutes();
        let left = 1.millisecond();
        let ends = ["He is at sea.", "The mayor sleeps.", "Lighters are to carry the flour."];
        let versions = [updated - 1.hour(), updated, updated + 5.minutes() - left];
        for (at, (captured, end)) in versions.into_iter().zip(ends).enumerate() {
            let text = format!(
                "Outer mole of Brindlemoor breaks in the storm\n\nThe outer mole of Brindlemoor \
                 broke on Tuesday morning, at the hour when most of the fleet lies behind it.\n\n\
                 The harbour office closed both gates, and asked skippers to stay out until the \
                 wind turns. Nobody expects that before Thursday. {end}\n"
            );
            let url = Some("https://amal-courier.example/news/4711".into());
            let meta = Meta { url, captured: Some(captured), ..Meta::default() };
            nodes[0].accept_captured(&format!("{at}.txt"), &text, meta);
            assert!(nodes[0].working.turn().is_ok(), "nobody stops");
            assert!(nodes[0].working.settle_under_way().is_ok(), "nobody stops");
        }
        for node in &mut nodes {
            assert!(node.working.catch_up().is_ok());
        }
        for node in &mut nodes {
            while node.working.desk.next_due().is_some() {
                assert!(node.working.turn().is_ok(), "nobody stops");
                assert!(node.working.settle_under_way().is_ok(), "nobody stops");
            }
        }
        for node in &mut nodes {
            assert!(node.working.catch_up().is_ok());
        }
        let rows = nodes[0].rows();
        for node in &nodes {
            assert_eq!(node.rows(), rows, "every store holds the same rows");
            assert_eq!(runtime.block_on(node.store().verify()).unwrap(), Vec::<String>::new());
            let told = node.records();
            let Some(Record::Event(last)) = told.last() else { panic!("{told:?}") };
            assert_eq!((told.len(), last.held_until), (3, Some(versions[2] + left)), "seed {seed}");
        }
    }
}

/// Another seed may be asked for by `FLASHWIRE_SEED`.
#[test]
fn nodes_that_share_a_log_tell_as_one() {
    let asked = std::env::var("FLASHWIRE_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds: Vec<u64> = match asked {
        Some(seed) => vec![seed],
        None => {
            let fresh = Timestamp::now().as_nanosecond() as u64 | 1;
            vec![1, 2, fresh]
        }
    };
    let runtime = runtime();
    let (mut fates, mut taught) = (BTreeMap::<&str, u32>::new(), 0);
    for seed in seeds {
        println!("FLASHWIRE_SEED={seed}");
        let folder = tempfile::tempdir().unwrap();
        let mut draws = Draws(seed);
        let pages = pages(&mut draws, 120);
        let (log, mut nodes) = sharing(seed + 1, folder.path(), runtime.handle());
        work(&mut nodes, &mut draws, &pages);
        taught += holds(&mut nodes, &pages);
        for (fate, count) in &log.lock().unwrap().fates {
            *fates.entry(fate).or_default() += count;
        }
    }
    if asked.is_none() {
        let all =
            ["came too late", "conflict", "landed", "landed late", "landed unanswered", "lost"];
        assert_eq!(fates.keys().copied().collect::<Vec<_>>(), all, "each has happened: {fates:?}");
        assert!(taught > 0, "other wordings teach something");
    }
}

#[cfg(feature = "nats")]
#[path = "../../../tests/nats/mod.rs"]
mod nats;

/// Two nodes that share a log.
fn two(folder: &std::path::Path, runtime: &Handle, seed: u64) -> [Node; 2] {
    let log = Arc::new(Mutex::new(Log {
        batches: Vec::new(),
        on_their_way: Vec::new(),
        draws: Draws(seed),
        fates: BTreeMap::new(),
    }));
    [0, 1].map(|number| {
        let order = |store: &Arc<SqliteStore>| -> Arc<dyn Order> {
            Arc::new(Shared { log: log.clone(), store: store.clone() })
        };
        Node::new(folder.join(format!("{number}.db")), runtime, order)
    })
}

/// Tells a page at once.
fn tell(node: &mut Node, name: &str, text: &str) {
    node.accept(name, text);
    assert!(node.working.turn().is_ok(), "nobody stops");
    assert!(node.working.settle_under_way().is_ok(), "nobody stops");
}

#[test]
fn a_withdrawal_that_comes_second_is_judged_again() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    for seed in 1..12 {
        let folder = folder.path().join(seed.to_string());
        std::fs::create_dir(&folder).unwrap();
        let [mut here, mut there] = two(&folder, runtime.handle(), seed);
        tell(&mut here, "0.txt", &format!("BREAKING\n{}\n", line(40, 0)));
        tell(&mut there, "1.txt", &format!("BREAKING\n{}\n", line(41, 0)));
        let (reply, _) = oneshot::channel();
        let order = Withdraw { what: "0.txt".into(), reason: "it is wrong".into(), reply };
        let withdrawn = here.working.withdraw(&order).unwrap();
        assert_eq!(withdrawn.len(), 1);
        // Nobody tells it again, whoever took it back.
        tell(&mut there, "2.txt", &format!("BREAKING\n{}\n{}\n", line(40, 0), line(42, 0)));
        assert!(here.working.catch_up().is_ok());
        assert_eq!(here.rows(), there.rows());
        assert_eq!(there.store().head().seq.0, 4, "two lines, a withdrawal, a third line");
    }
}

#[test]
fn what_pages_teach_of_their_site_adds_up_on_nodes_that_share_a_log() {
    // No line comes twice: what a page says doesn't hang on when it came.
    let page = |number: u64| {
        let paragraphs = (0..4).map(|paragraph| {
            format!(
                "In chapter {number} of part {paragraph} the council of Ostermund heard {} barge \
                 owners, who spoke at length about tolls, tides and the long repair of the mole.\n",
                number * 31 + paragraph
            )
        });
        format!(
            "Council hears {number} barge owners on tolls\n\n{}",
            paragraphs.collect::<Vec<_>>().join("\n")
        )
    };
    let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
    for seed in 1..6 {
        let folder = folder.path().join(seed.to_string());
        std::fs::create_dir(&folder).unwrap();
        let mut nodes = two(&folder, runtime.handle(), seed);
        let mut draws = Draws(seed);
        for number in 0..24 {
            let node = &mut nodes[draws.below(2) as usize];
            node.accept(&format!("Vellin Post/{number}.txt"), &page(number));
            assert!(node.working.turn().is_ok(), "nobody stops");
        }
        for node in &mut nodes {
            assert!(node.working.settle_under_way().is_ok(), "nobody stops");
        }
        for node in &mut nodes {
            assert!(node.working.catch_up().is_ok());
        }
        // One desk that takes the pages in the order in which they came onto the wire.
        let mut alone = new_desk();
        let taken = runtime.block_on(nodes[0].store().pages_after(0)).unwrap();
        for kept in &taken {
            let name = String::from_utf8(kept.name.clone()).unwrap();
            let number = name.trim_start_matches("Vellin Post/").trim_end_matches(".txt");
            let submission =
                submission(&alone, &name, &page(number.parse().unwrap()), Meta::default());
            let finished = alone.finish(submission);
            assert_eq!(finished.site(), Some("Vellin Post"));
        }
        assert_eq!(taken.len(), 24);
        let learned = alone.site_memory("Vellin Post");
        for node in &nodes {
            let stored = node.store().site_memory("Vellin Post").unwrap();
            assert!(stored == learned, "seed {seed}: a node knows less of the site, or more");
        }
    }
}

/// The order that real servers give.
#[cfg(feature = "nats")]
mod jetstream {
    use super::*;
    use crate::{
        item::Seq,
        wire::{
            NatsConfig,
            order::jetstream::{JetStream, init},
        },
    };

    use super::nats::{self, Server, Wishes};

    fn node(number: usize, folder: &std::path::Path, runtime: &Handle, servers: &str) -> Node {
        let order = |store: &Arc<SqliteStore>| -> Arc<dyn Order> {
            let config = NatsConfig::default();
            let order = JetStream::connect(servers, &config, store.clone(), Timestamp::now());
            Arc::new(runtime.block_on(order).unwrap())
        };
        Node::new(folder.join(format!("{number}.db")), runtime, order)
    }

    #[test]
    fn a_real_server_keeps_what_every_order_promises() {
        let Some(program) = nats::program() else { return };
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let server = Server::alone(&program, folder.path(), Wishes::default());
        runtime.block_on(init(&server.url(), &NatsConfig::default(), 1, None)).unwrap();
        let mut draws = Draws(11);
        let pages = pages(&mut draws, 120);
        let mut nodes: Vec<Node> = (0..3)
            .map(|number| node(number, folder.path(), runtime.handle(), &server.url()))
            .collect();
        work(&mut nodes, &mut draws, &pages);
        holds(&mut nodes, &pages);
        // One that was never there before ends with the same rows.
        let late = node(3, folder.path(), runtime.handle(), &server.url());
        let mut late = [late];
        assert!(late[0].working.catch_up().is_ok());
        assert_eq!(late[0].rows(), nodes[0].rows());
    }

    #[test]
    fn a_batch_that_stores_refuse_is_set_aside_on_every_node() {
        let Some(program) = nats::program() else { return };
        let (runtime, folder) = (runtime(), tempfile::tempdir().unwrap());
        let server = Server::alone(&program, folder.path(), Wishes::default());
        runtime.block_on(init(&server.url(), &NatsConfig::default(), 1, None)).unwrap();
        let [mut here, mut there] =
            [0, 1].map(|number| node(number, folder.path(), runtime.handle(), &server.url()));
        tell(&mut here, "0.txt", &format!("BREAKING\n{}\n", line(40, 0)));
        // No store takes an event that it has.
        let at = here.store().position();
        let told = runtime.block_on(here.store().read(Seq(0), 1)).unwrap().remove(0);
        let event = Event { seq: Seq(at.seq.0 + 1), ..Event::clone(&told.event) };
        let events = vec![Arc::new(Entry::new(Arc::new(event)))];
        let groups: Arc<[Group]> = [Group { events, ..Group::default() }].into();
        let order = here.working.intake.order.clone();
        let refused = runtime.block_on(async move { order.append(at, groups).await });
        assert!(matches!(refused, Err(AppendError::Refused { .. })), "{refused:?}");
        tell(&mut there, "1.txt", &format!("BREAKING\n{}\n", line(41, 0)));
        tell(&mut here, "2.txt", &format!("BREAKING\n{}\n", line(42, 0)));
        assert!(there.working.catch_up().is_ok());
        assert_eq!(here.rows(), there.rows());
        assert_eq!(there.store().head().seq, Seq(3), "a batch that is set aside takes no number");
    }
}
