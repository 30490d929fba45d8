//! The dashboard in a real browser. Runs where Chromium and its driver are installed (Debian's
//! `chromium` and `chromium-driver`; `tests/run.sh` installs them); elsewhere it says so and
//! passes. `FLASHWIRE_SHOTS=DIR` keeps pictures of what was seen.

mod driver;
mod news;
mod ticker;

use std::{sync::Arc, time::Duration};

use flashwire::{
    item::{Action, Event, Seq, Supersedes},
    wire::Store as _,
};
use serde_json::json;

use crate::broadcast::desk::{Desk, Options, TOKEN, event, line};
use driver::Browser;

/// A wire with a day's news on it, and a browser that shows it.
async fn shown(width: u32, height: u32, dark: bool) -> Option<(Desk, Browser)> {
    let browser = Browser::start(width, height, dark).await?;
    let desk = Desk::with(Options::default()).await;
    news::tell(&desk).await;
    browser.open(&format!("http://{}/", desk.at)).await;
    browser.until("document.querySelector('wire-state').dataset.state === 'live'").await;
    Some((desk, browser))
}

const HEADLINES: &str =
    "[...document.querySelectorAll('wire-list[kind=ticker] .row h3')].map((h) => h.textContent)";

#[tokio::test]
async fn the_desk_shows_the_wire() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let headlines = browser.run(&format!("return {HEADLINES}")).await;
    assert_eq!(headlines[0], "Coast guard: Ferry Amal Star refloated, all 212 aboard safe.");
    assert_eq!(headlines.as_array().unwrap().len(), news::TICKER_ROWS);
    let articles = "return document.querySelectorAll('wire-list[kind=article] .row').length";
    assert_eq!(browser.run(articles).await, news::ARTICLE_ROWS);

    // Repeats are counted, not shown again.
    browser
        .until("document.querySelector('.count:not(:empty)')?.textContent === '×4 · 4 pages'")
        .await;
    // An update stands for what it replaced, with the old wording struck.
    let change = "const row = [...document.querySelectorAll('.row')].find((row) => row.querySelector('.tag.update')); \
        return [row.querySelector('del').textContent.trim(), row.querySelector('ins').textContent.trim()]";
    assert_eq!(browser.run(change).await, json!(["9", "12"]));
    // Right-to-left text runs right to left.
    let rtl = "const quote = [...document.querySelectorAll('h3 bdi')].find((b) => /\\p{Script=Arabic}/u.test(b.textContent)); \
        return getComputedStyle(quote).direction + ' ' + quote.dir";
    assert!(browser.run(rtl).await.as_str().unwrap().ends_with("auto"));
    assert_eq!(browser.role("wire-list .rows").await, "log");
    let busy = "return document.querySelector('wire-list .rows').getAttribute('aria-busy')";
    assert_eq!(browser.run(busy).await, "false");
    browser.shot("desk-light").await;

    // What happens now appears now.
    desk.tell(vec![line("Port authority: Harbour closed until noon")]).await;
    browser.until(&format!("{HEADLINES}[0] === 'Port authority: Harbour closed until noon'")).await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn details_show_text_versions_and_sightings() {
    let Some((_desk, browser)) = shown(1440, 900, false).await else { return };
    browser.run("document.querySelector('wire-list[kind=article] .row').click()").await;
    browser.until("document.querySelectorAll('.more .body p').length > 2").await;
    browser.until("document.querySelector('.count:not(:empty)')").await;
    browser
        .run("[...document.querySelectorAll('.row')].find((row) => row.querySelector('.count:not(:empty)')).click()")
        .await;
    browser.until("document.querySelectorAll('.more .sightings li').length >= 4").await;
    browser.shot("desk-detail").await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn the_filter_is_the_servers() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    browser.fill("#q", "ferry -refloated").await;
    browser.until(&format!("{HEADLINES}.length > 0 && {HEADLINES}.every((h) => /ferry/i.test(h) && !/refloated/.test(h))")).await;
    assert!(browser.run("return location.hash").await.as_str().unwrap().contains("q=ferry"));
    browser.shot("desk-filter").await;
    desk.tell(vec![line("Banks reopen on Monday"), line("Ferry timetable restored")]).await;
    browser.until(&format!("{HEADLINES}[0] === 'Ferry timetable restored'")).await;
    // What can't be understood is said, and changes nothing.
    browser.fill("#q", "colour:red").await;
    browser.until("/no field `colour`/.test(document.querySelector('#q-says').textContent)").await;
    desk.tell(vec![line("Ferry fares frozen")]).await;
    browser.until(&format!("{HEADLINES}[0] === 'Ferry fares frozen'")).await;
    browser.fill("#q", "").await;
    browser.until(&format!("{HEADLINES}.includes('Banks reopen on Monday')")).await;
    browser
        .until("document.querySelector('.count:not(:empty)')?.textContent === '×4 · 4 pages'")
        .await;
}

#[tokio::test]
async fn a_lost_connection_is_said_and_made_good() {
    let Some((mut desk, browser)) = shown(1440, 900, false).await else { return };
    let at = desk.at;
    desk.stop().await;
    browser.until("document.querySelector('wire-state').dataset.state === 'offline'").await;
    browser.shot("desk-offline").await;
    desk.tell(vec![line("Told while nobody listened")]).await;
    let desk = desk.reopen(at, Options::default()).await;
    browser.until(&format!("{HEADLINES}[0] === 'Told while nobody listened'")).await;
    browser.until("/Resumed; nothing is missing/.test(document.querySelector('.note.resumed')?.textContent)").await;
    let rows = browser.run(&format!("return {HEADLINES}.length")).await;
    assert_eq!(rows, news::TICKER_ROWS + 1);
    drop(desk);
}

#[tokio::test]
async fn what_is_read_does_not_move() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    browser.run("document.querySelector('wire-list[kind=ticker] .row').focus()").await;
    let first = browser.run(&format!("return {HEADLINES}[0]")).await;
    desk.tell(vec![line("Held back one"), line("Held back two")]).await;
    browser
        .until("document.querySelector('wire-list[kind=ticker] .pill').textContent === '2 new ↑'")
        .await;
    assert_eq!(browser.run(&format!("return {HEADLINES}[0]")).await, first);
    browser.shot("desk-held").await;
    browser.run("document.querySelector('wire-list[kind=ticker] .pill').click()").await;
    browser.until(&format!("{HEADLINES}[0] === 'Held back two'")).await;
}

/// However slowly the page is drawn: "Live" is never shown over rows that are not there yet.
#[tokio::test]
async fn live_is_said_once_the_rows_are_there() {
    let Some((mut desk, browser)) = shown(1440, 900, false).await else { return };
    let at = desk.at;
    browser
        .run("const draw = window.requestAnimationFrame; window.requestAnimationFrame = (then) => setTimeout(() => draw(then), 1000)")
        .await;
    desk.stop().await;
    browser.until("document.querySelector('wire-state').dataset.state === 'offline'").await;
    desk.tell(vec![line("Told while nobody listened")]).await;
    let _desk = desk.reopen(at, Options::default()).await;
    browser.until("document.querySelector('wire-state').dataset.state === 'live'").await;
    let first = browser.run(&format!("return {HEADLINES}[0]")).await;
    assert_eq!(first, "Told while nobody listened");
}

/// Tells a newer version of a line.
async fn update(desk: &Desk, old: &Event, text: &str) {
    let seq = Seq(desk.wire.head().seq.0 + 1);
    let mut new = event(seq, line(text));
    new.action = Action::Update;
    new.thread = old.thread;
    new.item.set_version(2);
    new.supersedes = Some(Supersedes { id: old.id, seq: old.seq, version: 1 });
    desk.append(vec![Arc::new(new)]).await;
}

#[tokio::test]
async fn what_is_withdrawn_leaves_the_page() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let gone = |words: &str| format!("!document.body.textContent.includes({})", json!(words));
    browser.until(&gone("Airport of Port Amal")).await;
    let told = desk
        .tell(vec![
            line("Customs: Lighthouse sold to a quarry"),
            line("Harbour office: 9 hurt on the quay"),
            line("Vellin Post: Grain ship of Ostermund lost"),
        ])
        .await;
    update(&desk, &told[1], "Harbour office: 12 hurt on the quay").await;
    browser.until(&format!("{HEADLINES}.some((h) => /12 hurt on the quay/.test(h))")).await;
    // Being read, even opened, keeps nothing on the page.
    let lit = "[...document.querySelectorAll('.row')].find((row) => /Lighthouse sold/.test(row.textContent))";
    browser.run(&format!("const row = {lit}; row.focus(); row.click()")).await;
    browser.until("document.querySelector('.more .sightings')").await;
    desk.withdraw(&told[0], "It is not for sale").await;
    browser.until(&gone("Lighthouse sold")).await;
    browser
        .until("/It is not for sale/.test(document.querySelector('.row.withdrawn').textContent)")
        .await;
    browser.run("document.activeElement.blur()").await;
    // A version that says otherwise stands, without the words it replaced.
    desk.withdraw(&told[1], "Counted wrongly").await;
    desk.withdraw(&told[2], "Another ship").await;
    browser.until(&gone("Grain ship")).await;
    let quay = "[...document.querySelectorAll('.row')].find((row) => /12 hurt on the quay/.test(row.textContent))";
    for look in ["open", "reloaded"] {
        browser.until(&format!("{quay} && !{quay}.matches('.withdrawn')")).await;
        browser
            .until(&format!("!{quay}.querySelector('del') && !/9 hurt/.test({quay}.textContent)"))
            .await;
        for words in ["Lighthouse sold", "Grain ship", "Airport of Port Amal"] {
            browser.until(&gone(words)).await;
        }
        browser.until("document.querySelectorAll('.row.withdrawn').length === 3").await;
        browser.shot(&format!("desk-withdrawn-{look}")).await;
        if look == "open" {
            browser.open(&format!("http://{}/", desk.at)).await;
            browser.until("document.querySelector('wire-state').dataset.state === 'live'").await;
        }
    }
    // What is told of it later is no longer withdrawn.
    update(&desk, &told[2], "Vellin Post: Coaster of Ostermund lost").await;
    browser.until(&format!("{HEADLINES}[0] === 'Vellin Post: Coaster of Ostermund lost'")).await;
    browser.until("document.querySelectorAll('.row.withdrawn').length === 2").await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn a_token_opens_it() {
    let Some(browser) = Browser::start(1440, 900, false).await else { return };
    let desk = Desk::with(Options { tokens: true, ..Options::default() }).await;
    news::tell(&desk).await;
    browser.open(&format!("http://desk:{TOKEN}@{}/", desk.at)).await;
    // Whether a browser shows a page's password for its WebSocket too is its own affair: where it
    // doesn't, the page asks.
    let live = "document.querySelector('wire-state')?.dataset.state === 'live'";
    browser.until(&format!("{live} || document.querySelector('dialog.token').open")).await;
    if browser.run(&format!("return {live}")).await != true {
        browser.shot("desk-token").await;
        browser.fill("#token", TOKEN).await;
        browser.run("document.querySelector('dialog.token button').click()").await;
        browser.until(live).await;
    }
    assert_eq!(browser.run(&format!("return {HEADLINES}.length")).await, news::TICKER_ROWS);
}

#[tokio::test]
async fn it_fits_the_night_and_the_pocket() {
    if let Some((_desk, browser)) = shown(1440, 900, true).await {
        browser.shot("desk-dark").await;
    }
    for dark in [false, true] {
        let Some((_desk, browser)) = shown(390, 844, dark).await else { return };
        let over = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.run(over).await, false, "the page is wider than the screen");
        browser.shot(if dark { "pocket-dark" } else { "pocket-light" }).await;
        browser.run("document.querySelector('.tabs [data-shows=article]').click()").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        browser.shot(if dark { "pocket-articles-dark" } else { "pocket-articles-light" }).await;
    }
}

#[tokio::test]
async fn a_flood_is_shown_without_drowning() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    desk.tell_lines(5000).await;
    browser.until(&format!("/^Line /.test({HEADLINES}[0])")).await;
    browser.until("document.querySelector('wire-state').dataset.state === 'live'").await;
    let last = desk.tell(vec![line("The last of many")]).await;
    browser.until(&format!("{HEADLINES}[0] === 'The last of many'")).await;
    let rows =
        browser.run("return document.querySelectorAll('wire-list[kind=ticker] .row').length").await;
    assert_eq!(rows, 500, "{last:?}");
}
