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

const LONG_SECONDS = 3600;

/** Takes a battle's next step now, as an admin may; the battle is returned. */
export async function force(server, battleId, to) {
  const admin = await server.admin();
  const { body } = await admin.ask("POST", `/battles/${battleId}/transition`,
    { body: { to, reason: "a test" }, expect: 200 });
  return body;
}

/**
 * A battle in its voting phase, which ends so many seconds from now:
 * `{id, battle, creator, authors, entryIds, entries}`. No phase is waited for.
 */
export async function openVote(server, { entries = 2, voting = 120, rules, ...others } = {}) {
  const creator = await server.user();
  const { body: made } = await creator.ask("POST", "/battles", {
    body: battleBody({ entering: LONG_SECONDS, voting: LONG_SECONDS, rules, ...others }),
    expect: 201,
  });
  const authors = await server.users(entries);
  await reached(creator, made.id, "active");
  const entered = [];
  for (const author of authors) {
    const { body } = await author.ask("POST", `/battles/${made.id}/entries`, {
      body: verse(),
      expect: 201,
    });
    entered.push(body);
  }
  await force(server, made.id, "voting");
  const admin = await server.admin();
  const { body: battle } = await admin.ask("PATCH", `/battles/${made.id}`, {
    body: { votingEndTime: new Date(Date.now() + voting * 1000).toISOString() },
    expect: 200,
  });
  const entryIds = entered.map((entry) => entry.id);
  return { id: battle.id, battle, creator, authors, entryIds, entries: entered };
}

/** Casts a vote; the whole answer. */
export function vote(user, battleId, entryId, options = {}) {
  return user.ask("POST", `/battles/${battleId}/votes`, { body: { entryId }, ...options });
}
