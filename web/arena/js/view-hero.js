// The head of the stage: phase, title, countdown by server time, the track of steps, the rules.

import { element, fill, setAttribute, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { nextStep, phaseTimes, totalVotes } from "./phase.js";
import {
  BATTLE_TYPES, clockTime, dayAndTime, PHASE_NAMES, plural, remaining, ruleSentences,
} from "./words.js";

const FINAL_SECONDS_MS = 10_000;
const ONE_DAY_MS = 86_400_000;

export class HeroView {
  #root;
  #phase = element("p", { class: "tape" });
  #demo = element("span", { class: "demo", hidden: true }, "Demo battle");
  #title = element("h1", { class: "title", id: "title" });
  #description = element("p", { class: "description" });
  #facts = element("ul", { class: "facts" });
  #countdown = element("div", { class: "countdown", role: "timer" });
  #label = element("p", { class: "countdown-label" });
  #digits = element("p", { class: "countdown-digits" });
  #track = element("ol", { class: "track", "aria-label": "Steps of the battle" });
  #rules = element("details", { class: "rules" });
  #drawnBattle = null;
  #battle = null;

  constructor(root) {
    this.#root = root;
    fill(this.#countdown, this.#label, this.#digits);
    fill(
      root,
      element(
        "div",
        { class: "hero-head" },
        element("div", { class: "hero-tags" }, this.#phase, this.#demo),
        this.#title,
        this.#description,
        this.#facts,
      ),
      this.#countdown,
      this.#track,
      this.#rules,
    );
  }

  render(state) {
    const { battle } = state;
    show(this.#root, battle !== null);
    this.#battle = battle;
    document.body.dataset.phase = battle?.status ?? "none";
    if (!battle) {
      document.title = "wildnout arena";
      return;
    }
    this.#renderFacts(state);
    if (battle === this.#drawnBattle) return;
    this.#drawnBattle = battle;
    letter(this.#phase, PHASE_NAMES[battle.status] ?? battle.status);
    letter(this.#title, battle.title);
    show(this.#demo, battle.isDemo === true);
    setText(this.#description, battle.description ?? "");
    show(this.#description, Boolean(battle.description));
    this.#renderTrack(battle);
    this.#renderRules(battle);
  }

  /** Moves the countdown; `now` is server time in milliseconds. */
  tick(now) {
    const battle = this.#battle;
    if (!battle) return;
    const step = nextStep(battle, now);
    if (step === null) {
      this.#tickOver(battle);
      return;
    }
    const left = step.at - now;
    setText(this.#label, left > 0 ? step.label : "Any moment now");
    letter(this.#digits, remaining(left));
    this.#countdown.classList.toggle("is-final", left > 0 && left <= FINAL_SECONDS_MS);
    this.#countdown.classList.toggle("is-long", left >= ONE_DAY_MS);
    document.title = `${remaining(left)} · ${battle.title} · wildnout`;
  }

  #tickOver(battle) {
    this.#countdown.classList.remove("is-final", "is-long");
    const cancelled = battle.status === "cancelled";
    setText(this.#label, cancelled ? "This battle was called off" : "The crown was given at");
    letter(this.#digits, cancelled ? "- -" : clockTime(Date.parse(battle.votingEndTime)));
    document.title = `${battle.title} · wildnout`;
  }

  #renderFacts(state) {
    const { battle } = state;
    const votes = totalVotes(state);
    const facts = [
      BATTLE_TYPES[battle.battleType] ?? battle.battleType,
      `called by ${battle.creator?.displayName ?? "someone"}`,
      plural(battle.entryCount ?? 0, "verse"),
      votes === null ? "count sealed" : plural(votes, "vote"),
    ];
    while (this.#facts.children.length < facts.length) this.#facts.append(element("li"));
    facts.forEach((fact, index) => setText(this.#facts.children[index], fact));
  }

  #renderTrack(battle) {
    const order = ["upcoming", "active", "voting", "completed"];
    const reached = order.indexOf(battle.status);
    const steps = phaseTimes(battle).map(({ phase, label, at }, index) => {
      const node = element(
        "li",
        { class: "track-step" },
        element("span", { class: "track-label" }, label),
        Number.isNaN(at)
          ? null
          : element("time", { datetime: new Date(at).toISOString() }, stepTime(at)),
      );
      node.classList.toggle("is-past", reached > index);
      node.classList.toggle("is-now", reached === index);
      if (phase === battle.status) setAttribute(node, "aria-current", "step");
      return node;
    });
    fill(this.#track, steps);
    show(this.#track, battle.status !== "cancelled");
  }

  #renderRules(battle) {
    const { rules } = battle;
    const words = [
      ["Must say", rules?.requiredWords],
      ["Must not say", rules?.bannedWords],
    ].filter(([, list]) => list?.length);
    fill(
      this.#rules,
      element("summary", {}, "House rules"),
      element("ul", {}, ruleSentences(rules).map((text) => element("li", {}, text))),
      words.map(([name, list]) => element("p", {}, `${name}: ${list.join(", ")}.`)),
    );
  }
}

function stepTime(at) {
  return Math.abs(at - Date.now()) > ONE_DAY_MS / 2 ? dayAndTime(at) : clockTime(at);
}
