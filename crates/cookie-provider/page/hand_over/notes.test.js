import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { isFresh, makeNonce, takeNote, writeNote } from "./notes.js";

/** What is stored is an own property, as in the browser. */
class FakeStorage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    this[key] = String(value);
  }
  removeItem(key) {
    delete this[key];
  }
}

/** A page that keeps notes. */
const page = () => {
  const localStorage = new FakeStorage();
  globalThis.window = { localStorage, sessionStorage: new FakeStorage() };
  return localStorage;
};

afterEach(() => {
  delete globalThis.window;
});

const note = () => ({ names: ["sid"], at: Date.now() });

test("a note is read once", () => {
  const written = note();
  writeNote(page(), "nonce", written);
  assert.deepEqual(takeNote("localStorage", "nonce"), written);
  assert.equal(takeNote("localStorage", "nonce"), null);
});

test("a note is found under its own number and in its own storage only", () => {
  writeNote(page(), "nonce", note());
  assert.equal(takeNote("localStorage", "other"), null);
  assert.equal(takeNote("sessionStorage", "nonce"), null);
});

test("writing removes notes that are a minute old, from the future, or unfit, and nothing of the page's", () => {
  const storage = page();
  storage.setItem("cart", "not JSON");
  for (const unfit of ["{}", "not JSON", "null", "[]", '"text"', '{"at":"1"}']) storage.setItem("cookie-bridge." + unfit, unfit);
  for (const [name, age] of Object.entries({ old: 60001, future: -1000, young: 30000 }))
    storage.setItem("cookie-bridge." + name, JSON.stringify({ at: Date.now() - age }));
  writeNote(storage, "nonce", note());
  assert.deepEqual(Object.keys(storage), ["cart", "cookie-bridge.young", "cookie-bridge.nonce"]);
});

test("a note is fresh for a minute", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1795000000000 });
  const ages = [-1, 0, 1, 60000, 60001].filter((age) => isFresh(Date.now() - age));
  assert.deepEqual(ages, [0, 1, 60000]);
});

test("where the browser blocks storage, there is no note, and none can be written", () => {
  const blocked = () => {
    throw new DOMException("Storage is blocked.", "SecurityError");
  };
  globalThis.window = Object.defineProperty({}, "localStorage", { get: blocked });
  assert.equal(takeNote("localStorage", "nonce"), null);
  assert.throws(() => writeNote(Object.assign(page(), { setItem: blocked }), "nonce", note()), { name: "SecurityError" });
});

test("what somebody else wrote there is no note, and is removed", () => {
  const storage = page();
  storage.setItem("cookie-bridge.nonce", "not JSON");
  assert.equal(takeNote("localStorage", "nonce"), null);
  assert.deepEqual(Object.keys(storage), []);
});

test("a key of a note is 32 hexadecimal digits, and never the same", () => {
  const nonces = Array.from({ length: 100 }, makeNonce);
  for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.equal(new Set(nonces).size, 100);
});
