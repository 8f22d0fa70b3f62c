// The served OpenAPI document as a judge of answers.

import assert from "node:assert/strict";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const METHODS = ["get", "post", "put", "patch", "delete"];
// What any path may answer before a route is found: the page of unknown paths and methods, and the
// limits of HTTP itself.
const BEFORE_ROUTING = new Set([400, 404, 405, 408, 413, 414, 431, 501, 505]);

function pointer(...parts) {
  return parts
    .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
    .join("/");
}

/** The same schemas, closed: a field that the document does not name is a fault of the answer. */
function closed(schemas) {
  const close = (schema) => {
    if (schema === null || typeof schema !== "object") return schema;
    if (Array.isArray(schema)) return schema.map(close);
    const copy = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, close(one)]));
    const isObject = copy.type === "object" && copy.properties !== undefined;
    return isObject ? { additionalProperties: false, ...copy } : copy;
  };
  return close(schemas);
}

export class Contract {
  #ajv;
  #routes = [];
  #validators = new Map();

  constructor(document) {
    this.document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.#ajv);
    this.#ajv.addSchema(closed(document), "openapi");
    for (const [path, item] of Object.entries(document.paths)) {
      const pattern = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+");
      this.#routes.push({ path, item, pattern: new RegExp(`^${pattern}$`) });
    }
    // Those without parameters first: /users/me is not /users/{id}.
    this.#routes.sort((a, b) => a.path.includes("{") - b.path.includes("{"));
  }

  /** The document's operation of a request, with or without the version in its path. */
  operation(method, target) {
    const plain = target.replace(/[?#].*$/, "");
    const path = plain.replace(/^\/api\/(?!v1\/|openapi\.json$)/, "/api/v1/");
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    const route = this.#routes.find((one) => one.pattern.test(path));
    if (!route || !METHODS.includes(verb) || !route.item[verb]) return null;
    return { path: route.path, verb, responses: route.item[verb].responses };
  }

  /** Checks an answer and gives its decoded body (null when it has none). */
  check(method, target, answer, text, what) {
    const operation = this.operation(method, target);
    const status = String(answer.statusCode);
    const type = (answer.headers["content-type"] ?? "").replace(/;.*$/, "").trim();
    if (!operation) {
      assert.ok(BEFORE_ROUTING.has(answer.statusCode), `${what}: no route, and yet this status`);
      return method === "HEAD" ? null : this.#checkError(type, text, what);
    }
    const promised = operation.responses[status];
    assert.ok(promised, `${what}: the document names ${Object.keys(operation.responses)}`);
    if (method === "HEAD" || !promised.content) {
      assert.equal(text, "", `${what}: a body where none is promised`);
      return null;
    }
    assert.ok(promised.content[type], `${what}: content type ${type} is not promised`);
    if (!type.endsWith("json")) return text;
    const key = pointer("paths", operation.path, operation.verb, "responses", status, "content",
      type, "schema");
    if (type !== "application/x-ndjson") return this.#validate(key, text, what);
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => this.#validate(key, line, what));
  }

  #checkError(type, text, what) {
    assert.equal(type, "application/json", what);
    return this.#validate(pointer("components", "schemas", "Error"), text, what);
  }

  /** Checks a body against a schema of the document, by name. */
  checkSchema(name, body, what) {
    return this.#validate(pointer("components", "schemas", name), JSON.stringify(body), what);
  }

  #validate(key, text, what) {
    const validate = this.#validator(key);
    const body = JSON.parse(text);
    assert.ok(validate(body), `${what}: ${this.#ajv.errorsText(validate.errors)}`);
    return body;
  }

  #validator(key) {
    if (!this.#validators.has(key)) {
      this.#validators.set(key, this.#ajv.compile({ $ref: `openapi#/${key}` }));
    }
    return this.#validators.get(key);
  }
}
