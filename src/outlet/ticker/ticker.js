// A line of news that runs across the screen: for OBS, CasparCG, vMix and walls.
//
// Each line is a box of its own that moves at one speed. A line comes in where there is room and
// goes where it has crossed; nothing else ever moves a box, but for the room that a longer wording
// needs, which is made step by step.

const DEFAULTS = { speed: 120, size: 36, lines: 12 };
const LIMITS = { speed: [10, 2000], size: [8, 400], lines: [1, 50] };
/// Parameters of this page; the others choose events and go to the server.
const OWN = ["speed", "size", "lines", "color", "background", "accent", "dir", "label", "place"];
/// How fast room is made for a longer wording, in pixels a second.
const MAKE_ROOM = 500;

const asked = new URLSearchParams(location.search);
const belt = document.querySelector("#belt");

function number(name) {
  const value = Number(asked.get(name) ?? DEFAULTS[name]);
  const [least, most] = LIMITS[name];
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : DEFAULTS[name];
}

/// A colour: a name, or hex digits with or without their #.
function colour(name, variable) {
  const value = asked.get(name);
  if (!value) return;
  const written = /^[0-9a-f]{3,8}$/i.test(value) ? `#${value}` : value;
  if (CSS.supports("color", written)) {
    document.documentElement.style.setProperty(variable, written);
  } else {
    console.error(`${name}=${value} is no colour`);
  }
}

const speed = number("speed");
const size = number("size");
const most = number("lines");
const labelled = asked.get("label") !== "0";
const gap = size * 1.5;
document.documentElement.style.setProperty("--size", `${size}px`);
colour("color", "--colour");
colour("background", "--background");
colour("accent", "--accent");
if (asked.get("place") === "top") belt.dataset.place = "top";

/// Stories that run, newest last: id of the story → what is said of it.
const stories = new Map();
/// Id of an event → id of its story.
const storyOf = new Map();
/// Boxes on the screen, the one that came first first: { id, element, x, width, owed, next }.
const boxes = [];
/// Lines that have not been on the screen yet; they go first.
let fresh = [];
let turn = 0;
let toTheRight = asked.get("dir") === "rtl";

function text(event) {
  const said = event.item.headline ?? event.item.body?.split("\n")[0] ?? "";
  const source = event.source.name ?? event.source.host;
  // A line that names its speaker needs nobody else's name.
  return { said, source: labelled && !event.item.attribution ? source : null, event };
}

function fill(element, { said, source, event }) {
  const line = document.createElement("bdi");
  line.className = "said";
  line.dir = event.item.dir ?? "auto";
  line.textContent = said;
  element.replaceChildren(line);
  if (source) {
    const name = document.createElement("bdi");
    name.className = "source";
    name.textContent = source;
    element.append("  ", name);
  }
  element.dataset.urgency = event.item.urgency ?? "";
}

/// The box of a line, beyond the edge that lines come in at.
function box(id, at) {
  const element = document.createElement("div");
  element.className = "line";
  element.dataset.id = id;
  fill(element, stories.get(id));
  belt.append(element);
  return { id, element, x: at, width: element.offsetWidth, owed: 0, next: null };
}

function place(box) {
  const x = toTheRight ? belt.clientWidth - box.x - box.width : box.x;
  box.element.style.transform = `translate3d(${x.toFixed(2)}px, 0, 0)`;
}

function nextLine() {
  while (fresh.length > 0) {
    const id = fresh.shift();
    if (stories.has(id)) return id;
  }
  const running = [...stories.keys()];
  if (running.length === 0) return null;
  turn %= running.length;
  return running[running.length - 1 - turn++];
}

let before = null;

function step(now) {
  const passed = before === null ? 0 : Math.min(now - before, 250) / 1000;
  before = now;
  for (const it of boxes) {
    const room = Math.min(it.owed, MAKE_ROOM * passed);
    it.owed -= room;
    it.x += room - speed * passed;
  }
  boxes.forEach((it, at) => {
    // A longer wording waits until those behind it have made room.
    if (it.next && !(boxes[at + 1]?.owed > 0)) {
      fill(it.element, it.next);
      it.next = null;
    }
  });
  while (boxes.length > 0 && boxes[0].x + boxes[0].width < 0) boxes.shift().element.remove();
  const edge = belt.clientWidth;
  const last = boxes.at(-1);
  const end = last ? last.x + last.width + last.owed + gap : 0;
  if (end <= edge) {
    const id = nextLine();
    if (id !== null) boxes.push(box(id, Math.max(edge, end)));
  }
  boxes.forEach(place);
  requestAnimationFrame(step);
}

/// Shows the newest wording where the line runs already.
function reword(id) {
  boxes.forEach((it, at) => {
    if (it.id !== id) return;
    const line = stories.get(id);
    const trial = it.element.cloneNode();
    fill(trial, line);
    trial.style.visibility = "hidden";
    belt.append(trial);
    const more = trial.offsetWidth - it.width;
    trial.remove();
    if (more <= 0) {
      // A shorter one keeps its room.
      fill(it.element, line);
      return;
    }
    for (const behind of boxes.slice(at + 1)) behind.owed += more;
    it.width += more;
    it.next = line;
  });
}

/// What is taken back is off the screen at once; its room runs on empty.
function drop(id) {
  stories.delete(id);
  for (const it of boxes) {
    if (it.id !== id) continue;
    it.next = null;
    it.element.replaceChildren();
    it.element.style.width = `${it.width}px`;
  }
}

function hear(event) {
  if (event.action === "withdrawn") {
    const id = storyOf.get(event.withdraws?.id);
    // Only where what runs is what is taken back: an update of it may stand.
    if (id && stories.get(id)?.event.id === event.withdraws.id) drop(id);
    return;
  }
  if (event.withdrawnBy) return;
  const old = event.supersedes && storyOf.get(event.supersedes.id);
  const id = old ?? event.id;
  storyOf.set(event.id, id);
  const runs = stories.has(id);
  stories.delete(id);
  stories.set(id, text(event));
  if (runs) reword(id);
  if (!boxes.some((it) => it.id === id) && !fresh.includes(id)) fresh.push(id);
  if (stories.size > most) {
    const oldest = stories.keys().next().value;
    stories.delete(oldest);
    for (const [event, story] of storyOf) if (story === oldest) storyOf.delete(event);
  }
  if (asked.get("dir") === null) toTheRight = boxes.length === 0 ? isRtl() : toTheRight;
}

/// Where most lines are read from right to left, lines run the other way.
function isRtl() {
  const lines = [...stories.values()];
  return lines.filter(({ event }) => event.item.dir === "rtl").length * 2 > lines.length;
}

/// What the server told since it said hello: what it no longer tells is gone.
let told = null;

function connect() {
  const wanted = new URLSearchParams(asked);
  for (const name of OWN) wanted.delete(name);
  wanted.set("last", most);
  const address = new URL("ticker/events", location.href);
  address.search = wanted;
  const stream = new EventSource(address);
  stream.addEventListener("hello", () => (told = new Set()));
  stream.addEventListener("caughtUp", () => {
    for (const id of [...stories.keys()]) if (told && !told.has(id)) drop(id);
    told = null;
  });
  stream.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    hear(event);
    told?.add(storyOf.get(event.id));
  };
  stream.onerror = async () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    // The server refused; nothing of that belongs on the screen.
    const answer = await fetch(address).catch(() => null);
    if (answer && !answer.ok) console.error((await answer.json()).message);
    setTimeout(connect, 5000);
  };
}

connect();
requestAnimationFrame(step);
