// Which columns stand on the desk: a link holds them all.

/// What a column may show, in the words of its head and as parameters of the stream.
export const KINDS = {
  ticker: { title: "Breaking", parameters: { kind: "ticker" } },
  article: { title: "Articles", parameters: { kind: "article" } },
  updates: { title: "Updates", parameters: { action: "update" } },
  related: { title: "Developing", parameters: { action: "related,update" } },
  all: { title: "Everything", parameters: {} },
};

export const parametersOf = ({ kind, q }) => ({ ...KINDS[kind].parameters, q });

export const titleOf = ({ kind, title, q }) => title || (q && kind === "all" ? q : KINDS[kind].title);

const spec = (kind, title = "", q = "") => ({ kind, title, q });

/// What stands there where no link says otherwise: as many columns as can be read.
function usual(width) {
  const kinds = ["ticker", "article"];
  if (width >= 1700) kinds.push("updates");
  if (width >= 2800) kinds.push("related", "all");
  return kinds.map((kind) => spec(kind));
}

/// Reads the address: `#c=kind|title|q`, once for each column, and `e=fw-…` for an open story.
export function fromHash(hash, width) {
  const fields = new URLSearchParams(hash.slice(1));
  const columns = fields.getAll("c").map((text) => {
    const [kind, title = "", ...q] = text.split("|");
    return KINDS[kind] ? spec(kind, title, q.join("|")) : null;
  }).filter(Boolean);
  return { columns: columns.length ? columns : usual(width), usual: columns.length === 0, story: fields.get("e") };
}

/// The address of a desk; that of the usual one is bare.
export function toHash(columns, story, width) {
  const fields = new URLSearchParams();
  const usually = JSON.stringify(usual(width)) === JSON.stringify(columns);
  if (!usually) for (const { kind, title, q } of columns) fields.append("c", `${kind}|${title.replaceAll("|", " ")}|${q}`);
  if (story) fields.set("e", story);
  return fields.size ? `#${fields}` : "";
}
