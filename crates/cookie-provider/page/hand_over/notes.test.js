import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { takeNote, writeNote } from "./notes.js";

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

test("a note is read once", () => {
  const note = ["https://help.example", Date.now()];
  writeNote(page(), "nonce", note);
  assert.deepEqual(takeNote("localStorage", "nonce"), note);
  assert.equal(takeNote("localStorage", "nonce"), null);
});

test("a note is found under its own number and in its own storage only", () => {
  writeNote(page(), "nonce", ["https://help.example", Date.now()]);
  assert.equal(takeNote("localStorage", "other"), null);
  assert.equal(takeNote("sessionStorage", "nonce"), null);
});

test("writing removes notes that are a minute old, or unfit, and nothing of the page's", () => {
  const storage = page();
  storage.setItem("cart", "not JSON");
  storage.setItem("cookie-bridge.old", JSON.stringify(["", Date.now() - 60001]));
  storage.setItem("cookie-bridge.timeless", "{}");
  storage.setItem("cookie-bridge.young", JSON.stringify(["", Date.now() - 30000]));
  writeNote(storage, "nonce", ["https://help.example", Date.now()]);
  assert.deepEqual(Object.keys(storage), ["cart", "cookie-bridge.young", "cookie-bridge.nonce"]);
});

test("where the browser blocks storage, or somebody wrote something else, there is no note", () => {
  page().setItem("cookie-bridge.nonce", "not JSON");
  assert.equal(takeNote("localStorage", "nonce"), null);
  globalThis.window = Object.defineProperty({}, "localStorage", {
    get() {
      throw new DOMException("Storage is blocked.", "SecurityError");
    },
  });
  assert.equal(takeNote("localStorage", "nonce"), null);
});
