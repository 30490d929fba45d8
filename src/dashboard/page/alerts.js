// Alerts: silent until somebody asks for them, column by column.
import { clock } from "./clock.js";
import { headline, isNews, sourceName } from "./event.js";
import { button, make, quote } from "./make.js";
import { say } from "./toast.js";

const STORED = "flashwire.alerts";

/// Milliseconds over which alerts of one column become one.
const GROUP = 30_000;
const LOG = 100;

const none = { sound: false, note: false };
const keyOf = ({ kind, q }) => `${kind}|${q}`;

const load = () => {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
};

let rules = load();
/// What rang, newest first.
const log = [];
/// By column: what waits to be told together.
const groups = new Map();
/// Pages that have rung: the lines of one page are one piece of news.
const pages = new Set();
let sound = null;
let unheard = 0;
let onlog = () => {};

export const alerts = {
  rule: (spec) => rules[keyOf(spec)] ?? none,

  async set(column, rule) {
    if (rule.note && !alerts.rule(column.spec).note) {
      if (!("Notification" in window)) return say("This browser has no desktop notes");
      if ((await Notification.requestPermission()) !== "granted") return say("The browser does not allow desktop notes here");
    }
    if (rule.sound) beep();
    rules = { ...rules, [keyOf(column.spec)]: rule };
    if (!rule.sound && !rule.note) delete rules[keyOf(column.spec)];
    localStorage.setItem(STORED, JSON.stringify(rules));
    column.rings(rule.sound || rule.note);
    return undefined;
  },

  /// Takes an event that a column has just shown.
  hear(event, column) {
    const rule = alerts.rule(column.spec);
    if ((!rule.sound && !rule.note) || !event.live || !isNews(event) || event.action === "related") return;
    const page = `${keyOf(column.spec)} ${event.page.hash}`;
    if (pages.has(page)) return;
    pages.add(page);
    if (pages.size > 2000) pages.delete(pages.values().next().value);
    log.unshift({ event, title: column.querySelector("h2").textContent, at: new Date() });
    if (log.length > LOG) log.pop();
    unheard += 1;
    onlog(unheard);
    const group = groups.get(column);
    if (group) {
      group.push(event);
      return;
    }
    ring(rule, column, [event]);
    groups.set(column, []);
    setTimeout(() => {
      const more = groups.get(column);
      groups.delete(column);
      if (more.length > 0) ring(alerts.rule(column.spec), column, more);
    }, GROUP);
  },

  onlog(then) {
    onlog = then;
  },

  /// A withdrawn text stays nowhere.
  forget(id) {
    const at = log.findIndex(({ event }) => event.id === id);
    if (at >= 0) log.splice(at, 1);
  },

  log(open) {
    unheard = 0;
    onlog(0);
    if (log.length === 0) {
      return [make("p", { class: "quiet" }, "Nothing has rung. Alerts are silent until you switch them on in a column's menu (⋯): a sound, a desktop note, or both.")];
    }
    return [make("ol", { class: "log" }, ...log.map(({ event, title, at }) => make("li", {},
      make("time", { dateTime: at.toISOString() }, clock(at)),
      button("line", "", () => open(event.id), {}),
      make("span", { class: "quiet" }, `${title} · ${sourceName(event)}`)))
      .map((item, place) => {
        item.querySelector("button").append(quote(headline(log[place].event), log[place].event.item.language));
        return item;
      }))];
  },
};

function ring(rule, column, events) {
  if (rule.sound) beep();
  if (!rule.note || !("Notification" in window) || Notification.permission !== "granted") return;
  const first = events.at(-1);
  const more = events.length > 1 ? ` (and ${events.length - 1} more)` : "";
  const note = new Notification(`${column.querySelector("h2").textContent}${more}`, {
    body: `${headline(first)}\n${sourceName(first)}`, tag: keyOf(column.spec), icon: "mark.svg",
  });
  note.onclick = () => {
    window.focus();
    note.close();
  };
}

/// Two short tones, made here: no file to fetch.
function beep() {
  sound ??= new AudioContext();
  sound.resume();
  for (const [at, pitch] of [[0, 740], [0.14, 988]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    const start = sound.currentTime + at;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.16, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
}
