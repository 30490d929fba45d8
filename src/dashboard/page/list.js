// The rows of a column: a window on what it holds, which draws no more than what may be seen.
import { clock, dayName, dayOf } from "./clock.js";
import { isNews } from "./event.js";
import { make } from "./make.js";
import { Row } from "./row.js";

/// Rows drawn at first, added when somebody scrolls on, and drawn at most.
const FIRST = 50;
const STEP = 40;
const MOST = 170;

/// Milliseconds for which a row counts as just told.
const YOUNG = 5 * 60_000;

/// Arrivals that are still pointed out one by one.
const FEW = 4;

export class List {
  element = make("div", { role: "log", class: "rows" });
  #scroller;
  #order;
  #rows = new Map();
  /// The view as it was last drawn, and which stretch of it stands in the page.
  #view = [];
  #from = 0;
  #to = FIRST;
  #notes = [];
  #left = null;
  #chosen = null;

  constructor(scroller, order) {
    this.#scroller = scroller;
    this.#order = order;
  }

  /// Begins anew.
  reset(order) {
    this.#order = order;
    this.#rows.clear();
    this.#view = [];
    this.#notes = [];
    this.#left = null;
    this.#from = 0;
    this.#to = FIRST;
    this.element.replaceChildren();
    this.#scroller.scrollTop = 0;
  }

  /// A remark about the stream itself, where it belongs in it.
  note(text, kind) {
    const after = this.#order.entries.at(-1)?.at ?? 0;
    this.#notes.push({ after, element: make("p", { class: `note ${kind}` }, text) });
    if (this.#notes.length > 20) this.#notes.shift();
  }

  /// What comes from now on is new to somebody who has left.
  left() {
    this.#left = { after: this.#order.entries.at(-1)?.at ?? 0, at: new Date() };
  }

  /// Nobody had really gone.
  stayed() {
    this.#left = null;
  }

  /// Shows which rows are only minutes old.
  ages() {
    const young = Date.now() - YOUNG;
    for (const [entry, row] of this.#rows) row.element.classList.toggle("young", isNews(entry.event) && Date.parse(entry.event.time) > young);
  }

  get atTop() {
    return this.#from === 0 && this.#scroller.scrollTop < 8;
  }

  /// Rows drawn.
  get elements() {
    return [...this.element.querySelectorAll(":scope > .row")];
  }

  /// Entries above the rows drawn.
  get above() {
    return this.#from;
  }

  /// Goes to the newest.
  top() {
    this.#from = 0;
    this.#to = FIRST;
    this.#chosen = null;
    this.draw();
    this.#scroller.scrollTop = 0;
  }

  /// Draws what the order holds now. Who has scrolled down keeps what is under the eyes.
  draw() {
    const before = this.#view;
    const view = this.#order.view();
    const top = this.atTop;
    const anchor = top ? null : this.#anchor();
    if (!top && before.length) {
      const first = before.slice(this.#from, this.#to).find((entry) => this.#order.find(entry.event.id) === entry);
      const moved = first ? view.indexOf(first) - before.indexOf(first) : 0;
      this.#from = Math.max(0, this.#from + moved);
      this.#to += moved;
    }
    this.#to = Math.max(this.#from + FIRST, Math.min(this.#to, this.#from + MOST));
    this.#view = view;
    this.#place(view.slice(this.#from, this.#to), before);
    this.#keep(anchor);
    this.#order.far = this.#from > 0;
  }

  /// Draws further rows where somebody scrolls towards them. True at the very end.
  reach() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const far = scrollHeight - clientHeight - scrollTop;
    if (far < 800 && this.#to < this.#view.length) {
      this.#move(Math.max(0, this.#to + STEP - MOST), this.#to + STEP);
    } else if (scrollTop < 800 && this.#from > 0) {
      const from = Math.max(0, this.#from - STEP);
      this.#move(from, Math.min(this.#to, from + MOST));
    }
    return far < 1200 && this.#to >= this.#view.length;
  }

  /// Draws shown rows anew, whatever holds the list: what is taken back goes at once.
  refresh() {
    for (const row of this.#rows.values()) row.draw();
  }

  /// The row that the keyboard has come to: it is where it comes back to.
  choose(row) {
    this.#chosen = row;
    this.#tabStop(row);
  }

  #tabStop(row) {
    for (const other of this.element.querySelectorAll(".row[tabindex='0']")) if (other !== row) other.tabIndex = -1;
    if (row) row.tabIndex = 0;
  }

  #move(from, to) {
    const anchor = this.#anchor();
    this.#from = from;
    this.#to = to;
    this.#place(this.#view.slice(this.#from, this.#to), this.#view);
    this.#keep(anchor);
    this.#order.far = this.#from > 0;
  }

  #anchor() {
    const edge = this.#scroller.getBoundingClientRect().top;
    for (const element of this.element.children) {
      const box = element.getBoundingClientRect();
      if (box.bottom > edge + 4 && element.entry) return { element, top: box.top };
    }
    return null;
  }

  #keep(anchor) {
    if (!anchor?.element.isConnected) return;
    this.#scroller.scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
  }

  #place(entries, before) {
    const arrived = before.length ? entries.filter((entry) => !this.#rows.has(entry) && entry.event.live) : [];
    const wanted = this.#laidOut(entries, arrived);
    const kept = new Set(wanted);
    for (const element of [...this.element.children]) if (!kept.has(element)) element.remove();
    let at = this.element.firstChild;
    for (const element of wanted) {
      if (element === at) at = at.nextSibling;
      else this.element.insertBefore(element, at);
    }
    for (const [entry, row] of this.#rows) if (!kept.has(row.element)) this.#rows.delete(entry);
    this.ages();
    if (!this.#chosen?.isConnected) this.#chosen = null;
    this.#tabStop(this.#chosen ?? this.element.querySelector(".row"));
  }

  /// Rows with what stands between them: days, notes, where the folder's old pages begin.
  #laidOut(entries, arrived) {
    const wanted = [];
    const notes = [...this.#notes].reverse();
    const today = dayOf(new Date());
    let day = this.#from === 0 ? today : null;
    let backfill = null;
    let left = this.#left;
    for (const entry of entries) {
      while (notes.length && !entry.pinned && notes[0].after >= entry.at) wanted.push(notes.shift().element);
      if (left && !entry.pinned && left.after >= entry.at) {
        if (wanted.length) wanted.push(divider("left", `New since you left at ${clock(left.at)} ↑`));
        left = null;
      }
      const old = entry.event.backfill;
      if (old && backfill === false) wanted.push(divider("folder", "From the folder, before flashwire watched it"));
      backfill = old;
      const at = new Date(entry.event.time);
      if (day !== null && dayOf(at) !== day) wanted.push(divider("day-name", dayName(at)));
      day = dayOf(at);
      wanted.push(this.#row(entry, arrived).element);
    }
    if (this.#from === 0) wanted.push(...notes.map((note) => note.element));
    return wanted;
  }

  #row(entry, arrived) {
    let row = this.#rows.get(entry);
    if (!row) {
      row = new Row(entry);
      this.#rows.set(entry, row);
      row.element.classList.toggle("fresh", arrived.length <= FEW && arrived.includes(entry));
    }
    row.draw();
    row.element.classList.toggle("pinned", entry.pinned);
    return row;
  }
}

const divider = (kind, text) => make("p", { class: `divider ${kind}` }, text);
