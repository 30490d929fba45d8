// How the subscription stands, in words and a colour.
import { clock } from "./clock.js";

class WireState extends HTMLElement {
  #dot = document.createElement("i");
  #text = document.createElement("span");

  connectedCallback() {
    this.replaceChildren(this.#dot, this.#text);
  }

  show({ name, detail, behind, since }) {
    this.dataset.state = name;
    const lost = since ? ` since ${clock(since)}` : "";
    const words = {
      connecting: "Connecting",
      retrying: `Offline${lost}`,
      catchingUp: behind > 1 ? `Catching up, ${behind.toLocaleString()} behind` : "Catching up",
      live: "Live",
      offline: `Offline${lost}, next try in ${detail} s`,
      stopped: `Stopped: ${detail}`,
    }[name];
    if (this.#text.textContent !== words) this.#text.textContent = words;
  }
}

customElements.define("wire-state", WireState);
