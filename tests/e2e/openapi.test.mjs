// The OpenAPI document: valid, whole, the same wherever it is read, and the page that shows it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";

import { runBinary, startServer } from "./support/server.mjs";

const REMEDY = "build/release/wildnout openapi | python3 -m json.tool > docs/openapi.json";
const COMMITTED = new URL("../../docs/openapi.json", import.meta.url);

// The table that src/app/access_test.cpp holds the server's routes against.
const TABLE = new URL("../../src/app/access_table.hpp", import.meta.url);
const AT_THE_ROOT = /^(\/health|\/metrics|\/api\/|\/dev\/)/;

async function routesOfTheTable() {
  const rows = (await readFile(TABLE, "utf8")).matchAll(/Row\{"([A-Z]+) ([^"]+)"/g);
  return [...rows].map(([, verb, path]) =>
    `${verb} ${AT_THE_ROOT.test(path) ? "" : "/api/v1"}${path}`);
}

const operationsOf = (document) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({ path, verb, operation })));

function* referencesIn(node) {
  if (node === null || typeof node !== "object") return;
  if (typeof node.$ref === "string") yield node.$ref;
  for (const child of Object.values(node)) yield* referencesIn(child);
}

function resolve(document, reference) {
  assert.match(reference, /^#\//, `${reference} leaves the document`);
  return reference.slice(2).split("/")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((node, part) => node?.[part], document);
}

describe("the OpenAPI document", { timeout: 600_000 }, () => {
  let server;
  let document;

  before(async () => {
    server = await startServer();
    document = (await server.http.contract()).document;
  });
  after(() => server?.stop());

  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const verdict = await validator.validate(structuredClone(document));
    assert.ok(verdict.valid, JSON.stringify(verdict.errors, null, 1));
    assert.equal(validator.version, "3.1");
  });

  test("names every route and no other", async () => {
    const named = operationsOf(document).map(({ path, verb }) => `${verb.toUpperCase()} ${path}`);
    assert.deepEqual(named.sort(), (await routesOfTheTable()).sort());
  });

  test("has only references that lead somewhere", () => {
    for (const reference of referencesIn(document)) {
      assert.ok(resolve(document, reference), `${reference} leads nowhere`);
    }
  });

  test("declares every parameter of a path, once each an operation id", () => {
    const ids = new Set();
    for (const { path, verb, operation } of operationsOf(document)) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort();
      const declared = (operation.parameters ?? [])
        .filter((one) => one.in === "path").map((one) => one.name).sort();
      assert.deepEqual(declared, inPath, `${verb} ${path}`);
      assert.ok(!ids.has(operation.operationId), `${operation.operationId} twice`);
      ids.add(operation.operationId);
    }
  });

  test("says of every route that needs a caller that it answers 401", () => {
    for (const { path, verb, operation } of operationsOf(document)) {
      const ways = operation.security ?? [];
      const isOpen = ways.length === 0 || ways.some((one) => Object.keys(one).length === 0);
      if (!isOpen) assert.ok(operation.responses["401"], `${verb} ${path}`);
      if (operation.requestBody) {
        for (const status of ["400", "413", "415"]) {
          assert.ok(operation.responses[status], `${verb} ${path} names no ${status}`);
        }
      }
    }
  });

  test("is the same from `wildnout openapi`, from the server and in the project", async () => {
    const printed = await runBinary(["openapi"]);
    assert.equal(printed.code, 0, printed.stderr);
    assert.deepEqual(JSON.parse(printed.stdout), document);
    const committed = await readFile(COMMITTED, "utf8");
    assert.deepEqual(JSON.parse(committed), document, `docs/openapi.json is old; anew: ${REMEDY}`);
  });

  test("is shown by a page at /docs that asks no other host", async () => {
    const page = await fetch(`${server.baseUrl}/docs`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /^text\/html/);
    const html = await page.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    assert.ok(addresses.length > 0, "the page loads nothing");
    for (const address of addresses) {
      const url = new URL(address, `${server.baseUrl}/docs`);
      if (url.protocol === "data:") continue;
      assert.equal(url.origin, server.baseUrl, `${address} is another host's`);
      const part = await fetch(url);
      await part.arrayBuffer();
      assert.equal(part.status, 200, `${address} is not there`);
    }
  });
});
