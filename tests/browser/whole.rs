//! The whole daemon behind the page: pages, index, evidence.

use crate::daemon::{Desk, example};

use super::{LIVE, driver::Browser, row};

#[tokio::test]
async fn a_page_that_is_dropped_is_found_read_and_traced_to_its_line() {
    let Some(browser) = Browser::start(1440, 900, false).await else { return };
    let desk = Desk::new();
    let daemon = desk.start();
    browser.open(&format!("{}/", daemon.url())).await;
    browser.until(LIVE).await;
    desk.drop("courier.txt", example("pages/courier-harbour.txt"));
    browser.until(&row("9 people hurt")).await;
    desk.drop("update.txt", example("later/courier-update.txt"));
    browser.until("document.querySelector('.row.update del')?.textContent === '9'").await;
    // Found by its words, wherever it has gone, with those words marked.
    browser.press("f").await;
    browser.fill("dialog.search .query", "scaffold*").await;
    browser.until("document.querySelectorAll('.hits li').length === 4").await;
    browser.until("document.querySelector('.hits mark')?.textContent === 'scaffolding'").await;
    browser.shot("search").await;
    browser.run("document.querySelectorAll('.hits .line')[1].click()").await;
    // With the line of its page that it was read from, and why it was told.
    browser
        .until("/12 people hurt/.test(document.querySelector('wire-story .excerpt .here')?.textContent)")
        .await;
    browser.until("document.querySelector('wire-story .why-told q')").await;
    browser.shot("story-traced").await;
    // Who feeds the wire.
    browser.press("p").await;
    browser
        .until(
            "/The Amal Courier/.test(document.querySelector('dialog.sources table')?.textContent)",
        )
        .await;
    assert!(browser.complaints().await.is_empty());
}
