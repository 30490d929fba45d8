// How many events were told in each of the last sixty minutes.

const MINUTES = 60;
const SVG = "http://www.w3.org/2000/svg";

class WirePulse extends HTMLElement {
  #counts = new Map();
  #path = document.createElementNS(SVG, "path");
  #total = document.createElement("span");
  #changed = true;

  connectedCallback() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${MINUTES * 2} 20`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.append(this.#path);
    this.replaceChildren(svg, this.#total);
    setInterval(() => {
      this.#changed = true;
      this.settle();
    }, 60_000);
  }

  add(event) {
    const minute = Math.floor(Date.parse(event.time) / 60_000);
    this.#counts.set(minute, (this.#counts.get(minute) ?? 0) + 1);
    this.#changed = true;
  }

  clear() {
    this.#counts.clear();
    this.#changed = true;
  }

  settle() {
    if (!this.#changed) return;
    this.#changed = false;
    const now = Math.floor(Date.now() / 60_000);
    for (const minute of this.#counts.keys()) if (minute <= now - MINUTES) this.#counts.delete(minute);
    const most = Math.max(3, ...this.#counts.values());
    let total = 0;
    let bars = "";
    for (let at = 0; at < MINUTES; at += 1) {
      const count = this.#counts.get(now - MINUTES + 1 + at) ?? 0;
      total += count;
      const height = count === 0 ? 0.6 : Math.max(2, (count / most) * 19);
      bars += `M${at * 2} 20v${-height}h1.4v${height}z`;
    }
    this.#path.setAttribute("d", bars);
    this.#total.textContent = `${total.toLocaleString()}/h`;
    this.title = `${total} told in the last hour, as far as this page has seen`;
  }
}

customElements.define("wire-pulse", WirePulse);
