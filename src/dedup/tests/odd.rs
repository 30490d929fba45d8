//! Lines that mean harm, or nothing.

use super::{super::*, desk::Desk};

#[test]
fn odd_lines_do_no_harm() {
    let long = "word ".repeat(10_000);
    let longer = format!("{long} end");
    let mut desk = Desk::new();
    for (n, line) in ["", "One", "🙂🙂🙂", "12 34 56", "the of and in", &long].iter().enumerate()
    {
        assert_eq!(
            desk.ticker("Harbour Wire", n as i64, &[line])[0].decision,
            Decision::New,
            "{line:.20}"
        );
    }
    for line in ["Two", "🙁🙁", "12 34 57", "of the and", &longer] {
        assert_ne!(
            desk.ticker("Port Times", 30, &[line])[0].decision,
            Decision::Repeat,
            "{line:.20}"
        );
    }
    assert_eq!(desk.ticker("Port Times", 40, &[&long])[0].decision, Decision::Repeat);
}

#[test]
fn a_collision_of_hashes_suppresses_nothing() {
    memory::store::COLLIDE.with(|collide| collide.set(true));
    let mut desk = Desk::new();
    let lines = ["Velmar harbour reopens", "Choir festival sold out", "Snow expected in Kelso"];
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(desk.ticker("Harbour Wire", n as i64, &[line])[0].decision, Decision::New);
    }
    for line in lines {
        let verdict = desk.ticker("Port Times", 9, &[line]).remove(0);
        assert_eq!(verdict.decision, Decision::Repeat);
    }
    memory::store::COLLIDE.with(|collide| collide.set(false));
}

#[test]
fn odd_lines_tell_nothing_of_each_other() {
    // Each is another line, however little there is to tell them apart.
    let lines = [
        "9",
        "9 12",
        "12 9",
        "$9",
        "9%",
        "Velmar",
        "Velmar?",
        "not",
        "the",
        "🙂 🙂",
        "🙂",
        "— — —",
        "… …",
        "Ω",
        "在",
        "在 不",
    ];
    let mut desk = Desk::new();
    for (n, line) in lines.iter().enumerate() {
        let verdict = desk.ticker("Harbour Wire", n as i64, &[line]).remove(0);
        let told = verdict.decision != Decision::Repeat;
        // A question mark is no other word.
        assert!(told || *line == "Velmar?", "{line}: {}", verdict.rule);
    }
    // A word said over and over is not the word said once more.
    let many = "storm ".repeat(95);
    desk.ticker("Harbour Wire", 20, &[&many]);
    let verdict = desk.ticker("Port Times", 21, &["storm storm storm"]).remove(0);
    assert_ne!(verdict.decision, Decision::Repeat, "{}", verdict.rule);
}
