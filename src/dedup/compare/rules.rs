//! The one table of what a difference means. A difference that is not shown to say the same makes
//! the line an update or related; the strongest effect wins.

use super::{
    differences::{Differences, Kind, differences},
    slots::{Diff, EMPTY, Tie},
};
use crate::dedup::Decision;

/// What the table says of a line against one earlier line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ruling {
    pub(crate) decision: Decision,
    /// The row's name.
    pub(crate) rule: &'static str,
    pub(crate) differs: Vec<String>,
    /// For a repeat how sure that is, else how alike the two are; 0 to 1.
    pub(crate) score: f32,
}

/// How much two lines must share before anything is said of them.
#[derive(Clone, Copy, Debug)]
struct Bar {
    /// What both share, in weights of a plain word.
    shared: f32,
    /// The least share of each line that stands in the other.
    both: f32,
    /// Or this much of one line, and of the other the second.
    either: (f32, f32),
    /// Or this much of the old line.
    old: f32,
}

/// To repeat it: one word shared is too little.
const REPEAT: Bar = Bar { shared: 2.6, both: 0.6, either: (0.6, 0.0), old: 0.95 };
/// To be a newer version of it.
const UPDATE: Bar = Bar { shared: 2.0, both: 0.72, either: (2.0, 2.0), old: 0.95 };
/// To belong to its story.
const RELATED: Bar = Bar { shared: 2.6, both: 0.52, either: (0.8, 0.45), old: 2.0 };

/// To be told more of: what was told stands in the new line.
const WHOLE: Bar = Bar { shared: 2.0, both: 2.0, either: (2.0, 2.0), old: 0.93 };

/// All bars: below each of them nothing is said.
const BARS: [Bar; 4] = [REPEAT, UPDATE, RELATED, WHOLE];

/// Whether two lines belong to one story by what they name: names, places and figures that hardly
/// any other line has, and what happened.
fn linked(diff: &Diff<'_>) -> bool {
    /// Names and words they must share, in those that only one other line has.
    const SHARED: f32 = 2.4;
    /// Names among them.
    const NAMES: f32 = 0.8;
    /// What another word counts beside a name.
    const WORD: f32 = 0.6;
    if diff.shared < SHARED {
        return false;
    }
    let (mut names, mut words) = (0.0_f32, 0.0_f32);
    for (at, tie) in diff.new_to_old.iter().enumerate() {
        let Some((old, Tie::Same | Tie::Like)) = *tie else { continue };
        let term = &diff.new.terms[at];
        if term.credit || diff.old.terms[old].credit || term.roles.any(EMPTY) {
            continue;
        }
        if diff.new.name(at) || term.figure.is_some() {
            names += term.rarity;
        } else if Diff::weight(diff.new, at) > 0.3 {
            words += term.rarity;
        }
    }
    let least = diff.old_covered.min(diff.new_covered);
    let most = diff.old_covered.max(diff.new_covered);
    names >= NAMES && names + WORD * words >= SHARED && least >= 0.2 && most >= 0.3
}

impl Bar {
    fn met(self, diff: &Diff<'_>) -> bool {
        let least = diff.old_covered.min(diff.new_covered);
        let most = diff.old_covered.max(diff.new_covered);
        diff.shared >= self.shared
            && (least >= self.both
                || (most >= self.either.0 && least >= self.either.1)
                || diff.old_covered >= self.old)
    }
}

/// What a difference does to the line; the later the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// What was told, and more.
    More,
    /// A newer version of what was told.
    Update,
    /// News of its own in the same story.
    Related,
    /// A newer version, whatever else differs.
    Corrects,
}

/// One row of the table.
#[derive(Debug)]
struct Row {
    name: &'static str,
    kind: Kind,
    effect: Effect,
    /// Where it is looked for.
    languages: &'static str,
    /// An earlier line and a later one that differ so; a test.
    example: (&'static str, &'static str),
}

const ANY: &str = "all";
const LISTED: &str = "with lists";
const ENGLISH: &str = "en";
const SIGNS: &str = "without spaces";

macro_rules! rows {
    ($($name:literal $kind:ident $effect:ident $languages:ident $old:literal $new:literal;)*) => {
        &[$(Row {
            name: $name,
            kind: Kind::$kind,
            effect: Effect::$effect,
            languages: $languages,
            example: ($old, $new),
        }),*]
    };
}

/// The table. Of equally strong rows the first that applies gives the rule its name.
const TABLE: &[Row] = rows! {
    "correction" Correction Corrects LISTED
        "Velmar fire kills 9 people in harbour hotel" "CORRECTED: Velmar fire kills 7 people in harbour hotel";
    "another speaker" Speaker Related ANY
        "Odell: The corridor stays open until winter" "Castellan: The corridor stays open until winter";
    "negation" Negation Related LISTED
        "Parliament votes to accept harbour treaty" "Parliament votes not to accept harbour treaty";
    "opposite" Opposite Related LISTED
        "Oil prices rise after Orvik summit decision" "Oil prices fall after Orvik summit decision";
    "changed places" Order Related ANY
        "Velmaria attacks Dornach positions along the river" "Dornach attacks Velmaria positions along the river";
    "another relation" Relation Related LISTED
        "Attack on rangers near Kelso kills villager" "Attack by rangers near Kelso kills villager";
    "another office" Office Related LISTED
        "King pays tribute to flood victims" "President pays tribute to flood victims";
    "another person" Relative Related ENGLISH
        "Odell arrested over harbour fund in Orvik" "Odell's daughter arrested over harbour fund in Orvik";
    "another name" Name Related ANY
        "Explosion heard near Orvik refinery overnight" "Explosion heard near Velmar refinery overnight";
    "ordinal" Ordinal Related LISTED
        "Second wave of drones launched toward Velmar" "Third wave of drones launched toward Velmar";
    "day" Day Related LISTED
        "Talks in Velmar will resume on Monday" "Talks in Velmar will resume on Thursday";
    "this or the next" Nearness Related LISTED
        "Ferry pilots of Orvik to strike this week" "Ferry pilots of Orvik to strike next week";
    "figure in doubt" Quantity Related LISTED
        "Dozens arrested at harbour protest in Orvik" "Hundreds arrested at harbour protest in Orvik";
    "another rank" Rank Related LISTED
        "Deputy prime minister resigns in Velmaria" "Prime minister resigns in Velmaria";
    "another act" Act Related LISTED
        "Regulator approves new ferry route" "Regulator declines to approve new ferry route";
    "another question" Question Related ENGLISH
        "Did Orvik council approve the ferry route?" "Will Orvik council approve the ferry route?";
    "another kind" Guide Related ENGLISH
        "Orvik council overturns ferry licence ban" "Why was the ferry licence ban overturned by Orvik council?";
    "another word" Word Related ANY
        "Rebels shoot down helicopter over Dornach" "Rebels shoot down drone over Dornach";
    "other signs" Signs Related SIGNS
        "港口今天早上重新开放" "港口今天晚上重新开放";
    "left out" Dropped Related ANY
        "Missile alert drill in Vellin sends thousands to shelters" "Missile alert in Vellin sends thousands to shelters";
    "figure changed" Figure Update ANY
        "Ferry accident off Orvik kills 9 people" "Ferry accident off Orvik kills 12 people";
    "month" Month Update LISTED
        "Orvik ferry passengers up a lot in April" "Orvik ferry passengers up a lot in June";
    "figure added" FigureAdded Update ANY
        "Ferry sinks off Orvik coast in storm" "Ferry with 12 sinks off Orvik coast in storm";
    "bound" Bound Update LISTED
        "Over 300 homes flooded in Kelso valley" "Nearly 300 homes flooded in Kelso valley";
    "ordinal added" OrdinalAdded Update LISTED
        "Wave of drones launched toward Velmar" "Third wave of drones launched toward Velmar";
    "month added" MonthAdded Update LISTED
        "Orvik ferry strike to end" "Orvik ferry strike to end in June";
    "another one" Another More ENGLISH
        "Velmaria charges Teralon banker over harbour fund" "Velmaria charges another Teralon banker over harbour fund";
    "wider" Wider More ENGLISH
        "Velmaria closes schools over flood risk" "Velmaria closes all border schools over flood risk";
    "came true" CameTrue Update ENGLISH
        "Harbour chief Odell to resign over ferry contract" "Harbour chief Odell resigns over ferry contract";
    "doubt" Doubt Update ENGLISH
        "Ferry pilots may strike at height of summer" "Ferry pilots strike at height of summer";
    "confirmed" Confirmed Update LISTED
        "Ferry captain suspected dead off Orvik" "Ferry captain confirmed dead off Orvik";
    "reaction" Reaction Update LISTED
        "Orvik mayor on closing of the ferry school" "Orvik mayor defends closing of the ferry school";
    "name added" NameAdded More ANY
        "Suspect in murder of ferry captain arrested" "Suspect in murder of Velmar ferry captain arrested";
    "another beginning" AddedHead More ANY
        "Orvik ferry pilots end strike" "Union says bitter Orvik ferry pilots end strike";
    "told more" AddedInside More ANY
        "Train derails near Tilburne station" "Train carrying chlorine derails near Tilburne station";
    "told on" AddedTail More ANY
        "Teralon recalls all batteries sold since spring" "Teralon recalls all batteries sold since spring, regulator opens criminal case";
    "too long to compare" TooLong Update ANY "" "";
};

fn row(kind: Kind) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.kind == kind)
}

/// What the table says of two lines laid side by side.
pub(crate) fn rule(diff: &Diff<'_>) -> Ruling {
    let alike = diff.old_covered.min(diff.new_covered);
    let ruling = |decision, rule, differs, score| Ruling { decision, rule, differs, score };
    // Nothing but the old line's beginning, cut short in the middle of what it says.
    if diff.new.shortened && !diff.new.cut && diff.starts_alike() && diff.new.terms.len() >= 4 {
        return ruling(Decision::Repeat, "shorter", vec![], sure("shorter", alike));
    }
    // Most lines that are compared at all have too little in common for anything to be said.
    if !BARS.iter().any(|bar| bar.met(diff)) && alike < REPEAT.both {
        if linked(diff) {
            return ruling(Decision::Related, "shared names", vec![], alike);
        }
        return ruling(Decision::New, "too little in common", vec![], alike);
    }
    let found = differences(diff);
    let Some(strongest) = strongest(&found) else { return repeat(diff, found, alike) };
    let differs = found.words();
    let decision = match strongest.effect {
        Effect::More if WHOLE.met(diff) => Decision::Update,
        Effect::Update if UPDATE.met(diff) => Decision::Update,
        Effect::Corrects if RELATED.met(diff) || UPDATE.met(diff) => Decision::Update,
        _ if RELATED.met(diff) || linked(diff) => Decision::Related,
        _ => Decision::New,
    };
    ruling(decision, strongest.name, differs, alike)
}

/// The row of the strongest effect.
fn strongest(found: &Differences) -> Option<&'static Row> {
    let rows = || found.open.iter().filter_map(|open| row(open.kind));
    let most = rows().map(|row| row.effect).max()?;
    TABLE.iter().find(|row| row.effect == most && rows().any(|other| other.kind == row.kind))
}

/// Each difference says nothing new: a repeat, where enough is shared.
fn repeat(diff: &Diff<'_>, found: Differences, alike: f32) -> Ruling {
    let rule = match (found.shorter, found.filled) {
        (true, _) => "shorter",
        (_, true) => "filled in",
        _ => "same words",
    };
    // Figures alone, in another order, are other figures; and one word shared is too little.
    let mut words = (0..diff.new.terms.len())
        .filter(|&at| diff.new_to_old[at].is_some() && diff.new.terms[at].figure.is_none())
        .filter(|&at| Diff::weight(diff.new, at) >= 0.25)
        .map(|at| diff.new.terms[at].number);
    let first = words.next();
    let one = words.all(|word| Some(word) == first);
    let told = rule != "shorter" || diff.plain >= 2 || (diff.plain == 1 && alike >= 0.65);
    if !one && told && (REPEAT.met(diff) || alike >= REPEAT.both) {
        let score = sure(rule, alike);
        return Ruling { decision: Decision::Repeat, rule, differs: found.discharged, score };
    }
    let decision = if RELATED.met(diff) { Decision::Related } else { Decision::New };
    Ruling { decision, rule: "too little in common", differs: found.discharged, score: alike }
}

/// How often a repeat by this rule, with this much in common, is one: measured on some 900 pairs of
/// headlines with the edits that outlets make, read one by one, and, at half their weight, on pairs
/// of headlines and sentences that others have judged (STS headlines, MRPC). Each step is drawn
/// towards nine in ten by five pairs more, and made to rise.
fn sure(rule: &str, alike: f32) -> f32 {
    let steps: &[(f32, f32)] = match rule {
        "same words" => &[(0.4, 0.95), (0.9, 0.96), (0.95, 0.975), (1.0, 1.0)],
        "filled in" => &[(0.5, 0.9), (0.7, 0.92), (0.8, 0.96), (0.9, 0.98)],
        _ => &[(0.4, 0.8), (0.6, 0.84), (0.7, 0.86), (0.8, 0.92), (0.9, 0.95), (1.0, 0.98)],
    };
    let after = steps.iter().position(|&(from, _)| alike < from);
    match after {
        Some(0) => steps[0].1,
        Some(at) => {
            let ((a, low), (b, high)) = (steps[at - 1], steps[at]);
            low + (high - low) * (alike - a) / (b - a)
        }
        None => steps[steps.len() - 1].1,
    }
}

/// The table as people read it.
pub(crate) fn shown() -> String {
    let mut text = format!(
        "A difference between two lines that nothing shows to say the same makes the later one an \
         update or related;\nof several the strongest counts. A repeat shares weight {} and {:.0} % \
         of both lines, an update {} and {:.0} %,\na related line {} and {:.0} %.\n\n",
        REPEAT.shared,
        100.0 * REPEAT.both,
        UPDATE.shared,
        100.0 * UPDATE.both,
        RELATED.shared,
        100.0 * RELATED.both,
    );
    for row in TABLE {
        let effect = match row.effect {
            Effect::More => "update, told whole",
            Effect::Update => "update",
            Effect::Related => "related",
            Effect::Corrects => "update, above all others",
        };
        text += &format!("{:<20} {effect:<26} {}\n", row.name, row.languages);
        if !row.example.0.is_empty() {
            text += &format!("    {}\n    {}\n", row.example.0, row.example.1);
        }
    }
    text
}

/// The examples of the rows, each with its row's name.
#[cfg(test)]
pub(crate) fn examples() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let told = TABLE.iter().filter(|row| !row.example.0.is_empty());
    told.map(|row| (row.name, row.example.0, row.example.1))
}
