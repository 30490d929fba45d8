//! What is withdrawn is nowhere on the page, whoever reads it.

use serde_json::json;

use crate::broadcast::desk::line;

use super::{LIVE, headlines, row, shown, update};

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
    let ticker = headlines("ticker");
    browser.until(&format!("{ticker}.some((h) => /12 hurt on the quay/.test(h))")).await;
    // Being read, opened, starred keeps nothing on the page.
    browser.run(&format!("const row = {}; row.focus(); row.click()", row("Lighthouse sold"))).await;
    browser.until("document.querySelector('wire-story .sightings')").await;
    browser.run("document.querySelector('wire-story .star').click()").await;
    let starred = "(localStorage.getItem('flashwire.stars') ?? '').includes('Lighthouse')";
    browser.until(starred).await;
    desk.withdraw(&told[0], "It is not for sale").await;
    browser.until(&gone("Lighthouse sold")).await;
    browser.until(&format!("{}?.matches('.withdrawn')", row("It is not for sale"))).await;
    browser.until(&format!("!{starred}")).await;
    browser.press("\u{e00c}").await;
    // What was taken back rises to where it is seen.
    browser
        .until("document.querySelector('wire-column[data-kind=ticker] .row').matches('.withdrawn')")
        .await;
    // A version that says otherwise stands, without the words it replaced.
    desk.withdraw(&told[1], "Counted wrongly").await;
    desk.withdraw(&told[2], "Another ship").await;
    browser.until(&gone("Grain ship")).await;
    let quay = row("12 hurt on the quay");
    for look in ["open", "reloaded"] {
        browser.until(&format!("{quay} && !{quay}.matches('.withdrawn')")).await;
        browser
            .until(&format!("!{quay}.querySelector('del') && !/9 hurt/.test({quay}.textContent)"))
            .await;
        for words in ["Lighthouse sold", "Grain ship", "Airport of Port Amal"] {
            browser.until(&gone(words)).await;
        }
        browser.until("document.querySelectorAll('.row.withdrawn').length === 3").await;
        browser.shot(&format!("withdrawn-{look}")).await;
        if look == "open" {
            browser.open(&format!("http://{}/", desk.at)).await;
            browser.until(LIVE).await;
        }
    }
    // What is told of it later is no longer withdrawn.
    update(&desk, &told[2], "Vellin Post: Coaster of Ostermund lost").await;
    browser.until(&format!("{ticker}[0] === 'Vellin Post: Coaster of Ostermund lost'")).await;
    browser.until("document.querySelectorAll('.row.withdrawn').length === 2").await;
    assert!(browser.complaints().await.is_empty());
}
