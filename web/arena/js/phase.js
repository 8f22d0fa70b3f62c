// What a battle's times and status mean: its next step, and what a person may do right now.

/**
 * The next thing that happens to a battle by server time: `{at, label}`, `at` in milliseconds, or
 * null when nothing follows. Between `endTime` and a later `votingStartTime` a battle is already
 * in its voting status, yet votes wait.
 */
export function nextStep(battle, now) {
  const start = Date.parse(battle.startTime);
  const end = Date.parse(battle.endTime);
  const votingStart = Date.parse(battle.votingStartTime ?? battle.endTime);
  const votingEnd = Date.parse(battle.votingEndTime);
  switch (battle.status) {
    case "upcoming":
      return { at: start, label: "Mics open in" };
    case "active":
      return end === votingStart
        ? { at: end, label: "Voting opens in" }
        : { at: end, label: "Mics close in" };
    case "voting":
      return now < votingStart
        ? { at: votingStart, label: "Voting opens in" }
        : { at: votingEnd, label: "Polls close in" };
    default:
      return null;
  }
}

export function isVotingOpen(battle, now) {
  return battle.status === "voting"
    && now >= Date.parse(battle.votingStartTime ?? battle.endTime)
    && now < Date.parse(battle.votingEndTime);
}

export function isEntryOpen(battle, now) {
  return battle.status === "active" && now < Date.parse(battle.endTime);
}

/** The times of the four steps, for the track under the title. */
export function phaseTimes(battle) {
  return [
    { phase: "upcoming", label: "Card set", at: Date.parse(battle.createdAt) },
    { phase: "active", label: "Mics open", at: Date.parse(battle.startTime) },
    {
      phase: "voting",
      label: "Votes",
      at: Date.parse(battle.votingStartTime ?? battle.endTime),
    },
    { phase: "completed", label: "Crown", at: Date.parse(battle.votingEndTime) },
  ];
}

/** Whether nobody may see the count before the end. */
export function isTallySealed(state) {
  return state.battle?.rules?.hideTallyUntilEnd === true && state.battle.status !== "completed";
}

/** Votes of one entry as last heard, or null while the count is sealed. */
export function votesOf(state, entry) {
  const counted = state.tally?.votes?.get(entry.id);
  if (counted !== undefined) return counted;
  if (isTallySealed(state)) return null;
  return entry.metrics?.voteCount ?? 0;
}

/** All votes of the battle as last heard, or null while the count is sealed. */
export function totalVotes(state) {
  if (isTallySealed(state)) return null;
  return state.tally?.totalVotes ?? state.battle?.voteCount ?? 0;
}

/** The entries that stand in the battle: shown to all, not someone's draft. */
export function standingEntries(state) {
  return [...state.entries.values()].filter((entry) => entry.status === "submitted");
}

/** The caller's own verse in this battle, a draft included, or null. */
export function ownEntry(state) {
  const userId = state.session.user?.id;
  if (!userId) return null;
  const mine = [...state.entries.values()].filter(
    (entry) => entry.userId === userId && ["draft", "submitted"].includes(entry.status),
  );
  return mine.find((entry) => entry.status === "submitted") ?? mine[0] ?? null;
}
