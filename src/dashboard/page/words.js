// What changed between two wordings.

const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter([], { granularity: "word" }) : null;

/// Words with the spaces and signs after them, so that they join to the text again.
function split(text) {
  if (!segmenter) return text.match(/\S+\s*/g) ?? [];
  const words = [];
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike || words.length === 0) words.push(segment);
    else words[words.length - 1] += segment;
  }
  return words;
}

const LONGEST = 400;

/// The new wording in parts: `same`, `gone` (only in the old one), `come` (only in the new one).
export function compare(was, now) {
  const a = split(was);
  const b = split(now);
  if (a.length > LONGEST || b.length > LONGEST) return [{ how: "gone", text: was }, { how: "come", text: now }];
  const bare = (word) => word.trim();
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i][j] = bare(a[i]) === bare(b[j])
        ? common[i + 1][j + 1] + 1
        : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const parts = [];
  const put = (how, text) => {
    const last = parts.at(-1);
    if (last?.how === how) last.text += text;
    else parts.push({ how, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && bare(a[i]) === bare(b[j])) {
      put("same", b[j]);
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || common[i + 1][j] >= common[i][j + 1])) {
      put("gone", a[i]);
      i += 1;
    } else {
      put("come", b[j]);
      j += 1;
    }
  }
  return parts;
}
