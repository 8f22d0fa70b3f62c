// A battle for the arena tests, set up over HTTP as any front end would.

const STEP_WAIT_MS = 60_000;
const ENTERING_SECONDS = 3600; // ended by an admin once all have entered

/** A small client of one user: `call(method, path, body)` throws unless the answer is a 2xx. */
export async function newUser(baseUrl, username, roles = []) {
  const { token, userId } = await request(baseUrl, "POST", "/dev/token", { username, roles });
  const call = (method, path, body) => request(baseUrl, method, `/api/v1${path}`, body, token);
  return { userId, call };
}

/** A name that no earlier run has taken. */
export function freshName(stem) {
  return `${stem}-${Math.random().toString(36).slice(2, 8)}`;
}

/** A battle with two verses whose vote is open for `votingSeconds`: `{id, entryIds}`. */
export async function openVote(baseUrl, votingSeconds = 120) {
  const first = await newUser(baseUrl, freshName("lefty"));
  const second = await newUser(baseUrl, freshName("righty"));
  const now = Date.now();
  const at = (seconds) => new Date(now + seconds * 1000).toISOString();
  const battle = await first.call("POST", "/battles", {
    title: "Browser against the clock",
    battleType: "wildStyle",
    startTime: at(-1),
    endTime: at(ENTERING_SECONDS),
    votingEndTime: at(ENTERING_SECONDS + votingSeconds),
  });
  await waitForStatus(first, battle.id, "active");
  const entryIds = [];
  for (const user of [first, second]) {
    const entry = await user.call("POST", `/battles/${battle.id}/entries`, {
      content: { type: "text", body: "A verse that is long enough to stand in any battle here." },
    });
    entryIds.push(entry.id);
  }
  const admin = await newUser(baseUrl, freshName("admin"), ["admin"]);
  const reason = "all have entered";
  await admin.call("POST", `/battles/${battle.id}/transition`, { to: "voting", reason });
  await admin.call("PATCH", `/battles/${battle.id}`, { votingEndTime: at(votingSeconds) });
  return { id: battle.id, entryIds };
}

async function waitForStatus(user, battleId, status) {
  const deadline = Date.now() + STEP_WAIT_MS;
  while (Date.now() < deadline) {
    const battle = await user.call("GET", `/battles/${battleId}`);
    if (battle.status === status) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
  }
  throw new Error(`the battle was not ${status} in time`);
}

async function request(baseUrl, method, path, body, token = null) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(new URL(path, baseUrl), {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text ? JSON.parse(text) : null;
}
