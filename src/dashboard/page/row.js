// One entry as a row: a line of the ticker, or an article.
import { clock, date, printed, stamp } from "./clock.js";
import { changed, marked, replaced } from "./change.js";
import { headline, isFlash, sourceName, speaker, teaser } from "./event.js";
import { make, plain, quote } from "./make.js";
import { marks } from "./marks.js";

export class Row {
  /// Which state of the entry is shown.
  #drawn = -1;

  constructor(entry) {
    this.entry = entry;
    this.element = make("article", { class: "row", tabIndex: -1 });
    this.element.entry = entry;
  }

  /// Shows the entry as it is now.
  draw() {
    const state = entryState(this.entry);
    if (this.#drawn === state) return;
    this.#drawn = state;
    const { entry, element } = this;
    const { event, withdrawn, overtaken } = entry;
    const at = new Date(event.time);
    element.dataset.id = event.id;
    const { classList } = element;
    for (const kind of ["ticker", "article"]) classList.toggle(kind, event.kind === kind);
    classList.toggle("stale", event.stale);
    classList.toggle("flash", isFlash(event) && withdrawn === null);
    classList.toggle("withdrawn", withdrawn !== null);
    classList.toggle("overtaken", overtaken !== null);
    classList.toggle("update", event.action === "update" && withdrawn === null);
    classList.toggle("read", marks.isRead(event.id));
    element.replaceChildren(
      make("time", { dateTime: event.time, title: at.toLocaleString() }, clock(at)),
      make("div", { class: "said" }, this.#headline(), ...this.#extras(), this.#meta()),
    );
  }

  #headline() {
    const { event, was, withdrawn } = this.entry;
    const { item } = event;
    const text = withdrawn === null ? headline(event) : "(text withdrawn)";
    const unnamed = !item.headline && withdrawn === null;
    return make("h3", { class: unnamed ? "unnamed" : null },
      unnamed ? make("span", { class: "quiet" }, "(no headline) ") : "",
      quote("", item.language, ...this.#words(text, was)));
  }

  /// The headline's words: who says it stands apart, and what changed is marked.
  #words(text, was) {
    const { event } = this.entry;
    if (this.entry.withdrawn !== null) return [text];
    const who = speaker(event);
    const leads = who && [text, was ?? text].every((words) => words.startsWith(`${who}:`));
    const rest = (words) => (leads ? words.slice(who.length + 1) : words);
    let words = [rest(text)];
    if (was && was !== text) words = changed(rest(was), rest(text));
    else if (event.change?.words?.length) words = marked(rest(text), event.change.words) ?? words;
    return leads ? [make("b", {}, `${who}:`), ...words] : words;
  }

  #extras() {
    const { event, was, withdrawn, overtaken } = this.entry;
    const { item } = event;
    const extras = [];
    if (withdrawn !== null) {
      extras.push(make("p", { class: "why" }, make("b", {}, "Withdrawn"), withdrawn ? `: ${plain(withdrawn)}` : ""));
      return extras;
    }
    if (overtaken) {
      const at = new Date(overtaken.time);
      extras.push(make("p", { class: "why" }, make("b", {}, `Updated ${stamp(at)}: `), quote(headline(overtaken), overtaken.item.language)));
    }
    // Where the headline doesn't show it, the event itself says what changed.
    const inside = this.element.querySelector("h3 ins, h3 del") || (was && was !== headline(event));
    const words = event.change?.words ?? [];
    if (!inside && words.length && !marked(headline(event), words)) {
      const parts = words.slice(0, 4).map(({ was: gone, now }) => make("span", {}, ...replaced(gone, now)));
      extras.push(make("p", { class: "change" }, quote("", item.language, ...parts)));
    }
    if (event.kind === "article") {
      const text = teaser(event);
      if (text) extras.push(make("p", { class: "teaser" }, quote(text, item.language)));
    }
    return extras;
  }

  #meta() {
    const { entry } = this;
    const { event } = entry;
    const { item, page } = event;
    const meta = make("p", { class: "meta" });
    const name = sourceName(event);
    if (name) meta.append(make("span", { class: "source" }, quote(name)));
    const byline = plain(item.byline);
    if (byline && byline !== name) meta.append(make("span", { class: "byline" }, quote(byline, item.language)));
    if (event.action === "update") meta.append(make("span", { class: "tag update" }, `update · v${item.version}`));
    if (event.action === "related") meta.append(make("span", { class: "tag" }, event.relatedTo?.older ? "related, older" : "related"));
    if (event.resurfaces) meta.append(make("span", { class: "tag again" }, "again"));
    if (event.stale) {
      const day = item.published ?? page.newestDate;
      meta.append(make("span", { class: "tag dated", title: "The page, or what it says, is more than a day old" }, day ? printed(day) : date(new Date(page.time))));
    } else if (item.published && event.kind === "article") {
      meta.append(make("span", { class: "day" }, printed(item.published)));
    }
    if (marks.isStarred(event.id)) meta.append(make("span", { class: "star", title: "Starred" }, "★"));
    meta.append(this.#count());
    return meta;
  }

  #count() {
    const { tally } = this.entry;
    const count = make("span", { class: "count" });
    if (tally && tally.sightings > 1) {
      const where = tally.origins > 1 ? `${tally.origins} sources` : tally.pages === 1 ? "1 page" : `${tally.pages} pages`;
      count.textContent = tally.origins > 1 ? `${where} · ×${tally.sightings}` : `×${tally.sightings} · ${where}`;
      count.title = `Seen ${tally.sightings} times on ${tally.pages} pages, last ${new Date(tally.lastSeen).toLocaleString()}`;
      count.classList.toggle("wide", tally.origins > 1);
    }
    return count;
  }
}

/// One number for everything that a row shows.
const entryState = (entry) => `${entry.revision} ${marks.revision(entry.event.id)}`;
