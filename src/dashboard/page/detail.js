// All that is known of one event: its text, its versions, and who had it when.
import { clock, date, dayOf, later } from "./clock.js";
import { changed } from "./change.js";
import { make, quote } from "./make.js";

/// Fetches and shows it in `into`.
export async function detail(event, into) {
  into.replaceChildren(make("p", { class: "quiet" }, "Loading …"));
  try {
    const answer = await fetch(`/v1/events/${event.id}`);
    const whole = await answer.json();
    if (!answer.ok) throw new Error(whole.message);
    into.replaceChildren(...text(whole.event), ...versions(whole.versions), ...sightings(whole.sightings, whole.earlierSightings), address(whole.event));
  } catch (error) {
    into.replaceChildren(make("p", { class: "quiet" }, `This can't be shown: ${error.message}`));
  }
}

function text({ item }) {
  if (!item.body) return [];
  const facts = [item.dateline, item.credit && `Source: ${item.credit}`].filter(Boolean);
  const paragraphs = item.body.split("\n\n").map((paragraph) =>
    make("p", { dir: "auto", lang: item.language }, paragraph));
  const first = facts.length ? [make("p", { class: "quiet" }, quote(facts.join(" · "), item.language))] : [];
  return [make("div", { class: "body" }, ...first, ...paragraphs)];
}

function versions(all) {
  if (all.length < 2) return [];
  const list = make("ol", { class: "versions" });
  all.forEach((version, at) => {
    const now = version.item.headline ?? "";
    const before = at > 0 ? (all[at - 1].item.headline ?? "") : null;
    const words = before === null || before === now ? [now] : changed(before, now);
    const when = new Date(version.time);
    list.append(make("li", {}, make("time", { dateTime: version.time }, stamp(when)), " ", quote("", version.item.language, ...words)));
  });
  return [make("h4", {}, "Versions"), list];
}

/// What is kept one by one, behind what is kept only as a sum for each source.
function sightings(all, earlier) {
  const count = earlier.reduce((sum, { sightings }) => sum + sightings, all.length);
  if (count === 0) return [];
  const list = make("ol", { class: "sightings" });
  for (const sum of earlier) {
    const first = new Date(sum.first);
    list.append(make("li", {},
      make("time", { dateTime: sum.first, title: first.toLocaleString() }, stamp(first)),
      " ", quote(sum.source ?? "unknown source"), ` ×${sum.sightings}, last ${stamp(new Date(sum.last))}`));
  }
  const first = new Date(all[0]?.at);
  for (const [at, sighting] of all.entries()) {
    const seen = new Date(sighting.at);
    const when = at === 0 ? stamp(seen) : later(seen - first);
    list.append(make("li", {},
      make("time", { dateTime: sighting.at, title: seen.toLocaleString() }, when),
      " ", quote(sighting.source ?? "unknown source"),
      " ", make("code", {}, `${sighting.name}:${sighting.line}`)));
  }
  return [make("h4", {}, count === 1 ? "Seen once" : `Seen ${count} times`), list];
}

function address(event) {
  const links = make("p", { class: "quiet" });
  const url = event.item.url ?? event.page.url;
  if (url && /^https?:\/\//i.test(url)) {
    links.append(make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, "The page"), " · ");
  }
  links.append(make("a", { href: `/v1/events/${event.id}`, target: "_blank" }, "JSON"), ` · #${event.seq}`);
  return links;
}

function stamp(at) {
  return dayOf(at) === dayOf(new Date()) ? clock(at) : `${date(at)} ${clock(at)}`;
}
