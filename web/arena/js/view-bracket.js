// The bracket of a tournament: a column a round, filled as rounds go.

import { element, fill, show } from "./dom.js";
import { letter } from "./lettering.js";
import { clockTime, formatCount } from "./words.js";

const STATUS_WORDS = {
  waiting: "to come",
  voting: "voting now",
  decided: "decided",
  forfeited: "forfeited",
};

export class BracketView {
  #root;
  #drawn = "";

  constructor(root) {
    this.#root = root;
  }

  render(state) {
    const { bracket } = state;
    const isShown = state.battle?.battleType === "tournament" && bracket !== null;
    show(this.#root, isShown);
    if (!isShown) return;
    // Drawn again only when it differs: people aim at its links.
    const key = JSON.stringify([bracket, state.entries.size]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const heading = element("h2", { class: "section-title", id: "bracket-title" });
    letter(heading, "The bracket");
    fill(
      this.#root,
      heading,
      bracket.rounds.length === 0
        ? element("p", { class: "empty" }, waitingWords(state))
        : element("ol", { class: "rounds" },
          bracket.rounds.map((round) => roundColumn(state, round, bracket.rounds.length))),
    );
  }
}

function waitingWords({ battle, bracket }) {
  if (battle.status === "completed") return "There was nobody to meet.";
  return `Up to ${bracket.size} places. The draw is made when the mics close.`;
}

function roundColumn(state, round, rounds) {
  const isOpen = round.pairings.some(({ status }) => status === "voting");
  const name = roundName(round.round, rounds);
  const times = `${clockTime(Date.parse(round.startsAt))} – ${clockTime(Date.parse(round.endsAt))}`;
  return element(
    "li",
    { class: isOpen ? "round is-voting" : "round" },
    element("h3", { class: "round-name" }, name),
    element("p", { class: "round-times" }, times),
    element("ol", { class: "pairings" },
      round.pairings.map((pairing) => pairingCard(state, pairing))),
    isOpen && round.battleId
      ? element("a", { class: "button", href: `#battle=${round.battleId}` }, "Vote in this round")
      : null,
  );
}

function roundName(round, rounds) {
  return { 0: "Final", 1: "Semi-finals", 2: "Quarter-finals" }[rounds - round] ?? `Round ${round}`;
}

function pairingCard(state, pairing) {
  const words = pairing.bye ? "a bye" : STATUS_WORDS[pairing.status];
  return element(
    "li",
    { class: `pairing is-${pairing.status}` },
    side(state, pairing, "a"),
    pairing.bye ? null : side(state, pairing, "b"),
    element("p", { class: "pairing-status" }, words),
  );
}

function side(state, pairing, name) {
  const entry = pairing[name];
  const votes = pairing.votes[name];
  const isWinner = entry !== null && pairing.winner?.entryId === entry.entryId;
  const isOut = pairing.winner !== null && !isWinner;
  return element(
    "p",
    { class: `side${isWinner ? " is-winner" : ""}${isOut ? " is-out" : ""}` },
    element("span", { class: "side-seed" }, entry ? String(entry.seed) : ""),
    element("span", { class: "side-name" }, entry ? nameOf(state, entry) : "…"),
    element("span", { class: "side-votes" }, votes === null ? "" : formatCount(votes)),
    isWinner ? element("span", { class: "only-heard" }, " goes on") : null,
  );
}

function nameOf(state, { entryId }) {
  return state.entries.get(entryId)?.author?.displayName ?? "Out of the cup";
}
