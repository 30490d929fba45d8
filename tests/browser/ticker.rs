//! The lower third, as a broadcast's graphics show it.

use std::sync::Arc;

use flashwire::{
    item::{Action, Dir, Item, Seq, Supersedes, TickerLine},
    wire::Store as _,
};
use serde_json::json;

use super::driver::Browser;
use crate::broadcast::desk::{Desk, event, line};

/// Notes each frame how far every box has moved since the one before, against the time passed.
const RECORD: &str = "
    window.jumps = 0; window.frames = 0;
    const at = new Map(); let before = null;
    const look = (now) => {
      const passed = before === null ? null : Math.min(now - before, 250) / 1000;
      before = now;
      for (const box of document.querySelectorAll('.line')) {
        const x = new DOMMatrix(getComputedStyle(box).transform).m41;
        if (passed !== null && at.has(box)) {
          const moved = x - at.get(box);
          if (moved < -300 * passed - 1 || moved > 200 * passed + 1) window.jumps += 1;
        }
        at.set(box, x);
      }
      window.frames += 1;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);";

const LINES: &str = "[...document.querySelectorAll('.line')].map((line) => line.textContent)";

#[tokio::test]
async fn the_lower_third_runs_and_nothing_in_it_jumps() {
    let Some(browser) = Browser::start(1280, 360, false).await else { return };
    let desk = Desk::open().await;
    let told = desk
        .tell(vec![
            line("Sirens near Port Amal"),
            line("<b>Ferry</b> aground off Cape Marsa"),
            Item::Ticker(TickerLine {
                headline: "عاجل: إغلاق الميناء".into(),
                dir: Dir::Rtl,
                language: Some("ar".into()),
                ..TickerLine::default()
            }),
        ])
        .await;
    let page = format!("http://{}/ticker?speed=300&size=40&lines=3&accent=ff5050", desk.at);
    browser.open(&page).await;
    browser.run(RECORD).await;
    browser.until(&format!("{LINES}.length >= 3")).await;
    browser.until(&format!("{LINES}.some((it) => it.includes('<b>Ferry</b> aground'))")).await;
    let look = "const of = (it) => getComputedStyle(document.querySelector(it)); \
        return [of('body').backgroundColor, of('.source').color, \
        of('.line').fontSize, document.querySelectorAll('b').length]";
    assert_eq!(browser.run(look).await, json!(["rgba(0, 0, 0, 0)", "rgb(255, 80, 80)", "40px", 0]));
    browser.shot("ticker").await;

    // A longer wording takes its line's place.
    let seq = Seq(desk.wire.head().seq.0 + 1);
    let mut new = event(seq, line("Sirens near Port Amal and in all villages of the upper valley"));
    new.action = Action::Update;
    new.item.set_version(2);
    new.supersedes = Some(Supersedes { id: told[0].id, seq: told[0].seq, version: 1 });
    desk.append(vec![Arc::new(new)]).await;
    browser.until(&format!("{LINES}.some((it) => it.includes('upper valley'))")).await;
    browser
        .until(&format!("{LINES}.every((it) => !it.startsWith('Sirens near Port AmalH'))"))
        .await;

    // What is taken back is off at once and does not come again.
    desk.withdraw(&told[1], "Not so").await;
    browser.until(&format!("{LINES}.every((it) => !it.includes('Ferry'))")).await;
    browser.until("window.frames > 200").await;
    let ferries = format!("return {LINES}.filter((it) => it.includes('Ferry')).length");
    assert_eq!(browser.run(&ferries).await, 0);
    assert_eq!(browser.run("return window.jumps").await, 0);
    assert!(browser.complaints().await.is_empty());
}
