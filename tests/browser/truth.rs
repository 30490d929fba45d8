//! The page never says more than it knows: not that it is live when it is deaf, not an outdated
//! number as the present one.

use serde_json::json;

use crate::broadcast::desk::{Desk, Options, line, story};

use super::{LIVE, OFFLINE, driver::Browser, headlines, news, proxy::Proxy, shown, update};

/// A fresh wire, and a browser that shows it at an address such as `#c=ticker||ferry`.
async fn bare(hash: &str) -> Option<(Desk, Browser)> {
    let browser = Browser::start(1440, 900, false).await?;
    let desk = Desk::with(Options::default()).await;
    browser.open(&format!("http://{}/{hash}", desk.at)).await;
    Some((desk, browser))
}

#[tokio::test]
async fn a_connection_that_only_looks_open_is_found_out_and_replaced() {
    let Some(browser) = Browser::start(1440, 900, false).await else { return };
    let desk = Desk::with(Options::default()).await;
    news::tell(&desk).await;
    let between = Proxy::before(desk.at).await;
    browser.open(&format!("http://{}/", between.at)).await;
    browser.until(LIVE).await;
    between.go_deaf();
    desk.tell(vec![line("Told to the deaf")]).await;
    browser.until(OFFLINE).await;
    browser
        .until(
            "/Offline.*last line/.test(document.querySelector('.band:not([hidden])')?.textContent)",
        )
        .await;
    browser.shot("offline").await;
    between.hear_again();
    browser.until(&format!("{LIVE} && {}[0] === 'Told to the deaf'", headlines("ticker"))).await;
    browser.until("document.querySelector('.band').hidden").await;
}

#[tokio::test]
async fn a_lost_connection_is_said_and_made_good() {
    let Some((mut desk, browser)) = shown(1440, 900, false).await else { return };
    let at = desk.at;
    desk.stop().await;
    browser.until(OFFLINE).await;
    desk.tell(vec![line("Told while nobody listened")]).await;
    let desk = desk.reopen(at, Options::default()).await;
    let ticker = headlines("ticker");
    browser.until(&format!("{ticker}[0] === 'Told while nobody listened'")).await;
    browser.until("/Resumed; nothing is missing/.test(document.querySelector('.note.resumed')?.textContent)").await;
    let rows = browser.run(&format!("return {ticker}.length")).await;
    assert_eq!(rows, news::TICKER_ROWS + 1);
    drop(desk);
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
    browser.until(OFFLINE).await;
    desk.tell(vec![line("Told while nobody listened")]).await;
    let _desk = desk.reopen(at, Options::default()).await;
    browser.until(LIVE).await;
    let first = browser.run(&format!("return {}[0]", headlines("ticker"))).await;
    assert_eq!(first, "Told while nobody listened");
}

const PAUSE: &str = "document.querySelector('wire-column[data-kind=ticker] .pause:not([hidden])')";

#[tokio::test]
async fn a_pause_is_seen_and_ends() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    let ticker = headlines("ticker");
    let first = browser.run(&format!("return {ticker}[0]")).await;
    let mut told = 0;
    // A key of its own, a key that means "to the newest", and leaving: each lets go.
    for (hold, release) in [(" ", " "), (" ", "g"), ("j", "\u{e00c}"), ("j", "l")] {
        browser.press(hold).await;
        for _ in 0..2 {
            told += 1;
            desk.tell(vec![line(&format!("Held back {told}"))]).await;
        }
        browser.until(&format!("{PAUSE}?.textContent === 'Paused · 2 waiting'")).await;
        if told == 2 {
            assert_eq!(browser.run(&format!("return {ticker}[0]")).await, first);
            browser.shot("paused").await;
        }
        browser.press(release).await;
        browser
            .until(&format!(
                "{ticker}[0] === 'Held back {told}' && {ticker}[1] === 'Held back {}'",
                told - 1
            ))
            .await;
        browser.until(&format!("!{PAUSE}")).await;
        browser.press("h").await;
        browser.press("g").await;
    }
    // A pointer that was left there holds for as long as a hand is on it, and no longer.
    browser.point_at(Some("wire-column[data-kind=ticker] .row:nth-of-type(3)")).await;
    desk.tell(vec![line("Under the pointer")]).await;
    browser.until(&format!("{PAUSE}?.textContent === 'Paused · 1 waiting'")).await;
    browser
        .run(
            "const now = performance.now.bind(performance); performance.now = () => now() + 31_000",
        )
        .await;
    browser.until(&format!("{ticker}[0] === 'Under the pointer' && !{PAUSE}")).await;
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn who_reads_further_down_keeps_the_line_under_the_eyes() {
    let Some((desk, browser)) = bare("").await else { return };
    desk.tell_lines(200).await;
    let ticker = headlines("ticker");
    browser.until(&format!("{ticker}[0] === 'Line 200'")).await;
    let scroller = "document.querySelector('wire-column[data-kind=ticker] .scroller')";
    browser.run(&format!("{scroller}.scrollTop = 900")).await;
    let line_at = format!(
        "(() => {{ const top = {scroller}.getBoundingClientRect().top; const row = [...{scroller}.querySelectorAll('.row')].find((row) => row.getBoundingClientRect().top > top + 10); return [row.querySelector('h3').textContent, Math.round(row.getBoundingClientRect().top)]; }})()"
    );
    browser.until(&format!("{line_at}[0] !== 'Line 200'")).await;
    let before = browser.run(&format!("return {line_at}")).await;
    for round in 0..3 {
        desk.tell_lines(50).await;
        let waiting = (round + 1) * 50;
        browser.until(&format!("{PAUSE}?.textContent === '{waiting} new ↑'")).await;
        assert_eq!(browser.run(&format!("return {line_at}")).await, before);
    }
    let rows = browser.run(&format!("return {scroller}.querySelectorAll('.row').length")).await;
    assert!(rows.as_u64().unwrap() <= 170, "{rows}");
    browser.run(&format!("{PAUSE}.click()")).await;
    browser.until(&format!("{ticker}[0] === 'Line 350'")).await;
}

#[tokio::test]
async fn an_outdated_number_is_never_shown_as_the_present_one() {
    let Some((desk, browser)) = bare("#c=ticker||&c=ticker|Nine|9 hurt").await else { return };
    let told = desk.tell(vec![line("Harbour office: 9 hurt on the quay")]).await;
    browser.until("document.querySelectorAll('.row').length === 2").await;
    // The newer version says it otherwise, and the second column's filter keeps it out.
    let newer = update(&desk, &told[0], "Harbour office: 12 hurt on the quay").await;
    let other = "document.querySelectorAll('wire-column')[1]";
    browser
        .until(&format!(
            "/Updated .*12 hurt/.test({other}.querySelector('.row.overtaken')?.textContent)"
        ))
        .await;
    browser
        .until(&format!(
            "{LIVE} && {}[0] === 'Harbour office: 12 hurt on the quay'",
            headlines("ticker")
        ))
        .await;
    let struck = "return document.querySelector('.row del').textContent";
    assert_eq!(browser.run(struck).await, "9");
    // What is copied is the new wording alone.
    let copied = browser
        .run("const h = document.querySelector('.row.update h3'); getSelection().selectAllChildren(h); const text = getSelection().toString(); getSelection().removeAllRanges(); return text.trim()")
        .await;
    assert_eq!(copied, "Harbour office: 12 hurt on the quay");
    // Far back, both versions come in one page of the past: still one row.
    desk.tell_lines(60).await;
    browser.open("about:blank").await;
    browser.open(&format!("http://{}/#c=ticker||&c=ticker|Hurt|hurt", desk.at)).await;
    browser.until(LIVE).await;
    let scroller = "document.querySelector('wire-column .scroller')";
    browser
        .until(&format!(
            "({scroller}.scrollTo(0, 1e6), /hurt on the quay/.test({scroller}.textContent))"
        ))
        .await;
    let rows = "return [...document.querySelectorAll('wire-column')].map((column) => [...column.querySelectorAll('.row')].filter((row) => /hurt on the quay/.test(row.textContent)).length)";
    assert_eq!(browser.run(rows).await, json!([1, 1]), "{newer:?}");
    assert!(browser.complaints().await.is_empty());
}

#[tokio::test]
async fn a_filter_changes_nothing_until_the_server_has_taken_it() {
    let Some((mut desk, browser)) = shown(1440, 900, false).await else { return };
    let ticker = headlines("ticker");
    let query = "wire-column[data-kind=ticker] input";
    browser.fill(query, "ferry -refloated").await;
    browser
        .until(&format!(
            "{ticker}.length > 0 && {ticker}.every((h) => /ferry/i.test(h) && !/refloated/.test(h))"
        ))
        .await;
    assert!(browser.run("return location.hash").await.as_str().unwrap().contains("ferry"));
    browser.shot("filter").await;
    desk.tell(vec![line("Banks reopen on Monday"), line("Ferry timetable restored")]).await;
    browser.until(&format!("{ticker}[0] === 'Ferry timetable restored'")).await;
    // What can't be understood is said, and changes nothing.
    browser.fill(query, "colour:red").await;
    browser
        .until("/colour/.test(document.querySelector('wire-column[data-kind=ticker] .says').textContent)")
        .await;
    desk.tell(vec![line("Ferry fares frozen")]).await;
    browser.until(&format!("{ticker}[0] === 'Ferry fares frozen'")).await;
    // Nor does another filter while nobody answers.
    let at = desk.at;
    desk.stop().await;
    browser.until(OFFLINE).await;
    browser.fill(query, "banks").await;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(browser.run(&format!("return {ticker}[0]")).await, "Ferry fares frozen");
    let _desk = desk.reopen(at, Options::default()).await;
    browser
        .until(&format!("{ticker}.length === 1 && {ticker}[0] === 'Banks reopen on Monday'"))
        .await;
    browser.fill(query, "zeppelin").await;
    browser
        .until("/matches this filter/.test(document.querySelector('wire-column[data-kind=ticker] .empty:not([hidden])')?.textContent)")
        .await;
    browser.fill(query, "").await;
    browser
        .until(&format!("{ticker}.includes('Banks reopen on Monday') && {ticker}.length > 5"))
        .await;
}

#[tokio::test]
async fn a_bad_filter_in_a_link_stops_its_column_alone() {
    let Some((desk, browser)) = bare("#c=ticker||colour:red&c=all||").await else { return };
    let says = "document.querySelector('wire-column[data-kind=ticker] .says').textContent";
    browser.until(&format!("/colour/.test({says})")).await;
    desk.tell(vec![line("Ferry fares frozen")]).await;
    browser.until(&format!("{}[0] === 'Ferry fares frozen'", headlines("all"))).await;
    browser.until(LIVE).await;
    browser.fill("wire-column[data-kind=ticker] input", "ferry").await;
    browser
        .until(&format!("{}[0] === 'Ferry fares frozen' && {says} === ''", headlines("ticker")))
        .await;
}

#[tokio::test]
async fn each_column_brings_its_own_newest_and_little_else() {
    let Some(browser) = Browser::start(1440, 900, false).await else { return };
    let desk = Desk::with(Options::default()).await;
    desk.tell((0..12).map(|n| line(&format!("Line {n}"))).collect()).await;
    let body = "Ships of every size left the inner basin before noon. ".repeat(80);
    for n in 0..43 {
        let stories = (0..10).map(|m| story(&format!("Story {n} of {m}"), &body)).collect();
        desk.tell(stories).await;
    }
    let between = Proxy::before(desk.at).await;
    browser.open(&format!("http://{}/", between.at)).await;
    browser.until(LIVE).await;
    let rows = browser.run(&format!("return {}.length", headlines("ticker"))).await;
    assert_eq!(rows, 12);
    let teaser =
        "return document.querySelector('wire-column[data-kind=article] .teaser').textContent";
    assert!(browser.run(teaser).await.as_str().unwrap().starts_with("Ships of every size"));
    let page = between.passed();
    browser.open("about:blank").await;
    let five = "#c=ticker||&c=article||&c=all||&c=article|Again|story&c=all|More|basin OR line";
    browser.open(&format!("http://{}/{five}", between.at)).await;
    browser
        .until(&format!("document.querySelectorAll('wire-column').length === 5 && {LIVE}"))
        .await;
    // The page itself is in the browser's keeping by now.
    let events = between.passed() - page;
    assert!(events < 200_000, "{events} bytes for five columns");
}

#[tokio::test]
async fn a_flood_is_shown_without_drowning() {
    let Some((desk, browser)) = shown(1440, 900, false).await else { return };
    desk.tell_lines(5000).await;
    let ticker = headlines("ticker");
    browser.until(&format!("/^Line /.test({ticker}[0]) && {LIVE}")).await;
    desk.tell(vec![line("The last of many")]).await;
    browser.until(&format!("{ticker}[0] === 'The last of many'")).await;
    let rows = browser
        .run("return document.querySelectorAll('wire-column[data-kind=ticker] .row').length")
        .await;
    assert!(rows.as_u64().unwrap() <= 170, "{rows}");
    // All of it can be had by scrolling, and what is held stays bounded.
    let held = "document.querySelector('wire-column[data-kind=ticker]').order.size";
    browser.until(&format!("(document.querySelector('wire-column .scroller').scrollTo(0, 1e6), /^Line 2[0-9][0-9][0-9]$/.test({ticker}.at(-1)))")).await;
    assert!(browser.run(&format!("return {held}")).await.as_u64().unwrap() <= 2000);
    browser.press("g").await;
    browser.until(&format!("{ticker}[0] === 'The last of many'")).await;
    assert!(browser.complaints().await.is_empty());
}
