//! Articles: seen again, changed, on other sites.

use super::{super::*, desk::Desk};

#[test]
fn ticker_and_article_are_at_most_related() {
    let headline = "Velmar harbour reopens after three-day storm";
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[headline]);
    let article = desk.article("Harbour Wire", 1, None, headline, BODY);
    assert_eq!(article.decision, Decision::Related);
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, None, headline, BODY);
    assert_eq!(desk.ticker("Harbour Wire", 1, &[headline])[0].decision, Decision::Related);
}

const BODY: &str = "The harbour of Velmar reopened on Tuesday after a storm that had kept every ship in the bay for three days, the port authority said.\n\n\
    At least 9 fishing boats were lost and the northern pier was damaged along most of its length, according to a first survey by engineers.\n\n\
    Ferry traffic to Orvik and the outer islands will follow the winter timetable until the pier has been repaired, a spokeswoman told reporters.\n\n\
    Fuel for the islands is to be carried by army helicopters until then, and schools stay closed for the rest of the week.";

#[test]
fn an_article_seen_again() {
    let url = Some("https://harbour.example/2031/03/velmar-harbour-reopens-after-storm");
    let headline = "Velmar harbour reopens";
    let mut desk = Desk::new();
    assert_eq!(desk.article("Harbour Wire", 0, url, headline, BODY).decision, Decision::New);
    // The page again, with another sidebar only.
    let again = desk.article("Harbour Wire", 3, url, headline, BODY);
    assert_eq!((again.decision, again.rule), (Decision::Repeat, "same article"));
    // Spelling and punctuation.
    let minor =
        desk.article("Harbour Wire", 4, url, headline, &BODY.replace("helicopters", "helicoptrs"));
    assert_eq!((minor.decision, minor.rule), (Decision::Repeat, "minor change"));
    assert_eq!(minor.change.unwrap().size, crate::item::ChangeSize::Minor);
    // A figure, at once.
    let more = BODY.replace("At least 9 fishing boats", "At least 14 fishing boats");
    let figure = desk.article("Harbour Wire", 6, url, headline, &more);
    assert_eq!(figure.decision, Decision::Update);
    assert_eq!(figure.differs, ["figure 9 → 14"]);
    let words = figure.change.unwrap().words;
    assert_eq!((words[0].was.as_str(), words[0].now.as_str()), ("9", "14"));
    // Back to the first version: counted, not told.
    let back = desk.article("Harbour Wire", 7, url, headline, BODY);
    assert_eq!((back.decision, back.rule), (Decision::Repeat, "earlier version"));
    // Another change within five minutes waits; then it is told.
    let reworded = more.replace("schools stay closed", "clinics and the museum stay closed");
    let soon = desk.article("Harbour Wire", 8, url, headline, &reworded);
    assert_eq!((soon.decision, soon.rule), (Decision::Repeat, "updated a moment ago"));
    let later = desk.article("Harbour Wire", 20, url, headline, &reworded);
    assert_eq!(later.decision, Decision::Update);
    assert_eq!(later.of.unwrap().version, 2);
    let figure_again = desk.article(
        "Harbour Wire",
        21,
        url,
        headline,
        &reworded.replace("14 fishing", "15 fishing"),
    );
    assert_eq!(figure_again.decision, Decision::Update);
}

#[test]
fn an_article_on_another_site() {
    let mut desk = Desk::new();
    desk.article(
        "Harbour Wire",
        0,
        Some("https://harbour.example/a/1"),
        "Velmar harbour reopens",
        BODY,
    );
    let copy = desk.article(
        "Port Times",
        9,
        Some("https://porttimes.example/x/77"),
        "Harbour in Velmar open again",
        BODY,
    );
    assert_eq!(copy.decision, Decision::Repeat, "{}", copy.rule);
    let other = desk.article(
        "Port Times",
        12,
        Some("https://porttimes.example/x/78"),
        "Choir festival in Dornach sold out",
        "The choir festival in Dornach has sold all of its tickets for the second year in a row, the organisers said on Friday morning.",
    );
    assert_eq!(other.decision, Decision::New);
}

#[test]
fn two_articles_of_one_running_story() {
    let mut desk = Desk::new();
    desk.article(
        "Harbour Wire",
        0,
        Some("https://harbour.example/2031/03/velmar-harbour-reopens-after-storm"),
        "Velmar harbour reopens",
        BODY,
    );
    // The next day's report tells the background again in one paragraph of its own four.
    let background = BODY.split("\n\n").nth(1).unwrap();
    let body = format!(
        "Insurers in Velmar expect claims of more than 40 million crowns after the storm that closed the harbour, their association said on Wednesday.\n\n\
         {background}\n\n\
         Owners of smaller boats are mostly not covered, according to the association, which wants the government to set up a fund for them.\n\n\
         Parliament is to debate the matter next week, and the minister of transport has promised a first payment before the end of the month."
    );
    let next = desk.article(
        "Port Times",
        24 * 60,
        Some("https://porttimes.example/news/insurers-expect-claims-after-velmar-storm"),
        "Insurers expect 40 million in claims after Velmar storm",
        &body,
    );
    assert_ne!(next.decision, Decision::Repeat, "{}", next.rule);
    assert_ne!(next.decision, Decision::Update, "{}", next.rule);
}

#[test]
fn a_copy_elsewhere_with_another_figure_says_which_words_changed() {
    let mut desk = Desk::new();
    desk.article(
        "Harbour Wire",
        0,
        Some("https://harbour.example/a/1"),
        "Velmar harbour reopens",
        BODY,
    );
    // The other site cuts the last paragraph and adds a line of its own.
    let mut paragraphs: Vec<&str> = BODY.split("\n\n").collect();
    paragraphs.pop();
    let own = "Read our guide to winter sailing on the northern coast of Velmaria this year.";
    let copy = format!("{}\n\n{own}", paragraphs.join("\n\n"));
    let same = desk.article("Port Times", 9, None, "Velmar harbour reopens", &copy);
    assert_eq!(same.decision, Decision::Repeat, "{}", same.rule);
    let changed = copy.replace("At least 9 fishing boats", "At least 14 fishing boats");
    let update = desk.article("Kelso Desk", 20, None, "Velmar harbour reopens", &changed);
    assert_eq!((update.decision, update.rule), (Decision::Update, "figure changed"));
    let words = update.change.unwrap().words;
    assert!(words.iter().any(|w| w.was == "9" && w.now == "14"), "{words:?}");
}

#[test]
fn a_copy_elsewhere_in_another_shape_is_a_repeat() {
    let first = |desk: &mut Desk| {
        let url = Some("https://harbour.example/a/1");
        desk.article("Harbour Wire", 0, url, "Storm kept 9 ships in Velmar", BODY)
    };
    let paragraphs: Vec<&str> = BODY.split("\n\n").collect();
    let joined =
        format!("{} {}\n\n{} {}", paragraphs[0], paragraphs[1], paragraphs[2], paragraphs[3]);
    // The headline's figure stands elsewhere, a dateline has one of its own, paragraphs are joined.
    for (headline, body) in [
        ("In Velmar storm kept 9 ships", BODY.to_owned()),
        ("Velmar harbour reopens", format!("VELMAR, March 3 (NPW) - {BODY}")),
        ("Storm kept 9 ships in Velmar", joined),
    ] {
        let mut desk = Desk::new();
        first(&mut desk);
        let copy = desk.article("Port Times", 9, None, headline, &body);
        assert_eq!(copy.decision, Decision::Repeat, "{headline}: {}", copy.rule);
    }
}

#[test]
fn another_beginning_elsewhere_is_told() {
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, None, "Velmar harbour reopens", BODY);
    let lede = "Divers found the wreck of a missing trawler in the bay of Velmar on Wednesday and recovered the log of its captain.";
    let told = desk.article("Port Times", 9, None, "Wreck found", &format!("{lede}\n\n{BODY}"));
    assert_ne!(told.decision, Decision::Repeat, "{}", told.rule);
}

#[test]
fn one_template_with_other_names_is_another_article() {
    let article = |name: &str, school: &str, age: u32| {
        format!(
            "{name} has been named head of the {school} school in the north of Velmaria, the school board said in a statement on Tuesday evening.\n\n\
             The new head, {age}, will take up the post at the beginning of the next school year and has been given a contract of five years by the board.\n\n\
             The board thanked the outgoing head for many years of work and wished all pupils, parents and teachers a good and healthy summer holiday.\n\n\
             Schools in the north of Velmaria have been looking for teachers for years, and many posts could not be filled before the winter."
        )
    };
    let mut desk = Desk::new();
    let first = article("Ana Varga", "Orvik", 41);
    let url = Some("https://north.example/schools/ana-varga-named-head-1");
    desk.article("North", 0, url, "Ana Varga named head of Orvik school", &first);
    let second = article("Imre Dahl", "Kelso", 52);
    let url = Some("https://north.example/schools/imre-dahl-named-head-2");
    let told = desk.article("North", 9, url, "Imre Dahl named head of Kelso school", &second);
    assert!(matches!(told.decision, Decision::New | Decision::Related), "{}", told.rule);
}

#[test]
fn a_stub_repeats_and_never_supersedes() {
    let url = Some("https://harbour.example/2031/03/velmar-harbour-reopens-after-storm");
    let lede = BODY.split("\n\n").next().unwrap();
    let stub = format!("{lede}\n\nSubscribe to read on. Already a reader? Sign in here.");
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, url, "Velmar harbour reopens", BODY);
    let cut = desk.article("Harbour Wire", 30, url, "Velmar harbour reopens", &stub);
    assert_eq!((cut.decision, cut.rule), (Decision::Repeat, "shorter cut"));
    // The other way round the whole article is news.
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, url, "Velmar harbour reopens", &stub);
    let whole = desk.article("Harbour Wire", 30, url, "Velmar harbour reopens", BODY);
    assert_eq!(whole.decision, Decision::Update, "{}", whole.rule);
}

#[test]
fn a_counter_is_no_change() {
    let url = Some("https://harbour.example/2031/03/velmar-harbour-reopens-after-storm");
    let page = |comments: u32| format!("{BODY}\n\n{comments} comments");
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, url, "Velmar harbour reopens", &page(12));
    let again = desk.article("Harbour Wire", 30, url, "Velmar harbour reopens", &page(57));
    assert_eq!(again.decision, Decision::Repeat, "{}", again.rule);
}
