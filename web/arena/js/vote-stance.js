// What the visitor can do about one verse right now, as the words and state of its button.

import { isVotingOpen } from "./phase.js";

/**
 * `{kind, words}` where kind is `none` (no button at all), `signIn`, `vote`, `takeBack`, or one of
 * `voted` and `closed` (a button that only says how it is). `now` is server time in milliseconds.
 */
export function voteStance(state, entry, now) {
  const { battle, session, issuer, votes } = state;
  const isUpForVotes = battle.status === "voting" && entry.status === "submitted";
  // A tournament's votes are cast in its rounds, which the bracket leads to.
  if (!isUpForVotes || battle.battleType === "tournament") return { kind: "none", words: "" };
  const vote = votes.get(entry.id);
  if (vote?.status === "counting") return { kind: "closed", words: "Counting…" };
  const open = isVotingOpen(battle, now);
  if (session.status !== "signedIn") {
    if (issuer === "open") return { kind: "signIn", words: "Sign in to vote" };
    return { kind: "closed", words: "Votes need a sign-in" };
  }
  const viewer = battle.viewer;
  if (viewer?.votedEntryIds?.includes(entry.id)) {
    const back = open && battle.rules?.allowVoteRetraction === true;
    return back
      ? { kind: "takeBack", words: "Take my vote back" }
      : { kind: "voted", words: "Your vote is here" };
  }
  if (entry.userId === session.user?.id && battle.rules?.allowSelfVote !== true) {
    return { kind: "closed", words: "This is yours" };
  }
  if (!open) return { kind: "closed", words: "Votes are not open" };
  if (viewer?.votesLeft === 0) return { kind: "closed", words: "No votes left" };
  return { kind: "vote", words: "Vote" };
}

/** The line under the button: the receipt, or why it was refused; null when there is none. */
export function verdictWords(vote) {
  switch (vote?.status) {
    case "counting":
      return "On its way to the count…";
    case "counted":
      return vote.receipt ? `Counted. Receipt ${vote.receipt.slice(0, 16)}…` : "Counted.";
    case "takenBack":
      return "Taken back.";
    case "refused":
      return vote.words;
    default:
      return null;
  }
}
