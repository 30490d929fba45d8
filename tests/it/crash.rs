//! `kill -9` at any moment loses nothing and doubles nothing.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use flashwire::item::Item;

use crate::daemon::Desk;

/// A page with three lines of its own and one that it shares with nine others.
pub(crate) fn page(n: usize) -> String {
    let decade = n / 10;
    format!(
        "BREAKING\n\
         Radio Vellin: Lorry number {n} with relief goods has reached the camp of Ostermund\n\
         Harbour desk: The barge Hopeful {n} was towed into the inner basin of Port Amal\n\
         District office: Village {n} of the upper valley has power again since noon\n\
         Northern Press Agency: Column {decade} of the relief convoy has crossed the pass\n"
    )
}

fn random(seed: &mut u64) -> u64 {
    // xorshift64: the moments of the kills only have to differ from run to run.
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn asked<T: std::str::FromStr<Err: std::fmt::Debug>>(variable: &str) -> Option<T> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// `FLASHWIRE_KILLS` asks for more of them, `FLASHWIRE_SEED` for the moments of an earlier run.
#[test]
fn killed_again_and_again_during_a_drop_every_draft_is_told_once() {
    const PAGES: usize = 500;
    let kills = asked("FLASHWIRE_KILLS").unwrap_or(20);
    let desk = Desk::new();
    let mut seed = asked("FLASHWIRE_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.unwrap().as_nanos() as u64 | 1
    });
    println!("FLASHWIRE_SEED={seed}");
    let mut dropped = 0;
    for round in 0..kills {
        let mut child = desk.command().spawn().unwrap();
        // Some are killed while they start, most while they write, a few once they have.
        let alive = Duration::from_micros(20_000 + random(&mut seed) % 300_000);
        let goal = PAGES * (round + 1) / kills;
        let begun = std::time::Instant::now();
        while begun.elapsed() < alive {
            if dropped < goal {
                desk.drop(&format!("{dropped}.txt"), page(dropped));
                dropped += 1;
            } else {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for page_left in dropped..PAGES {
        desk.drop(&format!("{page_left}.txt"), page(page_left));
    }
    let daemon = desk.start();
    desk.wait_for_pages(PAGES as u64);
    assert!(daemon.stop().success());

    assert_eq!(desk.verify(), Vec::<String>::new());
    let counts = desk.counts();
    assert_eq!(counts.pages.get("done"), Some(&(PAGES as u64)), "{:?}", counts.pages);
    assert_eq!(counts.sightings, 4 * PAGES as u64, "every draft is accounted for");
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    for event in desk.events() {
        let Item::Ticker(line) = &event.item else { panic!("only ticker lines were dropped") };
        *told.entry(line.headline.clone()).or_default() += 1;
    }
    let doubled: Vec<_> = told.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "told twice: {doubled:?}");
    let expected: HashSet<String> = (0..PAGES)
        .flat_map(|n| page(n).lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let missing: Vec<_> = expected.iter().filter(|line| !told.contains_key(*line)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
}
