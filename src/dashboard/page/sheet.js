// Sheets that lie over the desk: help, log, stars, sources. One at a time.
import { button, make } from "./make.js";

const sheet = make("dialog", { class: "sheet" });
let shown = null;
let onclose = null;

document.body.append(sheet);
// The browser tells of a closing later: another sheet may be open by then.
const closed = () => {
  if (sheet.open) return;
  shown = null;
  const tell = onclose;
  onclose = null;
  tell?.();
};
sheet.addEventListener("close", closed);
sheet.addEventListener("click", (event) => event.target === sheet && closeSheet());

export const closeSheet = () => {
  sheet.close();
  closed();
};

/// Shows a sheet with that name and content, or closes it where it is open already.
export function toggleSheet(name, title, content, whenClosed) {
  if (shown === name) return closeSheet();
  if (sheet.open) closeSheet();
  shown = name;
  onclose = whenClosed ?? null;
  sheet.className = `sheet ${name}`;
  sheet.setAttribute("aria-label", title);
  sheet.replaceChildren(
    make("header", {}, make("h2", {}, title), button("close", "✕", closeSheet, { ariaLabel: "Close" })),
    make("div", { class: "content", tabIndex: 0 }, ...content));
  return sheet.showModal();
}

export const sheetOpen = () => shown;
/// Shows other content in a sheet that is still open.
export const refill = (name, content) => {
  if (shown === name) sheet.querySelector(".content").replaceChildren(...content);
};
