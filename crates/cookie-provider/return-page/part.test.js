import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { partOf, readPart } from "./part.js";

const recorded = JSON.parse(readFileSync(new URL("../../bridge-protocol/fixtures/hand-over.json", import.meta.url), "utf8"));
const NONCE = recorded.ask.nonce;

test("the texts that this page reads are read as they are recorded", () => {
  for (const step of ["ask", "give", "none"]) {
    const { text, ...fields } = recorded[step];
    assert.deepEqual(readPart(text), { step, ...fields });
  }
});

test("the texts that this page sends are written as they are recorded", () => {
  for (const step of ["give", "none"]) {
    const { text, ...fields } = recorded[step];
    assert.equal(partOf({ step, ...fields }), text);
  }
});

test("an offer is for no return page", () => {
  assert.equal(readPart(recorded.offer.text), undefined);
});

test("a word that is missing is empty", () => {
  assert.deepEqual(readPart("ask," + NONCE), { step: "ask", nonce: NONCE, key: "", path: "", names: [] });
  assert.deepEqual(readPart(`ask,${NONCE},key,/p`), { step: "ask", nonce: NONCE, key: "key", path: "/p", names: [] });
  assert.deepEqual(readPart("give," + NONCE), { step: "give", nonce: NONCE, key: "", sealed: "" });
  assert.deepEqual(readPart("none," + NONCE), { step: "none", nonce: NONCE, code: "" });
});

test("what is no step is nothing", () => {
  for (const text of [
    undefined,
    "",
    ",",
    "ask",
    "ask,",
    NONCE,
    "," + NONCE,
    "constructor," + NONCE,
    "ASK," + NONCE,
    " ask," + NONCE,
    "%",
    '["ask"]',
  ])
    assert.equal(readPart(text), undefined, text);
});

test("only a nonce can name a note", () => {
  for (const nonce of [
    "brought",
    "",
    "0",
    NONCE.toUpperCase(),
    NONCE + "0",
    NONCE.slice(1),
    NONCE + "\n",
    "g" + NONCE.slice(1),
    " " + NONCE,
  ])
    for (const step of ["ask", "give", "none"]) assert.equal(readPart(`${step},${nonce},a,b`), undefined, nonce);
});
