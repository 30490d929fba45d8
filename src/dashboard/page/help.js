// The sheet that says what every key does, and how a filter is written.
import { make } from "./make.js";
import { toggleSheet } from "./sheet.js";

const KEYS = [
  ["Rows", [
    ["j  k", "next, previous row"],
    ["Enter", "the story: text, versions, who had it when"],
    ["o", "open its page on the web"],
    ["y", "copy the line with source, time and link"],
    ["c", "copy the link that opens it here"],
    ["s", "star"],
    ["m", "read, unread"],
  ]],
  ["Columns", [
    ["h  l", "column to the left, right"],
    ["1 … 9", "go to a column"],
    ["/", "filter this column"],
    ["Space", "pause, go on"],
    ["g", "to the newest; lets go of a pause"],
    ["G", "further back"],
    ["n", "new column"],
    ["[  ]", "move the column"],
    ["x", "close the column"],
  ]],
  ["Desk", [
    ["f", "search"],
    ["p", "sources and pulse"],
    ["b", "what has rung"],
    ["*", "what you have starred"],
    ["d", "compact rows"],
    ["w", "wall: for a screen across the room"],
    ["?", "this sheet"],
    ["Esc", "close, let go"],
  ]],
];

const SYNTAX = [
  ["ferry", "the word, whole"],
  ["harbour port", "both words"],
  ["ferr*", "words that begin so"],
  ["\"port amal\"", "the phrase"],
  ["-drill", "not this word"],
  ["ferry OR train", "one of them"],
  ["source:courier", "published by; also headline:, attribution:, place:, byline:, body:"],
];

const list = (rows) => make("dl", { class: "keys" }, ...rows.flatMap(([keys, text]) => [
  make("dt", {}, make("kbd", {}, keys)), make("dd", {}, text)]));

export const help = () => toggleSheet("help", "Keys", [make("div", { class: "groups" },
  ...KEYS.map(([title, rows]) => make("section", {}, make("h3", {}, title), list(rows))),
  make("section", {}, make("h3", {}, "Filters"), list(SYNTAX)))]);

export const syntax = () => toggleSheet("syntax", "How a filter is written", [list(SYNTAX),
  make("p", { class: "quiet" }, "Capitals and accents of quotation marks do not matter. A filter is part of this page's address: a link to it is a link to this desk.")]);
