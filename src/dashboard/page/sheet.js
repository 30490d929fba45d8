// Sheets that lie over the desk: help, log, stars, sources. One at a time.
import { button, make } from "./make.js";

const sheet = make("dialog", { class: "sheet" });
let shown = null;
let onclose = null;

document.body.append(sheet);
sheet.addEventListener("close", () => {
  shown = null;
  onclose?.();
  onclose = null;
});
sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

/// Shows a sheet with that name and content, or closes it where it is open already.
export function toggleSheet(name, title, content, closed) {
  if (shown === name) return sheet.close();
  if (sheet.open) sheet.close();
  shown = name;
  onclose = closed ?? null;
  sheet.className = `sheet ${name}`;
  sheet.setAttribute("aria-label", title);
  sheet.replaceChildren(
    make("header", {}, make("h2", {}, title), button("close", "✕", () => sheet.close(), { ariaLabel: "Close" })),
    make("div", { class: "content", tabIndex: 0 }, ...content));
  return sheet.showModal();
}

export const closeSheet = () => sheet.close();
export const sheetOpen = () => shown;
/// Shows other content in a sheet that is still open.
export const refill = (name, content) => {
  if (shown === name) sheet.querySelector(".content").replaceChildren(...content);
};
