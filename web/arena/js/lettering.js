// The house lettering: cut block letters drawn as strokes, so that no font has to be fetched.

import { drawing, element, fill } from "./dom.js";

const HEIGHT = 16;
const GAP = 3.2;
const MARGIN = 1.8;
const SPACE = 6;

// Each glyph on a grid 16 high: its width and the path a flat brush takes.
const GLYPHS = {
  A: [10, "M1 16V4L3.5 1H6.5L9 4V16M1 10H9"],
  B: [10, "M1 1H7L9 3V6L7.5 8L9 10V13L7 15H1ZM1 8H7"],
  C: [10, "M9 4V3L7 1H3L1 3V13L3 15H7L9 13V12"],
  D: [10, "M1 1H6L9 4V12L6 15H1Z"],
  E: [9, "M8.5 1H1V15H8.5M1 8H7"],
  F: [9, "M8.5 1H1V16M1 8H7"],
  G: [10, "M9 4V3L7 1H3L1 3V13L3 15H7L9 13V9H5.5"],
  H: [10, "M1 0V16M9 0V16M1 8H9"],
  I: [2, "M1 0V16"],
  J: [8, "M7 0V13L5 15H3L1 13V11"],
  K: [10, "M1 0V16M9 0.5L2 8L9 15.5"],
  L: [8.5, "M1 0V15H8.5"],
  M: [13, "M1 16V1.5L6.5 9L12 1.5V16"],
  N: [10, "M1 16V1.5L9 14.5V0"],
  O: [10, "M3 1H7L9 3V13L7 15H3L1 13V3Z"],
  P: [10, "M1 16V1H7L9 3V7L7 9H1"],
  Q: [10, "M3 1H7L9 3V13L7 15H3L1 13V3ZM5.5 10.5L10 16"],
  R: [10, "M1 16V1H7L9 3V6L7 8H1M5 8L9.3 16"],
  S: [10, "M9 4V3L7 1H3L1 3V6L3 8H7L9 10V13L7 15H3L1 13V12"],
  T: [10, "M0 1H10M5 1V16"],
  U: [10, "M1 0V13L3 15H7L9 13V0"],
  V: [10, "M0.8 0L5 14.5L9.2 0"],
  W: [14, "M0.8 0L3.8 14L7 4L10.2 14L13.2 0"],
  X: [10, "M1 0L9 16M9 0L1 16"],
  Y: [10, "M0.8 0L5 8L9.2 0M5 8V16"],
  Z: [10, "M0.5 1H9L1 15H9.5"],
  0: [10, "M3 1H7L9 3V13L7 15H3L1 13V3Z"],
  1: [10, "M2.5 4.5L5.5 1.5V15M2 15H9"],
  2: [10, "M1 4V3L3 1H7L9 3V6L1 13V15H9.5"],
  3: [10, "M1 3L3 1H7L9 3V6L7 8H4M7 8L9 10V13L7 15H3L1 13"],
  4: [10, "M7 16V1.5L1 10.5H10"],
  5: [10, "M9 1H1V7H7L9 9V13L7 15H3L1 13"],
  6: [10, "M9 3L7 1H3L1 3V13L3 15H7L9 13V9L7 7H1"],
  7: [10, "M0.5 1H9V3L4 16"],
  8: [10, "M3 1H7L9 3V6L7 8H3L1 6V3ZM3 8H7L9 10V13L7 15H3L1 13V10Z"],
  9: [10, "M1 13L3 15H7L9 13V3L7 1H3L1 3V7L3 9H9"],
  ":": [2, "M1 3V6M1 10V13"],
  ".": [2, "M1 13V16"],
  ",": [2.5, "M1.8 13V15L0.5 17.5"],
  "!": [2, "M1 0V10M1 13V16"],
  "?": [9, "M1 4V3L3 1H6L8 3V6L4.5 8.5V10.5M4.5 13V16"],
  "'": [2, "M1 0V4"],
  "-": [6, "M0.5 8H5.5"],
  "+": [8, "M0.5 8H7.5M4 4.5V11.5"],
  "#": [11, "M4 1L2.5 15M8.5 1L7 15M0.5 5.5H10.5M0.5 10.5H10.5"],
  "&": [11, "M10.5 15.5L3 5V3L4.5 1H6L7.5 3V5L1 10V13L3 15H6L10 10"],
  "/": [7, "M6.5 0L0.5 16"],
  "%": [11, "M9.5 1L1.5 15M1 2V6H3.5V2ZM7.5 10V14H10V10Z"],
};

/**
 * Shows `text` in the house lettering inside `node`, one drawing a word so that lines can break;
 * the words themselves stay for those who listen. Text with any other letter stays in type.
 */
export function letter(node, text) {
  if (node.dataset.lettered === text) return;
  node.dataset.lettered = text;
  const plain = text.replace(/[’‘]/g, "'").replace(/[–—]/g, "-").toUpperCase();
  const isDrawable = [...plain].every((sign) => sign === " " || GLYPHS[sign]);
  node.classList.toggle("is-typed", !isDrawable);
  if (!isDrawable) {
    fill(node, text);
    return;
  }
  const words = plain.split(" ").filter(Boolean);
  const shown = element("span", { "aria-hidden": "true", class: "lettering" }, words.map(word));
  fill(node, element("span", { class: "only-heard" }, text), shown);
}

/** One word as an SVG whose height is 1em. */
function word(signs) {
  let x = MARGIN;
  const strokes = [];
  for (const sign of signs) {
    const [width, path] = GLYPHS[sign] ?? [SPACE, ""];
    strokes.push(drawing("path", { d: path, transform: `translate(${x} ${MARGIN})` }));
    x += width + GAP;
  }
  const width = x - GAP + MARGIN;
  return drawing(
    "svg",
    {
      class: "word",
      viewBox: `0 0 ${round(width)} ${HEIGHT + 2 * MARGIN}`,
      width: `${round(width / (HEIGHT + 2 * MARGIN))}em`,
      height: "1em",
      focusable: "false",
    },
    strokes,
  );
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
