//! How fast the dedup stage judges, beside plain engines of equal care: exact keys, SimHash and
//! MinHash; and what each of them gets right.
//!
//! `cargo bench --bench dedup [-- LINES] [PART…]`: LINES lines remembered (default 1,000,000);
//! PARTs are `remembered`, `real`, `each`, `small`, `labelled`, `unchanged`, `worst`, `fold`,
//! `articles`, all by default; `own` and `own-real` are the first two without the other engines,
//! and `bands` is what MinHash finds and costs by how it is cut.
//! `FLASHWIRE_CORPUS` names the folder whose `dedup/` holds the labelled streams.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod engines;
mod labelled;
mod own;
mod spun;
mod stream;

use std::{collections::HashMap, hint::black_box, path::PathBuf, time::Duration};

use flashwire::{
    dedup::Gist,
    item::{Article, Draft, Event, Item, Stored},
};
use jiff::Timestamp;

use engines::{Engine, Exact, Floor, MinHash, SimHash};
use labelled::Labelled;
use own::Flashwire;
use rustix::time::{ClockId, clock_gettime};
use spun::Spun;
use stream::{Dice, Lines};

/// Time this process has had a core, so that other load on the machine does not count.
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    Duration::from_nanos(nanos)
}

/// The same to the nanosecond, for a single line; asking takes a third of a microsecond.
fn clock() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Lines a second of processor time, a millisecond of page time from line to line.
fn speed(engine: &mut dyn Engine, lines: &[String], at: &mut i64) -> f64 {
    let start = worked();
    for line in lines {
        *at += 1;
        black_box(engine.take(line, *at));
    }
    // The kernel counts in ticks of some milliseconds: a run within one counts as one.
    lines.len() as f64 / (worked() - start).as_secs_f64().max(0.001)
}

fn many(line: &mut dyn FnMut() -> String, count: usize) -> Vec<String> {
    (0..count).map(|_| line()).collect()
}

/// Made-up lines.
fn made() -> impl FnMut() -> String {
    let mut lines = Lines::new();
    move || lines.line()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The floor and the plainest first. What the four of MinHash are stands with it.
fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    vec![
        ("floor (hash, probe)", Box::<Floor>::default()),
        ("exact key", Box::<Exact>::default()),
        ("SimHash", Box::<SimHash>::default()),
        ("MinHash 0.7, 14 x 9", Box::new(MinHash::<14, 9>::new(0.7))),
        ("MinHash 0.5, 25 x 5", Box::new(MinHash::<25, 5>::new(0.5))),
        ("MinHash 0.4, 20 x 3", Box::new(MinHash::<20, 3>::new(0.4))),
        ("MinHash 0.5, 6 x 3", Box::new(MinHash::<6, 3>::new(0.5))),
        ("flashwire", Box::new(Flashwire::new())),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let size: usize = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let parts: Vec<&String> = args.iter().filter(|arg| arg.parse::<usize>().is_err()).collect();
    let asked = |part: &str| parts.is_empty() || parts.iter().any(|name| *name == part);
    // The word lists are read with a process's first line, once: not what is measured here.
    black_box(Flashwire::new().take("the first line", 0));
    let peers: Vec<&str> = engines().iter().skip(2).map(|engine| engine.0).collect();
    let alone = |part: &str| asked(part) && !parts.is_empty();
    if asked("remembered") {
        remembered("made-up", &mut made(), size, &peers);
    }
    if alone("own") {
        remembered("made-up", &mut made(), size, &["flashwire"]);
    }
    if asked("real") || alone("own-real") {
        let names = if alone("own-real") { &["flashwire"] } else { &peers[..] };
        match real() {
            Some(mut spun) => remembered("spun", &mut || spun.line(), size, names),
            None => println!("\nSKIPPED: FLASHWIRE_CORPUS is not set; no lines spun of real ones"),
        }
    }
    if asked("each") {
        each(size);
    }
    if asked("small") {
        small(&many(&mut made(), 20_000));
    }
    if asked("labelled") {
        labelled();
    }
    if alone("bands") {
        bands(size);
    }
    if asked("unchanged") {
        unchanged(&many(&mut made(), 40));
    }
    if asked("worst") {
        worst();
    }
    if asked("fold") {
        fold(size);
    }
    if asked("articles") {
        articles(size / 50);
    }
}

/// All engines on the same new lines, nothing remembered at first.
fn small(lines: &[String]) {
    let names: Vec<&str> = engines().iter().map(|engine| engine.0).collect();
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for _ in 0..5 {
        for (at, (_, engine)) in engines().iter_mut().enumerate() {
            let rate = speed(engine.as_mut(), lines, &mut 0);
            rounds[at].push(rate);
        }
    }
    let speeds: Vec<f64> = rounds.into_iter().map(median).collect();
    println!("\n{} new lines, empty at first (median of 5 interleaved rounds)", lines.len());
    table(&names, &speeds);
}

fn table(names: &[&str], speeds: &[f64]) {
    let own = names.iter().position(|&name| name == "flashwire").map_or(1.0, |at| speeds[at]);
    for (name, speed) in names.iter().zip(speeds) {
        println!("  {name:<22} {speed:>12.0} lines/s   flashwire is {:.2}x", own / speed);
    }
}

/// The engines with many lines remembered: ten slices of new lines, the engines taking turns.
fn remembered(kind: &str, line: &mut dyn FnMut() -> String, size: usize, names: &[&str]) {
    let slice = 20_000.min(size / 10).max(1);
    let mut engines: Vec<(&str, Box<dyn Engine>)> =
        engines().into_iter().filter(|(name, _)| names.contains(name)).collect();
    let mut clocks = vec![0; engines.len()];
    let mut left = size - (slice * 10).min(size);
    while left > 0 {
        let batch = many(line, left.min(10_000));
        for ((_, engine), at) in engines.iter_mut().zip(&mut clocks) {
            speed(engine.as_mut(), &batch, at);
        }
        left -= batch.len();
    }
    let mut rounds = vec![Vec::new(); engines.len()];
    for _ in 0..10 {
        let batch = many(line, slice);
        for (n, (_, engine)) in engines.iter_mut().enumerate() {
            rounds[n].push(speed(engine.as_mut(), &batch, &mut clocks[n]));
        }
    }
    let names: Vec<&str> = engines.iter().map(|engine| engine.0).collect();
    let speeds: Vec<f64> = rounds.into_iter().map(median).collect();
    println!(
        "\nnew lines ({kind}) with {size} remembered (median of 10 interleaved slices of {slice})"
    );
    table(&names, &speeds);
}

/// Lines spun of all the real ones there are.
fn real() -> Option<Spun> {
    let folder = PathBuf::from(std::env::var_os("FLASHWIRE_CORPUS")?).join("dedup");
    Some(Spun::new(&labelled::all(&folder, "")))
}

/// Each line on its own while memory fills: what a single line costs at worst.
fn each(size: usize) {
    let mut source = Lines::new();
    let mut own = Flashwire::new();
    let mut times = Vec::with_capacity(size);
    for at in 0..size as i64 {
        let line = source.line();
        let start = clock();
        black_box(own.take(&line, at));
        times.push(clock() - start);
    }
    times.sort_unstable();
    let part = |share: f64| times[((size as f64 * share) as usize).min(size - 1)];
    println!(
        "\n{size} new lines one by one: median {:.1?}, p99 {:.1?}, p99.99 {:.1?}, worst {:.1?}",
        part(0.5),
        part(0.99),
        part(0.9999),
        part(1.0)
    );
}

/// What each engine gets right on labelled lines, and how fast it is there.
fn labelled() {
    let Some(folder) = std::env::var_os("FLASHWIRE_CORPUS") else {
        println!("\nSKIPPED: FLASHWIRE_CORPUS is not set; no labelled lines");
        return;
    };
    let folder = PathBuf::from(folder).join("dedup");
    for (name, read) in [("tick", labelled::tick(&folder)), ("natural", labelled::natural(&folder))]
    {
        let Some(read) = read else {
            println!("\nSKIPPED: {name} is not in {}", folder.display());
            continue;
        };
        println!(
            "\nlabelled lines, {name}: {} lines (speed: median of 5 rounds)",
            read.lines.len()
        );
        let mut rounds = vec![Vec::new(); engines().len()];
        let mut right = Vec::new();
        for round in 0..5 {
            for (n, (_, mut engine)) in engines().into_iter().enumerate() {
                let start = worked();
                let answers: Vec<(u32, Option<u32>)> = read
                    .lines
                    .iter()
                    .map(|(number, at, text)| (*number, engine.take(text, *at)))
                    .collect();
                rounds[n].push(answers.len() as f64 / (worked() - start).as_secs_f64().max(0.001));
                if round == 0 {
                    right.push(score(&read, &answers));
                }
            }
        }
        for ((engine, _), (rates, right)) in engines().iter().zip(rounds.into_iter().zip(right)) {
            println!("  {engine:<22} {:>12.0} lines/s   {right}", median(rates));
        }
    }
}

/// What MinHash finds of real repeats, and what it costs, by how it is cut into bands and from which
/// likeness on it takes a line for a repeat; with so many lines of other real words remembered, as
/// full bands make the chains overflow.
fn bands(size: usize) {
    let Some(folder) = std::env::var_os("FLASHWIRE_CORPUS") else {
        println!("\nSKIPPED: FLASHWIRE_CORPUS is not set; no labelled lines");
        return;
    };
    let folder = PathBuf::from(folder).join("dedup");
    let Some(read) = labelled::natural(&folder) else {
        println!("\nSKIPPED: natural is not in {}", folder.display());
        return;
    };
    let others = labelled::all(&folder, "natural");
    println!("\nnatural lines behind {size} others");
    let run = |name: &str, engine: &mut dyn Engine| {
        let mut spun = Spun::new(&others);
        let mut at = 0;
        let others = many(&mut || spun.line(), size);
        let (most, last) = others.split_at(size - size / 10);
        speed(engine, most, &mut at);
        let rate = speed(engine, last, &mut at);
        let mut answers = Vec::new();
        for (number, _, text) in &read.lines {
            at += 1;
            let of = engine.take(text, at).map(|of| of.wrapping_sub(size as u32));
            answers.push((*number, of));
        }
        println!("  {name:<24} {rate:>9.0} lines/s   {}", score(&read, &answers));
    };
    run("flashwire", &mut Flashwire::new());
    for least in [0.4, 0.5, 0.6, 0.7] {
        let name = |bands: usize, rows: usize| format!("{least}: {bands} bands of {rows}");
        run(&name(14, 9), &mut MinHash::<14, 9>::new(least));
        run(&name(25, 5), &mut MinHash::<25, 5>::new(least));
        run(&name(42, 3), &mut MinHash::<42, 3>::new(least));
        run(&name(32, 4), &mut MinHash::<32, 4>::new(least));
        run(&name(16, 4), &mut MinHash::<16, 4>::new(least));
        run(&name(20, 3), &mut MinHash::<20, 3>::new(least));
        run(&name(10, 3), &mut MinHash::<10, 3>::new(least));
        run(&name(6, 3), &mut MinHash::<6, 3>::new(least));
        run(&name(6, 2), &mut MinHash::<6, 2>::new(least));
    }
}

/// How many of the repeats were found, and how many lines were held back that had to be told. A
/// repeat called the repeat of something else is not found, and wrong.
fn score(read: &Labelled, answers: &[(u32, Option<u32>)]) -> String {
    let numbers: Vec<u32> = read.lines.iter().map(|line| line.0).collect();
    let group = |at: u32| {
        numbers.get(at as usize).and_then(|number| read.labels.get(number)).map(|l| &l.group)
    };
    let (mut repeats, mut found, mut told, mut wrong) = (0, 0, 0, 0);
    for (number, of) in answers {
        let Some(label) = read.labels.get(number) else { continue };
        let fits = of.is_some_and(|of| label.group.is_empty() || group(of) == Some(&label.group));
        if label.repeat {
            repeats += 1;
            found += u32::from(fits);
        } else {
            told += 1;
            wrong += u32::from(of.is_some());
        }
    }
    format!("repeats found {found} of {repeats}, held back wrongly {wrong} of {told}")
}

/// A page that is dropped again and again without a change, as the desk has it: the drafts are
/// there, and each is judged.
fn unchanged(page: &[String]) {
    let mut floor = Floor::default();
    let mut own = Flashwire::new();
    for line in page {
        floor.take(line, 0);
        own.take(line, 0);
    }
    let drafts: Vec<[Draft; 1]> = page.iter().map(|line| own::draft(line)).collect();
    let mut ratios = Vec::new();
    for _ in 0..9 {
        let start = worked();
        for line in (0..50_000).flat_map(|_| page) {
            black_box(floor.take(line, 0));
        }
        let bare = worked() - start;
        let start = worked();
        for _ in 0..50_000 {
            let facts = own.facts(0);
            for draft in &drafts {
                // Looked at where it is: a verdict handed to `black_box` is copied for it.
                let verdict = own.memory.judge(&facts, draft, 0);
                black_box(&verdict);
            }
        }
        ratios.push(bare.as_secs_f64() / (worked() - start).as_secs_f64());
    }
    println!(
        "\na page of {} lines, unchanged: {:.2} of the floor (hash and one probe)",
        page.len(),
        median(ratios)
    );
}

/// A restart: stored events taken in and nothing judged.
fn fold(size: usize) {
    let mut source = Lines::new();
    let mut own = Flashwire::new();
    let (mut gist, mut read, mut folded) = (Gist::default(), Duration::ZERO, Duration::ZERO);
    for at in 1..=size as i64 {
        let time = Timestamp::from_millisecond(at).unwrap_or_default();
        let event = own::event(at as u64, &source.line(), time);
        (read, folded) = recall(&mut own, &mut gist, &event, (read, folded));
    }
    own.memory.settle();
    println!(
        "\nrestart: {size} events read in {:.2} s and folded in {:.2} s, beside each other",
        read.as_secs_f64(),
        folded.as_secs_f64()
    );
}

/// Takes in a stored event; adds the time it took to read and to fold it.
fn recall(
    own: &mut Flashwire,
    gist: &mut Gist,
    event: &Event,
    (read, folded): (Duration, Duration),
) -> (Duration, Duration) {
    let json = serde_json::to_string(event).expect("an event has a JSON");
    let start = clock();
    gist.refill(&Stored::Event(&json), own.memory.seed()).expect("it is an event's");
    let between = clock();
    own.memory.recall(gist);
    (read + (between - start), folded + (clock() - between))
}

/// A restart on articles: some 4 kB of text each, in 25 paragraphs.
fn articles(count: usize) {
    let mut source = Lines::new();
    let mut own = Flashwire::new();
    let (mut gist, mut read, mut folded) = (Gist::default(), Duration::ZERO, Duration::ZERO);
    for at in 1..=count as i64 {
        let paragraphs: Vec<String> =
            (0..25).map(|_| format!("{}, {}.", source.line(), source.line())).collect();
        let time = Timestamp::from_millisecond(at).unwrap_or_default();
        let mut event = own::event(at as u64, "", time);
        event.item = Item::Article(Box::new(Article {
            headline: Some(source.line()),
            body: paragraphs.join("\n\n"),
            ..Article::default()
        }));
        (read, folded) = recall(&mut own, &mut gist, &event, (read, folded));
    }
    own.memory.settle();
    let each = |time: Duration| time / count as u32;
    println!(
        "\nrestart: {count} articles read in {:.1?} each and folded in {:.1?} each",
        each(read),
        each(folded)
    );
}

/// The case where not the lines are made to hurt, but their names.
const ALIKE: &str = "events whose names begin alike";

/// Lines made to hurt. What one line costs must not grow with what is remembered.
fn worst() {
    println!("\nlines made to hurt: processor time a line, first and last tenth of them");
    let mut dice = Dice(77);
    let shuffled = (0..20_000).map(|_| {
        let mut words = ["ka", "ro", "mi", "ten", "vel", "dor", "pun", "lem", "gash", "wen"];
        for at in (1..10).rev() {
            words.swap(at, dice.below(at + 1));
        }
        words.join(" ")
    });
    let village = |n| format!("sirens sounding near village {n}");
    let but_one = |n| format!("talks on the harbour of velmar go on into day {n} without result");
    let long = |n| format!("{n} {}", "long line ".repeat(5_000));
    let ten = |n| format!("{}{n}", "av bv cv dv ev fv gv hv iv jv ".repeat(9));
    let rare = |n| format!("zzq{} zzq{} zzq{n}", n / 2, n / 3);
    let emoji = |n: u32| -> String {
        (0..4).filter_map(|at| char::from_u32(0x1f300 + (n >> (8 * at) & 0xff))).collect()
    };
    let empty = ["the", "of", "and", "in", "to", "a", "for", "on", "with", "by", "at", "from"];
    let stop = move |n: usize| -> String {
        let words: Vec<&str> = (0..8).map(|at| empty[(n / 12_usize.pow(at)) % 12]).collect();
        words.join(" ")
    };
    let cases: Vec<(&str, Box<dyn Iterator<Item = String>>)> = vec![
        ("the same ten words shuffled", Box::new(shuffled)),
        ("one word in a million lines", Box::new((0..1_000_000).map(village))),
        ("all words but one, a million times", Box::new((0..1_000_000).map(but_one))),
        ("new words only, a million lines", Box::new((0..1_000_000).map(rare))),
        ("10,000 words a line", Box::new((0..100).map(long))),
        ("numbers only", Box::new((0..20_000).map(|n| format!("{} {} {n}", n % 97, n % 89)))),
        ("emoji only", Box::new((0..20_000).map(emoji))),
        ("stop words only", Box::new((0..20_000).map(stop))),
        ("ten words ten times", Box::new((0..2_000).map(ten))),
        (ALIKE, Box::new((0..100_000).map(village))),
    ];
    for (name, lines) in cases {
        let lines: Vec<String> = lines.collect();
        let mut own = Flashwire::new();
        own.alike = name == ALIKE;
        let mut at = 0;
        let mut longest = Duration::ZERO;
        let mut answers: HashMap<bool, u32> = HashMap::new();
        let tenth = lines.len() / 10;
        let mut each = Vec::new();
        for part in lines.chunks(tenth) {
            let start = worked();
            for line in part {
                let one = clock();
                at += 1;
                let known = black_box(own.take(line, at)).is_some();
                longest = longest.max(clock() - one);
                *answers.entry(known).or_default() += 1;
            }
            each.push((worked() - start) / part.len() as u32);
        }
        let held = answers.get(&true).copied().unwrap_or(0);
        println!(
            "  {name:<36} {:>9.1?} {:>9.1?}, longest {longest:.1?}, {held} held back",
            each[0],
            each[each.len() - 1]
        );
    }
}
