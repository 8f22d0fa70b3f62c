// Battles for the tests, set up over HTTP as a front end would.

import { until } from "./server.mjs";

let made = 0;

/** A request body of a battle whose phases start now and last so many seconds each. */
export function battleBody({ entering = 3, voting = 3, startsIn = 0, rules, ...others } = {}) {
  made += 1;
  const now = Date.now();
  const at = (seconds) => new Date(now + seconds * 1000).toISOString();
  return {
    title: `Battle of the tests ${made}`,
    description: "Two verses, one crown.",
    battleType: "wildStyle",
    ...(rules && { rules }),
    startTime: at(startsIn),
    endTime: at(startsIn + entering),
    votingEndTime: at(startsIn + entering + voting),
    ...others,
  };
}

export const verse = (line = "I came to the ring with a pen and a plan") => ({
  content: { type: "text", body: line },
});

/** Waits until a battle has a status; the battle is returned. */
export async function reached(user, battleId, status, within) {
  return until(async () => {
    const { body } = await user.ask("GET", `/battles/${battleId}`, { expect: 200 });
    return body.status === status && body;
  }, `battle ${battleId} is ${status}`, within);
}

/** A battle in its voting phase: `{id, battle, creator, authors, entryIds, entries}`. */
export async function openVote(
  server,
  { entries = 2, entering = 1.5, voting = 60, rules, ...others } = {},
) {
  const creator = await server.user();
  const { body: battle } = await creator.ask("POST", "/battles", {
    body: battleBody({ entering, voting, rules, ...others }),
    expect: 201,
  });
  const authors = await server.users(entries);
  await reached(creator, battle.id, "active");
  const entered = [];
  for (const author of authors) {
    const { body } = await author.ask("POST", `/battles/${battle.id}/entries`, {
      body: verse(),
      expect: 201,
    });
    entered.push(body);
  }
  await reached(creator, battle.id, "voting");
  const entryIds = entered.map((entry) => entry.id);
  return { id: battle.id, battle, creator, authors, entryIds, entries: entered };
}

/** Casts a vote; the whole answer. */
export function vote(user, battleId, entryId, options = {}) {
  return user.ask("POST", `/battles/${battleId}/votes`, { body: { entryId }, ...options });
}
