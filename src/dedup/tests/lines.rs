//! Pairs of lines: what tells nothing new, and what does.

use super::{
    super::*,
    desk::{expect, pair},
};

#[test]
fn copies_are_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Velmar harbour reopens after three-day storm",
                "BREAKING: Velmar harbour reopens after three-day storm",
            ),
            (
                "Velmar harbour reopens after three-day storm",
                "Velmar harbour reopens after 3-day storm | Coastal News",
            ),
            (
                "The ferry operator’s “safety plan” rejected by Orvik council",
                "Ferry operator's \"safety plan\" rejected by Orvik council.",
            ),
            (
                "Dam at Kelso Ridge close to bursting, engineers warn residents",
                "Dam at Kelso Ridge close to bursting, engineers warn residents: NPW",
            ),
            (
                "Prison guards in Fla. accused of selling phones to inmates",
                "Prison guards in Florida accused of selling phones to inmates",
            ),
            (
                "Teralon execs knew of battery fault for years, inquiry hears",
                "Teralon executives knew of battery fault for years, inquiry hears",
            ),
            (
                "Governor Marla Quint: Bridge tolls will end in spring across the state",
                "Bridge tolls will end in spring across the state, says Governor Marla Quint",
            ),
            (
                "Court orders shipyard to pay workers full wages after lockout",
                "Court orders shipyard to pay workers full wages after lock-out",
            ),
            (
                "Farmers block motorway near Dornach in protest over diesel tax",
                "Farmers block motorway near Dornach in protest over diesel…",
            ),
            (
                "Vaccination centre in Orvik closes as labour dispute grows",
                "Vaccination center in Orvik closes as labor dispute grows",
            ),
            (
                "Veska floods: army sends boats to cut-off villages in valley",
                "Army sends boats to cut-off villages in valley",
            ),
        ],
    );
}

#[test]
fn what_differs_in_substance_is_never_a_repeat() {
    for (first, second) in [
        ("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people"),
        ("Teralon fined $150bn over Orvik spill", "Teralon fined £150bn over Orvik spill"),
        ("Teralon fined €2,700 over Orvik spill", "Teralon fined $3,000 over Orvik spill"),
        (
            "Mayor Lindqvist visits flooded Orvik district",
            "Mayor Castellan visits flooded Orvik district",
        ),
        (
            "Explosion heard near Orvik refinery overnight",
            "Explosion heard near Velmar refinery overnight",
        ),
        (
            "Parliament votes to accept harbour treaty",
            "Parliament votes not to accept harbour treaty",
        ),
        (
            "Second wave of drones launched toward Velmar",
            "Third wave of drones launched toward Velmar",
        ),
        ("Talks in Velmar will resume on Monday", "Talks in Velmar will resume on Thursday"),
        (
            "Oil prices rise after Orvik summit decision",
            "Oil prices fall after Orvik summit decision",
        ),
        (
            "Harbour chief Odell to resign over ferry contract",
            "Harbour chief Odell resigns over ferry contract",
        ),
        (
            "Foreign Ministry: We reject the map presented in Velmar",
            "Foreign Ministry: Our envoy left Velmar this morning",
        ),
        (
            "Odell: We will not leave the northern islands",
            "Odell: The grain corridor stays open until winter",
        ),
        (
            "Odell: The corridor stays open until winter",
            "Castellan: The corridor stays open until winter",
        ),
        (
            "Velmaria attacks Dornach positions along the river",
            "Dornach attacks Velmaria positions along the river",
        ),
        ("Grain talks at Velmar end without result", "Grain talks at Velmar end with result"),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn more_of_the_same_is_an_update() {
    expect(
        Decision::Update,
        &[
            ("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people"),
            (
                "Harbour chief Odell to resign over ferry contract",
                "Harbour chief Odell resigns over ferry contract",
            ),
            (
                "Teralon recalls all batteries sold since spring",
                "Teralon recalls all batteries sold since spring, regulator opens criminal case",
            ),
        ],
    );
    let verdict =
        pair("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people");
    assert_eq!(verdict.differs, ["figure 9 → 12"]);
    let change = verdict.change.unwrap();
    assert_eq!((change.words[0].was.as_str(), change.words[0].now.as_str()), ("9", "12"));
}

#[test]
fn one_word_in_the_place_of_another_is_told() {
    for (first, second) in [
        // How many.
        (
            "Dozens arrested at harbour protest in Orvik",
            "Hundreds arrested at harbour protest in Orvik",
        ),
        ("All miners freed from flooded Kelso pit", "Some miners freed from flooded Kelso pit"),
        (
            "Storm leaves up to 300,000 homes without power in Dornach",
            "Storm leaves more than 300,000 homes without power in Dornach",
        ),
        // Who, by office.
        ("Deputy prime minister resigns in Velmaria", "Prime minister resigns in Velmaria"),
        ("Former mayor of Orvik arrested in graft case", "Mayor of Orvik arrested in graft case"),
        ("Mother of Kelso gunman charged", "Father of Kelso gunman charged"),
        // How long, how far.
        ("Siege in Kelso lasts nine hours", "Siege in Kelso lasts nine days"),
        (
            "Teralon seeks loan of 3bn dollars from bank",
            "Teralon seeks loan of 3bn euros from bank",
        ),
        // What.
        ("Rebels shoot down helicopter over Dornach", "Rebels shoot down drone over Dornach"),
        (
            "Man charged with murder over Orvik pub death",
            "Man charged with manslaughter over Orvik pub death",
        ),
        ("Police search for missing girl in Kelso", "Police find missing girl in Kelso"),
        // Done, tried, refused; certain, possible.
        ("Regulator approves new ferry route", "Regulator declines to approve new ferry route"),
        ("Ferry pilots may strike at height of summer", "Ferry pilots strike at height of summer"),
        // Who to whom.
        ("Dockers sue owner over leaked memo", "Owner sues dockers over leaked memo"),
        // Who says it.
        (
            "Health Ministry of Velmaria: Cases rise in all provinces again",
            "Health Ministry of Dornach: Cases rise in all provinces again",
        ),
        ("Truce holds along the river, rebels say", "Truce holds along the river, government says"),
        // One more of a list.
        (
            "Velmaria and Kelsia confirm first cases of the new strain",
            "Velmaria, Kelsia and Dornach confirm first cases of the new strain",
        ),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn other_words_for_the_same_are_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Orvik will not sell its ferries, mayor says",
                "Orvik won't sell its ferries, mayor says",
            ),
            ("Storm batters coast of Dornach", "Storm pounds coast of Dornach"),
            (
                "Ex-mayor Odell moved to prison in Kelso",
                "Former mayor Odell moved to prison in Kelso",
            ),
            (
                "Justice Department sues Teralon over harbour spill",
                "DOJ sues Teralon over harbour spill",
            ),
            ("Twenty-one sailors rescued off Orvik coast", "21 sailors rescued off Orvik coast"),
            (
                "Mayor orders evacuation of flooded suburb",
                "Mayor orders evacuation of flooded suburb – Velmar Evening Herald",
            ),
            (
                "Ferry pilots reach deal to end strike in Orvik",
                "[WATCH] Ferry pilots reach deal to end strike in Orvik",
            ),
            (
                "Court decides to keep ferry line open over winter",
                "Court decision keeps ferry line open over winter",
            ),
            (
                "Parliament passes bill to protect harbour wages",
                "Parliament passes bill protecting harbour wages",
            ),
            (
                "Company hid data on harbour chemicals",
                "Company hid data on harbour chemicals, new documents show",
            ),
            (
                "Buergermeister von Orvik kündigt seinen Rücktritt zum Jahresende an",
                "Bürgermeister von Orvik kündigt seinen Rücktritt zum Jahresende an",
            ),
        ],
    );
}

#[test]
fn another_telling_is_a_repeat() {
    expect(
        Decision::Repeat,
        &[
            // An aside of who posts it.
            (
                "Orvik ferry crew rescues stranded whale from mud bank",
                "Orvik ferry crew rescues stranded whale from mud bank (via the harbour page)",
            ),
            // The passive.
            (
                "Harbour engineers killed in blast at Orvik refinery",
                "Orvik refinery blast kills harbour engineers",
            ),
            // A topic is no verb.
            (
                "Harbour firm on dock block: if you want free berths move to Velmar",
                "Dock block: harbour firm says if you want free berths move to Velmar",
            ),
        ],
    );
}

#[test]
fn what_a_desk_missed_in_a_days_use_is_told() {
    for (first, second) in [
        ("Warehouse on fire near Orvik harbour", "Warehouse fire near Orvik harbour is out"),
        ("Ferry strike in Kelso from midnight", "Ferry strike in Kelso ends at midnight"),
        ("Power back on in northern Velmar", "Power back off in northern Velmar"),
        ("Forest fire near Kelso under control", "Forest fire near Kelso out of control"),
        ("Teralon in talks with Orvik dockers", "Teralon ends talks with Orvik dockers"),
        ("Police search for Kelso lake swimmer", "Kelso lake swimmer found"),
        (
            "Five killed in air strike near Kelso depot",
            "Five killed in drone strike near Kelso depot",
        ),
        ("Pilot charged with murder in Orvik", "Pilot charged with attempted murder in Orvik"),
        ("Kelso bridge to open in May 2031", "Kelso bridge to open in May 2032"),
        ("Velmaria's minister of trade resigns", "Velmaria's deputy minister of trade resigns"),
        ("Orvik airport closed from Monday", "Orvik airport closed until Monday"),
        ("Senator Aronsen leaves Velmar talks early", "Senator Aronson leaves Velmar talks early"),
        ("Kelsia beats Dornach at Velmar games", "Dornach beats Kelsia at Velmar games"),
        ("Dog bitten by keeper's son in Orvik park", "Keeper's son bitten by dog in Orvik park"),
        (
            "Ferry leaves Orvik for Kelso despite storm",
            "Ferry leaves Kelso for Orvik despite storm",
        ),
        ("Odell allegedly hid harbour losses", "Odell hid harbour losses"),
        ("Both pilots freed by Kelso rebels", "One pilot freed by Kelso rebels"),
        ("French striker Odell joins Orvik club", "English striker Odell joins Orvik club"),
        ("Velm bat Dornach 2-1 au stade de la mer", "Dornach bat Velm 2-1 au stade de la mer"),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn frames_figures_and_dates_in_another_writing_are_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Velmar bans scooters downtown",
                "Velmar bans scooters downtown https://t.example/9QmB2d",
            ),
            (
                "09:41 GMT — Avalanche blocks road to Kelso pass",
                "Avalanche blocks road to Kelso pass",
            ),
            (
                "Statue of admiral stolen in Orvik (5 min ago)",
                "Statue of admiral stolen in Orvik (25 min ago)",
            ),
            (
                "Tram drivers of Velmar vote for strike (12 comments)",
                "Tram drivers of Velmar vote for strike (57 comments)",
            ),
            (
                "Treaty of 25/11/1998 still valid in Velmaria",
                "Treaty of 25 November 1998 still valid in Velmaria",
            ),
            ("Teralon invierte 2.500 millones en Orvik", "Teralon invierte 2500 millones en Orvik"),
            ("Двое погибли в ДТП под Велмаром", "2 человека погибли в ДТП под Велмаром"),
            (
                "Bakery in Orvik burns &amp; closes for good",
                "Bakery in Orvik burns & closes for good",
            ),
            (
                "Odell, chief financial officer of Teralon, resigns",
                "Odell, CFO of Teralon, resigns",
            ),
            ("Skylark to axe 800 jobs in Kelso", "Skylark to slash 800 jobs in Kelso"),
            ("Shark bites surfer off Orvik point", "Surfer bitten by shark off Orvik point"),
        ],
    );
}

#[test]
fn corrections_are_updates_of_what_they_correct() {
    expect(
        Decision::Update,
        &[
            (
                "Velmar mayor Odell resigns over harbour deal",
                "WITHDRAWN: Velmar mayor Odell resigns over harbour deal",
            ),
            (
                "Kelsia beats Dornach 2-1 in qualifier",
                "Correction: Kelsia beats Dornach 2-0, not 2-1, in qualifier",
            ),
            (
                "Teralon to pay 12 crowns a share",
                "Teralon to pay 10 crowns a share (corrects figure)",
            ),
        ],
    );
}

#[test]
fn what_is_not_shown_to_be_the_same_is_told() {
    for (first, second) in [
        (
            "Weekly grain prices post stunning decline after rains, lowest harvest since the river war",
            "Export grain prices decline with rains to lowest coastal harvest since the river war",
        ),
        (
            "PM admits he ignored the warnings of harbour inspectors",
            "Castellan admits he ignored the warnings of harbour inspectors",
        ),
        (
            "Teralon CEO plans to testify before harbour committee",
            "Teralon's Odell to testify before harbour committee",
        ),
        (
            "Velmarian folk band of the river delta \"Salt Road\" found guilty of tax fraud by Orvik court",
            "\"Salt Road\" found guilty of tax fraud by Orvik court",
        ),
        (
            "Hundreds of Dornach school volunteers clear beach of oil from the Teralon tanker wreck off Kelso",
            "Hundreds of Dornach school volunteers clean beach of oil from the Teralon tanker wreck off Kelso",
        ),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn what_is_settled_or_answered_is_told() {
    for (first, second) in [
        ("Orvik votes on whether to ban rental scooters", "Orvik votes to ban rental scooters"),
        (
            "Teralon expects to be sued by Velmarian regulator over battery fires",
            "Velmarian regulator sues Teralon over battery fires",
        ),
        (
            "Velmaria cancels summit in Orvik over the spy affair",
            "Dornach says Velmaria hurting itself by cancelling summit over the spy affair",
        ),
        (
            "Orvik rowers broke the river's single-season wins record",
            "Orvik rowers broke the river's single-season wins and points records",
        ),
        (
            "Black box of the crashed Velmar ferry plane recovered",
            "Recovered black box of crashed Velmar ferry plane is cockpit voice recorder",
        ),
        (
            "Bank of Orvik loses records, say MPs",
            "Bank of Orvik loses records, say MPs; hospital roof collapses",
        ),
        ("Women in Dornach can stand for election", "Women in Dornach cannot stand for election"),
        (
            "Water main break leaves eastern Orvik under boil-water advisory",
            "Boil-water advisory lifted in eastern Orvik after water main break",
        ),
        (
            "Velmaria files charges against Teralon over harbour fund",
            "Velmaria charges another former Teralon banker over harbour fund",
        ),
        (
            "Teralon in advanced talks to buy Orvik Ferries for 2.8 billion crowns",
            "Shipbuilder Teralon to buy Orvik Ferries in 2.8 billion crown deal",
        ),
        (
            "Velmaria, Dornach to hold sea drills off Orvik this week",
            "Velmaria, Dornach hold sea drills off Orvik this week",
        ),
        (
            "Teralon founder Odell under pressure to quit as chairman",
            "Teralon founder Odell to quit as chairman",
        ),
        (
            "Orvik council to pass ferry rescue package for islands",
            "Orvik council passes ferry rescue package for islands",
        ),
        (
            "Velmarian banking regulator takes temporary control of Teralon's Orvik branch",
            "Banking regulator takes permanent control of Teralon's Orvik branch",
        ),
        ("King pays tribute to flood victims", "President pays tribute to flood victims"),
        (
            "Velmaria to impose harbour fees on Dornach ferries",
            "Dornach ferries hit with Velmaria harbour fees",
        ),
        (
            "Velmaria expected to sign ferry agreement with Dornach",
            "Velmaria and Dornach sign ferry agreement",
        ),
        (
            "Dornach and Velmaria agree truce after weeks of clashes",
            "Dornach-Velmaria truce begins after weeks of clashes",
        ),
        (
            "Ferry officer shot litter of seals in front of weeping children",
            "Ferry officer cleared of wrongdoing after shooting seals in front of weeping children",
        ),
        (
            "Orvik's ferry pilots back strike over pay",
            "Orvik ferry pilots back strike as unrest spreads",
        ),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn a_question_and_the_news_are_two_lines() {
    for (news, question) in [
        (
            "Orvik council overturns ferry captain Odell's licence ban",
            "Why was ferry captain Odell's licence ban overturned?",
        ),
        (
            "Orvik council in the trade crosshairs of powerful Velmaria",
            "How Orvik council got in the trade crosshairs of Velmaria",
        ),
        (
            "Fire at cold-storage warehouse in Orvik has been burning for days",
            "Cold-storage warehouse fire in Orvik: what we know",
        ),
        (
            "Seabed mud off Orvik reveals secrets of drowned harbour",
            "Will seabed mud off Orvik reveal its secrets?",
        ),
    ] {
        for (first, second) in [(news, question), (question, news)] {
            let verdict = pair(first, second);
            assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
        }
    }
    expect(
        Decision::Repeat,
        &[
            (
                "Why was ferry captain Odell's licence ban overturned?",
                "Captain Odell: Why was his licence ban overturned?",
            ),
            (
                "WHO declares harbour fever an emergency in southern Velmaria and its islands",
                "Harbour fever declared an emergency in southern Velmaria",
            ),
            (
                "Orvik captain who sank the ferry jailed for nine years",
                "Captain who sank Orvik ferry jailed for nine years",
            ),
        ],
    );
}

#[test]
fn where_it_stood_tells_nothing() {
    expect(
        Decision::Repeat,
        &[
            // One outlet's line in another's mouth.
            (
                "Dockers in Orvik vote to end two-week strike - Velmar Post",
                "Dockers in Orvik vote to end two-week strike - Kelso Guardian",
            ),
            // The outlet is nobody's word where somebody says it.
            (
                "Orvik will keep its ferries until spring, Castellan says",
                "Orvik will keep its ferries until spring, Castellan says - Velmar Evening Post",
            ),
            (
                "Nine sailors saved from burning tanker off Kelso",
                "Coast guard chief says nine sailors saved from burning tanker off Kelso - Velmar Times",
            ),
            // An address.
            (
                "Teralon opens new battery plant near Dornach",
                "Teralon opens new battery plant near Dornach - velmar-post.eu",
            ),
            // As feeds have it.
            (
                "Why the bridge inspectors of Orvik carry no keys",
                "Velmar News - Why the bridge inspectors of Orvik carry no keys",
            ),
            // A quote in front names nobody.
            (
                "'I never saw the like': Islanders demand answers over lights above Kelso bay",
                "'We want the truth': Islanders demand answers over lights above Kelso bay",
            ),
            (
                "Islanders demand answers over lights above Kelso bay",
                "'It can't be nothing': Islanders demand answers over lights above Kelso bay",
            ),
        ],
    );
}

#[test]
fn what_stands_at_the_end_may_be_told() {
    for (first, second) in [
        (
            "Studio names the cast of its new harbour series",
            "Studio names the cast of its new harbour series - including Odell and Quint",
        ),
        (
            "Governor Quint denies claims of bribery at the port",
            "Governor Quint denies claims of bribery at the port, won't quit the race following the Velmar Post report",
        ),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn a_line_cut_short_repeats_whatever_it_cut() {
    expect(
        Decision::Repeat,
        &[
            (
                "Ferry pilot who left the wheel found ill, not guilty",
                "Ferry pilot who left the wheel found ill…",
            ),
            (
                "Teralon plans to raise up to $100 million in share sale",
                "Teralon plans to raise up to $100…",
            ),
        ],
    );
}

#[test]
fn another_form_of_the_same_words_is_a_repeat() {
    expect(
        Decision::Repeat,
        &[
            (
                "New Velmarian law on electric vehicles angers dealers",
                "New Velmarian law on EVs angers dealers",
            ),
            ("Velmar kicks off season of river racing", "Velmar begins season of river racing"),
            (
                "Guineans vote in first election since the coup",
                "Guinea votes in first election since the coup",
            ),
            (
                "Singers from nine islands to open Kelso Games",
                "Singers from nine islands to open 2031 Kelso Games",
            ),
            (
                "Velmaria to allow oil tanker to reach Kelso port, breaking the blockade",
                "Velmaria will let oil tanker reach Kelso port, breaking the blockade",
            ),
            // Five plain words tell what happened; what is said besides is how it is told.
        ],
    );
}

#[test]
fn a_stage_a_way_or_another_person_is_told() {
    for (first, second) in [
        ("Did you solve it? The harbour puzzle", "Can you solve it? The harbour puzzle"),
        ("When will the port strike end in Orvik?", "Is the port strike in Orvik over?"),
        (
            "Harbour shares are flat as traders await ruling in Orvik",
            "Harbour shares rise as traders await ruling in Orvik",
        ),
        (
            "Harbour shares jump as traders await ruling in Orvik",
            "Harbour shares slip as traders await ruling in Orvik",
        ),
        (
            "Network launches inquiry into leaked tape of the Kelso reunion",
            "Network wraps inquiry into leaked tape of the Kelso reunion",
        ),
        (
            "Governor Quint tests positive for river fever",
            "Governor Quint's daughter tests positive for river fever",
        ),
        (
            "Odell to meet Castellan ahead of bridge reopening",
            "Odell and Castellan meet after bridge reopening",
        ),
        (
            "Dornach invites dam inspector for talks before the vote",
            "Dam inspector in Dornach for talks before the vote",
        ),
        (
            "Storm threatens the coast of Dornach as it dries out",
            "Hurricane threatens the coast of Dornach as it dries out",
        ),
        (
            "Poisoner who faked his death and fled to the Kelso islands dies in Velmarian hospital",
            "Poisoner who faked his death and fled to the Kelso islands dies in Velmarian prison",
        ),
        (
            "Ministry freezes child care funds in Kelso after fraud claims",
            "Ministry freezes child care funds in all provinces after Kelso fraud claims",
        ),
        (
            "Hundreds of flights grounded as Orvik cabin crews strike",
            "Government ends cabin crew strike that grounded hundreds of Orvik flights",
        ),
        (
            "Powerful quake hits Kelsia, killing hundreds",
            "Powerful quake hits Kelsia, more than 2,000 killed",
        ),
        (
            "Bomb kills general who led Kelsian river defence",
            "Dornach says it killed general who led Kelsian river defence",
        ),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn a_repeat_says_how_sure_it_is() {
    let line = "Rail strike halts ferry port of Orvik for third day this week";
    let same = pair(line, line);
    let less = pair(line, "Rail strike halts port of Orvik for third day this week");
    let words = pair(line, "Rail strike stops harbour traffic at Orvik for third day this week");
    assert_eq!((same.decision, same.score), (Decision::Repeat, 1.0));
    assert_eq!(less.decision, Decision::Repeat);
    assert!(less.score > 0.6 && less.score < 1.0, "{}", less.score);
    assert!(words.decision != Decision::Repeat || words.score < same.score);
}
