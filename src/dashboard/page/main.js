// Joins wire, lists, filter and state.
import { Wire } from "./wire.js";
import "./list.js";
import "./state.js";
import "./pulse.js";

const FIRST = 300;
const OLDER = 100;

const lists = Object.fromEntries(
  [...document.querySelectorAll("wire-list")].map((list) => [list.getAttribute("kind"), list]),
);
const state = document.querySelector("wire-state");
const pulse = document.querySelector("wire-pulse");
const input = document.querySelector("#q");
const says = document.querySelector("#q-says");

const wire = new Wire(location, FIRST);
wire.filter = fromHash();
input.value = wire.filter;

// Frames gather between two pictures, and are shown in one go.
let gathered = [];
let stands = null;
let due = false;
function later() {
  if (due) return;
  due = true;
  // A hidden page gets no pictures, but must not gather without end.
  if (document.hidden) setTimeout(flush, 1000);
  else requestAnimationFrame(flush);
}
function flush() {
  due = false;
  const frames = gathered;
  gathered = [];
  for (const frame of frames) show(frame);
  for (const list of Object.values(lists)) list.settle();
  if (stands) {
    state.show(stands);
    for (const list of Object.values(lists)) list.busy(!stands.caughtUp);
    stands = null;
  }
  pulse.settle();
  title();
}

let unread = 0;
function title() {
  if (!document.hidden) unread = 0;
  document.title = unread ? `(${unread}) flashwire` : "flashwire";
}

function show(frame) {
  switch (frame.type) {
    case "event": {
      if (frame.live && document.hidden) unread += 1;
      pulse.add(frame);
      lists[frame.kind]?.add(frame);
      break;
    }
    case "last":
      for (const list of Object.values(lists)) list.older(frame.events, frame.more);
      break;
    case "stats":
      for (const item of frame.items) for (const list of Object.values(lists)) list.count(item);
      break;
    case "gap":
      for (const list of Object.values(lists)) {
        list.note(`Positions ${frame.from}–${frame.to} are missing: ${frame.reason}.`, "gap");
      }
      break;
    case "lost":
      for (const list of Object.values(lists)) list.note(frame.text, "gap");
      break;
    case "resumed":
      for (const list of Object.values(lists)) list.note(frame.text, "resumed");
      break;
    case "clear":
      for (const list of Object.values(lists)) list.clear();
      pulse.clear();
      break;
    default:
  }
}

wire.onframe = (frame) => {
  gathered.push(frame);
  later();
};
// Shown behind the frames: "Live" stands there once what came before it does.
wire.onstate = (now) => {
  stands = now;
  later();
};
wire.onrefused = (message) => {
  says.textContent = message;
  input.setAttribute("aria-invalid", "true");
};
wire.onaccepted = () => {
  says.textContent = "";
  input.removeAttribute("aria-invalid");
};

const dialog = document.querySelector("dialog.token");
wire.ontoken = () => {
  if (!dialog.open) dialog.showModal();
};
dialog.addEventListener("close", () => wire.showToken(document.querySelector("#token").value));

function fromHash() {
  return new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
}
let typing;
function refilter(q) {
  clearTimeout(typing);
  if (q === wire.filter) return;
  const hash = q ? `#${new URLSearchParams({ q })}` : location.pathname;
  history.replaceState(null, "", hash);
  wire.refilter(q, FIRST);
}
input.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => refilter(input.value.trim()), 350);
});
document.querySelector("form.filter").addEventListener("submit", (event) => {
  event.preventDefault();
  refilter(input.value.trim());
});
addEventListener("hashchange", () => {
  input.value = fromHash();
  refilter(input.value);
});

for (const list of Object.values(lists)) {
  list.addEventListener("older", (event) => wire.older(OLDER, event.detail));
  list.addEventListener("refine", (event) => {
    input.value = event.detail;
    refilter(event.detail);
    scrollTo({ top: 0 });
  });
}
document.addEventListener("visibilitychange", title);

const board = document.querySelector(".board");
for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => {
    board.dataset.shows = tab.dataset.shows;
    for (const other of document.querySelectorAll(".tabs button")) {
      other.setAttribute("aria-pressed", String(other === tab));
    }
    scrollTo({ top: 0 });
  });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, dialog *")) {
    if (event.key === "Escape" && event.target === input) input.blur();
    return;
  }
  const row = document.activeElement?.closest?.(".row");
  const step = (by) => {
    const column = row?.parentElement ?? lists[board.dataset.shows].querySelector("[role=log]");
    const rows = [...column.querySelectorAll(".row")];
    rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + by))]?.focus();
  };
  if (event.key === "/") input.focus();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(row ? -1 : 1);
  else if (event.key === "g") scrollTo({ top: 0 });
  else return;
  event.preventDefault();
});

wire.connect();
