// A change as people read it: the old words struck, the new ones marked.
import { compare } from "./words.js";
import { make, plain } from "./make.js";

/// The new wording, with what changed in it. Who copies it gets the new wording alone: the style
/// keeps struck words out of selections.
export function changed(was, now) {
  return compare(was, now).flatMap(({ how, text }) => {
    if (how === "same") return [text];
    // The mark ends with the word; the space after it belongs to nobody.
    const words = text.trimEnd();
    // Struck words are no part of the text: the style sets them apart from the next one.
    return how === "gone" ? [make("del", {}, words)] : [make("ins", {}, words), text.slice(words.length)];
  });
}

/// The new wording with the changes that the event itself names, where they are found in it; else
/// nothing.
export function marked(text, words) {
  const parts = [];
  let from = 0;
  for (const { was, now } of words) {
    const at = now ? text.indexOf(plain(now), from) : -1;
    if (at < 0) return null;
    parts.push(text.slice(from, at));
    if (was) parts.push(make("del", {}, plain(was)));
    parts.push(make("ins", {}, plain(now)));
    from = at + plain(now).length;
  }
  parts.push(text.slice(from));
  return parts;
}

/// One replaced stretch of words; either side may be empty.
export function replaced(was, now) {
  return [was && make("del", {}, plain(was)), now && make("ins", {}, plain(now))].filter(Boolean);
}
