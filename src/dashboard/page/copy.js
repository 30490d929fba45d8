// What leaves the desk: a line for a message, a link, a column as a table.
import { clock } from "./clock.js";
import { headline, permalink, sourceName, webAddress } from "./event.js";
import { say } from "./toast.js";

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say("The browser does not let this page copy (it needs https or localhost)");
  }
}

/// "Headline — Source, 23:05, link".
export const sentence = (event) =>
  `${headline(event)} — ${[sourceName(event), clock(new Date(event.time)), webAddress(event) ?? permalink(event)].filter(Boolean).join(", ")}`;

export const copyLine = (event) => copy(sentence(event), "Line");
export const copyLink = (event) => copy(permalink(event), "Link");

const FIELDS = ["time", "kind", "action", "source", "headline", "version", "seen", "link"];

/// The rows that a column has loaded, newest first.
function table(column) {
  return column.order.view().filter((entry) => entry.withdrawn === null).map(({ event, tally }) => ({
    time: event.time,
    kind: event.kind,
    action: event.action,
    source: sourceName(event),
    headline: headline(event),
    version: event.item.version,
    seen: tally?.sightings ?? 1,
    link: webAddress(event) ?? permalink(event),
  }));
}

/// One cell of a table (RFC 4180). A spreadsheet must not take what a page said for a formula.
function cell(value) {
  const text = String(value).replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csv = (rows) => [FIELDS, ...rows.map((row) => FIELDS.map((field) => row[field]))]
  .map((cells) => cells.map(cell).join(",")).join("\r\n");

export function exportColumn(column, form, how) {
  const rows = table(column);
  const text = form === "csv" ? csv(rows) : JSON.stringify(rows, null, 1);
  if (how === "copy") return copy(text, `${rows.length} rows`);
  const name = column.querySelector("h2").textContent.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-") || "column";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([form === "csv" ? `\ufeff${text}` : text], { type: form === "csv" ? "text/csv" : "application/json" }));
  link.download = `${name}.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return undefined;
}
