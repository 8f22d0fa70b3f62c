// One verse: who, the words, its bar and count, and the button to vote for it.

import { element, fill, setAttribute, setText, setVariable, show } from "./dom.js";
import { letter } from "./lettering.js";
import { emblem, paint, paintOf } from "./paint.js";
import { isTallySealed, totalVotes, votesOf } from "./phase.js";
import { verdictWords, voteStance } from "./vote-stance.js";
import { formatCount, plural } from "./words.js";

const LONG_LINES = 10;
const LONG_SIGNS = 520;
const MOVING_PHASES = ["voting", "completed"];

export class CardView {
  #actions;
  #entryId;
  #kind = "none";
  #body = null;
  #author = null;
  #lastVotes = null;
  #emblem = element("span", { class: "card-emblem" });
  #name = element("h3", { class: "card-name" });
  #tag = element("p", { class: "card-tag", hidden: true });
  #rank = element("p", { class: "card-rank", hidden: true });
  #verse = element("blockquote", { class: "verse" });
  #unfold = element("button", {
    class: "unfold", type: "button", hidden: true, onclick: () => this.#toggle(),
  }, "Read all of it");
  #score = element("div", { class: "score" });
  #count = element("p", { class: "count" });
  #share = element("p", { class: "share" });
  #bar = element("div", { class: "bar", role: "img" }, element("span", { class: "bar-fill" }));
  #vote = element("button", { class: "button vote", type: "button", onclick: () => this.#act() });
  #verdict = element("p", { class: "verdict", role: "status" });

  /** `actions` has `vote(id)`, `takeBack(id)` and `signIn()`. */
  constructor(entryId, actions) {
    this.#entryId = entryId;
    this.#actions = actions;
    fill(this.#score, this.#count, this.#share, this.#bar);
    this.node = element(
      "article",
      { class: "card", "data-entry": entryId },
      element(
        "header",
        { class: "card-head" },
        this.#emblem,
        element("div", { class: "card-who" }, this.#name, this.#tag),
        this.#rank,
      ),
      this.#verse,
      this.#unfold,
      this.#score,
      element("footer", { class: "card-foot" }, this.#vote, this.#verdict),
    );
  }

  render(state, entry, now) {
    paint(this.node, paintOf(state, entry.id));
    this.#renderAuthor(state, entry);
    this.#renderVerse(entry);
    this.#renderScore(state, entry);
    this.#renderVote(state, entry, now);
  }

  #renderAuthor(state, entry) {
    const name = entry.author?.displayName ?? "Unknown";
    if (name !== this.#author) {
      this.#author = name;
      setText(this.#name, name);
      fill(this.#emblem, emblem(name));
    }
    const tag = tagWords(state, entry);
    show(this.#tag, tag !== null);
    setText(this.#tag, tag ?? "");
  }

  #renderVerse(entry) {
    const body = entry.content?.body ?? "";
    if (body === this.#body) return;
    this.#body = body;
    fill(this.#verse, body.split("\n").map((line) => element("p", {}, line)));
    const isLong = body.split("\n").length > LONG_LINES || body.length > LONG_SIGNS;
    this.#verse.classList.toggle("is-folded", isLong);
    show(this.#unfold, isLong);
  }

  #renderScore(state, entry) {
    const visible = MOVING_PHASES.includes(state.battle.status);
    show(this.#score, visible);
    if (!visible) return;
    const votes = votesOf(state, entry);
    this.node.classList.toggle("is-sealed", votes === null);
    if (votes === null) {
      letter(this.#count, "Sealed");
      setText(this.#share, "until the end");
      show(this.#rank, false);
      return;
    }
    const total = totalVotes(state) || 0;
    const share = total > 0 ? votes / total : 0;
    letter(this.#count, formatCount(votes));
    setText(this.#share, `${votes === 1 ? "vote" : "votes"} · ${(share * 100).toFixed(1)}%`);
    setVariable(this.#bar, "--share", share.toFixed(4));
    setAttribute(this.#bar, "aria-label", `${plural(votes, "vote")}, ${Math.round(share * 100)}%`);
    this.#renderRank(state, entry, total);
    if (this.#lastVotes !== null && votes > this.#lastVotes) this.#pulse(votes - this.#lastVotes);
    this.#lastVotes = votes;
  }

  #renderRank(state, entry, total) {
    const final = state.results?.ranking?.find((row) => row.entryId === entry.id)?.rank;
    const rank = final ?? state.tally?.ranks?.get(entry.id);
    const visible = Boolean(rank) && total > 0 && !isTallySealed(state);
    show(this.#rank, visible);
    if (visible) letter(this.#rank, `#${rank}`);
    this.node.classList.toggle("is-leading", visible && rank === 1);
  }

  #renderVote(state, entry, now) {
    const stance = voteStance(state, entry, now);
    this.#kind = stance.kind;
    show(this.#vote, stance.kind !== "none");
    setText(this.#vote, stance.words);
    // Still focusable while it says why not, so that nobody's focus is thrown to the top.
    setAttribute(this.#vote, "aria-disabled", String(["closed", "voted"].includes(stance.kind)));
    setAttribute(this.#vote, "data-kind", stance.kind);
    setAttribute(this.#vote, "aria-label", `${stance.words}: ${this.#author}`);
    const vote = state.votes.get(entry.id);
    const words = verdictWords(vote);
    setText(this.#verdict, words ?? "");
    this.#verdict.dataset.status = vote?.status ?? "none";
  }

  #act() {
    if (this.#kind === "vote") this.#actions.vote(this.#entryId);
    else if (this.#kind === "takeBack") this.#actions.takeBack(this.#entryId);
    else if (this.#kind === "signIn") this.#actions.signIn();
  }

  #toggle() {
    const folded = this.#verse.classList.toggle("is-folded");
    setText(this.#unfold, folded ? "Read all of it" : "Fold it up");
  }

  #pulse(added) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) return;
    this.#bar.dataset.added = `+${formatCount(added)}`;
    this.#bar.getAnimations({ subtree: true }).forEach((animation) => {
      if (animation.id === "pulse") animation.cancel();
    });
    const frames = [{ filter: "brightness(1.7)" }, { filter: "brightness(1)" }];
    const options = { duration: 380, easing: "ease-out", id: "pulse" };
    this.#bar.firstElementChild.animate(frames, options);
  }
}

function tagWords(state, entry) {
  if (entry.status === "draft") return "Your draft: nobody else sees it";
  const isMine = entry.userId === state.session.user?.id;
  if (entry.moderation?.status === "pending") return "Your verse: being checked";
  if (entry.moderation?.status === "rejected") return "Your verse: turned down";
  return isMine ? "Your verse" : null;
}
