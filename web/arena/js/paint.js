// Each verse has its own paint, and each person an emblem made of their name, no outside image.

import { element, setVariable } from "./dom.js";

const PAINTS = 6;

/** The number of an entry's paint (CSS classes `paint-0` to `paint-5`), stable on this page. */
export function paintOf(state, entryId) {
  let index = 0;
  for (const id of state.entries.keys()) {
    if (id === entryId) return index % PAINTS;
    index += 1;
  }
  return PAINTS - 1;
}

/** Gives `node` the paint and takes an earlier one away. */
export function paint(node, number) {
  for (let other = 0; other < PAINTS; other += 1) {
    node.classList.toggle(`paint-${other}`, other === number);
  }
}

/** One or two signs on a cut badge, in a colour that follows from the name. */
export function emblem(name) {
  const node = element("span", { class: "emblem", "aria-hidden": "true" }, initials(name));
  setVariable(node, "--turn", `${hueOf(name)}deg`);
  return node;
}

function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const last = words.at(-1) ?? "";
  // Names that differ by their number alone are told apart by it.
  if (words.length > 1 && /^\d+$/.test(last)) return last.slice(-2);
  const signs = words.length > 1 ? words.slice(0, 2).map(firstSign) : [firstSign(name)];
  return signs.join("").toUpperCase() || "?";
}

function firstSign(text) {
  return [...text][0] ?? "";
}

function hueOf(name) {
  let hash = 7;
  for (const sign of name) hash = (hash * 31 + sign.codePointAt(0)) % 360;
  return hash;
}
