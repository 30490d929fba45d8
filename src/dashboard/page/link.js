// How the desk stands on the wire, in words and a colour; and a band across it when it doesn't.
import { ago, clock, stopwatch } from "./clock.js";
import { button, make } from "./make.js";

/// From the worst to the best: a desk is as good as its worst column.
const RANK = ["stopped", "offline", "retrying", "connecting", "catchingUp", "live"];

class WireState extends HTMLElement {
  #dot = make("i", { ariaHidden: "true" });
  #text = make("span", {});
  #more = make("span", { class: "since" });

  connectedCallback() {
    this.replaceChildren(this.#dot, this.#text, this.#more);
  }

  /// `lines` are the columns' states, `last` is when the newest line was told.
  show(lines, last) {
    const worst = RANK.find((name) => lines.some((line) => line.name === name)) ?? "connecting";
    const line = lines.find(({ name }) => name === worst);
    this.dataset.state = worst === "retrying" ? "offline" : worst;
    const words = {
      connecting: "Connecting",
      retrying: "Offline",
      offline: "Offline",
      catchingUp: "Catching up",
      live: "Live",
      stopped: `Stopped: ${line?.reason}`,
    }[worst];
    if (this.#text.textContent !== words) this.#text.textContent = words;
    // Who looks up must see whether the wire is quiet or the screen is dead.
    const quiet = worst === "live" && last ? `last line ${ago(Date.now() - last)}` : "";
    if (this.#more.textContent !== quiet) this.#more.textContent = quiet;
    return line;
  }
}

customElements.define("wire-state", WireState);

export class Band {
  element = make("div", { class: "band", role: "alert", hidden: true });
  #time = make("b", {});
  #text = make("span", {});
  #since = null;

  constructor(tryNow) {
    this.element.append(make("span", {}, "Offline ", this.#time), this.#text, button("try", "Try now", tryNow));
  }

  /// Says since when nothing has been heard, and how old what is shown is.
  show(since, last) {
    this.#since = since;
    this.element.hidden = !since;
    document.body.classList.toggle("offline", Boolean(since));
    this.#text.textContent = last ? `last line ${clock(last)}` : "nothing was shown yet";
    this.tick();
  }

  tick() {
    if (this.#since) this.#time.textContent = stopwatch(Date.now() - this.#since);
  }
}
