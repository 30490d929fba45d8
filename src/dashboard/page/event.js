// An event's words, and where they stand.
import { plain } from "./make.js";

/// How long the opening of a body may be where there is no summary.
const TEASER = 240;

/// The headline; where there is none, the first sentence.
export function headline(event) {
  if (event.item.headline) return plain(event.item.headline);
  const first = opening(event.item);
  return first.match(/^.{20,180}?[.!?。؟](?=\s|$)/)?.[0] ?? first;
}

/// What stands under an article's headline.
export function teaser(event) {
  const { item } = event;
  // Without a headline, the first sentence stands above already.
  return plain(item.standfirst ?? (item.headline ? opening(item) : ""));
}

function opening(item) {
  const first = plain(item.teaser ?? (item.body ?? "").split("\n\n", 1)[0]);
  if (first.length <= TEASER) return first;
  const cut = first.slice(0, TEASER);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), TEASER / 2))} …`;
}

export const sourceName = (event) => plain(event.source.name ?? event.source.host ?? "");

/// Who says it, where that stands apart from the rest of the line.
export function speaker(event) {
  const who = plain(event.item.attribution ?? event.item.place);
  return event.kind === "ticker" && who ? who : "";
}

/// Where the page was found on the web, if that is an address a browser may open.
export function webAddress(event) {
  const url = event.item.url ?? event.page.url;
  return url && /^https?:\/\//i.test(url) ? url : null;
}

/// A link that opens this event on this desk.
export function permalink(event) {
  const link = new URL(location.href);
  link.hash = `e=${event.id}`;
  return link.href;
}

/// Flash: what stops the presses.
export const isFlash = (event) => event.item.urgency === 1;

/// Told as it happened, not caught up on.
export const isNews = (event) => !event.backfill && !event.stale && event.action !== "withdrawn";
