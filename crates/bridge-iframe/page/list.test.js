import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { findList, plainList, readList } from "./list.js";

const OWN_PROPERTIES = ["TRUSTED_DOMAINS", "document"];

afterEach(() => {
  for (const name of OWN_PROPERTIES) delete globalThis[name];
});

/** A page with this block of JSON. */
const withBlock = (textContent) => {
  globalThis.document = { getElementById: (id) => (id === "trusted-domains" ? { textContent } : null) };
};

test("the list of a script wins over a block of JSON", () => {
  withBlock('["https://json.example"]');
  assert.deepEqual(findList(), ["https://json.example"]);
  globalThis.TRUSTED_DOMAINS = ["https://script.example"];
  assert.deepEqual(findList(), ["https://script.example"]);
});

test("a page without a list has none, and a block that is no JSON throws", () => {
  globalThis.document = { getElementById: () => null };
  assert.equal(findList(), undefined);
  withBlock("['https://shop.example']");
  assert.throws(findList, SyntaxError);
});

test("only an array is a list", () => {
  for (const list of [undefined, null, "*", 1, {}, { length: 1, 0: "https://shop.example" }, () => [], new Set(["*"])]) {
    assert.equal(plainList(list), undefined);
  }
  assert.deepEqual(plainList([]), []);
});

test("strings and objects of strings stay as they are", () => {
  const list = ["https://shop.example", { origin: "https://help.example", cookies: ["chat"], access: ["load"] }];
  assert.deepEqual(plainList(list), list);
});

test("what is neither a string nor an object is null, and never absent", () => {
  const entry = {
    origin: "https://shop.example",
    cookies: undefined,
    access: () => ["load"],
    a: Symbol("a"),
    b: 1n,
    c: 1,
    d: true,
    e: NaN,
  };
  const nulls = { cookies: null, access: null, a: null, b: null, c: null, d: null, e: null };
  assert.deepEqual(plainList([entry]), [{ origin: "https://shop.example", ...nulls }]);
  assert.deepEqual(plainList([undefined, () => "https://shop.example", 7, null]), [null, null, null, null]);
  assert.deepEqual(plainList([{ cookies: [undefined, "chat", 7] }]), [{ cookies: [null, "chat", null] }]);
  // A hole is `undefined`.
  assert.deepEqual(plainList(new Array(1)), [null]);
});

test("a getter runs once, and what it returns stays", () => {
  let calls = 0;
  const entry = {
    get origin() {
      calls++;
      return calls === 1 ? "https://shop.example" : "https://evil.test";
    },
  };
  const [plain] = plainList([entry]);
  assert.equal(plain.origin, "https://shop.example");
  assert.equal(plain.origin, "https://shop.example");
  assert.equal(calls, 1);
});

test("a proxy leaves a plain object", () => {
  const proxy = new Proxy({ origin: "https://shop.example" }, { get: (target, key) => target[key] });
  const [plain] = plainList([proxy]);
  proxy.origin = "https://evil.test";
  assert.deepEqual(plain, { origin: "https://shop.example" });
});

test("an entry that throws or has no end is null, and the others count", () => {
  const cycle = { origin: "https://shop.example" };
  cycle.self = cycle;
  const throwing = {
    get origin() {
      throw new Error("no");
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const toJSON = { toJSON: () => undefined };
  assert.deepEqual(plainList([cycle, throwing, revoked.proxy, "https://help.example"]), [null, null, null, "https://help.example"]);
  assert.deepEqual(plainList([toJSON]), [null]);
});

test("inherited properties do not count, and __proto__ is a property like any other", () => {
  const entry = Object.create({ access: ["load", "save"] });
  entry.origin = "https://shop.example";
  assert.deepEqual(plainList([entry]), [{ origin: "https://shop.example" }]);
  const [plain] = plainList([JSON.parse('{ "__proto__": "x" }')]);
  assert.deepEqual(Object.entries(plain), [["__proto__", "x"]]);
});

/** What the console says of the page, and the list. */
const read = (page) => {
  globalThis.document = { getElementById: () => null, scripts: [], ...page };
  const said = [];
  const list = readList((text, cause) => said.push(cause ? text + " " + cause.name : text));
  return [list, said.join()];
};

test("why a list cannot be read is on the console", () => {
  const stopped = { scripts: [{ text: "start()" }, { text: "const TRUSTED_DOMAINS = [\n'https://shop.example'" }] };
  for (const [page, why] of [
    [{}, /has no TRUSTED_DOMAINS/],
    [{ scripts: [{ text: "typeof TRUSTED_DOMAINS" }] }, /has no TRUSTED_DOMAINS/],
    [stopped, /did not run.*Content-Security-Policy are older/],
    [{ getElementById: () => ({ textContent: "[" }) }, /JSON of #trusted-domains.*SyntaxError/],
    [{ getElementById: () => ({ textContent: "{}" }) }, /not an array/],
    [{ getElementById: () => ({ textContent: "null" }) }, /not an array/],
  ]) {
    const [list, said] = read(page);
    assert.equal(list, undefined);
    assert.match(said, why);
  }
  globalThis.TRUSTED_DOMAINS = [];
  assert.deepEqual(read({}), [[], ""], "an empty list is one");
});
