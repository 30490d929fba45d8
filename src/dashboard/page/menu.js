// What can be done with a column.
import { alerts } from "./alerts.js";
import { button, make } from "./make.js";
import { exportColumn } from "./copy.js";
import { KINDS } from "./desk.js";

let open = null;

export function closeMenu() {
  if (!open) return false;
  const { menu, opener } = open;
  open = null;
  menu.remove();
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
  return true;
}

/// Opens the menu of a column below its button.
export function columnMenu(column, opener) {
  if (open?.opener === opener) return closeMenu();
  closeMenu();
  const ask = (name, detail) => column.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  const item = (text, then, checked) => {
    const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
    const made = button("", text, () => {
      closeMenu();
      then();
    }, { role, tabIndex: -1 });
    if (checked !== undefined) made.setAttribute("aria-checked", String(checked));
    return made;
  };
  const how = alerts.rule(column.spec);
  const menu = make("div", { class: "menu-sheet", role: "menu", ariaLabel: "Column" },
    item("Filter …  /", () => column.focusQuery()),
    item("Rename …", () => rename(column)),
    make("hr", { role: "separator" }),
    item("Sound on new lines", () => alerts.set(column, { ...how, sound: !how.sound }), how.sound),
    item("Desktop note on new lines", () => alerts.set(column, { ...how, note: !how.note }), how.note),
    make("hr", { role: "separator" }),
    item("Copy as CSV", () => exportColumn(column, "csv", "copy")),
    item("Save as CSV", () => exportColumn(column, "csv", "save")),
    item("Save as JSON", () => exportColumn(column, "json", "save")),
    make("hr", { role: "separator" }),
    item("Move left  [", () => ask("moved", -1)),
    item("Move right  ]", () => ask("moved", 1)),
    item("Close column  x", () => ask("closed")));
  keys(menu);
  opener.setAttribute("aria-expanded", "true");
  opener.parentElement.append(menu);
  open = { menu, opener };
  menu.querySelector("button").focus();
  return true;
}

/// The menu of columns to add.
export function addMenu(opener, add) {
  if (open?.opener === opener) return closeMenu();
  closeMenu();
  const menu = make("div", { class: "menu-sheet", role: "menu", ariaLabel: "Add a column" },
    ...Object.entries(KINDS).map(([kind, { title }]) => button("", title, () => {
      closeMenu();
      add({ kind, title: "", q: "" });
    }, { role: "menuitem", tabIndex: -1 })));
  keys(menu);
  opener.setAttribute("aria-expanded", "true");
  opener.parentElement.append(menu);
  open = { menu, opener };
  menu.querySelector("button").focus();
  return true;
}

function keys(menu) {
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") closeMenu();
    else if (to === undefined) return;
    else items[(to + items.length) % items.length].focus();
    event.preventDefault();
    event.stopPropagation();
  });
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.opener.contains(event.target)) closeMenu();
});

function rename(column) {
  const title = column.querySelector("h2");
  const input = make("input", { type: "text", class: "rename", value: title.textContent, ariaLabel: "Title of the column", maxLength: 60 });
  const done = (keep) => {
    if (!input.isConnected) return;
    const name = input.value.trim();
    title.hidden = false;
    input.remove();
    if (keep) column.rename(name);
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") done(true);
    if (event.key === "Escape") done(false);
  });
  input.addEventListener("blur", () => done(true));
  title.hidden = true;
  title.after(input);
  input.focus();
  input.select();
}
