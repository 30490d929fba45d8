// Joins the columns, the story beside them, and what lies around both.
import { alerts } from "./alerts.js";
import { WireColumn } from "./column.js";
import { copyLine, copyLink } from "./copy.js";
import { fromHash, toHash } from "./desk.js";
import { headline, sourceName, webAddress } from "./event.js";
import { help, syntax } from "./help.js";
import { listen } from "./keys.js";
import { Band } from "./link.js";
import { button, make, quote } from "./make.js";
import { marks } from "./marks.js";
import { addMenu, closeMenu } from "./menu.js";
import { soon } from "./paint.js";
import { closeSheet, sheetOpen, toggleSheet } from "./sheet.js";
import { measured, Pulse } from "./sources.js";
import "./story.js";
import { Subscription, token } from "./subscription.js";
import { wall } from "./wall.js";

/// Away for so many milliseconds: what came meanwhile is set apart.
const AWAY = 60_000;

/// Updates that were told before this page came, so that no column shows an outdated number.
const UPDATES = 40;

const board = document.querySelector(".board");
const tabs = document.querySelector(".tabs");
const story = document.querySelector("wire-story");
const state = document.querySelector("wire-state");
const pulse = new Pulse();
const band = new Band(() => columns().forEach((column) => column.subscription.hurry()));
const columns = () => [...board.querySelectorAll("wire-column")];

let active = null;
let newest = 0;
let left = null;

document.querySelector(".masthead").after(band.element);
document.querySelector(".tools").prepend(wall.clock, pulse.element);
board.after(wall.newest);

// ---- columns

function add(spec) {
  const column = new WireColumn(spec);
  board.append(column);
  const rule = alerts.rule(spec);
  column.rings(rule.sound || rule.note);
  return column;
}

function lay({ columns: specs, story: id }) {
  const stand = columns();
  specs.forEach((spec, at) => {
    const old = stand[at]?.spec;
    if (old?.kind === spec.kind) {
      if (old.q !== spec.q) stand[at].refilter(spec.q);
      if (old.title !== spec.title) stand[at].rename(spec.title);
      return;
    }
    const column = new WireColumn(spec);
    if (stand[at]) {
      stand[at].replaceWith(column);
      stand[at].end();
    } else board.append(column);
    column.rings(Boolean(alerts.rule(spec).sound || alerts.rule(spec).note));
  });
  for (const column of stand.slice(specs.length)) column.end();
  arranged();
  if (id && id !== story.id) story.open(id);
}

/// Columns came, went or moved.
function arranged() {
  const all = columns();
  if (!all.includes(active)) active = all[0] ?? null;
  board.style.setProperty("--columns", all.length);
  tabs.replaceChildren(...all.map((column) => {
    const tab = button("", column.querySelector("h2").textContent, () => go(column));
    tab.setAttribute("aria-pressed", String(column === active));
    return tab;
  }));
  keepAddress();
  soon(desk);
}

let written = location.hash;
function keepAddress() {
  const hash = toHash(columns().map((column) => column.spec), story.id, innerWidth);
  if (hash === written) return;
  written = hash;
  history.replaceState(null, "", hash || location.pathname + location.search);
}

function go(column, focus = true) {
  if (!column) return;
  active = column;
  for (const [at, tab] of [...tabs.children].entries()) tab.setAttribute("aria-pressed", String(columns()[at] === column));
  column.scrollIntoView({ inline: "start", block: "nearest" });
  if (focus) (column.querySelector(".row[tabindex='0']") ?? column.querySelector("input")).focus({ preventScroll: true });
}

function close(column) {
  if (columns().length === 1) return;
  const at = columns().indexOf(column);
  column.end();
  arranged();
  go(columns()[Math.max(0, at - 1)]);
}

function move(column, by) {
  const all = columns();
  const at = all.indexOf(column) + by;
  if (at < 0 || at >= all.length) return;
  // The column is not taken out of the page: that would end its focus and its scroll.
  if (by < 0) all[at].before(column);
  else all[at].after(column);
  arranged();
  go(column);
}

// ---- how the desk stands

const desk = {
  paint() {
    const all = columns().map((column) => column.subscription.state);
    const shown = columns().map((column) => ({ name: column.dataset.line ?? "connecting", reason: column.subscription.state.reason }))
      .filter(({ name }) => name !== "refused");
    state.show(shown, newest);
    const since = all.map((line) => line.since).filter(Boolean).sort((a, b) => a - b)[0] ?? null;
    const lost = all.some(({ name }) => ["offline", "retrying"].includes(name));
    band.show(lost ? since : null, newest ? new Date(newest) : null);
    title();
  },
};

const icon = document.querySelector("link[rel=icon]");
function title() {
  const unread = columns().reduce((most, column) => most + column.unread, 0);
  document.title = unread ? `(${unread}) flashwire` : "flashwire";
  const badge = unread && document.hidden ? "mark-new.svg" : "mark.svg";
  if (!icon.href.endsWith(badge)) icon.href = badge;
}

/// Measures how long what is shown now took from its page's arrival.
const stopwatch = {
  arrived: [],
  paint() {},
  painted() {
    const now = Date.now();
    for (const { at } of this.arrived) measured(now - at);
    this.arrived = [];
  },
};

board.addEventListener("told", ({ detail: { event, column } }) => {
  newest = Math.max(newest, Date.parse(event.time));
  story.told(event);
  if (!event.live) return;
  alerts.hear(event, column);
  wall.told(event);
  if (document.hidden) title();
  else {
    const noticed = Date.parse(event.time) - (event.timing?.judgedUs ?? 0) / 1000 - column.subscription.skew;
    stopwatch.arrived.push({ at: noticed });
    soon(stopwatch);
  }
});

/// A withdrawn text stays nowhere: not in an open story, a log or a star.
function withdrawn(event) {
  story.told(event);
  marks.forget(event.withdraws.id);
  alerts.forget(event.withdraws.id);
  wall.forget(event.withdraws.id);
}

board.addEventListener("withdrawn", ({ detail }) => withdrawn(detail));
board.addEventListener("line", () => soon(desk));
board.addEventListener("change", () => arranged());
board.addEventListener("closed", ({ target }) => close(target));
board.addEventListener("moved", ({ target, detail }) => move(target, detail));
board.addEventListener("syntax", () => syntax());
board.addEventListener("focusin", ({ target }) => {
  const column = target.closest("wire-column");
  if (column && column !== active) go(column, false);
});

// A column's filter may keep out the newer version of what it shows: updates are heard apart.
const updates = new Subscription({ action: "update" }, UPDATES);
updates.onframe = (event) => {
  if (event.type !== "event") return;
  if (event.action === "withdrawn") withdrawn(event);
  else {
    for (const column of columns()) if (column.spec.q) column.overtake(event);
    story.told(event);
  }
};

// ---- the story

board.addEventListener("story", ({ detail: { entry } }) => open(entry.event.id));
story.addEventListener("storyopen", ({ detail }) => {
  if (detail) {
    marks.read(detail);
    columns().forEach((column) => soon(column));
  }
  keepAddress();
});
story.addEventListener("star", ({ detail }) => star(detail));

function open(id) {
  closeSheet();
  story.open(id);
}

function star(event) {
  marks.toggleStar({ id: event.id, headline: headline(event), source: sourceName(event), time: event.time, language: event.item.language });
  columns().forEach((column) => soon(column));
  soon(story);
}

function stars() {
  const all = marks.stars();
  toggleSheet("stars", "Starred", all.length === 0
    ? [make("p", { class: "quiet" }, "Nothing is starred. A star (s on a row) keeps a line at hand in this browser.")]
    : [make("ol", { class: "log" }, ...all.map(({ id, headline: text, source, time, language }) => {
      const line = button("line", "", () => open(id));
      line.append(quote(text, language));
      return make("li", {}, make("time", { dateTime: time }, new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })), line, make("span", { class: "quiet" }, source));
    }))]);
}

// ---- tools and keys

const bell = document.querySelector("button.bell");
const bellLog = () => toggleSheet("bell-log", "What has rung", alerts.log(open));
alerts.onlog((unheard) => {
  bell.dataset.unheard = unheard || "";
});
const plus = document.querySelector("button.add");
const addColumn = (spec) => {
  const column = add(spec);
  arranged();
  go(column, false);
  column.focusQuery();
};
const compact = () => {
  const on = document.documentElement.classList.toggle("compact");
  localStorage.setItem("flashwire.compact", on ? "1" : "");
  columns().forEach((column) => soon(column));
};
if (localStorage.getItem("flashwire.compact")) document.documentElement.classList.add("compact");

plus.addEventListener("click", () => addMenu(plus, addColumn));
bell.addEventListener("click", bellLog);
document.querySelector("button.stars").addEventListener("click", stars);
document.querySelector("button.compact").addEventListener("click", compact);
document.querySelector("button.wall").addEventListener("click", () => wall.toggle());
document.querySelector("button.help").addEventListener("click", help);

function step(by) {
  const rows = active?.rows ?? [];
  const at = rows.indexOf(document.activeElement?.closest?.(".row"));
  const first = rows.findIndex((row) => row.tabIndex === 0);
  rows[at < 0 ? Math.max(0, first) : Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}

const beside = (by) => {
  const all = columns();
  go(all[Math.max(0, Math.min(all.length - 1, all.indexOf(active) + by))]);
};
const on = (then) => (entry) => (entry ? then(entry.event, entry) : story.event ? then(story.event, null) : false);

listen({
  j: () => step(1),
  k: () => step(-1),
  h: () => beside(-1),
  l: () => beside(1),
  digit: (_, event) => go(columns()[Number(event.key) - 1]),
  Enter: (entry) => (entry ? open(entry.event.id) : false),
  o: on((event) => {
    const url = webAddress(event);
    if (url) window.open(url, "_blank", "noopener,noreferrer");
  }),
  y: on((event) => copyLine(event)),
  c: on((event) => copyLink(event)),
  s: on((event) => star(event)),
  m: on((event) => {
    marks.toggleRead(event.id);
    columns().forEach((column) => soon(column));
  }),
  "/": () => active?.focusQuery(),
  " ": () => active?.pause(),
  g: () => {
    document.activeElement?.blur?.();
    active?.release();
  },
  G: () => {
    const rows = active?.rows ?? [];
    rows.at(-1)?.focus();
    active?.older();
  },
  n: () => addMenu(plus, addColumn),
  x: () => active && close(active),
  "[": () => active && move(active, -1),
  "]": () => active && move(active, 1),
  p: () => pulse.open(),
  b: bellLog,
  "*": stars,
  d: compact,
  w: () => wall.toggle(),
  "?": help,
  Escape: () => {
    if (sheetOpen()) closeSheet();
    else if (closeMenu()) return;
    else if (wall.on) wall.toggle(false);
    else if (!story.close()) {
      document.activeElement?.blur?.();
      active?.release();
    }
  },
});

// ---- a token

const dialog = document.querySelector("dialog.token");
board.addEventListener("token", () => dialog.open || dialog.showModal());
dialog.addEventListener("close", () => {
  const field = document.querySelector("#token");
  if (!field.value) return;
  token.set(field.value);
  field.value = "";
  for (const column of columns()) column.subscription.connect();
  updates.connect();
  pulse.start();
});

// ---- coming, going, time

addEventListener("hashchange", () => {
  if (location.hash === written) return;
  written = location.hash;
  const wanted = fromHash(location.hash, innerWidth);
  if (wanted.story && wanted.usual) open(wanted.story);
  else lay(wanted);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    left = Date.now();
    columns().forEach((column) => column.left());
  } else if (left !== null && Date.now() - left < AWAY) {
    columns().forEach((column) => column.stayed());
  }
  title();
});

setInterval(() => {
  band.tick();
  wall.tick();
  for (const column of columns()) column.tick();
  soon(desk);
}, 1000);

lay(fromHash(location.hash, innerWidth));
wall.tick();
updates.connect();
pulse.start();
