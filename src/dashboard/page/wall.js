// The wall: the desk as it is read across a room.
import { seconds } from "./clock.js";
import { headline, isFlash, sourceName } from "./event.js";
import { make, quote } from "./make.js";

/// Milliseconds that the newest line stands in the band.
const NEWEST = 20_000;

const line = make("p", { class: "newest", ariaHidden: "true" });
const clockFace = make("time", { class: "clock" });
let shown = 0;

export const wall = {
  clock: clockFace,
  newest: line,

  toggle(on = !document.documentElement.classList.contains("wall")) {
    document.documentElement.classList.toggle("wall", on);
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
  },

  get on() {
    return document.documentElement.classList.contains("wall");
  },

  /// A line that has just been told.
  told(event) {
    if (!wall.on || !event.live) return;
    shown = performance.now();
    line.className = `newest shown${isFlash(event) ? " flash" : ""}`;
    line.dataset.id = event.id;
    line.replaceChildren(quote(headline(event), event.item.language), make("span", {}, sourceName(event)));
  },

  /// A withdrawn text stays nowhere.
  forget(id) {
    if (line.dataset.id === id) wall.clear();
  },

  clear() {
    line.className = "newest";
    line.replaceChildren();
  },

  tick() {
    clockFace.textContent = seconds(new Date());
    if (line.childElementCount && performance.now() - shown > NEWEST) wall.clear();
  },
};
