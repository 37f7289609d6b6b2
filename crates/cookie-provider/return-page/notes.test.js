import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { closePage, openPage } from "./fake_page.js";
import { takeAsked, takeOffered } from "./notes.js";

const { notes } = JSON.parse(readFileSync(new URL("../../bridge-protocol/fixtures/hand-over.json", import.meta.url), "utf8"));

afterEach(closePage);

/** The page of the domain whose pages wrote the notes, with one of them. */
const pageWith = (storage, note) => {
  const page = openPage("https://help.example/.well-known/cookie-bridge.html");
  page[storage].setItem("cookie-bridge.1", typeof note === "string" ? note : JSON.stringify(note));
  return page[storage];
};

test("the recorded notes are read, once", () => {
  const local = pageWith("localStorage", notes.offered);
  assert.deepEqual(takeOffered("1"), notes.offered);
  assert.deepEqual(Object.keys(local), []);
  assert.equal(takeOffered("1"), undefined);
  const session = pageWith("sessionStorage", notes.asked);
  const { at, ...asked } = notes.asked;
  assert.deepEqual(takeAsked("1"), asked);
  assert.deepEqual(Object.keys(session), []);
  assert.equal(takeAsked("1"), undefined);
});

test("each note is in its own storage", () => {
  pageWith("sessionStorage", notes.offered);
  assert.equal(takeOffered("1"), undefined);
  pageWith("localStorage", notes.asked);
  assert.equal(takeAsked("1"), undefined);
});

const UNFIT = ["", "x", "null", "1", "[]", "{}", '"text"', "true"];

test("what the link's page did not write is no note, and is removed", () => {
  const odd = [
    { to: undefined },
    { to: 1 },
    { to: "javascript:alert(1)" },
    { to: "/page" },
    { to: "https://" },
    { to: "blob:https://help.example/1" },
    { names: undefined },
    { names: "sid" },
    { names: [1] },
    { at: undefined },
    { at: "1795000000000" },
    { bridge: undefined },
    { bridge: "javascript:alert(1)" },
    { bridge: "iframe.html" },
  ];
  for (const note of [...UNFIT, ...odd.map((change) => ({ ...notes.offered, ...change }))]) {
    const storage = pageWith("localStorage", note);
    assert.equal(takeOffered("1"), undefined, JSON.stringify(note));
    assert.deepEqual(Object.keys(storage), []);
  }
});

test("what the asking page did not write is no note, and is removed", () => {
  const odd = [
    { address: undefined },
    { address: "javascript:alert(1)" },
    { address: "/page" },
    { address: "https://help.example.evil.example/" },
    { address: "http://help.example/" },
    { key: undefined },
    { key: null },
    { key: "text" },
    { names: undefined },
    { names: [null] },
  ];
  for (const note of [...UNFIT, ...odd.map((change) => ({ ...notes.asked, ...change }))]) {
    const storage = pageWith("sessionStorage", note);
    assert.equal(takeAsked("1"), undefined, JSON.stringify(note));
    assert.deepEqual(Object.keys(storage), []);
  }
});

test("where storage throws, there is no note", () => {
  openPage("https://help.example/");
  for (const storage of ["localStorage", "sessionStorage"])
    Object.defineProperty(globalThis.window, storage, {
      get() {
        throw new DOMException("Storage is blocked.", "SecurityError");
      },
    });
  assert.equal(takeOffered("1"), undefined);
  assert.equal(takeAsked("1"), undefined);
});
