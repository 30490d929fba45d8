//! An article that is updated again within five minutes: the newest version is told by itself when
//! they are over.

use flashwire::item::{Action, Event};
use jiff::{Timestamp, ToSpan as _};

use crate::daemon::{Desk, eventually, flashwire, output};

/// The article with a last paragraph of its own.
fn page(last: &str) -> String {
    format!(
        "The Amal Courier\n\nOuter mole of Brindlemoor breaks in the autumn storm\n\n\
         By Orla Venn\n\n\
         The outer mole of Brindlemoor broke on Tuesday morning, at the hour when most of the \
         fleet lies behind it, and the sea ran into the old basin.\n\n\
         The harbour office closed both gates. It asked skippers to stay out until the wind \
         turns, which is not expected before Thursday.\n\n{last}\n"
    )
}

const FIRST: &str = "Engineers of the Ostrevane yard said that nobody had been on the wall.";
const SECOND: &str =
    "Schools in the old town stay closed for the rest of the week, the mayor said.";
const THIRD: &str = "The ferry to Skerryvore sails from the inner quay until further notice.";
const FOURTH: &str = "Army helicopters are to carry fuel and bread to the outer islands tonight.";

const FIFTH: &str = "Divers of the navy have found the lost crane upright in the mud of the basin.";

/// What the pause leaves to wait for, of its five minutes.
const LEFT: i64 = 2;

/// A folder whose article was updated so that a version captured at [`Told::within`] comes within
/// the pause.
struct Told {
    desk: Desk,
    updated: Timestamp,
}

impl Told {
    fn new() -> Self {
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        Told { desk: Desk::new(), updated: now - 10.minutes() }
    }

    /// Drops a version that was captured so many seconds after the update.
    fn drop(&self, name: &str, seconds: i64, last: &str) {
        let captured = self.updated + seconds.seconds();
        let meta = format!(
            r#"{{"url": "https://www.amal-courier.example/news/4711", "captured": "{captured}"}}"#
        );
        self.desk.drop(&format!("{name}.meta.json"), meta);
        self.desk.drop(name, page(last));
    }

    /// The first version and the update.
    fn two_versions(&self) {
        self.drop("1.txt", -600, FIRST);
        self.desk.wait_for_pages(1);
        self.drop("2.txt", 0, SECOND);
        self.desk.wait_for_pages(2);
    }

    fn held(&self) -> usize {
        self.desk.read(|wire| wire.held_back().unwrap().len()).unwrap()
    }

    /// Waits until so many events are told; gives the newest.
    fn told(&self, count: usize) -> Event {
        let event = eventually(&format!("{count} events"), || {
            let events = self.desk.events();
            (events.len() >= count).then(|| Event::clone(events.last().unwrap()))
        });
        assert_eq!(self.desk.events().len(), count);
        assert_eq!(self.desk.verify(), Vec::<String>::new());
        event
    }
}

fn ends_with(event: &Event, last: &str) {
    assert_eq!(event.action, Action::Update);
    let body = event.item.body().unwrap();
    assert!(body.ends_with(last), "{body}");
}

#[test]
fn the_newest_version_within_the_pause_is_told_by_itself() {
    let told = Told::new();
    let daemon = told.desk.start();
    told.two_versions();
    told.drop("3.txt", 60, THIRD);
    told.desk.wait_for_pages(3);
    assert_eq!((told.held(), told.desk.events().len()), (1, 2));
    told.drop("4.txt", 300 - LEFT, FOURTH);
    let event = told.told(3);
    ends_with(&event, FOURTH);
    assert_eq!(event.held_until, Some(told.updated + 5.minutes()));
    assert_eq!(event.supersedes.unwrap().version, 2);
    let counts = told.desk.counts();
    assert_eq!((counts.sightings, told.held()), (4, 0), "each page is one sighting");
    let (code, said, _) = output(
        flashwire().args(["explain", &event.id.to_string(), "--wire"]).arg(told.desk.folder()),
    );
    assert_eq!(code, Some(0));
    assert!(said.contains("4.txt") && !said.contains("3.txt"), "{said}");
    assert!(daemon.stop().success());
}

#[test]
fn a_held_version_outlives_the_process() {
    let told = Told::new();
    let daemon = told.desk.start();
    told.two_versions();
    told.drop("3.txt", 60, THIRD);
    told.desk.wait_for_pages(3);
    told.drop("4.txt", 300 - LEFT, FOURTH);
    told.desk.wait_for_pages(4);
    // Killed, not stopped.
    drop(daemon);
    let daemon = told.desk.start();
    let event = told.told(3);
    ends_with(&event, FOURTH);
    assert!(event.held_until.is_some());
    // What the pause after it is measured from is on the wire, too.
    assert!(daemon.stop().success());
    let daemon = told.desk.start();
    told.drop("5.txt", 300 + 60, FIFTH);
    told.desk.wait_for_pages(5);
    assert_eq!((told.held(), told.desk.events().len()), (1, 3));
    assert!(daemon.stop().success());
}

#[test]
fn a_version_that_has_gone_again_is_not_told() {
    let told = Told::new();
    let daemon = told.desk.start();
    told.two_versions();
    // Under one name each time, and with the very bytes that were told.
    told.drop("2.txt", 60, THIRD);
    told.desk.wait_for_pages(3);
    assert_eq!(told.held(), 1);
    told.drop("2.txt", 70, SECOND);
    eventually("the version to be let go of", || (told.held() == 0).then_some(()));
    // A figure is told at once, and what was held before it is outdated.
    told.drop("4.txt", 80, THIRD);
    told.desk.wait_for_pages(4);
    assert_eq!(told.held(), 1);
    told.drop("5.txt", 90, &format!("{SECOND} She spoke of 31 houses."));
    let event = told.told(3);
    assert!(event.held_until.is_none());
    assert_eq!(told.held(), 0);
    assert!(daemon.stop().success());
}

#[test]
fn what_is_withdrawn_takes_the_held_version_with_it() {
    let told = Told::new();
    let daemon = told.desk.start();
    told.two_versions();
    told.drop("3.txt", 60, THIRD);
    told.desk.wait_for_pages(3);
    let id = told.desk.events()[0].id.to_string();
    let (code, _, err) = output(
        flashwire()
            .args(["withdraw", &id, "--reason", "It was another mole", "--wire"])
            .arg(told.desk.folder()),
    );
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(told.held(), 0);
    assert!(daemon.stop().success());
    let file = std::fs::read(told.desk.wire()).unwrap();
    let words = b"sails from the inner quay";
    assert!(!file.windows(words.len()).any(|bytes| bytes == words), "the words are in the file");
}
