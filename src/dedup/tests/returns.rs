//! Lines in time: those that come back, and versions in their order.

use super::{
    super::*,
    desk::{Desk, decisions},
};

#[test]
fn a_line_returns_when_it_was_dropped_and_stands_above_a_younger_one() {
    let (a, b) = ("Sirens are sounding near Port Amal", "Ferry traffic to Orvik halted");
    let (d, e, f) = (
        "Mayor of Velmar calls for calm",
        "Power cut in western Dornach",
        "Army opens shelters in Kelso",
    );
    let mut desk = Desk::new();
    assert_eq!(decisions(&desk.ticker("Harbour Wire", 0, &[a, b])), [Decision::New, Decision::New]);
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 5, &[d, a])),
        [Decision::Repeat, Decision::New]
    );
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 10, &[f, e, d]))[1..],
        [Decision::New, Decision::New]
    );
    let fourth = desk.ticker("Harbour Wire", 15, &[a, f, e]);
    assert_eq!(decisions(&fourth), [Decision::Repeat, Decision::Repeat, Decision::New]);
    assert_eq!(fourth[2].rule, "returned");
    assert!(fourth[2].resurfaces.is_some());
    // The first page once more, late: nothing.
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 0, &[a, b])),
        [Decision::Repeat, Decision::Repeat]
    );
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 20, &[a, f])),
        [Decision::Repeat, Decision::Repeat]
    );
}

#[test]
fn a_line_is_news_again_when_the_window_since_its_last_sighting_has_passed() {
    let line = "Sirens are sounding near Port Amal";
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[line]);
    let day = 24 * 60;
    assert_eq!(desk.ticker("Harbour Wire", 2 * day, &[line])[0].decision, Decision::Repeat);
    assert_eq!(desk.ticker("Harbour Wire", 4 * day, &[line])[0].decision, Decision::Repeat);
    let later = desk.ticker("Harbour Wire", 8 * day, &[line]).remove(0);
    assert_eq!((later.decision, later.resurfaces.is_some()), (Decision::New, true));
    // A page older than the last sighting changes nothing.
    assert_eq!(desk.ticker("Harbour Wire", day, &[line])[0].decision, Decision::Repeat);
}

#[test]
fn updates_name_the_latest_version_and_older_pages_update_nothing() {
    let line = |n: u32| format!("Ferry accident off Orvik kills {n} people");
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[&line(3)]);
    let second = desk.ticker("Harbour Wire", 10, &[&line(9)]).remove(0);
    let third = desk.ticker("Harbour Wire", 20, &[&line(12)]).remove(0);
    assert_eq!((second.decision, third.decision), (Decision::Update, Decision::Update));
    assert_eq!(third.of.unwrap().version, 2);
    assert_eq!(third.of.unwrap().thread, second.of.unwrap().id);
    // The old version shown again is a repeat; one from an older page supersedes nothing.
    assert_eq!(desk.ticker("Port Times", 30, &[&line(3)])[0].decision, Decision::Repeat);
    let older = desk.ticker("Port Times", 15, &[&line(11)]).remove(0);
    assert_eq!((older.decision, older.older), (Decision::Related, true));
    assert_eq!(older.of.unwrap().thread, second.of.unwrap().id);
}
