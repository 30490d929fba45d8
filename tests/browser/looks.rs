//! How it looks and reads: to eyes of every kind, on screens of every size.

use std::time::Duration;

use crate::broadcast::desk::{Desk, Options, line};

use super::{LIVE, driver::Browser, news, row, shown};

#[tokio::test]
async fn it_fits_the_night_the_pocket_and_the_wall() {
    for (name, width, height, dark) in [
        ("desk", 1440, 900, false),
        ("desk-dark", 1440, 900, true),
        ("wide", 1920, 1080, false),
        ("4k", 3840, 2160, true),
        ("pocket", 390, 844, false),
        ("pocket-dark", 390, 844, true),
    ] {
        let Some((desk, browser)) = shown(width, height, dark).await else { return };
        let over = "return document.documentElement.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight";
        assert_eq!(browser.run(over).await, false, "the page is larger than the screen: {name}");
        let columns = browser.run("return [...document.querySelectorAll('wire-column')].filter((column) => { const box = column.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth + 1; }).length").await;
        let want = if width < 800 {
            1
        } else if width < 1900 {
            2
        } else if width < 3000 {
            3
        } else {
            5
        };
        assert_eq!(columns, want, "columns on {name}");
        browser.shot(name).await;
        if width < 800 {
            browser.run("document.querySelectorAll('.tabs button')[1].click()").await;
            browser.until("Math.abs(document.querySelectorAll('wire-column')[1].getBoundingClientRect().left) < 2").await;
            browser.shot(&format!("{name}-articles")).await;
            browser
                .run("document.querySelectorAll('wire-column')[1].querySelector('.row').click()")
                .await;
            browser.until("document.querySelector('wire-story .body')").await;
            browser.shot(&format!("{name}-story")).await;
        }
        if name == "wide" || name == "4k" {
            browser.press("w").await;
            desk.tell(vec![line("Coast guard: All 212 passengers of the Amal Star are ashore")])
                .await;
            browser.until("document.querySelector('.newest.shown')").await;
            browser.shot(&format!("{name}-wall")).await;
        }
    }
}

/// The states that a picture is kept of beside those that other tests meet.
#[tokio::test]
async fn a_full_and_an_empty_desk() {
    let Some(browser) = Browser::start(1440, 900, false).await else { return };
    let desk = Desk::with(Options::default()).await;
    browser.open(&format!("http://{}/", desk.at)).await;
    browser.until("document.querySelectorAll('.empty:not([hidden])').length === 2").await;
    browser.until(LIVE).await;
    browser.shot("empty").await;
    desk.tell_lines(500).await;
    browser.until(&row("Line 500")).await;
    browser.shot("full").await;
    assert!(browser.complaints().await.is_empty());
}

/// What axe-core finds serious, it finds in no state of the page. Needs axe-core (npm), which
/// `tests/run.sh` fetches.
#[tokio::test]
async fn nobody_is_shut_out() {
    let Ok(path) = std::env::var("FLASHWIRE_TEST_AXE") else {
        eprintln!("skipped: FLASHWIRE_TEST_AXE names no axe.min.js (tests/run.sh fetches it)");
        return;
    };
    let axe = std::fs::read_to_string(path).unwrap();
    for dark in [false, true] {
        let Some((desk, browser)) = shown(1920, 1080, dark).await else { return };
        browser.run(&axe).await;
        desk.tell(vec![line("A line that has just come")]).await;
        browser.until(&row("has just come")).await;
        let states = [
            ("as it is", "", "true"),
            (
                "a story",
                "document.querySelector('wire-column[data-kind=article] .row').click()",
                "document.querySelector('wire-story .body')",
            ),
            (
                "a menu",
                "document.querySelector('wire-column .menu').click()",
                "document.querySelector('.menu-sheet')",
            ),
            (
                "help",
                "document.querySelector('button.help').click()",
                "document.querySelector('dialog.help[open]')",
            ),
            (
                "the pulse",
                "document.querySelector('dialog.help').close(); document.querySelector('button.pulse').click()",
                "document.querySelector('dialog.sources table')",
            ),
        ];
        for (state, script, reached) in states {
            browser.run(script).await;
            browser.until(reached).await;
            // Colours fade in; what is measured is what they come to.
            browser
                .run("document.getAnimations().filter((animation) => animation.effect.getComputedTiming().endTime < 1e9).forEach((animation) => animation.finish())")
                .await;
            browser
                .run("window.found = null; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => { window.found = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`); })")
                .await;
            browser.until("window.found").await;
            let found = browser.run("return window.found").await;
            assert_eq!(found, serde_json::json!([]), "{state}, dark: {dark}");
        }
    }
}

/// A page's text may dress itself up as another, in another direction, or in a word without end.
#[tokio::test]
async fn hostile_text_stays_text() {
    let Some(browser) = Browser::start(390, 844, false).await else { return };
    let desk = Desk::with(Options::default()).await;
    news::tell(&desk).await;
    let tower = format!("Z{}", "\u{324}\u{30a}".repeat(60));
    desk.tell(vec![
        line("<img src=x onerror=document.title='owned'> Ferry"),
        line("\u{202e}Ferry \u{2066}turned"),
        line(&"Donaudampfschiffahrt".repeat(20)),
        line(&tower),
    ])
    .await;
    browser.open(&format!("http://{}/", desk.at)).await;
    browser.until(LIVE).await;
    browser.until(&row("onerror")).await;
    assert_ne!(browser.run("return document.title").await, "owned");
    assert_eq!(
        browser.run("return /[\\u202e\\u2066]/.test(document.body.textContent)").await,
        false
    );
    let over = "return [...document.querySelectorAll('.row')].some((row) => row.scrollWidth > row.clientWidth + 1)";
    assert_eq!(browser.run(over).await, false);
    tokio::time::sleep(Duration::from_millis(100)).await;
    browser.shot("hostile").await;
    assert!(browser.complaints().await.is_empty());
}
