// The arena page in a real browser, against the real server.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { freshName, newUser, openVote } from "./support/arena-battle.mjs";
import { launchBrowser, openPage, signIn } from "./support/arena-browser.mjs";

const PHONE = { width: 360, height: 740 };

describe("the arena page", { timeout: 600_000 }, () => {
  let server;
  let baseUrl;
  let browser;
  let battle;

  before(async () => {
    baseUrl = process.env.WILDNOUT_BASE_URL;
    if (!baseUrl) {
      const { startServer } = await import("./support/server.mjs");
      server = await startServer();
      baseUrl = server.baseUrl;
    }
    browser = await launchBrowser();
    battle = await openVote(baseUrl, 180);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const stage = () => `/#battle=${battle.id}`;
  const count = async (page, entryId) => {
    const words = await page.textContent(`[data-entry="${entryId}"] .count .only-heard`);
    return Number(words.replaceAll(",", ""));
  };
  const waitForCount = (page, entryId, least) =>
    page.waitForFunction(
      ([id, votes]) => {
        const node = document.querySelector(`[data-entry="${id}"] .count .only-heard`);
        return node && Number(node.textContent.replaceAll(",", "")) >= votes;
      },
      [entryId, least],
    );

  test("loads without a console error and asks no other host", async () => {
    const { page, errors, foreign, close } = await openPage(browser, baseUrl, stage());
    await page.waitForSelector(`[data-entry="${battle.entryIds[1]}"]`);
    await page.waitForSelector('#link[data-status="polling"]');
    assert.match(await page.textContent("#title"), /Browser against the clock/);
    assert.deepEqual(errors, []);
    assert.deepEqual(foreign, []);
    await close();
  });

  test("without a link it picks a battle by itself", async () => {
    const { page, close } = await openPage(browser, baseUrl, "/");
    await page.waitForSelector("#hero:not([hidden]) #title .only-heard");
    await close();
  });

  test("signing in goes live and shows who is watching", async () => {
    const { page, errors, close } = await openPage(browser, baseUrl, stage());
    const name = freshName("watcher");
    await signIn(page, name);
    await page.waitForFunction(
      (shown) => document.querySelector(".watchers")?.textContent.includes(shown),
      name,
    );
    assert.deepEqual(errors, []);
    await close();
  });

  test("a vote is counted and moves the bar here and for another watcher", async () => {
    const [entryId] = battle.entryIds;
    const voter = await openPage(browser, baseUrl, stage());
    const watcher = await openPage(browser, baseUrl, stage());
    await signIn(voter.page, freshName("voter"));
    await signIn(watcher.page, freshName("watcher"));
    await watcher.page.waitForSelector(`[data-entry="${entryId}"] .count .only-heard`);
    const earlier = await count(watcher.page, entryId);
    await voter.page.click(`[data-entry="${entryId}"] .vote[data-kind="vote"]`);
    await voter.page.waitForSelector(`[data-entry="${entryId}"] .verdict[data-status="counted"]`);
    await waitForCount(watcher.page, entryId, earlier + 1);
    await waitForCount(voter.page, entryId, earlier + 1);
    const share = await watcher.page.$eval(`[data-entry="${entryId}"] .bar`, (bar) =>
      Number(bar.style.getPropertyValue("--share")));
    assert.ok(share > 0, `the bar stands at ${share}`);
    await voter.page.waitForSelector(`[data-entry="${entryId}"] .vote[data-kind="voted"]`);
    await voter.close();
    await watcher.close();
  });

  test("a lost server is shown, and the page heals and catches up once it is back", async (t) => {
    if (!server?.restart) {
      t.skip("the server is not ours to restart");
      return;
    }
    const [, entryId] = battle.entryIds;
    const { page, close } = await openPage(browser, baseUrl, stage());
    await signIn(page, freshName("patient"));
    await page.waitForSelector(`[data-entry="${entryId}"] .count .only-heard`);
    const earlier = await count(page, entryId);
    await server.kill();
    await page.waitForSelector('#link[data-status="waiting"]');
    assert.match(await page.textContent("#link"), /Reconnecting/);
    await server.restart();
    await page.waitForSelector('#link[data-status="live"]', { timeout: 60_000 });
    const voter = await newUser(baseUrl, freshName("latecomer"));
    await voter.call("POST", `/battles/${battle.id}/votes`, { entryId });
    await waitForCount(page, entryId, earlier + 1);
    await close();
  });

  test("a phone's width has no sideways scroll", async () => {
    const { page, close } = await openPage(browser, baseUrl, stage(), PHONE);
    await page.waitForSelector(`[data-entry="${battle.entryIds[1]}"]`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    assert.ok(overflow <= 0, `${overflow} px stand out`);
    await close();
  });
});
