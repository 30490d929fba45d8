// A column: rows newest first. What is being read doesn't move.
import { dayName, dayOf } from "./clock.js";
import { detail } from "./detail.js";
import { make } from "./make.js";
import { Row } from "./row.js";

const ROWS = 500;

class WireList extends HTMLElement {
  #log = make("div", { role: "log", class: "rows" });
  #pill = make("button", { type: "button", class: "pill", hidden: true });
  #more = make("button", { type: "button", class: "older", hidden: true }, "Older");
  #empty = make("p", { class: "quiet empty" }, "Nothing yet. What is told appears here at once.");
  #rows = new Map();
  /// Events that wait while the list is being read, oldest first.
  #held = [];
  #fresh = [];
  #tallies = [];
  /// What was taken back, by the event it took back.
  #gone = new Map();
  #changed = false;

  connectedCallback() {
    this.#log.setAttribute("aria-label", this.getAttribute("kind") === "ticker" ? "Breaking lines, newest first" : "Articles, newest first");
    this.replaceChildren(this.#pill, this.#log, this.#empty, this.#more);
    this.#pill.addEventListener("click", () => {
      scrollTo({ top: 0 });
      this.release();
    });
    this.#more.addEventListener("click", () => {
      const seqs = [...this.#rows.values()].map((row) => row.event.seq);
      this.dispatchEvent(new CustomEvent("older", { detail: Math.min(...seqs) }));
    });
    this.#log.addEventListener("click", (event) => this.#clicked(event));
    this.#log.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches(".row")) this.#toggle(event.target);
    });
    this.addEventListener("pointerleave", () => this.#reading() || this.release());
    addEventListener("scroll", () => this.#held.length && !this.#reading() && this.release(), { passive: true });
  }

  /// Takes an event; what happens now waits while the list is being read. What is taken back does
  /// not: its words go at once.
  add(event) {
    if (event.action === "withdrawn") {
      this.#gone.set(event.withdraws.id, event);
      this.#rows.get(event.withdraws.id)?.withdraw(event);
    } else if (event.live && this.#reading()) this.#held.push(event);
    else this.#fresh.push(event);
  }

  /// Shows what waited.
  release() {
    this.#fresh.push(...this.#held);
    this.#held = [];
    this.settle();
  }

  /// Writes what has gathered into the page, at once.
  settle() {
    this.#pill.hidden = this.#held.length === 0;
    this.#pill.textContent = `${this.#held.length} new ↑`;
    if (this.#fresh.length > 0) {
      const rows = [];
      for (const event of this.#fresh) this.#place(event, rows);
      this.#fresh = [];
      this.#log.prepend(...rows.reverse().map((row) => row.element));
      this.#trim();
      this.#changed = true;
    }
    for (const tally of this.#tallies) {
      const row = this.#rows.get(tally.id);
      if (row?.event.id === tally.id) row.count(tally);
    }
    this.#tallies = [];
    if (this.#changed) {
      this.#changed = false;
      this.#days();
      this.#empty.hidden = this.#rows.size > 0;
    }
  }

  #place(event, rows) {
    if (this.#rows.has(event.id)) return;
    const old = event.supersedes && this.#rows.get(event.supersedes.id);
    const row = old ?? new Row(event);
    if (old) {
      old.set(event);
      const at = rows.indexOf(old);
      if (at >= 0) rows.splice(at, 1);
    }
    this.#keep(event.id, row);
    row.element.classList.toggle("fresh", event.live === true);
    rows.push(row);
  }

  /// Notes the row of an event, which may have been taken back before it came here.
  #keep(id, row) {
    this.#rows.set(id, row);
    for (const known of row.ids) {
      if (this.#gone.has(known)) row.withdraw(this.#gone.get(known));
    }
  }

  /// Adds older events below.
  older(events, more) {
    const mine = events.filter((event) => event.kind === this.getAttribute("kind"));
    for (const event of mine.reverse()) {
      if (this.#rows.has(event.id) || event.action === "withdrawn") continue;
      const row = new Row(event);
      this.#keep(event.id, row);
      this.#log.append(row.element);
    }
    this.#more.hidden = !more || this.#rows.size === 0;
    this.#changed = true;
  }

  /// How often an event was seen, once its row is there.
  count(tally) {
    this.#tallies.push(tally);
  }

  /// A remark about the stream itself, where it belongs in it.
  note(text, kind) {
    this.settle();
    this.#log.prepend(make("p", { class: `note ${kind}` }, text));
  }

  clear() {
    this.#rows.clear();
    this.#gone.clear();
    this.#tallies = [];
    this.#held = [];
    this.#fresh = [];
    this.#log.replaceChildren();
    this.#more.hidden = true;
    this.#changed = true;
  }

  /// While the past is replayed, nothing is read out.
  busy(busy) {
    this.#log.setAttribute("aria-busy", String(busy));
    if (!busy && this.#rows.size > 0) this.#more.hidden = false;
  }

  /// The pointer is on it, it is scrolled down, or something in it is open or focused.
  #reading() {
    if (scrollY > 40 && this.offsetParent !== null) return true;
    if (this.#log.contains(document.activeElement)) return true;
    return matchMedia("(hover: hover)").matches && this.#log.matches(":hover");
  }

  #clicked(event) {
    const refine = event.target.closest("[data-refine]");
    if (refine) {
      this.dispatchEvent(new CustomEvent("refine", { detail: refine.dataset.refine }));
      return;
    }
    const row = event.target.closest(".row");
    if (!row || event.target.closest("a, .more")) return;
    // Who selects words wants to copy them.
    if (String(getSelection())) return;
    this.#toggle(row);
  }

  #toggle(element) {
    const open = element.querySelector(".more");
    if (open) {
      open.remove();
      element.removeAttribute("aria-expanded");
      return;
    }
    const row = this.#rows.get(element.dataset.id);
    const more = make("div", { class: "more" });
    element.querySelector(".said").append(more);
    element.setAttribute("aria-expanded", "true");
    detail(row.event, more);
  }

  #trim() {
    const elements = this.#log.querySelectorAll(".row");
    for (let at = ROWS; at < elements.length; at += 1) {
      const row = this.#rows.get(elements[at].dataset.id);
      for (const id of row?.ids ?? []) this.#rows.delete(id);
      elements[at].remove();
    }
  }

  /// A heading where a day begins.
  #days() {
    for (const old of this.#log.querySelectorAll(".day-name")) old.remove();
    let day = dayOf(new Date());
    for (const element of this.#log.querySelectorAll(".row")) {
      const at = new Date(element.querySelector("time").dateTime);
      if (dayOf(at) !== day) {
        day = dayOf(at);
        element.before(make("p", { class: "day-name" }, dayName(at)));
      }
    }
  }
}

customElements.define("wire-list", WireList);
