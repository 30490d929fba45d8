// A column: a filter of its own, a scroll of its own, and a head that says how it stands.
import { button, make } from "./make.js";
import { columnMenu } from "./menu.js";
import { Hold } from "./hold.js";
import { List } from "./list.js";
import { Order } from "./order.js";
import { soon } from "./paint.js";
import { Subscription } from "./subscription.js";
import { isNews } from "./event.js";
import { stamp } from "./clock.js";
import { parametersOf, titleOf } from "./desk.js";

/// Events that a column begins with, and asks for when somebody scrolls on.
const NEWEST = 40;
const OLDER = 100;

let made = 0;

export class WireColumn extends HTMLElement {
  order = new Order();
  /// Arrivals that nobody has had before the eyes yet.
  unread = 0;
  refused = "";

  #spec;
  #subscription;
  #list;
  #hold;
  #waiting = 0;
  #live = false;
  #asking = false;
  #loaded = false;

  #title = make("h2", {});
  #count = make("span", { class: "held" });
  #unread = make("span", { class: "unread" });
  #bell = make("span", { class: "rings", title: "Alerts are on" }, "♪");
  #pause = button("pause", "", () => this.release(), { hidden: true, title: "Show what waits (g)" });
  #query = make("input", { type: "search", autocomplete: "off", autocapitalize: "off", spellcheck: false, enterKeyHint: "search" });
  #says = make("p", { class: "says", role: "alert" });
  #empty = make("p", { class: "empty", hidden: true });
  #scroller = make("div", { class: "scroller" });

  constructor(spec) {
    super();
    this.#spec = spec;
    this.#list = new List(this.#scroller, this.order);
  }

  get spec() {
    return this.#spec;
  }

  get subscription() {
    return this.#subscription;
  }

  get rows() {
    return this.#list.elements;
  }

  connectedCallback() {
    if (this.#subscription) return;
    const number = ++made;
    this.className = "column";
    this.setAttribute("role", "region");
    this.#title.id = `column-${number}`;
    this.#query.id = `query-${number}`;
    this.#says.id = `says-${number}`;
    this.setAttribute("aria-labelledby", this.#title.id);
    this.#list.element.setAttribute("aria-labelledby", this.#title.id);
    this.#query.setAttribute("aria-describedby", this.#says.id);
    this.#query.placeholder = "Filter: ferry “port amal” -drill";
    this.#query.value = this.#spec.q;
    const menu = button("menu", "⋯", () => columnMenu(this, menu), { ariaLabel: "Column menu", ariaHasPopup: "menu" });
    const help = button("syntax", "?", () => this.#emit("syntax"), { ariaLabel: "How a filter is written" });
    this.replaceChildren(
      make("header", {},
        make("div", { class: "head" }, this.#title, this.#count, this.#bell, this.#unread, this.#pause, menu),
        make("form", { class: "query", role: "search" },
          make("label", { class: "unseen", htmlFor: this.#query.id }, "Filter of this column"), this.#query, help),
        this.#says),
      this.#scroller);
    this.#scroller.append(this.#list.element, this.#empty);
    this.#hold = new Hold(this.#scroller, () => soon(this));
    this.#listen();
    this.#subscribe();
    this.#name();
  }

  /// Another place in the page is no other column.
  end() {
    this.#subscription.end();
    this.remove();
  }

  #subscribe() {
    const subscription = new Subscription(parametersOf(this.#spec), NEWEST);
    this.#subscription = subscription;
    subscription.onreset = () => this.#reset();
    subscription.onframe = (frame) => this.#take(frame);
    subscription.onrefused = (message) => this.#refuse(message);
    subscription.ontoken = () => this.#emit("token");
    subscription.onstate = (state) => {
      // Shown behind the frames: "Live" stands there once what came before it does.
      if (state.name !== "live") this.#tell(state.name);
      soon(this);
    };
    subscription.connect();
  }

  #listen() {
    let typing;
    const change = () => {
      clearTimeout(typing);
      this.refilter(this.#query.value.trim());
    };
    this.#query.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(change, 350);
    });
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      change();
    });
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroller.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      // Who selects words wants to copy them.
      if (!row || event.target.closest("a, button") || String(getSelection())) return;
      this.open(row.entry);
    });
    this.#scroller.addEventListener("focusin", (event) => {
      if (!event.target.matches(".row")) return;
      this.#list.choose(event.target);
    });
  }

  /// Wants something else from now on; what stands stays until the server has accepted it.
  refilter(q) {
    if (q === this.#spec.q && !this.refused) return;
    this.#spec = { ...this.#spec, q };
    if (this.#query.value.trim() !== q) this.#query.value = q;
    this.#emit("change");
    this.#subscription.want(parametersOf(this.#spec));
    this.#name();
  }

  rename(title) {
    this.#spec = { ...this.#spec, title };
    this.#name();
    this.#emit("change");
  }

  open(entry) {
    this.#emit("story", { entry, column: this });
  }

  focusQuery() {
    this.#query.focus();
    this.#query.select();
  }

  #name() {
    this.#title.textContent = titleOf(this.#spec);
    this.dataset.kind = this.#spec.kind;
  }

  #refuse(message) {
    this.refused = message;
    this.#says.textContent = message;
    if (message) this.#query.setAttribute("aria-invalid", "true");
    else this.#query.removeAttribute("aria-invalid");
    soon(this);
  }

  #reset() {
    this.order = new Order();
    this.#list.reset(this.order);
    this.#waiting = 0;
    this.unread = 0;
    this.#loaded = false;
    soon(this);
  }

  #take(frame) {
    switch (frame.type) {
      case "event":
        this.#event(frame);
        break;
      case "stats":
        for (const item of frame.items) this.order.count(item);
        break;
      case "gap":
        this.#list.note(`Positions ${frame.from}–${frame.to} are missing: ${frame.reason}.`, "gap");
        break;
      case "lost":
        this.#list.note(frame.text, "gap");
        break;
      case "resumed":
        this.#list.note(`Connection lost at ${stamp(frame.since)}. Resumed; nothing is missing.`, "resumed");
        break;
      case "otherWire":
        this.#reset();
        this.#list.note("This is another wire than before. What the other one told is no longer shown.", "gap");
        break;
      case "caughtUp":
        this.#loaded = true;
        break;
      default:
    }
    soon(this);
  }

  #event(event) {
    const shown = this.order.add(event);
    if (event.action === "withdrawn") {
      // What is taken back goes at once, whoever reads.
      this.#list.refresh();
      this.#emit("withdrawn", event);
      return;
    }
    if (event.live && isNews(event)) {
      if (shown && this.#stands) this.#waiting += 1;
      if (document.hidden || this.#stands || !this.#list.atTop) this.unread += 1;
    }
    this.#emit("told", { event, column: this });
  }

  /// A newer version exists of something that this column shows, and its filter keeps it out.
  overtake(update) {
    if (this.order.overtake(update)) {
      this.#list.refresh();
      soon(this);
    }
  }

  get #stands() {
    return this.#hold.held && this.#list.atTop;
  }

  /// Shows what waits, and goes to the newest.
  release() {
    this.#hold.release();
    if (this.order.detached) {
      this.#subscription.want({ ...parametersOf(this.#spec) });
      return;
    }
    this.#waiting = 0;
    this.unread = 0;
    this.#list.top();
    soon(this);
  }

  pause() {
    this.#hold.toggle();
  }

  /// Is called once a second.
  tick() {
    if (this.hasAttribute("paused") || this.#list.element.querySelector(".pinned")) soon(this);
    else this.#list.ages();
  }

  left() {
    this.#list.left();
  }

  stayed() {
    this.#list.stayed();
  }

  paint() {
    if (!this.#stands) {
      this.#list.draw();
      this.#waiting = 0;
      if (this.#list.atTop && !document.hidden) this.unread = 0;
    } else {
      this.#list.refresh();
    }
    this.#head();
    const empty = this.order.size === 0 && this.#loaded;
    this.#empty.hidden = !empty;
    if (empty) this.#empty.textContent = this.#spec.q ? "Nothing on this wire matches this filter so far." : "Nothing yet. What is told appears here at once.";
    this.#list.element.setAttribute("aria-busy", String(this.#subscription.state.name !== "live"));
    if (this.#subscription.state.name === "live" && !this.#live) this.#tell("live");
  }

  #head() {
    const scrolled = !this.#list.atTop;
    const paused = this.#hold.asked || this.#waiting > 0;
    this.toggleAttribute("paused", paused);
    const behind = scrolled ? this.unread : 0;
    this.#pause.hidden = !paused && behind === 0 && !this.order.detached;
    this.#pause.classList.toggle("amber", paused);
    this.#pause.textContent = paused
      ? `Paused · ${this.#waiting} waiting`
      : behind > 0 ? `${behind} new ↑` : "Back to now ↑";
    this.#unread.textContent = this.unread > 0 ? String(this.unread) : "";
    this.#unread.title = `${this.unread} not seen yet`;
    this.#count.textContent = this.order.size > 0 ? `${this.order.size.toLocaleString()}${this.order.more && this.order.size >= NEWEST ? "+" : ""}` : "";
    this.#count.title = `${this.order.size} loaded`;
  }

  rings(on) {
    this.#bell.hidden = !on;
  }

  #tell(name) {
    this.#live = name === "live";
    this.dataset.line = name;
    this.#emit("line");
  }

  #scrolled() {
    if (this.#list.reach()) this.older();
    soon(this);
  }

  async older() {
    if (this.#asking || !this.order.more || this.order.oldest === Infinity || !this.#loaded) return;
    this.#asking = true;
    const order = this.order;
    const answer = await this.#subscription.older(OLDER, order.oldest);
    this.#asking = false;
    // The answer may belong to what was shown before.
    if (!answer || order !== this.order) return;
    order.addOlder(answer.events, answer.more);
    if (answer.events.length === 0) order.more = false;
    soon(this);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

customElements.define("wire-column", WireColumn);
