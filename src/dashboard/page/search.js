// Search over all that was ever told, with days, marks and a way into a column.
import { stamp } from "./clock.js";
import { headline, sourceName } from "./event.js";
import { button, make, plain, quote } from "./make.js";
import { toggleSheet } from "./sheet.js";

/// Hits asked for at once.
const PAGE = 50;

let asked = 0;

/// Opens the sheet; `open(id)` shows a story, `column(q)` makes a column of what is looked for.
export function search(open, column) {
  const query = make("input", { type: "search", class: "query", ariaLabel: "Search", placeholder: "ferry “port amal” -drill source:courier", autocomplete: "off", spellcheck: false });
  const since = make("input", { type: "date", ariaLabel: "From this day on" });
  const until = make("input", { type: "date", ariaLabel: "Up to this day" });
  const says = make("p", { class: "quiet", role: "status" });
  const hits = make("ol", { class: "hits" });
  const more = button("older", "Older", () => look(false), { hidden: true });
  const into = button("", "Make it a column", () => column(wanted()), { hidden: true });
  let before = null;
  let found = 0;
  let typing;

  const wanted = () => [query.value.trim(), since.value && `since:${since.value}`, until.value && `until:${until.value}`].filter(Boolean).join(" ");

  async function look(anew) {
    clearTimeout(typing);
    const turn = ++asked;
    const q = wanted();
    if (anew) {
      before = null;
      found = 0;
    }
    if (!q) {
      hits.replaceChildren();
      more.hidden = true;
      into.hidden = true;
      says.textContent = "";
      return;
    }
    const parameters = new URLSearchParams({ q, limit: PAGE });
    if (before) parameters.set("before", before);
    try {
      const answer = await fetch(`v1/search?${parameters}`, { headers: { accept: "application/json" } });
      const body = await answer.json();
      if (turn !== asked) return;
      if (!answer.ok) throw new Error(body.message);
      if (anew) hits.replaceChildren();
      hits.append(...body.found.map((hit) => row(hit, open)));
      found += body.found.length;
      before = body.before;
      more.hidden = !before;
      into.hidden = false;
      says.textContent = `${found.toLocaleString()}${before ? "+" : ""} found${body.soFar ? "; the index is still being made" : ""}${body.timedOut ? "; there may be more: the search took too long" : ""}`;
    } catch (error) {
      if (turn !== asked) return;
      says.textContent = error.message;
    }
  }

  const later = () => {
    clearTimeout(typing);
    typing = setTimeout(() => look(true), 250);
  };
  for (const field of [query, since, until]) field.addEventListener("input", later);
  const form = make("form", { class: "search", role: "search" }, query,
    make("label", {}, "from ", since), make("label", {}, "to ", until), into);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(true);
  });
  toggleSheet("search", "Search", [form, says, hits, more], () => {
    asked += 1;
  });
  query.focus();
}

function row({ event, marks, tally }, open) {
  const line = button("line", "", () => open(event.id));
  line.append(marks.headline ? quote("", event.item.language, ...marked(marks.headline)) : quote(headline(event), event.item.language));
  const elsewhere = Object.entries(marks).filter(([field]) => field !== "headline").slice(0, 1)
    .map(([, parts]) => make("p", { class: "teaser" }, quote("", event.item.language, ...marked(parts))));
  const seen = tally?.sightings > 1 ? ` · ×${tally.sightings}` : "";
  return make("li", {}, make("time", { dateTime: event.time }, stamp(new Date(event.time))),
    line, make("span", { class: "quiet" }, `${sourceName(event)}${seen}`), ...elsewhere);
}

const marked = (parts) => parts.map(({ text, hit }) => (hit ? make("mark", {}, plain(text)) : text));
