// The tug of war: one bar across the stage that the votes push from all sides.

import { element, fill, setVariable, setText, show } from "./dom.js";
import { paint, paintOf } from "./paint.js";
import { isTallySealed, standingEntries, totalVotes, votesOf } from "./phase.js";

const SEGMENTS = 6;

/** The cards below carry the same numbers in words, so this picture is hidden from listeners. */
export class TugView {
  #root;
  #bar = element("div", { class: "tug-bar" });
  #ends = element("div", { class: "tug-ends" });
  #left = tugEnd("left");
  #right = tugEnd("right");
  #segments = new Map();

  constructor(root) {
    this.#root = root;
    fill(this.#ends, this.#left.node, this.#right.node);
    fill(root, this.#ends, this.#bar);
    root.setAttribute("aria-hidden", "true");
  }

  render(state) {
    const entries = standingEntries(state);
    const isMoving = state.battle?.status === "voting";
    const visible = isMoving && entries.length > 1 && !isTallySealed(state);
    show(this.#root, visible);
    if (!visible) return;
    const total = totalVotes(state) || 0;
    const shown = strongest(state, entries);
    for (const [id, node] of this.#segments) {
      if (shown.some((entry) => entry.id === id)) continue;
      node.remove();
      this.#segments.delete(id);
    }
    for (const entry of shown) this.#segment(state, entry, entries.length, total);
    this.#renderEnds(state, shown, total);
  }

  #segment(state, entry, count, total) {
    let node = this.#segments.get(entry.id);
    if (!node) {
      node = element("span", { class: "tug-part" });
      this.#segments.set(entry.id, node);
      this.#bar.append(node);
    }
    paint(node, paintOf(state, entry.id));
    const votes = votesOf(state, entry) ?? 0;
    setVariable(node, "--weight", total > 0 ? (votes / total).toFixed(4) : (1 / count).toFixed(4));
  }

  #renderEnds(state, shown, total) {
    const isDuel = shown.length === 2;
    show(this.#ends, isDuel);
    if (!isDuel) return;
    shown.forEach((entry, index) => {
      const end = index === 0 ? this.#left : this.#right;
      paint(end.node, paintOf(state, entry.id));
      setText(end.name, entry.author?.displayName ?? "Unknown");
      const votes = votesOf(state, entry) ?? 0;
      setText(end.share, total > 0 ? `${((votes / total) * 100).toFixed(1)}%` : "50%");
    });
  }
}

function tugEnd(side) {
  const name = element("span", { class: "tug-name" });
  const share = element("span", { class: "tug-share" });
  return { name, share, node: element("div", { class: `tug-end is-${side}` }, name, share) };
}

// Only so many fit on a bar; they keep the order in which they came.
function strongest(state, entries) {
  if (entries.length <= SEGMENTS) return entries;
  const ranked = [...entries].sort(
    (a, b) => (votesOf(state, b) ?? 0) - (votesOf(state, a) ?? 0),
  );
  const chosen = new Set(ranked.slice(0, SEGMENTS).map((entry) => entry.id));
  return entries.filter((entry) => chosen.has(entry.id));
}
