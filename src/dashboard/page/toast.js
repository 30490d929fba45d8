// A short word about what a key has just done.
import { make } from "./make.js";

const toast = make("p", { class: "toast", role: "status" });
document.body.append(toast);
let timer;

export function say(text) {
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("shown"), 2600);
}
