// A change as people read it: the old words struck, the new ones marked.
import { compare } from "./words.js";
import { make } from "./make.js";

/// The new wording, with what changed in it.
export function changed(was, now) {
  return compare(was, now).flatMap(({ how, text }) => {
    if (how === "same") return [text];
    // The mark ends with the word; the space after it belongs to nobody.
    const words = text.trimEnd();
    return [make(how === "gone" ? "del" : "ins", {}, words), text.slice(words.length) || " "];
  });
}

/// One replaced stretch of words; either side may be empty.
export function replaced(was, now) {
  return [was && make("del", {}, was), was && now && " ", now && make("ins", {}, now)].filter(Boolean);
}
