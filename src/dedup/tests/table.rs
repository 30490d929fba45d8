//! Each row of the table has a pair of lines for which it gives the reason.

use super::desk::pair;
use crate::dedup::compare::rules::examples;

#[test]
fn each_row_fires_on_its_example() {
    let wrong: Vec<String> = examples()
        .filter_map(|(name, first, second)| {
            let verdict = pair(first, second);
            (verdict.rule != name).then(|| {
                format!("{name}: {} {:?}: {first} / {second}", verdict.rule, verdict.differs)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
