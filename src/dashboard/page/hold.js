// Whether a column stands still because somebody reads in it.

/// Milliseconds without a hand on it after which it lets go.
export const PATIENCE = 30_000;

export class Hold {
  /// Somebody asked for it with a key.
  #asked = false;
  #pointer = false;
  #focus = false;
  #touched = 0;
  #changed;

  /// Listens on `element`; `changed()` is called when the hold begins or may end.
  constructor(element, changed) {
    this.#changed = changed;
    const touch = () => {
      this.#touched = performance.now();
    };
    element.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      touch();
      if (!this.#pointer) {
        this.#pointer = true;
        changed();
      }
    });
    element.addEventListener("pointerleave", () => {
      this.#pointer = false;
      changed();
    });
    element.addEventListener("focusin", () => {
      touch();
      this.#focus = true;
      changed();
    });
    element.addEventListener("focusout", (event) => {
      if (element.contains(event.relatedTarget)) return;
      this.#focus = false;
      this.#asked = false;
      changed();
    });
    element.addEventListener("keydown", touch);
    element.addEventListener("wheel", touch, { passive: true });
  }

  get held() {
    const fresh = performance.now() - this.#touched < PATIENCE;
    return fresh && (this.#asked || this.#pointer || this.#focus);
  }

  get asked() {
    return this.#asked && this.held;
  }

  /// Stands still until asked again, or for as long as anybody stays.
  toggle() {
    const held = this.held;
    this.release();
    if (!held) {
      this.#asked = true;
      this.#touched = performance.now();
    }
    this.#changed();
  }

  /// Lets go until a hand moves again.
  release() {
    this.#asked = false;
    this.#pointer = false;
    this.#touched = -PATIENCE;
    this.#changed();
  }
}
