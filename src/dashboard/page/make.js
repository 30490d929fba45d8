// Elements with text: never markup, whatever a page said.

/// Signs that turn the reading direction of what follows; they could dress one text as another.
const STEERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/// A text without signs that steer what stands after it.
export const plain = (text) => String(text ?? "").replace(STEERING, "");

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "class") element.className = value;
    else if (key in element && key !== "lang" && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/// A button with a word on it.
export const button = (name, text, then, properties = {}) => {
  const made = make("button", { type: "button", class: name, ...properties }, text);
  if (then) made.addEventListener("click", then);
  return made;
};

/// Text that others wrote, in its own direction and language.
export function quote(text, language, ...children) {
  const said = children.length ? children : [text];
  return make("bdi", { dir: "auto", lang: language }, ...said.map((part) => (typeof part === "string" ? plain(part) : part)));
}

/// An element of a drawing.
export function draw(name, properties, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
