// One event as a row: a line of the ticker, or an article.
import { clock, date, printed } from "./clock.js";
import { changed, replaced } from "./change.js";
import { make, quote } from "./make.js";

const TEASER = 220;

export class Row {
  constructor(event) {
    this.element = make("article", { class: "row", tabIndex: 0 });
    this.tally = null;
    this.was = null;
    this.withdrawn = null;
    this.ids = [];
    this.set(event);
  }

  /// Shows an event, or a newer version of the one it shows.
  set(event) {
    if (this.event && event.supersedes && event.seq > this.event.seq) this.was = headline(this.event);
    this.event = event;
    this.ids.push(event.id);
    this.tally = null;
    // Why a stored event was taken back says the event that did it.
    this.withdrawn = event.withdrawnBy ? "" : null;
    this.draw();
  }

  /// How often it was seen.
  count(tally) {
    this.tally = tally;
    const old = this.element.querySelector(".count");
    const fresh = this.#count();
    if (old) old.replaceWith(fresh);
  }

  /// Drops the words of what was taken back: of the event shown, or of an older version whose
  /// wording it still quotes.
  withdraw(event) {
    this.was = null;
    if (this.event.id === event.withdraws.id) {
      this.withdrawn = event.withdraws.reason;
      this.event = { ...this.event, item: event.item, change: null, verdict: null };
    } else if (this.event.supersedes?.id === event.withdraws.id) {
      this.event = { ...this.event, change: null, verdict: null };
    }
    this.draw();
  }

  draw() {
    const { event, element } = this;
    const at = new Date(event.time);
    element.dataset.id = event.id;
    element.className = `row ${event.kind}`;
    element.classList.toggle("old", event.stale || event.backfill);
    element.classList.toggle("flash", event.item.urgency === 1);
    element.classList.toggle("withdrawn", this.withdrawn !== null);
    element.removeAttribute("aria-expanded");
    const body = make("div", { class: "said" }, this.#headline(), ...this.#extras(), this.#meta());
    element.replaceChildren(
      make("time", { dateTime: event.time, title: at.toLocaleString() }, clock(at)),
      body,
    );
  }

  #headline() {
    const { event, was } = this;
    const { item } = event;
    const text = this.withdrawn === null ? headline(event) : "(text withdrawn)";
    const who = item.attribution ?? item.place;
    // Who says it stands apart, unless just that has changed.
    const leads = event.kind === "ticker" && who && [text, was ?? text].every((words) => words.startsWith(`${who}:`));
    const rest = (words) => (leads ? words.slice(who.length + 1) : words);
    const words = was && was !== text ? changed(rest(was), rest(text)) : [rest(text)];
    const unnamed = !item.headline && this.withdrawn === null;
    return make("h3", { class: unnamed ? "unnamed" : null },
      unnamed ? make("span", { class: "quiet" }, "(no headline) ") : "",
      quote("", item.language, leads ? make("b", {}, `${who}:`) : "", ...words));
  }

  #extras() {
    const { event, was } = this;
    const { item } = event;
    const extras = [];
    if (this.withdrawn) extras.push(make("p", { class: "why" }, `Withdrawn: ${this.withdrawn}`));
    // Where the headline doesn't show it, the event itself says what changed.
    const shows = was && was !== headline(event);
    if (!shows && event.change?.words?.length) {
      const words = event.change.words.slice(0, 4).map(({ was: gone, now: come }) =>
        make("span", {}, ...replaced(gone, come)));
      extras.push(make("p", { class: "change" }, quote("", item.language, ...words)));
    }
    if (event.kind === "article" && this.withdrawn === null) {
      // Without a headline, the first sentence stands above already.
      const teaser = item.standfirst ?? (item.headline ? opening(item) : "");
      if (teaser) extras.push(make("p", { class: "teaser" }, quote(teaser, item.language)));
    }
    return extras;
  }

  #meta() {
    const { event } = this;
    const { item, source, page } = event;
    const meta = make("p", { class: "meta" });
    const name = source.name ?? source.host;
    if (name) {
      const button = make("button", { type: "button", class: "source", title: `Only ${name}` }, quote(name));
      button.dataset.refine = `source:"${name.replaceAll('"', "")}"`;
      meta.append(button);
    }
    if (item.byline && item.byline !== name) meta.append(make("span", { class: "byline" }, quote(item.byline, item.language)));
    if (event.action === "update") meta.append(make("span", { class: "tag update" }, `update · v${item.version}`));
    if (event.action === "related") meta.append(make("span", { class: "tag" }, event.relatedTo?.older ? "related, older" : "related"));
    if (event.resurfaces) meta.append(make("span", { class: "tag again" }, "again"));
    if (event.stale) {
      const printedDay = item.published ?? page.newestDate;
      const day = printedDay ? printed(printedDay) : date(new Date(page.time));
      meta.append(make("span", { class: "tag dated", title: "The page, or what it says, is more than a day old" }, day));
    } else if (event.backfill) {
      meta.append(make("span", { class: "tag dated", title: "Lay in the folder before flashwire started" }, `from the folder, ${date(new Date(page.time))}`));
    } else if (item.published && event.kind === "article") {
      meta.append(make("span", { class: "day" }, printed(item.published)));
    }
    meta.append(this.#count());
    return meta;
  }

  #count() {
    const { tally } = this;
    const count = make("span", { class: "count" });
    if (tally && tally.sightings > 1) {
      const pages = tally.pages === 1 ? "1 page" : `${tally.pages} pages`;
      count.textContent = `×${tally.sightings} · ${pages}`;
      count.title = `Seen ${tally.sightings} times on ${pages}, last ${new Date(tally.lastSeen).toLocaleString()}`;
    }
    return count;
  }
}

/// The headline; where there is none, the first sentence.
function headline(event) {
  if (event.item.headline) return event.item.headline;
  const first = opening(event.item);
  return first.match(/^.{20,180}?[.!?。؟](?=\s|$)/)?.[0] ?? first;
}

function opening(item) {
  const body = item.body ?? "";
  const first = body.split("\n\n", 1)[0];
  if (first.length <= TEASER) return first;
  const cut = first.slice(0, TEASER);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), TEASER / 2))} …`;
}
