// The arena page's estimate of the server's clock, with a clock here that is wrong on purpose.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../../web/arena/js/clock.js";

const WRONG_BY_MS = 90_000;
const START = Date.parse("2026-11-22T10:00:00.000Z");

/** A world with a true time and a local clock that runs behind it. */
function world() {
  let time = START;
  const local = () => time - WRONG_BY_MS;
  const clock = new ServerClock(local);
  const pass = (milliseconds) => {
    time += milliseconds;
  };
  const header = () => new Date(time - (time % 1000)).toUTCString();
  return { clock, local, pass, header, now: () => time };
}

test("a few Date headers of whole seconds narrow the offset to about the round trip", () => {
  const { clock, local, pass, header, now } = world();
  for (let answer = 0; answer < 40; answer += 1) {
    const sentAt = local();
    pass(20);
    const stamp = header();
    pass(20);
    clock.observeDateHeader(stamp, sentAt, local());
    pass(313);
  }
  const error = Math.abs(clock.serverNow() - now());
  assert.ok(error < 60, `off by ${error} ms`);
});

test("an answered message bounds the offset by its own round trip at once", () => {
  const { clock, local, pass, now } = world();
  const sentAt = local();
  pass(10);
  const stamp = now();
  pass(10);
  clock.observeStamp(stamp, local(), sentAt);
  assert.ok(Math.abs(clock.serverNow() - now()) <= 10);
});

test("a message that answers nothing bounds from one side, taken until more is known", () => {
  const { clock, local, pass, now } = world();
  const stamp = now();
  pass(5);
  clock.observeStamp(stamp, local());
  assert.ok(Math.abs(clock.serverNow() - now()) <= 5);
});

test("a clock that is set anew is noticed, and a header that is no date is ignored", () => {
  const { clock, local, pass, now } = world();
  clock.observeStamp(now(), local(), local());
  clock.observeDateHeader("yesterday", local(), local());
  clock.observeDateHeader(null, local(), local());
  pass(1000);
  const leap = 3_600_000;
  clock.observeStamp(now() + leap, local(), local());
  assert.ok(Math.abs(clock.serverNow() - (now() + leap)) <= 1);
});
