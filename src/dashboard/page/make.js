// Elements with text: never markup, whatever a page said.

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "class") element.className = value;
    else if (key in element && key !== "lang") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/// Text that others wrote, in its own direction and language.
export function quote(text, language, ...children) {
  return make("bdi", { dir: "auto", lang: language }, ...(children.length ? children : [text]));
}
