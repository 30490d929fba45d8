//! What a folder full of pages costs: the daemon's first start on it, beside parsing the same
//! pages alone, and beside a program that only reads, hashes and inserts the same rows.
//!
//! ```console
//! cargo bench --bench folder -- [--pages 20000] [--durability power] [--parser BINARY] [--keep DIR]
//! ```
//!
//! The pages are made here, of the size and layout of a text export, of twenty sites; half of the
//! ticker lines of each page have been seen before. `--parser` names another flashwire whose
//! `parse` is taken as the measure. Wall times mean something on a quiet machine only; CPU seconds
//! are the figure to trust.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SITES: usize = 20;
/// Ticker lines of a page: half of them stood on its site's page before.
const LINES: usize = 10;

struct Plan {
    pages: usize,
    durability: String,
    parser: PathBuf,
    keep: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let plan = plan()?;
    let root = tempfile::tempdir()?;
    let root = plan.keep.as_deref().unwrap_or(root.path());
    let pages = root.join("pages");
    fs::create_dir_all(&pages)?;
    for number in 0..plan.pages {
        fs::write(pages.join(format!("{number:06}.txt")), page(number))?;
    }
    let cores = std::thread::available_parallelism()?.get() as f64;
    let parse = parse_alone(&plan, &pages)?;
    let (wall, cpu) = daemon(&plan, root)?;
    let wire = root.join("pages.flashwire.db");
    let floor = floor(&plan, &pages, &wire, &root.join("floor.db"))?;
    let each = |seconds: f64| seconds * 1e3 / plan.pages as f64;
    println!("{} pages, durability {}:", plan.pages, plan.durability);
    println!("  parsing alone      {parse:7.1} CPU-s  {:.3} ms a page", each(parse));
    println!("  the daemon         {cpu:7.1} CPU-s  {:.3} ms a page, {wall:.1} s", each(cpu));
    println!("  read, hash, insert {floor:7.1} CPU-s  {:.3} ms a page", each(floor));
    println!("  wall time / (parsing / {cores} cores)  {:.2}", wall / (parse / cores));
    println!(
        "  beyond parsing: {:.3} ms a page, {:.2} of the floor",
        each(cpu - parse),
        (cpu - parse) / floor
    );
    Ok(())
}

fn plan() -> Outcome<Plan> {
    let mut plan = Plan {
        pages: 20_000,
        durability: "power".to_owned(),
        parser: env!("CARGO_BIN_EXE_flashwire").into(),
        keep: None,
    };
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        let value = args.next().ok_or("every option has a value")?;
        match arg.as_str() {
            "--pages" => plan.pages = value.parse()?,
            "--durability" => plan.durability = value,
            "--parser" => plan.parser = value.into(),
            "--keep" => plan.keep = Some(value.into()),
            _ => return Err("options: --pages N, --durability D, --parser FILE, --keep DIR".into()),
        }
    }
    Ok(plan)
}

/// A page of one of the sites: the older half of its ticker stood on the site's page before.
fn page(number: usize) -> String {
    let (site, edition) = (number % SITES, number / SITES);
    let mut text =
        format!("The Aldine Herald {site}\n\n  • Es\n  • Fr\nThe Aldine Herald {site}\n\n");
    let mut add = |line: std::fmt::Arguments<'_>| {
        text.write_fmt(line).expect("a string takes all");
    };
    for section in 0..50 {
        add(format_args!("  • Section {section} of site {site}\n"));
    }
    add(format_args!("BREAKING\n"));
    for line in 0..LINES {
        let half = LINES / 2;
        let (of, line) = if line < half { (edition + 1, line) } else { (edition, line - half) };
        let mut word = Words((of * SITES + site) as u64 * LINES as u64 + line as u64);
        add(format_args!(
            "{0} {1}: The {2} of {3} has {4} at {5} after the {6} that kept the {7} at sea\n",
            word.name(),
            word.name(),
            word.next(),
            word.name(),
            word.next(),
            word.name(),
            word.next(),
            word.next(),
        ));
    }
    let mut word = Words(u64::MAX / 2 + number as u64);
    add(format_args!(
        "\n{} voices concern about the {} of {} {}\n\n  • By Orla Venn\n  • Source: \
         Harbour Radio\n  • 7 Feb 2024 18:38\n\n",
        word.name(),
        word.next(),
        word.name(),
        word.next(),
    ));
    for _ in 0..16 {
        for _ in 0..4 {
            add(format_args!(
                "The {} of {} {} the {} and {} near {}, which the {} in {} had not {} for a {}. ",
                word.next(),
                word.name(),
                word.next(),
                word.next(),
                word.next(),
                word.name(),
                word.next(),
                word.name(),
                word.next(),
                word.next(),
            ));
        }
        add(format_args!("\n\n"));
    }
    add(format_args!("  • Aldine\n  • Pier\n\nMost Read\n\n"));
    for link in 0..20 {
        add(format_args!(
            "Ferry {link} runs aground off Lower Venn\n\n  • Harbour\n  • 14 Jun 2025\n"
        ));
    }
    text
}

/// Made-up words, the same on every run: as many as a newspaper uses, so that no two pages are
/// alike by chance.
struct Words(u64);

impl Words {
    fn next(&mut self) -> String {
        const SYLLABLES: [&str; 16] = [
            "ba", "del", "fin", "gor", "har", "kes", "lim", "mon", "nar", "pol", "ras", "sen",
            "tor", "vel", "wick", "zan",
        ];
        // Knuth's generator (The Art of Computer Programming, 3.3.4), its high bits.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let bits = (self.0 >> 40) as usize;
        (0..3).map(|at| SYLLABLES[(bits >> (4 * at)) & 15]).collect()
    }

    /// A word with a capital.
    fn name(&mut self) -> String {
        let word = self.next();
        word[..1].to_uppercase() + &word[1..]
    }
}

/// CPU seconds that `flashwire parse` takes over the pages.
fn parse_alone(plan: &Plan, pages: &Path) -> Outcome<f64> {
    let before = of_children()?;
    let mut names: Vec<PathBuf> =
        fs::read_dir(pages)?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
    names.sort();
    for some in names.chunks(2000) {
        let mut parse = Command::new(&plan.parser);
        let done = parse.args(["parse", "--json"]).args(some).stdout(Stdio::null()).status()?;
        if !done.success() {
            return Err("flashwire parse failed".into());
        }
    }
    Ok(of_children()? - before)
}

/// Wall and CPU seconds of a daemon until every page is on the wire.
fn daemon(plan: &Plan, root: &Path) -> Outcome<(f64, f64)> {
    let begun = Instant::now();
    let mut daemon = Daemon::start(root, &plan.durability)?;
    let address = daemon.address(root)?;
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let metrics = ureq::get(format!("http://{address}/metrics")).call()?;
        let text = metrics.into_body().read_to_string()?;
        let taken: f64 = text
            .lines()
            .filter_map(|line| line.strip_prefix("flashwire_pages_total{")?.rsplit_once(' '))
            .filter_map(|(_, count)| count.parse::<f64>().ok())
            .sum();
        if taken as usize >= plan.pages {
            break;
        }
    }
    let wall = begun.elapsed().as_secs_f64();
    let cpu = cpu_of(&format!("/proc/{}/stat", daemon.0.id()), 11)?;
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&daemon.0),
        rustix::process::Signal::TERM,
    )?;
    daemon.0.wait()?;
    Ok((wall, cpu))
}

struct Daemon(Child);

impl Daemon {
    fn start(root: &Path, durability: &str) -> Outcome<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_flashwire"))
            .arg("run")
            .arg(root.join("pages"))
            .args(["--listen", "127.0.0.1:0"])
            .env("FLASHWIRE_WIRE_DURABILITY", durability)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Daemon(child))
    }

    /// Host and port, as written into the wire's lock file.
    fn address(&mut self, root: &Path) -> Outcome<String> {
        let lock = root.join("pages.flashwire.db.lock");
        while self.0.try_wait()?.is_none() {
            std::thread::sleep(Duration::from_millis(10));
            let Ok(text) = fs::read_to_string(&lock) else { continue };
            let Ok(holder) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            if let Some(url) = holder["url"].as_str() {
                return Ok(url.trim_start_matches("http://").to_owned());
            }
        }
        Err("the daemon ended".into())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tables whose rows a page gives, with the column that says which page or event they belong to.
const TABLES: [&str; 7] = ["event", "alias", "page", "sighting", "told", "evidence", "site"];
/// Pages of a transaction.
const GROUP: usize = 256;

/// CPU seconds that reading and hashing the pages and inserting the daemon's rows take, with the
/// same tables and as many pages in a transaction as the daemon takes at most.
fn floor(plan: &Plan, pages: &Path, wire: &Path, to: &Path) -> Outcome<f64> {
    let from = Connection::open(wire)?;
    let schema: Vec<String> = from
        .prepare(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut rows: Vec<(String, Vec<Vec<Value>>)> = Vec::new();
    for table in TABLES {
        let mut statement = from.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let found = statement
            .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?
            .collect::<Result<Vec<Vec<Value>>, _>>()?;
        let places = vec!["?"; columns].join(", ");
        rows.push((format!("INSERT INTO {table} VALUES ({places})"), found));
    }
    let _ = fs::remove_file(to);
    let mut db = Connection::open(to)?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if plan.durability == "power" { "FULL" } else { "NORMAL" };
    db.pragma_update(None, "synchronous", synchronous)?;
    db.execute_batch(&schema.join(";"))?;
    let begun = cpu_of("/proc/self/stat", 11)?;
    let groups = plan.pages.div_ceil(GROUP);
    for group in 0..groups {
        for number in group * GROUP..((group + 1) * GROUP).min(plan.pages) {
            std::hint::black_box(blake3::hash(&fs::read(pages.join(format!("{number:06}.txt")))?));
        }
        let tx = db.transaction()?;
        for (insert, rows) in &rows {
            let share = |group: usize| rows.len() * group / groups;
            let mut insert = tx.prepare_cached(insert)?;
            for row in &rows[share(group)..share(group + 1)] {
                insert.execute(rusqlite::params_from_iter(row))?;
            }
        }
        tx.commit()?;
    }
    Ok(cpu_of("/proc/self/stat", 11)? - begun)
}

/// CPU seconds of all processes waited for.
fn of_children() -> Outcome<f64> {
    cpu_of("/proc/self/stat", 13)
}

/// CPU seconds from two neighbouring fields of a process's `stat`, behind its name.
fn cpu_of(stat: &str, field: usize) -> Outcome<f64> {
    let stat = fs::read_to_string(stat)?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: f64 = fields.skip(field).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}
