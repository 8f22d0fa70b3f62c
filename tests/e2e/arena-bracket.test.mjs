// The arena page shows a tournament's bracket, and fills it as rounds go.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launchBrowser, openPage } from "./support/arena-browser.mjs";
import { battleBody, reached, verse, vote } from "./support/battles.mjs";
import { startServer } from "./support/server.mjs";

const ENTRANTS = 7;

describe("a tournament in the arena", { timeout: 300_000 }, () => {
  let server;
  let browser;

  before(async () => {
    server = await startServer();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("has a bracket that fills as rounds go, and leads to the round that votes", async () => {
    const creator = await server.user();
    const admin = await server.user({ roles: ["admin"] });
    const { body: cup } = await creator.ask("POST", "/battles", {
      body: battleBody({
        battleType: "tournament",
        rules: { bracketSize: 8, roundSeconds: 3600 },
        entering: 3600,
        voting: 3 * 3600,
      }),
      expect: 201,
    });
    await reached(creator, cup.id, "active");
    for (let number = 1; number <= ENTRANTS; number += 1) {
      const author = await server.user({ username: `cup-mc-${number}` });
      await author.ask("POST", `/battles/${cup.id}/entries`, { body: verse(), expect: 201 });
    }
    const move = (id, to) => admin.ask("POST", `/battles/${id}/transition`,
      { body: { to, reason: "the test goes on" }, expect: 200 });
    const bracketNow = async () =>
      (await creator.ask("GET", `/battles/${cup.id}/bracket`, { expect: 200 })).body;

    const { page, errors, close } = await openPage(browser, server.baseUrl, `/#battle=${cup.id}`);
    await page.waitForSelector("#bracket:not([hidden]) .empty");
    await move(cup.id, "voting");
    await page.waitForSelector("#bracket .pairing.is-voting");
    assert.equal(await page.locator("#bracket .round").count(), 3);
    assert.equal(await page.locator("#bracket .pairing").count(), 7);
    assert.equal(await page.locator("#bracket .pairing.is-decided").count(), 1, "the bye");

    for (const round of [1, 2, 3]) {
      const { battleId, pairings } = (await bracketNow()).rounds[round - 1];
      for (const { b, status } of pairings) {
        if (status !== "voting") continue;
        await vote(await server.user(), battleId, b.entryId, { expect: 201 });
      }
      if (round === 1) {
        await page.click(`#bracket a[href="#battle=${battleId}"]`);
        await page.waitForSelector("#entries .cards > *");
        await page.goto(`${server.baseUrl}/#battle=${cup.id}`);
      }
      await move(battleId, "completed");
    }
    await page.waitForSelector("#results .champion-name");
    await page.waitForFunction(() =>
      document.querySelectorAll("#bracket .pairing.is-decided").length === 7);
    const { champion } = await bracketNow();
    const { body: entry } = await creator.ask("GET", `/entries/${champion.entryId}`,
      { expect: 200 });
    const winners = await page.locator("#bracket .round:last-child .is-winner .side-name")
      .allTextContents();
    assert.deepEqual(winners, [entry.author.displayName]);
    if (process.env.WILDNOUT_SCREENSHOTS) {
      await page.screenshot({ path: `${process.env.WILDNOUT_SCREENSHOTS}/bracket.png`,
        fullPage: true });
    }
    assert.deepEqual(errors, []);
    await close();
  });
});
