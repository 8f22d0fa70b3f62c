// The end of a battle: the crown, the ranking, and how equals were parted.

import { element, fill, setVariable, show } from "./dom.js";
import { letter } from "./lettering.js";
import { emblem, paint, paintOf } from "./paint.js";
import { dayAndTime, formatCount, plural, tieBreakWords } from "./words.js";

export class ResultsView {
  #root;
  #drawn = null;
  #drawnNames = 0;

  constructor(root) {
    this.#root = root;
  }

  render(state) {
    const completed = state.battle?.status === "completed";
    show(this.#root, completed);
    if (!completed) return;
    if (!state.results) {
      if (this.#drawn === "waiting") return;
      this.#drawn = "waiting";
      fill(this.#root, element("p", { class: "empty" }, "The count is being settled…"));
      return;
    }
    if (this.#drawn === state.results && this.#drawnNames === state.entries.size) return;
    this.#drawn = state.results;
    this.#drawnNames = state.entries.size;
    this.#draw(state);
  }

  #draw(state) {
    const { ranking, totalVotes, voidedVotes, merkleRoot, completedAt } = state.results;
    const [champion] = ranking;
    fill(
      this.#root,
      champion ? crown(state, champion) : element("p", { class: "empty" }, "No verse, no crown."),
      ranking.length > 0 && table(state, ranking, totalVotes),
      element(
        "p",
        { class: "settled" },
        `${plural(totalVotes, "vote")} counted, ${formatCount(voidedVotes ?? 0)} voided, `,
        `settled ${dayAndTime(Date.parse(completedAt))}.`,
        merkleRoot && element("span", { class: "root" }, ` Merkle root ${merkleRoot}`),
      ),
    );
  }
}

function crown(state, champion) {
  const name = nameOf(state, champion);
  const heading = element("h2", { class: "champion-name", id: "results-title" });
  letter(heading, name);
  const node = element(
    "div",
    { class: "champion" },
    element("p", { class: "champion-over" }, "The crown goes to"),
    heading,
    element("p", { class: "champion-votes" }, plural(champion.votes, "vote")),
    emblem(name),
  );
  paint(node, paintOf(state, champion.entryId));
  return node;
}

function table(state, ranking, totalVotes) {
  const heads = ["#", "MC", "Votes", "Decided"];
  return element(
    "table",
    { class: "ranking" },
    element("caption", { class: "only-heard" }, "Ranking"),
    element("thead", {}, element("tr", {}, heads.map((text) =>
      element("th", { scope: "col" }, text)))),
    element("tbody", {}, ranking.map((row) => tableRow(state, row, totalVotes))),
  );
}

function tableRow(state, row, totalVotes) {
  const share = totalVotes > 0 ? row.votes / totalVotes : 0;
  const bar = element("span", { class: "ranking-bar", "aria-hidden": "true" });
  setVariable(bar, "--share", share.toFixed(4));
  const rank = element("span", { class: "ranking-rank" });
  letter(rank, String(row.rank));
  const node = element(
    "tr",
    {},
    element("td", {}, rank),
    element("th", { scope: "row" }, nameOf(state, row)),
    element("td", {}, element("span", { class: "ranking-votes" }, formatCount(row.votes)), bar),
    element("td", {}, tieBreakWords(row.tieBreak) ?? "by votes"),
  );
  paint(node, paintOf(state, row.entryId));
  return node;
}

function nameOf(state, row) {
  return state.entries.get(row.entryId)?.author?.displayName ?? "MC unknown";
}
