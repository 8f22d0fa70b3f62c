// Builds the page in order: clock, HTTP, state, what acts on it, what shows it.

import { Api } from "./api.js";
import { ServerClock } from "./clock.js";
import { Entering } from "./entering.js";
import { Feed, mostInteresting } from "./feed.js";
import { Live } from "./live.js";
import { isEntryOpen, isVotingOpen } from "./phase.js";
import { Onward } from "./onward.js";
import { Poller } from "./poller.js";
import { Room } from "./room.js";
import { Session } from "./session.js";
import { LiveSocket } from "./socket.js";
import { PHASES, Store } from "./store.js";
import { BracketView } from "./view-bracket.js";
import { EnterView } from "./view-enter.js";
import { EntriesView } from "./view-entries.js";
import { FeedView } from "./view-feed.js";
import { HeroView } from "./view-hero.js";
import { LinkView } from "./view-link.js";
import { NoticeView } from "./view-notice.js";
import { ResultsView } from "./view-results.js";
import { LogView, WatchersView } from "./view-ringside.js";
import { SessionView } from "./view-session.js";
import { TugView } from "./view-tug.js";
import { Voting } from "./voting.js";

const TICK_MS = 200;

const clock = new ServerClock();
const api = new Api(clock);
const store = new Store();
const room = new Room(api, store, clock);
const feed = new Feed(api, store);
const poller = new Poller(store, room, feed);
const session = new Session(api, store, changeVisitor);
const live = new Live({ store, room, feed, session, clock });
live.attach(new LiveSocket(api, clock, live));
const voting = new Voting(api, store, room);
const entering = new Entering(api, store, room);
const onward = new Onward(store, clock, openBattle);

const place = (id) => document.getElementById(id);
const sessionView = new SessionView(place("session"), session);
const actions = {
  vote: (entryId) => voting.cast(entryId),
  takeBack: (entryId) => voting.takeBack(entryId),
  signIn: () => sessionView.open(),
  moreEntries: () => room.refreshEntries(true),
  stay: () => onward.stay(),
  retry,
};
const heroView = new HeroView(place("hero"));
const feedView = new FeedView(place("feed"), feed);
const linkView = new LinkView(place("link"), actions);
const noticeView = new NoticeView(place("notice"), clock, actions);
const views = [
  sessionView,
  linkView,
  noticeView,
  heroView,
  new TugView(place("tug")),
  new ResultsView(place("results")),
  new BracketView(place("bracket")),
  new EnterView(place("enter"), clock, entering, actions),
  new EntriesView(place("entries"), clock, actions),
  new WatchersView(place("watchers")),
  new LogView(place("log")),
  feedView,
];
store.onChange((state) => {
  for (const view of views) view.render(state);
  fillEmptyStage(state);
  tick();
});

let openness = "";
let toldPhase = null;

/** What moves by the clock alone. */
function tick() {
  const now = clock.serverNow();
  const { battle, link } = store.state;
  heroView.tick(now);
  feedView.tick(now);
  if (link.status === "waiting") linkView.render(store.state);
  room.watchDeadline();
  onward.tick();
  noticeView.tick(store.state);
  if (!battle) return;
  const before = openness;
  openness = `${isEntryOpen(battle, now)} ${isVotingOpen(battle, now)}`;
  if (openness !== before) store.changed();
  tellPhase(battle);
}

/** Says a step of the battle to those who listen, not on each draw. */
function tellPhase(battle) {
  const phase = `${battle.id} ${battle.status}`;
  if (phase === toldPhase) return;
  const isSameBattle = toldPhase?.startsWith(battle.id);
  toldPhase = phase;
  if (isSameBattle) place("announce").textContent = `${battle.title}: now ${battle.status}`;
}

/** Someone signed in or left: a socket for the one, polls for the other. */
function changeVisitor(isSignedIn) {
  if (isSignedIn) {
    poller.stop();
    live.start();
    room.reload();
  } else {
    live.stop();
    poller.start();
  }
}

async function openFromAddress() {
  const match = /^#battle=([\w-]+)$/.exec(location.hash);
  if (match) await openBattle(match[1]);
  else if (location.hash === "" || store.state.battleId === null) await openMostInteresting();
}

async function openMostInteresting() {
  store.update({ battleId: null, battle: null, battleError: null });
  await feed.readAll();
  fillEmptyStage(store.state);
}

/** A stage with no battle, and none asked for, takes the best one that the card comes to name. */
function fillEmptyStage({ battleId, feed: card }) {
  if (battleId !== null || /^#battle=/.test(location.hash)) return;
  if (PHASES.some((phase) => card[phase].items === null)) return;
  const id = mostInteresting(card, clock.serverNow());
  if (id) openBattle(id);
}

async function openBattle(id) {
  if (id === store.state.battleId && store.state.battle) return;
  const opened = room.open(id);
  if (store.state.session.status === "signedIn") live.followBattle();
  await opened;
}

function retry() {
  if (store.state.session.status === "signedIn") live.retryNow();
  else poller.retryNow();
  if (!store.state.battle) openFromAddress();
}

async function begin() {
  await session.resume();
  if (/^#battle=/.test(location.hash)) feed.readAll();
  await openFromAddress();
}

window.addEventListener("hashchange", openFromAddress);
setInterval(tick, TICK_MS);
store.changed();
begin();
