// A headless Chromium for the arena tests: one page that writes down what went wrong on it.

import { chromium } from "playwright-core";

const CHROMIUM = process.env.WILDNOUT_CHROMIUM ?? "/usr/bin/chromium";
const PATIENCE_MS = 60_000; // the machine may be busy
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/**
 * Opens a page of its own profile: `{page, errors, foreign, close}`. `errors` are console errors
 * and uncaught exceptions; `foreign` are the addresses asked for on any host but `baseUrl`'s.
 */
export async function openPage(browser, baseUrl, path, viewport = { width: 1280, height: 900 }) {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors = [];
  const foreign = [];
  const { host } = new URL(baseUrl);
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.host !== host) foreign.push(request.url());
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== host) foreign.push(socket.url());
  });
  await page.goto(new URL(path, baseUrl).href);
  return { page, errors, foreign, close: () => context.close() };
}

/** Signs in through the page's own dialog and waits until the line is live. */
export async function signIn(page, name) {
  await page.click("#session button");
  await page.fill("#ring-name", name);
  await page.click("dialog button[type=submit]");
  await page.waitForSelector('#link[data-status="live"]');
}
