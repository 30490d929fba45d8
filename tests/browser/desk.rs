//! What an editor does at the desk.

use std::sync::Arc;

use flashwire::{
    item::{Action, Item, Seq, Supersedes, TickerLine},
    wire::Store as _,
};
use serde_json::json;

use crate::broadcast::desk::{Desk, Options, TOKEN, event, line, story};

use super::{LIVE, driver::Browser, headlines, news, row, shown, update};

#[tokio::test]
async fn the_desk_shows_the_wire() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let ticker = headlines("ticker");
    let told = browser.run(&format!("return {ticker}")).await;
    // What was taken back stands on top until newer lines come.
    assert!(
        told.as_array()
            .unwrap()
            .contains(&json!("Coast guard: Ferry Amal Star refloated, all 212 aboard safe."))
    );
    assert_eq!(told.as_array().unwrap().len(), news::TICKER_ROWS);
    let articles = "return document.querySelectorAll('wire-column[data-kind=article] .row').length";
    assert_eq!(browser.run(articles).await, news::ARTICLE_ROWS);
    // Repeats are counted, not shown again.
    browser
        .until("document.querySelector('.count:not(:empty)')?.textContent === '×4 · 4 pages'")
        .await;
    // An update stands for what it replaced, with the old wording struck.
    let change = "const row = document.querySelector('.row.update'); return [row.querySelector('del').textContent, row.querySelector('ins').textContent]";
    assert_eq!(browser.run(change).await, json!(["9", "12"]));
    // Pages that were caught up on stand behind one line, not each with a word of its own.
    browser.until("document.querySelectorAll('wire-column[data-kind=ticker] .divider.folder').length === 1").await;
    // Right-to-left text runs right to left.
    let rtl = "const quote = [...document.querySelectorAll('h3 bdi')].find((b) => /\\p{Script=Arabic}/u.test(b.textContent)); \
        return getComputedStyle(quote).direction + ' ' + quote.dir";
    assert!(browser.run(rtl).await.as_str().unwrap().ends_with("auto"));
    assert_eq!(browser.role("wire-column .rows").await, "log");
    assert_eq!(
        browser.run("return document.querySelector('.rows').getAttribute('aria-busy')").await,
        "false"
    );
    // What happens now appears now.
    desk.tell(vec![line("Port authority: Harbour closed until noon")]).await;
    browser.until(&format!("{ticker}[0] === 'Port authority: Harbour closed until noon'")).await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn urgency_has_weight() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let flash = |text: &str| {
        Item::Ticker(TickerLine {
            headline: text.into(),
            version: 1,
            urgency: 1,
            ..TickerLine::default()
        })
    };
    desk.tell(vec![flash("FLASH: Grain corridor opened in Vellmar")]).await;
    desk.tell(vec![line("Banks reopen on Monday")]).await;
    let ticker = headlines("ticker");
    // It stays on top for five minutes, and is larger than the rest.
    browser.until(&format!("{ticker}[1] === 'Banks reopen on Monday'")).await;
    assert_eq!(
        browser.run(&format!("return {ticker}[0]")).await,
        "FLASH: Grain corridor opened in Vellmar"
    );
    let larger = "const size = (row) => parseFloat(getComputedStyle(row.querySelector('h3')).fontSize); const rows = document.querySelectorAll('.row.ticker'); return size(rows[0]) > size(rows[1]) * 1.2";
    assert_eq!(browser.run(larger).await, true);
    browser.shot("flash").await;
    browser.run("const now = Date.now; Date.now = () => now() + 5 * 60_000").await;
    browser.until(&format!("{ticker}[0] === 'Banks reopen on Monday'")).await;
}

#[tokio::test]
async fn columns_are_added_filtered_moved_and_kept_in_the_link() {
    let Some((desk, browser)) = shown(1920, 1080, false).await else { return };
    let titles = "[...document.querySelectorAll('wire-column h2')].map((h) => h.textContent)";
    assert_eq!(
        browser.run(&format!("return {titles}")).await,
        json!(["Breaking", "Articles", "Updates"])
    );
    browser.press("n").await;
    browser
        .until("document.querySelector('.menu-sheet [role=menuitem]') === document.activeElement")
        .await;
    browser.press("k\u{e007}").await;
    browser.until(&format!("{titles}.length === 4")).await;
    browser.run("const input = document.activeElement; input.value = 'ferry'; input.dispatchEvent(new Event('input', { bubbles: true }))").await;
    browser.until("location.hash.includes('ferry')").await;
    let all = browser.run(&format!("return {titles}")).await;
    browser.run("document.activeElement.blur()").await;
    browser.press("[").await;
    browser.until(&format!("JSON.stringify({titles}) !== '{all}'")).await;
    let moved = browser.run(&format!("return {titles}")).await;
    // The address is the desk.
    let address = browser.run("return location.href").await;
    browser.open("about:blank").await;
    browser.open(address.as_str().unwrap()).await;
    browser.until(LIVE).await;
    assert_eq!(browser.run(&format!("return {titles}")).await, moved);
    let ferry = "[...document.querySelectorAll('wire-column')][2]";
    browser.until(&format!("{ferry}.querySelector('input').value === 'ferry' && {ferry}.querySelectorAll('.row').length > 2")).await;
    desk.tell(vec![line("Ferry fares frozen"), line("Banks reopen on Monday")]).await;
    browser.until(&format!("/Ferry fares/.test({ferry}.querySelector('h3').textContent)")).await;
    browser.press("3x").await;
    browser.until(&format!("{titles}.length === 3")).await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn a_story_shows_all_that_is_known_and_goes_on_under_the_eyes() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let told = desk
        .tell(vec![story(
            "Ferry aground",
            "Tugs are under way.\n\nAll 212 aboard are safe.\n\nThe line had changed its route.",
        )])
        .await;
    for _ in 0..3 {
        desk.see(&told[0]).await;
    }
    browser.until(&row("Ferry aground")).await;
    browser.press("2").await;
    browser.press("\u{e007}").await;
    browser.until("document.querySelectorAll('wire-story .body p').length === 3").await;
    browser.until("document.querySelectorAll('wire-story .sightings li').length === 4").await;
    assert!(browser.run("return location.hash").await.as_str().unwrap().contains("e=fw-"));
    // A newer version comes while it is read: it is shown there, with what is new in it.
    let seq = Seq(desk.wire.head().seq.0 + 1);
    let mut newer = event(
        seq,
        story(
            "Ferry afloat again",
            "Tugs are under way.\n\nAll 213 aboard are safe.\n\nThe line had changed its route.",
        ),
    );
    newer.action = Action::Update;
    newer.thread = told[0].thread;
    newer.item.set_version(2);
    newer.supersedes = Some(Supersedes { id: told[0].id, seq: told[0].seq, version: 1 });
    desk.append(vec![Arc::new(newer)]).await;
    browser.until("document.querySelector('wire-story .body ins')?.textContent === 'All 213 aboard are safe.'").await;
    browser.shot("story").await;
    // Every version can be had again.
    browser.run("const slider = document.querySelector('wire-story input[type=range]'); slider.value = 0; slider.dispatchEvent(new Event('input'))").await;
    browser.until("/^Ferry aground/.test(document.querySelector('wire-story h3').textContent) && !document.querySelector('wire-story .body ins')").await;
    // The link opens it anywhere.
    let address = browser.run("return location.href").await;
    browser.open("about:blank").await;
    browser.open(address.as_str().unwrap()).await;
    browser.until("document.querySelectorAll('wire-story .body p').length === 3").await;
    browser.press("\u{e00c}").await;
    browser
        .until("document.querySelector('wire-story').hidden && !location.hash.includes('e=fw-')")
        .await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn every_function_has_a_key() {
    let Some((_desk, browser)) = shown(1440, 900, false).await else { return };
    browser
        .run("window.copied = []; navigator.clipboard.writeText = async (text) => { window.copied.push(text); }")
        .await;
    browser.until(&row("refloated")).await;
    browser.run(&format!("{}.focus()", row("Grain corridor agreed"))).await;
    browser.press("yc").await;
    browser.until("window.copied.length === 2").await;
    let copied = browser.run("return window.copied").await;
    let copied = copied[0].as_str().unwrap();
    assert!(
        copied.starts_with("FLASH: Grain corridor agreed in Vellmar — Harbour Daily, "),
        "{copied}"
    );
    browser.press("s").await;
    browser.until("document.querySelector('.row .star')").await;
    browser.press("m").await;
    browser.until("document.querySelector('.row.read')").await;
    browser.press("d").await;
    browser.until("document.documentElement.matches('.compact')").await;
    browser.shot("compact").await;
    browser.press("d").await;
    for (key, sheet) in [("?", "help"), ("p", "sources"), ("b", "bell-log"), ("*", "stars")] {
        browser.press(key).await;
        browser.until(&format!("document.querySelector('dialog.sheet.{sheet}[open]')")).await;
        browser.shot(&format!("sheet-{sheet}")).await;
        browser.press("\u{e00c}").await;
        browser.until("!document.querySelector('dialog.sheet[open]')").await;
    }
    browser.run("document.querySelector('.row').focus()").await;
    browser.press("l").await;
    browser
        .until("document.activeElement.closest('wire-column')?.dataset.kind === 'article'")
        .await;
    browser.press("h/").await;
    browser.until("document.activeElement.matches('wire-column[data-kind=ticker] input')").await;
    browser.press("\u{e00c}w").await;
    browser.until("document.documentElement.matches('.wall')").await;
    browser.press("w").await;
    browser.until("!document.documentElement.matches('.wall')").await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn alerts_are_silent_until_made_and_ring_once_a_page() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    browser
        .run("window.rang = []; window.Notification = class { static permission = 'granted'; static requestPermission = async () => 'granted'; constructor(title, { body }) { window.rang.push(`${title}: ${body}`); } close() {} }")
        .await;
    desk.tell(vec![line("Before anybody asked")]).await;
    browser.until(&row("Before anybody asked")).await;
    browser.run("document.querySelector('wire-column[data-kind=ticker] .menu').click()").await;
    browser.run("[...document.querySelectorAll('[role=menuitemcheckbox]')].find((item) => /Desktop/.test(item.textContent)).click()").await;
    browser
        .until("JSON.parse(localStorage.getItem('flashwire.alerts') ?? '{}')['ticker|']?.note")
        .await;
    // Two lines of one page, then another page: told together once the first has rung.
    let seq = desk.wire.head().seq.0;
    let first = event(Seq(seq + 1), line("Ferry aground"));
    let mut second = event(Seq(seq + 2), line("Tugs under way"));
    second.page = first.page.clone();
    desk.append(vec![Arc::new(first), Arc::new(second)]).await;
    browser.until("window.rang.length === 1").await;
    desk.tell(vec![line("Banks reopen")]).await;
    browser.until(&row("Banks reopen")).await;
    browser.until("document.querySelector('.bell').dataset.unheard === '2'").await;
    let rang = browser.run("return window.rang").await;
    assert_eq!(rang, json!(["Breaking: Ferry aground\nHarbour Daily"]));
    browser.press("b").await;
    browser.until("document.querySelectorAll('.log li').length === 2").await;
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
    browser.until(&format!("{LIVE} || document.querySelector('dialog.token').open")).await;
    if browser.run(&format!("return {LIVE}")).await != true {
        browser.shot("token").await;
        browser.fill("#token", TOKEN).await;
        browser.run("document.querySelector('dialog.token button').click()").await;
        browser.until(LIVE).await;
    }
    assert_eq!(
        browser.run(&format!("return {}.length", headlines("ticker"))).await,
        news::TICKER_ROWS
    );
}

#[tokio::test]
async fn who_was_away_sees_what_is_new() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let look = |hidden: bool| {
        format!(
            "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}); document.dispatchEvent(new Event('visibilitychange'))"
        )
    };
    browser.run(&look(true)).await;
    let told = desk.tell(vec![line("Told while away")]).await;
    browser.until("document.title === '(1) flashwire'").await;
    browser.until("document.querySelector('link[rel=icon]').href.endsWith('mark-new.svg')").await;
    browser.run("const now = Date.now; Date.now = () => now() + 61_000").await;
    browser.run(&look(false)).await;
    browser.until("/New since you left/.test(document.querySelector('wire-column[data-kind=ticker] .divider.left')?.textContent)").await;
    browser.until("document.title === 'flashwire'").await;
    update(&desk, &told[0], "Told again, otherwise").await;
    browser.until(&format!("{}[0] === 'Told again, otherwise'", headlines("ticker"))).await;
}
