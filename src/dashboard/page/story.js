// All that is known of one story, beside the columns: what it says and said, who had it when, where
// it stands on its page, and why it was told.
import { changed, replaced } from "./change.js";
import { clock, later, printed, stamp } from "./clock.js";
import { copyLine, copyLink } from "./copy.js";
import { headline, sourceName, webAddress } from "./event.js";
import { button, make, plain, quote } from "./make.js";
import { marks } from "./marks.js";
import { soon } from "./paint.js";

/// Lines of the page shown around the one that an event was read from.
const AROUND = 4;

class WireStory extends HTMLElement {
  #id = null;
  #whole = null;
  #excerpt = null;
  #thread = null;
  /// Which version is shown; `null` for the newest.
  #version = null;
  #failed = "";
  #body = make("div", { class: "content", tabIndex: 0 });
  #asked = 0;

  connectedCallback() {
    this.hidden = true;
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "Story");
    const act = (name, text, title, then) => button(name, text, () => this.event && then(this.event), { title, ariaLabel: title });
    this.replaceChildren(
      make("header", {},
        make("h2", {}, "Story"),
        act("", "Copy", "Copy the line (y)", copyLine),
        act("", "Link", "Copy the link (c)", copyLink),
        act("star", "☆", "Star (s)", (event) => this.#emit("star", event)),
        button("close", "✕", () => this.close(), { ariaLabel: "Close (Esc)" })),
      this.#body);
  }

  get event() {
    return this.#whole?.event ?? null;
  }

  get id() {
    return this.#id;
  }

  open(id) {
    this.hidden = false;
    document.body.classList.add("reading");
    if (id !== this.#id) {
      this.#id = id;
      this.#whole = null;
      this.#excerpt = null;
      this.#thread = null;
      this.#version = null;
      this.#failed = "";
      this.#body.scrollTop = 0;
      this.paint();
    }
    this.#emit("storyopen", id);
    return this.#fetch();
  }

  close() {
    if (this.hidden) return false;
    this.hidden = true;
    this.#id = null;
    this.#whole = null;
    this.#body.replaceChildren();
    document.body.classList.remove("reading");
    this.#emit("storyopen", null);
    return true;
  }

  /// Something was told: what belongs to this story is shown at once, where one reads.
  told(event) {
    if (!this.#id) return;
    const ours = this.#whole?.versions.map((version) => version.id) ?? [this.#id];
    const about = event.supersedes?.id ?? event.withdraws?.id;
    if (event.action === "withdrawn" && ours.includes(about)) {
      // The words go before anything is fetched.
      this.#whole = null;
      this.#excerpt = null;
      this.#thread = null;
      this.#failed = `Withdrawn: ${plain(event.withdraws.reason)}`;
      soon(this);
      this.#fetch();
    } else if (ours.includes(about) || (this.#whole && event.thread === this.#whole.event.thread)) {
      this.#fetch();
    }
  }

  async #fetch() {
    const asked = ++this.#asked;
    const id = this.#id;
    const get = async (path) => {
      const answer = await fetch(path, { headers: { accept: "application/json" } });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.message);
      return body;
    };
    try {
      const whole = await get(`v1/events/${id}`);
      if (asked !== this.#asked) return;
      this.#whole = whole;
      this.#failed = "";
      soon(this);
      const { event } = whole;
      if (event.withdrawnBy) return;
      const more = await Promise.allSettled([
        get(`v1/pages/${event.page.hash}?line=${event.page.line}&around=${AROUND}`),
        get(`v1/threads/${event.thread}`),
      ]);
      if (asked !== this.#asked) return;
      [this.#excerpt, this.#thread] = more.map(({ value }) => value ?? null);
      soon(this);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#failed = `This can't be shown: ${error.message}`;
      soon(this);
    }
  }

  paint() {
    if (!this.#id) return;
    const { scrollTop } = this.#body;
    const slider = this.#body.querySelector("input");
    const sliding = slider && document.activeElement === slider;
    this.querySelector(".star").textContent = this.#whole && marks.isStarred(this.#whole.event.id) ? "★" : "☆";
    if (!this.#whole) {
      this.#body.replaceChildren(make("p", { class: "quiet" }, this.#failed || "Loading …"));
      return;
    }
    const { versions, sightings, earlierSightings } = this.#whole;
    const at = this.#version ?? versions.length - 1;
    const shown = versions[at] ?? this.#whole.event;
    const before = versions[at - 1] ?? null;
    this.#body.replaceChildren(
      ...this.#head(shown, before),
      ...this.#slider(versions, at),
      ...text(shown, before),
      ...timeline(sightings, earlierSightings),
      ...this.#page(),
      ...this.#threadOf(shown),
      ...why(this.#whole.event),
      address(this.#whole.event));
    this.#body.scrollTop = scrollTop;
    if (sliding) this.#body.querySelector("input")?.focus();
  }

  #head(event, before) {
    const now = event.withdrawnBy ? "(text withdrawn)" : headline(event);
    const then = before && !before.withdrawnBy ? headline(before) : null;
    const words = then && then !== now && !event.withdrawnBy ? changed(then, now) : [now];
    const { item } = event;
    const facts = [sourceName(event), plain(item.byline), item.published && printed(item.published), plain(item.dateline), item.credit && `Source: ${plain(item.credit)}`];
    return [
      make("h3", { class: event.kind }, quote("", item.language, ...words)),
      make("p", { class: "facts" }, make("time", { dateTime: event.time, title: new Date(event.time).toLocaleString() }, stamp(new Date(event.time))),
        " · ", quote(facts.filter(Boolean).join(" · "), item.language)),
      item.standfirst ? make("p", { class: "standfirst" }, quote(item.standfirst, item.language)) : null,
    ].filter(Boolean);
  }

  #slider(versions, at) {
    if (versions.length < 2) return [];
    const name = `Version ${versions[at].item.version} of ${versions.at(-1).item.version}, ${stamp(new Date(versions[at].time))}`;
    const slider = make("input", { type: "range", min: "0", max: String(versions.length - 1), value: String(at), ariaLabel: "Version" });
    slider.setAttribute("aria-valuetext", name);
    slider.addEventListener("input", () => {
      this.#version = Number(slider.value) === versions.length - 1 ? null : Number(slider.value);
      soon(this);
    });
    return [make("div", { class: "versions" }, slider, make("span", {}, name))];
  }

  #page() {
    const excerpt = this.#excerpt;
    if (!excerpt?.lines?.length) return [];
    const lines = excerpt.lines.map(({ number, text: words }) =>
      make("li", { class: number === excerpt.line ? "here" : null, value: number }, quote(words)));
    return [make("h4", {}, "On its page"), make("ol", { class: "excerpt" }, ...lines),
      make("p", { class: "quiet" }, make("code", {}, plain(excerpt.name ?? this.#whole.event.page.name)))];
  }

  #threadOf(shown) {
    const others = (this.#thread?.events ?? []).filter((event) => event.id !== shown.id && !event.withdrawnBy);
    if (others.length === 0) return [];
    return [make("h4", {}, "The whole story"), make("ol", { class: "thread" }, ...others.map((event) => {
      const open = button("line", "", () => this.open(event.id));
      open.append(quote(headline(event), event.item.language));
      return make("li", {}, make("time", { dateTime: event.time }, stamp(new Date(event.time))), open,
        make("span", { class: "quiet" }, sourceName(event)));
    }))];
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/// The body, with the sentences that the version before didn't have.
function text({ item }, before) {
  if (!item.body) return [];
  const paragraphs = plain(item.body).split("\n\n");
  const known = before?.item.body ? new Set(sentences(plain(before.item.body))) : null;
  return [make("div", { class: "body" }, ...paragraphs.map((paragraph) => {
    const parts = known
      ? sentences(paragraph).flatMap((sentence) => [known.has(sentence) ? sentence : make("ins", {}, sentence), " "])
      : [paragraph];
    return make("p", { dir: "auto", lang: item.language }, ...parts);
  }))];
}

const sentences = (words) => words.split(/(?<=[.!?؟。！？])\s+|\n\n/u).filter(Boolean);

/// Who had it when: what is kept only as a sum for each source, then what is kept one by one.
function timeline(all, earlier) {
  const count = earlier.reduce((sum, { sightings }) => sum + sightings, all.length);
  if (count === 0) return [];
  const list = make("ol", { class: "sightings" });
  for (const sum of earlier) {
    const first = new Date(sum.first);
    list.append(make("li", {}, make("time", { dateTime: sum.first, title: first.toLocaleString() }, stamp(first)),
      quote(sum.source ?? "unknown source"), make("span", { class: "quiet" }, `×${sum.sightings}, last ${stamp(new Date(sum.last))}`)));
  }
  const first = new Date(all[0]?.at);
  for (const [at, sighting] of all.entries()) {
    const seen = new Date(sighting.at);
    list.append(make("li", {},
      make("time", { dateTime: sighting.at, title: seen.toLocaleString() }, at === 0 ? stamp(seen) : later(seen - first)),
      quote(sighting.source ?? "unknown source"),
      make("code", {}, `${plain(sighting.name)}:${sighting.line}`)));
  }
  return [make("h4", {}, count === 1 ? "Seen once" : `Seen ${count} times`), list];
}

/// Why it was judged so.
function why(event) {
  const { verdict, action, change, relatedTo, supersedes } = event;
  if (!verdict) return [];
  const told = {
    new: "as new", update: supersedes ? `as an update of #${supersedes.seq}` : "as an update",
    related: relatedTo?.older ? "as related to a newer line" : "as related to what was told",
  }[action] ?? action;
  const parts = [make("p", {}, `Told ${told} by the rule `, make("q", {}, plain(verdict.rule)),
    verdict.of ? `, likeness ${Math.round(verdict.score * 100)} %.` : ".")];
  if (verdict.differs?.length) parts.push(make("ul", {}, ...verdict.differs.map((differs) => make("li", {}, quote(differs)))));
  const words = change?.words ?? [];
  if (words.length) parts.push(make("p", {}, ...words.slice(0, 12).flatMap(({ was, now }) => [...replaced(was, now), "  "])));
  return [make("h4", {}, "Why it was told"), make("div", { class: "why-told" }, ...parts)];
}

function address(event) {
  const url = webAddress(event);
  const links = make("p", { class: "links" });
  if (url) links.append(make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, "Open the page ↗"), " · ");
  links.append(make("a", { href: `v1/events/${event.id}`, target: "_blank" }, "JSON"), ` · #${event.seq} · ${clock(new Date(event.time))}`);
  return links;
}

customElements.define("wire-story", WireStory);
