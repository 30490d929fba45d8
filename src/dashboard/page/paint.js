// What has changed is drawn once, before the next picture.

const parts = new Set();
let asked = false;

/// Has `part.paint()` called before the next picture. A hidden page has none: what it holds is
/// bounded, and it is drawn when somebody looks again.
export function soon(part) {
  parts.add(part);
  if (asked || document.hidden) return;
  asked = true;
  requestAnimationFrame(flush);
}

function flush() {
  asked = false;
  const now = [...parts];
  parts.clear();
  for (const part of now) part.paint();
  for (const part of now) part.painted?.();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && parts.size > 0 && !asked) {
    asked = true;
    requestAnimationFrame(flush);
  }
});
