// The pulse of the wire: who feeds it, how long since, what was set aside, and how quick it is.
import { ago, clock, stamp } from "./clock.js";
import { draw, make, plain, quote } from "./make.js";
import { refill, toggleSheet } from "./sheet.js";

/// Milliseconds between two looks.
const PACE = 30_000;
/// Measured ways from the drop to the screen that are kept.
const KEPT = 500;

const took = [];
let figures = null;

/// How long an event took from its page's arrival to the screen, in milliseconds.
export function measured(ms) {
  took.push(Math.max(0, ms));
  if (took.length > KEPT) took.shift();
}

function quantile(part) {
  if (took.length === 0) return "–";
  const sorted = [...took].sort((a, b) => a - b);
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))])} ms`;
}

export class Pulse {
  element = make("button", { type: "button", class: "pulse", title: "Sources and pulse (p)" });
  #path = draw("path", {});
  #total = make("span", {});
  #timer = null;

  constructor() {
    this.element.append(draw("svg", { viewBox: "0 0 120 20", preserveAspectRatio: "none", "aria-hidden": "true" }, this.#path), this.#total);
    this.element.addEventListener("click", () => this.open());
  }

  start() {
    this.#look();
    this.#timer ??= setInterval(() => document.hidden || this.#look(), PACE);
  }

  open() {
    toggleSheet("sources", "Sources and pulse", content());
    this.#look();
  }

  async #look() {
    try {
      const answer = await fetch("v1/sources", { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      figures = await answer.json();
    } catch {
      // The band says that nobody answers.
      return;
    }
    const total = figures.minutes.reduce((sum, count) => sum + count, 0);
    this.#path.setAttribute("d", bars(figures.minutes, 2, 20));
    this.#total.textContent = `${total.toLocaleString()}/h`;
    this.element.setAttribute("aria-label", `${total.toLocaleString()}/h, lines told in the last hour: sources and pulse`);
    refill("sources", content());
  }
}

/// Columns of a small chart, `step` wide each.
function bars(counts, step, height) {
  const most = Math.max(3, ...counts);
  return counts.map((count, at) => {
    const tall = count === 0 ? 0.6 : Math.max(2, (count / most) * (height - 1));
    return `M${at * step} ${height}v${-tall.toFixed(1)}h${(step * 0.7).toFixed(1)}v${tall.toFixed(1)}z`;
  }).join("");
}

function content() {
  if (!figures) return [make("p", { class: "quiet" }, "Looking …")];
  const now = Date.parse(figures.at);
  const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  const total = figures.minutes.reduce((sum, count) => sum + count, 0);
  const facts = make("dl", { class: "facts" },
    fact("Lines in the last hour", total.toLocaleString()),
    fact("Drop to screen, median", quantile(0.5)),
    fact("Drop to screen, 95 of 100", quantile(0.95)),
    fact("Sources in 24 hours", figures.sources.length.toLocaleString()));
  const chart = draw("svg", { class: "rate", viewBox: "0 0 720 80", preserveAspectRatio: "none", role: "img", "aria-label": "Lines told in each of the last 60 minutes" },
    draw("path", { d: bars(figures.minutes, 12, 80) }));
  const table = make("table", {},
    make("thead", {}, make("tr", {}, ...["Source", "Last page", "Pages by hour, 24 h", "Pages", "Set aside"].map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...figures.sources.map((source) => sourceRow(source, now))));
  return [facts, chart, table];
}

function sourceRow(source, now) {
  const last = Date.parse(source.lastPage);
  const silent = source.rhythmSeconds && (now - last) / 1000 > source.rhythmSeconds * 4 && now - last > 10 * 60_000;
  const spark = draw("svg", { class: "spark", viewBox: "0 0 120 20", preserveAspectRatio: "none", role: "img", "aria-label": `${source.pages} pages in 24 hours` },
    draw("path", { d: bars(source.hours, 5, 20) }));
  const aside = source.rejected === 0 ? "" : make("details", {},
    make("summary", {}, String(source.rejected)),
    make("ul", {}, ...source.reasons.map(({ name, reason, at }) => make("li", {}, make("time", { dateTime: at }, stamp(new Date(at))), " ", make("code", {}, plain(name)), ` ${plain(reason)}`))));
  return make("tr", { class: silent ? "silent" : null },
    make("th", { scope: "row" }, quote(source.name ?? "unknown source")),
    make("td", { title: new Date(last).toLocaleString() }, `${clock(new Date(last))} · ${ago(now - last)}`, silent ? make("b", {}, " silent") : ""),
    make("td", {}, spark), make("td", { class: "number" }, source.pages.toLocaleString()), make("td", {}, aside));
}
