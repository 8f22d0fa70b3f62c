// Plain words for what the server answers: refusals, rules, battle types and spans of time.

const SIGN_IN_ENDED = "Your sign-in has ended. Sign in again to go on.";

const REFUSALS = {
  already_voted: "You have already voted for this verse. It counts once.",
  battle_not_voting: "Voting is not open right now.",
  battle_not_active: "The mics are closed: this battle takes no verses now.",
  own_entry: "You cannot vote for your own verse.",
  vote_limit_reached: "You have used all your votes in this battle.",
  duplicate_entry: "You already have a verse in this battle.",
  conflict: "That comes too late, or something changed meanwhile.",
  idempotency_key_reused: "That was already sent with other words. Try again.",
  account_suspended: "This account is suspended.",
  forbidden: "The rules of this battle do not let you do that.",
  not_found: "It is no longer there.",
  unauthorized: SIGN_IN_ENDED,
  token_expired: SIGN_IN_ENDED,
  session_revoked: SIGN_IN_ENDED,
  payload_too_large: "That is too long for the server.",
  unavailable: "The server is busy or on its way back. Try again in a moment.",
  upstream_unavailable: "A service behind the server is down. Try again in a moment.",
  no_answer: "No answer from the server. Trying again is safe: nothing counts twice.",
};

const GENERAL_WORDS = new Set(["forbidden", "conflict"]);

/** One sentence a person understands; faults of the server carry the request's id. */
export function refusalWords(error) {
  if (error.code === "rate_limit_exceeded") {
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
    return `Too fast for the server.${wait}`;
  }
  if (error.code === "token_gate") return tokenGateWords(error.details);
  if (error.code === "validation_error") return "Some of it cannot be taken; see below.";
  if (error.code === "internal_error") {
    return `The server failed on this one. Request ${error.requestId ?? "unknown"}.`;
  }
  // These two say little; the server's own sentence says more.
  if (GENERAL_WORDS.has(error.code) && error.message) return sentence(error.message);
  return REFUSALS[error.code] ?? sentence(error.message ?? "Something went wrong.");
}

/** The faults of a body: `[{path, message}]`, empty when the refusal was of another kind. */
export function faultsOf(error) {
  return Array.isArray(error.details) ? error.details : [];
}

export const BATTLE_TYPES = {
  wildStyle: "Wild style",
  pickUpKillIt: "Pick up & kill it",
  rAndBeef: "R&Beef",
  tournament: "Tournament",
};

export const PHASE_NAMES = {
  upcoming: "Upcoming",
  active: "Mics open",
  voting: "Voting",
  completed: "Finished",
  cancelled: "Called off",
};

/** The rules that matter to someone who enters or votes, one sentence each. */
export function ruleSentences(rules) {
  if (!rules) return [];
  const most = rules.maxTextLength ?? "any number of";
  const sentences = [
    `Takes ${(rules.allowedContentTypes ?? []).join(", ") || "nothing"}.`,
    `Verses from ${rules.minTextLength ?? 1} to ${most} characters.`,
    rules.entriesPerUser === 1 ? "One verse each." : `Up to ${rules.entriesPerUser} verses each.`,
    rules.votesPerUser === null || rules.votesPerUser === undefined
      ? "One vote for each verse."
      : `${plural(rules.votesPerUser, "vote")} each.`,
    rules.allowVoteRetraction ? "A vote can be taken back." : "A vote stands.",
  ];
  if (rules.maxEntries) sentences.push(`Room for ${plural(rules.maxEntries, "verse")}.`);
  if (rules.allowSelfVote) sentences.push("Voting for oneself is allowed.");
  if (rules.hideTallyUntilEnd) sentences.push("The count stays sealed until the end.");
  if (rules.minAccountAgeHours) {
    sentences.push(`Accounts at least ${plural(rules.minAccountAgeHours, "hour")} old.`);
  }
  if (rules.minTokenToEnter) sentences.push("Entering needs tokens in a verified wallet.");
  if (rules.minTokenToVote) sentences.push("Voting needs tokens in a verified wallet.");
  const ties = (rules.tieBreakers ?? []).map((name) => TIE_BREAKERS[name] ?? name);
  if (ties.length) sentences.push(`Equals are parted by ${ties.join(", then ")}.`);
  return sentences;
}

const TIE_BREAKERS = {
  votes: "votes",
  weightedVotes: "weighted votes",
  uniqueVoters: "number of voters",
  earliestLead: "who reached their count first",
  earliestSubmission: "who entered first",
  draw: "the draw",
};

/** How equals were parted in a row of the ranking, or null where votes alone decided. */
export function tieBreakWords(tieBreak) {
  if (!tieBreak) return null;
  const name = TIE_BREAKERS[tieBreak.by] ?? tieBreak.by;
  const at = typeof tieBreak.value === "string" ? Date.parse(tieBreak.value) : Number.NaN;
  if (tieBreak.by === "draw") return "by the draw";
  if (!Number.isNaN(at) && tieBreak.by.startsWith("earliest")) {
    return `by ${name}: ${clockTime(at, true)}`;
  }
  return tieBreak.value === null || tieBreak.value === undefined
    ? `by ${name}`
    : `by ${name}: ${tieBreak.value}`;
}

/** `3 votes`, `1 vote`. */
export function plural(count, noun, many = `${noun}s`) {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

export function formatCount(count) {
  return new Intl.NumberFormat("en").format(count);
}

/** The time of day; with `fine` down to the millisecond, as ties need it. */
export function clockTime(milliseconds, fine = false) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  if (fine) options.fractionalSecondDigits = 3;
  return new Intl.DateTimeFormat("en-GB", options).format(milliseconds);
}

/** A time that may lie days away. */
export function dayAndTime(milliseconds) {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).format(milliseconds);
}

/** What is left, as a board shows it: `2d 03:04:05`, `03:04:05`, `04:05`. */
export function remaining(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  if (hours > 0) parts.unshift(hours % 24);
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return hours >= 24 ? `${Math.floor(hours / 24)}d ${clock}` : clock;
}

function tokenGateWords(details) {
  if (!details?.required) return "This battle needs tokens in a verified wallet.";
  return `This battle needs ${details.required} token units; you hold ${details.held ?? "0"}.`;
}

function sentence(text) {
  const trimmed = text.trim();
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
